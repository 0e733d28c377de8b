"""Digits of a counter instead of nested loops, ranges and indices instead of rounding, a stable argsort of arrays."""

import math

import numpy as np


def sample_configs(space, u):
    names = list(space)
    if u.shape != (len(u), len(names)):
        raise ValueError("one column per name, please")
    configs = [{} for _ in range(u.shape[0])]
    for j, name in enumerate(names):
        description = space[name]
        kind = description["type"]
        for config, x in zip(configs, u[:, j], strict=False):
            if kind == "float" and description.get("log", False):
                ratio = description["high"] / description["low"]
                config[name] = description["low"] * ratio**x
            elif kind == "float":
                config[name] = (1 - x) * description["low"] + x * description["high"]
            elif kind == "int":
                values = range(description["low"], description["high"] + 1)
                config[name] = values[int(x * len(values))]
            elif kind == "choice":
                values = description["values"]
                config[name] = values[int(x * len(values))]
            else:
                raise ValueError(kind)
    return configs


def grid(space):
    total = 1
    for values in space.values():
        total *= len(values)
    configs = []
    for number in range(total):
        digits = {}
        for name in reversed(list(space)):
            number, digit = divmod(number, len(space[name]))
            digits[name] = space[name][digit]
        configs.append({name: digits[name] for name in space})
    return configs


def successive_halving(n, evaluate, min_budget, max_budget, eta):
    alive = np.arange(n)
    budget = min_budget
    rungs = []
    cost = 0
    while True:
        losses = np.array([evaluate(int(i), budget) for i in alive], dtype=float)
        losses[np.isnan(losses)] = np.inf
        before = rungs[-1][0] if rungs else 0
        rungs.append([budget, alive.tolist()])
        cost += alive.size * (budget - before)
        order = np.argsort(losses, kind="stable")
        if alive.size == 1 or budget * eta > max_budget:
            break
        alive = np.sort(alive[order[: max(alive.size // eta, 1)]])
        budget *= eta
    return {"total_cost": cost, "rungs": rungs, "best": alive[order[0]]}


def expected_improvement(mu, sigma, best, xi=0.0):
    out = np.empty(mu.shape)
    for index in np.ndindex(*mu.shape):
        m, s = float(mu[index]), float(sigma[index])
        gain = best - m - xi
        if s == 0:
            out[index] = gain if gain > 0 else 0.0
            continue
        z = gain / s
        phi = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
        Phi = 0.5 * (1 + math.erf(z / math.sqrt(2)))
        out[index] = s * (z * Phi + phi)
    return out
