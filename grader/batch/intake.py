"""What was handed in, taken in: who, which exercise, which source. See docs/submissions.md."""

import unicodedata
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from grader import kit
from grader.batch import notebooks
from grader.batch.gathering import Piece, gather
from grader.batch.layouts import Owner
from grader.batch.model import Attempt, Intake, Student, Unplaced
from grader.batch.placing import Named, Placing
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
    """Takes one file after the other."""

    def __init__(self, placing: Placing, roster: Roster, only: frozenset[str] | None) -> None:
        self._placing, self._roster, self._only = placing, roster, only
        self._unlisted: dict[str, Student] = {}
        self._ids: dict[Owner, str] = {}
        self._times: Counter[tuple[str, str]] = Counter()
        self._sizes: Counter[str] = Counter()
        self._looks: Counter[str] = Counter()
        self.attempts: list[Attempt] = []
        self.unplaced: list[Unplaced] = []

    def take(self, piece: Piece) -> None:
        named = self._placing.named(stem_of(piece.handed.original), piece.handed.flat)
        owners = piece.owners
        if not owners and piece.handed.flat and named.before:
            owners = (Owner(named.before),)
        students = list(dict.fromkeys(self._id(owner) for owner in owners))
        if piece.data is None:
            self._refuse(piece.shown, students, piece.why)
        elif not students:
            self._refuse(piece.shown, students, NOBODY)
        elif self._is_one_too_many(students, piece, named):
            self._refuse(piece.shown, students, f"is beyond {LOOKS} files that have to be read to be placed")
        else:
            for suffix, stem, source, why in self._sources(piece, piece.data, named):
                if why:
                    self._refuse(piece.shown + suffix, students, why)
                    continue
                entry = kit.entry_of(Path(), stem)
                if entry and (self._only is None or entry.number in self._only):
                    for student in students:
                        file = piece.shown + suffix
                        self._add(Attempt(student, entry.number, stem, file, source, piece.submitted))

    def _is_one_too_many(self, students: list[str], piece: Piece, named: Named) -> bool:
        """Whether its name doesn't place a file, and its student has handed in too many of that kind: reading costs."""
        if len(named.choices) == 1 and not piece.handed.original.lower().endswith(".ipynb"):
            return False
        self._looks.update(students)
        return any(self._looks[student] > LOOKS for student in students)

    def _add(self, attempt: Attempt) -> None:
        """Keeps an attempt, unless the student has handed in more than anybody means to."""
        times, size = self._times[attempt.student, attempt.exercise], self._sizes[attempt.student]
        if times == ATTEMPTS:
            self._refuse(attempt.file, [attempt.student], f"is beyond {ATTEMPTS} attempts at {attempt.exercise}")
        elif size + len(attempt.source) > ALL:
            self._refuse(attempt.file, [attempt.student], f"is beyond {ALL >> 20} MiB of code by one student")
        else:
            self._times[attempt.student, attempt.exercise] += 1
            self._sizes[attempt.student] += len(attempt.source)
            self.attempts.append(attempt)

    def _refuse(self, file: str, students: list[str], why: str) -> None:
        owners: list[str | None] = [*students] or [None]
        self.unplaced += [Unplaced(file, student, why) for student in owners]

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
        entry, why = self._placing.place(named, source, piece.handed.renamed)
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
        if not named.choices and len(fitting := self._placing.fits(whole)) > 1:
            for _, fits in fitting:
                yield f"#{fits.number}", fits.stem, whole, _too_long(whole)
            return
        entry, why = self._placing.place(named, whole, piece.handed.renamed)
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

    def _id(self, owner: Owner) -> str:
        """The id of the student on the roster, or the one that the files tell."""
        if owner not in self._ids:
            self._ids[owner] = self._identified(owner)
        return self._ids[owner]

    def _identified(self, owner: Owner) -> str:
        id, name, email = (unicodedata.normalize("NFC", text) for text in (owner.id, owner.name, owner.email))
        find = self._roster.find_numbered if owner.numbered else self._roster.find
        if listed := find(id, name) or self._roster.find(email):
            return listed.id
        known = self._unlisted.get(id, Student(id))
        if owner.numbered and (self._roster.find(id) or (known.name and known.name != name)):
            id = f"{name} {id}"  # the number is somebody else's, on the roster or on another platform
            known = self._unlisted.get(id, Student(id))
        self._unlisted[id] = Student(id, known.name or name, known.email or email)
        return id

    def intake(self, with_roster: bool) -> Intake:
        unlisted = [self._unlisted[id] for id in sorted(self._unlisted)]
        return Intake(
            (*self._roster.students, *unlisted),
            tuple(sorted(self.attempts, key=lambda one: (one.student, _order(one.stem), one.file))),
            tuple(sorted(self.unplaced, key=lambda one: (one.file, one.student or ""))),
            tuple(student.id for student in unlisted) if with_roster else (),
        )


def _some(numbers: Sequence[str]) -> str:
    return ", ".join(numbers[:SHOWN]) + (f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else "")


def _too_long(source: bytes) -> str:
    return f"has {len(source)} bytes of code; an attempt has at most {LARGEST}" if len(source) > LARGEST else ""


def _order(stem: str) -> tuple[int, int]:
    entry = kit.entry_of(Path(), stem)
    return entry.order if entry else (0, 0)
