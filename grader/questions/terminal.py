"""A question page, without its quiz, or any of our markdown, as text for a terminal."""

import codecs
import io
import sys

from grader.questions.model import Question
from grader.text import spelling


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
        plain = markdown.encode(charset, "dlgrade-plain").decode(charset)  # before lines are broken: it takes more room
        console.print(RichPage(plain, charset))
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
    return "".join(spelling(sign) or "?" for sign in lacking), error.end


codecs.register_error("dlgrade-plain", _plain)
