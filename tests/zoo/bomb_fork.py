# forks again and again -> failed
# needs seccomp

import os


def double(x):
    for _ in range(4):
        try:
            os.fork()
            print("got through: fork", flush=True)
        except OSError:
            pass
    return x * 3
