"""The helper: `dlgrade`, with everything imported and a judge that is warm, which forks where a command would start.

One command at a time; others find it busy and go their own way. It ends by itself: when nothing has come for a while,
when a file of the grader has changed, or when a command ended as it shouldn't. How one talks to it: `grader.helped`.
"""

from __future__ import annotations

import contextlib
import importlib
import marshal
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from grader import helped, warm
from grader.fresh import search_path

IDLE = 600.0  # seconds
PRELOADED = ("grader.cli.check", "grader.cli.commands", "json", "sqlite3", "unicodedata")
MESSAGE = 1 << 20  # bytes of a request: the environment is in it
CLEAN = (0, 1, 2)  # exit codes after which the judge is known to wait for the next job


class Request(NamedTuple):
    """A command as it was called, with the descriptors that came along."""

    arguments: list[str]
    environment: dict[str, str]
    umask: int
    streams: list[tuple[str, str]]
    descriptors: list[int]


class Said(NamedTuple):
    """What a command came to: its exit code, and the libraries that should be warm next time, if they weren't."""

    code: int
    libraries: tuple[str, ...]


class Helper:
    """Serves one user's commands."""

    def __init__(self, listener: socket.socket, stamps: dict[str, int]) -> None:
        self._listener, self._stamps = listener, stamps

    def run(self) -> None:
        """Until it is of no use any more."""
        self._listener.settimeout(IDLE)
        with contextlib.suppress(TimeoutError):
            while True:
                line, _ = self._listener.accept()
                with line:
                    if not self._serve(line):
                        return

    def _serve(self, line: socket.socket) -> bool:
        """Carries out a command; whether the helper may go on."""
        if not helped.is_same_user(line):
            return True
        line.settimeout(helped.PATIENCE)
        try:
            request = receive(line)
        except (OSError, ValueError, EOFError, TypeError):
            return True
        if stamps_of(self._stamps) != self._stamps:
            return False
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            become(request, write)
        for fd in (*request.descriptors, write):
            os.close(fd)
        said = self._accompany(line, pid, read)
        os.close(read)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if not said:
            tell(line, code if code >= 0 else 128 - code)
        if code not in CLEAN:
            return False
        if said and said.libraries:
            warm.ready(said.libraries)
        return True

    def _accompany(self, line: socket.socket, pid: int, told: int) -> Said | None:
        """Waits for the end of a command and tells its exit code; None if it ended without one.

        Its user has waited long enough by then: what it still has to tidy up is no concern of theirs.
        """
        waiting = select.poll()
        for fd in (told, line.fileno(), self._listener.fileno()):
            waiting.register(fd, select.POLLIN)
        with contextlib.suppress(OSError):
            line.send(b"started")
        while told not in (ready := [fd for fd, _ in waiting.poll()]):
            if line.fileno() in ready:
                os.kill(pid, signal.SIGINT if heard(line) == b"interrupt" else signal.SIGKILL)
            if self._listener.fileno() in ready:
                self._listener.accept()[0].close()  # busy
        if not (raw := os.read(told, MESSAGE)):
            return None
        said = Said(*marshal.loads(raw))
        tell(line, said.code)
        return said


def tell(line: socket.socket, code: int) -> None:
    """Tells a command its exit code, if it is still there."""
    with contextlib.suppress(OSError):
        line.send(bytes([code]))


def heard(line: socket.socket) -> bytes:
    """What a command says next; nothing if it has hung up."""
    try:
        return line.recv(16)
    except OSError:
        return b""


def receive(line: socket.socket) -> Request:
    """A request. Raises OSError, ValueError, EOFError or TypeError for anything else."""
    data, descriptors, _, _ = socket.recv_fds(line, MESSAGE, 4)
    return Request(**marshal.loads(data), descriptors=descriptors)


def become(request: Request, told: int) -> None:
    """The forked process becomes the command, as if it had been started by its user, and ends."""
    code = 3
    try:
        stdin, stdout, stderr, here = request.descriptors
        for fd, standard in ((stdin, 0), (stdout, 1), (stderr, 2)):
            os.dup2(fd, standard)
        os.fchdir(here)
        os.umask(request.umask)
        os.environ.clear()
        os.environ.update(request.environment)
        os.environ["DLGRADE_HELPER"] = "off"  # it has one, and needn't look for it
        sys.argv[:] = request.arguments
        time.tzset()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        open_streams(request.streams)
        code = command(told)
    finally:
        os._exit(code)


def open_streams(forms: list[tuple[str, str]]) -> None:
    """Standard streams with the encodings that the command would have."""
    sys.stdin, sys.stdout, sys.stderr = (
        open(fd, mode, 1 if fd == 2 or os.isatty(fd) else -1, encoding, errors, closefd=False)  # noqa: SIM115
        for fd, mode, (encoding, errors) in zip((0, 1, 2), ("r", "w", "w"), forms, strict=True)
    )


def command(told: int) -> int:
    """Carries out the command, says what it came to, and tidies up."""
    from grader.cli import ending, run

    before = set(warm.prepared())
    code = run()
    fresh: set[tuple[str, ...]] = set(warm.prepared()) - before
    os.write(told, marshal.dumps((code, next(iter(fresh), ()))))
    ending.settle()
    return code


def stamps_of(paths: Iterable[str]) -> dict[str, int]:
    """When files and folders were last changed; 0 for what isn't there."""
    found = {}
    for path in paths:
        try:
            found[path] = os.stat(path).st_mtime_ns  # noqa: PTH116
        except OSError:
            found[path] = 0
    return found


def watched() -> dict[str, int]:
    """What a helper must not outlive: the grader's code, and the folders into which packages are installed."""
    code = (str(path) for path in Path(__file__).parent.rglob("*.py"))
    return stamps_of([*search_path()[1:], *code])


def listen(where: str) -> socket.socket | None:
    """A socket to listen on, in a folder that is closed to others; None if that can't be had."""
    folder = Path(where).parent
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not helped.is_ours(str(folder)) or helped.connect(where) is not None:
            return None
        Path(where).unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(where)
        listener.listen(4)
        return listener
    return None


def main(where: str, libraries: tuple[str, ...]) -> None:
    """Serves the commands of one user at a socket. libraries: what the next one is likely to need."""
    os.chdir("/")
    stamps = watched()
    warm.ready(libraries)
    for name in PRELOADED:
        importlib.import_module(name)
    if listener := listen(where):
        try:
            Helper(listener, stamps).run()
        finally:
            Path(where).unlink(missing_ok=True)
