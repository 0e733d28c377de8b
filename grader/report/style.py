"""What a terminal, a pipe or a file can show, and text that fits into it."""

import os
import sys
from collections.abc import Iterator
from typing import NamedTuple, TextIO

from grader.text import harmless, spelled

LONGEST = len("\\U0010ffff")  # a sign written out
NARROWEST, WIDEST = 40, 120  # columns
COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36}  # as ECMA-48 numbers them


class Style(NamedTuple):
    """What the output can carry."""

    width: int
    colour: bool
    passed: str
    failed: str
    empty: str
    arrow: str
    dot: str
    encoding: str = "utf-8"

    def paint(self, text: str, fg: str = "", bold: bool = False, dim: bool = False) -> str:
        """The text in a colour of the terminal's, one of COLOURS. (click does the same, but takes long to import.)"""
        codes = [str(code) for code, wanted in ((COLOURS.get(fg), fg), (1, bold), (2, dim)) if wanted]
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.colour and codes else text


def say(text: object = "", err: bool = False) -> None:
    """Prints in the encoding of the terminal. (click would write UTF-8 to one that says it is ASCII.)"""
    print(text, file=sys.stderr if err else sys.stdout)


def say_json(value: object) -> None:
    """Prints JSON. Signs that the encoding lacks are written as JSON writes them, so that nothing of it changes."""
    import json

    text = json.dumps(value, indent=2, ensure_ascii=False)
    encoding = sys.stdout.encoding or "ascii"
    say(text if spelled(text, encoding) == text else json.dumps(value, indent=2))


def tell(text: object = "", err: bool = False, indent: str = "", mark: str = "") -> None:
    """Prints sentences: on a terminal folded between words, elsewhere each as one line.

    indent: of all lines but the first. mark: a sign in front of the first, which may be painted.
    """
    stream = sys.stderr if err else sys.stdout
    lines = harmless(str(text), LONGEST * len(str(text)), "\n").split("\n")
    if stream is not None and stream.isatty():
        width = _width(stream) - (2 if mark else 0)
        plain = spelled("\n".join(lines), stream.encoding or "ascii").split("\n")
        lines = [row for line in plain for row in fold(line, width, indent, cut=False)]
    first, *rest = lines
    print("\n".join([f"{mark} {first}", *(f"  {row}" for row in rest)] if mark else lines), file=stream)


def cells(text: str) -> int:
    """How many columns a text takes: signs of Korean and other wide scripts take two."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def fill(text: str, columns: int) -> str:
    """A text cut off or filled up to exactly that many columns."""
    shown = shorten(text, columns)
    return shown + " " * (columns - cells(shown))


def shorten(text: str, columns: int) -> str:
    """A text, or its beginning and `...`, so that it takes no more columns."""
    if cells(text) <= columns:
        return text
    start = _head(text, columns - 3)
    words = start.rpartition(" ")[0] if text[len(start) : len(start) + 1] != " " else start
    return (words if cells(words) > columns // 2 else start).rstrip() + "..."


def _head(text: str, columns: int) -> str:
    """The longest beginning of a text that takes no more columns."""
    if text.isascii():
        return text[: max(0, columns)]
    for at, sign in enumerate(text):
        columns -= cells(sign)
        if columns < 0:
            return text[:at]
    return text


def style_of_stdout() -> Style:
    """The style that fits stdout: its width, its encoding, NO_COLOR and whether somebody is looking."""
    columns = _width(sys.stdout)
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    encoding = sys.stdout.encoding or "ascii"
    try:
        "✓✗·→".encode(encoding)
    except UnicodeEncodeError:
        return Style(columns, colour, "+", "x", "-", "->", "-", encoding)
    return Style(columns, colour, "✓", "✗", "·", "→", "·", encoding)


def _width(stream: TextIO) -> int:
    """Columns to write in: those of the terminal, within reason."""
    return max(NARROWEST, min(_columns(stream), WIDEST))


def _columns(stream: TextIO) -> int:
    if (given := os.environ.get("COLUMNS", "")).isdigit():
        return int(given)
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 80


def wrap(text: str, style: Style, indent: str = "", first: str | None = None) -> list[str]:
    """A text in lines that fit, harmless to a terminal; none for an empty text. Tabs become blanks.

    first: what the first line begins with, where that isn't the indent.
    """
    shown = spelled(harmless(text, LONGEST * len(text), "\n\t"), style.encoding).splitlines()
    starts = [indent if first is None else first, *[indent] * len(shown)]
    pairs = zip(shown, starts, strict=False)
    return [row for line, start in pairs for row in fold(line.expandtabs(4), style.width, indent, first=start)]


def fold(text: str, columns: int, indent: str = "", cut: bool = True, first: str = "") -> list[str]:
    """One line as several that fit, broken between words. cut: also within words that are longer than a line.

    indent: of the lines but the first, which begins with `first`.
    """
    lines, line, begun = [], first, False
    for word in text.split(" "):
        longer = f"{line} {word}" if begun else line + word
        if begun and cells(longer) > columns:
            lines.append(line.rstrip())
            longer, begun = indent + word, False
        pieces = list(_pieces(longer, columns, indent)) if cut else [longer]
        lines += pieces[:-1]
        line, begun = pieces[-1], begun or bool(word) or not lines
    return [*lines, line.rstrip()]


def _pieces(line: str, columns: int, indent: str) -> Iterator[str]:
    """A line without a place to break it, in pieces that fit."""
    while (start := _head(line, columns)) != line and len(start) > len(indent):
        yield start
        line = indent + line[len(start) :]
    yield line
