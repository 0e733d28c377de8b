"""The pieces that answer forms are made of: options, entries, pairs, numbers, blanks."""

import math
import re
from typing import NamedTuple

from markdown_it.tree import SyntaxTreeNode

from grader.questions.document import Document, begin, end, unquote
from grader.questions.model import Option, Pair
from grader.questions.problems import Problems, quote

MARKER = re.compile(r"\s*(?:\d+[.)]|[-*+])[ \t]+")
CHECKBOX = re.compile(r"\[[ xX]\][ \t]+")
BROKEN_CHECKBOX = re.compile(r"\[\s*[xX]?\s*\]")
MISCONCEPTION = re.compile(r"`([A-Za-z0-9_-]+)`\s*·\s*")
NUMBER = r"[+\-\u2212]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+\-\u2212]?\d+)?"
NUMERIC = re.compile(rf"\*\*({NUMBER})\*\*\s*±\s*({NUMBER})(?:\s*(%)|\s+(\S.*))?")
BLANK = re.compile(
    r"^ *(?P<fence>`{3,}|~{3,}).*?^ *(?P=fence)|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
    r"|\$\$.+?\$\$|\$(?!\s)[^$\n]*?(?<!\s)\$(?!\d)|\[\[(?P<blank>[^\[\]\n]*)\]\]",
    re.MULTILINE | re.DOTALL,
)


class Measure(NamedTuple):
    value: float
    tolerance: float
    unit: str


def is_task_list(node: SyntaxTreeNode) -> bool:
    return node.type.endswith("_list") and any("checked" in entry.meta for entry in node.children)


def option(entry: SyntaxTreeNode, page: Document, problems: Problems) -> Option:
    """Read one entry of a task list, with its feedback."""
    line = begin(entry) + 1
    quotes = [child for child in entry.children if child.type == "blockquote"]
    if "checked" not in entry.meta:
        problems.add(line, "this option has no checkbox: begin it with [ ] or [x], and a space")
    if len(quotes) > 1 or (quotes and entry.children[-1] is not quotes[0]):
        problems.add(line, "something follows the feedback of this option: keep one quote, and put it last")
    text = entry_text(entry, page, end(entry) if not quotes else begin(quotes[0]))
    if not text:
        problems.add(line, "this option is empty: write its text")
    feedback = unquote(page.lines[begin(quotes[0]) : end(quotes[0])]) if quotes else ""
    named = MISCONCEPTION.match(feedback)
    right = bool(entry.meta.get("checked"))
    feedback = feedback[named.end() :] if named else feedback
    if not right and not feedback:
        problems.add(line, "this wrong option has no feedback: nest '> why' under it")
    if right and named:
        problems.add(line, "a right option names a misconception: delete the name, or tick another option")
    misconception = named[1] if named else None
    return Option(text=text, right=right, feedback=feedback or None, misconception=misconception)


def entry_text(entry: SyntaxTreeNode, page: Document, stop: int) -> str:
    """The source of a list entry up to a line, without its marker, checkbox and indentation."""
    first, *rest = page.lines[begin(entry) : stop] or [""]
    marker = MARKER.match(first)
    width = marker.end() if marker else 0
    first = first[width:]
    if box := "checked" in entry.meta and CHECKBOX.match(first):
        first = first[box.end() :]
    return "\n".join([first.strip(), *(_dedent(row, width) for row in rest)]).strip()


def _dedent(row: str, width: int) -> str:
    return row[min(width, len(row) - len(row.lstrip(" "))) :].rstrip()


def pairs(table: SyntaxTreeNode) -> tuple[list[Pair], set[int]]:
    """The rows of a table, header first, as pairs; and the numbers of columns that its rows have."""
    lines = [node for node in table.walk() if node.type == "tr"]
    rows = [[cell.children[0].content.strip() for cell in line.children] for line in lines]
    return [Pair(left=row[0], right=row[1]) for row in rows if len(row) == 2], {len(row) for row in rows}


def measure(source: str) -> Measure | None:
    """Read `**value** ± tolerance unit`; None if it isn't that, or not finite, or the tolerance negative."""
    found = NUMERIC.fullmatch(source.strip())
    if not found:
        return None
    value, tolerance = (float(found[n].replace("\u2212", "-")) for n in (1, 2))
    if not (math.isfinite(value) and math.isfinite(tolerance) and tolerance >= 0):
        return None
    return Measure(value, tolerance, found[3] or found[4] or "")


def blanks(source: str) -> list[tuple[str, ...]]:
    """The accepted answers of each [[blank]] outside code and formulas."""
    inner = (found["blank"] for found in BLANK.finditer(source))
    return [tuple(answer.strip() for answer in blank.split("|")) for blank in inner if blank is not None]


def with_blanks(source: str) -> str:
    """The source with each [[blank]] replaced by a numbered gap."""
    number = 0

    def gap(found: re.Match[str]) -> str:
        nonlocal number
        if found["blank"] is None:
            return found[0]
        number += 1
        return f"`__{number}__`"

    return BLANK.sub(gap, source)


def check_distinct(texts: list[str], line: int, what: str, problems: Problems) -> None:
    """Add a problem if there are fewer than two texts, one is empty, or two are equal."""
    if len(texts) < 2:
        problems.add(line, f"there are fewer than two {what}: add some")
    if "" in texts:
        problems.add(line, f"one of the {what} is empty: write its text")
    for text in {text for text in texts if text and texts.count(text) > 1}:
        problems.add(line, f"two {what} read {quote(text)}: change one")
