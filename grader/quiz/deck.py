"""The cards of a kit: every quiz item of every question page, and each question itself."""

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from grader.errors import UsageError
from grader.questions import front_matter
from grader.questions.model import Item, Question
from grader.questions.page import parse_page

Order = tuple[int, int]
NUMBER = re.compile(r"(?:ex|q)?0*(\d+)(?:[-_.](\d+))?")


class Card(NamedTuple):
    """One thing to answer: a quiz item or, without one, the question itself: think, reveal, grade yourself."""

    question: Question
    item: Item | None

    @property
    def key(self) -> str:
        """What answers are remembered by: `17/first-adam-step`, or `17` for the question itself."""
        return f"{self.question.number}/{self.item.id}" if self.item else self.question.number


def pages(root: Path, language: str) -> dict[Order, Path]:
    """One page per question by number, in the language where there is one, else in English."""
    found: dict[Order, Path] = {}
    for folder in dict.fromkeys((root / "questions" / "en", root / "questions" / language)):
        for path in folder.glob("*.md"):
            if order := front_matter.order_of(path.name):
                found[order] = path
    if not found:
        raise UsageError(f"{root} has no question pages; give a kit with a folder `questions/{language}`")
    return dict(sorted(found.items()))


def select(root: Path, language: str, wanted: Iterable[str]) -> list[Question]:
    """The questions with these numbers or topics, all without any. Raises UsageError for a word that is neither."""
    known = pages(root, language)
    chosen = {order for word in wanted for order in _meant(word, known)}
    return [parse_page(path) for order, path in known.items() if not chosen or order in chosen]


def _meant(word: str, known: dict[Order, Path]) -> list[Order]:
    if (number := NUMBER.fullmatch(word.lower())) and (order := (int(number[1]), int(number[2] or 0))) in known:
        return [order]
    topics = {order: list(_topics(path)) for order, path in known.items()}
    if mine := [order for order, names in topics.items() if word.lower() in names]:
        return mine
    names = {names[0] for names in topics.values()}
    if close := difflib.get_close_matches(word.lower(), names, 3, 0.6):
        step = f"did you mean {' or '.join(close)}?"
    else:
        step = f"topics are {', '.join(sorted(names))}, and `dlgrade list` shows the numbers"
    raise UsageError(f"no question and no topic {word!r}; {step}")


def _topics(path: Path) -> Iterator[str]:
    """The topic of a page in its language, and in English."""
    for page in dict.fromkeys((path, path.parents[1] / "en" / path.name)):
        if page.is_file():
            yield front_matter.read(page).topic.lower()


def cards(questions: Iterable[Question]) -> list[Card]:
    """All cards of some questions: the items of each in their order, then the question itself."""
    return [Card(question, item) for question in questions for item in (*question.items, None)]


def card_of(root: Path, language: str, keys: Iterable[str]) -> dict[str, Card]:
    """The cards with these keys, as far as the kit still has them."""
    wanted = set(keys)
    numbers = {key.partition("/")[0] for key in wanted}
    known = pages(root, language)
    mine = [order for order in known if front_matter.number_of(order) in numbers]
    return {card.key: card for card in cards(parse_page(known[order]) for order in mine) if card.key in wanted}
