"""What a wrong array looks like: transposed, scaled, negated, right but for one row ..."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from grader.spec import Tolerance

BLOCK = 1 << 14  # elements that are compared at a time: with all that is computed of them they fit into a cache
SAMPLE = 512  # elements of a larger array that are looked at first
STRIDE = 2654435761  # a prime: indices that far apart, modulo any size, come from all over

LARGEST = 1e10  # a greater factor only tells that one of the two is rounding noise

# What an exception means here, though its text doesn't say so: by the name of its class, then by what the text contains
MEANING = {
    "SyntaxError": {
        "codec can't decode": "the file isn't UTF-8: save it as UTF-8",
        "null bytes": "the file isn't UTF-8 text: save it as UTF-8",
    },
    "EOFError": {"EOF when reading a line": "nobody types here: take inputs as arguments instead"},
    "FileNotFoundError": {"": "your code runs apart, without files of yours"},
    "PermissionError": {"": "your code runs apart, and may do no more than compute"},
    "MemoryError": {"": "a submission may use only so much memory: is an array, or a list, far too large?"},
    "SystemExit": {"": "return instead of ending the program"},
}

Change = Callable[[np.ndarray], np.ndarray]
"""What might have been done to every element."""


class Errors(NamedTuple):
    """Element-wise comparison of two arrays of one shape; non-finite elements must be equal."""

    wrong: np.ndarray
    worst: tuple[int, ...]
    max_abs: float
    max_rel: float
    excess: float

    @classmethod
    def of(cls, got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> "Errors":
        due = _Due(expected, tolerance)
        wrong = np.zeros(expected.shape, bool)
        marks, values = wrong.reshape(-1), got.ravel()
        worst, top, max_abs, max_rel, excess = 0, 0.0, 0.0, 0.0, 0.0
        for part in blocks(expected.size):
            block = due.block(values[part], part)
            marks[part] = block.wrong
            max_abs = max(max_abs, _largest(block.error))
            if block.wrong.any():
                ratio, relative = block.ratio(), block.relative()
                if (peak := ratio.max()) > top:
                    worst, top = part.start + int(np.argmax(ratio)), peak
                max_rel = max(max_rel, _largest(relative))
                excess = max(excess, _largest(np.where(block.wrong & (block.allowed == 0), np.inf, ratio)))
        place = tuple(int(i) for i in np.unravel_index(worst, wrong.shape)) if wrong.size else ()
        return cls(wrong, place, max_abs, max_rel, excess)


class _Block(NamedTuple):
    """Some elements and the right ones, compared. error: absolute, infinite where one of the two isn't finite."""

    wrong: np.ndarray
    error: np.ndarray
    allowed: np.ndarray
    finite: np.ndarray
    expected: np.ndarray

    @classmethod
    def of(cls, got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> "_Block":
        """tolerance: with a scale that is none of this block's alone."""
        exact = expected.dtype.kind in "biu"
        with np.errstate(all="ignore"):
            allowed = np.zeros(expected.shape) if exact else tolerance.allowed(expected)
            equal = (got == expected) | ((got != got) & (expected != expected))
            finite = np.isfinite(got) & np.isfinite(expected)
            error = np.where(finite, np.abs(_wide(got) - _wide(expected)), np.inf)
            error = np.where(equal, 0.0, error)
            wrong = ~equal if exact else ~(equal | (finite & (error <= allowed)))
        return cls(wrong, error, allowed, finite, expected)

    def ratio(self) -> np.ndarray:
        """Of the errors that count to what is allowed; 0 where nothing is wrong."""
        with np.errstate(all="ignore"):
            return np.where(self.wrong, self.error / np.maximum(self.allowed, 1e-300), 0.0)

    def relative(self) -> np.ndarray:
        """The errors that count, relative to the right values; 0 where nothing is wrong."""
        with np.errstate(all="ignore"):
            relative = self.error / np.maximum(np.abs(_wide(self.expected)), 1e-300)
        return np.where(self.wrong, np.where(self.finite, relative, np.inf), 0.0)


class _Due:
    """Right values, to be compared with more than one array: block by block, since what fits into a cache is quick."""

    def __init__(self, expected: np.ndarray, tolerance: Tolerance) -> None:
        self.shape, self.flat = expected.shape, expected.ravel()
        self.tolerance = tolerance
        if expected.size > BLOCK and tolerance.scaled and expected.dtype.kind not in "biu":
            self.tolerance = tolerance._replace(atol=tolerance.atol * _scale(self.flat, tolerance), scaled=False)

    def block(self, got: np.ndarray, part: slice | np.ndarray) -> _Block:
        """Elements `got` beside the right ones with the indices `part`."""
        return _Block.of(got, self.flat[part], self.tolerance)

    def match(self, got: np.ndarray, change: Change | None = None) -> bool:
        """Whether `got`, with every element changed, is right. Says no as soon as a block is wrong.

        Few arrays agree in elements from all over and differ elsewhere, so a sample of a large one is looked at first.
        """
        if got.shape != self.shape:
            return False
        size = self.flat.size
        if size > BLOCK:
            sample = np.arange(SAMPLE) * STRIDE % size
            if not self._fits(got[np.unravel_index(sample, got.shape)], sample, change):
                return False
        values = got.ravel()
        return all(self._fits(values[part], part, change) for part in blocks(size))

    def _fits(self, got: np.ndarray, part: slice | np.ndarray, change: Change | None) -> bool:
        with np.errstate(all="ignore"):
            changed = change(got) if change else got
        return not self.block(changed, part).wrong.any()


def blocks(size: int) -> Iterator[slice]:
    """Slices for the elements of a flat array, few enough at a time for a cache."""
    return (slice(start, start + BLOCK) for start in range(0, size, BLOCK))


def _scale(flat: np.ndarray, tolerance: Tolerance) -> float:
    """The scale of a tolerance that goes by the largest element: it is what `allowed` adds for the whole array."""
    only = tolerance._replace(rtol=0.0, atol=1.0)
    return max(float(only.allowed(flat[part])[0]) for part in blocks(flat.size))


def _wide(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind in "biu":
        return array.astype(np.longdouble)
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64, copy=False)


def _largest(array: np.ndarray) -> float:
    return float(array.max(initial=0.0))


def raised(name: str, text: str) -> str | None:
    """What an exception means where submissions are judged, None if it speaks for itself."""
    return next((why for piece, why in MEANING.get(name, {}).items() if piece in text), None)


def match(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> bool:
    """Whether an array is right, and nothing about how wrong it is."""
    return got.shape == expected.shape and _Due(expected, tolerance).match(got)


def shape(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> str | None:
    """Why the shapes may differ, None if nothing plain fits."""
    with np.errstate(all="ignore"):
        return _reshaped(got, expected, tolerance) or _reduced(got, expected, tolerance)


def _reshaped(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> str | None:
    if got.size != expected.size:
        return None
    due = _Due(expected, tolerance)
    if got.ndim > 1 and due.match(got.T):
        return "matches if transposed"
    if due.match(got.reshape(expected.shape)):
        return f"the values are right: only the shape should be {tuple(int(n) for n in expected.shape)}"
    return None


def _reduced(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> str | None:
    for axis in range(expected.ndim if got.size else 0):
        if got.shape == expected.shape[:axis] + expected.shape[axis + 1 :] and expected.shape[axis] > 1:
            if match(got, expected.sum(axis), tolerance):
                return f"it is the expected result summed over axis {axis}"
            if match(got, expected.mean(axis), tolerance):
                return f"it is the expected result averaged over axis {axis}"
    return None


def values(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance, errors: Errors) -> str | None:
    """What wrong values of the right shape look like, None if nothing plain fits."""
    if got.dtype.kind not in "biuf" or expected.dtype.kind not in "iuf":
        return None
    due = _Due(expected, tolerance)
    with np.errstate(all="ignore"):
        return (
            _not_finite(got, expected)
            or _rearranged(got, expected, due)
            or _scaled(got, expected, tolerance)
            or _partly(errors.wrong)
        )


def _not_finite(got: np.ndarray, expected: np.ndarray) -> str | None:
    if got.dtype.kind != "f" or got.size == 1:  # of a single number it is seen
        return None
    bad = np.isfinite(expected) & ~np.isfinite(got)
    if not bad.any():
        return None
    nan = np.isnan(got[bad])
    what = "nan" if nan.all() else "nan or infinity" if nan.any() else "infinity"
    return f"{what} in {int(bad.sum())} of {got.size} places, where the right values are finite"


def _rearranged(got: np.ndarray, expected: np.ndarray, due: _Due) -> str | None:
    if got.ndim == 2 and due.match(got.T):
        return "matches if transposed"
    for axis in range(got.ndim):
        if got.shape[axis] > 1 and due.match(np.flip(got, axis)):
            return "matches if reversed" if got.ndim == 1 else f"matches if reversed along axis {axis}"
    if got.ndim and got.size > 2 and _permuted(got, expected, due.tolerance):
        return "these are the right values in another order"
    return None


def _permuted(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> bool:
    """Whether the sorted values match. Sorting is slow: large arrays come to that if their extremes and sums agree."""
    if got.size > BLOCK:
        ends = [np.array([array.min(), array.max()]) for array in (got, expected)]
        if _Block.of(ends[0], ends[1], tolerance).wrong.any() or not _sums_agree(got, expected, tolerance):
            return False
    return match(np.sort(got, axis=None), np.sort(expected, axis=None), tolerance)


def _sums_agree(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> bool:
    """False only if no order of the elements can match: sums differ by more than all errors, and rounding, may add."""
    if got.dtype.kind in "biu" and expected.dtype.kind in "biu":
        return bool(got.sum(dtype=np.uint64) == expected.sum(dtype=np.uint64))  # modulo 2**64
    one, other = got.astype(np.float64, copy=False), expected.astype(np.float64, copy=False)
    size, right = np.abs(one).sum(), np.abs(other).sum()
    allowed = tolerance.rtol * right + tolerance.atol * got.size
    rounding = 2 * got.size * np.finfo(np.float64).eps * (size + right)
    return not abs(one.sum() - other.sum()) > 1.01 * (allowed + rounding)


def _scaled(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> str | None:
    if not np.isfinite(got).all() or not np.isfinite(expected).all():
        return None
    one, other = got.astype(np.float64, copy=False), expected.astype(np.float64, copy=False)
    if not one.any():
        return "all values are zero" if one.size > 1 else None
    due = _Due(other, tolerance)
    if due.match(one, np.negative):
        return "the sign is flipped"
    peak = np.unravel_index(int(np.argmax(np.abs(other))), other.shape)
    factor = one[peak] / other[peak]
    striking = np.count_nonzero(other) > 1 or (_round(factor) and abs(one[peak]) != 1 != abs(other[peak]))
    credible = 1 / LARGEST < abs(factor) < LARGEST
    if other[peak] and credible and striking and due.match(one, lambda values: values / factor):
        return _factor(float(factor))
    shift = one[peak] - other[peak]
    if one.size > 1 and due.match(one, lambda values: values - shift):
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
