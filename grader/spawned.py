"""Workers in fresh processes, for systems where processes aren't forked (macOS, Windows), and for GPUs: pipes, threads,
a watchdog.

Whatever layers the system has are applied. Where it has none, and on a GPU, whose drivers they would keep out, a worker
still has nothing but inputs, but it runs with the user's rights, and could attack the computer and the judge.
"""

import contextlib
import os
import queue
import signal
import subprocess
import threading
from typing import IO

from grader import wire
from grader.fresh import environment, interpreter, search_path
from grader.run import FLOOD, PRINTED, Allowance, Clock, Ended, cpu_seconds, waited_seconds

BOOT = "import sys; sys.path[:] = {path!r}; from grader.spawned import become_worker; become_worker({arguments!r})"
TICK = 0.02


class Spawner:
    """A `grader.run.Launcher` of fresh processes. gpu: for workers that use one."""

    def __init__(self, libraries: tuple[str, ...], gpu: bool = False) -> None:
        self._libraries, self._gpu = libraries, gpu

    def launch(self, cpu_seconds: int, memory: int) -> "SpawnedWorker":
        return SpawnedWorker(self._libraries, None if self._gpu else (cpu_seconds, memory))


def become_worker(arguments: tuple[tuple[str, ...], tuple[int, int] | None]) -> None:
    """The fresh process: imports, shuts itself in, serves over stdin and stdout; prints go to stderr."""
    from grader import worker
    from grader.warmup import prepare

    libraries, limits = arguments
    prepare(("numpy.random", *libraries))
    read, write = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    worker.main(read, write, _shut_in(libraries, limits, {0, 1, 2, read, write}))


def _shut_in(libraries: tuple[str, ...], limits: tuple[int, int] | None, keep: set[int]) -> tuple[str, ...]:
    """Shuts this process in, if there are limits, and returns the layers; without, it only is easy to end."""
    from grader.sandbox import Limits, Sandbox, readable_paths

    if limits is None:
        if hasattr(os, "setsid"):
            os.setsid()
        return ()
    sandbox = Sandbox(*readable_paths(libraries))
    sandbox.enter(Limits(*limits), keep)
    return sandbox.layers


class SpawnedWorker:
    """See `grader.run.Worker`."""

    def __init__(self, libraries: tuple[str, ...], limits: tuple[int, int] | None) -> None:
        code = BOOT.format(path=search_path(), arguments=(libraries, limits))
        pipe, env = subprocess.PIPE, environment(gpu=limits is None)
        self._process = subprocess.Popen(interpreter(code), env=env, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe)
        self._answers: queue.Queue[bytes] = queue.Queue(64)
        self._cutter = wire.Cutter()
        self._flood = 0
        self.printed = bytearray()
        self._threads = [
            threading.Thread(target=work, args=(pipe,), daemon=True)
            for work, pipe in ((self._pump, self._process.stdout), (self._keep, self._process.stderr))
        ]
        for thread in self._threads:
            thread.start()

    def send(self, raw: bytes, allowance: Allowance) -> None:
        assert self._process.stdin is not None
        watchdog = threading.Timer(min(allowance.wall, threading.TIMEOUT_MAX), self._process.kill)
        watchdog.start()
        try:
            rest = memoryview(raw)
            while rest:
                rest = rest[self._process.stdin.write(rest) :]
        except OSError:
            raise self._ended() from None
        finally:
            watchdog.cancel()

    def receive(self, allowance: Allowance, due: int = 1) -> bytes:
        clock, data = Clock(self, allowance), b""
        while (whole := self._cutter.feed(data, allowance.most)) is None:
            data = b""
            with contextlib.suppress(queue.Empty):
                data = self._answers.get(timeout=TICK)
                if not data:
                    raise self._ended()
            if self._flood > FLOOD:
                raise Ended(f"your code printed more than {FLOOD >> 20} MiB and was stopped")
            clock.check()
        return whole

    def expect_silence(self) -> None:
        """Raises WireError if there is an answer before the question."""
        if self._cutter.pending or not self._answers.empty():
            raise wire.WireError("an answer before the question")

    def cpu(self, group: bool = False) -> float:
        """CPU seconds used; where the system doesn't tell, only wall time is limited."""
        return cpu_seconds(self._process.pid, group)

    def waited(self) -> float:
        return waited_seconds(self._process.pid)

    def kill(self, group: bool) -> None:
        if group and hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(1)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _pump(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := pipe.read(1 << 16):
                self._answers.put(data)
        self._answers.put(b"")

    def _keep(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := pipe.read(1 << 16):
                self._flood += len(data)
                self.printed += data[: PRINTED - len(self.printed)]

    def _ended(self) -> Ended:
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return Ended("your code closed the grader's channel")
        if code < 0:
            return Ended(f"the process was ended by signal {-code}")
        return Ended(f"your code ended the process (exit status {code}) before it answered")
