# claims that 2 GiB follow -> failed: far more than is expected

import os
import sys


def forged():
    return b"DLG1" + (100).to_bytes(4, "little") + (2 << 30).to_bytes(8, "little")


def double(x):
    raw = memoryview(forged())
    while raw:
        raw = raw[os.write(sys._getframe(2).f_locals["channel"]._write, raw) :]
    return x * 3
