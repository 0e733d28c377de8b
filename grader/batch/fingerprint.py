"""What a verdict depends on besides the submission: the exercise, the code that judges, versions of libraries."""

import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable
from pathlib import Path

from grader.kit import Entry

JUDGING = (".", "sandbox", "data")  # folders of the package whose code may bear on a verdict
DIGITS = 16


def of_exercise(entry: Entry) -> str:
    """16 hex digits that change with the exercise's files, with this package, and with Python and the libraries."""
    files = (entry.stub, entry.solution, entry.spec)
    found = hashlib.sha256(engine().encode())
    for file in files:
        found.update(hashlib.sha256(file.read_bytes() if file.exists() else b"").digest())
    for library in entry.libraries():
        found.update(f"{library} {version(library)}\n".encode())
    return found.hexdigest()[:DIGITS]


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
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "none"
