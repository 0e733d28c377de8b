"""What can come of one case: a closed union of frozen values."""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from grader.text import harmless
from grader.wire import WireError, parse

NAMES = 64  # names in a reply, of classes or of inputs, and characters of each
TEXT = 2000  # characters of an exception's text
LINES = 20


class Answered(NamedTuple):
    """The submission returned; `changed` and `shared` name inputs it changed, or whose memory the value uses."""

    value: Any
    changed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


class Raised(NamedTuple):
    """The submission raised: the names of the exception's classes (most special first), text, lines of its own file."""

    names: tuple[str, ...]
    text: str
    lines: tuple[tuple[int, str], ...] = ()

    @property
    def name(self) -> str:
        return self.names[0]

    @property
    def unwritten(self) -> bool:
        """Whether it is the `NotImplementedError` of a part that nobody has written yet."""
        return self.name == "NotImplementedError"


class TimedOut(NamedTuple):
    """The submission was stopped at a limit on time."""

    reason: str


class Killed(NamedTuple):
    """The process of the submission ended or was ended before it answered."""

    reason: str


class Missing(NamedTuple):
    """The case could not be asked: nothing there to ask, or the submission had been given up on."""

    reason: str


Outcome = Answered | Raised | TimedOut | Killed | Missing
Read = Callable[[bytes, int], Outcome]  # as `read`


def read(raw: bytes, number: int) -> Outcome:
    """The outcome in a worker's answer to a question, given its number. Raises WireError if it is no such answer."""
    return from_reply(addressed(parse(raw), number))


def addressed(reply: dict[str, Any], number: int) -> dict[str, Any]:
    """The reply, if it is one to the question with this number. Raises WireError if it isn't."""
    if type(reply.get("id")) is not int or reply["id"] != number:
        raise WireError("an answer to another question")
    return reply


def from_reply(reply: dict[str, Any]) -> Outcome:
    """The outcome in a worker's reply, with texts that are short and do nothing to a terminal.

    Raises WireError if the reply doesn't have the form of one.
    """
    if "answered" in reply:
        return Answered(reply["answered"], _names(reply.get("changed")), _names(reply.get("shared")))
    names, text, lines = _names(reply.get("raised")), reply.get("text"), reply.get("lines")
    if not names or type(text) is not str or not isinstance(lines, (list, tuple)):
        raise WireError("a reply without an answer")
    return Raised(names, harmless(text, TEXT, kept="\n\t"), tuple(_line(item) for item in lines[-LINES:]))


def weight(value: Any) -> int:
    """About how many bytes an outcome, or a value in one, takes in memory: up to 20 times as many as on the way."""
    own = sys.getsizeof(value)
    if isinstance(value, np.ndarray):
        return own + sys.getsizeof(value.base)
    if isinstance(value, dict):
        return own + sum(weight(key) + weight(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return own + sum(map(weight, value))
    return own


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or len(value) > NAMES or not all(type(item) is str for item in value):
        raise WireError("names are expected")
    return tuple(harmless(item, NAMES) for item in value)


def _line(item: Any) -> tuple[int, str]:
    number, function = item if isinstance(item, (list, tuple)) and len(item) == 2 else (None, None)
    if type(number) is not int or not 0 <= number < 1 << 31 or type(function) is not str:
        raise WireError("a line and a function are expected")
    return number, harmless(function, NAMES)
