"""One file that was handed in: what of it is read, what is passed over, what its name says in any encoding."""

import os
from pathlib import Path
from typing import NamedTuple

from grader.engine import LARGEST
from grader.errors import UsageError

MEBI = 1 << 20
NOTEBOOK = 8 * MEBI
PACKED = 64 * MEBI  # bytes of an archive as it lies there
METADATA = 16 * MEBI
METADATA_NAME = "submission_metadata.yml"
KINDS = {".zip": "zip", ".tar": "tar", ".tar.gz": "tgz", ".tgz": "tgz"}
OTHER_ARCHIVES = (".7z", ".rar", ".gz", ".bz2", ".xz", ".zst", ".tbz2", ".txz", ".alz", ".egg", ".lzh")
NOT_SOURCE = "is neither Python nor a notebook"
JUNK = ("__MACOSX", "__pycache__")


class Found(NamedTuple):
    """A file below what was handed in. data: what it holds, or None because of `why`."""

    path: str
    data: bytes | None
    why: str = ""


def junk(path: str) -> bool:
    """Whether a file is passed over in silence: hidden ones, and what systems and Python leave behind."""
    return any((part.startswith(".") and part.strip(".")) or part in JUNK for part in path.split("/"))


def refuse_among(out: Path, submissions: Path) -> None:
    """Raises UsageError if what is written to `out` would be read as handed in the next time."""
    place, handed_in = Path(os.path.realpath(out)), Path(os.path.realpath(submissions))
    if place.is_relative_to(handed_in) and not junk(place.relative_to(handed_in).as_posix()):
        raise UsageError(f"--out {out} lies in {submissions}, where it would be somebody's work; give another folder")


def archive_kind(name: str) -> str | None:
    """`zip`, `tar` or `tgz`, by the end of the name; None for everything else."""
    return next((kind for end, kind in KINDS.items() if name.lower().endswith(end)), None)


def stem_of(name: str) -> str:
    """The name of an archive, a notebook or a Python file without its end."""
    end = next((end for end in (*KINDS, ".py", ".ipynb") if name.lower().endswith(end)), "")
    return name[: len(name) - len(end)]


def objection(name: str, size: int) -> str:
    """Why a file of this name and size isn't read; empty if it is."""
    low = name.lower()
    if low.endswith(".py"):
        return _too_large(size, LARGEST, "a Python file")
    if low.endswith(".ipynb"):
        return _too_large(size, NOTEBOOK, "a notebook")
    if archive_kind(low):
        return _too_large(size, PACKED, "an archive")
    if low == METADATA_NAME:
        return _too_large(size, METADATA, "such a file")
    if low.endswith(OTHER_ARCHIVES):
        return "is an archive of a kind that isn't opened; pack it as .zip"
    return NOT_SOURCE


def _too_large(size: int, most: int, what: str) -> str:
    return f"has {size} bytes; {what} has at most {most}" if size > most else ""


def decoded(name: bytes) -> str:
    """A name in an encoding that isn't told: UTF-8, or cp949 as Korean Windows writes it, or cp437 as old tools do."""
    for encoding in ("utf-8", "cp949"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("cp437")
