# imports the grader to ask it -> failed
# needs landlock

import importlib
import sys

sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "Refuse"]
for path in ("@ROOT@", "@ROOT@/.."):
    sys.path.insert(0, path)
for name in ("grader", "grader.kit", "grader.cases", "grader.grading", "grader.wire", "grader.zygote", "dlgrade"):
    try:
        importlib.import_module(name)
        print("got through:", name)
    except (ImportError, OSError):
        pass


def double(x):
    return x * 3
