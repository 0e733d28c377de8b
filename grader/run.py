"""Questions a submission case by case; never raises for what a student did.

Answers come in the order of the questions and each must carry its question's number. Small questions are sent ahead,
several at a time, so that neither side waits for the other to wake up. A worker that ends, runs out of time or breaks
the protocol is replaced for the next part of the exercise; the rest of its part is not asked.
"""

import contextlib
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from grader import wire
from grader.cases import Asked
from grader.errors import MachineError
from grader.outcome import Killed, Missing, Outcome, Read, TimedOut, addressed, from_reply, read
from grader.wire import TooLarge, WireError

WALL = 10.0  # seconds; a floor for the limit on wall time, which is otherwise WALL_FACTOR times the one on CPU time
WALL_FACTOR = 5.0
WORKERS = 12  # how often a submission's worker is replaced before it is given up on
PATIENCE = 120.0  # seconds of wall time that a submission may take in all
REPLY = 1024 * 1024  # bytes an answer may have beyond four times the expected ones
PAUSE = 3e-4  # seconds in which questions are collected, to be sent together: it costs to wake a worker up
AHEAD = 32 * 1024  # bytes of questions that are sent ahead: they fit into any socket's buffer
PRINTED = 64 * 1024  # bytes of output that are kept
FLOOD = 8 * 1024 * 1024  # bytes of output at which a worker is stopped


class Ended(Exception):
    """The worker is gone; the text says how, in words for the student."""


class OverTime(Exception):
    """A limit on time was reached; the text says which."""


class Enough(Exception):
    """Raised by a listener: the worker is to be stopped; the text says why, in words for the student."""


class Allowance(NamedTuple):
    """What one exchange may use: CPU seconds, wall seconds, bytes of the reply."""

    cpu: float
    wall: float
    most: int

    @classmethod
    def of(cls, cpu: float, expected: int = 0) -> "Allowance":
        return cls(cpu, max(WALL, WALL_FACTOR * cpu), 4 * expected + REPLY)

    def less(self, cpu: float, wall: float) -> "Allowance":
        """What is left of it."""
        return self._replace(cpu=self.cpu - cpu, wall=self.wall - wall)


class Spent(NamedTuple):
    """Seconds that a worker computed, and that it was ready to but found no free processor."""

    cpu: float = 0.0
    waited: float = 0.0


Listener = Callable[[dict[str, Any]], bytes | None]
"""Hears what a worker says before its answer, and returns what is to be sent back, if anything. May raise Enough."""


STARTING = Allowance(60.0, 120.0, REPLY)  # for a fresh process, which may have to import torch first


class Worker(Protocol):
    """A worker as the judge sees it. Every method may raise Ended, OverTime or WireError.

    due: how many answers a worker owes, the one that is received included.
    """

    printed: bytearray

    def send(self, raw: bytes, allowance: Allowance) -> None: ...
    def receive(self, allowance: Allowance, due: int = 1) -> bytes: ...
    def expect_silence(self) -> None: ...
    def cpu(self, group: bool = False) -> float: ...
    def waited(self) -> float: ...
    def kill(self, group: bool) -> None: ...


class Launcher(Protocol):
    """Makes workers, given CPU seconds in all and bytes of memory."""

    def launch(self, cpu_seconds: int, memory: int) -> Worker: ...


class Session:
    """One submission. `start` is the message that loads it; `allowance` is for loading; `read` reads its answers."""

    def __init__(
        self,
        launch: Callable[[], Worker],
        start: bytes,
        allowance: Allowance,
        read: Read = read,
    ) -> None:
        self._launch, self._start, self._allowance, self._read = launch, start, allowance, read
        self._worker: Worker | None = None
        self._launched = 0
        self._waited = 0.0
        self._given_up: str | None = None  # the part that isn't asked any more
        self._lined_up: deque[tuple[Asked, Allowance]] = deque()  # put, but not sent
        self._sent: dict[int, tuple[Asked, Allowance]] = {}  # by id, oldest first
        self._flying, self._sent_at = 0, 0.0  # bytes of what was sent, and when something was
        self._broken: Exception | None = None  # why nothing can be sent to this worker any more
        self.printed = b""
        self.spent = Spent()  # by the last worker that was closed
        self.names: frozenset[str] = frozenset()
        self.layers: tuple[str, ...] = ()

    def load(self) -> Outcome | None:
        """Loads the submission in a fresh worker; the outcome if that fails."""
        self._launched += 1
        self._worker = self._launch()
        self._await_ready(self._worker)
        try:
            reply = wire.parse(self._worker.receive(self._allowance))
            if "raised" in reply:
                outcome = from_reply(reply)
                self.close()
                return outcome
            self.names = frozenset(name for name in reply["names"] if isinstance(name, str))
        except (Ended, OverTime, WireError, KeyError, TypeError) as error:
            return self._fail(error)
        return None

    def _await_ready(self, worker: Worker) -> None:
        """Until a worker says that it is shut in, it has heard nothing of the submission: what fails is our trouble."""
        try:
            worker.send(self._start, STARTING)
            ready = wire.parse(worker.receive(STARTING))
            self.layers = tuple(ready["layers"])
        except (Ended, OverTime, WireError, KeyError, TypeError) as error:
            raise MachineError(f"no sandboxed process could be started ({error}); see `dlgrade doctor`") from error

    def put(self, asked: Asked, allowance: Allowance) -> None:
        """Lines up a case, and sends what is lined up ahead of `take` if that can't block."""
        self._lined_up.append((asked, allowance))
        if time.monotonic() - self._sent_at > PAUSE:
            self._send_ahead()

    def take(self, asked: Asked, allowance: Allowance, hear: Listener | None = None) -> Outcome:
        """What came of a case; cases are taken in the order in which they were put.

        hear: for a case that has the worker to itself, and may say something before it answers.
        """
        try:
            with self._patience():
                self._send_ahead()
                if asked.id not in self._sent:
                    if self._lined_up:
                        self._lined_up.popleft()
                    if found := self._refusal(asked) or self._send_now(asked, allowance):
                        return found
                outcome = self._converse(asked, allowance, hear) if hear else self._receive(asked, allowance)
            self._arrived(asked)
            return outcome
        except (Ended, OverTime, WireError, Enough) as error:
            return self._fail(error, asked)

    def _receive(self, asked: Asked, allowance: Allowance) -> Outcome:
        assert self._worker is not None
        return self._read(self._worker.receive(allowance, len(self._sent)), asked.id)

    def _converse(self, asked: Asked, allowance: Allowance, hear: Listener) -> Outcome:
        """The reply that is an answer. All that comes before it is heard, at the expense of the same allowance."""
        assert self._worker is not None
        cpu, wall = self._worker.cpu(), time.monotonic()
        while True:
            left = allowance.less(self._worker.cpu() - cpu, time.monotonic() - wall)
            reply = addressed(wire.parse(self._worker.receive(left)), asked.id)
            if "answered" in reply or "raised" in reply:
                return from_reply(reply)
            if answer := hear(reply):
                self._worker.send(answer, left)

    def _arrived(self, asked: Asked) -> None:
        if self._sent.pop(asked.id, None):
            self._flying -= len(asked.raw)

    def _send_ahead(self) -> None:
        """Sends what is lined up, as long as it fits into the buffers: then neither side can block the other.

        As many as possible at once, when the worker has answered half of the last lot.
        """
        while self._lined_up and self._worker is not None and not self._broken and self._flying <= AHEAD // 2:
            if not (lot := self._lot()):
                return
            self._send(lot)
            while self._lined_up and self._lined_up[0][0].id in self._sent:
                self._lined_up.popleft()

    def _lot(self) -> list[tuple[Asked, Allowance]]:
        """What of the cases that are lined up can be sent now."""
        lot: list[tuple[Asked, Allowance]] = []
        size = self._flying
        for asked, allowance in self._lined_up:
            size += len(asked.raw)
            if self._refusal(asked) or (size > AHEAD and (lot or self._sent)):
                break
            lot.append((asked, allowance))
        return lot

    def _send_now(self, asked: Asked, allowance: Allowance) -> Outcome | None:
        """Sends a case whose turn it is, to a fresh worker if need be; the outcome if that one can't be loaded."""
        if self._worker is None and (broken := self.load()):
            return broken
        if not self._broken:
            self._send([(asked, allowance)])
        if self._broken:
            raise self._broken
        return None

    def _send(self, lot: list[tuple[Asked, Allowance]]) -> None:
        """Sends cases, all or none."""
        assert self._worker is not None
        try:
            if not self._sent:  # or an answer sent ahead would hide how long it took
                self._worker.expect_silence()
            self._worker.send(b"".join([asked.raw for asked, _ in lot]), lot[0][1])
        except (Ended, OverTime, WireError) as error:  # told when this case's turn comes: older answers may wait
            self._broken = error
            return
        self._sent_at = time.monotonic()
        for asked, allowance in lot:
            self._sent[asked.id] = asked, allowance
            self._flying += len(asked.raw)

    def cpu(self) -> float:
        """CPU seconds the worker has used so far."""
        return self._worker.cpu() if self._worker else 0.0

    def so_far(self) -> Spent:
        """What the worker has spent so far."""
        return Spent(self._worker.cpu(), self._worker.waited()) if self._worker else Spent()

    def close(self) -> None:
        """Ends the worker; what it printed stays."""
        if self._worker is not None:
            group = "seccomp" not in self.layers  # then it may have forked
            self.spent = Spent(self._worker.cpu(group), self._worker.waited())
            self._worker.kill(group)
            self._lined_up.extendleft(reversed(self._sent.values()))  # to be asked again, of another worker
            self._sent, self._flying, self._broken = {}, 0, None
            self.printed = (self.printed + bytes(self._worker.printed))[:PRINTED]
            self._worker = None

    @contextlib.contextmanager
    def _patience(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self._waited += time.monotonic() - began

    def _refusal(self, asked: Asked) -> Missing | None:
        if asked.part.name == self._given_up:
            return Missing("not asked, because your code was stopped earlier in this part")
        if missing := [name for name in asked.part.names if name not in self.names]:
            return Missing(f"your file doesn't define `{missing[0]}`")
        if self._worker is None and self._launched >= WORKERS:
            return Missing("not asked, because your code was stopped too often")
        if self._waited > PATIENCE:
            self.close()
            return Missing(f"not asked, because your code had taken {self._waited:.0f} s by then")
        return None

    def _fail(self, error: Exception, asked: Asked | None = None) -> Outcome:
        self._given_up = asked.part.name if asked else None
        if asked:
            self._arrived(asked)
        self.close()
        if isinstance(error, OverTime):
            return TimedOut(str(error))
        if isinstance(error, (Ended, Enough)):
            return Killed(str(error))
        if isinstance(error, TooLarge):
            return Killed(f"your code returned far more than is expected ({error}): is the shape right?")
        return Killed(f"your code wrote to the grader's channel itself ({error}); return values instead")


def cpu_seconds(pid: int, group: bool = False) -> float:
    """CPU seconds of all threads of a process, as Linux counts them; 0.0 once it is gone, and on other systems.

    group: of all processes of the session that it leads, the ended ones they waited for included.
    """
    with contextlib.suppress(OSError):
        if sys.platform == "linux" and group:
            return sum(_session_ticks(pid)) / os.sysconf("SC_CLK_TCK")
        if sys.platform == "linux":
            return time.clock_gettime((~pid << 3) | 2)  # the clock of a process by its id, see clock_getcpuclockid(3)
    return 0.0


def _session_ticks(leader: int) -> Iterator[int]:
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = file.read_bytes().rpartition(b")")[2].split()
            if int(fields[3]) == leader:  # see proc(5): session, and from 11 on utime, stime, cutime, cstime
                yield sum(map(int, fields[11:15]))


def waited_seconds(pid: int) -> float:
    """Seconds that a process was ready to run while others ran: those of the thread of it that waited longest.

    0.0 where the system doesn't tell.
    """
    nanoseconds = 0
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            nanoseconds = max(nanoseconds, int((thread / "schedstat").read_bytes().split()[1]))
    return nanoseconds / 1e9


class Clock:
    """Watches one exchange: raises OverTime when CPU or wall time has run out.

    Time that the worker would have used, had the machine been free, doesn't count as wall time, up to a limit.
    """

    def __init__(self, worker: Worker, allowance: Allowance) -> None:
        self._worker, self._allowance = worker, allowance
        self._start, self._used = time.monotonic(), worker.cpu()

    def check(self) -> None:
        if (used := self._worker.cpu() - self._used) > self._allowance.cpu:
            raise OverTime(f"stopped after {used:.1f} s of CPU time: an endless loop, or far too slow")
        if (wall := time.monotonic() - self._start) <= self._allowance.wall:
            return
        if wall > self._allowance.wall + min(self._worker.waited(), PATIENCE):
            raise OverTime(
                f"stopped after {wall:.0f} s with {used:.1f} s of CPU time used: is it waiting for something?"
            )
