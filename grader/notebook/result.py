"""What `check` gives back in a notebook."""

import functools
from typing import Any, NamedTuple

from grader.models import Check
from grader.notebook.collecting import Collected
from grader.report.style import Style, style_of_stdout
from grader.report.terminal import is_absent, left_out, render

ABSENT = "not defined"  # there is no file that it could be missing in


class Judged(NamedTuple):
    """What was judged. places: what people call its lines, where they come from cells."""

    source: bytes
    places: Collected | None

    def place(self, line: int) -> str:
        return self.places.place(line) if self.places else f"line {line}"


class Result:
    """The verdict on one exercise: shown by notebooks as a card, elsewhere as the report of `dlgrade check`.

    report: the document `dlgrade/report/1`, see docs/report.md. source: what was judged. printed: what it printed.
    """

    def __init__(self, answer: dict[str, Any], judged: Judged, everything: bool) -> None:
        """answer: the fields of a `Check`; everything: show all failing cases as text, not only the first ones."""
        self._answer, self._judged, self._everything = answer, judged, everything
        self.report: dict[str, Any] = answer["report"]
        self.source = judged.source.decode("utf-8", "replace")
        self.printed: str = answer["printed"]

    @property
    def verdict(self) -> str:
        """passed, failed, or error if it can't be run."""
        return str(self.report["verdict"])

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"

    @property
    def score(self) -> float:
        """The share of the parts that passed, from 0 to 1."""
        return float(self.report["score"])

    def __repr__(self) -> str:
        return self._text(style_of_stdout()._replace(colour=False))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What IPython shows in a terminal."""
        printer.text(self._text(style_of_stdout()))

    def _repr_html_(self) -> str:
        from grader.notebook.page import card

        return card(self._check(), self._judged.source, self._judged.place, self._next())

    def _check(self) -> Check:
        """The answer as a card takes it."""
        cases = [{**case, "message": ABSENT} if is_absent(case) else case for case in self.report["cases"]]
        check: Check = _check_of()({**self._answer, "report": {**self.report, "cases": cases}})
        return check

    def _text(self, style: Style) -> str:
        return render(self._answer, self._judged.source, style, self._everything, ABSENT, "all=True")

    def _next(self) -> str:
        number = self.report["exercise"]
        if left_out(self.report):
            return f'The training is left out; `check("{number}", train=True)` does it, too.'
        return f"Stuck? `!dlgrade hint {number}`" if self.verdict == "failed" else ""


@functools.cache
def _check_of() -> Any:
    """Makes a `Check` of its fields."""
    from pydantic import TypeAdapter

    return TypeAdapter(Check).validate_python
