"""Which parts and cases an exercise has. Nothing is judged for that."""

import warnings
from collections.abc import Iterable
from typing import NamedTuple

import pytest

from grader import __version__, engine, kit
from grader.errors import lacks
from grader.kit import Entry
from grader.text import harmless

LONGEST = 200  # characters of a name
TRAINING = "training"  # the one test of a part that trains


class Step(NamedTuple):
    """A part and its cases, or the training. defines: the first public name of the stub that it needs."""

    name: str
    defines: str
    cases: tuple[str, ...]
    trains: bool = False


def lacking(entry: Entry) -> str | None:
    """Why an exercise can't be judged here, in one line, None if it can."""
    name = engine.missing(entry.libraries())
    return lacks(name) if name else None


def steps_of(entry: Entry, cache: pytest.Cache | None) -> list[Step]:
    """The parts of an exercise, and its training. Raises KitError.

    Asking the spec imports numpy, for some exercises torch, so what was found is kept in pytest's cache for as long as
    the spec stays the same. (Names of cases are the same for every seed.)
    """
    if cache is None or not entry.spec.is_file():
        return _asked(entry)
    state = entry.spec.stat()
    stamp = [__version__, str(entry.spec), state.st_mtime_ns, state.st_size]
    key = f"dlgrade/{entry.stem}"
    kept = cache.get(key, None)
    if kept and kept[0] == stamp:
        return [Step(*step) for step in kept[1]]
    steps = _asked(entry)
    with warnings.catch_warnings(action="ignore"):  # of a folder that can't be written; pytest says that itself
        cache.set(key, [stamp, steps])
    return steps


def _asked(entry: Entry) -> list[Step]:
    """The same from the spec itself."""
    from grader.cases import ask

    with warnings.catch_warnings(action="ignore"):  # what numpy and torch deprecate is no business of a learner
        exercise = kit.load_spec(entry).exercise
        cases: dict[str, list[str]] = {part.name: [] for part in exercise.parts}
        for asked in ask(exercise, seed=0):
            cases[asked.part.name].append(asked.case.name)
    steps = [Step(part.name, part.names[0], tuple(names_of(cases[part.name]))) for part in exercise.parts]
    if training := exercise.training:
        steps.append(Step(training.name, training.names[0], (TRAINING,), trains=True))
    return steps


def names_of(cases: Iterable[str]) -> list[str]:
    """Names of cases as they can stand behind a `::`, each once."""
    names: dict[str, None] = {}
    for case in cases:
        plain = name = harmless(case, LONGEST).replace("::", ":")
        number = 1
        while name in names:
            number += 1
            name = f"{plain} ({number})"
        names[name] = None
    return list(names)
