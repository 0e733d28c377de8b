# calls itself for ever, with a limit of a billion calls -> failed

import sys

sys.setrecursionlimit(10**9)


def double(x):
    return double(x) + double(x)
