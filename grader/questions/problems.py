"""Collects the mistakes of one page, so that an author sees all of them at once."""

from pathlib import Path

from grader.errors import PageError


class Problems:
    """The mistakes found in one page so far."""

    def __init__(self, path: Path | str) -> None:
        self.path = path
        self.found: list[PageError] = []

    def add(self, line: int, message: str) -> None:
        """Note a mistake at a line, counted from 1; the message says the thing, the fact, how to mend it."""
        self.found.append(PageError(self.path, line, message))

    def in_order(self) -> list[PageError]:
        return sorted(self.found, key=lambda error: error.line)


def quote(text: str) -> str:
    """Quote a piece of a page for a message: on one line, and not too long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
