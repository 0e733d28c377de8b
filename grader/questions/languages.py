"""Two pages of one question in two languages: what must be the same in both."""

import re
from collections.abc import Iterator

from grader.errors import PageError
from grader.questions.document import Document, formula_source
from grader.questions.model import Cloze, Item, Multiple, Numeric, Ordering, Output, Pairing, Question, Single

WORDS = re.compile(r"\\(?:text|mathrm|operatorname)\{[^{}]*\}")  # may be translated


def differences(one: Question, other: Question) -> Iterator[PageError]:
    """What differs though it may not, at its line in `other`: head, items and their keys, formulas, code."""
    for name in ("number", "difficulty", "prerequisites"):
        if getattr(one, name) != getattr(other, name):
            yield PageError(other.path, 1, f"{name} is not that of {one.path.name} in {one.language}: make it the same")
    ids, theirs = ([item.id for item in question.items] for question in (one, other))
    if ids != theirs:
        message = f"the items are {', '.join(theirs)}, but in {one.language} {', '.join(ids)}: make them the same"
        yield PageError(other.path, 1, message)
        return
    for mine, its in zip(one.items, other.items, strict=True):
        if key(mine) != key(its):
            yield PageError(other.path, its.line, f"the key of {its.id} is not that in {one.language}: compare them")
        yield from _texts(other, its.line, its.id, _item_text(mine), _item_text(its))
    yield from _texts(other, 1, "the question", one.intro, other.intro)
    sections = {section.key: section for section in one.sections}
    if list(sections) != [section.key for section in other.sections]:
        yield PageError(other.path, 1, f"the sections are not those in {one.language}: write or delete some")
    for section in other.sections:
        text = sections[section.key].text if section.key in sections else section.text
        yield from _texts(other, section.line, section.heading, text, section.text)


def key(item: Item) -> object:
    """The kind of an item and its key, without words."""
    match item:
        case Single() | Multiple():
            return item.kind, [(option.right, option.misconception) for option in item.options]
        case Ordering():
            return item.kind, len(item.entries)
        case Pairing():
            sides = [pair.right for pair in item.pairs]
            return item.kind, [sides.index(side) for side in sides]
        case Numeric():
            return item.kind, item.value, item.tolerance
        case Cloze():
            return item.kind, len(item.blanks)
        case Output():
            return item.kind, item.code, item.output


def _item_text(item: Item) -> str:
    options = [f"{option.text}\n\n{option.feedback or ''}" for option in getattr(item, "options", ())]
    return "\n\n".join([item.prompt, *options, item.explanation])


def _texts(question: Question, line: int, what: str, one: str, other: str) -> Iterator[PageError]:
    for name, mine, its in zip(("formulas", "code"), _signs(one), _signs(other), strict=True):
        lacking, extra = sorted(mine - its), sorted(its - mine)
        if lacking or extra:
            found = f"lacks {lacking[0]!r}" if lacking else f"has {extra[0]!r}, which the other language lacks"
            yield PageError(question.path, line, f"{what}: {found} among its {name}: make them the same")


def _signs(text: str) -> tuple[set[str], set[str]]:
    """The formulas of a text, words in them aside, and its blocks of code."""
    nodes = [node for _, node in Document(text).nodes()]
    formulas = {WORDS.sub("", tex) for node in nodes if (tex := formula_source(node)) is not None}
    code = {node.content for node in nodes if node.type == "fence" and formula_source(node) is None}
    return formulas, code
