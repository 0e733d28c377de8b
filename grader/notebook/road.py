"""Judging from a session that goes on: warm processes that stay until it ends, and never the session's own."""

import atexit
import contextlib
import json
import os
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from grader import warm
from grader.engine import Tell
from grader.errors import MachineError
from grader.fresh import environment, interpreter, search_path
from grader.lanes import Lanes

BOOT = "import sys; sys.path[:] = {path!r}; from grader.notebook.apart import main; main()"


class Staying:
    """A `grader.engine.Road` for all threads of a session. Ctrl-C, or a kernel's interrupt, ends what is being judged.

    The judges belong to a thread of its own, so that they stay whichever thread asks.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, "dlgrade")
        self._lanes = Lanes()

    def __call__(self, libraries: tuple[str, ...], job: dict[str, Any], tell: Tell) -> dict[str, Any]:
        with self._lock:
            try:
                return self._judged(libraries, job, tell)
            except MachineError:  # what had stayed is gone
                return self._judged(libraries, job, tell)

    def _judged(self, libraries: tuple[str, ...], job: dict[str, Any], tell: Tell) -> dict[str, Any]:
        judging = self._thread.submit(self._lanes, libraries, job, tell)
        try:
            answer = judging.result()
        except BaseException:
            self._renew()  # after Ctrl-C the thread hears of it, and is free again
            raise
        if "error" in answer:  # the judge may have lost its warm process
            self._renew()
        return answer

    def _renew(self) -> None:
        self._lanes.close()
        self._lanes = Lanes()

    def close(self) -> None:
        """Ends all processes."""
        self._lanes.close()


def apart(libraries: tuple[str, ...], job: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """A `grader.engine.Road` where processes aren't forked: a fresh one judges, whatever this session has changed."""
    command, pipe = interpreter(BOOT.format(path=search_path())), subprocess.PIPE
    errors = None if os.environ.get("DLGRADE_DEBUG") else subprocess.DEVNULL
    with subprocess.Popen(
        command, env=environment(), stdin=pipe, stdout=pipe, stderr=errors, start_new_session=True
    ) as process:
        try:
            assert process.stdin and process.stdout
            with contextlib.suppress(BrokenPipeError), process.stdin as line:
                line.write(json.dumps({"libraries": libraries, "job": job}).encode() + b"\n")
            for answer in map(json.loads, process.stdout):
                if "progress" not in answer:
                    return dict(answer)
                tell(answer["progress"])
        finally:
            process.kill()
    raise MachineError("the grading process ended unexpectedly; run again with DLGRADE_DEBUG=1 to see why")


_staying: Staying | None = None
_guard = threading.Lock()


def judge(libraries: tuple[str, ...], job: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """The session's `grader.engine.Road`."""
    if not warm.forks():
        return apart(libraries, job, tell)
    global _staying
    with _guard:
        if _staying is None:
            _staying = Staying()
    return _staying(libraries, job, tell)


@atexit.register
def close() -> None:
    """Ends what has stayed; a later job starts anew."""
    global _staying
    staying, _staying = _staying, None
    if staying is not None:
        staying.close()


def _forget() -> None:
    """In a copy of the session: its judges and its thread are the original's."""
    global _staying, _guard
    _staying, _guard = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
