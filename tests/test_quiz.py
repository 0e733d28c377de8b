"""Quizzes without a terminal: decks, serving, reading what is typed, marking, memory, exams."""

import json
import sqlite3
import threading
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.questions.model import Cloze, Item, Multiple, Numeric, Ordering, Output, Pairing, Single
from grader.quiz import exam
from grader.quiz.deck import Card, card_of, cards, select
from grader.quiz.marking import Response, mark, number
from grader.quiz.memory import DAY, Memory, Missed, Tally
from grader.quiz.serving import Served, right_sides, serve
from grader.quiz.session import Answer, Session, draw
from grader.quiz.typed import Unreadable, read
from grader.store import Store

KIT = Path(__file__).parent / "quiz_kit"
BUILT_IN = Path(__file__).parents[1]
KINDS = select(KIT, "en", ["2"])[0]
ITEM = {item.id: item for item in KINDS.items}
CARD = {item.id: Card(KINDS, item) for item in KINDS.items}
NOW = 1_800_000_000.0


# Decks


def keys(found: list[Card]) -> list[str]:
    return [card.key for card in found]


def test_a_deck_holds_the_items_of_each_question_and_the_question_itself() -> None:
    mine = ["2/one", "2/some", "2/sorted", "2/pairs", "2/percent", "2/words", "2/prints", "2"]
    assert keys(cards(select(KIT, "en", []))) == [*mine, "3/sure", "3"]


@pytest.mark.parametrize("word", ["3", "03", "ex03", "q3", "more", "MORE"])
def test_questions_are_chosen_by_number_or_topic(word: str) -> None:
    assert [question.number for question in select(KIT, "en", [word])] == ["3"]


@pytest.mark.parametrize("word", ["더", "more"])
def test_topics_have_a_name_in_each_language(word: str) -> None:
    assert [question.number for question in select(KIT, "ko", [word])] == ["3"]


def test_pages_that_a_language_lacks_are_english() -> None:
    assert [question.language for question in select(KIT, "ko", [])] == ["en", "ko"]


def test_an_unknown_word_is_answered_with_topics() -> None:
    with pytest.raises(UsageError, match=r"no question and no topic 'mor'; did you mean more\?$"):
        select(KIT, "en", ["mor"])
    with pytest.raises(UsageError, match="no question and no topic '17'; topics are kinds, more"):
        select(KIT, "en", ["17"])


def test_a_kit_without_pages_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no question pages"):
        select(tmp_path, "en", [])


def test_cards_are_found_by_their_keys() -> None:
    assert list(card_of(KIT, "en", ["3/sure", "2", "2/gone", "9/gone"])) == ["2", "3/sure"]


# Serving


def test_choices_are_shuffled_by_the_seed_and_the_card_alone() -> None:
    for name, count in (("one", 6), ("some", 6), ("sorted", 6), ("pairs", 2)):
        orders = {serve(CARD[name], seed).order for seed in range(100)}
        assert len(orders) == count
        assert serve(CARD[name], 7) == serve(CARD[name], 7)
        assert all(sorted(order) == list(range(len(order))) for order in orders)


def test_letters_name_choices_as_they_are_shown() -> None:
    served = Served(CARD["one"], (2, 0, 1))
    assert served.choices == [("a", "two"), ("b", "one"), ("c", "three")]
    assert served.letters([1]) == "c" and served.letters([0, 2]) == "b a"


# Typing


TYPED = [
    ("one", "c", 1),
    ("one", " C) ", 1),
    ("some", "ca", [1, 2]),
    ("some", "a, c, a", [1, 2]),
    ("sorted", "b c a", [0, 1, 2]),
    ("pairs", "aba", [1, 0, 1]),
    ("percent", "50.2", "50.2"),
    ("words", "Two ; SUM", ["Two", "SUM"]),
    ("prints", "0\n1", "0\n1"),
]
ORDERS = {"one": (2, 0, 1), "some": (2, 0, 1), "sorted": (2, 0, 1), "pairs": (1, 0)}


@pytest.mark.parametrize(("name", "text", "response"), TYPED)
def test_what_is_typed_is_read(name: str, text: str, response: Response) -> None:
    assert read(Served(CARD[name], ORDERS.get(name, ())), text) == response


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("one", "d", ("letters", "a", "c")),
        ("one", "three", ("letters", "a", "c")),
        ("one", "ab", ("count", 1)),
        ("sorted", "ab", ("count", 3)),
        ("sorted", "aab", ("twice",)),
        ("pairs", "ab", ("count", 3)),
        ("percent", "half", ("number",)),
        ("words", "two", ("blanks", 2)),
    ],
)
def test_what_cannot_be_an_answer_is_told(name: str, text: str, why: tuple[object, ...]) -> None:
    with pytest.raises(Unreadable) as error:
        read(Served(CARD[name], ORDERS.get(name, ())), text)
    assert error.value.args == why


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5), (".5", 0.5), ("1/4", 0.25), (" 1 / 4 ", 0.25), ("1e-3", 0.001), ("−2", -2.0), ("+3", 3.0),
        ("1,024", 1024.0), ("12,345,678.5", 12345678.5), ("50 %", 50.0), ("50%", 50.0), ("５０", 50.0),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, value: float) -> None:
    assert number(text, "%") == value


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "1/0", "1/", "0,5", "1.2.3", "50 GB", "1/2/3", "9" * 400])
def test_what_is_no_number_is_none(text: str) -> None:
    assert number(text, "%") is None


# Marking

RIGHT: dict[str, Response] = {
    "one": 1,
    "some": [0, 2],
    "sorted": [0, 1, 2],
    "pairs": [0, 1, 0],
    "percent": "50.5",
    "words": ["`TWO`", " sum"],
    "prints": "0  \n1\n",
}
WRONG: dict[str, list[Response]] = {
    "one": [0, 2, -1, 5, "1", [0, 1], [1, 5]],
    "some": [[0], [0, 1, 2], [], 0, [0, 2, 7], ["0", "2"]],
    "sorted": [[1, 0, 2], [0, 1], 0, "012"],
    "pairs": [[1, 1, 0], [0, 1], 0],
    "percent": ["50.51", "49.4", 50, ["50"], "fifty"],
    "words": [["sum", "2"], ["2"], "2;sum", 2, [2, 3]],
    "prints": ["0", "1\n0", 0, "0 1"],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_and_wrong_responses(name: str) -> None:
    assert mark(ITEM[name], RIGHT[name]).right
    assert not [response for response in (*WRONG[name], "", "?") if mark(ITEM[name], response).right]


def test_the_options_that_were_missed_name_misconceptions() -> None:
    found = mark(ITEM["one"], 0)
    assert [option.text for option in found.missed] == ["one", "three"]
    assert found.misconceptions == ("too_small",)
    found = mark(ITEM["some"], [0, 1])
    assert [option.text for option in found.missed] == ["three", "four"] and found.misconceptions == ("odd_is_even",)


def right_response(item: Item) -> Response:
    match item:
        case Single():
            return next(at for at, option in enumerate(item.options) if option.right)
        case Multiple():
            return [at for at, option in enumerate(item.options) if option.right]
        case Ordering():
            return list(range(len(item.entries)))
        case Pairing():
            return [right_sides(item).index(pair.right) for pair in item.pairs]
        case Numeric():
            return f"{item.value!r} {item.unit}"
        case Cloze():
            return [accepted[-1] for accepted in item.blanks]
        case Output():
            return item.output


@pytest.mark.parametrize("question", select(BUILT_IN, "en", []), ids=lambda question: question.number)
def test_the_key_of_every_item_of_the_kit_passes_as_it_would_be_typed(question) -> None:
    for item in question.items:
        response = right_response(item)
        assert mark(item, response).right, item.id
        served = serve(Card(question, item), 3)
        if isinstance(response, (int, list)) and not isinstance(item, Cloze):
            typed = served.letters([response] if isinstance(response, int) else response)
        else:
            typed = "; ".join(response) if isinstance(response, list) else response
        assert mark(item, read(served, typed)).right, item.id


# Sessions


def answer(key: str, response: Response, right: bool | None, *names: str) -> Answer:
    card = card_of(KIT, "en", [key])[key]
    return Answer(card, response, right, names, 1.0)


def test_a_session_goes_through_its_cards() -> None:
    session = Session(cards([KINDS])[-3:], 1)
    assert session.current == serve(CARD["words"], 1)
    assert session.answer(["2", "sum"], 2.0).right
    session.skip()
    assert session.current == Served(Card(KINDS, None), ())
    session.grade("hard", 3.0)
    assert session.current is None
    assert [(one.card.key, one.grade, one.right) for one in session.answers] == [
        ("2/words", "good", True),
        ("2", "hard", None),
    ]
    assert (session.right, session.marked) == (1, 1)


def test_one_question_is_drawn_whole_and_several_by_the_seed() -> None:
    both = select(KIT, "en", [])
    assert keys(draw([KINDS], 5, None)) == keys(cards([KINDS]))
    assert len(draw([KINDS], 5, 3)) == 3
    assert keys(draw(both, 5, None)) == keys(draw(both, 5, None)) != keys(draw(both, 6, None))
    assert len(draw(both, 5, None)) == 10 and len(draw(both, 5, 100)) == 10
    assert all(card.item for card in draw(both, 5, None, own=False))


# Memory


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(Store(KIT, tmp_path))


RIGHTLY, WRONGLY = answer("2/one", 1, True), answer("2/one", 0, False, "too_small")


def test_nothing_is_due_before_anything_was_answered(memory: Memory) -> None:
    assert (memory.due(NOW), memory.next_due(), memory.forecast(NOW, 3)) == ([], None, [0, 0, 0])
    assert (memory.tallies(), memory.missed()) == ({}, [])


def test_intervals_grow_while_answers_are_right_and_shrink_when_one_is_not(memory: Memory) -> None:
    now, waits = NOW, []
    for _ in range(4):
        due = memory.record(RIGHTLY, now)
        waits.append((due - now) / DAY)
        assert memory.due(due - 1) == [] and memory.due(due) == ["2/one"]
        now = due
    assert waits == sorted(waits) and waits[0] >= 1 and waits[-1] > 20
    assert (memory.record(WRONGLY, now) - now) / DAY < waits[-1] / 4


def test_an_easy_card_waits_longer_than_a_hard_one(memory: Memory) -> None:
    hard, easy = (memory.record(answer(key, grade, None), NOW) for key, grade in (("2", "hard"), ("3", "easy")))
    assert hard < easy


def test_the_forecast_counts_by_day(memory: Memory) -> None:
    memory.record(RIGHTLY, NOW - 30 * DAY)
    wait = round((memory.record(answer("3/sure", 0, True), NOW) - NOW) / DAY)
    assert memory.forecast(NOW, wait + 1) == [1, *[0] * (wait - 1), 1]
    assert memory.next_due() == min(memory.next_due() or 0, NOW)


def test_a_clock_that_was_set_back_does_not_hold_a_card_up(memory: Memory) -> None:
    ahead = NOW + 400 * DAY
    memory.record(RIGHTLY, ahead)
    assert memory.due(NOW) == ["2/one"]
    due = memory.record(RIGHTLY, NOW)
    assert NOW < due < NOW + 30 * DAY
    assert memory.due(NOW) == []


def test_two_terminals_at_once_lose_nothing(tmp_path: Path) -> None:
    def work() -> None:
        mine = Memory(Store(KIT, tmp_path))
        for _ in range(10):
            mine.record(RIGHTLY, NOW)

    Store(KIT, tmp_path).open()
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sqlite3.connect(tmp_path / "progress.sqlite") as db:
        assert db.execute("select count(*) from answer").fetchone() == (40,)
        assert db.execute("select count(*) from memory").fetchone() == (1,)


def test_an_answer_that_could_not_be_scheduled_leaves_nothing_behind(
    memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.quiz.memory._schedule", fails)
    with pytest.raises(KeyboardInterrupt):
        memory.record(RIGHTLY, NOW)
    with sqlite3.connect(tmp_path / "progress.sqlite") as db:
        assert db.execute("select count(*) from answer").fetchone() == (0,)


def test_the_last_answer_to_a_card_counts(memory: Memory) -> None:
    memory.record(WRONGLY, NOW)
    memory.record(answer("2/some", [], False, "too_small", "odd_is_even"), NOW)
    assert memory.tallies() == {"2": Tally(0, 2)}
    assert memory.missed() == [Missed("too_small", "2", 2), Missed("odd_is_even", "2", 1)]
    memory.record(RIGHTLY, NOW + 1)
    memory.record(answer("2", "again", None), NOW + 2)
    assert memory.tallies() == {"2": Tally(1, 2)}
    assert memory.missed() == [Missed("too_small", "2", 1), Missed("odd_is_even", "2", 1)]


def test_each_kit_has_a_memory_of_its_own(memory: Memory, tmp_path: Path) -> None:
    memory.record(RIGHTLY, NOW)
    assert Memory(Store(tmp_path, tmp_path)).due(NOW + 99 * DAY) == []


# Exams

DRAW = exam.Draw(wanted=[], count=None, seed=4, language="en")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """An exam with three answers: right, left out, wrong."""
    drawn, path = DRAW.cards(KIT), tmp_path / "answers.json"
    answers = exam.begin(path, DRAW, drawn)
    assert drawn[0].item and drawn[2].item
    responses = (right_response(drawn[0].item), None, "?")
    for card, response in zip(drawn, responses, strict=False):
        answers = exam.add(answers, exam.Given(card=card.key, response=response, at=NOW, seconds=1.5))
        exam.save(path, answers)
    return path


def test_an_exam_is_marked_from_its_file(written: Path) -> None:
    session = exam.marked(KIT, written, exam.load(written))
    assert [one.right for one in session.answers] == [True, *[False] * 7]
    assert (session.right, session.marked, session.answers[0].seconds) == (1, 8, 1.5)


def test_the_file_holds_no_key_and_no_mark(written: Path) -> None:
    text = written.read_text("utf-8")
    assert set(json.loads(text)) == {"schema", "draw", "items_sha256", "answers"}
    assert "three" not in text and "right" not in text


def test_an_interrupted_exam_goes_on(written: Path) -> None:
    assert len(exam.begin(written, DRAW, DRAW.cards(KIT)).answers) == 3


def test_another_exam_is_not_overwritten(written: Path) -> None:
    other = DRAW.model_copy(update={"seed": 5})
    with pytest.raises(UsageError, match="another exam"):
        exam.begin(written, other, other.cards(KIT))


def test_a_finished_exam_is_finished(written: Path) -> None:
    drawn, answers = DRAW.cards(KIT), exam.load(written)
    for card in drawn[3:]:
        answers = exam.add(answers, exam.Given(card=card.key, response=None, at=NOW, seconds=0.0))
    exam.save(written, answers)
    with pytest.raises(UsageError, match="is complete: all 8 items"):
        exam.begin(written, DRAW, drawn)


def forged(path: Path, **changes: object) -> Path:
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")
    return path


FIRST = DRAW.cards(KIT)[0].key


@pytest.mark.parametrize(
    "changes",
    [
        {"items_sha256": "0" * 64},
        {"draw": DRAW.model_dump() | {"seed": 5}},
        {"draw": DRAW.model_dump() | {"count": 2}},
        {"answers": [{"card": "9/none", "response": None, "at": NOW, "seconds": 1.0}]},
        {"answers": [{"card": FIRST, "response": None, "at": NOW, "seconds": 1.0}] * 2},
    ],
)
def test_answers_to_other_items_are_not_marked(written: Path, changes: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="answers other items than this kit has now"):
        exam.marked(KIT, written, exam.load(forged(written, **changes)))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"[]", b"\xff\xfe", b"{" * 100_000, b" " * (1 << 20) + b"1",
        json.dumps({"schema": exam.SCHEMA, "draw": DRAW.model_dump(), "items_sha256": "", "answers": 3}).encode(),
    ],
)  # fmt: skip
def test_what_is_no_file_of_answers_gets_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "answers.json"
    path.write_bytes(content)
    with pytest.raises(UsageError) as error:
        exam.load(path)
    assert "\n" not in str(error.value) and len(str(error.value)) < 400


def test_a_response_of_a_wrong_form_is_wrong(written: Path) -> None:
    one = {"card": FIRST, "response": ["x"] * 99, "at": NOW, "seconds": 1.0}
    assert exam.marked(KIT, written, exam.load(forged(written, answers=[one]))).right == 0


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be written"):
        exam.begin(tmp_path / "none" / "answers.json", DRAW, DRAW.cards(KIT))
