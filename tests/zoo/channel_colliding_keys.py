# writes a dict whose keys all have the same hash -> failed: too many keys

import os
import sys


def forged():
    text = (
        b'{"id": 1, "answered": {"d": ['
        + b",".join(b"[%d, 0]" % (k * (2**61 - 1)) for k in range(1, 30_000))
        + b']}, "changed": {"l": []}, "shared": {"l": []}}'
    )
    return b"DLG1" + len(text).to_bytes(4, "little") + bytes(8) + text


def double(x):
    raw = memoryview(forged())
    while raw:
        raw = raw[os.write(sys._getframe(2).f_locals["channel"]._write, raw) :]
    return x * 3
