"""Seccomp: a program inside the kernel that looks at each system call of a worker before it happens.

The program is a list of self-contained rules. Each begins with the call's number in the accumulator and is
either about that call and ends in an answer, or jumps over itself; so the order of rules does not matter.
Layouts: Linux, Documentation/userspace-api/seccomp_filter.rst, include/uapi/linux/{seccomp,bpf_common}.h.
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from . import kernel
from .calls_x86_64 import ALLOWED, ARCHITECTURE, CHECKED, CLONE3, SECCOMP, SIGNALS, X32_BIT, Condition

_LOAD, _AND, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_ALLOW, _REFUSE, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_SET_MODE_FILTER, _ASK_ACTION = 1, 2


class Filter(NamedTuple):
    """The parts of the program that do not depend on the worker, as machine words."""

    head: bytes
    tail: bytes


def why_not() -> str | None:
    """Why seccomp does not work here, in one line; None where it does."""
    if sys.platform != "linux":
        return f"seccomp is part of Linux, this is {sys.platform}; grade other people's submissions on Linux"
    machine = os.uname().machine
    if machine != "x86_64" or sys.maxsize < 2**32:
        return f"the seccomp filter is written for 64-bit x86_64 and this is {machine}; use such a machine"
    try:
        kernel.syscall("seccomp", SECCOMP, _ASK_ACTION, 0, struct.pack("=I", _KILL_PROCESS))
    except OSError as error:
        return f"seccomp is refused here ({error.strerror}); Linux 4.14 or newer with it is needed"
    return None


def prepare() -> Filter:
    """Build what is the same for all workers."""
    head = [
        _do(_LOAD, _ARCHITECTURE),
        _do(_IF_EQUAL, ARCHITECTURE, 1, 0),
        _do(_RETURN, _KILL_PROCESS),
        _do(_LOAD, _NUMBER),
        _do(_IF_AT_LEAST, X32_BIT, 0, 1),
        _do(_RETURN, _KILL_PROCESS),
    ]
    tail = [_rule(number, [_do(_RETURN, _ALLOW)]) for number in ALLOWED.values()]
    tail += [_rule(number, _if_any(choices)) for number, choices in CHECKED.values()]
    tail.append(_rule(CLONE3, [_do(_RETURN, _REFUSE | errno.ENOSYS)]))
    tail.append(_do(_RETURN, _REFUSE | errno.EPERM))
    return Filter(b"".join(head), b"".join(tail))


def enter(prepared: Filter) -> None:
    """Put this process under the filter, for good; it needs "no new privileges" first. Raises OSError."""
    to_itself = [[Condition(0, os.getpid())]]
    signals = b"".join(_rule(number, _if_any(to_itself)) for number in SIGNALS.values())
    program = prepared.head + signals + prepared.tail
    instructions = ctypes.create_string_buffer(program, len(program))
    pointer = struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
    kernel.syscall("seccomp", SECCOMP, _SET_MODE_FILTER, 0, pointer)


def _do(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _rule(number: int, body: Sequence[bytes]) -> bytes:
    return _do(_IF_EQUAL, number, 0, len(body)) + b"".join(body)


def _if_any(choices: Iterable[Sequence[Condition]]) -> list[bytes]:
    """Allow the call if all conditions of one of the choices hold, else refuse it."""
    body: list[bytes] = []
    for conditions in choices:
        body += _if_all(conditions)
    return [*body, _do(_RETURN, _REFUSE | errno.EPERM)]


def _if_all(conditions: Sequence[Condition]) -> list[bytes]:
    body: list[bytes] = []
    for position, condition in enumerate(conditions):
        to_the_end = 3 * (len(conditions) - 1 - position) + 1
        offset = _ARGUMENTS + 8 * condition.argument + (4 if condition.upper_half else 0)
        body += [
            _do(_LOAD, offset),
            _do(_AND, condition.mask),
            _do(_IF_EQUAL, condition.value, 0, to_the_end),
        ]
    return [*body, _do(_RETURN, _ALLOW)]
