"""Answers that came before: in a class many give the same bytes, which are read and compared once."""

from grader.cases import Asked
from grader.compare import Difference
from grader.judgement import difference
from grader.outcome import Outcome, read, weight

KEPT = 32 << 20  # bytes of answers, as they came and as they were read


class KnownAnswers:
    """Answers to the cases of one exercise with one seed."""

    def __init__(self) -> None:
        self._outcomes: dict[tuple[int, bytes], Outcome] = {}
        self._found: dict[int, tuple[Outcome, Difference | None] | None] = {}  # by identity of the outcomes above
        self._size = 0

    def read(self, raw: bytes, number: int) -> Outcome:
        """As `grader.outcome.read`; an outcome that is known is the same object again."""
        if found := self._outcomes.get((number, raw)):
            return found
        outcome = read(raw, number)
        size = len(raw) + weight(outcome)
        if self._size + size <= KEPT:
            self._size += size
            self._outcomes[number, raw] = outcome
            self._found[id(outcome)] = None
        return outcome

    def difference(self, asked: Asked, outcome: Outcome, expected: Outcome) -> Difference | None:
        """As `grader.judgement.difference`. What was found before counts if the very same `expected` was due."""
        if (known := self._found.get(id(outcome))) and known[0] is expected:
            return known[1]
        found = difference(asked, outcome, expected)
        if id(outcome) in self._found:
            self._found[id(outcome)] = expected, found
        return found
