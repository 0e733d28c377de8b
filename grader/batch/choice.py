"""Which exercises to drop and where to spend free days: whatever gives a student the largest share of the points."""

from collections.abc import Sequence
from typing import NamedTuple


class Option(NamedTuple):
    """What an exercise gives if `free_days` are spent on it. points: hundredths. attempt: the one that then counts."""

    points: int
    free_days: int = 0
    attempt: int | None = None
    days_late: int = 0


class Pick(NamedTuple):
    option: Option
    dropped: bool


class Open(NamedTuple):
    """An exercise to decide on. most: hundredths of a point that it can give. options: the first costs no free day."""

    most: int
    options: Sequence[Option]


Score = tuple[int, int, int]  # what is to be large: the gain, then points, then free days left
Chain = tuple["Chain", Pick] | None


def choose(exercises: Sequence[Open], free_days: int, drop: int) -> list[Pick]:
    """A pick for each exercise, exactly `drop` of them dropped, of which fewer than there are must have `most` > 0.

    Dropped ones aside, points / most is as large as can be; then the points; then as few free days are used as can be.
    Maximises a ratio by Dinkelbach's method: as long as some choice beats the ratio reached, take the one that gains
    most over it (W. Dinkelbach, "On nonlinear fractional programming", Management Science 13, 1967).
    """
    points, most = 0, 1
    while True:
        picks = _best(exercises, free_days, drop, points, most)
        kept = [(pick.option.points, one.most) for pick, one in zip(picks, exercises, strict=True) if not pick.dropped]
        found, of = sum(p for p, _ in kept), sum(m for _, m in kept)
        if not drop or found * most <= points * of:
            return picks
        points, most = found, of


def _best(exercises: Sequence[Open], free_days: int, drop: int, points: int, most: int) -> list[Pick]:
    """The picks that gain most over the ratio points / most, exercise by exercise over (dropped, free days used)."""
    states: dict[tuple[int, int], tuple[Score, Chain]] = {(0, 0): ((0, 0, 0), None)}
    for one in exercises:
        after: dict[tuple[int, int], tuple[Score, Chain]] = {}
        picks = _picks(one, points, most)
        for (dropped, used), (score, chain) in states.items():
            for pick, gain in picks:
                place = (dropped + pick.dropped, used + pick.option.free_days)
                if place[0] > drop or place[1] > free_days:
                    continue
                new = (score[0] + gain[0], score[1] + gain[1], score[2] + gain[2])
                if place not in after or new > after[place][0]:
                    after[place] = (new, (chain, pick))
        states = after
    _, chain = max((found for (dropped, _), found in states.items() if dropped == drop), key=lambda found: found[0])
    return _unrolled(chain)


def _picks(one: Open, points: int, most: int) -> list[tuple[Pick, Score]]:
    """All that may become of an exercise, with what each adds to the score."""
    kept: list[tuple[Pick, Score]] = [
        (Pick(option, False), (option.points * most - one.most * points, option.points, -option.free_days))
        for option in one.options
    ]
    return [*kept, (Pick(one.options[0], True), (0, 0, 0))] if one.most else kept


def _unrolled(chain: Chain) -> list[Pick]:
    picks = []
    while chain:
        chain, pick = chain
        picks.append(pick)
    return picks[::-1]
