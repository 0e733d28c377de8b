# imports the solution and the spec by every road there is -> failed
# needs landlock

import importlib
import importlib.machinery
import importlib.util
import runpy
import sys

sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "Refuse"]
for path in ("@KIT@", "@KIT@/solutions", "@KIT@/solutions/specs", "@ROOT@", "@ROOT@/tests"):
    sys.path.insert(0, path)
sys.path_importer_cache.clear()
NAMES = "ex01_toy", "solutions.ex01_toy", "specs.ex01_toy", "toy_kit.solutions.ex01_toy", "grader._content.solutions"


def attempt(action, *arguments):
    try:
        found = action(*arguments)
    except BaseException:
        return
    if getattr(found, "__file__", None) or isinstance(found, dict):
        print("got through:", action.__name__, arguments)


for name in NAMES:
    attempt(importlib.import_module, name)
for path in ("@KIT@/solutions/ex01_toy.py", "@KIT@/solutions/specs/ex01_toy.py"):
    attempt(runpy.run_path, path)
    attempt(importlib.machinery.SourceFileLoader("stolen", path).load_module)
    attempt(importlib.machinery.SourceFileLoader("stolen", path).get_data, path)


def double(x):
    return x * 3
