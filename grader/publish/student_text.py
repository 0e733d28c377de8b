"""report.txt: the same for whoever reads it in an editor or in a terminal."""

from typing import Any

from grader.batch.model import Mark
from grader.models import CaseReport, Check, Detail, SandboxReport, document
from grader.publish.speaking import SHOWN, failing, unwritten
from grader.publish.told import (
    NOT_JUDGED,
    WORDS,
    Told,
    Untouched,
    Work,
    note,
    percent,
    points,
    quiet,
    untouched,
)
from grader.report.style import Style, fill, wrap
from grader.report.terminal import render
from grader.text import harmless

STYLE = Style(80, False, "✓", "✗", "·", "→", "·")
NAME = 60  # characters of a name


def text(told: Told) -> str:
    """The text."""
    row, those, student = told.row, told.works, told.row.student
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
    if work.attempt and work.check and work.check.report.verdict != "not_judged":
        lines += ["", *_check(work.check, work.attempt.source)]
    for file, verdict in work.others:
        lines += wrap(f"doesn't count: {file}: {WORDS[verdict]}", STYLE)
    return lines


def _check(check: Check, source: bytes) -> list[str]:
    shown, more = _shown(check)
    told = render(shown, source, STYLE, everything=True)
    lines = told.partition("\n")[2].strip("\n").split("\n")  # its head says what stands above already
    return [*lines, "", f"{more} more failing cases stand in report.html"] if more else lines


def _shown(check: Check) -> tuple[dict[str, Any], int]:
    """The check as `render` takes it, but only the first failing cases speak; and how many others there are.

    Of all others those that are alike are there once, so that no part looks as if nobody had asked about it.
    """
    those = failing(check)
    first = {id(one.case) for one in those[:SHOWN]}
    kept: dict[object, tuple[CaseReport, Detail]] = {}
    for case, detail in zip(check.report.cases, check.details, strict=True):
        if id(case) in first:
            kept[id(case)] = case, detail
        elif case.verdict == "missing" or unwritten(case, detail):
            kept.setdefault((case.part, case.verdict, case.message), (case, detail))
        else:
            kept.setdefault(case.part, (quiet(case.part), Detail("")))
    cases, details = zip(*kept.values(), strict=True) if kept else ((), ())
    sandbox = SandboxReport(check.report.sandbox.layers, network=False)  # `render` would warn whoever runs the file
    report = check.report._replace(cases=cases, sandbox=sandbox)
    return document(Check(report, details, check.printed)), len(those[SHOWN:])
