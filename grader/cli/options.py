"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from grader import kit


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
