"""What has been saved. Files are looked at many times a second instead of being subscribed to: that works on network
mounts, too, doesn't care how an editor saves, and what it costs can hardly be measured.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from grader.engine import LARGEST

YOUNG = 3.0  # seconds after a change in which another may leave the same time stamp: FAT has 2 s, some networks 1 s
AGAIN = 0.1  # seconds between two readings of a file that is young
GRACE = 0.25  # seconds for which a file may be gone or empty because an editor is saving it
OTHERS = 0.3  # seconds between two looks at the files of other exercises
TOGETHER = 0.3  # seconds within which files count as saved together

Lack = Literal["", "missing", "unreadable", "large"]
Signature = tuple[int, int, int]


class Seen(NamedTuple):
    """What a file holds, or why that can't be judged: `lack`, with a detail for people."""

    text: bytes | None
    lack: Lack = ""
    detail: str = ""


class File:
    """One file, and what was seen of it last: `seen`, None before the first look."""

    def __init__(self, path: Path) -> None:
        self.path, self._name = path, str(path)
        self.seen: Seen | None = None
        self._signature: Signature | None = None
        self._young_until = self._read_at = float("-inf")
        self._doubted_at: float | None = None

    @property
    def stamp(self) -> int:
        """When it was changed, by its own clock."""
        return self._signature[0] if self._signature else 0

    def look(self, now: float) -> Seen | None:
        """What the file holds, None if that is what it held before. now: seconds on a clock that never goes back."""
        signature = signature_of(self._name)
        if signature != self._signature or self.seen is None:
            self._signature, self._young_until = signature, now + YOUNG
        elif now >= self._young_until or now < self._read_at + AGAIN:
            return None
        self._read_at = now
        seen = read(self.path)
        if seen.text:
            self._doubted_at = None
        if seen == self.seen or self._in_doubt(seen, now):
            return None
        self.seen = seen
        return seen

    def _in_doubt(self, seen: Seen, now: float) -> bool:
        """Whether an editor may just be saving: what held something holds nothing, and that is new."""
        if seen.text or seen.lack == "large" or self.seen is None:
            return False
        if self._doubted_at is None:
            self._doubted_at = now
        return now < self._doubted_at + GRACE


class Files:
    """The files of exercises, by their numbers."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._files = {number: File(path) for number, path in paths.items()}
        self._others_at = self._saved_at = float("-inf")

    def path(self, number: str) -> Path:
        return self._files[number].path

    def seen(self, number: str, now: float) -> Seen:
        """What the file of an exercise holds."""
        file = self._files[number]
        file.look(now)
        assert file.seen is not None  # it was looked at
        return file.seen

    def look(self, current: str, now: float) -> tuple[str, Seen] | None:
        """What has changed: the current file, seen at once, or another one, seen within a moment.

        Of several that were saved together the current one counts, or else the newest.
        """
        if seen := self._files[current].look(now):
            self._saved_at = now
            return current, seen
        if now < self._others_at + OTHERS:
            return None
        self._others_at = now
        found = {number: seen for number, file in self._files.items() if (seen := _saved(file, now))}
        if now < self._saved_at + TOGETHER + OTHERS:
            after = self._files[current].stamp + TOGETHER * 1e9
            found = {number: seen for number, seen in found.items() if self._files[number].stamp > after}
        if not found:
            return None
        newest = max(found, key=lambda number: self._files[number].stamp)
        return newest, found[newest]


def _saved(file: File, now: float) -> Seen | None:
    """What a file holds, if that was changed since it was looked at before. A file that has vanished wasn't saved."""
    before = file.seen
    seen = file.look(now)
    return seen if before and seen and not seen.lack else None


def signature_of(name: str) -> Signature | None:
    """Changes with everything that saving does; None where nothing is."""
    try:
        found = os.stat(name)  # noqa: PTH116 (quick: many times a second)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def read(path: Path) -> Seen:
    """What the file holds now. Never waits for a writer, and never takes in more than a submission may have."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return Seen(None, "unreadable", "not a file")
        if found.st_size > LARGEST:
            return Seen(None, "large", f"{found.st_size}")
        with path.open("rb") as file:
            return Seen(file.read(LARGEST))
    except (FileNotFoundError, NotADirectoryError):
        return Seen(None, "missing")
    except OSError as error:
        return Seen(None, "unreadable", error.strerror or type(error).__name__)
