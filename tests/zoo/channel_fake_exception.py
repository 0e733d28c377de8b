# writes an exception with a million characters of text and hostile names -> failed: raised

import os
import sys


def forged():
    text = (
        b'{"id": 1, "raised": {"l": ["\\u001b[2J\\u202e'
        + b"N" * 1000
        + b'"]}, "text": "\\u001b[31m\\u0000\\ud800'
        + b"x" * 900_000
        + b'", "lines": {"l": ['
        + b",".join([b'{"l": [1, "\\u001b]0;title\\u0007"]}'] * 1000)
        + b"]}}"
    )
    return b"DLG1" + len(text).to_bytes(4, "little") + bytes(8) + text


def double(x):
    raw = memoryview(forged())
    while raw:
        raw = raw[os.write(sys._getframe(2).f_locals["channel"]._write, raw) :]
    return x * 3
