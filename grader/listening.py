"""What a training says while it runs: its learning curve, and questions to a server of the kit's."""

import math
import time
from collections.abc import Callable
from typing import Any

from grader import wire
from grader.models import Point, document, plain
from grader.run import Enough
from grader.wire import WireError

MOST = 20_000  # reports in one training
HIGH = 10.0  # a loss that is higher, and so many times the first one, will not come down again

Tell = Callable[[dict[str, Any]], None]
"""Passes the progress of a training on to whoever waits for it."""


class Curve:
    """A `grader.run.Listener` for one training. `points` is its learning curve, as it was told.

    who: "reference" or "yours". server: answers questions, see `grader.spec.Training`. allowed: the budget in seconds,
    if there is one. cpu: tells the CPU seconds of the worker.
    """

    def __init__(
        self,
        who: str,
        tell: Tell,
        server: Callable[[Any], Any] | None,
        allowed: float | None,
        device: str,
        cpu: Callable[[], float],
    ) -> None:
        self._tell, self._server, self._cpu = tell, server, cpu
        self._about = {"who": who, "allowed": allowed, "device": device}
        self.points: list[Point] = []
        self._loaded = 0.0
        self._began = 0.0

    def start(self) -> None:
        """From now on time counts."""
        self._loaded, self._began = self._cpu(), time.monotonic()
        self._tell(self._about)

    def hear(self, said: dict[str, Any]) -> bytes | None:
        """Raises Enough for a training that diverges, WireError for what is neither a report nor a question."""
        if "report" in said:
            self._report(said["report"])
            return None
        if "ask" in said and self._server:
            try:
                return wire.message({"value": self._server(said["ask"])})
            except ValueError as error:
                return wire.message({"refused": str(error)})
        raise WireError("neither a report nor a question")

    def _report(self, numbers: Any) -> None:
        if (
            not isinstance(numbers, list)
            or len(numbers) != 4
            or not all(type(n) in (float, type(None)) for n in numbers)
        ):
            raise WireError("a report has four numbers")
        done, total, loss, accuracy = numbers
        if None in (done, total, loss) or not (math.isfinite(done) and math.isfinite(total)):
            raise Enough("`report` was called without saying how far the training is: give done, total and the loss")
        seconds = round(self._cpu() - self._loaded, 3), round(time.monotonic() - self._began, 3)
        point = Point(done, total, plain(loss), plain(accuracy), *seconds)
        self.points.append(point)
        self._tell({**self._about, **document(point)})
        if len(self.points) > MOST:
            raise Enough(f"`report` was called more than {MOST} times; once per epoch is enough")
        self._diverging(point, loss)

    def _diverging(self, point: Point, loss: float) -> None:
        first = self.points[0].loss
        if math.isfinite(loss) and not (loss > HIGH and isinstance(first, float) and loss > HIGH * first):
            return
        raise Enough(
            f"stopped after {point.done:g} of {point.total:g}, because the training diverges: its loss is {loss:.3g}; "
            "is the learning rate too high, or are the inputs far from 0 ... 1?"
        )
