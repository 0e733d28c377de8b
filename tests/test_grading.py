"""Submissions to the toy kit, judged in sandboxed workers as `dlgrade check` does: verdicts, scores, details."""

import gc
import json
import tracemalloc
import weakref
from collections import deque
from typing import Any

import numpy as np
import pytest

from grader import engine, grading, kit, wire
from grader.answer_key import AnswerKey
from grader.cases import Asked
from grader.compare import Difference, Rules
from grader.grading import Findings, Judged
from grader.models import Diagnosis, Report, document, read_report
from grader.outcome import Answered, Outcome, read, weight
from grader.run import PRINTED, Allowance
from grader.spec import Case, Misconception, Speed
from tests import toy
from tests.toy import ADD, DOUBLE, EXPONENT, NEGATIVE, PARTS, SHARE, SOLUTION, STUB, edited, judge, report

DOUBLE_AND_COUNTER = edited((EXPONENT + SHARE, "    raise NotImplementedError\n"))


def verdicts(found: Report, part: str) -> set[str]:
    return {case.verdict for case in found.cases if case.part == part}


def first(found: Report, part: str, verdict: str) -> Any:
    return next(case for case in found.cases if case.part == part and case.verdict == verdict)


# Verdicts and scores


def test_the_solution_passes() -> None:
    found = report(SOLUTION)
    assert (found.verdict, found.score, found.diagnosis) == ("passed", 1.0, None)
    assert [part.name for part in found.parts] == list(PARTS)
    assert all(part.passed == part.cases > 0 for part in found.parts)
    assert all((c.verdict, c.message, c.difference) == ("passed", "", None) for c in found.cases)
    assert (found.exercise, found.slug, found.submission, found.seed) == ("1", "toy", "attempt.py", 0)
    assert found.seconds > 0


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_solution_passes_with_other_seeds(seed: int) -> None:
    found = report(SOLUTION, seed)
    assert (found.verdict, found.seed) == ("passed", seed)


def test_what_this_process_does_about_floating_point_errors_changes_no_verdict() -> None:
    entry = kit.find(kit.builtin(), "5")
    with np.errstate(all="raise"):
        found = engine.judge(entry, entry.solution.read_bytes(), "attempt.py", 0, road=engine.judge_here)
    assert found["report"]["verdict"] == "passed"


def test_the_stub_is_not_written_yet() -> None:
    answer = judge(STUB)
    found = answer["report"]
    assert (found["verdict"], found["score"], found["diagnosis"]) == ("failed", 0.0, None)
    assert {(c["verdict"], c["message"]) for c in found["cases"]} == {("raised", "not written yet")}
    assert all(detail["unwritten"] for detail in answer["details"])


def test_a_half_written_file_earns_the_parts_that_are_right() -> None:
    found = report(edited(("    # TODO: one operator\n    raise NotImplementedError\n", DOUBLE), source=STUB))
    assert (found.verdict, found.score) == ("failed", 0.3333)
    assert verdicts(found, "double") == {"passed"}
    assert verdicts(found, "softmax") == verdicts(found, "Counter") == {"raised"}
    found = report(DOUBLE_AND_COUNTER)
    assert (found.verdict, found.score) == ("failed", 0.6667)


def test_every_case_of_a_part_must_pass() -> None:
    found = report(edited((NEGATIVE, "        if False:\n")))
    part = found.parts[PARTS.index("Counter")]
    assert part.passed == part.cases - 1
    assert (found.verdict, found.score) == ("failed", 0.6667)
    case = first(found, "Counter", "failed")
    assert case.name == "a negative number of times" and "where ValueError is due" in case.message
    assert case.difference.kind == "not_raised"


def test_a_missing_function_is_called_missing_and_the_rest_is_judged() -> None:
    found = report(edited(("def softmax(", "def sofmax(")))
    assert (found.verdict, found.score, found.diagnosis) == ("failed", 0.6667, None)
    assert verdicts(found, "softmax") == {"missing"}
    assert first(found, "softmax", "missing").message == "your file doesn't define `softmax`"
    assert verdicts(found, "double") == verdicts(found, "Counter") == {"passed"}


@pytest.mark.parametrize("source", ["", "x = 1\n", "def triple(x):\n    return 3 * x\n"])
def test_a_file_with_none_of_the_functions_is_an_error(source: str) -> None:
    found = report(source)
    assert (found.verdict, found.score, found.diagnosis) == ("error", 0.0, None)
    assert {case.verdict for case in found.cases} == {"missing"}
    assert found.cases[0].message == "your file doesn't define `double`"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def double(x):\n    return (2 * x\n", "raised SyntaxError: '(' was never closed"),
        ("import torch\n" + SOLUTION, "raised ModuleNotFoundError: `torch` can't be imported in this exercise"),
        ("import grader\n" + SOLUTION, "raised ModuleNotFoundError: `grader` can't be imported"),
        (SOLUTION + "1 / 0\n", "raised ZeroDivisionError: division by zero"),
        (SOLUTION + "assert False\n", "raised AssertionError"),
        (SOLUTION + "raise SystemExit(0)\n", "raised SystemExit: 0"),
        (SOLUTION + "raise KeyboardInterrupt\n", "raised KeyboardInterrupt"),
        (SOLUTION.encode() + b"\x00", "raised SyntaxError"),
        (b'x = "\xff"\n' + SOLUTION.encode(), "raised SyntaxError"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_an_error(source: str | bytes, message: str) -> None:
    found = report(source)
    assert (found.verdict, found.score, found.diagnosis) == ("error", 0.0, None)
    assert {case.verdict for case in found.cases} == {"raised"}
    assert found.cases[0].message.startswith(message)


def test_a_file_that_ends_its_process_is_an_error() -> None:
    found = report(SOLUTION + "import os\nos._exit(0)\n")
    assert (found.verdict, found.score) == ("error", 0.0)
    assert {case.verdict for case in found.cases} == {"killed"}


def test_an_object_that_agrees_with_everything_fails() -> None:
    lie = "class Lie:\n    __eq__ = __le__ = __ge__ = lambda self, other: True\n"
    found = report(lie + edited((DOUBLE, "    return Lie()\n")))
    assert verdicts(found, "double") == {"failed"} and found.score == 0.6667
    assert "an object of type ex01_toy.Lie" in found.cases[0].message


# What the cases look at


@pytest.mark.parametrize(
    ("body", "case", "kind", "words"),
    [
        ("    return 3 * x\n", "a vector", "value", "off by a factor of 1.5"),
        ("    return -2 * x\n", "a vector", "value", "the sign is flipped"),
        ("    return 2.0 * x\n", "integers", "dtype", "has dtype float64, expected int64"),
        ("    return np.multiply(2.0, x, dtype=float)\n", "float32 stays float32", "dtype", "float32 came in"),
        ("    return np.array([2 * x])\n", "a vector", "shape", "only the shape should be (5,)"),
        ("    return [2 * v for v in x]\n", "a vector", "type", "is a list of 5 items, expected a float64 array"),
        ("    return None\n", "a vector", "type", "the result is None"),
        ("    return str(2 * x)\n", "a vector", "type", "expected a float64 array of shape (5,)"),
        ("    x *= 2\n    return x.copy()\n", "a vector", "changed", "your code changed its argument `x`"),
        ("    x *= 2\n    return x\n", "a vector", "changed", "your code changed its argument `x`"),
        ("    return x\n", "a vector", "shared", "shares memory with the argument `x`"),
        ("    return x.T\n", "integers", "shared", "shares memory with the argument `x`"),
    ],
)
def test_differences(body: str, case: str, kind: str, words: str) -> None:
    found = report(edited((DOUBLE, body)))
    cases = {one.name: one for one in found.cases if one.part == "double"}
    assert cases[case].verdict == "failed"
    assert cases[case].difference is not None and cases[case].difference.kind == kind
    assert words in cases[case].message


def test_numbers_of_a_difference_reach_the_report() -> None:
    found = report(
        edited((DOUBLE, "    return np.where(np.arange(x.size) == 3, np.inf, 2 * x) if np.ndim(x) else 2 * x\n"))
    )
    difference = found.cases[0].difference
    assert difference is not None
    assert (difference.wrong, difference.of, difference.worst_index) == (1, 5, (3,))
    assert (difference.got, difference.max_abs, difference.max_rel) == ("inf", "inf", "inf")
    assert isinstance(difference.expected, float)


def test_slow_code_fails_where_speed_is_asked_for() -> None:
    slow = "    import time\n    end = time.process_time() + (0.15 if np.size(x) == 2000 else 0)\n"
    found = report(edited((DOUBLE, slow + "    while time.process_time() < end:\n        pass\n" + DOUBLE)))
    assert [case.name for case in found.cases if case.verdict != "passed"] == ["many numbers, in time"]
    case = first(found, "double", "failed")
    assert case.difference.kind == "slow" and "s of CPU time where 0.1 s are allowed" in case.message


def test_code_that_is_slow_once_is_forgiven() -> None:
    slow = "    import time\n    end = time.process_time() + (0.15 if np.size(x) == 2000 and not seen else 0)\n"
    once = "    while time.process_time() < end:\n        seen.append(1)\n"
    assert report("seen = []\n" + edited((DOUBLE, slow + once + DOUBLE))).verdict == "passed"


def test_an_endless_loop_costs_its_part_only() -> None:
    found = report(edited((EXPONENT, "    while True:\n        pass\n" + EXPONENT)))
    cases = [case for case in found.cases if case.part == "softmax"]
    assert cases[0].verdict == "timed_out" and "of CPU time: an endless loop" in cases[0].message
    assert {case.verdict for case in cases[1:]} == {"missing"}
    assert (found.verdict, found.score, found.diagnosis) == ("failed", 0.6667, None)


def test_ending_the_process_costs_its_part_only() -> None:
    found = report(edited((ADD, "        __import__('os')._exit(3)\n")))
    cases = [case for case in found.cases if case.part == "Counter"]
    assert [case.verdict for case in cases[:3]] == ["passed", "killed", "missing"]
    assert "exit status 3" in cases[1].message
    assert found.score == 0.6667


def test_too_much_memory_is_an_exception_or_the_end() -> None:
    found = report(edited((DOUBLE, "    np.ones(1 << 28)\n" + DOUBLE)))
    assert verdicts(found, "double") <= {"raised", "killed", "missing"}
    assert found.score == 0.6667


# Details


def test_traceback_lines_are_the_submissions_own() -> None:
    source = (
        "import numpy as np\n"
        "\n"
        "def double(x):\n"
        "    return helper(x)\n"
        "\n"
        "def helper(x):\n"
        "    return np.linalg.inv(sorted([x], key=lambda v: np.zeros(3)[7]))\n"
    )
    answer = judge(source)
    assert answer["report"]["cases"][0]["message"].startswith("raised IndexError: index 7 is out of bounds")
    assert answer["details"][0]["lines"] == [[4, "double"], [7, "helper"], [7, "<lambda>"]]


def test_a_syntax_error_points_at_its_line() -> None:
    answer = judge("x = 1\ndef double(x)\n    return 2 * x\n")
    assert answer["details"][0]["lines"] == [[2, "<module>"]]
    assert answer["report"]["cases"][0]["message"] == "raised SyntaxError: expected ':'"


def test_endless_recursion_is_cut_short() -> None:
    answer = judge(edited((DOUBLE, "    return double(x)\n")))
    assert answer["report"]["cases"][0]["message"].startswith("raised RecursionError: maximum recursion depth exceeded")
    assert len(answer["details"][0]["lines"]) <= 20
    assert answer["report"]["score"] == 0.6667


def test_details_are_for_cases_that_fail() -> None:
    answer = judge(edited((DOUBLE, "    return 3 * x\n")))
    for case, detail in zip(answer["report"]["cases"], answer["details"], strict=True):
        assert bool(detail["inputs"]) == (case["verdict"] != "passed")
        assert len(detail["inputs"]) < 200 and not detail["lines"] and not detail["unwritten"]
    assert answer["details"][0]["inputs"].startswith("x = float64 (5,)")


def test_what_is_printed_comes_along_within_bounds() -> None:
    answer = judge(edited((DOUBLE, "    print('doubling', np.shape(x))\n" + DOUBLE)))
    assert answer["report"]["verdict"] == "passed"
    assert answer["printed"].splitlines()[0] == "doubling (5,)"
    answer = judge("print('é' * 100_000)\n" + SOLUTION)
    assert answer["report"]["verdict"] == "passed"
    assert 0 < len(answer["printed"].encode()) <= PRINTED + 3


def test_a_flood_of_output_is_stopped() -> None:
    found = report(edited((DOUBLE, "    while True:\n        print('x' * 100_000)\n")))
    assert found.cases[0].verdict in ("killed", "timed_out")
    assert found.score == 0.6667


def test_hostile_text_is_harmless_json() -> None:
    text = r"'\x1b[31mred \ud800 \x00 ' + 'x' * 100_000"
    answer = judge(edited((DOUBLE, f"    raise ValueError({text})\n"), (SHARE, f"    return {{{text}: 1}}\n")))
    encoded = json.dumps(answer, ensure_ascii=False).encode()
    assert len(encoded) < 100_000 and b"\x1b" not in encoded
    read_report(json.dumps(answer["report"], ensure_ascii=False).encode())


# Seeds


def inputs_of(seed: int) -> list[str]:
    return [detail["inputs"] for detail in judge(edited((DOUBLE, "    return None\n")), seed)["details"]]


def test_a_seed_decides_the_inputs_and_nothing_else() -> None:
    one, other = report(STUB, 0), report(STUB, 1)
    assert [(c.part, c.name) for c in one.cases] == [(c.part, c.name) for c in other.cases]
    assert inputs_of(3) == inputs_of(3)
    assert inputs_of(3) != inputs_of(4)


def test_answers_learned_by_heart_fail_with_another_seed() -> None:
    inputs = {case.name: text for case, text in zip(report(STUB).cases, inputs_of(0), strict=True)}
    whole = int(inputs["a whole number"].removeprefix("x = "))
    learned = edited((DOUBLE, f"    return {2 * whole} if isinstance(x, int) else 2 * x\n"))
    assert report(learned, 0).verdict == "passed"
    found = report(learned, 1)
    assert [case.name for case in found.cases if case.verdict != "passed"] == ["a whole number"]


# Properties instead of values

PROPERTY = '''

def sums_to_one(inputs, answer):
    """None, or what is wrong."""
    return None if abs(answer.sum() - 1) < 1e-9 else f"the entries sum up to {answer.sum():.3g}, not to 1"


def property_cases(rng):
    yield Case("any distribution", {"x": rng.normal(size=4)}, check=sums_to_one)


'''


@pytest.fixture
def properties(tmp_path: Any) -> Any:
    """The toy kit, but softmax may return any distribution."""
    entry = toy.copy(tmp_path)
    toy.rewrite(
        entry.spec,
        ("\n\nexercise = ", PROPERTY + "exercise = "),
        ("            softmax_cases,", "            property_cases,"),
    )
    return entry


@pytest.mark.parametrize(
    ("body", "verdict", "words"),
    [
        (SHARE, "passed", ""),
        ("    return np.array([0.5, 0.5])\n", "passed", ""),
        ("    return e\n", "failed", "the entries sum up to"),
        ("    return None\n", "failed", "the result, None, doesn't have the form that is asked for"),
        ("    return np.zeros(0, complex)\n", "failed", "the entries sum up to 0"),
        ("    return 'one'\n", "failed", "doesn't have the form"),
        ("    x[0] = 0\n    return e / e.sum()\n", "failed", "your code changed its argument `x`"),
        ("    raise ValueError('no')\n", "raised", "raised ValueError: no"),
    ],
)
def test_a_property_is_judged_by_the_cases_own_check(properties: Any, body: str, verdict: str, words: str) -> None:
    found = report(edited((SHARE, body)), entry=properties)
    (case,) = [one for one in found.cases if one.part == "softmax"]
    assert case.verdict == verdict and words in case.message
    if verdict == "failed":
        assert case.difference is not None and case.difference.kind in ("property", "changed")


# What is made, and what is held at a time


class Pretending:
    """A session with a submission that gives the solution's answers, each after a second of CPU time."""

    def __init__(self, key: AnswerKey) -> None:
        self.key, self.seconds = key, 0.0
        self.waiting: deque[Asked] = deque()
        self.most = 0

    def put(self, asked: Asked, allowance: Allowance) -> None:
        self.waiting.append(asked)
        self.most = max(self.most, len(self.waiting))

    def take(self, asked: Asked, allowance: Allowance) -> Outcome:
        assert self.waiting.popleft() is asked
        self.seconds += 1
        return self.key.fresh_reply(asked).outcome

    def cpu(self) -> float:
        return self.seconds


def asking(count: int, speed: Speed | None = None) -> tuple[AnswerKey, list[int]]:
    """An answer key with so many cases of one part, and a list that grows by one with each that is made."""
    made: list[int] = []

    def cases(rng: np.random.Generator) -> Any:
        for number in range(count):
            made.append(number)
            yield Case(f"case {number}", {"x": rng.normal(size=100)}, speed=speed)

    key = AnswerKey(toy.ENTRY, 0)
    key.exercise = key.exercise._replace(parts=(key.exercise.parts[0]._replace(cases=cases),))
    return key, made


@pytest.mark.parametrize("count", [5, 50])
def test_however_many_cases_are_slow_the_cases_of_a_repeat_are_made_once(count: int) -> None:
    key, made = asking(count, Speed(factor=0.0, floor=0.5))
    session = Pretending(key)
    findings = grading._judge(key, session)  # type: ignore[arg-type]
    assert [case.difference and case.difference.kind for case in findings.cases] == ["slow"] * count
    assert session.seconds == grading.REPEATS * count
    assert len(made) == grading.REPEATS * count


@pytest.mark.parametrize(("held", "most"), [(0, 1), (5_000, 3), (1 << 30, grading.WINDOW + 1)])
def test_the_solution_is_ahead_by_so_many_bytes_and_no_more(
    monkeypatch: pytest.MonkeyPatch, held: int, most: int
) -> None:
    monkeypatch.setattr(grading, "HELD", held)
    key, _ = asking(300)
    session = Pretending(key)
    findings = grading._judge(key, session)  # type: ignore[arg-type]
    assert [case.verdict for case in findings.cases] == ["passed"] * 300
    assert session.most == most


def found_for(parts: list[tuple[str, bool]], explained: tuple[str, ...]) -> tuple[Findings, list[int], list[int]]:
    """The findings for right and wrong cases of parts, the cases whose inputs are still there, and those to explain."""
    exercise = AnswerKey(toy.ENTRY, 0).exercise._replace(misconceptions=(Misconception("m", explained, "", ""),))
    findings = Findings(exercise)
    inputs: list[weakref.ref[np.ndarray]] = []
    for number, (name, right) in enumerate(parts):
        array = np.full(3, float(number))
        inputs.append(weakref.ref(array))
        part = exercise.parts[PARTS.index(name)]
        asked = Asked(number, part, Case(str(number), {"x": array}), b"", Rules())
        findings.add(Judged(asked, Answered(array), None if right else Difference("value", "wrong")))
    del array, asked
    gc.collect()
    return findings, [n for n, one in enumerate(inputs) if one() is not None], [one.asked.id for one in findings.wrong]


D, S, C = PARTS


@pytest.mark.parametrize(
    ("parts", "explained", "stays"),
    [
        ([(D, True), (D, True), (S, True), (C, True)], PARTS, [3]),
        ([(D, True), (D, False), (D, True), (S, True), (C, True)], PARTS, [0, 1, 2, 4]),
        ([(D, True), (S, True), (S, True), (S, False), (C, True)], PARTS, [1, 2, 3, 4]),
        ([(D, False), (S, True), (C, False)], PARTS, [0, 2]),
        ([(D, False), (S, False), (C, False)], (S,), [1]),
        ([(D, False), (S, True), (C, False)], (S,), []),
    ],
)
def test_inputs_and_answers_stay_where_a_diagnosis_needs_them(
    parts: list[tuple[str, bool]], explained: tuple[str, ...], stays: list[int]
) -> None:
    findings, alive, to_explain = found_for(parts, explained)
    assert alive == stays
    wrong = {name for name, right in parts if not right and name in explained}
    assert to_explain == [number for number, (name, _) in enumerate(parts) if name in wrong]
    assert [case.verdict == "passed" for case in findings.cases] == [right for _, right in parts]
    assert [bool(detail.inputs) for detail in findings.details] == [not right for _, right in parts]


def test_a_submission_that_answers_too_much_gets_no_diagnosis_and_takes_no_memory(monkeypatch) -> None:
    monkeypatch.setattr(grading, "EXPLAINED", 1800)
    some = [(D, False), (D, False), (S, False), (S, True), (S, True), (S, True), (S, False), (C, True), (C, False)]
    _, inputs, kept = found_for(some, PARTS)
    assert kept == [0, 1, 7, 8] and inputs == kept


@pytest.mark.parametrize(
    "item",
    [
        np.zeros(0, bool),
        np.zeros(1, np.int8),
        1.5,
        7,
        "x",
        b"",
        [],
        {},
        {1: 2},
        (3,),
        np.float16(2),
        np.zeros((1,) * 32),
    ],
)
def test_memory_is_told_of_the_smallest_answers_too(item: Any) -> None:
    raw = wire.message({"id": 1, "answered": [item] * 5000, "changed": [], "shared": []})
    tracemalloc.start()
    try:
        outcome = read(raw, 1)
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 0.7 * taken < weight(outcome) < 1.5 * taken + 5000 * 100


# The report as a document

KEYS = {
    "schema", "exercise", "slug", "submission", "verdict", "score", "seed", "seconds", "parts", "cases", "diagnosis",
    "sandbox", "training",
}  # fmt: skip
DIFFERENCE = {"kind", "wrong", "of", "worst_index", "got", "expected", "max_abs", "max_rel"}


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        (SOLUTION, "passed"),
        (STUB, "failed"),
        (edited((DOUBLE, "    return x * x\n")), "failed"),
        (edited((DOUBLE, "    return x / 0.0\n")), "failed"),
        ("(", "error"),
        ("", "error"),
    ],
)
def test_the_document_has_exactly_the_documented_keys(source: str, verdict: str) -> None:
    written = judge(source)["report"]
    assert next(iter(written)) == "schema" and written["schema"] == "dlgrade/report/1"
    assert set(written) == KEYS and written["verdict"] == verdict
    assert all(set(part) == {"name", "passed", "cases"} for part in written["parts"])
    assert set(written["sandbox"]) == {"layers", "network"}
    for case in written["cases"]:
        assert set(case) == {"part", "name", "verdict", "message", "difference"}
        assert (case["difference"] is not None) == (case["verdict"] == "failed")
        assert case["difference"] is None or set(case["difference"]) == DIFFERENCE
    if written["diagnosis"]:
        assert set(written["diagnosis"]) == {*Diagnosis._fields}
    again = json.loads(json.dumps(document(read_report(json.dumps(written)))))
    assert again == written


def test_a_report_that_says_not_judged_is_one_too() -> None:
    written = judge(SOLUTION)["report"] | {"verdict": "not_judged"}
    assert read_report(json.dumps(written)).verdict == "not_judged"


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "dlgrade/report/2"},
        {"verdict": "fine"},
        {"score": "1.0"},
        {"seed": 0.5},
        {"parts": None},
        {"extra": 1},
        {"sandbox": {"layers": [], "network": False, "extra": 1}},
        {"cases": [{"part": "double", "name": "x", "verdict": "error", "message": ""}]},
    ],
)
def test_reading_a_report_is_strict(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        read_report(json.dumps(judge(SOLUTION)["report"] | change))
