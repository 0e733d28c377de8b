# switches off whatever can be switched off -> failed

import builtins
import gc
import sys

gc.disable()
gc.set_threshold(0)
sys.setswitchinterval(1e-9)
sys.modules.clear()
sys.path.clear()
sys.meta_path.clear()
sys.stdout = sys.stderr = sys.__stdout__ = None
builtins.__import__ = None


def double(x):
    return x * 3
