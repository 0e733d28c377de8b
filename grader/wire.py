"""The wire format between the trusted judge and an untrusted worker.

A message is `b"DLG1" | u32 header bytes | u64 payload bytes | header | payload`. The header is a JSON object; each of
its values is either a JSON null, bool, int or string, or an object with one key, its tag:

    f  float, as hexadecimal text          c  complex, two of them
    l  list    t  tuple    d  dict, as pairs of key and value
    a  array: dtype, shape                 s  numpy scalar: dtype
    T  torch tensor: dtype, shape          b  bytes: length
    m  array with its memory layout: dtype, shape, bytes, offset, strides, writeable (only sent to a worker)
    o  anything else: the name of its type, or why it isn't here

Raw little-endian buffers follow in the payload in the order of their tags, each padded to 16 bytes. Nothing is ever
unpickled or evaluated, sizes are checked before anything is allocated, and whatever doesn't fit raises `WireError`.
"""

import json
import math
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from grader.text import harmless

MAGIC = b"DLG1"
PREFIX = struct.Struct("<4sIQ")
DEPTH = 24
NODES = 200_000
KEYS = 5_000  # keys in all dicts that aren't strings: somebody may choose them so that their hashes collide
HEADER = 8 << 20  # bytes; reading JSON takes up to 25 times as many
ALIGN = 16
INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
DTYPES = frozenset(["bool", *INTEGERS, "float16", "float32", "float64", "complex64", "complex128"])
LITTLE = {name: np.dtype(name).newbyteorder("<") for name in DTYPES}  # as they are sent
NATIVE = {np.dtype(name): name for name in DTYPES}
PLAIN = frozenset([type(None), bool, int, str])  # what JSON says as it is
TENSOR_DTYPES = DTYPES - {"uint16", "uint32", "uint64"}


class WireError(Exception):
    """A message that breaks the rules."""


class TooLarge(WireError):
    """A message that is longer than is accepted."""


class _TooMany(Exception):
    """A value is nested too deeply or has too many items to be sent."""


class Other(NamedTuple):
    """What is left of a value that isn't plain data: the name of its type."""

    type: str


class Tensor(NamedTuple):
    """A torch tensor on the side that has no torch: its elements."""

    array: np.ndarray


class Packer:
    """Turns values into the tree of a header and collects their buffers."""

    def __init__(self, layout: bool = False) -> None:
        self.buffers: list[bytes] = []
        self._layout = layout
        self._nodes = 0

    def whole(self, value: Any) -> Any:
        """The tree of a value; if there is too much of it, only its type."""
        buffers, nodes = len(self.buffers), self._nodes
        try:
            return self.pack(value)
        except _TooMany:
            del self.buffers[buffers:]
            self._nodes = nodes
            return {"o": f"{_type(value)} nested too deeply or with too many items"}

    def pack(self, value: Any, depth: int = 0) -> Any:
        self._nodes += 1
        if depth > DEPTH or self._nodes > NODES:
            raise _TooMany
        kind = type(value)
        if kind in PLAIN:
            return value
        if kind is float:
            return {"f": value.hex()}
        if kind is np.ndarray:
            return self._array(value)
        return self._scalar(value, depth)

    def _scalar(self, value: Any, depth: int) -> Any:
        if type(value) is complex:
            return {"c": [value.real.hex(), value.imag.hex()]}
        if type(value) is np.str_:
            return str(value)
        if isinstance(value, np.generic) and (name := NATIVE.get(value.dtype)):
            self._add(np.asarray(value, LITTLE[name]).tobytes())
            return {"s": name}
        if type(value) in (bytes, bytearray):
            self._add(bytes(value))
            return {"b": len(value)}
        return self._container(value, depth + 1)

    def _container(self, value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return {"d": [[self.pack(k, depth), self.pack(v, depth)] for k, v in dict.items(value)]}
        if isinstance(value, list):
            return {"l": [self.pack(v, depth) for v in list.__iter__(value)]}
        if isinstance(value, tuple):
            return {"t": [self.pack(v, depth) for v in tuple.__iter__(value)]}
        if is_tensor(value):
            return self._tensor(value)
        return {"o": _type(value)}

    def _array(self, array: np.ndarray) -> Any:
        name = NATIVE.get(array.dtype) or array.dtype.name
        if name not in DTYPES:
            return {"o": f"array of dtype {name[:40]}"}
        if self._layout and array.dtype.isnative and not (array.flags.c_contiguous and array.flags.writeable):
            low, high = np.lib.array_utils.byte_bounds(array)
            offset = array.__array_interface__["data"][0] - low
            self._add(_memory(low, high - low))
            return {"m": [name, list(array.shape), high - low, offset, list(array.strides), array.flags.writeable]}
        self._add(array.astype(LITTLE[name], copy=False).tobytes())
        return {"a": [name, list(array.shape)]}

    def _tensor(self, tensor: Any) -> Any:
        name = str(tensor.dtype).removeprefix("torch.")
        if name not in TENSOR_DTYPES or tensor.is_sparse:
            return {"o": f"torch.Tensor of dtype {name}"}
        self._add(tensor.detach().cpu().contiguous().numpy().tobytes())
        return {"T": [name, list(tensor.shape)]}

    def _add(self, raw: bytes) -> None:
        self.buffers.append(raw)
        if rest := -len(raw) % ALIGN:
            self.buffers.append(bytes(rest))


def _type(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


def is_tensor(value: Any) -> bool:
    """Whether `value` is a torch tensor, found out without importing torch."""
    kind = type(value)
    return kind.__module__ != "builtins" and any(
        c.__module__ == "torch" and c.__name__ == "Tensor" for c in kind.__mro__
    )


def _memory(address: int, size: int) -> bytes:
    import ctypes

    return ctypes.string_at(address, size)


class Unpacker:
    """Builds values from the tree of a header and a payload; trusts neither.

    copy: arrays get memory of their own; else they are views into the payload, to be read only.
    made: see `Message`; empty without `layout`.
    """

    def __init__(
        self, payload: memoryview, tensor: Callable[[np.ndarray], Any], layout: bool, copy: bool = True
    ) -> None:
        self._payload, self._end = payload, len(payload)
        self._at = 0
        self._tensor = tensor
        self._layout = layout
        self._copy = copy
        self._nodes = self._keys = 0
        self.made: list[tuple[Any, Any]] = []

    def unpack(self, tree: Any, depth: int = 0) -> Any:
        self._nodes += 1
        if depth > DEPTH + 1 or self._nodes > NODES + 1:
            raise WireError("too many values")
        if type(tree) in PLAIN:
            return tree
        if type(tree) is not dict or len(tree) != 1:
            raise WireError("a value is not tagged")
        ((tag, body),) = tree.items()
        return self._tagged(tag, body, depth + 1)

    def _tagged(self, tag: str, body: Any, depth: int) -> Any:
        match tag:
            case "a":
                return self._own(self._array(*body))
            case "f":
                return float.fromhex(body)
            case "l":
                return self._noted([self.unpack(v, depth) for v in _list(body)])
            case "t":
                return tuple([self.unpack(v, depth) for v in _list(body)])
            case "d":
                return self._noted({self._key(self.unpack(k, depth)): self.unpack(v, depth) for k, v in _list(body)})
            case "T":
                return self._own_tensor(self._array(*body))
            case "s":
                return self._array(body, [])[()]
            case "m" if self._layout:
                return self._laid_out(*body)
            case "c":
                return complex(*(float.fromhex(part) for part in body))
            case "b":
                return bytes(self._take(_size(body)))
            case "o" if type(body) is str:
                return Other(harmless(body, 200))
        raise WireError(f"unknown tag {tag[:10]!r}")

    def _key(self, key: Any) -> Any:
        if type(key) is str:
            return key
        self._keys += 1
        if self._keys > KEYS:
            raise WireError("too many keys that aren't strings")
        try:
            hash(key)
        except TypeError:
            return Other(f"{type(key).__name__} as a key")
        return key

    def _noted(self, items: list[Any] | dict[Any, Any]) -> list[Any] | dict[Any, Any]:
        if self._layout:
            self.made.append((items.copy(), items))
        return items

    def _own(self, array: np.ndarray) -> np.ndarray:
        """An array as it is handed out, given a view of the payload."""
        if not self._copy:
            return array
        own = array.copy()
        if self._layout:
            self.made.append((array, own))
        return own

    def _own_tensor(self, array: np.ndarray) -> Any:
        tensor = self._tensor(array.copy() if self._copy else array)
        if self._layout:
            self.made.append((Tensor(array), tensor))
        return tensor

    def _array(self, dtype: str, shape: list[int]) -> np.ndarray:
        """A view of the payload, to be read only."""
        if type(dtype) is not str or dtype not in DTYPES or len(_list(shape)) > 32:
            raise WireError("unknown dtype or too many dimensions")
        kind = LITTLE[dtype]
        raw = self._take(math.prod(map(_size, shape)) * kind.itemsize)
        if dtype == "bool":  # bytes other than 0 and 1 would be True, too, but count for more
            truth: np.ndarray = np.frombuffer(raw, np.uint8) != 0
            return truth.reshape(shape)
        return np.ndarray(shape, kind, raw)

    def _laid_out(
        self, dtype: str, shape: list[int], size: int, offset: int, strides: list[int], writeable: bool
    ) -> np.ndarray:
        if type(dtype) is not str or dtype not in DTYPES:
            raise WireError("unknown dtype")
        raw = self._take(_size(size))
        array, own = (
            np.ndarray(tuple(shape), LITTLE[dtype], memory, offset, tuple(strides)) for memory in (raw, bytearray(raw))
        )
        own.flags.writeable = writeable
        self.made.append((array, own))
        return own

    def _take(self, size: int) -> memoryview:
        at, end = self._at, self._at + size
        if end > self._end:
            raise WireError("payload too short")
        self._at = end + (-size % ALIGN)
        return self._payload[at:end]

    def finish(self) -> None:
        if self._at != self._end:
            raise WireError("payload too long")


def _list(body: Any) -> list[Any]:
    if type(body) is not list:
        raise WireError("a list was expected")
    return body


def _size(number: Any) -> int:
    if type(number) is not int or not 0 <= number < 1 << 40:
        raise WireError("a size is out of range")
    return number


ENCODER = json.JSONEncoder(check_circular=False)  # a packer has no circles left


def message(header: dict[str, Any], layout: bool = False) -> bytes:
    """One message. The values of `header` may be anything; what isn't plain data goes by the name of its type.

    With `layout` arrays keep their memory layout; only workers accept that.
    """
    packer = Packer(layout)
    text = ENCODER.encode({key: packer.whole(value) for key, value in header.items()}).encode()
    size = sum(map(len, packer.buffers))
    return b"".join([PREFIX.pack(MAGIC, len(text), size), text, *packer.buffers])


def _refuse(constant: str) -> Any:
    raise WireError(f"{constant} in a header")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WireError("a key occurs twice")
    return found


STRICT = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_once)
OURS = json.JSONDecoder()  # for messages that only a judge can have written


def parse(raw: bytes, tensor: Callable[[np.ndarray], Any] = Tensor, layout: bool = False) -> dict[str, Any]:
    """The header of a whole message with all its values. Whatever `raw` is, it raises nothing but WireError.

    layout: for workers, whose messages come from a judge: memory layouts are accepted.
    """
    return Message(raw, layout).values(tensor)


class Message:
    """A whole message, whose values can be had more than once. Raises nothing but WireError, whatever `raw` is.

    made: with `layout`, all lists, dicts, arrays and tensors among the values that were made last, each behind what it
    was like: a list or dict of the same items, an array or a `Tensor` of the same elements.
    """

    def __init__(self, raw: bytes, layout: bool = False) -> None:
        self._layout = layout
        self.made: list[tuple[Any, Any]] = []
        try:
            magic, header, payload = PREFIX.unpack_from(raw)
            body = memoryview(raw)[PREFIX.size :]
            if magic != MAGIC or len(body) != header + payload:
                raise WireError("not a message")
            self._tree = (OURS if layout else STRICT).decode(str(body[:header], "ascii"))
            if type(self._tree) is not dict:
                raise WireError("a header is an object")
            self._payload = body[header:]
        except (ValueError, RecursionError, MemoryError, TypeError, struct.error) as error:
            raise WireError("a header can't be read") from error

    def values(self, tensor: Callable[[np.ndarray], Any] = Tensor, copy: bool = True) -> dict[str, Any]:
        """All of its values, made anew; without `copy` arrays are views into the message, to be read only."""
        unpacker = Unpacker(self._payload, tensor, self._layout, copy)
        try:
            values = {key: unpacker.unpack(value) for key, value in self._tree.items()}
        except (ValueError, RecursionError, MemoryError, TypeError, OverflowError) as error:
            raise WireError("a value can't be read") from error
        unpacker.finish()
        self.made = unpacker.made
        return values


class Cutter:
    """Cuts a stream of bytes into whole messages, none longer than it is told."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes, most: int) -> bytes | None:
        """Adds `data`; the next message once it is whole. Raises TooLarge if one is due to exceed `most` bytes."""
        self._buffer += data
        if len(self._buffer) < PREFIX.size:
            return None
        magic, header, payload = PREFIX.unpack_from(self._buffer)
        if magic != MAGIC:
            raise WireError("not a message")
        if header > HEADER or header + payload > most:
            raise TooLarge(f"a message of {(header + payload) / 1e6:.1f} MB")
        end = PREFIX.size + header + payload
        if len(self._buffer) < end:
            return None
        whole = bytes(self._buffer[:end])
        del self._buffer[:end]
        return whole

    @property
    def pending(self) -> bool:
        """Whether bytes wait that belong to no message yet."""
        return bool(self._buffer)


def arrays(value: Any) -> list[Any]:
    """All arrays and tensors in a tree of plain data."""
    if type(value) in PLAIN:
        return []
    if isinstance(value, np.ndarray) or is_tensor(value):
        return [value]
    if isinstance(value, dict):
        return [array for item in value.values() for array in arrays(item)]
    if isinstance(value, (list, tuple)):
        return [array for item in value for array in arrays(item)]
    return []
