"""A question page, without its quiz, or any of our markdown, as text for a terminal."""

import codecs
import io
import sys
import unicodedata

from grader.questions.model import Question

# What prose says in place of signs that a terminal's encoding lacks.
PLAIN = {
    "–": "-", "—": "--", "−": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "•": "*", "▌": "|",
    "·": "-", "×": "x", "±": "+/-", "→": "->", "←": "<-", "⇒": "=>", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~",
    "²": "^2", "³": "^3", "½": "1/2", "¼": "1/4", "¾": "3/4",
}  # fmt: skip


def show(question: Question, width: int, colour: bool, encoding: str | None = None) -> str:
    """Draw a page for a terminal, as `draw` does."""
    return draw(_markdown(question), width, colour, encoding)


def draw(markdown: str, width: int, colour: bool, encoding: str | None = None) -> str:
    """Draw markdown for a terminal of that many columns.

    Without colour there are no escape sequences. Signs that the encoding (of stdout, unless another one is named)
    lacks are spelled with those that it has, and formulas that need them show their source.
    """
    from rich.console import Console

    from grader.questions.rich_page import RichPage

    charset = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    buffer = io.BytesIO()
    with io.TextIOWrapper(buffer, encoding=charset, errors="dlgrade-plain", newline="\n") as file:
        console = Console(
            file=file, width=width, height=100, force_terminal=colour, color_system="standard" if colour else None,
            no_color=not colour, legacy_windows=False, highlight=False,
        )  # fmt: skip
        console.print(RichPage(markdown, charset))
        file.flush()
        text = buffer.getvalue().decode(charset)
    return "\n".join(row.rstrip() for row in text.split("\n")).strip("\n") + "\n"


def _markdown(question: Question) -> str:
    head = f"# {question.number}. {question.title}\n\n*{question.topic} · {question.difficulty}/5*\n\n{question.intro}"
    return "\n\n".join([head, *(f"## {section.heading}\n\n{section.text}" for section in question.sections)])


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(map(_spelled, lacking)), error.end


def _spelled(sign: str) -> str:
    base = unicodedata.normalize("NFD", sign)[0]
    return PLAIN.get(sign, base if base.isascii() else "?")


codecs.register_error("dlgrade-plain", _plain)
