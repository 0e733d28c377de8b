"""Every file of what was handed in, with the student whose it is: folders, archives and exports of platforms, mixed."""

import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from grader.batch import gradescope
from grader.batch.archives import CLASS, STUDENT, contents
from grader.batch.gradescope import Submission
from grader.batch.layouts import Handed, Owner, handed, is_export
from grader.batch.member import Refused
from grader.batch.submitted import METADATA_NAME, NOT_SOURCE, Found, archive_kind, stem_of
from grader.batch.walking import walk
from grader.errors import UsageError

DEEPEST = 1  # an export may lie in a folder or in an archive with others, and no deeper
COPY = re.compile(r" ?\(\d{1,3}\)$")  # what a browser adds to the name of a second download


class Piece(NamedTuple):
    """One file. shown: its path, a member of an archive after `!`. handed: whose, and what it was called.

    data: None because of `why`. owners: more than one if it was handed in together. submitted: when, if that is known.
    """

    shown: str
    handed: Handed
    data: bytes | None
    why: str
    owners: tuple[Owner, ...]
    submitted: datetime | None


def gather(source: Path, student: str | None) -> Iterator[Piece]:
    """All files but junk. Raises UsageError if there is nothing to read.

    student: whose everything is; else paths tell.
    """
    if source.is_dir():
        yield from _Export(source.name, "", student).all(walk(source))
    elif source.is_file() and (kind := archive_kind(source.name)):
        name = COPY.sub("", stem_of(source.name))
        try:
            with source.open("rb") as stream:
                yield from _Export(name, "", student, depth=1, wrapped=True).all(contents(stream, kind, CLASS))
        except Refused as refused:
            raise UsageError(f"{source} {refused}; give what was handed in") from None
        except OSError as error:
            raise UsageError(f"{source} can't be read ({error.strerror}); give what was handed in") from None
    else:
        raise UsageError(f"{source} is neither a folder nor a .zip or .tar.gz; give what was handed in")


class _Export:
    """Files of one folder or archive of a class. name: what it is called; shown: what comes before their paths.

    depth: how many exports it lies in; wrapped: all may lie in a folder of the same name. The file of Gradescope's that
    tells whose the others are has to come before them.
    """

    def __init__(self, name: str, shown: str, student: str | None, depth: int = 0, wrapped: bool = False) -> None:
        self._name, self._shown, self._student = name, shown, student
        self._depth, self._wrapped = depth, wrapped
        self._about: dict[str, Submission] = {}
        self._exports: dict[str, _Export] = {}

    def all(self, files: Iterable[Found]) -> Iterator[Piece]:
        for file in files:
            yield from self.take(file)

    def take(self, file: Found) -> Iterator[Piece]:
        top, _, rest = file.path.partition("/")
        if rest and self._is_export(top):
            if top not in self._exports:
                self._exports[top] = _Export(top, f"{self._shown}{top}/", None, self._depth + 1)
            yield from self._exports[top].take(file._replace(path=rest))
        elif file.path == METADATA_NAME and file.data is not None and self._student is None:
            yield from self._metadata(file, file.data)
        else:
            yield from self._opened(file)

    def _is_export(self, top: str) -> bool:
        if self._student is not None or self._depth > DEEPEST:
            return False
        return is_export(top) or (self._wrapped and top == self._name)

    def _metadata(self, file: Found, data: bytes) -> Iterator[Piece]:
        try:
            self._about, faults = gradescope.read(data)
        except gradescope.Unreadable as error:
            faults = [str(error)]
        for fault in faults:
            yield self._piece(file._replace(data=None, why=fault))

    def _opened(self, file: Found) -> Iterator[Piece]:
        """A file, or what is inside of it if it is an archive: of a class, or of one student."""
        kind = archive_kind(file.path)
        if file.data is None or kind is None:
            yield self._piece(file)
            return
        prefix = f"{self._shown}{file.path}!"
        whole = "/" not in file.path and self._is_export(file.path)
        told = False
        try:
            members = contents(io.BytesIO(file.data), kind, CLASS if whole else STUDENT)
            inside = _Export(stem_of(file.path), prefix, None, self._depth + 1, wrapped=True)
            for piece in inside.all(members) if whole else self._members(file, prefix, members):
                told = True
                yield piece
            if not told:
                raise Refused("is an archive without files")
        except Refused as refused:
            yield self._piece(file._replace(data=None, why=str(refused)))

    def _members(self, file: Found, prefix: str, members: Iterable[Found]) -> Iterator[Piece]:
        outer = self._piece(file)
        for member in members:
            if member.data is not None and (why := _unopened(member.path)):
                member = member._replace(data=None, why=why)
            inner = outer.handed._replace(original=member.path.rpartition("/")[2], flat=False, renamed=False)
            yield outer._replace(shown=prefix + member.path, handed=inner, data=member.data, why=member.why)

    def _piece(self, file: Found) -> Piece:
        shown = self._shown + file.path
        if file.path.endswith(METADATA_NAME) and not file.why:
            file = file._replace(data=None, why=NOT_SOURCE)
        if self._student is not None:
            owner = Owner(self._student)
            return Piece(shown, Handed(owner, file.path.rpartition("/")[2]), file.data, file.why, (owner,), None)
        whose = handed(file.path)
        owners = (whose.owner,) if whose.owner else ()
        submission = self._about.get(file.path.partition("/")[0])
        if submission is None:
            return Piece(shown, whose, file.data, file.why, owners, None)
        return Piece(shown, whose, file.data, file.why, _people(submission) or owners, submission.submitted)


def _unopened(path: str) -> str:
    """Why a member of a student's archive isn't looked at; empty if it is."""
    if path.endswith(METADATA_NAME):
        return NOT_SOURCE
    return "is an archive inside an archive, which isn't opened" if archive_kind(path) else ""


def _people(submission: Submission) -> tuple[Owner, ...]:
    called = [(one.sid or one.email or one.name, one) for one in submission.submitters]
    return tuple(Owner(id.strip(), one.name, email=one.email) for id, one in called if id.strip())
