"""Classes of growing size: whether time is linear and memory flat."""

from collections.abc import Sequence
from typing import NamedTuple

from handed_in import MIX, hand_in, solution
from processes import ROOT
from running import Graded, desk

from grader import kit
from grader.kit import Entry

CHEAP = ROOT / "tests" / "toy_kit"  # its one exercise has few and small cases
HUNDRED = "12-3"


class Size(NamedTuple):
    """A class: how many attempts; the first run; the second one, which knows all verdicts and writes the reports."""

    attempts: int
    first: Graded
    second: Graded


def size(entries: Sequence[Entry], students: int, jobs: int, *options: object) -> Size:
    """Grades a made-up class of solutions, stubs and wrong attempts, and writes its reports once more."""
    with desk() as here:
        expected = hand_in(here.submissions, entries, students, MIX)
        first = here.grade(expected, "--jobs", jobs, *options)
        return Size(len(expected), first, here.grade(expected, "--jobs", jobs, *options, again=True))


def cheap(students: int, jobs: int) -> Size:
    return size(kit.entries(CHEAP), students, jobs, "--kit", CHEAP)


def course(students: int, jobs: int) -> Size:
    """All exercises; without training, so those that train can't pass."""
    entries = [one for one in kit.entries(kit.builtin()) if not kit.load_spec(one).exercise.training]
    return size(entries, students, jobs, "--no-training", "--only", ",".join(one.number for one in entries))


def hundred(attempts: int, jobs: int, repeats: int) -> list[Graded]:
    """Honest attempts at one exercise, all of them right."""
    with desk() as here:
        expected = hand_in(here.submissions, [kit.find(kit.builtin(), HUNDRED)], attempts, [solution])
        return [here.grade(expected, "--only", HUNDRED, "--jobs", jobs) for _ in range(repeats)]


HEADER = (
    f"{'attempts':>9}{'wall s':>9}{'CPU s':>9}{'wall ms each':>14}{'CPU ms each':>13}{'peak MB':>9}{'page kB':>9}"
    f"{'reports s':>11}{'wrong':>7}"
)


def row(one: Size) -> str:
    cost, again = one.first.cost, one.second.cost
    peak = max(cost.peak or 0, again.peak or 0) / 1e6
    numbers = f"{one.attempts:9,}{cost.wall:9.2f}{cost.cpu:9.2f}{cost.wall / one.attempts * 1e3:14.1f}"
    numbers += f"{cost.cpu / one.attempts * 1e3:13.1f}{peak:9.0f}{one.first.page / 1e3:9.0f}{again.wall:11.2f}"
    return f"{numbers}{len(one.first.wrong) + len(one.second.wrong):7}"
