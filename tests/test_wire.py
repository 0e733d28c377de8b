"""The wire format: what is plain comes back as it was, whatever is hostile raises WireError and costs little."""

import json
import math
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader import wire
from grader.text import harmless
from grader.wire import (
    ALIGN,
    DEPTH,
    DTYPES,
    HEADER,
    KEYS,
    MAGIC,
    NODES,
    PREFIX,
    Cutter,
    Other,
    Tensor,
    TooLarge,
    WireError,
    message,
    parse,
)

steady = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

dtypes = st.sampled_from(sorted(DTYPES)).map(np.dtype)
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
arrays = hnp.arrays(dtypes, shapes)
scalars = dtypes.flatmap(lambda dtype: hnp.arrays(dtype, ()).map(lambda array: array[()]))
atoms = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=10)
    | st.binary(max_size=20)
    | arrays
    | scalars
)
keys = st.text(max_size=5) | st.integers() | st.tuples(st.integers(), st.text(max_size=3)) | st.none() | st.binary()
plain = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=12,
)


def alike(a: Any, b: Any) -> bool:
    """Whether two trees are the same to the bit, types included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (np.ndarray, np.generic)):
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return list(a) == list(b) and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(alike, a, b))
    return repr(a) == repr(b)


def is_plain(value: Any) -> bool:
    """Whether a value is of the kinds that the format knows, and nothing in it can do anything."""
    if isinstance(value, np.ndarray):
        return type(value) is np.ndarray and value.dtype.name in DTYPES
    if type(value) is Tensor:
        return is_plain(value.array)
    if type(value) is Other:
        return type(value.type) is str and value.type.isprintable() and len(value.type) <= 200
    if type(value) in (list, tuple):
        return all(map(is_plain, value))
    if type(value) is dict:
        return all(is_plain(key) and is_plain(item) for key, item in value.items())
    kinds = (type(None), bool, int, float, complex, str, bytes)
    return type(value) in kinds or (isinstance(value, np.generic) and value.dtype.name in DTYPES)


def framed(header: bytes | dict[str, Any], payload: bytes = b"") -> bytes:
    """A message with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return PREFIX.pack(MAGIC, len(text), len(payload)) + text + payload


# Round trips


@steady
@given(plain)
def test_plain_data_comes_back_as_it_was(value: Any) -> None:
    assert alike(parse(message({"x": value}))["x"], value)


@steady
@given(plain, plain)
def test_values_do_not_disturb_each_other(one: Any, other: Any) -> None:
    found = parse(message({"one": one, "other": other, "id": 7}))
    assert alike(found, {"one": one, "other": other, "id": 7})


def strided(array: np.ndarray, how: str) -> np.ndarray:
    match how:
        case "Fortran":
            return np.asfortranarray(array)
        case "reversed":
            return array[(..., *[slice(None, None, -1)] * array.ndim)]
        case "every other":
            return array[(..., *[slice(None, None, 2)] * array.ndim)]
        case "repeated":
            return np.broadcast_to(array, (3, *array.shape))
        case "transposed":
            return array.T
        case "a piece":
            return array[(..., *[slice(1, None)] * array.ndim)]
    return array


@steady
@given(
    arrays,
    st.sampled_from(["plain", "Fortran", "reversed", "every other", "repeated", "transposed", "a piece"]),
    st.booleans(),
)
def test_a_worker_gets_arrays_in_their_memory_layout(array: np.ndarray, how: str, writeable: bool) -> None:
    value = strided(array, how)
    if not writeable:
        value = value.view()
        value.flags.writeable = False
    found = parse(message({"x": value}, layout=True), layout=True)["x"]
    assert alike(found, value)
    assert found.flags.writeable == value.flags.writeable
    if value.size:  # the strides of an array without elements, or along an axis with one, mean nothing
        steps = [(one, other) for n, one, other in zip(value.shape, found.strides, value.strides, strict=True) if n > 1]
        assert all(one == other for one, other in steps)
        assert found.flags.c_contiguous == value.flags.c_contiguous
        assert found.flags.f_contiguous == value.flags.f_contiguous


@pytest.mark.parametrize("layout", [True, False])
@pytest.mark.parametrize("step", [1, -1, 2])
def test_numbers_in_the_other_byte_order_keep_their_values(layout: bool, step: int) -> None:
    value = np.arange(6).astype(">i4")[::step]
    found = parse(message({"x": value}, layout=layout), layout=layout)["x"]
    assert found.dtype == np.int32
    assert found.tolist() == value.tolist()


def test_answers_are_packed_without_their_layout() -> None:
    found = parse(message({"x": np.broadcast_to(np.arange(3.0), (2, 3))}))["x"]
    assert found.flags.c_contiguous
    assert found.flags.writeable
    assert found.tolist() == [[0, 1, 2], [0, 1, 2]]


def test_what_a_worker_changes_is_its_own() -> None:
    raw = message({"x": np.zeros(3)[::-1]}, layout=True)
    parse(raw, layout=True)["x"][:] = 7
    assert parse(raw, layout=True)["x"].tolist() == [0, 0, 0]


def test_tensors_come_back_as_tensors() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.arange(6.0, requires_grad=True).reshape(2, 3).T
    raw = message({"x": [tensor, torch.tensor(True), torch.zeros((0, 2), dtype=torch.int64)]})
    found = parse(raw)["x"]
    assert [type(item) for item in found] == [Tensor] * 3
    assert found[0].array.tolist() == [[0, 3], [1, 4], [2, 5]]
    assert found[0].array.dtype == np.float32
    assert found[2].array.shape == (0, 2)
    again = parse(raw, torch.from_numpy)["x"]
    assert torch.equal(again[0], tensor)
    assert again[1].dtype == torch.bool
    assert parse(message({"x": tensor.to(torch.bfloat16)}))["x"] == Other("torch.Tensor of dtype bfloat16")


class Subarray(np.ndarray):
    pass


class Subfloat(float):
    pass


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (np.zeros(2).view(Subarray), "tests.test_wire.Subarray"),
        (Subfloat(1), "tests.test_wire.Subfloat"),
        (np.array([None, {}], dtype=object), "array of dtype object"),
        (np.zeros(2, "datetime64[s]"), "array of dtype datetime64[s]"),
        (np.zeros(2, "S5"), "array of dtype bytes40"),
        (np.longdouble(1), "numpy.longdouble"),
        ({1, 2}, "set"),
        (range(3), "range"),
        (print, "builtin_function_or_method"),
        (np, "module"),
        (Ellipsis, "ellipsis"),
        (slice(1), "slice"),
    ],
)
def test_anything_else_goes_by_the_name_of_its_type(value: Any, name: str) -> None:
    assert parse(message({"x": [value]}))["x"] == [Other(name)]


def test_containers_of_other_classes_become_plain_ones() -> None:
    from collections import OrderedDict, namedtuple

    pair = namedtuple("pair", "a b")
    found = parse(message({"x": [OrderedDict(a=1), pair(1, 2), np.str_("text"), bytearray(b"ab")]}))["x"]
    assert alike(found, [{"a": 1}, (1, 2), "text", b"ab"])


# Too much of it


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_depth_is_bounded() -> None:
    assert parse(message({"x": nested(DEPTH)}))["x"] == nested(DEPTH)
    assert parse(message({"x": nested(DEPTH + 1)}))["x"] == Other("list nested too deeply or with too many items")


def test_the_number_of_values_is_bounded() -> None:
    found = parse(message({"id": 1, "x": [0] * (NODES - 2)}))
    assert len(found["x"]) == NODES - 2
    found = parse(message({"before": 1, "x": [np.zeros(3), [0] * NODES], "after": [2, np.ones(1)]}))
    assert found["x"] == Other("list nested too deeply or with too many items")
    assert (found["before"], found["after"]) == (1, [2, np.ones(1)])


def test_a_value_that_holds_itself_is_not_plain() -> None:
    cycle: list[Any] = []
    cycle += [cycle] * 100
    assert parse(message({"x": cycle}))["x"] == Other("list nested too deeply or with too many items")


def test_more_values_than_are_sent_are_refused() -> None:
    with pytest.raises(WireError):
        parse(framed({"x": {"l": [0] * (NODES + 10)}}))
    with pytest.raises(WireError):
        parse(framed(b'{"x": ' + b'{"l": [' * (DEPTH + 3) + b"]}" * (DEPTH + 3) + b"}"))


def test_keys_that_may_collide_are_few() -> None:
    few, many = ([[k * (2**61 - 1), 0] for k in range(1, n)] for n in (KEYS, KEYS + 2))
    assert len(parse(framed({"x": {"d": few}}))["x"]) == KEYS - 1
    with pytest.raises(WireError):
        parse(framed({"x": {"d": many}}))
    half = many[: KEYS // 2 + 1]
    with pytest.raises(WireError):
        parse(framed({"x": {"l": [{"d": half}, {"d": half}]}}))
    assert len(parse(framed({"x": {"d": [[str(k), 0] for k in range(2 * KEYS)]}}))["x"]) == 2 * KEYS


@pytest.mark.parametrize("key", [{"l": []}, {"a": ["float64", [0]]}, {"d": []}, {"t": [{"l": [1]}]}])
def test_keys_that_no_dict_can_have_are_not_plain(key: Any) -> None:
    ((found, value),) = parse(framed({"x": {"d": [[key, 5]]}}))["x"].items()
    assert (type(found), value) == (Other, 5)


# Hostile bytes


def check(raw: bytes, layout: bool = False) -> None:
    """Whatever `raw` is, parsing it yields plain data or WireError, and takes memory in proportion to its size."""
    tracemalloc.start()
    try:
        found = parse(raw, layout=layout)
    except WireError:
        found = {}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert type(found) is dict
    assert all(type(key) is str and is_plain(value) for key, value in found.items())
    assert peak < 100_000 + 60 * len(raw)


@steady
@given(st.binary(max_size=200))
def test_arbitrary_bytes(raw: bytes) -> None:
    check(raw)


@steady
@given(st.binary(max_size=100), st.binary(max_size=100))
def test_arbitrary_headers(header: bytes, payload: bytes) -> None:
    check(framed(header, payload))


@steady
@given(plain, st.data())
def test_mutated_messages(value: Any, data: st.DataObject) -> None:
    raw = bytearray(message({"id": 1, "answered": value}))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(at, min(at + 8, len(raw))))
        raw[at:end] = data.draw(st.binary(max_size=8))
    check(bytes(raw))
    check(bytes(raw), layout=True)
    start = PREFIX.size
    if len(raw) > start:  # with a prefix that fits again
        text = len(raw) - start - data.draw(st.integers(0, 64))
        if text >= 0:
            check(PREFIX.pack(MAGIC, text, len(raw) - start - text) + bytes(raw[start:]))


sizes = st.integers(-1, 5) | st.sampled_from([2**31, 2**39, 2**40, 2**62, 2**63, 2**64, 10**50]) | st.booleans()
words = (
    st.sampled_from([*sorted(DTYPES), "object", "O", "V8", "f8,f8", "(2,)f8", "datetime64[s]", "<f8", ">i2", "S" * 99])
    | st.sampled_from(["nan", "inf", "-0x1p+9999999", "0x1.8p+1", "1e5", "", "\x1b[2J", "\u202e", "\ud800"])
    | st.text(max_size=5)
)
tags = st.sampled_from(list("fcltdasTbmo")) | st.text(max_size=2)
numbers = st.lists(sizes, max_size=4) | st.lists(st.just(0), min_size=30, max_size=40)
bodies = st.recursive(
    st.none() | sizes | st.floats(allow_nan=False, allow_infinity=False) | words | numbers,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.builds(lambda tag, body: {tag: body}, tags, inner)
        | st.builds(lambda pairs: {"d": pairs}, st.lists(st.tuples(inner, inner), max_size=3))
        | st.builds(lambda dtype, shape: {"a": [dtype, shape]}, words, numbers)
        | st.builds(lambda dtype: {"s": dtype}, words)
        | st.builds(lambda *body: {"m": body}, words, numbers, sizes, sizes, numbers, sizes | words)
        | st.dictionaries(words, inner, max_size=3)
    ),
    max_leaves=15,
)


@steady
@given(bodies, st.binary(max_size=100), st.booleans())
def test_hostile_headers(body: Any, payload: bytes, layout: bool) -> None:
    check(framed({"id": 1, "answered": body}, payload), layout)
    check(framed({"answered": body}, payload.ljust(-(-len(payload) // ALIGN) * ALIGN, b"\0")), layout)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"DLG1",
        PREFIX.pack(b"DLG2", 2, 0) + b"{}",
        PREFIX.pack(MAGIC, 3, 0) + b"{}",
        PREFIX.pack(MAGIC, 2**32 - 1, 2**64 - 1) + b"{}",
        framed(b"[]"),
        framed(b"1"),
        framed(b'{"x": NaN}'),
        framed(b'{"x": Infinity}'),
        framed(b'{"x": 1.5}'),
        framed(b'{"x": 1, "x": 2}'),
        framed(b'{"x": {"f": "0x1p0", "f": "0x1p1"}}'),
        framed(b'{"x": "\xc3\xa9"}'),
        framed(b'{"x": ' + b"9" * 5000 + b"}"),
        framed(b'{"x": ' + b"[" * 100_000 + b"}"),
        framed({"x": [1]}),
        framed({"x": {}}),
        framed({"x": {"f": "0x1p0", "c": []}}),
        framed({"x": {"?": 1}}),
        framed({"x": {"f": 1}}),
        framed({"x": {"f": "0x1p99999"}}),
        framed({"x": {"c": ["0x1p0"] * 3}}),
        framed({"x": {"l": {"a": 1}}}),
        framed({"x": {"d": [[1]]}}),
        framed({"x": {"o": [1]}}),
        framed({"x": {"b": 1}}),
        framed({"x": {"b": -1}}),
        framed({"x": {"b": True}}),
        framed({"x": {"a": ["object", [1]]}}, bytes(16)),
        framed({"x": {"a": ["float64", [2]]}}, bytes(15)),
        framed({"x": {"a": ["float64", [2**39, 2**39, 0]]}}),
        framed({"x": {"a": ["float64", [1] * 33]}}, bytes(16)),
        framed({"x": {"a": ["float64", [-1, -2]]}}, bytes(16)),
        framed({"x": {"a": ["float64", [1.0]]}}, bytes(16)),
        framed({"x": {"s": "S1"}}, bytes(16)),
        framed({"x": {"m": ["float64", [1], 8, 0, [8], True]}}, bytes(16)),
        framed({"x": 1}, bytes(16)),
    ],
)
def test_what_does_not_fit_is_refused(raw: bytes) -> None:
    with pytest.raises(WireError):
        parse(raw)


@pytest.mark.parametrize(
    "body",
    [
        ["float64", [1], 8, 8, [8], True],
        ["float64", [1], 8, -8, [8], True],
        ["float64", [2], 8, 0, [8], True],
        ["float64", [2], 16, 0, [-8], True],
        ["float64", [2**62], 16, 0, [8], True],
        ["float64", [2**62], 16, 0, [0, 0], True],
        ["object", [1], 8, 0, [8], True],
        ["float64", [1], 2**50, 0, [8], True],
        ["float64", ["1"], 8, 0, [8], True],
    ],
)
def test_layouts_stay_inside_their_memory(body: Any) -> None:
    with pytest.raises(WireError):
        parse(framed({"x": {"m": body}}, bytes(16)), layout=True)


def test_truth_values_are_zero_or_one() -> None:
    raw = framed(
        {"x": {"a": ["bool", [4]]}, "y": {"s": "bool"}}, bytes([0, 1, 2, 255]).ljust(16, b"\0") + b"\7".ljust(16)
    )
    found = parse(raw)
    assert found["x"].view(np.uint8).tolist() == [0, 1, 1, 1]
    assert found["x"].dtype == bool
    assert np.asarray(found["y"]).view(np.uint8) == 1


def test_names_of_types_do_nothing_to_a_terminal() -> None:
    found = parse(framed({"x": {"o": "\x1b[2J\u202e\ud800" + "n" * 1000}}))["x"]
    assert found.type.startswith(r"\x1b[2J\u202e\ud800nnn")
    assert len(found.type) == 200


def test_harmless_text() -> None:
    assert harmless("é\n\t\x1b\x00\u2066\x9b\U000e0001", 100) == r"é\n\t\x1b\x00\u2066\x9b\U000e0001"
    assert harmless("a\n\tb\r", 100, kept="\n\t") == "a\n\tb\\r"
    assert harmless("\x1b" * 10, 6) == r"\x1b\x"


# A stream of messages


@steady
@given(st.lists(plain, max_size=4), st.lists(st.integers(1, 40), min_size=1), st.binary(max_size=15))
def test_messages_are_cut_from_any_chunks(values: list[Any], steps: list[int], rest: bytes) -> None:
    sent = [message({"id": i, "x": value}) for i, value in enumerate(values)]
    stream, cutter, found = b"".join(sent) + rest, Cutter(), []
    most, at = max(map(len, sent), default=0), 0
    for i in range(len(stream)):
        if at >= len(stream):
            break
        step = steps[i % len(steps)]
        whole = cutter.feed(stream[at : at + step], most)
        at += step
        while whole is not None:
            found.append(whole)
            whole = cutter.feed(b"", most)
    assert found == sent
    assert cutter.pending == bool(rest)


def test_the_limit_counts_header_and_payload() -> None:
    raw = message({"x": np.zeros(10**6)})
    size = len(raw) - PREFIX.size
    assert Cutter().feed(raw, size) == raw
    with pytest.raises(TooLarge, match=r"8\.0 MB"):
        Cutter().feed(raw, size - 1)


@pytest.mark.parametrize(("header", "payload"), [(2**32 - 1, 0), (0, 2**64 - 1), (10, 2 << 30), (0, 1 << 60)])
def test_too_large_a_message_is_refused_by_its_prefix(header: int, payload: int) -> None:
    with pytest.raises(TooLarge):
        Cutter().feed(PREFIX.pack(MAGIC, header, payload), 1 << 20)


def test_headers_have_a_limit_of_their_own() -> None:
    assert Cutter().feed(PREFIX.pack(MAGIC, HEADER, 0), 1 << 40) is None
    with pytest.raises(TooLarge):
        Cutter().feed(PREFIX.pack(MAGIC, HEADER + 1, 0), 1 << 40)


@steady
@given(st.binary(min_size=PREFIX.size, max_size=100), st.integers(0, 1000))
def test_a_stream_of_anything(raw: bytes, most: int) -> None:
    cutter = Cutter()
    try:
        whole = cutter.feed(raw, most)
    except WireError:
        assert raw[:4] != MAGIC or sum(PREFIX.unpack_from(raw)[1:]) > most
    else:
        assert raw[:4] == MAGIC
        assert whole is None or (raw.startswith(whole) and len(whole) <= most + PREFIX.size)


def test_arrays_in_a_tree_are_found() -> None:
    one, two, three = np.zeros(1), np.zeros(2), np.zeros(3)
    assert [len(a) for a in wire.arrays({"a": [one, (two, 5)], "b": {"c": three}, "d": "text"})] == [1, 2, 3]
    assert math.prod(len(a) for a in wire.arrays([])) == 1
