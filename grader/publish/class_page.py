"""OUT/index.html: a whole class on one page, for whoever teaches it."""

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import NamedTuple

from grader.batch.model import Mark, Row, Unplaced
from grader.models import Diagnosis
from grader.publish.charts import bar
from grader.publish.markup import Html, el, join, name, page, prose, unseen, wide
from grader.publish.overview import Counted, Kept, Overview, Tally, counted, twins
from grader.publish.strips import hardest_part, heat_map, legend
from grader.publish.told import WORDS, percent, points
from grader.report.numbers import seconds

Where = Callable[[str], str]
BINS = 10  # of the distribution
FIRST = 10  # misconceptions that are shown at once
FEW = 20  # rows that are shown without being asked for
TWINS = 30  # of the same file
MOST = 1000  # rows of a table of things to look at
SYMBOLS = {"passed": ("p", "✓"), "part": ("h", "◐"), "failed": ("f", "✗"), "error": ("e", "!")}
SYMBOLS |= {"not_judged": ("q", "?"), "nothing": ("n", "·")}
LEGEND = {"passed": "passed", "part": "some parts passed", "failed": "no part passed", "error": "can't be run"}
LEGEND |= {"not_judged": "not judged", "nothing": "nothing handed in"}


class View(NamedTuple):
    """All that the sections of the page are made from. tallies: by exercise; counting: the attempts
    that count, best first."""

    tallies: dict[str, Tally]
    rows: Sequence[Row]
    counting: dict[str, list[Counted]]
    names: dict[str, str]
    where: Where


def html(
    overview: Overview, rows: Sequence[Row], unplaced: Sequence[Unplaced], unknown: Sequence[str], where: Where
) -> str:
    """The page. where: gives the link to the report of a student by id, relative to the page."""
    names = {row.student.id: row.student.name for row in rows}
    asked = {mark.exercise for row in rows for mark in row.marks}
    tallies = {number: tally for number, tally in overview.tallies.items() if tally.attempts or number in asked}
    view = View(tallies, rows, counted(tallies, rows), names, where)
    concerns = _groups(view, unplaced, unknown)
    sections = {
        "scores": ("Scores", _distribution(rows)),
        "attention": (f"Needs a human ({sum(len(group.rows) for group in concerns):,})", _attention(concerns)),
        "misconceptions": ("Misconceptions", _misconceptions(view)),
        "exercises": ("Exercises", _exercises(view)),
        "cases": ("Case by case", _cases(view)),
        "students": (f"Students ({len(rows):,})", _students(view)),
    }
    links = [el("li", el("a", title, href=f"#{key}")) for key, (title, _) in sections.items()]
    header = join(
        el("h1", "Class report"), _figures(view), el("nav", el("ul", *links), aria_label="Sections of this page")
    )
    body = [
        el("section", el("h2", title, id=f"{key}-title"), content, id=key, aria_labelledby=f"{key}-title")
        for key, (title, content) in sections.items()
    ]
    note = "Shares are of the students who handed in an exercise, by their attempts that count."
    return page("Class report", "class", header, join(*body), el("p", note))


# Figures and scores


def _figures(view: View) -> Html:
    counting = [one for those in view.counting.values() for one in those]
    passed = sum(one.kept.verdict == "passed" for one in counting)
    active = {student for tally in view.tallies.values() for student in tally.attempts}
    shares = [_share(row) for row in view.rows]
    figures = {
        "students": f"{len(view.rows):,}",
        "have handed in": f"{len(active):,}",
        "exercises": f"{len(view.tallies)}",
        "attempts": f"{sum(len(tally.all()) for tally in view.tallies.values()):,}",
        "pass rate": _percent(passed, len(counting)),
        "median score": percent(median(shares)) if shares else "–",
    }
    pairs = [el("div", el("dt", what), el("dd", number)) for what, number in figures.items()]
    return el("dl", *pairs, class_="figures")


def _share(row: Row) -> float:
    return max(0.0, min(1.0, row.total / row.out_of)) if row.out_of else 0.0


def _percent(part: int, whole: int) -> str:
    return percent(part / whole) if whole else "–"


def _distribution(rows: Sequence[Row]) -> Html:
    counts = [0] * BINS
    for row in rows:
        counts[min(BINS - 1, int(_share(row) * BINS + 1e-9))] += 1
    highest = max(counts) or 1
    body = []
    for place, count in reversed(list(enumerate(counts))):
        low, high = 100 * place // BINS, 100 * (place + 1) // BINS
        told = el("th", f"{low}–{high}\u00a0%", scope="row", class_="number")
        body.append(el("tr", told, el("td", bar(count / highest)), el("td", f"{count:,}", class_="number")))
    head = el(
        "tr", el("th", "Score", scope="col"), el("th", unseen("Drawn"), scope="col"), el("th", "Students", scope="col")
    )
    caption = el("caption", "How many students reach which share of all points")
    return el("table", caption, el("thead", head), el("tbody", *body), class_="distribution")


# What a person should look at


class Group(NamedTuple):
    """Things to look at of one kind. head: of the table; rows: its cells."""

    title: str
    about: str
    head: tuple[str, ...]
    rows: list[tuple[object, ...]]


ABOUT = {
    "suspicious": (
        "Suspicious",
        "None of this changes a verdict. It can be an accident; read the file before you ask.",
    ),
    "crashed": ("Crashed", "The process ended before it answered. The cases after that count as not passed."),
    "not judged": ("Not judged", "No verdict could be reached, and that isn't the submission's doing."),
    "can't be loaded": (
        "Can't be loaded",
        "Often a slip, such as a syntax error, that the student would want to know.",
    ),
}


def _groups(view: View, unplaced: Sequence[Unplaced], unknown: Sequence[str]) -> list[Group]:
    """In the order of how much they matter; those without anything are left out."""
    found: dict[str, list[tuple[object, ...]]] = {kind: [] for kind in ABOUT}
    for number, tally in view.tallies.items():
        for kept in tally.all():
            for concern in kept.concerns:
                found[concern.kind].append((_link(view, kept.student), number, prose(concern.text), name(kept.file)))
    head = ("Student", "Exercise", "What", "File")
    groups = [Group(title, about, head, found[kind]) for kind, (title, about) in ABOUT.items()]
    groups.insert(1, _twins(view))
    groups.append(_undated(view))
    handed_in = {student for tally in view.tallies.values() for student in tally.attempts}
    missing = [row.student for row in view.rows if row.student.id not in handed_in]
    groups += [
        Group(
            "Files that are graded as nothing",
            "They stand in unplaced.csv, too.",
            ("File", "Student", "Why"),
            [(name(one.file), "" if one.student is None else _link(view, one.student), one.why) for one in unplaced],
        ),
        Group("Students who aren't on the roster", "", ("Student",), [(_link(view, student),) for student in unknown]),
        Group("Students without any attempt", "", ("Student",), [(_link(view, one.id),) for one in missing]),
    ]
    return [group for group in groups if group.rows]


def _twins(view: View) -> Group:
    about = "Apart from line ends these are the same to the letter. Short exercises can turn out the same by chance."
    rows: list[tuple[object, ...]] = []
    for one in twins(view.tallies):
        whose = [join(_link(view, student), " ", el("small", name(file))) for student, file in one.files[:TWINS]]
        more = [f"and {len(one.files) - TWINS:,} more"] if len(one.files) > TWINS else []
        known = ["the solution of this kit"] if one.solution else []
        rows.append((one.exercise, el("ul", *(el("li", who) for who in [*known, *whose, *more]))))
    return Group("The same file", about, ("Exercise", "Of whom"), rows)


def _undated(view: View) -> Group:
    about = "Canvas marks these late and doesn't tell by how much: nothing was taken off. Look it up there."
    found = [(row.student.id, mark.exercise) for row in view.rows for mark in row.marks if mark.undated]
    return Group("Late, days unknown", about, ("Student", "Exercise"), [(_link(view, who), one) for who, one in found])


def _attention(groups: list[Group]) -> Html:
    if not groups:
        return el("p", "Nothing. Everything was placed and judged, nothing crashed, nothing looked suspicious.")
    return join(*(_group(group, place == 0 and len(group.rows) <= FEW) for place, group in enumerate(groups)))


def _group(group: Group, opened: bool) -> Html:
    count = len(group.rows)
    body = [el("tr", el("th", row[0], scope="row"), *(el("td", cell) for cell in row[1:])) for row in group.rows[:MOST]]
    head = el("tr", *(el("th", what, scope="col") for what in group.head))
    table = el("table", el("caption", unseen(group.title)), el("thead", head), el("tbody", *body), class_="concerns")
    more = el("p", f"And {count - MOST:,} more; results.jsonl has all.") if count > MOST else None
    summary = el("summary", group.title, " ", el("span", f"{count:,}", class_="count"))
    about = el("p", group.about) if group.about else None
    return el("details", summary, about, wide(table, group.title), more, open=opened)


def _link(view: View, student: str) -> Html:
    """A student, with the way to the report if there is one."""
    if student not in view.names:
        return name(student)
    return el("a", name(view.names[student] or student), href=view.where(student))


# Misconceptions


class Belief(NamedTuple):
    """A misconception, with the students who have it, of those who handed in."""

    tally: Tally
    diagnosis: Diagnosis
    who: int
    of: int


def _beliefs(view: View) -> list[Belief]:
    """The most widespread first."""
    found = []
    for number, tally in view.tallies.items():
        those = view.counting[number]
        for key, diagnosis in tally.misconceptions.items():
            if who := sum(one.kept.misconception == key for one in those):
                found.append(Belief(tally, diagnosis, who, len(those)))
    return sorted(
        found, key=lambda one: (-one.who / one.of, -one.who, one.tally.entry.order, one.diagnosis.misconception)
    )


def _misconceptions(view: View) -> Html:
    beliefs = _beliefs(view)
    if not beliefs:
        return el("p", "None was recognised in the attempts that count.")
    items = [_belief(one) for one in beliefs]
    shown, rest = el("ol", *items[:FIRST], class_="beliefs"), items[FIRST:]
    more = el("details", el("summary", f"{len(rest)} more"), el("ol", *rest, class_="beliefs", start=FIRST + 1))
    return join(shown, more if rest else None)


def _belief(one: Belief) -> Html:
    entry, told = one.tally.entry, one.diagnosis
    title = told.misconception.replace("_", " ")
    return el(
        "li",
        el("p", _percent(one.who, one.of), class_="share"),
        el(
            "div",
            el("h3", el("a", f"{entry.number} · {title}", href=f"#ex-{entry.number}")),
            bar(one.who / one.of, "bad"),
            el("p", f"{one.who:,} of {one.of:,} students who handed it in", class_="quiet"),
            el("p", prose(told.summary)),
            el("p", "→ ", prose(told.nudge), class_="nudge"),
        ),
    )


# Exercises


def _exercises(view: View) -> Html:
    head = ("Exercise", "Attempts", "Students", "Passed", "Median time", "Slowest", "Hardest part")
    body = [_exercise(view, number, tally) for number, tally in view.tallies.items()]
    caption = el("caption", "Attempts, pass rate and time of every exercise")
    row = el("tr", *(el("th", what, scope="col") for what in head))
    table = el("table", caption, el("thead", row), el("tbody", *body), class_="exercises")
    return wide(table, "Exercises")


def _exercise(view: View, number: str, tally: Tally) -> Html:
    those, attempts = view.counting[number], tally.all()
    passed = sum(one.kept.verdict == "passed" for one in those)
    slowest = max(attempts, key=lambda kept: kept.seconds, default=None)
    hardest = hardest_part(tally, those)
    share = passed / len(those) if those else 0.0
    return el(
        "tr",
        el("th", el("a", _title(tally), href=f"#ex-{number}"), scope="row"),
        el("td", f"{len(attempts):,}", class_="number"),
        el("td", f"{len(those):,}", class_="number"),
        el("td", bar(share, "good"), f" {_percent(passed, len(those))}", class_="rate"),
        el("td", seconds(median(kept.seconds for kept in attempts)) if attempts else "–", class_="number"),
        el("td", _slowest(view, slowest), class_="number"),
        el("td", f"{hardest[0]} ({percent(hardest[1])} right)" if hardest else "–"),
    )


def _slowest(view: View, kept: Kept | None) -> Html:
    if kept is None:
        return join("–")
    if kept.student not in view.names:
        return join(seconds(kept.seconds))
    told = unseen(f" by {kept.student}")
    return el("a", seconds(kept.seconds), told, href=view.where(kept.student))


def _title(tally: Tally) -> str:
    return f"{tally.entry.number} · {tally.entry.slug.replace('_', ' ')}"


def _cases(view: View) -> Html:
    about = "Every column of a strip is a student, the best ones first. Cases with the same fate share a strip."
    maps = []
    for number, tally in view.tallies.items():
        if those := view.counting[number]:
            passed = sum(one.kept.verdict == "passed" for one in those)
            told = el("span", f"{_percent(passed, len(those))} passed", class_="count")
            content = el("div", heat_map(tally, those), id=f"ex-{number}")
            maps.append(el("details", el("summary", _title(tally), " ", told), content))
    untouched = [el("div", id=f"ex-{number}") for number in view.tallies if not view.counting[number]]
    if not maps:
        return join(el("p", "There is nothing to show yet."), *untouched)
    return join(el("p", about), legend(), *maps, *untouched)


# Students


def _students(view: View) -> Html:
    numbers = list(view.tallies)
    head = [el("th", what, scope="col") for what in ("Student", "Points", "Share")]
    head += [el("th", number, scope="col", class_="mark") for number in numbers]
    cells: dict[tuple[object, ...], Html] = {}
    body = [_student(view, row, numbers, cells) for row in view.rows]
    table = el(
        "table", el("caption", "Points and marks of every student"), el("thead", el("tr", *head)), el("tbody", *body)
    )
    signs = [el("li", el("b", sign, class_=kind), " ", LEGEND[key]) for key, (kind, sign) in SYMBOLS.items()]
    key = el("ul", *signs, el("li", el("b", "✓", el("sup", "2")), " two days late"), class_="legend")
    marks = el("div", wide(table, "Students"), class_="marks")
    return el("details", el("summary", "All students and their marks"), key, marks, open=len(view.rows) <= 100)


def _student(view: View, row: Row, numbers: Iterable[str], cells: dict[tuple[object, ...], Html]) -> Html:
    one = row.student
    id_ = el("small", name(one.id)) if one.name and one.name != one.id else None
    marks = {mark.exercise: mark for mark in row.marks}
    return el(
        "tr",
        el("th", _link(view, one.id), id_, scope="row"),
        el("td", f"{points(row.total)}/{points(row.out_of)}", class_="number"),
        el("td", percent(_share(row)), class_="number"),
        *(_cell(marks.get(number), cells) for number in numbers),
    )


def _cell(mark: Mark | None, cells: dict[tuple[object, ...], Html]) -> Html:
    """There are so many of these, and so few different ones, that each is made once."""
    if mark is None:
        return el("td")
    partly = mark.verdict == "failed" and mark.score > 0
    key = ("part" if partly else mark.verdict, percent(mark.score) if partly else "", mark.days_late)
    if key not in cells:
        kind, sign = SYMBOLS[key[0]]
        words = f"{WORDS[mark.verdict]}{f', {key[1]}' if partly else ''}"
        late = el("sup", str(mark.days_late)) if mark.days_late else None
        words += f", days late: {mark.days_late}" if mark.days_late else ""
        seen = join(sign, late)
        cells[key] = el("td", el("span", seen, aria_hidden="true"), el("i", words), class_=kind)
    return cells[key]
