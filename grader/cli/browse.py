"""`dlgrade list`, `show`, `next`, `progress`: look around."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import curriculum, guidance, kit, records
from grader.cli.options import with_kit, with_language
from grader.curriculum import Item
from grader.guidance import NEVER
from grader.report.style import Style, cells, fill, say, style_of_stdout
from grader.store import Progress, Store

if TYPE_CHECKING:
    from grader.quiz.memory import Missed, Tally


@click.command("list")
@click.option("--topic", help="Only exercises of this topic.")
@click.option("--json", "as_json", is_flag=True, help="Write a JSON list.")
@with_language
@with_kit
def list_(topic: str | None, as_json: bool, language: str, root: Path) -> None:
    """List all exercises and what you have solved.

    Example: dlgrade list --topic optimisation
    """
    found = [item for item in curriculum.items(root, language) if topic in (None, item.topic)]
    done = Store(root).progress()
    if as_json:
        import json

        say(json.dumps([_fields(item, done) for item in found], indent=2, ensure_ascii=False))
        return
    if not found:
        topics = sorted({item.topic for item in curriculum.items(root, language)})
        say(f"no exercise on {topic!r}; topics are {', '.join(topics)}")
        return
    style = style_of_stdout()
    for item in found:
        say(_line(item, done.get(item.entry.number, NEVER), style))
    solved = sum(done.get(item.entry.number, NEVER).solved for item in found)
    say(f"{solved} of {len(found)} solved")


def _fields(item: Item, done: dict[str, Progress]) -> dict[str, object]:
    mine = done.get(item.entry.number, NEVER)
    return {
        "exercise": item.entry.number,
        "slug": item.entry.slug,
        "title": item.title,
        "topic": item.topic,
        "difficulty": item.difficulty,
        "prerequisites": list(item.prerequisites),
        "solved": mine.solved,
        "best": mine.best,
    }


def _line(item: Item, mine: Progress, style: Style) -> str:
    mark = style.passed if mine.solved else style.empty if not mine.attempts else style.failed
    colour = "green" if mine.solved else "red" if mine.attempts else None
    right = f"{item.topic} {item.difficulty}/5"
    room = style.width - 10 - (cells(right) + 2 if style.width >= 70 else 0)
    text = f"{style.paint(mark, fg=colour)} {item.entry.number:>5}  {fill(item.title, room)}"
    return (text + f"  {right}" if style.width >= 70 else text).rstrip()


@click.command()
@click.argument("number")
@click.option("--answer", is_flag=True, help="Show the model answer, too.")
@with_language
@with_kit
def show(number: str, answer: bool, language: str, root: Path) -> None:
    """Show a question and its task.

    With --answer also what to say in an interview, and why.

    Example: dlgrade show 17
    """
    entry, style = kit.find(root, number), style_of_stdout()
    say(guidance.question(entry, language, style.width, style.colour, answer))
    if answer:
        return
    say(guidance.task(entry))
    say(f"\nFile: {_file(entry)}\nThe model answer: `dlgrade show {entry.number} --answer`")


def _file(entry: kit.Entry) -> str:
    from grader import workspace

    folder = workspace.find(Path.cwd())
    path = folder and folder / "exercises" / entry.stub.name
    return str(path) if path and path.is_file() else "`dlgrade init` puts the stubs into a folder of yours"


@click.command("next")
@with_language
@with_kit
def next_(language: str, root: Path) -> None:
    """Show what to do next.

    That is the easiest exercise whose prerequisites you have solved.

    Example: dlgrade next
    """
    done = Store(root).progress()
    found = guidance.upcoming(curriculum.items(root, language), done)
    if found is None:
        say("All exercises are solved.")
        return
    number = found.entry.number
    say(_line(found, done.get(number, NEVER), style_of_stdout()))
    say(f"`dlgrade show {number}` tells what to do, `dlgrade check {number}` judges it.")


@click.command()
@with_language
@with_kit
def progress(language: str, root: Path) -> None:
    """Show how far you have come.

    By topic, and for each exercise and quiz you tried: attempts, best score, what you knew, and mistakes seen last.

    Example: dlgrade progress
    """
    from grader.quiz.memory import Memory

    style, store = style_of_stdout(), Store(root)
    done = store.progress()
    found = curriculum.items(root, language)
    topics: dict[str, list[Progress]] = {}
    for item in found:
        topics.setdefault(item.topic, []).append(done.get(item.entry.number, NEVER))
    width = max(map(cells, topics), default=0)
    for topic, mine in sorted(topics.items()):
        solved = sum(one.solved for one in mine)
        bar = "#" * solved + "." * (len(mine) - solved)
        say(f"{fill(topic, width)}  {solved:2} of {len(mine):2}  {bar}")
    memory = Memory(store)
    tallies = memory.tallies()
    seen = [item for item in found if item.entry.number in {*done, *tallies}]
    for item in seen:
        say(_line(item, done.get(item.entry.number, NEVER), style))
        say(f"         {_notes(done.get(item.entry.number), tallies.get(item.entry.number))}")
    if not seen:
        say("No attempts yet; `dlgrade next` shows where to start.")
    for line in _mistakes(done, memory.missed()):
        say(line)
    if runs := list(records.lines(store.runs())):
        say("Trainings, accuracy on hidden images and the shortest times to it:")
        for line in runs:
            say(line)


def _notes(mine: Progress | None, tally: Tally | None) -> str:
    notes = [f"{mine.attempts} attempts, best {mine.best:.0%}"] if mine else []
    notes += [f"quiz {tally.known} of {tally.seen} known"] if tally else []
    return ", ".join(notes)


def _mistakes(done: dict[str, Progress], missed: list[Missed]) -> Iterator[str]:
    """Misconceptions by name, and where they were seen last: a quiz and an exercise may share one."""
    places: dict[str, list[str]] = {}
    for one in missed:
        places.setdefault(one.misconception, []).append(f"in the quiz on {one.number}")
    for number, mine in done.items():
        if mine.diagnosis:
            places.setdefault(mine.diagnosis, []).append(f"in exercise {number}")
    if places:
        yield "Mistakes seen last:"
    for name, where in places.items():
        yield f"  {name}: {' and '.join(where)}"
