"""`dlgrade setup`: files that let a platform grade by itself."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from grader.batch.model import LEVELS
from grader.cli.options import Listed, with_kit
from grader.report.style import say, tell


@click.group(cls=Listed)
def setup() -> None:
    """Write the files that let Gradescope, GitHub or GitLab grade.

    Example: dlgrade setup gradescope --only 17,12-1
    """


def with_choices(out: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds what all have in common; the command gets `folder`, `force` and what `planned` takes. out: for `--out`."""
    folder = click.Path(file_okay=False, path_type=Path)
    install = "What pip installs, instead of a wheel that is written too; like `dlgrade @ git+https://...@v0.1.0`."

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            with_kit,
            click.option("--force", is_flag=True, help="Replace files that exist and differ."),
            click.option("--install", "requirement", metavar="SPEC", help=install),
            click.option(
                "--feedback", type=click.Choice(LEVELS), default="full", show_default=True, help="What students see."
            ),
            click.option("--out", "folder", type=folder, default=out, show_default=True, help="Where to write."),
            click.option("--only", default="", metavar="NUMBERS", help="Exercises to grade, like 17,12-1; else all."),
        ):
            command = option(command)
        return command

    return add


with_class = click.option(
    "--class", "whole_class", metavar="FOLDER", help="The repository is a class's: FOLDER has one folder per student."
)
with_secret = click.option("--seed-env", metavar="NAME", help="The secret or variable of that name is the secret seed.")


@setup.command()
@click.option("--seed-env", metavar="NAME", help="Put the secret seed, which that environment variable holds, inside.")
@click.option("--unsafe", is_flag=True, help="Grade even where Gradescope's container allows no isolation.")
@with_choices("gradescope")
def gradescope(folder: Path, force: bool, **choices: Any) -> None:
    """Write an autograder for Gradescope, as files and as the zip to upload.

    Example: dlgrade setup gradescope --only 17,12-1 --out week-5
    """
    _make("gradescope", folder, force, choices)
    tell(f"Upload {folder / 'autograder.zip'} at Configure Autograder, with Ubuntu 24.04 if it is offered.")
    if choices["unsafe"]:
        tell("With --unsafe a submission may read the answers and the seed, and forge its score.")


@setup.command()
@with_class
@with_secret
@with_choices(".")
def github(folder: Path, force: bool, **choices: Any) -> None:
    """Write a workflow for GitHub Actions, into a repository of a class or a template of GitHub Classroom.

    Example: dlgrade setup github --only 17,12-1 --out my-template
    """
    _make("github", folder, force, choices)
    _remind("secret", "Settings, Secrets and variables, Actions", choices["seed_env"])


@setup.command()
@with_class
@with_secret
@with_choices(".")
def gitlab(folder: Path, force: bool, **choices: Any) -> None:
    """Write a pipeline for GitLab, into a project of a class or one that students fork.

    Example: dlgrade setup gitlab --class submissions --feedback brief
    """
    _make("gitlab", folder, force, choices)
    _remind("variable", "Settings, CI/CD, Variables, masked", choices["seed_env"])


def _make(platform: str, folder: Path, force: bool, choices: dict[str, Any]) -> None:
    from grader.setup.plan import planned, write

    plan = planned(**choices)
    files = importlib.import_module(f"grader.setup.{platform}").files(plan)
    write(folder, files, force)
    for path in files:
        say(folder / path)
    if plan.bundle:
        tell(f"{plan.bundle.name} is this dlgrade with all of the kit, solutions too: who can read it can read them.")


def _remind(kind: str, where: str, name: str | None) -> None:
    if name:
        tell(f"Put the secret seed into a {kind} {name} ({where}); without it nothing is graded.")
    tell("Who can push can also change what is run: docs/autograders.md says how to grade for marks.")
