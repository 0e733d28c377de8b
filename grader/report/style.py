"""What a terminal, a pipe or a file can show, and text that fits into it."""

import os
import sys
import unicodedata
from typing import Any, NamedTuple

import click

from grader.text import harmless

LONGEST = len("\\U0010ffff")  # a sign written out


class Style(NamedTuple):
    """What the output can carry."""

    width: int
    colour: bool
    passed: str
    failed: str
    empty: str
    arrow: str
    dot: str

    def paint(self, text: str, **style: Any) -> str:
        return click.style(text, **style) if self.colour else text


def say(text: object = "", err: bool = False) -> None:
    """Prints in the encoding of the terminal. (click would write UTF-8 to one that says it is ASCII.)"""
    print(text, file=sys.stderr if err else sys.stdout)


def cells(text: str) -> int:
    """How many columns a text takes: signs of Korean and other wide scripts take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def fill(text: str, columns: int) -> str:
    """A text cut off or filled up to exactly that many columns."""
    if cells(text) <= columns:
        return text + " " * (columns - cells(text))
    while cells(text) > columns - 3:
        text = text[:-1]
    return fill(text + "...", columns)


def style_of_stdout() -> Style:
    """The style that fits stdout: its width, its encoding, NO_COLOR and whether somebody is looking."""
    columns = max(40, min(_columns(), 120))
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    try:
        "✓✗·→".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return Style(columns, colour, "+", "x", "-", "->", "-")
    return Style(columns, colour, "✓", "✗", "·", "→", "·")


def _columns() -> int:
    if (given := os.environ.get("COLUMNS", "")).isdigit():
        return int(given)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        return 80


def wrap(text: str, style: Style, indent: str = "") -> list[str]:
    """A text in lines that fit, harmless to a terminal."""
    import textwrap

    lines: list[str] = []
    for line in harmless(text, LONGEST * len(text), "\n").splitlines():
        lines += textwrap.wrap(line, style.width, initial_indent=indent, subsequent_indent=indent) or [""]
    return lines
