"""What can train: the CPU, or a GPU that torch knows.

A GPU can't be used by a process that was forked after torch looked for one, nor inside of the sandbox. So nothing here
imports torch in this process.
"""

import functools
import os
import sys
from pathlib import Path

from grader.errors import MachineError
from grader.fresh import environment, interpreter, search_path

NAMES = ("auto", "cpu", "cuda", "mps")
QUESTION = """
import sys, torch
kind = sys.argv[1]
if kind == "cuda" and torch.cuda.is_available():
    print(torch.cuda.get_device_name())
elif kind == "mps" and torch.backends.mps.is_available():
    print("Apple GPU")
else:
    sys.exit(f"torch {torch.__version__} finds no such device")
"""
STARTING = 300.0  # seconds for a fresh process with torch in it


def choose(device: str) -> str:
    """The device that is meant: for "auto" a GPU if there is one. Raises MachineError if there is no such device."""
    if device == "auto":
        device = "cuda" if _nvidia() else "mps" if _apple() else "cpu"
        if device != "cpu" and not _found(device):
            return "cpu"
    if device != "cpu" and not _found(device):
        raise MachineError(f"no device {device} here: {ask(device)[1]}; use `--device cpu`")
    return device


def name(device: str) -> str:
    """What a device that was chosen calls itself."""
    return ask(device)[1] if device != "cpu" else processor()


def _nvidia() -> bool:
    return any(Path(path).exists() for path in ("/dev/nvidiactl", "/dev/dxg")) or sys.platform == "win32"


def _apple() -> bool:
    return sys.platform == "darwin" and os.uname().machine == "arm64"


def _found(device: str) -> bool:
    return ask(device)[0]


@functools.cache
def ask(device: str) -> tuple[bool, str]:
    """Whether torch finds a device, and its name or why not, asked in a process of its own."""
    import subprocess

    code = f"import sys; sys.path[:] = {search_path()!r}; sys.argv = ['', {device!r}]; exec({QUESTION!r})"
    try:
        done = subprocess.run(
            interpreter(code), env=environment(gpu=True), capture_output=True, text=True, timeout=STARTING
        )
    except subprocess.TimeoutExpired:
        return False, f"torch didn't answer within {STARTING:.0f} s"
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines() or ["torch says nothing"]
    return done.returncode == 0, lines[-1]


def cores() -> int:
    """How many cores of the CPU this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def processor() -> str:
    """What the CPU calls itself."""
    import platform

    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    except OSError:
        pass
    return platform.processor() or platform.machine()
