"""A quiz without feedback, whose answers go to a file `dlgrade/answers/1`, to be marked by somebody else.

The file names what was drawn (questions, count, seed, language) and a hash of the items with their keys, so that
answers are never marked against other items. It holds no key and no mark.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader import files
from grader.errors import UsageError
from grader.quiz.deck import Card, select
from grader.quiz.marking import Response
from grader.quiz.session import Session, draw

SCHEMA: Literal["dlgrade/answers/1"] = "dlgrade/answers/1"
SIZE = 1 << 20  # bytes of a file of answers

Text = Annotated[str, Field(max_length=10_000)]


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Given(Strict):
    """The response to one item, None where it was left out; when it was given, in seconds since the epoch."""

    card: str
    response: int | Text | list[int] | list[Text] | None
    at: float
    seconds: float


class Draw(Strict):
    """What an exam was drawn from; the same draw from the same kit gives the same items in the same order."""

    wanted: list[str]
    count: int | None
    seed: int
    language: str

    def cards(self, root: Path) -> list[Card]:
        """The items. Raises UsageError if the kit has no such questions."""
        return draw(select(root, self.language, self.wanted), self.seed, self.count, own=False)


class Answers(Strict):
    """A file of answers."""

    schema_: Literal["dlgrade/answers/1"] = Field(SCHEMA, alias="schema")
    draw: Draw
    items_sha256: str
    answers: list[Given]


def fingerprint(cards: Sequence[Card]) -> str:
    """A hash of items: their ids, texts and keys."""
    content = [[card.key, card.item.model_dump(exclude={"line"}) if card.item else None] for card in cards]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def load(path: Path) -> Answers:
    """Reads a file of answers. Raises UsageError if it can't be read, or isn't one."""
    data = files.read(path, SIZE, "file of answers", "the path of one")
    try:
        return Answers.model_validate_json(data)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the file"
        raise UsageError(f"{path} is no file of answers ({where}: {fault['msg']}); `--out` writes one") from None


def save(path: Path, answers: Answers) -> None:
    """Writes a file of answers, all of it or nothing."""
    files.save(path, [answers.model_dump_json(by_alias=True, indent=1).encode()])


def begin(path: Path, drawn: Draw, cards: Sequence[Card]) -> Answers:
    """An empty file of answers, or the one that is there if it belongs to the same items: it is continued."""
    fresh = Answers(schema=SCHEMA, draw=drawn, items_sha256=fingerprint(cards), answers=[])
    if not path.exists():
        save(path, fresh)
        return fresh
    old = load(path)
    if (old.draw, old.items_sha256) != (fresh.draw, fresh.items_sha256):
        raise UsageError(f"{path} holds the answers to another exam; move it away, or give another path with `--out`")
    if len(old.answers) >= len(cards):
        raise UsageError(f"{path} is complete: all {len(cards)} items are answered; hand it in")
    return old


def add(answers: Answers, given: Given) -> Answers:
    return answers.model_copy(update={"answers": [*answers.answers, given]})


def marked(root: Path, path: Path, answers: Answers) -> Session:
    """The finished session that a file of answers amounts to; what wasn't answered is wrong.

    Raises UsageError if the kit's items are not those that were answered.
    """
    cards = answers.draw.cards(root)
    keys = [given.card for given in answers.answers]
    if answers.items_sha256 != fingerprint(cards) or keys != [card.key for card in cards[: len(keys)]]:
        raise UsageError(f"{path} answers other items than this kit has now; give the kit of the exam with `--kit`")
    session = Session(cards, answers.draw.seed)
    given = {one.card: one for one in answers.answers}
    for card in cards:
        mine = given.get(card.key)
        response: Response = "" if mine is None or mine.response is None else mine.response
        session.answer(response, mine.seconds if mine else 0.0)
    return session
