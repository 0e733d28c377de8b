"""The command as a person uses it: in a process of its own, with what it prints and its exit code."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from grader import kit
from grader.cli.commands import COMMANDS, cli
from grader.models import read_report
from grader.report.style import cells, fill
from grader.store import Store

ROOT = Path(__file__).parents[1]
ATTEMPTS = ROOT / "docs" / "attempts"
TOY = Path(__file__).parent / "toy_kit"


def dlgrade(*args, cwd=None, text="", **env):
    done = subprocess.run(
        [sys.executable, "-m", "grader", *map(str, args)],
        cwd=cwd or ROOT,
        input=text,
        capture_output=True,
        text=True,
        encoding=env.pop("encoding", "utf-8"),
        env={**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT), **env},
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


SEVENTEEN = {
    "exercises/ex17_sgd_rmsprop_adam.py": (1, ["not written yet", "0 of 4 parts"]),
    "solutions/ex17_sgd_rmsprop_adam.py": (0, ["passed · 4 of 4 parts"]),
    "docs/attempts/adam_without_bias_correction.py": (1, ["Diagnosis: adam_no_bias_correction", "not in your file"]),
    "docs/attempts/half_finished.py": (1, ["✓ SGD", "1 of 4 parts"]),
    "docs/attempts/does_not_parse.py": (1, ["SyntaxError", "line 4:  class SGD", "can't be run"]),
    "docs/attempts/endless_loop.py": (1, ["endless loop", "0 of 4 parts"]),
    "docs/attempts/forges_its_verdict.py": (1, ["wrote to the grader's channel", "0 of 4 parts"]),
}


@pytest.mark.parametrize("name", SEVENTEEN)
def test_check_17(name):
    code, words = SEVENTEEN[name]
    done = dlgrade("check", "17", name)
    assert done.returncode == code, done.stdout + done.stderr
    for word in words:
        assert word in done.stdout


def test_every_shipped_attempt_is_tried():
    assert {f"docs/attempts/{path.name}" for path in ATTEMPTS.glob("*.py")} < set(SEVENTEEN)


@pytest.mark.parametrize("entry", kit.entries(ROOT), ids=lambda entry: entry.number)
def test_stub_fails_and_solution_passes(entry):
    assert dlgrade("check", entry.number, entry.stub).returncode == 1
    done = dlgrade("check", entry.number, entry.solution)
    assert done.returncode == 0, done.stdout


def test_the_readme_shows_what_is_printed():
    shown = (ROOT / "README.md").read_text("utf-8").split("```console\n")[1].split("```")[0]
    command, *lines = [" ".join(line.split()) for line in shown.splitlines() if line.strip() not in ("", "...")]
    printed = " ".join(dlgrade(*command.split("dlgrade ")[1].split()).stdout.split())
    assert [line for line in lines if line not in printed] == []


@pytest.mark.parametrize(
    "command", ["next", "progress", "show 1", "check 1 FILE", "check 1", "hint 1 double", "init new"]
)
def test_what_is_suggested_is_about_the_same_kit(command, tmp_path):
    words = command.replace("FILE", str(next((TOY / "exercises").glob("ex01_*.py")))).split()
    state = {"DLGRADE_STATE": str(tmp_path / "state")}
    for _ in range(3):  # the third hint is the last one
        done = dlgrade(*words, "--kit", TOY, cwd=tmp_path, **state)
    told = re.findall("`(dlgrade .+?)`", done.stdout + done.stderr)
    assert told and all(suggested.endswith(f" --kit {TOY}") for suggested in told)
    told = re.findall("`(dlgrade .+?)`", dlgrade(*words, cwd=tmp_path, DLGRADE_KIT=str(TOY), **state).stdout)
    assert "--kit" not in " ".join(told)


def test_json_is_the_report_and_nothing_else():
    done = dlgrade("check", "17", ATTEMPTS / "adam_without_bias_correction.py", "--json", "--seed", "3")
    report = read_report(done.stdout)
    assert (done.returncode, report.verdict, report.seed) == (1, "failed", 3)
    assert report.diagnosis.misconception == "adam_no_bias_correction"
    assert report.submission == "adam_without_bias_correction.py"


def test_json_of_every_verdict_is_valid():
    for name in SEVENTEEN:
        read_report(dlgrade("check", "17", name, "--json").stdout)


def test_a_submission_on_standard_input():
    done = dlgrade("check", "17", "-", text=(ROOT / "solutions/ex17_sgd_rmsprop_adam.py").read_text())
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["check", "71"], "no exercise 71; did you mean 7"),
        (["check", "relu"], "did you mean 12-3 (dead_relu_clinic)"),
        (["check", "17", "no_such_file.py"], "no_such_file.py can't be read"),
        (["check", "17", "--seed", "-1"], "a seed is 0 or greater"),
        (["check", "17", "--sed", "1"], "--seed"),
        (["chek", "17"], "check"),
        (["list", "--kit", "/nowhere"], "/nowhere is not a kit"),
        (["hint", "17", "Adamm"], "the parts are SGD, RMSprop, Adam, AdamW"),
    ],
)
def test_wrong_usage_is_one_helpful_line(args, words):
    done = dlgrade(*args)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stdout == ""


def test_outside_of_a_workspace(tmp_path):
    done = dlgrade("check", "17", cwd=tmp_path)
    assert done.returncode == 2
    assert "run `dlgrade init`" in done.stderr


def test_a_kit_that_is_broken_is_no_verdict(tmp_path):
    for folder in ("exercises", "solutions/specs"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "exercises/ex01_x.py").write_text("import numpy\n")
    (tmp_path / "solutions/specs/ex01_x.py").write_text("1 / 0\n")
    done = dlgrade("check", "1", tmp_path / "exercises/ex01_x.py", "--kit", tmp_path)
    assert done.returncode == 3
    assert "ZeroDivisionError" in done.stderr


def test_a_missing_library_says_what_to_install(tmp_path):
    for folder in ("exercises", "solutions/specs"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "exercises/ex01_x.py").write_text("import no_such_library\n")
    for spawn in ("", "1"):
        done = dlgrade("check", "1", tmp_path / "exercises/ex01_x.py", "--kit", tmp_path, DLGRADE_SPAWN=spawn)
        assert done.returncode == 3
        assert "needs no_such_library, which isn't installed; run `pip install no_such_library`" in done.stderr


def test_without_forking_the_verdicts_are_the_same():
    for name, (code, _) in SEVENTEEN.items():
        assert dlgrade("check", "17", name, DLGRADE_SPAWN="1").returncode == code


def test_learning_path(tmp_path):
    assert "stubs written" in dlgrade("init", "mine", cwd=tmp_path).stdout
    mine = tmp_path / "mine"
    attempt = mine / "exercises" / "ex12_3_dead_relu_clinic.py"
    assert dlgrade("check", "12-3", cwd=mine).returncode == 1
    assert "1 attempt, best" in dlgrade("progress").stdout
    hints = [dlgrade("hint", "12-3", cwd=mine).stdout for _ in range(4)]
    assert "hint 1 of" in hints[0]
    assert "hint 2 of" in hints[1]
    assert hints[0] != hints[1] != hints[2]
    refused = dlgrade("solution", "12-3", cwd=mine, text="n\n")
    assert (refused.returncode, refused.stderr.endswith("not shown\n")) == (1, True)
    assert "def prelu_forward" not in refused.stdout
    attempt.write_text(dlgrade("solution", "12-3", "--yes", cwd=mine).stdout)
    assert dlgrade("check", "12-3", cwd=mine / "exercises").returncode == 0
    assert "def prelu_forward" in dlgrade("solution", "12-3", cwd=mine).stdout
    again = dlgrade("init", ".", cwd=mine)
    assert "0 stubs written" in again.stdout
    assert "1 file is left as it is, because you have worked on it\n" in again.stdout
    assert attempt.read_text() != kit.find(ROOT, "12-3").stub.read_text()
    assert "✓  12-3" in dlgrade("list").stdout
    assert "2 attempts, best 100%" in dlgrade("progress").stdout
    assert "12-3" not in dlgrade("next").stdout


def test_next_follows_prerequisites():
    listed = json.loads(dlgrade("list", "--json").stdout)
    known = {item["exercise"]: item for item in listed}
    first = dlgrade("next").stdout.split()[1]
    assert not set(known[first]["prerequisites"]) & set(known)


def test_next_shows_the_whole_title():
    item = next(one for one in json.loads(dlgrade("list", "--json").stdout) if len(one["title"]) > 70)
    others = [one["exercise"] for one in json.loads(dlgrade("list", "--json").stdout) if one != item]
    store = Store(ROOT)
    for number in others:
        store.add_attempt(number, "passed", 1.0, None, [])
    store.close()
    told = dlgrade("next", COLUMNS="40").stdout
    assert item["title"] in " ".join(told.split())
    assert all(cells(line) <= 40 for line in told.splitlines()[:-1])


def test_what_is_suggested_keeps_the_language():
    assert "--lang ko` tells" in dlgrade("next", "--lang", "ko").stdout
    assert "`dlgrade show 17 --answer --lang ko`" in dlgrade("show", "17", "--lang", "ko").stdout
    assert "`dlgrade next --lang ko`" in dlgrade("progress", "--lang", "ko").stdout
    assert "--lang" not in dlgrade("next").stdout + dlgrade("show", "17").stdout + dlgrade("progress").stdout


def test_json_says_the_same_in_every_encoding(tmp_path):
    (tmp_path / "né·한.py").write_text("pass\n", "utf-8")
    for args in (("check", "17", tmp_path / "né·한.py", "--json"), ("list", "--json", "--lang", "ko")):
        plain, whole = (dlgrade(*args, PYTHONIOENCODING=encoding, encoding=encoding) for encoding in ("ascii", "utf-8"))
        assert plain.stdout.isascii() and not whole.stdout.isascii()
        told, expected = json.loads(plain.stdout), json.loads(whole.stdout)
        for answer in (told, expected):
            answer.pop("seconds", None) if isinstance(answer, dict) else None
        assert told == expected


def test_a_training_that_was_left_out_is_no_reason_to_be_stuck(tmp_path):
    kit_folder = ROOT / "tests" / "training_kit"
    attempt = kit_folder / "solutions/ex01_class_means.py"
    done = dlgrade("check", "1", attempt, "--no-training", "--kit", kit_folder, DLGRADE_STATE=str(tmp_path))
    assert done.returncode == 1
    assert "Leave out `--no-training` to train, too." in done.stdout and "Stuck?" not in done.stdout
    stub = kit_folder / "exercises/ex01_class_means.py"
    done = dlgrade("check", "1", stub, "--no-training", "--kit", kit_folder, DLGRADE_STATE=str(tmp_path))
    assert "Stuck?" in done.stdout and "Leave out" not in done.stdout


def test_show_tells_the_task_and_keeps_the_answer_back():
    task, answer = dlgrade("show", "17").stdout, dlgrade("show", "17", "--answer").stdout
    assert "def step(self, grads" in task
    assert "Common wrong answers" in answer
    assert "Common wrong answers" not in task


@pytest.mark.parametrize("command", ["list", "progress", "doctor", "next"])
@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_any_terminal(command, encoding):
    for columns in ("40", "60", "200"):
        done = dlgrade(command, PYTHONIOENCODING=encoding, COLUMNS=columns, encoding=encoding)
        assert done.returncode == 0
        assert "\x1b" not in done.stdout


def test_check_on_a_narrow_ascii_terminal():
    attempt = ATTEMPTS / "adam_without_bias_correction.py"
    done = dlgrade("check", "17", attempt, PYTHONIOENCODING="ascii", COLUMNS="50", encoding="ascii")
    assert done.returncode == 1
    assert all(len(line) <= 60 for line in done.stdout.splitlines()[2:])


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_wide_signs_take_two_columns(columns):
    lines = dlgrade("list", "--lang", "ko", COLUMNS=str(columns)).stdout.splitlines()[:-1]
    widths = {cells(line) for line in lines}
    assert max(widths) <= columns
    assert columns == 60 or len(widths) == 1
    assert fill("한글과 English", 8) == "한글... " and fill("한글", 6) == "한글  "


def test_what_a_terminal_cannot_show_is_spelled_or_written_out(tmp_path):
    done = dlgrade("solution", "17", "--yes", PYTHONIOENCODING="ascii", encoding="ascii")
    assert done.returncode == 0
    assert done.stdout.startswith('"""17 - ')
    (tmp_path / "한.py").write_text("print('α → 한')\n", "utf-8")
    done = dlgrade("check", "17", tmp_path / "한.py", PYTHONIOENCODING="ascii", encoding="ascii")
    assert "\\ud55c.py" in done.stdout and "| alpha -> \\ud55c" in done.stdout


def test_trouble_with_the_store_does_not_hide_a_verdict(tmp_path):
    (tmp_path / "progress.sqlite").write_bytes(b"no database" * 100)
    done = dlgrade("check", "17", "solutions/ex17_sgd_rmsprop_adam.py", DLGRADE_STATE=str(tmp_path))
    assert done.returncode == 0
    assert "not recorded" in done.stderr
    assert "set DLGRADE_STATE" in done.stderr


def test_doctor_names_the_layers():
    done = dlgrade("doctor")
    for word in ("rlimits", "seccomp", "landlock", "numpy", "torch", "progress"):
        assert word in done.stdout


def test_every_command_has_help_with_an_example():
    for name in COMMANDS.keys() - {"dev"}:
        assert f"dlgrade {name}" in dlgrade(name, "--help").stdout.replace("Usage: dlgrade", "")
    for name in ("check", "matrix", "mutate", "new"):
        assert f"dlgrade dev {name}" in dlgrade("dev", name, "--help").stdout.replace("Usage: dlgrade", "")


def test_the_list_of_commands_says_what_their_own_help_says():
    for name, (_, text) in COMMANDS.items():
        command = cli.get_command(click.Context(cli), name)
        assert command.help.partition("\n")[0] == text


def test_another_kit_by_option_and_by_environment():
    by_option = dlgrade("list", "--kit", TOY).stdout
    assert by_option == dlgrade("list", DLGRADE_KIT=str(TOY)).stdout
    assert by_option != dlgrade("list").stdout


def test_a_new_exercise_is_red_until_it_is_filled(tmp_path):
    kit_folder = tmp_path / "my-kit"
    assert dlgrade("dev", "new", "21", "layer-norm", "--kit", kit_folder).returncode == 0
    done = dlgrade("dev", "check", "--kit", kit_folder)
    assert done.returncode == 1
    assert "quiz items; at least 4 are due" in done.stdout
    assert "NotImplementedError" in done.stdout
    taken = dlgrade("dev", "new", "21", "other", "--kit", kit_folder)
    assert taken.returncode == 2
    assert "21 is taken by layer_norm" in taken.stderr


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m grader show 17 --answer | head -n 1"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""


def shell(line, **env):
    """A command line in bash, in which DLGRADE is the command."""
    return subprocess.run(
        ["bash", "-c", line.replace("DLGRADE", f"{sys.executable} -m grader")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("list", 0),
        ("solution 17 --yes", 0),
        ("check 17 solutions/ex17_sgd_rmsprop_adam.py", 0),
        ("check 17 --json solutions/ex17_sgd_rmsprop_adam.py", 0),
        ("check 17 exercises/ex17_sgd_rmsprop_adam.py", 1),
    ],
)
def test_nobody_reads_what_is_said(line, code, unbuffered, tmp_path):
    env = {"PYTHONUNBUFFERED": unbuffered, "DLGRADE_STATE": str(tmp_path)}
    done = shell(f"DLGRADE {line} | true; exit ${{PIPESTATUS[0]}}", **env)
    assert (done.returncode, done.stderr) == (code, "")
    if line.startswith("check"):
        assert "1 attempt" in shell("DLGRADE progress", **env).stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("line", ["list", "check 17 solutions/ex17_sgd_rmsprop_adam.py"])
def test_a_full_disk_below_the_output(line, unbuffered, tmp_path):
    env = {"PYTHONUNBUFFERED": unbuffered, "DLGRADE_STATE": str(tmp_path)}
    done = shell(f"DLGRADE {line} > /dev/full", **env)
    assert done.returncode == 3
    assert done.stderr == "dlgrade: the output can't be written (No space left on device); make room and run again\n"
    assert shell(f"DLGRADE {line} > /dev/full 2>&1", **env).returncode == 3
    if line.startswith("check"):
        assert "2 attempts" in shell("DLGRADE progress", **env).stdout


def test_closed_streams_lead_nowhere(tmp_path):
    passed = "DLGRADE check 17 solutions/ex17_sgd_rmsprop_adam.py"
    for line in (f"{passed} >&-", f"{passed} <&- >&-", "DLGRADE list >&-"):
        done = shell(line, DLGRADE_STATE=str(tmp_path))
        assert (done.returncode, done.stderr) == (0, "")
    refused = shell("DLGRADE check 99 2>&-")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "defines nothing" in shell("DLGRADE check 17 - <&-", DLGRADE_STATE=str(tmp_path)).stdout


def test_a_suggested_command_can_be_pasted_where_a_path_has_blanks(tmp_path):
    folder = tmp_path / "내 연습 1"
    dlgrade("init", folder)
    (folder / "exercises/ex17_sgd_rmsprop_adam.py").unlink()
    missing = dlgrade("check", "17", cwd=folder).stderr
    command = missing.partition("`")[2].partition("`")[0]
    assert shell(command.replace("dlgrade", "DLGRADE", 1)).returncode == 0
    assert (folder / "exercises/ex17_sgd_rmsprop_adam.py").exists()
