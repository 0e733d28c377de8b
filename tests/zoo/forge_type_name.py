# answers with an object of a class that is called numpy.ndarray -> failed: an object of type numpy.ndarray

import numpy as np


class Named:
    dtype, shape = np.dtype(float), (5,)


Named.__module__, Named.__qualname__, Named.__name__ = "numpy", "ndarray", "ndarray"


def double(x):
    return Named()
