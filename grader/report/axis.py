"""An axis of a plot, on whatever it is drawn."""

import math
from typing import NamedTuple


class Axis(NamedTuple):
    """Numbers from `low` to `high`, and where they come to lie."""

    low: float
    high: float
    log: bool

    def place(self, value: float, cells: int) -> int:
        """The cell of a value, from 0 to cells - 1. What lies outside comes to lie at the edge."""
        inside = min(max(value, self.low), self.high)
        low, high, here = (math.log(number) if self.log else number for number in (self.low, self.high, inside))
        return round((here - low) / (high - low) * (cells - 1)) if high > low else cells // 2

    def ticks(self, most: int) -> list[float]:
        """Round numbers on the axis, about `most` of them."""
        return (self.log and self._powers(most)) or self._steps(most)

    def _steps(self, most: int) -> list[float]:
        span = self.high - self.low
        if span / most < max(1e-12 * max(abs(self.low), abs(self.high)), 1e-300):
            return [self.low]
        unit = 10.0 ** math.floor(math.log10(span / most))
        step = next(factor * unit for factor in (1, 2, 5, 10, 20) if span / (factor * unit) <= most)
        return [number * step for number in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]

    def _powers(self, most: int) -> list[float]:
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for factors in ((1, 2, 5), (1, 3), (1,)):
            ticks = [tick for decade in decades for factor in factors if self._on(tick := factor * 10.0**decade)]
            if len(ticks) <= most:
                return ticks if len(ticks) > 1 else []
        return ticks[:: math.ceil(len(ticks) / most)]

    def _on(self, value: float) -> bool:
        return self.low <= value <= self.high
