"""Finds the files of data sets on this machine. Nothing of them is used before its SHA-256 has been checked."""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.data.sets import SETS, DataSet, File
from grader.errors import DataError

if TYPE_CHECKING:
    import numpy as np


class Damage(Exception):
    """A file can't be what it should be; the text completes a sentence that begins with its path."""


class State(NamedTuple):
    """Whether a file is there, `path` is None if not, and what is wrong with it, empty if nothing is."""

    file: File
    path: Path | None
    damage: str

    @property
    def good(self) -> bool:
        return self.path is not None and not self.damage


def homes(state: Path) -> list[Path]:
    """Folders to look in, absolute, in this order; downloads go to the first. state: where the user's state is kept.

    `DLGRADE_DATA` if that is set, and nowhere else. Otherwise a folder beside the state, then where torchvision's
    examples put things.
    """
    if given := os.environ.get("DLGRADE_DATA"):
        return [Path(given).expanduser().absolute()]
    usual = [Path("data")]
    with suppress(RuntimeError):  # some users have no home folder
        usual.append(Path.home() / "data")
    return [path.absolute() for path in (state / "data", *usual, Path())]


def folders(data: DataSet, homes: Sequence[Path]) -> list[Path]:
    """Where the files of this set may lie, in this order. The first is where downloads go."""
    first, *others = homes
    flat = [first] if data.name == "mnist" else []  # files of all sets have the same names
    return [*_nested(data, first), *flat, *(folder for home in others for folder in _nested(data, home))]


def anywhere(data: DataSet, root: Path) -> list[Path]:
    """Where files may lie in a folder which holds this set for sure."""
    return [*_nested(data, root), root]


def _nested(data: DataSet, root: Path) -> list[Path]:
    return [root / data.name, root / data.torchvision / "raw"]


def locate(file: File, folders: Iterable[Path]) -> Path | None:
    """The first copy of a file; where both are, the packed one."""
    paths = (folder / name for folder in folders for name in (file.packed, file.name))
    return next((path for path in paths if _is_there(path)), None)


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return True  # reading it will say why not


def present(name: str, profile: str, homes: Sequence[Path]) -> bool:
    """Whether any of the files that a profile needs is there, good or damaged.

    If so, `load` is to be called: it tells what is wrong, where another data set would only hide it.
    """
    places = folders(SETS[name], homes)
    return any(locate(file, places) for file in SETS[name].needed(profile))


def load(name: str, profile: str, homes: Sequence[Path]) -> "tuple[np.ndarray, np.ndarray]":
    """Images (n, 28, 28) uint8 and labels (n,) int64: 10,000 of them, or all 70,000 if the profile takes more.

    Raises DataError if a file is missing or damaged.
    """
    import numpy as np

    from grader.data import idx

    data = SETS[name]
    arrays: dict[int, list[np.ndarray]] = {1: [], 3: []}
    for file in data.needed(profile):
        path = locate(file, folders(data, homes))
        if path is None:
            raise DataError(f"{file.name} of {data.title} is missing; run `dlgrade data get {name}`")
        try:
            content = unpacked(raw(path, file), path, file)
        except Damage as damage:
            raise DataError(f"{path} {damage}; run `dlgrade data get {name}`") from None
        arrays[file.dims].append(idx.read(content, str(path), file.dims))
    return np.concatenate(arrays[3]), np.concatenate(arrays[1], dtype=np.int64)


def states(data: DataSet, homes: Sequence[Path]) -> list[State]:
    """The state of each file of a set; reads all of them."""
    return [_state(file, locate(file, folders(data, homes))) for file in data.files]


def _state(file: File, path: Path | None) -> State:
    try:
        if path:
            unpacked(raw(path, file), path, file)
    except Damage as damage:
        return State(file, path, str(damage))
    return State(file, path, "")


def raw(path: Path, file: File) -> bytes:
    """The bytes at `path`, packed or not. Raises Damage if they can't be read, or are more than any form has."""
    most = file.size + file.size // 100 + 1000  # what can't be compressed grows a little
    try:
        with path.open("rb") as stream:
            found = stream.read(most + 1)
    except OSError as error:
        raise Damage(f"can't be read ({error.strerror})") from None
    if len(found) > most:
        raise Damage(f"is too long: it should have {file.size} bytes")
    return found


def unpacked(found: bytes, path: Path, file: File) -> bytes:
    """The content of a file that was read from `path`, checked. Raises Damage."""
    import hashlib  # every check looks for data, few read any

    content = _unzipped(found, file.size) if path.suffix == ".gz" else found
    if len(content) != file.size:
        raise Damage(f"has {len(content)} bytes of content instead of {file.size}")
    if (digest := hashlib.sha256(content).hexdigest()) != file.sha256:
        raise Damage(_mistaken(digest) or "is damaged: its SHA-256 is wrong")
    return content


def _unzipped(found: bytes, size: int) -> bytes:
    import zlib

    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # 16: gzip
    try:
        content = unpacker.decompress(found, size + 1)
    except zlib.error:
        raise Damage("is damaged: it can't be unpacked") from None
    if len(content) > size:
        raise Damage(f"unpacks to more than its {size} bytes")
    if not unpacker.eof:
        raise Damage("is cut off")
    return content


def _mistaken(digest: str) -> str:
    """What to say of a good file in the place of another one."""
    known = ((data, file) for data in SETS.values() for file in data.files)
    return next((f"is {file.name} of {data.title}" for data, file in known if file.sha256 == digest), "")
