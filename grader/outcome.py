"""What can come of one case: a closed union of frozen values."""

from dataclasses import dataclass
from typing import Any

from grader.wire import WireError


@dataclass(frozen=True)
class Answered:
    """The submission returned; `changed` and `shared` name inputs it changed, or whose memory the value uses."""

    value: Any
    changed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Raised:
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


@dataclass(frozen=True)
class TimedOut:
    """The submission was stopped at a limit on time."""

    reason: str


@dataclass(frozen=True)
class Killed:
    """The process of the submission ended or was ended before it answered."""

    reason: str


@dataclass(frozen=True)
class Missing:
    """The case could not be asked: nothing there to ask, or the submission had been given up on."""

    reason: str


Outcome = Answered | Raised | TimedOut | Killed | Missing


def from_reply(reply: dict[str, Any]) -> Outcome:
    """The outcome in a worker's reply. Raises WireError if the reply doesn't have the form of one."""
    if "answered" in reply:
        return Answered(reply["answered"], _strings(reply.get("changed")), _strings(reply.get("shared")))
    names, lines = _strings(reply.get("raised")), reply.get("lines")
    if not names or type(reply.get("text")) is not str or not isinstance(lines, (list, tuple)):
        raise WireError("a reply without an answer")
    return Raised(names, reply["text"], tuple(_line(item) for item in lines))


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(type(item) is str for item in value):
        raise WireError("names are expected")
    return tuple(value)


def _line(item: Any) -> tuple[int, str]:
    if isinstance(item, (list, tuple)) and len(item) == 2 and type(item[0]) is int and type(item[1]) is str:
        return item[0], item[1]
    raise WireError("a line and a function are expected")
