"""The zoo: hostile and careless submissions to the toy exercise, one a file, judged as `dlgrade check` does.

The first line of each file says what it does, what its verdict is to be and, after a colon, what the message of a case
that didn't pass is to contain. Lines below it may say which layers of the sandbox it needs, that it `waits` until a
limit on wall time, and that it `fools` a grader which runs in the same process: a test holds that it really does.
Words between two @ are replaced by paths, ports and process ids on the machine that the animal is let loose on.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given

from grader import engine, kit, warm
from grader.cases import Trusted, ask
from grader.judgement import case_report, difference
from grader.models import document, read_report
from grader.outcome import Answered
from grader.report.style import Style
from grader.report.terminal import render
from grader.sandbox import available
from grader.wire import WireError, parse
from tests import toy
from tests.test_wire import bodies, framed, plain, steady

ZOO = Path(__file__).parent / "zoo"
ROOT = Path(__file__).parent.parent
CANARY = "canary-7f3a91"
LARGEST = 1_000_000  # characters of a whole answer as JSON
MISSING = {layer: reason for layer, reason in available().items() if reason}

forked = pytest.mark.skipif(not warm.forks(), reason="workers are forked on Linux only")


class Animal(NamedTuple):
    """One file of the zoo."""

    name: str
    source: str
    verdict: str
    phrase: str
    needs: tuple[str, ...]
    waits: bool
    fools: bool


def read(path: Path) -> Animal:
    first, *others = path.read_text("utf-8").splitlines()
    match = re.fullmatch(r"# .+ -> (passed|failed|error)(?:: (.+))?", first)
    assert match, f"{path.name}: the first line is `# what it does -> verdict`, with `: part of a message` at most"
    notes = [line[2:] for line in others[:3] if re.match(r"# (needs|waits|fools)\b", line)]
    needs = [layer for note in notes if note.startswith("needs ") for layer in note[6:].split(", ")]
    assert set(needs) <= available().keys()
    flags = {note.split()[0] for note in notes}
    return Animal(
        path.stem, path.read_text("utf-8"), match[1], match[2] or "", tuple(needs), "waits" in flags, "fools" in flags
    )


ANIMALS = {path.stem: read(path) for path in sorted(ZOO.glob("*.py"))}
HASTY = [name for name, animal in ANIMALS.items() if not animal.waits]
WAITING = [name for name, animal in ANIMALS.items() if animal.waits]
FOOLING = [name for name, animal in ANIMALS.items() if animal.fools]


class World:
    """What there is to attack: a secret file, listeners, and this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "canary"
        self.folder.mkdir()
        self.secret = self.folder / "secret.txt"
        self.secret.write_text(CANARY)
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self._udp = socket.socket(type=socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self._unix = socket.socket(socket.AF_UNIX)
        self._unix.bind(str(folder / "socket"))
        self._unix.listen()
        for listener in self._listeners:
            listener.setblocking(False)
        self.marker = str(folder / "marker")  # stands in the command line of every process of ours
        self._words = {
            "KIT": str(toy.KIT),
            "STEM": toy.ENTRY.stem,
            "PAGE": toy.ENTRY.page_name,
            "ROOT": str(ROOT),
            "FOLDER": str(self.folder),
            "TESTER": str(os.getpid()),
            "TCP": str(self._tcp.getsockname()[1]),
            "UDP": str(self._udp.getsockname()[1]),
            "UNIX": str(folder / "socket"),
        }
        self._before = self._state()

    @property
    def _listeners(self) -> tuple[socket.socket, ...]:
        return self._tcp, self._udp, self._unix

    def prepared(self, source: str, **words: str) -> bytes:
        """A submission with its @WORDS@ replaced."""
        for word, text in {**self._words, **words}.items():
            source = source.replace(f"@{word}@", text)
        return source.encode()

    def left_behind(self, patience: float = 5.0) -> list[str]:
        """What hostile code achieved: connections, changed files, processes that live on."""
        found = []
        for listener in self._listeners:
            with contextlib.suppress(BlockingIOError):
                if listener is self._udp:
                    found.append(f"a datagram: {listener.recv(100)!r}")
                else:
                    listener.accept()[0].close()
                    found.append(f"a connection to {listener.getsockname()}")
        if self._state() != self._before:
            found.append(f"files: {self._state()}, before {self._before}")
        found += [str(path) for folder in ("/tmp", "/dev/shm", ".") for path in Path(folder).glob("dlgrade_zoo*")]
        deadline = time.monotonic() + patience
        while (lives := self._processes()) and time.monotonic() < deadline:
            time.sleep(0.01)
        return found + lives

    def _state(self) -> list[tuple[Any, ...]]:
        entries = [self.folder, *sorted(self.folder.iterdir())]
        return [(p.name, (s := p.stat()).st_mode, s.st_uid, s.st_size, s.st_mtime_ns, s.st_nlink) for p in entries]

    def _processes(self) -> list[str]:
        """Processes that descend from the warm one, wherever they have gone."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self.marker.encode() in (folder / "cmdline").read_bytes() and folder.name != str(ROAD.zygote()):
                    found.append(f"process {folder.name}: {(folder / 'stat').read_text()}")
        return found

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()


class Road:
    """One warm process, and for each submission a judge of its own, which has to be gone afterwards."""

    def __init__(self) -> None:
        self._warm: warm.Warm | None = None
        self._lock = threading.Lock()

    def __call__(self, libraries: tuple[str, ...], job: dict[str, Any], tell: engine.Tell) -> dict[str, Any]:
        if not warm.forks():
            return engine.judge_here(libraries, job, tell)
        with self._lock:
            self._warm = self._warm or warm.Warm()
            stream = self._warm.judge(libraries)
        try:
            return stream.ask(job, tell)
        finally:
            stream.close()

    def zygote(self) -> int | None:
        return self._warm._pid if self._warm else None

    def close(self) -> None:
        if self._warm:
            self._warm.close()
        self._warm = None


ROAD = Road()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A warm process of this module's own, started with a secret in the environment."""
    world = World(tmp_path_factory.mktemp("zoo"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLGRADE_ZOO_SECRET", CANARY)
        patch.setattr(sys, "path", [*sys.path, world.marker])
        yield world
        ROAD.close()
    world.close()


def judge(source: bytes) -> dict[str, Any]:
    return engine.judge(toy.ENTRY, source, "attempt.py", 0, road=ROAD)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(key)
            yield from texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)


def assert_harmless(answer: dict[str, Any], source: bytes) -> None:
    """Nothing in an answer hurts or betrays whoever reads it."""
    whole = json.dumps(answer)
    assert len(whole) < LARGEST
    assert CANARY not in whole
    assert "got through" not in whole
    read_report(json.dumps(answer["report"]))
    json.dumps(answer["report"], ensure_ascii=False).encode("utf-8")
    shown = render(answer, source, Style(100, False, "+", "x", "-", "->", "-"), everything=True)
    for text in (*texts(answer["report"]), *texts(answer["details"]), shown):
        assert [c for c in text if not c.isprintable() and c not in "\n\t"] == []


def assert_as_declared(animal: Animal, report: dict[str, Any]) -> None:
    """The verdict is the declared one, every case is accounted for, and nothing wrong counts as right."""
    assert report["verdict"] == animal.verdict, [case["message"] for case in report["cases"]]
    assert [(case["part"], case["name"]) for case in report["cases"]] == all_cases()
    passed = [part["name"] for part in report["parts"] if part["passed"] == part["cases"]]
    assert passed == (list(toy.PARTS) if animal.verdict == "passed" else [])
    assert report["score"] == (1.0 if animal.verdict == "passed" else 0.0)


def all_cases() -> list[tuple[str, str]]:
    report = judge(toy.SOLUTION.encode())["report"]
    assert report["verdict"] == "passed"
    return [(case["part"], case["name"]) for case in report["cases"]]


def skip_without_layers(animal: Animal) -> None:
    for layer in animal.needs:
        if layer in MISSING:
            pytest.skip(f"no {layer} here: {MISSING[layer]}")


def assert_contained(animal: Animal, answer: dict[str, Any], source: bytes, world: World) -> None:
    assert_harmless(answer, source)
    assert_as_declared(animal, answer["report"])
    assert world.left_behind() == []


# The warm road


@forked
@pytest.mark.parametrize("name", HASTY)
def test_animal(name: str, world: World) -> None:
    animal = ANIMALS[name]
    skip_without_layers(animal)
    source, warm_one = world.prepared(animal.source), ROAD.zygote()
    answer = judge(source)
    assert_contained(animal, answer, source, world)
    messages = [case["message"] for case in answer["report"]["cases"] if case["verdict"] != "passed"]
    assert not animal.phrase or any(animal.phrase in message for message in messages), messages
    assert warm_one in (None, ROAD.zygote()), "the warm process was replaced"


@pytest.fixture(scope="module")
def waited(world: World) -> dict[str, tuple[bytes, dict[str, Any]]]:
    """What came of the animals that wait, let loose side by side since they use no processor time."""
    sources = [world.prepared(ANIMALS[name].source) for name in WAITING]
    with ThreadPoolExecutor(len(WAITING)) as pool:
        return dict(zip(WAITING, zip(sources, pool.map(judge, sources), strict=True), strict=True))


@forked
@pytest.mark.parametrize("name", WAITING)
def test_waiting_animal(name: str, world: World, waited: dict[str, tuple[bytes, dict[str, Any]]]) -> None:
    animal, (source, answer) = ANIMALS[name], waited[name]
    assert_contained(animal, answer, source, world)
    assert any(animal.phrase in case["message"] for case in answer["report"]["cases"])


# The fresh process


SPAWNED = [
    "answer_huge_int",
    "answer_nan",
    "answer_reduce",
    "channel_2_gib",
    "channel_ahead",
    "channel_closed",
    "channel_every_descriptor",
    "channel_fake_exception",
    "channel_pickle",
    "die_of_segfault",
    "exit_at_import",
    "exit_in_call",
    "flood_stdout",
    "forge_eq",
    "forge_ndarray_subclass",
    "loop_that_catches",
    "odd_prints",
    "odd_threads",
    "patch_numpy",
    "text_escapes",
    "walk_frames",
    "walk_gc",
    "read_solution",
    "harm_files",
    "network_in_call",
    "bomb_daemon",
]


@pytest.mark.skipif(sys.platform == "win32", reason="the listeners of these tests are those of a Unix system")
@pytest.mark.parametrize("name", SPAWNED)
def test_animal_in_a_fresh_process(name: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    animal = ANIMALS[name]
    skip_without_layers(animal)
    source = world.prepared(animal.source)
    monkeypatch.setenv("DLGRADE_SPAWN", "1")
    answer = judge(source)
    assert_contained(animal, answer, source, world)


# Wherever it is installed


THIEVES = ("read_solution", "read_spec", "read_bytecode", "read_linecache", "import_solution", "import_grader")
JUDGE = """
import json, pathlib, sys
import grader
from grader import engine, kit

given = json.load(sys.stdin)
entry = kit.find(pathlib.Path(given["kit"]), "1")
answers = [engine.judge(entry, source.encode(), "attempt.py", 0) for source in given["sources"]]
print(json.dumps({"content": str(kit.builtin()), "answers": answers}))
"""


def checkout(folder: Path) -> tuple[Path, Path, Path]:
    """A Python that can import the grader from this checkout, and where the grader and the content lie."""
    return Path(sys.executable), ROOT, ROOT


def wheel(folder: Path) -> tuple[Path, Path, Path]:
    """A fresh environment with the wheel in it; other packages are those of this one."""
    pytest.importorskip("hatchling", reason="builds the wheel; `pip install hatchling`")
    site = folder / "venv" / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    python = folder / "venv" / "bin" / "python"
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    pip = ("-m", "pip", "--disable-pip-version-check", "--python", python, "install", "--no-deps", "--no-index")
    run(sys.executable, *pip, *folder.glob("*.whl"), cwd=folder)
    (site / "others.pth").write_text("\n".join(path for path in sys.path if path.endswith("-packages")))
    return python, site, site / "grader" / "_content"


def run(*command: str | Path, cwd: Path, given: str = "") -> str:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env=environment, input=given, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@forked
@pytest.mark.skipif("landlock" in MISSING, reason=f"no landlock here: {MISSING.get('landlock')}")
@pytest.mark.parametrize("form", [checkout, wheel])
def test_the_content_is_out_of_reach_in_every_form_of_installation(form: Any, tmp_path: Path, world: World) -> None:
    python, root, content = form(tmp_path)
    target = kit.entries(content)[0]
    words = {"KIT": content, "STEM": target.stem, "PAGE": target.page_name, "ROOT": root}
    sources = [ANIMALS[name].source for name in THIEVES]
    given = [world.prepared(source, **{k: str(v) for k, v in words.items()}).decode() for source in sources]
    given.append(toy.SOLUTION)
    code = f"import sys; sys.path.insert(0, {str(root)!r})\n{JUDGE}"
    found = json.loads(run(python, "-c", code, cwd=tmp_path, given=json.dumps({"kit": str(toy.KIT), "sources": given})))
    assert Path(found["content"]) == content.resolve()
    assert all(path.read_bytes() for path in (target.solution, target.spec, target.page()))
    *stolen, honest = found["answers"]
    for name, answer in zip(THIEVES, stolen, strict=True):
        assert (name, answer["printed"], answer["report"]["score"]) == (name, "", 0.0)
    assert honest["report"]["verdict"] == "passed"


# Whatever is answered


SPEC = kit.load_spec(toy.ENTRY)
SOLUTION = Trusted(kit.load_solution(toy.ENTRY), SPEC)
EXPECTED = [(asked, SOLUTION.answer(asked)) for asked in ask(SPEC.exercise, 0)]


def off_the_wire(body: Any) -> Any:
    with contextlib.suppress(WireError):
        return parse(framed({"x": body}))["x"]
    return None


def close(a: Any, b: Any) -> bool:
    """Whether two answers agree, by other means than the grader's."""
    if isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(close, a, b))
    if isinstance(b, dict):
        return a.keys() == b.keys() and all(close(a[key], b[key]) for key in b)
    if b is None or isinstance(b, str):
        return bool(a == b)
    return np.shape(a) == np.shape(b) and np.allclose(np.asarray(a, complex), b, rtol=1e-3)


@steady
@given(plain | bodies.map(off_the_wire))
def test_no_answer_is_too_much_for_the_judge(value: Any) -> None:
    """Whatever comes over the wire gets a verdict that fits into a report."""
    for answer in (value, [value, {}, None], ([], {"one": value}, value), ([1], {"one": 1}, ("one", value))):
        outcome = Answered(answer)
        for asked, expected in EXPECTED:
            line = case_report(asked, difference(asked, outcome, expected))
            json.dumps(document(line), allow_nan=False, ensure_ascii=False).encode()
            assert len(line.message) < 1000
            assert line.message.isprintable()
            if line.verdict == "passed":
                assert isinstance(expected, Answered)
                assert close(answer, expected.value)


# Sources that are not plain UTF-8


ODD_SOURCES = {
    "byte order mark": (b"\xef\xbb\xbf" + toy.SOLUTION.encode(), "passed"),
    "CRLF": (toy.SOLUTION.replace("\n", "\r\n").encode(), "passed"),
    "CR": (toy.SOLUTION.replace("\n", "\r").encode(), "passed"),
    "latin-1 with its cookie": (
        b"# coding: latin-1\n# caf\xe9\n" + toy.SOLUTION.encode("latin-1", "replace"),
        "passed",
    ),
    "no final newline": (toy.SOLUTION.rstrip().encode(), "passed"),
    "form feeds": (toy.SOLUTION.replace("\n\n\n", "\n\x0c\n\n").encode(), "passed"),
    "latin-1 without a cookie": (b"name = 'caf\xe9'\n" + toy.SOLUTION.encode(), "error"),
    "unknown cookie": (b"# coding: klingon\n" + toy.SOLUTION.encode(), "error"),
    "UTF-16": (toy.SOLUTION.encode("utf-16"), "error"),
    "NUL": (toy.SOLUTION.encode() + b"\0", "error"),
    "random bytes": (bytes(range(256)) * 100, "error"),
    "nothing": (b"", "error"),
    "a megabyte of blanks": (b" " * (1 << 20), "error"),
    "deep parentheses": (b"x = " + b"(" * 100_000, "error"),
    "a long sum": (b"x = " + b"1+" * 200_000 + b"1", "error"),
    "a long chain of attributes": (b"x = a" + b".a" * 200_000, "error"),
}


@pytest.mark.parametrize("name", ODD_SOURCES)
def test_odd_source(name: str, world: World) -> None:
    source, verdict = ODD_SOURCES[name]
    answer = judge(source)
    assert_contained(Animal(name, "", verdict, "", (), False, False), answer, source, world)


def test_a_hostile_file_name(world: World) -> None:
    source = toy.SOLUTION.encode()
    answer = engine.judge(toy.ENTRY, source, "\x1b[2J\u202e\r\udcff.py", 0)
    assert_harmless(answer, source)


# The zoo itself


NAIVE = """
import sys
import numpy as np

student = {"__name__": "student"}
exec(compile(open(sys.argv[1]).read(), "student.py", "exec"), student)
for x in (np.arange(5.0), np.ones(5)):
    expected = 2 * x
    assert np.allclose(student["double"](x.copy()), expected)
"""


def naive_status(path: Path) -> int:
    """Exit status of a grader that runs a submission next to the expected values: 0 means that it passes."""
    return subprocess.run([sys.executable, "-c", NAIVE, path], capture_output=True, timeout=60).returncode


@pytest.mark.parametrize("name", FOOLING)
def test_animal_fools_a_grader_in_the_same_process(name: str) -> None:
    assert naive_status(ZOO / f"{name}.py") == 0


def test_a_grader_in_the_same_process_refuses_what_is_merely_wrong() -> None:
    assert naive_status(ZOO / "answer_nan.py") != 0
    assert naive_status(toy.ENTRY.solution) == 0


def test_the_zoo_is_large_and_honest_animals_live_in_it() -> None:
    verdicts = [animal.verdict for animal in ANIMALS.values()]
    assert len(verdicts) >= 50
    assert verdicts.count("passed") >= 10
    assert len(FOOLING) >= 10


def test_a_world_notices_what_is_done_to_it(tmp_path: Path) -> None:
    """The alarms of these tests go off."""
    world = World(tmp_path)
    assert world.left_behind() == []
    tcp, udp = (socket.socket(type=kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM))
    with tcp, udp:
        tcp.connect(("127.0.0.1", int(world.prepared("@TCP@"))))
        udp.sendto(b"secret", ("127.0.0.1", int(world.prepared("@UDP@"))))
        assert len(world.left_behind()) == 2
    command = [sys.executable, "-c", "print('ready', flush=True), input()", world.marker]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        assert "process" in world.left_behind(patience=0)[0]
        process.communicate("\n")
    world.secret.chmod(0o777)
    assert "files" in world.left_behind()[0]
    world.close()
