"""`dlgrade data`: the images that training tasks train on."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.options import Listed
from grader.data import find
from grader.data.sets import SETS, DataSet, File
from grader.errors import DataError
from grader.profiles import SIZES
from grader.report.style import Style, say, style_of_stdout, tell
from grader.store import folder

if TYPE_CHECKING:
    from grader.data.download import Watch


@click.group(cls=Listed, invoke_without_command=True)
@click.pass_context
def data(ctx: click.Context) -> int:
    """Show the images that training tasks train on, or get them.

    Without a subcommand: which data sets are here, where, and whether each file is what it should be.

    Example: dlgrade data get mnist
    """
    if ctx.invoked_subcommand:
        return 0
    homes, style = find.homes(folder()), style_of_stdout()
    damaged = [_show(one, homes, style) for one in SETS.values()]
    tell("Looked in: " + ", ".join(map(str, homes)), indent="  ")
    tell(f"Downloads go to {homes[0]}; set DLGRADE_DATA to have them elsewhere.")
    tell("Without MNIST, training tasks use synthetic digits: drawn on this machine, not MNIST, and called so.")
    return DataError.exit_code if any(damaged) else 0


def _show(data: DataSet, homes: Sequence[Path], style: Style) -> bool:
    """Shows one set, and tells whether a file of it is damaged."""
    states = find.states(data, homes)
    good = all(state.good for state in states)
    mark = style.paint(style.passed, fg="green") if good else style.paint(style.failed, fg="red")
    tell(f"{data.title}: {_summary(data, states)}", mark=mark)
    for state in states:
        if state.path:
            size = state.file.packed_size if state.path.suffix == ".gz" else state.file.size
            tell(f"    {state.path} {state.damage or f'is verified, {_readable(size)}'}", indent=" " * 6)
        elif any(other.path for other in states):
            say(f"    {state.file.packed} is missing")
    tell(f"    source: {data.source}", indent=" " * 6)
    tell(f"    licence: {data.licence}\n", indent=" " * 6)
    return any(state.damage for state in states)


def _readable(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def _summary(data: DataSet, states: list[find.State]) -> str:
    here = {state.file for state in states if state.good}
    profiles = [profile for profile in SIZES if here.issuperset(data.needed(profile))]
    if len(here) == len(states):
        return "here and verified"
    size = sum(state.file.packed_size for state in states if not state.good)
    enough = f"enough for the profiles {' and '.join(profiles)}; " if profiles else ""
    what = "damaged" if any(state.damage for state in states) else "incomplete" if here else "not here"
    return f"{what}; {enough}`dlgrade data get {data.name}` downloads {_readable(size)}"


@data.command()
@click.argument("name", metavar="|".join(SETS), type=click.Choice(list(SETS)))
@click.option("--from", "source", metavar="URL_OR_FOLDER", help="Take the files from there, not from the mirrors.")
def get(name: str, source: str | None) -> None:
    """Download a data set, or what is missing of it.

    Files are checked by their SHA-256 before they are used. A download that was stopped goes on where it was.

    Example: dlgrade data get mnist --from /media/usb
    """
    from grader.data import download

    homes = find.homes(folder())
    with _watching() as watch:
        download.get(SETS[name], homes, source, watch)
    tell(f"{SETS[name].title} is complete. Licence: {SETS[name].licence}")


@contextmanager
def _watching() -> "Iterator[Watch]":
    """Tells how a download goes: on a terminal by a bar, elsewhere by a line for each file."""
    from grader.data.download import Watch

    if not sys.stdout.isatty():
        yield Watch(tell, lambda line: tell(line, err=True), lambda file, done: None)
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = TextColumn("{task.description}"), BarColumn(None), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, transient=True) as progress:
        tasks = {}

        def show(file: File, done: int) -> None:
            if file not in tasks:
                tasks[file] = progress.add_task(file.name, total=file.packed_size)
            progress.update(tasks[file], completed=done)

        yield Watch(tell, lambda line: tell(line, err=True), show)
