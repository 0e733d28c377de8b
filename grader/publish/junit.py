"""Results as JUnit XML, which build servers show.

A suite for each attempt; with full feedback a test for each case, with brief feedback one for each part, with none one
for the exercise. Elements, attributes and their order keep to the schema of Jenkins' xUnit plugin (junit-10.xsd).
"""

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from grader.batch.gradebook import NOT_JUDGED
from grader.batch.model import Feedback, Result
from grader.models import Report

LONGEST = 2000  # characters of a message
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no way to write these
IN_ATTRIBUTES = str.maketrans({'"': "&quot;", "\t": "&#09;", "\n": "&#10;", "\r": "&#13;"})
FAILURES = ("failed", "missing")  # of the verdicts on a case; after all others there was no answer: an error


class _Test(NamedTuple):
    """One testcase. wrong: `failure`, `error` or `skipped`; empty if all is well."""

    group: str
    name: str
    wrong: str = ""
    kind: str = ""
    message: str = ""


def xml(student: str, results: Sequence[Result], feedback: Feedback) -> str:
    """The document for one student. student: id. results: as the student may see them."""
    uses = Counter(result.attempt.exercise for result in results)
    counts: Counter[str] = Counter()
    suites: list[str] = []
    for result in results:
        exercise = result.attempt.exercise
        name = exercise if uses[exercise] == 1 else f"{exercise} ({result.attempt.file})"
        tests = list(_tests(result, feedback))
        counts += _counts(tests)
        suites += _suite(name, result, tests, feedback)
    numbers = {key: str(counts[key]) for key in ("tests", "failures", "errors")}
    root = _element("testsuites", {"name": student, **numbers}, *suites)
    return "\n".join(["<?xml version='1.0' encoding='utf-8'?>", *root, ""])


def _suite(name: str, result: Result, tests: list[_Test], feedback: Feedback) -> list[str]:
    counts = _counts(tests)
    numbers = {key: str(counts[key]) for key in ("tests", "failures", "errors", "skipped")}
    lines = [line for test in tests for line in _case(test)]
    if feedback != "none" and result.check and (found := result.check.report.diagnosis):
        told = _text(f"{found.summary}\n{found.nudge}")
        lines.append(f"<system-out>{told}</system-out>")
    return _element("testsuite", {"name": name, **numbers, "time": f"{result.seconds:.3f}"}, *lines)


@lru_cache(4096)
def _case(test: _Test) -> list[str]:
    """The element of a test; most students have most of them in common."""
    about = {"name": test.name, "classname": test.group}
    if not test.wrong:
        return _element("testcase", about)
    reason = {**({"type": test.kind} if test.kind else {}), "message": test.message}
    inside = "" if test.wrong == "skipped" else _text(test.message)
    opening = f"<{test.wrong}{_attributes(reason)}"
    return _element("testcase", about, f"{opening}>{inside}</{test.wrong}>" if inside else f"{opening} />")


def _element(name: str, attributes: Mapping[str, str], *lines: str) -> list[str]:
    """An element, line by line; what is inside of it is indented."""
    opening = f"<{name}{_attributes(attributes)}"
    return [f"{opening}>", *(f"  {line}" for line in lines), f"</{name}>"] if lines else [f"{opening} />"]


def _attributes(those: Mapping[str, str]) -> str:
    return "".join(f' {key}="{_text(value).translate(IN_ATTRIBUTES)}"' for key, value in those.items())


def _text(text: str) -> str:
    return html.escape(_clean(text), quote=False)


def _counts(tests: list[_Test]) -> Counter[str]:
    names = {"failure": "failures", "error": "errors", "skipped": "skipped"}
    return Counter({"tests": len(tests)}) + Counter(names[test.wrong] for test in tests if test.wrong)


def _tests(result: Result, feedback: Feedback) -> Iterator[_Test]:
    exercise, report = result.attempt.exercise, result.check.report if result.check else None
    if report is None or report.verdict == "not_judged":
        yield _Test(exercise, exercise, "skipped", "", NOT_JUDGED)
    elif feedback == "full" and report.cases:
        yield from _cases(exercise, report)
    elif feedback == "none" or not report.parts:
        wrong = {"passed": "", "failed": "failure"}.get(report.verdict, "error")
        yield _Test(exercise, exercise, wrong, report.verdict, f"score {report.score:g}")
    else:
        for part in report.parts:
            wrong = "" if part.passed == part.cases else "error" if report.verdict == "error" else "failure"
            message = f"{part.passed} of {part.cases} cases passed"
            yield _Test(exercise, part.name, wrong, "failed", message)


def _cases(exercise: str, report: Report) -> Iterator[_Test]:
    for case in report.cases:
        wrong = "" if case.verdict == "passed" else "failure" if case.verdict in FAILURES else "error"
        yield _Test(f"{exercise}.{case.part}", case.name, wrong, case.verdict, case.message)


def _clean(text: str) -> str:
    return NOT_XML.sub("", text)[:LONGEST]
