"""Runs a command and says what it took: seconds, CPU seconds of all processes it started, memory of the first one."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
EVERY = 0.02  # seconds between two looks at the memory


class Failed(Exception):
    """A command ended otherwise than it should."""


class Cost(NamedTuple):
    """wall: seconds until the command ended. cpu: seconds of it and all its descendants, also those that outlived it.

    peak: most bytes in memory of the command's own process, None if it was gone too soon.
    """

    wall: float
    cpu: float
    peak: int | None


def run(command: Sequence[str], env: Mapping[str, str], codes: Sequence[int] = (0,), cwd: Path = ROOT) -> Cost:
    """Runs a command to its end, and until all it has left behind is gone. Raises Failed for other exit codes.

    Call `check.adopt_orphans` once before: what a process that is gone has started becomes a child of this one.
    """
    began, wall, cpu = time.perf_counter(), 0.0, 0.0
    with tempfile.TemporaryFile() as log:
        streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        process = subprocess.Popen(command, cwd=cwd, env=dict(env), **streams)
        memory = _Memory(process.pid)
        while (ended := _next()) is not None:
            pid, status, seconds = ended
            cpu += seconds
            if pid == process.pid:
                wall = time.perf_counter() - began
                process.returncode = os.waitstatus_to_exitcode(status)
        peak = memory.stop()
        if process.returncode not in codes:
            log.seek(0)
            raise Failed(f"{' '.join(command)}: exit code {process.returncode}\n{log.read().decode(errors='replace')}")
    return Cost(wall, cpu, peak)


def dlgrade(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "grader", *map(str, arguments)]


def _next() -> tuple[int, int, float] | None:
    """The next process that ends, with the CPU seconds of it and of those that it has waited for."""
    try:
        pid, status, usage = os.wait4(-1, 0)
    except ChildProcessError:
        return None
    return pid, status, usage.ru_utime + usage.ru_stime


class _Memory:
    """Looks at the high-water mark of a process until it is gone; what it tells wait4 is mixed with its children's."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._peak: int | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(EVERY):
            with contextlib.suppress(OSError, IndexError):
                self._peak = int(self._status.read_text().partition("VmHWM:")[2].split()[0]) * 1024

    def stop(self) -> int | None:
        self._stop.set()
        self._thread.join()
        return self._peak
