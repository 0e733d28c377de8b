"""7 · What are hyper-parameters, and how do you search them on a budget?

Write the tools of a search: drawing configurations at random, listing a grid, giving up early on the bad ones, and the
score by which Bayesian optimisation picks the next point. Nothing here draws random numbers itself: whatever is
random comes in as an argument.

Smaller losses are better everywhere. Arguments stay as they were.

Sources: Bergstra & Bengio 2012, Random Search for Hyper-Parameter Optimization, https://jmlr.org/papers/v13/bergstra12a.html;
Jamieson & Talwalkar 2016 (successive halving), arXiv 1502.07943; Li et al. 2018 (Hyperband), arXiv 1603.06560; Jones,
Schonlau, Welch 1998 (expected improvement), https://doi.org/10.1023/A:1008306431147
"""

import itertools
import math
from collections.abc import Callable

import numpy as np


def sample_configs(space: dict[str, dict], u: np.ndarray) -> list[dict]:
    """Turn uniform numbers into configurations, one for each row of u.

    space: name -> description, one of
        {"type": "float", "low": a, "high": b}: between a and b, all values equally likely: u = 0 gives a, u near 1
            gives nearly b
        {"type": "float", "low": a, "high": b, "log": True}: the same for the logarithm, 0 < a < b, so that each power
            of ten gets its share ("log": False is the case above)
        {"type": "int", "low": a, "high": b}: a, a + 1, ..., b, both ends included; the range of u is cut into equal
            pieces in this order. a may be negative.
        {"type": "choice", "values": [...]}: one of the values, whatever their types; cut into equal pieces again
    u: (n, d) float64 in [0, 1); column j belongs to the j-th name of `space`. n and d may be 0.
    Returns n dictionaries with all the names.
    Raises ValueError, if n > 0, for an unknown type, or if u hasn't as many columns as space has names.
    """
    # zip is strict: names without a column, or the other way round, are a ValueError
    return [{name: _value(space[name], x) for name, x in zip(space, row, strict=True)} for row in u.tolist()]


def grid(space: dict[str, list]) -> list[dict]:
    """Return all combinations of the values, as dictionaries; the last name changes fastest, like digits of a counter.

    space: name -> list of values. Without names there is one combination, {}; with an empty list there is none.
    """
    return [dict(zip(space, values, strict=True)) for values in itertools.product(*space.values())]


def successive_halving(
    n: int, evaluate: Callable[[int, int], float], min_budget: int, max_budget: int, eta: int
) -> dict:
    """Race n >= 1 configurations: all get a small budget, the best 1 / eta of them eta times as much, and so on.

    evaluate(i, budget) returns the loss of configuration i (0..n-1) after it has been trained with `budget` in
        total, continuing from where it was. It is expensive: each configuration is evaluated once per rung, no more.
    min_budget, max_budget, eta: integers, 1 <= min_budget <= max_budget, eta >= 2.

    The first rung has all configurations and min_budget. On every rung the configurations are evaluated in
    ascending order, then: if there is only one, or if eta times the budget would exceed max_budget, the race is
    over. Otherwise the best len // eta of them, but at least one, go on to the next rung, whose budget is eta times
    as large. A loss of nan counts as inf. Of equal losses the smaller number wins.

    Returns {"best": the winner on the last rung, "rungs": [(budget, [numbers in ascending order]), ...],
    "total_cost": the budget spent. Survivors continue, so on a rung each pays only what its budget has grown by.}
    """
    survivors, budget, paid = list(range(n)), min_budget, 0
    rungs, total_cost = [], 0
    while True:
        losses = [evaluate(i, budget) for i in survivors]
        rungs.append((budget, survivors))
        total_cost += len(survivors) * (budget - paid)
        ranking = sorted(zip((math.inf if math.isnan(x) else x for x in losses), survivors, strict=True))
        if len(survivors) == 1 or budget * eta > max_budget:
            return {"best": ranking[0][1], "rungs": rungs, "total_cost": total_cost}
        survivors = sorted(i for _, i in ranking[: max(1, len(survivors) // eta)])
        budget, paid = budget * eta, budget


def expected_improvement(mu: np.ndarray, sigma: np.ndarray, best: float, xi: float = 0.0) -> np.ndarray:
    """Return how far below the best loss so far a new evaluation is expected to come: E[max(best - xi - L, 0)].

    mu, sigma: arrays of the same shape, one axis or more; at each candidate the loss L is believed to be normal with
        this mean and this standard deviation, sigma >= 0. With sigma = 0 the loss is known to be mu.
    best: the smallest loss so far. xi: at least 0, a gain that isn't worth mentioning.
    Returns a float64 array of that shape, computed in float64.
    Use math.erf or math.erfc for the normal distribution.
    Source: Jones, Schonlau, Welch 1998, section 4.1.
    """
    gain = best - xi - np.asarray(mu, np.float64)
    sigma = np.asarray(sigma, np.float64)
    open_ended = sigma > 0
    z = np.divide(gain, sigma, out=np.zeros_like(gain), where=open_ended)
    below = 0.5 * np.vectorize(math.erfc, otypes=[np.float64])(-z / math.sqrt(2))
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return np.where(open_ended, gain * below + sigma * density, np.maximum(gain, 0))


def _value(kind: dict, x: float) -> object:
    match kind:
        case {"type": "float", "low": low, "high": high, "log": True}:
            return math.exp(math.log(low) + x * (math.log(high) - math.log(low)))
        case {"type": "float", "low": low, "high": high}:
            return low + x * (high - low)
        case {"type": "int", "low": low, "high": high}:
            return low + math.floor(x * (high - low + 1))
        case {"type": "choice", "values": values}:
            return values[math.floor(x * len(values))]
    raise ValueError(f"there is no hyper-parameter of the kind {kind}")
