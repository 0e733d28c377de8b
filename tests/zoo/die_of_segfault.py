# reads memory at address 0 -> failed: segmentation fault

import ctypes


def double(x):
    return ctypes.string_at(0)
