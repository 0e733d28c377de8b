"""What a student's signed results.json says: as much as the feedback allows, and by which file it was earned."""

from collections.abc import Sequence
from typing import Any

from grader.batch.model import Result, Row
from grader.models import document
from grader.publish.told import Feedback, Work, works

SCHEMA = "dlgrade/student/1"


def content(row: Row, results: Sequence[Result], feedback: Feedback) -> dict[str, Any]:
    """The document to be signed. results: of this student, in the order of the lines, as they may be shown."""
    hashes = {(result.attempt.exercise, result.attempt.file): result.attempt.sha256 for result in results}
    return {
        "schema": SCHEMA,
        "student": row.student.id,
        "name": row.student.name,
        "total": row.total,
        "out_of": row.out_of,
        "exercises": [
            {**_exercise(work), "submission_sha256": hashes.get((work.mark.exercise, work.file or ""))}
            for work in works(row, results, feedback)
        ],
    }


def _exercise(work: Work) -> dict[str, Any]:
    mark = document(work.mark)
    found = {**{name: value for name, value in mark.items() if name != "attempt"}, "file": work.file}
    if work.check is None:
        return found
    report = document(work.check.report)
    told = {name: report[name] for name in ("parts", "diagnosis")}
    if report["cases"]:
        told["cases"] = [
            {name: case[name] for name in ("part", "name", "verdict", "message")} for case in report["cases"]
        ]
    return {**found, **told}
