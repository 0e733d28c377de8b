"""Which misconception gives the answers that a submission gave?"""

import re
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import NamedTuple

from grader.cases import Asked, Trusted, variant
from grader.compare import same
from grader.outcome import Answered, Killed, Missing, Outcome, Raised, TimedOut
from grader.spec import Misconception

NUMBERS = re.compile(r"[-+]?(?:\d[\d.,]*(?:e[-+]?\d+)?|nan|inf)")


class Found(NamedTuple):
    """A misconception whose answers equal the submission's in `explains` of the `failing` cases of a part."""

    misconception: Misconception
    part: str
    explains: int
    failing: int


def diagnose(
    spec: ModuleType, source: str, filename: str, asked: list[Asked], outcomes: Mapping[int, Outcome], failed: set[int]
) -> Found | None:
    """The first misconception that explains all failing cases of a part, or else the best that explains most of them.

    It must also fit the cases of the part that passed: who has it can't have passed them. Where two mistakes come
    together, one of them may explain most cases.

    source, filename: of the solution. outcomes: by id of a case. failed: ids of the cases that didn't pass.
    """
    best: Found | None = None
    for part in spec.exercise.parts:
        mine = [one for one in asked if one.part is part and not isinstance(outcomes[one.id], Missing)]
        wrong = [one for one in mine if one.id in failed]
        if not wrong or any(_unlike_any(outcomes[one.id]) for one in wrong):
            continue
        right = [one for one in mine if one.id not in failed]
        for misconception in _candidates(spec, part.name):
            trusted = Trusted(variant(misconception, source, filename), spec)
            found = Found(misconception, part.name, _explained(trusted, wrong, right, outcomes), len(wrong))
            if found.explains == found.failing:
                return found
            if found.explains > (best.explains if best else 0):
                best = found
    return best


def _explained(trusted: Trusted, wrong: list[Asked], right: list[Asked], outcomes: Mapping[int, Outcome]) -> int:
    """How many failing cases a misconception explains; 0 if it doesn't explain most of them, or fails others."""
    differing = 0
    for one in wrong:
        differing += not alike(one, outcomes[one.id], trusted.answer(one))
        if 2 * differing >= len(wrong):
            return 0
    fits = all(alike(one, outcomes[one.id], trusted.answer(one)) for one in right)
    return len(wrong) - differing if fits else 0


def _candidates(spec: ModuleType, part: str) -> Iterator[Misconception]:
    return (m for m in spec.exercise.misconceptions if part in m.parts)


def _unlike_any(outcome: Outcome) -> bool:
    """Whether no misconception can end like this: stopped, or not written yet."""
    return isinstance(outcome, (TimedOut, Killed)) or (isinstance(outcome, Raised) and outcome.unwritten)


def alike(asked: Asked, outcome: Outcome, other: Outcome) -> bool:
    """Whether two outcomes of one case can't be told apart; where a property counts, whether they lack the same."""
    if asked.case.check and isinstance(outcome, Answered) and isinstance(other, Answered):
        return _complaint(asked, outcome) == _complaint(asked, other)
    return same(outcome, other, asked.rules)


def _complaint(asked: Asked, outcome: Answered) -> str | None:
    """What an answer lacks, in words; the numbers in them may differ between two answers with the same fault."""
    problem = asked.problem(outcome.value)
    return NUMBERS.sub("", problem) if problem else None
