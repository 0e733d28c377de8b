"""From outcomes to verdicts: one case, one part, the whole submission."""

from collections.abc import Sequence

from grader.cases import Asked
from grader.compare import Difference, compare, touched
from grader.models import CaseReport, CaseVerdict, DifferenceReport, PartReport, Verdict, plain
from grader.outcome import Answered, Outcome

VERDICTS: dict[str, CaseVerdict] = {
    "raised": "raised",
    "unwritten": "raised",
    "timed_out": "timed_out",
    "killed": "killed",
    "missing": "missing",
}


def difference(asked: Asked, outcome: Outcome, expected: Outcome) -> Difference | None:
    """What is wrong with an outcome, None if nothing is."""
    if asked.case.check is None or not isinstance(outcome, Answered) or not isinstance(expected, Answered):
        return compare(outcome, expected, asked.rules)
    if found := touched(outcome, asked.rules):
        return found
    problem = asked.problem(outcome.value)
    return Difference("property", problem) if problem else None


def case_report(asked: Asked, found: Difference | None) -> CaseReport:
    """A case as it stands in the report."""
    if found is None:
        return CaseReport(asked.part.name, asked.case.name, "passed", "")
    text = f"{found.message} ({found.reason})" if found.reason else found.message
    message = text.encode("utf-8", "backslashreplace").decode()  # halves of surrogate pairs aren't text elsewhere
    numbers = DifferenceReport(
        found.kind,
        found.wrong,
        found.of,
        found.worst_index,
        plain(found.got),
        plain(found.expected),
        plain(found.max_abs),
        plain(found.max_rel),
    )
    verdict = VERDICTS.get(found.kind, "failed")
    return CaseReport(asked.part.name, asked.case.name, verdict, message, numbers if verdict == "failed" else None)


def part_reports(cases: Sequence[CaseReport]) -> tuple[PartReport, ...]:
    """How many cases of each part passed, parts in order."""
    parts: dict[str, list[bool]] = {}
    for case in cases:
        parts.setdefault(case.part, []).append(case.verdict == "passed")
    return tuple(PartReport(name, sum(passed), len(passed)) for name, passed in parts.items())


def total(parts: Sequence[PartReport]) -> tuple[Verdict, float]:
    """The verdict and the score of a submission that could be loaded."""
    passed = sum(part.passed == part.cases for part in parts)
    return ("passed" if passed == len(parts) else "failed"), round(passed / len(parts), 4)
