"""Where saves are judged: in a thread of its own, so that keys and signals are heard meanwhile."""

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from grader import engine, warm
from grader.engine import Road, Tell
from grader.errors import DlgradeError
from grader.kit import Entry
from grader.lanes import Lanes

PATIENCE = 0.3  # seconds that a judging may go on which nobody wants any more
CLOSED = -1  # number of no job
ENDING = 0.3  # seconds in which the warm process usually ends


class Job(NamedTuple):
    """A text to be judged. number: higher than that of any job before."""

    number: int
    entry: Entry
    text: bytes
    seed: int
    training: dict[str, Any] | None = None


class News(NamedTuple):
    """What has become of a job: how its training goes, or an answer as from `engine.judge`, or why there is none."""

    job: Job
    progress: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
    trouble: str = ""


class Bench:
    """Judges job after job with processes that stay warm, always the newest one first, and tells what came of it."""

    def __init__(self, tell: Callable[[News], None]) -> None:
        """tell: hears the news, in another thread."""
        self._tell = tell
        self._lanes = Lanes() if warm.forks() else None
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._newest = 0
        self._since: float | None = None
        self._running = 0
        threading.Thread(target=self._work, daemon=True).start()

    def judge(self, job: Job) -> None:
        """Returns at once. News of older jobs may still come."""
        self._newest = job.number
        self._jobs.put(job)

    def stuck(self) -> bool:
        """Whether it goes on with something that is out of date, so that a new bench would be quicker."""
        since = self._since
        return since is not None and self._running < self._newest and time.monotonic() - since > PATIENCE

    def close(self) -> threading.Thread:
        """Ends what is running, and all processes; returns the thread that waits for those, which may be importing."""
        self._newest = CLOSED
        self._jobs.put(None)
        ending = threading.Thread(target=self._lanes.close if self._lanes else None, daemon=True)
        ending.start()
        return ending

    def _work(self) -> None:
        while job := self._jobs.get():
            if job.number == self._newest:
                self._running, self._since = job.number, time.monotonic()
                self._tell(self._outcome(job))
                self._since = None

    def _outcome(self, job: Job) -> News:
        road: Road | None = self._lanes
        tell: Tell = lambda progress: self._tell(News(job, progress=progress))  # noqa: E731
        name = f"{job.entry.stem}.py"
        try:
            answer = engine.judge(job.entry, job.text, name, job.seed, job.training, tell, road)
            return News(job, answer=answer)
        except DlgradeError as error:
            return News(job, trouble=str(error))
        except Exception as error:  # whatever it is, the next save may go better
            if os.environ.get("DLGRADE_DEBUG"):
                import traceback

                with contextlib.suppress(OSError):
                    traceback.print_exc()
            return News(job, trouble=f"the grader failed ({type(error).__name__}: {error})")
