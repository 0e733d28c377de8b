"""What a learner may ask for besides a verdict: what comes next, a hint, the question, whether the answer may be shown.

Texts are made here for every face that shows them; none of them prints.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from grader import curriculum, kit
from grader.curriculum import Item
from grader.errors import UsageError
from grader.kit import Entry
from grader.report.style import Style, wrap
from grader.store import Progress, Store

if TYPE_CHECKING:
    from grader.spec import Part, Training

NEVER = Progress(0, 0.0, False, None, frozenset())
HARDEST = 5  # difficulties go from 1 up to it


class Hint(NamedTuple):
    """A hint for a part: its text, and that it is the `number`-th `of` so many."""

    part: str
    number: int
    of: int
    text: str

    def __str__(self) -> str:
        return f"{self.part}, hint {self.number} of {self.of}: {self.text}"


def solved(done: dict[str, Progress]) -> set[str]:
    """Numbers of the exercises that were ever passed. done: as `Store.progress` tells."""
    return {number for number, mine in done.items() if mine.solved}


def upcoming(items: list[Item], done: dict[str, Progress], passed_over: Collection[str] = ()) -> Item | None:
    """What to do next, None if all is solved. passed_over: numbers that come back when nothing else is ready."""
    later = [item._replace(difficulty=item.difficulty + HARDEST * (item.entry.number in passed_over)) for item in items]
    found = curriculum.next_up(later, solved(done))
    return found and next(item for item in items if item.entry == found.entry)


def steps(entry: Entry) -> tuple[Part | Training, ...]:
    """What has hints: the parts of an exercise. Loads its spec, with the libraries that it imports."""
    found: tuple[Part | Training, ...] = kit.load_spec(entry).exercise.steps
    return found


def hint(store: Store, entry: Entry, parts: Sequence[Part | Training], wanted: str | None = None) -> Hint:
    """One more hint at each call, for the part with that name or for the first one that has not passed yet."""
    chosen = _part(parts, wanted, store.progress().get(entry.number, NEVER).passed_parts)
    index = store.next_hint(entry.number, chosen.name, len(chosen.hints))
    return Hint(chosen.name, index + 1, len(chosen.hints), chosen.hints[index])


def _part(parts: Sequence[Part | Training], wanted: str | None, passed: frozenset[str]) -> Part | Training:
    if wanted is None:
        return next((part for part in parts if part.name not in passed), parts[-1])
    for part in parts:
        if part.name.lower() == wanted.lower():
            return part
    raise UsageError(f"no part {wanted!r}; the parts are {', '.join(part.name for part in parts)}")


def question(entry: Entry, language: str, width: int, colour: bool, answer: bool = False) -> str:
    """The question of an exercise for a terminal, in English where the language has none; `answer` adds its answer."""
    from grader.questions.page import parse_page
    from grader.questions.terminal import show

    page = parse_page(entry.page(language) if entry.page(language).is_file() else entry.page())
    return show(page if answer else page.model_copy(update={"sections": ()}), width, colour)


def task(entry: Entry, style: Style) -> str:
    """What is to be written: the text above the stub, and the signatures in it."""
    from grader import face
    from grader.report.prose import prose

    stub = face.read(entry.stub)
    lines = [*prose(stub.docstrings[""].partition("\n")[2].strip(), style), ""]
    for name, signature in stub.signatures.items():
        lines += wrap(signature, style, " " * 8, "  " * (1 + name.count(".")))
    return "\n".join(lines)


def solution(entry: Entry) -> str:
    """The text of the model answer."""
    return entry.solution.read_text("utf-8")
