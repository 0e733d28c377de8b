"""What `dlgrade check` does. Light: it loads no more than it needs, while numpy is being imported elsewhere."""

import contextlib
import sys
from pathlib import Path
from typing import Any, NamedTuple

from grader import engine, helped, kit, records, workspace
from grader.cli import ending
from grader.cli.live import Live, summary
from grader.errors import MachineError, UsageError
from grader.kit import Entry
from grader.report.style import say, say_json, style_of_stdout, tell
from grader.report.terminal import left_out, render
from grader.store import Store
from grader.training_choice import TrainingChoice


class Wanted(NamedTuple):
    """As the options of the command are called. root: of the kit, None for the usual one."""

    number: str
    file: str | None = None
    seed: int = 0
    as_json: bool = False
    everything: bool = False
    plot: Path | None = None
    root: Path | None = None
    training: TrainingChoice = TrainingChoice()


def check(wanted: Wanted) -> int:
    """Judges an attempt, shows what came of it, and returns the exit code."""
    if wanted.seed < 0:
        raise UsageError(f"--seed {wanted.seed}: a seed is 0 or greater")
    entry = kit.find(wanted.root or kit.locate(None), wanted.number)
    source, name = _read(entry, _file(wanted))
    if wanted.plot:
        from grader.report.picture import require

        require(wanted.plot)
    judging = engine.begin(entry, source, name, wanted.seed, wanted.training.fields(entry.libraries()))
    store = Store(entry.kit)
    ending.later(store.close)
    try:
        with Live() as live:
            with contextlib.suppress(MachineError):  # told later; opened now, while the judge is at work
                store.open()
            answer = judging(live.update)
    except KeyboardInterrupt:
        say(summary(live.points), err=True)
        return 130
    report = answer["report"]
    try:
        with contextlib.suppress(BrokenPipeError):  # whoever reads no further has the exit code
            _show(entry, answer, source, wanted)
    finally:  # an attempt counts, whether or not its verdict could be written
        _remember(store, report)
    if wanted.plot:
        _draw(report, wanted.plot)
    if {"seccomp", "landlock"} <= set(report["sandbox"]["layers"]):  # a submission can't reach a helper then
        helped.start(entry.libraries())
    return 0 if report["verdict"] == "passed" else 1


def _file(wanted: Wanted) -> str | None:
    """The file that is named, also in place of a number."""
    return wanted.number if wanted.file is None and Path(wanted.number).suffix == ".py" else wanted.file


def _remember(store: Store, report: dict[str, Any]) -> None:
    try:
        records.remember(store, report)
    except MachineError as error:  # the verdict has been shown by now
        tell(f"dlgrade: not recorded: {error}", err=True)


def _read(entry: Entry, file: str | None) -> tuple[bytes, str]:
    if file == "-":
        return sys.stdin.buffer.read(), entry.stub.name
    path = Path(file) if file else workspace.attempt(entry)
    try:
        return path.read_bytes(), path.name
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror}); give the path of your attempt") from error


def _draw(report: dict[str, Any], path: Path) -> None:
    from grader.report.picture import save

    if report["training"]:
        save(report["training"], path, f"{report['exercise']} · {report['slug'].replace('_', ' ')}")
    else:
        tell(f"dlgrade: {path} was not drawn, because nothing was trained", err=True)


def _show(entry: Entry, answer: dict[str, Any], source: bytes, wanted: Wanted) -> None:
    if wanted.as_json:
        say_json(answer["report"])
    else:
        say(render(answer, source, style_of_stdout(), wanted.everything))
        if remark := _next(answer["report"], kit.as_option(entry.kit)):
            tell(remark)
    sys.stdout.flush()


def _next(report: dict[str, Any], same: str) -> str:
    """What to do next. same: how to say that it is about the same kit."""
    if report["verdict"] == "passed":
        return f"`dlgrade next{same}` shows what comes next."
    if left_out(report):
        return "Leave out `--no-training` to train, too."
    return f"Stuck? `dlgrade hint {report['exercise']}{same}`" if report["verdict"] == "failed" else ""
