"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from grader import devices, kit
from grader.data.sets import NAMES
from grader.profiles import PROFILE, SIZES


def _locate(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Path:
    return kit.locate(value)


def with_kit(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--kit`; the command gets the kit's folder as `root`."""
    return click.option(
        "--kit", "root", metavar="DIR", callback=_locate, help="Another kit than the built-in one (or set DLGRADE_KIT)."
    )(command)


def with_language(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--lang`; the command gets `language`. Pages that don't exist in a language are shown in English."""
    return click.option(
        "--lang",
        "language",
        type=click.Choice(kit.LANGUAGES),
        default="en",
        show_default=True,
        help="Language of texts.",
    )(command)


def with_training(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds what says how to train; the command gets `profile`, `data`, `device`, `split` and `untrained`."""
    sizes = ", ".join(f"{name} {train:,}/{test:,}" for name, (train, test) in SIZES.items())
    for option in (
        click.option("--no-training", "untrained", is_flag=True, help="Leave the training out; then nothing can pass."),
        click.option("--split", type=click.IntRange(0), help="Deal images out as that earlier training did."),
        click.option(
            "--device",
            type=click.Choice(devices.NAMES),
            default="cpu",
            show_default=True,
            help="Train torch exercises there. A GPU can only be used without isolation.",
        ),
        click.option(
            "--data",
            type=click.Choice(["auto", *NAMES]),
            default="auto",
            show_default=True,
            help="What to train on; auto is MNIST if it is there.",
        ),
        click.option(
            "--profile",
            type=click.Choice(list(SIZES)),
            default=PROFILE,
            show_default=True,
            help=f"How many images to train on and to judge by: {sizes}.",
        ),
    ):
        command = option(command)
    return command
