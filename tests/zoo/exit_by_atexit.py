# answers wrongly and says at its end that all is well -> failed: is wrong
# fools a grader in the same process

import atexit
import os
import sys

atexit.register(os._exit, 0)
sys.excepthook = lambda *what: None


def double(x):
    return x * 3
