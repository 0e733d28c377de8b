"""Closing what a worker must not inherit."""

import errno
import os
import sys
from collections.abc import Collection

_OPEN_ONES = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"


def close_all_but(keep: Collection[int]) -> None:
    """Close every descriptor of this process that is not in `keep`; raises OSError."""
    for descriptor in map(int, os.listdir(_OPEN_ONES)):  # noqa: PTH208 (numbers, not paths)
        if descriptor not in keep:
            _close(descriptor)


def _close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError as error:
        if error.errno != errno.EBADF:  # the descriptor of the listing itself is gone by now
            raise
