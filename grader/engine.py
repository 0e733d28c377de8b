"""One way to have a job judged, whatever the system offers: forked from a warm process, or in a fresh one each time."""

from collections.abc import Callable
from typing import Any

from grader import warm
from grader.errors import CannotJudge, MachineError, UsageError, lacks
from grader.kit import Entry

LARGEST = 1 << 20  # bytes of a submission

Tell = Callable[[dict[str, Any]], None]
Road = Callable[[tuple[str, ...], dict[str, Any], Tell], dict[str, Any]]
"""Has a job judged, given the libraries it needs: see `grader.judge` for jobs and answers."""


def judge(
    entry: Entry,
    source: bytes,
    filename: str,
    seed: int,
    training: dict[str, Any] | None = None,
    tell: Tell = lambda progress: None,
    road: Road | None = None,
) -> dict[str, Any]:
    """The fields of a `Check` for one submission. Raises CannotJudge with one line that says what to do.

    training: the fields of a `grader.training.Wanted`; without it nothing is trained. `tell` hears how that goes. road:
    that of a command that judges once, unless another one is given.
    """
    libraries, job = entry.libraries(), _job(entry, source, filename, seed, training)
    return _found(entry, (road or (warm.ask if warm.forks() else judge_here))(libraries, job, tell))


def begin(
    entry: Entry, source: bytes, filename: str, seed: int, training: dict[str, Any] | None = None
) -> Callable[[Tell], dict[str, Any]]:
    """As `judge`, by the road of a command that judges once, but doesn't wait: what is returned does, and tells.

    Where nothing is forked it does all of the work, too.
    """
    libraries, job = entry.libraries(), _job(entry, source, filename, seed, training)
    answer = warm.send(libraries, job) if warm.forks() else lambda tell: judge_here(libraries, job, tell)
    return lambda tell: _found(entry, answer(tell))


def _job(entry: Entry, source: bytes, filename: str, seed: int, training: dict[str, Any] | None) -> dict[str, Any]:
    if len(source) > LARGEST:
        raise UsageError(f"{filename} has {len(source)} bytes; a submission has at most {LARGEST}")
    text = source.decode("latin-1")
    job = {"kit": str(entry.kit), "stem": entry.stem, "source": text, "filename": filename, "seed": seed}
    return {**job, "training": training}


def _found(entry: Entry, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer that is a verdict."""
    if name := answer.get("missing"):
        raise MachineError(f"exercise {entry.number} {lacks(name)}")
    if "error" in answer:
        raise CannotJudge(answer["error"])
    return answer


def missing(libraries: tuple[str, ...]) -> str | None:
    """The first of these libraries that isn't installed."""
    import importlib.util

    return next((name for name in libraries if importlib.util.find_spec(name) is None), None)


def judge_here(libraries: tuple[str, ...], job: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Judges one job in this process, with workers of its own.

    What the process does about warnings and floating-point errors doesn't count: a solution may overflow on purpose.
    """
    import warnings

    import numpy as np

    from grader.judge import handle
    from grader.spawned import Spawner

    if name := missing(libraries):
        return {"missing": name}
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        return handle(job, Spawner(libraries), tell)
