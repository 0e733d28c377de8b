"""One quiz item: heading, prompt, answer form, explanation. The kind follows from the form."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypedDict

from markdown_it.tree import SyntaxTreeNode

from grader.questions import forms
from grader.questions.document import Document, begin, end, heading_text, unquote
from grader.questions.model import Cloze, Item, Multiple, Numeric, Option, Ordering, Output, Pairing, Single
from grader.questions.problems import Problems, quote

FORMS = (
    "a task list, a numbered list, a two-column table, **number** ± tolerance, "
    "[[blanks]], or a python fence and an output fence"
)


class Common(TypedDict):
    """The fields that all kinds share, but for the prompt."""

    id: str
    explanation: str
    line: int


class Draft(NamedTuple):
    """An item on its way: its blocks without heading and explanation; the last of them holds the answer."""

    page: Document
    problems: Problems
    heading: SyntaxTreeNode
    body: Sequence[SyntaxTreeNode]

    @property
    def line(self) -> int:
        return begin(self.heading) + 1

    @property
    def answer(self) -> SyntaxTreeNode:
        return self.body[-1]

    @property
    def answer_line(self) -> int:
        return begin(self.answer) + 1

    def answer_source(self) -> str:
        return self.page.source(begin(self.answer), end(self.answer))

    def prompt(self, form: int = 1) -> str:
        """The heading, and what stands between it and the answer form, which takes up that many blocks."""
        stop = begin(self.body[-form]) if form else end(self.answer)
        text = self.page.source(end(self.heading), stop).strip()
        return f"{heading_text(self.heading)}\n\n{text}".strip()


Reader = Callable[[Draft, Common], Item | None]


def parse_item(
    name: str, heading: SyntaxTreeNode, blocks: Sequence[SyntaxTreeNode], page: Document, problems: Problems
) -> Item | None:
    """Read the blocks below a heading; None if there was anything to add to the problems."""
    before = len(problems.found)
    count = len(blocks)
    while count and blocks[count - 1].type == "blockquote":
        count -= 1
    draft = Draft(page, problems, heading, blocks[:count])
    explanation = "\n\n".join(unquote(page.lines[begin(node) : end(node)]) for node in blocks[count:]).strip()
    if not heading_text(heading).strip():
        problems.add(draft.line, "the heading of this item is empty: ask something")
    if not explanation:
        problems.add(draft.line, "this item has no explanation: end it with a quote, '> why', after the answer")
    for node in draft.body[:-1]:
        if forms.is_task_list(node):
            message = "this task list stops before the end of the item: indent the quotes under its options"
            problems.add(begin(node) + 1, message)
    reader = _reader(draft)
    if reader is None:
        problems.add(draft.line, f"this item has no answer form at its end: write {FORMS}")
        return None
    item = reader(draft, Common(id=name, explanation=explanation, line=draft.line))
    return item if len(problems.found) == before else None


def _reader(draft: Draft) -> Reader | None:
    if not draft.body:
        return None
    node, blanks = draft.answer, bool(forms.blanks(draft.prompt(0)))
    if forms.is_task_list(node):
        reader: Reader = _single if node.type == "ordered_list" else _multiple
    elif node.type == "fence" and node.info.strip() == "output":
        reader = _output
    elif node.type == "paragraph" and draft.answer_source().startswith("**") and "±" in draft.answer_source():
        reader = _numeric
    elif blanks:
        return _cloze
    else:
        return {"ordered_list": _ordering, "table": _pairing}.get(node.type)
    if blanks:
        draft.problems.add(draft.line, "this item has [[blanks]] and another answer form: keep one of them")
    return reader


def _options(draft: Draft) -> tuple[Option, ...]:
    options = [forms.option(entry, draft.page, draft.problems) for entry in draft.answer.children]
    forms.check_distinct([option.text for option in options], draft.answer_line, "options", draft.problems)
    return tuple(options)


def _single(draft: Draft, common: Common) -> Item:
    options = _options(draft)
    right = sum(option.right for option in options)
    if right != 1:
        message = f"a single choice has one right option, this has {right}: tick one, or use bullets"
        draft.problems.add(draft.answer_line, message)
    return Single(prompt=draft.prompt(), options=options, **common)


def _multiple(draft: Draft, common: Common) -> Item:
    options = _options(draft)
    if not any(option.right for option in options):
        draft.problems.add(draft.answer_line, "this multiple choice has no right option: tick one or more with [x]")
    return Multiple(prompt=draft.prompt(), options=options, **common)


def _ordering(draft: Draft, common: Common) -> Item:
    entries = [forms.entry_text(entry, draft.page, end(entry)) for entry in draft.answer.children]
    for node, entry in zip(draft.answer.children, entries, strict=True):
        if forms.BROKEN_CHECKBOX.match(entry):
            message = f"{quote(entry)} begins with a broken checkbox: write '[ ] text' or '[x] text'"
            draft.problems.add(begin(node) + 1, message)
    forms.check_distinct(entries, draft.answer_line, "entries", draft.problems)
    return Ordering(prompt=draft.prompt(), entries=tuple(entries), **common)


def _pairing(draft: Draft, common: Common) -> Item | None:
    rows, columns = forms.pairs(draft.answer)
    if columns != {2}:
        message = f"a pairing is a table of 2 columns, this has {max(columns)}: delete some, or move it up"
        draft.problems.add(draft.answer_line, message)
        return None
    header, *pairs = rows
    right = list({pair.right for pair in pairs})
    forms.check_distinct([pair.left for pair in pairs], draft.answer_line, "left sides", draft.problems)
    forms.check_distinct(right, draft.answer_line, "right sides", draft.problems)
    return Pairing(prompt=draft.prompt(), header=header, pairs=tuple(pairs), **common)


def _numeric(draft: Draft, common: Common) -> Item | None:
    found = forms.measure(draft.answer_source())
    if found is None:
        message = f"{quote(draft.answer_source())} is not a numeric answer: write it like **0.001** ± 1e-6 unit"
        draft.problems.add(draft.answer_line, message)
        return None
    return Numeric(prompt=draft.prompt(), **found._asdict(), **common)


def _cloze(draft: Draft, common: Common) -> Item:
    text = draft.prompt(0)
    blanks = forms.blanks(text)
    if any("" in accepted for accepted in blanks):
        draft.problems.add(draft.line, "a blank accepts an empty answer: write [[accepted|also accepted]]")
    return Cloze(prompt=forms.with_blanks(text), blanks=tuple(blanks), **common)


def _output(draft: Draft, common: Common) -> Item | None:
    code = draft.body[-2] if len(draft.body) > 1 else None
    if code is None or code.type != "fence" or code.info.strip() != "python":
        draft.problems.add(draft.answer_line, "this output has no code: put a python fence right before it")
        return None
    return Output(prompt=draft.prompt(2), code=code.content, output=draft.answer.content, **common)
