"""Whole classes: right attempts at one exercise, classes of growing size, a course of all exercises."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.grade.handed_in import MIX, hand_in, solution
from benchmarks.grade.running import Graded, desk
from benchmarks.growth import further, told
from benchmarks.processes import ROOT
from benchmarks.setting import Setting
from benchmarks.tables import Column, Table
from grader import kit
from grader.kit import Entry

CHEAP = ROOT / "tests" / "toy_kit"  # its one exercise has few and small cases
RIGHT = "12-3"


class Size(NamedTuple):
    """A class: how many attempts; the first run; the second one, which knows all verdicts and writes the reports."""

    attempts: int
    first: Graded
    second: Graded

    @property
    def wrong(self) -> list[str]:
        return self.first.wrong + self.second.wrong


# Throughput


def batch(setting: Setting) -> Iterator[Table]:
    """throughput: 1, 100 and 1,000 right attempts at 12-3"""
    names = "attempts", "s", "median s", "CPU s", "ms each", "CPU ms each", "attempts per second"
    columns = tuple(Column(name, digits) for name, digits in zip(names, (0, 2, 2, 2, 1, 1, 1), strict=True))
    counts = setting.of((1, 100, 1000), (1, 4))
    found = [right(count, setting.jobs, 1 if count > 100 else len(setting.times())) for count in counts]
    rows = [_throughput(count, graded) for count, graded in zip(counts, found, strict=True)]
    title = f"Right attempts at {RIGHT} by `dlgrade grade --jobs {setting.jobs}`, starting and reports included"
    wrong = tuple(text for graded in found for one in graded for text in one.wrong)
    yield Table("batch", title, columns, rows, wrong=wrong)


def right(attempts: int, jobs: int, repeats: int) -> list[Graded]:
    """Honest attempts at one exercise, all of them right."""
    with desk() as here:
        expected = hand_in(here.submissions, [kit.find(kit.builtin(), RIGHT)], attempts, [solution])
        return [here.grade(expected, "--only", RIGHT, "--jobs", jobs) for _ in range(repeats)]


def _throughput(count: int, graded: Sequence[Graded]) -> tuple[float, ...]:
    walls, cpus = [one.cost.wall for one in graded], [one.cost.cpu for one in graded]
    best, cpu = min(walls), median(cpus)
    return count, best, median(walls), cpu, best / count * 1e3, cpu / count * 1e3, count / best


# Growth

COLUMNS = (
    Column("attempts", 0),
    Column("s", 2),
    Column("CPU s", 2),
    Column("CPU ms of each further one", 1),
    Column("command MB", 0),
    Column("index.html kB", 0),
    Column("reports alone CPU s", 2),
    Column("CPU ms of each further", 2),
)


def submissions(setting: Setting) -> Iterator[Table]:
    """growth with the number of submissions: 1 to 1,000 (with --large 10,000) solutions, stubs and wrong attempts"""
    counts = setting.of((1, 10, 100, 1000, *([10_000] if setting.large else [])), (1, 3, 9))
    found = [size(kit.entries(CHEAP), count, setting.jobs, "--kit", CHEAP) for count in counts]
    title = "Classes of solutions, stubs and wrong attempts at the toy exercise of the tests"
    yield _table("submissions", title, found)


def course(setting: Setting) -> Iterator[Table]:
    """a class with all exercises but those that train"""
    entries = [one for one in kit.entries(kit.builtin()) if setting.torch or "torch" not in one.libraries()]
    entries = [one for one in entries if not kit.load_spec(one).exercise.training][: setting.of(None, 4)]
    only = ",".join(one.number for one in entries)
    students = setting.of(10, 1)
    found = size(entries, students, setting.jobs, "--no-training", "--only", only)
    yield _table("course", f"A course: {len(entries)} exercises × {students} students", [found])


def size(entries: Sequence[Entry], students: int, jobs: int, *options: object) -> Size:
    """Grades a made-up class of solutions, stubs and wrong attempts, and writes its reports once more."""
    with desk() as here:
        expected = hand_in(here.submissions, entries, students, MIX)
        first = here.grade(expected, "--jobs", jobs, *options, memory=True)
        return Size(len(expected), first, here.grade(expected, "--jobs", jobs, *options, again=True, memory=True))


def _table(name: str, title: str, found: Sequence[Size]) -> Table:
    sizes = [one.attempts for one in found]
    cpu, reports = [one.first.cost.cpu for one in found], [one.second.cost.cpu for one in found]
    marks = further(sizes, cpu), further(sizes, reports)
    rows = [_row(one, *each) for one, *each in zip(found, *marks, strict=True)]
    notes = ("`reports alone`: the same command once more, when all verdicts are known.",)
    if len(found) > 1:
        notes += (told("CPU time", sizes, cpu), told("That of the reports alone", sizes, reports))
    return Table(name, title, COLUMNS, rows, notes, tuple(text for one in found for text in one.wrong))


def _row(one: Size, each: float | None, report: float | None) -> tuple[float | None, ...]:
    cost, again = one.first.cost, one.second.cost
    peak = max(done.peaks.get("command", 0) for done in (cost, again)) / 1e6
    each, report = (value and value * 1e3 for value in (each, report))
    return one.attempts, cost.wall, cost.cpu, each, peak, one.first.page / 1e3, again.cpu, report
