"""`dlgrade dev`: for authors of a kit."""

from pathlib import Path

import click

from grader import kit
from grader.cli.options import with_kit
from grader.report.terminal import say


@click.group()
def dev() -> None:
    """For authors of a kit: prove it, mutate it, add to it."""


@dev.command()
@click.argument("number", required=False)
@click.option("--seeds", default=3, show_default=True, help="How many seeds the solution must pass.")
@with_kit
def check(number: str | None, seeds: int, root: Path) -> int:
    """Prove the kit, or one exercise of it.

    Example: dlgrade dev check 17 --seeds 20
    """
    from grader.dev.proof import prove, prove_files

    entries = [kit.find(root, number)] if number else kit.entries(root)
    bad = 0
    if not number:
        for problem in prove_files(root):
            say(f"  kit: {problem}")
            bad += 1
    for entry in entries:
        problems = list(prove(entry, seeds))
        bad += len(problems)
        say(f"{entry.number:>5}  {entry.slug:34} {'ok' if not problems else f'{len(problems)} problems'}")
        for problem in problems:
            say(f"       {problem}")
    say(f"{len(entries)} exercises, {bad} problems")
    return 1 if bad else 0


@dev.command()
@click.argument("number")
@click.option("--seed", default=0, show_default=True)
@with_kit
def matrix(number: str, seed: int, root: Path) -> None:
    """Show which cases catch which misconceptions.

    Example: dlgrade dev matrix 17
    """
    from grader.dev.matrix import matrix, table

    say(table(matrix(kit.find(root, number), seed)))


@dev.command()
@click.argument("number")
@click.option("--seed", default=0, show_default=True)
@with_kit
def mutate(number: str, seed: int, root: Path) -> int:
    """Run generic mutants of a solution through the grader and list those that pass.

    Example: dlgrade dev mutate 17
    """
    from grader.dev.mutate import survey

    entry = kit.find(root, number)
    found = survey(entry, seed)
    for mutant in found.survivors:
        say(f"{entry.solution.name}:{mutant.line}: survived\n  - {mutant.before}\n  + {mutant.after}")
    for mutant, reason in found.equivalent:
        say(f"{entry.solution.name}:{mutant.line}: equivalent ({reason.reason})\n  + {mutant.after}")
    for reason in found.stale:
        say(f"{entry.spec.name}: no survivor fits Equivalent({reason.before!r}, {reason.after!r}); remove it")
    say(
        f"{found.total} mutants: {found.killed} killed, {len(found.equivalent)} equivalent, "
        f"{len(found.survivors)} survived"
    )
    return 1 if found.survivors or found.stale else 0


@dev.command()
@click.argument("number")
@click.argument("slug")
@with_kit
def new(number: str, slug: str, root: Path) -> None:
    """Write the files of a new exercise; `dev check` says what is left to fill in.

    Example: dlgrade dev new 21 layer-norm --kit my-kit
    """
    from grader.dev.new import create

    for path in create(root, number, slug):
        say(path)
    say(f"`dlgrade dev check {number}` tells what is left to do.")
