"""`dlgrade quiz` and `dlgrade review`: cards in the terminal."""

import secrets
import sys
import time
from pathlib import Path

import click

from grader.cli.dialog import Dialog
from grader.cli.options import with_kit, with_language
from grader.cli.result import document, forecast_of, summary
from grader.cli.sitting import put_all, sit
from grader.errors import UsageError
from grader.quiz import exam
from grader.quiz.deck import Card, card_of, select
from grader.quiz.memory import Memory
from grader.quiz.session import COUNT, Session, draw
from grader.report.style import say_json, style_of_stdout
from grader.store import Store


@click.command()
@click.argument("wanted", metavar="[NUMBER|TOPIC]...", nargs=-1)
@click.option("--count", type=click.IntRange(min=1), help=f"How many cards; else all of one question, or {COUNT}.")
@click.option("--seed", type=click.IntRange(min=0), help="Decides which cards come and how they are shuffled.")
@click.option("--json", "as_json", is_flag=True, help="Write the result as JSON; the quiz itself goes to stderr.")
@click.option("--exam", "as_exam", is_flag=True, help="No feedback; the answers go to the file named by --out.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where an exam's answers go.")
@click.option("--grade", type=click.Path(dir_okay=False, path_type=Path), help="Mark an exam's answers.")
@with_language
@with_kit
def quiz(
    wanted: tuple[str, ...],
    count: int | None,
    seed: int | None,
    as_json: bool,
    as_exam: bool,
    out: Path | None,
    grade: Path | None,
    language: str,
    root: Path,
) -> int:
    """Take a quiz.

    On the questions with these numbers or topics, or on all. Every answer is stored as you give it. An exam that was
    interrupted goes on where it was when the same command is given again.

    \b
    Examples:
      dlgrade quiz 17
      dlgrade quiz optimisation --count 5
      dlgrade quiz --exam --seed 7 --count 20 --out answers.json
      dlgrade quiz --grade answers.json
    """
    if as_exam != (out is not None):
        raise UsageError("an exam needs a file for its answers: give `--exam --out answers.json`")
    dialog = Dialog(language, style_of_stdout(), sys.stderr if as_json else sys.stdout)
    if out:
        drawn = exam.Draw(wanted=list(wanted), count=count, seed=seed or 0, language=language)
        return 0 if sit(dialog, root, out, drawn) else 130
    if grade:
        session, finished = exam.marked(root, grade, exam.load(grade)), True
    else:
        seed = secrets.randbelow(10**6) if seed is None else seed
        session = Session(draw(select(root, language, wanted), seed, count), seed)
        memory = Memory(Store(root))
        finished = put_all(dialog, session, lambda answer: memory.record(answer, time.time()))
    summary(dialog, session, root, finished, own=not grade)
    if as_json:
        say_json(document(session))
    return 0 if finished else 130


@click.command()
@click.option("--count", type=click.IntRange(min=1), help="How many cards at most.")
@click.option("--forecast", is_flag=True, help="Only show how many cards fall due on the next days.")
@with_language
@with_kit
def review(count: int | None, forecast: bool, language: str, root: Path) -> int:
    """Repeat what is due.

    Cards come back at growing intervals, and soon if you missed them. Taking a quiz puts its cards here.

    Example: dlgrade review --count 20
    """
    dialog = Dialog(language, style_of_stdout(), sys.stdout)
    memory = Memory(Store(root))
    due = memory.due(time.time())
    known = card_of(root, language, due)
    deck = [known[key] for key in due if key in known][:count]
    finished = True
    if deck and not forecast:
        dialog.say(dialog.word("due", count=len(deck)))
        session = Session(deck, secrets.randbelow(10**6))

        def still_due(card: Card) -> bool:
            return card.key in memory.due(time.time())

        finished = put_all(dialog, session, lambda answer: memory.record(answer, time.time()), still_due)
        summary(dialog, session, root, finished, own=False)
    forecast_of(dialog, memory, time.time())
    return 0 if finished else 130
