"""Lays out what was handed in for programs that look for copied code: one folder per exercise, starter code apart.

STEM/kim/STEM.py        the first attempt of a student at the exercise whose files are called STEM
STEM/kim/STEM_2.py      the second
STEM.starter/STEM.py    what everybody was given
STEM.csv                whose file is which, in the form that Dolos reads
manifest.csv            whose file is which, and where it came from
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from grader import kit
from grader.batch.model import Attempt, Intake, Student
from grader.batch.names import folders
from grader.batch.spreadsheet import plain_table, unplaced
from grader.errors import UsageError

MANIFEST = ("path", "student", "name", "section", "exercise", "file", "submitted", "sha256")
DOLOS = ("filename", "full_name", "label", "created_at")


class Laid(NamedTuple):
    """One attempt, and where it lies: relative to the folder that all is written to."""

    path: str
    attempt: Attempt
    student: Student


def lay_out(intake: Intake, root: Path, out: Path) -> list[Laid]:
    """Writes the attempts of an intake to the folder `out`, which must be empty or missing, and tells what lies where.

    root: the kit, for its stubs. Raises UsageError if `out` isn't empty or can't be written.
    """
    laid = _places(intake)
    files = {one.path: one.attempt.source for one in laid}
    for stem in sorted({attempt.stem for attempt in intake.attempts}):
        entry = kit.entry_of(root, stem)
        if entry and entry.stub.is_file():
            files[f"{stem}.starter/{stem}.py"] = entry.stub.read_bytes()
        files[f"{stem}.csv"] = plain_table(DOLOS, (_for_dolos(one) for one in laid if one.attempt.stem == stem))
    files["manifest.csv"] = plain_table(MANIFEST, map(_for_people, laid))
    if intake.unplaced:
        files["unplaced.csv"] = unplaced(intake.unplaced)
    _write(out, files)
    return laid


def _places(intake: Intake) -> list[Laid]:
    people = {student.id: student for student in intake.students}
    names = folders([attempt.student for attempt in intake.attempts])
    tries: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in intake.attempts:
        tries[attempt.stem, attempt.student].append(attempt)
    laid = []
    for (stem, student), attempts in sorted(tries.items()):
        for nth, attempt in enumerate(attempts, 1):
            path = f"{stem}/{names[student]}/{stem}{f'_{nth}' if nth > 1 else ''}.py"
            laid.append(Laid(path, attempt, people.get(student, Student(student))))
    return laid


def _for_people(one: Laid) -> Sequence[str]:
    attempt, student = one.attempt, one.student
    when = attempt.submitted.isoformat() if attempt.submitted else ""
    origin = (attempt.exercise, attempt.file, when, attempt.sha256)
    return (one.path, student.id, student.name, student.section, *origin)


def _for_dolos(one: Laid) -> Sequence[str]:
    when = one.attempt.submitted.isoformat(sep=" ") if one.attempt.submitted else ""
    return (one.path, one.student.name or one.student.id, one.student.section, when)


def _write(out: Path, files: dict[str, bytes]) -> None:
    try:
        if out.is_dir() and any(out.iterdir()):
            raise UsageError(f"{out} is not empty; give a new folder with --out, so that nothing old is compared")
        for path, content in files.items():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            (out / path).write_bytes(content)
    except OSError as error:
        raise UsageError(f"{out} can't be written ({error.strerror}); give another --out") from None
