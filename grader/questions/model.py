"""A question and its quiz items, as read from a page. Texts are markdown; lines are counted from 1."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SectionKey = Literal["answer", "deeper", "wrong_answers", "errata", "sources", "related"]


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(Model):
    """A possible answer; `misconception` names the one of the exercise that it belongs to."""

    text: str
    right: bool
    feedback: str | None = None
    misconception: str | None = None


class Pair(Model):
    left: str
    right: str


class ItemBase(Model):
    """What all quiz items share; `id` is stable for good, `line` is where the item begins."""

    id: str
    prompt: str
    explanation: str
    line: int


class Single(ItemBase):
    """Choose the one right option."""

    kind: Literal["single"] = "single"
    options: tuple[Option, ...]


class Multiple(ItemBase):
    """Choose all right options, and no other."""

    kind: Literal["multiple"] = "multiple"
    options: tuple[Option, ...]


class Ordering(ItemBase):
    """Put the entries, given here in the right order, in order."""

    kind: Literal["ordering"] = "ordering"
    entries: tuple[str, ...]


class Pairing(ItemBase):
    """Find the right side of each left side; a right side may belong to several."""

    kind: Literal["pairing"] = "pairing"
    header: Pair
    pairs: tuple[Pair, ...]


class Numeric(ItemBase):
    """Give a number; |answer - value| <= tolerance is right."""

    kind: Literal["numeric"] = "numeric"
    value: float
    tolerance: float
    unit: str = ""


class Cloze(ItemBase):
    """Fill the blanks, which the prompt shows as `__1__`, `__2__`, ...; accepted answers count in any case."""

    kind: Literal["cloze"] = "cloze"
    blanks: tuple[tuple[str, ...], ...]


class Output(ItemBase):
    """Say what the code prints."""

    kind: Literal["output"] = "output"
    code: str
    output: str


Item = Annotated[Single | Multiple | Ordering | Pairing | Numeric | Cloze | Output, Field(discriminator="kind")]


class Section(Model):
    key: SectionKey
    heading: str
    text: str
    line: int


class Question(Model):
    """A page. `intro` stands before the first section; `items` is what the quiz section holds."""

    number: str
    title: str
    topic: str
    difficulty: int = Field(ge=1, le=5)
    prerequisites: tuple[str, ...]
    language: str
    path: Path
    intro: str
    sections: tuple[Section, ...]
    items: tuple[Item, ...]

    @property
    def answer(self) -> str:
        """The model answer; empty if its section was left out."""
        return next((section.text for section in self.sections if section.key == "answer"), "")
