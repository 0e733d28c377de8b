"""The files below a folder, in the order of their names. Links are not followed."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from grader.batch.submitted import Found, decoded, junk, objection


def walk(folder: Path) -> Iterator[Found]:
    """Every file below a folder but for junk, with paths relative to it; what can't be read says why."""
    waiting = [(os.fspath(folder), "")]
    while waiting:
        place, prefix = waiting.pop()
        try:
            with os.scandir(place) as scan:
                entries = sorted((decoded(os.fsencode(entry.name)), entry.name, entry) for entry in scan)
        except OSError as error:
            yield Found(prefix.rstrip("/") or ".", None, f"can't be read ({error.strerror})")
            continue
        below = []
        for shown, _, entry in entries:
            if junk(shown):
                continue
            if entry.is_dir(follow_symlinks=False):
                below.append((entry.path, f"{prefix}{shown}/"))
            else:
                yield _file(entry, prefix + shown, shown)
        waiting += reversed(below)


def _file(entry: os.DirEntry[str], path: str, shown: str) -> Found:
    try:
        if entry.is_symlink():
            return Found(path, None, "is a link; links aren't followed")
        details = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(details.st_mode):
            return Found(path, None, "is no regular file")
        if why := objection(shown, details.st_size):
            return Found(path, None, why)
        return Found(path, Path(entry.path).read_bytes())
    except OSError as error:
        return Found(path, None, f"can't be read ({error.strerror})")
