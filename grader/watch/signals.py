"""Signals, and news from other threads, as something to wait for together with a terminal."""

import contextlib
import select
import signal
import socket
from collections.abc import Iterable
from types import FrameType, TracebackType
from typing import Any, Self

ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
SCREEN = ("SIGWINCH", "SIGTSTP", "SIGCONT")


class Signals:
    """While it is entered, these signals interrupt nothing: `wait` tells of them. Those that are ignored stay so."""

    def __init__(self, names: Iterable[str]) -> None:
        known = [getattr(signal, name) for name in names if hasattr(signal, name)]
        self._numbers = [number for number in known if signal.getsignal(number) != signal.SIG_IGN]
        self._before: dict[int, Any] = {}
        self._read, self._write = socket.socketpair()

    def __enter__(self) -> Self:
        for end in (self._read, self._write):
            end.setblocking(False)
        self._outer = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in self._numbers:
            self.catch(number)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._outer)

    def catch(self, number: int) -> None:
        self._before.setdefault(number, signal.signal(number, _noted))

    def wake(self) -> None:
        """Ends a `wait`; for any thread."""
        with contextlib.suppress(OSError):  # full: it will be awake
            self._write.send(b"\0")

    def wait(self, seconds: float, also: int | None = None) -> tuple[list[int], bool]:
        """Waits for signals, `wake`, or something to read at `also`; the signals, and whether there is anything."""
        sources: list[Any] = [self._read] if also is None else [self._read, also]
        ready = select.select(sources, [], [], seconds)[0]
        numbers = []
        if self._read in ready:
            with contextlib.suppress(BlockingIOError):
                numbers = [number for number in self._read.recv(4096) if number]
        return numbers, also in ready


def _noted(number: int, frame: FrameType | None) -> None:
    """The number has been written to the socket before this is called."""
