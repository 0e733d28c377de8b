"""`dlgrade dev`: for authors of a kit."""

import shlex
from pathlib import Path

import click

from grader import kit
from grader.cli.options import Listed, with_kit
from grader.devices import cores
from grader.report.style import say, tell
from grader.text import counted

DEEPER = " " * 9  # what goes on from the line above


@click.group(cls=Listed)
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
    from grader.dev.proof import prove, prove_files, size

    entries = [kit.find(root, number)] if number else kit.entries(root)
    bad = 0
    if not number:
        for problem in prove_files(root):
            tell(f"  kit: {problem}", indent=DEEPER)
            bad += 1
    for entry in entries:
        problems = list(prove(entry, seeds))
        bad += len(problems)
        tell(_line(entry, counted(len(problems), "problem") if problems else f"ok: {size(entry)}"), indent=DEEPER)
        for problem in problems:
            tell(f"       {problem}", indent=DEEPER)
    say(f"{counted(len(entries), 'exercise')}, {counted(bad, 'problem')}")
    return 1 if bad else 0


def _line(entry: kit.Entry, told: str) -> str:
    return f"{entry.number:>5}  {entry.slug:34} {told}"


@dev.command()
@click.argument("number")
@click.option("--seed", default=0, show_default=True)
@with_kit
def matrix(number: str, seed: int, root: Path) -> None:
    """Show which cases catch which misconceptions.

    Example: dlgrade dev matrix 17
    """
    from grader.dev.matrix import matrix, table

    tell(table(matrix(kit.find(root, number), seed)), indent=DEEPER)


@dev.command()
@click.argument("number", required=False)
@click.option("--seed", default=0, show_default=True)
@click.option("--jobs", default=cores(), show_default="cores", help="Exercises at the same time.")
@with_kit
def mutate(number: str | None, seed: int, jobs: int, root: Path) -> int:
    """Run generic mutants of solutions through the grader and list those that pass.

    One that a spec lists as equivalent, with the reason, is silent; it doesn't count as killed.

    Example: dlgrade dev mutate 17
    """
    from grader.dev.mutate import remarks, surveys, together

    done = []
    for entry, found in surveys([kit.find(root, number)] if number else kit.entries(root), seed, jobs):
        done.append(found)
        tell(_line(entry, found.summary), indent=DEEPER)
        for remark in remarks(entry, found, with_reasons=bool(number)):
            tell(f"       {remark}", indent=DEEPER)
    if not number:
        tell(f"{'all':>5}  {'':34} {together(done).summary}", indent=DEEPER)
    return 1 if any(found.survivors or found.stale for found in done) else 0


@dev.command()
@click.argument("number")
@click.argument("slug")
@click.option("--kit", "root", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), required=True)
def new(number: str, slug: str, root: Path) -> None:
    """Write the files of a new exercise into a kit, which is made if it isn't there.

    `dlgrade dev check` then says what is left to fill in.

    Example: dlgrade dev new 21 layer-norm --kit my-kit
    """
    from grader.dev.new import create

    (root / "exercises").mkdir(parents=True, exist_ok=True)
    for path in create(root, number, slug):
        say(path)
    tell(f"`dlgrade dev check {number} --kit {shlex.quote(str(root))}` tells what is left to do.")
