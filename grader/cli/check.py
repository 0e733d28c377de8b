"""`dlgrade check`: judge an attempt."""

from pathlib import Path
from typing import Any

import click

from grader.cli import attempt
from grader.cli.options import with_kit, with_training


@click.command()
@click.argument("number")
@click.argument("file", required=False)
@click.option("--seed", default=0, show_default=True, help="Seed of the random inputs.")
@click.option("--json", "as_json", is_flag=True, help="Write the report dlgrade/report/1, and nothing else.")
@click.option("--all", "everything", is_flag=True, help="Show all failing cases, not only the first ones.")
@with_training
@click.option("--plot", type=click.Path(path_type=Path), help="Draw the learning curve into this file, .png or .svg.")
@with_kit
def check(**options: Any) -> int:
    """Check your attempt at an exercise.

    NUMBER is an exercise (`17`, `12-3`) or a file named after one. FILE is your attempt; without it the one in your
    workspace is checked, and `-` reads it from standard input.

    Exercises 18, 18-1, 18-3, 19 and 19-1 train a network as their last part: on MNIST if it is there (`dlgrade data`),
    else on rendered digits.

    \b
    Examples:
      dlgrade check 17
      dlgrade check 12-3 my_attempt.py --seed 7
      dlgrade check 17 --json | jq .score
      dlgrade check 18 --profile full --plot curve.png

    Exit code: 0 passed, 1 not passed, 2 wrong usage, 3 could not judge.
    """
    return attempt.check(attempt.Wanted(**options))
