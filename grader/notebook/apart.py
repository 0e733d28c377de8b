"""A fresh process that judges one job: it arrives on stdin as a line of JSON, and lines of JSON answer it on stdout."""

import json
import os
import sys
from typing import Any

from grader.engine import judge_here


def main() -> None:
    """Judges the job; whatever else is printed in here goes to stderr."""
    request = json.loads(sys.stdin.buffer.readline())
    answers = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(answers, "wb", buffering=0) as line:

        def say(answer: dict[str, Any]) -> None:
            line.write(json.dumps(answer).encode() + b"\n")

        say(judge_here(tuple(request["libraries"]), request["job"], lambda progress: say({"progress": progress})))
