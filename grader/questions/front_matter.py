"""The head of a page: `key: value` lines between two lines of `---`. Standard library only, and quick."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from grader.errors import PageError
from grader.questions.problems import Problems, quote

KEYS = ("number", "title", "topic", "difficulty", "prerequisites", "quiz")
FILE_NAME = re.compile(r"(\d+)(?:_(\d+))?_\w+\.md")
NUMBER = re.compile(r"[1-9][0-9]*(-[1-9][0-9]*)?")
ITEM_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class FrontMatter(NamedTuple):
    """What the head of a page says; `lines` tells where each key stands."""

    number: str
    title: str
    topic: str
    difficulty: int
    prerequisites: tuple[str, ...]
    quiz: tuple[str, ...]
    lines: Mapping[str, int]


def order_of(name: str) -> tuple[int, int] | None:
    """The number in the name of a page, 12 and 3 in `12_3_dead_relu.md`; None if it isn't the name of a page."""
    found = FILE_NAME.fullmatch(name)
    return (int(found[1]), int(found[2] or 0)) if found else None


def number_of(order: tuple[int, int]) -> str:
    """A number as people type it: `12-3`, `17`."""
    return "-".join(str(part) for part in order if part)


def read(path: Path) -> FrontMatter:
    """Read only the front matter of a page. Raises PageError for its first mistake."""
    problems = Problems(path)
    head = scan(head_rows(read_text(path)), problems)
    if head is None:
        raise problems.in_order()[0]
    return head


def read_text(path: Path) -> str:
    """The text of a page with line ends as `\\n`. Raises PageError if it can't be read, or isn't UTF-8."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 (half the time of Path.open, over 46 pages)
            data = file.read()
        text = data.decode("utf-8")
    except OSError as error:
        raise PageError(path, 1, f"the page can't be read ({error.strerror}): check the path") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PageError(path, line, "this line is not UTF-8: save the page as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def head_rows(text: str) -> list[str] | None:
    """The lines of the front matter without the lines of `---`; None if there is none."""
    close = text.find("\n---\n", 3) if text.startswith("---\n") else -1
    return None if close < 0 else text[4:close].split("\n") if close > 3 else []


def body(text: str) -> str:
    """The page with empty lines in place of the front matter, so that lines keep their numbers."""
    rows = head_rows(text)
    if rows is None:
        return text
    height = len(rows) + 2
    return "\n" * height + text.split("\n", height)[height]


def scan(rows: list[str] | None, problems: Problems) -> FrontMatter | None:
    """Read the lines of a front matter; None if there was anything to add to the problems."""
    before = len(problems.found)
    if rows is None:
        problems.add(1, "the page has no front matter: begin it with 'key: value' lines, with --- above and below")
        return None
    values, lines = _pairs(rows, problems)
    for key in KEYS:
        if key not in values:
            problems.add(1, f"the front matter has no {key!r}: add a line '{key}: ...'")
    head = _typed(values, lines, problems)
    return head if len(problems.found) == before else None


def _pairs(rows: list[str], problems: Problems) -> tuple[dict[str, str], dict[str, int]]:
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, row in enumerate(rows, start=2):
        key, colon, value = row.partition(":")
        if not colon:
            problems.add(line, f"{quote(row)} is not a 'key: value' line: write one, or delete it")
        elif key not in KEYS:
            problems.add(line, f"unknown key {quote(key)}: the keys are {', '.join(KEYS)}")
        elif key in values:
            problems.add(line, f"{key!r} stands here a second time: keep one")
        else:
            values[key], lines[key] = value.strip(), line
    return values, lines


def _typed(values: dict[str, str], lines: dict[str, int], problems: Problems) -> FrontMatter:
    """Check each value that is there; one that is missing was reported before."""

    def check(key: str, right: bool, message: str) -> None:
        if key in values and not right:
            problems.add(lines[key], f"{key} {quote(values[key])} {message}")

    number, title, topic = (values.get(key, "") for key in KEYS[:3])
    needs, quiz = _list(values.get("prerequisites", "")), _list(values.get("quiz", ""))
    level = int(values["difficulty"]) if values.get("difficulty") in {"1", "2", "3", "4", "5"} else None
    check("number", bool(NUMBER.fullmatch(number)), "is not a number of a question: write it like 17 or 12-3")
    check("title", bool(title) and ":" not in title, "is empty or has a colon: write a title without one")
    check("topic", bool(topic), "is empty: name the topic")
    check("difficulty", level is not None, "is not a level: choose one of 1, 2, 3, 4, 5")
    check("prerequisites", all(map(NUMBER.fullmatch, needs)), "must be numbers with commas: write 13, 17-3")
    check("prerequisites", len({*needs, number}) > len(needs), "names a question twice or this one: delete it")
    check("quiz", all(map(ITEM_ID.fullmatch, quiz)), "must be ids with commas: write a-b, c-d")
    check("quiz", len(set(quiz)) == len(quiz), "has an id twice: give every item its own")
    return FrontMatter(number, title, topic, level or 1, needs, quiz, lines)


def _list(value: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in value.split(",")) if value else ()
