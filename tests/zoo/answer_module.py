# answers with a module, a class and a function -> failed: a list of 3 items

import numpy as np


def double(x):
    return [np, float, double]
