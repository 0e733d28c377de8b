"""Landlock: the kernel's own rules about which files a process may open, which no process can lift again.

Numbers and layouts: Linux, Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h.
"""

import errno
import os
import stat
import struct
import sys
from collections.abc import Iterable

from . import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ASK_VERSION = 1
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16, 7: 16}  # version -> how many rights it knows
_NEWEST = max(_FILE_RIGHTS)
_TCP_BIND_AND_CONNECT = 0b11  # from version 4
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11  # from version 6
_QUIET = 1  # from version 7: hostile code must not be able to fill the audit log


def why_not() -> str | None:
    """Why landlock does not work here, in one line; None where it does."""
    if sys.platform != "linux":
        return f"landlock is part of Linux, this is {sys.platform}; grade other people's submissions on Linux"
    try:
        version()
    except OSError as error:
        return _reason(error.errno or 0)
    return None


def version() -> int:
    """The version of landlock here, at most the newest that this module knows; raises OSError if none."""
    return min(kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, None, 0, _ASK_VERSION), _NEWEST)


def prepare(paths: Iterable[str]) -> int:
    """A descriptor of rules that allow reading `paths` and all below them, nothing else; raises OSError."""
    known = version()
    everything = (1 << _FILE_RIGHTS[known]) - 1
    handled = [everything]
    if known >= 4:
        handled.append(_TCP_BIND_AND_CONNECT)
    if known >= 6:
        handled.append(_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS)
    attributes = struct.pack(f"={len(handled)}Q", *handled)
    rules = kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, attributes, len(attributes), 0)
    for path in paths:
        _allow(rules, path)
    return rules


def enter(rules: int) -> None:
    """Put this thread under the rules of `prepare`; it needs "no new privileges" first. Raises OSError."""
    flags = _QUIET if version() >= 7 else 0
    kernel.syscall("landlock_restrict_self", _RESTRICT_SELF, rules, flags)


def _allow(rules: int, path: str) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):  # gone since it was listed, or closed to this user anyway
        return
    try:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        rights = _READ_FILE | _READ_DIR if folder else _READ_FILE
        rule = struct.pack("=Qi", rights, descriptor)
        kernel.syscall("landlock_add_rule", _ADD_RULE, rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def _reason(number: int) -> str:
    release = ".".join(os.uname().release.split(".")[:2])
    if number == errno.EOPNOTSUPP:
        return f"landlock is switched off in kernel {release}; add landlock to lsm= on its command line"
    if number == errno.ENOSYS:
        return f"kernel {release} has no landlock; 5.13 or newer, built with it, is needed"
    return f"landlock is refused here ({os.strerror(number)}); allow its calls in the container around this"
