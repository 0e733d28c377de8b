"""One way to have a job judged, whatever the system offers: forked from a warm process, or in a fresh one each time."""

import os
import sys
from typing import Any

from grader.errors import CannotJudge, MachineError
from grader.kit import Entry
from grader.warm import Warm

INSTALL = {
    "torch": "`pip install torch --index-url https://download.pytorch.org/whl/cpu` (or `pip install 'dlgrade[torch]'`)"
}
LARGEST = 1 << 20  # bytes of a submission

_started: Warm | None = None


def forks() -> bool:
    """Whether this system can safely fork a process that has imported numpy. DLGRADE_SPAWN=1 says no."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and not os.environ.get("DLGRADE_SPAWN")


def start_early() -> None:
    """Starts the warm process, so that it imports numpy while the command line is still being read."""
    global _started
    if forks() and _started is None:
        _started = Warm()


def job(entry: Entry, source: bytes, filename: str, seed: int) -> dict[str, Any]:
    """What a judge is asked; see `grader.judge`."""
    text = source.decode("latin-1")
    return {"kit": str(entry.kit), "stem": entry.stem, "source": text, "filename": filename, "seed": seed}


def judge(entry: Entry, source: bytes, filename: str, seed: int) -> dict[str, Any]:
    """The fields of a `Check` for one submission. Raises CannotJudge with one line that says what to do."""
    if len(source) > LARGEST:
        raise CannotJudge(f"{filename} has {len(source)} bytes; a submission may have {LARGEST}")
    libraries, work = entry.libraries(), job(entry, source, filename, seed)
    answer = _forked(libraries, work) if forks() else _spawned(libraries, work)
    if name := answer.get("missing"):
        raise MachineError(f"exercise {entry.number} needs {name}, which isn't installed; {_install(name)}")
    if "error" in answer:
        raise CannotJudge(answer["error"])
    return answer


def _install(name: str) -> str:
    return f"run {INSTALL.get(name, f'`pip install {name}`')}"


def _forked(libraries: tuple[str, ...], work: dict[str, Any]) -> dict[str, Any]:
    start_early()
    assert _started is not None
    return _started.judge(libraries).ask(work)


def _spawned(libraries: tuple[str, ...], work: dict[str, Any]) -> dict[str, Any]:
    from grader.spawned import judge_here

    return judge_here(libraries, work)
