"""For authors of a kit: the proof finds every kind of fault, the matrix counts, untested lines have survivors."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import kit
from grader.dev.matrix import SEPARATION, matrix, table
from grader.dev.mutate import mutants, survey
from grader.dev.proof import prove, prove_files
from grader.errors import KitError
from grader.kit import Entry
from grader.spec import Equivalent
from tests import toy
from tests.toy import ADD, DOUBLE, ENTRY, SHARE


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    """A copy of the toy kit to break."""
    return toy.copy(tmp_path)


def spec_edit(*edits: tuple[str, str]) -> Callable[[Entry], None]:
    return lambda entry: toy.rewrite(entry.spec, *edits)


def solution_edit(*edits: tuple[str, str]) -> Callable[[Entry], None]:
    return lambda entry: toy.rewrite(entry.solution, *edits)


def stub_edit(*edits: tuple[str, str]) -> Callable[[Entry], None]:
    return lambda entry: toy.rewrite(entry.stub, *edits)


def page_edit(*edits: tuple[str, str]) -> Callable[[Entry], None]:
    return lambda entry: toy.rewrite(entry.page(), *edits)


def both_edit(old: str, new: str) -> Callable[[Entry], None]:
    def edit(entry: Entry) -> None:
        for path in (entry.stub, entry.solution):
            toy.rewrite(path, (old, new))

    return edit


def test_the_toy_is_proved(entry: Entry) -> None:
    assert list(prove_files(entry.kit)) == []
    assert list(prove(entry, 3)) == []


# Files


def test_missing_partners_are_named(entry: Entry) -> None:
    for path in (entry.solution, entry.spec, entry.page()):
        path.unlink()
    assert list(prove(entry, 1)) == [
        "solutions/ex01_toy.py is missing: write it",
        "solutions/specs/ex01_toy.py is missing: write it",
        "questions/en/01_toy.md is missing: write it",
    ]


def test_a_driver_may_define_a_class(entry: Entry) -> None:
    spec_edit((COUNT, "def with_class(student):\n    class Mine:\n        pass\n    return Mine\n\n\n" + COUNT))(entry)
    assert list(prove(entry, 1)) == []


@pytest.mark.parametrize(
    "name",
    [
        "exercises/ex1_toy.py",
        "exercises/notes.txt",
        "solutions/ex02_more.py",
        "solutions/specs/ex02_more.py",
        "questions/en/01_toys.md",
        "questions/fr/01_toy.md",
        "questions/01_toy.md",
    ],
)
def test_unexpected_files_are_named(entry: Entry, name: str) -> None:
    (entry.kit / name).parent.mkdir(exist_ok=True)
    (entry.kit / name).touch()
    expected = f"unexpected file {name}: rename it to the stem of an exercise or remove it"
    assert list(prove_files(entry.kit)) == [expected]


@pytest.mark.parametrize(
    "name",
    [
        "exercises/__init__.py",
        "solutions/py.typed",
        "solutions/__pycache__/x.pyc",
        "questions/ko/01_toy.md",
        "README.md",
    ],
)
def test_expected_files_are_not(entry: Entry, name: str) -> None:
    (entry.kit / name).parent.mkdir(exist_ok=True)
    (entry.kit / name).touch()
    assert list(prove_files(entry.kit)) == []


def test_a_number_is_used_once(entry: Entry) -> None:
    for path in (entry.stub, entry.solution, entry.spec):
        path.with_name("ex01_again.py").touch()
    entry.page().with_name("01_again.md").touch()
    assert list(prove_files(entry.kit)) == ["2 exercises have the number 1: numbers are identities"]


# One exercise

TWICE = '''def double(x: np.ndarray | float) -> np.ndarray | float:
    """Twice x.

    x: array of any shape, or a number. Returns an array of the shape and dtype of x, or a number.
    """
'''
TODO = "    # TODO: one operator\n    raise NotImplementedError\n"
TRIPLE = 'def triple(x):\n    """Three x."""\n    raise NotImplementedError\n\n\n'
HINTS = '("What is twice a number?", "numpy multiplies whole arrays.", "2 times x.")'
QUESTION = "### What does a Counter count?\n\nIt counts [[words|strings]].\n\n> Each word has an entry in a dict.\n"
VECTOR = '    yield Case("a vector", {"x": rng.normal(size=5)})\n'
NEW_NAME = '    yield Case(f"case {rng.integers(1 << 30)}", {"x": 1})\n'
TEXT = '    yield Case("text", {"x": 3.0, "y": {"z": [np.array(["a"])]}}, driver=ignore)\n'
IGNORE = "def ignore(student, x, y):\n    return student.double(x)\n\n\n"
COUNT = "def count(student"
COUNTED = "    return seen, dict(counter.counts), counter.top()\n"
SUM = "e / e.sum(axis=-1, keepdims=True)"
SECOND = '        Misconception(\n            "sums_over_everything",'
MISCONCEPTION = "        Misconception({!r}, {!r}, {!r}, 'Is it?', edits=(({!r}, {!r}),)),\n"
UNSEEN = "; 100 are due: add a case that shows it"
UNNAMED = ": add a case, or name all parts where it shows"
SORTS = "    if isinstance(x, np.ndarray):\n        x.sort()\n"


def misconception(name: str, part: str | tuple[str, ...], old: str, new: str) -> Callable[[Entry], None]:
    text = MISCONCEPTION.format(name, part, "Your answer is wrong.", old, new)
    return spec_edit((SECOND, text + SECOND))


# What is broken: how, and all that the proof then says; {spec}, {page} and {stub} stand for paths.
FAULTS = {
    "signature": (
        solution_edit(("word: str, times: int = 1)", "word: str, times: int = 2)")),
        ["the signature of `Counter.add` differs between stub and solution"],
    ),
    "docstring": (
        solution_edit(('"""Twice x.', '"""Two times x.')),
        ["the docstring of `double` differs between stub and solution"],
    ),
    "module docstring": (
        solution_edit(("A small exercise", "A tiny exercise")),
        ["the docstring of `the module` differs between stub and solution"],
    ),
    "public name in the solution only": (
        solution_edit(("class Counter:", TRIPLE + "class Counter:")),
        [f"the {what} of `triple` differs between stub and solution" for what in ("signature", "docstring")],
    ),
    "no docstring": (
        both_edit(TWICE, TWICE.splitlines(True)[0]),
        ["`double` has no docstring in the stub"],
    ),
    "title": (
        both_edit('"""1 · Toy', '"""2 · Toy'),
        ["the stub's docstring begins with '2 · Toy: double, softmax and a counter', expected `1 · title`"],
    ),
    "page number": (
        page_edit(("number: 1\n", "number: 2\n"), ("# 1. Double", "# 2. Double")),
        ["{page}:2: number 2 does not fit the file name '01_toy.md': name pages like 17_adam.md or 12_3_adam.md"],
    ),
    "few items": (
        page_edit((QUESTION, ""), ("rows, shift, count", "rows, shift")),
        ["{page}:1: 3 quiz items; at least 4 are due: write more"],
    ),
    "section of the page missing": (
        page_edit(("## Sources\n- [numpy.exp](https://numpy.org/doc/stable/reference/generated/numpy.exp.html)\n", "")),
        ["{page}:1: the page has no section 'Sources': write it"],
    ),
    "option with an unknown misconception": (
        page_edit(("`squares` · That", "`cubes` · That")),
        ["{page}:31: an option names `cubes`, which is no misconception of the spec"],
    ),
    "part forgotten": (
        both_edit("class Counter:", TRIPLE + "class Counter:"),
        ["`triple` of the stub belongs to no part"],
    ),
    "hints": (
        spec_edit((HINTS, '("What is twice a number?", "2 times x.")')),
        ["part `double` has 2 hints; idea, approach and almost there are due"],
    ),
    "summary": (
        spec_edit(('"Your double squares', '"The double squares')),
        ["the summary of `squares` must begin with `Your`"],
    ),
    "names of cases": (
        spec_edit((VECTOR, NEW_NAME)),
        ["the names of the cases differ between the seeds 0 and 1"],
    ),
    "same name twice": (
        spec_edit((VECTOR, VECTOR + VECTOR)),
        [f"seed {seed}: 2 cases are called 'a vector'" for seed in (0, 1)],
    ),
    "input that isn't plain": (
        spec_edit((VECTOR, VECTOR + TEXT), (COUNT, IGNORE + COUNT)),
        [
            f"seed {seed}, `double`, 'text': an input is of type array of dtype str32; "
            "only plain data reaches a submission"
            for seed in (0, 1)
        ],
    ),
    "answer that isn't plain": (
        spec_edit((COUNTED, "    return seen, counter.counts.items(), counter.top()\n")),
        [
            f"seed {seed}, `Counter`, {name!r}: the solution's answer holds a value of type dict_items; "
            "only plain data can be compared"
            for seed in (0, 1)
            for name in ("nothing", "one word", "words that come back", "several times", "zero times")
        ],
    ),
    "random solution": (
        solution_edit((SUM, SUM + " + np.random.rand()")),
        [
            f"seed {seed}, `softmax`, {name!r}: the solution's second run gives another answer"
            for seed in (0, 1)
            for name in ("one row", "a matrix", "large entries", "a transposed matrix", "read-only")
        ]
        + [
            f"seed 0: misconception `sums_over_everything` has no diagnosis{UNNAMED}",
        ],
    ),
    "stub that answers": (
        stub_edit((TODO, "    if isinstance(x, float):\n        return None\n" + TODO)),
        ["the stub answers 'a float' with Answered(value=None, changed=(), shared=()); NotImplementedError is due"],
    ),
    "edit that doesn't fit": (
        spec_edit(('("return 2 * x"', '("return 3 * x"')),
        ["misconception `squares`: 'return 3 * x' occurs 0 times in the solution; an edit must fit exactly once"],
    ),
    "uncaught misconception": (
        misconception("harmless", "double", "return 2 * x", "return x + x"),
        [
            f"seed 0: misconception `harmless` differs by 0 × tolerance in `double`{UNSEEN}",
            f"seed 0: misconception `harmless` has no diagnosis{UNNAMED}",
        ],
    ),
    "misconceptions alike": (
        misconception("powers", "double", "return 2 * x", "return x**2"),
        [
            "seed 0: misconceptions `squares` and `powers` answer alike in `double`: add a case",
            f"seed 0: misconception `powers` is taken for `squares`{UNNAMED}",
        ],
    ),
    "misconception twice": (
        misconception("squares", "double", "return 2 * x", "return x**2"),
        [
            "2 misconceptions are called `squares`",
            "seed 0: misconceptions `squares` and `squares` answer alike in `double`: add a case",
        ],
    ),
    "misconception of no part": (
        misconception("lost", ("double", "doubles"), "return 2 * x", "return 3 * x"),
        [
            "misconception `lost` names a part `doubles` that doesn't exist",
            f"seed 0: misconception `lost` differs by 0 × tolerance in `doubles`{UNSEEN}",
        ],
    ),
    "misconception that shows earlier": (
        misconception("also_squares", "Counter", "return 2 * x", "return x**2"),
        [
            f"seed 0: misconception `also_squares` differs by 0 × tolerance in `Counter`{UNSEEN}",
            f"seed 0: misconception `also_squares` is taken for `squares`{UNNAMED}",
        ],
    ),
    "spec without exercise": (
        lambda entry: entry.spec.write_text("x = 1\n"),
        ["{spec} binds no `exercise`; end it with `exercise = Exercise(...)`"],
    ),
    "spec missing": (
        lambda entry: entry.spec.unlink(),
        ["solutions/specs/ex01_toy.py is missing: write it"],
    ),
    "driver with a constant": (
        spec_edit((COUNT, "LIMIT = 3\n\n\n" + COUNT), (COUNTED, "    assert LIMIT\n" + COUNTED)),
        ["a driver uses `LIMIT`, which is neither a module nor a function; pass it as an input"],
    ),
    "cases that crash": (
        spec_edit((VECTOR, "    1 / 0\n" + VECTOR)),
        ["{spec}:11: ZeroDivisionError: division by zero; mend it"],
    ),
    "stub that doesn't parse": (
        stub_edit(("def softmax(", "def class(")),
        ["{stub} can't be read as Python (invalid syntax (ex01_toy.py, line 18)); mend it"],
    ),
}
# Faults that have further consequences: how, and what the proof says among others.
WIDER = {
    "part of a name that the stub lacks": (
        spec_edit(('Part("double", double_cases', 'Part("twice", double_cases')),
        [
            "`double` of the stub belongs to no part",
            "a part uses `twice`, which the stub doesn't have",
            "misconception `squares` names a part `double` that doesn't exist",
            "seed 0, `twice`, 'empty': the solution raised AttributeError: module 'dlgrade_solution_ex01_toy' has no "
            "attribute 'twice'",
        ],
    ),
    "two parts of one name": (
        spec_edit(('        Part(\n            "softmax",', '        Part(\n            "double",')),
        ["2 parts are called `double`", "`softmax` of the stub belongs to no part"],
    ),
    "driver without student": (
        spec_edit((COUNT, "def count(module"), ("student.Counter()", "module.Counter()")),
        ["the driver `count` is no function of the spec with a first parameter `student`"],
    ),
    "solution that changes its input": (
        solution_edit((DOUBLE, SORTS + DOUBLE)),
        [
            "seed 0, `double`, 'a vector': the solution fails its own rules: "
            "your code changed its argument `x`, which belongs to the caller"
        ],
    ),
    "solution that isn't written": (
        solution_edit(
            (DOUBLE, "    raise NotImplementedError\n"), ("class Counter:", "class Counter:  # return 2 * x")
        ),
        ["seed 0, `double`, 'a vector': the solution raised NotImplementedError: "],
    ),
}


def complaints(entry: Entry, texts: list[str]) -> list[str]:
    return [text.format(spec=entry.spec, page=entry.page(), stub=entry.stub) for text in texts]


@pytest.mark.parametrize("name", FAULTS)
def test_the_proof_finds(entry: Entry, name: str) -> None:
    break_it, texts = FAULTS[name]
    break_it(entry)
    assert list(prove(entry, 2)) == complaints(entry, texts)


@pytest.mark.parametrize("name", WIDER)
def test_the_proof_finds_among_others(entry: Entry, name: str) -> None:
    break_it, texts = WIDER[name]
    break_it(entry)
    assert set(complaints(entry, texts)) <= set(prove(entry, 2))


def test_a_misconception_that_is_barely_caught(entry: Entry) -> None:
    misconception("close", "softmax", SUM, f"{SUM} * (1 + 5e-9)")(entry)
    (found,) = prove(entry, 2)
    assert re.fullmatch(rf"seed 0: misconception `close` differs by (4\.\d+|5) × tolerance in `softmax`{UNSEEN}", found)


# Matrix


def test_the_matrix_counts_what_catches_what() -> None:
    found = matrix(ENTRY)
    squares, sums = found.spec.exercise.misconceptions
    assert set(found.excess) == {"squares", "sums_over_everything"}
    caught = {
        name: [one.case.name for one, excess in zip(found.asked, row, strict=True) if excess]
        for name, row in found.excess.items()
    }
    assert caught["sums_over_everything"] == ["a matrix", "large entries", "a transposed matrix", "read-only"]
    assert caught["squares"] == [
        one.case.name for one in found.asked if one.part.name == "double" and one.case.name != "empty"
    ]
    assert found.caught(squares, "double") >= SEPARATION and found.caught(squares, "softmax") == 0.0
    assert found.caught(sums, "softmax") >= SEPARATION
    assert found.mixed_up(squares, squares, "double") and not found.mixed_up(squares, sums, "double")


def test_the_table_has_a_row_per_case_and_a_mark_per_misconception() -> None:
    lines = table(matrix(ENTRY)).splitlines()
    assert lines[0] == "  1  squares: double 6 of 7, up to inf x tolerance"
    assert lines[1].startswith("  2  sums_over_everything: softmax 4 of 5, up to ")
    double = lines.index("double: 1 squares")
    assert lines[double + 1] == "  X  a vector"
    assert "  .  empty" in lines[double : double + 8]
    assert "softmax: 2 sums_over_everything" in lines and "  .  one row" in lines


# Mutants

SMALL = 'def f(x: int | None = None) -> int | str:\n    """x + 1 or 2."""\n    y: int | str = 2\n    return x * y\n'
UNTESTED = ADD + "        if times > 10**6:\n            times = 10**6\n"


def test_mutants_change_code_and_neither_annotations_nor_docstrings() -> None:
    found = list(mutants(SMALL))
    assert found and {mutant.line for mutant in found} <= {3, 4}
    assert len({mutant.source for mutant in found}) == len(found)
    assert {mutant.before for mutant in found} == {"y: int | str = 2", "return x * y"}
    assert "return x / y" in {mutant.after for mutant in found}
    assert not [mutant for mutant in found if mutant.line == 3 and "int | str" not in mutant.after]
    for mutant in found:
        assert mutant.source.splitlines()[mutant.line - 1].strip() == mutant.after


def test_what_does_not_parse_is_no_mutant() -> None:
    keyword_only = "def f(x, *, y):\n    return x\n"  # cosmic-ray takes the star for a product
    assert [mutant.after for mutant in mutants(keyword_only)] == ["def f(x, /, y):"]


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_all_mutants_of_the_toy_are_killed() -> None:
    found = survey(ENTRY)
    assert found.total == found.killed > 50
    assert (found.survivors, found.equivalent, found.stale) == ([], [], [])


@pytest.fixture
def untested(entry: Entry) -> Entry:
    """The toy kit with lines in its solution that no case runs through."""
    toy.rewrite(entry.solution, (ADD, UNTESTED))
    return entry


def test_an_untested_line_has_survivors(untested: Entry) -> None:
    found = survey(untested)
    assert found.survivors and found.killed < found.total
    assert {mutant.before for mutant in found.survivors} == {"if times > 10**6:", "times = 10**6"}


def equivalents(entry: Entry, *reasons: Equivalent) -> None:
    listed = ", ".join(map(repr, reasons))
    toy.rewrite(
        entry.spec,
        ("    memory=256 << 20,", f"    equivalents=({listed},),\n    memory=256 << 20,"),
        ("import T32, Case,", "import T32, Case, Equivalent,"),
    )


def test_a_reason_silences_a_survivor(untested: Entry) -> None:
    reasons = [Equivalent(mutant.before, mutant.after, "never happens") for mutant in survey(untested).survivors]
    equivalents(untested, *reasons)
    found = survey(untested)
    assert (found.survivors, found.stale) == ([], [])
    assert [reason for _, reason in found.equivalent] == reasons
    assert found.killed + len(reasons) == found.total


def test_a_reason_that_fits_no_survivor_is_stale(entry: Entry) -> None:
    killed = Equivalent("return 2 * x", "return 2 + x", "it isn't")
    gone = Equivalent("return 4 * x", "return 4 + x", "it was")
    equivalents(entry, killed, gone)
    found = survey(entry)
    assert (found.survivors, found.equivalent, found.stale) == ([], [], [killed, gone])


def test_a_mutant_that_never_ends_is_killed(entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.dev.mutate.SECONDS", 0.2)
    loop = "    i = 0\n    while i < 3:\n        i += 1\n"
    toy.rewrite(entry.solution, (SHARE, loop + SHARE))
    assert all("i" in mutant.before for mutant in survey(entry).survivors)


def test_mutating_a_spec_that_is_missing(entry: Entry) -> None:
    entry.spec.unlink()
    with pytest.raises(KitError, match="is missing"):
        survey(kit.find(entry.kit, "1"))
