# answers to an array of questions -> failed: an answer to another question

import sys

import numpy as np


def double(x):
    wire = sys._getframe(1).f_globals["wire"]
    real = wire.message
    wire.message = lambda header, layout=False: real({**header, "id": np.array([1, 2])})
    return x * 3
