"""The toy kit of the tests, and ways to hand something in to it."""

import json
import shutil
from pathlib import Path
from typing import Any

from grader import engine, kit
from grader.kit import Entry
from grader.models import Report, read_report

KIT = Path(__file__).parent / "toy_kit"
ENTRY = kit.find(KIT, "1")
STUB = ENTRY.stub.read_text("utf-8")
SOLUTION = ENTRY.solution.read_text("utf-8")
PARTS = ("double", "softmax", "Counter")

DOUBLE = "    return 2 * x\n"
EXPONENT = "    e = np.exp(x - x.max(axis=-1, keepdims=True))\n"
SHARE = "    return e / e.sum(axis=-1, keepdims=True)\n"
ADD = "        self.counts[word] = self.counts.get(word, 0) + times\n"
NEGATIVE = "        if times < 0:\n"


def edited(*edits: tuple[str, str], source: str = SOLUTION) -> str:
    """`source` with replacements, each of a text that occurs exactly once."""
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


def judge(source: str | bytes, seed: int = 0, entry: Entry = ENTRY) -> dict[str, Any]:
    """What comes of handing in `source`, by the same road as on the command line."""
    raw = source.encode() if isinstance(source, str) else source
    return engine.judge(entry, raw, "attempt.py", seed)


def report(source: str | bytes, seed: int = 0, entry: Entry = ENTRY) -> Report:
    """The report alone, as somebody else reads it from its JSON."""
    return read_report(json.dumps(judge(source, seed, entry)["report"]))


def copy(folder: Path) -> Entry:
    """A copy of the toy kit that may be broken."""
    shutil.copytree(KIT, folder / "kit", ignore=shutil.ignore_patterns("__pycache__"))
    return kit.find(folder / "kit", "1")


def rewrite(path: Path, *edits: tuple[str, str]) -> None:
    """Makes replacements in a file, each of a text that occurs exactly once."""
    path.write_text(edited(*edits, source=path.read_text("utf-8")), "utf-8")
