"""What is remembered of each card, and when it is due again: spaced repetition by FSRS (package `fsrs`).

Every answer is one transaction, so a killed process and a second terminal lose nothing. Times are seconds since the
epoch, in UTC: summer time changes nothing. A clock that was set back can't make a card wait for a day that has been.
"""

import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from grader.quiz.session import Answer
from grader.store import Store

DAY = 86400.0


class Missed(NamedTuple):
    """A misconception that wrong answers to quizzes named, with the questions and how often."""

    misconception: str
    number: str
    times: int


class Tally(NamedTuple):
    """Answers to the items of one question: how many cards are known, by their last answer, of how many seen."""

    known: int
    seen: int


class Memory:
    """The answers to a kit's cards."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, answer: Answer, now: float) -> float:
        """Stores an answer and returns when its card is due again."""
        kit, key = self._store.kit, answer.card.key
        row = (kit, key, now, answer.grade, json.dumps(answer.response), "\n".join(answer.misconceptions))
        with self._store.transaction() as db:
            columns = "kit, card, at, grade, response, misconceptions, seconds"
            db.execute(f"insert into answer ({columns}) values (?, ?, ?, ?, ?, ?, ?)", (*row, answer.seconds))
            old = db.execute("select state from memory where kit = ? and card = ?", (kit, key)).fetchone()
            state, due = _schedule(old[0] if old else None, answer.grade, now)
            db.execute("insert or replace into memory values (?, ?, ?, ?, ?)", (kit, key, due, now, state))
        return due

    def due(self, now: float) -> list[str]:
        """The keys of the cards that are due, the longest due first; also those answered at a time yet to come."""
        query = "select card from memory where kit = ? and (due <= ? or reviewed > ?) order by due, card"
        return [key for (key,) in self._rows(query, now, now)]

    def forecast(self, now: float, days: int) -> list[int]:
        """How many cards are due now, and how many fall due within 1, 2, ... days, up to `days` numbers in all."""
        counts = [0] * days
        for (due,) in self._rows("select due from memory where kit = ?"):
            day = max(0, math.ceil((due - now) / DAY))
            if day < days:
                counts[day] += 1
        return counts

    def next_due(self) -> float | None:
        """When the first card falls due."""
        dues: list[float | None] = [due for (due,) in self._rows("select min(due) from memory where kit = ?")]
        return dues[0] if dues else None

    def tallies(self) -> dict[str, Tally]:
        """By number of the question."""
        found: dict[str, Tally] = {}
        for key, grade, _ in self._rows("select card, grade, max(id) from answer where kit = ? group by card"):
            number, _, item = key.partition("/")
            if item:  # the questions themselves are graded by the learner
                so_far = found.get(number, Tally(0, 0))
                found[number] = Tally(so_far.known + (grade != "again"), so_far.seen + 1)
        return found

    def missed(self) -> list[Missed]:
        """Misconceptions that the last answer to a card named."""
        query = "select card, misconceptions, max(id) from answer where kit = ? group by card order by card"
        found: dict[tuple[str, str], int] = {}
        for key, names, _ in self._rows(query):
            for name in filter(None, names.split("\n")):
                pair = name, key.partition("/")[0]
                found[pair] = found.get(pair, 0) + 1
        return [Missed(name, number, times) for (name, number), times in found.items()]

    def _rows(self, query: str, *values: float) -> Iterable[tuple]:  # type: ignore[type-arg]
        if not self._store.path.exists():
            return []
        with self._store.database() as db:
            return db.execute(query, (self._store.kit, *values)).fetchall()


def _schedule(state: str | None, grade: str, now: float) -> tuple[str, float]:
    """The state of a card after an answer, as JSON, and when it is due. Intervals are whole days from the start.

    A last review that lies ahead was stored by a clock that was wrong: it counts as just now.
    """
    import fsrs

    scheduler = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    card, moment = fsrs.Card.from_json(state) if state else fsrs.Card(card_id=0), datetime.fromtimestamp(now, UTC)
    card.last_review = card.last_review and min(card.last_review, moment)
    card, _ = scheduler.review_card(card, fsrs.Rating[grade.capitalize()], moment)
    return card.to_json(), card.due.timestamp()
