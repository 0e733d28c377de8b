"""The trusted process: takes jobs over a stream, judges, answers. Forked from the zygote, or simply called.

A job is one line of JSON: {"kit", "stem", "source" (latin-1), "filename", "seed", "training"}, the last one null or the
fields of `grader.training.Wanted`. So is the answer: the fields of a `Check`, or {"error"}. While an exercise is being
trained, lines {"progress": ...} come before it.
"""

import functools
import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import kit
from grader.answer_key import AnswerKey
from grader.errors import CannotJudge, KitError
from grader.forked import Broker
from grader.grading import check
from grader.listening import Tell
from grader.models import document
from grader.run import Launcher
from grader.submission import Submission

if TYPE_CHECKING:
    from grader.training import Wanted


def serve(fd: int, line: socket.socket) -> None:
    """Answers jobs until the client hangs up."""
    broker = Broker(line)
    with socket.socket(fileno=fd) as stream:

        def say(line: dict[str, Any]) -> None:
            stream.sendall(json.dumps(line).encode() + b"\n")

        for number, job in enumerate(stream.makefile("rb")):
            say(handle(json.loads(job), broker, lambda progress: say({"progress": progress})))
            if number:  # whoever came twice comes again
                broker.line_up()


def handle(job: dict[str, Any], launcher: Launcher, tell: Tell) -> dict[str, Any]:
    """One job. Whatever goes wrong on our side becomes {"error": one line}; `tell` hears how a training goes."""
    try:
        entry = kit.entry_of(Path(job["kit"]), job["stem"])
        if entry is None:
            raise KitError(f"{job['stem']} is not the stem of an exercise")
        submission = Submission(job["source"].encode("latin-1"), job["filename"])
        stamps = tuple(path.stat().st_mtime_ns for path in (entry.spec, entry.solution) if path.exists())
        found = check(_key(entry, job["seed"], stamps), submission, launcher, _wanted(job["training"]), tell)
        return {
            "report": document(found.report),
            "details": [detail._asdict() for detail in found.details],
            "printed": found.printed,
        }
    except CannotJudge as error:
        return {"error": str(error)}
    except Exception as error:
        if os.environ.get("DLGRADE_DEBUG"):
            import traceback

            traceback.print_exc()
        return {"error": f"the grader failed ({type(error).__name__}: {error}); set DLGRADE_DEBUG=1 to see where"}


@functools.lru_cache(maxsize=1)
def _key(entry: kit.Entry, seed: int, stamps: tuple[int, ...]) -> AnswerKey:
    """What the last job used, if that was about the same exercise; stamps: of its files, which an author may edit."""
    return AnswerKey(entry, seed)


def _wanted(fields: dict[str, Any] | None) -> "Wanted | None":
    if fields is None:
        return None
    from grader.training import Wanted

    return Wanted(**fields)
