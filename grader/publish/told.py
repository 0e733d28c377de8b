"""What of a result a student gets to see, the same on every medium."""

from collections.abc import Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import Literal, NamedTuple

from grader.batch.gradebook import NOTHING
from grader.batch.model import Attempt, Feedback, Mark, Result, Row
from grader.kit import entry_of
from grader.models import CaseReport, Check, Detail, Verdict
from grader.publish.speaking import speaks, unwritten

WORDS: dict[Verdict | Literal["nothing"], str] = {
    "passed": "passed",
    "failed": "not passed yet",
    "error": "can't be run",
    "not_judged": "not judged",
    "nothing": NOTHING,
}
NOT_JUDGED = "This could not be judged. That says nothing about your work; whoever grades it can see why."


class Work(NamedTuple):
    """One exercise of a student: its mark, the attempt that counts, if there is one, and what may be told of its check.

    title: of the exercise, empty if nothing was handed in. others: files of further attempts, with their verdicts.
    """

    mark: Mark
    title: str
    attempt: Attempt | None
    check: Check | None
    others: tuple[tuple[str, Verdict], ...]

    @property
    def file(self) -> str | None:
        return self.attempt.file if self.attempt else None


class Told(NamedTuple):
    """All that one student is told. works: by the row's exercises; results: in the order of their lines."""

    row: Row
    works: Sequence[Work]
    results: Sequence[Result]
    feedback: Feedback


def tell(row: Row, results: Sequence[Result], feedback: Feedback) -> Told:
    """What a student is told. results: of this one, as they may be shown."""
    attempts: dict[str, list[Result]] = {}
    for result in results:
        attempts.setdefault(result.attempt.exercise, []).append(result)
    works = [_work(mark, attempts.get(mark.exercise, []), feedback) for mark in row.marks]
    return Told(row, works, results, feedback)


def _work(mark: Mark, attempts: list[Result], feedback: Feedback) -> Work:
    if not attempts:
        return Work(mark, "", None, None, ())
    index = mark.attempt
    if index is None or not 0 <= index < len(attempts):
        return Work(mark, _title(attempts), None, None, _files(attempts))
    result = attempts[index]
    check = result.check and _allowed(result.check, feedback)
    others = _files(attempts[:index] + attempts[index + 1 :])
    return Work(mark, _title(attempts), result.attempt, check, others)


def _title(attempts: list[Result]) -> str:
    entry = entry_of(Path(), attempts[0].attempt.stem)
    return entry.slug.replace("_", " ") if entry else ""


def _files(attempts: list[Result]) -> tuple[tuple[str, Verdict], ...]:
    return tuple((result.attempt.file, result.verdict) for result in attempts)


def _allowed(check: Check, feedback: Feedback) -> Check | None:
    """The check without what this level of feedback leaves out; None if nothing of it is left.

    Brief feedback knows of no case, but of parts that nobody has written.
    """
    if feedback == "none":
        return None
    pairs = list(zip(check.report.cases, chain(check.details, repeat(Detail(""))), strict=False))
    details = tuple(detail._replace(unwritten=True) if unwritten(case, detail) else detail for case, detail in pairs)
    if feedback == "full":
        return check._replace(details=details)
    silent = tuple(quiet(case.part) if speaks(case, detail) else case._replace(name="") for case, detail in pairs)
    report = check.report._replace(cases=silent, training=None)
    return Check(report, tuple(Detail("", unwritten=detail.unwritten) for detail in details), "")


class Untouched(NamedTuple):
    """Exercises for which nothing was handed in, and what they count together. note: what else holds for them all."""

    exercises: tuple[str, ...]
    points: float
    weight: float
    note: str


def untouched(those: Sequence[Work]) -> list[Untouched]:
    """All of them, mostly as one: line by line they would bury the others."""
    alike: dict[str, list[Mark]] = {}
    for work in those:
        if work.mark.verdict == "nothing":
            alike.setdefault(note(work.mark), []).append(work.mark)
    return [_untouched(marks, told) for told, marks in alike.items()]


def _untouched(marks: list[Mark], told: str) -> Untouched:
    exercises = tuple(mark.exercise for mark in marks)
    return Untouched(exercises, sum(mark.points for mark in marks), sum(mark.weight for mark in marks), told)


def note(mark: Mark) -> str:
    """The scheme's note without what the verdict says already, and how late it came if the note doesn't say."""
    word = WORDS[mark.verdict]
    told = [part.removeprefix(f"{word}: ") for part in mark.note.split("; ") if part not in ("", word)]
    if mark.days_late and "late" not in mark.note:
        told.append(f"{mark.days_late} day{'s' * (mark.days_late != 1)} late")
    return "; ".join(told)


def quiet(part: str) -> CaseReport:
    """A case of which nothing is told."""
    return CaseReport(part, "", "passed", "")


def points(value: float) -> str:
    """7, 7.5, 7.33"""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(share: float) -> str:
    """A whole percentage that no line break tears apart."""
    return f"{100 * share:.0f}\u00a0%"
