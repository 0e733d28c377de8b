"""`dlgrade export-sources`: what was handed in, laid out for programs that look for copied code."""

from pathlib import Path

import click

from grader import kit
from grader.cli.options import with_kit
from grader.report.style import tell
from grader.text import counted, harmless

SHOWN = 5  # files that could not be placed


@click.command("export-sources")
@click.argument("submissions", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out", required=True, metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="New folder."
)
@click.option("--only", default="", metavar="NUMBERS", help="These exercises only: `17,12-1`.")
@click.option(
    "--roster",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of all students, for names and sections.",
)
@with_kit
def export_sources(submissions: Path, out: Path, only: str, roster: Path | None, root: Path) -> None:
    """Lay out what a class handed in for compare50, JPlag or Dolos.

    Per exercise DIR has a folder with one folder per student, the starter code in a folder apart, and a table of
    whose file is which. docs/plagiarism.md has the commands for the three.

    Example: dlgrade export-sources submissions --only 17,12-1 --out to-compare
    """
    from grader.batch.intake import take_in
    from grader.batch.sources import lay_out
    from grader.batch.submitted import refuse_among

    refuse_among(out, submissions)
    wanted = frozenset(entry.number for entry in kit.chosen(root, only))
    taken = take_in(submissions, root, wanted or None, roster)
    laid = lay_out(taken, root, out)
    students, stems = {one.student.id for one in laid}, {one.attempt.stem for one in laid}
    work = f"{counted(len(laid), 'attempt')} of {counted(len(students), 'student')}"
    tell(f"{work} at {counted(len(stems), 'exercise')} in {out}")
    for lost in taken.unplaced[:SHOWN]:
        tell(f"not placed: {harmless(lost.file, 200)}: {harmless(lost.why, 200)}")
    if len(taken.unplaced) > SHOWN:
        tell(f"and {len(taken.unplaced) - SHOWN} more that could not be placed, see {out / 'unplaced.csv'}")
