"""A result as Classroom 50 collects it, `classroom50/result/v1`: what an autograder leaves in `result.json`.

See schemas/result-v1.schema.json of foundation50/classroom50. Its scores are integers: here hundredths of a point.
"""

import re
from collections.abc import Mapping
from typing import Any

from grader.batch.model import Mark, Row
from grader.errors import UsageError
from grader.publish.gradescope import adds_up, result_in_words

SCHEMA = "classroom50/result/v1"
TAG = re.compile(r"submit/(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z(?:-.*)?", re.S)
TYPES = ("individual", "group", "team")


def document(row: Row, environment: Mapping[str, str]) -> dict[str, Any]:
    """The document for one student. environment: variables that Classroom 50's runner sets. Raises UsageError."""
    tag = _variable(environment, "SUBMISSION_TAG")
    if not tag.startswith("submit/"):
        raise UsageError(f"SUBMISSION_TAG is {tag[:60]!r}, but should begin with submit/; run this in Classroom 50")
    commit = _variable(environment, "COMMIT_URL")
    mode = environment.get("ASSIGNMENT_TYPE", "").strip().lower()
    return {
        "schema": SCHEMA,
        "classroom": _variable(environment, "CLASSROOM"),
        "assignment": _variable(environment, "ASSIGNMENT"),
        "assignment_type": mode if mode in TYPES else "individual",
        "owner": environment.get("OWNER") or _variable(environment, "USERNAME"),
        "submission": tag,
        "commit": commit,
        "release": _variable(environment, "RELEASE_URL"),
        "review": environment.get("REVIEW_URL") or commit,
        **_moment(tag),
        "score": _hundredths(row.total),
        "max-score": _hundredths(row.out_of),
        "tests": _tests(row),
    }


def _variable(environment: Mapping[str, str], name: str) -> str:
    if value := environment.get(name):
        return value
    raise UsageError(f"{name} isn't set; Classroom 50 sets it where its autograders run")


def _moment(tag: str) -> dict[str, str]:
    """When it was handed in, by the tag; the runner puts the time of the commit in its place."""
    found = TAG.fullmatch(tag)
    return {"datetime": f"{found[1]}T{found[2]}:{found[3]}:{found[4]}Z"} if found else {}


def _tests(row: Row) -> list[dict[str, Any]]:
    """A test for each exercise; their scores add up to that of the document."""
    plain = adds_up(row)
    tests = [_test(mark, plain and not mark.dropped) for mark in row.marks]
    if not plain:
        score, most = _hundredths(row.total), _hundredths(row.out_of)
        tests.append({"test-name": "total", "passed": score == most, "score": score, "max-score": most})
    return tests


def _test(mark: Mark, scored: bool) -> dict[str, Any]:
    return {
        "test-name": mark.exercise,
        "passed": mark.verdict == "passed",
        "score": _hundredths(mark.points) if scored else 0,
        "max-score": _hundredths(mark.weight) if scored else 0,
        "output": result_in_words(mark),
    }


def _hundredths(points: float) -> int:
    return round(points * 100)
