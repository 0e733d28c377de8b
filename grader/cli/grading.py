"""What `dlgrade grade` and `merge` share: their options, what was handed in, judging it.

What takes long to import is imported where it is needed, which is while the warm process imports what it needs.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from grader import kit
from grader.batch import isolation, running, scheme, secret, task
from grader.batch.course import Course
from grader.batch.journal import Journal
from grader.batch.model import LEVELS
from grader.batch.running import Planned, Runner, Settings, Training
from grader.batch.scheme import Scheme
from grader.batch.shard import Shard
from grader.batch.submitted import refuse_among
from grader.batch.task import Answer, Task
from grader.cli.options import with_key, with_kit, with_training
from grader.devices import cores
from grader.errors import UsageError
from grader.report.style import say
from grader.training_choice import TrainingChoice

if TYPE_CHECKING:
    from grader.cli.tally import Tally

JOURNAL = "journal.sqlite"


class Where(NamedTuple):
    """Who judges: the workers of a cluster, if it has an address; and which share of the work."""

    cluster: str | None = None
    share: Shard | None = None

    def mine(self, planned: Sequence[Planned]) -> Sequence[Planned]:
        return self.share.mine(planned) if self.share else planned


class Wanted(NamedTuple):
    """All that the options say, but how to train."""

    submissions: Path
    out: Path
    root: Path
    only: str | None
    student: str | None
    roster: Path | None
    scheme: Path | None
    seed: str | None
    key: Path
    feedback: Any
    jobs: int
    unsafe: bool
    fresh: bool
    json_lines: bool
    device: str


def with_grading(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that `grade` and `merge` share."""
    a_path = click.Path(path_type=Path)
    for option in (
        click.option("--json-lines", is_flag=True, help="Write each result on stdout as it arrives, and nothing else."),
        click.option("--fresh", is_flag=True, help="Judge everything anew, also what the journal knows."),
        click.option("--unsafe", is_flag=True, help="Run submissions although this machine can't shut them in."),
        click.option("--jobs", type=click.IntRange(1), default=cores(), help="How many at once: the cores."),
        click.option(
            "--feedback",
            type=click.Choice(LEVELS),
            default="full",
            show_default=True,
            help="What students get to see: cases, parts only, or the verdict.",
        ),
        click.option("--seed-file", type=a_path, help="Take the secret from a file."),
        click.option("--seed", metavar="SECRET", help="Hidden inputs: mix this secret into every case."),
        click.option("--scheme", type=a_path, help="Weights, caps, late days: a TOML file."),
        click.option("--roster", type=a_path, help="CSV of the students of the class."),
        click.option("--student", help="SUBMISSIONS is the work of this one student."),
        click.option("--only", metavar="NUMBERS", help="Grade these exercises only: `17,12-1`."),
        click.option("--out", type=a_path, required=True, help="Folder for the journal, the gradebook and reports."),
    ):
        command = option(command)
    return with_kit(with_key(with_training(command)))


def options_of(options: dict[str, Any]) -> tuple[Wanted, Training]:
    """What is wanted, and how to train an exercise with given libraries."""
    training: TrainingChoice = options.pop("training")
    if training.device != "cpu" and not options["unsafe"]:
        raise UsageError(f"--device {training.device}: a GPU can't be shut in; grade on the CPU, or add `--unsafe`")
    if options["student"] is not None and not _is_name(options["student"]):
        raise UsageError("--student is empty, or isn't text; give a name, or leave the option out")
    refuse_among(options["out"], options["submissions"])
    file = options.pop("seed_file")
    if file and options["seed"] is not None:
        raise UsageError("--seed and --seed-file both give a secret; give one of them")
    if file:
        options["seed"] = _secret(file)
    return Wanted(**options, device=training.device), training.fields


def _is_name(text: str) -> bool:
    """Whether it says anything, in Unicode: bytes of a command line may be anything."""
    return bool(text.strip()) and text.encode("utf-8", "ignore") == text.encode("utf-8", "surrogatepass")


def _secret(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} can't be read as a secret ({error}); give a text file") from None


def course_of(wanted: Wanted, training: Training, soon: bool) -> tuple[Course, Settings]:
    """What was handed in, and how to judge it. soon: whether this machine surely will."""
    shut_in = isolation.require(wanted.unsafe)
    wrapped = shut_in.wrapped and wanted.device == "cpu"  # inside bubblewrap there are no other devices
    chosen = kit.chosen(wanted.root, wanted.only or "")
    if soon:
        running.begin(wanted.root, chosen or kit.entries(wanted.root), training, wrapped)
    course, settings = _taken_in(wanted, training, chosen, wrapped)
    for id in course.scheme.strangers(course.intake.students):
        say(f"{wanted.scheme}: {id} has an extension and is no student here; misspelt?", err=True)
    say(f"isolation: {shut_in}", err=True)
    if told := isolation.remark(shut_in):
        say(f"isolation could be stronger: {told}", err=True)
    return course, settings


def _taken_in(
    wanted: Wanted, training: Training, chosen: Sequence[kit.Entry], wrapped: bool
) -> tuple[Course, Settings]:
    from grader.batch import intake

    known = [entry.number for entry in kit.entries(wanted.root)]
    only = frozenset(entry.number for entry in chosen) or None
    exercises = [number for number in known if only is None or number in only]
    rules = _rules(wanted.scheme, exercises, known)
    found = intake.take_in(wanted.submissions, wanted.root, only, wanted.roster, wanted.student)
    key = secret.key(wanted.key)
    settings = Settings(wanted.root, secret.seeds(wanted.seed, key), training, wrapped)
    planned = running.plan(found.attempts, settings)
    return Course(wanted.root, found, planned, settings.seeds, rules, wanted.feedback, key), settings


def _rules(file: Path | None, exercises: Sequence[str], known: Sequence[str]) -> Scheme:
    if file is None:
        return scheme.even(exercises)
    from grader.batch import scheme_file

    return scheme_file.read(file, exercises, known)


def judge(wanted: Wanted, course: Course, settings: Settings, journal: Journal, where: Where) -> Course:
    """Judges what the journal doesn't know; if the kit is edited meanwhile, also what depends on that, as it is then.

    Returns the course with the tasks by which the journal now knows it.
    """
    changed = _judge(wanted, where.mine(course.planned), settings, journal, where.cluster)
    if changed:
        say(f"{', '.join(changed)} changed while it was being judged: judging it once more", err=True)
        course = course._replace(planned=running.plan(course.intake.attempts, settings))
        wanted = wanted._replace(fresh=False)
        if changed := _judge(wanted, where.mine(course.planned), settings, journal, where.cluster):
            say(f"{', '.join(changed)} changed again: run the same command once more", err=True)
    return course


def _judge(
    wanted: Wanted, planned: Sequence[Planned], settings: Settings, journal: Journal, cluster: str | None
) -> list[str]:
    """Judges it; returns the exercises that were edited meanwhile."""
    todo = running.distinct(planned, set() if wanted.fresh else journal.known())
    if len(todo) < len(planned):
        say(f"{len(planned) - len(todo)} of {len(planned)} attempts are known or alike; {len(todo)} to judge", err=True)
    if not todo:
        task.stop()
        return []
    from grader.cli.tally import Tally

    reports = threading.Thread(target=_import_reports, daemon=True)
    reports.start()
    try:
        with _executor(wanted, cluster, [one.task for one in todo]) as (executor, width):
            runner = Runner(journal, executor, width)
            with Tally(len(todo), runner.running, wanted.json_lines) as tally:
                runner.run(todo, _watch(wanted, settings, tally, reports))
    except KeyboardInterrupt:
        say("stopped; what was judged is kept, and the same command goes on", err=True)
        raise click.exceptions.Exit(130) from None
    return list(dict.fromkeys(one.attempt.exercise for one in runner.changed))


@contextlib.contextmanager
def _executor(wanted: Wanted, cluster: str | None, tasks: Sequence[Task]) -> Iterator[tuple[Executor, int]]:
    if cluster:
        from grader.batch import cluster as dask

        with dask.connect(cluster, tasks, wanted.unsafe) as found:
            yield found
    else:
        with running.here(wanted.jobs) as executor:
            yield executor, wanted.jobs


def _import_reports() -> None:
    """Imports what results and reports need, which takes as long as a few attempts, while the first are judged."""
    with contextlib.suppress(ImportError):  # whoever needs it is told
        from grader.publish import folder  # noqa: F401


def _watch(wanted: Wanted, settings: Settings, tally: Tally, reports: threading.Thread) -> running.Watch:
    def watch(planned: Planned, answer: Answer) -> None:
        reports.join()
        from grader.batch.results import result
        from grader.publish import lines

        found = result(planned, answer, settings.seeds)
        tally.update(planned.attempt, found.verdict, found.seconds)
        if wanted.json_lines:
            print(lines.as_json(lines.line_of(found)), flush=True)

    return watch
