"""A table of comma-separated values in which single cells can be changed: all others stay as they are, byte by byte."""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path

from grader import files
from grader.errors import UsageError

MOST = 64 << 20  # bytes of a file
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
ENCODINGS = ("utf-8", "cp949")  # the second is what Excel writes in Korea
DELIMITERS = ",;\t"


class Cell:
    """One cell: `raw` as it stands in the file, quotes included; `value` what it says."""

    __slots__ = ("raw",)

    def __init__(self, raw: str) -> None:
        self.raw = raw

    @property
    def value(self) -> str:
        quoted = self.raw.startswith('"')
        return (self.raw[1:-1].replace('""', '"') if quoted else self.raw).strip()

    def write(self, text: str, delimiter: str) -> None:
        """Changes what the cell says, to a number; it stays in quotes if it was."""
        self.raw = f'"{text}"' if self.raw.startswith('"') or delimiter in text else text


class Sheet:
    """A whole file: its rows of cells, and all that stands around them."""

    def __init__(self, mark: bytes, encoding: str, delimiter: str, rows: list[tuple[list[Cell], str]]) -> None:
        self.mark, self.encoding, self.delimiter, self.ended = mark, encoding, delimiter, rows

    @property
    def rows(self) -> list[list[Cell]]:
        return [cells for cells, _ in self.ended]

    def content(self) -> bytes:
        text = "".join(self.delimiter.join(cell.raw for cell in cells) + end for cells, end in self.ended)
        return self.mark + text.encode(self.encoding)


def load(path: Path) -> Sheet:
    """Reads a file. Raises UsageError if it can't be read, or is no such table."""
    data = files.read(path, MOST, "gradebook", "the CSV file that was exported")
    mark, encoding, text = _text(path, data)
    delimiter = _delimiter(text)
    sheet = Sheet(mark, encoding, delimiter, list(_rows(path, text, delimiter)))
    if not sheet.rows or sheet.content() != data:
        raise UsageError(f"{path} is no table of comma-separated values; export it as CSV")
    return sheet


def _text(path: Path, data: bytes) -> tuple[bytes, str, str]:
    marked = next(((mark, encoding) for mark, encoding in MARKS if data.startswith(mark)), None)
    for mark, encoding in [marked] if marked else [(b"", encoding) for encoding in ENCODINGS]:
        try:
            return mark, encoding, data[len(mark) :].decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path} is neither UTF-8 nor UTF-16 nor cp949; save it as CSV UTF-8")


def _delimiter(text: str) -> str:
    """The one that makes most cells of the first row."""
    first = text.partition("\n")[0]
    return max(DELIMITERS, key=lambda delimiter: len(next(csv.reader([first], delimiter=delimiter), [])))


def _rows(path: Path, text: str, delimiter: str) -> Iterator[tuple[list[Cell], str]]:
    """Rows of cells, each with the end of its line. A cell is in quotes as a whole, or not at all."""
    token = re.compile(rf'("(?:[^"]|"")*+"|[^"\r\n{delimiter}][^\r\n{delimiter}]*+|)({delimiter}|\r\n|\r|\n|\Z)')
    cells: list[Cell] = []
    place = 0
    while place < len(text):
        found = token.match(text, place)
        if not found:
            line = text.count("\n", 0, place) + 1
            raise UsageError(f"{path}:{line}: a quotation mark is out of place; export the file anew")
        cells.append(Cell(found[1]))
        place = found.end()
        if found[2] != delimiter:
            yield cells, found[2]
            cells = []
    if cells:
        yield [*cells, Cell("")], ""
