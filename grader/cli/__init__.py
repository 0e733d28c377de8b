"""The command line: parse, call, print, exit."""

import io
import os
import sys

from grader.errors import DlgradeError
from grader.report.style import say, tell


def run() -> int:
    """Runs the command that sys.argv names and returns its exit code; errors of ours become one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="dlgrade-spelled")  # what a terminal can't show is no reason to fail
    try:
        return _run()
    except KeyboardInterrupt:
        say("stopped", err=True)
        return 130
    except DlgradeError as error:
        tell(f"dlgrade: {error}", err=True)
        return error.exit_code
    except BrokenPipeError:
        sys.stdout = None
        return 0


def _run() -> int:
    """A check without options is read here: click alone takes longer to import than all else that it needs."""
    match sys.argv[1:]:
        case ["check", number, *files] if len(files) < 2 and _are_plain([number, *files]):
            from grader.cli.attempt import Wanted, check

            return check(Wanted(number, files[0] if files else None))
    from grader.cli import commands

    return commands.run()


def _are_plain(words: list[str]) -> bool:
    """Whether click, too, would take them as they are: no options, and no patterns, which it expands on Windows."""
    return os.name != "nt" and not any(word.startswith("-") for word in words if word != "-")
