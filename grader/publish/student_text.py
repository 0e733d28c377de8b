"""report.txt: the same for whoever reads it in an editor or in a terminal."""

from collections.abc import Sequence
from typing import Any

from grader.batch.model import Mark, Result, Row
from grader.models import Check, SandboxReport, document
from grader.publish.told import (
    NOT_JUDGED,
    SHOWN,
    WORDS,
    Feedback,
    Untouched,
    Work,
    failing,
    note,
    percent,
    points,
    quiet,
    untouched,
    works,
)
from grader.report.style import Style, fill, wrap
from grader.report.terminal import render
from grader.text import harmless

STYLE = Style(80, False, "✓", "✗", "·", "→", "·")
NAME = 60  # characters of a name


def text(row: Row, results: Sequence[Result], feedback: Feedback) -> str:
    """The text. results: of this student; those of one exercise in the order of their lines."""
    those = works(row, results, feedback)
    student = row.student
    called = f"{student.name} ({student.id})" if student.name else student.id
    lines = [f"Report for {_name(called)}", f"{points(row.total)} of {points(row.out_of)} points", ""]
    handed_in = [work for work in those if work.mark.verdict != "nothing"]
    for work in handed_in:
        lines += _line(work.mark)
    for one in untouched(those):
        lines += _nothing(one)
    for work in handed_in:
        lines += ["", "-" * STYLE.width, *_work(work)]
    return "\n".join(lines) + "\n"


def _name(text: str) -> str:
    return harmless(" ".join(text.split()), NAME)


def _line(mark: Mark) -> list[str]:
    counts = f"{points(mark.points)} of {points(mark.weight)}"
    line = f"  {fill(mark.exercise, 6)} {fill(WORDS[mark.verdict], 18)} {counts:>12}".rstrip()
    return [line, *wrap(note(mark), STYLE, " " * 9)]


def _nothing(one: Untouched) -> list[str]:
    told = f"{WORDS['nothing']} for {', '.join(one.exercises)}: {points(one.points)} of {points(one.weight)}"
    return wrap(f"{told}; {one.note}" if one.note else told, STYLE, "  ")


def _work(work: Work) -> list[str]:
    lines = wrap(f"{work.mark.exercise}{f' {STYLE.dot} {work.title}' if work.title else ''}", STYLE)
    lines += [f"{WORDS[work.mark.verdict]} {STYLE.dot} score {percent(work.mark.score)}".replace("\u00a0", " ")]
    if work.file:
        lines += wrap(work.file, STYLE)
    if work.mark.verdict == "not_judged":
        lines += wrap(NOT_JUDGED, STYLE)
    if work.check and work.check.report.verdict != "not_judged":
        lines += ["", *_check(work.check, work.source)]
    for file, verdict in work.others:
        lines += wrap(f"doesn't count: {file}: {WORDS[verdict]}", STYLE)
    return lines


def _check(check: Check, source: bytes) -> list[str]:
    shown, more = _shown(check)
    told = render(shown, source, STYLE, everything=True)
    lines = told.partition("\n")[2].strip("\n").split("\n")  # its head says what stands above already
    if check.report.verdict == "error":  # of what a file lacks `render` says nothing
        missing = [one.case.message for one in failing(check) if one.case.verdict == "missing"]
        lines = [*wrap(" ".join(missing), STYLE, "  "), *lines]
    return [*lines, "", f"{more} more failing cases stand in report.html"] if more else lines


def _shown(check: Check) -> tuple[dict[str, Any], int]:
    """The check as `render` takes it, but only the first failing cases speak; and how many others there are.

    The others stay as quiet ones, so that no part looks as if nobody had asked about it.
    """
    others = {one.case for one in failing(check)[SHOWN:]}
    report = check.report
    cases = tuple(quiet(case.part) if case in others else case for case in report.cases)
    sandbox = SandboxReport(report.sandbox.layers, network=False)  # `render` would warn whoever runs the file
    return document(check._replace(report=report._replace(cases=cases, sandbox=sandbox))), len(others)
