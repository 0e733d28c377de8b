# crashes in a destructor after its answer -> failed

import ctypes


class Fuse:
    def __del__(self):
        ctypes.string_at(0)


def double(x):
    Fuse()
    return x * 3
