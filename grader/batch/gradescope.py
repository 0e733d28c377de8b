"""The file `submission_metadata.yml` of a Gradescope export: who handed in each submission, and when.

Of YAML that is read which such files are made of, and no more:

    submission_123456789:
      :submitters:
      - :name: Kim Minsu
        :sid: '20231234'
        :email: kim@example.org
      :created_at: 2026-03-09 12:00:00.123456789 Z

Everything that is indented deeper, like results and the output of students' programs, is passed over.
"""

import json
import re
from datetime import UTC, datetime
from typing import NamedTuple

TOP = re.compile(r"(\S+?): *")
FIELD = re.compile(r"  :(\w+):(?: (.*))?")
SUBMITTER = re.compile(r"  (?:- |  ):(\w+):(?: (.*))?")
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,6})?\d* ?(Z|[+-]\d\d:?\d\d)")
EMPTY = ("", "~", "null")


class Unreadable(Exception):
    """The text completes a sentence that begins with the file."""


class Submitter(NamedTuple):
    name: str
    sid: str
    email: str


class Submission(NamedTuple):
    submitters: tuple[Submitter, ...]
    submitted: datetime | None


def read(data: bytes) -> tuple[dict[str, Submission], list[str]]:
    """Submissions by the names of their folders, and what is wrong with others. Raises Unreadable, with the line.

    A student chooses their name: one that can't be read concerns their own submission only.
    """
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise Unreadable("isn't UTF-8") from None
    found: dict[str, Submission] = {}
    faults: dict[str, str] = {}
    block: list[tuple[int, str]] = []
    name = ""
    for number, line in enumerate([*lines, "end:"], 1):
        if line.startswith(" ") or line in ("", "---"):
            block.append((number, line))
        elif top := TOP.fullmatch(line):
            if name:
                try:
                    found[name] = _submission(block)
                except Unreadable as error:
                    faults[name] = str(error)
            if top[1] in found or top[1] in faults:
                raise Unreadable(f"names {top[1]} a second time in line {number}")
            name, block = top[1], []
        else:
            raise Unreadable(f"isn't what Gradescope writes, in line {number}")
    return found, list(faults.values())


def _submission(block: list[tuple[int, str]]) -> Submission:
    people: list[dict[str, str]] = []
    submitted, field = None, ""
    for number, line in block:
        if found := FIELD.fullmatch(line):
            field = found[1]
            if field == "created_at":
                submitted = _time(found[2] or "")
        elif field == "submitters" and (found := SUBMITTER.fullmatch(line)):
            if line.startswith("  - "):
                people.append({})
            if not people or found[1] in people[-1]:
                raise Unreadable(f"isn't what Gradescope writes, in line {number}")
            people[-1][found[1]] = _text(found[2] or "", number)
        elif field == "submitters" and line.strip():
            raise Unreadable(f"isn't what Gradescope writes, in line {number}")
    fields = ("name", "sid", "email")
    return Submission(tuple(Submitter(*(person.get(key, "") for key in fields)) for person in people), submitted)


def _text(value: str, number: int) -> str:
    """A scalar on one line: plain, 'single' or "double"."""
    value = value.strip()
    try:
        if value.startswith('"'):
            short = re.sub(r"\\x([0-9A-Fa-f]{2})", r"\\u00\1", value)
            text = json.loads(short)
            text.encode()
            return str(text)
    except ValueError:
        raise Unreadable(f"has a value that can't be read, in line {number}") from None
    if value.startswith("'"):
        if not re.fullmatch(r"'(?:[^']|'')*'", value):
            raise Unreadable(f"has a value that can't be read, in line {number}")
        return value[1:-1].replace("''", "'")
    if value.startswith(("!", "&", "*", "|", ">", "[", "{")):
        raise Unreadable(f"has a value that can't be read, in line {number}")
    return "" if value in EMPTY else value


def _time(value: str) -> datetime | None:
    if not (found := TIME.fullmatch(value.strip().strip("'\""))):
        return None
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3] or ''}{found[4]}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
