"""Which misconception gives exactly a submission's answers, asked of the toy kit in this process."""

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from grader import kit
from grader.cases import Asked, Trusted, ask, build, variant
from grader.diagnose import Found, alike, diagnose
from grader.errors import KitError
from grader.judgement import difference
from grader.kit import Entry
from grader.outcome import Answered, Killed, Missing, Outcome, TimedOut
from grader.spec import Misconception
from tests import toy
from tests.toy import ADD, DOUBLE, ENTRY, EXPONENT, NEGATIVE, SHARE, SOLUTION, STUB, edited

SQUARE = "    return x * x\n"
OVER_ALL = "    return e / e.sum()\n"


class Attempt(NamedTuple):
    """A submission's outcomes and what they should have been, all from this process."""

    entry: Entry
    spec: ModuleType
    asked: list[Asked]
    outcomes: dict[int, Outcome]
    expected: dict[int, Outcome]

    def found(self, instead: Mapping[tuple[str, int], Outcome] | None = None) -> Found | None:
        """The diagnosis; `instead` replaces outcomes, by part and number of the case in it."""
        outcomes = dict(self.outcomes)
        for (part, number), outcome in (instead or {}).items():
            outcomes[[one.id for one in self.asked if one.part.name == part][number]] = outcome
        failed = {one.id for one in self.asked if difference(one, outcomes[one.id], self.expected[one.id])}
        source = self.entry.solution.read_text("utf-8")
        return diagnose(self.spec, source, str(self.entry.solution), self.asked, outcomes, failed)

    def diagnosis(self, instead: Mapping[tuple[str, int], Outcome] | None = None) -> str | None:
        """The name of a diagnosis that explains all failing cases of a part."""
        found = self.found(instead)
        return found.misconception.name if found and found.explains == found.failing else None


def attempt(source: str, entry: Entry = ENTRY) -> Attempt:
    spec = kit.load_spec(entry)
    asked = list(ask(spec.exercise, 0))
    student, solution = Trusted(build(source, "attempt.py", "attempt"), spec), Trusted(kit.load_solution(entry), spec)
    return Attempt(
        entry,
        spec,
        asked,
        {one.id: student.answer(one) for one in asked},
        {one.id: solution.answer(one) for one in asked},
    )


def named(*edits: tuple[str, str], source: str = SOLUTION) -> str | None:
    return attempt(edited(*edits, source=source)).diagnosis()


@pytest.mark.parametrize("misconception", kit.load_spec(ENTRY).exercise.misconceptions, ids=lambda m: m.name)
def test_every_misconception_is_called_by_its_name(misconception: Misconception) -> None:
    assert named(*misconception.edits) == misconception.name


@pytest.mark.parametrize(
    ("edits", "name"),
    [
        ([(DOUBLE, "    return x**2\n")], "squares"),
        ([(DOUBLE, "    return x * (x + 1) - x if np.size(x) else x.copy()\n")], "squares"),
        (
            [(SHARE, "    total = sum(e.ravel())\n    return np.stack([row / total for row in e])\n")],
            "sums_over_everything",
        ),
        ([(DOUBLE, SQUARE), (SHARE, OVER_ALL)], "squares"),
        ([(DOUBLE, "    return 3 * x\n"), (SHARE, OVER_ALL)], "sums_over_everything"),
        ([(NEGATIVE, "        if False:\n"), (SHARE, OVER_ALL)], "sums_over_everything"),
    ],
)
def test_what_counts_is_the_answers_not_the_code(edits: list[tuple[str, str]], name: str) -> None:
    assert named(*edits) == name


@pytest.mark.parametrize(
    "edits",
    [
        [],
        [(DOUBLE, "    return 3 * x\n")],
        [(DOUBLE, "    return x * x if np.ndim(x) else 2 * x\n")],
        [(DOUBLE, "    return x * x + 1e-6\n")],
        [(DOUBLE, "    return np.asarray(x * x, np.float64)\n")],
        [(DOUBLE, "    return x\n")],
        [(DOUBLE, "    return None\n")],
        [(DOUBLE, "    return 1 / 0\n")],
        [(SHARE, "    return e / e.sum(axis=0)\n")],
        [(EXPONENT, "    e = np.exp(x - x.max())\n"), (SHARE, "    return e\n")],
        [(ADD, "        self.counts[word] = times\n")],
    ],
)
def test_no_diagnosis_where_nothing_fits(edits: list[tuple[str, str]]) -> None:
    assert named(*edits) is None


TWICE_WRONG = {
    # edits: the name, how many cases it explains, how many fail
    "whole numbers": ([(DOUBLE, "    return None if isinstance(x, int) else x * x\n")], ("squares", "double", 5, 6)),
    "a part before": (
        [(DOUBLE, "    return x * x if np.size(x) else None\n"), (SHARE, OVER_ALL)],
        ("sums_over_everything", "softmax", 4, 4),
    ),
}


@pytest.mark.parametrize("name", TWICE_WRONG)
def test_with_two_mistakes_the_one_that_explains_most_is_named(name: str) -> None:
    edits, expected = TWICE_WRONG[name]
    found = attempt(edited(*edits)).found()
    assert found is not None
    assert (found.misconception.name, *found[1:]) == expected


@pytest.mark.parametrize(
    "edits",
    [
        [(DOUBLE, "    return x * x if np.ndim(x) else 2 * x\n")],  # passes what `squares` fails
        [(DOUBLE, "    return x * x if np.ndim(x) > 1 else 3 * x\n")],  # most of it is something else
    ],
)
def test_a_mistake_that_does_not_fit_is_not_named(edits: list[tuple[str, str]]) -> None:
    assert attempt(edited(*edits)).found() is None


def test_no_diagnosis_for_what_is_not_written_yet() -> None:
    assert attempt(STUB).diagnosis() is None


def test_a_half_written_file_is_diagnosed() -> None:
    half = edited((DOUBLE, SQUARE), (EXPONENT + SHARE, "    raise NotImplementedError\n"))
    assert attempt(half).diagnosis() == "squares"


def test_a_part_that_was_stopped_is_left_out() -> None:
    found = attempt(edited((DOUBLE, SQUARE), (SHARE, OVER_ALL)))
    assert found.diagnosis() == "squares"
    assert found.diagnosis({("double", 2): TimedOut("")}) == "sums_over_everything"
    assert found.diagnosis({("double", 2): Killed("")}) == "sums_over_everything"


def test_cases_that_were_not_asked_say_nothing() -> None:
    found = attempt(edited((DOUBLE, SQUARE)))
    assert found.diagnosis({("double", 5): Missing(""), ("double", 6): Missing("")}) == "squares"
    assert found.diagnosis({("double", i): Missing("") for i in range(7)}) is None


EXTRA = """        Misconception(
            "sums_over_everything","""
STRICT = """        Misconception(
            "refuses_whole_numbers",
            "double",
            "Your double refuses whole numbers.",
            "Is 3 a number?",
            edits=(("return 2 * x", "if isinstance(x, int):\\n        raise TypeError(x)\\n    return 2 * x"),),
        ),
        Misconception(
            "in_place",
            "double",
            "Your double changes its argument.",
            "Whose array is it?",
            code="def double(x):\\n    x += x\\n    return x + 0\\n",
        ),
"""


@pytest.fixture
def stricter(tmp_path: Path) -> Entry:
    """The toy kit with misconceptions that raise, and that change an input."""
    entry = toy.copy(tmp_path)
    toy.rewrite(entry.spec, (EXTRA, STRICT + EXTRA))
    return entry


def test_an_exception_is_an_answer_too(stricter: Entry) -> None:
    refuse = "    if isinstance(x, int):\n        raise {}('no')\n    return 2 * x\n"
    name = "refuses_whole_numbers"
    assert attempt(edited((DOUBLE, refuse.format("TypeError"))), stricter).diagnosis() == name
    assert attempt(edited((DOUBLE, refuse.format("ValueError"))), stricter).diagnosis() is None
    assert attempt(edited((DOUBLE, "    raise TypeError('no')\n")), stricter).diagnosis() is None


def test_changing_an_input_is_an_answer_too(stricter: Entry) -> None:
    assert attempt(edited((DOUBLE, "    x *= 2\n    return 1 * x\n")), stricter).diagnosis() == "in_place"
    assert attempt(edited((DOUBLE, "    x *= 3\n    return x / 1.5\n")), stricter).diagnosis() is None


@pytest.mark.parametrize(
    ("mine", "theirs", "same"),
    [
        (5.0, 5.0, True), (5.0, 7.25, True), (-1.0, -3.0, True), (5.0, -1.0, False), (5.0, 0.5, False),
        (0.5, 0.25, True), (5.0, "five", False), ("five", "six", False),
    ],
)  # fmt: skip
def test_where_a_property_counts_the_complaints_are_compared(mine: object, theirs: object, same: bool) -> None:
    def between(inputs: object, answer: float) -> str | None:
        return f"{answer} is over 1" if answer > 1 else f"{answer} is below 0" if answer < 0 else None

    asked = attempt(SOLUTION).asked[0]
    asked = asked._replace(case=asked.case._replace(check=between))
    assert alike(asked, Answered(mine), Answered(theirs)) is same


def test_a_misconception_must_fit_the_solution() -> None:
    for text, times in (("nothing like this", 0), ("self.counts", 5)):
        with pytest.raises(KitError, match=f"'{text}' occurs {times} times in the solution; an edit must fit"):
            variant(Misconception("m", "double", "Your", "", edits=((text, ""),)), SOLUTION, "solution.py")


def test_a_misconception_replaces_definitions_of_the_solution() -> None:
    module = variant(
        Misconception("m", "double", "Your", "", edits=(("2 * x", "3 * x"),), code="def softmax(x):\n    return x\n"),
        SOLUTION,
        "solution.py",
    )
    assert module.double(1) == 3 and module.softmax(5) == 5


def test_a_diagnosis_reaches_the_report() -> None:
    found = toy.report(edited((SHARE, OVER_ALL)))
    assert found.diagnosis is not None
    assert found.diagnosis.misconception == "sums_over_everything"
    assert found.diagnosis.summary.startswith("Your softmax divides")
    assert found.diagnosis.nudge == "What does each row of a matrix sum up to?"
    assert toy.report(edited((DOUBLE, "    return 3 * x\n"))).diagnosis is None
