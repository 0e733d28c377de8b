"""Writes results into docs/benchmarks.md, each part between two comments of its own, and the picture beside it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks import plot
from benchmarks.machine import sentence
from benchmarks.processes import ROOT
from benchmarks.tables import Table, markdown
from grader.errors import UsageError

PAGE = ROOT / "docs" / "benchmarks.md"
PICTURE = PAGE.with_suffix(".svg")
MACHINE = "machine"
LOAD = re.compile(r"; load [\d.]+ at the start\.$")


def filled(text: str, name: str, content: str) -> str:
    """A page with the content between `<!-- name -->` and `<!-- /name -->`. Raises UsageError if they aren't there."""
    first, last = f"<!-- {name} -->", f"<!-- /{name} -->"
    if text.count(first) != 1 or text.count(last) != 1:
        raise UsageError(f"{PAGE} must have the lines {first} and {last} once, to be filled")
    before, _, rest = text.partition(first)
    return f"{before}{first}\n{content}\n{last}{rest.partition(last)[2]}"


def content(text: str, name: str) -> str:
    """What stands between the two comments."""
    return text.partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0].strip()


def begin(facts: Mapping[str, Any], parts: Iterable[str], known: Iterable[str]) -> None:
    """Writes what the machine is, if all parts are to follow.

    Raises UsageError if figures of some parts would come to stand beside those of another machine.
    """
    text = PAGE.read_text("utf-8")
    if set(parts) == set(known):
        PAGE.write_text(filled(text, MACHINE, sentence(facts)), "utf-8")
    elif LOAD.sub("", content(text, MACHINE)) != LOAD.sub("", sentence(facts)):
        raise UsageError(f"{PAGE} has figures of another machine or of other versions; run all parts")


def write(part: str, tables: Iterable[Table]) -> None:
    """Fills in what a part has found."""
    text = filled(PAGE.read_text("utf-8"), part, "\n\n".join(map(markdown, tables)))
    PAGE.write_text(text, "utf-8")


def draw(tables: Sequence[Table]) -> None:
    """Draws the picture, if all that it shows was measured."""
    if {table.name for table in tables} >= set(plot.NEEDED):
        plot.save(tables, PICTURE)
