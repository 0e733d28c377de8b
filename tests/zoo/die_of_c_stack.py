# overflows the stack of C code -> failed

import sys


class Nested:
    __slots__ = ("inner",)


def double(x):
    sys.setrecursionlimit(10**9)
    chain = iter([])
    for _ in range(10**6):
        chain = map(abs, chain)
    return list(chain)
