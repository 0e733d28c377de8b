"""The pipeline: an exercise and a submission in, a verdict out."""

import time
from collections import deque
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from grader.answer_key import AnswerKey, Repeats, Reply
from grader.cases import Asked
from grader.compare import Difference, sketch
from grader.diagnose import diagnose
from grader.judgement import case_report, difference, part_reports, total
from grader.kit import Entry
from grader.listening import Tell
from grader.models import SCHEMA, CaseReport, Check, Detail, Diagnosis, Report, SandboxReport
from grader.outcome import Answered, Outcome, Raised, weight
from grader.run import Allowance, Launcher, Session
from grader.spec import Exercise
from grader.submission import Submission
from grader.submission import session as open_session
from grader.text import harmless

if TYPE_CHECKING:
    from grader.training import Result, Wanted

WINDOW = 128  # cases the solution may be ahead of the submission
HELD = 16 << 20  # bytes of such cases and of the solution's replies to them; beyond that none is added
EXPLAINED = 64 << 20  # bytes of outcomes that are kept for a diagnosis; parts that go beyond get none
REPEATS = 3  # for cases with a bound on their speed, of which the best counts
NAME = 200  # characters of a submission's name that are kept


class Judged(NamedTuple):
    asked: Asked
    outcome: Outcome
    found: Difference | None


class Findings:
    """What came of the cases, one by one in order.

    Inputs and answers may be large. Only those stay that a diagnosis needs, which looks at all cases of a part that is
    wrong if there are misconceptions about it, unless a submission answers far more than is asked for.
    """

    def __init__(self, exercise: Exercise) -> None:
        self.cases: list[CaseReport] = []
        self.details: list[Detail] = []
        self._explained = {part for misconception in exercise.misconceptions for part in misconception.parts}
        self.wrong: list[Judged] = []  # all cases of such parts
        self._latest: list[Judged] = []  # cases of a part that is right so far
        self._room = EXPLAINED

    def add(self, judged: Judged) -> None:
        part = judged.asked.part.name
        self.cases.append(case_report(judged.asked, judged.found))
        self.details.append(_detail(judged))
        if self._latest and self._latest[0].asked.part.name != part:
            self._latest = []
        if part not in self._explained:
            return
        if judged.found or (self.wrong and self.wrong[-1].asked.part.name == part):
            self._keep([*self._latest, judged])
            self._latest = []
        else:
            self._latest.append(judged)

    def _keep(self, judged: list[Judged]) -> None:
        """Keeps cases of a part that is wrong, or none of them if they are too large."""
        self.wrong += judged
        self._room -= sum(weight(one.outcome) for one in judged)
        if self._room < 0:
            part = judged[0].asked.part.name
            self._explained.remove(part)
            self._room += sum(weight(one.outcome) for one in self.wrong if one.asked.part.name == part)
            self.wrong = [one for one in self.wrong if one.asked.part.name != part]


def check(key: AnswerKey, submission: Submission, launcher: Launcher, wanted: "Wanted | None", tell: Tell) -> Check:
    """Judges one submission. Raises CannotJudge, and nothing for what the submission does.

    wanted: how to train where the exercise has a training; None doesn't train. tell: hears how that goes.
    """
    began = time.monotonic()
    entry, spec = key.entry, key.spec
    session = open_session(entry, spec, submission, launcher, read=key.known.read)
    try:
        broken = session.load()
        findings = _refuse(key, broken) if broken else _judge(key, session)
    finally:
        session.close()
    cases, details = tuple(findings.cases), tuple(findings.details)
    right = all(case.verdict == "passed" for case in cases)
    trained = _train(entry, spec, submission, wanted, launcher, tell, session.names if right else None)
    if trained:
        cases, details = (*cases, *trained.cases), (*details, *trained.details)
    parts = part_reports(cases)
    verdict, score = total(parts)
    if broken or not session.names:
        verdict = "error"
    layers = trained.layers if trained and trained.layers is not None else session.layers
    report = Report(
        schema=SCHEMA,
        exercise=entry.number,
        slug=entry.slug,
        submission=harmless(submission.filename, NAME),
        verdict=verdict,
        score=score,
        seed=key.seed,
        seconds=round(time.monotonic() - began, 4),
        parts=parts,
        cases=cases,
        diagnosis=_diagnosis(entry, spec, findings.wrong) if verdict == "failed" and not right else None,
        sandbox=SandboxReport(layers, network="seccomp" not in layers),
        training=trained.report if trained else None,
    )
    printed = session.printed + (trained.printed if trained else b"")
    return Check(report, details, printed.decode("utf-8", "replace"))


def _train(
    entry: Entry,
    spec: ModuleType,
    submission: Submission,
    wanted: "Wanted | None",
    launcher: Launcher,
    tell: Tell,
    names: frozenset[str] | None,
) -> "Result | None":
    """The training of an exercise that has one. names: that the submission defines; None if other parts are wrong."""
    exercise: Exercise = spec.exercise
    if exercise.training is None:
        return None
    from grader.training import skip, train  # other exercises are quicker without

    if names is None:
        return skip(exercise.training, "not trained yet, because first all other parts have to be right")
    if missing := [name for name in exercise.training.names if name not in names]:
        return skip(exercise.training, f"your file doesn't define `{missing[0]}`")
    if wanted is None:
        return skip(exercise.training, "not trained, as was asked for")
    return train(entry, spec, submission, wanted, launcher, tell)


def _refuse(key: AnswerKey, broken: Outcome) -> Findings:
    """What came of the cases where the submission can't be loaded."""
    findings = Findings(key.exercise)
    for asked in key.questions():
        findings.add(Judged(asked, broken, difference(asked, broken, Answered(None))))
    return findings


def _judge(key: AnswerKey, session: Session) -> Findings:
    """Puts every case to the submission and, while it computes, to the solution."""
    findings, repeats = Findings(key.exercise), Repeats(key)
    waiting: deque[Expected] = deque()
    size = 0  # of those that wait
    for asked in key.questions():
        while waiting and (asked.case.speed or len(waiting) > WINDOW or size > HELD):
            size -= waiting[0].size
            findings.add(_take(key, session, waiting.popleft()))
        if asked.case.speed:
            findings.add(_race(key, session, repeats, asked))
        else:
            session.put(asked, Allowance.of(_cpu(key, asked)))
            waiting.append(_expect(key, asked, key.reply(asked)))
            size += waiting[-1].size
    while waiting:
        findings.add(_take(key, session, waiting.popleft()))
    return findings


class Expected(NamedTuple):
    """The solution's reply to a case, and what the submission may use for its own."""

    asked: Asked
    reply: Reply
    allowance: Allowance

    @property
    def size(self) -> int:
        """Bytes of the case and of the reply."""
        return len(self.asked.raw) + self.reply.size


def _cpu(key: AnswerKey, asked: Asked) -> float:
    return max(key.exercise.cpu_seconds, 4 * asked.case.speed.floor if asked.case.speed else 0.0)


def _expect(key: AnswerKey, asked: Asked, reply: Reply) -> Expected:
    return Expected(asked, reply, Allowance.of(max(_cpu(key, asked), 20 * reply.seconds), reply.size))


def _take(key: AnswerKey, session: Session, due: Expected) -> Judged:
    outcome = session.take(due.asked, due.allowance)
    return Judged(due.asked, outcome, key.difference(due.asked, outcome, due.reply))


def _race(key: AnswerKey, session: Session, repeats: Repeats, first: Asked) -> Judged:
    """A case with a bound on its CPU time: up to three runs, each with its own inputs; one within the bound is enough.

    Nothing else may be on its way to the worker, whose CPU time is measured from outside. Who is too slow beside what
    the solution took earlier is compared with what it takes now.
    """
    asked, times = first, []
    for repeat in range(1, REPEATS + 1):
        before = session.cpu()
        session.put(asked, Allowance.of(_cpu(key, asked)))
        due = _expect(key, asked, key.reply(asked) if repeat == 1 else key.fresh_reply(asked))
        judged = _take(key, session, due)
        times.append(session.cpu() - before)
        assert asked.case.speed is not None
        bound = max(asked.case.speed.factor * due.reply.seconds, asked.case.speed.floor)
        if judged.found or times[-1] <= bound:
            return judged
        if repeat < REPEATS:
            asked = repeats.case(first, repeat)
    slow = (
        f"took {min(times):.2g} s of CPU time where {bound:.2g} s are allowed "
        f"(the solution: {due.reply.seconds:.2g} s): work on whole arrays instead of single elements"
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
