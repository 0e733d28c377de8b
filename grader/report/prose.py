"""Docstrings on a terminal: prose folded anew, code as it is."""

from collections.abc import Iterator

from grader.report.style import Style, wrap
from grader.text import spelled

ITEMS = ("* ", "- ")
CODE = "   "  # so far in begins what isn't prose; the lines of an item are less far in


def prose(text: str, style: Style) -> list[str]:
    """A docstring in lines that fit: paragraphs and items folded anew, lines of code as they are."""
    lines: list[str] = []
    for line in _joined(text):
        if not line or line.startswith(CODE):
            lines.append(spelled(line, style.encoding))
        else:
            lines += wrap(line, style, "  " if line.startswith(ITEMS) else "", "")
    return lines


def _joined(text: str) -> Iterator[str]:
    """Paragraphs and items as one line each; lines of code and empty ones as they are."""
    sentences = ""
    for row in text.split("\n"):
        apart = not row.strip() or row.startswith(CODE)
        if sentences and (apart or row.startswith(ITEMS)):
            yield sentences
            sentences = ""
        if apart:
            yield row.rstrip()
        else:
            sentences = f"{sentences} {row.strip()}".strip()
    if sentences:
        yield sentences
