"""Every error a person sees. Each is one line: the thing, the fact, the next step.

    DlgradeError
    ├── UsageError      the person at the keyboard acts      exit code 2
    └── CannotJudge     no verdict could be reached          exit code 3
        ├── KitError        the author of the kit acts
        │   └── PageError       ... on a question page, at a line
        ├── DataError       a data file is missing or damaged
        └── MachineError    the operator of the machine acts

What a student's code does wrong is never an exception here: it is an outcome, and ends up in a report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

INSTALL = {
    "torch": "`pip install torch --index-url https://download.pytorch.org/whl/cpu` (or `pip install 'dlgrade[torch]'`)"
}


def lacks(library: str) -> str:
    """The end of a message about what needs a library that isn't there."""
    return f"needs {library}, which isn't installed; {install(library)}"


def install(library: str) -> str:
    """What to do about a library that isn't there."""
    return f"run {INSTALL.get(library, f'`pip install {library}`')}"


class DlgradeError(Exception):
    """Base of all errors that are shown to people; its text is one line."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [f"dlgrade: {self}"]


class UsageError(DlgradeError):
    """The command was called in a way that it can't carry out."""

    exit_code = 2


class CannotJudge(DlgradeError):
    """No verdict could be reached; never the fault of a submission."""

    exit_code = 3


class KitError(CannotJudge):
    """A kit is incomplete or contradicts itself."""


class PageError(KitError):
    """A question page can't be read: says where, what, and how to mend it."""

    def __init__(self, path: Path | str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path, self.line, self.message = path, line, message


class DataError(CannotJudge):
    """A data file is missing or damaged, or can't be had."""


class MachineError(CannotJudge):
    """The machine or its sandbox does not offer what judging needs."""
