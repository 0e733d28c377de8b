"""`dlgrade import` and `export`: question banks in other forms."""

import shlex
from pathlib import Path

import click

from grader import kit
from grader.cli.options import with_kit, with_language
from grader.errors import MachineError, UsageError
from grader.report.style import tell
from grader.text import counted


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--into", "root", required=True, metavar="KIT", type=click.Path(file_okay=False, path_type=Path))
@click.option("--lang", "language", type=click.Choice(kit.LANGUAGES), help="Language of the bank; else it is guessed.")
@click.option("--topic", default="imported", show_default=True, help="Topic of all its questions.")
@click.option("--encoding", default="utf-8-sig", show_default="utf-8", help="Encoding of FILE.")
def import_(file: Path, root: Path, language: str | None, topic: str, encoding: str) -> None:
    """Turn a question bank into question pages.

    FILE is markdown with sections like `## #12-1`, a title, free text and `#### References`, or such a page pasted as
    plain text. Each question becomes a flashcard; quiz items can be added to its page.

    Example: dlgrade import bank.md --into my-kit
    """
    from grader.questions.imported import bring_in, language_of, read

    text = read(file, encoding)
    language = language or language_of(text)
    pages, remarks = bring_in(file, text, root, language, topic)
    for remark in remarks:
        tell(remark)
    written = f"{counted(len(pages), 'question')} written to {root / 'questions' / language}"
    tell(f"{written}, {counted(len(remarks), 'remark')}")
    if pages:
        tell(f"`dlgrade quiz --kit {shlex.quote(str(root))} --lang {language}` puts them.")


@click.command()
@click.argument("form", type=click.Choice(["anki", "moodle", "qti"]))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("wanted", metavar="[NUMBER|TOPIC]...", nargs=-1)
@with_language
@with_kit
def export(form: str, out: Path, wanted: tuple[str, ...], language: str, root: Path) -> None:
    """Write the cards of the kit for another program.

    An Anki deck (importing it again updates the notes), Moodle XML, or QTI 1.2 for Canvas.

    Example: dlgrade export anki deep-learning.apkg --lang ko
    """
    import importlib

    from grader.quiz.deck import cards, select

    chosen = cards(select(root, language, wanted))
    try:
        importlib.import_module(f"grader.export.{form}").write(chosen, language, out)
    except ImportError as error:
        raise MachineError(f"{error.name} is not installed; run `pip install 'dlgrade[lms]'`") from None
    except OSError as error:
        raise UsageError(f"{out} can't be written ({error.strerror}); give another path") from None
    tell(f"{counted(len(chosen), 'card')} written to {out}")
