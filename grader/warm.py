"""Starts a zygote and hands it jobs. Light: the command line does this before anything else."""

from __future__ import annotations

import _socket  # `socket` itself would take longer to import than the process takes to start
import os
import sys

from grader.limits import LIMITS

TYPE_CHECKING = False  # as typing.TYPE_CHECKING, without importing typing
if TYPE_CHECKING:
    import socket
    from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
KEPT = ("LD_LIBRARY_PATH", "SYSTEMROOT", "DLGRADE_DEBUG")  # without these an interpreter may not even start
BOOT = "import gc, sys; gc.disable(); sys.path[:] = {path!r}; from grader.zygote import main; main({fd})"

_early: Warm | None = None  # has not been told yet what to import
_warm: dict[tuple[str, ...], Warm] = {}  # by libraries


def forks() -> bool:
    """Whether this system can safely fork a process that has imported numpy. DLGRADE_SPAWN=1 says no."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and not os.environ.get("DLGRADE_SPAWN")


def start_early() -> None:
    """Starts a warm process, so that it imports numpy while the command line is still being read."""
    global _early
    if forks() and _early is None:
        _early = Warm()


def ask(libraries: tuple[str, ...], job: dict[str, Any]) -> dict[str, Any]:
    """Has a job judged by the warm process for these libraries, which is started if need be and stays."""
    global _early
    if libraries not in _warm:
        _warm[libraries], _early = _early or Warm(), None
    answer: dict[str, Any] = {}
    try:
        stream = _warm[libraries].judge(libraries)
        answer = stream.ask(job)
        stream.close()
    finally:
        if not answer or "missing" in answer:  # it is gone, or about to go
            _warm.pop(libraries).close()
    return answer


def stop() -> None:
    """Ends the warm processes of this one; later jobs start new ones."""
    while _warm:
        _warm.popitem()[1].close()


def environment() -> dict[str, str]:
    """What the processes that judge get to see: no secret of the user's, and one thread for linear algebra."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**dict.fromkeys(THREADS, "1"), "PATH": os.defpath, "LC_ALL": "C.UTF-8", "CUDA_VISIBLE_DEVICES": "", **kept}


def search_path() -> list[str]:
    """Where a fresh interpreter finds modules: as this one does, but never in the working directory."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 (pathlib costs a start)
    return [root, *(entry for entry in sys.path if os.path.isabs(entry) and entry != root)]  # noqa: PTH117


def interpreter(code: str) -> list[str]:
    """The command for a fresh interpreter that takes nothing from the environment, not even `site`."""
    return [sys.executable, "-E", "-P", "-S", "-c", code]


class Warm:
    """A zygote of ours, Linux only. It ends when this object, or this process, is gone."""

    def __init__(self) -> None:
        import fcntl

        ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        self._control = ours.detach()
        fd = fcntl.fcntl(theirs.fileno(), fcntl.F_DUPFD, 10)  # is inherited, and no standard stream
        command = interpreter(BOOT.format(path=search_path(), fd=fd))
        quiet = (0, 1) if os.environ.get("DLGRADE_DEBUG") else (0, 1, 2)
        nothing = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in quiet]
        self._pid = os.posix_spawn(command[0], command, environment(), file_actions=nothing)
        os.close(fd)
        theirs.close()

    def judge(self, libraries: tuple[str, ...]) -> Stream:
        """A line to a new judge. It may still be starting: what is sent waits for it."""
        import json
        import socket

        ours, theirs = socket.socketpair()
        request = json.dumps({"libraries": libraries, "limits": LIMITS}).encode()
        with socket.socket(fileno=os.dup(self._control)) as control:
            socket.send_fds(control, [request], [theirs.fileno()])
        theirs.close()
        return Stream(ours)

    def close(self) -> None:
        """Ends the zygote and all it has forked; waits until it is gone."""
        os.close(self._control)
        os.waitpid(self._pid, 0)


class Stream:
    """Jobs to a judge, one after the other; see `grader.judge` for what they are."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._answers = line.makefile("rb")

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """Waits for the judge's answer. Raises MachineError if the judge is gone."""
        import json

        from grader.errors import MachineError

        try:
            self._line.sendall(json.dumps(job).encode() + b"\n")
            answer = self._answers.readline()
        except OSError:
            answer = b""
        if not answer:
            raise MachineError("the grading process ended unexpectedly; run again with DLGRADE_DEBUG=1 to see why")
        found: dict[str, Any] = json.loads(answer)
        return found

    def close(self) -> None:
        """Hangs up; the judge ends."""
        self._answers.close()
        self._line.close()
