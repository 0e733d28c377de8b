"""What an exercise asks with one seed, and what its solution replies, for any number of submissions."""

import time
from collections.abc import Iterator
from typing import NamedTuple

from grader import kit, wire
from grader.cases import Asked, Trusted, ask
from grader.kit import Entry
from grader.known_answers import KnownAnswers
from grader.outcome import Outcome, from_reply
from grader.spec import Exercise

KEPT = 64 << 20  # bytes of cases and replies; what is beyond is made anew for each submission


class Reply(NamedTuple):
    """The solution's outcome of a case, the bytes of its reply, and its CPU seconds."""

    outcome: Outcome
    size: int
    seconds: float


class AnswerKey:
    """The cases of an exercise for one seed, made when they are first needed, and the solution's replies to them.

    Replies are made in the order of the cases, whichever submission comes first: nothing about one submission can
    change what another one meets.
    """

    def __init__(self, entry: Entry, seed: int) -> None:
        self.entry, self.seed = entry, seed
        self.spec = kit.load_spec(entry)
        self.exercise: Exercise = self.spec.exercise
        self.known = KnownAnswers()
        self._solution: Trusted | None = None
        self._cases: list[Asked] = []
        self._replies: dict[int, Reply] = {}
        self._complete = False
        self._size = 0

    def questions(self) -> Iterator[Asked]:
        """All cases in order."""
        if self._complete:
            yield from self._cases
            return
        self._cases, keep = [], True
        for asked in ask(self.exercise, self.seed):
            self._size += len(asked.raw)
            keep = keep and self._size <= KEPT
            if keep:
                self._cases.append(asked)
            yield asked
        self._complete = keep

    def reply(self, asked: Asked) -> Reply:
        """The solution's reply, kept from an earlier submission if it may be."""
        if found := self._replies.get(asked.id):
            return found
        reply = self.fresh_reply(asked)
        self._size += reply.size
        if self._size <= KEPT:
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
