"""A share of the work, for many machines that know nothing of each other."""

from collections.abc import Sequence
from typing import NamedTuple

from grader.batch.running import Planned
from grader.errors import UsageError


class Shard(NamedTuple):
    """Share number `number`, from 1 on, `of` so many."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def mine(self, planned: Sequence[Planned]) -> list[Planned]:
        """This share: by the keys of the tasks, so that all shares together are the whole, wherever they are made."""
        return [one for one in planned if int(one.task.key[:12], 16) % self.of == self.number - 1]


def parse(text: str) -> Shard:
    """`3/16`. Raises UsageError."""
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise UsageError(f"--shard {text}: give it as 3/16, the third of sixteen shares")
    return Shard(int(number), int(of))
