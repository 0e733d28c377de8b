"""Forks of this process that carry out pieces of work side by side (Linux)."""

import contextlib
import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from grader.errors import MachineError

AHEAD = 2  # pieces that a hand has at a time: one in work, one waiting


class Hands:
    """Does `work` with every piece that it is given, in `count` forks of this process; with none of them, right here.

    Use as a context manager: at its end all is done. What `work` raises is raised by `give`, or at the end.
    processes: the forks.
    """

    def __init__(self, count: int, work: Callable[[Any], None]) -> None:
        self._work = work
        self._lines: list[Connection] = []
        self.processes: list[BaseProcess] = []
        self._due: Counter[Connection] = Counter()
        for _ in range(count):
            self._fork()

    def _fork(self) -> None:
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe()
        self._lines.append(ours)
        process = context.Process(target=_serve, args=(theirs, self._work, self._lines), daemon=True)
        process.start()
        self.processes.append(process)
        theirs.close()

    def give(self, piece: Any) -> None:
        """Hands on a piece, which has to be picklable, as soon as a hand has room for it."""
        if not self._lines:
            return self._work(piece)
        line = min(self._lines, key=lambda line: self._due[line])
        if self._due[line] >= AHEAD:
            line = self._done()
        with contextlib.suppress(BrokenPipeError):  # why it is gone is told when it is listened to
            line.send(piece)
        self._due[line] += 1
        return None

    def _done(self) -> Connection:
        """A hand that has done a piece."""
        line = next(line for line in wait(self._busy()) if isinstance(line, Connection))
        try:
            error = line.recv()
        except EOFError:
            raise MachineError("a process that writes reports was ended; run the same command again") from None
        if error:
            raise error
        self._due[line] -= 1
        return line

    def _busy(self) -> list[Connection]:
        return [line for line, due in self._due.items() if due]

    def __enter__(self) -> "Hands":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            while kind is None and self._busy():
                self._done()
        finally:
            for line in self._lines:
                line.close()
            for process in self.processes:
                process.join()


def _serve(line: Connection, work: Callable[[Any], None], others: Iterable[Connection]) -> None:
    """Works until nobody is at the other end any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever gives the work hears it, too
    for other in others:
        other.close()
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            piece = line.recv()
            try:
                work(piece)
            except Exception as error:
                line.send(error)
                return
            line.send(None)
