"""Tables of Moodle: the grading worksheet of an assignment, and the export of the whole gradebook as CSV.

Moodle takes a worksheet back by the columns Identifier, Grade and Last modified (grade), which are called so in the
language of whoever exported it; English and Korean are known here. See mod/assign/feedback/offline/importgradeslib.php
and grade/export/txt/grade_export_txt.php of Moodle.
"""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from grader.batch.called import plain
from grader.batch.model import Row
from grader.errors import UsageError
from grader.publish.filling import Column, Entry, Filled, Names, aims, fill, number
from grader.publish.people import Person
from grader.publish.tables import Cell, Sheet

IDENTIFIER = ("identifier", "식별자")
GRADE = ("grade", "성적")
HIGHEST = ("maximum grade", "최대 성적")
CHANGEABLE = ("grade can be changed",)
IDS = ("id number", "username", "email address", "이메일 주소", "이메일")
NAMES = ("full name", "성명", "전체이름")
FIRST, LAST = ("first name", "이름"), ("last name", "surname", "성")
EXPORTED = "last downloaded from this course"
ITEM = re.compile(r"(?:[^:]*: )?(.*) \(real\)", re.I | re.S)
TOTAL = re.compile(r"(?:course|category|.*) total \(real\)", re.I)


def recognised(sheet: Sheet) -> bool:
    head = _head(sheet)
    return _is_worksheet(head) or (EXPORTED in head and not {*head}.isdisjoint(IDS))


def filled(sheet: Sheet, rows: Sequence[Row], column: str | None, names: Names) -> Filled:
    head = _head(sheet)
    people = [cells for cells in sheet.rows[1:] if len(cells) == len(head)]
    if not _is_worksheet(head):
        wanted = aims(_items(sheet), rows, column, names)
        return fill(sheet, [_entry(head, cells, {}) for cells in people], rows, wanted)
    grade = next(index for index, name in enumerate(head) if name in GRADE)
    title = sheet.rows[0][grade].value
    if column is not None and plain(column) != plain(title):
        raise UsageError(f"no column {column} can be filled in; the one of a grading worksheet is {title}")
    open_ = [cells for cells in people if _value(head, cells, CHANGEABLE).casefold() != "no"]
    entries = [_entry(head, cells, {grade: number(_value(head, cells, HIGHEST))}) for cells in open_]
    return fill(sheet, entries, rows, {Column(grade, title, title): None})


def _head(sheet: Sheet) -> list[str]:
    return [plain(cell.value) for cell in sheet.rows[0]]


def _is_worksheet(head: Sequence[str]) -> bool:
    return not {*head}.isdisjoint(IDENTIFIER) and not {*head}.isdisjoint(GRADE)


def _items(sheet: Sheet) -> list[Column]:
    """Columns with points of single activities, as `Assignment: Name (Real)`; totals are Moodle's to compute."""
    heads = [" ".join(cell.value.split()) for cell in sheet.rows[0]]
    return [
        Column(index, head, found[1])
        for index, head in enumerate(heads)
        if (found := ITEM.fullmatch(head)) and not TOTAL.fullmatch(head)
    ]


def _entry(head: Sequence[str], cells: Sequence[Cell], possible: Mapping[int, Fraction | None]) -> Entry:
    whole, first, last = (_value(head, cells, names) for names in (NAMES, FIRST, LAST))
    name = whole or f"{first} {last}".strip()
    participant = re.sub(r"^\D+", "", _value(head, cells, IDENTIFIER))  # `Participant 123`
    ids = [cell.value for title, cell in zip(head, cells, strict=True) if title in IDS]
    shown = name or next(filter(None, [*ids, participant]), "somebody without a name")
    return Entry(shown, Person((participant, *ids), (name,)), cells, possible)


def _value(head: Sequence[str], cells: Sequence[Cell], titles: Sequence[str]) -> str:
    """What stands in the first column with one of these heads; empty if there is none."""
    return next((cell.value for title, cell in zip(head, cells, strict=True) if title in titles), "")
