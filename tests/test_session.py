"""How a submission is questioned: what is sent when, and whose turn it is when a worker ends. Answers known before."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from grader import known_answers, run, wire
from grader.cases import Asked, ask
from grader.known_answers import KnownAnswers
from grader.outcome import Answered, Killed, Missing, Outcome
from grader.run import Allowance, Clock, Ended, OverTime, Session
from grader.spec import Case, Exercise, Part

PLENTY = Allowance.of(10.0)


class Answering:
    """A worker in this process. It answers what it has been sent, and ends when it gets to one of `fatal`."""

    def __init__(self, fatal: Sequence[int] = ()) -> None:
        self.printed = bytearray()
        self.lots: list[list[int]] = []
        self._fatal = fatal
        self._answers: list[bytes] = [wire.message({"layers": []})]
        self._dead = False

    def send(self, raw: bytes, allowance: Allowance) -> None:
        if self._dead:
            raise Ended("gone")
        if b'"source"' in raw:
            self._answers.append(wire.message({"id": 0, "names": ["f"]}))
            return
        numbers = []
        cutter = wire.Cutter()
        while whole := cutter.feed(raw, 1 << 30):
            raw = b""
            numbers.append(wire.parse(whole, layout=True)["id"])
        self.lots.append(numbers)
        for number in numbers:
            self._dead = self._dead or number in self._fatal
            if not self._dead:
                self._answers.append(wire.message({"id": number, "changed": [], "shared": [], "answered": number}))

    def receive(self, allowance: Allowance, due: int = 1) -> bytes:
        if not self._answers:
            raise Ended("gone")
        return self._answers.pop(0)

    def expect_silence(self) -> None:
        assert not self._answers

    def cpu(self, group: bool = False) -> float:
        return 0.0

    def waited(self) -> float:
        return 0.0

    def kill(self, group: bool) -> None:
        self._dead = True


def questions(parts: dict[str, int], size: int = 1) -> list[Asked]:
    """That many cases in each part, with arrays of that many numbers."""

    def part(name: str, count: int) -> Part:
        def cases(rng: np.random.Generator) -> list[Case]:
            return [Case(f"{name} {number}", {"x": rng.normal(size=size)}) for number in range(count)]

        return Part(name, cases, ("think",), uses=("f",))

    made = Exercise(parts=tuple(part(name, count) for name, count in parts.items()), misconceptions=())
    return list(ask(made, 0))


def take_all(session: Session, asked: list[Asked]) -> list[Outcome]:
    for one in asked:
        session.put(one, PLENTY)
    return [session.take(one, PLENTY) for one in asked]


def opened(workers: Sequence[Answering]) -> Session:
    waiting = iter(workers)
    session = Session(lambda: next(waiting), wire.message({"source": b"def f(x): ..."}), PLENTY)
    assert session.load() is None
    return session


def test_small_questions_are_sent_many_at_a_time():
    worker, asked = Answering(), questions({"f": 400}, size=10)
    outcomes = take_all(opened([worker]), asked)
    assert [one.value for one in outcomes] == [one.id for one in asked]
    assert [number for lot in worker.lots for number in lot] == [one.id for one in asked]
    assert len(worker.lots) < 20
    size = {one.id: len(one.raw) for one in asked}
    assert all(sum(size[number] for number in lot) <= run.AHEAD for lot in worker.lots)


def test_a_large_question_travels_alone():
    worker, asked = Answering(), questions({"f": 5}, size=run.AHEAD)
    take_all(opened([worker]), asked)
    assert worker.lots == [[1], [2], [3], [4], [5]]


@pytest.mark.parametrize("fatal", [1, 2, 7, 20])
def test_a_worker_that_ends_costs_the_case_it_was_at_and_the_rest_of_the_part(fatal):
    """The others of its lot, that it was sent and never got to, are asked again or not, as those still waiting are."""
    asked = questions({"f": 20, "g": 20})
    outcomes = take_all(opened([Answering([fatal]), Answering()]), asked)
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [Answered] * (fatal - 1) + [Killed] + [Missing] * (20 - fatal) + [Answered] * 20


def answer(number: int, value: Any) -> bytes:
    return wire.message({"id": number, "changed": [], "shared": [], "answered": value})


@pytest.fixture
def reads(monkeypatch) -> list[bytes]:
    """All that is really read."""
    found: list[bytes] = []
    read: Callable[[bytes, int], Outcome] = known_answers.read
    monkeypatch.setattr(known_answers, "read", lambda raw, number: (found.append(raw), read(raw, number))[1])
    return found


def test_the_same_bytes_are_read_once(reads):
    known = KnownAnswers()
    first = known.read(answer(1, np.ones(3)), 1)
    assert known.read(answer(1, np.ones(3)), 1) is first
    assert known.read(answer(1, np.zeros(3)), 1) is not first
    assert len(reads) == 2


def test_an_answer_that_is_known_answers_no_other_question():
    known = KnownAnswers()
    known.read(answer(1, 5), 1)
    with pytest.raises(wire.WireError):
        known.read(answer(1, 5), 2)


def test_what_was_found_counts_for_the_very_same_expectation_only(monkeypatch):
    """A case with a bound on its time is asked again with other inputs, under the same number."""
    compared: list[Any] = []
    difference = known_answers.difference
    monkeypatch.setattr(known_answers, "difference", lambda *given: (compared.append(given), difference(*given))[1])
    known, (asked,) = KnownAnswers(), questions({"f": 1})
    outcome = known.read(answer(1, 5.0), 1)
    right, wrong = Answered(5.0), Answered(6.0)
    for _ in range(2):
        assert known.difference(asked, outcome, right) is None
    assert len(compared) == 1
    for _ in range(2):
        found = known.difference(asked, outcome, wrong)
        assert found is not None
        assert found.kind == "value"
    assert known.difference(asked, outcome, right) is None


def test_only_so_much_is_remembered(monkeypatch, reads):
    monkeypatch.setattr(known_answers, "KEPT", 1000)
    known = KnownAnswers()
    for _ in range(2):
        for number in range(20):
            outcome = known.read(answer(number, np.full(10, float(number))), number)
            assert outcome.value[0] == number
            assert known.difference(questions({"f": 1})[0], outcome, outcome) is None
    assert 20 < len(reads) < 40


def test_time_in_which_others_had_the_processor_is_no_reason_to_stop(monkeypatch):
    moment, worker = [0.0], Answering()
    monkeypatch.setattr(run.time, "monotonic", lambda: moment[0])
    clock = Clock(worker, Allowance(2.0, 10.0, 0))
    moment[0] = 9.9
    clock.check()
    moment[0] = 25.0
    monkeypatch.setattr(worker, "waited", lambda: 15.1)
    clock.check()
    monkeypatch.setattr(worker, "waited", lambda: 14.9)
    with pytest.raises(OverTime, match="stopped after 25 s"):
        clock.check()
    moment[0] = 10.1 + run.PATIENCE
    monkeypatch.setattr(worker, "waited", lambda: 1e9)
    with pytest.raises(OverTime):
        clock.check()
