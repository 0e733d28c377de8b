"""The cards of a kit: every quiz item of every question page, and each question itself."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from grader.errors import UsageError
from grader.questions import front_matter
from grader.questions.model import Item, Question
from grader.questions.page import parse_page


class Card(NamedTuple):
    """One thing to answer: a quiz item or, without one, the question itself: think, reveal, grade yourself."""

    question: Question
    item: Item | None

    @property
    def key(self) -> str:
        """What answers are remembered by: `17/first-adam-step`, or `17` for the question itself."""
        return f"{self.question.number}/{self.item.id}" if self.item else self.question.number


def pages(root: Path, language: str) -> list[Path]:
    """One page per question by number, in the language where there is one, else in English."""
    found: dict[tuple[int, int], Path] = {}
    for folder in dict.fromkeys((root / "questions" / "en", root / "questions" / language)):
        for path in folder.glob("*.md"):
            if order := front_matter.order_of(path.name):
                found[order] = path
    if not found:
        raise UsageError(f"{root} has no question pages; give a kit with a folder `questions/{language}`")
    return [found[order] for order in sorted(found)]


def select(root: Path, language: str, wanted: Iterable[str]) -> list[Question]:
    """The questions with these numbers or topics, all without any. Raises UsageError for a word that is neither."""
    heads = {path: front_matter.read(path) for path in pages(root, language)}
    chosen: dict[Path, None] = {}
    for word in wanted:
        plain = re.sub(r"^(ex|q)?0*(?=\d)", "", word.lower()).replace("_", "-")
        mine = [path for path, head in heads.items() if plain in (head.number, head.topic.lower())]
        if not mine:
            raise UsageError(f"no question and no topic {word!r}; {_suggest(plain, heads.values())}")
        chosen |= dict.fromkeys(mine)
    return [parse_page(path) for path in heads if not chosen or path in chosen]


def _suggest(word: str, heads: Iterable[front_matter.FrontMatter]) -> str:
    topics = {head.topic.lower() for head in heads}
    close = difflib.get_close_matches(word, topics, 3, 0.5)
    return f"topics are {', '.join(close or sorted(topics))}, and `dlgrade list` shows the numbers"


def cards(questions: Iterable[Question]) -> list[Card]:
    """All cards of some questions: the items of each in their order, then the question itself."""
    return [Card(question, item) for question in questions for item in (*question.items, None)]


def card_of(root: Path, language: str, keys: Iterable[str]) -> dict[str, Card]:
    """The cards with these keys, as far as the kit still has them."""
    wanted = set(keys)
    numbers = {key.partition("/")[0] for key in wanted}
    paths = [path for path in pages(root, language) if front_matter.read(path).number in numbers]
    return {card.key: card for card in cards(map(parse_page, paths)) if card.key in wanted}
