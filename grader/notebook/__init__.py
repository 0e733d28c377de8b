"""`check` for notebooks: has what is defined there judged as `dlgrade check` would judge it in a file."""

from pathlib import Path
from typing import Any

from grader import engine, face, kit, records
from grader.errors import MachineError, UsageError
from grader.kit import Entry
from grader.notebook import road, session
from grader.notebook.collecting import collect
from grader.notebook.progress import Progress
from grader.notebook.result import Judged, Result
from grader.report.style import say
from grader.store import Store
from grader.training_choice import TrainingChoice

__all__ = ["Result", "check"]


class Stopped(KeyboardInterrupt):
    """Somebody has interrupted a check."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return ["dlgrade: stopped"]


def check(
    number: str | int,
    *definitions: object,
    file: str | Path | None = None,
    seed: int = 0,
    all: bool = False,
    train: bool = False,
    root: str | None = None,
) -> Result:
    """Check your answer to an exercise: what your notebook, or your script, defines now.

    >>> check("17")             # the functions and classes that exercise 17 asks for
    >>> check("17", Adam)       # only this one
    >>> check("17", file="attempt.py")

    seed: of the random inputs. all: show all failing cases as text. train: train where the exercise ends with a
    training, which takes a while. root: folder of another kit than the built-in one.

    Raises UsageError if there is no such exercise or nothing to check, CannotJudge if there can be no verdict.
    """
    entry = kit.find(kit.locate(root), str(number))
    if not isinstance(seed, int) or seed < 0:
        raise UsageError(f"seed={seed!r}: a seed is a whole number, 0 or greater")
    try:
        judged, name = _judged(entry, definitions, file)
        training = TrainingChoice(untrained=not train).fields(entry.libraries())
        with Progress() as progress:
            answer = engine.judge(entry, judged.source, name, seed, training, progress.update, road.judge)
    except KeyboardInterrupt:
        raise Stopped from None
    _remember(entry, answer["report"])
    return Result(answer, judged, all)


def _judged(entry: Entry, definitions: tuple[object, ...], file: str | Path | None) -> tuple[Judged, str]:
    """What is to be judged, and what it is called."""
    if file is not None and definitions:
        raise UsageError("give either definitions or `file=`, not both")
    if file is None:
        where, names = session.find(definitions, face.read(entry.stub).names)
        collected = collect(where, names)
        return Judged(collected.source.encode(), collected), where.name
    path = Path(file).expanduser()
    try:
        return Judged(path.read_bytes(), None), path.name
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror}); give the path of your attempt") from None


def _remember(entry: Entry, report: dict[str, Any]) -> None:
    """Records the attempt; if that fails, the verdict still stands."""
    try:
        records.remember(Store(entry.kit), report)
    except MachineError as error:
        say(f"dlgrade: not recorded: {error}", err=True)
