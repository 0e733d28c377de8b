# writes a gibibyte to the descriptors 1 and 2 -> failed: printed more than

import os


def double(x):
    for _ in range(1024):
        os.write(1, bytes(1 << 19))
        os.write(2, bytes(1 << 19))
    return x * 3
