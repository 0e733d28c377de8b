"""What somebody typed, as a response: indices of choices as on the page, or text."""

import re
from string import ascii_lowercase

from grader.questions.model import Cloze, Multiple, Numeric, Ordering, Output, Pairing, Single
from grader.quiz.marking import Response, number
from grader.quiz.serving import Served


class Unreadable(Exception):
    """What was typed can't be an answer to this kind of item; `args` say what is due, and its numbers."""


def read(served: Served, text: str) -> Response:
    """The response that a line of text means. Raises Unreadable if it can't be an answer."""
    item = served.card.item
    match item:
        case Single():
            return _chosen(served, text, 1)[0]
        case Multiple():
            return sorted(set(_chosen(served, text)))
        case Ordering():
            return _each_once(_chosen(served, text, len(item.entries)))
        case Pairing():
            return _chosen(served, text, len(item.pairs))
        case Numeric():
            if number(text, item.unit) is None:
                raise Unreadable("number")
            return text.strip()
        case Cloze():
            words = [word.strip() for word in text.split(";")]
            if len(words) != len(item.blanks):
                raise Unreadable("blanks", len(item.blanks))
            return words
        case Output():
            return text
    raise TypeError("a question itself isn't answered by typing")


def _chosen(served: Served, text: str, count: int | None = None) -> list[int]:
    """Letters with or without commas and spaces between them."""
    letters = re.sub(r"[\s,.;)]+", "", text.lower())
    known = ascii_lowercase[: len(served.order)]
    if not letters or set(letters) - set(known):
        raise Unreadable("letters", known[0], known[-1])
    if count is not None and len(letters) != count:
        raise Unreadable("count", count)
    return [served.order[known.index(letter)] for letter in letters]


def _each_once(indices: list[int]) -> list[int]:
    if len(set(indices)) != len(indices):
        raise Unreadable("twice")
    return indices
