"""QTI 1.2 for Canvas, written by the package `text2qti` from its own text format.

Canvas reads no ordering and no pairing from QTI 1.2: there, letters are typed. The questions themselves become essays.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from string import ascii_lowercase

from grader.errors import KitError
from grader.export.texts import SEED
from grader.questions.model import Cloze, Item, Multiple, Numeric, Ordering, Output, Pairing, Single
from grader.quiz.deck import Card
from grader.quiz.serving import Served, right_choices, serve

SMALLEST = 1e-4  # number that text2qti takes as one; smaller ones are compared as they are typed
FORMS = 200  # of a typed answer that are listed at most
WORDS = {
    "en": ("Type the letters in the right order, without spaces.", "Type one letter for each line, without spaces.",
           "Type the words with '; ' between them.", "Type what it prints, lines with ' / ' between them."),
    "ko": ("올바른 순서대로 글자를 띄어쓰기 없이 쓰세요.", "각 줄에 맞는 글자를 차례로 띄어쓰기 없이 쓰세요.",
           "답을 '; '로 나누어 쓰세요.", "출력 결과를 쓰고 줄은 ' / '로 나누세요."),
}  # fmt: skip


def write(cards: Sequence[Card], language: str, out: Path) -> None:
    """Writes a .zip file."""
    from text2qti.config import Config
    from text2qti.err import Text2qtiError
    from text2qti.qti import QTI
    from text2qti.quiz import Quiz

    text = "\n\n".join([f"Quiz title: dlgrade ({language})", *(_question(card, language) for card in cards)])
    try:
        out.write_bytes(QTI(Quiz(text, config=Config(), source_name="dlgrade")).zip_bytes())
    except Text2qtiError as error:
        reason = " ".join(str(error).split())
        raise KitError(f"the cards can't be written as QTI ({reason}); export fewer of them to find which") from None


def _question(card: Card, language: str) -> str:
    lines = [_block("Title: ", f"{card.key} {card.question.title}", one_line=True)]
    item = card.item
    if item is None:
        return "\n".join([*lines, _block("1.  ", card.question.intro), _block("!   ", card.question.answer), "____"])
    served = serve(card, SEED)
    lines += [_block("1.  ", _prompt(item, served, language)), _block("... ", item.explanation)]
    return "\n".join([*lines, *_answers(item, served)])


def _block(mark: str, text: str, one_line: bool = False) -> str:
    """Text behind a mark, its further lines indented so that they belong to it."""
    if one_line:
        return mark + " ".join(text.split())
    first, *rest = text.strip().split("\n")
    return "\n".join([mark + (first or "."), *(f"    {row}".rstrip() for row in rest)])


def _prompt(item: Item, served: Served, language: str) -> str:
    ordering, pairing, words, output = WORDS[language]
    listed = "\n".join(f"- ({letter}) {' '.join(text.split())}" for letter, text in served.choices)
    match item:
        case Ordering():
            return f"{item.prompt}\n\n{listed}\n\n{ordering}"
        case Pairing():
            left = "\n".join(f"- {number}: {pair.left}" for number, pair in enumerate(item.pairs, 1))
            parts = (item.prompt, f"**{item.header.left}**", left, f"**{item.header.right}**", listed, pairing)
            return "\n\n".join(parts)
        case Cloze() if len(item.blanks) > 1:
            return f"{item.prompt}\n\n{words}"
        case Output():
            return f"{item.prompt}\n\n```python\n{item.code}```\n\n{output}"
        case Numeric() if item.unit:
            return f"{item.prompt}\n\n({item.unit})"
        case _:
            return item.prompt


def _answers(item: Item, served: Served) -> Iterator[str]:
    match item:
        case Single() | Multiple():
            for at, option in enumerate(item.options):
                letter = f"{ascii_lowercase[at]})"
                box = "[*]" if option.right else "[ ]"
                yield _block(f"{box} " if isinstance(item, Multiple) else f"{'*' * option.right}{letter} ", option.text)
                if option.feedback:
                    yield _block("... ", option.feedback)
        case Ordering() | Pairing():
            yield f"*   {served.letters(right_choices(item)).replace(' ', '')}"
        case Numeric() if abs(item.value) - item.tolerance < SMALLEST:
            for form in dict.fromkeys((f"{item.value:g}", _number(item.value), repr(item.value))):
                yield f"*   {form}"
        case Numeric():
            yield f"=   {_number(item.value)} +- {_number(item.tolerance)}"
        case Cloze():
            for forms in list(product(*item.blanks))[:FORMS]:
                yield f"*   {'; '.join(forms)}"
        case Output():
            yield f"*   {' / '.join(row.strip() for row in item.output.splitlines() if row.strip())}"


def _number(value: float) -> str:
    """A number without an exponent, which text2qti doesn't read in every place."""
    return re.sub(r"\.?0+$", "", f"{value:.15f}") if value != int(value) else str(int(value))
