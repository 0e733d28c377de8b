"""The files of a new exercise, red under `dev check` until everything that they call TODO is filled in."""

from pathlib import Path

from grader import kit
from grader.errors import UsageError
from grader.kit import Entry

STUB = '''"""{number} · {title}

TODO: the task in a few lines, and the rules that hold for every part.

Sources: TODO
"""

import numpy as np


def todo(x: np.ndarray) -> np.ndarray:
    """TODO: what it returns; shapes, dtypes, units, errors, source.

    Args:
        x: array of shape (N,), float32 or float64.
    """
    # TODO: point at the idea.
    raise NotImplementedError
'''

SPEC = '''"""How exercise {number} is judged."""

import numpy as np

from grader.spec import Case, Exercise, Misconception, Part


def todo_cases(rng):
    yield Case("three small numbers", {{"x": np.array([1.0, 2.0, 3.0])}})
    yield Case("random numbers", {{"x": rng.standard_normal(10)}})


exercise = Exercise(
    parts=(
        Part("todo", todo_cases, hints=()),  # at least three hints: the idea, the approach, almost there
    ),
    misconceptions=(
        Misconception(
            "todo",
            "todo",
            summary="TODO: begin with `Your`",
            nudge="TODO: a question that leads on",
            edits=(("text of the solution", "what it says instead"),),
        ),
    ),
)
'''

PAGE = """---
number: {number}
title: {title}
topic: TODO
difficulty: 1
prerequisites:
quiz: todo
---

# {number}. {title}

TODO: the question.

## Answer
TODO

## Going deeper
TODO

## Common wrong answers
- TODO

## Sources
- TODO

## Related
- Exercise: [`exercises/{stem}.py`](../../exercises/{stem}.py)

## Quiz

### TODO: at least four items; this one is numeric

**0** ± 0

> TODO: the explanation
"""


def create(root: Path, number: str, slug: str) -> list[Path]:
    """Writes the files and returns their paths. Raises UsageError for a bad name, a number or a file that is taken."""
    entry = _entry(root, number, slug)
    fields = {"number": entry.number, "title": entry.slug.replace("_", " ").capitalize(), "stem": entry.stem}
    texts = {entry.stub: STUB, entry.solution: STUB, entry.spec: SPEC, entry.page(): PAGE}
    if taken := [path for path in texts if path.exists()]:
        raise UsageError(f"{taken[0]} exists; choose another number or slug")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(**fields), "utf-8")
    return list(texts)


def _entry(root: Path, number: str, slug: str) -> Entry:
    main, _, sub = number.partition("-")
    stem = f"ex{main.zfill(2)}_{sub + '_' if sub else ''}{slug.replace('-', '_')}"
    entry = kit.entry_of(root, stem)
    if entry is None or entry.number != number:
        raise UsageError(
            f"`{number} {slug}` doesn't name an exercise; write it like `21 layer-norm` or `12-5 gated-units`"
        )
    for other in kit.entries(root):
        if other.order == entry.order:
            raise UsageError(f"{number} is taken by {other.slug}; numbers are identities, choose a new one")
    return entry
