"""What a worker on Linux gives up in any case: privileges, and a life longer than its parent's."""

import ctypes
import errno
import os
import signal
import struct

from . import kernel

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_READ_SEARCH = 1 << 2


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent` ends; raises OSError if it has ended already."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the line above took effect
        raise ProcessLookupError(errno.ESRCH, "the process that forks the workers is gone; this worker stops")


def drop() -> None:
    """No gaining of privileges, no debugging by others, no capabilities; raises OSError."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_DUMPABLE, 0)
    _drop_capabilities()


def _drop_capabilities() -> None:
    # Root that uses an interpreter in somebody's private folder needs CAP_DAC_READ_SEARCH for later imports.
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    sets = ctypes.create_string_buffer(24)
    kernel.call("capget", header, sets)
    kept = struct.unpack("=6I", sets.raw)[0] & _CAP_DAC_READ_SEARCH
    kernel.call("capset", header, struct.pack("=6I", kept, kept, 0, 0, 0, 0))


def _prctl(option: int, value: int) -> None:
    kernel.call("prctl", option, value, 0, 0, 0)
