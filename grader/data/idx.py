"""Reads IDX files, the format of MNIST: two zero bytes, a type, the number of dimensions, their sizes, the values.

The sizes are 32-bit integers, most significant byte first. The only type read is 8, unsigned bytes.
"""

import math

import numpy as np

from grader.errors import DataError

UNSIGNED_BYTES = 8


def read(raw: bytes, name: str, dims: int) -> np.ndarray:
    """The values of an IDX file as a uint8 array with that many dimensions. name: of the file, for errors.

    Raises DataError if it is of another type, has another number of dimensions, or is too short or too long.
    """
    start = 4 + 4 * dims
    magic = bytes([0, 0, UNSIGNED_BYTES, dims])
    if raw[:4] != magic:
        raise _bad(name, f"begins with {raw[:4].hex() or 'nothing'} instead of {magic.hex()}")
    if len(raw) < start:
        raise _bad(name, f"breaks off in its head, after {len(raw)} of {start} bytes")
    shape = tuple(int.from_bytes(raw[at : at + 4], "big") for at in range(4, start, 4))
    if (values := len(raw) - start) != (wanted := math.prod(shape)):
        text = " x ".join(map(str, shape))
        raise _bad(name, f"is {'too long' if values > wanted else 'cut off'}: {values} bytes for {text} values")
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)


def _bad(name: str, fact: str) -> DataError:
    return DataError(f"{name} {fact}; replace this file (`dlgrade data` shows what is where)")
