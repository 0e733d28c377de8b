"""The line that tells how a training is going, where no terminal says how wide it may be."""

import sys
import time
from types import TracebackType
from typing import Any, Self

from grader.cli.live import line_of

WIDTH = 79
PAUSE = 0.5  # seconds between two versions of the line


class Progress:
    """Writes the line again and again; it is gone when that is over."""

    def __init__(self) -> None:
        self._shown: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown is not None:
            self._write("")

    def update(self, progress: dict[str, Any]) -> None:
        """Shows what a training has told, see `grader.cli.live.Live`, unless the line is too new."""
        now = time.monotonic()
        if self._shown is None or now - self._shown >= PAUSE:
            self._shown = now
            self._write(line_of(progress, WIDTH))

    def _write(self, text: str) -> None:
        sys.stdout.write(f"\r{text:{WIDTH}}\r")
        sys.stdout.flush()
