# answers with an empty array of huge dimensions -> failed: has shape

import numpy as np


def double(x):
    return np.zeros((0, 2**31, 1, 1))
