"""What an exercise asks with one seed, and what its solution replies, for any number of submissions."""

import time
from collections.abc import Iterator
from itertools import chain, groupby
from typing import NamedTuple

from grader import kit, wire
from grader.cases import Asked, Trusted, ask
from grader.compare import Difference
from grader.judgement import difference
from grader.kit import Entry
from grader.known_answers import KnownAnswers
from grader.outcome import Outcome, from_reply
from grader.spec import Case, Exercise, Part

KEPT = 64 << 20  # bytes of cases and replies; what doesn't fit in is made anew for each submission


class Reply(NamedTuple):
    """The solution's outcome of a case, the bytes of its reply, and its CPU seconds."""

    outcome: Outcome
    size: int
    seconds: float


class AnswerKey:
    """The cases of an exercise for one seed, made when they are first needed, and the solution's replies to them.

    Replies are made in the order of the cases, whichever submission comes first: nothing about one submission can
    change what another one meets. Cases are kept by parts, all of one or none: those of a part are drawn one after the
    other, so that the last of them is only to be had after all others.
    """

    def __init__(self, entry: Entry, seed: int) -> None:
        self.entry, self.seed = entry, seed
        self.spec = kit.load_spec(entry)
        self.exercise: Exercise = self.spec.exercise
        self.known = KnownAnswers()
        self._solution: Trusted | None = None
        self._cases: dict[str, list[Asked]] = {}  # by part
        self._replies: dict[int, Reply] = {}
        self._size = 0

    def questions(self) -> Iterator[Asked]:
        """All cases in order."""
        if len(self._cases) == len(self.exercise.parts):
            yield from chain.from_iterable(self._cases[part.name] for part in self.exercise.parts)
            return
        rest = self.exercise._replace(parts=tuple(map(self._left, self.exercise.parts)))
        for name, cases in groupby(ask(rest, self.seed), lambda asked: asked.part.name):
            yield from self._cases.get(name) or self._keeping(name, cases)

    def _left(self, part: Part) -> Part:
        """The part as it is to be asked for: if its cases are kept, with blanks that only count in their place."""
        kept = self._cases.get(part.name)
        return part._replace(cases=lambda rng: [Case("", {})] * len(kept)) if kept else part

    def _keeping(self, name: str, cases: Iterator[Asked]) -> Iterator[Asked]:
        """Hands on the cases of a part, and keeps them if all of them fit in."""
        mine: list[Asked] = []
        size = 0
        for asked in cases:
            size += len(asked.raw)
            if self._fits(size):
                mine.append(asked)
            else:
                mine.clear()
            yield asked
        if self._fits(size):
            self._size += size
            self._cases[name] = mine

    def _fits(self, size: int) -> bool:
        return self._size + size <= KEPT

    def reply(self, asked: Asked) -> Reply:
        """The solution's reply, kept from an earlier submission if it may be."""
        if found := self._replies.get(asked.id):
            return found
        reply = self.fresh_reply(asked)
        if self._fits(reply.size):
            self._size += reply.size
            self._replies[asked.id] = reply
        return reply

    def fresh_reply(self, asked: Asked) -> Reply:
        """The solution's reply, measured now."""
        if self._solution is None:
            self._solution = Trusted(kit.load_solution(self.entry), self.spec, watch=False)
        before = time.process_time()
        raw = self._solution.reply(asked)
        seconds = time.process_time() - before
        return Reply(from_reply(wire.parse(raw)), len(raw), seconds)

    def difference(self, asked: Asked, outcome: Outcome, reply: Reply) -> Difference | None:
        """What is wrong with an outcome. It is remembered beside a reply that is kept, as it would keep any alive."""
        find = self.known.difference if self._replies.get(asked.id) is reply else difference
        return find(asked, outcome, reply.outcome)


class Repeats:
    """The cases once more with other inputs. They are asked for in order, so those of a seed are made once at most."""

    def __init__(self, key: AnswerKey) -> None:
        self._key = key
        self._cases: dict[int, Iterator[Asked]] = {}

    def case(self, asked: Asked, repeat: int) -> Asked:
        """The case with the inputs of a repeat, which are those of another seed."""
        if repeat not in self._cases:
            self._cases[repeat] = ask(self._key.exercise, self._key.seed + repeat)
        return next(one for one in self._cases[repeat] if one.id == asked.id)
