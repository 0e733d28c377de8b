"""Question banks of the `## #12-1` kind, in markdown or pasted as plain text, cut into questions. Nothing is dropped
silently: what belongs to no question is told with its lines."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from grader.questions.front_matter import number_of

START = re.compile(r"(?:#{1,6}[ \t]+)?#[ \t]?(\d+)(?:-(\d+))?[ \t]*#*[ \t]*")
HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*")
SOURCES = re.compile(r"(?:#{1,6}[ \t]+)?(?:\*\*)?(?:references?|sources?|참고 ?(?:자료|문헌)?|출처)(?:\*\*)?:?", re.I)
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
DISPLAY = re.compile(r"\$\$((?:[^$]|\\\$)+)\$\$")
RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*")
MOJIBAKE = re.compile("\ufffd|[\u00c3\u00c2][\u0080-\u00bf]|[\u00ea-\u00ed][\u0080-\u00bf\u2018-\u2122]{2}")


class Remark(NamedTuple):
    """Something to look at, by its line in the bank."""

    line: int
    message: str


class Draft(NamedTuple):
    """One question as it stands in a bank. `line` is where it begins."""

    order: tuple[int, int]
    title: str
    answer: str
    sources: str
    line: int

    @property
    def number(self) -> str:
        return number_of(self.order)


class Row(NamedTuple):
    line: int
    text: str
    code: bool  # inside a fence, or a fence itself


def cut(text: str) -> tuple[list[Draft], list[Remark]]:
    """All questions of a bank in their order, and remarks on what needs a human."""
    remarks: list[Remark] = []
    rows = _rows(text, remarks)
    starts = [at for at, row in enumerate(rows) if not row.code and START.fullmatch(row.text)]
    remarks += _stray(rows[: starts[0] if starts else None])
    drafts = [_draft(rows[a:b], remarks) for a, b in pairwise([*starts, len(rows)])]
    seen: dict[tuple[int, int], int] = {}
    for draft in drafts:
        if draft.order in seen:
            fact = f"number {draft.number} stands here a second time, first in line {seen[draft.order]}"
            remarks.append(Remark(draft.line, f"{fact}: give it a number of its own"))
        seen.setdefault(draft.order, draft.line)
    return drafts, sorted(remarks)


def _rows(text: str, remarks: list[Remark]) -> list[Row]:
    """The lines, with fences followed. One that is open where a question clearly begins lacks its end."""
    rows: list[Row] = []
    fence, opened = "", 0
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line, row in enumerate(lines, 1):
        if found := MOJIBAKE.search(row):
            remarks.append(Remark(line, f"{found[0]!r} looks like text in a wrong encoding: see `--encoding`"))
        mark = FENCE.fullmatch(row)
        if fence and START.fullmatch(row) and _titled(lines[line:]):
            remarks.append(Remark(opened, "this fence is never closed: it was closed before the next question"))
            rows.append(Row(line, fence, True))
            fence = ""
        if fence:
            rows.append(Row(line, row, True))
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                fence = ""
        else:
            fence, opened = (mark[1], line) if mark else ("", 0)
            rows.append(Row(line, row, bool(fence)))
    if fence:
        remarks.append(Remark(opened, "this fence is never closed: it was closed at the end"))
        rows.append(Row(len(rows) + 1, fence, True))
    return rows


def _titled(rows: list[str]) -> bool:
    """Whether the next line with anything on it is a heading, as below the number of a question."""
    following = next((row for row in rows if row.strip()), "")
    return HEADING.fullmatch(following) is not None


def _stray(rows: list[Row]) -> Iterator[Remark]:
    """What stands before the first question, as runs of lines."""
    filled = [row for row in rows if row.text.strip() and not RULE.fullmatch(row.text)]
    if filled:
        first, last = filled[0].line, filled[-1].line
        what = f"lines {first} to {last} stand" if last > first else "this line stands"
        was = "were" if last > first else "was"
        step = "put what you need into a question"
        yield Remark(first, f"{what} before the first question and {was} left out: {step}")


def _draft(rows: list[Row], remarks: list[Remark]) -> Draft:
    start, *body = rows
    number = START.fullmatch(start.text)
    assert number is not None
    title, body = _title(start, body, remarks)
    at = next((i for i, row in enumerate(body) if not row.code and SOURCES.fullmatch(row.text.strip())), len(body))
    answer, sources = _text(body[:at], remarks), _text(body[at + 1 :], remarks)
    if not answer:
        remarks.append(Remark(start.line, f"question {number[1]} has no answer: write one on its page"))
    return Draft((int(number[1]), int(number[2] or 0)), title, answer, sources, start.line)


def _title(start: Row, body: list[Row], remarks: list[Remark]) -> tuple[str, list[Row]]:
    """The first line with anything on it, and what follows."""
    at = next((i for i, row in enumerate(body) if row.text.strip()), None)
    if at is None or body[at].code or SOURCES.fullmatch(body[at].text.strip()):
        remarks.append(Remark(start.line, "this question has no title: write one on its page"))
        return "(no title)", body
    heading = HEADING.fullmatch(body[at].text)
    return (heading[2] if heading else body[at].text).strip(), body[at + 1 :]


def _text(rows: list[Row], remarks: list[Remark]) -> str:
    """Lines as text, without rules and blank lines around them. Headings go below those of a page."""
    while rows and (not rows[0].text.strip() or _is_rule(rows[0])):
        rows = rows[1:]
    while rows and (not rows[-1].text.strip() or _is_rule(rows[-1])):
        rows = rows[:-1]
    return "\n".join(row.text if row.code else _inline(_below(row, remarks)) for row in rows)


def _inline(text: str) -> str:
    """Formulas inside a line are written between single dollars."""
    alone = DISPLAY.fullmatch(text.strip())
    return text if alone else DISPLAY.sub(lambda found: f"${found[1].strip()}$", text)


def _is_rule(row: Row) -> bool:
    return not row.code and bool(RULE.fullmatch(row.text))


def _below(row: Row, remarks: list[Remark]) -> str:
    heading = HEADING.fullmatch(row.text)
    if heading is None or len(heading[1]) > 2:
        return row.text
    remarks.append(Remark(row.line, f"the heading {heading[2]!r} is now one of level 3: see whether it belongs here"))
    return f"### {heading[2]}"
