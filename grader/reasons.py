"""What a wrong array looks like: transposed, scaled, negated, right but for one row ..."""

from typing import NamedTuple

import numpy as np

from grader.spec import Tolerance


class Errors(NamedTuple):
    """Element-wise comparison of two arrays of one shape; non-finite elements must be equal."""

    wrong: np.ndarray
    worst: tuple[int, ...]
    max_abs: float
    max_rel: float
    excess: float

    @classmethod
    def of(cls, got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> "Errors":
        exact = expected.dtype.kind in "biu"
        with np.errstate(all="ignore"):
            allowed = np.zeros(expected.shape) if exact else tolerance.allowed(expected)
            equal = (got == expected) | ((got != got) & (expected != expected))
            finite = np.isfinite(got) & np.isfinite(expected)
            error = np.where(finite, np.abs(_wide(got) - _wide(expected)), np.inf)
            error = np.where(equal, 0.0, error)
            wrong = ~(equal | (finite & (error <= allowed) & (not exact)))
            ratio = np.where(wrong, error / np.maximum(allowed, 1e-300), 0.0)
            relative = np.where(finite, error / np.maximum(np.abs(_wide(expected)), 1e-300), np.inf)
        return cls(
            wrong,
            tuple(int(i) for i in np.unravel_index(int(np.argmax(ratio)), ratio.shape)) if ratio.size else (),
            _largest(error),
            _largest(np.where(wrong, relative, 0.0)),
            _largest(np.where(wrong & (allowed == 0), np.inf, ratio)),
        )


def _wide(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind in "biu":
        return array.astype(np.longdouble)
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _largest(array: np.ndarray) -> float:
    return float(array.max(initial=0.0))


def _match(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> bool:
    return got.shape == expected.shape and not Errors.of(got, expected, tolerance).wrong.any()


def shape(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> str | None:
    """Why the shapes may differ, None if nothing plain fits."""
    with np.errstate(all="ignore"):
        return _reshaped(got, expected, tolerance) or _reduced(got, expected, tolerance)


def _reshaped(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> str | None:
    if got.ndim > 1 and _match(got.T, expected, tolerance):
        return "matches if transposed"
    if got.size == expected.size and _match(got.reshape(expected.shape), expected, tolerance):
        return f"the values are right: only the shape should be {tuple(int(n) for n in expected.shape)}"
    return None


def _reduced(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> str | None:
    for axis in range(expected.ndim if got.size else 0):
        if got.shape == expected.shape[:axis] + expected.shape[axis + 1 :] and expected.shape[axis] > 1:
            if _match(got, expected.sum(axis), tolerance):
                return f"it is the expected result summed over axis {axis}"
            if _match(got, expected.mean(axis), tolerance):
                return f"it is the expected result averaged over axis {axis}"
    return None


def values(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance, errors: Errors) -> str | None:
    """What wrong values of the right shape look like, None if nothing plain fits."""
    if got.dtype.kind not in "biuf" or expected.dtype.kind not in "iuf":
        return None
    with np.errstate(all="ignore"):
        return (
            _not_finite(got, expected)
            or _rearranged(got, expected, tolerance)
            or _scaled(got, expected, tolerance)
            or _partly(errors.wrong)
        )


def _not_finite(got: np.ndarray, expected: np.ndarray) -> str | None:
    bad = np.isfinite(expected) & ~np.isfinite(got)
    if not bad.any():
        return None
    what = "nan" if np.isnan(got[bad]).any() else "infinity"
    return f"{what} in {int(bad.sum())} of {got.size} places, where the right values are finite"


def _rearranged(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> str | None:
    if got.ndim == 2 and _match(got.T, expected, tolerance):
        return "matches if transposed"
    for axis in range(got.ndim):
        if got.shape[axis] > 1 and _match(np.flip(got, axis), expected, tolerance):
            return "matches if reversed" if got.ndim == 1 else f"matches if reversed along axis {axis}"
    if got.ndim and got.size > 2 and _match(np.sort(got, axis=None), np.sort(expected, axis=None), tolerance):
        return "these are the right values in another order"
    return None


def _scaled(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> str | None:
    if not np.isfinite(got).all() or not np.isfinite(expected).all():
        return None
    one, other = got.astype(np.float64), expected.astype(np.float64)
    if not one.any():
        return "all values are zero" if one.size > 1 else None
    if _match(-one, other, tolerance):
        return "the sign is flipped"
    peak = np.unravel_index(int(np.argmax(np.abs(other))), other.shape)
    factor = one[peak] / other[peak]
    striking = np.count_nonzero(other) > 1 or (_round(factor) and abs(one[peak]) != 1 != abs(other[peak]))
    if other[peak] and factor and striking and _match(one / factor, other, tolerance):
        return _factor(float(factor))
    shift = one[peak] - other[peak]
    if one.size > 1 and _match(one - shift, other, tolerance):
        return f"every value is off by {shift:+.4g}"
    return None


def _round(factor: float) -> bool:
    """Whether a factor, or one over it, is a whole number below 1000."""
    larger = max(abs(factor), 1 / abs(factor))
    return larger < 1000 and abs(larger - round(larger)) < 1e-9 * larger


def _factor(factor: float) -> str:
    text = f"{factor:.4g}" if abs(abs(factor) - 1) >= 1e-3 else f"{factor:.10g}"
    return f"off by a factor of {text}" + (f" (1/{1 / factor:.4g})" if abs(factor) < 1 and _round(factor) else "")


def _partly(wrong: np.ndarray) -> str | None:
    """Says so when a single row or column holds all that is wrong."""
    if wrong.ndim == 0 or wrong.size < 3:
        return None
    for axis in range(wrong.ndim):
        if wrong.shape[axis] < 3 and wrong.ndim > 1:
            continue
        others = tuple(i for i in range(wrong.ndim) if i != axis)
        lines = wrong.any(axis=others)
        if lines.sum() == 1:
            name = ("row", "column")[axis] if wrong.ndim == 2 else "index" if wrong.ndim == 1 else f"axis {axis}, index"
            return f"right except {name} {int(np.argmax(lines))}"
    return None
