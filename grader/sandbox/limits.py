"""Resource limits of a worker."""

import os
import sys
from typing import NamedTuple

if sys.platform != "win32":
    import resource


class Limits(NamedTuple):
    """What one worker may use up.

    cpu_seconds:  processor time of all its threads; at the limit it is ended by SIGKILL
    memory_bytes: address space beyond what the forking process maps, so that it fits any build of a library
    open_files:   descriptors at a time
    """

    cpu_seconds: int
    memory_bytes: int
    open_files: int = 64


def why_not() -> str | None:
    """Why there are no resource limits here; None where there are."""
    if sys.platform == "win32":
        return "Windows has no resource limits; use Linux, or WSL2, for other people's submissions"
    return None


def apply(limits: Limits) -> None:
    """Lower every limit for good, soft and hard. Memory is bounded on Linux only; raises OSError."""
    if sys.platform == "win32":
        return
    wanted = {
        "RLIMIT_CPU": limits.cpu_seconds,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
    if sys.platform == "linux":
        wanted["RLIMIT_AS"] = _mapped_bytes() + limits.memory_bytes
    for name, value in wanted.items():
        if hasattr(resource, name):
            _lower(getattr(resource, name), value)


def _lower(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def _mapped_bytes() -> int:
    descriptor = os.open("/proc/self/statm", os.O_RDONLY)
    try:
        pages = int(os.read(descriptor, 256).split()[0])
    finally:
        os.close(descriptor)
    return pages * resource.getpagesize()
