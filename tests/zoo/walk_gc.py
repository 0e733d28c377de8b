# looks for expected values, specs and solutions among all objects -> failed: is wrong
# fools a grader in the same process

import gc
from types import CodeType, FunctionType

import numpy as np

KINDS = ("Exercise", "Case", "Part", "Misconception", "Trusted", "Asked", "Rules", "Entry")


def all_objects():
    seen, todo = set(), list(gc.get_objects())
    while todo:
        thing = todo.pop()
        if id(thing) in seen or len(seen) > 200_000:
            continue
        seen.add(id(thing))
        yield thing
        if isinstance(thing, (dict, tuple, list, FunctionType, CodeType)):
            todo += gc.get_referents(thing)


def double(x):
    for thing in all_objects():
        if type(thing).__name__ in KINDS:
            print("got through:", type(thing))
        if isinstance(thing, CodeType) and "solutions" in thing.co_filename and "specs" not in thing.co_filename:
            print("got through:", thing.co_filename)
        if isinstance(thing, dict) and "expected" in thing and isinstance(thing["expected"], np.ndarray):
            return thing["expected"].copy()
    return x * 3
