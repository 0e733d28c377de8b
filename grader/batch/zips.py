"""Zip archives: names in any encoding, and nothing read that the directory of the archive doesn't announce."""

import stat
import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from grader.batch.member import Limits, Listing, Member, Refused, path_and_fault
from grader.batch.submitted import decoded

UTF8, ENCRYPTED = 0x800, 0x1 | 0x40 | 0x2000
PER_MEMBER = 700  # bytes of the archive's directory, so that it isn't large without many members


class _Guarded:
    """A file of which no more is read at once than `most` bytes: the directory of an archive comes in one piece."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self.stream, self.most = stream, most
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(self.most + 1 if size < 0 else min(size, self.most + 1))
        if len(data) > self.most:
            raise Refused("has a directory that is too large")
        return data


def _opened(stream: BinaryIO, limits: Limits) -> ZipFile:
    stream.seek(0)
    guarded = _Guarded(stream, PER_MEMBER * limits.members)
    try:
        archive = ZipFile(guarded)
    except Refused:
        raise
    except Exception:  # what a stranger's bytes raise in there is documented nowhere
        raise Refused("is no zip archive, or a damaged one") from None
    guarded.most = sys.maxsize - 1  # members are read up to the sizes of the list
    return archive


def listing(stream: BinaryIO, limits: Limits) -> Listing:
    with _opened(stream, limits) as archive:
        infos = [info for info in archive.infolist() if not _is_folder(info)]
    return Listing([_member(info) for info in infos], 1.0)


def contents(stream: BinaryIO, limits: Limits, wanted: Callable[[int], bool]) -> Iterator[tuple[int, bytes | None]]:
    """Numbers of members in the list, with their bytes if they are wanted and can be read."""
    with _opened(stream, limits) as archive:
        infos = [info for info in archive.infolist() if not _is_folder(info)]
        for number, info in enumerate(infos):
            yield number, _bytes(archive, info) if wanted(number) else None


def _bytes(archive: ZipFile, info: ZipInfo) -> bytes | None:
    try:
        with archive.open(info) as file:
            data = file.read(info.file_size + 1)
    except Exception:  # as above
        return None
    return data if len(data) == info.file_size else None


def _is_folder(info: ZipInfo) -> bool:
    return info.orig_filename.endswith(("/", "\\")) and info.file_size == 0


def _member(info: ZipInfo) -> Member:
    path, fault = path_and_fault(_name(info))
    return Member(path, info.file_size, info.compress_size, fault or _fault(info))


def _name(info: ZipInfo) -> str:
    """Without the flag for UTF-8 the library reads cp437, of which every byte comes back as it was."""
    name = info.orig_filename
    if info.flag_bits & UTF8:
        return name
    try:
        return decoded(name.encode("cp437"))
    except UnicodeEncodeError:
        return name


def _fault(info: ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & ENCRYPTED:
        return "is encrypted"
    if info.create_system == 3 and kind not in (0, stat.S_IFREG):
        return "is a link; links aren't followed" if kind == stat.S_IFLNK else "is no regular file"
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "is packed by a method that isn't read; pack it as an ordinary .zip"
    return ""
