"""A card as it is put to somebody: its choices in an order that a seed decides."""

import random
from string import ascii_lowercase
from typing import NamedTuple

from grader.questions.model import Multiple, Ordering, Pairing, Single
from grader.quiz.deck import Card


class Served(NamedTuple):
    """A card with `order[i]`: which of its choices, counted as on the page, stands at letter i."""

    card: Card
    order: tuple[int, ...]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The letters with their texts."""
        texts = choices(self.card)
        return [(ascii_lowercase[at], texts[index]) for at, index in enumerate(self.order)]

    def letters(self, indices: list[int]) -> str:
        """Choices, counted as on the page, by their letters."""
        return " ".join(ascii_lowercase[self.order.index(index)] for index in indices)


def choices(card: Card) -> list[str]:
    """What there is to choose from: options, entries to order, or right sides to pair, each once."""
    match card.item:
        case Single() | Multiple():
            return [option.text for option in card.item.options]
        case Ordering():
            return list(card.item.entries)
        case Pairing():
            return right_sides(card.item)
        case _:
            return []


def right_sides(item: Pairing) -> list[str]:
    """The right sides of a pairing, each once."""
    return list(dict.fromkeys(pair.right for pair in item.pairs))


def right_choices(item: Single | Multiple | Ordering | Pairing) -> list[int]:
    """The key of an item: the right options, all entries in their order, or the right side of each left one."""
    match item:
        case Single() | Multiple():
            return [at for at, option in enumerate(item.options) if option.right]
        case Ordering():
            return list(range(len(item.entries)))
        case Pairing():
            sides = right_sides(item)
            return [sides.index(pair.right) for pair in item.pairs]


def serve(card: Card, seed: int) -> Served:
    """Shuffles the choices of a card. The same card and seed give the same order, whatever else is served."""
    count = len(choices(card))
    return Served(card, tuple(random.Random(f"{seed}/{card.key}").sample(range(count), count)))
