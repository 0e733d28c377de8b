"""Tries the training of an exercise out: a little of it, in this process, on rendered digits."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from grader import kit, wire, worker
from grader.cases import portable
from grader.data.sets import NAMES
from grader.images import dealt
from grader.kit import Entry
from grader.profiles import SIZES
from grader.spec import Exercise, Split, Training
from grader.training import measured, shortfalls

PROFILE = "tiny"
BUDGET = 600.0  # seconds that drivers are told


class Stage:
    """Stands in for the `Host` that a driver has in a worker."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.reports: list[tuple[float, float, float, float | None]] = []

    def report(self, done: float, total: float, loss: float, accuracy: float | None = None) -> None:
        self.reports.append((float(done), float(total), float(loss), None if accuracy is None else float(accuracy)))

    def ask(self, value: Any) -> Any:
        return self._server(value)


def rehearse(entry: Entry, spec: ModuleType) -> Iterator[str]:
    """The solution reaches every bar and reports how it goes; the stub isn't written. Nothing without a training."""
    exercise: Exercise = spec.exercise
    if (training := exercise.training) is None:
        return
    if "torch" in entry.libraries():
        import torch

        torch.set_num_threads(1)  # as in a worker; two threads that wait for each other burn time
    solution = kit.load_solution(entry)
    yield from _words(training, solution)
    _, split = dealt("synthetic", PROFILE, [], 0)
    stage, answer, server = perform(spec, solution, split)
    measures = measured(training, split, wire.parse(wire.message({"answer": answer}))["answer"], server, solution)
    yield from (
        f"the solution's training: {problem}"
        for problem in ([measures] if isinstance(measures, str) else shortfalls(training, split, measures))
    )
    if not stage.reports or stage.reports[-1][0] != stage.reports[-1][1]:
        yield "the solution's training doesn't report its end: call `report` after each epoch"
    try:
        perform(spec, kit.load_module(entry.stub, f"dlgrade_stub_{entry.stem}"), split)
        yield f"the stub's `{training.name}` answers; NotImplementedError is due"
    except NotImplementedError:
        pass


def perform(spec: ModuleType, module: ModuleType, split: Split) -> tuple[Stage, Any, Any]:
    """One training: what was reported, the driver's answer, and the server."""
    training: Training = spec.exercise.training
    server = training.server(split) if training.server else None
    stage, inputs = Stage(server), training.inputs(split)
    driver = worker.drivers(*portable(spec))[training.driver.__name__]
    return stage, driver(module, stage, seed=0, budget=BUDGET, device="cpu", **inputs), server


def _words(training: Training, solution: ModuleType) -> Iterator[str]:
    for name in [name for name in training.apart if not hasattr(solution, name)]:
        yield f"the solution defines no `{name}`, which the training lists as `apart`"
    if not any(set(SIZES) <= set(bar.least.get("synthetic", {})) for bar in training.bars):
        yield "no bar of the training is for all profiles of synthetic digits"
    for bar in training.bars:
        for data, least in bar.least.items():
            if data not in NAMES or not set(least) <= set(SIZES):
                yield f"the bar {bar.name!r} is for {data} with {', '.join(least)}, which don't exist"
