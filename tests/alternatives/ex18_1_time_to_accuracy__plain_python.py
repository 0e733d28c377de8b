# Style: plain Python throughout: generators, itertools, statistics.
import itertools
import math
import statistics

import numpy as np


def time_to_accuracy(curve, target, hold=3):
    rows = [(float(c), float(m)) for c, m in curve]
    for (before, _), (after, _) in itertools.pairwise(rows):
        if after <= before:
            raise ValueError(f"cost {after} after cost {before}")
    first = None
    count = 0
    for cost, metric in rows:
        if metric >= target:
            if count == 0:
                first = cost
            count += 1
            if count >= hold:
                return first
        else:
            count = 0
    return float("nan")


def speedup(curve_a, curve_b, target, hold=3):
    cost_a = time_to_accuracy(curve_a, target, hold)
    cost_b = time_to_accuracy(curve_b, target, hold)
    a_there, b_there = cost_a == cost_a, cost_b == cost_b
    if a_there and b_there:
        return cost_b / cost_a
    if a_there:
        return float("inf")
    return 0.0 if b_there else float("nan")


def smooth(values, beta):
    top, bottom, result = 0.0, 0.0, []
    for value in values:
        top = top * beta + float(value)
        bottom = bottom * beta + 1.0
        result.append(top / bottom)
    return np.array(result, dtype=float)


def examples_curve(batch_sizes, eval_steps, metrics):
    totals = list(itertools.accumulate(map(int, batch_sizes)))
    rows = [[totals[int(k) - 1], float(m)] for k, m in zip(eval_steps, metrics, strict=True)]
    return np.array(rows, dtype=float).reshape(len(rows), 2)


def record_curve(train, evaluate, clock, target, budget, hold=3):
    costs, metrics, hits = [0.0], [], 0
    while hits < hold and costs[-1] < budget:
        t = clock()
        train()
        costs.append(costs[-1] + clock() - t)
        metrics.append(evaluate())
        hits = hits + 1 if metrics[-1] >= target else 0
    return np.array(list(zip(costs[1:], metrics, strict=True)), dtype=float)


def median_time(times):
    middle = statistics.median(math.inf if t != t else float(t) for t in times)
    return math.nan if middle == math.inf else middle
