"""The declared rules of comparing, one by one, and agreement with numpy's and torch's own judgement."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader import reasons, wire
from grader.compare import Difference, Rules, compare, describe, number, same, sketch
from grader.outcome import Answered, Killed, Missing, Outcome, Raised, TimedOut
from grader.spec import EXACT, T32, T64, Tolerance, t32
from grader.wire import Other, Tensor

FIXED = settings(derandomize=True, deadline=None, database=None, max_examples=150)

ERROR = Raised(("ValueError", "Exception", "BaseException"), "no")
HALF = Tolerance(0.5, 0.0, scaled=False)
CLOSE = Tolerance(0.0, 0.25, scaled=False)


def sent(value: object) -> object:
    """A value as it arrives from a worker."""
    return wire.parse(wire.message({"value": value}))["value"]


def differs(got: object, expected: object, tolerance: Tolerance = EXACT, **rules: object) -> Difference | None:
    return compare(Answered(got), Answered(expected), Rules(tolerance, **rules))


def kind(got: object, expected: object, tolerance: Tolerance = EXACT) -> str | None:
    found = differs(got, expected, tolerance)
    return found.kind if found else None


# Numbers


EQUAL_NUMBERS = [
    (1, 1),
    (True, True),
    (True, np.True_),
    (np.array(False), False),
    (1.5, 1.5),
    (np.float64(1.5), 1.5),
    (np.float32(1.5), 1.5),
    (np.array(1.5), 1.5),
    (1.5, np.array(1.5)),
    (np.array(1.5, np.float16), np.float64(1.5)),
    (3, 3.0),
    (np.int8(3), 3.0),
    (np.uint64(3), 3),
    (3, np.array(3, np.int16)),
    (0.0, -0.0),
    (float("nan"), float("nan")),
    (np.float32("nan"), float("nan")),
    (float("-inf"), float("-inf")),
    (2, 2 + 0j),
    (2.0, np.complex64(2)),
    (1 + 2j, np.complex128(1 + 2j)),
    (10**30, 10**30),
    (2**64 - 1, np.uint64(2**64 - 1)),
    (10**30, 1e30),
]


@pytest.mark.parametrize(("got", "expected"), EQUAL_NUMBERS)
def test_numbers_that_are_interchangeable(got: object, expected: object) -> None:
    assert differs(got, expected) is None
    assert differs(sent(got), sent(expected)) is None


@pytest.mark.parametrize(
    ("got", "expected", "what"),
    [
        (1.0, 1, "type"),
        (np.float64(1.0), np.int64(1), "type"),
        (True, 1, "type"),
        (True, 1.0, "type"),
        (np.True_, 1.0, "type"),
        (1, True, "type"),
        (1.0, True, "type"),
        (1 + 0j, 1.0, "type"),
        ("1", 1, "type"),
        (None, 0, "type"),
        ([1], 1, "type"),
        (np.array([1]), 1, "type"),
        (np.array([[1.5]]), 1.5, "type"),
        (Tensor(np.array(1.5)), 1.5, "type"),
        (10**30, True, "type"),
        (1e30, 10**30, "type"),
        (2, 1, "value"),
        (False, True, "value"),
        (float("nan"), 1.0, "value"),
        (1.0, float("nan"), "value"),
        (float("inf"), float("-inf"), "value"),
        (float("inf"), 1.7e308, "value"),
        (1.7e308, float("inf"), "value"),
        (10**30 + 1, 10**30, "value"),
        (10**30, 5, "value"),
        (5, 10**30, "value"),
        (10**400, float("inf"), "value"),
        (-(10**400), 1.0, "value"),
        (2 + 1e-9j, 2 + 0j, "value"),
    ],
)
def test_numbers_that_differ(got: object, expected: object, what: str) -> None:
    assert kind(got, expected) == what
    assert kind(sent(got), sent(expected)) == what


@pytest.mark.parametrize("value", [0, 1, -3, 2.5, True, None, "a", b"a", 1j, 10**30])
def test_a_number_is_no_substitute_for_an_array(value: object) -> None:
    assert kind(value, np.array([2.5])) == "type"


@pytest.mark.parametrize("tolerance", [EXACT, T64, T32, HALF])
@pytest.mark.parametrize("wrap", [int, np.int64, lambda n: np.array([n])])
def test_integers_are_exact_whatever_the_tolerance(tolerance: Tolerance, wrap: type) -> None:
    assert kind(wrap(2**53 + 1), wrap(2**53 + 1), tolerance) is None
    assert kind(wrap(2**53 + 1), wrap(2**53), tolerance) == "value"
    assert kind(wrap(2**63 - 1), wrap(2**63 - 2), tolerance) == "value"
    assert kind(wrap(3), wrap(2), tolerance) == "value"


def test_integers_beyond_64_bits_are_counted_like_others() -> None:
    for got, expected in [(10**30 + 1, 10**30), (1, 10**30), (10**30, 1.0)]:
        found = differs(got, expected)
        assert found and (found.kind, found.wrong, found.of, found.worst_index) == ("value", 1, 1, ())
        assert found.message.startswith(f"the result is wrong: got {number(got) if got == 1 else '1'}")


def test_signed_and_unsigned_integers_are_told_apart() -> None:
    assert kind(np.int64(-1), np.uint64(2**64 - 1)) == "value"
    assert kind(np.array([-1]), np.array([2**64 - 1], np.uint64)) == "value"


# Tolerance


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("tolerance", "expected", "limit"),
    [
        (CLOSE, 8.0, 0.25),
        (CLOSE, 0.0, 0.25),
        (HALF, 8.0, 4.0),
        (HALF, 0.0, 0.0),
        (Tolerance(0.5, 0.25, scaled=False), 8.0, 4.25),
        (Tolerance(0.0, 0.25), 8.0, 2.0),
        (Tolerance(0.0, 0.25), 0.5, 0.25),
        (Tolerance(0.0, 0.25, floor=0.0), 0.5, 0.125),
        (Tolerance(0.0, 0.25, floor=0.0), 0.0, 0.0),
    ],
)
def test_an_error_of_exactly_the_limit_is_allowed_and_no_more(
    tolerance: Tolerance, expected: float, limit: float, sign: int
) -> None:
    edge = expected + sign * limit
    beyond = edge + sign * max(2**-40 * limit, 2**-1074)
    assert kind(edge, expected, tolerance) is None
    assert kind(beyond, expected, tolerance) == "value"
    assert kind(np.array([edge]), np.array([expected]), tolerance) is None
    assert kind(np.array([beyond]), np.array([expected]), tolerance) == "value"


def test_the_tolerance_comes_from_the_expected_value_alone() -> None:
    assert kind(1.5, 1.0, HALF) is None
    assert kind(1.0, 0.5, HALF) == "value"
    assert kind(np.array([0.9, 1e9]), np.array([0.0, 1.0]), Tolerance(0.0, 0.5)) == "value"


def test_the_scale_is_that_of_the_largest_finite_element() -> None:
    scaled = Tolerance(0.0, 0.25)
    assert kind(np.array([8.0, 2.0]), np.array([8.0, 0.0]), scaled) is None
    assert kind(np.array([np.inf, 2.0]), np.array([np.inf, 0.0]), scaled) == "value"
    assert kind(np.array([8.0, 2.0]), np.array([8.0, 0.0]), CLOSE) == "value"


def test_float32_tolerance_grows_with_the_number_of_terms() -> None:
    expected, off = np.float32([1.0, 0.0]), np.float32([1.0, 8e-6])
    assert kind(off, expected, t32(1)) == "value"
    assert kind(off, expected, t32(100)) is None


def test_special_values_are_equal_by_kind_and_sign() -> None:
    special = np.array([np.nan, np.inf, -np.inf, 0.0])
    assert kind(special, special.copy(), HALF) is None
    assert kind(-special, special, HALF) == "value"
    assert kind(np.nan_to_num(special), special, HALF) == "value"
    assert kind(np.full(4, np.nan), special, HALF) == "value"


def test_complex_values() -> None:
    expected = np.array([3 + 4j, 0j])
    assert kind(expected + 2.5, expected, HALF) == "value"
    assert kind(expected + np.array([2.5, 0]), expected, HALF) is None
    assert kind(expected + np.array([2.5j, 0]), expected, HALF) is None
    assert kind(expected.conj(), expected) == "value"
    assert kind(expected.real, expected.real + 0j) == "dtype"
    assert kind(np.array([1e308 + 1e308j]), np.array([-1e308 - 1e308j])) == "value"
    found = differs(1 + 1j, 1 - 1j)
    assert found and found.got is None and found.expected is None and found.max_abs == 2.0


# Arrays


def test_arrays_agree_in_shape_dtype_and_value() -> None:
    expected = np.arange(6.0).reshape(2, 3)
    assert kind(expected.copy(), expected) is None
    assert kind(np.asfortranarray(expected), expected) is None
    assert kind(expected.T, expected) == "shape"
    assert kind(expected[None], expected) == "shape"
    assert kind(expected.astype(np.float32), expected) == "dtype"
    assert kind(expected.astype(int), expected) == "dtype"
    assert kind(expected.tolist(), expected) == "type"
    assert kind(expected + 1, expected) == "value"


@pytest.mark.parametrize("dtype", sorted(wire.DTYPES))
def test_every_dtype_differs_from_every_other(dtype: str) -> None:
    expected = np.array([0, 1], dtype)
    assert kind(sent(expected), expected) is None
    for other in sorted(wire.DTYPES - {dtype}):
        assert kind(np.array([0, 1], other), expected) == "dtype"


def test_wrong_values_are_named_before_a_wrong_dtype() -> None:
    assert kind(np.float32([1, 3]), np.array([1.0, 2.0])) == "value"


def test_values_that_are_only_rounded_are_a_matter_of_dtype() -> None:
    exact = np.array([1 / 3, 2 / 3])
    assert kind(exact.astype(np.float32), exact, T64) == "dtype"
    assert kind(exact.astype(np.float16), exact, T64) == "value"
    assert kind(exact * (1 + 1e-6), exact, T64) == "value"
    assert kind(exact, exact.astype(np.float32), T32) == "dtype"


def test_empty_arrays_differ_by_shape_and_dtype_only() -> None:
    assert kind(np.zeros((0, 3)), np.zeros((0, 3))) is None
    assert kind(np.zeros((3, 0)), np.zeros((0, 3))) == "shape"
    assert kind(np.zeros(0, int), np.zeros(0)) == "dtype"
    assert kind([], np.zeros(0)) == "type"


def test_a_zero_dimensional_array_is_a_number_and_nothing_else() -> None:
    assert kind(np.array(1.0), np.array([1.0])) == "shape"
    assert kind(np.float64(1.0), np.array([1.0])) == "type"
    assert kind(np.array([1.0]), np.array(1.0)) == "type"


class Friendly(np.ndarray):
    """An array that agrees with everything."""

    def __eq__(self, other: object) -> object:
        return np.ones(self.shape, bool)

    __ne__ = __sub__ = __rsub__ = __lt__ = __gt__ = lambda self, other: np.zeros(self.shape)  # type: ignore[assignment]


class Agreeable:
    """An object that equals everything and imitates an array."""

    shape, dtype, size, ndim = (3,), np.dtype(float), 3, 1

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0

    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        return np.arange(3.0)


@pytest.mark.parametrize(
    "forged",
    [
        np.full(3, np.nan),
        np.zeros((0, 3)),
        np.zeros(3)[:0],
        1.0,
        np.float64(1.0),
        np.array(1.0),
        np.tile(np.arange(3.0), (5, 1)),
        np.arange(3.0).view(Friendly),
        np.ma.masked_all(3),
        np.ma.array(np.arange(3.0), mask=True),
        np.arange(3.0).view(np.recarray),
        np.array([Agreeable()] * 3, dtype=object),
        np.arange(3.0).astype(object),
        np.array(["0", "1", "2"]),
        np.array([(0.0,)] * 3, dtype=[("x", float)]),
        np.zeros(3, "datetime64[s]"),
        Agreeable(),
        Other("numpy.ndarray"),
        Tensor(np.arange(3.0)),
        [0.0, 1.0, 2.0],
        (0.0, 1.0, 2.0),
        range(3),
        {0: 0.0, 1: 1.0, 2: 2.0},
        "0 1 2",
        None,
        True,
        float("nan"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_forged_arrays_fail(forged: object) -> None:
    for expected in (np.arange(3.0), np.ones(3), np.zeros(3)):
        assert kind(sent(forged), expected, T64) is not None
        assert kind(sent([forged]), [expected], T64) is not None
        assert kind(sent({"a": forged}), {"a": expected}, T64) is not None


@pytest.mark.parametrize("expected", [1, 1.0, True, "a", None, [1], {"a": 1}, np.ones(2)])
def test_an_object_that_equals_everything_equals_nothing(expected: object) -> None:
    assert kind(sent(Agreeable()), expected) is not None


def test_subclasses_of_plain_types_lose_their_tricks() -> None:
    class Text(str):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = str.__hash__

    class Whole(int):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = int.__hash__

    class Keys(dict):
        def __contains__(self, key: object) -> bool:
            return True

        def items(self) -> object:
            return {"a": 1}.items()

    assert kind(sent(Text("b")), "a") == "value"
    assert kind(sent(Whole(2)), 1) == "type"
    assert kind(sent(Keys(b=2)), {"a": 1}) == "keys"
    assert kind(sent(Decimal(1)), 1) == "type"


# Tensors


def test_tensors_and_arrays_are_no_substitute_for_each_other() -> None:
    array = np.arange(3, dtype=np.float32)
    assert kind(Tensor(array), Tensor(array.copy())) is None
    assert kind(array, Tensor(array)) == "type"
    assert kind(Tensor(array), array) == "type"
    assert kind([array], Tensor(array)) == "type"
    assert kind((array,), Tensor(array)) == "type"
    assert kind(Tensor(array), [array]) == "type"
    assert kind(Tensor(array), (array,)) == "type"
    assert kind(Tensor(array + 1), Tensor(array)) == "value"
    assert kind(Tensor(array.astype(np.float64)), Tensor(array)) == "dtype"
    assert kind(Tensor(array[None]), Tensor(array)) == "shape"
    assert kind(Tensor(np.array(1.0)), Tensor(np.array([1.0]))) == "shape"


def test_real_tensors_over_the_wire() -> None:
    torch = pytest.importorskip("torch")
    x = torch.arange(4.0, requires_grad=True)
    assert kind(sent(x), sent(torch.arange(4.0))) is None
    assert kind(sent(torch.nn.Parameter(torch.arange(4.0))), sent(torch.arange(4.0))) is None
    assert kind(sent(x.double()), sent(x)) == "dtype"
    assert kind(sent(x.bfloat16()), sent(x)) == "type"
    assert kind(sent(x.to_sparse()), sent(x)) == "type"
    assert kind(sent(x.detach().numpy()), sent(x)) == "type"
    assert kind(sent(x), sent(x.detach().numpy())) == "type"


# Containers


def test_lists_and_tuples_are_interchangeable() -> None:
    assert kind([1, (2, 3)], (1, [2, 3])) is None
    assert kind([1, 2], [1, 2, 3]) == "length"
    assert kind([1, 2, 3, 4], [1, 2, 3]) == "length"
    assert kind([], ()) is None
    assert kind({0: 1}, [1]) == "type"
    assert kind(np.array([1, 2]), [1, 2]) == "type"
    assert kind("ab", ["a", "b"]) == "type"
    assert kind([1, [2, 4]], [1, [2, 3]]) == "value"


def test_dicts_are_compared_without_order() -> None:
    assert kind({"a": 1, "b": 2}, {"b": 2, "a": 1}) is None
    assert kind({"a": 1}, {"a": 1, "b": 2}) == "keys"
    assert kind({"a": 1, "b": 2}, {"a": 1}) == "keys"
    assert kind({"a": 1, "b": 3}, {"a": 1, "b": 2}) == "value"
    assert kind({"1": 1}, {1: 1}) == "keys"
    assert kind([("a", 1)], {"a": 1}) == "type"
    assert kind({(1, 2): 3}, {(1, 2): 3}) is None


@pytest.mark.parametrize(
    ("got", "expected"), [("a", "b"), ("1", 1), (None, "None"), ("None", None), (b"a", "a"), ("", None), (0, None)]
)
def test_strings_bytes_and_none_are_equal_or_not(got: object, expected: object) -> None:
    assert kind(got, got) is None
    assert kind(expected, expected) is None
    assert kind(got, expected) in ("value", "type")


def test_messages_name_the_place() -> None:
    def message(got: object, expected: object, *returns: str) -> str:
        found = differs(got, expected, returns=returns)
        assert found is not None
        return found.message

    assert message(2, 1) == "the result is wrong: got 2, expected 1"
    assert message([1, 3], [1, 2]) == "`result[1]` is wrong: got 3, expected 2"
    assert message((1, 3), (1, 2), "loss", "grad") == "`grad` is wrong: got 3, expected 2"
    assert message((1, [0, 3]), (1, [0, 2]), "loss", "grad") == "`grad[1]` is wrong: got 3, expected 2"
    assert message({"a": [3]}, {"a": [2]}) == "`a[0]` is wrong: got 3, expected 2"
    assert message({1: [3]}, {1: [2]}) == "`result[1][0]` is wrong: got 3, expected 2"
    assert message([{"a": 3}], [{"a": 2}]) == "`result[0]['a']` is wrong: got 3, expected 2"
    assert message({}, {"a": 1}) == "the result has no key 'a'"
    assert message({"a": 1, "b": 1}, {"a": 1}) == "the result has a key 'b' that isn't asked for"
    assert message([1], [1, 2]) == "the result has 1 item, expected 2"
    assert message(np.zeros((2, 3)), np.zeros(6)) == "the result has shape (2, 3), expected (6,)"
    assert message(np.zeros(2, np.float32), np.zeros(2)) == "the result has dtype float32, expected float64"
    assert message(None, np.zeros((2, 3))) == "the result is None, expected a float64 array of shape (2, 3)"
    assert message("x", 1.0) == "the result is 'x', expected the float 1"
    assert message(np.eye(2) * 2, np.eye(2)) == "the result is wrong at [0, 0]: got 2, expected 1"
    assert message(1.0, 1 + 1e-12) == "the result is wrong: got 1.0, expected 1.000000000001"


def test_a_dtype_that_came_in_is_pointed_out() -> None:
    got, expected = np.zeros(2), np.zeros(2, np.float32)
    found = differs(got, expected, inputs={"x": np.zeros(1, np.float32)})
    assert found and found.reason == "float64 where float32 came in"
    found = differs(got, expected, inputs={"x": np.zeros(1)})
    assert found and found.reason is None


def test_the_first_error_is_pointed_out_where_it_is_not_the_worst() -> None:
    path = np.cumsum(np.full((6, 2), 0.25), axis=0)
    wandering = path + np.array([[0, 0], [0, 0], [0, 0.3], [-0.4, 0], [0.2, 0.9], [0, 0.1]])
    found = differs(wandering, path)
    assert found and (found.worst_index, found.reason) == ((4, 1), "the first error is at [2, 1]")
    wandering[4, 1] = path[4, 1]
    wandering[2, 1] = 9
    found = differs(wandering, path)
    assert found and (found.worst_index, found.reason) == ((2, 1), None)


def test_numbers_of_a_difference() -> None:
    found = differs(np.array([[1.0, 2.0], [3.0, 4.5]]), np.array([[1.0, 2.25], [3.0, 4.0]]), CLOSE)
    assert found is not None
    assert (found.wrong, found.of, found.worst_index) == (1, 4, (1, 1))
    assert (found.got, found.expected) == (4.5, 4.0)
    assert (found.max_abs, found.max_rel, found.excess) == (0.5, 0.125, 2.0)


def test_an_infinite_error_is_measured_as_one() -> None:
    for got, expected in [(1.0, np.inf), (np.inf, 1.0), (np.nan, 1.0), (1.0, np.nan), (np.inf, -np.inf)]:
        found = differs(np.array([got, 0.0]), np.array([expected, 0.0]))
        assert found is not None
        assert (found.max_abs, found.max_rel, found.excess) == (np.inf, np.inf, np.inf)
        assert found.worst_index == (0,)


# Outcomes


def test_a_part_that_nobody_has_written_is_no_runtime_error() -> None:
    stub = Raised(("NotImplementedError", "RuntimeError", "Exception", "BaseException"), "")
    due = Raised(("RuntimeError", "Exception", "BaseException"), "no")
    found = compare(stub, due, Rules())
    assert found is not None and found.kind == "unwritten"


def test_exceptions() -> None:
    zero = Raised(("ZeroDivisionError", "ArithmeticError", "Exception"), "by zero")
    arithmetic = Raised(("ArithmeticError", "Exception"), "")
    unwritten = Raised(("NotImplementedError", "RuntimeError", "Exception"), "")

    def found(outcome: Outcome, expected: Outcome) -> Difference | None:
        return compare(outcome, expected, Rules())

    assert found(ERROR, Raised(("ValueError", "Exception"), "another text")) is None
    assert found(zero, arithmetic) is None
    difference = found(arithmetic, zero)
    assert difference and difference.kind == "raised" and difference.reason == "ZeroDivisionError is due here"
    difference = found(ERROR, Answered(1))
    assert difference and (difference.kind, difference.message) == ("raised", "raised ValueError: no")
    difference = found(arithmetic, Answered(1))
    assert difference and difference.message == "raised ArithmeticError"
    difference = found(Answered(None), ERROR)
    assert difference and (difference.kind, difference.message) == (
        "not_raised",
        "returned None, where ValueError is due",
    )
    for expected in (Answered(1), ERROR):
        difference = found(unwritten, expected)
        assert difference and (difference.kind, difference.message) == ("unwritten", "not written yet")


@pytest.mark.parametrize(
    ("outcome", "what"),
    [(TimedOut("slow"), "timed_out"), (Killed("gone"), "killed"), (Missing("nothing there"), "missing")],
)
@pytest.mark.parametrize("expected", [Answered(1), ERROR, Answered(None)])
def test_what_is_no_answer_never_passes(outcome: Outcome, what: str, expected: Outcome) -> None:
    found = compare(outcome, expected, Rules())
    assert found and found.kind == what and found.message == outcome.reason


def test_inputs_belong_to_the_caller() -> None:
    expected = Answered(1)
    changed, shared = Answered(1, changed=("x",)), Answered(1, shared=("x",))
    for outcome, what in ((changed, "changed"), (shared, "shared")):
        found = compare(outcome, expected, Rules())
        assert found and found.kind == what and "`x`" in found.message
        assert compare(outcome, expected, Rules(may_change=("y",))) == found
        assert compare(outcome, expected, Rules(may_change=("x",))) is None
    assert compare(shared, expected, Rules(may_alias=True)) is None
    assert compare(changed, expected, Rules(may_alias=True)) is not None
    assert compare(Answered(2, changed=("x",)), expected, Rules(may_change=("x",))) is not None
    assert compare(expected, changed, Rules()) is None


def test_same_means_that_two_outcomes_cannot_be_told_apart() -> None:
    rules = Rules(CLOSE)
    assert same(Answered(1.0), Answered(1.25), rules)
    assert not same(Answered(1.0), Answered(1.5), rules)
    assert same(Answered(1, changed=("x",)), Answered(1, changed=("x",)), rules)
    assert not same(Answered(1), Answered(1, changed=("x",)), rules)
    assert not same(Answered(1, shared=("x",)), Answered(1), rules)
    assert same(Answered(Other("generator")), Answered(Other("generator")), rules)
    assert same(ERROR, Raised(("ValueError",), "whatever"), rules)
    assert not same(ERROR, Raised(("KeyError",), "no"), rules)
    assert not same(ERROR, Answered(1), rules)


def test_telling_two_outcomes_apart_explains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("values", "shape"):
        monkeypatch.setattr(reasons, name, lambda *given: pytest.fail("explained"))
    monkeypatch.setattr(reasons.Errors, "of", lambda *given: pytest.fail("measured"))
    one = np.array([1.0, 2.0])
    assert not same(Answered(one), Answered(-one), Rules(T64))
    assert not same(Answered(one), Answered(one[:, None]), Rules(T64))
    assert not same(Answered(one), Answered(one.astype(np.float32)), Rules(T64))
    assert not same(Answered(1.0), Answered(2.0), Rules(T64))
    assert same(Answered([one, 1.0]), Answered([one * (1 + 1e-12), 1.0 + 1e-12]), Rules(T64))


def test_large_arrays_are_compared_to_the_last_bit() -> None:
    one = np.random.default_rng(0).normal(size=(3, 2 * reasons.BLOCK // 3))
    assert differs(one.copy(), one) is None
    assert differs(np.asfortranarray(one), one) is None
    for at in (0, reasons.BLOCK, one.size - 1):
        other = one.copy()
        other.reshape(-1)[at] = np.nextafter(one.reshape(-1)[at], 9)
        found = differs(other, one)
        assert found is not None
        assert (found.wrong, found.worst_index) == (1, np.unravel_index(at, one.shape))


# Agreement with others

FLOATS = hnp.arrays(
    st.sampled_from([np.float64, np.float32]),
    hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4),
    elements=st.one_of(st.floats(-1e3, 1e3, width=16), st.sampled_from([0.0, np.nan, np.inf, -np.inf])),
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, float, float]:
    """An array, another like it or nearly so, and tolerances of which no error is close to the limit."""
    expected = draw(FLOATS)
    rtol, atol = draw(st.sampled_from([(0.0, 0.0), (1e-3, 0.0), (0.0, 1e-2), (1e-5, 1e-8)]))
    got = expected.copy()
    for index in draw(st.lists(st.integers(0, max(0, expected.size - 1)), max_size=3)) if expected.size else ():
        with np.errstate(invalid="ignore"):
            got.flat[index] += draw(st.sampled_from([0.0, 1e-4, -1e-3, 0.5, np.nan, np.inf]))
    change = draw(st.sampled_from(["nothing", "nothing", "dtype", "shape", "transpose"]))
    got = {"dtype": got.astype(np.float16), "shape": got[None], "transpose": got.T}.get(change, got)
    return got, expected, rtol, atol


def far_from_the_limit(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> bool:
    if got.shape != expected.shape:
        return True
    with np.errstate(invalid="ignore"):
        error = np.abs(got.astype(float) - expected.astype(float))
        limit = atol + rtol * np.abs(expected.astype(float))
        near = np.abs(error - limit) <= 1e-3 * limit
    return not (near & (error > 0)).any()


@FIXED
@given(pairs())
def test_agrees_with_numpy(pair: tuple[np.ndarray, np.ndarray, float, float]) -> None:
    got, expected, rtol, atol = pair
    assume(far_from_the_limit(*pair))
    try:
        np.testing.assert_allclose(got, expected, rtol, atol, strict=True)
        accepted = True
    except AssertionError:
        accepted = False
    assert (kind(got, expected, Tolerance(rtol, atol, scaled=False)) is None) == accepted


@FIXED
@given(pairs())
def test_agrees_with_torch(pair: tuple[np.ndarray, np.ndarray, float, float]) -> None:
    torch = pytest.importorskip("torch")
    got, expected, rtol, atol = pair
    assume(far_from_the_limit(*pair))
    mine, theirs = torch.from_numpy(got.copy()), torch.from_numpy(expected.copy())
    try:
        torch.testing.assert_close(mine, theirs, rtol=rtol, atol=atol, equal_nan=True)
        accepted = True
    except AssertionError:
        accepted = False
    assert (kind(sent(mine), sent(theirs), Tolerance(rtol, atol, scaled=False)) is None) == accepted


PLAIN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.complex_numbers(),
        st.text(max_size=50),
        st.binary(max_size=5),
        hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, min_side=0, max_side=3)),
        st.builds(Other, st.text(max_size=5)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner, inner), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@FIXED
@given(PLAIN, PLAIN)
def test_any_answer_is_compared_with_any_other_without_a_crash(got: object, expected: object) -> None:
    mine, theirs = sent(got), sent(expected)
    assert differs(theirs, theirs, T64) is None
    found = differs(mine, theirs, T64)
    assert found is None or (found.kind and found.message)
    assert describe(mine) and describe(got)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        ("a", "'a'"),
        ("x" * 41, f"'{'x' * 40}...'"),
        (3, "the integer 3"),
        (10**30, f"the integer {10**30}"),
        (np.uint8(3), "the integer 3"),
        (np.True_, "the bool True"),
        (np.array(0.1 + 0.2), "the float 0.3"),
        (1 - 2j, "the complex number (1-2j)"),
        (np.zeros((2, 0), np.int8), "an int8 array of shape (2, 0)"),
        (Tensor(np.zeros(2)), "a float64 tensor of shape (2,)"),
        (Other("generator"), "an object of type generator"),
        ([1, 2], "a list of 2 items"),
        ((), "a tuple of 0 items"),
        ({"a": 1}, "a dict with 1 key"),
        ({}, "a dict with 0 keys"),
        ([1], "a list of 1 item"),
        (-0.0, "the float 0"),
        (b"ab", "b'ab'"),
        (np.bytes_(b"a"), "the |S1 b'a'"),
    ],
)
def test_descriptions(value: object, text: str) -> None:
    assert describe(value) == text


def test_descriptions_are_short() -> None:
    for value in ("x" * 1000, b"x" * 1000, 10**1000, list(range(1000)), {i: i for i in range(1000)}, np.zeros(1000)):
        assert len(describe(value)) < 80
    assert number(10**1000) == "10000000000000000000... (1001 characters)"
    found = differs({"x" * 1000: 1}, {})
    assert found and len(found.message) < 120


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (0.1 + 0.2, "0.3"),
        (None, "None"),
        ("a b", "'a b'"),
        ("x" * 100, "'" + "x" * 59),
        (np.arange(6.0), "float64 (6,) [0, 1, 2, 3, 4, 5]"),
        (np.arange(7.0), "float64 (7,)"),
        (np.array([[1 / 3, 2], [3, 4]]), "float64 (2, 2) [[0.3333, 2], [3, 4]]"),
        (np.array([True, False]), "bool (2,) [True, False]"),
        (np.zeros((0, 3)), "float64 (0, 3) []"),
        ([1, 2, 3], "[1, 2, 3]"),
        ([1, 2, 3, 4], "[1, 2, 3, ... 4 items]"),
        ([np.zeros(9), "a"], "[float64 (9,), 'a']"),
        ({"lr": 0.1, "betas": (0.9, 0.999)}, "{lr: 0.1, betas: [0.9, 0.999]}"),
        ({}, "{}"),
    ],
)
def test_sketches_of_inputs(value: object, text: str) -> None:
    assert sketch(value) == text


def test_real_tensors_are_described_like_received_ones() -> None:
    torch = pytest.importorskip("torch")
    x = torch.zeros(2, 3)
    assert describe(x) == describe(sent(x)) == "a float32 tensor of shape (2, 3)"
    assert sketch(torch.ones(2, requires_grad=True)) == "float32 (2,) [1, 1]"
