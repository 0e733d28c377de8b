"""Is an outcome what was expected? Pure: two outcomes in, nothing or a difference that teaches out.

Declared rules: plain numpy arrays are compared by shape, dtype and value. Python numbers, numpy scalars and 0-d arrays
are interchangeable; an int is welcome where a float is due, a bool is a number nowhere. Lists and tuples are
interchangeable, dicts are compared without order. Where the solution raises, an exception of the same class or a
subclass is due. Anything else (a subclass of `ndarray`, an object that imitates one, a tensor where an array is due) is
a difference of type.
"""

import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from grader import reasons
from grader.outcome import Answered, Killed, Missing, Outcome, Raised, TimedOut
from grader.spec import EXACT, T32, Tolerance
from grader.text import counted
from grader.wire import Other, Tensor, arrays, is_tensor


class Difference(NamedTuple):
    """The first difference found, in the words of a person and in numbers.

    kind: value, shape, dtype, type, length, keys, raised, not_raised, changed, shared, property, slow, unwritten,
        timed_out, killed or missing.
    reason: what the difference looks like ("matches if transposed"), if that is known.
    excess: largest |got - expected| / allowed; infinite where there is nothing to measure.
    """

    kind: str
    message: str
    reason: str | None = None
    wrong: int | None = None
    of: int | None = None
    worst_index: tuple[int, ...] | None = None
    got: float | None = None
    expected: float | None = None
    max_abs: float | None = None
    max_rel: float | None = None
    excess: float = float("inf")


class Rules(NamedTuple):
    """How to compare: the tolerance, names for items of a returned tuple, inputs that may be changed or returned.

    inputs: what came in, to explain a difference of dtype.
    explain: whether a difference is to be put into words and numbers; else it only counts that there is one.
    """

    tolerance: Tolerance = EXACT
    returns: tuple[str, ...] = ()
    may_change: tuple[str, ...] = ()
    may_alias: bool = False
    inputs: Mapping[str, Any] = MappingProxyType({})
    explain: bool = True


def compare(outcome: Outcome, expected: Outcome, rules: Rules) -> Difference | None:
    """The first difference of `outcome` from `expected`, None if there is none that counts."""
    match outcome, expected:
        case TimedOut(reason), _:
            return Difference("timed_out", reason)
        case Killed(reason), _:
            return Difference("killed", reason)
        case Missing(reason), _:
            return Difference("missing", reason)
        case Raised(), Raised():
            meant = expected.name in outcome.names and not outcome.unwritten
            return None if meant else _raised(outcome, f"{expected.name} is due here")
        case Raised(), _:
            return _raised(outcome)
        case Answered(), Raised():
            return Difference("not_raised", f"returned {describe(outcome.value)}, where {expected.name} is due")
        case Answered(), Answered():
            return touched(outcome, rules) or _tree(outcome.value, expected.value, rules)
    raise ValueError(f"{type(expected).__name__} can't be expected")


def same(outcome: Outcome, other: Outcome, rules: Rules) -> bool:
    """Whether two outcomes, right or wrong, can't be told apart."""
    match outcome, other:
        case Answered(), Answered():
            one, two = touched(outcome, rules), touched(other, rules)
            return one == two and _tree(outcome.value, other.value, rules._replace(explain=False)) is None
        case Raised(), Raised():
            return outcome.name == other.name
    return type(outcome) is type(other)


def _raised(outcome: Raised, due: str = "") -> Difference:
    if outcome.unwritten:
        return Difference("unwritten", "not written yet")
    text = f": {outcome.text}" if outcome.text else ""
    return Difference("raised", f"raised {outcome.name}{text}", due or reasons.raised(outcome.name, outcome.text))


def touched(outcome: Answered, rules: Rules) -> Difference | None:
    if changed := [name for name in outcome.changed if name not in rules.may_change]:
        return Difference("changed", f"your code changed its argument `{changed[0]}`, which belongs to the caller")
    shared = [name for name in outcome.shared if name not in rules.may_change]
    if shared and not rules.may_alias:
        return Difference("shared", f"the result shares memory with the argument `{shared[0]}`: return a new array")
    return None


def _tree(got: Any, expected: Any, rules: Rules, where: str = "") -> Difference | None:
    if isinstance(expected, (list, tuple)) and not isinstance(expected, (Tensor, Other)):
        return _sequence(got, expected, rules, where)
    if isinstance(expected, dict):
        return _mapping(got, expected, rules, where)
    if isinstance(expected, Tensor):
        if not isinstance(got, Tensor):
            return _type(got, expected, where)
        return _array(got.array, expected.array, rules, where)
    if is_number(expected):
        return _number(got, expected, rules, where)
    if isinstance(expected, np.ndarray):
        return _array(got, expected, rules, where) if isinstance(got, np.ndarray) else _type(got, expected, where)
    if type(got) is not type(expected) or got != expected:
        return Difference("value", f"{_subject(where)} is {describe(got)}, expected {describe(expected)}")
    return None


def _sequence(got: Any, expected: list[Any] | tuple[Any, ...], rules: Rules, where: str) -> Difference | None:
    if not isinstance(got, (list, tuple)) or isinstance(got, (Tensor, Other)):
        return _type(got, expected, where)
    if len(got) != len(expected):
        return Difference("length", f"{_subject(where)} has {counted(len(got), 'item')}, expected {len(expected)}")
    for i, (one, other) in enumerate(zip(got, expected, strict=True)):
        name = rules.returns[i] if not where and i < len(rules.returns) else f"{where or 'result'}[{i}]"
        if found := _tree(one, other, rules, name):
            return found
    return None


def _mapping(got: Any, expected: dict[Any, Any], rules: Rules, where: str) -> Difference | None:
    if not isinstance(got, dict):
        return _type(got, expected, where)
    for key in expected:
        if key not in got:
            return Difference("keys", f"{_subject(where)} has no key {key!r}")
    for key in got:
        if key not in expected:
            return Difference("keys", f"{_subject(where)} has a key {repr(key)[:60]} that isn't asked for")
    for key, value in expected.items():
        name = key if not where and isinstance(key, str) else f"{where or 'result'}[{key!r}]"
        if found := _tree(got[key], value, rules, name):
            return found
    return None


def is_number(value: Any) -> bool:
    """Whether `value` counts as one number: Python's, numpy's, or an array without dimensions."""
    return isinstance(value, (bool, int, float, complex, np.generic)) or (
        isinstance(value, np.ndarray) and value.ndim == 0
    )


WELCOME = {"b": "b", "i": "iuO", "u": "iuO", "O": "iuO", "f": "fiuO", "c": "cfiuO"}  # O: an int beyond 64 bits


def _number(got: Any, expected: Any, rules: Rules, where: str) -> Difference | None:
    if not is_number(got):
        return _type(got, expected, where)
    one, other = np.asarray(got), np.asarray(expected)
    if one.dtype.kind not in WELCOME[other.dtype.kind]:
        return _type(got, expected, where)
    if "O" in (one.dtype.kind, other.dtype.kind):
        return _huge(one.item(), other.item(), rules, where)
    return _values(one, other, rules, where)


def _huge(got: int, expected: complex, rules: Rules, where: str) -> Difference | None:
    """Compares numbers of which one is an int that no dtype holds."""
    if isinstance(expected, int) and got == expected:
        return None
    if not isinstance(expected, int) and abs(got) <= sys.float_info.max:
        return _values(np.asarray(float(got)), np.asarray(expected), rules, where)
    message = f"{_subject(where)} is wrong: got {number(got)}, expected {number(expected)}"
    return Difference("value", message, wrong=1, of=1, worst_index=())


def _array(got: np.ndarray, expected: np.ndarray, rules: Rules, where: str) -> Difference | None:
    if got.shape != expected.shape:
        message = f"{_subject(where)} has shape {_shape(got)}, expected {_shape(expected)}"
        return Difference("shape", message, reasons.shape(got, expected, rules.tolerance) if rules.explain else None)
    found = _values(got, expected, rules, where)
    if found and not _rounded(got, expected):
        return found
    if got.dtype != expected.dtype:
        came_in = {str(a.dtype).removeprefix("torch.") for a in arrays(dict(rules.inputs))}
        reason = f"{got.dtype} where {expected.dtype} came in" if expected.dtype.name in came_in else None
        return Difference("dtype", f"{_subject(where)} has dtype {got.dtype}, expected {expected.dtype}", reason)
    return None


def _rounded(got: np.ndarray, expected: np.ndarray) -> bool:
    """Whether a result in a shorter floating-point format is right as far as its digits go."""
    if got.dtype.kind != "f" or expected.dtype.kind != "f" or got.dtype.itemsize >= expected.dtype.itemsize:
        return False
    return reasons.match(got, expected, T32)


def _values(got: np.ndarray, expected: np.ndarray, rules: Rules, where: str) -> Difference | None:
    if got.dtype == expected.dtype and _identical(got, expected):
        return None
    if not rules.explain:
        right = reasons.match(got, expected, rules.tolerance)
        return None if right else Difference("value", f"{_subject(where)} is wrong")
    errors = reasons.Errors.of(got, expected, rules.tolerance)
    if not errors.wrong.any():
        return None
    worst = errors.worst
    one, other = got[worst].item(), expected[worst].item()
    mine, theirs = number(one), number(other)
    if mine == theirs:
        mine, theirs = repr(one), repr(other)
    at = f" at {_place(worst)}" if worst else ""
    return Difference(
        "value",
        f"{_subject(where)} is wrong{at}: got {mine}, expected {theirs}",
        reasons.values(got, expected, rules.tolerance, errors) or _first(errors),
        wrong=int(np.count_nonzero(errors.wrong)),
        of=got.size,
        worst_index=worst,
        got=one if not isinstance(one, complex) else None,
        expected=other if not isinstance(other, complex) else None,
        max_abs=errors.max_abs,
        max_rel=errors.max_rel,
        excess=errors.excess,
    )


def _identical(got: np.ndarray, expected: np.ndarray) -> bool:
    """Whether two arrays of one shape and dtype are the same to the bit, without a copy of all of a large one."""
    if got.size <= reasons.BLOCK:
        return got.tobytes() == expected.tobytes()
    one, other = got.ravel(), expected.ravel()
    return all(one[part].tobytes() == other[part].tobytes() for part in reasons.blocks(one.size))


def _first(errors: reasons.Errors) -> str | None:
    """Where it goes wrong for the first time: in a path the worst error comes late, and the first one teaches."""
    first = tuple(int(n) for n in np.unravel_index(int(np.argmax(errors.wrong)), errors.wrong.shape))
    return f"the first error is at {_place(first)}" if first != errors.worst else None


def _place(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]"


def _type(got: Any, expected: Any, where: str) -> Difference:
    return Difference("type", f"{_subject(where)} is {describe(got)}, expected {describe(expected)}")


def _subject(where: str) -> str:
    return f"`{where}`" if where else "the result"


def _shape(array: Any) -> str:
    return str(tuple(int(n) for n in array.shape))


def number(value: Any) -> str:
    """A number as people read it."""
    text = f"{value + 0.0:.7g}" if isinstance(value, float) else str(value)  # -0.0 is 0
    return text if len(text) <= 60 else f"{text[:20]}... ({len(text)} characters)"


def describe(value: Any) -> str:
    """A value in a few words: what it is, not all that is in it."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:40] + "...")
    if is_number(value):
        return f"the {_kind(np.asarray(value))} {number(np.asarray(value).item())}"
    if is_tensor(value):
        return _shaped(str(value.dtype).removeprefix("torch."), "tensor", value)
    if isinstance(value, Tensor):
        return _shaped(value.array.dtype.name, "tensor", value.array)
    if isinstance(value, np.ndarray):
        return _shaped(value.dtype.name, "array", value)
    if isinstance(value, Other):
        return f"an object of type {value.type}"
    if isinstance(value, dict):
        return f"a dict with {counted(len(value), 'key')}"
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {counted(len(value), 'item')}"
    return repr(value)[:40]


def _shaped(dtype: str, what: str, value: Any) -> str:
    return f"{'an' if dtype.startswith('i') else 'a'} {dtype} {what} of shape {_shape(value)}"


def _kind(value: np.ndarray) -> str:
    kinds = {"b": "bool", "i": "integer", "u": "integer", "O": "integer", "f": "float", "c": "complex number"}
    return kinds.get(value.dtype.kind, str(value.dtype))


def sketch(value: Any, room: int = 6) -> str:
    """A value as an input is shown: in full while it has at most `room` numbers, else by dtype and shape."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {sketch(item, room)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        few = [sketch(item, room) for item in value[:3]]
        return "[" + ", ".join(few) + (f", ... {len(value)} items]" if len(value) > 3 else "]")
    if is_number(value):
        return number(np.asarray(value).item())
    array = value.detach().numpy() if is_tensor(value) else value
    if isinstance(array, np.ndarray):
        kind = f"{array.dtype} {_shape(array)}"
        return f"{kind} {_rows(array.tolist())}" if array.size <= room else kind
    return repr(value)[:60]


def _rows(values: Any) -> str:
    if isinstance(values, list):
        return "[" + ", ".join(map(_rows, values)) + "]"
    return f"{values:.4g}" if isinstance(values, float) else str(values)
