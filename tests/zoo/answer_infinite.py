# answers with infinity everywhere -> failed: infinity in 5 of 5 places

import numpy as np


def double(x):
    return np.full(np.shape(x), np.inf)
