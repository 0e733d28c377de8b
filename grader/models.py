"""What crosses a boundary as JSON: the report `dlgrade/report/1`, documented in docs/report.md.

Named tuples, so that writing a report costs no import; `read_report` validates one with pydantic.
"""

import math
from typing import Any, Literal, NamedTuple

SCHEMA: Literal["dlgrade/report/1"] = "dlgrade/report/1"

Verdict = Literal["passed", "failed", "error", "not_judged"]
CaseVerdict = Literal["passed", "failed", "raised", "timed_out", "killed", "missing"]
Number = int | float | Literal["nan", "inf", "-inf"]


class PartReport(NamedTuple):
    name: str
    passed: int
    cases: int


class DifferenceReport(NamedTuple):
    """Numbers of a difference; null where they mean nothing. Non-finite numbers are the strings nan, inf, -inf."""

    kind: str
    wrong: int | None = None
    of: int | None = None
    worst_index: tuple[int, ...] | None = None
    got: Number | bool | None = None
    expected: Number | bool | None = None
    max_abs: Number | None = None
    max_rel: Number | None = None


class CaseReport(NamedTuple):
    part: str
    name: str
    verdict: CaseVerdict
    message: str
    difference: DifferenceReport | None = None


class Diagnosis(NamedTuple):
    """A misconception that gives the submission's answers in `explains` of the `failing` cases of a part."""

    misconception: str
    summary: str
    nudge: str
    part: str
    explains: int
    failing: int


class Detail(NamedTuple):
    """What a terminal shows of a case beside its report: its inputs, lines of the submission it went through."""

    inputs: str
    lines: tuple[tuple[int, str], ...] = ()
    unwritten: bool = False


class SandboxReport(NamedTuple):
    layers: tuple[str, ...]
    network: bool


class Point(NamedTuple):
    """What a training reported of itself when `done` of `total` epochs or steps were over; the times are measured."""

    done: float
    total: float
    loss: Number
    accuracy: Number | None
    cpu_seconds: float
    seconds: float


class Trained(NamedTuple):
    """One training, the submission's or the solution's. `measures` are shares and counts by name, see the bars."""

    measures: dict[str, Number]
    cpu_seconds: float
    seconds: float
    curve: tuple[Point, ...]
    peak_memory: int | None = None
    images_per_second: float | None = None


class TrainingReport(NamedTuple):
    """What the last part of an exercise that trains has come to.

    data: name of the data set. label: what it must be called ("synthetic digits, not MNIST"). images, test_images: how
    many to train on, and how many hidden ones. split: the secret by which they were dealt out, so that `--split` can do
    it again; None where that isn't told. device: "cpu", "cuda", "mps"; device_name: what it calls itself. measure: the
    one that counts most. allowed: seconds that the submission might use. yours: None if it came to no answer; reached:
    its curve, anyway.
    """

    data: str
    label: str
    profile: str
    images: int
    test_images: int
    split: int | None
    device: str
    device_name: str
    measure: str
    allowed: float
    yours: Trained | None
    reached: tuple[Point, ...]
    reference: Trained


class Report(NamedTuple):
    """The verdict on one submission to one exercise. `score` is the share of parts that passed, from 0 to 1."""

    schema: Literal["dlgrade/report/1"]
    exercise: str
    slug: str
    submission: str
    verdict: Verdict
    score: float
    seed: int
    seconds: float
    parts: tuple[PartReport, ...]
    cases: tuple[CaseReport, ...]
    diagnosis: Diagnosis | None
    sandbox: SandboxReport
    training: TrainingReport | None = None


def plain(number: Any) -> Any:
    """A number as it stands in JSON."""
    if isinstance(number, float) and not math.isfinite(number):
        return "nan" if math.isnan(number) else "inf" if number > 0 else "-inf"
    return number


def document(value: Any) -> Any:
    """A report, or anything else from here, as it stands in JSON."""
    if isinstance(value, tuple):
        names = getattr(value, "_fields", None)
        items = [document(item) for item in value]
        return items if names is None else dict(zip(names, items, strict=True))
    if isinstance(value, dict):
        return {name: document(item) for name, item in value.items()}
    return value


def read_report(text: str | bytes) -> Report:
    """A report from its JSON. Raises pydantic's ValidationError if it isn't exactly one."""
    from pydantic import TypeAdapter

    return TypeAdapter(Report).validate_json(text, strict=True)


class Check(NamedTuple):
    """All that comes of checking one submission; `details` has one entry per case of the report."""

    report: Report
    details: tuple[Detail, ...]
    printed: str
