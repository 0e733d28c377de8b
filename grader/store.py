"""What a learner has done, in SQLite in the user's data folder: attempts, hints taken, answers to quizzes.

The folder is `DLGRADE_STATE` if that is set. Every write is one transaction, so two terminals at once lose nothing.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.errors import MachineError

if TYPE_CHECKING:
    import sqlite3

SCHEMA = """
pragma journal_mode = wal;
pragma synchronous = normal;
create table if not exists attempt (
    id integer primary key, kit text not null, exercise text not null, at real not null,
    verdict text not null, score real not null, diagnosis text, parts text not null
);
create index if not exists attempt_of on attempt (kit, exercise);
create table if not exists training (
    id integer primary key, kit text not null, exercise text not null, at real not null, data text not null,
    profile text not null, device text not null, passed integer not null, accuracy real not null, seconds real not null
);
create index if not exists training_of on training (kit, exercise);
create table if not exists hint (
    kit text not null, exercise text not null, part text not null, shown integer not null,
    primary key (kit, exercise, part)
);
create table if not exists answer (
    id integer primary key, kit text not null, card text not null, at real not null, grade text not null,
    response text not null, misconceptions text not null, seconds real not null
);
create index if not exists answer_of on answer (kit, card);
create table if not exists memory (
    kit text not null, card text not null, due real not null, reviewed real not null, state text not null,
    primary key (kit, card)
);
"""


class Progress(NamedTuple):
    """One exercise as far as it has come: attempts, the best score, whether it was ever passed, the last diagnosis."""

    attempts: int
    best: float
    solved: bool
    diagnosis: str | None
    passed_parts: frozenset[str]


class Run(NamedTuple):
    """A training that came to an answer: on what, whether it passed, its accuracy and seconds (of CPU, or on a GPU)."""

    exercise: str
    data: str
    profile: str
    device: str
    passed: bool
    accuracy: float
    seconds: float


def folder() -> Path:
    """Where state is kept: DLGRADE_STATE, or `dlgrade` in the folder where this system keeps a user's data."""
    if own := os.environ.get("DLGRADE_STATE"):
        return Path(own).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "dlgrade"


class Store:
    """The learner's state for one kit."""

    def __init__(self, kit: Path, where: Path | None = None) -> None:
        self.kit = str(kit)
        self.path = (where or folder()) / "progress.sqlite"
        self._connection: sqlite3.Connection | None = None

    def open(self) -> None:
        """Opens the database, and makes it if it isn't there. Raises MachineError if it can't be used."""
        with self.database():
            pass

    def close(self) -> None:
        """Lets go of the database; what comes later opens it again. A command may leave that to its end."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        """Most stores serve one command and are dropped: from Python 3.13 on sqlite3 would complain."""
        with suppress(Exception):  # another thread may have used it
            self.close()

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """The database, made if it isn't there. Raises MachineError if it can't be used."""
        import sqlite3

        try:
            if self._connection is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
                self._connection.executescript(SCHEMA)
            yield self._connection
        except (OSError, sqlite3.Error) as error:
            raise MachineError(
                f"{self.path} can't be used ({error}); set DLGRADE_STATE to a folder of yours"
            ) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The database for reading and writing while nobody else writes: all of it happens, or nothing."""
        with self.database() as db:
            db.execute("begin immediate")
            try:
                yield db
            except BaseException:
                db.execute("rollback")
                raise
            db.execute("commit")

    def add_attempt(
        self, exercise: str, verdict: str, score: float, diagnosis: str | None, passed_parts: list[str]
    ) -> None:
        row = (self.kit, exercise, time.time(), verdict, score, diagnosis, "\n".join(passed_parts))
        columns = "kit, exercise, at, verdict, score, diagnosis, parts"
        with self.database() as db:
            db.execute(f"insert into attempt ({columns}) values (?, ?, ?, ?, ?, ?, ?)", row)

    def add_run(self, run: Run) -> None:
        columns = "kit, at, exercise, data, profile, device, passed, accuracy, seconds"
        row = (self.kit, time.time(), *run)
        with self.database() as db:
            db.execute(f"insert into training ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def runs(self) -> list[Run]:
        """All trainings, oldest first."""
        if not self.path.exists():
            return []
        columns = "exercise, data, profile, device, passed, accuracy, seconds"
        query = f"select {columns} from training where kit = ? order by id"
        with self.database() as db:
            return [Run(*row)._replace(passed=bool(row[4])) for row in db.execute(query, (self.kit,)).fetchall()]

    def progress(self) -> dict[str, Progress]:
        """By number of the exercise; exercises never tried are left out."""
        query = "select exercise, verdict, score, diagnosis, parts from attempt where kit = ? order by id"
        found: dict[str, Progress] = {}
        if not self.path.exists():
            return found
        with self.database() as db:
            rows = db.execute(query, (self.kit,)).fetchall()
        for exercise, verdict, score, diagnosis, parts in rows:
            so_far = found.get(exercise, Progress(0, 0.0, False, None, frozenset()))
            found[exercise] = Progress(
                so_far.attempts + 1,
                max(so_far.best, score),
                so_far.solved or verdict == "passed",
                diagnosis,
                frozenset(parts.split("\n")) - {""},
            )
        return found

    def next_hint(self, exercise: str, part: str, available: int) -> int:
        """Counts one more hint as shown and returns its index; the last one again once all have been shown."""
        mine = (self.kit, exercise, part)
        with self.transaction() as db:
            row = db.execute("select shown from hint where kit = ? and exercise = ? and part = ?", mine).fetchone()
            shown: int = row[0] if row else 0
            db.execute("insert or replace into hint values (?, ?, ?, ?)", (*mine, min(shown + 1, available)))
        return min(shown, available - 1)
