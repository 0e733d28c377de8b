"""Everything that a run leaves in its folder, made from the journal one student at a time."""

import os
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from grader import kit, warm
from grader.batch import gradebook, names, results, secret, spreadsheet
from grader.batch.course import Course
from grader.batch.journal import Journal
from grader.batch.model import Line, Result, Row, Student
from grader.files import keep, make, save
from grader.publish import (
    class_page,
    classroom50,
    gradescope,
    junit,
    lines,
    sheets,
    student_page,
    student_result,
    student_text,
)
from grader.publish.hands import Hands
from grader.publish.overview import Overview
from grader.publish.readable import compact, readable
from grader.publish.told import tell

STUDENTS = "students"
WORTH = 20  # students for whose files it is worth to start a process
FILES = ("results.jsonl", "gradebook.csv", "unplaced.csv", "index.html")
CLASSROOM50 = {"CLASSROOM", "ASSIGNMENT", "USERNAME", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL"}  # sets these


class Summary(NamedTuple):
    """How many attempts came to which verdict; how many a person should look at; the rows of the gradebook.

    stale: folders of students that are left from an earlier run, which knew somebody else or called them otherwise.
    """

    verdicts: Counter[str]
    concerning: int
    rows: list[Row]
    stale: tuple[str, ...]


def write(out: Path, course: Course, journal: Journal, jobs: int) -> Summary:
    """Writes all files, up to `jobs` at once; each is there as a whole or not at all.

    Raises UsageError if one can't be written.
    """
    students = max(len(course.intake.students), len({one.attempt.student for one in course.planned}))
    count = min(jobs, students // WORTH) if warm.forks() else 0
    with Hands(count if count > 1 else 0, partial(_write, course)) as hands:
        maker = _Maker(out, course, hands.give)
        for student, found in results.by_student(course.planned, journal, course.seeds):
            maker.add(student, found)
        return maker.finish()


class _Student(NamedTuple):
    """A student whose files are to be written into a folder."""

    id: str
    folder: Path
    row: Row
    found: list[Result]


def _write(course: Course, student: _Student) -> None:
    """The files that one student gets."""
    make(student.folder)
    shown = [results.for_student(result, course.seeds) for result in student.found]
    told = tell(student.row, shown, course.feedback)
    files = {
        "report.html": student_page.html(told),
        "report.txt": student_text.text(told),
        "results.json": readable(secret.signed(student_result.content(told), course.key)) + "\n",
        "gradescope.json": compact(gradescope.document(told)) + "\n",
        "junit.xml": junit.xml(student.id, shown, course.feedback),
    }
    if os.environ.keys() >= CLASSROOM50:
        files["classroom50.json"] = compact(classroom50.document(student.row, os.environ)) + "\n"
    for name, content in files.items():
        keep(student.folder / name, content.encode("utf-8", "backslashreplace"))


class _Maker:
    """Takes the results of one student after the other; `write` is given what each of them gets."""

    def __init__(self, out: Path, course: Course, write: Callable[[_Student], None]) -> None:
        self._out, self._course, self._write = out, course, write
        self._students = {student.id: student for student in course.intake.students}
        self._folders = names.folders([*self._students, *(one.attempt.student for one in course.planned)])
        self._overview = Overview(kit.entries(course.root))
        self._lines: dict[str, list[Line]] = {}
        self._rows: dict[str, Row] = {}

    def add(self, id: str, found: list[Result]) -> None:
        for result in found:
            self._overview.add(result)
        self._lines[id] = [lines.line_of(result) for result in found]
        self._student(self._students.get(id, Student(id)), found)

    def _student(self, student: Student, found: list[Result]) -> None:
        (row,) = gradebook.rows([student], self._lines.get(student.id, []), self._course.scheme)
        self._rows[student.id] = row
        self._write(_Student(student.id, self._out / STUDENTS / self._folders[student.id], row, found))

    def finish(self) -> Summary:
        """Those who handed in nothing, and what is about all."""
        intake = self._course.intake
        for student in intake.students:
            if student.id not in self._rows:
                self._student(student, [])
        order = [*self._students, *sorted(self._rows.keys() - self._students.keys())]
        rows = [self._rows[id] for id in order]
        attempts, points, unplaced, index = (self._out / name for name in FILES)
        lines.write(attempts, (line for id in order for line in self._lines.get(id, [])))
        save(points, [sheets.gradebook(rows)])
        save(unplaced, [spreadsheet.unplaced(intake.unplaced)])
        page = class_page.html(self._overview, rows, intake.unplaced, intake.unknown, self.where)
        save(index, [page.encode()])
        kept = [one for tally in self._overview.tallies.values() for one in tally.all()]
        return Summary(
            Counter(one.verdict for one in kept), sum(bool(one.concerns) for one in kept), rows, self._stale()
        )

    def _stale(self) -> tuple[str, ...]:
        students = self._out / STUDENTS
        there = (normalize("NFC", folder.name) for folder in students.iterdir()) if students.is_dir() else ()
        return tuple(sorted({name for name in there if name[0] != "."} - {*self._folders.values()}))

    def where(self, student: str) -> str:
        """The link from the class page to a student's report."""
        return f"{STUDENTS}/{self._folders[student]}/report.html"
