"""The command `dlgrade`."""

import os
import sys


def main() -> None:
    """Runs the command line, and ends at once: nothing is left to tidy up, and taking everything down takes a while."""
    try:
        code = _run()
    except KeyboardInterrupt:
        code = 130
    os._exit(code)


def _run() -> int:
    """The exit code. What takes longest, importing numpy for a check, a helper has done or starts before the rest."""
    if sys.argv[1:2] in (["check"], ["watch"]) and "--help" not in sys.argv:
        from grader import helped, warm

        if sys.argv[1] == "check" and (code := helped.hand_over(sys.argv)) is not None:
            return code
        warm.start_early()
    from grader.cli import run

    code = run()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    return code


if __name__ == "__main__":
    main()
