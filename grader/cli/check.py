"""`dlgrade check`: judge an attempt."""

import contextlib
import sys
from pathlib import Path
from typing import Any

import click

from grader import engine, helped, kit, records, workspace
from grader.cli.live import Live, summary
from grader.cli.options import wanted_training, with_kit, with_training
from grader.errors import MachineError, UsageError
from grader.kit import Entry
from grader.report.style import say, say_json, style_of_stdout, tell
from grader.report.terminal import left_out, render
from grader.store import Store


@click.command()
@click.argument("number")
@click.argument("file", required=False)
@click.option("--seed", default=0, show_default=True, help="Seed of the random inputs.")
@click.option("--json", "as_json", is_flag=True, help="Write the report dlgrade/report/1, and nothing else.")
@click.option("--all", "everything", is_flag=True, help="Show all failing cases, not only the first ones.")
@with_training
@click.option("--plot", type=click.Path(path_type=Path), help="Draw the learning curve into this file, .png or .svg.")
@with_kit
def check(
    number: str,
    file: str | None,
    seed: int,
    as_json: bool,
    everything: bool,
    root: Path,
    plot: Path | None,
    **training: Any,
) -> int:
    """Check your attempt at an exercise.

    NUMBER is an exercise (`17`, `12-3`) or a file named after one. FILE is your attempt; without it the one in your
    workspace is checked, and `-` reads it from standard input.

    Exercises 18, 18-1, 18-3, 19 and 19-1 train a network as their last part: on MNIST if it is there (`dlgrade data`),
    else on rendered digits.

    \b
    Examples:
      dlgrade check 17
      dlgrade check 12-3 my_attempt.py --seed 7
      dlgrade check 17 --json | jq .score
      dlgrade check 18 --profile full --plot curve.png

    Exit code: 0 passed, 1 not passed, 2 wrong usage, 3 could not judge.
    """
    if seed < 0:
        raise UsageError(f"--seed {seed}: a seed is 0 or greater")
    if file is None and Path(number).suffix == ".py":
        file = number
    entry = kit.find(root, number)
    source, name = _read(entry, file)
    if plot:
        from grader.report.picture import require

        require(plot)
    store = Store(entry.kit)
    with contextlib.suppress(MachineError):  # told later; opened now, while the judge is still starting
        store.open()
    try:
        with Live() as live:
            answer = engine.judge(
                entry, source, name, seed, wanted_training(entry.libraries(), **training), live.update
            )
    except KeyboardInterrupt:
        say(summary(live.points), err=True)
        return 130
    report = answer["report"]
    if as_json:
        say_json(report)
    else:
        _show(answer, source, everything)
    if plot:
        _draw(report, plot)
    try:
        records.remember(store, report)
    except MachineError as error:  # the verdict has been shown by now
        tell(f"dlgrade: not recorded: {error}", err=True)
    if {"seccomp", "landlock"} <= set(report["sandbox"]["layers"]):  # a submission can't reach a helper then
        helped.start(entry.libraries())
    return 0 if report["verdict"] == "passed" else 1


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


def _show(answer: dict[str, Any], source: bytes, everything: bool) -> None:
    say(render(answer, source, style_of_stdout(), everything))
    if remark := _next(answer["report"]):
        tell(remark)
    sys.stdout.flush()


def _next(report: dict[str, Any]) -> str:
    """What to do next."""
    if report["verdict"] == "passed":
        return "`dlgrade next` shows what comes next."
    if left_out(report):
        return "Leave out `--no-training` to train, too."
    return f"Stuck? `dlgrade hint {report['exercise']}`" if report["verdict"] == "failed" else ""
