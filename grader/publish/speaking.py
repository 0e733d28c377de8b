"""Which cases of a check have something to tell, and why a part has none."""

from typing import NamedTuple

from grader.models import CaseReport, Check, Detail

SHOWN = 3  # failing cases that are shown at once


class Failing(NamedTuple):
    """A case that isn't right, with what there is to show of it."""

    case: CaseReport
    detail: Detail


def speaks(case: CaseReport, detail: Detail) -> bool:
    """Whether there is something to say of it: it was asked, and isn't right."""
    return case.verdict not in ("passed", "missing") and not unwritten(case, detail)


def failing(check: Check) -> list[Failing]:
    """The cases that say something; of a file that can't be run only one, since all say the same."""
    pairs = list(zip(check.report.cases, check.details, strict=True))
    found = [Failing(*pair) for pair in pairs if speaks(*pair)]
    if check.report.verdict != "error":
        return found
    return (found or [Failing(*pair) for pair in pairs if pair[0].message])[:1]


def unwritten(case: CaseReport, detail: Detail) -> bool:
    return detail.unwritten or (case.verdict == "raised" and case.message == "not written yet")


def states(check: Check) -> dict[str, str]:
    """By part, why there is no answer at all to it, if that is the same for all its cases; else nothing."""
    found: dict[str, set[str]] = {}
    for case, detail in zip(check.report.cases, check.details, strict=True):
        found.setdefault(case.part, set()).add(_why(case, detail))
    return {part: whys.pop() if len(whys) == 1 else "" for part, whys in found.items()}


def _why(case: CaseReport, detail: Detail) -> str:
    if unwritten(case, detail):
        return "not written yet"
    if case.verdict != "missing":
        return ""
    return "not in your file" if case.message.startswith("your file doesn't define") else case.message
