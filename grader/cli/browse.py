"""`dlgrade list`, `show`, `next`, `progress`: look around."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import curriculum, guidance, kit, records
from grader.cli.options import in_language, with_kit, with_language
from grader.curriculum import Item
from grader.guidance import NEVER
from grader.report.style import Style, cells, fill, say, say_json, style_of_stdout, tell, wrap
from grader.store import Progress, Store
from grader.text import counted

if TYPE_CHECKING:
    from grader.quiz.memory import Missed, Tally

INDENT = " " * 9  # as wide as what stands in front of a title


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
        say_json([_fields(item, done) for item in found])
        return
    if not found:
        topics = sorted({item.topic for item in curriculum.items(root, language)})
        tell(f"no exercise on {topic!r}; topics are {', '.join(topics)}")
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
    """An exercise on one line, with as much of its title as there is room for."""
    about = f"  {_about(item)}" if style.width >= 70 else ""
    room = style.width - len(INDENT) - 1 - cells(about)
    return f"{_start(item, mine, style)}{fill(item.title, room)}{about}".rstrip()


def _whole(item: Item, mine: Progress, style: Style) -> list[str]:
    """An exercise with all of its title."""
    first, *rest = wrap(item.title, style, INDENT)
    return [_start(item, mine, style) + first.removeprefix(INDENT), *rest, *wrap(_about(item), style, INDENT)]


def _start(item: Item, mine: Progress, style: Style) -> str:
    """What has come of an exercise, and its number: as wide as the indent."""
    mark = style.passed if mine.solved else style.empty if not mine.attempts else style.failed
    colour = "green" if mine.solved else "red" if mine.attempts else ""
    return f"{style.paint(mark, fg=colour)} {item.entry.number:>5}  "


def _about(item: Item) -> str:
    return f"{item.topic} {item.difficulty}/5"


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
    say(f"{guidance.task(entry, style)}\n")
    tell(f"File: {_file(entry)}", indent="  ")
    tell(
        f"The model answer: `dlgrade show {entry.number} --answer{in_language(language)}{kit.as_option(root)}`",
        indent="  ",
    )


def _file(entry: kit.Entry) -> str:
    from grader import workspace

    folder = workspace.find(Path.cwd())
    path = folder and folder / "exercises" / entry.stub.name
    return (
        str(path)
        if path and path.is_file()
        else f"`dlgrade init{kit.as_option(entry.kit)}` puts the stubs into a folder of yours"
    )


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
    for line in _whole(found, done.get(found.entry.number, NEVER), style_of_stdout()):
        say(line)
    number, same = found.entry.number, kit.as_option(root)
    question, attempt = f"dlgrade show {number}{in_language(language)}{same}", f"dlgrade check {number}{same}"
    tell(f"`{question}` tells what to do, `{attempt}` judges it.")


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
    for line in _topics(found, done):
        say(line)
    memory = Memory(store)
    tallies = memory.tallies()
    seen = [item for item in found if item.entry.number in {*done, *tallies}]
    for item in seen:
        say(_line(item, done.get(item.entry.number, NEVER), style))
        say(f"{INDENT}{_notes(done.get(item.entry.number), tallies.get(item.entry.number))}")
    if not seen:
        tell(f"No attempts yet; `dlgrade next{in_language(language)}{kit.as_option(root)}` shows where to start.")
    for line in _mistakes(done, memory.missed()):
        say(line)
    if runs := list(records.lines(store.runs())):
        say("Trainings, accuracy on hidden images and the shortest times to it:")
        for line in runs:
            say(line)


def _topics(items: list[Item], done: dict[str, Progress]) -> Iterator[str]:
    """By topic, how many exercises are solved."""
    topics: dict[str, list[bool]] = {}
    for item in items:
        topics.setdefault(item.topic, []).append(done.get(item.entry.number, NEVER).solved)
    width = max(map(cells, topics), default=0)
    for topic, mine in sorted(topics.items()):
        bar = "".join("#" if solved else "." for solved in sorted(mine, reverse=True))
        yield f"{fill(topic, width)}  {sum(mine):2} of {len(mine):2}  {bar}"


def _notes(mine: Progress | None, tally: Tally | None) -> str:
    notes = [f"{counted(mine.attempts, 'attempt')}, best {mine.best:.0%}"] if mine else []
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
