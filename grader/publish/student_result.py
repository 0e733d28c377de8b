"""What a student's signed results.json says: as much as the feedback allows, and by which file it was earned."""

from typing import Any

from grader.models import document
from grader.publish.told import Told, Work

SCHEMA = "dlgrade/student/1"


def content(told: Told) -> dict[str, Any]:
    """The document to be signed."""
    row = told.row
    return {
        "schema": SCHEMA,
        "student": row.student.id,
        "name": row.student.name,
        "total": row.total,
        "out_of": row.out_of,
        "exercises": [
            {**_exercise(work), "submission_sha256": work.attempt and work.attempt.sha256} for work in told.works
        ],
    }


def _exercise(work: Work) -> dict[str, Any]:
    found = {**work.mark._asdict(), "file": work.file}
    del found["attempt"]
    if work.check is None:
        return found
    report = work.check.report
    found |= {"parts": document(report.parts), "diagnosis": document(report.diagnosis)}
    if report.cases:
        found["cases"] = [
            {"part": case.part, "name": case.name, "verdict": case.verdict, "message": case.message}
            for case in report.cases
        ]
    return found
