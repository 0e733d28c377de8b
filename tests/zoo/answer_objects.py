# answers with an array of objects -> failed: array of dtype object

import numpy as np


def double(x):
    return np.array([print, open, None, 1, "x"], dtype=object)
