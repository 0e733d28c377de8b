"""What a wrong array looks like: each reason for an example of it, none for noise, and no crash for anything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader import reasons
from grader.spec import EXACT, T32, T64, Tolerance
from grader.wire import DTYPES

FIXED = settings(derandomize=True, deadline=None, database=None, max_examples=300)
RNG = np.random.default_rng(0)
A = RNG.normal(size=(4, 5))
SQUARE = RNG.normal(size=(4, 4))
VECTOR = RNG.normal(size=6)
CUBE = RNG.normal(size=(3, 4, 5))


def reason(got: object, expected: object, tolerance: Tolerance = T64) -> str | None:
    """The reason for a difference in shape or value."""
    one, other = np.asarray(got), np.asarray(expected)
    if one.shape != other.shape:
        return reasons.shape(one, other, tolerance)
    errors = reasons.Errors.of(one, other, tolerance)
    return reasons.values(one, other, tolerance, errors) if errors.wrong.any() else None


def but(array: np.ndarray, index: object, value: float) -> np.ndarray:
    """The array with some elements replaced."""
    changed = array.copy()
    changed[index] = value
    return changed


SHAPES = [
    (A.T, A, "matches if transposed"),
    (CUBE.T, CUBE, "matches if transposed"),
    (A.ravel(), A, "the values are right: only the shape should be (4, 5)"),
    (A[:, None], A, "the values are right: only the shape should be (4, 5)"),
    (VECTOR[:, None], VECTOR, "the values are right: only the shape should be (6,)"),
    (3.0, [3.0], "the values are right: only the shape should be (1,)"),
    (A.sum(0), A, "it is the expected result summed over axis 0"),
    (A.sum(1), A, "it is the expected result summed over axis 1"),
    (A.mean(0), A, "it is the expected result averaged over axis 0"),
    (CUBE.mean(2), CUBE, "it is the expected result averaged over axis 2"),
    (CUBE.sum(1), CUBE, "it is the expected result summed over axis 1"),
    (VECTOR.sum(), VECTOR, "it is the expected result summed over axis 0"),
    (VECTOR.mean(), VECTOR, "it is the expected result averaged over axis 0"),
    (A.ravel()[::-1], A, None),
    (A[:3], A, None),
    (RNG.normal(size=4), A, None),
    (RNG.normal(size=(5, 4)), A, None),
    (np.zeros((0, 4)), A, None),
    (np.zeros(0), np.zeros((0, 3)), "the values are right: only the shape should be (0, 3)"),
    (np.zeros(2), np.zeros((2, 0)), None),
]
VALUES = [
    (SQUARE.T, SQUARE, "matches if transposed"),
    (VECTOR[::-1], VECTOR, "matches if reversed"),
    (A[::-1], A, "matches if reversed along axis 0"),
    (A[:, ::-1], A, "matches if reversed along axis 1"),
    (A[:2][::-1], A[:2], "matches if reversed along axis 0"),
    (VECTOR[[1, 0, 2, 3, 4, 5]], VECTOR, "these are the right values in another order"),
    (A[[1, 2, 0, 3]], A, "these are the right values in another order"),
    (-A, A, "the sign is flipped"),
    (-2.5, 2.5, "the sign is flipped"),
    (2 * A, A, "off by a factor of 2"),
    (-3 * A, A, "off by a factor of -3"),
    (A / 5, A, "off by a factor of 0.2 (1/5)"),
    (A / 5.5, A, "off by a factor of 0.1818"),
    (A * 1.0001, A, "off by a factor of 1.0001"),
    (A * 0.9999, A, "off by a factor of 0.9999"),
    (5.0, 2.5, "off by a factor of 2"),
    (0.625, 2.5, "off by a factor of 0.25 (1/4)"),
    (8, 4, "off by a factor of 2"),
    (np.array([2, 4, 6]), np.array([1, 2, 3]), "off by a factor of 2"),
    (A + 1, A, "every value is off by +1"),
    (A - 0.25, A, "every value is off by -0.25"),
    (np.array([2, 3, 5]), np.array([1, 2, 4]), "every value is off by +1"),
    (np.ones(3), np.zeros(3), "every value is off by +1"),
    (0 * A, A, "all values are zero"),
    (but(A, 0, 7.0), A, "right except row 0"),
    (but(A, (2, 3), 7.0), A, "right except row 2"),
    (but(A, (slice(None), 3), 7.0), A, "right except column 3"),
    (but(VECTOR, 5, 7.0), VECTOR, "right except index 5"),
    (but(CUBE, (slice(None), 1), 7.0), CUBE, "right except axis 1, index 1"),
    (but(A, (0, 0), np.nan), A, "nan in 1 of 20 places, where the right values are finite"),
    (but(A, 0, np.inf), A, "infinity in 5 of 20 places, where the right values are finite"),
    (np.full(3, np.nan), np.array([np.nan, 1, 2]), "nan in 2 of 3 places, where the right values are finite"),
    (but(A, (slice(None), 3), 7.0).astype(np.float32), A, None),
]


@pytest.mark.parametrize(("got", "expected", "what"), SHAPES, ids=[str(row[2])[:40] for row in SHAPES])
def test_reasons_for_a_wrong_shape(got: object, expected: object, what: str | None) -> None:
    assert reason(got, expected) == what


@pytest.mark.parametrize(("got", "expected", "what"), VALUES, ids=[str(row[2])[:40] for row in VALUES])
def test_reasons_for_wrong_values(got: object, expected: object, what: str | None) -> None:
    assert reason(got, expected) == what


@pytest.mark.parametrize("block", [1, 3, 7])
@pytest.mark.parametrize(
    ("got", "expected", "what"), SHAPES + VALUES, ids=[str(row[2])[:40] for row in SHAPES + VALUES]
)
def test_reasons_in_blocks(
    monkeypatch: pytest.MonkeyPatch, got: object, expected: object, what: str | None, block: int
) -> None:
    monkeypatch.setattr(reasons, "BLOCK", block)
    assert reason(got, expected) == what


def test_the_scale_of_a_tolerance_is_that_of_the_whole_array() -> None:
    array = np.zeros(3 * reasons.BLOCK)
    array[-1] = 1e6
    for error, wrong in ((0.9e-6, 0), (1.1e-6, 1)):
        other = but(array, 0, error)
        assert reasons.match(other, array, Tolerance(0.0, 1e-12)) == (not wrong)
        errors = reasons.Errors.of(other, array, Tolerance(0.0, 1e-12))
        assert (np.count_nonzero(errors.wrong), errors.worst, errors.max_abs) == (wrong, (0,), error)


LARGE = RNG.normal(size=(300, 400))


@pytest.mark.parametrize(
    ("got", "what"),
    [
        (RNG.normal(size=LARGE.shape), None),
        (LARGE + 1e-3 * RNG.normal(size=LARGE.shape), None),
        (but(LARGE, 7, 0.0), "right except row 7"),
        (np.abs(LARGE), None),
    ],
)
def test_of_large_arrays_little_is_looked_at_to_refuse_a_reason(
    monkeypatch: pytest.MonkeyPatch, got: np.ndarray, what: str | None
) -> None:
    errors = reasons.Errors.of(got, LARGE, T64)
    looked: list[int] = []
    compare = reasons._Block.of
    monkeypatch.setattr(reasons._Block, "of", lambda got, *rest: (looked.append(got.size), compare(got, *rest))[1])
    monkeypatch.setattr(np, "sort", lambda *given, **more: pytest.fail("sorted"))
    assert reasons.values(got, LARGE, T64, errors) == what
    assert 0 < sum(looked) < LARGE.size / 4


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint64", "float32", "float64"])
def test_large_arrays_in_another_order_are_recognised(dtype: str) -> None:
    array = RNG.integers(0, 100, (200, 300)).astype(dtype)
    array[0, :2] = 0, 100
    assert (
        reason(RNG.permutation(array.ravel()).reshape(array.shape), array)
        == "these are the right values in another order"
    )
    other = RNG.permutation(array.ravel()).reshape(array.shape)
    other[5, 5] += 1
    assert reason(other, array) is None


def test_large_arrays_in_another_order_may_be_rounded_differently() -> None:
    array = 1e6 + RNG.normal(size=(200, 300))
    other = RNG.permutation(array.ravel()).reshape(array.shape) * (1 + 9e-10)
    assert reason(other, array) == "these are the right values in another order"


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1.7, 2.5),
        (2.5, 1.0),
        (7, 1),
        (1, 7),
        (0.0, 2.5),
        (1.0, 0.0),
        (2.5, -1.0),
        (np.array([1.7]), np.array([2.5])),
        (np.array([0.0, 3.1, 0.0]), np.array([0.0, 1.7, 0.0])),
        (1e308, 5e-324),
        (5e-324, 1e308),
        (True, False),
        (1 + 1j, 1 - 1j),
        (np.array([True, False]), np.array([False, True])),
    ],
)
def test_no_reason_is_made_up_where_there_is_little_to_see(got: object, expected: object) -> None:
    found = reason(got, expected)
    assert found is None or found.startswith("right except")


def test_a_single_difference_of_sign_scale_or_order_outranks_where_it_is() -> None:
    symmetric = SQUARE + SQUARE.T
    assert reason(2 * symmetric, symmetric) == "off by a factor of 2"
    assert reason(VECTOR[::-1], VECTOR) == "matches if reversed"


@pytest.mark.parametrize("shape", [(), (2,), (3,), (7,), (1, 5), (3, 3), (4, 5), (2, 3, 4), (2, 2, 2, 2)])
def test_noise_has_no_reason(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        assert reason(rng.normal(size=shape), rng.normal(size=shape)) is None
        assert reason(rng.normal(size=shape).astype(np.float32), rng.normal(size=shape).astype(np.float32), T32) is None


def test_noise_of_another_shape_has_no_reason() -> None:
    rng = np.random.default_rng(2)
    for one, other in [((3, 4), (4, 3)), ((12,), (3, 4)), ((3,), (3, 4)), ((4,), (3, 4)), ((), (3,)), ((5,), (6,))]:
        for _ in range(50):
            assert reason(rng.normal(size=one), rng.normal(size=other)) is None


def test_all_that_is_wrong_must_be_in_one_place_to_be_named() -> None:
    assert reason(but(but(A, (0, 0), 7.0), (1, 1), 8.0), A) is None
    assert reason(but(VECTOR, [0, 5], 7.0), VECTOR) is None
    assert reason(np.array([1.0, 5.5]), np.array([1.0, 2.5])) is None
    assert reason(but(A[:2], 0, [7.0, 1.0, 8.0, 2.0, 9.0]), A[:2]) is None


def test_relative_errors_are_relative_to_the_expected_value() -> None:
    errors = reasons.Errors.of(np.array([3e-9, 5.0, 1.0]), np.array([1e-9, 4.0, 1.0]), T64)
    assert errors.wrong.tolist() == [True, True, False]
    assert (errors.max_abs, round(errors.max_rel, 9)) == (1.0, 2.0)


ELEMENTS = {
    "f": st.floats(width=16) | st.sampled_from([0.0, np.nan, np.inf, -np.inf]),
    "huge": st.sampled_from([1.7e308, -1.7e308, 5e-324, 1e-300, np.nan, np.inf, 0.0, 1.0]),
}


@st.composite
def arrays(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of any dtype and extreme values, often of shapes that are related."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    other = draw(
        st.sampled_from([shape, shape, shape[::-1], shape[1:], shape[:-1], (*shape, 1), (int(np.prod(shape)),)])
    )

    def one(size: tuple[int, ...]) -> np.ndarray:
        dtype = np.dtype(draw(st.sampled_from(sorted(DTYPES))))
        elements = ELEMENTS["huge"] if dtype == np.float64 and draw(st.booleans()) else None
        return draw(hnp.arrays(dtype, size, elements=elements))

    return one(other), one(shape)


@FIXED
@given(arrays(), st.sampled_from([EXACT, T64, T32]))
def test_nothing_crashes_or_warns(pair: tuple[np.ndarray, np.ndarray], tolerance: Tolerance) -> None:
    got, expected = pair
    found = reason(got, expected, tolerance)
    assert found is None or found
    if got.shape == expected.shape:
        errors = reasons.Errors.of(got, expected, tolerance)
        assert errors.wrong.shape == got.shape and len(errors.worst) == (got.ndim if got.size else 0)
        assert not np.isnan([errors.max_abs, errors.max_rel, errors.excess]).any()
        assert (errors.excess > 0) == errors.wrong.any()
        assert errors.wrong.any() <= errors.wrong[errors.worst].any()


@FIXED
@given(arrays(), st.sampled_from([EXACT, T64, T32]), st.integers(1, 9))
def test_it_does_not_matter_how_many_elements_are_compared_at_a_time(
    pair: tuple[np.ndarray, np.ndarray], tolerance: Tolerance, size: int
) -> None:
    found = []
    for block in (reasons.BLOCK, size):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reasons, "BLOCK", block)
            found.append([reason(*pair, tolerance)])
            if pair[0].shape == pair[1].shape:
                wrong, *numbers = reasons.Errors.of(*pair, tolerance)
                found[-1] += [wrong.tolist(), *numbers]
    assert found[0] == found[1]


@FIXED
@given(arrays())
def test_an_array_is_right_by_itself(pair: tuple[np.ndarray, np.ndarray]) -> None:
    for array in pair:
        assert not reasons.Errors.of(array, array.copy(), EXACT).wrong.any()


def test_a_single_number_that_is_not_finite_speaks_for_itself() -> None:
    assert reason(np.nan, 0.5) is None
    assert reason([np.nan, 1.0], [0.5, 1.0]) == "nan in 1 of 2 places, where the right values are finite"
    assert reason([np.nan, np.inf], [0.5, 1.0]) == "nan or infinity in 2 of 2 places, where the right values are finite"
    assert reason([1.0, np.inf], [1.0, 2.0]) == "infinity in 1 of 2 places, where the right values are finite"


def test_rounding_noise_is_no_factor() -> None:
    noise = np.array([1e-17, 2e-17])
    assert reason([0.1, 0.2], noise, Tolerance(1e-9, 1e-20, scaled=False)) is None
    assert reason([0.1, 0.2], [1e-4, 2e-4]) == "off by a factor of 1000"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("SyntaxError", "(unicode error) 'utf-8' codec can't decode byte 0xc7 in position 0", "save it as UTF-8"),
        ("SyntaxError", "source code string cannot contain null bytes", "save it as UTF-8"),
        ("EOFError", "EOF when reading a line", "nobody types here"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'x.npz'", "without files of yours"),
        ("MemoryError", "", "far too large?"),
        ("SystemExit", "3", "return instead"),
    ],
)
def test_exceptions_that_mean_something_else_here(name: str, text: str, words: str) -> None:
    assert words in (reasons.raised(name, text) or "")


def test_other_exceptions_speak_for_themselves() -> None:
    assert reasons.raised("SyntaxError", "invalid syntax") is None
    assert reasons.raised("ValueError", "EOF when reading a line") is None
