"""The helper: commands that it carries out can't be told from others, but by the time they take."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import warm
from grader.sandbox import available
from tests import toy

LACKING = [why for why in available().values() if why]
WHY_NOT = "; ".join(LACKING) or "there is no helper where processes aren't forked"
pytestmark = pytest.mark.skipif(bool(LACKING) or not warm.forks(), reason=WHY_NOT)
ROOT = Path(__file__).parents[1]
RIGHT = toy.SOLUTION
WRONG = toy.SOLUTION.replace("return", "return 2 *", 1)
ENDLESS = "import time\nprint('loaded', flush=True)\nwhile True: time.sleep(0.01)\n"


class Here:
    """A user's machine: a folder for the socket, one for the state, one to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = ROOT
        for name in ("run", "state", "work", "marker"):
            (folder / name).mkdir()
        (folder / "run").chmod(0o700)

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("CI", "DLGRADE_DEBUG")}
        own = {"XDG_RUNTIME_DIR": str(self.folder / "run"), "DLGRADE_STATE": str(self.folder / "state")}
        path = os.pathsep.join(map(str, (self.package, self.folder / "marker")))  # the latter is in all command lines
        return {**kept, **own, "DLGRADE_HELPER": "on", "PYTHONPATH": path, **more}

    def start(self, *arguments: str, python: tuple[str, ...] = (), **more: str) -> subprocess.Popen[str]:
        command = [sys.executable, *python, "-m", "grader", *arguments]
        pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(
            command, cwd=self.folder / "work", env=self.environment(**more), text=True, encoding="utf-8", **pipes
        )

    def check(self, source: str, *arguments: str, typed: str = "", **more: Any) -> tuple[int, str, str]:
        (self.folder / "work" / "attempt.py").write_text(source)
        process = self.start("check", "1", "attempt.py", "--kit", str(toy.KIT), *arguments, **more)
        output, errors = process.communicate(typed, timeout=60)
        return process.returncode, output, errors

    def sockets(self) -> list[Path]:
        return list((self.folder / "run").glob("dlgrade/*.sock"))

    def wait_for(self, condition: Callable[[], Any], what: str) -> Any:
        deadline = time.monotonic() + 30
        while not (found := condition()):
            assert time.monotonic() < deadline, what
            time.sleep(0.01)
        return found

    def helped(self) -> None:
        """Has a helper started, and waits for it."""
        assert self.check(RIGHT)[0] == 0
        self.wait_for(self.sockets, "no helper came")

    def processes(self, called: str = "") -> list[int]:
        """Helpers at this place, and all that was forked for them."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                line = (folder / "cmdline").read_bytes().decode(errors="replace")
                if str(self.folder) in line and called in line:
                    found.append(int(folder.name))
        return found

    def endless(self) -> subprocess.Popen[str]:
        """A command that the helper carries out, and will never end."""
        (self.folder / "work" / "endless.py").write_text(ENDLESS)
        process = self.start("check", "1", "endless.py", "--kit", str(toy.KIT))
        self.wait_for(lambda: len(self.processes("grader.helper")) == 2, "no command came")
        return process

    def close(self) -> None:
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def here() -> Iterator[Here]:
    folder = Path(tempfile.mkdtemp(prefix="dlg"))  # a socket's path must be short
    here = Here(folder)
    yield here
    here.close()
    shutil.rmtree(folder)


def imported(errors: str) -> set[str]:
    """Modules that a command imported itself, by what -X importtime says."""
    return {line.rpartition("|")[2].strip() for line in errors.splitlines() if line.startswith("import time:")}


TIMED = ("-X", "importtime")


def test_a_later_check_is_carried_out_by_the_helper(here):
    first = here.check(RIGHT, python=TIMED)
    assert "click" in imported(first[2])
    here.wait_for(here.sockets, "no helper came")
    code, output, errors = here.check(RIGHT, python=TIMED)
    assert code == 0
    assert "passed" in output
    assert not imported(errors) & {"click", "json", "numpy", "pathlib"}


def test_what_a_check_leaves_behind_is_tidied_up_after_its_end(here):
    here.helped()
    for _ in range(3):
        assert here.check(WRONG)[0] == 1
    here.wait_for(
        lambda: [file.name for file in (here.folder / "state").iterdir()] == ["progress.sqlite"], "still open"
    )
    with contextlib.closing(sqlite3.connect(here.folder / "state" / "progress.sqlite")) as database:
        assert database.execute("select verdict from attempt").fetchall() == [("passed",), *[("failed",)] * 3]


def without_times(output: str) -> str:
    return "\n".join(line for line in output.splitlines() if " s" not in line)


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        ((), {}),
        (("--all",), {"COLUMNS": "50"}),
        ((), {"PYTHONIOENCODING": "ascii"}),
        ((), {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        (("--seed", "-1"), {}),
        (("--nonsense",), {}),
        (("--seed", "3"), {}),
    ],
)
@pytest.mark.parametrize("source", [RIGHT, WRONG, "def mean(:\n"])
def test_it_says_and_returns_the_same(here, source, arguments, more):
    alone = here.check(source, *arguments, DLGRADE_HELPER="off", **more)
    here.helped()
    code, output, errors = here.check(source, *arguments, python=TIMED, **more)
    assert "click" not in imported(errors)
    said = "\n".join(line for line in errors.splitlines() if not line.startswith("import time:"))
    assert (code, without_times(output), said.strip()) == (alone[0], without_times(alone[1]), alone[2].strip())


def test_it_reads_standard_input_and_writes_json(here):
    here.helped()
    process = here.start("check", "1", "-", "--json", "--kit", str(toy.KIT))
    output, errors = process.communicate(RIGHT, timeout=60)
    assert process.returncode == 0, errors
    assert json.loads(output)["verdict"] == "passed"


def test_attempts_are_recorded_by_those_it_carries_out(here):
    here.helped()
    here.check(WRONG)
    process = here.start("progress", "--kit", str(toy.KIT))
    output, _ = process.communicate(timeout=60)
    assert "2 attempts" in output


def test_the_doctor_knows_of_it(here):
    def told(**more: str) -> str:
        output = here.start("doctor", **more).communicate(timeout=60)[0]
        return next(line for line in output.splitlines() if line.startswith("helper:"))

    assert "none is waiting" in told()
    here.helped()
    assert "one is waiting" in told()
    assert "one is waiting" in told()
    assert "switched off" in told(DLGRADE_HELPER="off")


def test_ctrl_c_stops_the_attempt_and_leaves_nothing(here):
    here.helped()
    process = here.endless()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 130
    here.wait_for(lambda: not here.processes(), "something lives on")
    assert here.sockets() == []
    assert here.check(RIGHT)[0] == 0


@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError])
def test_what_ends_the_start_of_a_judge_is_heard(monkeypatch, end):
    def judge(*_):
        raise end

    monkeypatch.setattr(warm.Warm, "judge", judge)
    monkeypatch.setattr(warm, "_ready", {})
    with pytest.raises(end):
        warm.ask(("numpy",), {}, lambda _: None)


def test_a_killed_command_leaves_nothing(here):
    here.helped()
    process = here.endless()
    process.kill()
    process.communicate(timeout=10)
    here.wait_for(lambda: not here.processes(), "something lives on")


def test_who_finds_it_busy_does_it_alone(here):
    here.helped()
    process = here.endless()
    code, _, errors = here.check(RIGHT, python=TIMED)
    assert code == 0
    assert "click" in imported(errors)
    process.kill()
    process.communicate(timeout=10)


def test_it_ends_when_the_grader_changes(here):
    here.package = here.folder / "package"
    for name in ("grader", "exercises", "solutions", "questions"):
        shutil.copytree(ROOT / name, here.package / name, ignore=shutil.ignore_patterns("__pycache__"))
    here.helped()
    changed = here.package / "grader" / "reasons.py"
    os.utime(changed, ns=(1, 1))
    code, _, errors = here.check(RIGHT, python=TIMED, DLGRADE_HELPER="auto")
    assert code == 0
    assert "click" in imported(errors)
    here.wait_for(lambda: not here.processes(), "the helper lives on")


def test_it_ends_when_nothing_comes(here):
    where = here.folder / "run" / "dlgrade" / "it.sock"
    code = f"from grader import helper; helper.IDLE = 0.1; helper.main({str(where)!r}, ('numpy',))"
    subprocess.run([sys.executable, "-c", code], env=here.environment(), check=True, timeout=60)
    assert not where.exists()
    assert here.processes() == []


@pytest.mark.parametrize("more", [{"DLGRADE_HELPER": "off"}, {"DLGRADE_HELPER": "auto"}, {"DLGRADE_HELPER": ""}])
def test_it_is_started_only_where_it_is_wanted(here, more):
    assert here.check(RIGHT, **more)[0] == 0  # nobody looks at a terminal
    assert not (here.folder / "run" / "dlgrade").exists()
    here.wait_for(lambda: not here.processes(), "something lives on")


def test_switched_off_it_is_not_used(here):
    here.helped()
    assert "click" in imported(here.check(RIGHT, python=TIMED, DLGRADE_HELPER="off")[2])


def test_a_folder_that_others_can_write_to_is_not_trusted(here):
    here.helped()
    folder = here.sockets()[0].parent
    folder.chmod(0o777)
    assert "click" in imported(here.check(RIGHT, python=TIMED)[2])
    folder.chmod(0o700)
    assert "click" not in imported(here.check(RIGHT, python=TIMED)[2])
