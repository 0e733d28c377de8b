"""What a learner's attempts leave behind, and their own leaderboard: what trainings have reached, and how quickly."""

from collections.abc import Iterable, Iterator
from typing import Any

from grader.store import Run, Store

LEVELS = (0.995, 0.993, 0.99, 0.985, 0.98, 0.97, 0.96, 0.95, 0.9, 0.85, 0.8)
SHOWN = 3  # levels, from the highest one down


def remember(store: Store, report: dict[str, Any]) -> None:
    """Stores an attempt, given its report as a document. Raises MachineError if the store can't be written."""
    diagnosis = report["diagnosis"] and report["diagnosis"]["misconception"]
    passed = [part["name"] for part in report["parts"] if part["passed"] == part["cases"]]
    store.add_attempt(report["exercise"], report["verdict"], report["score"], diagnosis, passed)
    if run := run_of(report):
        store.add_run(run)


def run_of(report: dict[str, Any]) -> Run | None:
    """What a report says of a training, None if there was none or it doesn't count: rendered digits never do."""
    training = report["training"]
    if not training or not training["yours"] or training["data"] == "synthetic":
        return None
    yours = training["yours"]
    accuracy = yours["measures"][training["measure"]]
    seconds = yours["cpu_seconds"] if training["device"] == "cpu" else yours["seconds"]
    passed = report["verdict"] == "passed"
    return Run(report["exercise"], training["data"], training["profile"], training["device"], passed, accuracy, seconds)


def lines(runs: Iterable[Run]) -> Iterator[str]:
    """One line for each exercise, data set, profile and device: the best accuracy, and the shortest times to levels."""
    groups: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.exercise, run.data, run.profile, run.device), []).append(run)
    for (exercise, data, profile, device), mine in sorted(groups.items()):
        best = max(mine, key=lambda run: (run.accuracy, -run.seconds))
        times = ", ".join(f"{100 * level:g} % in {seconds:.3g} s" for level, seconds in _times(mine))
        text = f"  {exercise:>5}  {data}, {profile}, {device}: best {best.accuracy:.2%}"
        yield f"{text}; {times}" if times else text


def _times(runs: list[Run]) -> list[tuple[float, float]]:
    """The highest levels that were reached, each with the shortest time to it."""
    found: list[tuple[float, float]] = []
    for level in LEVELS:
        seconds = min((run.seconds for run in runs if run.passed and run.accuracy >= level), default=None)
        if seconds is not None and (not found or seconds < found[-1][1]):
            found.append((level, seconds))
    return found[:SHOWN]
