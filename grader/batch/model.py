"""The words of grading a class, from what was handed in to the gradebook."""

import hashlib
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from grader.models import Check, PartReport, Verdict

Feedback = Literal["full", "brief", "none"]
LEVELS: tuple[str, ...] = get_args(Feedback)  # what students get to see
RESULT: Literal["dlgrade/result/1"] = "dlgrade/result/1"


class Student(NamedTuple):
    """Somebody who hands in. `id` is what a roster or a learning platform calls them; the rest may be empty."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""


class Attempt(NamedTuple):
    """Python source that a student handed in for one exercise.

    exercise: its number, `12-1`; stem: of its files in the kit. file: where the source came from, relative to what was
    graded; a member of an archive after `!`, a notebook's cells after `#`: `kim.zip!hw/ex17.ipynb#17`. submitted: when,
    if the export tells. late: the export says that it came late, whether or not it says when.
    """

    student: str
    exercise: str
    stem: str
    file: str
    source: bytes
    submitted: datetime | None = None
    late: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.source).hexdigest()


class Unplaced(NamedTuple):
    """A file of a submission that is graded as nothing, and why, in words for the instructor. student: if known."""

    file: str
    student: str | None
    why: str


class Intake(NamedTuple):
    """All that was handed in. `unknown`: ids of students who handed in and aren't on the roster, if there is one."""

    students: tuple[Student, ...]
    attempts: tuple[Attempt, ...]
    unplaced: tuple[Unplaced, ...]
    unknown: tuple[str, ...] = ()


class Result(NamedTuple):
    """What came of one attempt: `check`, or the `trouble` because of which it could not be judged, in one line."""

    attempt: Attempt
    check: Check | None
    trouble: str | None
    kit: str
    seed: str
    seconds: float

    @property
    def verdict(self) -> Verdict:
        return self.check.report.verdict if self.check else "not_judged"


class Line(NamedTuple):
    """One line of results.jsonl. kit: fingerprint of the exercise and of what judged it. seed: a number, or `hidden-`
    and a fingerprint of the secret. submitted: ISO 8601, or null. late: the export says so."""

    schema: Literal["dlgrade/result/1"]
    student: str
    exercise: str
    file: str
    verdict: Verdict
    score: float
    parts: tuple[PartReport, ...]
    diagnosis: str | None
    seconds: float
    submission_sha256: str
    kit: str
    seed: str
    submitted: str | None
    trouble: str | None
    late: bool = False


class Mark(NamedTuple):
    """One exercise of one student in the gradebook.

    verdict: of the attempt that counts; `nothing` if there is none. score: 0 to 1, partial credit by parts, before
    anything is taken off. points: what counts, of at most `weight`. days_late: whole days after the deadline, after
    grace. attempt: index of the one that counts among the student's lines for the exercise. note: why points differ
    from score times weight, in words for the student; may be empty. dropped: left out of the total; points and weight
    are told all the same. unjudged: something that might count could not be judged. undated: the attempt that counts
    came late by a number of days that nobody knows, which would cost points.
    """

    exercise: str
    verdict: Verdict | Literal["nothing"]
    score: float
    points: float
    weight: float
    days_late: int = 0
    attempt: int | None = None
    note: str = ""
    dropped: bool = False
    unjudged: bool = False
    undated: bool = False

    @property
    def needs_human(self) -> bool:
        """Whether its points are for now only."""
        return self.unjudged or self.undated


class Row(NamedTuple):
    """One student's row of the gradebook. total, out_of: points."""

    student: Student
    marks: tuple[Mark, ...]
    total: float
    out_of: float
