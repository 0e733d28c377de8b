"""What a run of the benchmarks is asked for; every part gets it."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, TypeVar

from benchmarks.processes import environment
from benchmarks.tables import Table

Kind = TypeVar("Kind")


class Setting(NamedTuple):
    """quick: small numbers, once, without torch. repeats: of what is short. jobs: of `dlgrade grade`, at a time.

    large: also sizes that take minutes. others: interpreters that have other graders installed, by their names.
    """

    quick: bool = False
    repeats: int = 3
    jobs: int = 2
    large: bool = False
    others: Mapping[str, str] = {}

    @property
    def torch(self) -> bool:
        """Whether exercises that need torch are measured, too: it takes a second to import."""
        return not self.quick and find_spec("torch") is not None

    def of(self, usual: Kind, quick: Kind) -> Kind:
        return quick if self.quick else usual

    def times(self, factor: int = 1) -> range:
        """For loops that repeat; `factor`: how much more often than `repeats` something very short is done."""
        return range(1 if self.quick else factor * self.repeats)


Part = Callable[[Setting], Iterator[Table]]
"""Measures something and gives tables as they get ready; what its docstring says is shown by `--help`."""


@contextmanager
def place() -> Iterator[tuple[Path, dict[str, str]]]:
    """A temporary folder, and an environment whose progress is kept in it."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        yield folder, environment(folder / "state")
