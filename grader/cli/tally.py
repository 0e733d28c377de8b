"""How a run of many attempts is going: a bar on a terminal, a line now and then in a pipe, a line each for machines."""

import sys
import time
from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from grader.batch.model import Attempt
from grader.batch.running import Running
from grader.text import harmless

PAUSE = 5.0  # seconds between two lines in a pipe
SLOWEST = 3
LONG = 2.0  # seconds; attempts that take less aren't worth naming
NAME = 40


class Tally:
    """Give every verdict to `update`. running: what is under way, by whatever key; done: known before we began."""

    def __init__(self, count: int, running: dict[str, Running], quiet: bool) -> None:
        self._count, self._running, self._quiet = count, running, quiet
        self._began = self._told = time.monotonic()
        self._done = 0
        self._verdicts: Counter[str] = Counter()
        self._slowest: list[tuple[float, str]] = []
        self._console = Console(stderr=True)
        self._live: Live | None = None
        self._bar = Progress(
            TextColumn("judging"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=self._console,
        )
        self._task = self._bar.add_task("judging", total=count, rate="")

    def __enter__(self) -> Self:
        if self._count and self._console.is_terminal and not self._quiet:
            self._live = Live(console=self._console, get_renderable=self._table, transient=True, refresh_per_second=4)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def update(self, attempt: Attempt, verdict: str, seconds: float) -> None:
        """One more attempt has its verdict."""
        self._done += 1
        self._verdicts[verdict] += 1
        self._slowest = sorted([*self._slowest, (seconds, _name(attempt))], reverse=True)[:SLOWEST]
        self._bar.update(self._task, completed=self._done, rate=self._rate())
        now = time.monotonic()
        if not self._live and not self._quiet and now - self._told > PAUSE:
            self._told = now
            left = (self._count - self._done) * (now - self._began) / self._done
            print(f"{self._done} of {self._count}, {self._rate()}, {left:.0f} s left", file=sys.stderr, flush=True)

    def _rate(self) -> str:
        return f"{self._done / max(time.monotonic() - self._began, 1e-3):.1f}/s"

    def _table(self) -> Table:
        table = Table.grid()
        table.add_row(self._bar)
        counts = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in self._verdicts.most_common())
        table.add_row(Text(counts, style="dim"))
        for text in self._long():
            table.add_row(Text(text, style="dim", no_wrap=True, overflow="ellipsis"))
        return table

    def _long(self) -> list[str]:
        """The slowest attempts, those under way first."""
        now = time.monotonic()
        waiting = sorted((one.since, _name(one.attempt)) for one in list(self._running.values()))
        under_way = [f"  {now - since:.0f} s so far: {name}" for since, name in waiting if now - since > LONG]
        return [*under_way[:SLOWEST], *(f"  took {took:.1f} s: {name}" for took, name in self._slowest if took > LONG)]


def _name(attempt: Attempt) -> str:
    return f"{attempt.exercise} by {harmless(attempt.student, NAME)}"
