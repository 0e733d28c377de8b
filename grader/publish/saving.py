"""Writing many small files while the next ones are being made: most of the time that takes, the system is at work."""

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

from grader.files import keep, make

WRITERS = 2
AHEAD = 16  # folders that wait to be written; no more of them are made


class Saving:
    """Writes folders in the background; use as a context manager, which waits for all of them.

    Raises UsageError, there or at a later `add`, if a file can't be written.
    """

    def __init__(self) -> None:
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="saving")
        self._waiting: deque[Future[None]] = deque()

    def add(self, folder: Path, files: Mapping[str, bytes]) -> None:
        """Makes a folder, and in it these files, by name."""
        self._waiting.append(self._writers.submit(_write, folder, files))
        if len(self._waiting) > AHEAD:
            self._waiting.popleft().result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        try:
            while self._waiting and error[0] is None:
                self._waiting.popleft().result()
        finally:
            self._writers.shutdown(cancel_futures=True)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    make(folder)
    for name, content in files.items():
        keep(folder / name, content)
