"""Results as Gradescope's autograders report them, in `results.json`.

See https://gradescope-autograders.readthedocs.io/en/latest/specs/: a score on top takes the place of the tests' sum.
Here it always equals that sum.
"""

from collections.abc import Iterator
from typing import Any

from grader.batch.gradebook import NOTHING, percent
from grader.batch.model import Mark, Row
from grader.models import Check
from grader.publish.speaking import failing
from grader.publish.told import WORDS, Told, Work, points
from grader.text import harmless

LONGEST = 2000  # characters of a line
SHOWN = 3  # failing cases that are shown of an exercise


def document(told: Told) -> dict[str, Any]:
    """The document for one student."""
    row, plain = told.row, adds_up(told.row)
    tests = [_test(work, plain) for work in told.works]
    if not plain:
        tests.append(_total(row))
    return {
        "score": row.total,
        "execution_time": round(sum(result.seconds for result in told.results), 3),
        "output": f"{points(row.total)} of {points(row.out_of)} points",
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def adds_up(row: Row) -> bool:
    """Whether total and out_of are the sums of the marks that count: nothing is scaled, capped or not judged."""
    kept = [mark for mark in row.marks if not mark.dropped]
    sums = (sum(round(mark.points * 100) for mark in kept), sum(round(mark.weight * 100) for mark in kept))
    return sums == (round(row.total * 100), round(row.out_of * 100))


def _test(work: Work, scored: bool) -> dict[str, Any]:
    """One exercise. What has no score and no status of its own is shown as information."""
    mark = work.mark
    test: dict[str, Any] = {"name": _name(work), "number": mark.exercise}
    if scored and mark.weight and not mark.dropped:
        test |= {"score": mark.points, "max_score": mark.weight}
    if mark.verdict != "not_judged":
        test["status"] = "passed" if mark.verdict == "passed" else "failed"
    return {**test, "output": "\n".join(_line(text) for text in _output(work)), "visibility": "visible"}


def _total(row: Row) -> dict[str, Any]:
    return {
        "name": "total",
        "score": row.total,
        "max_score": row.out_of,
        "output": f"{points(percent(row))} %",
        "visibility": "visible",
    }


def _name(work: Work) -> str:
    return f"{work.mark.exercise} {work.title}".strip()


def _output(work: Work) -> Iterator[str]:
    yield result_in_words(work.mark)
    if work.check:
        yield from _told(work.check)


def result_in_words(mark: Mark) -> str:
    """`not passed yet: 1.8 of 3 points (2 days late: -10 %)`"""
    told = f"{WORDS[mark.verdict]}: {points(mark.points)} of {points(mark.weight)} points"
    if mark.verdict == "not_judged":
        return mark.note
    return f"{told} ({mark.note})" if mark.note not in ("", NOTHING) else told


def _told(check: Check) -> Iterator[str]:
    """Parts, the diagnosis, and if there are any, cases."""
    report = check.report
    for part in report.parts:
        yield f"{part.name}: {part.passed} of {part.cases} cases passed"
    if report.diagnosis:
        yield report.diagnosis.summary
        yield report.diagnosis.nudge
    found = failing(check)
    for one in found[:SHOWN]:
        yield f"{', '.join(filter(None, (one.case.part, one.case.name)))}: {one.case.message}"
    if len(found) > SHOWN:
        yield f"and {len(found) - SHOWN} more cases"


def _line(text: str) -> str:
    return harmless(" ".join(text.split()), LONGEST)
