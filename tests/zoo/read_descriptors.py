# looks for files and folders among its open descriptors -> failed

import os
import stat

for fd in range(1024):
    try:
        kind = os.fstat(fd).st_mode
    except OSError:
        continue
    if stat.S_ISREG(kind) or stat.S_ISDIR(kind):
        print("got through:", fd)
    for path in ("solutions/@STEM@.py", "../solutions/@STEM@.py", "secret.txt"):
        try:
            os.close(os.open(path, os.O_RDONLY, dir_fd=fd))
            print("got through:", fd, path)
        except OSError:
            pass


def double(x):
    return x * 3
