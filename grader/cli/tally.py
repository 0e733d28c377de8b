"""How a run of many attempts is going: a bar on a terminal, a line now and then in a pipe, a line each for machines."""

from __future__ import annotations

import sys
import time
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING, Self

from grader.batch.model import Attempt
from grader.batch.running import Running
from grader.text import harmless

if TYPE_CHECKING:
    from grader.cli.bar import Bar

PAUSE = 5.0  # seconds between two lines in a pipe
SLOWEST = 3
LONG = 2.0  # seconds; attempts that take less aren't worth naming
NAME = 40


class Tally:
    """Give every verdict to `update`. running: what is under way, by whatever key."""

    def __init__(self, count: int, running: dict[str, Running], quiet: bool) -> None:
        self._count, self._running, self._quiet = count, running, quiet
        self._began = self._told = time.monotonic()
        self._done = 0
        self._verdicts: Counter[str] = Counter()
        self._slowest: list[tuple[float, str]] = []
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        if self._count and sys.stderr.isatty() and not self._quiet:
            from grader.cli.bar import Bar  # nobody else waits for rich

            self._bar = Bar(self._count, self._lines).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def update(self, attempt: Attempt, verdict: str, seconds: float) -> None:
        """One more attempt has its verdict."""
        self._done += 1
        self._verdicts[verdict] += 1
        self._slowest = sorted([*self._slowest, (seconds, _name(attempt))], reverse=True)[:SLOWEST]
        now = time.monotonic()
        if self._bar:
            self._bar.update(self._done, self._rate())
        elif not self._quiet and now - self._told > PAUSE:
            self._told = now
            left = (self._count - self._done) * (now - self._began) / self._done
            print(f"{self._done} of {self._count}, {self._rate()}, {left:.0f} s left", file=sys.stderr, flush=True)

    def _rate(self) -> str:
        return f"{self._done / max(time.monotonic() - self._began, 1e-3):.1f}/s"

    def _lines(self) -> list[str]:
        """What stands below the bar."""
        counts = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in self._verdicts.most_common())
        return [counts, *self._long()]

    def _long(self) -> list[str]:
        """The slowest attempts, those under way first."""
        now = time.monotonic()
        waiting = sorted((one.since, _name(one.attempt)) for one in list(self._running.values()))
        under_way = [f"  {now - since:.0f} s so far: {name}" for since, name in waiting if now - since > LONG]
        return [*under_way[:SLOWEST], *(f"  took {took:.1f} s: {name}" for took, name in self._slowest if took > LONG)]


def _name(attempt: Attempt) -> str:
    return f"{attempt.exercise} by {harmless(attempt.student, NAME)}"
