"""Tar archives, plain or packed by gzip, read from front to back with a limit on every step.

The headers are those of POSIX.1-2017 (pax) and GNU tar: https://www.gnu.org/software/tar/manual/html_node/Standard.html
"""

import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from grader.batch.member import Limits, Listing, Member, Refused, path_and_fault
from grader.batch.submitted import decoded

BLOCK = 512
LONGEST = 1 << 16  # bytes of a header's text
OVERHEAD = 8 * BLOCK  # bytes of headers that a member may have
DAMAGED = "is no tar archive, or a damaged one"
CUT_OFF = "is cut off"
WITHOUT_DATA = (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE)
PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)


class _Tape:
    """A stream that is read forwards, up to a limit."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self.stream, self.limits, self.place = stream, limits, 0
        self.most = limits.size + OVERHEAD * limits.members

    def exactly(self, size: int) -> bytes:
        self.place += size
        if self.place > self.most:
            raise Refused(f"unpacks to more than {self.limits.size >> 20} MiB; leave out data and results")
        try:
            data = self.stream.read(size)
        except EOFError:
            raise Refused(CUT_OFF) from None
        except (OSError, zlib.error):
            raise Refused("is no gzip file, or a damaged one") from None
        if len(data) < size:
            raise Refused(CUT_OFF)
        return data

    def skip(self, size: int) -> None:
        while size > 0:
            self.exactly(step := min(size, 1 << 16))
            size -= step


def listing(stream: BinaryIO, limits: Limits) -> Listing:
    stream.seek(0)
    return Listing([member for _, member, _ in _members(_Tape(stream, limits), lambda number: False)], 1.0)


def contents(stream: BinaryIO, limits: Limits, wanted: Callable[[int], bool]) -> Iterator[tuple[int, bytes | None]]:
    """Numbers of members in the list, with their bytes if they are wanted."""
    stream.seek(0)
    for number, _, data in _members(_Tape(stream, limits), wanted):
        yield number, data


def listing_gzip(stream: BinaryIO, limits: Limits) -> Listing:
    packed = stream.seek(0, 2)
    stream.seek(0)
    tape = _Tape(gzip.GzipFile(fileobj=stream, mode="rb"), limits)  # type: ignore[arg-type]
    members = [member for _, member, _ in _members(tape, lambda number: False)]
    return Listing(members, tape.place / max(packed, 1))


def contents_gzip(
    stream: BinaryIO, limits: Limits, wanted: Callable[[int], bool]
) -> Iterator[tuple[int, bytes | None]]:
    stream.seek(0)
    unpacked: BinaryIO = gzip.GzipFile(fileobj=stream, mode="rb")  # type: ignore[assignment]
    for number, _, data in _members(_Tape(unpacked, limits), wanted):
        yield number, data


def _members(tape: _Tape, wanted: Callable[[int], bool]) -> Iterator[tuple[int, Member, bytes | None]]:
    number = 0
    while info := _header(tape):
        header, name, size = info
        padding = -size % BLOCK  # folders have no data
        if header.type != tarfile.DIRTYPE:
            path, fault = path_and_fault(name)
            if number > tape.limits.members:
                raise Refused(f"holds more than {tape.limits.members} files; hand in the solutions alone")
            member = Member(path, size, None, fault or _fault(header))
            if wanted(number):
                yield number, member, tape.exactly(size)
            else:
                tape.skip(size)
                yield number, member, None
            number += 1
        tape.skip(padding)


def _header(tape: _Tape) -> tuple[tarfile.TarInfo, str, int] | None:
    """The next member, with its name and size; None at the end. What comes before a member may overrule its header."""
    name, size = None, None
    while True:
        block = tape.exactly(BLOCK)
        if not any(block):
            return None
        header = _parsed(block)
        if header.type == tarfile.GNUTYPE_LONGNAME:
            name = _text(tape, header.size).rstrip(b"\0")
        elif header.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
            records = _records(_text(tape, header.size))
            name, size = records.get(b"path", name), _number(records.get(b"size"), size)
            if any(key.startswith(b"GNU.sparse") for key in records):
                raise Refused("holds a sparse file; pack it as .zip")
        elif header.type in (tarfile.GNUTYPE_LONGLINK, tarfile.XGLTYPE):
            _text(tape, header.size)
        else:
            raw = header.name.encode("utf-8", "surrogateescape") if name is None else name
            length = 0 if header.type in WITHOUT_DATA else header.size if size is None else size
            return header, decoded(raw), length


def _parsed(block: bytes) -> tarfile.TarInfo:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError, OverflowError):
        raise Refused(DAMAGED) from None
    if header.size < 0:
        raise Refused(DAMAGED)
    return header


def _text(tape: _Tape, size: int) -> bytes:
    if size > LONGEST:
        raise Refused("has a header that is too large")
    data = tape.exactly(size)
    tape.skip(-size % BLOCK)
    return data


def _records(text: bytes) -> dict[bytes, bytes]:
    """The `length key=value` lines of a pax header."""
    records = {}
    while text:
        length, _, _ = text.partition(b" ")
        if not length.isdigit() or len(length) > 6 or not len(length) + 2 < int(length) <= len(text):
            raise Refused(DAMAGED)
        key, equals, value = text[len(length) + 1 : int(length) - 1].partition(b"=")
        if not equals:
            raise Refused(DAMAGED)
        records[key] = value
        text = text[int(length) :]
    return records


def _number(value: bytes | None, otherwise: int | None) -> int | None:
    if value is None:
        return otherwise
    if not value.isdigit() or len(value) > 18:
        raise Refused(DAMAGED)
    return int(value)


def _fault(header: tarfile.TarInfo) -> str:
    if header.type in (tarfile.LNKTYPE, tarfile.SYMTYPE):
        return "is a link; links aren't followed"
    return "" if header.type in PLAIN else "is no regular file"
