"""A bar that tells on a terminal how a run of many attempts is going."""

from collections.abc import Callable, Iterable
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text


class Bar:
    """A bar of `count` attempts, on stderr; below it the lines that `lines` tells, anew four times a second."""

    def __init__(self, count: int, lines: Callable[[], Iterable[str]]) -> None:
        console = Console(stderr=True)
        self._lines = lines
        self._bar = Progress(
            TextColumn("judging"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._bar.add_task("judging", total=count, rate="")
        self._live = Live(console=console, get_renderable=self._table, transient=True, refresh_per_second=4)

    def start(self) -> Self:
        self._live.start()
        return self

    def update(self, done: int, rate: str) -> None:
        """So many are done, at this rate."""
        self._bar.update(self._task, completed=done, rate=rate)

    def stop(self) -> None:
        """Takes it away."""
        self._live.stop()

    def _table(self) -> Table:
        table = Table.grid()
        table.add_row(self._bar)
        for text in self._lines():
            table.add_row(Text(text, style="dim", no_wrap=True, overflow="ellipsis"))
        return table
