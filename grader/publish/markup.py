"""HTML in which nothing a stranger wrote can be more than text: elements, and the frame of a page."""

import base64
import hashlib
import html
import re
from functools import cache, lru_cache
from pathlib import Path

from grader.text import harmless

LIGHT = """
  --paper: #fbfaf7; --card: #ffffff; --ink: #20242a; --quiet: #59616b; --line: #dcd9d1; --track: #e9e6de;
  --link: #0b57a4; --good: #17693a; --bad: #a93409; --warn: #7b5200; --fill: #33759b; --focus: #0b57a4;
  --good-back: #e6f2e9; --bad-back: #fbe9e2; --warn-back: #faf0d7; --code: #f3f1eb;
"""
DARK = """
  --paper: #15171a; --card: #1d2024; --ink: #e7e6e2; --quiet: #a6aeb7; --line: #363b42; --track: #2d3238;
  --link: #82bdf6; --good: #74d199; --bad: #ff9f80; --warn: #e8bd62; --fill: #5aa6cf; --focus: #ffd166;
  --good-back: #1b3226; --bad-back: #3b231c; --warn-back: #362c16; --code: #24282d;
"""
PIECES, PAGES = (Path(__file__).with_name(name).read_text("utf-8") for name in ("judged.css", "pages.css"))
SHEET = f"""
:root {{ color-scheme: light dark; {LIGHT} }}
@media (prefers-color-scheme: dark) {{ :root {{ {DARK} }} }}
{PIECES}{PAGES}"""
DIGEST = base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'"
CODE = re.compile("`([^`\n]+)`")
MOST = 4000  # characters of one text
SHORT = 300  # characters of a text that is likely to come again
NAME = 80  # characters of a name: of a student, a file
KEPT = "\n\t\u3000\u00a0"  # signs that stay although they aren't printable
VOID = frozenset({"img", "meta", "br"})


class Html(str):
    """Text that is HTML already. Only what this module makes is one."""

    __slots__ = ()


def safe(text: object, most: int = MOST) -> str:
    """Text of a stranger as text and nothing else; what is beyond `most` characters is cut off, visibly."""
    whole = str(text)
    return _safe(whole, most) if len(whole) > SHORT else _safe_again(whole, most)


def _safe(text: str, most: int) -> str:
    cut = harmless(text, most, KEPT)
    return html.escape(cut[: most - 1] + "…" if len(text) > most else cut)


_safe_again = lru_cache(8192)(_safe)  # the same words stand on all pages


def join(*children: object) -> Html:
    """Children one after the other. What isn't HTML already becomes text; None is left out."""
    return Html("".join(one if isinstance(one, Html) else safe(one) for one in children if one is not None))


def el(tag: str, *children: object, **attributes: object) -> Html:
    """An element. Attributes: `class_`, `aria_label` and such; those that are None or False are left out."""
    named = "".join(
        f" {_spelt(name)}" + ("" if value is True else f'="{safe(value, 1 << 20)}"')
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{tag}{named}>" if tag in VOID else f"<{tag}{named}>{join(*children)}</{tag}>")


@cache
def _spelt(name: str) -> str:
    return name.strip("_").replace("_", "-")


def name(text: object, most: int = NAME) -> Html:
    """A name by a stranger, kept apart from the direction of the text around it."""
    return el("bdi", Html(safe(text, most)))


def prose(text: object, most: int = MOST) -> Html:
    """A sentence in which `code` may stand between backticks."""
    return Html(CODE.sub(r"<code>\1</code>", safe(text, most)))


def unseen(text: object) -> Html:
    """Text for screen readers alone."""
    return el("span", text, class_="unseen")


def wide(content: Html, label: str) -> Html:
    """Content that may be wider than the page: it scrolls by itself, also by keyboard."""
    return el("div", content, class_="wide", role="region", tabindex="0", aria_label=label)


def page(title: str, kind: str, header: Html, body: Html, footer: Html) -> str:
    """A whole page that loads nothing, runs nothing and sends nothing. kind: a class of the style sheet."""
    head = join(
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=POLICY),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("meta", name="robots", content="noindex"),
        el("title", Html(safe(title, 2 * NAME))),
        el("style", Html(SHEET)),
    )
    shown = el(
        "body",
        el("a", "Skip to the content", class_="skip", href="#content"),
        el("header", header),
        el("main", body, id="content", tabindex="-1"),
        el("footer", footer),
        class_=kind,
    )
    return f'<!doctype html>\n<html lang="en">\n<head>{head}</head>\n{shown}\n</html>\n'
