# answers with a numpy scalar that lies about its dtype -> failed

import numpy as np


class Scalar(np.float64):
    dtype = np.dtype("bool")

    def __eq__(self, other):
        return True

    __hash__ = np.float64.__hash__


def double(x):
    return Scalar(1.0)
