"""The exercises of a kit with what the heads of their question pages say, and the path through them."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from grader import kit
from grader.kit import Entry
from grader.questions import front_matter


class Item(NamedTuple):
    """One exercise and its question's title, topic, difficulty (1 to 5) and prerequisites (numbers)."""

    entry: Entry
    title: str
    topic: str
    difficulty: int
    prerequisites: tuple[str, ...]


def items(root: Path, language: str = "en") -> list[Item]:
    """All exercises of a kit by number. Titles come from the pages of a language, or else from the English ones."""
    return [_item(entry, language) for entry in kit.entries(root)]


def _item(entry: Entry, language: str) -> Item:
    page = entry.page(language) if entry.page(language).is_file() else entry.page()
    if not page.is_file():
        return Item(entry, entry.slug.replace("_", " "), "", 1, ())
    head = front_matter.read(page)
    return Item(entry, head.title, head.topic, head.difficulty, head.prerequisites)


def next_up(items: list[Item], solved: Collection[str]) -> Item | None:
    """The easiest unsolved exercise whose prerequisites, as far as the kit has them, are solved."""
    known = {item.entry.number for item in items}
    left = [item for item in items if item.entry.number not in solved]
    ready = [item for item in left if not set(item.prerequisites) & known - set(solved)]
    return min(ready or left, key=lambda item: (item.difficulty, item.entry.order), default=None)
