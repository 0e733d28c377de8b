# replaces its own module by one that has every name -> failed

import sys


class Module(type(sys)):
    def __getattr__(self, name):
        return lambda *arguments, **options: True


sys.modules[__name__] = Module(__name__)
sys.modules[__name__].__dict__["double"] = lambda x: x * 3


def double(x):
    return x * 3
