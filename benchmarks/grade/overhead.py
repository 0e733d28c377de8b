"""What an isolated attempt costs beyond the student's own compute, in CPU milliseconds."""

import json
from collections.abc import Callable, Iterator
from statistics import median
from typing import NamedTuple

from benchmarks.grade.handed_in import hand_in, solution
from benchmarks.grade.running import desk
from benchmarks.processes import Failed, python, run
from benchmarks.setting import Setting
from benchmarks.tables import Column, Table
from grader import kit

Of = Callable[[list[float]], float]

GOALS = {"12-3": 10.0, "17": 10.0, "19-2": 25.0, "16-3": 25.0}  # milliseconds
WITH_TORCH = "19-2", "16-3"


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


NAMES = "exercise", "whole", "own", "beyond", "median beyond", "goal"
COLUMNS = (Column(NAMES[0]), *(Column(name, 0 if name == "goal" else 1) for name in NAMES[1:]))
NOTE = (
    "`whole` is what one more attempt takes: the difference between a large class and a small one, a job at a time. "
    "`own` is loading the same file and calling its functions with the same inputs in a process that is warm."
)


def overhead(setting: Setting) -> Iterator[Table]:
    """CPU time per isolated attempt beyond the student's own compute"""
    few, many = setting.of((10, 60), (2, 5))
    numbers = [number for number in GOALS if setting.torch or number not in WITH_TORCH][: setting.of(None, 1)]
    found = [beyond(number, few, many, len(setting.times())) for number in numbers]
    rows = [
        (one.number, one.whole(), min(one.own), one.beyond(), one.beyond(median), GOALS[one.number]) for one in found
    ]
    yield Table("overhead", "CPU milliseconds of an attempt beyond the student's own", COLUMNS, rows, (NOTE,))


def beyond(number: str, few: int, many: int, repeats: int) -> Overhead:
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
    return [seconds * 1e3 for seconds in json.loads(run(python("grade.own_compute", stem, 5), env).printed)]
