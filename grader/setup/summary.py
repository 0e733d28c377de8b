"""A table of what was graded, for the page of a run: `python -I -m grader.setup.summary graded/results.jsonl`.

It tells numbers, verdicts and scores, nothing that a submission or its author has a say in. Exit codes: 0 if everything
was passed, or with `--class` judged; 1 if not; 3 if there are no results.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

VERDICTS = ("passed", "failed", "error", "not_judged")
MARKS = {"passed": "✅ passed", "failed": "❌ failed", "error": "❌ can't be run", "not_judged": "⚠️ not judged"}

Row = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Print a markdown table of what was graded.")
    parser.add_argument("results", type=Path)
    parser.add_argument("--only", default="", help="numbers of exercises that have to be passed")
    parser.add_argument("--class", dest="whole_class", action="store_true", help="the results are of many students")
    asked = parser.parse_args(arguments)
    rows = _rows(asked.results)
    if rows is None:
        print("**Not graded.** What went wrong is in the log of the step before.")
        return 3
    wanted = [number for number in asked.only.split(",") if number]
    print("\n".join(_of_class(rows) if asked.whole_class else _of_student(rows, wanted)))
    if asked.whole_class:
        return int(any(row["verdict"] == "not_judged" for row in rows))
    passed = {row["exercise"] for row in rows if row["verdict"] == "passed"}
    return int(not rows or not {row["exercise"] for row in rows}.union(wanted) <= passed)


def _rows(path: Path) -> list[Row] | None:
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]  # names hold other breaks
    except OSError:
        return None
    return sorted(rows, key=lambda row: (_order(row["exercise"]), row["student"], row["file"]))


def _order(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("-"))


def _of_student(rows: list[Row], wanted: list[str]) -> Iterator[str]:
    if not rows and not wanted:
        yield "**Nothing was handed in.** No file here has a name or content that belongs to an exercise."
        return
    yield from ("| exercise | result | score |", "|---|---|---:|")
    for row in rows:
        yield f"| {row['exercise']} | {MARKS[row['verdict']]} | {row['score']:.0%} |"
    for number in sorted(set(wanted) - {row["exercise"] for row in rows}, key=_order):
        yield f"| {number} | ❌ not handed in | 0% |"


def _of_class(rows: list[Row]) -> Iterator[str]:
    """Without names: a run's page may be open to all who can read the repository."""
    yield f"{len(rows)} attempts of {len({row['student'] for row in rows})} students"
    yield from ("", "| exercise | attempts | " + " | ".join(verdict.replace("_", " ") for verdict in VERDICTS) + " |")
    yield "|---" + "|---:" * (len(VERDICTS) + 1) + "|"
    for number in sorted({row["exercise"] for row in rows}, key=_order):
        counts = Counter(row["verdict"] for row in rows if row["exercise"] == number)
        yield f"| {number} | {counts.total()} | " + " | ".join(str(counts[verdict]) for verdict in VERDICTS) + " |"


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
