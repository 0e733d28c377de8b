# prints NUL, escape sequences, bidirectional marks and bytes that are no text -> failed: is wrong

import sys


def double(x):
    print("\x1b[2J\x1b[31m \0 \u202e \x9b \r gone")
    sys.stdout.buffer.write(b"\xff\xfe\x80\n")
    sys.stdout.flush()
    return x * 3
