"""`dlgrade grade` as an instructor uses it: interrupted runs, hostile classes, hidden seeds, signatures."""

import csv
import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader import warm
from grader.batch import fingerprint, gradebook, running, secret
from grader.batch.feedback import PHRASES, STOPPED, withheld
from grader.batch.journal import Journal
from grader.batch.model import Attempt, Result, Student
from grader.batch.results import CHECK, for_student
from grader.batch.scheme import even
from grader.batch.task import Answer
from grader.cli.grade import grade as grade_command
from grader.errors import UsageError
from grader.kit import entries
from grader.models import document
from grader.publish import gradescope, junit, lines, student_page, student_result, student_text
from grader.publish.judged import judged
from grader.publish.told import tell
from grader.report.terminal import render
from tests import test_training, toy
from tests.test_zoo import ANIMALS, HASTY, MISSING, World

ROOT = Path(__file__).parents[1]
SLOWEST = rb'<td class="number"><a href="[^"]+">[^<]*<span class="unseen">[^<]*<'  # who that is depends on times
TIMES = re.compile(
    SLOWEST + rb'|[0-9.]+ m?s\b|(?<=time=")[0-9.]+|(?<="seconds": )[0-9.]+|(?<="execution_time": )[0-9.]+'
)
SHOWN = {".csv", ".html", ".json", ".jsonl", ".txt", ".xml"}
NAMES = ("choi", "han", "kim", "lee", "park", "김 민수", "이서연")
RIGHT = toy.SOLUTION
WRONG = toy.edited((toy.DOUBLE, "    return 3 * x\n"))
SHUTS_IN = pytest.mark.skipif(bool(MISSING) or not warm.forks(), reason=f"can't shut code in here: {MISSING}")


def command(*args):
    return [sys.executable, "-m", "grader", *map(str, args), "--kit", str(toy.KIT)]


def surroundings(tmp_path, **more):
    return {**os.environ, "PYTHONPATH": str(ROOT), "DLGRADE_STATE": str(tmp_path / "state"), "COLUMNS": "80", **more}


def grade(tmp_path, *args, **more):
    done = subprocess.run(
        command("grade", tmp_path / "in", "--out", tmp_path / "out", *args),
        env=surroundings(tmp_path, **more),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def hand_in(folder, student, source, name="ex01_toy.py"):
    place = folder / "in" / student
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(source.encode() if isinstance(source, str) else source)


def a_class(folder, count=1):
    """Right and wrong attempts, all of them different files."""
    for number in range(count):
        for place, name in enumerate(NAMES):
            hand_in(folder, f"{name} {number}", f"{WRONG if place % 2 else RIGHT}\n# {name} {number}\n")


def found(out, without=("seconds",)):
    """results.jsonl without what is measured."""
    return [
        {key: value for key, value in json.loads(line).items() if key not in without}
        for line in (out / "results.jsonl").read_text("utf-8").splitlines()
    ]


def settled(text):
    """A file of OUT without seconds."""
    return TIMES.sub(b"", text.replace(b"\xc2\xa0", b" "))


@SHUTS_IN
def test_a_class(tmp_path):
    a_class(tmp_path)
    hand_in(tmp_path, "notes", "hello", "readme.txt")
    done = grade(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "7 attempts of 8 students: 3 failed, 4 passed" in done.stderr
    assert "1 files could not be placed" in done.stderr
    assert {line["student"]: line["verdict"] for line in found(tmp_path / "out")}["김 민수 0"] == "failed"
    with (tmp_path / "out" / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        table = {row["student"]: row for row in csv.DictReader(file)}
    assert table["kim 0"]["total"] == "1" and float(table["han 0"]["total"]) == 0.67
    report = (tmp_path / "out" / "students" / "han_0" / "report.txt").read_text("utf-8")
    assert "is wrong at" in report
    read = list(lines.read(tmp_path / "out" / "results.jsonl"))
    assert [line.seed for line in read] == ["0"] * 7


@SHUTS_IN
def test_reports_are_the_same_however_many_processes_write_them(tmp_path):
    a_class(tmp_path, 9)
    (tmp_path / "roster.csv").write_text("id\nnobody has seen\n")
    outs = {}
    for jobs in (2, 3, 1):
        shutil.rmtree(tmp_path / "out" / "students", ignore_errors=True)
        done = grade(tmp_path, "--jobs", jobs, "--roster", tmp_path / "roster.csv")
        assert done.returncode == 0, done.stderr
        outs[jobs] = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.suffix in SHOWN}
    assert outs[1] == outs[2] == outs[3]
    assert len(outs[1]) > 5 * 9 * len(NAMES)


@pytest.mark.skipif(sys.platform != "linux", reason="threads are confined to cores on Linux only")
def test_each_of_as_many_jobs_as_cores_has_one_to_itself():
    everywhere = os.sched_getaffinity(0)
    meeting = threading.Barrier(len(everywhere))

    def where(_):
        meeting.wait(60)
        return frozenset(os.sched_getaffinity(0))

    with running.here(len(everywhere)) as executor:
        assert set(executor.map(where, everywhere)) == {frozenset([core]) for core in everywhere}
    with running.here(len(everywhere) + 1) as executor:
        assert set(executor.map(where, everywhere)) == {frozenset(everywhere)}
    assert os.sched_getaffinity(0) == everywhere


@pytest.mark.skipif(sys.platform != "linux", reason="threads are confined to cores on Linux only")
def test_a_system_that_confines_no_thread_grades_nevertheless(monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    with running.here(len(os.sched_getaffinity(0))) as executor:
        assert executor.submit(int, "7").result() == 7


@SHUTS_IN
def test_a_report_that_no_process_can_write_is_told(tmp_path):
    a_class(tmp_path, 9)
    (tmp_path / "out" / "students").mkdir(parents=True)
    (tmp_path / "out" / "students" / "kim_7").write_text("in the way")
    done = grade(tmp_path, "--jobs", 3)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("kim_7 can't be made (File exists); give another path with `--out`")


@SHUTS_IN
def test_nothing_is_judged_twice_unless_it_changed(tmp_path):
    a_class(tmp_path)
    grade(tmp_path)
    first = (tmp_path / "out" / "results.jsonl").read_bytes()
    again = grade(tmp_path, "--json-lines")
    assert "7 of 7 attempts are known or alike; 0 to judge" in again.stderr and again.stdout == ""
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == first
    hand_in(tmp_path, "kim 0", WRONG + "\n# another\n")
    changed = grade(tmp_path, "--json-lines")
    assert [json.loads(line)["student"] for line in changed.stdout.splitlines()] == ["kim 0"]
    fresh = grade(tmp_path, "--json-lines", "--fresh")
    assert len(fresh.stdout.splitlines()) == 7


@SHUTS_IN
def test_changing_one_spec_grades_only_that_again(tmp_path):
    kit = tmp_path / "kit"
    shutil.copytree(toy.KIT, kit)
    for folder in ("exercises", "solutions", "solutions/specs"):
        shutil.copy(kit / folder / "ex01_toy.py", kit / folder / "ex02_other.py")
    a_class(tmp_path)
    for name in NAMES:
        hand_in(tmp_path, f"{name} 0", RIGHT, "ex02_other.py")

    def judged():
        done = subprocess.run(
            [*command("grade", tmp_path / "in", "--out", tmp_path / "out", "--json-lines")[:-1], str(kit)],
            env=surroundings(tmp_path),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return sorted(json.loads(line)["exercise"] for line in done.stdout.splitlines())

    assert judged() == ["1"] * 7 + ["2"]  # the same source for all is judged once
    assert judged() == []
    spec = kit / "solutions" / "specs" / "ex02_other.py"
    spec.write_text(spec.read_text("utf-8") + "\n# changed\n", "utf-8")
    assert judged() == ["2"]


class Editing(Executor):
    """Runs tasks, but somebody edits a file before each of the first ones."""

    def __init__(self, executor, file, edits):
        self._executor, self._file, self._edits = executor, file, edits

    def submit(self, *work):
        if self._edits:
            self._file.write_text(self._file.read_text("utf-8") + f"\n# {self._edits.pop()}\n", "utf-8")
        return self._executor.submit(*work)


@SHUTS_IN
@pytest.mark.parametrize("times", [1, 4])
def test_a_kit_that_is_edited_meanwhile(tmp_path, monkeypatch, times):
    """What was judged by an exercise in two states is kept under neither; once more it is tried."""
    kit = tmp_path / "kit"
    shutil.copytree(toy.KIT, kit)
    spec = kit / "solutions" / "specs" / "ex01_toy.py"
    edits, here = list(range(times)), running.here

    @contextmanager
    def edited(jobs):
        with here(jobs) as executor:
            yield Editing(executor, spec, edits)

    monkeypatch.setattr(running, "here", edited)
    for name in ("kim", "lee"):
        hand_in(tmp_path, name, f"{RIGHT}\n# {name}\n")
    words = [str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--kit", str(kit), "--key", str(tmp_path / "key")]
    done = CliRunner().invoke(grade_command, [*words, "--jobs", "1"], standalone_mode=False)
    assert "1 changed while it was being judged: judging it once more" in done.stderr
    now = fingerprint.of_exercise(entries(kit)[0])
    if times == 1:
        assert done.return_value == 0 and [line["kit"] for line in found(tmp_path / "out")] == [now] * 2
        assert {line["verdict"] for line in found(tmp_path / "out")} == {"passed"}
    else:
        assert done.return_value == 3 and "1 changed again: run the same command once more" in done.stderr
        assert CliRunner().invoke(grade_command, words, standalone_mode=False).return_value == 0


@SHUTS_IN
@pytest.mark.parametrize("kills", [1, 3])
def test_killed_at_any_moment_it_goes_on_and_ends_with_the_same(tmp_path, kills):
    a_class(tmp_path, 12)
    undisturbed = grade(tmp_path)
    assert undisturbed.returncode == 0
    expected = {
        path.relative_to(tmp_path / "out"): settled(path.read_bytes())
        for path in sorted((tmp_path / "out").rglob("*"))
        if path.is_file() and "journal" not in path.name
    }
    (tmp_path / "out").rename(tmp_path / "undisturbed")
    known = 0
    for number in range(kills):
        killed(tmp_path, at_least=known + 9 + 11 * number)
        now = count(tmp_path / "out" / "journal.sqlite")
        assert now > known
        known = now
    resumed = grade(tmp_path)
    assert resumed.returncode == 0 and "are known or alike" in resumed.stderr
    for path, content in expected.items():
        assert settled((tmp_path / "out" / path).read_bytes()) == content, path
    assert found(tmp_path / "out") == found(tmp_path / "undisturbed")


def count(journal):
    if not journal.exists():
        return 0
    try:
        with sqlite3.connect(journal) as db:
            return db.execute("select count(*) from result").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        if "db" in locals():
            db.close()


def killed(tmp_path, at_least):
    """Starts grading, kills it with -9 once so many results are there, and waits until nothing of it is left."""
    log = tmp_path / "killed.txt"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command("grade", tmp_path / "in", "--out", tmp_path / "out", "--jobs", "2"),
            env=surroundings(tmp_path),
            stdout=sink,
            stderr=sink,
        )
    deadline = time.monotonic() + 60
    while count(tmp_path / "out" / "journal.sqlite") < at_least and process.poll() is None:
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()


@SHUTS_IN
def test_a_hostile_class_harms_nobody(tmp_path):
    """The zoo among honest attempts: every verdict as it has to be, nothing outside changed, no process left behind."""
    (tmp_path / "world").mkdir()
    world = World(tmp_path / "world")
    a_class(tmp_path)
    for name in HASTY:
        hand_in(tmp_path, f"zz {name}", world.prepared(ANIMALS[name].source))
    done = grade(tmp_path, PYTHONPATH=f"{ROOT}{os.pathsep}{world.marker}")
    assert done.returncode == 0, done.stderr
    verdicts = {line["student"]: line["verdict"] for line in found(tmp_path / "out")}
    honest = {f"{name} 0": "failed" if place % 2 else "passed" for place, name in enumerate(NAMES)}
    assert {student: verdicts[student] for student in honest} == honest
    wrong = {name: verdicts[f"zz {name}"] for name in HASTY if verdicts[f"zz {name}"] != ANIMALS[name].verdict}
    assert wrong == {}
    assert world.left_behind() == []
    world.close()


@SHUTS_IN
def test_hidden_seeds_are_hidden_and_reproducible(tmp_path):
    leaks = 'def double(x):\n    raise ValueError("inputs: " + repr(x.tolist()))\n'
    a_class(tmp_path)
    hand_in(tmp_path, "leaker", leaks)
    hand_in(tmp_path, "printer", "import numpy as np\n\ndef double(x):\n    print(x)\n    return x * 3\n")
    grade(tmp_path)
    public = (tmp_path / "out" / "students" / "leaker" / "report.html").read_text("utf-8")
    assert "inputs: " in public
    grade(tmp_path, "--seed", "a secret")
    hidden = found(tmp_path / "out")
    for student in ("leaker", "printer", "han_0"):
        folder = tmp_path / "out" / "students" / student
        for path in folder.iterdir():
            text = path.read_text("utf-8")
            for word in ("inputs", "expected ", "got ", "a secret", "ValueError: "):
                assert word not in text, (path, word)
    assert hidden[0]["seed"].startswith("hidden-")
    (tmp_path / "out").rename(tmp_path / "first")
    (tmp_path / "secret.txt").write_text("a secret\n")
    grade(tmp_path, "--seed-file", tmp_path / "secret.txt")
    assert found(tmp_path / "out") == hidden
    other = grade(tmp_path, "--seed", "another", "--json-lines")
    assert len(other.stdout.splitlines()) == 9


@SHUTS_IN
def test_a_changed_result_is_told(tmp_path):
    hand_in(tmp_path, "kim", WRONG)
    grade(tmp_path)
    path = tmp_path / "out" / "students" / "kim" / "results.json"

    def verify(*more):
        return subprocess.run(
            [sys.executable, "-m", "grader", "verify", str(path), *more],
            env=surroundings(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )

    assert verify().returncode == 0
    text = path.read_text("utf-8")
    path.write_text(json.dumps(json.loads(text)), "utf-8")  # written in another way, says the same
    assert verify().returncode == 0
    path.write_text(text.replace('"failed"', '"passed"'), "utf-8")
    changed = verify()
    assert changed.returncode == 1 and "changed since it was signed" in changed.stdout
    assert '"total": 0.67,' in text
    path.write_text(text.replace('"total": 0.67,', '"total": 1.0, "total": 0.67,'), "utf-8")
    assert verify().returncode == 1  # whoever reads it may take the first of two
    path.write_text(text, "utf-8")
    key = tmp_path / "other.key"
    missing = verify("--key", str(key))
    assert missing.returncode == 2 and "can't be used as a key" in missing.stderr and not key.exists()
    key.write_text("ab" * 32)
    other = verify("--key", str(key))
    assert other.returncode == 1 and "signed with another key" in other.stdout
    path.write_text("[" * 100_000, "utf-8")
    assert verify().returncode == 1


@SHUTS_IN
def test_one_run_at_a_time(tmp_path):
    hand_in(tmp_path, "kim", RIGHT)
    with Journal(tmp_path / "out" / "journal.sqlite"):
        done = grade(tmp_path)
    assert done.returncode == 2 and "is in use by another run" in done.stderr


def test_where_code_cannot_be_shut_in_it_is_refused(tmp_path):
    hand_in(tmp_path, "kim", RIGHT)
    refused = grade(tmp_path, DLGRADE_SPAWN="1")
    assert refused.returncode == 3 and "--unsafe" in refused.stderr
    accepted = grade(tmp_path, "--unsafe", DLGRADE_SPAWN="1")
    assert accepted.returncode == 0 and found(tmp_path / "out")[0]["verdict"] == "passed"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--only", "99"], "no exercise 99"),
        (["--seed", " "], "--seed is empty"),
        (["--seed", "a", "--seed-file", "b"], "give one of them"),
        (["--seed-file", "nowhere"], "can't be read as a secret"),
        (["--shard", "4/3"], "the third of sixteen"),
        (["--student", " "], "--student is empty"),
        (["--student", os.fsdecode(b"k\xffm")], "--student is empty, or isn't text"),
        (["--device", "cuda"], "a GPU can't be shut in"),
        (["--scheme", "nowhere.toml"], "give the path of a scheme"),
        (["--roster", "nowhere.csv"], "give the CSV file of a roster"),
    ],
)
def test_wrong_usage_is_told_in_a_line(tmp_path, args, words):
    hand_in(tmp_path, "kim", RIGHT)
    done = grade(tmp_path, *args)
    assert done.returncode == 2 and words in done.stderr and len(done.stderr.splitlines()) <= 4, done.stderr


@SHUTS_IN
def test_a_share_of_which_something_could_not_be_judged_says_so(tmp_path):
    kit = tmp_path / "kit"
    shutil.copytree(toy.KIT, kit)
    hand_in(tmp_path, "kim", RIGHT)

    def share():
        args = command("grade", tmp_path / "in", "--out", tmp_path / "out", "--shard", "1/1")[:-1]
        surrounded = surroundings(tmp_path)
        done = subprocess.run([*args, str(kit)], env=surrounded, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    spec = kit / "solutions" / "specs" / "ex01_toy.py"
    text = spec.read_text("utf-8")
    spec.write_text("1 / 0\n" + text)
    code, told = share()
    assert code == 3 and "1 attempts of share 1/1 could not be judged" in told
    spec.write_text(text)
    code, told = share()
    assert code == 0 and "share 1/1 is judged" in told


@SHUTS_IN
def test_what_counts_is_signed_also_if_two_files_are_called_alike(tmp_path):
    hand_in(tmp_path, "김", WRONG)
    other = tmp_path / "in" / os.fsdecode("김".encode("cp949"))
    other.mkdir()
    for number, source in enumerate((WRONG, RIGHT)):
        (tmp_path / "in" / "김" / "ex01_toy.py").write_text(source)
        (other / "ex01_toy.py").write_text((RIGHT, WRONG)[number])
        grade(tmp_path)
        said = json.loads((tmp_path / "out" / "students" / "김" / "results.json").read_text("utf-8"))["document"]
        (exercise,) = said["exercises"]
        assert (said["total"], exercise["submission_sha256"]) == (1, hashlib.sha256(RIGHT.encode()).hexdigest())


@SHUTS_IN
def test_reports_of_an_earlier_run_are_told(tmp_path):
    hand_in(tmp_path, "kim", RIGHT)
    hand_in(tmp_path, "lee", WRONG)
    assert "earlier run" not in grade(tmp_path).stderr + grade(tmp_path).stderr
    hand_in(tmp_path, "Kim", WRONG)  # where case doesn't matter both would be the same folder
    (tmp_path / "in" / "lee").rename(tmp_path / "in" / "zoe")
    told = grade(tmp_path).stderr
    assert "left from an earlier run" in told and "no longer right: kim, lee\n" in told


@SHUTS_IN
@pytest.mark.parametrize("names", [(), ("exercises",), ("exercises", "solutions", "questions")])
def test_a_kit_without_exercises_grades_nothing(tmp_path, names):
    hand_in(tmp_path, "kim", RIGHT)
    (tmp_path / "kit").mkdir()
    for name in names:
        (tmp_path / "kit" / name).mkdir()
    arguments = command("grade", tmp_path / "in", "--out", tmp_path / "out")[:-1]
    done = subprocess.run(
        [*arguments, tmp_path / "kit"], env=surroundings(tmp_path), capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr and done.returncode in (0, 2), done.stderr


@SHUTS_IN
def test_a_folder_that_cannot_be_made_is_told_in_a_line(tmp_path):
    hand_in(tmp_path, "kim", RIGHT)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "students").touch()
    done = grade(tmp_path)
    assert done.returncode == 2 and "can't be made" in done.stderr.splitlines()[-1]


@SHUTS_IN
def test_what_is_written_is_nobody_s_work_and_takes_no_other_file_s_place(tmp_path):
    hand_in(tmp_path, "kim", RIGHT)
    (tmp_path / "link").symlink_to(tmp_path / "in")
    for out in ("in", "in/out", "link/out", "in/kim"):
        among = grade(tmp_path, "--out", tmp_path / out)
        assert among.returncode == 2 and "where it would be somebody's work" in among.stderr
    assert [path.name for path in tmp_path.glob("in/**/*")] == ["kim", "ex01_toy.py"]
    assert grade(tmp_path, "--out", tmp_path / "in" / ".out").returncode == 0
    again = grade(tmp_path, "--out", tmp_path / "in" / ".out")
    assert again.returncode == 0 and "1 attempts of 1 students: 1 passed" in again.stderr
    for name in ("gradebook.csv", "Gradebook.csv", "journal.sqlite"):
        (tmp_path / name).write_text("Student,ID,Section,Exercise 1 (7)\nKim,kim,A,\n")
        taken = grade(tmp_path, "--gradebook", tmp_path / name)
        assert taken.returncode == 2 and "give it another name" in taken.stderr
    (tmp_path / "canvas.csv").write_text("Student,ID,Section,Exercise 1 (7)\nKim,kim,A,\n")
    assert grade(tmp_path, "--gradebook", tmp_path / "canvas.csv").returncode == 0
    assert (tmp_path / "out" / "canvas.csv").read_text().endswith("Kim,kim,A,1\n")


# Journals, keys and what is withheld


def test_a_journal_keeps_everything_and_changes_nothing(tmp_path):
    path = tmp_path / "journal.sqlite"
    with Journal(path) as journal:
        journal.add("a", Answer(None, "no luck", 1.0))
        assert journal.known() == set() and journal.get("a") == Answer(None, "no luck", 1.0)
        journal.add("a", Answer({"report": 1}, None, 2.0))
        journal.add("a", Answer(None, "no luck again", 3.0))
        assert journal.known() == {"a"} and journal.get("a") == Answer({"report": 1}, None, 2.0)
    with sqlite3.connect(path) as db:
        for change in ("update result set key = 'b'", "delete from result"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(change)
    db.close()
    assert path.stat().st_mode & 0o077 == 0


def test_a_damaged_journal_is_told(tmp_path):
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(UsageError, match="move it away"), Journal(path):
        pass


def test_keys(tmp_path):
    path = tmp_path / "folder" / "grading.key"
    made = secret.key(path)
    assert secret.key(path) == made and len(made) == 32 and path.stat().st_mode & 0o077 == 0
    (tmp_path / "short").write_text("abcd")
    with pytest.raises(UsageError, match="at least 32"):
        secret.key(tmp_path / "short")
    (tmp_path / "text").write_text("my key")
    with pytest.raises(UsageError, match="64 hex digits"):
        secret.key(tmp_path / "text")


def test_seeds_differ_by_secret_and_exercise_and_say_nothing_of_each_other():
    one, other = secret.seeds("one", b"k" * 32), secret.seeds("other", b"k" * 32)
    public = secret.seeds(None, b"k" * 32)
    numbers = {seeds.inputs(stem) for seeds in (one, other) for stem in ("ex01_a", "ex02_b")}
    assert len(numbers) == 4 and all(0 <= number < 1 << 48 for number in numbers)
    assert public.inputs("ex01_a") == 0 != public.split("ex01_a")
    assert one.inputs("ex01_a") == secret.seeds("one", b"x" * 32).inputs("ex01_a")
    assert one.label != other.label and "one" not in one.label


MISTAKES = {
    "value": toy.edited((toy.DOUBLE, "    return 3 * x\n")),
    "shape": toy.edited((toy.DOUBLE, "    return 2 * x[..., None]\n")),
    "type": toy.edited((toy.DOUBLE, "    return 'text'\n")),
    "changed": toy.edited((toy.DOUBLE, "    x *= 2\n    return x.copy()\n")),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_what_is_withheld(kind):
    check = CHECK.validate_python(toy.judge(MISTAKES[kind], seed=123456789))
    shown = withheld(check)
    messages = {case.message for case in shown.report.cases if case.verdict == "failed"}
    assert PHRASES[kind] in messages and messages <= set(PHRASES.values())
    assert shown.report.parts == check.report.parts and shown.report.diagnosis == check.report.diagnosis
    assert shown.report.seed == 0 and not any(detail.inputs for detail in shown.details)
    assert all(case.difference is None for case in shown.report.cases)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise ValueError(repr(x))", "raised ValueError"),
        ("raise type('X' + str(np.size(x)), (Exception,), {})", "raised an exception"),
        ("raise type('ValueError', (Exception,), {})(repr(x))", "raised ValueError"),
        ("import os; os._exit(np.size(x) % 200)", "the process ended before it answered"),
    ],
)
def test_ways_to_carry_inputs_out(code, words):
    check = CHECK.validate_python(toy.judge(toy.edited((toy.DOUBLE, f"    {code}\n")), seed=5))
    shown = withheld(check)
    said = {case.message for case in shown.report.cases if case.part == "double" and case.verdict != "missing"}
    assert words in said and len(said) == 1 and shown.printed == ""


def test_reports_show_the_line_that_python_means():
    source = "# a\x0cb\u2028c\x85\r\n" + toy.edited((toy.DOUBLE, "    raise ValueError('that line')\n"))
    check = CHECK.validate_python(toy.judge(source))
    assert "in double:  raise ValueError(&#x27;that line&#x27;)" in judged(check, source.encode())
    shown = render(document(check), source.encode(), student_text.STYLE, everything=True)
    assert "in double:  raise ValueError('that line')" in shown


SPLIT = {"split": 1234567890123}


def seen(check, secret_seed, seconds=1.25):
    """What a student gets to see of a training: all files in one, and the result."""
    attempt = Attempt("kim", "1", test_training.ENTRY.stem, "kim/ex01.py", b"")
    answer = Result(attempt, CHECK.validate_python(check), None, "", "", seconds)
    shown = for_student(answer, secret.seeds(secret_seed, b"k" * 32))
    scheme = even(["1"])
    (row,) = gradebook.rows([Student("kim")], [lines.line_of(answer)], scheme)
    told = tell(row, [shown], "full")
    documents = [student_result.content(told), gradescope.document(told)]
    return student_page.html(told) + student_text.text(told) + junit.xml("kim", [shown], "full") + json.dumps(documents)


@pytest.mark.parametrize("secret_seed", [None, "a secret"])
def test_how_images_were_dealt_out_is_told_to_no_student(secret_seed):
    text = seen(test_training.judge(**SPLIT), secret_seed)
    assert "1234567890123" not in text and "--split" not in text and ("Training" in text) == (secret_seed is None)


@pytest.mark.parametrize(
    "code",
    [
        "    raise ValueError(f'L{images.sum()}')\n",
        "    raise type(f'L{images.sum()}', (Exception,), {})\n",
        "    report(1, 9, float(images.sum()), 0.4321)\n    import os; os._exit(77)\n",
    ],
)
def test_a_training_carries_nothing_out(code):
    check = test_training.judge(test_training.edited((test_training.MEANS, code)), **SPLIT)
    images = re.compile(r"L\d{5,}|43\.2|status 77|raised Value\w+: ")
    assert images.search(seen(check, None)) and not images.search(seen(check, "a secret"))


def test_a_training_that_falls_short_is_told_by_how_much():
    bad = test_training.edited((test_training.PREDICT, "    return np.zeros(len(images), np.int64)\n"))
    report = withheld(CHECK.validate_python(test_training.judge(bad))).report
    assert any("is due" in case.message for case in report.cases)
    longer = "    return np.zeros(len(images) + 7, np.int64)\n"
    odd = test_training.edited((test_training.PREDICT, longer), (test_training.REPORT, ""))
    report = withheld(CHECK.validate_python(test_training.judge(odd))).report
    assert STOPPED["failed"] in {case.message for case in report.cases} and "7" not in str(report.cases[-3:])


def test_time_carries_nothing_out():
    check = toy.judge(toy.SOLUTION, seed=5)
    assert "4.321" in seen(check, None, 4.321)
    shown = seen(check, "a secret", 4.321)
    assert "4.321" not in shown and " 0.00 s" not in shown
