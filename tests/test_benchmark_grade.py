"""benchmarks/: processes, made-up classes and other graders, on a handful of attempts. No times are judged here."""

import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from grader import warm
from grader.batch import isolation
from tests import toy

ROOT = Path(__file__).parents[1]
LACKING = isolation.lacking()

linux = pytest.mark.skipif(not warm.forks(), reason="processes are counted and forked on Linux only")
shut_in = pytest.mark.skipif(LACKING is not None, reason=f"can't grade here: {LACKING}")

BURNS = "import time; end = time.process_time() + {0}\nwhile time.process_time() < end: pass"
ORPHAN = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BURNS.format(0.4)!r}])"
WAITED = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURNS.format(0.4)!r}])"
LARGE = "import time; block = bytearray(150_000_000); time.sleep(0.3)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {LARGE!r}])"


def fresh(code, *arguments, timeout=120):
    """Code in a process of its own, which adopts whatever is left behind: in this one that would be for ever."""
    before = "import json, sys\nfrom benchmarks import processes\nfrom benchmarks.processes import environment, run\n"
    command = [sys.executable, "-c", f"{before}processes.adopt_orphans()\n{code}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# What a command takes


@linux
@pytest.mark.parametrize("code", [ORPHAN, WAITED], ids=["left behind", "waited for"])
def test_the_time_of_all_descendants_counts(code):
    told = "cost = run([sys.executable, '-c', sys.argv[1]], environment('.'))\nprint(json.dumps(cost.cpu))"
    assert fresh(told, code) > 0.4


@linux
def test_memory_is_told_for_each_kind_of_process():
    told = "cost = run([sys.executable, '-c', sys.argv[1]], environment('.'), memory=True)"
    told += "\nprint(json.dumps(dict(cost.peaks)))"
    assert fresh(told, LARGE)["command"] > 150e6
    found = fresh(told, PARENT)
    assert found["command"] < 100e6 and found["warm"] > 150e6


@linux
def test_another_exit_code_is_an_error_with_what_was_printed():
    told = """
try:
    run([sys.executable, '-c', 'import sys; print(6 * 7); sys.exit(3)'], environment('.'))
except processes.Failed as error:
    print(json.dumps(str(error)))
"""
    first, printed = fresh(told).splitlines()
    assert first.endswith("exit code 3") and printed == "42"


# Made-up classes


def test_a_class_is_handed_in_with_the_verdicts_that_are_right(tmp_path):
    from benchmarks.grade.handed_in import MIX, hand_in

    expected = hand_in(tmp_path, [toy.ENTRY], 6, MIX)
    texts = [path.read_text() for path in sorted(tmp_path.glob("*/*.py"))]
    assert len(set(texts)) == len(expected) == 6
    verdicts = [toy.report(text).verdict for text in texts]
    assert verdicts == list(expected.values()) == ["passed", "failed", "failed"] * 2


def test_wrong_missing_and_made_up_verdicts_are_told(tmp_path):
    from benchmarks.grade.handed_in import wrong_verdicts

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


def test_overhead_is_the_difference_of_two_classes_without_the_students_own_compute():
    from benchmarks.grade.overhead import Overhead

    found = Overhead("12-3", [100.0, 110.0], [400.0, 310.0], 10, [7.0, 6.0])
    assert (found.whole(), found.beyond()) == (21.0, 15.0)


@shut_in
@linux
def test_overhead_is_measured_in_all_processes():
    number, small, large, more, own = fresh(
        "from benchmarks.grade import overhead; print(json.dumps(overhead.beyond('12-3', 1, 3, 1)))"
    )
    assert (number, len(small), len(large), more, len(own)) == ("12-3", 1, 1, 2, 5)
    assert min(own) > 0


def test_own_compute_grows_with_what_the_student_does():
    from benchmarks.grade.own_compute import own_compute

    (quick,) = own_compute(toy.ENTRY, toy.SOLUTION.encode(), 1)
    slow = toy.edited((toy.DOUBLE, "    sum(range(1_000_000))\n    return 2 * x\n")).encode()
    assert own_compute(toy.ENTRY, slow, 1)[0] > quick > 0


@shut_in
@linux
def test_a_class_is_graded_twice_and_the_second_time_nothing_is_judged():
    told = """
import sqlite3
from benchmarks.grade import classes, running
from grader import kit
grade, kept = running.Desk.grade, []
def counting(here, *arguments, **options):
    graded = grade(here, *arguments, **options)
    kept.append(sqlite3.connect(here.out / "journal.sqlite").execute("select count(*) from result").fetchone()[0])
    return graded
running.Desk.grade = counting
found = classes.size(kit.entries(classes.CHEAP), 3, 2, "--kit", classes.CHEAP)
print(json.dumps([found.attempts, found.wrong, found.first.cost.peaks, found.first.page, kept]))
"""
    attempts, wrong, peaks, page, kept = fresh(told)
    assert (attempts, wrong, kept) == (3, [], [3, 3])
    assert peaks.keys() == {"command", "warm", "judge", "worker"} and min(peaks.values()) > 1e6
    assert page > 1000  # bytes


@shut_in
@linux
def test_animals_among_honest_attempts_are_counted():
    names = "answer_nan", "read_solution", "exit_in_call"
    told = "from benchmarks.grade.mixed import let_loose; print(json.dumps(let_loose(3, 2, sys.argv[1:])))"
    _, honest, animals, skipped, wrong, left = fresh(told, *names)
    assert (honest, animals + len(skipped), wrong, left) == (3, 3, [], [])


@shut_in
@linux
def test_a_verdict_that_is_not_the_declared_one_is_told():
    told = """
from benchmarks.grade.mixed import let_loose
from tests import test_zoo
test_zoo.ANIMALS["answer_nan"] = test_zoo.ANIMALS["answer_nan"]._replace(verdict="passed")
print(json.dumps(let_loose(0, 1, ("answer_nan",))))
"""
    *_, wrong, left = fresh(told)
    assert wrong == ["answer_nan 1: failed, not passed"] and left == []


# Other graders


def test_others_meet_the_same_cases_and_tell_right_from_wrong():
    from benchmarks.grade.handed_in import solution, wrong
    from benchmarks.others.tester import write_tester
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


def test_others_are_compared_by_what_one_more_attempt_takes():
    from benchmarks.others.compared import more
    from benchmarks.processes import Cost

    small, large = [Cost(2.0, 1.0), Cost(3.0, 1.5)], [Cost(12.0, 6.0), Cost(9.0, 7.0)]
    assert more(small, large, 10) == pytest.approx((0.7, 0.8, 0.525))


MEASURES = """
from benchmarks.others.compared import others
from benchmarks.setting import Setting
(table,) = others(Setting(quick=True, others={sys.argv[1]: sys.executable} if sys.argv[1] else {}))
print(json.dumps([table.values("grader"), table.values("times check"), table.notes]))
"""


@shut_in
@linux
def test_pytest_is_measured_beside_dlgrade():
    graders, times, notes = fresh(MEASURES, "pytest")
    assert graders == ["dlgrade check", "dlgrade grade --jobs 1", f"pytest {pytest.__version__}"]
    assert times[:2] == [None, None] and times[2] > 0
    assert notes == ["Left out: gradescope, otter, nbgrader."]


BY = """
import tempfile
from importlib.util import find_spec
from pathlib import Path
from benchmarks.others import jupyter, runners
from benchmarks.others.compared import OTHERS
from grader import kit

entry = kit.find(kit.builtin(), "12-3")
wrong = entry.solution.read_text("utf-8").replace("z > 0", "z < 0")
if sys.argv[2] == "wrong":
    for module in (jupyter, runners):
        module.attempt = lambda entry, number: wrong
with tempfile.TemporaryDirectory() as folder:
    env = environment(folder) | {"HOME": folder}
    try:
        cost = OTHERS[sys.argv[1]].grade(sys.executable, entry, 1, env, Path(folder))
        print(json.dumps(cost.cpu))
    except processes.Failed:
        print(json.dumps(None))
"""


@linux
@pytest.mark.parametrize(
    ("name", "module"),
    [("pytest", "pytest"), ("gradescope", "gradescope_utils"), ("otter", "otter"), ("nbgrader", "nbgrader")],
)
def test_other_graders_give_all_points_for_right_attempts_alone(name, module):
    if find_spec(module) is None:
        pytest.skip(f"{name} isn't installed here")
    assert fresh(BY, name, "right") > 0
    assert fresh(BY, name, "wrong") is None


@linux
def test_an_interpreter_without_the_grader_is_an_error():
    from benchmarks.others.compared import _version
    from benchmarks.processes import Failed

    with pytest.raises(Failed, match="has no no-such-grader; install it there"):
        _version(sys.executable, "no-such-grader")
