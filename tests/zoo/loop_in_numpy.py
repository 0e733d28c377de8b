# multiplies matrices for minutes -> failed: an endless loop

import numpy as np


def double(x):
    a = np.ones((2000, 2000), np.int64)
    for _ in range(100):
        a = a @ a
    return a
