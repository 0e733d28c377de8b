"""The command line: parse, call, print, exit. Each command lives in a module of its own, imported when it is used."""

import importlib
import sys

import click

from grader import __version__
from grader.errors import DlgradeError

COMMANDS = {
    "init": "grader.cli.learn:init",
    "list": "grader.cli.browse:list_",
    "next": "grader.cli.browse:next_",
    "show": "grader.cli.browse:show",
    "check": "grader.cli.check:check",
    "hint": "grader.cli.learn:hint",
    "solution": "grader.cli.learn:solution",
    "progress": "grader.cli.browse:progress",
    "doctor": "grader.cli.doctor:doctor",
    "dev": "grader.cli.dev:dev",
}


class Lazy(click.Group):
    """A group whose commands are imported when they are looked at."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=Lazy)
@click.version_option(__version__, prog_name="dlgrade")
def cli() -> None:
    """Deep-learning interview questions as exercises that are checked, and quizzes.

    \b
    Start:     dlgrade init my-practice && cd my-practice && dlgrade next
    Complete:  eval "$(_DLGRADE_COMPLETE=bash_source dlgrade)"    (or zsh_source, fish_source)
    """


cli.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # click suggests these names


def run() -> int:
    """Runs the command line and returns its exit code; errors of ours become one line on stderr."""
    try:
        result = cli.main(standalone_mode=False, prog_name="dlgrade")
    except click.ClickException as error:
        error.show()
        return 2
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        return 130
    except DlgradeError as error:
        click.echo(f"dlgrade: {error}", err=True)
        return error.exit_code
    except BrokenPipeError:
        sys.stdout = None
        return 0
    return result if isinstance(result, int) else 0
