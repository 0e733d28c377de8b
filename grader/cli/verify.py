"""`dlgrade verify`: whether signed results are as they were written."""

from collections.abc import Sequence
from pathlib import Path

import click

from grader.batch import secret
from grader.cli.options import with_key
from grader.files import parse, read
from grader.report.style import tell

MOST = 64 << 20  # bytes of a file


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@with_key
def verify(files: Sequence[Path], key: Path) -> int:
    """Tell whether signed results are as they were written.

    FILES are the `results.json` of students.

    Example: dlgrade verify graded/students/kim/results.json

    Exit code: 0 all are, 1 one isn't.
    """
    secret_key = secret.key(key, make=False)
    problems = 0
    for file in files:
        problem = _problem(file, secret_key)
        problems += problem is not None
        tell(f"{file}: {problem or 'as it was signed'}")
    return 1 if problems else 0


def _problem(file: Path, key: bytes) -> str | None:
    data = read(file, MOST, "result", "a student's results.json")
    try:
        return secret.problem(parse(data), key)
    except (ValueError, RecursionError):
        return "not a signed result"
