"""HTML in which nothing a stranger wrote can be more than text: elements, and the frame of a page."""

import base64
import hashlib
import html
import re
from pathlib import Path

from grader.text import harmless

SHEET = Path(__file__).with_name("pages.css").read_text("utf-8")
CODE = re.compile("`([^`\n]+)`")
MOST = 4000  # characters of one text
NAME = 80  # characters of a name: of a student, a file
KEPT = "\n\t\u3000\u00a0"  # signs that stay although they aren't printable
VOID = frozenset({"img", "meta", "br"})


class Html(str):
    """Text that is HTML already. Only what this module makes is one."""

    __slots__ = ()


def safe(text: object, most: int = MOST) -> str:
    """Text of a stranger as text and nothing else; what is beyond `most` characters is cut off, visibly."""
    whole = str(text)
    cut = harmless(whole, most, KEPT)
    return html.escape(cut[: most - 1] + "…" if len(whole) > most else cut)


def join(*children: object) -> Html:
    """Children one after the other. What isn't HTML already becomes text; None is left out."""
    return Html("".join(one if isinstance(one, Html) else safe(one) for one in children if one is not None))


def el(tag: str, *children: object, **attributes: object) -> Html:
    """An element. Attributes: `class_`, `aria_label` and such; those that are None or False are left out."""
    named = "".join(
        f" {name.strip('_').replace('_', '-')}" + ("" if value is True else f'="{safe(value, 1 << 20)}"')
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{tag}{named}>" if tag in VOID else f"<{tag}{named}>{join(*children)}</{tag}>")


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
    digest = base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    head = join(
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
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
