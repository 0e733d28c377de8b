"""Which misconception gives exactly the answers that a submission gave?"""

from collections.abc import Iterator, Mapping
from types import ModuleType

from grader.cases import Asked, Trusted, variant
from grader.compare import same
from grader.outcome import Answered, Killed, Missing, Outcome, Raised, TimedOut
from grader.spec import Misconception


def diagnose(
    spec: ModuleType, source: str, filename: str, asked: list[Asked], outcomes: Mapping[int, Outcome], failed: set[int]
) -> Misconception | None:
    """The first misconception whose answers equal the submission's in all cases of a part that failed.

    source, filename: of the solution. outcomes: by id of a case. failed: ids of the cases that didn't pass.
    """
    for part in spec.exercise.parts:
        mine = [one for one in asked if one.part is part and not isinstance(outcomes[one.id], Missing)]
        wrong = [one for one in mine if one.id in failed]
        if not wrong or any(_unlike_any(outcomes[one.id]) for one in wrong):
            continue
        ordered = wrong + [one for one in mine if one.id not in failed]
        for misconception in _candidates(spec, part.name):
            trusted = Trusted(variant(misconception, source, filename), spec)
            if all(alike(one, outcomes[one.id], trusted.answer(one)) for one in ordered):
                return misconception
    return None


def _candidates(spec: ModuleType, part: str) -> Iterator[Misconception]:
    return (m for m in spec.exercise.misconceptions if part in m.parts)


def _unlike_any(outcome: Outcome) -> bool:
    """Whether no misconception can end like this: stopped, or not written yet."""
    return isinstance(outcome, (TimedOut, Killed)) or (isinstance(outcome, Raised) and outcome.unwritten)


def alike(asked: Asked, outcome: Outcome, other: Outcome) -> bool:
    """Whether two outcomes of one case can't be told apart; where only a property counts, whether both have it."""
    if asked.case.check and isinstance(outcome, Answered) and isinstance(other, Answered):
        return bool(asked.problem(outcome.value)) == bool(asked.problem(other.value))
    return same(outcome, other, asked.rules)
