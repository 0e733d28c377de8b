"""What is kept of a class while its results stream by: little per attempt, and no report."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.batch.attention import Concern, concerns
from grader.batch.model import Mark, Result, Row
from grader.kit import Entry
from grader.models import CaseReport, Detail, Diagnosis, Verdict
from grader.publish.speaking import unwritten

NONE, PASSED, FAILED, RAISED, STOPPED, MISSING = range(6)  # what came of a case, as a byte
NO_DETAIL = Detail("")
CODES = {"passed": PASSED, "failed": FAILED, "raised": RAISED, "timed_out": STOPPED, "killed": STOPPED}


class Kept(NamedTuple):
    """What is kept of one attempt. cases: a byte for each of the exercise's `Tally.cases`, as far as there were any."""

    student: str
    file: str
    verdict: Verdict
    score: float
    seconds: float
    cases: bytes
    misconception: str | None
    concerns: tuple[Concern, ...]
    fingerprint: bytes


class Tally:
    """One exercise: its attempts in the order they came, and the names of the cases and misconceptions they met."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.attempts: dict[str, list[Kept]] = {}  # by student
        self.cases: dict[tuple[str, str], int] = {}  # part and name, with the place in `Kept.cases`
        self.misconceptions: dict[str, Diagnosis] = {}
        self._patterns: dict[bytes, bytes] = {}  # most attempts share theirs with others

    def add(self, result: Result) -> None:
        self.attempts.setdefault(result.attempt.student, []).append(self._kept(result))

    def _kept(self, result: Result) -> Kept:
        report = result.check.report if result.check else None
        found = report.diagnosis if report else None
        if found:
            self.misconceptions.setdefault(found.misconception, found)
        cases = self._codes(report.cases) if report else b""
        return Kept(
            result.attempt.student,
            result.attempt.file,
            result.verdict,
            report.score if report else 0.0,
            result.seconds,
            self._patterns.setdefault(cases, cases),
            found.misconception if found else None,
            concerns(result),
            fingerprint(result.attempt.source),
        )

    def _codes(self, cases: Sequence[CaseReport]) -> bytes:
        codes = bytearray(len(self.cases))
        for case in cases:
            place = self.cases.setdefault((case.part, case.name), len(self.cases))
            codes.extend(bytes(max(0, place + 1 - len(codes))))
            codes[place] = _code(case)
        return bytes(codes)

    def all(self) -> list[Kept]:
        return [kept for attempts in self.attempts.values() for kept in attempts]

    def counting(self, student: str, mark: Mark) -> Kept | None:
        """The attempt that counts for a student."""
        attempts = self.attempts.get(student, [])
        index = mark.attempt
        return attempts[index] if index is not None and 0 <= index < len(attempts) else None


class Overview:
    """A class, exercise by exercise. `add` takes each result once, in the order of the lines of results.jsonl."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.tallies = {entry.number: Tally(entry) for entry in entries}

    def add(self, result: Result) -> None:
        self.tallies[result.attempt.exercise].add(result)


def _code(case: CaseReport) -> int:
    """An unwritten part is as good as a missing one."""
    return MISSING if unwritten(case, NO_DETAIL) else CODES.get(case.verdict, MISSING)


def fingerprint(source: bytes) -> bytes:
    """The same for files that differ in line ends and blank space at their ends alone; nothing for empty ones."""
    lines = source.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").split(b"\n")
    text = b"\n".join(line.rstrip() for line in lines).strip()
    return hashlib.sha256(text).digest() if text else b""


# What follows from it, once the gradebook says which attempts count


class Counted(NamedTuple):
    """A student's attempt that counts."""

    row: Row
    mark: Mark
    kept: Kept


def counted(tallies: Mapping[str, Tally], rows: Sequence[Row]) -> dict[str, list[Counted]]:
    """The attempts that count by the numbers of the exercises, the best ones first."""
    found: dict[str, list[Counted]] = {number: [] for number in tallies}
    for row in rows:
        for mark in row.marks:
            if (tally := tallies.get(mark.exercise)) and (kept := tally.counting(row.student.id, mark)):
                found[mark.exercise].append(Counted(row, mark, kept))
    return {number: sorted(those, key=_rank) for number, those in found.items()}


def _rank(one: Counted) -> tuple[float, int, float]:
    return -one.kept.score, -one.kept.cases.count(PASSED), -one.row.total


class Twins(NamedTuple):
    """Students whose files for an exercise are the same. solution: so is the kit's."""

    exercise: str
    files: tuple[tuple[str, str], ...]
    solution: bool


def twins(tallies: Mapping[str, Tally]) -> list[Twins]:
    """Files that are the same but come from different students, or from the kit's solutions; stubs aren't told."""
    found = []
    for number, tally in tallies.items():
        stub, solution = (_fingerprint_of(path) for path in (tally.entry.stub, tally.entry.solution))
        same: dict[bytes, dict[tuple[str, str], None]] = {}
        for kept in tally.all():
            if kept.fingerprint not in (b"", stub):
                same.setdefault(kept.fingerprint, {})[kept.student, kept.file] = None
        for print_, files in same.items():
            known = print_ == solution
            if known or len({student for student, _ in files}) > 1:
                found.append(Twins(number, tuple(files), known))
    return found


def _fingerprint_of(path: Path) -> bytes:
    """Of a file of the kit; nothing if a kit comes without it."""
    try:
        return fingerprint(path.read_bytes())
    except OSError:
        return b""
