"""The words of reading archives."""

import re
from typing import NamedTuple


class Refused(Exception):
    """An archive that isn't read; the text completes a sentence that begins with its name."""


class Limits(NamedTuple):
    """How many members an archive has at most, and how many bytes they have unpacked."""

    members: int
    size: int


class Member(NamedTuple):
    """One file of an archive. packed: its bytes in there, None if they aren't apart. why: reason not to read it."""

    path: str
    size: int
    packed: int | None
    why: str = ""


class Listing(NamedTuple):
    """Members in the order of the archive, folders left out; ratio of all unpacked bytes to the packed ones."""

    members: list[Member]
    ratio: float


def path_and_fault(name: str) -> tuple[str, str]:
    """The path of a member, with `/` between folders, and what is wrong with it, empty if nothing is."""
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return path, "has an absolute path in its archive"
    if ".." in parts:
        return path, "has a path that leaves its archive"
    if not parts or "\0" in path:
        return path, "has no proper name in its archive"
    return "/".join(parts), ""
