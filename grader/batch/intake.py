"""What was handed in, taken in: who, which exercise, which source. See docs/submissions.md."""

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from grader import kit
from grader.batch import notebooks
from grader.batch.gathering import Piece, gather
from grader.batch.identity import People, Person
from grader.batch.layouts import Owner
from grader.batch.model import Attempt, Intake, Unplaced
from grader.batch.placing import Named, Placing, unclear
from grader.batch.roster import Roster, load
from grader.batch.source import utf8
from grader.batch.submitted import stem_of
from grader.engine import LARGEST
from grader.errors import UsageError

ATTEMPTS = 20  # of a student at one exercise
LOOKS = 100  # files of a student whose names don't place them
ALL = 8 << 20  # bytes of a student's attempts
SHOWN = 5
NOBODY = "tells no student; put it into a folder named after one"


def take_in(
    folder: Path,
    root: Path,
    only: frozenset[str] | None = None,
    roster: Path | None = None,
    student: str | None = None,
) -> Intake:
    """All attempts below a folder or in an archive. Raises UsageError, and nothing for what a student did.

    root: of the kit. only: numbers of the exercises to take in. student: whose everything is.
    """
    desk = _Desk(Placing(kit.entries(root)), load(roster) if roster else Roster(()), only)
    some = False
    for piece in gather(folder, student):
        some = True
        desk.take(piece)
    if not some:
        raise UsageError(f"{folder} holds no submissions; give a folder with one folder or archive per student")
    return desk.intake(roster is not None)


class _Desk:
    """Takes one file after the other. Who has which id is known at the end."""

    def __init__(self, placing: Placing, roster: Roster, only: frozenset[str] | None) -> None:
        self._placing, self._roster, self._only = placing, roster, only
        self._people = People(roster)
        self._times: Counter[tuple[Person, str]] = Counter()
        self._sizes: Counter[Person] = Counter()
        self._looks: Counter[Person] = Counter()
        self._attempts: list[tuple[Person, Attempt]] = []
        self._unplaced: list[tuple[Person | None, Unplaced]] = []

    def take(self, piece: Piece) -> None:
        handed = piece.handed
        named = self._placing.named(stem_of(handed.original), handed.flat, handed.renamed)
        people = self._owners(piece, named)
        if piece.data is None:
            self._refuse(piece.shown, people, piece.why)
        elif not people and not (handed.flat and named.before):
            self._refuse(piece.shown, people, NOBODY)
        elif self._is_one_too_many(people, piece, named):
            self._refuse(piece.shown, people, f"is beyond {LOOKS} files that have to be read to be placed")
        else:
            self._read(piece, piece.data, named, people)

    def _owners(self, piece: Piece, named: Named) -> list[Person]:
        """Whose a file is, if that is sure: what a flat one is called may be a student or anything else."""
        owners = piece.owners
        if not owners and piece.handed.flat and named.before:
            owner = Owner(named.before)
            owners = (owner,) if named.choices or named.missing or self._people.listed(owner) else ()
        return list(dict.fromkeys(map(self._people.person, owners)))

    def _read(self, piece: Piece, data: bytes, named: Named, people: list[Person]) -> None:
        if not people and any(not why for *_, why in self._sources(piece, data, named)):
            people = [self._people.person(Owner(named.before))]
        for suffix, stem, source, why in self._sources(piece, data, named):
            if why:
                self._refuse(piece.shown + suffix, people, why)
                continue
            entry = kit.entry_of(Path(), stem)
            if entry and (self._only is None or entry.number in self._only):
                file, when, late = piece.shown + suffix, piece.submitted, piece.handed.late
                for person in people:
                    self._add(person, Attempt("", entry.number, stem, file, source, when, late))

    def _is_one_too_many(self, people: list[Person], piece: Piece, named: Named) -> bool:
        """Whether its name doesn't place a file, and its student has handed in too many of that kind: reading costs."""
        if len(named.choices) == 1 and not piece.handed.original.lower().endswith(".ipynb"):
            return False
        self._looks.update(people)
        return any(self._looks[person] > LOOKS for person in people)

    def _add(self, person: Person, attempt: Attempt) -> None:
        """Keeps an attempt, unless the student has handed in more than anybody means to."""
        times, size = self._times[person, attempt.exercise], self._sizes[person]
        if times == ATTEMPTS:
            self._refuse(attempt.file, [person], f"is beyond {ATTEMPTS} attempts at {attempt.exercise}")
        elif size + len(attempt.source) > ALL:
            self._refuse(attempt.file, [person], f"is beyond {ALL >> 20} MiB of code by one student")
        else:
            self._times[person, attempt.exercise] += 1
            self._sizes[person] += len(attempt.source)
            self._attempts.append((person, attempt))

    def _refuse(self, file: str, people: list[Person], why: str) -> None:
        owners: list[Person | None] = [*people] or [None]
        self._unplaced += [(person, Unplaced(file, None, why)) for person in owners]

    def _sources(self, piece: Piece, data: bytes, named: Named) -> Iterator[tuple[str, str, bytes, str]]:
        """What comes after the name of the file, a stem, a source; or why there is none."""
        if piece.handed.original.lower().endswith(".ipynb"):
            yield from self._of_notebook(piece, data, named)
            return
        try:
            source = utf8(data)
        except ValueError:
            yield "", "", b"", "is damaged: neither UTF-8 nor UTF-16"
            return
        entry, why = self._placing.place(named, source)
        yield "", entry.stem if entry else "", source, why

    def _of_notebook(self, piece: Piece, data: bytes, named: Named) -> Iterator[tuple[str, str, bytes, str]]:
        try:
            cells = notebooks.read(data)
        except notebooks.Unreadable as error:
            yield "", "", b"", str(error)
            return
        whole = notebooks.code(cells).encode()
        missing = None if len(named.choices) == 1 else (yield from self._of_sections(cells))
        if missing is not None:
            if missing:
                yield "", "", b"", f"has code for {_some(missing)}, which the kit hasn't"
            return
        said = named.choices or named.missing
        if not said and len(each := self._placing.each(whole)) > 1:
            for either in each:
                if len(either) > 1:
                    yield "", "", b"", unclear(either)
                else:
                    yield f"#{either[0].number}", either[0].stem, whole, _too_long(whole)
            return
        entry, why = self._placing.place(named, whole)
        yield "", entry.stem if entry else "", whole, why or _too_long(whole)

    def _of_sections(
        self, cells: Sequence[notebooks.Cell]
    ) -> Generator[tuple[str, str, bytes, str], None, list[str] | None]:
        """Those of exercises; returns numbers of which the kit has none, or None without any section."""
        sections, missing = 0, []
        for part in notebooks.sections(cells, self._placing):
            sections += 1
            source = part.code.encode()
            if not part.known:
                missing.append(part.number)
            elif not source:
                yield f"#{part.number}", "", b"", f"has no code for exercise {part.number}"
            else:
                yield f"#{part.number}", self._placing.by_number[part.number].stem, source, _too_long(source)
        return missing if sections else None

    def intake(self, with_roster: bool) -> Intake:
        ids, unlisted = self._people.ids(), self._people.unlisted()
        attempts = [one._replace(student=ids.get(person, person.id)) for person, one in self._attempts]
        unplaced = [one._replace(student=person and ids.get(person, person.id)) for person, one in self._unplaced]
        return Intake(
            (*self._roster.students, *unlisted),
            tuple(sorted(attempts, key=lambda one: (one.student, _order(one.stem), one.file))),
            tuple(sorted(unplaced, key=lambda one: (one.file, one.student or ""))),
            tuple(student.id for student in unlisted) if with_roster else (),
        )


def _some(numbers: Sequence[str]) -> str:
    return ", ".join(numbers[:SHOWN]) + (f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else "")


def _too_long(source: bytes) -> str:
    return f"has {len(source)} bytes of code; an attempt has at most {LARGEST}" if len(source) > LARGEST else ""


def _order(stem: str) -> tuple[int, int]:
    entry = kit.entry_of(Path(), stem)
    return entry.order if entry else (0, 0)
