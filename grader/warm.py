"""Starts a zygote and hands it jobs. Light: the command line does this before anything else."""

from __future__ import annotations

import _socket  # `socket` itself would take longer to import than the process takes to start
import atexit
import os
import sys

from grader.fresh import environment, interpreter, search_path, start
from grader.limits import LIMITS

TYPE_CHECKING = False  # as typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable
    from typing import Any

    Tell = Callable[[dict[str, Any]], None]

BOOT = "import gc, sys; gc.disable(); sys.path[:] = {path!r}; from grader.zygote import main; main({fd}, {around!r})"

_early: Warm | None = None  # has not been told yet what to import
_ready: dict[tuple[str, ...], tuple[Warm, Stream]] = {}  # by libraries, each with a judge that stays


def forks() -> bool:
    """Whether this system can safely fork a process that has imported numpy. DLGRADE_SPAWN=1 says no."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and not os.environ.get("DLGRADE_SPAWN")


def start_early() -> None:
    """Starts a warm process, so that it imports numpy while the command line is still being read."""
    global _early
    if forks() and _early is None:
        _early = Warm()


def begin() -> Warm:
    """A warm process for whatever libraries: the one that was started early, if nobody has it yet."""
    global _early
    found, _early = _early or Warm(), None
    return found


def ready(libraries: tuple[str, ...]) -> Stream:
    """A line to the judge for these libraries, which is started if it isn't there. It may still be starting."""
    if libraries not in _ready:
        atexit.register(stop)
        warm = begin()
        _ready[libraries] = warm, warm.judge(libraries)
    return _ready[libraries][1]


def ask(libraries: tuple[str, ...], job: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Has a job judged by the judge for these libraries, which is started if need be and stays. One at a time.

    tell: hears how a training goes.
    """
    return send(libraries, job)(tell)


def send(libraries: tuple[str, ...], job: dict[str, Any]) -> Callable[[Tell], dict[str, Any]]:
    """As `ask`, but doesn't wait for the answer: what is returned does, and has to be called before the next job."""
    stream = ready(libraries)
    stream.send(job)

    def answer(tell: Tell) -> dict[str, Any]:
        found: dict[str, Any] = {}
        try:
            found = stream.receive(tell)
        finally:
            if not found or "missing" in found:  # it is gone, or about to go
                _stop(libraries)
        return found

    return answer


def prepared() -> list[tuple[str, ...]]:
    """For which libraries there is a judge."""
    return list(_ready)


def stop() -> None:
    """Ends the warm processes of this one; later jobs start new ones."""
    for libraries in list(_ready):
        _stop(libraries)


def _stop(libraries: tuple[str, ...]) -> None:
    warm, stream = _ready.pop(libraries)
    warm.close()
    stream.close()


class Warm:
    """A zygote of ours, Linux only. It ends when this object, or this process, is gone."""

    def __init__(self, wrapped: Iterable[str] | None = None) -> None:
        """Starts it; given files and folders, inside of bubblewrap, where besides what it needs only those exist.

        Raises MachineError if that isn't installed.
        """
        import fcntl

        outer: list[str] = []
        if wrapped is not None:
            from grader.sandbox import bubblewrap

            outer = bubblewrap.beginning(environment(), wrapped)
        ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        self._control = ours.detach()
        fd = fcntl.fcntl(theirs.fileno(), fcntl.F_DUPFD, 10)  # is inherited, and no standard stream
        around = ("bubblewrap",) if outer else ()
        command = [*outer, *interpreter(BOOT.format(path=search_path(), fd=fd, around=around))]
        quiet = (0, 1) if os.environ.get("DLGRADE_DEBUG") else (0, 1, 2)
        apart = bool(outer)  # from the terminal, whose Ctrl-C would end bubblewrap before us
        self._pid = start(command, quiet, apart)
        os.close(fd)
        theirs.close()

    def judge(self, libraries: tuple[str, ...]) -> Stream:
        """A line to a new judge. It may still be starting: what is sent waits for it.

        If this thread is confined to one core, so are the judge and its workers.
        """
        import json
        import socket

        ours, theirs = socket.socketpair()
        core = next(iter(cores)) if len(cores := os.sched_getaffinity(0)) == 1 else None
        request = json.dumps({"libraries": libraries, "limits": LIMITS, "core": core}).encode()
        try:
            with theirs, socket.socket(fileno=os.dup(self._control)) as control:
                socket.send_fds(control, [request], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
        return Stream(ours)

    def close(self) -> None:
        """Ends the zygote and all it has forked; waits until it is gone. In a fork of its owner it only lets go."""
        os.close(self._control)
        try:
            os.waitpid(self._pid, 0)
        except ChildProcessError:
            return


class Stream:
    """Jobs to a judge, one after the other; see `grader.judge` for what they are."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._answers = line.makefile("rb")

    def ask(self, job: dict[str, Any], tell: Tell) -> dict[str, Any]:
        """Waits for the judge's answer; `tell` hears its progress. Raises MachineError if the judge is gone."""
        self.send(job)
        return self.receive(tell)

    def send(self, job: dict[str, Any]) -> None:
        """Hands over a job. If the judge is gone, `receive` tells."""
        import contextlib
        import json

        with contextlib.suppress(OSError):
            self._line.sendall(json.dumps(job).encode() + b"\n")

    def receive(self, tell: Tell) -> dict[str, Any]:
        """The answer to the job that was sent, as `ask` tells."""
        import json

        from grader.errors import MachineError

        try:
            for line in self._answers:
                answer: dict[str, Any] = json.loads(line)
                if "progress" not in answer:
                    return answer
                tell(answer["progress"])
        except OSError:
            pass
        raise MachineError("the grading process ended unexpectedly; run again with DLGRADE_DEBUG=1 to see why")

    def close(self) -> None:
        """Hangs up; the judge ends."""
        self._answers.close()
        self._line.close()
