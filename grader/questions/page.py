"""A whole page: front matter, title, sections in their order, quiz items."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, get_args

from markdown_it.tree import SyntaxTreeNode

from grader.questions import front_matter
from grader.questions.document import Document, begin, end, heading_text
from grader.questions.front_matter import FrontMatter
from grader.questions.items import parse_item
from grader.questions.model import Item, Question, Section, SectionKey
from grader.questions.problems import Problems, quote

QUIZ = "quiz"
KEYS: tuple[SectionKey, ...] = get_args(SectionKey)
REQUIRED = "answer"
HEADINGS = {
    "en": ("Answer", "Going deeper", "Common wrong answers", "Errata", "Sources", "Related", "Quiz"),
    "ko": ("답변", "더 깊이", "흔한 오답", "정오표", "출처", "관련 문항", "퀴즈"),
}


class Part(NamedTuple):
    """A heading and the blocks below it, down to the next heading of its level."""

    heading: SyntaxTreeNode
    blocks: Sequence[SyntaxTreeNode]

    @property
    def line(self) -> int:
        return begin(self.heading) + 1


def parse_page(path: Path) -> Question:
    """Read a page. Raises PageError for its first mistake of form; `check.check_page` lists all mistakes."""
    problems = Problems(path)
    question = parse_text(front_matter.read_text(path), path, problems)
    if question is None:
        raise problems.in_order()[0]
    return question


def parse_text(text: str, path: Path, problems: Problems) -> Question | None:
    """Read the text of a page; None if there was anything to add to the problems."""
    head = front_matter.scan(front_matter.head_rows(text), problems)
    try:
        page = Document(front_matter.body(text))
    except RecursionError:
        problems.add(1, "the page nests its emphasis hundreds deep: close the asterisks and underscores")
        return None
    title = _title(page, problems)
    headings = _headings(path, problems)
    if title is None or headings is None:
        return None
    intro, parts = _split(title.blocks, "h2")
    if not intro:
        problems.add(title.line, "nothing stands below the title: put the question there, in one paragraph")
    _check_order(parts, headings, problems)
    items = _items(parts, headings, head, page, problems)
    if head is None:
        return None
    _check_identity(head, title, path, problems)
    if problems.found:
        return None
    return Question(
        **{key: getattr(head, key) for key in front_matter.KEYS if key != QUIZ},
        language=path.resolve().parent.name,
        path=path,
        intro=_source(page, intro),
        sections=_sections(parts, headings, page),
        items=items,
    )


def _title(page: Document, problems: Problems) -> Part | None:
    before, titles = _split(page.blocks, "h1")
    if before or len(titles) != 1:
        line = begin(before[0]) + 1 if before else titles[1].line if titles else 1
        problems.add(line, "a page has one '# Title', and it comes first: mend the headings")
        return None
    return titles[0]


def _headings(path: Path, problems: Problems) -> tuple[str, ...] | None:
    language = path.resolve().parent.name
    if language not in HEADINGS:
        message = f"the folder {quote(language)} is no known language: keep pages in {' or '.join(HEADINGS)}"
        problems.add(1, message)
    return HEADINGS.get(language)


def _split(blocks: Sequence[SyntaxTreeNode], tag: str) -> tuple[Sequence[SyntaxTreeNode], list[Part]]:
    """The blocks before the first heading of a level, and the part below each."""
    starts = [n for n, node in enumerate(blocks) if node.type == "heading" and node.tag == tag]
    cuts = [*starts, len(blocks)]
    return blocks[: cuts[0]], [Part(blocks[a], blocks[a + 1 : b]) for a, b in pairwise(cuts)]


def _check_order(parts: list[Part], headings: tuple[str, ...], problems: Problems) -> None:
    expected = f"the sections are, in this order, {', '.join(headings)}"
    at = -1
    for part in parts:
        text = heading_text(part.heading)
        if text not in headings:
            problems.add(part.line, f"unknown section {quote(text)}: {expected}")
            continue
        if headings.index(text) <= at:
            problems.add(part.line, f"section {quote(text)} is out of order or here twice: {expected}")
        at = max(at, headings.index(text))
        if not part.blocks:
            problems.add(part.line, f"section {quote(text)} is empty: write it")
    required = headings[KEYS.index(REQUIRED)]
    if required not in map(heading_text, (part.heading for part in parts)):
        problems.add(1, f"the page has no section {quote(required)}: {expected}")


def _items(
    parts: list[Part], headings: tuple[str, ...], head: FrontMatter | None, page: Document, problems: Problems
) -> tuple[Item, ...]:
    quiz = next((part for part in parts if heading_text(part.heading) == headings[-1]), None)
    if quiz is None:
        if head and head.quiz:
            problems.add(head.lines[QUIZ], f"quiz has ids, but there is no section {quote(headings[-1])}: write it")
        return ()
    stray, drafts = _split(quiz.blocks, "h3")
    if stray:
        problems.add(begin(stray[0]) + 1, "this stands before the first quiz item: begin each item with ###")
    ids = head.quiz if head else ()
    if head and len(ids) != len(drafts):
        fact = f"quiz has {len(ids)} ids, but there are {len(drafts)} items below '## {headings[-1]}'"
        problems.add(head.lines[QUIZ], f"{fact}: name each item once, in order")
    ids += ("unnamed",) * (len(drafts) - len(ids))
    items = [parse_item(i, d.heading, d.blocks, page, problems) for i, d in zip(ids, drafts, strict=False)]
    return tuple(item for item in items if item is not None)


def _check_identity(head: FrontMatter, title: Part, path: Path, problems: Problems) -> None:
    wanted = f"{head.number}. {head.title}"
    if heading_text(title.heading) != wanted:
        fact = f"the title {quote(heading_text(title.heading))} differs from the front matter"
        problems.add(title.line, f"{fact}: write '# {wanted}'")
    order = front_matter.order_of(path.name)
    if order is None or front_matter.number_of(order) != head.number:
        fact = f"number {head.number} does not fit the file name {quote(path.name)}"
        problems.add(head.lines["number"], f"{fact}: name pages like 17_adam.md or 12_3_adam.md")


def _source(page: Document, blocks: Sequence[SyntaxTreeNode]) -> str:
    return page.source(begin(blocks[0]), end(blocks[-1]))


def _sections(parts: list[Part], headings: tuple[str, ...], page: Document) -> tuple[Section, ...]:
    keys = dict(zip(headings, KEYS, strict=False))
    return tuple(
        Section(key=keys[text], heading=text, text=_source(page, part.blocks), line=part.line)
        for part in parts
        if (text := heading_text(part.heading)) in keys
    )
