"""Judges that stay, for many jobs: a warm process for each set of libraries, a judge of its own for each thread."""

import contextlib
import threading
from typing import Any

from grader.engine import Tell
from grader.errors import MachineError
from grader.warm import Stream, Warm, begin

JOBS = 500  # after which a judge is replaced, so that nothing it keeps can grow for ever


class Lanes:
    """A `grader.engine.Road`, Linux only. wrapped: files and folders to which bubblewrap confines everything."""

    def __init__(self, wrapped: tuple[str, ...] | None = None) -> None:
        self._wrapped = wrapped
        self._lock = threading.Lock()
        self._warm: dict[tuple[str, ...], Warm] = {}
        self._closed = False
        self._mine = threading.local()
        self._idle: set[_Lane] = set()  # of threads that aren't waiting for an answer

    def __call__(self, libraries: tuple[str, ...], job: dict[str, Any], tell: Tell) -> dict[str, Any]:
        """Has one job judged by this thread's judge. Raises MachineError if that one is gone; the next is a new one."""
        lane = self._lane(libraries)
        self._idle.discard(lane)
        answer: dict[str, Any] = {}
        try:
            answer = lane.stream.ask(job, tell)
        finally:
            lane.jobs += 1
            if not answer or "missing" in answer or lane.jobs >= JOBS:
                self._leave()
            else:
                self._idle.add(lane)
        if "missing" in answer:
            self._end(libraries)
        return answer

    def begin(self, libraries: tuple[str, ...]) -> None:
        """Starts a warm process for these libraries, so that it is there when somebody has a job."""
        with self._lock:
            if libraries not in self._warm:
                self._warm[libraries] = self._start()

    def _lane(self, libraries: tuple[str, ...]) -> "_Lane":
        lane: _Lane | None = getattr(self._mine, "lane", None)
        if lane is None or lane.libraries != libraries:
            self._leave()
            lane = self._mine.lane = _Lane(libraries, self._open(libraries))
        return lane

    def _open(self, libraries: tuple[str, ...]) -> Stream:
        """A line to a new judge, from a new warm process if the last one is gone."""
        with self._lock:
            for _ in range(0 if self._closed else 2):
                if libraries not in self._warm:
                    self._warm[libraries] = self._start()
                try:
                    return self._warm[libraries].judge(libraries)
                except OSError:
                    self._warm.pop(libraries).close()
        raise MachineError("the warm process ends as soon as it is started; run again with DLGRADE_DEBUG=1 to see why")

    def _start(self) -> Warm:
        return begin() if self._wrapped is None else Warm(self._wrapped)

    def _leave(self) -> None:
        if lane := self._mine.__dict__.pop("lane", None):
            self._idle.discard(lane)
            lane.stream.close()

    def _end(self, libraries: tuple[str, ...]) -> None:
        with self._lock, contextlib.suppress(KeyError):
            self._warm.pop(libraries).close()

    def close(self) -> None:
        """Ends all warm processes, and with them their judges and workers."""
        with self._lock:
            self._closed = True
            while self._warm:
                self._warm.popitem()[1].close()
            while self._idle:
                self._idle.pop().stream.close()


class _Lane:
    """A thread's judge."""

    def __init__(self, libraries: tuple[str, ...], stream: Stream) -> None:
        self.libraries, self.stream = libraries, stream
        self.jobs = 0
