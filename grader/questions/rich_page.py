"""Our markdown in rich's terms: rich draws markdown, but knows no formulas. Imported only to show a page."""

from collections.abc import Iterator
from typing import ClassVar

from markdown_it.token import Token
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Heading, Markdown, MarkdownContext, TableElement, TextElement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.questions import document
from grader.questions.formula import render, render_inline

MARGIN = 2


class LeftHeading(Heading):
    LEVEL_ALIGN = dict.fromkeys(Heading.LEVEL_ALIGN, "left")


class FormulaBlock(TextElement):
    """A formula on lines of its own; its source where it is too wide, or can't be drawn."""

    @classmethod
    def create(cls, markdown: Markdown, token: Token) -> "FormulaBlock":
        return cls(token.content, token.info)

    def __init__(self, tex: str, encoding: str) -> None:
        self.tex, self.encoding = tex, encoding

    def on_text(self, context: MarkdownContext, text: object) -> None:
        """Take nothing: the formula is known."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width - MARGIN
        for art in (render(self.tex), render_inline(self.tex)):
            if art and max(map(cell_len, art.split("\n"))) <= room and _encodes(art, self.encoding):
                yield Padding(Text(art, no_wrap=True), (0, 0, 0, MARGIN))
                return
        yield Padding(Text(self.tex), (0, 0, 0, MARGIN))


class FoldingTable(TableElement):
    """A table that breaks long words in narrow columns; rich's own cuts them off."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                for column in table.columns:
                    column.overflow = "fold"
            yield table


class RichPage(Markdown):
    elements: ClassVar = {
        **Markdown.elements,
        "heading_open": LeftHeading,
        "formula": FormulaBlock,
        "table_open": FoldingTable,
    }

    def __init__(self, text: str, encoding: str) -> None:
        super().__init__("", code_theme="ansi_dark", hyperlinks=False)
        self.parsed = list(_with_formulas(document.tokens(text), encoding))


def _with_formulas(tokens: list[Token], encoding: str) -> Iterator[Token]:
    """The tokens with each formula as text, or as a block of its own where it takes several lines."""
    for at, token in enumerate(tokens):
        if (tex := document.formula_source(token)) is not None:
            yield _block(tex, encoding)
        elif token.type == "inline" and tokens[at - 1].type == "paragraph_open":
            yield from _paragraph(token, encoding)
        elif token.type == "inline":
            children = _without_bare_links(token.children or [])
            token.children = [_one_line(child, encoding) or _source(child) for child in children]
            yield token
        else:
            yield token


def _paragraph(inline: Token, encoding: str) -> Iterator[Token]:
    """The content of a paragraph, which is closed and opened again around a formula of several lines."""
    run: list[Token] = []
    depth = 0
    for child in _without_bare_links(inline.children or []):
        depth += child.nesting
        shown = _one_line(child, encoding)
        if shown or depth:
            run.append(shown or _source(child))
            continue
        yield from (Token("inline", "", 0, children=run), Token("paragraph_close", "p", -1))
        yield _block(document.formula_source(child) or "", encoding)
        yield Token("paragraph_open", "p", 1)
        run = []
    yield Token("inline", "", 0, children=run)


def _without_bare_links(tokens: list[Token]) -> list[Token]:
    """Leave out the links whose text is their target, for rich shows the target of each link."""
    return [token for token in tokens if not (token.type in ("link_open", "link_close") and token.info == "auto")]


def _one_line(token: Token, encoding: str) -> Token | None:
    """A token with its formula, if it is one, as text; None if it takes several lines."""
    tex = document.formula_source(token)
    if tex is None:
        return token
    art = render_inline(tex)
    if art and _encodes(art, encoding):
        return Token("text", "", 0, content=art)
    art = render(tex)
    return None if art and _encodes(art, encoding) else _source(token)


def _source(token: Token) -> Token:
    return Token("text", "", 0, content=f"${document.formula_source(token)}$")


def _block(tex: str, encoding: str) -> Token:
    return Token("formula", "", 0, content=tex, info=encoding)


def _encodes(art: str, encoding: str) -> bool:
    try:
        art.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
