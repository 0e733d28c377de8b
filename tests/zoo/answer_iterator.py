# answers with an iterator that never ends -> failed: an object of type itertools.repeat

import itertools


def double(x):
    return itertools.repeat(x)
