"""report.html: all that a student has handed in, what came of it, and what to look at next."""

from collections.abc import Sequence
from typing import Literal

from grader.batch.model import Mark, Result, Row
from grader.models import Check, Diagnosis, Verdict, document
from grader.publish.markup import Html, el, join, name, page, prose, wide
from grader.publish.told import (
    NOT_JUDGED,
    SHOWN,
    WORDS,
    Failing,
    Feedback,
    Untouched,
    Work,
    failing,
    note,
    percent,
    points,
    state,
    untouched,
    works,
)
from grader.report.style import Style
from grader.report.training import section as training_section
from grader.text import harmless

PRINTED = 2000  # characters of the submission's output that are shown
INPUTS = 1000
LINES = 3
CODE = 200
PLAIN = Style(72, False, "✓", "✗", "·", "→", "·")
BADGES = {
    "passed": ("p", "✓"),
    "failed": ("h", "◐"),
    "error": ("e", "!"),
    "not_judged": ("q", "?"),
    "nothing": ("n", "·"),
}


def html(row: Row, results: Sequence[Result], feedback: Feedback) -> str:
    """The page. results: of this student; those of one exercise in the order of their lines."""
    those = works(row, results, feedback)
    student = row.student
    called = name(student.name or student.id)
    told = join(el("b", points(row.total)), f" of {points(row.out_of)} points")
    header = join(
        el("h1", "Report for ", called),
        el("p", name(student.id), class_="quiet") if student.name else None,
        el("p", told, class_="total"),
    )
    body = join(
        el("section", el("h2", "Overview", id="overview"), _overview(those), aria_labelledby="overview"),
        *(_work(work) for work in those if work.mark.verdict != "nothing"),
    )
    return page(f"Report for {student.name or student.id}", "student", header, body, _footer(feedback))


def _footer(feedback: Feedback) -> Html:
    told = el("p", prose("`dlgrade check NUMBER FILE` shows on your own machine what a file gets, at any time."))
    return told if feedback == "full" else join(el("p", "Not every detail is told here. "), told)


def _overview(those: list[Work]) -> Html:
    head = el("tr", *(el("th", what, scope="col") for what in ("Exercise", "Result", "Points")))
    lines = [_line(work) for work in those if work.mark.verdict != "nothing"]
    lines += [_nothing(one) for one in untouched(those)]
    table = el(
        "table",
        el("caption", "Your exercises"),
        el("thead", head),
        el("tbody", *lines),
        class_="overall",
    )
    return wide(table, "Your exercises")


def _line(work: Work) -> Html:
    mark = work.mark
    linked = el("a", _title(work), href=f"#{_anchor(mark)}")
    return _row(linked, _badge(mark.verdict, mark.score), note(mark), mark.points, mark.weight)


def _nothing(one: Untouched) -> Html:
    numbers = [el("span", number, class_="number") for number in one.exercises]
    listed = Html(", ".join(numbers))
    return _row(listed, _badge("nothing", 0), one.note, one.points, one.weight)


def _row(title: Html, badge: Html, told: str, got: float, weight: float) -> Html:
    result = el("td", badge, el("small", told) if told else None)
    counts = el("td", f"{points(got)} of {points(weight)}", class_="number")
    return el("tr", el("th", title, scope="row"), result, counts)


def _title(work: Work) -> str:
    return f"{work.mark.exercise}{f' · {work.title}' if work.title else ''}"


def _anchor(mark: Mark) -> str:
    return f"ex-{mark.exercise}"


def _badge(verdict: Verdict | Literal["nothing"], score: float) -> Html:
    kind, sign = BADGES[verdict]
    if verdict == "failed" and score == 0:
        kind, sign = "f", "✗"
    return el("span", el("span", sign, aria_hidden="true"), f" {WORDS[verdict]}", class_=f"badge {kind}")


# One exercise


def _work(work: Work) -> Html:
    mark = work.mark
    score = f" · score {percent(mark.score)} · {points(mark.points)} of {points(mark.weight)} points"
    told = note(mark)
    header = el(
        "header",
        el("h2", _title(work), id=f"{_anchor(mark)}-title"),
        el("p", _badge(mark.verdict, mark.score), score, f" · {told}" if told else ""),
        el("p", "File: ", name(work.file, 200), class_="quiet") if work.file else None,
    )
    content = join(el("p", NOT_JUDGED) if mark.verdict == "not_judged" else None, work.check and _check(work))
    labelled = {"id": _anchor(mark), "aria_labelledby": f"{_anchor(mark)}-title"}
    return el("section", header, content, _others(work), class_="work", **labelled)


def _check(work: Work) -> Html:
    assert work.check is not None
    check, report = work.check, work.check.report
    source = work.source.decode("utf-8", "replace").splitlines()
    return join(
        _cannot_run(check, source) if report.verdict == "error" else _parts(check),
        _diagnosis(report.diagnosis) if report.diagnosis else None,
        _cases(check, source) if report.verdict != "error" else None,
        _training(check),
        _printed(check.printed),
    )


def _cannot_run(check: Check, source: list[str]) -> Html:
    told = "The file can't be loaded, or defines nothing that the exercise asks for, so nothing in it could be tried."
    return join(el("h3", "What stands in the way"), el("p", told), *(_case(one, source) for one in failing(check)))


def _parts(check: Check) -> Html:
    head = el("tr", *(el("th", what, scope="col") for what in ("Part", "Result", "Cases")))
    body = []
    for part in check.report.parts:
        right = part.passed == part.cases
        why = "" if right else state(check, part.name)
        kind, sign, word = ("p", "✓", "passed") if right else ("n", "·", why) if why else ("f", "✗", "not yet")
        badge = el("span", el("span", sign, aria_hidden="true"), f" {word}", class_=f"badge {kind}")
        count = el("td", f"{part.passed} of {part.cases}", class_="number")
        body.append(el("tr", el("th", part.name, scope="row"), el("td", badge), count))
    caption = el("caption", f"Parts of exercise {check.report.exercise}")
    return el("table", caption, el("thead", head), el("tbody", *body), class_="parts")


def _diagnosis(found: Diagnosis) -> Html:
    share = f"{found.explains} of the {found.failing} failing cases of {found.part}"
    return el(
        "div",
        el("h3", "A likely cause"),
        el("p", prose(found.summary)),
        el("p", f"This fits {share}; something else is wrong, too.") if found.explains < found.failing else None,
        el("p", "→ ", prose(found.nudge), class_="nudge"),
        class_="advice",
    )


def _cases(check: Check, source: list[str]) -> Html | None:
    those = failing(check)
    if not those:
        return None
    first, rest = those[:SHOWN], those[SHOWN:]
    more = el("details", el("summary", f"{len(rest)} more"), *(_case(one, source) for one in rest)) if rest else None
    return join(el("h3", f"Cases to look at ({len(those)})"), *(_case(one, source) for one in first), more)


def _case(one: Failing, source: list[str]) -> Html:
    case, detail = one
    lines = [_line_of(number, function, source) for number, function in detail.lines[-LINES:]]
    return el(
        "div",
        el("h4", f"{case.part}: {case.name}"),
        el("p", prose(case.message)) if case.message else None,
        el("pre", "\n".join(lines)) if lines else None,
        el("p", "With ", el("code", detail.inputs[:INPUTS])) if detail.inputs else None,
        class_="case",
    )


def _line_of(number: int, function: str, source: list[str]) -> str:
    """A line of the submission that an exception went through."""
    code = source[number - 1].strip()[:CODE] if 0 < number <= len(source) else ""
    return f"line {number}{'' if function == '<module>' else f' in {function}'}:  {code}"


def _training(check: Check) -> Html | None:
    if check.report.training is None:
        return None
    drawn = "\n".join(training_section(document(check.report.training), PLAIN)[1:])
    label = f"Training of exercise {check.report.exercise}"
    told = el("pre", drawn, class_="drawn", role="region", aria_label=label, tabindex="0")
    return join(el("h3", f"Training · {check.report.training.label}"), told)


def _printed(text: str) -> Html | None:
    if not text.strip():
        return None
    shown = harmless(text, PRINTED, "\n\t")
    more = el("p", f"These are the first {PRINTED:,} of {len(text):,} characters.") if len(text) > PRINTED else None
    return el("details", el("summary", "What your code printed"), el("pre", shown), more)


def _others(work: Work) -> Html | None:
    if not work.others:
        return None
    items = [el("li", name(file, 200), f": {WORDS[verdict]}") for file, verdict in work.others]
    return el("details", el("summary", "Attempts that don't count"), el("ul", *items))
