# claims a header of 4 GiB -> failed: far more than is expected

import os
import sys


def forged():
    return b"DLG1" + (2**32 - 1).to_bytes(4, "little") + bytes(8)


def double(x):
    raw = memoryview(forged())
    while raw:
        raw = raw[os.write(sys._getframe(2).f_locals["channel"]._write, raw) :]
    return x * 3
