"""`dlgrade init`, `hint`, `solution`: get started, get help."""

from __future__ import annotations

from pathlib import Path

import click

from grader import guidance, kit, workspace
from grader.cli.options import with_kit
from grader.report.style import say, style_of_stdout, tell, wrap
from grader.store import Store
from grader.text import counted


@click.command()
@click.argument("directory", required=False, default=".", type=click.Path(file_okay=False, path_type=Path))
@with_kit
def init(directory: Path, root: Path) -> None:
    """Make a workspace, a folder with all the stubs.

    Work that is already there is never overwritten. A pytest.ini makes pytest, and with it the test panel of an editor,
    show the exercises as tests.

    Example: dlgrade init deep-learning
    """
    done = list(workspace.make(directory, root))
    new, kept = ([path for state, path in done if state == wanted] for wanted in ("new", "kept"))
    tell(f"{counted(len(new), 'stub')} written to {directory / 'exercises'}")
    if kept:
        are, them = ("is left as it is", "it") if len(kept) == 1 else ("are left as they are", "them")
        tell(f"{counted(len(kept), 'file')} {are}, because you have worked on {them}")
    if theirs := workspace.show_to_pytest(directory):
        tell(f"for exercises as tests, add `dlgrade = true` to what {theirs} says of pytest")
    tell(f"`dlgrade next{kit.as_option(root)}` shows where to start.")


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
    found = guidance.hint(Store(root), entry, guidance.steps(entry), part)
    for line in wrap(str(found), style_of_stdout()):
        say(line)
    if found.number == found.of:
        tell(f"That was the last one; `dlgrade solution {entry.number}{kit.as_option(root)}` shows the model answer.")


@click.command()
@click.argument("number")
@click.option("--yes", is_flag=True, help="Don't ask, even while it is unsolved.")
@with_kit
def solution(number: str, yes: bool, root: Path) -> int:
    """Show the model answer.

    Asks first while you have not solved the exercise.

    Example: dlgrade solution 17 --yes
    """
    entry = kit.find(root, number)
    asked = not yes and entry.number not in guidance.solved(Store(root).progress())
    if asked and not click.confirm(f"You have not solved {entry.number} yet. Show the solution?", err=True):
        say("not shown", err=True)
        return 1
    say(guidance.solution(entry))
    return 0
