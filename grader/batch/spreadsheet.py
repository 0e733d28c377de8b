"""Tables that a spreadsheet opens, with text of strangers in them."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

from grader.batch.model import Unplaced
from grader.text import harmless

STARTS = ("=", "+", "-", "@")  # of what one spreadsheet or another takes for a formula
LONGEST = 2000
UNPLACED = ("file", "student", "why")


def table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> bytes:
    """A CSV file as RFC 4180 has it: a head, and rows of anything."""
    return _written(head, rows, "\r\n").encode("utf-8-sig")  # by the mark Excel knows UTF-8


def plain_table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> bytes:
    """The same for programs, which may take the mark for a part of the first head."""
    return _written(head, rows, "\n").encode()


def unplaced(files: Iterable[Unplaced]) -> bytes:
    """unplaced.csv."""
    return table(UNPLACED, ((one.file, one.student or "", one.why) for one in files))


def cell(text: str) -> str:
    """One line of printable text that no spreadsheet takes for a formula, not even one that splits at semicolons.

    What looks like one gets an apostrophe before it.
    """
    shown = harmless(text, LONGEST)  # tabs and line ends are written out
    return ";".join(map(_quoted, shown.split(";"))) if ";" in shown else _quoted(shown)


def _quoted(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lstrip()  # full-width signs count as the plain ones
    return f"'{text}" if plain.startswith(STARTS) else text


def _written(head: Sequence[str], rows: Iterable[Iterable[str]], end: str) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(head)
    writer.writerows(map(cell, row) for row in rows)
    return text.getvalue()
