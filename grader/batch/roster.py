"""The students of a class, from a CSV file, and which of them somebody is who handed in."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader import files
from grader.batch.called import plain, spellings, words
from grader.batch.model import Student
from grader.batch.source import UTF16
from grader.errors import UsageError

COLUMNS = {  # what headers call each field, in the order in which they are preferred
    "id": (
        "id",
        "student id",
        "student_id",
        "student number",
        "id number",
        "sid",
        "sis user id",
        "학번",
        "학생번호",
        "username",
        "user name",
        "login",
        "identifier",
    ),
    "login": ("sis login id", "login id", "github", "github_username", "아이디"),
    "name": ("name", "student", "full name", "student name", "이름", "성명"),
    "first": ("first name", "given name", "firstname"),
    "last": ("last name", "surname", "family name", "lastname"),
    "email": ("email", "email address", "e-mail", "mail", "이메일", "전자우편"),
    "section": ("section", "sections", "class", "group", "분반", "반"),
}
CALLED = (*COLUMNS["id"], *COLUMNS["login"])
MOST = 64 << 20  # bytes of a file


class Roster:
    """Students by everything they are known by. What fits two of them finds neither."""

    def __init__(self, students: Sequence[Student], called: Sequence[Sequence[str]] = ()) -> None:
        """called: by student, what else stands for each, like the name to log in with."""
        self.students = tuple(students)
        self._ids = {student.id: student for student in students}
        self._known: dict[str, set[str]] = {}
        for student, others in zip(students, called or [()] * len(students), strict=True):
            for key in _keys(student, others):
                self._known.setdefault(key, set()).add(student.id)

    def find(self, *texts: str) -> Student | None:
        """The student with exactly the first text as id, or else the only one whom one of the texts fits."""
        if texts and (exact := self._ids.get(texts[0])):
            return exact
        return next((student for text in texts if (student := self._only(text))), None)

    def find_numbered(self, number: str, name: str) -> Student | None:
        """The student with a number that may be the platform's own: one who is called otherwise isn't meant."""
        listed = self._ids.get(number)
        if listed and (not name or not listed.name or listed.id in self._fitting(name)):
            return listed
        return self._only(name)

    def _only(self, text: str) -> Student | None:
        found = self._fitting(text)
        return self._ids[found.pop()] if len(found) == 1 else None

    def _fitting(self, text: str) -> set[str]:
        return set().union(*(self._known.get(key, set()) for key in _forms(text)))


def _keys(student: Student, others: Sequence[str]) -> Iterator[str]:
    alone = (student.id, student.email, student.email.partition("@")[0], *others)
    yield from filter(None, map(plain, alone))
    for name in spellings(student.name):
        yield name
        for id in (student.id, *others):
            yield from (_together(id + name), _together(name + id))


def _forms(text: str) -> Iterator[str]:
    """All that somebody may be known by who is called so: also a number with a name, as in `20231234_Kim Minsu`."""
    yield from spellings(text)
    if re.search(r"\d", text) and re.search(r"[^\W\d_]", text):
        yield _together(text)


def _together(text: str) -> str:
    """A number with a name, told from any id by how it begins."""
    return "\0" + "".join(words(text))


def load(path: Path) -> Roster:
    """A roster with a header. Raises UsageError, with the line."""
    rows = [(line, row) for line, row in _rows(path) if any(row)]
    header = [plain(cell) for cell in rows[0][1]] if rows else []
    if not any(name in header for name in (*COLUMNS["id"], *COLUMNS["email"])):
        raise UsageError(f"{path}:1: a roster has a column `id` or `email`; this one has {', '.join(header) or 'none'}")
    students: dict[str, Student] = {}
    called = []
    for line, row in rows[1:]:
        if any(row[len(header) :]):
            raise UsageError(f"{path}:{line}: more cells than the header; put quotes around a text with a comma")
        student = _student(header, row)
        if not student.id:
            if student.name and not _is_second_header(row):
                raise UsageError(f"{path}:{line}: a student without an id; fill it in")
            continue
        if student.id in students:
            raise UsageError(f"{path}:{line}: {student.id} is there a second time; remove one")
        students[student.id] = student
        called.append([cell for name, cell in zip(header, row, strict=False) if name in CALLED])
    return Roster(tuple(students.values()), called)


def _student(header: Sequence[str], row: Sequence[str]) -> Student:
    places = {field: _place(header, names) for field, names in COLUMNS.items()}
    cells = {field: row[place] if place is not None and place < len(row) else "" for field, place in places.items()}
    name = cells["name"] or f"{cells['first']} {cells['last']}".strip()
    return Student(cells["id"] or cells["email"], name, cells["email"], cells["section"])


def _is_second_header(row: Sequence[str]) -> bool:
    """Canvas has a line of points below the header."""
    return any("points possible" in cell.casefold() for cell in row)


def _place(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Lines and cells, without spaces around them."""
    text = _text(path)
    first = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        for row in reader:
            yield reader.line_num, [unicodedata.normalize("NFC", cell).strip() for cell in row]
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: not CSV ({error}); save it as CSV") from None


def _text(path: Path) -> str:
    data = files.read(path, MOST, "roster", "the CSV file of a roster")
    for encoding in ("utf-16",) if data.startswith(UTF16) else ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path} is neither UTF-8 nor cp949; save it as UTF-8")
