"""Who has handed in, by all that layouts tell of them. Ids don't depend on the order in which files come."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from grader.batch.layouts import Owner
from grader.batch.model import Student
from grader.batch.roster import Roster


class Person(NamedTuple):
    """Somebody who hands in. listed: on the roster, by this id. name: set if the id is a number of a platform's, which
    may mean somebody else on another one."""

    id: str
    name: str = ""
    listed: bool = False


class People:
    """Everybody who hands in. Ids can be told when all are known: a number that two people have is none."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._known: dict[Owner, Person] = {}
        self._told: dict[Person, set[Student]] = {}

    def person(self, owner: Owner) -> Person:
        if owner not in self._known:
            self._known[owner] = self._found(owner)
        return self._known[owner]

    def listed(self, owner: Owner) -> bool:
        """Whether the roster has somebody like that."""
        return self._on_roster(_composed(owner)) is not None

    def _found(self, owner: Owner) -> Person:
        owner = _composed(owner)
        if listed := self._on_roster(owner):
            return Person(listed.id, listed=True)
        person = Person(owner.id, owner.name if owner.numbered else "")
        self._told.setdefault(person, set()).add(Student(owner.id, owner.name, owner.email))
        return person

    def _on_roster(self, owner: Owner) -> Student | None:
        """A name comes last: on some platforms people call themselves as they like."""
        if owner.numbered:
            return self._roster.find_numbered(owner.id, owner.name)
        return self._roster.find(owner.id, owner.email, owner.name)

    def ids(self) -> dict[Person, str]:
        """Of all who aren't on the roster: numbers that are somebody else's, too, get the name before them."""
        numbered = Counter(person.id for person in self._told if person.name)
        return {
            person: f"{person.name} {person.id}"
            if person.name and (numbered[person.id] > 1 or self._roster.find(person.id))
            else person.id
            for person in self._told
        }

    def unlisted(self) -> list[Student]:
        """Everybody who isn't on the roster, in the order of their ids, with the fullest name and address told."""
        told: dict[str, set[Student]] = {}
        for person, id in self.ids().items():
            told.setdefault(id, set()).update(self._told[person])
        return [
            Student(id, _fullest(one.name for one in same), _fullest(one.email for one in same))
            for id, same in sorted(told.items())
        ]


def _composed(owner: Owner) -> Owner:
    id, name, email = (unicodedata.normalize("NFC", text) for text in (owner.id, owner.name, owner.email))
    return owner._replace(id=id, name=name, email=email)


def _fullest(texts: Iterable[str]) -> str:
    return max(texts, key=lambda text: (len(text), text))
