"""Calls to the kernel for which the standard library has no function."""

import ctypes
import os
from functools import cache


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def call(function: str, *arguments: object) -> int:
    """Call a function of the C library that returns -1 on failure; raises OSError naming the function."""
    return _checked(function, getattr(_libc(), function)(*_wide(arguments)))


def syscall(name: str, number: int, *arguments: object) -> int:
    """Make the system call `number`; raises OSError naming the call as `name`."""
    return _checked(name, _libc().syscall(*_wide((number, *arguments))))


def _wide(arguments: tuple[object, ...]) -> list[object]:
    # ctypes would pass a bare int as 32 bits and leave the rest of the register to chance.
    return [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]


def _checked(name: str, result: int) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result
