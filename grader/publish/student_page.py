"""report.html: all that a student has handed in, what came of it, and what to look at next."""

from collections.abc import Sequence

from grader.batch.model import Feedback, Mark
from grader.publish.judged import badge, judged
from grader.publish.markup import Html, el, join, name, page, prose, wide
from grader.publish.told import (
    NOT_JUDGED,
    WORDS,
    Told,
    Untouched,
    Work,
    note,
    percent,
    points,
    untouched,
)


def html(told: Told) -> str:
    """The page."""
    row, those, student = told.row, told.works, told.row.student
    called = name(student.name or student.id)
    total = join(el("b", points(row.total)), f" of {points(row.out_of)} points")
    header = join(
        el("h1", "Report for ", called),
        el("p", name(student.id), class_="quiet") if student.name else None,
        el("p", total, class_="total"),
    )
    body = join(
        el("section", el("h2", "Overview", id="overview"), _overview(those), aria_labelledby="overview"),
        *(_work(work) for work in those if work.mark.verdict != "nothing"),
    )
    return page(f"Report for {student.name or student.id}", "student", header, body, _footer(told.feedback))


def _footer(feedback: Feedback) -> Html:
    told = el("p", prose("`dlgrade check NUMBER FILE` shows on your own machine what a file gets, at any time."))
    return told if feedback == "full" else join(el("p", "Not every detail is told here. "), told)


def _overview(those: Sequence[Work]) -> Html:
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
    return _row(linked, badge(mark.verdict, WORDS[mark.verdict], mark.score), note(mark), mark.points, mark.weight)


def _nothing(one: Untouched) -> Html:
    numbers = [el("span", number, class_="number") for number in one.exercises]
    listed = Html(", ".join(numbers))
    return _row(listed, badge("nothing", WORDS["nothing"]), one.note, one.points, one.weight)


def _row(title: Html, badge: Html, told: str, got: float, weight: float) -> Html:
    result = el("td", badge, el("small", told) if told else None)
    counts = el("td", f"{points(got)} of {points(weight)}", class_="number")
    return el("tr", el("th", title, scope="row"), result, counts)


def _title(work: Work) -> str:
    return f"{work.mark.exercise}{f' · {work.title}' if work.title else ''}"


def _anchor(mark: Mark) -> str:
    return f"ex-{mark.exercise}"


# One exercise


def _work(work: Work) -> Html:
    mark = work.mark
    score = f" · score {percent(mark.score)} · {points(mark.points)} of {points(mark.weight)} points"
    told = note(mark)
    header = el(
        "header",
        el("h2", _title(work), id=f"{_anchor(mark)}-title"),
        el("p", badge(mark.verdict, WORDS[mark.verdict], mark.score), score, f" · {told}" if told else ""),
        el("p", "File: ", name(work.file, 200), class_="quiet") if work.file else None,
    )
    untold = el("p", NOT_JUDGED) if mark.verdict == "not_judged" else None
    content = join(untold, judged(work.check, work.attempt.source) if work.attempt and work.check else None)
    labelled = {"id": _anchor(mark), "aria_labelledby": f"{_anchor(mark)}-title"}
    return el("section", header, content, _others(work), class_="work", **labelled)


def _others(work: Work) -> Html | None:
    if not work.others:
        return None
    items = [el("li", name(file, 200), f": {WORDS[verdict]}") for file, verdict in work.others]
    return el("details", el("summary", "Attempts that don't count"), el("ul", *items))
