"""What is kept between submissions: as much as fits in, the same cases and replies whatever is kept."""

import gc
import weakref
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from grader import answer_key, known_answers, wire
from grader.answer_key import AnswerKey, Repeats
from grader.cases import Asked, ask
from grader.known_answers import KnownAnswers
from grader.outcome import Answered
from grader.spec import Case
from tests import toy

SIZES = {"double": [50, 50, 50, 50], "softmax": [50, 5000, 50], "Counter": [50, 50]}
ROOM = 12_000  # bytes: all of it but for the large array


class Counting(AnswerKey):
    """An answer key to vectors of the sizes above, which counts what it makes."""

    def __init__(self) -> None:
        super().__init__(toy.ENTRY, 0)
        self.drawn: Counter[str] = Counter()
        self.replied: Counter[int] = Counter()
        double = self.exercise.parts[0]
        parts = [double._replace(name=name, cases=self._cases_of(name), driver=double.driver) for name in SIZES]
        self.exercise = self.exercise._replace(parts=tuple(parts))

    def _cases_of(self, name: str):
        def cases(rng: np.random.Generator) -> Iterator[Case]:
            for size in SIZES[name]:
                self.drawn[name] += 1
                yield Case(f"{size} numbers", {"x": rng.normal(size=size)})

        return cases

    def fresh_reply(self, asked: Asked):
        self.replied[asked.id] += 1
        return super().fresh_reply(asked)

    def round(self) -> list[tuple]:
        """All cases with their replies, as a submission meets them."""
        return [(asked, self.reply(asked)) for asked in self.questions()]


@pytest.fixture
def key(monkeypatch) -> Counting:
    monkeypatch.setattr(answer_key, "KEPT", ROOM)
    return Counting()


def plain(found):
    """What of a round has to be the same in every one."""
    return [(one.id, one.part.name, one.case.name, one.raw, repr(reply.outcome)) for one, reply in found]


def test_a_case_that_is_too_large_keeps_no_other_from_being_kept(key):
    key.round()
    key.drawn.clear(), key.replied.clear()
    for _ in range(3):
        key.round()
    assert key.drawn == {"softmax": 9}  # those of a part are drawn one after the other
    assert key.replied == {6: 3}


def test_all_submissions_meet_the_same_cases_whatever_is_kept(monkeypatch):
    rounds = []
    for room in (0, 1000, 3000, ROOM, 1 << 30):
        monkeypatch.setattr(answer_key, "KEPT", room)
        key = Counting()
        rounds += [plain(key.round()) for _ in range(3)]
    assert [one[0] for one in rounds[0]] == list(range(1, 10))
    assert all(found == rounds[0] for found in rounds)
    assert [one[3] for one in rounds[0]] == [asked.raw for asked in ask(key.exercise, 0)]


@pytest.mark.parametrize("room", [0, 500, 1000, 2000, 5000, ROOM])
def test_no_more_is_kept_than_there_is_room_for(monkeypatch, room):
    monkeypatch.setattr(answer_key, "KEPT", room)
    key = Counting()
    first, second = key.round(), key.round()
    cases = [len(one.raw) for (one, _), (other, _) in zip(first, second, strict=True) if one is other]
    replies = [one.size for (_, one), (_, other) in zip(first, second, strict=True) if one is other]
    assert sum(cases) + sum(replies) <= room
    assert bool(cases or replies) == (room > 0)


def test_when_all_fits_in_nothing_is_made_twice():
    key = Counting()
    assert plain(key.round()) == plain(key.round())
    assert key.drawn == {name: len(sizes) for name, sizes in SIZES.items()}
    assert set(key.replied.values()) == {1}


def test_of_a_part_that_does_not_fit_in_no_case_stays(key):
    inputs: dict[int, weakref.ref[np.ndarray]] = {}
    questions = key.questions()
    for asked in questions:
        inputs[asked.id] = weakref.ref(asked.case.inputs["x"])
        if asked.id == 7:
            break
    gc.collect()
    assert [number for number, array in inputs.items() if array() is not None] == [1, 2, 3, 4, 7]


def test_a_submission_that_is_given_up_on_takes_no_room(key):
    for _ in range(20):
        next(key.questions())
    key.round(), key.drawn.clear()
    key.round()
    assert set(key.drawn) == {"softmax"}


def test_nothing_that_is_remembered_keeps_a_reply_alive_for_which_there_is_no_room(key):
    asked, reply = next((asked, reply) for asked, reply in key.round() if asked.id == 6)
    outcome = key.known.read(wire.message({"id": 6, "changed": [], "shared": [], "answered": 0}), 6)
    found = key.difference(asked, outcome, reply)
    assert found is not None and found.kind == "type"
    assert isinstance(reply.outcome, Answered)
    array = weakref.ref(reply.outcome.value)
    del reply
    gc.collect()
    assert array() is None


def test_answers_are_remembered_by_the_memory_they_take_not_by_their_length(monkeypatch):
    monkeypatch.setattr(known_answers, "KEPT", 1 << 20)
    known = KnownAnswers()

    def answer(value, number):
        raw = wire.message({"id": number, "changed": [], "shared": [], "answered": value})
        return known.read(raw, number) is known.read(raw, number)

    assert not answer([np.zeros(0, bool)] * 10_000, 1)  # 200 KB that become 2 MB
    assert answer(1.0, 2)  # what didn't fit in takes no room
    assert [answer(np.full(15_000, float(number)), number) for number in range(3, 8)] == [True] * 4 + [False]


def test_inputs_for_repeats_are_made_once_for_each_seed(key):
    repeats = Repeats(key)
    questions = list(ask(key.exercise, key.seed))
    made = {repeat: [repeats.case(asked, repeat) for asked in questions] for repeat in (1, 2)}
    assert set((key.drawn - Counter({name: len(sizes) for name, sizes in SIZES.items()})).values()) == {8, 6, 4}
    for repeat, cases in made.items():
        assert [(one.id, one.raw) for one in cases] == [(one.id, one.raw) for one in ask(key.exercise, repeat)]
        assert all(one.raw != asked.raw for one, asked in zip(cases, questions, strict=True))


def test_cases_that_need_no_repeat_are_skipped(key):
    questions = list(ask(key.exercise, key.seed))
    assert [Repeats(key).case(questions[number], 1).id for number in (0, 3, 8)] == [1, 4, 9]
