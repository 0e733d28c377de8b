"""Files that a user names: read up to a size, written completely or not at all."""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from grader.errors import UsageError


def read(path: Path, most: int, kind: str, give: str) -> bytes:
    """All that a file holds. Raises UsageError if it can't be read, or has more than `most` bytes.

    kind: what it is, as in "no roster is larger"; give: what is wanted, as in "give the CSV file of a roster".
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror}); give {give}") from None
    if len(data) > most:
        raise UsageError(f"{path} is larger than {most >> 20} MiB, which no {kind} is; give {give}")
    return data


def parse(text: str | bytes) -> Any:
    """What a JSON file says. Raises ValueError for anything else, and RecursionError."""
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a key that stands twice another reader may take the other one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def make(folder: Path) -> None:
    """Makes a folder, if it isn't there. Raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} can't be made ({error.strerror}); give another path with `--out`") from None


def save(path: Path, content: Iterable[bytes]) -> None:
    """Writes a file beside `path`, which takes its place once all of it is written. Raises UsageError.

    Nothing waits for the disk: it is for what can be made again.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.writelines(content)
        draft.replace(path)
    except BaseException as error:
        with suppress(OSError):
            draft.unlink()
        if isinstance(error, OSError):
            raise UsageError(f"{path} can't be written ({error.strerror}); give another path with `--out`") from None
        raise


def keep(path: Path, content: bytes) -> None:
    """As `save`, but a file that says the same already stays as it is: that is cheaper to find out than to write."""
    with suppress(OSError):
        if path.read_bytes() == content:
            return
    save(path, [content])
