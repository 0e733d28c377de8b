"""Options that several commands share."""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from grader import devices, kit
from grader.data.sets import NAMES
from grader.profiles import SIZES
from grader.report.style import tell
from grader.store import folder
from grader.text import spelled
from grader.training_choice import TrainingChoice


class Listed(click.Group):
    """A group whose help has the whole first line of each command's; click's own cuts them off."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_line(self.commands[name])) for name in self.list_commands(ctx)])


def _first_line(command: click.Command) -> str:
    return (command.help or "").partition("\n")[0]


def _locate(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Path:
    return kit.locate(value)


def with_kit(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--kit`; the command gets the kit's folder as `root`."""
    return click.option(
        "--kit", "root", metavar="DIR", callback=_locate, help="Another kit than the built-in one (or set DLGRADE_KIT)."
    )(command)


def with_key(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--key`; the command gets the file of the key that signs results, as `key`."""
    return click.option(
        "--key",
        type=click.Path(path_type=Path),
        default=lambda: folder() / "grading.key",
        show_default="grading.key in your data folder",
        help="File of the key that signs results; `dlgrade grade` makes it if it isn't there.",
    )(command)


def _language(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """The language; warns where the terminal can't show it."""
    encoding = sys.stdout.encoding or "ascii"
    if value == "ko" and spelled("한", encoding) != "한":
        tell(f"dlgrade: {encoding}, the encoding here, has no Korean; set PYTHONIOENCODING=utf-8", err=True)
    return value


def with_language(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--lang`; the command gets `language`. Pages that don't exist in a language are shown in English."""
    return click.option(
        "--lang",
        "language",
        type=click.Choice(kit.LANGUAGES),
        callback=_language,
        default="en",
        show_default=True,
        help="Language of texts.",
    )(command)


def in_language(language: str) -> str:
    """How a command that we suggest goes on, so that it answers in the same language."""
    return "" if language == "en" else f" --lang {language}"


def with_training(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds what says how to train; the command gets a `TrainingChoice` as `training`."""

    @functools.wraps(command)
    def with_choice(**options: Any) -> Any:
        chosen = {name: options.pop(name) for name in TrainingChoice._fields}
        return command(training=TrainingChoice(**chosen), **options)

    sizes = ", ".join(f"{name} {train:,}/{test:,}" for name, (train, test) in SIZES.items())
    usual = TrainingChoice()
    wrapped: Callable[..., Any] = with_choice
    for option in (
        click.option("--no-training", "untrained", is_flag=True, help="Leave the training out; then nothing can pass."),
        click.option("--split", type=click.IntRange(0), help="Deal images out as that earlier training did."),
        click.option(
            "--device",
            type=click.Choice(devices.NAMES),
            default=usual.device,
            show_default=True,
            help="Train torch exercises there. A GPU can only be used without isolation.",
        ),
        click.option(
            "--data",
            type=click.Choice(["auto", *NAMES]),
            default=usual.data,
            show_default=True,
            help="What to train on; auto is MNIST if it is there.",
        ),
        click.option(
            "--profile",
            type=click.Choice(list(SIZES)),
            default=usual.profile,
            show_default=True,
            help=f"How many images to train on and to judge by: {sizes}.",
        ),
    ):
        wrapped = option(wrapped)
    return wrapped
