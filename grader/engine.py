"""One way to have a job judged, whatever the system offers: forked from a warm process, or in a fresh one each time."""

from typing import Any

from grader import warm
from grader.errors import CannotJudge, MachineError, UsageError
from grader.kit import Entry

INSTALL = {
    "torch": "`pip install torch --index-url https://download.pytorch.org/whl/cpu` (or `pip install 'dlgrade[torch]'`)"
}
LARGEST = 1 << 20  # bytes of a submission


def job(entry: Entry, source: bytes, filename: str, seed: int) -> dict[str, Any]:
    """What a judge is asked; see `grader.judge`."""
    text = source.decode("latin-1")
    return {"kit": str(entry.kit), "stem": entry.stem, "source": text, "filename": filename, "seed": seed}


def judge(entry: Entry, source: bytes, filename: str, seed: int) -> dict[str, Any]:
    """The fields of a `Check` for one submission. Raises CannotJudge with one line that says what to do."""
    if len(source) > LARGEST:
        raise UsageError(f"{filename} has {len(source)} bytes; a submission has at most {LARGEST}")
    libraries, work = entry.libraries(), job(entry, source, filename, seed)
    answer = warm.ask(libraries, work) if warm.forks() else _spawned(libraries, work)
    if name := answer.get("missing"):
        raise MachineError(f"exercise {entry.number} needs {name}, which isn't installed; {_install(name)}")
    if "error" in answer:
        raise CannotJudge(answer["error"])
    return answer


def _install(name: str) -> str:
    return f"run {INSTALL.get(name, f'`pip install {name}`')}"


def _spawned(libraries: tuple[str, ...], work: dict[str, Any]) -> dict[str, Any]:
    from grader.spawned import judge_here

    return judge_here(libraries, work)
