"""What a verdict depends on besides the submission: the exercise, the code that judges, versions of libraries."""

import functools
import hashlib
import platform
from collections.abc import Iterable
from pathlib import Path

from grader.kit import Entry

JUDGING = (".", "sandbox", "data")  # folders of the package whose code may bear on a verdict
DIGITS = 16


Stamp = tuple[int, int, int] | None


def of_exercise(entry: Entry) -> str:
    """16 hex digits that change with the exercise's files, with this package, and with Python and the libraries."""
    return _of_files(entry, stamps(entry))


def stamps(entry: Entry) -> tuple[Stamp, ...]:
    """What changes whenever one of the exercise's files does, in microseconds."""
    return tuple(map(_stamp, _files(entry)))


@functools.lru_cache(1024)
def _of_files(entry: Entry, _: tuple[Stamp, ...]) -> str:
    found = hashlib.sha256(engine().encode())
    for file in _files(entry):
        found.update(hashlib.sha256(file.read_bytes() if file.exists() else b"").digest())
    for library in entry.libraries():
        found.update(f"{library} {version(library)}\n".encode())
    return found.hexdigest()[:DIGITS]


def _files(entry: Entry) -> tuple[Path, ...]:
    return entry.stub, entry.solution, entry.spec


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@functools.cache
def engine() -> str:
    """16 hex digits for the code that judges and the Python that runs it."""
    package = Path(__file__).parents[1]
    return _digest(file for folder in JUDGING for file in (package / folder).glob("*.py"))


def _digest(files: Iterable[Path]) -> str:
    found = hashlib.sha256(platform.python_version().encode())
    for file in sorted(files):
        found.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:DIGITS]


@functools.cache
def version(library: str) -> str:
    """The version of an installed library, or `none`."""
    from importlib import metadata  # takes longer to import than all else here

    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "none"
