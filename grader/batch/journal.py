"""Every result as it arrives, in an append-only SQLite file: whatever happens to the run, what was judged is kept."""

import json
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.batch.task import Answer
from grader.errors import MachineError, UsageError

FORMAT = 1
SCHEMA = """
pragma journal_mode = wal;
pragma synchronous = normal;
create table if not exists result (
    id integer primary key, key text not null, at real not null, final integer not null, answer blob not null
);
create index if not exists result_of on result (key);
create trigger if not exists never_changed before update on result begin select raise(abort, 'append-only'); end;
create trigger if not exists never_deleted before delete on result begin select raise(abort, 'append-only'); end;
"""


class Journal:
    """Answers by the keys of their tasks; of several the newest counts. Use as a context manager: one run at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: sqlite3.Connection | None = None
        self._db: sqlite3.Connection | None = None

    def __enter__(self) -> "Journal":
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
        except OSError as error:
            raise UsageError(f"{self.path.parent} can't be written ({error.strerror}); give another --out") from None
        self._lock = _locked(self.path.with_suffix(".lock"))
        self._db = self._open()
        return self

    def _open(self) -> sqlite3.Connection:
        try:
            db = sqlite3.connect(self.path.absolute().as_uri(), isolation_level=None, check_same_thread=False, uri=True)
            (version,) = db.execute("pragma user_version").fetchone()
            if version not in (0, FORMAT):
                raise UsageError(f"{self.path} has format {version}, this dlgrade writes {FORMAT}; give another --out")
            db.executescript(SCHEMA + f"pragma user_version = {FORMAT};")
            return db
        except sqlite3.Error as error:
            raise UsageError(f"{self.path} can't be used ({error}); move it away, or give another --out") from error

    def __exit__(self, *_: object) -> None:
        for connection in (self._db, self._lock):
            if connection:
                connection.close()

    def add(self, key: str, answer: Answer) -> None:
        """Keeps an answer, for good. Raises MachineError if it can't, on a full disk, say."""
        body = zlib.compress(json.dumps(answer).encode(), 3)
        with self._database() as db:
            row = (key, time.time(), answer.check is not None, body)
            db.execute("insert into result (key, at, final, answer) values (?, ?, ?, ?)", row)

    def known(self) -> set[str]:
        """Keys of tasks that were judged; those of tasks that could not be judged are left out."""
        with self._database() as db:
            return {key for (key,) in db.execute("select distinct key from result where final")}

    def is_empty(self) -> bool:
        """Whether no task was judged."""
        with self._database() as db:
            return db.execute("select 1 from result where final limit 1").fetchone() is None

    def get(self, key: str) -> Answer | None:
        """The newest answer."""
        with self._database() as db:
            query = "select answer from result where key = ? order by final desc, id desc limit 1"
            row = db.execute(query, (key,)).fetchone()
        return Answer(*json.loads(zlib.decompress(row[0]))) if row else None

    def merge(self, others: Iterable[Path]) -> int:
        """Takes over what other journals hold; how many answers that are new here."""
        with self._database() as db:
            return sum(_take_over(db, other) for other in others)

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        assert self._db is not None, "use a journal as a context manager"
        try:
            yield self._db
        except sqlite3.Error as error:
            raise MachineError(
                f"{self.path} can't be used ({error}); mend that and run the same command again: what is in it is kept"
            ) from error


def _locked(path: Path) -> sqlite3.Connection:
    """Holds a lock as long as the connection is open; SQLite's locks work alike on all systems, and end with us."""
    lock = None
    try:
        lock = sqlite3.connect(path, timeout=0, isolation_level=None)
        lock.execute("begin exclusive")
        return lock
    except sqlite3.Error as error:
        if lock:
            lock.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise UsageError(f"{path.parent} is in use by another run; wait for it, or give another --out") from None
        raise UsageError(f"{path} can't be locked ({error}); give another --out") from None


def _take_over(db: sqlite3.Connection, other: Path) -> int:
    """What another journal has. It may lie where nothing can be written; one that nobody writes to has no `-wal`."""
    if not other.is_file():
        raise UsageError(f"{other} is no journal; give folders that `dlgrade grade --shard` wrote")
    how = "mode=ro" if other.with_name(f"{other.name}-wal").exists() else "mode=ro&immutable=1"
    try:
        db.execute("attach database ? as other", (f"{other.absolute().as_uri()}?{how}",))
        try:
            return _copied(db)
        finally:
            db.execute("detach database other")
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:  # that is about ours
            raise
        raise UsageError(f"{other} can't be read ({error}); leave it out, and what it has is judged anew") from None


def _copied(db: sqlite3.Connection) -> int:
    """Of a share that ended before it wrote anything: nothing."""
    if not db.execute("select 1 from other.sqlite_master where name = 'result'").fetchone():
        return 0
    columns = "key, at, final, answer"
    new = "not exists (select 1 from result mine where mine.key = other.result.key and mine.at = other.result.at)"
    query = f"insert into result ({columns}) select {columns} from other.result where {new} order by id"
    return db.execute(query).rowcount
