"""Recursion over names and rungs; the normal distribution from statistics; columns transformed as whole arrays."""

from statistics import NormalDist

import numpy as np


def column(kind, x):
    if kind["type"] == "float":
        low, high = float(kind["low"]), float(kind["high"])
        if kind.get("log"):
            return np.exp(np.log(low) + x * (np.log(high) - np.log(low)))
        return low + x * (high - low)
    if kind["type"] == "int":
        return kind["low"] + np.floor(x * (kind["high"] - kind["low"] + 1)).astype(int)
    if kind["type"] == "choice":
        return [kind["values"][k] for k in np.floor(x * len(kind["values"])).astype(int)]
    raise ValueError("unknown type " + str(kind["type"]))


def sample_configs(space, u):
    n, d = u.shape
    if d != len(space):
        raise ValueError(f"{d} columns")
    columns = [column(kind, u[:, j]) for j, kind in enumerate(space.values())]
    return [dict(zip(space, (c[i] for c in columns), strict=False)) for i in range(n)]


def grid(space):
    if len(space) == 0:
        return [{}]
    *names, last = space
    shorter = grid({name: space[name] for name in names})
    return [{**config, last: value} for config in shorter for value in space[last]]


def successive_halving(n, evaluate, min_budget, max_budget, eta):
    def rung(alive, budget, paid):
        table = []
        for i in alive:
            loss = evaluate(i, budget)
            table.append((float("inf") if loss != loss else loss, i))
        cost = len(alive) * (budget - paid)
        if len(alive) == 1 or eta * budget > max_budget:
            return min(table)[1], [(budget, alive)], cost
        keep = {i for _, i in sorted(table)[: max(1, len(alive) // eta)]}
        best, later, more = rung([i for i in alive if i in keep], eta * budget, budget)
        return best, [(budget, alive), *later], cost + more

    best, rungs, total_cost = rung(list(range(n)), min_budget, 0)
    return {"best": best, "rungs": rungs, "total_cost": total_cost}


def expected_improvement(mu, sigma, best, xi=0.0):
    normal = NormalDist()

    def one(m, s):
        target = best - xi
        if s <= 0:
            return max(target - m, 0.0)
        z = (target - m) / s
        return (target - m) * normal.cdf(z) + s * normal.pdf(z)

    pairs = zip(np.ravel(mu).tolist(), np.ravel(sigma).tolist(), strict=False)
    return np.array([one(m, s) for m, s in pairs], dtype=float).reshape(np.shape(mu))
