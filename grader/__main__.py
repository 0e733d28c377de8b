"""The command `dlgrade`."""

import os
import sys


def main() -> None:
    """Runs the command line. What takes longest, importing numpy for a check, starts before anything else."""
    if sys.argv[1:2] == ["check"] and "--help" not in sys.argv:
        from grader import warm

        warm.start_early()
    from grader.cli import run

    code = run()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code)  # nothing is left to tidy up, and taking everything down would take a while


if __name__ == "__main__":
    main()
