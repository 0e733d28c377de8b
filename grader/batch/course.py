"""What a run of `dlgrade grade` is about, once what was handed in has been read."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from grader.batch.model import Feedback, Intake
from grader.batch.running import Planned
from grader.batch.scheme import Scheme
from grader.batch.secret import Seeds


class Course(NamedTuple):
    """Attempts and the rules for them. key: signs what students get."""

    root: Path
    intake: Intake
    planned: Sequence[Planned]
    seeds: Seeds
    scheme: Scheme
    feedback: Feedback
    key: bytes
