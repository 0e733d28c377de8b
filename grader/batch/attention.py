"""What about an attempt a person should look at, because no verdict says it."""

from typing import Literal, NamedTuple

from grader.batch.model import Result
from grader.models import CaseReport
from grader.text import harmless

Kind = Literal["not judged", "can't be loaded", "crashed", "suspicious"]
LONGEST = 300  # characters of a reason

# How messages about a process that was ended begin, see grader/run.py and grader/forked.py, and what that tells. None:
# nothing that a person has to look at. These messages are the judge's own; what a submission says never begins one.
ENDINGS: dict[str, tuple[Kind, str] | None] = {
    "your code wrote to the grader's channel": ("suspicious", "wrote to the grader's channel itself"),
    "your code closed the grader's channel": ("suspicious", "closed the grader's channel"),
    "the process was stopped for a system call": ("suspicious", "made a system call that isn't allowed"),
    "your code printed more than": ("suspicious", "was stopped for printing without end"),
    "your code started more than": ("suspicious", "was stopped for starting too many threads"),
    "your code ended the process": ("crashed", "ended its process instead of answering"),
    "your code returned far more": None,
    "stopped after": None,
    "`report` was called": None,
}


class Concern(NamedTuple):
    """One thing to look at, in words for the instructor."""

    kind: Kind
    text: str


def concerns(result: Result) -> tuple[Concern, ...]:
    """What a person should look at in one attempt, each thing once; empty for most."""
    if result.check is None or result.verdict == "not_judged":
        return (Concern("not judged", _line(result.trouble or "no reason is known")),)
    report = result.check.report
    found = dict.fromkeys(concern for case in report.cases if (concern := _ending(case)))
    if report.verdict == "error" and not found:
        message = next((case.message for case in report.cases if case.message), "")
        return (Concern("can't be loaded", _line(message or "it defines nothing that is asked for")),)
    return tuple(found)


def _ending(case: CaseReport) -> Concern | None:
    if case.verdict != "killed":
        return None
    for start, told in ENDINGS.items():
        if case.message.startswith(start):
            return Concern(*told) if told else None
    return Concern("crashed", _line(case.message))


def _line(text: str) -> str:
    return harmless(" ".join(text.split()), LONGEST)
