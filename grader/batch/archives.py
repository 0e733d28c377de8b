"""Archives of strangers, read in memory and never unpacked to disk.

Everything is listed and judged before anything is unpacked, and nothing is unpacked beyond what the list says: a
member that lies about its size is damaged. What is wrong with one member concerns that member; an archive that is
damaged, cut off or too large isn't read at all.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from grader.batch import tapes, zips
from grader.batch.member import Limits, Listing, Member, Refused
from grader.batch.submitted import MEBI, METADATA_NAME, Found, junk, objection

STUDENT = Limits(members=2000, size=64 * MEBI)
CLASS = Limits(members=200_000, size=16 << 30)
RATIO = 200
RATIO_FROM = MEBI  # bytes; small files of zeros are honest


class Reader(NamedTuple):
    listing: Callable[[BinaryIO, Limits], Listing]
    contents: Callable[[BinaryIO, Limits, Callable[[int], bool]], Iterator[tuple[int, bytes | None]]]


READERS = {
    "zip": Reader(zips.listing, zips.contents),
    "tar": Reader(tapes.listing, tapes.contents),
    "tgz": Reader(tapes.listing_gzip, tapes.contents_gzip),
}


def listing(stream: BinaryIO, kind: str, limits: Limits) -> list[Member]:
    """All members, with a reason for those that must not be read. Raises Refused if that goes for the archive."""
    members, ratio = READERS[kind].listing(stream, limits)
    if len(members) > limits.members:
        raise Refused(f"holds more than {limits.members} files; hand in the solutions alone")
    if sum(member.size for member in members) > limits.size:
        raise Refused(f"unpacks to more than {limits.size // MEBI} MiB; leave out data and results")
    times = Counter(member.path for member in members)
    return [_judged(member, times[member.path], ratio) for member in members]


def _judged(member: Member, times: int, ratio: float) -> Member:
    packed_ratio = member.size / max(member.packed, 1) if member.packed is not None else ratio
    if member.why:
        return member
    if times > 1:
        return member._replace(why=f"stands {times} times in its archive; which one counts isn't said")
    if member.size > RATIO_FROM and packed_ratio > RATIO:
        return member._replace(why=f"unpacks to more than {RATIO} times its size, as a bomb does")
    return member._replace(why=objection(member.path.rpartition("/")[2], member.size))


def contents(stream: BinaryIO, kind: str, limits: Limits) -> Iterator[Found]:
    """Every member but for junk; those with the same name once. Raises Refused, before the first one comes.

    What tells whose the others are comes first, so that nobody has to hold these until then.
    """
    members = listing(stream, kind, limits)
    first = {number for number, member in enumerate(members) if member.path.endswith(METADATA_NAME)}
    told: set[str] = set()
    for numbers in filter(None, (first, {*range(len(members))} - first)):
        yield from _some(stream, kind, limits, members, numbers, told)


def _some(
    stream: BinaryIO, kind: str, limits: Limits, members: list[Member], numbers: set[int], told: set[str]
) -> Iterator[Found]:
    """Those with these numbers, but for paths that were told of. Stops reading when it has them all."""
    left, read = len(numbers), READERS[kind].contents
    for number, data in read(stream, limits, lambda number: number in numbers and _readable(members[number])):
        if number not in numbers:
            continue
        left -= 1
        member = members[number]
        if not junk(member.path) and not (member.why and member.path in told):
            told.add(member.path)
            yield Found(member.path, data, member.why or ("is damaged inside its archive" if data is None else ""))
        if not left:
            return


def _readable(member: Member) -> bool:
    return not member.why and not junk(member.path)
