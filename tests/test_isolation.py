"""What stands between `dlgrade grade` and the code of strangers: a gate that refuses, and bubblewrap around it all."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import engine, warm
from grader.batch import isolation
from grader.data.sets import SETS
from grader.errors import CannotJudge, MachineError
from grader.fresh import environment
from grader.kit import Entry
from grader.sandbox import available, bubblewrap
from grader.warm import Warm
from tests import test_zoo, toy

LAYERS = ("rlimits", "seccomp", "landlock")
ALL_THERE: dict[str, str | None] = dict.fromkeys(LAYERS)
SEEN = isolation.readable([toy.KIT])
ORDINARY_USER = 12345
SECRET = "a canary of this test"
MISSING = [reason for reason in (*available().values(), bubblewrap.problem()) if reason]
wrapping = pytest.mark.skipif(bool(MISSING) or not warm.forks(), reason="; ".join(MISSING) or "no forks here")


# The gate


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with everything; tests take things away from it."""
    monkeypatch.setattr(isolation, "available", lambda: dict(ALL_THERE))
    monkeypatch.setattr(isolation.warm, "forks", lambda: True)
    monkeypatch.setattr(bubblewrap, "problem", lambda: None)
    monkeypatch.setattr(sys, "platform", "linux")
    return monkeypatch


def lack(machine: pytest.MonkeyPatch, **reasons: str) -> None:
    machine.setattr(isolation, "available", lambda: ALL_THERE | reasons)


def refusal() -> str:
    with pytest.raises(MachineError) as caught:
        isolation.require(unsafe=False)
    text = str(caught.value)
    assert "\n" not in text
    assert "--unsafe" in text
    return text


def test_a_machine_with_everything_is_accepted(machine: pytest.MonkeyPatch) -> None:
    found = isolation.require(unsafe=False)
    assert (found.layers, found.wrapped) == (LAYERS, True)
    assert isolation.remark(found) is None
    assert str(found).startswith("rlimits, seccomp, landlock, bubblewrap")


def test_bubblewrap_is_no_condition_but_remarked(machine: pytest.MonkeyPatch) -> None:
    machine.setattr(bubblewrap, "problem", lambda: "bubblewrap is not installed; do this")
    found = isolation.require(unsafe=False)
    assert not found.wrapped
    assert isolation.remark(found) == "bubblewrap is not installed; do this"
    assert "bubblewrap" not in str(found)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_machine_that_lacks_a_layer_is_refused(machine: pytest.MonkeyPatch, layer: str) -> None:
    lack(machine, **{layer: "the kernel is too old; get another"})
    assert f"no {layer} (the kernel is too old; get another)" in refusal()


def test_several_missing_layers_are_all_named(machine: pytest.MonkeyPatch) -> None:
    lack(machine, seccomp="this is aarch64", landlock="it is switched off")
    text = refusal()
    assert "no seccomp (this is aarch64)" in text
    assert "no landlock (it is switched off)" in text


@pytest.mark.parametrize(("platform", "missing"), [("darwin", ("seccomp", "landlock")), ("win32", LAYERS)])
def test_other_systems_are_refused(machine: pytest.MonkeyPatch, platform: str, missing: tuple[str, ...]) -> None:
    lack(machine, **dict.fromkeys(missing, "it is part of Linux"))
    machine.setattr(isolation.warm, "forks", lambda: False)
    machine.setattr(sys, "platform", platform)
    assert f"no {', '.join(missing)} on {platform}; use Linux" in refusal()


def test_fresh_processes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "available", lambda: dict(ALL_THERE))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DLGRADE_SPAWN", "1")
    assert "DLGRADE_SPAWN" in refusal()


def test_whoever_accepts_it_is_told_what_there_is(machine: pytest.MonkeyPatch) -> None:
    lack(machine, landlock="no")
    machine.setattr(isolation.warm, "forks", lambda: False)
    found = isolation.require(unsafe=True)
    assert (found.layers, found.wrapped) == (("rlimits", "seccomp"), False)


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        (".dockerenv", "", "a Docker container"),
        ("run/.containerenv", "engine=podman", "a Podman container"),
        ("proc/1/cgroup", "0::/kubepods/besteffort/pod1", "a container"),
        ("proc/version", "Linux version 5.15.90.1-microsoft-standard-WSL2", "WSL"),
        ("sys/class/dmi/id/sys_vendor", "QEMU", "a virtual machine"),
        ("proc/cpuinfo", "flags : fpu vme hypervisor lahf_lm", "a virtual machine"),
        ("proc/cpuinfo", "flags : fpu vme", None),
    ],
)
def test_what_a_system_runs_in(tmp_path: Path, file: str, text: str, name: str | None) -> None:
    assert isolation.container(tmp_path) is None
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    assert isolation.container(tmp_path) == name


def test_judges_see_kits_and_data_but_not_what_lies_beside_them(tmp_path: Path) -> None:
    file = SETS["mnist"].files[0]
    packed = tmp_path / "home" / "mnist" / file.packed
    packed.parent.mkdir(parents=True)
    packed.write_bytes(b"")
    seen = isolation.readable([tmp_path / "kit", tmp_path / "kit"], [tmp_path / "home", tmp_path / "empty"])
    assert seen == (str(tmp_path / "kit/exercises"), str(tmp_path / "kit/solutions"), str(packed))


# The arguments


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "_program", lambda: "/opt/bwrap")


def binds(command: list[str]) -> list[tuple[str, str]]:
    return [(command[i + 1], command[i + 2]) for i, word in enumerate(command) if word.startswith("--ro-bind")]


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is part of Linux")
def test_the_command(installed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kit" / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "kit" / "inner")
    monkeypatch.chdir(tmp_path)
    readable = [str(tmp_path / name) for name in ("kit", "kit/inner", "link", "missing")]
    program, *options = bubblewrap.beginning({"NAME": "value"}, [*readable, "kit", "/"])
    assert program == "/opt/bwrap"
    assert options[-1] == "--"  # what follows is no option
    for namespace in ("user", "ipc", "pid", "net", "uts", "cgroup-try"):
        assert f"--unshare-{namespace}" in options
    for option in (["--cap-drop", "ALL"], ["--as-pid-1"], ["--setenv", "NAME", "value"], ["--remount-ro", "/"]):
        assert " ".join(option) in " ".join(options)
    assert options.index("--clearenv") < options.index("--setenv")
    assert not {"--share-net", "--bind", "--dev-bind", "--cap-add"} & set(options)
    assert all(source == target and source not in ("/", "/home", str(Path.home())) for source, target in binds(options))
    ours = [source for source, _ in binds(options) if source.startswith(str(tmp_path))]
    assert ours == [str(tmp_path / "kit"), str(tmp_path / "link")]


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is part of Linux")
def test_of_a_checkout_only_the_package_is_shown(installed: None) -> None:
    shown = [source for source, _ in binds(bubblewrap.beginning({}, []))]
    assert str(test_zoo.ROOT / "grader") in shown
    assert str(test_zoo.ROOT) not in shown


@pytest.mark.parametrize(
    ("said", "file", "text", "told"),
    [
        ("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted\n", "apparmor", "1\n", "apparmor-profiles"),
        ("bwrap: setting up uid map: Permission denied", "clone", "0", "sysctl kernel.unprivileged_userns_clone=1"),
        ("bwrap: Creating new namespace failed: nesting depth", "max", "0", "sysctl user.max_user_namespaces"),
        ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "other", "1", "a container perhaps"),
        ("usage\nbwrap: Unknown option --size", "max", "0", "too old"),
        ("bwrap: execvp nothing: \x1b[2J No such file or directory", "max", "0", "\\x1b[2J No such file"),
        ("", "max", "0", "it says nothing"),
    ],
)
def test_what_is_said_when_bubblewrap_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, file: str, text: str, told: str
) -> None:
    names = ("apparmor", "clone", "max")
    (tmp_path / file).write_text(text)
    switches = [(str(tmp_path / name), *rest) for name, (_, *rest) in zip(names, bubblewrap._SWITCHES, strict=True)]
    monkeypatch.setattr(bubblewrap, "_SWITCHES", switches)
    reason = bubblewrap._reason(said)
    assert told in reason
    assert reason.isprintable()


def test_a_machine_without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "_program", lambda: None)
    problem = bubblewrap.problem.__wrapped__()
    assert problem and problem.startswith("bubblewrap is") and "\n" not in problem
    with pytest.raises(MachineError, match="not installed"):
        bubblewrap.beginning({}, [])


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is part of Linux")
def test_a_bubblewrap_that_fails_is_found_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(bubblewrap, "_program", lambda: str(fake))
    assert "Permission denied" in (bubblewrap.problem.__wrapped__() or "")


# Inside


class Wall:
    """A warm process inside bubblewrap where only `seen` exists, and the road to its judges. None: without."""

    def __init__(self, seen: tuple[str, ...] | None, libraries: tuple[str, ...] = toy.ENTRY.libraries()) -> None:
        self.warm, self._libraries = Warm(seen), libraries

    def road(self, libraries: tuple[str, ...], job: dict[str, Any], tell: Any) -> dict[str, Any]:
        stream = self.warm.judge(self._libraries)
        try:
            return stream.ask(job, tell)
        finally:
            stream.close()

    def judge(self, source: str | bytes, entry: Entry = toy.ENTRY, **training: Any) -> dict[str, Any]:
        raw = source.encode() if isinstance(source, str) else source
        return engine.judge(entry, raw, "attempt.py", 0, training or None, road=self.road)

    def close(self) -> None:
        self.warm.close()


@pytest.fixture(scope="module")
def wall() -> Iterator[Wall]:
    with contextlib.closing(Wall(SEEN)) as wall:
        yield wall


LOOK = """
import json, os, pathlib, sys

def look(path):
    try:
        return os.stat(path).st_size
    except OSError as error:
        return type(error).__name__

def write(path):
    try:
        pathlib.Path(path).write_text("got through")
        return "written"
    except OSError as error:
        return type(error).__name__

def seen():
    return json.dumps({
        "paths": [look(path) for path in @PATHS@],
        "writes": [write(path) for path in @WRITES@],
        "pids": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()) if @JUDGE@ else None,
        "networks": [line.split(":")[0].strip() for line in open("/proc/net/dev")][2:] if @JUDGE@ else None,
        "environment": dict(os.environ), "host": os.uname().nodename, "pid": os.getpid(),
    })
"""


def look(paths: list[Path], writes: list[Path], judge: bool) -> str:
    words = {"PATHS": list(map(str, paths)), "WRITES": list(map(str, writes)), "JUDGE": judge}
    text = LOOK
    for word, value in words.items():
        text = text.replace(f"@{word}@", repr(value))
    return text


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Paths that exist, and are nobody's business in there: what was handed in, the home folder, the grader's."""
    handed_in = tmp_path / "handed in" / "kim.py"
    handed_in.parent.mkdir()
    handed_in.write_text(SECRET)
    beside = test_zoo.ROOT / "pyproject.toml"
    found = [handed_in, handed_in.parent, Path("/etc/passwd"), Path("/etc/hostname"), beside, toy.KIT / "questions"]
    found += [path for path in Path.home().iterdir() if path.is_file()][:5]
    return [path for path in found if path.exists()]


@wrapping
def test_a_worker_finds_nothing_of_outside(wall: Wall, outside: list[Path]) -> None:
    answer = wall.judge(look([*outside, Path(os.__file__)], [Path("/tmp/x")], False) + "print(seen())\n" + toy.SOLUTION)
    assert answer["report"]["verdict"] == "passed"
    assert answer["report"]["sandbox"] == {"layers": [*LAYERS, "bubblewrap"], "network": False}
    seen = json.loads(answer["printed"].splitlines()[0])
    assert seen["paths"] == ["FileNotFoundError"] * len(outside) + [Path(os.__file__).stat().st_size]
    assert seen["writes"] == ["PermissionError"]
    assert seen["environment"] == environment() | {"PWD": "/"}
    assert seen["host"] == "dlgrade"
    assert seen["pid"] < 100_000


@wrapping
def test_a_worker_of_a_warm_process_without_bubblewrap_does_find_them(outside: list[Path]) -> None:
    """The paths of the test above are there, to whoever isn't kept from asking."""
    answer = toy.judge(look(outside, [], False) + "print(seen())\n" + toy.SOLUTION)
    assert answer["report"]["sandbox"]["layers"] == list(LAYERS)
    seen = json.loads(answer["printed"].splitlines()[0])
    assert all(isinstance(size, int) for size in seen["paths"])


@wrapping
def test_a_judge_finds_nothing_of_outside_and_can_write_nowhere(tmp_path: Path, outside: list[Path]) -> None:
    """The judge runs the spec; what that sees is told in the error that it raises."""
    copy = tmp_path / "kit"
    shutil.copytree(toy.KIT, copy)
    entry = toy.ENTRY._replace(kit=copy)
    writes = [Path("/x"), Path("/dev/shm/x"), copy / "solutions" / "x", Path(sys.prefix) / "lib" / "x"]
    entry.spec.write_text(look(outside, writes, True) + "raise RuntimeError(seen())\n")
    with contextlib.closing(Wall(isolation.readable([copy]))) as wall, pytest.raises(CannotJudge) as caught:
        wall.judge(toy.SOLUTION, entry)
    told = str(caught.value)
    seen = json.loads(told[told.index("{") : told.rindex("}") + 1])
    assert seen["paths"] == ["FileNotFoundError"] * len(outside)
    assert seen["writes"] == ["OSError"] * len(writes)  # a file system that is read-only
    assert seen["networks"] == ["lo"]
    assert 1 in seen["pids"] and seen["pid"] in seen["pids"] and len(seen["pids"]) <= 4
    assert seen["environment"] == environment() | {"PWD": "/"}


@wrapping
def test_trainings_find_the_files_of_their_data(tmp_path: Path) -> None:
    from tests import test_training

    file = tmp_path / "mnist" / "t10k-images-idx3-ubyte"
    file.parent.mkdir()
    file.write_bytes(b"damaged")
    wanted = test_training.WANTED | {"data": "mnist", "homes": [str(tmp_path)]}
    told = []
    for homes in ([tmp_path], []):
        wall = Wall(isolation.readable([test_training.KIT], homes), test_training.ENTRY.libraries())
        with contextlib.closing(wall), pytest.raises(CannotJudge) as caught:
            wall.judge(test_training.SOLUTION, test_training.ENTRY, **wanted)
        told.append(str(caught.value))
    assert str(file) in told[0] and "7 bytes" in told[0]
    assert "t10k-images-idx3-ubyte of MNIST is missing" in told[1]


@wrapping
def test_torch_sees_the_same_processor_as_outside() -> None:
    """Else it would take other ways to compute, and its results would be others."""
    pytest.importorskip("torch", reason="torch is not installed")
    source = "import torch\nprint(torch.backends.cpu.get_cpu_capability(), torch.get_num_threads())\n" + toy.SOLUTION
    told = []
    for seen in (None, SEEN):
        with contextlib.closing(Wall(seen, ("numpy", "torch"))) as wall:
            told.append(wall.judge(source)["printed"])
    assert told[0].endswith(" 1\n")
    assert told[0] == told[1]


# Where it runs


def cores_of(mine: Warm, count: int) -> list[set[int]]:
    """Where the processes may run that a warm process has forked, once there are so many."""
    children = Path(f"/proc/{mine._pid}/task/{mine._pid}/children")
    end = time.monotonic() + 60
    while len(found := children.read_text().split()) < count:
        assert time.monotonic() < end
        time.sleep(0.01)
    return [os.sched_getaffinity(int(pid)) for pid in found]


@pytest.mark.skipif(not warm.forks(), reason="processes are forked on Linux only")
def test_what_is_forked_for_a_thread_stays_on_the_core_of_that_thread() -> None:
    mine, everywhere = Warm(), os.sched_getaffinity(0)
    core = max(everywhere)

    def confined() -> warm.Stream:
        os.sched_setaffinity(0, {core})
        return mine.judge(("numpy",))

    with contextlib.ExitStack() as lines, ThreadPoolExecutor(1) as apart:
        lines.callback(mine.close)
        lines.callback(apart.submit(confined).result().close)
        assert cores_of(mine, 2) == [{core}] * 2  # a judge and its first worker
        lines.callback(mine.judge(("numpy",)).close)
        assert cores_of(mine, 4)[2:] == [everywhere] * 2


# Nothing is left behind


COMMAND = """
import sys
sys.path[:] = {path!r}
from grader import engine
from grader.batch import isolation
from grader.warm import Warm
from tests import toy

warm = Warm(isolation.readable([toy.KIT]))
print("started", flush=True)

def road(libraries, job, tell):
    stream = warm.judge(libraries)
    return stream.ask(job, lambda progress: None)

print(engine.judge(toy.ENTRY, {source!r}, "attempt.py", 0, road=road)["report"]["verdict"], flush=True)
if {busy!r}:
    engine.judge(toy.ENTRY, b"import time; time.sleep(100)", "attempt.py", 0, road=road)
input()
"""


def command(mark: str, busy: bool = False) -> "subprocess.Popen[str]":
    """A process that has judged one attempt inside bubblewrap, and judges another one if it is to be busy."""
    path = [str(test_zoo.ROOT), *filter(os.path.isabs, sys.path), f"/{mark}"]
    code = COMMAND.format(path=path, source=toy.SOLUTION.encode(), busy=busy)
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True)


def alive(mark: str) -> list[str]:
    """Processes in whose command line, or that of who forked them, the mark stands."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (folder / "cmdline").read_bytes():
                found.append((folder / "stat").read_text())
    return found


def wait_until_alone(mark: str, patience: float = 20.0) -> list[str]:
    deadline = time.monotonic() + patience
    while (found := alive(mark)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


@wrapping
@pytest.mark.parametrize("moment", ["at once", "started", "judged", "busy"])
def test_killing_the_command_leaves_no_process_behind(moment: str) -> None:
    mark = f"dlgrade-isolation-{os.getpid()}-{moment.replace(' ', '-')}"
    with command(mark, moment == "busy") as process:
        assert process.stdout
        if moment != "at once":
            assert process.stdout.readline() == "started\n"
        if moment in ("judged", "busy"):
            assert process.stdout.readline() == "passed\n"
            assert len(alive(mark)) >= 3  # itself, bubblewrap, the warm process
        process.kill()
        process.wait()
        assert wait_until_alone(mark) == []


@wrapping
def test_closing_a_warm_process_waits_for_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    mark = f"dlgrade-isolation-{os.getpid()}-close"
    monkeypatch.setattr(sys, "path", [*sys.path, f"/{mark}"])
    wall = Wall(SEEN)
    assert wall.judge(toy.SOLUTION)["report"]["verdict"] == "passed"
    stream = wall.warm.judge(toy.ENTRY.libraries())  # is at work when the end comes
    assert len(alive(mark)) >= 2
    wall.close()
    assert alive(mark) == []
    stream.close()


@wrapping
def test_bubblewrap_itself_may_be_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    mark = f"dlgrade-isolation-{os.getpid()}-killed"
    monkeypatch.setattr(sys, "path", [*sys.path, f"/{mark}"])
    with contextlib.closing(Wall(SEEN)) as wall:
        assert wall.judge(toy.SOLUTION)["report"]["verdict"] == "passed"
        os.kill(wall.warm._pid, signal.SIGKILL)
    assert wait_until_alone(mark) == []


@wrapping
def test_a_warm_process_outlives_the_thread_that_started_it() -> None:
    walls: list[Wall] = []
    verdicts: list[str] = []

    def judge() -> None:
        walls.append(walls[0] if walls else Wall(SEEN))
        verdicts.append(walls[0].judge(toy.SOLUTION)["report"]["verdict"])

    for _ in range(3):
        thread = threading.Thread(target=judge)
        thread.start()
        thread.join()
    walls[0].close()
    assert verdicts == ["passed"] * 3


@wrapping
def test_ctrl_c_at_the_terminal_does_not_reach_it() -> None:
    """Whoever runs the command may want to finish what it has begun."""
    with contextlib.closing(Wall(SEEN)) as wall:
        assert os.getsid(wall.warm._pid) != os.getsid(0)


# Hostile and honest submissions inside


class World(test_zoo.World):
    """What there is to attack; the warm process and bubblewrap themselves may live on."""

    wall: Wall

    def _processes(self) -> list[str]:
        children = Path(f"/proc/{self.wall.warm._pid}/task/{self.wall.warm._pid}/children").read_text().split()
        own = {str(self.wall.warm._pid), *children}
        return [one for one in super()._processes() if one.split(":")[0].removeprefix("process ") not in own]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("zoo"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLGRADE_ZOO_SECRET", test_zoo.CANARY)
        patch.setattr(sys, "path", [*sys.path, world.marker])
        world.wall = Wall(SEEN)
    yield world
    world.wall.close()
    world.close()


ANIMALS = [name for name, animal in test_zoo.ANIMALS.items() if not animal.waits]


@wrapping
@pytest.mark.parametrize("name", ANIMALS)
def test_animal_inside(name: str, world: World) -> None:
    animal = test_zoo.ANIMALS[name]
    source = world.prepared(animal.source)
    answer = world.wall.judge(source)
    test_zoo.assert_contained(animal, answer, source, world)
    assert answer["report"]["sandbox"]["layers"] == [*LAYERS, "bubblewrap"]


# For other users


@wrapping
@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can turn into somebody else")
def test_an_ordinary_user_can_wrap(tmp_path: Path) -> None:
    needed = [Path(sys.executable).resolve(), Path(np.__file__), test_zoo.ROOT / "grader" / "warm.py"]
    if not all(folder.stat().st_mode & 0o001 for path in needed for folder in path.parents):
        pytest.skip("Python, numpy or the grader are where an ordinary user can't read them")
    path = [str(test_zoo.ROOT), *filter(os.path.isabs, sys.path)]
    code = COMMAND.format(path=path, source=toy.SOLUTION.encode(), busy=False)
    user = {"user": ORDINARY_USER, "group": ORDINARY_USER, "extra_groups": []}
    done = subprocess.run([sys.executable, "-c", code], input="\n", capture_output=True, text=True, cwd="/", **user)
    assert done.stdout.splitlines() == ["started", "passed"], done.stderr
