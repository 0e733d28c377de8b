"""The line on a terminal that tells that something is going on, or how a training is going; what it came to."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TextIO

from grader.report.course import spent, words
from grader.report.numbers import amount, finite, percent, seconds, share

PAUSE = 0.05  # seconds between two versions of the line; nobody could read more of them
PATIENCE = 1.0  # seconds without anything to read
KEY = "^C"  # what terminals show when somebody presses it
WHO = {"reference": "the solution trains, for comparison", "yours": "yours"}


class Live:
    """Shows one line, on stderr and only if that is a terminal: what is training, and before that, if it takes long,
    that something is going on. It is gone when that is over.

    Give every `progress` to `update`, a dict: who, "reference" or "yours"; allowed, the budget in seconds or None; and,
    unless it only begins, done, total, loss, accuracy, cpu_seconds, seconds as in a report's `Point`. device: "cpu" if
    it isn't there. points: the last that was reported of yours, for `summary`; empty if nothing was.
    """

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.points: list[dict[str, Any]] = []
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._width = 0  # columns that the line takes
        self._stage = "", False
        self._since = 0.0
        self._began = clock()
        self._over = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        if self._columns() is not None:
            threading.Thread(target=self._wait, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        with self._lock:
            if self._width:
                self._write("\r" + " " * (self._width + len(KEY)) + "\r")

    def _wait(self) -> None:
        """Tells how long it has been taking, until there is more to tell."""
        while not self._over.wait(PATIENCE):
            with self._lock:
                if self._stage[0] or self._over.is_set():
                    return
                self._show(f"judging, {self._clock() - self._began:.0f} s so far")

    def update(self, progress: dict[str, Any]) -> None:
        """Shows the progress, unless the line is too new or nobody is looking."""
        if progress["who"] == "yours" and finite(progress.get("done")):
            self.points = [progress]
        now = self._clock()
        stage = progress["who"], "done" in progress
        if stage == self._stage and now - self._since < PAUSE:
            return
        with self._lock:
            self._stage, self._since = stage, now
            if (columns := self._columns()) is not None:
                self._show(line_of(progress, columns))

    def _show(self, line: str) -> None:
        """Writes the line over the one before."""
        columns = self._columns() or 0
        line = line[:columns]
        self._write("\r" + line.ljust(min(self._width, columns + len(KEY))))
        self._width = len(line)

    def _columns(self) -> int | None:
        """How long the line may be, not up to the edge: some terminals begin the next one there. None: no terminal."""
        try:
            columns = os.get_terminal_size(self._stream.fileno()).columns
        except (AttributeError, OSError, ValueError):  # no stream, no terminal, closed
            return None
        return max(1, (columns or 80) - 1 - len(KEY))

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # a terminal that has gone is no reason to stop
            self._stream.write(text)
            self._stream.flush()


def line_of(progress: dict[str, Any], columns: int) -> str:
    """The line, in plain ASCII, without the pieces for which there is no room."""
    line = WHO[progress["who"]]
    for piece in _pieces(progress):
        if len(longer := f"{line}  {piece}") <= columns:
            line = longer
    return line[:columns]


def _pieces(progress: dict[str, Any]) -> list[str]:
    """What there is to tell, what counts most first."""
    if not (done := finite(progress.get("done"))):
        return ["..."]
    pieces = [f"{amount(done)} of {amount(progress['total'])}"]
    if (part := share(progress["accuracy"])) is not None:
        pieces.append(f"validation {percent(part)}")
    pieces.append(f"loss {amount(progress['loss'])}")
    allowed, used = finite(progress["allowed"]), spent(progress, progress.get("device", "cpu"))
    pieces.append(seconds(used) + (f" of {seconds(allowed)}" if allowed else ""))
    return pieces + _left(progress, done, used, allowed)


def _left(progress: dict[str, Any], done: float, used: float, allowed: float | None) -> list[str]:
    """The time that is left if it goes on like this, or that the budget will not do."""
    ratio = (finite(progress["total"]) or 0.0) / done
    if not 1 < ratio < 1e6:
        return []
    if allowed and used * ratio > allowed:
        return ["too slow at this pace"]
    return [f"about {seconds(progress['seconds'] * (ratio - 1))} left"]


def summary(points: list[dict[str, Any]]) -> str:
    """One line for somebody who stopped it, on what was learnt so far. points: what was reported."""
    return f"stopped after {words(points[-1])}" if points else "stopped"
