"""The pipeline: an exercise and a submission in, a verdict out."""

import math
import time
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import NamedTuple

from grader import kit, wire
from grader.cases import Asked, Trusted, ask, portable
from grader.compare import Difference, sketch
from grader.diagnose import diagnose
from grader.judgement import case_report, difference, part_reports, total
from grader.kit import Entry
from grader.models import Check, Detail, Diagnosis, Report, SandboxReport
from grader.outcome import Answered, Outcome, Raised, from_reply
from grader.run import Allowance, Session, Worker
from grader.spec import Exercise

CPU_SECONDS = 60  # of a worker in all, when it is ordered before the spec has been read
REPEATS = 3  # for cases with a bound on their speed, of which the best counts
LOADING = 2.0  # CPU seconds for loading a submission

Launch = Callable[[int, int], Worker]  # CPU seconds in all, bytes -> a fresh worker


class Submission(NamedTuple):
    """What somebody handed in: the bytes of a file, and what it is called."""

    source: bytes
    filename: str


class Judged(NamedTuple):
    asked: Asked
    outcome: Outcome
    found: Difference | None


def check(entry: Entry, submission: Submission, seed: int, launch: Launch, layers: tuple[str, ...]) -> Check:
    """Judges one submission. Raises CannotJudge, and nothing for what the submission does."""
    began = time.monotonic()
    spec = kit.load_spec(entry)
    exercise: Exercise = spec.exercise
    session = _session(entry, spec, submission, launch)
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
        exercise=entry.number,
        slug=entry.slug,
        submission=submission.filename,
        verdict=verdict,
        score=score,
        seed=seed,
        seconds=round(time.monotonic() - began, 4),
        parts=parts,
        cases=cases,
        diagnosis=_diagnosis(entry, spec, judged) if verdict == "failed" else None,
        sandbox=SandboxReport(layers, network="seccomp" not in layers),
    )
    return Check(report, tuple(map(_detail, judged)), session.printed.decode("utf-8", "replace"))


def _session(entry: Entry, spec: ModuleType, submission: Submission, launch: Launch) -> Session:
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
    return Session(lambda: launch(cpu_seconds, exercise.memory), wire.message(start), Allowance.of(LOADING))


def _judge(entry: Entry, spec: ModuleType, session: Session, seed: int) -> list[Judged]:
    """Puts every case to the submission and, while it computes, to the solution."""
    solution = Trusted(kit.load_solution(entry), spec)
    judged = []
    for asked in ask(spec.exercise, seed):
        ahead = Allowance.of(max(spec.exercise.cpu_seconds, 4 * asked.case.speed.floor if asked.case.speed else 0))
        session.put(asked, ahead)
        before = time.process_time()
        reply = solution.reply(asked)
        reference = time.process_time() - before
        allowance = Allowance.of(max(ahead.cpu, 20 * reference), len(reply))
        outcome, expected = session.take(asked, allowance), from_reply(wire.parse(reply))
        found = difference(asked, outcome, expected)
        if found is None and asked.case.speed:
            found = _too_slow(session, asked, allowance, reference)
        judged.append(Judged(asked, outcome, found))
    return judged


def _too_slow(session: Session, asked: Asked, allowance: Allowance, reference: float) -> Difference | None:
    """Asks again, up to three times, until one answer stays within the bound on CPU time."""
    assert asked.case.speed is not None
    bound = max(asked.case.speed.factor * reference, asked.case.speed.floor)
    times = []
    for _ in range(REPEATS):
        before = session.cpu()
        session.put(asked, allowance)
        session.take(asked, allowance)
        times.append(session.cpu() - before)
        if times[-1] <= bound:
            return None
    return Difference(
        "slow",
        f"took {min(times):.2g} s of CPU time where {bound:.2g} s are allowed (the solution: {reference:.2g} s): "
        "work on whole arrays instead of single elements",
    )


def _diagnosis(entry: Entry, spec: ModuleType, judged: list[Judged]) -> Diagnosis | None:
    outcomes: Mapping[int, Outcome] = {asked.id: outcome for asked, outcome, _ in judged}
    failed = {asked.id for asked, _, found in judged if found}
    asked = [one.asked for one in judged]
    source = entry.solution.read_text("utf-8")
    found = diagnose(spec, source, str(entry.solution), asked, outcomes, failed)
    return Diagnosis(found.name, found.summary, found.nudge) if found else None


def _detail(judged: Judged) -> Detail:
    asked, outcome, found = judged
    if found is None:
        return Detail("")
    inputs = ", ".join(f"{name} = {sketch(value)}" for name, value in asked.case.inputs.items())
    raised = outcome if isinstance(outcome, Raised) else None
    return Detail(inputs, raised.lines if raised else (), bool(raised and raised.unwritten))
