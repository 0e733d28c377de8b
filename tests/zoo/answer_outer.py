# answers with a thousand times as many numbers as are due -> failed: is the shape right?

import numpy as np


def double(x):
    return np.zeros((1500, 1500)) + 1
