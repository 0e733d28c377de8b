"""All commands, as click reads them. Each lives in a module of its own, which is imported when it is used."""

import importlib

import click

from grader import __version__
from grader.report.style import say, tell

COMMANDS = {  # where each lives, and the first line of its help, so that listing them imports none
    "init": ("grader.cli.learn:init", "Make a workspace, a folder with all the stubs."),
    "list": ("grader.cli.browse:list_", "List all exercises and what you have solved."),
    "next": ("grader.cli.browse:next_", "Show what to do next."),
    "show": ("grader.cli.browse:show", "Show a question and its task."),
    "check": ("grader.cli.check:check", "Check your attempt at an exercise."),
    "watch": ("grader.cli.watch:watch", "Check an exercise whenever you save it."),
    "hint": ("grader.cli.learn:hint", "Give one more hint at each call."),
    "solution": ("grader.cli.learn:solution", "Show the model answer."),
    "quiz": ("grader.cli.quiz:quiz", "Take a quiz."),
    "review": ("grader.cli.quiz:review", "Repeat what is due."),
    "progress": ("grader.cli.browse:progress", "Show how far you have come."),
    "data": ("grader.cli.data:data", "Show the images that training tasks train on, or get them."),
    "import": ("grader.cli.exchange:import_", "Turn a question bank into question pages."),
    "export": ("grader.cli.exchange:export", "Write the cards of the kit for another program."),
    "grade": ("grader.cli.grade:grade", "Grade all that a class has handed in."),
    "merge": ("grader.cli.grade:merge", "Bring together what `dlgrade grade --shard` judged on several machines."),
    "verify": ("grader.cli.verify:verify", "Tell whether signed results are as they were written."),
    "export-sources": (
        "grader.cli.sources:export_sources",
        "Lay out what a class handed in for compare50, JPlag or Dolos.",
    ),
    "setup": ("grader.cli.setup:setup", "Write the files that let Gradescope, GitHub or GitLab grade."),
    "doctor": ("grader.cli.doctor:doctor", "Tell what works on this machine."),
    "dev": ("grader.cli.dev:dev", "For authors of a kit: prove it, mutate it, add to it."),
}


class Lazy(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # nobody reads any further; click would answer 1, which means "not passed"
            return 0

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Lazy)
@click.version_option(__version__, prog_name="dlgrade")
def cli() -> None:
    """Deep-learning interview questions as exercises that are checked, and quizzes.

    \b
    Start:
      dlgrade init my-practice && cd my-practice
      dlgrade next

    \b
    Complete commands in bash (or zsh_source, fish_source):
      eval "$(_DLGRADE_COMPLETE=bash_source dlgrade)"
    """


cli.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # click suggests these names


def run() -> int:
    """Runs the command that sys.argv names; its exit code. What click can't read becomes a few lines on stderr."""
    try:
        result = cli.main(standalone_mode=False, prog_name="dlgrade")
    except click.ClickException as error:
        _show(error)
        return 2
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    return result if isinstance(result, int) else 0


def _show(error: click.ClickException) -> None:
    """A command that click can't read: how it is meant, and what is wrong with it."""
    if type(error).show is not click.UsageError.show:  # help, for a command without what it needs
        error.show()
        return
    if (context := getattr(error, "ctx", None)) is not None:
        say(context.get_usage(), err=True)
        tell(f"Try '{context.command_path} --help' for help.\n", err=True)
    tell(f"Error: {error.format_message()}", err=True)
