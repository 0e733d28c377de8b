# answers with dates and durations -> failed: array of dtype timedelta64

import numpy as np


def double(x):
    return np.zeros(np.shape(x), "timedelta64[s]")
