"""What somebody handed in, and a session with it."""

import math
from types import ModuleType
from typing import NamedTuple

from grader import wire
from grader.cases import portable
from grader.kit import Entry
from grader.limits import CPU_SECONDS
from grader.outcome import Read, read
from grader.run import Allowance, Launcher, Session
from grader.spec import Exercise

LOADING = 2.0  # CPU seconds for loading a submission


class Submission(NamedTuple):
    """The bytes of a file, and what it is called."""

    source: bytes
    filename: str


def session(
    entry: Entry,
    spec: ModuleType,
    submission: Submission,
    launcher: Launcher,
    training_seconds: float | None = None,
    read: Read = read,
) -> Session:
    """A session for the parts of an exercise or, with the CPU seconds that it may take, for its training.

    read: see `grader.outcome.read`; for whoever remembers answers.
    """
    exercise: Exercise = spec.exercise
    if training_seconds is None or exercise.training is None:
        cpu_seconds, memory = max(CPU_SECONDS, math.ceil(20 * exercise.cpu_seconds)), exercise.memory
    else:
        cpu_seconds, memory = math.ceil(training_seconds) + 10, exercise.training.memory
    code, modules = portable(spec)
    start = {
        "source": submission.source,
        "filename": submission.filename,
        "name": entry.stem,
        "drivers": code,
        "modules": modules,
        "libraries": list(entry.libraries()),
        "expects": list(exercise.names),
    }
    return Session(lambda: launcher.launch(cpu_seconds, memory), wire.message(start), Allowance.of(LOADING), read)
