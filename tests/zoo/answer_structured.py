# answers with a structured array -> failed: array of dtype

import numpy as np


def double(x):
    return np.zeros(5, [("a", float), ("b", "V20")])
