"""Whether workers of a cluster would come to the same verdicts as this machine: asked beforehand and at each task."""

import importlib
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader import kit
from grader.batch import fingerprint, isolation
from grader.batch.running import KEPT
from grader.batch.task import Answer, Task
from grader.errors import MachineError, UsageError
from grader.sandbox import bubblewrap
from grader.text import harmless

SLOW = 60.0  # seconds in which all workers tell about themselves
BUILTIN = ""  # stands in a task for the kit that comes with dlgrade, wherever that is

About = tuple[dict[str, str], str | None, str | None]  # plain: workers that have another dlgrade understand it, too


def dask() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise UsageError(
            f"--cluster needs dask, which can't be imported ({error}); run `pip install 'dlgrade[cluster]'`"
        ) from None


def told(error: BaseException) -> str:
    return harmless(f"{type(error).__name__}: {error}".splitlines()[0].rstrip(": "), 200)


def about(exercises: Sequence[tuple[str, str]], libraries: Sequence[str]) -> About:
    """What bears on verdicts here: names and values; why submissions can't be shut in, why bubblewrap can't be used.

    exercises: kits and stems. The first names tell most: what comes later depends on them, too.
    """
    facts = {"Python": platform.python_version()}
    facts |= {library: fingerprint.version(library) for library in ("dlgrade", "distributed", *libraries)}
    facts["the code that judges"] = fingerprint.engine()
    facts |= {f"exercise {stem}": _fingerprint(root, stem) for root, stem in exercises}
    return facts, isolation.lacking(), bubblewrap.problem()


def _fingerprint(root: str, stem: str) -> str:
    entry = kit.entry_of(_place(root), stem)
    return fingerprint.of_exercise(entry) if entry and entry.stub.is_file() else "none"


def _place(root: str) -> Path:
    return kit.builtin() if root == BUILTIN else Path(root)


def anywhere(root: str) -> str:
    return BUILTIN if Path(root) == kit.builtin() else root


def compare(client: Any, tasks: Sequence[Task], unsafe: bool) -> None:
    """Raises MachineError about the first worker that isn't as this machine."""
    equal("the scheduler", about((), ()), _of_scheduler(client), False, True)
    exercises = sorted({(anywhere(task.kit), task.stem) for task in tasks})
    entries = [kit.entry_of(_place(root), stem) for root, stem in exercises]
    libraries = sorted({"numpy", *(library for entry in entries if entry for library in entry.libraries())})
    try:
        answers = client.run(about, exercises, libraries, on_error="return", callback_timeout=SLOW)
    except TimeoutError:
        raise MachineError(f"some worker has been silent for {SLOW:.0f} s; end it and try again") from None
    mine, wrapped = about(exercises, libraries), any(task.wrapped for task in tasks)
    for worker, theirs in sorted(answers.items()):
        equal(f"worker {worker}", mine, theirs, wrapped, unsafe)


def _of_scheduler(client: Any) -> Any:
    """What it tells about itself: it unpickles what it hands on, for which it needs our modules."""
    try:
        return client.run_on_scheduler(about, (), (), callback_timeout=SLOW)
    except Exception as error:
        return error


def equal(worker: str, mine: About, theirs: About | Exception, wrapped: bool, unsafe: bool) -> None:
    """Raises MachineError unless a worker is as this machine. wrapped: whether bubblewrap is to be used."""
    if isinstance(theirs, Exception):
        raise MachineError(f"{worker} has no such dlgrade as this machine ({told(theirs)}); install the same there")
    (expected, _, _), (found, lacking, unwrapped) = mine, theirs
    for name, value in expected.items():
        if found.get(name) != value:
            raise _different(worker, name, found.get(name, "nothing"), value)
    if problem := _unfit(lacking, unwrapped, wrapped, unsafe):
        raise MachineError(f"{worker}: {problem}")


def _different(who: str, what: str, theirs: str, ours: str) -> MachineError:
    return MachineError(f"{who} has {what} {harmless(theirs, 80)}, this machine has {ours}; install the same on both")


def _unfit(lacking: str | None, unwrapped: str | None, wrapped: bool, unsafe: bool) -> str | None:
    """Why submissions may not be judged there."""
    if lacking and not unsafe:
        return f"other people's code can't be shut in there: {lacking}; {isolation.INSTEAD}"
    if wrapped and unwrapped:
        return f"this machine uses bubblewrap, that one can't: {unwrapped}; install it on all machines or on none"
    return None


def judge(run: Callable[[Task], Answer], task: Task, unsafe: bool) -> Answer:
    """On a worker, runs a task. Raises MachineError if this isn't one for it: it may have come after the comparison."""
    who = f"worker {dask().get_worker().address}"
    if _fingerprint(task.kit, task.stem) != task.fingerprint:
        raise MachineError(f"{who} has another {task.stem}, dlgrade or Python than where grading was started; {KEPT}")
    if problem := _unfit(isolation.lacking(), bubblewrap.problem() if task.wrapped else None, task.wrapped, unsafe):
        raise MachineError(f"{who}: {problem}")
    return run(task._replace(kit=str(_place(task.kit))))
