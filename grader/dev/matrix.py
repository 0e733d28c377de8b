"""Misconceptions × cases: by how much each known-wrong answer differs from the right one."""

from dataclasses import dataclass
from types import ModuleType

from grader import kit
from grader.cases import Asked, Trusted, ask, variant
from grader.diagnose import alike, diagnose
from grader.judgement import difference
from grader.kit import Entry
from grader.outcome import Outcome
from grader.spec import Misconception

SEPARATION = 100.0  # times the tolerance, in at least one case


@dataclass(frozen=True)
class Matrix:
    """`excess[name][i]` is |got - expected| / allowed of a misconception in case `asked[i]`: 0 where it passes."""

    entry: Entry
    spec: ModuleType
    asked: list[Asked]
    outcomes: dict[str, list[Outcome]]
    excess: dict[str, list[float]]

    def caught(self, misconception: Misconception, part: str) -> float:
        """The largest excess of a misconception in a part."""
        row = self.excess[misconception.name]
        return max((e for e, one in zip(row, self.asked, strict=True) if one.part.name == part), default=0.0)

    def mixed_up(self, one: Misconception, other: Misconception, part: str) -> bool:
        """Whether two misconceptions answer alike in all cases of a part."""
        rows = zip(self.asked, self.outcomes[one.name], self.outcomes[other.name], strict=True)
        return all(alike(asked, a, b) for asked, a, b in rows if asked.part.name == part)

    def called(self, misconception: Misconception) -> str | None:
        """The name that a submission with exactly this misconception gets to hear."""
        source, filename = self.entry.solution.read_text("utf-8"), str(self.entry.solution)
        rows = zip(self.asked, self.excess[misconception.name], strict=True)
        failed = {asked.id for asked, excess in rows if excess > 0}
        outcomes = {asked.id: mine for asked, mine in zip(self.asked, self.outcomes[misconception.name], strict=True)}
        found = diagnose(self.spec, source, filename, self.asked, outcomes, failed)
        return found.misconception.name if found and found.explains == found.failing else None


def matrix(entry: Entry, seed: int = 0) -> Matrix:
    """Runs the solution and all misconceptions of an exercise, in this process."""
    spec = kit.load_spec(entry)
    asked = list(ask(spec.exercise, seed))
    solution = Trusted(kit.load_solution(entry), spec)
    expected = [solution.answer(one) for one in asked]
    source = entry.solution.read_text("utf-8")
    outcomes, excess = {}, {}
    for misconception in spec.exercise.misconceptions:
        wrong = Trusted(variant(misconception, source, str(entry.solution)), spec)
        found = [wrong.answer(one) for one in asked]
        outcomes[misconception.name] = found
        excess[misconception.name] = [_excess(*three) for three in zip(asked, found, expected, strict=True)]
    return Matrix(entry, spec, asked, outcomes, excess)


def _excess(asked: Asked, outcome: Outcome, expected: Outcome) -> float:
    found = difference(asked, outcome, expected)
    return found.excess if found else 0.0


def table(found: Matrix) -> str:
    """The matrix as text: misconceptions numbered, then a row per case with a mark for each of them.

    A dot: the case doesn't see the misconception. `x`: it fails it. `X`: it fails it by 100 × tolerance or more.
    """
    misconceptions = found.spec.exercise.misconceptions
    lines = [f"{number:3}  {_totals(found, one)}" for number, one in enumerate(misconceptions, 1)]
    for part in found.spec.exercise.parts:
        mine = [(n, one) for n, one in enumerate(misconceptions, 1) if part.name in one.parts]
        lines += ["", f"{part.name}: {', '.join(f'{n} {one.name}' for n, one in mine)}"]
        for i, asked in enumerate(found.asked):
            if asked.part is part:
                marks = "".join(_mark(found.excess[one.name][i]) for _, one in mine)
                lines.append(f"  {marks}  {asked.case.name}")
    return "\n".join(lines)


def _totals(found: Matrix, misconception: Misconception) -> str:
    """In how many cases of each part a misconception shows, and by how many tolerances at most."""
    parts = []
    for part in misconception.parts:
        rows = zip(found.excess[misconception.name], found.asked, strict=True)
        mine = [excess for excess, asked in rows if asked.part.name == part]
        parts.append(
            f"{part} {sum(e > 0 for e in mine)} of {len(mine)}, up to {max(mine, default=0.0):.3g} x tolerance"
        )
    return f"{misconception.name}: {'; '.join(parts)}"


def _mark(excess: float) -> str:
    return "X" if excess >= SEPARATION else "x" if excess > 0 else "."
