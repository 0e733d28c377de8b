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
NAMES = "@STEM@", "solutions.@STEM@", "specs.@STEM@", "toy_kit.solutions.@STEM@", "grader._content.solutions"


def attempt(action, *arguments):
    try:
        found = action(*arguments)
    except BaseException:
        return
    if str(getattr(found, "__file__", "")).startswith("/") or isinstance(found, (dict, bytes)):
        print("got through:", action.__name__, arguments)


for name in NAMES:
    attempt(importlib.import_module, name)
for path in ("@KIT@/solutions/@STEM@.py", "@KIT@/solutions/specs/@STEM@.py"):
    attempt(runpy.run_path, path)
    attempt(importlib.machinery.SourceFileLoader("stolen", path).load_module)
    attempt(importlib.machinery.SourceFileLoader("stolen", path).get_data, path)


def double(x):
    return x * 3
