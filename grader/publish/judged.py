"""One check as a piece of HTML, for every page that shows one."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from grader.models import Check, Diagnosis, Verdict, document
from grader.publish.markup import Html, el, join, prose
from grader.publish.speaking import SHOWN, Failing, failing, states
from grader.report.style import Style
from grader.report.training import section as training_section
from grader.text import code_lines, harmless

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


class Lines(NamedTuple):
    """The lines of a submission. place: what people call a line, given its number."""

    source: list[str]
    place: Callable[[int], str]

    def told(self, number: int, function: str) -> str:
        """A line that an exception went through."""
        code = self.source[number - 1].strip()[:CODE] if 0 < number <= len(self.source) else ""
        return f"{self.place(number)}{'' if function == '<module>' else f' in {function}'}:  {code}"


def badge(verdict: Verdict | Literal["nothing"], word: str, score: float = 0.0) -> Html:
    """A verdict in colour, and with a sign for those who don't see it."""
    kind, sign = ("f", "✗") if verdict == "failed" and score == 0 else BADGES[verdict]
    return _badge(kind, sign, word)


def _badge(kind: str, sign: str, word: str) -> Html:
    return el("span", el("span", sign, aria_hidden="true"), f" {word}", class_=f"badge {kind}")


def judged(check: Check, source: bytes, place: Callable[[int], str] = "line {}".format) -> Html:
    """All that came of a check. source: what was judged; place: what people call a line of it."""
    report, lines = check.report, Lines(code_lines(source), place)
    return join(
        _cannot_run(check, lines) if report.verdict == "error" else _parts(check),
        _diagnosis(report.diagnosis) if report.diagnosis else None,
        _cases(check, lines) if report.verdict != "error" else None,
        _training(check),
        _printed(check.printed),
    )


def _cannot_run(check: Check, lines: Lines) -> Html:
    told = "This can't be loaded, or defines nothing that the exercise asks for, so nothing in it could be tried."
    return join(el("h3", "What stands in the way"), el("p", told), *(_case(one, lines) for one in failing(check)))


def _parts(check: Check) -> Html:
    head = el("tr", *(el("th", what, scope="col") for what in ("Part", "Result", "Cases")))
    body = []
    whys = states(check)
    for part in check.report.parts:
        right = part.passed == part.cases
        why = "" if right else whys.get(part.name, "")
        kind, sign, word = ("p", "✓", "passed") if right else ("n", "·", why) if why else ("f", "✗", "not yet")
        count = el("td", f"{part.passed} of {part.cases}", class_="number")
        body.append(el("tr", el("th", part.name, scope="row"), el("td", _badge(kind, sign, word)), count))
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


def _cases(check: Check, lines: Lines) -> Html | None:
    those = failing(check)
    if not those:
        return None
    first, rest = those[:SHOWN], those[SHOWN:]
    more = el("details", el("summary", f"{len(rest)} more"), *(_case(one, lines) for one in rest)) if rest else None
    return join(el("h3", f"Cases to look at ({len(those)})"), *(_case(one, lines) for one in first), more)


def _case(one: Failing, lines: Lines) -> Html:
    case, detail = one
    shown = [lines.told(number, function) for number, function in detail.lines[-LINES:]]
    return el(
        "div",
        el("h4", f"{case.part}: {case.name}"),
        el("p", prose(case.message)) if case.message else None,
        el("pre", "\n".join(shown)) if shown else None,
        el("p", "With ", el("code", detail.inputs[:INPUTS])) if detail.inputs else None,
        class_="case",
    )


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
