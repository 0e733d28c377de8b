"""From kept answers to the results of attempts."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from pydantic import TypeAdapter

from grader.batch.feedback import undealt, withheld
from grader.batch.journal import Journal
from grader.batch.model import Result
from grader.batch.running import Planned
from grader.batch.secret import Seeds
from grader.batch.task import Answer
from grader.models import Check

CHECK = TypeAdapter(Check)


def result(planned: Planned, answer: Answer, seeds: Seeds) -> Result:
    """What came of one attempt; all of it, for the instructor."""
    check = CHECK.validate_python(answer.check) if answer.check else None
    fingerprint = planned.task.fingerprint
    return Result(planned.attempt, check, answer.trouble, fingerprint, seeds.label, answer.seconds)


def for_student(result: Result, seeds: Seeds) -> Result:
    """What may be shown of a result: never how images were dealt out, and with a secret seed nothing from which inputs
    could be learnt, not even the time that it took."""
    if seeds.secret is None:
        return result._replace(check=result.check and undealt(result.check))
    return result._replace(check=result.check and withheld(result.check), seconds=0.0)


def by_student(planned: Sequence[Planned], journal: Journal, seeds: Seeds) -> Iterator[tuple[str, list[Result]]]:
    """The results of one student after the other, exercises and files in order; only one's are held at a time."""
    order = sorted(planned, key=lambda one: one.attempt.student)  # stable: exercises stay in order
    for student, mine in groupby(order, key=lambda one: one.attempt.student):
        yield student, [result(one, _kept(journal, one), seeds) for one in mine]


def _kept(journal: Journal, planned: Planned) -> Answer:
    return journal.get(planned.task.key) or Answer(None, "not judged yet", 0.0)
