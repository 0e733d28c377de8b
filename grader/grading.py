"""The pipeline: an exercise and a submission in, a verdict out."""

import math
import time
from collections import deque
from collections.abc import Mapping
from types import ModuleType
from typing import NamedTuple

from grader import kit, wire
from grader.cases import Asked, Trusted, ask, portable
from grader.compare import Difference, sketch
from grader.diagnose import diagnose
from grader.judgement import case_report, difference, part_reports, total
from grader.kit import Entry
from grader.limits import CPU_SECONDS
from grader.models import SCHEMA, Check, Detail, Diagnosis, Report, SandboxReport
from grader.outcome import Answered, Outcome, Raised, from_reply
from grader.run import Allowance, Launcher, Session
from grader.spec import Exercise
from grader.text import harmless

WINDOW = 8  # cases the solution may be ahead of the submission
REPEATS = 3  # for cases with a bound on their speed, of which the best counts
NAME = 200  # characters of a submission's name that are kept
LOADING = 2.0  # CPU seconds for loading a submission


class Submission(NamedTuple):
    """What somebody handed in: the bytes of a file, and what it is called."""

    source: bytes
    filename: str


class Judged(NamedTuple):
    asked: Asked
    outcome: Outcome
    found: Difference | None


def check(entry: Entry, submission: Submission, seed: int, launcher: Launcher) -> Check:
    """Judges one submission. Raises CannotJudge, and nothing for what the submission does."""
    began = time.monotonic()
    spec = kit.load_spec(entry)
    exercise: Exercise = spec.exercise
    session = _session(entry, spec, submission, launcher)
    try:
        broken = session.load()
        judged = [] if broken else _judge(entry, spec, session, seed)
    finally:
        session.close()
    if broken:
        judged = [Judged(one, broken, difference(one, broken, Answered(None))) for one in ask(exercise, seed)]
    cases = tuple(case_report(asked, found) for asked, _, found in judged)
    parts = part_reports(cases)
    verdict, score = total(parts)
    if broken or not session.names:
        verdict = "error"
    report = Report(
        schema=SCHEMA,
        exercise=entry.number,
        slug=entry.slug,
        submission=harmless(submission.filename, NAME),
        verdict=verdict,
        score=score,
        seed=seed,
        seconds=round(time.monotonic() - began, 4),
        parts=parts,
        cases=cases,
        diagnosis=_diagnosis(entry, spec, judged) if verdict == "failed" else None,
        sandbox=SandboxReport(session.layers, network="seccomp" not in session.layers),
    )
    return Check(report, tuple(map(_detail, judged)), session.printed.decode("utf-8", "replace"))


def _session(entry: Entry, spec: ModuleType, submission: Submission, launcher: Launcher) -> Session:
    exercise: Exercise = spec.exercise
    code, modules = portable(spec)
    start = {
        "source": submission.source,
        "filename": submission.filename,
        "name": entry.stem,
        "drivers": code,
        "modules": modules,
        "libraries": list(entry.libraries()),
        "expects": list(dict.fromkeys(name for part in exercise.parts for name in part.names)),
    }
    cpu_seconds = max(CPU_SECONDS, math.ceil(20 * exercise.cpu_seconds))
    return Session(lambda: launcher.launch(cpu_seconds, exercise.memory), wire.message(start), Allowance.of(LOADING))


def _judge(entry: Entry, spec: ModuleType, session: Session, seed: int) -> list[Judged]:
    """Puts every case to the submission and, while it computes, to the solution."""
    solution = Trusted(kit.load_solution(entry), spec, watch=False)
    judged: list[Judged] = []
    waiting: deque[Expected] = deque()
    for asked in ask(spec.exercise, seed):
        while len(waiting) > (0 if asked.case.speed else WINDOW):
            judged.append(_take(session, waiting.popleft()))
        if asked.case.speed:
            judged.append(_race(spec, solution, session, asked, seed))
        else:
            session.put(asked, Allowance.of(_cpu(spec.exercise, asked)))
            waiting.append(_expect(spec.exercise, solution, asked))
    return judged + [_take(session, one) for one in waiting]


class Expected(NamedTuple):
    """The solution's reply to a case, its CPU seconds, and what the submission may use for its own."""

    asked: Asked
    reply: bytes
    seconds: float
    allowance: Allowance


def _cpu(exercise: Exercise, asked: Asked) -> float:
    return max(exercise.cpu_seconds, 4 * asked.case.speed.floor if asked.case.speed else 0.0)


def _expect(exercise: Exercise, solution: Trusted, asked: Asked) -> Expected:
    before = time.process_time()
    reply = solution.reply(asked)
    seconds = time.process_time() - before
    return Expected(asked, reply, seconds, Allowance.of(max(_cpu(exercise, asked), 20 * seconds), len(reply)))


def _take(session: Session, due: Expected) -> Judged:
    outcome, expected = session.take(due.asked, due.allowance), from_reply(wire.parse(due.reply))
    return Judged(due.asked, outcome, difference(due.asked, outcome, expected))


def _race(spec: ModuleType, solution: Trusted, session: Session, first: Asked, seed: int) -> Judged:
    """A case with a bound on its CPU time: up to three runs, each with its own inputs; one within the bound is enough.

    Nothing else may be on its way to the worker, whose CPU time is measured from outside.
    """
    asked, times = first, []
    for repeat in range(1, REPEATS + 1):
        before = session.cpu()
        session.put(asked, Allowance.of(_cpu(spec.exercise, asked)))
        due = _expect(spec.exercise, solution, asked)
        judged = _take(session, due)
        times.append(session.cpu() - before)
        assert asked.case.speed is not None
        bound = max(asked.case.speed.factor * due.seconds, asked.case.speed.floor)
        if judged.found or times[-1] <= bound:
            return judged
        asked = next(one for one in ask(spec.exercise, seed + repeat) if one.id == first.id)
    slow = (
        f"took {min(times):.2g} s of CPU time where {bound:.2g} s are allowed (the solution: {due.seconds:.2g} s): "
        "work on whole arrays instead of single elements"
    )
    return judged._replace(found=Difference("slow", slow))


def _diagnosis(entry: Entry, spec: ModuleType, judged: list[Judged]) -> Diagnosis | None:
    outcomes: Mapping[int, Outcome] = {asked.id: outcome for asked, outcome, _ in judged}
    failed = {asked.id for asked, _, found in judged if found}
    asked = [one.asked for one in judged]
    source = entry.solution.read_text("utf-8")
    found = diagnose(spec, source, str(entry.solution), asked, outcomes, failed)
    if found is None:
        return None
    one = found.misconception
    return Diagnosis(one.name, one.summary, one.nudge, found.part, found.explains, found.failing)


def _detail(judged: Judged) -> Detail:
    asked, outcome, found = judged
    if found is None:
        return Detail("")
    inputs = ", ".join(f"{name} = {sketch(value)}" for name, value in asked.case.inputs.items())
    raised = outcome if isinstance(outcome, Raised) else None
    return Detail(inputs, raised.lines if raised else (), bool(raised and raised.unwritten))
