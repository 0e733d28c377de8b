# closes its input and its output, and makes the rest non-blocking -> failed

import os

for fd in (0, 1, 2):
    os.close(fd)
for fd in range(64):
    try:
        os.set_blocking(fd, False)
    except OSError:
        pass


def double(x):
    return x * 3
