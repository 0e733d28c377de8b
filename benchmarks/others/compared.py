"""Other graders beside dlgrade: the same functions, inputs and parts, on the same machine in the same run."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.grade.handed_in import hand_in, solution
from benchmarks.grade.running import Desk
from benchmarks.others import jupyter, runners
from benchmarks.others.tester import attempt
from benchmarks.processes import Cost, Failed, dlgrade, run
from benchmarks.setting import Setting, place
from benchmarks.tables import Column, Table
from grader import kit
from grader.kit import Entry

Grader = Callable[[str, Entry, int, dict[str, str], Path], Cost]
"""Grades so many right attempts with an interpreter, in an empty folder. Raises Failed unless all get all points."""

EXERCISE = "12-3"
COLUMNS = (
    Column("grader"),
    Column("one s", 2),
    Column("CPU s", 2),
    Column("times check", 1),
    Column("times its CPU", 1),
    Column("one more ms", 0),
    Column("median ms", 0),
    Column("CPU ms", 0),
    Column("times grade", 1),
    Column("times its CPU ", 1),
)


class Other(NamedTuple):
    """A grader that may be installed somewhere: its package, how it grades, attempts of a large class."""

    package: str
    grade: Grader
    many: int = 6


OTHERS = {
    "pytest": Other("pytest", runners.pytest),
    "gradescope": Other("gradescope-utils", runners.gradescope),
    "otter": Other("otter-grader", jupyter.otter),
    "nbgrader": Other("nbgrader", jupyter.nbgrader),
}


class Each(NamedTuple):
    """What one more attempt takes: seconds, by the best runs and by the medians, and CPU seconds, by the medians."""

    wall: float
    median: float
    cpu: float


class Measured(NamedTuple):
    """A grader's shortest run on one attempt, starting included, and what each further attempt takes."""

    one: Cost
    each: Each


def others(setting: Setting) -> Iterator[Table]:
    """pytest, gradescope-utils, otter-grader and nbgrader on the same functions, where they are named"""
    entry = kit.find(kit.builtin(), EXERCISE)
    alone = _check(entry, setting)
    ours = measured(_grade, "", entry, setting.of(31, 3), setting)
    rows = [
        _row("dlgrade check", alone, None, None, None),
        _row("dlgrade grade --jobs 1", ours.one, ours.each, None, None),
    ]
    for name, other in OTHERS.items():
        if python := setting.others.get(name):
            found = measured(other.grade, python, entry, setting.of(other.many, 2), setting)
            rows.append(_row(f"{other.package} {_version(python, other.package)}", *found, alone, ours.each))
    left_out = [name for name in OTHERS if name not in setting.others]
    notes = (f"Left out: {', '.join(left_out)}.",) if left_out else ()
    yield Table("others", f"Right attempts at {EXERCISE}: one, from cold, and each further one", COLUMNS, rows, notes)


def _check(entry: Entry, setting: Setting) -> Cost:
    with place() as (folder, env):
        path = folder / f"{entry.stem}.py"
        path.write_text(attempt(entry, 0), "utf-8")
        return _best([run(dlgrade("check", entry.number, path), env) for _ in setting.times()])


def _grade(python: str, entry: Entry, attempts: int, env: dict[str, str], folder: Path) -> Cost:
    """dlgrade itself, one job at a time as all the others."""
    here = Desk(folder, env)
    expected = hand_in(here.submissions, [entry], attempts, [solution])
    graded = here.grade(expected, "--only", entry.number, "--jobs", 1)
    if graded.wrong:
        raise Failed(graded.wrong[0])
    return graded.cost


def measured(grade: Grader, python: str, entry: Entry, many: int, setting: Setting) -> Measured:
    """The two sizes take turns; one run before fills the caches of the disk and of compiled modules."""

    def once(attempts: int) -> Cost:
        with place() as (folder, env):
            return grade(python, entry, attempts, _around(python, folder, env), folder)

    if not setting.quick:
        once(1)
    costs: dict[int, list[Cost]] = {1: [], many: []}
    for _ in setting.times():
        for attempts, found in costs.items():
            found.append(once(attempts))
    return Measured(_best(costs[1]), more(costs[1], costs[many], many - 1))


def _best(costs: Sequence[Cost]) -> Cost:
    return Cost(min(one.wall for one in costs), median(one.cpu for one in costs))


def more(small: Sequence[Cost], large: Sequence[Cost], count: int) -> Each:
    """What each of `count` attempts takes, by which a large class exceeds a small one: starting is left out."""
    best = (min(one.wall for one in large) - min(one.wall for one in small)) / count
    middle = (median(one.wall for one in large) - median(one.wall for one in small)) / count
    return Each(best, middle, (median(one.cpu for one in large) - median(one.cpu for one in small)) / count)


def _around(python: str, folder: Path, env: Mapping[str, str]) -> dict[str, str]:
    """The programs beside that interpreter are found, and what Jupyter keeps for its user stays in the folder."""
    path = os.pathsep.join([str(Path(python).parent), env.get("PATH", os.defpath)]) if python else env["PATH"]
    return {**env, "HOME": str(folder), "PATH": path}


def _row(name: str, one: Cost, each: Each | None, alone: Cost | None, ours: Each | None) -> tuple:
    """alone, ours: what it is compared with, of dlgrade."""
    first = (one.wall, one.cpu, alone and one.wall / alone.wall, alone and one.cpu / alone.cpu)
    if each is None:
        return name, *first, *[None] * 5
    times = (_times(each.wall, ours.wall), _times(each.cpu, ours.cpu)) if ours else (None, None)
    return name, *first, *(value * 1e3 for value in each), *times


def _times(theirs: float, ours: float) -> float | None:
    """None where ours is lost in the noise."""
    return theirs / ours if ours > 0 else None


def _version(python: str, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{python} has no {package}; install it there, or name another interpreter")
    return done.stdout.strip()
