"""An executor that hands out tasks to the workers of a dask cluster, and tells the guilty when workers die."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, NamedTuple

from grader.batch.likeness import anywhere, dask, judge, told
from grader.batch.running import KEPT
from grader.batch.task import Task
from grader.errors import MachineError


class _Job(NamedTuple):
    """A task, and what its giver waits for. alone: whether nothing else is under way with it."""

    future: Future[Any]
    run: Callable[..., Any]
    task: Task
    alone: bool = False


class Workers(Executor):
    """Hands out tasks to dask.

    When a worker dies, dask counts that against every task which it had, and hands them out again, until a task has
    been on more than `allowed-failures` of its scheduler (3) dead workers. The innocent are told from the guilty here:
    such a task gets a second chance with nothing else under way, and only if it fails that too it has failed.
    """

    def __init__(self, client: Any, address: str, unsafe: bool) -> None:
        self._dask: Executor = client.get_executor(pure=False)
        self._killed = dask().KilledWorker
        self._address, self._unsafe = address, unsafe
        self._lock = threading.RLock()
        self._out: dict[Future[Any], _Job] = {}
        self._waiting: deque[_Job] = deque()
        self._suspects: deque[_Job] = deque()

    def submit(self, run: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """`run` is a function of a module that workers can import; its only argument a Task."""
        (task,) = args
        future: Future[Any] = Future()
        with self._lock:
            self._waiting.append(_Job(future, run, task._replace(kit=anywhere(task.kit))))
            self._hand_out()
        return future

    def _hand_out(self) -> None:
        """All that waits, or while there are suspects one of these."""
        if self._suspects:
            if not self._out:
                self._start(self._suspects.popleft()._replace(alone=True))
        elif not any(job.alone for job in self._out.values()):
            while self._waiting:
                self._start(self._waiting.popleft())

    def _start(self, job: _Job) -> None:
        try:
            given = self._dask.submit(judge, job.run, job.task, self._unsafe)
        except Exception:  # there is no client any more
            job.future.set_exception(self._gone())
        else:
            self._out[given] = job
            given.add_done_callback(self._done)

    def _done(self, given: Future[Any]) -> None:
        """In a thread of dask's client."""
        error = self._gone() if given.cancelled() else given.exception()
        with self._lock:
            job = self._out.pop(given, None)
            if suspect := job is not None and not job.alone and isinstance(error, self._killed):
                self._suspects.append(job)
            self._hand_out()
        if job is None or suspect:
            return
        if isinstance(error, ImportError):
            error = MachineError(f"a worker can't run dlgrade ({told(error)}); install the same everywhere; {KEPT}")
        if error:
            job.future.set_exception(error)
        else:
            job.future.set_result(given.result())

    def _gone(self) -> MachineError:
        return MachineError(f"the scheduler at {self._address} is gone; start it anew and {KEPT}")

    def give_up(self, why: str) -> None:
        """Whoever waits for a task learns that there won't be an answer."""
        with self._lock:
            jobs = [*self._out.values(), *self._suspects, *self._waiting]
            for held in (self._out, self._suspects, self._waiting):
                held.clear()
        for job in jobs:
            job.future.set_exception(MachineError(why))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing more is handed out."""
        with self._lock:
            for held in (self._out, self._suspects, self._waiting):
                held.clear()
        self._dask.shutdown(wait=wait)
