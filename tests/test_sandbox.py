"""The sandbox under attack and at honest work: each probe runs in a worker forked for it from a zygote."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.sandbox import Limits, Sandbox, available, interpreter, landlock, readable_paths, trees

if sys.platform != "linux":
    pytest.skip("the attacks are written for Linux", allow_module_level=True)

from grader.sandbox import calls_x86_64
from tests.sandbox_attacks import ATTACKS
from tests.sandbox_zygote import SECRET, World

ROOT = Path(__file__).parents[1]
LAYERS = ("rlimits", "seccomp", "landlock")
ORDINARY_USER = 12345
GENEROUS = [20, 1 << 30]
TIGHT = [1, 256 << 20, 64]


class Zygote:
    """The process of sandbox_zygote.py, seen from outside."""

    def __init__(self, uid: int, library: str = "numpy") -> None:
        command = [sys.executable, "-I", str(Path(__file__).with_name("sandbox_zygote.py")), str(ROOT)]
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self.process = subprocess.Popen(
            [*command, str(uid), library],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **threads},
        )
        self.world = World(*self._read())

    def ask(
        self,
        work: str,
        *arguments: Any,
        layers: Any = LAYERS,
        limits: list[int] = GENEROUS,
        forbidden: tuple[int, int] | None = None,
        kept: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """Run `work` in a worker under `layers` ("plain": no sandbox); its outcome and, if any, its value."""
        details = {"layers": layers, "limits": limits, "forbidden": forbidden, "kept": kept}
        self.request(work=work, arguments=arguments, **details)
        return self._read()

    def request(self, **request: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def _read(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the zygote has died; its standard error says why"
        return json.loads(line)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        shutil.rmtree(self.world.folder, ignore_errors=True)


def users() -> list[Any]:
    """Whom to run as. Root alone would not do: it passes checks that stop others."""
    if os.getuid() == 0:
        return [pytest.param(0, id="root"), pytest.param(ORDINARY_USER, id="user")]
    return [pytest.param(os.getuid(), id="user")]


def open_to_all(path: Path) -> bool:
    """Whether any user may read below this folder."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


@pytest.fixture(scope="module", params=users())
def zygote(request: pytest.FixtureRequest) -> Iterator[Zygote]:
    if request.param != os.getuid() and not open_to_all(Path(np.__file__).parent):
        pytest.skip("numpy is installed where an ordinary user can't read it")
    opened = Zygote(request.param)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def strong_zygote() -> Iterator[Zygote]:
    """As privileged as this test run is: what is refused to it is refused by the sandbox."""
    opened = Zygote(os.getuid())
    yield opened
    opened.close()


@pytest.fixture
def fresh_zygote() -> Iterator[Zygote]:
    opened = Zygote(os.getuid())
    yield opened
    opened.close()


def require(*layers: str) -> None:
    missing = {layer: reason for layer, reason in available().items() if layer in layers and reason}
    if missing:
        pytest.skip("; ".join(f"{layer}: {reason}" for layer, reason in missing.items()))


# Attacks


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_refused(zygote: Zygote, attack: str) -> None:
    require(*LAYERS)
    outcome = zygote.ask(f"sandbox_attacks:{attack}", limits=TIGHT)
    assert outcome["outcome"] == ATTACKS[attack][1], outcome


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_would_not_be_refused_without_a_sandbox(strong_zygote: Zygote, attack: str) -> None:
    require("seccomp")  # for the sake of its architecture
    outcome = strong_zygote.ask(f"sandbox_attacks:{attack}", layers="plain")
    if outcome["outcome"] == ATTACKS[attack][1]:
        pytest.skip(f"this machine refuses it by itself: {outcome}")
    assert outcome["outcome"] not in ("AssertionError", "TypeError", "AttributeError", "not entered"), outcome


def test_metadata_is_a_known_gap(zygote: Zygote) -> None:
    """Imports need `stat`. If this ever fails, the documentation of the package has to change."""
    require(*LAYERS)
    assert zygote.ask("sandbox_work:size", zygote.world.secret)["value"] == len(SECRET)


# Honest work


def test_honest_work(zygote: Zygote) -> None:
    require(*LAYERS)
    assert zygote.ask("sandbox_work:numpy_work")["value"] == pytest.approx(34, rel=0.1)
    assert zygote.ask("sandbox_work:threads")["value"] == 285
    assert zygote.ask("sandbox_work:waiting")["value"] == "Ab"
    assert zygote.ask("sandbox_work:printing")["value"] == "hello\n"
    assert zygote.ask("sandbox_work:own_sockets")["value"] == "ping"
    assert zygote.ask("sandbox_work:own_signals")["value"] == ["USR1", "USR1", "ALRM"]
    assert zygote.ask("sandbox_work:facts")["value"] == [True, [0, 0]]


def test_late_imports_and_tracebacks(strong_zygote: Zygote) -> None:
    require(*LAYERS)
    expected = ["0.3", 42, 2, "a7ffc6f8", True]
    assert strong_zygote.ask("sandbox_work:lazy_imports")["value"] == expected
    assert "raise LinAlgError" in strong_zygote.ask("sandbox_work:tracebacks")["value"]


def test_late_imports_do_not_depend_on_what_the_zygote_looked_up(strong_zygote: Zygote) -> None:
    require(*LAYERS)
    assert strong_zygote.ask("sandbox_work:late_import_with_cold_caches", layers="plain")["value"] == 0


def test_torch_works() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    require(*LAYERS)
    zygote = Zygote(os.getuid(), "torch")
    try:
        assert zygote.ask("sandbox_work:torch_work", limits=[60, 2 << 30])["outcome"] == "succeeded"
    finally:
        zygote.close()


# Files


def test_what_can_be_read(zygote: Zygote) -> None:
    require(*LAYERS)
    readable = Path(zygote.world.readable)
    expected = {
        "plain.txt": "read",
        "open": "read",
        "open/plain.txt": "read",
        "hidden/public.txt": "read",
        "inner/plain.txt": "read",
        "hidden": "EACCES",
        "hidden/secret.txt": "EACCES",
        "inner/hidden": "EACCES",
        "inner/hidden/secret.txt": "EACCES",
        "link.txt": "EACCES",
        "open/outside.txt": "EACCES",
        "..": "EACCES",
        ".": "EACCES",
    }
    opened = zygote.ask("sandbox_work:opened", [str(readable / name) for name in expected])["value"]
    assert list(opened.values()) == list(expected.values()), opened


def test_nothing_of_ours_and_no_other_package_can_be_read(strong_zygote: Zygote) -> None:
    require(*LAYERS)
    import numpy

    ours = [str(ROOT), str(ROOT / "pyproject.toml"), str(ROOT / "grader/__init__.py"), __file__]
    others = [pytest.__file__, str(Path(pytest.__file__).parents[1])]
    needed = [numpy.__file__, str(Path(numpy.__file__).parent), os.__file__, os.devnull]
    opened = strong_zygote.ask("sandbox_work:opened", ours + others + needed)["value"]
    assert list(opened.values()) == ["EACCES"] * 6 + ["read"] * 4, opened


def lay_out(folder: Path, *files: str) -> None:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_grants_go_round_what_is_hidden(tmp_path: Path) -> None:
    lay_out(tmp_path, "lib/a.py", "lib/json/x.py", "lib/site/np/x.py", "lib/site/np/key", "lib/site/us/x.py")
    (tmp_path / "way").symlink_to(tmp_path / "lib")
    (tmp_path / "lib/us").symlink_to(tmp_path / "lib/site/us")
    readable = [tmp_path / "way", tmp_path / "lib/site/np", tmp_path / "missing"]
    hidden = [tmp_path / "way/site", tmp_path / "lib/site/np/key"]
    found = trees.grants(map(str, readable), map(str, hidden))
    real = tmp_path.resolve()
    assert sorted(found) == [str(real / name) for name in ("lib/a.py", "lib/json", "lib/site/np/x.py")]


def test_grants_leave_a_whole_folder_whole(tmp_path: Path) -> None:
    lay_out(tmp_path, "lib/a.py", "library/key")
    folder = str(tmp_path.resolve() / "lib")
    assert trees.grants([folder], [str(tmp_path / "library")]) == [folder]


def test_grants_let_hidden_win_a_tie(tmp_path: Path) -> None:
    assert trees.grants([str(tmp_path)], [str(tmp_path)]) == []


INSTALLATIONS = {
    "virtual environment": ("home/lib/python3", "venv/lib/python3/site-packages"),
    "base interpreter": ("home/lib/python3", "home/lib/python3/site-packages"),
    "debian": ("usr/lib/python3", "usr/lib/python3/dist-packages"),
    "beside the code that is graded": ("home/lib/python3", "checkout/.venv/lib/python3/site-packages"),
}


@pytest.mark.parametrize("installation", INSTALLATIONS)
def test_readable_paths_of(installation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path = tmp_path.resolve()
    library, site = (tmp_path / path for path in INSTALLATIONS[installation])
    checkout, told = tmp_path / "checkout", tmp_path / "told"
    lay_out(library, "os.py", "json/__init__.py", "lib-dynload/_x.so", "site-packages/grader/secret.py")
    lay_out(site, "torch/x.py", "torch.libs/x.so", "triton/x.py", "soon.py", "grader/secret.py", "never_imported/x.py")
    lay_out(site, "torch-2.0.dist-info/METADATA", "nvidia/x.so", "loaded.cpython-311-x86_64-linux-gnu.so")
    lay_out(checkout, "grader/secret.py", "torch/x.py", "solutions/x.py")
    lay_out(told, "libblas.so.3", "notes.txt")
    lay_out(library.parent, "libpython3.so.1", "notes.txt")
    monkeypatch.setattr(os, "__file__", str(library / "os.py"))
    monkeypatch.setattr(sys, "base_prefix", str(library.parents[1]))
    monkeypatch.setattr(sys, "path", [str(checkout), str(library), str(library / "lib-dynload"), str(site)])
    monkeypatch.setenv("LD_LIBRARY_PATH", str(told))
    monkeypatch.setitem(sys.modules, "loaded", None)
    monkeypatch.setattr(interpreter, "_SYSTEM", ())
    readable, hidden = readable_paths(("torch",))
    found = {path for path in trees.grants(readable, hidden) if path.startswith(str(tmp_path))}
    packages = ("torch", "torch.libs", "triton", "nvidia", "loaded.cpython-311-x86_64-linux-gnu.so")
    standard = [library / name for name in ("os.py", "json", "lib-dynload")]
    shared = [library.parent / "libpython3.so.1", told / "libblas.so.3"]
    assert found == {str(path) for path in (*standard, *shared, *(site / name for name in packages))}
    assert {str(site), str(checkout), str(Path(interpreter.__file__).parents[1])} <= set(hidden)


# Limits and descriptors


def test_descriptors_are_closed_but_the_kept_ones(zygote: Zygote) -> None:
    require(*LAYERS)
    kept = zygote.ask("sandbox_work:descriptors", kept=(os.devnull, os.devnull))["value"]
    assert len(kept) == 3  # those two and the one for the answer


def test_files_cannot_grow(strong_zygote: Zygote) -> None:
    require("rlimits")
    path = strong_zygote.world.secret
    outcome = strong_zygote.ask("sandbox_work:grow_file", layers=["rlimits"], kept=(path,))
    assert outcome["outcome"] == "EFBIG"


def test_memory_counts_from_what_the_zygote_has(strong_zygote: Zygote) -> None:
    require("rlimits")
    before = strong_zygote.ask("sandbox_work:address_space", layers="plain")["value"]
    after = strong_zygote.ask("sandbox_work:address_space", layers=["rlimits"], limits=[5, 1 << 28])["value"]
    assert after["limit"] - (1 << 28) == pytest.approx(before["size"], rel=0.05)


def test_a_lower_limit_from_outside_stays(strong_zygote: Zygote) -> None:
    require("rlimits")
    answer = strong_zygote.ask("sandbox_work:lowered_twice", layers=["rlimits"], limits=[5, 1 << 28, 32])
    assert answer["value"] == [[32, 32], [16, 16]]


def test_privileges_are_gone_even_without_layers(zygote: Zygote) -> None:
    state = zygote.ask("sandbox_work:state", layers=[])["value"]
    assert state["NoNewPrivs"] == "1"
    assert int(state["CapEff"], 16) | int(state["CapPrm"], 16) in (0, 1 << 2)
    assert zygote.ask("sandbox_work:dumpable", layers=[])["value"] == 0


# Each layer by itself


def outcomes(zygote: Zygote, *layers: str) -> list[str]:
    probes = ("fork", "read_secret", "descriptors", "send_udp")
    return [zygote.ask(f"sandbox_attacks:{name}", layers=layers, limits=TIGHT)["outcome"] for name in probes]


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("rlimits", ["succeeded", "succeeded", "EMFILE", "succeeded"]),
        ("seccomp", ["EPERM", "succeeded", "succeeded", "EPERM"]),
        ("landlock", ["succeeded", "EACCES", "succeeded", "succeeded"]),
    ],
)
def test_a_layer_does_its_own_part_alone(zygote: Zygote, layer: str, expected: list[str]) -> None:
    require(layer)
    assert outcomes(zygote, layer) == expected


def test_newer_landlock_alone_stops_tcp_abstract_sockets_and_signals(zygote: Zygote) -> None:
    require("landlock")
    if landlock.version() < 6:
        pytest.skip(f"this kernel has version {landlock.version()} of landlock, and signals need 6")
    probes = {"connect_tcp": "EACCES", "connect_by_abstract_name": "EPERM", "signal_victim": "EPERM"}
    found = {name: zygote.ask(f"sandbox_attacks:{name}", layers=["landlock"])["outcome"] for name in probes}
    assert found == probes


def test_without_layers_nothing_is_refused(zygote: Zygote) -> None:
    assert outcomes(zygote) == ["succeeded"] * 4


def test_probed_layers_are_those_that_are_available(tmp_path: Path) -> None:
    working = tuple(layer for layer, reason in available().items() if reason is None)
    assert Sandbox([], []).layers == working
    assert set(available()) == set(LAYERS)


# Failing closed

SECCOMP, PRLIMIT, SETSID, CREATE_RULESET, RESTRICT_SELF, PRCTL = 317, 302, 112, 444, 446, 157


@pytest.mark.parametrize(
    ("layers", "number"),
    [
        (["seccomp"], SECCOMP),
        (["landlock"], RESTRICT_SELF),
        (["rlimits"], PRLIMIT),
        ([], PRCTL),
        ([], SETSID),
    ],
)
def test_entering_fails_where_a_step_is_refused(zygote: Zygote, layers: list[str], number: int) -> None:
    require("seccomp", *layers)
    outcome = zygote.ask("sandbox_work:hang", layers=layers, forbidden=(number, errno.EPERM))
    assert outcome["outcome"] == "not entered", outcome
    assert outcome["value"].startswith("EPERM")


@pytest.mark.parametrize(
    ("number", "answer", "layer", "reason"),
    [
        (CREATE_RULESET, errno.ENOSYS, "landlock", r"kernel \d+\.\d+ has no landlock; 5\.13 or newer"),
        (CREATE_RULESET, errno.EOPNOTSUPP, "landlock", r"landlock is switched off in kernel \d+\.\d+; add"),
        (CREATE_RULESET, errno.EPERM, "landlock", r"landlock is refused here \(Operation .*\); allow"),
        (SECCOMP, errno.ENOSYS, "seccomp", r"seccomp is refused here \(.*\); Linux 4\.14 or newer"),
    ],
)
def test_a_missing_layer_says_why(
    strong_zygote: Zygote,
    number: int,
    answer: int,
    layer: str,
    reason: str,
) -> None:
    require("seccomp")
    told = strong_zygote.ask("sandbox_work:reasons", layers="plain", forbidden=(number, answer))["value"]
    assert re.match(reason, told[layer]), told
    assert "\n" not in told[layer]


def test_asking_for_a_layer_that_does_not_work_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.sandbox import jail

    monkeypatch.setitem(jail._REASONS, "landlock", lambda: "kernel 5.4 has no landlock")
    assert "landlock" not in Sandbox([], []).layers
    with pytest.raises(OSError, match=r"kernel 5\.4 has no landlock"):
        Sandbox([], [], layers=["landlock"])


def test_asking_for_a_layer_that_does_not_exist_raises() -> None:
    with pytest.raises(ValueError, match="no sandbox layer is called 'firewall'; there are rlimits, secc"):
        Sandbox([], [], layers=["firewall"])


def test_a_worker_with_other_threads_is_refused(strong_zygote: Zygote) -> None:
    outcome = strong_zygote.ask("sandbox_work:enter_with_a_thread", layers="plain")
    assert outcome["outcome"] == "EBUSY"
    assert "the worker has 2 threads" in outcome["value"]


def test_the_process_that_prepares_a_sandbox_can_enter_it(strong_zygote: Zygote) -> None:
    require(*LAYERS)
    assert strong_zygote.ask("sandbox_work:enter_itself", layers="plain")["value"] == "EPERM"


def test_a_worker_of_another_parent_is_refused(strong_zygote: Zygote) -> None:
    outcome = strong_zygote.ask("sandbox_work:enter_as_grandchild", layers="plain")
    assert outcome["value"] == errno.ESRCH


# The end


def test_a_worker_dies_with_its_zygote(fresh_zygote: Zygote, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    layers = [layer for layer, reason in available().items() if reason is None]
    fresh_zygote.request(
        work="sandbox_work:announce_and_hang",
        arguments=[],
        layers=layers,
        limits=GENEROUS,
        forbidden=None,
        kept=[str(pipe)],
    )
    os.set_blocking(reading, True)
    wait_for_writer(reading)
    os.kill(fresh_zygote.process.pid, signal.SIGKILL)
    assert os.read(reading, 10) == b""  # the last holder of the other end is gone
    os.close(reading)


def wait_for_writer(reading: int) -> None:
    while not os.read(reading, 10):
        pass


# The table of calls


def test_call_numbers_agree_with_the_kernel_s_own_table() -> None:
    headers = [Path("/usr/include", folder, "asm/unistd_64.h") for folder in ("", "x86_64-linux-gnu")]
    header = next((path for path in headers if path.exists()), None)
    if header is None or os.uname().machine != "x86_64":
        pytest.skip("no x86_64 kernel headers on this machine (Debian: linux-libc-dev)")
    table = {name: int(number) for name, number in re.findall(r"__NR_(\w+) (\d+)", header.read_text())}
    ours = {**calls_x86_64.ALLOWED, **calls_x86_64.SIGNALS, "clone3": calls_x86_64.CLONE3}
    ours |= {name: number for name, (number, _) in calls_x86_64.CHECKED.items()}
    ours["seccomp"] = calls_x86_64.SECCOMP
    assert ours == {name: table[name] for name in ours}


def test_importing_needs_neither_numpy_nor_slow_modules() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import grader.sandbox; print(*sys.modules)"
    command = [sys.executable, "-I", "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert not {"numpy", "inspect", "dataclasses", "pathlib", "socket", "subprocess"} & set(loaded.split())


ELSEWHERE = """
import json, os, sys
sys.path.insert(0, {root!r})
sys.platform = {platform!r}
if sys.platform == "win32":
    sys.modules["resource"] = None
from grader.sandbox import Limits, Sandbox, available, readable_paths
sandbox = Sandbox(*readable_paths(("numpy",)))
keep = os.dup(1)
spare = os.dup(1)
if os.fork() == 0:
    sandbox.enter(Limits(5, 1 << 28), {{keep}})
    is_open = os.path.exists(f"/proc/self/fd/{{spare}}")
    os.write(keep, json.dumps([sandbox.layers, is_open, available()]).encode())
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize(
    ("platform", "layers", "is_open"),
    [("win32", [], True), ("darwin", ["rlimits"], False)],
)
def test_elsewhere_it_does_what_it_can(platform: str, layers: list[str], is_open: bool) -> None:
    """As near to another system as Linux comes: with its name, and without what it lacks."""
    code = ELSEWHERE.format(root=str(ROOT), platform=platform)
    command = [sys.executable, "-I", "-c", code]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert told[:2] == [layers, is_open]
    assert told[2]["landlock"].startswith(f"landlock is part of Linux, this is {platform}; grade")
    assert all(bool(reason) is (layer not in layers) for layer, reason in told[2].items())


def test_limits_have_a_default_for_open_files() -> None:
    assert Limits(cpu_seconds=10, memory_bytes=1 << 30).open_files == 64
