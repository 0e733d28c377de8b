"""Judging on a real dask cluster, all on this machine: its answers, and what dies in the middle of it."""

import ast
import contextlib
import gc
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from grader import kit
from grader.batch import cluster, likeness, running, secret, task
from grader.batch.handing import Workers
from grader.batch.journal import Journal
from grader.batch.model import Attempt
from grader.batch.running import Planned, Runner
from grader.batch.task import Answer, Task
from grader.errors import MachineError, UsageError

ROOT = Path(__file__).parents[1]
DEADLY = b"# this one kills whatever runs it\n"
COPIES = 6  # of each attempt, all different
ALLOWED = 1  # deaths of workers that dask forgives a task


@pytest.fixture(autouse=True)
def _dask() -> None:
    pytest.importorskip("distributed", reason="dask's distributed isn't installed: pip install 'dlgrade[cluster]'")


# What is handed in


def plan() -> list[Planned]:
    """Right, unfinished and wrong attempts at two exercises."""
    entries = [kit.find(kit.builtin(), number) for number in ("12-3", "17")]
    attempts = [
        Attempt(f"student{copy}", entry.number, entry.stem, f"{name}{copy}.py", source + f"\n# {copy}\n".encode())
        for entry in entries
        for name, source in sources(entry).items()
        for copy in range(COPIES)
    ]
    return plan_of(attempts)


def plan_of(attempts: list[Attempt]) -> list[Planned]:
    seeds = secret.Seeds(None, "0", b"0" * 32)
    return running.plan(attempts, running.Settings(kit.builtin(), seeds, lambda libraries: None, wrapped=False))


def sources(entry: kit.Entry) -> dict[str, bytes]:
    solution = entry.solution.read_bytes()
    names = [node.name for node in ast.parse(solution).body if isinstance(node, ast.FunctionDef)]
    wrong = solution + f"\n\ndef {names[-1]}(*anything, **more):\n    return None\n".encode()
    return {"right": solution, "unfinished": entry.stub.read_bytes(), "wrong": wrong}


def told(journal: Journal, planned: list[Planned]) -> dict[str, Any]:
    """What was found, by files; without times."""
    answers = {one.attempt.file + one.attempt.stem: journal.get(one.task.key) for one in planned}
    return {file: answer and (without_times(answer.check), answer.trouble) for file, answer in answers.items()}


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_times(inner) for name, inner in value.items() if "seconds" not in name}
    return [without_times(inner) for inner in value] if isinstance(value, list) else value


def unseen(planned: Planned, answer: Answer) -> None:
    """For runs that nobody watches."""


def run_here(folder: Path, planned: list[Planned]) -> dict[str, Any]:
    with Journal(folder / "journal.sqlite") as journal, running.here(2) as executor:
        Runner(journal, executor, 2).run(running.distinct(planned, journal.known()), unseen)
        return told(journal, planned)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one machine finds."""
    found = run_here(tmp_path_factory.mktemp("here"), plan())
    assert len(found) == 6 * COPIES >= 30
    assert sorted({check["report"]["verdict"] for check, _ in found.values()}) == ["failed", "passed"]
    return found


# Machines


class Machines:
    """A scheduler and workers, all of them processes of this machine."""

    def __init__(self, folder: Path, path: Path = ROOT) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        self._folder = folder
        self.address = self._scheduler(path)

    def _scheduler(self, path: Path) -> str:
        file = self._folder / "scheduler.json"
        self._start("scheduler", "--port", "0", "--no-show", "--scheduler-file", str(file), PYTHONPATH=str(path))
        while True:
            with contextlib.suppress(OSError, ValueError):
                return str(json.loads(file.read_text())["address"])
            assert self.processes[0].poll() is None, "the scheduler didn't start"
            time.sleep(0.02)

    def work(self, workers: int = 1, threads: int = 1, path: Path = ROOT, **environment: str) -> None:
        """Starts workers, which nannies start again when they die, and waits for them. path: where their grader is."""
        there = len(self.workers())
        options = ("--nworkers", str(workers), "--nthreads", str(threads), "--memory-limit", "0")
        self._start("worker", self.address, *options, PYTHONPATH=str(path), **environment)
        while len(self.workers()) < there + workers:
            assert self.processes[-1].poll() is None, "the workers didn't start"
            time.sleep(0.05)

    def _start(self, what: str, *options: str, **environment: str) -> None:
        fixed = {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        fixed["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = str(ALLOWED)
        command = [sys.executable, "-m", "dask", what, *options, "--host", "127.0.0.1", "--no-dashboard"]
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=self._folder,
                env={**os.environ, **fixed, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)

    def workers(self) -> dict[str, int]:
        """Their process ids."""
        with self.client() as client:
            return client.run(os.getpid)  # type: ignore[no-any-return]

    @contextlib.contextmanager
    def client(self) -> Iterator[Any]:
        from distributed import Client

        with Client(self.address, timeout=20, set_as_default=False) as client:
            yield client

    def stop(self) -> None:
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Two workers with two threads each, for tests that leave them as they are."""
    pytest.importorskip("distributed", reason="dask's distributed isn't installed")
    found = Machines(tmp_path_factory.mktemp("dask"))
    try:
        found.work(workers=2, threads=2)
        yield found
    finally:
        found.stop()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Machines]:
    """A scheduler for one test alone; it has no workers yet."""
    found = Machines(tmp_path)
    try:
        yield found
    finally:
        found.stop()


def run_there(
    machines: Machines, journal: Journal, planned: list[Planned], watch: running.Watch = unseen, unsafe: bool = False
) -> None:
    with cluster.connect(machines.address, [one.task for one in planned], unsafe) as (executor, width):
        Runner(journal, executor, width).run(planned, watch)


def after(count: int, act: Callable[[], None]) -> running.Watch:
    """Acts once, when so many answers are there."""
    seen: list[Planned] = []

    def watch(planned: Planned, answer: Answer) -> None:
        seen.append(planned)
        if len(seen) == count:
            act()

    return watch


# Answers


def test_a_cluster_finds_what_one_machine_finds(machines: Machines, tmp_path: Path, expected: dict[str, Any]) -> None:
    planned = plan()
    kept: list[str] = []
    with (
        Journal(tmp_path / "journal.sqlite") as journal,
        cluster.connect(machines.address, [one.task for one in planned], False) as (executor, width),
    ):
        assert width == 4
        watch = after(10, lambda: kept.extend(journal.known()))
        Runner(journal, executor, width).run(planned, watch)
        assert told(journal, planned) == expected
        assert len(kept) == 10  # as they arrived
        gc.collect()
        assert not executor._dask._client.futures  # type: ignore[attr-defined]


def test_what_can_not_be_judged_is_told_in_the_same_words(machines: Machines, tmp_path: Path) -> None:
    entry = kit.find(kit.builtin(), "17")
    planned = plan_of([Attempt("kim", entry.number, entry.stem, "big.py", b"#" * (1 << 21))])
    here = run_here(tmp_path / "here", planned)
    with Journal(tmp_path / "journal.sqlite") as journal:
        run_there(machines, journal, planned)
        assert told(journal, planned) == here
        assert "a submission has at most" in str(here)


# Deaths


def test_a_worker_is_killed_in_the_middle(machines: Machines, tmp_path: Path, expected: dict[str, Any]) -> None:
    import psutil

    planned = plan()
    pid = min(machines.workers().values())
    warm: list[Any] = []

    def kill() -> None:
        warm.extend(psutil.Process(pid).children(recursive=True))
        os.kill(pid, signal.SIGKILL)

    with Journal(tmp_path / "journal.sqlite") as journal:
        run_there(machines, journal, planned, after(8, kill))
        assert told(journal, planned) == expected
    assert warm, "the worker had no warm processes: nothing was tested"
    assert psutil.wait_procs(warm, timeout=20)[1] == []


def run_or_die(wanted: Task) -> Answer:
    """As `task.run`, but a worker that gets a deadly task is gone."""
    if wanted.source.startswith(DEADLY):
        os.kill(os.getpid(), signal.SIGKILL)
    return RUN(wanted)


RUN = task.run


def test_what_kills_workers_fails_alone(
    machines: Machines, tmp_path: Path, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.task, "run", run_or_die)
    planned = plan()
    entry = kit.find(kit.builtin(), "12-3")
    (deadly,) = plan_of([Attempt("mallory", entry.number, entry.stem, "deadly.py", DEADLY)])
    with Journal(tmp_path / "journal.sqlite") as journal:
        run_there(machines, journal, [*planned[:9], deadly, *planned[9:]])
        assert told(journal, planned) == expected
        assert journal.get(deadly.task.key) == Answer(None, "no process that judged it survived (KilledWorker)", 0.0)
        assert deadly.task.key not in journal.known()  # so that the next run tries again


def test_the_scheduler_is_killed_in_the_middle(own: Machines, tmp_path: Path, expected: dict[str, Any]) -> None:
    own.work(workers=1, threads=2)
    planned = plan()
    with Journal(tmp_path / "journal.sqlite") as journal:
        with pytest.raises(MachineError, match=r"scheduler at .* is gone.*what was judged is kept"):
            run_there(own, journal, planned, after(8, own.processes[0].kill))
        known = journal.known()
        assert 8 <= len(known) < len(planned)
    again: list[str] = []
    with Journal(tmp_path / "journal.sqlite") as journal, running.here(2) as executor:
        todo = running.distinct(planned, known)
        Runner(journal, executor, 2).run(todo, lambda one, answer: again.append(one.task.key))
        assert told(journal, planned) == expected
    assert not known & set(again)


def test_all_workers_are_gone_for_good(own: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "LONELY", 0.5)
    own.work()

    def kill() -> None:
        os.killpg(own.processes[-1].pid, signal.SIGKILL)

    with Journal(tmp_path / "journal.sqlite") as journal:
        with pytest.raises(MachineError, match=r"there has been no worker for .*what was judged is kept"):
            run_there(own, journal, plan(), after(3, kill))
        assert len(journal.known()) >= 3


def test_a_scheduler_that_says_nothing_any_more(own: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "LONELY", 1.0)
    own.work()
    scheduler = own.processes[0].pid
    with Journal(tmp_path / "journal.sqlite") as journal:
        with pytest.raises(MachineError, match=r"the scheduler has been silent for .*what was judged is kept"):
            run_there(own, journal, plan(), after(3, lambda: os.kill(scheduler, signal.SIGSTOP)))
        assert len(journal.known()) >= 3


@pytest.mark.parametrize("silent", [False, True])
def test_ctrl_c(own: Machines, tmp_path: Path, silent: bool) -> None:
    """The whole command, with a scheduler that answers and with one that doesn't."""
    own.work(threads=2)
    for one in plan():
        place = tmp_path / "in" / one.attempt.student / one.attempt.file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.with_name(f"{one.attempt.stem} {place.name}").write_bytes(one.attempt.source)
    words = ("grade", "in", "--out", "out", "--key", "key", "--json-lines", "--cluster", own.address)
    command = subprocess.Popen(
        [sys.executable, "-m", "grader", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert command.stdout is not None
    seen = [command.stdout.readline() for _ in range(4)]
    if silent:
        os.kill(own.processes[0].pid, signal.SIGSTOP)
    command.send_signal(signal.SIGINT)
    more, told = command.communicate(timeout=20)
    assert command.returncode == 130
    assert told.endswith("stopped; what was judged is kept, and the same command goes on\n"), told
    with pytest.raises(ProcessLookupError):
        os.killpg(command.pid, 0)  # nothing of it is left
    with Journal(tmp_path / "out" / "journal.sqlite") as journal:
        found = {json.loads(line)["file"] for line in [*seen, *more.splitlines()]}
        assert 4 <= len(found) <= len(journal.known()) < len(plan())


class Interrupted(Executor):
    """Answers two tasks of three, and is interrupted when it gets the third."""

    def submit(self, run: Any, wanted: Task) -> Future[Any]:  # type: ignore[override]
        if wanted.key == "c":
            raise KeyboardInterrupt
        future: Future[Any] = Future()
        future.set_result(Answer({}, None, 0.0))
        return future


def test_what_has_arrived_when_a_run_is_stopped_is_kept(tmp_path: Path) -> None:
    planned = [Planned(Attempt("kim", "1", "ex01_a", f"{key}.py", b""), a_task(key)) for key in "abc"]
    with Journal(tmp_path / "journal.sqlite") as journal:
        with pytest.raises(KeyboardInterrupt):
            Runner(journal, Interrupted(), 9).run(planned, unseen)
        assert journal.known() == {"a", "b"}


# Telling the guilty, step by step


class Steps(Executor):
    """Stands for dask: what is under way, in order, to be ended by a test."""

    def __init__(self) -> None:
        self.under_way: dict[str, Future[Any]] = {}

    def get_executor(self, pure: bool) -> "Steps":
        assert not pure, "equal tasks of two runs would share their failures"
        return self

    def submit(self, judge: Any, run: Any, wanted: Task, unsafe: Any) -> Future[Any]:  # type: ignore[override]
        self.under_way[wanted.key] = Future()
        return self.under_way[wanted.key]

    def kill(self, *keys: str) -> None:
        from distributed import KilledWorker

        for future in [self.under_way.pop(key) for key in keys]:
            future.set_exception(KilledWorker("task", None, ALLOWED))

    def answer(self, key: str) -> None:
        self.under_way.pop(key).set_result(Answer(None, key, 0.0))


def a_task(key: str) -> Task:
    return Task(key, "", "", "", b"", 0, None, False)


def test_the_innocent_get_a_second_chance_alone() -> None:
    steps = Steps()
    workers = Workers(steps, "", False)
    futures = {key: workers.submit(task.run, a_task(key)) for key in "abc"}
    steps.kill("a", "b")
    later = workers.submit(task.run, a_task("d"))
    assert list(steps.under_way) == ["c"]  # nothing new until it is clear whose fault it was
    steps.answer("c")
    assert list(steps.under_way) == ["a"]
    steps.answer("a")
    assert list(steps.under_way) == ["b"]
    assert not later.done()
    steps.kill("b")
    assert list(steps.under_way) == ["d"]
    steps.answer("d")
    assert [futures["a"].result().trouble, futures["c"].result().trouble, later.result().trouble] == ["a", "c", "d"]
    assert type(futures["b"].exception()).__name__ == "KilledWorker"


def test_nothing_is_handed_out_any_more() -> None:
    workers = Workers(Steps(), "", False)
    future = workers.submit(task.run, a_task("a"))
    workers.give_up("no worker")
    with pytest.raises(MachineError, match="no worker"):
        future.result(0)


# Machines that differ


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with another dlgrade."""
    folder = tmp_path_factory.mktemp("strange")
    shutil.copytree(ROOT / "grader", folder / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("exercises", "solutions"):
        (folder / name).symlink_to(ROOT / name)
    with (folder / "grader" / "reasons.py").open("a") as file:
        file.write("\n# changed\n")
    return folder


def refusal(machines: Machines, tmp_path: Path, unsafe: bool = False) -> str:
    with Journal(tmp_path / "journal.sqlite") as journal:
        with pytest.raises(MachineError) as caught:
            run_there(machines, journal, plan(), unsafe=unsafe)
        assert not journal.known()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_worker_with_other_code_is_told(own: Machines, tmp_path: Path, strange: Path) -> None:
    own.work(path=strange)
    text = refusal(own, tmp_path)
    assert text.startswith(f"worker {next(iter(own.workers()))} has the code that judges ")
    assert "install the same on both" in text


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder with a dlgrade in which nothing is as here."""
    package = tmp_path / "empty" / "grader"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    return package.parent


def test_a_worker_without_a_dlgrade_like_this_is_told(own: Machines, tmp_path: Path, empty: Path) -> None:
    own.work(path=empty)
    text = refusal(own, tmp_path)
    assert re.match("worker tcp://.* has no such dlgrade as this machine .*No module named 'grader.batch'", text)


def test_a_scheduler_without_a_dlgrade_like_this_is_told(tmp_path: Path, empty: Path) -> None:
    """Workers alone would not do: the scheduler unpickles tasks, too."""
    machines = Machines(tmp_path, empty)
    try:
        machines.work()
        assert refusal(machines, tmp_path).startswith("the scheduler has no such dlgrade as this machine ")
    finally:
        machines.stop()


def test_a_worker_that_shuts_nobody_in_is_refused(own: Machines, tmp_path: Path, expected: dict[str, Any]) -> None:
    own.work(DLGRADE_SPAWN="1")
    text = refusal(own, tmp_path)
    assert "other people's code can't be shut in there: workers aren't forked" in text
    assert "--unsafe" in text
    planned = plan()[:2]
    with Journal(tmp_path / "journal.sqlite") as journal:
        run_there(own, journal, planned, unsafe=True)
        found = told(journal, planned)
    verdicts = {file: check["report"]["verdict"] for file, (check, _) in found.items()}
    assert verdicts == {file: expected[file][0]["report"]["verdict"] for file in found}


def test_a_worker_that_comes_later_is_asked_too(machines: Machines, tmp_path: Path) -> None:
    planned = [one._replace(task=one.task._replace(fingerprint="0" * 16)) for one in plan()[:3]]
    with Journal(tmp_path / "journal.sqlite") as journal:
        with pytest.raises(MachineError, match=r"worker tcp://.* has another ex12_3.*what was judged is kept"):
            run_there(machines, journal, planned)
        assert not journal.known()


@pytest.mark.parametrize(
    ("name", "value"), [("Python", "3.10.1"), ("numpy", "1.26.0"), ("torch", "none"), ("exercise ex17", "0" * 16)]
)
def test_the_first_difference_is_named(name: str, value: str) -> None:
    here = likeness.about([(likeness.BUILTIN, "ex17")], ["numpy", "torch"])
    likeness.equal("worker", here, here, False, False)
    there = ({**here[0], name: value}, None, None)
    with pytest.raises(MachineError, match=f"^w1 has {name} {value}, this machine has {re.escape(here[0][name])};"):
        likeness.equal("w1", here, there, False, False)


def test_bubblewrap_is_on_all_machines_or_on_none() -> None:
    here = likeness.about([], [])
    there = (here[0], None, "bubblewrap is not installed")
    likeness.equal("w1", here, there, False, False)
    with pytest.raises(MachineError, match=r"^w1: this machine uses bubblewrap, that one can't: bubblewrap is not"):
        likeness.equal("w1", here, there, True, True)


def test_the_kit_of_dlgrade_may_lie_anywhere() -> None:
    root = str(kit.builtin())
    assert likeness.anywhere(root) == likeness.BUILTIN
    assert likeness.anywhere("/a/kit") == "/a/kit"


# Addresses


def message(address: str) -> str:
    with pytest.raises(MachineError) as caught, cluster.connect(address, [], False):
        raise AssertionError
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "QUICK", 0.5)


@pytest.mark.usefixtures("soon")
def test_nobody_is_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        assert f"no dask scheduler answers at {address}" in message(address)  # it listens and says nothing
    assert f"no dask scheduler answers at {address}" in message(address)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("address", ["nonsense://127.0.0.1:1", "127.0.0.1", "127.0.0.1:port"])
def test_addresses_that_are_none(address: str) -> None:
    assert f"no dask scheduler answers at {address}" in message(address)


@pytest.mark.usefixtures("soon")
def test_there_is_no_worker(own: Machines) -> None:
    assert f"has no worker; start one by `dask worker {own.address}`" in message(own.address)


def test_dask_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'dlgrade\[cluster\]'"), cluster.connect("", [], False):
        raise AssertionError
