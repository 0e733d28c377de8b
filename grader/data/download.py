"""Brings the files of a data set here: from one mirror after the other, or from a folder.

What has come so far is in a `.part` file. Any mirror continues it where it broke off, and it is only moved to its place
when its SHA-256 is right.
"""

import gzip
import hashlib
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from grader.data import find
from grader.data.sets import DataSet, File
from grader.errors import DataError, MachineError, UsageError
from grader.text import harmless

TIMEOUT = 20.0  # seconds without a byte
BLOCK = 1 << 16  # bytes
TRIES = 20  # of one mirror, as long as each brings something
POLL = 0.2  # seconds between looks whether another process is done


class Trouble(Exception):
    """Why a mirror doesn't give a file; the text completes a sentence that begins with its address."""


class Watch(NamedTuple):
    """Who is told how it goes. progress: called with the file and how many bytes of it are here."""

    say: Callable[[str], None]
    warn: Callable[[str], None]
    progress: Callable[[File, int], None]


def get(data: DataSet, homes: Sequence[Path], source: str | None, watch: Watch) -> None:
    """Makes all files of a set good ones. source: an address or a folder to take them from instead of the mirrors.

    Raises DataError if one can't be had, MachineError if nothing can be written, UsageError if the source is none.
    """
    folder = find.folders(data, homes)[0]
    bring = _bringer(data, folder, source, watch)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder, watch):
            for state in find.states(data, homes):
                if state.good:
                    watch.say(f"{state.file.name}: is here already ({state.path})")
                else:
                    bring(state.file)
    except OSError as error:
        where = error.filename or folder
        raise MachineError(
            f"{where} can't be written ({error.strerror}); set DLGRADE_DATA to a folder of yours"
        ) from None


def _bringer(data: DataSet, folder: Path, source: str | None, watch: Watch) -> Callable[[File], None]:
    """What brings one file of the set into the folder."""
    if source is None:
        mirrors = list(data.mirrors)
    elif source.startswith(("http://", "https://")):
        mirrors = [source]
    elif Path(source).is_dir():
        return lambda file: _copy(data, file, Path(source), folder, watch)
    else:
        raise UsageError(
            f"{source} is no folder and no address; give a folder, or an address that begins with https://"
        )
    return lambda file: _download(data, file, folder, mirrors, watch)


def _copy(data: DataSet, file: File, source: Path, folder: Path, watch: Watch) -> None:
    path = find.locate(file, find.anywhere(data, source))
    if path is None:
        raise UsageError(f"{source} has no {file.packed}; give a folder that holds the files of {data.title}")
    try:
        found = find.raw(path, file)
        find.unpacked(found, path, file)
    except find.Damage as damage:
        raise DataError(f"{path} {damage}; give another source") from None
    part = _part(folder, file)
    part.write_bytes(found if path.suffix == ".gz" else gzip.compress(found, 1, mtime=0))
    part.replace(folder / file.packed)
    watch.say(f"{file.name}: copied from {path}")


def _download(data: DataSet, file: File, folder: Path, mirrors: list[str], watch: Watch) -> None:
    """Brings a file from the first mirror that has it, and puts that mirror first for the files to come."""
    part = _part(folder, file)
    for mirror in list(mirrors):
        url = f"{mirror.rstrip('/')}/{file.packed}"
        try:
            _fetch(url, part, file, watch)
        except Trouble as trouble:
            watch.warn(f"{url} {trouble}")
            continue
        part.replace(folder / file.packed)
        mirrors.sort(key=mirror.__ne__)
        watch.say(f"{file.name}: {file.packed_size:,} bytes from {url}, SHA-256 right")
        return
    raise DataError(
        f"{file.packed} of {data.title} can't be downloaded; copy its files to {folder} by hand, "
        f"or name another source with `dlgrade data get {data.name} --from`"
    )


def _part(folder: Path, file: File) -> Path:
    return folder / f"{file.packed}.part"


def _fetch(url: str, part: Path, file: File, watch: Watch) -> None:
    """Completes a part from this address. Raises Trouble; then what has come stays, unless it is known to be wrong."""
    continued = _size(part) > 0
    _complete(url, part, file, watch)
    if not _right(part, file) and continued:  # its beginning, from elsewhere, may be to blame
        part.unlink()
        _complete(url, part, file, watch)
    if not _right(part, file):
        part.unlink()
        raise Trouble("has another file: its SHA-256 is wrong")


def _complete(url: str, part: Path, file: File, watch: Watch) -> None:
    """Asks again where it broke off, as long as that brings something."""
    for left in reversed(range(TRIES)):
        before = _size(part)
        try:
            _transfer(url, part, file, watch)
        except Trouble:
            if not left or _size(part) <= before:
                raise
        else:
            return


def _transfer(url: str, part: Path, file: File, watch: Watch) -> None:
    """Asks once for what is missing, and adds it to the part."""
    if (have := _size(part)) >= file.packed_size:
        return
    with _ask(url, have) as response:
        have = _start(response, have, file)
        with part.open("ab" if have else "wb") as out:
            while block := _block(response, file.packed_size - have):
                out.write(block)
                have += len(block)
                watch.progress(file, have)
    if have < file.packed_size:
        raise Trouble(f"broke off after {have:,} of {file.packed_size:,} bytes")


def _ask(url: str, have: int) -> HTTPResponse:
    """An answer that has the file, or what follows its first `have` bytes."""
    headers = {"User-Agent": "dlgrade", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        response: HTTPResponse = urlopen(Request(url, headers=headers), timeout=TIMEOUT)
    except HTTPError as error:
        error.close()
        if error.code == 416 and have:  # it knows no such range: its file may be another one, or it may be confused
            return _ask(url, 0)
        raise Trouble(f"answers {error.code} {harmless(error.reason, 80)}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise Trouble(f"can't be reached ({_reason(error)})") from None
    return response


def _start(response: HTTPResponse, have: int, file: File) -> int:
    """At which byte of the file an answer begins. Raises Trouble if it is one about another file."""
    total: str | None
    if response.status == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if not found or int(found[1]) != have:
            raise Trouble("answers with another part of the file than it was asked for")
        total = found[2]
    else:  # it ignores ranges and begins at the beginning
        have, total = 0, response.headers.get("Content-Length")
    if total and total.isdecimal() and int(total) != file.packed_size:
        raise Trouble(f"has another file: {int(total):,} bytes instead of {file.packed_size:,}")
    return have


def _block(response: HTTPResponse, most: int) -> bytes:
    try:
        return response.read1(min(BLOCK, most))
    except (OSError, HTTPException) as error:
        raise Trouble(f"broke off ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    """The cause of a failure on the net in a few words."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return f"no answer within {TIMEOUT:g} s"
    text = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return harmless(text.splitlines()[0], 200)


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _right(part: Path, file: File) -> bool:
    with part.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == file.packed_sha256


@contextmanager
def _alone(folder: Path, watch: Watch) -> Iterator[None]:
    """Waits until no other process brings files here. The lock ends with the process that holds it, however it ends."""
    with (folder / ".lock").open("ab") as lock:
        if not _locked(lock):
            watch.say(f"another process is writing to {folder}; waiting for it")
            while not _locked(lock):
                time.sleep(POLL)
        yield


def _locked(lock: IO[bytes]) -> bool:
    """Whether this process now has the lock."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system that has no locks: two at once may disturb each other, and would notice
        return True
    return True
