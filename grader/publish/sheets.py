"""Tables for spreadsheets and learning platforms: gradebook.csv, and what Canvas or Moodle exported, filled in."""

from collections.abc import Sequence
from pathlib import Path

from grader.batch import spreadsheet
from grader.batch.gradebook import percent
from grader.batch.model import Mark, Row
from grader.errors import UsageError
from grader.publish import canvas, moodle, tables
from grader.publish.filling import Filled, Names

FIRST = ("student", "name", "email", "section", "total", "out_of", "percent", "needs_human")


def gradebook(rows: Sequence[Row]) -> bytes:
    """gradebook.csv: a row for each student, a column for each exercise. With a BOM, by which Excel knows UTF-8.

    Heads of exercises begin with `ex`, since Excel takes 12-1 for a day.
    """
    exercises = [f"ex{mark.exercise}" for mark in rows[0].marks] if rows else []
    return spreadsheet.table((*FIRST, *exercises), map(_cells, rows))


def _cells(row: Row) -> list[str]:
    unclear = " ".join(f"ex{mark.exercise}" for mark in row.marks if mark.needs_human)
    numbers = [_number(number) for number in (row.total, row.out_of, percent(row))]
    return [*row.student, *numbers, unclear, *map(_points, row.marks)]


def fill(export: Path, rows: Sequence[Row], column: str | None = None, names: Names | None = None) -> Filled:
    """Fills points into a CSV file that Canvas or Moodle exported; everything else in it stays as it is.

    column: the one that gets the total. names: of exercises, which columns may be called by. Raises UsageError.
    """
    sheet = tables.load(export)
    if canvas.recognised(sheet):
        return canvas.filled(sheet, rows, column, names or {})
    if moodle.recognised(sheet):
        return moodle.filled(sheet, rows, column, names or {})
    raise UsageError(
        f"{export} is neither from Canvas nor from Moodle by its first row; export the gradebook as CSV, in English"
    )


def _points(mark: Mark) -> str:
    """Nothing where there is no number to rely on: not judged, or dropped."""
    return "" if mark.verdict == "not_judged" or mark.dropped else _number(mark.points)


def _number(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
