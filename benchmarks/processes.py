"""Runs a command and says what it took: seconds, CPU seconds of all it started, memory of each kind of process."""

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.peaks import Peaks

ROOT = Path(__file__).resolve().parents[1]
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, see prctl(2)
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Failed(Exception):
    """A command ended otherwise than it should, or can't be run here."""


class Cost(NamedTuple):
    """wall: seconds until the command ended. cpu: seconds of it and all its descendants, also those that outlived it.

    peaks: most bytes in memory by kind of process, see `benchmarks.peaks`; empty unless asked for. printed: its
    standard output.
    """

    wall: float
    cpu: float
    peaks: Mapping[str, int] = {}
    printed: str = ""


def adopt_orphans() -> None:
    """Makes what outlives its parent a child of this process, so that it can be waited for."""
    if sys.platform != "linux" or ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0):
        raise Failed("processes can't be waited for whose parents are gone; this needs Linux")


def environment(state: str | Path) -> dict[str, str]:
    """One thread for linear algebra, as dlgrade itself has it, a place of its own for progress, and no warm helper."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DLGRADE_")}
    return {**kept, **dict.fromkeys(THREADS, "1"), "DLGRADE_STATE": str(state), "DLGRADE_HELPER": "off"}


def dlgrade(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "grader", *map(str, arguments)]


def python(module: str, *arguments: object) -> list[str]:
    """A module of this folder in a process of its own."""
    return [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]


def run(
    command: Sequence[str],
    env: Mapping[str, str],
    codes: Sequence[int] = (0,),
    cwd: Path = ROOT,
    memory: bool = False,
) -> Cost:
    """Runs a command to its end, and until all it has left behind is gone. Raises Failed for other exit codes.

    memory: also looks at how much of it the processes have, which takes some time of the machine. `adopt_orphans` is to
    be called once before.
    """
    began, wall, cpu = time.perf_counter(), 0.0, 0.0
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=log)
        peaks = Peaks(process.pid) if memory else None
        while (ended := _next()) is not None:
            pid, status, seconds = ended
            cpu += seconds
            if pid == process.pid:
                wall = time.perf_counter() - began
                process.returncode = os.waitstatus_to_exitcode(status)
        found = peaks.stop() if peaks else {}
        printed, told = (_text(file) for file in (out, log))
    if process.returncode not in codes:
        raise Failed(f"{' '.join(command)}: exit code {process.returncode}\n{printed}{told}")
    return Cost(wall, cpu, found, printed)


def _next() -> tuple[int, int, float] | None:
    """The next process that ends, with the CPU seconds of it and of those that it has waited for."""
    try:
        pid, status, usage = os.wait4(-1, 0)
    except ChildProcessError:
        return None
    return pid, status, usage.ru_utime + usage.ru_stime


def _text(file) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
