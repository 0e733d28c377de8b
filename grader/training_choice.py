"""How somebody wants an exercise trained: the same choice for every command, notebooks and pytest."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from grader import devices
from grader.data import find
from grader.profiles import PROFILE
from grader.store import folder


class TrainingChoice(NamedTuple):
    """As the options of `dlgrade check` are called; untrained: nothing is to be trained, and nothing can pass then."""

    untrained: bool = False
    device: str = "cpu"
    data: str = "auto"
    profile: str = PROFILE
    split: int | None = None

    def fields(self, libraries: Sequence[str]) -> dict[str, Any] | None:
        """The fields of a `grader.training.Wanted` for an exercise with these libraries, None if nothing is trained.

        Raises MachineError if there is no such device.
        """
        if self.untrained:
            return None
        chosen = devices.choose(self.device) if "torch" in libraries else "cpu"
        called = None if chosen == "cpu" else devices.name(chosen)
        homes = [str(home) for home in find.homes(folder())]
        fields = {"profile": self.profile, "data": self.data, "split": self.split, "homes": homes}
        return {**fields, "device": chosen, "device_name": called}
