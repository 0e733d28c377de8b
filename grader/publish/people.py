"""Who of the gradebook is who in a table of a learning platform, which knows people by ids, addresses and names."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.batch.called import plain, spellings
from grader.batch.model import Student


class Person(NamedTuple):
    """Somebody in a table. ids: all that may stand for them alone: numbers, logins, addresses."""

    ids: tuple[str, ...]
    names: tuple[str, ...]


def match(people: Sequence[Person], students: Sequence[Student]) -> dict[int, int]:
    """Indices of people to indices of students: by id, then by address, then by name; never if two would fit."""
    theirs = {index: (_keys(one.ids), _names(one.names)) for index, one in enumerate(people)}
    ours = {
        index: (_keys([one.id]), _keys([one.email]), _names([one.name, one.id])) for index, one in enumerate(students)
    }
    found: dict[int, int] = {}
    for mine, kind in ((0, 0), (1, 0), (2, 1)):
        free = {index: keys[kind] for index, keys in theirs.items() if index not in found}
        taken = set(found.values())
        left = {index: keys[mine] for index, keys in ours.items() if index not in taken}
        found.update(_unique(free, left))
    return found


def _unique(people: dict[int, frozenset[str]], students: dict[int, frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Pairs with a key in common, of whom neither has one in common with anybody else."""
    holders: dict[str, set[int]] = {}
    for student, keys in students.items():
        for key in keys:
            holders.setdefault(key, set()).add(student)
    fits = {person: set().union(*(holders.get(key, ()) for key in keys)) for person, keys in people.items()}
    wanted = Counter(student for found in fits.values() for student in found)
    for person, found in fits.items():
        if len(found) == 1 and wanted[student := found.pop()] == 1:
            yield person, student


def _keys(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(filter(None, map(plain, texts)))


def _names(texts: Sequence[str]) -> frozenset[str]:
    return frozenset().union(*map(spellings, texts))
