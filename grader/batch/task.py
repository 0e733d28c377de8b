"""One attempt to be judged, as plain data that any process of any machine can take: see `run`."""

import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

from grader import engine, kit, warm
from grader.batch import fingerprint, isolation
from grader.errors import CannotJudge, MachineError, UsageError
from grader.lanes import Lanes

ROADS: dict[tuple[str, ...] | None, engine.Road] = {}  # of this process, by what bubblewrap lets them see
LOCK = threading.Lock()


class Task(NamedTuple):
    """What to judge. key: names everything that the verdict depends on; fingerprint: of the exercise, see there.

    training: fields of a `grader.training.Wanted`, or None. wrapped: whether to run inside bubblewrap.
    """

    key: str
    fingerprint: str
    kit: str
    stem: str
    source: bytes
    seed: int
    training: dict[str, Any] | None
    wrapped: bool


class Answer(NamedTuple):
    """What came of a task: the fields of a `Check`, or in one line why it could not be judged; wall-clock seconds."""

    check: dict[str, Any] | None
    trouble: str | None
    seconds: float


class Changed(Exception):
    """The exercise isn't, or wasn't all the time, what the task was made for: what came of it is kept by nobody."""


def run(task: Task) -> Answer:
    """Judges, by a judge that this thread keeps for its next task; a second time if the first one's process is gone.

    Raises Changed if the exercise's files were edited.
    """
    entry = kit.entry_of(Path(task.kit), task.stem)
    before = fingerprint.stamps(entry) if entry else ()
    answer = _answer(task)
    if entry and (fingerprint.stamps(entry) != before or fingerprint.of_exercise(entry) != task.fingerprint):
        raise Changed(task.stem)
    return answer


def begin(root: Path, libraries: tuple[str, ...], training: dict[str, Any] | None, wrapped: bool) -> None:
    """Starts what will judge tasks about a kit, as `Task` tells, so that it is there when the first one comes."""
    road = _road(str(root), training, wrapped)
    if isinstance(road, Lanes):
        road.begin(libraries)


def _answer(task: Task) -> Answer:
    began = time.monotonic()
    check, trouble, road = None, None, _road(task.kit, task.training, task.wrapped)
    for _ in range(2):
        try:
            check, trouble = _judge(task, road), None
            break
        except MachineError as error:
            trouble = str(error)
        except (CannotJudge, UsageError) as error:
            trouble = str(error)
            break
    return Answer(check, trouble, round(time.monotonic() - began, 4))


def _judge(task: Task, road: engine.Road) -> dict[str, Any]:
    entry = kit.entry_of(Path(task.kit), task.stem)
    if entry is None or not entry.stub.is_file():
        raise CannotJudge(f"{task.kit} has no exercise {task.stem} on this machine; install the same kit everywhere")
    return engine.judge(entry, task.source, f"{task.stem}.py", task.seed, task.training, road=road)


def _road(root: str, training: dict[str, Any] | None, wrapped: bool) -> engine.Road:
    homes = [Path(home) for home in (training or {}).get("homes", ())]
    visible = isolation.readable([Path(root)], homes) if wrapped else None
    with LOCK:
        if visible not in ROADS:
            ROADS[visible] = Lanes(visible) if warm.forks() else engine.judge_here
        return ROADS[visible]


def stop() -> None:
    """Ends the warm processes of this process; a later task starts new ones."""
    with LOCK:
        while ROADS:
            road = ROADS.popitem()[1]
            if isinstance(road, Lanes):
                road.close()
