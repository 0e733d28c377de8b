"""The last part of an exercise that trains: first the solution, then the submission, on the same images, each shut in.

The submission is given training images, their labels and the hidden images; what it predicts for those is compared here
with labels that never leave the trusted side.
"""

import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from grader import devices, kit, wire
from grader.cases import Asked
from grader.compare import Rules, compare, describe
from grader.errors import KitError, MachineError
from grader.images import dealt
from grader.judgement import case_report
from grader.kit import Entry
from grader.lessons import lesson
from grader.listening import Curve, Tell
from grader.models import CaseReport, CaseVerdict, Detail, DifferenceReport, Trained, TrainingReport, plain
from grader.outcome import Answered, Outcome, Raised, TimedOut
from grader.run import REPLY, Allowance, Launcher, Spent
from grader.spawned import Spawner
from grader.spec import T64, Bar, Case, Finished, Part, Split, Training
from grader.split import CLASSES
from grader.submission import Submission, session
from grader.text import harmless

LEAST = 5.0  # seconds that a training may take in any case
WALL = 60.0  # seconds; and at least as many times the budget as says
WALL_FACTOR = 4.0
REFERENCE = 1800.0  # seconds for the solution's own training
ANSWER = 64 * REPLY  # bytes
KEYS = 32  # of predictions, and characters of each


class Wanted(NamedTuple):
    """How to train. data: a name, or "auto". split: the secret to deal out by, None for a new one. homes: of data."""

    profile: str
    data: str
    device: str
    device_name: str | None
    split: int | None
    homes: list[str]


class Ran(NamedTuple):
    """One training: what came of it, the seconds it took, its curve, its server, what it printed, and its sandbox."""

    outcome: Outcome
    cpu: float
    waited: float
    seconds: float
    curve: Curve
    server: Any
    printed: bytes
    layers: tuple[str, ...]


class Result(NamedTuple):
    """The cases of the training with their details, its report, what was printed, and the sandbox it ran in."""

    cases: tuple[CaseReport, ...]
    details: tuple[Detail, ...]
    report: TrainingReport | None = None
    printed: bytes = b""
    layers: tuple[str, ...] | None = None


def skip(training: Training, why: str) -> Result:
    """The result of a training that didn't take place."""
    cases = [CaseReport(training.name, name, "missing", why) for name in _names(training, None)]
    return Result(tuple(cases), tuple(Detail("") for _ in cases))


def train(
    entry: Entry, spec: ModuleType, submission: Submission, wanted: Wanted, launcher: Launcher, tell: Tell
) -> Result:
    """Trains the solution and the submission, and judges the latter. Raises CannotJudge for what isn't its fault."""
    return _Trainer(entry, spec, wanted, launcher, tell).judge(submission)


def _names(training: Training, split: Split | None) -> list[str]:
    """Names of the cases: running to the end, and the bars that are applied."""
    bars = [bar for bar in training.bars if split is None or least_of(bar, split) is not None]
    return [f"ends within {training.ratio:g} times the solution's time", *(bar.name for bar in bars)]


def least_of(bar: Bar, split: Split) -> float | None:
    """The smallest value that passes; None if the bar isn't applied."""
    return bar.least.get(split.data, {}).get(split.profile)


class _Trainer:
    def __init__(self, entry: Entry, spec: ModuleType, wanted: Wanted, launcher: Launcher, tell: Tell) -> None:
        self._entry, self._spec, self._wanted = entry, spec, wanted
        self._launcher = launcher if wanted.device == "cpu" else Spawner(entry.libraries(), gpu=True)
        self._tell = tell
        self._solution = kit.load_solution(entry)
        self._training: Training = spec.exercise.training
        self._secret = secrets.randbits(48) if wanted.split is None else wanted.split
        self._seed = int(np.random.default_rng([self._secret, 2]).integers(2**31))  # tells nothing about the secret
        homes = [Path(home) for home in wanted.homes]
        self._label, self._split = dealt(wanted.data, wanted.profile, homes, self._secret)

    def judge(self, submission: Submission) -> Result:
        reference, measured = self._reference()
        allowed = max(LEAST if self._wanted.device == "cpu" else WALL, self._training.ratio * self._cost(reference))
        mine = self._run("yours", submission, allowed)
        self._blame_the_machine(mine, allowed)
        late = self._cost(mine) > allowed
        first = self._ending(mine, allowed, late)
        answered = isinstance(mine.outcome, Answered) and not late
        measures = self._measured(mine) if answered else "not asked, because the training didn't come to its end"
        cases = (first, *self._bars(mine, measures))
        raised = mine.outcome if isinstance(mine.outcome, Raised) else None
        detail = Detail("", raised.lines if raised else (), bool(raised and raised.unwritten))
        report = self._report(allowed, mine, measures, reference, measured)
        return Result(cases, (detail, *(Detail("") for _ in cases[1:])), report, mine.printed, mine.layers)

    def _reference(self) -> tuple[Ran, Mapping[str, float]]:
        """The solution's training, and its measures. If it falls short, nobody is judged."""
        solution = Submission(self._entry.solution.read_bytes(), self._entry.solution.name)
        ran = self._run("reference", solution, REFERENCE)
        measures = self._measured(ran) if isinstance(ran.outcome, Answered) else str(ran.outcome)
        if isinstance(measures, str):
            raise KitError(f"the solution of {self._entry.number} can't be trained ({measures}); mend the kit")
        for problem in shortfalls(self._training, self._split, measures):
            number, again = self._entry.number, "run the check again, with other images"
            raise KitError(f"the solution of {number} itself gets {problem} (--split {self._secret}); {again}")
        return ran, measures

    def _run(self, who: str, submission: Submission, budget: float) -> Ran:
        """Trains one of the two in a process of its own."""
        training, device = self._training, self._wanted.device
        inputs = {"seed": self._seed, "budget": budget, "device": device, **training.inputs(self._split)}
        header = {"id": 1, "hosted": True, "driver": training.driver.__name__, "inputs": inputs}
        asked = self._asked(wire.message(header))
        server = training.server(self._split) if training.server else None
        work = session(self._entry, self._spec, submission, self._launcher, budget)
        limit = None if who == "reference" else budget
        curve = Curve(who, self._tell, server, limit, device, work.cpu)
        loaded, began = Spent(), time.monotonic()
        try:
            outcome = work.load()
            if outcome is None:
                loaded, began = work.so_far(), time.monotonic()
                curve.start()
                outcome = work.take(asked, self._allowance(budget), curve.hear)
            seconds = time.monotonic() - began
        finally:
            work.close()
        cpu, waited = (max(0.0, after - before) for after, before in zip(work.spent, loaded, strict=True))
        return Ran(outcome, cpu, waited, seconds, curve, server, work.printed, work.layers)

    def _asked(self, raw: bytes) -> Asked:
        """The training as the one case of a part."""
        training = self._training
        part = Part(training.name, lambda rng: (), training.hints, training.driver, uses=training.names)
        return Asked(1, part, Case(_names(training, self._split)[0], {}), raw, Rules(T64))

    def _allowance(self, budget: float) -> Allowance:
        if self._wanted.device == "cpu":
            return Allowance(budget, max(WALL, WALL_FACTOR * budget), ANSWER)
        return Allowance(float("inf"), budget, ANSWER)

    def _cost(self, ran: Ran) -> float:
        """What counts against the budget: CPU time; on a GPU, and where a system doesn't tell it, wall time."""
        return ran.cpu if self._wanted.device == "cpu" and ran.cpu else ran.seconds

    def _blame_the_machine(self, ran: Ran, allowed: float) -> None:
        """Raises MachineError if a training was stopped only because it hardly got any processor."""
        if self._wanted.device != "cpu" or not isinstance(ran.outcome, TimedOut) or ran.cpu >= 0.95 * allowed:
            return
        if ran.cpu + ran.waited > ran.seconds / 2:
            raise MachineError(
                f"this machine is too busy: the training got {ran.cpu:.0f} s of CPU time in {ran.seconds:.0f} s; end "
                "other programs and try again"
            )

    def _ending(self, ran: Ran, allowed: float, late: bool) -> CaseReport:
        """The case of running to the end in time."""
        asked = self._asked(b"")
        cost, outcome = self._cost(ran), ran.outcome
        if late or (isinstance(outcome, TimedOut) and cost >= 0.95 * allowed):
            outcome = TimedOut(
                f"stopped after {cost:.3g} s where {allowed:.3g} s are allowed, {self._training.ratio:g} times what "
                "the solution took here: work on whole batches instead of single images"
            )
        if isinstance(outcome, Answered):
            return case_report(asked, None)
        return case_report(asked, compare(outcome, Answered(None), asked.rules))

    def _measured(self, ran: Ran) -> Mapping[str, float] | str:
        assert isinstance(ran.outcome, Answered)
        return measured(self._training, self._split, ran.outcome.value, ran.server, self._solution)

    def _bars(self, ran: Ran, measures: Mapping[str, float] | str) -> Iterator[CaseReport]:
        for bar in self._training.bars:
            if (least := least_of(bar, self._split)) is None:
                continue
            if isinstance(measures, str):
                verdict: CaseVerdict = "missing" if measures.startswith("not asked") else "failed"
                yield CaseReport(self._training.name, bar.name, verdict, measures)
            elif measures[bar.measure] >= least:
                yield CaseReport(self._training.name, bar.name, "passed", "")
            else:
                yield self._missed(bar, measures[bar.measure], least, ran)

    def _missed(self, bar: Bar, value: float, least: float, ran: Ran) -> CaseReport:
        message = f"{_value(bar, value)}, where at least {_value(bar, least)} is due"
        assert isinstance(ran.outcome, Answered)
        if bar.measure in (predictions := ran.outcome.value["predictions"]):
            message += f"; {lesson(self._split, _array(predictions[bar.measure]))}"
        numbers = DifferenceReport("property", got=plain(value), expected=plain(least))
        return CaseReport(self._training.name, bar.name, "failed", message, numbers)

    def _report(
        self, allowed: float, mine: Ran, measures: Mapping[str, float] | str, reference: Ran, best: Mapping[str, float]
    ) -> TrainingReport:
        return TrainingReport(
            data=self._split.data,
            label=self._label,
            profile=self._split.profile,
            images=len(self._split.images),
            test_images=len(self._split.test_images),
            split=self._secret,
            device=self._wanted.device,
            device_name=self._wanted.device_name or devices.processor(),
            measure=self._training.bars[0].measure,
            allowed=round(allowed, 3),
            yours=None if isinstance(measures, str) else self._trained(mine, measures),
            reached=tuple(mine.curve.points),
            reference=self._trained(reference, best),
        )

    def _trained(self, ran: Ran, measures: Mapping[str, float]) -> Trained:
        assert isinstance(ran.outcome, Answered)
        answer = ran.outcome.value
        return Trained(
            {name: plain(round(value, 6)) for name, value in measures.items()},
            round(ran.cpu, 3),
            round(ran.seconds, 3),
            tuple(ran.curve.points),
            _number(answer.get("peak_memory"), int),
            _number(answer.get("images_per_second"), float),
        )


def measured(
    training: Training, split: Split, answer: Any, server: Any, solution: ModuleType
) -> Mapping[str, float] | str:
    """All measures of an answer by name, or what is wrong with its form."""
    accuracy: dict[str, float] = {}
    predictions = answer.get("predictions") if isinstance(answer, dict) else None
    if not isinstance(predictions, dict) or len(predictions) > KEYS:
        return f"the result, {describe(answer)}, holds no predictions"
    for key, found in predictions.items():
        name = harmless(str(key), KEYS)
        if problem := _unfit(_array(found), split):
            return f"the predictions for `{name}` are {problem}"
        accuracy[name] = float((_array(found) == split.test_labels).mean())
    try:
        finished = Finished(accuracy, answer, split, server, solution)
        more = training.measures(finished) if training.measures else {}
        measures = {**accuracy, **{name: float(value) for name, value in more.items()}}
        return {bar.measure: measures[bar.measure] for bar in training.bars} | measures
    except Exception as error:
        return f"the result doesn't have the form that is asked for ({type(error).__name__}: {error})"


def shortfalls(training: Training, split: Split, measures: Mapping[str, float]) -> Iterator[str]:
    """Which bars aren't reached, in words."""
    for bar in training.bars:
        least = least_of(bar, split)
        if least is not None and not measures[bar.measure] >= least:
            yield f"{_value(bar, measures[bar.measure])} in `{bar.name}`, where at least {_value(bar, least)} is due"


def _value(bar: Bar, value: float) -> str:
    return f"{100 * value:.4g} %" if bar.unit == "%" else f"{value:g} {bar.unit}".strip()


def _array(value: Any) -> Any:
    return value.array if isinstance(value, wire.Tensor) else value


def _unfit(predictions: Any, split: Split) -> str | None:
    """What is wrong with the form of predictions."""
    if not isinstance(predictions, np.ndarray) or predictions.dtype.kind not in "iu":
        return f"{describe(predictions)}, not an array of integers"
    if predictions.shape != split.test_labels.shape:
        return f"of shape {predictions.shape}, not {split.test_labels.shape}"
    if predictions.min() < 0 or predictions.max() >= CLASSES:
        return f"classes from {predictions.min()} to {predictions.max()}, not 0 to {CLASSES - 1}"
    return None


def _number(value: Any, kind: type) -> Any:
    """What a submission says of its own use of a device, if it is a number at all."""
    return kind(value) if type(value) in (int, float) and 0 <= value < 1e15 else None
