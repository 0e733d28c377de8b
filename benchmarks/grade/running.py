"""Runs `dlgrade grade` on a made-up class, in a temporary folder."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.grade.handed_in import wrong_verdicts
from benchmarks.processes import Cost, dlgrade, run
from benchmarks.setting import place


class Graded(NamedTuple):
    """What a run took, the verdicts that were wrong in it, and the size of its page in bytes."""

    cost: Cost
    wrong: list[str]
    page: int


class Desk:
    """A place to grade in. submissions: to be filled by the caller. out: what the last run left."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder, self.submissions, self.out = folder, folder / "submissions", folder / "out"
        self.env = env

    def grade(
        self, expected: dict[tuple[str, str], str], *options: object, again: bool = False, memory: bool = False
    ) -> Graded:
        """Grades everything from the beginning; `again`, only what isn't known from the last time."""
        if not again:
            shutil.rmtree(self.out, ignore_errors=True)
        command = dlgrade("grade", self.submissions, "--out", self.out, "--key", self.folder / "key", *options)
        cost = run(command, self.env, memory=memory)
        wrong = wrong_verdicts(self.out / "results.jsonl", expected)
        return Graded(cost, wrong, (self.out / "index.html").stat().st_size)


@contextmanager
def desk() -> Iterator[Desk]:
    with place() as (folder, env):
        yield Desk(folder, env)
