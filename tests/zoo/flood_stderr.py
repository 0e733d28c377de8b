# writes to stderr for ever -> failed: printed more than

import sys


def double(x):
    while True:
        sys.stderr.write("x" * 1000)
