"""What an isolated attempt costs beyond the student's own compute, in CPU milliseconds."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from handed_in import hand_in, solution
from processes import ROOT, Failed
from running import desk

from grader import kit

Of = Callable[[list[float]], float]

GOALS = {"12-3": 10.0, "17": 10.0, "19-2": 25.0, "16-3": 25.0}  # milliseconds


class Overhead(NamedTuple):
    """CPU milliseconds. small, large: of all processes of a class, one number for each repeat; `more`: attempts that
    the large one has more. own: of the student's own code in a warm process.
    """

    number: str
    small: list[float]
    large: list[float]
    more: int
    own: list[float]

    def whole(self, of: Of = min) -> float:
        """What one more attempt takes: starting, which both classes do alike, is left out."""
        return (of(self.large) - of(self.small)) / self.more

    def beyond(self, of: Of = min) -> float:
        return self.whole(of) - of(self.own)


def overhead(number: str, few: int, many: int, repeats: int) -> Overhead:
    """Raises Failed for a wrong verdict: what isn't right isn't measured."""
    entry = kit.find(kit.builtin(), number)
    found = Overhead(number, [], [], many - few, [])
    with desk() as small, desk() as large:
        classes = (small, few, found.small), (large, many, found.large)
        right = [hand_in(here.submissions, [entry], count, [solution]) for here, count, _ in classes]
        for _ in range(repeats):
            for (here, _, costs), expected in zip(classes, right, strict=True):
                graded = here.grade(expected, "--only", number, "--jobs", 1)
                if graded.wrong:
                    raise Failed(graded.wrong[0])
                costs.append(graded.cost.cpu * 1e3)
            found.own.extend(_own(entry.stem, small.env))
    return found


def _own(stem: str, env: dict[str, str]) -> list[float]:
    command = [sys.executable, str(Path(__file__).with_name("own_compute.py")), stem, "5"]
    env = {**env, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return [seconds * 1e3 for seconds in json.loads(done.stdout)]


def show(found: Sequence[Overhead]) -> list[str]:
    lines = [f"{'exercise':10}{'whole':>8}{'own':>8}{'beyond':>9}{'median':>9}{'goal':>7}   CPU ms per attempt"]
    for one in found:
        goal = GOALS[one.number]
        numbers = f"{one.whole():8.1f}{min(one.own):8.1f}{one.beyond():9.1f}{one.beyond(median):9.1f}{goal:7.0f}"
        lines.append(f"{one.number:10}{numbers}   {'reached' if one.beyond() <= goal else 'NOT reached'}")
    return lines
