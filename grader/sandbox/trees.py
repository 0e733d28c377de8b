"""Turns "this folder, but not that one inside it" into a list of what is allowed, all that landlock knows."""

# Plain strings for paths: a command that only starts up should not have to import pathlib.
# ruff: noqa: PTH110, PTH118

import os
from collections.abc import Iterable, Iterator


def grants(readable: Iterable[str], hidden: Iterable[str]) -> list[str]:
    """The real paths to allow, with all below them. The most specific path decides; in a tie, `hidden` does.

    A folder is taken apart into its children only where a hidden path lies below it; such a folder cannot be
    listed any more, and what is added to it later is not readable. Paths that do not exist are left out.
    """
    walls = {os.path.realpath(path) for path in hidden}
    found: dict[str, None] = {}
    for path in readable:
        real = os.path.realpath(path)
        if real not in walls and os.path.exists(real):
            found.update(dict.fromkeys(_around(walls, real)))
    return list(found)


def _around(walls: Iterable[str], path: str) -> Iterator[str]:
    walls = [wall for wall in walls if wall.startswith(os.path.join(path, ""))]
    if not walls:
        yield path
        return
    for entry in _children(path):
        # A link is no way in: its target is readable or hidden by its own real path.
        if not entry.is_symlink() and entry.path not in walls:
            yield from _around(walls, entry.path)


def _children(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # who prepares the sandbox cannot list it either: nothing in it becomes readable
        return []
