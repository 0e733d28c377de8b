"""`dlgrade grade`: grade a class; `merge`: bring the shares of several machines together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import kit
from grader.batch import running, shard
from grader.batch.course import Course
from grader.batch.journal import Journal
from grader.batch.model import Intake
from grader.batch.running import Training
from grader.cli.grading import JOURNAL, Wanted, Where, course_of, judge, options_of, with_grading
from grader.errors import UsageError
from grader.files import save
from grader.report.style import say
from grader.text import harmless

if TYPE_CHECKING:
    from grader.publish import folder


@click.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@with_grading
@click.option("--gradebook", type=click.Path(path_type=Path), help="CSV exported by Canvas or Moodle to be filled in.")
@click.option("--column", help="Its column to be filled in, if that isn't clear.")
@click.option("--shard", "share", metavar="K/N", help="Judge one share only; `dlgrade merge` brings all together.")
@click.option("--cluster", metavar="ADDRESS", help="Judge on the workers of a dask scheduler.")
def grade(gradebook: Path | None, column: str | None, share: str | None, cluster: str | None, **options: Any) -> int:
    """Grade all that a class has handed in.

    SUBMISSIONS is a folder with a folder or an archive for each student, or what Canvas, Moodle or Gradescope export.
    Results are kept as they arrive: after whatever interruption the same command goes on where it was.

    \b
    Examples:
      dlgrade grade handed-in --out graded
      dlgrade grade handed-in --out graded --only 17,12-1 --seed-file secret.txt --feedback brief

    Exit code: 0 all attempts were judged, 2 wrong usage, 3 some could not be judged.
    """
    wanted, training = options_of(options)
    if gradebook:
        _refuse_taken(gradebook)
    with Journal(wanted.out / JOURNAL) as journal:
        if share:
            return _share(wanted, training, journal, Where(cluster, shard.parse(share)))
        summary = _graded(wanted, training, journal, Where(cluster))
        if gradebook:
            _fill(gradebook, column, summary, wanted)
    return 3 if summary.verdicts["not_judged"] else 0


@click.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@click.argument("shares", nargs=-1, required=True, type=click.Path(path_type=Path))
@with_grading
def merge(shares: Sequence[Path], **options: Any) -> int:
    """Bring together what `dlgrade grade --shard` judged on several machines.

    SHARES are the folders that were given there as --out; the other options have to be the same as there. What no share
    has judged is judged now.

    Example: dlgrade merge handed-in share-1 share-2 --out graded
    """
    wanted, training = options_of(options)
    with Journal(wanted.out / JOURNAL) as journal:
        count = journal.merge(share / JOURNAL for share in shares)
        say(f"took over {count} results from {len(shares)} shares", err=True)
        summary = _graded(wanted, training, journal, Where())
    return 3 if summary.verdicts["not_judged"] else 0


def _refuse_taken(gradebook: Path) -> None:
    from grader.publish import folder

    if gradebook.name.casefold() in {*folder.FILES, folder.STUDENTS, JOURNAL}:
        raise UsageError(
            f"--gradebook {gradebook}: a file of this name is written to --out anyway; give it another name"
        )


def _graded(wanted: Wanted, training: Training, journal: Journal, where: Where) -> folder.Summary:
    """Judges all that the journal doesn't know, writes everything, and tells what came of it."""
    course = _judged(wanted, training, journal, where)
    from grader.publish import folder

    summary = folder.write(wanted.out, course, journal, wanted.jobs)
    _tell(wanted, course.intake, summary)
    return summary


def _judged(wanted: Wanted, training: Training, journal: Journal, where: Where) -> Course:
    """What was handed in, once all of it that is to be judged here has been."""
    soon = not where.cluster and (wanted.fresh or journal.is_empty())
    course, settings = course_of(wanted, training, soon)
    return judge(wanted, course, settings, journal, where)


def _share(wanted: Wanted, training: Training, journal: Journal, where: Where) -> int:
    course = _judged(wanted, training, journal, where)
    if left := len(running.distinct(where.mine(course.planned), journal.known())):
        say(f"{left} attempts of share {where.share} could not be judged: run it again, or `dlgrade merge`", err=True)
        return 3
    say(f"share {where.share} is judged; `dlgrade merge` with all shares writes the gradebook", err=True)
    return 0


def _tell(wanted: Wanted, intake: Intake, summary: folder.Summary) -> None:
    """What came of it, in a few lines on stderr."""
    from grader.publish import folder

    counts = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in sorted(summary.verdicts.items()))
    say(f"{sum(summary.verdicts.values())} attempts of {len(summary.rows)} students: {counts or 'none'}", err=True)
    idle = {student.id for student in intake.students} - {attempt.student for attempt in intake.attempts}
    for count, what in (
        (len(idle), "students have handed in nothing that could be graded"),
        (len(intake.unplaced), "files could not be placed: see unplaced.csv"),
        (len(intake.unknown), "students are not on the roster"),
        (summary.concerning, "attempts need a human: see index.html"),
    ):
        if count:
            say(f"{count} {what}", err=True)
    if summary.stale:
        those = harmless(", ".join(summary.stale), 200)
        say(f"left from an earlier run in {wanted.out / folder.STUDENTS}, and no longer right: {those}", err=True)
    say(f"{wanted.out / 'index.html'}", err=True)


def _fill(export: Path, column: str | None, summary: folder.Summary, wanted: Wanted) -> None:
    """Fills in what a learning platform exported; the filled file stands in the folder, under the same name."""
    from grader.publish import sheets

    names = {entry.number: (entry.slug,) for entry in kit.entries(wanted.root)}
    filled = sheets.fill(export, summary.rows, column, names)
    save(wanted.out / export.name, [filled.text])
    say(f"filled {', '.join(filled.columns)}: {wanted.out / export.name}", err=True)
    for people, why in (
        (filled.unmatched, "isn't among the students"),
        (filled.missing, "isn't in the table"),
        (filled.withheld, "keeps the cell as it is: something needs a human, see gradebook.csv"),
    ):
        for one in people:
            say(f"not filled in: {harmless(one, 200)} {why}", err=True)
