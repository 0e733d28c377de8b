"""Notebooks (nbformat 4, https://nbformat.readthedocs.io): their code, as a whole or by exercise, without outputs."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.batch import cells
from grader.batch.placing import LONGEST, NUMBER, WORD, Placing
from grader.batch.source import UTF16
from grader.files import parse

BRACKETS = 500_000  # that a notebook may have: each becomes an object in memory
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*)", re.M)
ONLY_NUMBER = re.compile(rf"{NUMBER}[ .:)]*(?:·.*)?", re.I)
WORD_AND_NUMBER = re.compile(rf"(?:{WORD})[ _.#-]*{NUMBER}(?![^\W_])|{NUMBER}번", re.I)


class Unreadable(Exception):
    """The text completes a sentence that begins with the file."""


class Cell(NamedTuple):
    """number: counted from 1 over all cells."""

    number: int
    code: bool
    text: str


class Section(NamedTuple):
    """The code for one exercise; number: as it is in the kit, or as the notebook says if the kit hasn't got it.

    code: empty if there is none, or no such exercise.
    """

    number: str
    known: bool
    code: str


def read(data: bytes) -> list[Cell]:
    """The cells of a notebook. Raises Unreadable."""
    if data.count(b"[") + data.count(b"{") > BRACKETS:
        raise Unreadable("has too many parts; clear its outputs")
    try:
        text = data.decode("utf-16" if data.startswith(UTF16) else "utf-8-sig")
        content = parse(text)
    except (ValueError, RecursionError, MemoryError):
        raise Unreadable("is no notebook, or a damaged one") from None
    if not isinstance(content, dict):
        raise Unreadable("is no notebook")
    version = content.get("nbformat")
    if type(version) is int and version in (1, 2, 3):
        raise Unreadable(f"is a notebook of format {version}, which is too old; open it in Jupyter and save it")
    if type(version) is not int or version != 4 or not isinstance(content.get("cells"), list):
        raise Unreadable("is no notebook of format 4")
    return [_cell(number, cell) for number, cell in enumerate(content["cells"], 1)]


def _cell(number: int, cell: object) -> Cell:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        raise Unreadable(f"has a cell that is none: number {number}")
    source = cell.get("source")
    parts = [source] if isinstance(source, str) else source
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise Unreadable(f"has a cell without a source: number {number}")
    text = "".join(parts)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unreadable(f"has a cell that isn't Unicode: number {number}") from None
    return Cell(number, cell["cell_type"] == "code", text if cell["cell_type"] != "raw" else "")


def code(found: Sequence[Cell]) -> str:
    """The code of cells as one source, with a comment where each begins; empty if there is none."""
    return "\n".join(
        f"# cell {cell.number}\n{cells.python(cell.text)}\n" for cell in found if cell.code and cell.text.strip()
    )


def sections(found: Sequence[Cell], placing: Placing) -> Iterator[Section]:
    """The code by exercise as headings, and comments that begin a cell, say; empty if none does.

    What comes before the first goes to all.
    """
    begun: list[str] = []
    members: dict[str, list[Cell]] = {}
    shared: list[Cell] = []
    for cell in found:
        begun = _mark(cell, placing) or begun
        for number in begun:
            members.setdefault(number, []).append(cell)
        if not begun:
            shared.append(cell)
    before = code(shared) if members else ""
    for number, cells_of_it in members.items():
        known = number in placing.by_number
        own = code(cells_of_it) if known else ""
        yield Section(number, known, "\n".join(filter(None, (before, own))) if own else "")


def _mark(cell: Cell, placing: Placing) -> list[str]:
    """The exercise that a cell begins, if it begins one."""
    if cell.code:
        first = cell.text.lstrip().partition("\n")[0]
        lines = [first.lstrip("#").strip()] if first.startswith("#") else []
    else:
        lines = [line.strip(" \t#*") for line in HEADING.findall(cell.text)]
    return next(([number] for line in lines if (number := _said(line, placing))), [])


def _said(line: str, placing: Placing) -> str:
    """The number of the exercise that a heading is about; empty if it is about something else."""
    if len(line) > LONGEST:
        return ""
    if only := ONLY_NUMBER.fullmatch(line):
        number = _number(only)
        return number if number in placing.by_number else ""
    if word := WORD_AND_NUMBER.match(line):
        return _number(word)
    named = placing.named(line)
    return named.choices[0].number if len(named.choices) == 1 else ""


def _number(found: re.Match[str]) -> str:
    main, sub = [*(group for group in found.groups() if group and group not in "-_."), None][:2]
    return f"{int(main or 0)}-{sub}" if sub else f"{int(main or 0)}"
