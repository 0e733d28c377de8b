"""Whether costs grow in proportion: what one more costs at each size, and the power that the last sizes speak of."""

from collections.abc import Sequence
from itertools import pairwise

MUCH = 1.5  # times the cost of the smallest size; what is less is lost in the noise
STEEP = 1.3  # a power above this isn't taken for 1: quadratic is 2, and sorting is below 1.1
SLOW = 0.7  # a power below this says only that noise, or what doesn't grow at all, is most of it
LARGEST = 8.0  # power that is looked for


def further(sizes: Sequence[float], costs: Sequence[float]) -> list[float | None]:
    """What each further one costs between a size and the one before. It stays the same where growth is linear."""
    steps = zip(pairwise(sizes), pairwise(costs), strict=True)
    return [None, *((after - before) / (large - small) for (small, large), (before, after) in steps)]


def power(sizes: Sequence[float], costs: Sequence[float]) -> float | None:
    """p, if costs are a + b * size^p by the last three sizes, between 0 and 8.

    None if there are fewer sizes, or if costs hardly grow.
    """
    if len(sizes) < 3 or costs[-1] < MUCH * costs[0] or not costs[-3] < costs[-2] < costs[-1]:
        return None
    small, middle, large = (size / sizes[-1] for size in sizes[-3:])
    wanted = (costs[-1] - costs[-2]) / (costs[-2] - costs[-3])
    low, high = 1e-6, LARGEST
    for _ in range(60):  # the ratio of the two steps grows with p
        p = (low + high) / 2
        steeper = (large**p - middle**p) / (middle**p - small**p) < wanted
        low, high = (p, high) if steeper else (low, p)
    return (low + high) / 2


def told(what: str, sizes: Sequence[float], costs: Sequence[float]) -> str:
    """A sentence for below a table."""
    found = power(sizes, costs)
    if found is None:
        return f"{what}: hardly any growth."
    if found < SLOW:
        return f"{what} grows more slowly than the size."
    return f"{what} grows as the power {found:.2f} of the size{'' if found < STEEP else ': NOT linear'}."
