"""Which columns of a learning platform's table get which points, and how they are written."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fractions import Fraction
from typing import NamedTuple

from grader.batch.called import plain
from grader.batch.gradebook import plain_number
from grader.batch.model import Row
from grader.errors import UsageError
from grader.publish.people import Person, match
from grader.publish.tables import Cell, Sheet

Names = Mapping[str, Sequence[str]]  # of exercises: slugs and titles by number

NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
SHORTEST = 4  # letters of a name that is looked for in the head of a column
OPENING = re.compile(
    r"(?:(?:ex|exercise|q|question|연습|연습 ?문제|문제|실습)?[ .#:_-]*)0*([1-9]\d*)(?:[-_.]([1-9]\d*))?(?!\d)"
)


class Filled(NamedTuple):
    """A table with points filled in. text: what to save.

    unmatched: people of the table who aren't in the gradebook. missing: ids of students who aren't in the table.
    columns: heads of what was filled in. withheld: ids of students with cells that were left as they are, because
    something of theirs could not be judged.
    """

    text: bytes
    unmatched: tuple[str, ...]
    missing: tuple[str, ...]
    columns: tuple[str, ...]
    withheld: tuple[str, ...] = ()


class Column(NamedTuple):
    """A column that may be filled in. title: its head without what the platform adds to it."""

    place: int
    head: str
    title: str


class Entry(NamedTuple):
    """Somebody's row in a table. possible: by column, how many points stand for all; None as they are."""

    shown: str
    person: Person
    cells: Sequence[Cell]
    possible: Mapping[int, Fraction | None]
    fixed: frozenset[str] = frozenset()


def aims(columns: Sequence[Column], rows: Sequence[Row], column: str | None, names: Names) -> dict[Column, str | None]:
    """The columns to fill in, each with its exercise; None is the total. Raises UsageError if that isn't clear."""
    if column is not None:
        return {_named(columns, column): None}
    exercises = [mark.exercise for mark in rows[0].marks if mark.weight] if rows else []
    found = {one: exercise for one in columns if (exercise := _exercise(one.title, exercises, names))}
    for exercise in exercises:
        same = [one.head for one in found if found[one] == exercise]
        if len(same) > 1:
            raise UsageError(f"{_list(same)} are both exercise {exercise}; name one column with `--column`")
    if found:
        return dict(found)
    if len(columns) == 1:
        return {columns[0]: None}
    raise UsageError(f"no column is an exercise; name the one for the total with `--column`: {_list(_heads(columns))}")


def _named(columns: Sequence[Column], wanted: str) -> Column:
    fitting = [one for one in columns if plain(wanted) in (plain(one.head), plain(one.title))]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UsageError(f"several columns are called {wanted}; give one as a whole: {_list(_heads(fitting))}")
    close = get_close_matches(wanted, _heads(columns), 1, 0.5)
    hint = f"did you mean {close[0]}?" if close else f"there are {_list(_heads(columns))}"
    raise UsageError(f"no column {wanted} can be filled in; {hint}")


def _exercise(title: str, exercises: Sequence[str], names: Names) -> str | None:
    """The exercise that a column says it is, by number at its beginning or by name; None if none or several."""
    text = plain(title)
    opening = OPENING.match(text)
    if opening and (number := "-".join(filter(None, opening.groups()))) in exercises:
        return number
    text = _spaced(text)
    found = {exercise for exercise in exercises for name in names.get(exercise, ()) if _spaced(name, SHORTEST) in text}
    return found.pop() if len(found) == 1 else None


def _spaced(text: str, shortest: int = 0) -> str:
    """Words between single spaces; what is too short becomes something that occurs nowhere."""
    words = " ".join(re.findall(r"[^\W_]+", plain(text)))
    return f" {words} " if len(words) >= shortest else "\0"


def fill(sheet: Sheet, entries: Sequence[Entry], rows: Sequence[Row], targets: Mapping[Column, str | None]) -> Filled:
    """Writes everybody's points into the columns, and touches nothing else."""
    found = match([entry.person for entry in entries], [row.student for row in rows])
    comma = any(re.fullmatch(r"\d+,\d+", cell.value) for entry in entries for cell in entry.cells)
    withheld = set()
    for index, whose in found.items():
        for column, exercise in targets.items():
            entry, row = entries[index], rows[whose]
            cell = entry.cells[column.place]
            if cell.value.casefold() in entry.fixed:
                continue
            if _unclear(row, exercise):
                withheld.add(row.student.id)
                continue
            text = plain_number(_points(row, exercise, entry.possible.get(column.place)))
            cell.write(text.replace(".", ",") if comma else text, sheet.delimiter)
    there = set(found.values())
    return Filled(
        sheet.content(),
        tuple(entry.shown for index, entry in enumerate(entries) if index not in found),
        tuple(row.student.id for index, row in enumerate(rows) if index not in there),
        tuple(_heads(targets)),
        tuple(sorted(withheld)),
    )


def _unclear(row: Row, exercise: str | None) -> bool:
    return any(mark.needs_human for mark in row.marks if exercise in (None, mark.exercise))


def _points(row: Row, exercise: str | None, possible: Fraction | None) -> Fraction:
    points, of = row.total, row.out_of
    if exercise is not None:
        points, of = next((mark.points, mark.weight) for mark in row.marks if mark.exercise == exercise)
    exact = Fraction(round(points * 100), 100)
    return exact * possible / Fraction(round(of * 100), 100) if possible and of else exact


def number(text: str) -> Fraction | None:
    """A number as tables hold it, with a point or a comma; None if it is none."""
    return Fraction(text.replace(",", ".")) if NUMBER.fullmatch(text) else None


def _heads(columns: Sequence[Column] | Mapping[Column, str | None]) -> list[str]:
    return [one.head for one in columns]


def _list(words: Sequence[str]) -> str:
    return ", ".join(words) or "none"
