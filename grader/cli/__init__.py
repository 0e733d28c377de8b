"""The command line: parse, call, print, exit."""

import contextlib
import errno
import io
import os
import sys

from grader.errors import DlgradeError
from grader.report.style import say, tell

FULL = (errno.ENOSPC, errno.EDQUOT)


def run() -> int:
    """Runs the command that sys.argv names and returns its exit code, with all that it says written out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="dlgrade-spelled")  # what a terminal can't show is no reason to fail
    code = 0
    try:
        code = _carry_out()
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass  # nobody reads any further
    except OSError as error:
        if error.errno not in FULL:
            raise
        code = 3
        with contextlib.suppress(OSError):
            tell(f"dlgrade: the output can't be written ({error.strerror}); make room and run again", err=True)
    return code


def _carry_out() -> int:
    """The exit code of the command; errors of ours become one line on stderr."""
    try:
        return _command()
    except KeyboardInterrupt:
        say("stopped", err=True)
        return 130
    except DlgradeError as error:
        tell(f"dlgrade: {error}", err=True)
        return error.exit_code


def _command() -> int:
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
