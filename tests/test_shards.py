"""Shares of the work, judged apart and brought together: the same as judged at once."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from grader import kit
from grader.batch import results, running, secret, shard
from grader.batch.journal import Journal
from grader.batch.model import Attempt
from grader.batch.running import Planned, Runner, Settings
from grader.batch.task import Answer
from grader.errors import UsageError
from grader.publish import lines
from tests import toy

SEEDS = secret.Seeds(None, "0", b"0" * 32)
SHARES = 3
COUNT = 24


@pytest.fixture(scope="module")
def planned() -> list[Planned]:
    """Attempts at an exercise: right, unfinished, broken, and one that can't be judged."""
    entry = kit.find(kit.builtin(), "12-3")
    kinds = [entry.solution.read_bytes(), entry.stub.read_bytes(), b"def ("]
    attempts = [
        Attempt(f"s{n:02}", entry.number, entry.stem, "hw.py", kinds[n % 3] + f"\n# {n}\n".encode())
        for n in range(COUNT)
    ]
    attempts.append(Attempt("big", entry.number, entry.stem, "hw.py", b"#" * (1 << 21)))
    attempts.append(attempts[0]._replace(student="twin"))  # handed in what somebody else did
    return running.plan(attempts, Settings(kit.builtin(), SEEDS, lambda libraries: None, wrapped=False))


def judge(folder: Path, planned: list[Planned], share: str | None = None) -> list[str]:
    """Judges all or a share into a folder; the keys of what was judged."""
    judged: list[str] = []
    mine = shard.parse(share).mine(planned) if share else planned
    with Journal(folder / "journal.sqlite") as journal, running.here(2) as executor:
        todo = running.distinct(mine, journal.known())
        Runner(journal, executor, 2).run(todo, lambda one, answer: judged.append(one.task.key))
    return judged


def merge(folder: Path, *shares: Path) -> int:
    with Journal(folder / "journal.sqlite") as journal:
        return journal.merge(share / "journal.sqlite" for share in shares)


def written(folder: Path, planned: list[Planned]) -> list[dict[str, Any]]:
    """results.jsonl, read back, without the seconds."""
    with Journal(folder / "journal.sqlite") as journal:
        found = [one for _, mine in results.by_student(planned, journal, SEEDS) for one in mine]
    lines.write(folder / "results.jsonl", map(lines.line_of, found))
    told = [json.loads(line) for line in (folder / "results.jsonl").read_text("utf-8").splitlines()]
    assert all(line.pop("seconds") >= 0 for line in told)
    return told


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, planned: list[Planned]) -> list[dict[str, Any]]:
    """What one machine writes."""
    folder = tmp_path_factory.mktemp("whole")
    assert len(judge(folder, planned)) == COUNT + 1
    found = written(folder, planned)
    assert {line["verdict"] for line in found} == {"passed", "failed", "error", "not_judged"}
    return found


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory, planned: list[Planned]) -> list[Path]:
    """Folders of three machines."""
    folders = [tmp_path_factory.mktemp(f"share{number}") for number in range(1, SHARES + 1)]
    judged = [judge(folder, planned, f"{number}/{SHARES}") for number, folder in enumerate(folders, 1)]
    assert all(judged), "a share is empty: nothing is shared"
    assert sorted(key for keys in judged for key in keys) == sorted({one.task.key for one in planned})
    return folders


def test_all_shares_are_the_whole(
    tmp_path: Path, planned: list[Planned], whole: list[dict[str, Any]], shares: list[Path]
) -> None:
    assert merge(tmp_path, *shares) == COUNT + 1
    assert written(tmp_path, planned) == whole


def test_merging_again_changes_nothing(
    tmp_path: Path, planned: list[Planned], whole: list[dict[str, Any]], shares: list[Path]
) -> None:
    merge(tmp_path, *shares)
    assert merge(tmp_path, *reversed(shares)) == 0
    assert merge(tmp_path, shares[1], shares[1]) == 0
    assert written(tmp_path, planned) == whole


def test_shares_that_overlap(
    tmp_path: Path, planned: list[Planned], whole: list[dict[str, Any]], shares: list[Path]
) -> None:
    """2/2 has been judged somewhere, too."""
    half = tmp_path / "half"
    judge(half, planned, "2/2")
    merge(tmp_path, half, *shares)
    assert written(tmp_path, planned) == whole


def test_a_share_that_is_missing_is_judged(
    tmp_path: Path, planned: list[Planned], whole: list[dict[str, Any]], shares: list[Path]
) -> None:
    merge(tmp_path, shares[0], shares[2])
    before = written(tmp_path, planned)
    lacking = [line for line in before if line["trouble"] == "not judged yet"]
    missing = shard.parse("2/3").mine(planned)
    assert len(lacking) == len(missing) > 0
    judged = judge(tmp_path, planned)
    assert {one.task.key for one in missing} <= set(judged)
    assert written(tmp_path, planned) == whole


def test_shares_stay_as_they_are(tmp_path: Path, shares: list[Path]) -> None:
    """Also those in folders where nothing can be written: no file is added."""
    before = [{file.name: file.read_bytes() for file in share.iterdir()} for share in shares]
    merge(tmp_path, *shares)
    assert [{file.name: file.read_bytes() for file in share.iterdir()} for share in shares] == before


def test_what_could_not_be_judged_in_one_share_may_be_in_another(tmp_path: Path) -> None:
    good, bad = Answer({"verdict": "passed"}, None, 1.0), Answer(None, "no process survived", 1.0)
    for name, answer in {"first": good, "second": bad}.items():
        with Journal(tmp_path / name / "journal.sqlite") as journal:
            journal.add("key", answer)
    for order in (["first", "second"], ["second", "first"]):
        folder = tmp_path / "-".join(order)
        merge(folder, *(tmp_path / name for name in order))
        with Journal(folder / "journal.sqlite") as journal:
            assert journal.get("key") == good
            assert journal.known() == {"key"}


def test_a_share_killed_while_it_wrote_is_whole(tmp_path: Path, planned: list[Planned]) -> None:
    """Its write-ahead log still holds what the file doesn't."""
    share = tmp_path / "share"
    with Journal(share / "journal.sqlite") as journal:
        journal.add("key", Answer(None, "some", 1.0))
        copy = tmp_path / "copy"
        copy.mkdir()
        for file in share.glob("journal.sqlite*"):
            (copy / file.name).write_bytes(file.read_bytes())
    assert (copy / "journal.sqlite-wal").stat().st_size > 0
    assert merge(tmp_path, copy) == 1


@pytest.mark.parametrize("file", [None, b"no journal at all" * 99])
def test_what_is_no_share_is_told(tmp_path: Path, file: bytes | None) -> None:
    share = tmp_path / "share"
    share.mkdir()
    if file:
        (share / "journal.sqlite").write_bytes(file)
    with pytest.raises(UsageError, match=r"share/journal\.sqlite"):
        merge(tmp_path, share)


def test_a_share_that_ended_before_it_wrote_anything_has_nothing(tmp_path: Path, shares: list[Path]) -> None:
    early = [tmp_path / "empty", tmp_path / "without tables"]
    for share in early:
        share.mkdir()
        (share / "journal.sqlite").touch()
    with closing(sqlite3.connect(early[1] / "journal.sqlite")) as db:
        db.execute("pragma journal_mode = wal")
    assert merge(tmp_path, *early) == 0 < merge(tmp_path, early[0], *shares)


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "journal.lock").mkdir()
    with pytest.raises(UsageError, match=r"journal\.lock can't be locked"), Journal(tmp_path / "journal.sqlite"):
        pass


def test_another_kit_is_not_taken_for_this_one(tmp_path: Path, shares: list[Path]) -> None:
    """Keys name what a verdict depends on: a share that judged by something else doesn't count."""
    merge(tmp_path, *shares)
    entry = kit.entries(toy.KIT)[0]
    attempts = [Attempt("s", entry.number, entry.stem, "hw.py", b"")]
    other = running.plan(attempts, Settings(toy.KIT, SEEDS, lambda libraries: None, wrapped=False))
    with Journal(tmp_path / "journal.sqlite") as journal:
        assert len(running.distinct(other, journal.known())) == 1


def test_every_task_is_in_one_share(planned: list[Planned]) -> None:
    for of in (1, 2, 7, 100):
        parts = [shard.Shard(number, of).mine(planned) for number in range(1, of + 1)]
        assert sorted((one for part in parts for one in part), key=planned.index) == planned


@pytest.mark.parametrize("text", ["", "3", "0/3", "4/3", "-1/3", "1/0", "a/b", "1/3/5", "1.0/3", "²/3"])
def test_shares_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="--shard"):
        shard.parse(text)
