# overwrites its own interpreter at random -> failed

import ctypes
import sys


def double(x):
    for thing in (type(x), type(None), None, double, sys.modules, sys._getframe(1)):
        ctypes.memset(id(thing), 255, 48)
    return True
