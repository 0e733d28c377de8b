"""`dlgrade init`, `hint`, `solution`: get started, get help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import kit, workspace
from grader.cli.options import with_kit
from grader.errors import UsageError
from grader.report.style import say, style_of_stdout
from grader.store import Store

if TYPE_CHECKING:
    from grader.spec import Part, Training


@click.command()
@click.argument("directory", required=False, default=".", type=click.Path(file_okay=False, path_type=Path))
@with_kit
def init(directory: Path, root: Path) -> None:
    """Make a workspace, a folder with all the stubs.

    Work that is already there is never overwritten.

    Example: dlgrade init deep-learning
    """
    done = list(workspace.make(directory, root))
    new, kept = ([path for state, path in done if state == wanted] for wanted in ("new", "kept"))
    say(f"{len(new)} stubs written to {directory / 'exercises'}")
    if kept:
        say(f"{len(kept)} files are left as they are, because you have worked on them")
    say("`dlgrade next` shows where to start.")


@click.command()
@click.argument("number")
@click.argument("part", required=False)
@with_kit
def hint(number: str, part: str | None, root: Path) -> None:
    """Give one more hint at each call.

    It is for PART, or for the first part that has not passed yet.

    Example: dlgrade hint 17 Adam
    """
    entry = kit.find(root, number)
    parts: tuple[Part | Training, ...] = kit.load_spec(entry).exercise.steps
    store = Store(root)
    mine = store.progress().get(entry.number)
    chosen = _part(parts, part, mine.passed_parts if mine else frozenset())
    index = store.next_hint(entry.number, chosen.name, len(chosen.hints))
    text = f"{chosen.name}, hint {index + 1} of {len(chosen.hints)}: {chosen.hints[index]}"
    say(click.wrap_text(text, style_of_stdout().width))
    if index + 1 == len(chosen.hints):
        say(f"That was the last one; `dlgrade solution {entry.number}` shows the model answer.")


def _part(parts: tuple[Part | Training, ...], wanted: str | None, passed: frozenset[str]) -> Part | Training:
    if wanted is None:
        return next((part for part in parts if part.name not in passed), parts[-1])
    for part in parts:
        if part.name.lower() == wanted.lower():
            return part
    raise UsageError(f"no part {wanted!r}; the parts are {', '.join(part.name for part in parts)}")


@click.command()
@click.argument("number")
@click.option("--yes", is_flag=True, help="Don't ask, even while it is unsolved.")
@with_kit
def solution(number: str, yes: bool, root: Path) -> None:
    """Show the model answer.

    Asks first while you have not solved the exercise.

    Example: dlgrade solution 17 --yes
    """
    entry = kit.find(root, number)
    mine = Store(root).progress().get(entry.number)
    if not yes and not (mine and mine.solved):
        click.confirm(f"You have not solved {entry.number} yet. Show the solution?", abort=True, err=True)
    say(entry.solution.read_text("utf-8"))
