# answers with a matrix and a masked array -> failed: an object of type numpy.ma

import numpy as np


def double(x):
    return np.ma.array(2 * x, mask=np.ones(np.shape(x)))
