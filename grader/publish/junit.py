"""Results as JUnit XML, which build servers show.

A suite for each attempt; with full feedback a test for each case, with brief feedback one for each part, with none one
for the exercise. Elements, attributes and their order keep to the schema of Jenkins' xUnit plugin (junit-10.xsd).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree import ElementTree

from grader.batch.gradebook import NOT_JUDGED
from grader.batch.model import Result
from grader.models import Report
from grader.publish.told import Feedback

LONGEST = 2000  # characters of a message
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no way to write these
FAILURES = ("failed", "missing")  # of the verdicts on a case; after all others there was no answer: an error


class _Test(NamedTuple):
    """One testcase. wrong: `failure`, `error` or `skipped`; empty if all is well."""

    group: str
    name: str
    wrong: str = ""
    kind: str = ""
    message: str = ""


def xml(student: str, results: Sequence[Result], feedback: Feedback) -> bytes:
    """The document for one student. student: id. results: as the student may see them."""
    uses = Counter(result.attempt.exercise for result in results)
    root = ElementTree.Element("testsuites", name=_clean(student))
    counts: Counter[str] = Counter()
    for result in results:
        exercise = result.attempt.exercise
        name = exercise if uses[exercise] == 1 else f"{exercise} ({result.attempt.file})"
        tests = list(_tests(result, feedback))
        counts += _counts(tests)
        root.append(_suite(name, result, tests, feedback))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(counts[name]))
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return content + b"\n"


def _suite(name: str, result: Result, tests: list[_Test], feedback: Feedback) -> ElementTree.Element:
    counts = _counts(tests)
    numbers = {key: str(counts[key]) for key in ("tests", "failures", "errors", "skipped")}
    suite = ElementTree.Element("testsuite", {"name": _clean(name), **numbers, "time": f"{result.seconds:.3f}"})
    for test in tests:
        case = ElementTree.SubElement(suite, "testcase", name=_clean(test.name), classname=_clean(test.group))
        if test.wrong:
            about = {"type": test.kind} if test.kind else {}
            wrong = ElementTree.SubElement(case, test.wrong, {**about, "message": _clean(test.message)})
            if test.wrong != "skipped":
                wrong.text = _clean(test.message)
    if feedback != "none" and result.check and (found := result.check.report.diagnosis):
        ElementTree.SubElement(suite, "system-out").text = _clean(f"{found.summary}\n{found.nudge}")
    return suite


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
