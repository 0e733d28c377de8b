"""`dlgrade watch`: every save is judged."""

from pathlib import Path
from typing import Any

import click

from grader import kit, workspace
from grader.cli.options import with_kit, with_language, with_training
from grader.errors import UsageError
from grader.kit import Entry
from grader.training_choice import TrainingChoice


@click.command()
@click.argument("number", required=False)
@click.option("--seed", default=0, show_default=True, help="Seed of the random inputs.")
@with_training
@with_language
@with_kit
def watch(number: str | None, seed: int, language: str, root: Path, training: TrainingChoice) -> int:
    """Check an exercise whenever you save it.

    NUMBER is an exercise (`17`, `12-3`) of your workspace or a file named after one; without it, it is the one that
    `dlgrade next` names. Saving the file of another exercise goes on with that one. A training is only run when you
    press its key.

    \b
    Keys: h hint, n next, p previous, ? question, s solution, a all failing
    cases, c check again, r new seed, t train, space and arrows scroll, q quit.

    \b
    Examples:
      dlgrade watch
      dlgrade watch 12-3 --lang ko
    """
    if seed < 0:
        raise UsageError(f"--seed {seed}: a seed is 0 or greater")
    entry = kit.find(root, number) if number else _next(root)
    paths = _paths(root, entry, number)
    from grader.cli.live import line_of, summary
    from grader.watch.loop import Plan, Watch

    def fields(entry: Entry) -> dict[str, Any] | None:
        return training.fields(entry.libraries())

    return Watch(Plan(root, entry, paths, language, seed, fields, line_of, summary)).run()


def _next(root: Path) -> Entry:
    """The exercise that `dlgrade next` names, or the first one once all are solved."""
    from grader import curriculum, guidance
    from grader.store import Store

    items = curriculum.items(root)
    if not items:
        raise UsageError(f"{root} has no exercises; give another `--kit`")
    found = guidance.upcoming(items, Store(root).progress())
    return (found or items[0]).entry


def _paths(root: Path, entry: Entry, number: str | None) -> dict[str, Path]:
    """The file of each exercise: in the workspace, or beside the file that was named."""
    if number and number.endswith(".py"):
        own = Path(number).absolute()
        return {one.number: own.with_name(one.stub.name) for one in kit.entries(root)} | {entry.number: own}
    folder = workspace.find(Path.cwd())
    if folder is None:
        same = kit.as_option(root)
        raise UsageError(f"no workspace here; run `dlgrade init{same}`, or name a file: `dlgrade watch FILE{same}`")
    return {one.number: folder / "exercises" / one.stub.name for one in kit.entries(root)}
