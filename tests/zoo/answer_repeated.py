# answers with the right row, many times -> failed: has shape (7, 5)

import numpy as np


def double(x):
    return np.broadcast_to(2 * x, (7, *np.shape(x)))
