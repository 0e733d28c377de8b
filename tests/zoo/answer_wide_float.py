# answers in a precision that others do not have -> failed: array of dtype

import numpy as np


def double(x):
    return np.asarray(x, np.longdouble) * 3
