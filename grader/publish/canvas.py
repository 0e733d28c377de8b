"""The gradebook that Canvas exports and imports again as CSV.

Its columns are Student (or LastName and FirstName), ID, SIS User ID, SIS Login ID, Section and others, then assignments
as `Name (12345)`, then totals; a row may tell which are posted by hand, one has the points possible, and `(read only)`
for what Canvas computes. See lib/gradebook_exporter.rb and lib/gradebook_importer.rb of Canvas LMS.
"""

import re
from collections.abc import Sequence

from grader.batch.model import Row
from grader.publish.filling import Column, Entry, Filled, Names, aims, fill, number
from grader.publish.people import Person
from grader.publish.tables import Cell, Sheet

IDS = ("ID", "SIS User ID", "SIS Login ID", "Integration ID")
ASSIGNMENT = re.compile(r"(.*) \(\d+\)", re.S)
FIXED = frozenset({"n/a", "ex"})  # not assigned to somebody, excused


def recognised(sheet: Sheet) -> bool:
    head = _head(sheet)
    return (head[:1] == ["Student"] or head[:2] == ["LastName", "FirstName"]) and {"ID", "Section"} <= {*head}


def filled(sheet: Sheet, rows: Sequence[Row], column: str | None, names: Names) -> Filled:
    head, body = _head(sheet), sheet.rows[1:]
    start = next((n for n, cells in enumerate(body, 1) if "Points Possible" in cells[0].value), 0)
    possible = [cell.value for cell in body[start - 1]] if start else [""] * len(head)
    columns = _assignments(head, possible)
    wanted = aims(columns, rows, column, names)
    scale = {one.place: number(possible[one.place]) for one in wanted}
    people = [cells for cells in body[start:] if len(cells) == len(head)]
    entries = [Entry(_name(cells), _person(head, cells), cells, scale, FIXED) for cells in people]
    return fill(sheet, entries, rows, wanted)


def _head(sheet: Sheet) -> list[str]:
    return [cell.value for cell in sheet.rows[0]]


def _assignments(head: Sequence[str], possible: Sequence[str]) -> list[Column]:
    """Columns with an assignment's id, except those which say in words that they are read only."""
    return [
        Column(index, name, found[1])
        for index, (name, points) in enumerate(zip(head, possible, strict=False))
        if (found := ASSIGNMENT.fullmatch(name)) and (not points or number(points) is not None)
    ]


def _person(head: Sequence[str], cells: Sequence[Cell]) -> Person:
    ids = tuple(cell.value for name, cell in zip(head, cells, strict=True) if name in IDS)
    names = (cells[0].value,) if head[0] == "Student" else (f"{cells[0].value} {cells[1].value}",)
    return Person(ids, names)


def _name(cells: Sequence[Cell]) -> str:
    return cells[0].value
