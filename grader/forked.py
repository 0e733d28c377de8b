"""Workers that the zygote forks (Linux): sockets, a pipe for what is printed, and a pidfd to kill them by."""

import contextlib
import json
import os
import select
import signal
import socket
import time

from grader import wire
from grader.errors import MachineError
from grader.limits import LIMITS
from grader.run import FLOOD, PRINTED, Allowance, Clock, Ended, cpu_seconds, waited_seconds

TICK = 0.02  # seconds between two looks at the clocks
NAP = 1e-3  # seconds in which answers collect, while more than a few are due: each costs whoever has to wake the judge
FEW = 4
THREADS = 256  # of a worker; more of them could use up the process ids of the whole machine
GRACE = 1.0  # seconds in which a worker ends that has closed its socket


class Broker:
    """The judge's line to the zygote; a `grader.run.Launcher`."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._coming: dict[str, int] | None = LIMITS  # the first worker comes unasked
        self._last = LIMITS
        self._ready: list[tuple[int, list[int]]] = []
        self._ended: dict[int, int] = {}

    def launch(self, cpu_seconds: int, memory: int) -> "ForkedWorker":
        """A fresh worker that knows nothing yet. Limits: CPU seconds in all, bytes it may allocate."""
        limits = {"cpu_seconds": cpu_seconds, "memory": memory}
        if self._coming != limits:
            if self._coming:
                self._pick_up().kill(group=False)
            self._ask_for(limits)
        self._last = limits
        return self._pick_up()

    def line_up(self) -> None:
        """Has the next worker made now, while there is time: its limits will probably be the same."""
        if self._coming is None:
            self._ask_for(self._last)

    def _ask_for(self, limits: dict[str, int]) -> None:
        self._line.send(json.dumps(limits).encode())
        self._coming = limits

    def _pick_up(self) -> "ForkedWorker":
        while not self._ready:
            self._listen()
        self._coming = None
        pid, fds = self._ready.pop()
        return ForkedWorker(self, pid, fds)

    def status(self, pid: int) -> int:
        """The wait status of a worker that is gone or about to go."""
        while pid not in self._ended:
            self._listen()
        return self._ended[pid]

    def _listen(self) -> None:
        data, fds, _, _ = socket.recv_fds(self._line, 4096, 3)
        if not data:
            raise MachineError("the warm process is gone; run the command again")
        message = json.loads(data)
        if "pid" in message:
            self._ready.append((message["pid"], fds))
        elif "failed" in message:
            self._coming = None
            raise MachineError(message["failed"])
        else:
            self._ended[message["ended"]] = message["status"]


class ForkedWorker:
    """See `grader.run.Worker`."""

    def __init__(self, broker: Broker, pid: int, fds: list[int]) -> None:
        line, output, self._pidfd = fds
        self._broker, self._pid = broker, pid
        self._facts: int | None = None  # what the system tells of it, kept open: it is read with every answer
        self._line = socket.socket(fileno=line)
        self._line.setblocking(False)
        self._output = output
        os.set_blocking(output, False)
        self._cutter = wire.Cutter()
        self._poll = select.poll()
        self._poll.register(output, select.POLLIN)
        self._flood = 0
        self.printed = bytearray()

    def send(self, raw: bytes, allowance: Allowance) -> None:
        rest, clock = memoryview(raw), Clock(self, allowance)
        while rest:
            try:
                rest = rest[self._line.send(rest) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, clock)
            except OSError:
                raise self._ended() from None

    def receive(self, allowance: Allowance, due: int = 1) -> bytes:
        clock, data = Clock(self, allowance), b""
        while (whole := self._cutter.feed(data, allowance.most)) is None:
            try:
                data = self._line.recv(1 << 16)
            except BlockingIOError:
                data = b""
                if due > FEW:
                    time.sleep(NAP)
                self._wait(select.POLLIN, clock)
                continue
            except OSError:
                raise self._ended() from None
            if not data:
                raise self._ended()
        if data:
            self._count_threads()
        return whole

    def expect_silence(self) -> None:
        """Raises WireError if there is an answer before the question, which would hide how long it took."""
        with contextlib.suppress(OSError):
            if self._cutter.pending or self._line.recv(1, socket.MSG_PEEK):
                raise wire.WireError("an answer before the question")

    def cpu(self, group: bool = False) -> float:
        return cpu_seconds(self._pid, group)

    def waited(self) -> float:
        return waited_seconds(self._pid)

    def kill(self, group: bool) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        if group:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL)
        while self._flood < FLOOD and self._drain():
            pass
        self._line.close()
        for fd in (self._output, self._pidfd, self._facts):
            if fd is not None:
                os.close(fd)

    def _wait(self, event: int, clock: Clock) -> None:
        """Waits for the socket, empties the pipe meanwhile, and looks at the clocks."""
        self._poll.register(self._line, event)
        ready = [fd for fd, _ in self._poll.poll(TICK * 1000)]
        if self._output in ready:
            self._drain()
        if self._flood > FLOOD:
            raise Ended(f"your code printed more than {FLOOD >> 20} MiB and was stopped")
        if self._line.fileno() not in ready:
            self._count_threads()
        clock.check()

    def _count_threads(self) -> None:
        try:
            if self._facts is None:
                self._facts = os.open(f"/proc/{self._pid}/stat", os.O_RDONLY)
            threads = int(os.pread(self._facts, 1024, 0).rpartition(b")")[2].split()[17])
        except OSError:
            return
        if threads > THREADS:
            raise Ended(f"your code started more than {THREADS} threads and was stopped")

    def _drain(self) -> bool:
        """Takes what was printed, keeps the beginning; False when there is no more for now."""
        try:
            data = os.read(self._output, 1 << 16)
        except BlockingIOError:
            return False
        if not data:
            with contextlib.suppress(KeyError):
                self._poll.unregister(self._output)
            return False
        self._flood += len(data)
        self.printed += data[: PRINTED - len(self.printed)]
        return True

    def _ended(self) -> Ended:
        gone = select.poll()
        gone.register(self._pidfd, select.POLLIN)
        if not gone.poll(GRACE * 1000):
            return Ended("your code closed the grader's channel; return values and leave its files alone")
        return Ended(how(self._broker.status(self._pid)))


def how(status: int) -> str:
    """A wait status in words for the student."""
    if os.WIFEXITED(status):
        return f"your code ended the process (exit status {os.WEXITSTATUS(status)}) before it answered"
    number = os.WTERMSIG(status)
    special: dict[int, str] = {
        signal.SIGSEGV: "the process crashed (segmentation fault): too deep a recursion, or memory misused",
        signal.SIGSYS: "the process was stopped for a system call that isn't allowed",
        signal.SIGXCPU: "the process was stopped: it used up its CPU time",
        signal.SIGKILL: "the process was killed: it used up its CPU time or memory",
    }
    return special.get(number, f"the process was ended by signal {number}")
