"""A report as HTML for a notebook: one card with its own style, which reaches nothing beside it and runs nothing."""

import html
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from grader.models import Check
from grader.publish.judged import badge, judged
from grader.publish.markup import DARK, KEPT, LIGHT, PIECES, Html, el, join, name, prose
from grader.text import harmless

CARD = ".dlgrade-check.dlgrade-check"  # said twice, it outweighs the styles of notebooks
OWN = Path(__file__).with_name("notebook.css").read_text("utf-8")
RULE = re.compile(r"^([^{}]+)(?=\{)", re.M)
BRIGHT = ('[data-jp-theme-light="true"]', ".vscode-light", 'html[theme="light"]')  # Jupyter, VS Code, Colab
GLOOMY = ('[data-jp-theme-light="false"]', ".vscode-dark", 'html[theme="dark"]')
WORDS = {"passed": "passed", "failed": "not passed yet", "error": "can't be run", "not_judged": "not judged"}
SOURCE = 20_000  # characters of what was judged that are shown


def card(check: Check, source: bytes, place: Callable[[int], str], told: str) -> str:
    """The card. place: what people call a line of the source; told: what to do next, with code between backticks."""
    report = check.report
    passed = sum(part.passed == part.cases for part in report.parts)
    facts = f" · {passed} of {len(report.parts)} parts · {report.seconds:.2f} s"
    return el(
        "div",
        el("style", Html(SHEET)),
        el("h2", f"{report.exercise} · {report.slug.replace('_', ' ')}"),
        el("p", badge(report.verdict, WORDS[report.verdict], report.score), facts, class_="quiet"),
        judged(check, source, place),
        _source(source, report.submission),
        el("footer", el("p", prose(told)) if told else None, _unprotected(check)),
        class_="dlgrade-check",
    )


def _source(source: bytes, title: str) -> Html:
    text = source.decode("utf-8", "replace")
    shown = Html(html.escape(harmless(text, SOURCE, KEPT)))
    cut = el("p", f"These are the first {SOURCE:,} of {len(text):,} characters.") if len(text) > SOURCE else None
    return el("details", el("summary", "What was judged: ", name(title)), el("pre", shown), cut)


def _unprotected(check: Check) -> Html | None:
    if not check.report.sandbox.network:
        return None
    layers = ", ".join(check.report.sandbox.layers) or "none"
    told = f"Isolation: {layers}. Your code ran with your own rights; `dlgrade doctor` says what is missing."
    return el("p", prose(told))


def _within(sheet: str, around: str) -> str:
    """A flat style sheet whose rules reach only what is inside of `around`; `&` is that itself."""

    def scoped(rule: re.Match[str]) -> str:
        selectors = [one.strip() for one in rule[1].split(",")]
        return ", ".join(around if one == "&" else f"{around} {one}" for one in selectors) + " "

    return RULE.sub(scoped, sheet)


def _themed(colours: str, scheme: str, themes: Iterable[str]) -> str:
    return ", ".join(f"{theme} {CARD}" for theme in themes) + f" {{ color-scheme: {scheme}; {colours} }}\n"


SHEET = join(
    Html(f"{CARD} {{ color-scheme: light dark; {LIGHT} }}\n"),
    Html(f"@media (prefers-color-scheme: dark) {{ {CARD} {{ {DARK} }} }}\n"),
    Html(_themed(LIGHT, "light", BRIGHT) + _themed(DARK, "dark", GLOOMY)),
    Html(_within(PIECES + OWN, CARD)),
)
