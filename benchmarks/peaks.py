"""Looks at the memory of a command and of all it starts, until they are gone.

What wait4 tells mixes a process with its children. So their high-water marks are read from /proc again and again; what
a process takes within its last moments may be missed. Marks count pages that are shared with the process which it was
forked from: some 30 MB of numpy, some 250 MB of torch.

Kinds: `command`, what was started; `warm`, the process it starts, from which the others are forked; `judge`; `worker`,
known by a seccomp filter more than the command has. bubblewrap's own processes aren't counted.
"""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

EVERY = 0.005  # seconds between two looks
KINDS = ("command", "warm", "judge", "worker")


class Peaks:
    """Looks from its making until `stop`."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._found: dict[str, int] = {}
        self._filters = _status("self").get("Seccomp_filters", "0")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(EVERY):
            for kind, peak in self._look(str(self._pid), 0):
                self._found[kind] = max(peak, self._found.get(kind, 0))

    def _look(self, pid: str, depth: int) -> Iterator[tuple[str, int]]:
        """Kinds and peaks of a process and those below it."""
        status = _status(pid)
        around = status.get("Name") == "bwrap"
        if "VmHWM" in status and not around:
            yield self._kind(depth, status), int(status["VmHWM"].split()[0]) * 1024
        for child in _children(pid):
            yield from self._look(child, depth + (not around))

    def _kind(self, depth: int, status: dict[str, str]) -> str:
        if depth < 2:
            return KINDS[depth]
        return "worker" if int(status.get("Seccomp_filters", "0")) > int(self._filters) else "judge"

    def stop(self) -> dict[str, int]:
        """Most bytes of any process of each kind."""
        self._stop.set()
        self._thread.join()
        return self._found


def _status(pid: str) -> dict[str, str]:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return {}


def _children(pid: str) -> list[str]:
    found: list[str] = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += (thread / "children").read_text().split()
    return found
