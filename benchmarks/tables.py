"""Results as tables: for a terminal, for a page in Markdown, for programs."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

SCHEMA = "dlgrade/benchmark/1"


class Column(NamedTuple):
    """digits: after the point of a number; None for text."""

    name: str
    digits: int | None = None

    def cell(self, value: Any) -> str:
        if value is None:
            return ""
        return str(value) if self.digits is None else f"{value:,.{self.digits}f}"


class Table(NamedTuple):
    """rows: one value for each column, None where there is none. notes: what is to be said below it.

    wrong: verdicts that were; then the figures are worth nothing.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Any, ...]]
    notes: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    def cells(self) -> list[list[str]]:
        """All of it as text, names of columns first."""
        named = [column.name for column in self.columns]
        pairs = (zip(self.columns, row, strict=True) for row in self.rows)
        return [named, *([column.cell(value) for column, value in row] for row in pairs)]

    def values(self, name: str) -> list[Any]:
        """A column by its name."""
        at = [column.name for column in self.columns].index(name)
        return [row[at] for row in self.rows]


def text(table: Table) -> str:
    """For a terminal: columns in line, numbers to the right."""
    cells = table.cells()
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if column.digits is None else cell.rjust(width)
            for column, cell, width in zip(table.columns, row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]
    return "\n".join([table.title, *(f"  {line}" for line in lines), *(f"  {note}" for note in table.notes)])


def markdown(table: Table) -> str:
    head, *rows = table.cells()
    rule = ["---" if column.digits is None else "---:" for column in table.columns]
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in (head, rule, *rows)]
    return "\n\n".join([f"{table.title}:", "\n".join(lines), *table.notes])


def document(facts: dict[str, Any], tables: Iterable[Table]) -> str:
    """Everything in JSON."""
    found = [
        {
            "name": table.name,
            "title": table.title,
            "columns": [column.name for column in table.columns],
            "rows": table.rows,
            "notes": table.notes,
            "wrong": table.wrong,
        }
        for table in tables
    ]
    return json.dumps({"schema": SCHEMA, "machine": facts, "tables": found}, indent=2, ensure_ascii=False)
