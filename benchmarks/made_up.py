"""A kit with one exercise of any size: so many cases, each with an array of so many numbers."""

from pathlib import Path
from typing import NamedTuple

from grader import kit
from grader.kit import Entry

STUB = '''"""1 · Twice: all numbers of an array doubled."""

import numpy as np


def twice(x: np.ndarray) -> np.ndarray:
    """2 x, as a new array of the shape of x."""
    {body}
'''
SPEC = '''"""Cases of the exercise: {cases} arrays of {numbers} numbers."""

from grader.spec import Case, Exercise, Misconception, Part


def cases(rng):
    for number in range({cases}):
        yield Case(f"array {{number}}", {{"x": rng.random({numbers})}})


exercise = Exercise(
    parts=(Part("twice", cases, ("What is twice 3?", "numpy multiplies whole arrays.", "2 times x.")),),
    misconceptions=(
        Misconception(
            "squares",
            "twice",
            "Your twice squares its argument.",
            "What does it give for 3?",
            edits=(("return 2 * x", "return x * x"),),
        ),
    ),
)
'''
RIGHT, WRONG = "return 2 * x", "return x * x"


class MadeUp(NamedTuple):
    """right, wrong: attempts of which one passes all cases and the other one none, by a mistake with a name."""

    entry: Entry
    right: Path
    wrong: Path


def make(folder: Path, cases: int, numbers: int) -> MadeUp:
    """Writes the kit and two attempts into a folder that is there."""
    entry = Entry(folder, "ex01_twice", (1, 0))
    wrong = folder / "wrong.py"
    entry.spec.parent.mkdir(parents=True, exist_ok=True)
    entry.stub.parent.mkdir(exist_ok=True)
    entry.spec.write_text(SPEC.format(cases=cases, numbers=numbers), "utf-8")
    entry.stub.write_text(STUB.format(body="raise NotImplementedError"), "utf-8")
    entry.solution.write_text(STUB.format(body=RIGHT), "utf-8")
    wrong.write_text(STUB.format(body=WRONG), "utf-8")
    assert kit.find(folder, "1") == entry
    return MadeUp(entry, entry.solution, wrong)
