"""What `dlgrade setup` writes for Gradescope, GitHub and GitLab: the scripts are run, in trees like theirs."""

import io
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner
from pydantic import BaseModel, ConfigDict, model_validator

from grader import kit
from grader.cli.setup import setup
from grader.errors import MachineError, UsageError
from grader.setup import summary, wheel
from grader.setup.archive import zipped
from grader.setup.plan import planned
from tests import toy

ROOT = Path(__file__).parents[1]
Seen = Literal["hidden", "after_due_date", "after_published", "visible"]
Form = Literal["text", "html", "simple_format", "md", "ansi"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class One(Strict):
    """One test of a Gradescope result: https://gradescope-autograders.readthedocs.io/en/latest/specs/"""

    score: float | None = None
    max_score: float | None = None
    status: Literal["passed", "failed"] | None = None
    name: str | None = None
    name_format: Form | None = None
    number: str | None = None
    output: str | None = None
    output_format: Form | None = None
    tags: list[str] = []
    visibility: Seen | None = None
    extra_data: dict[str, object] = {}


class Results(Strict):
    score: float | None = None
    execution_time: float | None = None
    output: str | None = None
    output_format: Form | None = None
    test_output_format: Form | None = None
    test_name_format: Form | None = None
    visibility: Seen | None = None
    stdout_visibility: Seen | None = None
    extra_data: dict[str, object] = {}
    tests: list[One] | None = None
    leaderboard: list[dict[str, object]] = []

    @model_validator(mode="after")
    def scored(self):
        assert self.score is not None or (self.tests and all(one.score is not None for one in self.tests))
        return self


def run(*words, **env):
    """`dlgrade setup ...`; errors of ours are raised."""
    done = CliRunner(env=env).invoke(setup, list(map(str, words)))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def read(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def program(path, text):
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/usr/bin/env bash\n{text}", "utf-8")
    path.chmod(0o755)


def bash(script, cwd, **env):
    """What a runner does with the commands of a step."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), "LC_ALL": "C.UTF-8", **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# The wheel


@pytest.fixture(scope="module")
def toys():
    return wheel.wheel(toy.KIT)


def test_the_wheel_holds_this_dlgrade_and_the_kit(toys):
    names = zipfile.ZipFile(io.BytesIO(toys.content)).namelist()
    assert {"grader/cli/setup.py", "grader/setup/templates/github.yml", "grader/warm.py"} < set(names)
    inside = {name.removeprefix("grader/_content/") for name in names if name.startswith("grader/_content/")}
    there = {p.relative_to(toy.KIT).as_posix() for p in toy.KIT.rglob("*.*") if "__pycache__" not in p.parts}
    assert inside == {path for path in there if (toy.KIT / path).is_file()}
    assert not any("__pycache__" in name for name in names)


def test_the_wheel_lists_the_hash_of_every_file(toys):
    with zipfile.ZipFile(io.BytesIO(toys.content)) as archive:
        record = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        lines = archive.read(record).decode().splitlines()
        assert {line.split(",")[0] for line in lines} == set(archive.namelist())
        path, digest, size = next(line for line in lines if line.startswith("grader/kit.py")).split(",")
        assert int(size) == len(archive.read(path))
        assert digest == f"sha256={wheel._digest(archive.read(path))}"


def test_pip_installs_the_wheel_and_the_kit_is_built_in(toys, tmp_path):
    (tmp_path / toys.name).write_bytes(toys.content)
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--no-compile", "--target"]
    subprocess.run([*command, "site", toys.name], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "COLUMNS": "80"}
    listed = subprocess.run(
        [sys.executable, "-P", tmp_path / "site" / "bin" / "dlgrade", "list"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "Double, softmax and a counter" in listed.stdout and "of 1 solved" in listed.stdout


def test_the_wheel_is_told_by_pyproject_in_a_checkout_and_else_by_the_installation(tmp_path, monkeypatch):
    here = wheel._project()
    assert "click>=8.2" in here.requirements and here.python == ">=3.11"
    monkeypatch.setattr(wheel, "PACKAGE", tmp_path / "grader")
    there = wheel._project()
    assert there.version == here.version and any(one.startswith("click") for one in there.requirements)
    assert not any("extra" in one for one in there.requirements)
    monkeypatch.setattr(wheel, "NAME", "no-such-dlgrade")
    with pytest.raises(MachineError, match="not installed"):
        wheel._project()


def test_archives_are_the_same_at_any_time():
    made = zipped({"b": b"1", "a": b"2"}, programs=["a"])
    assert made == zipped({"a": b"2", "b": b"1"}, programs=["a"])
    rights = {one.filename: one.external_attr >> 16 for one in zipfile.ZipFile(io.BytesIO(made)).infolist()}
    assert rights == {"a": stat.S_IFREG | 0o755, "b": stat.S_IFREG | 0o644}


def test_the_built_wheel_of_the_project_holds_the_templates(tmp_path):
    from hatchling.builders.wheel import WheelBuilder

    [path] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    templates = {f"grader/setup/templates/{name}" for name in read(ROOT / "grader" / "setup" / "templates")}
    assert len(templates) == 6 and templates < set(zipfile.ZipFile(path).namelist())


# What was typed

PLATFORMS = ("gradescope", "github", "gitlab")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_same_files_every_time_and_nothing_is_overwritten(platform, tmp_path):
    words = [platform, "--kit", toy.KIT, "--out", tmp_path]
    run(*words)
    first = read(tmp_path)
    run(*words)
    assert read(tmp_path) == first
    mine = next(path for path in tmp_path.rglob("*") if path.suffix == ".yml" or path.name == "setup.sh")
    mine.write_text("mine", "utf-8")
    with pytest.raises(UsageError, match=r"exists and is different; .*--force"):
        run(*words, "--feedback", "none")
    assert mine.read_text("utf-8") == "mine" and read(tmp_path).keys() == first.keys()
    run(*words, "--force")
    assert read(tmp_path) == first


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--only", "17,99"], "no exercise 99"),
        (["--seed-env", "A B"], "no name of a variable"),
        (["--seed-env", "X; reboot"], "no name of a variable"),
        (["--install", "a\nb"], "can't stand in a script"),
        (["--install", "--index-url=x"], "can't stand in a script"),
        (["--install", "${{ secrets.X }}"], "can't stand in a script"),
        (["--install", "dlgrade==1", "--kit", toy.KIT], "leave out --kit or --install"),
        (["--class", "../other"], "not inside the repository"),
        (["--class", "/tmp"], "not inside the repository"),
    ],
)
def test_what_cant_be_meant(words, message, tmp_path):
    with pytest.raises(UsageError, match=message):
        run("github", "--out", tmp_path, *words)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("platform", PLATFORMS)
def test_torch_is_installed_if_an_exercise_needs_it(platform, tmp_path):
    root = kit.builtin()
    for only, needed in (("17, 12-1,17", False), ("17,19", True), ("", True)):
        assert planned(root, only, "full", None, "dlgrade==1").torch is needed
    run(platform, "--only", "17,12-1", "--install", "dlgrade==1", "--out", tmp_path / "a")
    run(platform, "--only", "17,19", "--install", "dlgrade==1", "--out", tmp_path / "b")
    without, with_torch = (b"".join(read(tmp_path / name).values()) for name in "ab")
    assert b"whl/cpu" not in without and b"--only 17,12-1" in without
    assert with_torch.count(b"pip install torch --index-url https://download.pytorch.org/whl/cpu") == 1


def test_nothing_is_written_over_a_folder_or_into_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="can't be written"):
        run("github", "--install", "dlgrade==1", "--out", tmp_path / "file" / "below")


# Gradescope: a stand-in for `dlgrade`, and for the trees around it

STANDIN = """
printf '%s\\n' "$@" > "$DLGRADE_AUTOGRADER/asked"
[[ $1 == grade ]] || exit 0
while (($#)); do case $1 in --out) out=$2;; esac; shift; done
wrote() { mkdir -p "$out/students/$1"; echo "$2" > "$out/students/$1/gradescope.json"; }
case $HOW in
    good) wrote kim '{"tests": [{"name": "17", "score": 0.5, "max_score": 1}]}';;
    failing) wrote kim '{"score": 0}'; exit 1;;
    torn) wrote kim '{"score": ';;
    two) wrote kim '{"score": 9}'; wrote lee '{"score": 9}';;
    none) mkdir -p "$out/students/kim";;
    refused) echo "other people's code can't be shut in here" >&2; exit 3;;
    killed) kill -9 $$;;
esac
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gradescope")
    run("gradescope", "--only", "1", "--kit", toy.KIT, "--out", folder, "--seed-env", "MY_SEED", MY_SEED="hush'; x")
    return folder


@pytest.fixture
def autograder(unpacked, tmp_path):
    """A tree like Gradescope's, once the image is built."""
    with zipfile.ZipFile(unpacked / "autograder.zip") as archive:
        archive.extractall(tmp_path / "source")
    (tmp_path / "submission").mkdir()
    shutil.copy(tmp_path / "source" / "run_autograder", tmp_path / "run_autograder")
    (tmp_path / "run_autograder").chmod(0o755)
    program(tmp_path / "venv" / "bin" / "python", f'exec {shlex.quote(sys.executable)} "$@"\n')
    program(tmp_path / "venv" / "bin" / "dlgrade", STANDIN)
    metadata(tmp_path, [{"id": 1, "name": "Kim Chul-su", "email": "kim@school.edu"}])
    return tmp_path


def metadata(tree, users):
    (tree / "submission_metadata.json").write_text(json.dumps({"id": 7, "users": users}), "utf-8")


def autograde(tree, how="good", **env):
    """Runs it and gives what Gradescope would read."""
    done = bash("./run_autograder", tree, DLGRADE_AUTOGRADER=str(tree), HOW=how, **env)
    assert done.returncode == 0, done.stderr
    return Results.model_validate_json((tree / "results" / "results.json").read_bytes()), done


def test_gradescope_zip_is_its_folder(unpacked):
    with zipfile.ZipFile(unpacked / "autograder.zip") as archive:
        rights = {one.filename: one.external_attr >> 16 & 0o777 for one in archive.infolist()}
        assert {name: archive.read(name) for name in rights} == read(unpacked / "autograder")
    assert {name for name, mode in rights.items() if mode == 0o755} == {"setup.sh", "run_autograder"}
    for path in (unpacked / "autograder" / "seed", unpacked / "autograder.zip"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (unpacked / "autograder" / "seed").read_bytes() == b"hush'; x"
    scripts = [text for name, text in read(unpacked / "autograder").items() if name in rights and b"hush" in text]
    assert scripts == [b"hush'; x"]


def test_gradescope_needs_the_secret_that_it_is_told_of(tmp_path):
    with pytest.raises(UsageError, match="export NO_SUCH_SEED="):
        run("gradescope", "--install", "dlgrade==1", "--seed-env", "NO_SUCH_SEED", "--out", tmp_path)
    assert not list(tmp_path.iterdir())


def test_gradescope_gets_what_dlgrade_wrote(autograder):
    results, _ = autograde(autograder)
    assert results.tests == [One(name="17", score=0.5, max_score=1)]
    words = (autograder / "asked").read_text("utf-8").splitlines()
    assert words[:2] == ["grade", str(autograder / "submission")]
    assert words[4:] == [
        *("--student=Kim Chul-su", "--only", "1", "--feedback", "full"),
        *("--seed-file", str(autograder / "source" / "seed")),
    ]
    assert not Path(words[3]).parent.exists()  # what --out named is gone
    assert sorted(path.name for path in (autograder / "results").iterdir()) == ["results.json"]


def test_gradescope_gets_what_dlgrade_wrote_whatever_it_ended_with(autograder):
    results, _ = autograde(autograder, "failing")
    assert results == Results(score=0)


@pytest.mark.parametrize("how", ["torn", "two", "none", "refused", "killed"])
def test_gradescope_is_told_if_grading_could_not_be_done(autograder, how):
    (autograder / "results").mkdir()
    (autograder / "results" / "results.json").write_text('{"score": 100}', "utf-8")  # of an earlier run
    results, done = autograde(autograder, how)
    assert results.score == 0 and "was not graded" in results.output and results.stdout_visibility == "hidden"
    assert "not graded: dlgrade ended with" in done.stdout
    assert (autograder / "asked").read_text("utf-8").split() == ["doctor"]


def test_gradescope_gets_an_answer_without_an_installation(autograder):
    shutil.rmtree(autograder / "venv")
    results, _ = autograde(autograder, PATH="/usr/bin:/bin")
    assert "was not graded" in results.output


USERS = {
    "two": ([{"name": "김철수"}, {"name": "이영희"}], "김철수, 이영희"),
    "an option": ([{"name": "--unsafe"}], "--unsafe"),
    "a command": ([{"name": "$(touch x)`touch y`'\";&"}], "$(touch x)`touch y`'\";&"),
    "signs": ([{"name": "a\nb\x1b[31m\u202e\tc"}], "a b [31m c"),
    "without a name": ([{"email": "kim@school.edu"}], "kim@school.edu"),
    "nobody": ([], "student"),
    "blank": ([{"name": " \n"}], "student"),
    "long": ([{"name": "x" * 10_000}], "x" * 200),
    "no form": ("x", "student"),
}


@pytest.mark.parametrize("case", USERS)
def test_gradescope_tells_whose_it_is(autograder, case):
    users, name = USERS[case]
    metadata(autograder, users)
    autograde(autograder)
    words = (autograder / "asked").read_text("utf-8").splitlines()
    assert words[4] == f"--student={name}" and len(words) == 11
    assert not (autograder / "x").exists()


def test_gradescope_grades_without_metadata(autograder):
    (autograder / "submission_metadata.json").unlink()
    results, _ = autograde(autograder)
    assert results.tests
    assert "--student=student" in (autograder / "asked").read_text("utf-8").splitlines()


def test_gradescope_runs_nothing_of_a_submission(autograder):
    canary(autograder / "submission", autograder / "canary")
    autograde(autograder)
    autograde(autograder, "refused")
    assert not (autograder / "canary").exists()


def canary(folder, told):
    """Files that some program or other would run by itself."""
    code = f"open({str(told)!r}, 'w').close()\n"
    for name in ("conftest", "sitecustomize", "usercustomize", "setup", "json", "venv", "pip", "grader", "dlgrade"):
        (folder / f"{name}.py").write_text(code, "utf-8")
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(code, "utf-8")
        (folder / name / "__main__.py").write_text(code, "utf-8")
    program(folder / "python", f"touch {shlex.quote(str(told))}\n")
    program(folder / ".bashrc", f"touch {shlex.quote(str(told))}\n")
    (folder / "pyproject.toml").write_text("[build-system]\nrequires = []\nbuild-backend = 'setup'\n", "utf-8")
    (folder / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:9/\n", "utf-8")


# Gradescope: the real `dlgrade`


@pytest.fixture
def real(autograder):
    program(autograder / "venv" / "bin" / "dlgrade", f'exec {shlex.quote(sys.executable)} -m grader "$@"\n')
    return autograder


def grade_for_real(tree):
    return autograde(tree, PYTHONPATH=str(ROOT), DLGRADE_KIT=str(toy.KIT))


@pytest.mark.parametrize(("source", "score"), [(toy.SOLUTION, 1.0), (toy.STUB, 0.0)], ids=["solution", "stub"])
def test_gradescope_for_real(real, source, score):
    (real / "submission" / "my work.py").write_text(source, "utf-8")
    results, done = grade_for_real(real)
    assert "not graded" not in done.stdout, done.stdout + done.stderr
    assert results.score / sum(one.max_score for one in results.tests) == score
    assert [one.status for one in results.tests] == ["passed" if score else "failed"]


def test_gradescope_for_real_with_files_that_are_for_no_exercise(real):
    (real / "submission" / "hw.pdf").write_bytes(b"%PDF")
    results, done = grade_for_real(real)
    assert results.score == 0 and "was not graded" not in (results.output or ""), done.stdout + done.stderr


def test_gradescope_for_real_with_nothing_at_all(real):
    results, done = grade_for_real(real)
    assert "was not graded" in results.output and "holds no submissions" in done.stderr


# Gradescope: the image

APT = """
echo "$@" >> "$DLGRADE_AUTOGRADER/apt"
[[ "$*" == *python3.12* ]] || exit $((${#1} == 7))
cp "$DLGRADE_AUTOGRADER/bin/newer" "$DLGRADE_AUTOGRADER/bin/python3.12"
"""
PYTHON = """
[[ $1 == -c ]] && exit 0
echo "$@" >> "$DLGRADE_AUTOGRADER/python"
[[ "$*" == *venv* ]] || exit 0
mkdir -p "${@: -1}/bin"
cp "$0" "${@: -1}/bin/python"
cp "$0" "${@: -1}/bin/dlgrade"
"""


def build(tree):
    """Runs setup.sh where the only Python is the one that apt-get would bring."""
    for name in ("python3", "python3.11", "python3.13"):
        program(tree / "bin" / name, "exit 1\n")  # too old
    return bash("bash source/setup.sh", tree, DLGRADE_AUTOGRADER=str(tree), PATH=f"{tree / 'bin'}:/usr/bin:/bin")


def test_gradescope_image_gets_a_python_that_is_new_enough(autograder):
    shutil.rmtree(autograder / "venv")
    program(autograder / "bin" / "newer", PYTHON)
    program(autograder / "bin" / "apt-get", APT)
    program(autograder / "bin" / "python3.12", "exit 1\n")
    done = build(autograder)
    assert done.returncode == 0, done.stderr
    asked = (autograder / "apt").read_text("utf-8").splitlines()
    assert asked[0] == "update" and [line.split()[-1] for line in asked[1:]] == ["python3.13-venv", "python3.12-venv"]
    calls = (autograder / "python").read_text("utf-8").splitlines()
    [name] = [path.name for path in (autograder / "source").glob("*.whl")]
    assert calls == [
        f"-I -m venv {autograder}/venv",
        f"-I -m pip install {autograder}/source/{name}",
        "doctor",
    ]


def test_gradescope_image_says_that_there_is_no_python(autograder):
    program(autograder / "bin" / "python3.12", "exit 1\n")
    program(autograder / "bin" / "apt-get", "[[ $1 == update ]]\n")
    done = build(autograder)
    assert done.returncode == 1 and "choose Ubuntu 24.04" in done.stderr


def test_scripts_are_clean(unpacked):
    for name in ("setup.sh", "run_autograder"):
        path = unpacked / "autograder" / name
        text = path.read_text("utf-8")
        assert text.startswith("#!/usr/bin/env bash\n") and not re.search(r"@[a-z_]+@|\r", text)
        subprocess.run(["bash", "-n", path], check=True, timeout=20)
        if shellcheck := shutil.which("shellcheck"):
            subprocess.run([shellcheck, path], check=True, timeout=60)


# GitHub and GitLab: the commands of the steps are run on a checkout, with stand-ins for Python and `dlgrade`

RUNNER_PYTHON = """
[[ "$*" == "-I -m venv venv" ]] || exit 9
mkdir -p venv/bin
cp {folder}/venv-python venv/bin/python
cp {folder}/dlgrade venv/bin/dlgrade
"""
VENV_PYTHON = """
echo "$@" >> {folder}/pip
case "$*" in
    "-I -m pip"*) exit 0;;
    "-I -m grader.setup.summary"*) exec {python} "$@";;
    *) exit 9;;
esac
"""
GRADE = """
printf '%s\\n' "$@" > {folder}/asked
env > {folder}/env
cp seed {folder}/seed || true
cp -R "$2" {folder}/work
while (($#)); do case $1 in --out) out=$2;; esac; shift; done
[[ -e {folder}/results.jsonl ]] || exit 3
mkdir -p "$out/students/kim"
cp {folder}/results.jsonl "$out"
echo "<testsuites/>" > "$out/students/kim/junit.xml"
touch "$out/gradebook.csv"
"""
LINE = {"student": "kim", "exercise": "1", "file": "ex01.py", "verdict": "passed", "score": 1.0}


@pytest.fixture
def runner(tmp_path):
    """A machine with stand-ins, and a checkout that tries to be run."""
    fills = {"folder": shlex.quote(str(tmp_path)), "python": shlex.quote(sys.executable)}
    for name, text in {"bin/python": RUNNER_PYTHON, "venv-python": VENV_PYTHON, "dlgrade": GRADE}.items():
        program(tmp_path / name, text.replace("{folder}", fills["folder"]).replace("{python}", fills["python"]))
    work = tmp_path / "checkout" / "work"
    (work / ".git").mkdir(parents=True)
    canary(work, tmp_path / "canary")
    (work / "ex01_toy.py").write_text("x = 1\n", "utf-8")
    (work / "link").symlink_to("/etc/passwd")
    (tmp_path / "temp").mkdir()
    return tmp_path


def results(runner, *rows):
    lines = (json.dumps(LINE | row) + "\n" for row in rows)
    (runner / "results.jsonl").write_text("".join(lines), "utf-8")


def pushed(runner, platform, *words, **env):
    """Runs the steps as the platform does. Gives its exit code, all that was printed, and the page of the run."""
    run(platform, "--kit", toy.KIT, "--out", runner / "checkout" / "work", *words)
    env |= {"PATH": f"{runner / 'bin'}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    return {"github": on_github, "gitlab": on_gitlab}[platform](runner, env)


def on_github(runner, env):
    workspace = runner / "checkout"
    workflow = yaml.safe_load((workspace / "work" / ".github" / "workflows" / "dlgrade.yml").read_text("utf-8"))
    env |= {"GITHUB_WORKSPACE": str(workspace), "GITHUB_REPOSITORY": "class/hw1-kim"}
    env |= {"GITHUB_STEP_SUMMARY": str(runner / "page.md")}
    code, told = 0, ""
    for step in (step for step in workflow["jobs"]["grade"]["steps"] if "run" in step):
        if code and "!cancelled()" not in step.get("if", ""):
            continue
        secrets = {name: env.get(name, "") for name in step.get("env", {})}
        public = {name: value for name, value in env.items() if name != "DLGRADE_SEED"}
        done = bash(step["run"], runner / "temp", **public, **secrets)
        code, told = code or done.returncode, told + done.stdout + done.stderr
    page = (runner / "page.md").read_text("utf-8") if (runner / "page.md").exists() else ""
    return code, told, page


def on_gitlab(runner, env):
    project = runner / "checkout" / "work"
    job = yaml.safe_load((project / ".gitlab-ci.yml").read_text("utf-8"))["dlgrade"]
    env |= {"CI_PROJECT_DIR": str(project), "CI_PROJECT_PATH": "class/hw1-kim", "TMPDIR": str(runner / "temp")}
    done = bash("\n".join(job["script"]), project, **env)
    return done.returncode, done.stdout + done.stderr, done.stdout


BOTH = pytest.mark.parametrize("platform", ["github", "gitlab"])


@BOTH
def test_a_push_is_graded(runner, platform):
    results(runner, {})
    code, told, page = pushed(runner, platform, "--only", "1", "--feedback", "brief")
    assert code == 0, told
    assert "| 1 | ✅ passed | 100% |" in page
    asked = (runner / "asked").read_text("utf-8").splitlines()
    assert asked[0] == "grade" and asked[2:] == [
        *("--out", "graded", "--only", "1", "--feedback", "brief", "--student", "class/hw1-kim")
    ]
    assert not (runner / "canary").exists()


@BOTH
def test_only_what_was_handed_in_is_graded(runner, platform):
    results(runner, {})
    pushed(runner, platform)
    work = runner / "work"
    assert (work / "ex01_toy.py").is_file() and (work / "link").is_symlink()
    assert not [path.name for path in work.iterdir() if path.name.startswith(".") and path.name != ".bashrc"]


@BOTH
def test_a_wheel_that_was_changed_is_not_installed(runner, platform):
    results(runner, {})
    run(platform, "--kit", toy.KIT, "--out", runner / "checkout" / "work")
    [path] = (runner / "checkout" / "work").glob(f".{platform}/dlgrade/*.whl")
    path.write_bytes(path.read_bytes() + b"x")
    code, told, _ = pushed_again(runner, platform)
    assert code != 0 and "FAILED" in told
    assert not (runner / "pip").exists() or "install" not in (runner / "pip").read_text("utf-8")
    assert not (runner / "asked").exists()


def pushed_again(runner, platform):
    env = {"PATH": f"{runner / 'bin'}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    return {"github": on_github, "gitlab": on_gitlab}[platform](runner, env)


@BOTH
def test_the_secret_seed_goes_by_a_private_file(runner, platform):
    results(runner, {})
    code, told, _ = pushed(runner, platform, "--seed-env", "DLGRADE_SEED", DLGRADE_SEED="it's $HOME hush")
    assert code == 0, told
    assert (runner / "seed").read_text("utf-8") == "it's $HOME hush"
    assert stat.S_IMODE((runner / "seed").stat().st_mode) == 0o600
    assert (runner / "asked").read_text("utf-8").splitlines()[-2:] == ["--seed-file", "seed"]
    assert "hush" not in (runner / "env").read_text("utf-8") + told


@BOTH
def test_nothing_is_graded_without_the_secret_seed(runner, platform):
    results(runner, {})
    code, told, page = pushed(runner, platform, "--seed-env", "DLGRADE_SEED")
    assert code != 0 and "DLGRADE_SEED: this" in told
    assert not (runner / "asked").exists() and "passed" not in page


@BOTH
@pytest.mark.parametrize(
    ("rows", "words", "code", "said"),
    [
        ([{"verdict": "failed", "score": 0.75}], [], 1, "| 1 | ❌ failed | 75% |"),
        ([{"verdict": "not_judged", "score": 0.0}], [], 1, "⚠️ not judged"),
        ([{"file": "b.py"}, {"file": "a.py", "verdict": "error", "score": 0}], [], 0, "can't be run"),
        ([{}], ["--class", "week 5/it's"], 0, "1 attempts of 1 students"),
        ([{"verdict": "failed"}], ["--class", "week 5/it's"], 0, "| 1 | 1 | 0 | 1 | 0 | 0 |"),
        ([{"verdict": "not_judged"}], ["--class", "week 5/it's"], 1, "| 1 | 1 | 0 | 0 | 0 | 1 |"),
        ([], [], 1, "Nothing was handed in"),
        ([], ["--only", "1"], 1, "| 1 | ❌ not handed in | 0% |"),
    ],
)
def test_what_a_run_says_and_ends_with(runner, platform, rows, words, code, said):
    (runner / "checkout" / "work" / "week 5" / "it's" / "kim").mkdir(parents=True)
    results(runner, *rows)
    ended, told, page = pushed(runner, platform, *words)
    assert ended == code, told
    assert said in page
    assert ("--student" in (runner / "asked").read_text("utf-8")) is not bool("--class" in words)
    assert (runner / "work" / "kim").is_dir() is bool("--class" in words)


@BOTH
def test_a_run_that_could_not_grade_says_so(runner, platform):
    code, _, page = pushed(runner, platform)
    assert code == 3 and "Not graded" in page


@BOTH
def test_a_push_is_graded_for_real(runner, platform):
    program(runner / "dlgrade", f'exec {shlex.quote(sys.executable)} -m grader "$@"\n')
    work = runner / "checkout" / "work"
    (work / "ex01_toy.py").write_text(toy.SOLUTION, "utf-8")
    env = {"DLGRADE_KIT": str(toy.KIT), "DLGRADE_SEED": "hush"}
    code, told, page = pushed(runner, platform, "--only", "1", "--seed-env", "DLGRADE_SEED", **env)
    assert code == 0, told
    assert "| 1 | ✅ passed | 100% |" in page
    kept = runner / "temp" / "graded" if platform == "github" else work / "dlgrade-reports"
    [junit] = kept.glob("students/*/junit.xml")
    assert ElementTree.parse(junit).getroot().tag == "testsuites"
    assert not (runner / "canary").exists()


def test_gitlab_keeps_what_students_may_see(runner):
    results(runner, {})
    old = runner / "checkout" / "work" / "dlgrade-reports" / "students" / "kim"
    old.mkdir(parents=True)
    (old / "forged.xml").touch()
    pushed(runner, "gitlab")
    assert read(runner / "checkout" / "work" / "dlgrade-reports") == {"students/kim/junit.xml": b"<testsuites/>\n"}
    pushed(runner, "gitlab", "--class", ".", "--force")
    assert read(runner / "checkout" / "work" / "dlgrade-reports").keys() > {"results.jsonl", "gradebook.csv"}


# GitHub and GitLab: what their files say


def test_the_workflow(tmp_path):
    run("github", "--kit", toy.KIT, "--out", tmp_path, "--seed-env", "DLGRADE_SEED")
    text = (tmp_path / ".github" / "workflows" / "dlgrade.yml").read_text("utf-8")
    workflow = yaml.load(text, yaml.BaseLoader)  # for which `on` is no truth value
    assert workflow.keys() == {"name", "on", "permissions", "concurrency", "jobs"}
    assert workflow["on"].keys() == {"push", "workflow_dispatch"}  # never pull_request_target
    assert workflow["permissions"] == {"contents": "read"}
    job = workflow["jobs"]["grade"]
    assert job["runs-on"] == "ubuntu-24.04" and int(job["timeout-minutes"]) <= 60
    used = [step["uses"] for step in job["steps"] if "uses" in step]
    assert [one.split("@")[0] for one in used] == [
        *("actions/checkout", "actions/setup-python", "actions/upload-artifact")
    ]
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one) for one in used)
    assert job["steps"][0]["with"] == {"path": "work", "persist-credentials": "false"}
    assert [step["name"] for step in job["steps"] if "DLGRADE_SEED" in str(step)] == ["Grade"]
    assert not [step for step in job["steps"] if "${{" in step.get("run", "")]  # nothing is pasted into a script
    assert re.findall(r"@[a-z_]+@", text) == []


def test_the_pipeline(tmp_path):
    run("gitlab", "--kit", toy.KIT, "--out", tmp_path)
    pipeline = yaml.safe_load((tmp_path / ".gitlab-ci.yml").read_text("utf-8"))
    assert pipeline.keys() == {"dlgrade"}
    job = pipeline["dlgrade"]
    assert job.keys() == {"image", "timeout", "variables", "script", "artifacts"}
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", job["image"])
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"] == {"junit": "dlgrade-reports/students/*/junit.xml"}
    assert all(isinstance(value, str) for value in job["variables"].values())
    [script] = job["script"]
    for shell in ("bash", "dash"):
        if shutil.which(shell):
            subprocess.run([shell, "-n", "-c", script], check=True, timeout=20)


@BOTH
def test_another_dlgrade_can_be_named(platform, tmp_path):
    spec = "dlgrade @ git+https://example.org/it's.git@v1"
    run(platform, "--install", spec, "--out", tmp_path)
    [(_, text)] = read(tmp_path).items()
    assert f"pip install {shlex.quote(spec)}\n" in text.decode() and "sha256sum" not in text.decode()
    assert yaml.safe_load(text)


def test_names_that_hold_line_breaks_of_other_kinds(tmp_path, capsys):
    path = tmp_path / "results.jsonl"
    rows = [LINE | {"file": f"ex17{sign}.py"} for sign in "\u2028\x85\x1e\n"]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    summary.main([str(path), "--class"])
    assert "4 attempts of 1 students" in capsys.readouterr().out


def test_hostile_names_of_students_are_not_told(tmp_path, capsys):
    path = tmp_path / "results.jsonl"
    rows = [LINE | {"student": "| <script>", "file": "](x)", "exercise": number} for number in ("12-1", "2")]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert summary.main([str(path)]) == 0
    assert summary.main([str(path), "--class"]) == 0
    told = capsys.readouterr().out
    assert "<" not in told and "](" not in told
    assert told.index("| 2 |") < told.index("| 12-1 |")
