# looks for compiled files of the solution and the spec -> failed
# needs landlock

import glob
import importlib.util

for folder in ("@KIT@/solutions", "@KIT@/solutions/specs", "@ROOT@/grader", "@ROOT@/solutions"):
    for path in [*glob.glob(folder + "/__pycache__/*"), importlib.util.cache_from_source(folder + "/@STEM@.py")]:
        try:
            print("got through:", path, open(path, "rb").read(10))
        except OSError:
            pass


def double(x):
    return x * 3
