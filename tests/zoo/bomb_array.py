# asks for an array of four gibibytes, and for one of an exabyte -> failed: raised
# needs rlimits

import numpy as np


def double(x):
    try:
        return np.ones(1 << 57)
    except MemoryError:
        return np.ones(1 << 29)
