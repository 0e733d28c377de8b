"""results.jsonl: one line of JSON for each attempt, described in docs/gradebook.md."""

import json
import math
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from grader.batch.model import RESULT, Line, Result
from grader.errors import UsageError
from grader.files import save
from grader.models import document


def line_of(result: Result) -> Line:
    """What results.jsonl tells of a result: no case, no message of a submission."""
    attempt, report = result.attempt, result.check.report if result.check else None
    return Line(
        schema=RESULT,
        student=_whole(attempt.student),
        exercise=attempt.exercise,
        file=_whole(attempt.file),
        verdict=result.verdict,
        score=report.score if report else 0.0,
        parts=report.parts if report else (),
        diagnosis=report.diagnosis.misconception if report and report.diagnosis else None,
        seconds=result.seconds,
        submission_sha256=attempt.sha256,
        kit=result.kit,
        seed=result.seed,
        submitted=attempt.submitted.isoformat() if attempt.submitted else None,
        trouble=_whole(result.trouble) if result.trouble is not None else None,
        late=attempt.late,
    )


def write(path: Path, lines: Iterable[Line]) -> None:
    """Writes all lines, or leaves what was there. Raises UsageError."""
    save(path, (f"{as_json(line)}\n".encode() for line in lines))


def read(path: Path) -> Iterator[Line]:
    """The lines of a file, one after the other. Raises UsageError with the place of the first that isn't one."""
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                yield _line(raw, f"{path}:{number}")
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror}); give the path of a results.jsonl") from None


def as_json(line: Line) -> str:
    """A line of the file, without its end."""
    return json.dumps(document(line), ensure_ascii=False, allow_nan=False)


def _line(raw: bytes, place: str) -> Line:
    from pydantic import ValidationError

    try:
        line: Line = _adapter().validate_json(raw, strict=True)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the line"
        raise UsageError(f"{place}: {where}: {fault['msg']}; `dlgrade grade` writes such lines") from None
    if wrong := _wrong(line):
        raise UsageError(f"{place}: {wrong}; `dlgrade grade` writes such lines")
    return line


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Line)


def _wrong(line: Line) -> str:
    """What types can't tell."""
    if not 0 <= line.score <= 1:
        return "score: it should be from 0 to 1"
    if not (math.isfinite(line.seconds) and line.seconds >= 0):
        return "seconds: it should be a number from 0"
    if any(not 0 <= part.passed <= part.cases for part in line.parts):
        return "parts: more cases passed than there are"
    if line.submitted is not None:
        with suppress(ValueError):
            datetime.fromisoformat(line.submitted)
            return ""
        return "submitted: it should be a time like 2026-12-01T23:59:00+09:00"
    return ""


def _whole(text: str) -> str:
    """Text without halves of characters, which names of files may have and UTF-8 can't hold: these are spelt out."""
    return text.encode("utf-8", "backslashreplace").decode()
