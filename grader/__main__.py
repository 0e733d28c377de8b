"""The command `dlgrade`."""

import sys


def main() -> None:
    """Runs the command line. What takes longest, importing numpy for a check, starts before anything else."""
    if sys.argv[1:2] == ["check"] and "--help" not in sys.argv:
        from grader import warm

        warm.start_early()
    from grader.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
