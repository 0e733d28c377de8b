"""A quiz as it goes on: which card is up, what was answered, what comes of it."""

import random
from collections.abc import Sequence
from typing import Literal, NamedTuple

from grader.questions.model import Question
from grader.quiz.deck import Card, cards
from grader.quiz.marking import Mark, Response, mark
from grader.quiz.serving import Served, serve

COUNT = 10  # cards of a quiz on several questions
Grade = Literal["again", "hard", "good", "easy"]


class Answer(NamedTuple):
    """One answer. For a question itself, `response` is the learner's own grade, and `right` is None."""

    card: Card
    response: Response
    right: bool | None
    misconceptions: tuple[str, ...]
    seconds: float

    @property
    def grade(self) -> Grade:
        """How well it is known."""
        if self.right is None:
            return self.response  # type: ignore[return-value]
        return "good" if self.right else "again"


class Session:
    """Cards one after the other. `seed` decides their order, and that of their choices."""

    def __init__(self, cards: Sequence[Card], seed: int) -> None:
        self.seed = seed
        self.cards = tuple(cards)
        self.answers: list[Answer] = []
        self._at = 0

    @property
    def position(self) -> int:
        """How many cards have been answered or skipped."""
        return self._at

    @property
    def current(self) -> Served | None:
        """What is up; None at the end."""
        return serve(self.cards[self._at], self.seed) if self._at < len(self.cards) else None

    def answer(self, response: Response, seconds: float) -> Mark:
        """Takes the response to the current item."""
        card = self.cards[self._at]
        assert card.item is not None
        found = mark(card.item, response)
        self._add(Answer(card, response, found.right, found.misconceptions, seconds))
        return found

    def grade(self, grade: Grade, seconds: float) -> None:
        """Takes the learner's own grade for the current question."""
        self._add(Answer(self.cards[self._at], grade, None, (), seconds))

    def skip(self) -> None:
        self._at += 1

    def _add(self, answer: Answer) -> None:
        self.answers.append(answer)
        self._at += 1

    @property
    def right(self) -> int:
        return sum(answer.right is True for answer in self.answers)

    @property
    def marked(self) -> int:
        """How many answers could be right or wrong."""
        return sum(answer.right is not None for answer in self.answers)


def draw(questions: Sequence[Question], seed: int, count: int | None, own: bool = True) -> list[Card]:
    """The cards of a quiz: all of a single question in their order, else `count` of all in an order the seed decides.

    own: with the questions themselves, which are graded by whoever answers them.
    """
    found = [card for card in cards(questions) if own or card.item]
    if len(questions) == 1 and count is None:
        return found
    return random.Random(f"{seed}/order").sample(found, min(count or COUNT, len(found)))
