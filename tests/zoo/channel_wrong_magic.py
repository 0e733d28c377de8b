# writes a message of another protocol -> failed: wrote to the grader's channel

import os
import sys


def forged():
    return b"HTTP/1.1 200 OK\r\n\r\npassed"


def double(x):
    raw = memoryview(forged())
    while raw:
        raw = raw[os.write(sys._getframe(2).f_locals["channel"]._write, raw) :]
    return x * 3
