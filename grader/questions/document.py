"""Markdown as GitHub reads it, as a tree whose nodes know their source lines."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.gfm import gfm_plugin

QUOTE_MARK = re.compile(r"^\s*> ?")
BREAKS = {"softbreak", "hardbreak"}
MATHS = {"math_inline", "math_block"}


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark").use(gfm_plugin)
    return markdown.use(
        dollarmath_plugin, allow_space=False, allow_digits=False, allow_labels=False, allow_blank_lines=False
    )


def tokens(text: str) -> list[Token]:
    """The markdown tokens of a text."""
    return _markdown().parse(text)


def html(text: str) -> str:
    """A text as HTML, with its formulas in the brackets that MathJax looks for."""
    found = _markdown()
    parsed = found.parse(text)
    for token in (inner for outer in parsed for inner in (outer, *(outer.children or ()))):
        if (tex := formula_source(token)) is not None:
            left, right = (r"\(", r"\)") if token.type == "math_inline" else (r"\[", r"\]")
            token.type, token.content = "text", f"{left}{tex}{right}"
    rendered: str = found.renderer.render(parsed, found.options, {})
    return rendered.strip()


class Document:
    """A parsed text: its lines, and its top-level blocks."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.root = SyntaxTreeNode(tokens(text))
        self.blocks = [node for node in self.root.children if node.map]

    def source(self, begin: int, end: int) -> str:
        """The source between two lines counted from 0, `end` not included."""
        return "\n".join(self.lines[begin:end]).strip("\n")

    def nodes(self) -> Iterator[tuple[int, SyntaxTreeNode]]:
        """Every node of the page with its line, counted from 1."""
        yield from _walk(self.root, 1)


def _walk(node: SyntaxTreeNode, line: int) -> Iterator[tuple[int, SyntaxTreeNode]]:
    if not node.is_root and node.map:
        line = node.map[0] + 1
    yield line, node
    for child in node.children:
        yield from _walk(child, line)
        line += child.type in BREAKS


def begin(node: SyntaxTreeNode) -> int:
    """The first line of a block, counted from 0."""
    return node.map[0] if node.map else 0


def end(node: SyntaxTreeNode) -> int:
    """The line after a block, counted from 0."""
    return node.map[1] if node.map else 0


def heading_text(node: SyntaxTreeNode) -> str:
    return node.children[0].content if node.children else ""


def formula_source(node: SyntaxTreeNode | Token) -> str | None:
    """The TeX of a node that is a formula in one of GitHub's forms ($x$, $`x`$, $$x$$, math fence), or None."""
    if node.type in MATHS:
        return node.content.strip().removeprefix("`").removesuffix("`").strip()
    if node.type == "fence" and node.info.strip() == "math":
        return node.content.strip()
    return None


def unquote(rows: Sequence[str]) -> str:
    """The text within a block quote."""
    return "\n".join(QUOTE_MARK.sub("", row) for row in rows).strip("\n")
