"""benchmarks/grade: what it measures, counts and tells, on a handful of attempts. No times are judged here."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader import warm
from grader.batch import isolation
from tests import toy

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "benchmarks" / "grade"
LACKING = isolation.lacking()

linux = pytest.mark.skipif(not warm.forks(), reason="processes are counted and forked on Linux only")
shut_in = pytest.mark.skipif(LACKING is not None, reason=f"can't grade here: {LACKING}")

BURNS = "import time; end = time.process_time() + {0}\nwhile time.process_time() < end: pass"
ORPHAN = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BURNS.format(0.4)!r}])"
WAITED = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURNS.format(0.4)!r}])"
LARGE = "import time; block = bytearray(150_000_000); time.sleep(0.3)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {LARGE!r}])"


@pytest.fixture
def tools(monkeypatch):
    """The folder's modules are found, as they are when it is run."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    monkeypatch.syspath_prepend(FOLDER)


def fresh(code, *arguments, timeout=120):
    """Code in a process of its own, which adopts whatever is left behind: in this one that would be for ever."""
    before = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'benchmarks'), str(FOLDER)]!r}\n"
    before += "import json, check, processes; check.adopt_orphans(); run = processes.run\n"
    command = [sys.executable, "-c", before + code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# What a command takes


@linux
@pytest.mark.parametrize("code", [ORPHAN, WAITED], ids=["left behind", "waited for"])
def test_the_time_of_all_descendants_counts(code):
    told = "cost = run([sys.executable, '-c', sys.argv[1]], dict(check.environment('.')))\nprint(json.dumps(cost.cpu))"
    assert fresh(told, code) > 0.4


@linux
def test_memory_is_that_of_the_command_alone():
    told = "cost = run([sys.executable, '-c', sys.argv[1]], dict(check.environment('.')))\nprint(json.dumps(cost.peak))"
    assert fresh(told, LARGE) > 150e6
    assert fresh(told, PARENT) < 100e6


@linux
def test_another_exit_code_is_an_error_with_what_was_printed():
    told = """
try:
    run([sys.executable, '-c', 'import sys; print(6 * 7); sys.exit(3)'], dict(check.environment('.')))
except processes.Failed as error:
    print(json.dumps(str(error)))
"""
    first, printed = fresh(told).splitlines()
    assert first.endswith("exit code 3") and printed == "42"


# Made-up classes


def test_a_class_is_handed_in_with_the_verdicts_that_are_right(tools, tmp_path):
    from handed_in import MIX, hand_in

    expected = hand_in(tmp_path, [toy.ENTRY], 6, MIX)
    texts = [path.read_text() for path in sorted(tmp_path.glob("*/*.py"))]
    assert len(set(texts)) == len(expected) == 6
    verdicts = [toy.report(text).verdict for text in texts]
    assert verdicts == list(expected.values()) == ["passed", "failed", "failed"] * 2


def test_wrong_missing_and_made_up_verdicts_are_told(tools, tmp_path):
    from handed_in import wrong_verdicts

    def told(*found):
        lines = [json.dumps({"student": who, "exercise": "1", "verdict": verdict}) for who, verdict in found]
        (tmp_path / "results.jsonl").write_text("\n".join(lines))
        return wrong_verdicts(tmp_path / "results.jsonl", {("a", "1"): "passed", ("b", "1"): "failed"})

    assert told(("a", "passed"), ("b", "failed")) == []
    assert told(("a", "passed"), ("b", "passed")) == ["b 1: passed, not failed"]
    assert told(("a", "passed")) == ["b 1: None, not failed"]
    assert told(("a", "passed"), ("b", "failed"), ("c", "failed")) == ["c 1: failed, not None"]
    assert len(told(("a", "passed"), ("a", "passed"), ("b", "failed"))) == 1


# Parts


def test_overhead_is_the_difference_of_two_classes_without_the_students_own_compute(tools):
    from overhead import Overhead, show

    found = Overhead("12-3", [100.0, 110.0], [400.0, 310.0], 10, [7.0, 6.0])
    assert (found.whole(), found.beyond()) == (21.0, 15.0)
    assert "NOT reached" in show([found])[1]
    assert "NOT" not in show([found._replace(own=[11.0])])[1]


@shut_in
@linux
def test_overhead_is_measured_in_all_processes():
    number, small, large, more, own = fresh("import overhead; print(json.dumps(overhead.overhead('12-3', 1, 3, 1)))")
    assert (number, len(small), len(large), more, len(own)) == ("12-3", 1, 1, 2, 5)
    assert min(own) > 0


def test_own_compute_grows_with_what_the_student_does(tools):
    from own_compute import own_compute

    (quick,) = own_compute(toy.ENTRY, toy.SOLUTION.encode(), 1)
    slow = toy.edited((toy.DOUBLE, "    sum(range(1_000_000))\n    return 2 * x\n")).encode()
    assert own_compute(toy.ENTRY, slow, 1)[0] > quick > 0


@shut_in
@linux
def test_a_class_is_graded_twice_and_the_second_time_nothing_is_judged():
    told = """
import sqlite3, running, sizes
grade, kept = running.Desk.grade, []
def counting(here, *arguments, **options):
    graded = grade(here, *arguments, **options)
    kept.append(sqlite3.connect(here.out / "journal.sqlite").execute("select count(*) from result").fetchone()[0])
    return graded
running.Desk.grade = counting
found = sizes.cheap(3, 2)
print(json.dumps([found, kept, sizes.row(found)]))
"""
    (attempts, (first, wrong, page), (_, again, _)), kept, row = fresh(told)
    assert (attempts, wrong, again, kept) == (3, [], [], [3, 3])
    assert first[2] > 1e6 and page > 1000  # bytes
    assert row.split()[0] == "3" and row.split()[-1] == "0"


@shut_in
@linux
def test_animals_among_honest_attempts_are_counted():
    told = "import mixed; print(json.dumps(mixed.mixed(3, 2, ('answer_nan', 'read_solution', 'exit_in_call'))))"
    _, honest, animals, skipped, wrong, left = fresh(told)
    assert (honest, animals + len(skipped), wrong, left) == (3, 3, [], [])


@shut_in
@linux
def test_a_verdict_that_is_not_the_declared_one_is_told():
    told = """
import mixed
from tests import test_zoo
test_zoo.ANIMALS["answer_nan"] = test_zoo.ANIMALS["answer_nan"]._replace(verdict="passed")
print(json.dumps(mixed.mixed(0, 1, ("answer_nan",))))
"""
    *_, wrong, left = fresh(told)
    assert wrong == ["answer_nan 1: failed, not passed"] and left == []


# Other graders


def test_others_meet_the_same_cases_and_tell_right_from_wrong(tools):
    from handed_in import solution, wrong
    from others import write_tester

    from grader import kit

    entry = kit.find(kit.builtin(), "12-3")
    with tempfile.TemporaryDirectory() as folder:
        parts = write_tester(Path(folder), entry)
        assert parts == [part.name for part in kit.load_spec(entry).exercise.parts]
        right, mistaken = (
            [part for part in parts if run_tester(folder, part, text(entry))] for text in (solution, wrong)
        )
    assert right == [] and mistaken == [kit.load_spec(entry).exercise.misconceptions[0].part]


def run_tester(folder, part, source):
    """The exit code of a part's test as other graders run it."""
    code = "import sys, types; sys.path.insert(0, sys.argv[1]); import tester\n"
    code += "student = types.ModuleType('student'); exec(sys.argv[3], student.__dict__)\n"
    code += "tester.check(sys.argv[2], student)"
    command = [sys.executable, "-c", code, folder, part, source]
    return subprocess.run(command, capture_output=True, cwd=folder, env={**os.environ, "PYTHONPATH": ""}).returncode


def test_others_are_compared_by_what_one_more_attempt_takes(tools):
    from others import more, show
    from processes import Cost

    small, large = [Cost(2.0, 1.0, None), Cost(3.0, 1.5, None)], [Cost(12.0, 6.0, None), Cost(9.0, 7.0, None)]
    found = more(small, large, 10)
    assert found == pytest.approx((0.7, 0.8, 0.5))
    assert "35 x wall, 25 x CPU" in show("otter", found, (0.02, 0.02))
    assert " 20 x reached" in show("otter", found, (0.034, 0.1))
    assert "NOT reached" in show("otter", found, (0.036, 0.01))


# The command


@shut_in
@linux
def test_the_command_prints_its_parts_and_ends_well():
    done = command("hundred", "sizes", "--quick", "--sizes", 2)
    assert done.returncode == 0, done.stderr
    assert "6 attempts, 2 jobs" in done.stdout and "otter         left out" in done.stdout
    assert done.stdout.splitlines()[-1].split()[0] == "2"


def test_a_part_that_there_is_not_is_an_error():
    done = command("speed")
    assert done.returncode == 2 and "overhead, hundred, sizes, course, mixed" in done.stderr


def command(*arguments):
    return subprocess.run(
        [sys.executable, str(FOLDER), *map(str, arguments)], capture_output=True, text=True, timeout=120
    )
