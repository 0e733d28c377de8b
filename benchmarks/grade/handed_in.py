"""Made-up classes: folders of submissions, each different from all others."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from grader.kit import Entry

Text = Callable[[Entry], str]


def solution(entry: Entry) -> str:
    return entry.solution.read_text("utf-8")


def stub(entry: Entry) -> str:
    return entry.stub.read_text("utf-8")


def wrong(entry: Entry) -> str:
    """The solution with the first of its misconceptions in it."""
    from grader import kit

    one = kit.load_spec(entry).exercise.misconceptions[0]
    text = solution(entry)
    for old, new in one.edits:
        text = text.replace(old, new)
    return f"{text}\n{one.code}"


MIX = (solution, stub, wrong)
VERDICTS = {"solution": "passed", "stub": "failed", "wrong": "failed"}


def hand_in(folder: Path, entries: Iterable[Entry], students: int, texts: Sequence[Text]) -> dict[tuple[str, str], str]:
    """Writes a folder for each student, with a file for each exercise, whose text is that of `texts` whose turn it is.

    Returns the verdict that is right for each student and exercise.
    """
    expected = {}
    for order, entry in enumerate(entries):
        made = {text.__name__: text(entry) for text in texts}
        for number in range(students):
            kind = texts[(number + order) % len(texts)].__name__
            home = folder / f"student-{number:05}"
            home.mkdir(parents=True, exist_ok=True)
            (home / f"{entry.stem}.py").write_text(f"{made[kind]}\n# by student {number}\n", "utf-8")
            expected[home.name, entry.number] = VERDICTS[kind]
    return expected


def wrong_verdicts(results: Path, expected: dict[tuple[str, str], str]) -> list[str]:
    """What `results.jsonl` says otherwise than expected, leaves out or makes up."""
    import json

    lines = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    found = {(line["student"], line["exercise"]): line["verdict"] for line in lines}
    keys = sorted({*found, *expected})
    told = [
        f"{who} {what}: {found.get((who, what))}, not {expected.get((who, what))}"
        for who, what in keys
        if found.get((who, what)) != expected.get((who, what))
    ]
    return told + ([f"{len(lines)} lines for {len(found)} attempts"] if len(lines) != len(found) else [])
