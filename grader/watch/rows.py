"""Lines of text cut to the columns of a terminal; colours take no room."""

import re
from collections.abc import Iterator

from grader.report.style import cells

PIECE = re.compile(r"\x1b\[[0-9;]*m|.", re.DOTALL)
RESET = "\x1b[0m"
TAB = 8


def fold(text: str, columns: int, encoding: str = "utf-8") -> list[str]:
    """The lines of a text, those that are too long in several rows of at most that many columns, cut at spaces.

    Colours begin anew in each row. Signs that the encoding lacks are written out, so that they can be counted.
    """
    shown = text.expandtabs(TAB).encode(encoding, "backslashreplace").decode(encoding)
    return [row for line in shown.split("\n") for row in _rows(line, max(columns, 2))]


def _rows(line: str, columns: int) -> Iterator[str]:
    if len(line) * 2 <= columns:  # most are short
        yield line
        return
    row: list[str] = []
    width = 0
    for piece in PIECE.findall(line):
        taken = cells(piece) if len(piece) == 1 else 0
        if width + taken > columns:
            cut = _cut(row)
            colours = _colours(row[:cut])
            yield "".join(row[:cut]) + (RESET if colours else "")
            row = [*colours, *row[cut:]]
            width = sum(cells(kept) for kept in row if len(kept) == 1)
        row.append(piece)
        width += taken
    yield "".join(row)


def _cut(row: list[str]) -> int:
    """How much of a row to keep: up to its last space, or all if only its indentation has any."""
    end = len(row)
    while end and row[end - 1] != " ":
        end -= 1
    return end if "".join(row[:end]).strip() else len(row)


def _colours(row: list[str]) -> list[str]:
    """The colours that hold at the end of a row."""
    found: list[str] = []
    for piece in row:
        if len(piece) > 1:
            found = [] if piece == RESET else [*found, piece]
    return found


def tail(text: str, columns: int) -> str:
    """A text without its beginning, where there is no room for all of it."""
    if cells(text) <= columns:
        return text
    while text and cells(text) > columns - 3:
        text = text[1:]
    return "..." + text
