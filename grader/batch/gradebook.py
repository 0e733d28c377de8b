"""Marks from results: what each exercise gives a student, and what all of them come to. See docs/gradebook.md."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from math import floor

from grader.batch.choice import Open, Option, Pick, choose
from grader.batch.model import Line, Mark, Row, Student
from grader.batch.scheme import EVERY, Late, Scheme, Worth

NOT_JUDGED = "not judged: ask your instructor"
DROPPED = "dropped: doesn't count"
NOTHING = "nothing handed in"
UNDATED = "late, nobody knows by how much: nothing taken off yet"
DAY = timedelta(days=1)
PARTS = 70  # more than any exercise has; fractions of up to so many parts stay apart when rounded to four decimals


def rows(students: Sequence[Student], lines: Iterable[Line], scheme: Scheme) -> list[Row]:
    """A row for each student, in this order, then for those who only occur in `lines`, in order of their ids.

    Lines of exercises that aren't in the scheme count nothing.
    """
    known = {student.id: student for student in reversed(students)}
    attempts: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        attempts.setdefault((line.student, line.exercise), []).append(line)
    others = sorted({student for student, _ in attempts} - known.keys())
    everybody = [*(known[id] for id in dict.fromkeys(student.id for student in students)), *map(Student, others)]
    return [
        _row(student, [attempts.get((student.id, worth.exercise), []) for worth in scheme.worths], scheme)
        for student in everybody
    ]


def percent(row: Row) -> float:
    """The total as a percentage, with two decimals, half up."""
    of = round(row.out_of * 100)
    return half_up(Fraction(round(row.total * 100) * 10_000, of)) / 100 if of else 0.0


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def _row(student: Student, attempts: Sequence[list[Line]], scheme: Scheme) -> Row:
    works = [_Work(student.id, worth, found, scheme) for worth, found in zip(scheme.worths, attempts, strict=True)]
    free_days = scheme.late.free_days if scheme.late else 0
    picks = choose([Open(work.worth.most, work.options()) for work in works], free_days, scheme.drop_lowest)
    marks = tuple(work.mark(pick) for work, pick in zip(works, picks, strict=True))
    total, out_of = _total(picks, scheme)
    return Row(student, marks, total / 100, out_of / 100)


def _total(picks: Sequence[Pick], scheme: Scheme) -> tuple[int, int]:
    kept = [
        (pick.option.points, worth.most) for pick, worth in zip(picks, scheme.worths, strict=True) if not pick.dropped
    ]
    points, out_of = sum(p for p, _ in kept), sum(m for _, m in kept)
    if scheme.most is not None:
        points, out_of = min(points, scheme.most), min(out_of, scheme.most)
    if scheme.total is not None and out_of:
        points, out_of = half_up(Fraction(points * scheme.total, out_of)), scheme.total
    return points, out_of


class _Work:
    """All attempts of one student at one exercise."""

    def __init__(self, student: str, worth: Worth, lines: list[Line], scheme: Scheme) -> None:
        self.student, self.worth, self.lines, self.scheme = student, worth, lines, scheme
        self.moments = [self._moment(line) for line in lines]
        self.days = [self._days_late(moment) for moment in self.moments]
        order = sorted(range(len(lines)), key=self._age)
        self.counting = order[-1:] if scheme.several == "last" else order

    def options(self) -> list[Option]:
        """What there is to choose from: none, one, two ... free days, as far as each gives more than the one before."""
        judged = [index for index in self.counting if self.lines[index].verdict != "not_judged"]
        if not judged:
            return [Option(0, 0, self.counting[0] if self.counting else None)]
        options: list[Option] = []
        for free in range(self._most_free(judged) + 1):
            best = max((self._option(index, free) for index in judged), key=self._rank)
            if not options or best.points > options[-1].points:
                options.append(best)
        return options

    def mark(self, pick: Pick) -> Mark:
        option, worth = pick.option, self.worth
        line = None if option.attempt is None else self.lines[option.attempt]
        notes = [*self._notes(line, option), DROPPED if pick.dropped else ""]
        return Mark(
            exercise=worth.exercise,
            verdict=line.verdict if line else "nothing",
            score=line.score if line and line.verdict != "not_judged" else 0.0,
            points=option.points / 100,
            weight=worth.most / 100,
            days_late=option.days_late,
            attempt=option.attempt,
            note="; ".join(filter(None, notes)),
            dropped=pick.dropped,
            unjudged=self._is_unjudged(option),
            undated=self._is_undated(line, option),
        )

    def _is_unjudged(self, option: Option) -> bool:
        """Whether an attempt that could not be judged might give more."""
        verdicts = {self.lines[index].verdict for index in self.counting}
        return verdicts == {"not_judged"} or ("not_judged" in verdicts and option.points < self.worth.most)

    def _is_undated(self, line: Line | None, option: Option) -> bool:
        """Whether points would be taken off, if only it were known how late the attempt that counts came."""
        late = self.scheme.late
        costs = late is not None and self.worth.deadline and (late.per_day or late.most_days is not None)
        return bool(costs and line and line.late and line.submitted is None and option.points)

    def _age(self, index: int) -> tuple[datetime, list[tuple[str, int]], str]:
        """What later attempts have more of: time; without one, the natural order of file names."""
        line = self.lines[index]
        return self.moments[index] or datetime.min.replace(tzinfo=UTC), _natural(line.file), line.submission_sha256

    def _moment(self, line: Line) -> datetime | None:
        """When a line was handed in, in UTC: moments in one zone would be subtracted as clocks show them."""
        if line.submitted is None:
            return None
        moment = datetime.fromisoformat(line.submitted)
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.scheme.zone)).astimezone(UTC)

    def _days_late(self, moment: datetime | None) -> int:
        """Days of 24 hours that had begun since the deadline, which grace and extensions move."""
        late, deadline = self.scheme.late, self.worth.deadline
        if not late or not deadline or not moment:
            return 0
        extension = late.extensions.get(self.student, {})
        days = extension.get(self.worth.exercise, extension.get(EVERY, 0))
        over = moment - deadline.astimezone(UTC) - late.grace
        return max(0, -(-over // DAY) - days)

    def _most_free(self, judged: list[int]) -> int:
        late = self.scheme.late
        return min(late.free_days, max(self.days[index] for index in judged)) if late else 0

    def _option(self, index: int, free: int) -> Option:
        """What an attempt gives with up to `free` free days."""
        days = self.days[index]
        free = 0 if self._too_late(days) else min(free, days)
        points = min(self._points(self.lines[index], days, days - free), self.worth.most)
        return Option(points, free, index, days)

    def _rank(self, option: Option) -> tuple[int, float, int, int, int]:
        """By what the best attempt is chosen: points; then score, fewer days late and free, being the first."""
        assert option.attempt is not None
        score = self.lines[option.attempt].score
        return option.points, score, -option.days_late, -option.free_days, -self.counting.index(option.attempt)

    def _points(self, line: Line, days: int, charged: int) -> int:
        """Hundredths of a point before the cap."""
        credit = Fraction(line.verdict == "passed") if self.scheme.pass_only else share(line.score)
        return half_up(self.worth.weight * credit * (1 - self._taken(days, charged)))

    def _taken(self, days: int, charged: int) -> Fraction:
        """The share that is taken off for being so many days late, of which `charged` aren't free."""
        if self._too_late(days):
            return Fraction(1)
        return min(Fraction(1), self.scheme.late.per_day * charged) if self.scheme.late else Fraction(0)

    def _too_late(self, days: int) -> bool:
        late = self.scheme.late
        return late is not None and late.most_days is not None and days > late.most_days

    def _notes(self, line: Line | None, option: Option) -> list[str]:
        if line is None:
            return [NOTHING]
        if line.verdict == "not_judged":
            return [NOT_JUDGED]
        notes = []
        if self.scheme.pass_only and line.verdict != "passed" and line.score > 0:
            notes.append("no partial credit")
        if self.scheme.late:
            notes.append(self._lateness(line, option, self.scheme.late))
        if self._points(line, option.days_late, option.days_late - option.free_days) > self.worth.most:
            notes.append(f"at most {plain_number(Fraction(self.worth.most, 100))} points count")
        if self._is_unjudged(option):
            notes.append(f"another attempt was {NOT_JUDGED}")
        return notes

    def _lateness(self, line: Line, option: Option, late: Late) -> str:
        days, free = option.days_late, option.free_days
        if self._is_undated(line, option):
            return UNDATED
        if self.worth.deadline and line.submitted is None:
            return "when it was handed in is unknown: counted as on time"
        if not days:
            return ""
        told = f"{days} day{'s' if days > 1 else ''} late"
        if self._too_late(days):
            return f"{told}: nothing counts after {late.most_days}"
        if free:
            told += f", {'all' if free == days else free} of them free" if days > 1 else ", free"
        taken = self._taken(days, days - free)
        return f"{told}: -{plain_number(100 * taken)} %" if taken else f"{told}: nothing taken off"


@lru_cache(1024)
def share(score: float) -> Fraction:
    """The share of parts that a score stands for, which is rounded to four decimals: 2/3 for 0.6667."""
    near = Fraction(score).limit_denominator(PARTS)
    return near if abs(near - Fraction(score)) <= Fraction(6, 100_000) else Fraction(score)


def _natural(text: str) -> list[tuple[str, int]]:
    """A key by which `a2` comes before `a10`, and `a.py` before `a-1.py`."""
    return [(word, int(n or 0)) for word, n in re.findall(r"(\D*)(\d{0,18})", text.removesuffix(".py"))]


def plain_number(number: Fraction) -> str:
    """A number with up to two decimals, half up: 7, 7.5, 7.33."""
    return f"{half_up(number * 100) / 100:.2f}".rstrip("0").rstrip(".")
