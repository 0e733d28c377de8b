"""How results turn into points: weights, caps and late days.

Points are counted in hundredths, as integers, so that no sum is ever off by a rounding.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
from typing import Literal, NamedTuple

from grader.batch.model import Student

EVERY = "default"  # stands for all exercises that aren't named


class Worth(NamedTuple):
    """What an exercise can give. weight, most: hundredths of a point; `most` of them count. deadline: aware."""

    exercise: str
    weight: int
    most: int
    deadline: datetime | None


class Late(NamedTuple):
    """What being late costs. per_day: share of the points. extensions: days by student, then by exercise or EVERY."""

    per_day: Fraction
    free_days: int
    most_days: int | None
    grace: timedelta
    extensions: Mapping[str, Mapping[str, int]]


class Scheme(NamedTuple):
    """All rules by which results become marks. most, total: hundredths of a point. zone: of times without an offset."""

    worths: tuple[Worth, ...]
    several: Literal["best", "last"]
    drop_lowest: int
    pass_only: bool
    most: int | None
    total: int | None
    late: Late | None
    zone: tzinfo

    def strangers(self, students: Sequence[Student]) -> tuple[str, ...]:
        """Ids that get an extension although none of `students` has them: most likely misspelt."""
        extended = self.late.extensions if self.late else {}
        return tuple(sorted(extended.keys() - {student.id for student in students}))


def even(exercises: Sequence[str]) -> Scheme:
    """The rules where nobody gave any: each exercise weighs 1, and the best attempt counts."""
    worths = tuple(Worth(exercise, 100, 100, None) for exercise in exercises)
    return Scheme(worths, "best", 0, False, None, None, None, UTC)
