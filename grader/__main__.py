"""The command `dlgrade`."""

import sys


def main() -> None:
    """Runs the command line. What takes longest, importing numpy for a check, starts before anything else."""
    from grader.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
