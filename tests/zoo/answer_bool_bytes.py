# answers with truth values that are neither 0 nor 1 -> failed

import numpy as np


def double(x):
    return np.full(np.shape(x), 7, np.uint8).view(bool)
