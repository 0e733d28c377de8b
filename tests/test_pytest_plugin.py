"""Exercises as pytest tests. pytest runs as for a learner or an editor: in a process and a folder of its own."""

import importlib.metadata
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader import engine, kit, workspace
from grader.pytest_cases.attempt import Judgement
from grader.pytest_cases.listing import names_of
from grader.report.style import Style
from grader.report.terminal import render
from grader.store import Store
from tests import toy

ROOT = Path(__file__).parents[1]
INSTALLED = any(point.name == "dlgrade" for point in importlib.metadata.entry_points(group="pytest11"))
HALVES = toy.edited((toy.DOUBLE, "    return x + 1\n"))
FILE = "exercises/ex01_toy.py"
CASES = 18
TREE = """
import json, sys, pytest

def pytest_collection_finish(session):
    tree = [
        (item.nodeid, item.name, isinstance(item.parent, pytest.Class), item.parent.name,
         isinstance(item.parent.parent, pytest.File), str(item.path), item.location[1])
        for item in session.items
    ]
    heavy = [name for name in ("numpy", "torch", "pydantic") if name in sys.modules]
    with open("tree.json", "w") as file:
        json.dump({"tree": tree, "heavy": heavy, "exercise": "ex01_toy" in sys.modules}, file)
"""


@pytest.fixture(scope="session")
def path(tmp_path_factory):
    """PYTHONPATH with this checkout; where it isn't installed with its entry point, a folder that declares that."""
    given = os.environ.get("PYTHONPATH", "")
    if INSTALLED:
        return os.pathsep.join(filter(None, [str(ROOT), given]))
    info = tmp_path_factory.mktemp("entry") / "dlgrade_entry-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dlgrade-entry\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[pytest11]\ndlgrade = grader.pytest_plugin\n")
    return os.pathsep.join(filter(None, [str(ROOT), str(info.parent), given]))


@pytest.fixture
def run(tmp_path, path):
    """Runs pytest in `tmp_path`, or in `cwd`."""

    def run(*args, cwd=tmp_path, python=(), **env):
        left_out = ("PYTEST_", "COV_", "CI", "BUILD_NUMBER")  # with the last two, summaries repeat all of a failure
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        return subprocess.run(
            [sys.executable, *python, "-m", "pytest", "-p", "no:hypothesispytest", *map(str, args)],
            cwd=cwd,
            capture_output=True,
            text=True,
            env={**inherited, "COLUMNS": "80", "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **env},
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def mine(tmp_path, run):
    """A workspace for the toy kit, as `init` makes it, and a way to run pytest in it."""
    return Workspace(tmp_path / "mine", toy.copy(tmp_path), run)


class Workspace:
    def __init__(self, folder, entry, run):
        self.folder, self.entry, self._run = folder, entry, run
        list(workspace.make(folder, entry.kit))
        workspace.show_to_pytest(folder)
        self.file = folder / "exercises" / entry.stub.name

    def pytest(self, *args, **options):
        return self._run(*args, cwd=self.folder, **{"DLGRADE_KIT": str(self.entry.kit), **options})

    def progress(self):
        store = Store(self.entry.kit)
        found = store.progress().get("1")
        with store.database() as connection:
            connection.close()
        return found

    def attempts(self):
        found = self.progress()
        return found.attempts if found else 0


def counts(done):
    """What the last line says: how many passed, failed, ..."""
    last = done.stdout.strip().splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?|deselected)", last)}


def ids(done):
    return [line for line in done.stdout.splitlines() if "::" in line]


# Other people's runs

PROJECT = """
import sys

def test_what_is_loaded():
    print("loaded:", sorted(name for name in sys.modules if name.split(".")[0] in {heavy!r} or "grader" in name))
"""
HEAVY = ("numpy", "torch", "pydantic", "click", "rich", "sqlite3")


@pytest.fixture
def project(tmp_path):
    """A project of somebody who has dlgrade installed, and a folder with a telling name."""
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "ex01_toy.py").write_text("import nothing_of_that_name\n")
    (tmp_path / "test_theirs.py").write_text(PROJECT.format(heavy=HEAVY))
    return tmp_path


def loaded(done):
    return re.search(r"loaded: (.*)", done.stdout)[1]


def test_where_nobody_asks_nothing_is_loaded_or_collected(project, run):
    strict = ("-W", "error", "--strict-markers", "--strict-config", "-s", "-v")
    done = run(*strict, python=("-W", "error"))
    assert (done.returncode, counts(done), done.stderr) == (0, {"passed": 1}, "")
    assert loaded(done) == "['grader', 'grader.pytest_plugin']"
    asked = run("-s", "--dlgrade", DLGRADE_KIT=str(toy.KIT))  # would be noticed
    assert "grader.pytest_cases.session" in loaded(asked)
    assert counts(asked) == {"passed": 1, "failed": CASES}


def test_the_plugin_can_be_kept_out(project, run):
    done = run("-p", "no:dlgrade", "-s")
    assert (done.returncode, counts(done), loaded(done)) == (0, {"passed": 1}, "[]")


def test_a_workspace_does_no_harm_where_the_plugin_is_missing(mine):
    (mine.folder / "test_own.py").write_text("def test_own():\n    pass\n")
    done = mine.pytest("-p", "no:dlgrade")
    assert (done.returncode, counts(done)["passed"]) == (0, 1)
    assert "Unknown config option: dlgrade" in done.stdout


def test_a_wrong_kit_is_told_in_one_line(mine, tmp_path):
    done = mine.pytest(DLGRADE_KIT=str(tmp_path))
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert done.stderr.splitlines()[0].startswith("ERROR: dlgrade: ") and "is not a kit" in done.stderr
    assert "Traceback" not in done.stderr


# What is collected


def test_ids_are_stable_and_readable(mine):
    done = mine.pytest("--collect-only", "-q")
    found = ids(done)
    assert done.returncode == 0
    assert len(found) == len(set(found)) == CASES
    assert found[0] == f"{FILE}::double::a vector"
    assert found[-1] == f"{FILE}::Counter::a negative number of times"
    mine.file.write_text(HALVES)
    assert ids(mine.pytest("--dlgrade", "--co", "-q", mine.file)) == found


def test_an_editor_sees_files_classes_and_lines(mine):
    """The test panel of VS Code draws a part as a class, and puts a test beside the line it stands at."""
    (mine.folder / "conftest.py").write_text(TREE)
    mine.file.write_text(toy.SOLUTION)
    mine.pytest("--collect-only")
    tree = json.loads((mine.folder / "tree.json").read_text())["tree"]
    lines = toy.SOLUTION.splitlines()
    for node, name, is_class, part, in_file, path, line in tree:
        assert node == f"{FILE}::{part}::{name}"
        assert is_class and in_file and path == str(mine.file)
        assert re.match(rf"(def|class) {part}\b", lines[line])


def test_a_list_that_is_known_needs_no_numpy(mine):
    (mine.folder / "conftest.py").write_text(TREE)

    def heavy():
        found = ids(mine.pytest("--collect-only", "-q"))
        return len(found), json.loads((mine.folder / "tree.json").read_text())["heavy"]

    assert heavy() == (CASES, ["numpy"])
    assert heavy() == (CASES, [])
    toy.rewrite(mine.entry.spec, ('Case("a vector"', 'Case("an edited vector"'))
    assert heavy() == (CASES, ["numpy"])
    assert f"{FILE}::double::an edited vector" in ids(mine.pytest("--collect-only", "-q"))
    assert mine.pytest("--collect-only", "-q", "-p", "no:cacheprovider").returncode == 0


def test_names_are_told_apart():
    assert names_of(["a", "b", "a", "a (2)", "a", "x::y", "two\nlines"]) == [
        "a", "b", "a (2)", "a (2) (2)", "a (3)", "x:y", r"two\nlines",
    ]  # fmt: skip


def test_nothing_ever_imports_an_exercise(mine):
    (mine.folder / "conftest.py").write_text(TREE)
    mine.file.write_text(f"open({str(mine.folder / 'imported')!r}, 'w')\n{toy.SOLUTION}")
    done = mine.pytest("--collect-only", "-q", FILE, "--doctest-modules", "-o", "python_files=*.py")
    assert (done.returncode, len(ids(done))) == (0, CASES)
    assert not (mine.folder / "imported").exists()
    assert not json.loads((mine.folder / "tree.json").read_text())["exercise"]


def test_an_exercise_without_its_library_is_skipped(mine):
    stub = mine.entry.stub
    stub.write_text(stub.read_text() + "\nimport a_library_that_is_not_there\n")
    done = mine.pytest("-rs")
    assert (done.returncode, counts(done)) == (0, {"skipped": 1})
    assert "needs a_library_that_is_not_there, which isn't installed; run" in " ".join(done.stdout.split())


def test_a_broken_spec_is_told_in_one_line(mine):
    mine.entry.spec.write_text("import nothing_of_that_name\n")
    done = mine.pytest()
    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert "can't be loaded (ModuleNotFoundError" in done.stdout
    assert "Traceback" not in done.stdout and "pytest_cases" not in done.stdout


# Verdicts


def test_what_is_right_passes(mine):
    mine.file.write_text(toy.SOLUTION)
    done = mine.pytest("-W", "error", "--strict-markers", "--strict-config", python=("-W", "error"))
    assert (done.returncode, counts(done), done.stderr) == (0, {"passed": CASES}, "")


def test_what_is_wrong_fails_with_the_words_of_check(mine):
    mine.file.write_text(toy.edited((toy.SHARE, "    return e / e.sum()\n"), (toy.DOUBLE, "    return 1 / 0\n")))
    done = mine.pytest("-W", "error")
    answer = engine.judge(mine.entry, mine.file.read_bytes(), mine.file.name, 0)
    wrong = [case for case in answer["report"]["cases"] if case["verdict"] != "passed"]
    assert counts(done) == {"failed": len(wrong), "passed": CASES - len(wrong)}
    shown = render(answer, mine.file.read_bytes(), Style(80, False, "+", "x", "-", "->", "-"), everything=True)
    body = shown[shown.index(f"{wrong[0]['part']}: {wrong[0]['name']}") : shown.rindex("\n\n")]
    squeezed = " ".join(done.stdout.split())
    for line in body.splitlines():
        assert " ".join(line.split()) in squeezed
    assert "Diagnosis: " in body and done.stdout.count("Diagnosis: ") == 1
    assert "in double: return 1 / 0" in squeezed
    assert "Traceback" not in done.stdout and "pytest_cases" not in done.stdout


HOSTILE = {
    "syntax": ("def double(x:\n", r"raised SyntaxError.*\nline 1: .*\n_"),
    "exit": (f"import os; os._exit(0)\n{toy.SOLUTION}", "ended the process"),
    "loop": (toy.edited((toy.DOUBLE, "    while True: pass\n")), "an endless loop"),
    "name": (toy.SOLUTION.replace("def double", "def other"), "your file doesn't define `double`"),
}


def test_hostile_and_broken_files_fail_by_themselves_alone(mine):
    for number, (slug, (source, _)) in enumerate(HOSTILE.items(), 2):
        stem = f"ex{number:02}_{slug}"
        for folder in ("exercises", "solutions", "solutions/specs"):
            shutil.copy(mine.entry.kit / folder / mine.file.name, mine.entry.kit / folder / f"{stem}.py")
        mine.file.with_stem(stem).write_text(source)
    mine.file.write_text(toy.SOLUTION)
    done = mine.pytest("-W", "error", "-rA")
    assert (done.returncode, done.stderr) == (1, "")
    assert sum(counts(done).values()) == CASES * (1 + len(HOSTILE))
    assert len(re.findall(r"^PASSED exercises/ex01_toy", done.stdout, re.M)) == CASES
    for number, (slug, (_, words)) in enumerate(HOSTILE.items(), 2):
        first = f"exercises/ex{number:02}_{slug}.py::double::a vector"
        assert f"FAILED {first}" in done.stdout, slug
        assert re.search(words, done.stdout), slug


def test_what_it_prints_is_shown_once_and_does_no_harm(mine):
    mine.file.write_text('print("\\x1b[2Jhello")\n' + HALVES)
    done = mine.pytest()
    assert done.stdout.count("\\x1b[2Jhello") == 1
    assert "\x1b" not in done.stdout


def test_what_is_not_started_is_skipped_and_what_is_missing_fails(mine):
    assert counts(mine.pytest("-rs")) == {"skipped": CASES}
    assert mine.attempts() == 0
    mine.file.write_text("# a remark\n" + toy.STUB)
    done = mine.pytest("-rs")
    assert (done.returncode, counts(done)) == (0, {"skipped": CASES})
    assert "not started yet" in done.stdout
    mine.file.write_text(toy.STUB.replace("    raise NotImplementedError\n", toy.DOUBLE, 1))
    done = mine.pytest()
    assert (done.returncode, counts(done)) == (1, {"passed": 7, "failed": CASES - 7})
    assert "softmax: one row" in done.stdout and "not written yet" in done.stdout


def test_what_cannot_be_judged_is_an_error_in_one_line(mine):
    mine.file.write_text(toy.SOLUTION)
    mine.entry.solution.write_text("import nothing_of_that_name\n")
    done = mine.pytest(f"{FILE}::softmax")
    assert (done.returncode, counts(done)) == (1, {"errors": 5})
    assert "can't be loaded (ModuleNotFoundError" in done.stdout
    assert "Traceback" not in done.stdout and "pytest_cases/" not in done.stdout


def test_a_file_that_ran_unprotected_is_told():
    report = toy.judge(HALVES)["report"] | {"sandbox": {"layers": ["rlimits"], "network": True}}
    answer = toy.judge(HALVES) | {"report": report}
    assert "with your own rights" in Judgement(HALVES.encode(), answer).exposed
    assert Judgement(HALVES.encode(), toy.judge(HALVES)).exposed is None


# Ways to run


def test_single_tests_as_editors_run_them(mine):
    mine.file.write_text(HALVES)
    done = mine.pytest(f"{mine.file}::double::a vector", f"{mine.file}::softmax::a matrix", "--rootdir", mine.folder)
    assert counts(done) == {"failed": 1, "passed": 1}
    assert counts(mine.pytest("-k", "vector and double")) == {"failed": 1, "deselected": CASES - 1}
    assert mine.attempts() == 2  # each was a verdict on the whole file
    assert counts(mine.pytest("-x")) == {"failed": 1}
    found = counts(mine.pytest())
    assert counts(mine.pytest("--lf")) == {"failed": found["failed"], "deselected": found["passed"]}


def test_junit_and_other_ways_to_import(mine):
    mine.file.write_text(HALVES)
    done = mine.pytest("--junitxml=out.xml", "--import-mode=importlib", "-W", "error")
    assert done.returncode == 1
    text = (mine.folder / "out.xml").read_text()
    assert f'tests="{CASES}"' in text and 'classname="exercises.ex01_toy.double" name="a vector"' in text


def test_several_workers_judge_for_themselves_and_record_once(mine):
    mine.file.write_text(HALVES)
    alone = counts(mine.pytest())
    assert (alone["failed"] > 0, mine.attempts()) == (True, 1)
    assert counts(mine.pytest("-n", "2", "-W", "error")) == alone
    assert mine.attempts() == 2


def test_an_attempt_that_cannot_be_recorded_is_judged_all_the_same(mine):
    mine.file.write_text(toy.SOLUTION)
    (mine.folder / "state").write_text("not a folder")
    done = mine.pytest("-n", "1", DLGRADE_STATE=str(mine.folder / "state"))
    assert done.returncode == 0
    assert done.stdout.count("dlgrade: not recorded: ") == 1


def test_without_forking_the_verdicts_are_the_same(mine):
    mine.file.write_text(HALVES)
    assert counts(mine.pytest("-W", "error", DLGRADE_SPAWN="1")) == counts(mine.pytest())


def test_all_processes_are_gone_at_the_end(mine):
    mine.file.write_text(HALVES)
    mine.pytest("-x")
    mark = str(mine.entry.kit)
    assert [pid for pid in _processes() if mark in _environment(pid)] == []


def _processes():
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _environment(pid):
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace")
    except OSError:
        return ""


# Trainings


@pytest.fixture
def training(tmp_path, run):
    shutil.copytree(ROOT / "tests" / "training_kit", tmp_path / "kit", ignore=shutil.ignore_patterns("__pycache__"))
    return Workspace(tmp_path / "mine", kit.find(tmp_path / "kit", "1"), run)


def test_a_training_is_one_test_that_wants_to_be_asked_for(training):
    training.file.write_bytes(training.entry.solution.read_bytes())
    done = training.pytest("-rs")
    assert counts(done)["skipped"] == 1 and "trains only with --dlgrade-train" in done.stdout
    assert training.attempts() == 1
    done = training.pytest("--dlgrade-train")
    assert (done.returncode, set(counts(done))) == (0, {"passed"})
    assert training.attempts() == 2
    assert training.progress().solved


def test_a_training_that_falls_short(training):
    source = training.entry.solution.read_text()
    wrong = source.replace(".argmax(axis=1)", ".argmin(axis=1)")
    assert wrong != source
    training.file.write_text(wrong)
    done = training.pytest("--dlgrade-train")
    assert (done.returncode, counts(done)["failed"]) == (1, 1)
    assert "accuracy on hidden images: " in done.stdout
    training.file.write_text(wrong.replace("2 * x", "3 * x"))
    done = training.pytest("--dlgrade-train", "-rs")
    assert counts(done)["skipped"] == 1 and "not trained yet, because first all" in done.stdout


# What init writes


def test_a_workspace_is_found_by_pytest_alone(tmp_path, run):
    list(workspace.make(tmp_path, kit.builtin()))
    assert workspace.show_to_pytest(tmp_path) is None
    entry = kit.find(kit.builtin(), "17")
    (tmp_path / "exercises" / entry.stub.name).write_bytes(entry.solution.read_bytes())
    done = run(f"exercises/{entry.stub.name}::Adam")
    assert done.returncode == 0 and counts(done)["passed"] > 10


@pytest.mark.parametrize(
    ("name", "text", "hinted"),
    [
        ("pytest.ini", "[pytest]\n", True),
        ("pytest.ini", "[pytest]\ndlgrade = false\n", False),
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = "-q"\n', True),
        ("pyproject.toml", "[tool.pytest]\ndlgrade = true\n", False),
        ("tox.ini", "[pytest]\n", True),
        ("setup.cfg", "[tool:pytest]\n", True),
    ],
)
def test_what_configures_pytest_already_is_left_alone(tmp_path, name, text, hinted):
    (tmp_path / name).write_text(text)
    assert workspace.show_to_pytest(tmp_path) == (tmp_path / name if hinted else None)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: text}


def test_other_files_are_no_configuration_of_pytest(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "mine"\n')
    assert workspace.show_to_pytest(tmp_path) is None
    assert "dlgrade = true" in (tmp_path / "pytest.ini").read_text()


def test_the_document_shows_what_is_printed(tmp_path, run):
    shown = (ROOT / "docs" / "pytest.md").read_text("utf-8").split("```console\n")[1].split("```")[0]
    command, *lines = [" ".join(line.split()) for line in shown.splitlines() if line.strip() not in ("", "...")]
    list(workspace.make(tmp_path, kit.builtin()))
    workspace.show_to_pytest(tmp_path)
    target = tmp_path / "exercises" / kit.find(kit.builtin(), "17").stub.name
    target.write_bytes((ROOT / "docs" / "attempts" / "adam_without_bias_correction.py").read_bytes())
    printed = " ".join(run(*shlex.split(command)[2:]).stdout.split())
    printed = re.sub(r"in [\d.]+s", "in TIMEs", printed)
    assert [line for line in lines if re.sub(r"in [\d.]+s", "in TIMEs", line) not in printed] == []
