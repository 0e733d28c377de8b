# answers with a view of its argument -> failed: shares memory with the argument `x`

import numpy as np


def double(x):
    return np.asarray(x)[...]
