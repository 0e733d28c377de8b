"""TeX formulas as text. The only place that knows TeXicode, whose interface is undeclared: pin its version."""

import re
import textwrap

from texicode.pipeline import render_tex

from grader.questions import flat_formula

# Commands that TeXicode doesn't know, in terms of those that it does.
ALIASES = {
    r"\bm": r"\mathbf",
    r"\boldsymbol": r"\mathbf",
    r"\operatorname": r"\mathrm",
    r"\lVert": r"\|",
    r"\rVert": r"\|",
    r"\implies": r"\;\Rightarrow\;",
    r"\iff": r"\;\Leftrightarrow\;",
    r"\bmod": r"\;\mathrm{mod}\;",
    r"\colon": r":\,",
}
ALIAS = re.compile(r"(\\[A-Za-z]+)(?:(?<=operatorname)\*)?")
FUNCTION = (
    r"\\(?:arccos|arcsin|arctan|arg|cosh?|cot|det|dim|exp|inf|ker|lg|lim|liminf|limsup|ln|log|max|min|Pr|sinh?"
    r"|sup|tanh?|mathrm\{[A-Za-z]{2,}\})(?![A-Za-z])"
)
SCRIPTS = r"(?:[_^](?:\{[^{}]*\}|\\[A-Za-z]+|[^\\{}\s]))*"
SPACE_BEFORE = re.compile(rf"(?<=[A-Za-z0-9)}}\]])\s*(?={FUNCTION})")
SPACE_AFTER = re.compile(rf"({FUNCTION}{SCRIPTS})\s*(?=[A-Za-z0-9]|\\(?!left|right|[bB]ig|limits)[A-Za-z])")


def render(tex: str) -> str | None:
    """Draw a formula over as many lines as it takes; None if it can't be drawn."""
    tex = " ".join(tex.split())
    tex = ALIAS.sub(lambda found: ALIASES.get(found[1], found[0]), tex)
    tex = SPACE_BEFORE.sub(r"\\,", SPACE_AFTER.sub(r"\1\\,", tex))
    try:
        art: str = render_tex(tex, False, False, "raw", {"fonts": "normal"})
    except Exception:  # TeXicode fails in many ways on what it doesn't know; all mean the same here
        return None
    if not art.strip() or "?" in art or "TeXicode:" in art:
        return None
    return textwrap.dedent("\n".join(row.rstrip() for row in art.split("\n")))


def render_inline(tex: str) -> str | None:
    """Draw a formula on one line, with a/b for fractions and ^(...) for high scripts; None if it can't be done."""
    art = render(tex)
    if art is not None and "\n" in art:
        try:
            art = render(flat_formula.flatten(tex, _shrinks))
        except RecursionError:  # braces nested hundreds deep
            return None
    return None if art is None or "\n" in art else flat_formula.restore(art)


def _shrinks(script: str) -> bool:
    art = render("x" + script)
    return art is not None and "\n" not in art
