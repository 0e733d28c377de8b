"""Whose a file is, and what it was called, by its path alone.

Canvas, a file per submission: `sortablename[_LATE]_user_attachment_original`, and `anon_...` where marking is blind
(lib/content_zipper.rb of Canvas). Moodle: `Full Name_number_assignsubmission_file_`, as a folder or at the beginning of
the name (mod/assign/classes/downloader.php of Moodle). Gradescope: `submission_number/`, see `gradescope`.
"""

import re
from typing import NamedTuple

from grader.batch.submitted import archive_kind, stem_of

CANVAS = re.compile(
    r"(?:(?P<name>[^\W_](?:(?!_\d+_).)*?)(?P<late>_LATE)?_(?P<user>\d+)|(?P<late_>LATE_)?(?P<anonymous>anon_[A-Za-z0-9]+))"
    r"_(?:\d{3,}_(?P<original>.+)|(?:text|link)\.html)",
    re.S,
)
MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<original>.+)?)?", re.S)
GRADESCOPE = re.compile(r"submission_\d+")
EXPORT = re.compile(r"assignment_\d+_export")
CANVAS_ZIP = re.compile(r"submissions(?: ?\(\d+\))?", re.I)


class Owner(NamedTuple):
    """Somebody who hands in, as far as a path tells. numbered: the id is a number that only the platform knows."""

    id: str
    name: str = ""
    numbered: bool = False
    email: str = ""


class Handed(NamedTuple):
    """owner: None if the path doesn't tell. original: the name of the file. flat: a student's may come first in it.

    renamed: the platform adds `-1` to the names of later files. late: it says that this came late.
    """

    owner: Owner | None
    original: str
    flat: bool = False
    renamed: bool = False
    late: bool = False


def is_export(name: str) -> bool:
    """Whether a folder or an archive holds an export of a whole class, by the name that the platform gives it."""
    stem = stem_of(name)
    return bool(EXPORT.fullmatch(stem) or (archive_kind(name) and CANVAS_ZIP.fullmatch(stem)))


def handed(path: str) -> Handed:
    """The reading of a path in an export, or in a folder with submissions."""
    top, _, rest = path.partition("/")
    original = rest.rpartition("/")[2] or top
    if found := MOODLE.fullmatch(top):
        owner = Owner(found["number"], found["name"], numbered=True)
        return Handed(owner, found["original"] if not rest and found["original"] else original)
    if rest and GRADESCOPE.fullmatch(top):
        return Handed(Owner(top), original)
    if rest:
        return Handed(Owner(top.strip() or top), original)
    if found := CANVAS.fullmatch(top):
        owner = Owner(found["user"] or found["anonymous"], found["name"] or "", numbered=True)
        return Handed(owner, found["original"] or top, renamed=True, late=bool(found["late"] or found["late_"]))
    if archive_kind(top):
        return Handed(Owner(stem_of(top).strip() or top), original)
    return Handed(None, original, flat=True)
