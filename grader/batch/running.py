"""Judges many attempts by any executor, a few at a time, and keeps each answer as it arrives."""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from grader import kit
from grader.batch import fingerprint, task
from grader.batch.journal import Journal
from grader.batch.model import Attempt
from grader.batch.secret import Seeds
from grader.batch.task import Answer, Changed, Task
from grader.errors import MachineError

KEPT = "run the same command again: what was judged is kept"
AHEAD = 3  # tasks that are handed out for each one that runs


Training = Callable[[Sequence[str]], dict[str, Any] | None]
"""Tells the fields of a `grader.training.Wanted` for an exercise with these libraries, None to train nothing."""


class Settings(NamedTuple):
    """How to judge. wrapped: whether to run inside bubblewrap."""

    root: Path
    seeds: Seeds
    training: Training
    wrapped: bool


class Planned(NamedTuple):
    """An attempt and the task that judges it; attempts that are alike share one."""

    attempt: Attempt
    task: Task


class Running(NamedTuple):
    """A task under way, with the first of its attempts; since: on the monotonic clock."""

    attempt: Attempt
    since: float


Watch = Callable[[Planned, Answer], None]


def begin(root: Path, entries: Sequence[kit.Entry], training: Training, wrapped: bool) -> None:
    """Starts what will judge the first of these exercises, so that it gets ready while attempts are being read."""
    if first := next((entry for entry in entries if entry.stub.is_file()), None):
        libraries = first.libraries()
        task.begin(root, libraries, training(libraries), wrapped)


def plan(attempts: Sequence[Attempt], settings: Settings) -> list[Planned]:
    """The tasks for attempts, in an order in which a judge goes on with the same exercise as long as it can."""
    stems = {attempt.stem for attempt in attempts}
    entries = {entry.stem: entry for entry in kit.entries(settings.root) if entry.stem in stems}
    tasks = {stem: _task(entry, settings) for stem, entry in entries.items()}
    order = {stem: (entry.libraries(), entry.order) for stem, entry in entries.items()}
    found = [Planned(attempt, _about(tasks[attempt.stem], attempt)) for attempt in attempts]
    return sorted(found, key=lambda one: (order[one.attempt.stem], one.attempt.student, one.attempt.file))


def _task(entry: kit.Entry, settings: Settings) -> Task:
    """What the tasks of an exercise have in common; its key is still that of no submission."""
    seed, training = settings.seeds.inputs(entry.stem), settings.training(entry.libraries())
    if training is not None and training["split"] is None:
        training = {**training, "split": settings.seeds.split(entry.stem)}
    bearing = fingerprint.of_exercise(entry)
    key = _digest([entry.stem, bearing, seed, training, settings.wrapped])
    return Task(key, bearing, str(settings.root), entry.stem, b"", seed, training, settings.wrapped)


def _about(task: Task, attempt: Attempt) -> Task:
    return task._replace(key=_digest([task.key, attempt.sha256]), source=attempt.source)


def _digest(bearing: list[Any]) -> str:
    return hashlib.sha256(json.dumps(bearing, sort_keys=True).encode()).hexdigest()


@contextmanager
def here(jobs: int) -> Iterator[Executor]:
    """An executor on this machine. Its threads only wait: the work is done by warm processes of their own.

    With as many jobs as cores each has a core of its own: to wake up another core takes longer than most answers do.
    """
    cores = os.sched_getaffinity(0) if sys.platform == "linux" else set()

    def stay() -> None:
        with suppress(OSError):  # not every container allows it
            os.sched_setaffinity(0, {cores.pop()})

    initializer = stay if jobs == len(cores) else None
    executor = ThreadPoolExecutor(jobs, thread_name_prefix="lane", initializer=initializer)
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        task.stop()
        executor.shutdown(wait=True)


class Runner:
    """Runs what a journal doesn't know yet.

    running: what is under way. changed: what has no answer because its exercise was edited meanwhile.
    """

    def __init__(self, journal: Journal, executor: Executor, width: int) -> None:
        self._journal, self._executor = journal, executor
        self._most = AHEAD * width
        self._futures: dict[Future[Answer], Planned] = {}
        self.running: dict[str, Running] = {}
        self.changed: list[Planned] = []

    def run(self, todo: Sequence[Planned], watch: Watch) -> None:
        """Judges all of it; `watch` hears of every answer, in whatever order they come, after it was kept.

        If it is stopped, the answers that have arrived by then are kept.
        """
        try:
            for planned in todo:
                while len(self._futures) >= self._most:
                    self._collect(watch)
                self._futures[self._executor.submit(task.run, planned.task)] = planned
                self.running[planned.task.key] = Running(planned.attempt, time.monotonic())
            while self._futures:
                self._collect(watch)
        except KeyboardInterrupt:
            with suppress(MachineError):
                self._collect(watch, timeout=0)
            raise

    def _collect(self, watch: Watch, timeout: float | None = None) -> None:
        """Keeps all answers that are there, also if some future has none because the executor is gone."""
        gone: MachineError | None = None
        for future in wait(self._futures, timeout, return_when=FIRST_COMPLETED).done:
            planned, answer = self._futures[future], None
            try:
                answer = _outcome(future)
                self._journal.add(planned.task.key, answer)
            except Changed:
                self.changed.append(planned)
            except MachineError as error:
                gone, answer = error, None
            del self._futures[future]  # not before: whoever interrupts us may do so anywhere
            self.running.pop(planned.task.key, None)
            if answer:
                watch(planned, answer)
        if gone:
            raise gone


def _outcome(future: Future[Answer]) -> Answer:
    """A task's answer. An executor's own failure concerns this one task, unless the executor itself is gone."""
    try:
        return future.result()
    except (Changed, MachineError):
        raise
    except (BrokenExecutor, CancelledError) as error:
        raise MachineError(f"what runs the tasks is gone ({type(error).__name__}: {error}); {KEPT}") from error
    except Exception as error:
        return Answer(None, f"no process that judged it survived ({type(error).__name__})", 0.0)


def distinct(planned: Sequence[Planned], known: set[str]) -> list[Planned]:
    """What is still to be judged, one attempt for each task."""
    found: dict[str, Planned] = {}
    for one in planned:
        if one.task.key not in known:
            found.setdefault(one.task.key, one)
    return list(found.values())
