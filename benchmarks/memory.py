"""How much memory each of the processes takes that judge."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.check import NUMPY, TORCH
from benchmarks.grade.handed_in import hand_in, solution
from benchmarks.grade.running import desk
from benchmarks.peaks import KINDS
from benchmarks.processes import dlgrade, run
from benchmarks.setting import Setting, place
from benchmarks.tables import Column, Table

PEAKS = tuple(Column(f"{kind} MB", 0) for kind in KINDS)
SHARED = "Forked processes share most of it with the warm one; a page is counted in each of them."


def memory(setting: Setting) -> Iterator[Table]:
    """the most memory of the command, the warm process, judges and workers"""
    rows = []
    with place() as (_, env):
        for number, name in (NUMPY, TORCH) if setting.torch else (NUMPY,):
            cost = run(dlgrade("check", number, f"solutions/{name}"), env, memory=True)
            rows.append((f"dlgrade check {number}", *megabytes(cost.peaks)))
    count = setting.of(100, 3)
    with desk() as here:
        from grader import kit

        expected = hand_in(here.submissions, [kit.find(kit.builtin(), NUMPY[0])], count, [solution])
        graded = here.grade(expected, "--only", NUMPY[0], "--jobs", setting.jobs, memory=True)
        rows.append((f"dlgrade grade, {count} × {NUMPY[0]}", *megabytes(graded.cost.peaks)))
    title = "Most memory of any one process of a kind"
    yield Table("memory", title, (Column("command"), *PEAKS), rows, (SHARED,), tuple(graded.wrong))


def megabytes(peaks: Mapping[str, int]) -> Sequence[float | None]:
    """For the columns of `PEAKS`."""
    return [peaks[kind] / 1e6 if kind in peaks else None for kind in KINDS]
