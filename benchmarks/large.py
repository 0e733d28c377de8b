"""How the cost of a check grows with the number of cases, and with the size of their arrays."""

import re
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.growth import further, told
from benchmarks.made_up import make
from benchmarks.memory import PEAKS, megabytes
from benchmarks.processes import Cost, dlgrade, run
from benchmarks.setting import Setting, place
from benchmarks.tables import Column, Table

SMALL = 8  # numbers in the array of a case, where cases are counted
FEW = 2  # cases, where their arrays grow
FLOAT = 8  # bytes of a number
ATTEMPTS = {"right": (), "wrong": ("--all",)}  # what is told about a wrong one isn't cut short


class Checked(NamedTuple):
    """One check: its size in the table, and how it should have ended and did."""

    attempt: str
    size: float
    cost: Cost
    wrong: tuple[str, ...]


def cases(setting: Setting) -> Iterator[Table]:
    """growth with the number of cases of an exercise: 10 to 10,000 small ones"""
    counts = setting.of((10, 100, 1000, 10_000), (2, 4, 8))
    found = [checked(attempt, count, count, SMALL, len(setting.times())) for attempt in ATTEMPTS for count in counts]
    title = "`dlgrade check` of exercises with many small cases; the wrong attempt fails all of them, shown by `--all`"
    yield table("cases", title, Column("cases", 0), Column("CPU ms of each further case", 3), 1e3, found)


def arrays(setting: Setting) -> Iterator[Table]:
    """growth with the size of arrays: 1 kB to 100 MB per case, in and out"""
    sizes = setting.of((1e3, 1e4, 1e5, 1e6, 1e7, 2.5e7, 5e7, 1e8), (1e3, 1e5, 1e6))
    found = [
        checked(attempt, size / 1e6, FEW, int(size / FLOAT), len(setting.times()) if size < 1e7 else 1)
        for attempt in ATTEMPTS
        for size in sizes
    ]
    title = f"`dlgrade check` of an exercise with {FEW} cases, whose arrays (float64) have so many MB, in and out"
    yield table("arrays", title, Column("MB", 3), Column("CPU ms of each further MB of a case", 1), 1e3 / FEW, found)


def checked(attempt: str, size: float, cases: int, numbers: int, repeats: int) -> Checked:
    """The shortest of some checks, with their median CPU time and the most memory of all of them."""
    with place() as (folder, env):
        made = make(folder, cases, numbers)
        file, code = {"right": (made.right, 0), "wrong": (made.wrong, 1)}[attempt]
        command = dlgrade("check", "1", file, "--kit", folder, *ATTEMPTS[attempt])
        costs = [run(command, env, (0, 1), memory=True) for _ in range(repeats)]
    wrong = verdicts(f"{attempt} attempt, {cases} cases of {numbers} numbers", costs, cases if code == 0 else 0, cases)
    peaks = {kind: max(cost.peaks.get(kind, 0) for cost in costs) for kind in costs[0].peaks}
    cost = Cost(min(cost.wall for cost in costs), median(cost.cpu for cost in costs), peaks)
    return Checked(attempt, size, cost, wrong)


def verdicts(what: str, costs: Sequence[Cost], passed: int, cases: int) -> tuple[str, ...]:
    """Checks that didn't end as they should, by the line of the part in the report."""
    due = re.compile(rf"^  \S twice +{passed} of {cases} cases$", re.MULTILINE)
    return tuple(f"{what}:\n{cost.printed[:500]}" for cost in costs if not due.search(cost.printed))


def table(name: str, title: str, size: Column, each: Column, scale: float, found: Sequence[Checked]) -> Table:
    """scale: of the column `each`, from CPU seconds by size."""
    columns = Column("attempt"), size, Column("s", 2), Column("CPU s", 2), each, *PEAKS
    rows, notes = [], []
    for attempt in ATTEMPTS:
        mine = [one for one in found if one.attempt == attempt]
        sizes, costs = [one.size for one in mine], [one.cost.cpu for one in mine]
        for one, more in zip(mine, further(sizes, costs), strict=True):
            scaled = more and more * scale
            rows.append((attempt, one.size, one.cost.wall, one.cost.cpu, scaled, *megabytes(one.cost.peaks)))
        notes.append(told(f"CPU time of the {attempt} attempt", sizes, costs))
    return Table(name, title, columns, rows, tuple(notes), tuple(text for one in found for text in one.wrong))
