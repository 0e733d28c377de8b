"""The warm process: imports the libraries once, forks a judge per client and a worker per submission, and reaps them.

It holds no secret and runs no foreign code. `grader.warm` starts it as a fresh interpreter with an empty environment.
It talks over Unix sockets that keep message boundaries:

    control, from the client:  {"libraries", "limits", "core"} and       imports them, forks a judge that serves on it,
                               a stream                                  and a first worker for it; all of its processes
                                                                         stay on that core, unless it is null
    broker, from a judge:      limits, {"cpu_seconds", "memory"}         forks a worker
    broker, to a judge:        {"pid"} of a new worker                   with its socket, output pipe and pidfd
    broker, to a judge:        {"failed": why} there is no new worker
    broker, to a judge:        {"ended": pid, "status": wait status}     when a worker of its is gone

When a client or a judge goes away, what was forked for it is killed.
"""

import array
import contextlib
import json
import os
import select
import socket
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from grader.warmup import import_usual, prepare

if TYPE_CHECKING:
    from grader.sandbox import Sandbox

MESSAGE = 4096
PR_SET_DUMPABLE = 4  # see prctl(2)


def send(to: socket.socket, message: dict[str, object], fds: list[int] | None = None) -> None:
    """One JSON message, with descriptors. A receiver that is gone is no error: its workers are about to be killed."""
    data = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        to.sendmsg([json.dumps(message).encode()], data)


def receive(line: socket.socket) -> tuple[bytes, list[int]]:
    """One message with its descriptors; nothing when the other side is gone, however it went."""
    try:
        data, fds, _, _ = socket.recv_fds(line, MESSAGE, 1)
    except ConnectionResetError:
        return b"", []
    return data, fds


@contextlib.contextmanager
def last_words() -> Iterator[None]:
    """For a forked child: whatever happens inside, it ends here."""
    try:
        yield
    except BaseException:
        if os.environ.get("DLGRADE_DEBUG"):
            import traceback

            traceback.print_exc()
            sys.stderr.flush()
    os._exit(0)


class Zygote:
    """The loop: waits for requests and for deaths. All its clients use the same libraries."""

    def __init__(self, control: socket.socket, around: tuple[str, ...] = ()) -> None:
        self._control, self._around = control, around
        self._libraries: Sequence[str] | None = None
        self._served = False
        self._sandbox: Sandbox | None = None
        self._poll = select.poll()
        self._brokers: dict[int, tuple[socket.socket, int | None]] = {}  # by descriptor, with the core of the judge
        self._anywhere = os.sched_getaffinity(0)
        self._children: dict[int, tuple[int, int | None]] = {}  # pidfd -> pid, descriptor of the judge's broker
        self._poll.register(control, select.POLLIN)

    def run(self) -> None:
        while True:
            for fd, _ in self._poll.poll():
                if fd == self._control.fileno():
                    if not self._judge():
                        return self._kill(None)
                elif fd in self._brokers:
                    self._worker(*self._brokers[fd])
                elif fd in self._children:
                    self._reap(fd)

    def _judge(self) -> bool:
        """Forks a judge for a request of the client; False when there is no client any more."""
        data, fds = receive(self._control)
        if not data:
            return False
        request = json.loads(data)
        try:
            self._prepare(request["libraries"])
        except ImportError as error:
            os.write(fds[0], json.dumps({"missing": error.name or str(error)}).encode() + b"\n")
            return False
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._brokers[ours.fileno()] = ours, request["core"]
        self._poll.register(ours, select.POLLIN)
        # The first of all workers shuts itself in while the judge is being made, which then is there sooner.
        self._fork_worker(ours, request["core"], request["limits"], self._prepared() if self._served else None)
        self._served = True
        import grader.judge  # noqa: F401  (once for all judges)

        pid = os.fork()
        if pid == 0:
            self._become_judge(fds[0], theirs)
        os.close(fds[0])
        theirs.close()
        self._watch(pid, None)
        return True

    def _prepare(self, libraries: Sequence[str]) -> None:
        """Imports the libraries at the first request; a process that has more or less than is asked for is no use."""
        if self._libraries is None:
            prepare(libraries)
            self._libraries = libraries
        if self._libraries != libraries:
            raise ImportError(f"this process serves {self._libraries}, not {libraries}")

    def _become_judge(self, fd: int, broker: socket.socket) -> None:
        with last_words():
            self._control.close()
            for other, _ in self._brokers.values():
                other.close()
            import ctypes

            from grader.judge import serve

            ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # others of this user can't look into its memory
            serve(fd, broker)

    def _worker(self, broker: socket.socket, core: int | None) -> None:
        """Forks a worker for a judge, or forgets a judge that is gone."""
        data, _ = receive(broker)
        if not data:
            self._poll.unregister(broker)
            del self._brokers[broker.fileno()]
            self._kill(broker.fileno())
            broker.close()
        else:
            self._fork_worker(broker, core, json.loads(data), self._prepared())

    def _fork_worker(
        self, broker: socket.socket, core: int | None, limits: dict[str, int], sandbox: "Sandbox | None"
    ) -> None:
        """Forks a worker for a judge. Without a sandbox the worker prepares one of its own, before anything else."""
        self._move(core)
        ours, theirs = (end.detach() for end in socket.socketpair())
        read, write = os.pipe()
        try:
            pid = os.fork()
        except OSError as error:
            send(broker, {"failed": f"no process can be started ({error.strerror}); end some others and try again"})
        else:
            if pid == 0:
                self._become_worker(sandbox or self._shut_in(), theirs, write, limits)
            pidfd = self._watch(pid, broker.fileno())
            send(broker, {"pid": pid}, [ours, read, pidfd])
        for fd in (ours, theirs, read, write):
            os.close(fd)

    def _move(self, core: int | None) -> None:
        """To the core on which what is forked next is to stay: where all are busy, to change over only costs."""
        with contextlib.suppress(OSError):  # a core can be switched off
            os.sched_setaffinity(0, self._anywhere if core is None else {core})

    def _shut_in(self) -> "Sandbox":
        """The sandbox that workers share."""
        if self._sandbox is None:
            from grader.sandbox import Sandbox, readable_paths

            self._sandbox = Sandbox(*readable_paths(self._libraries or ()))
        return self._sandbox

    def _prepared(self) -> "Sandbox":
        """The same, once all has been done that would be done first in each worker."""
        from grader import worker

        import_usual()
        worker.imported(len(sys.modules))
        return self._shut_in()

    def _become_worker(self, sandbox: "Sandbox", fd: int, output: int, limits: dict[str, int]) -> None:
        with last_words():
            from grader import worker
            from grader.sandbox import Limits

            os.dup2(output, 1)
            os.dup2(output, 2)
            sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
            channel = worker.Channel(fd, fd)
            sandbox.enter(Limits(limits["cpu_seconds"], limits["memory"]), {0, 1, 2, fd})
            worker.serve(channel, (*sandbox.layers, *self._around))
            sys.stdout.flush()

    def _watch(self, pid: int, broker: int | None) -> int:
        pidfd = os.pidfd_open(pid)
        self._children[pidfd] = (pid, broker)
        self._poll.register(pidfd, select.POLLIN)
        return pidfd

    def _reap(self, pidfd: int) -> None:
        pid, broker = self._children.pop(pidfd)
        self._poll.unregister(pidfd)
        os.close(pidfd)
        status = os.waitpid(pid, 0)[1]
        if broker in self._brokers:
            send(self._brokers[broker][0], {"ended": pid, "status": status})

    def _kill(self, broker: int | None) -> None:
        """Kills the workers of one judge, or with None everything."""
        import signal

        for pidfd, (_, owner) in list(self._children.items()):
            if broker in (None, owner):
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)


def main(fd: int, around: tuple[str, ...] = ()) -> None:
    """Serves the client at the other end of `fd` until it is gone. around: layers that this process is inside of."""
    os.setsid()
    import numpy.random  # noqa: F401  (everybody needs it, and numpy itself would import it only when it is used)

    Zygote(socket.socket(fileno=fd), around).run()
