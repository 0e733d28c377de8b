"""A fresh interpreter that takes nothing over from the one that starts it. Light: every command needs it first."""

import os
import sys

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
MEMORY = {  # of glibc: what is freed is used again; to get it from the kernel anew costs more than many a computation
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
}
KEPT = ("LD_LIBRARY_PATH", "SYSTEMROOT", "DLGRADE_DEBUG")  # without these an interpreter may not even start
VISIBLE, GPUS = "CUDA_VISIBLE_DEVICES", "DLGRADE_GPUS"  # the latter keeps the user's value of the former


def environment(gpu: bool = False) -> dict[str, str]:
    """What the processes that judge get to see: no secret of the user's, one thread for algebra, as a rule no GPU."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    wanted = os.environ.get(GPUS, os.environ.get(VISIBLE))
    if wanted is not None:
        kept[GPUS] = wanted
    if not gpu:
        kept[VISIBLE] = ""
    elif wanted is not None:
        kept[VISIBLE] = wanted
    return {**dict.fromkeys(THREADS, "1"), **MEMORY, "PATH": os.defpath, "LC_ALL": "C.UTF-8", **kept}


def search_path() -> list[str]:
    """Where a fresh interpreter finds modules: as this one does, but never in the working directory."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 (pathlib costs a start)
    never = {root, _here()}
    return [root, *(entry for entry in sys.path if os.path.isabs(entry) and entry not in never)]  # noqa: PTH117


def _here() -> str:
    try:
        return os.getcwd()  # noqa: PTH109
    except OSError:  # it was deleted
        return ""


def start(command: list[str], closed: tuple[int, ...] = (0, 1, 2), apart: bool = True) -> int:
    """Starts a process that judges, or serves, and returns its id. Raises OSError.

    closed: standard streams that lead nowhere. apart: in a session of its own, away from the terminal.
    """
    nowhere = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in closed]
    return os.posix_spawn(command[0], command, environment(), file_actions=nowhere, setsid=apart)


def interpreter(code: str) -> list[str]:
    """The command for a fresh interpreter that takes nothing from the environment, not even `site`."""
    return [sys.executable, "-E", "-P", "-S", "-c", code]
