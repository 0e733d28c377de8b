# Python lists, sets and exact fractions; rows are collected, sorted and turned into arrays at the end.
import math
from fractions import Fraction

import numpy as np


def largest_remainder(counts, k):
    counts = [int(c) for c in counts]
    total = sum(counts)
    quotas = [Fraction(int(k) * c, total) for c in counts]
    result = [math.floor(q) for q in quotas]
    left = int(k) - sum(result)
    by_fraction = sorted(range(len(counts)), key=lambda c: -(quotas[c] - result[c]))  # sorted() is stable
    for c in by_fraction[:left]:
        result[c] += 1
    return np.array(result, dtype=np.int64)


def _wanted(share, n):
    return math.ceil(share * n - 1e-9)


def _answer(train, test):
    if not train or not test:
        raise ValueError("one side is empty")
    return np.array(sorted(train), dtype=np.int64), np.array(sorted(test), dtype=np.int64)


def stratified_split(y, test_size, rng):
    members = {}
    for row, label in enumerate(y.tolist()):
        members.setdefault(label, []).append(row)
    if any(len(rows) < 2 for rows in members.values()):
        raise ValueError("a class is too small")
    k = _wanted(test_size, len(y))
    if k <= 0 or k >= len(y):
        raise ValueError("one side is empty")
    labels = sorted(members)
    places = largest_remainder([len(members[label]) for label in labels], k)
    train, test = [], []
    for label, m in zip(labels, places, strict=True):
        shuffled = rng.permutation(np.array(members[label])).tolist()
        test += shuffled[:m]
        train += shuffled[m:]
    return _answer(train, test)


def group_split(groups, test_size, rng):
    members = {}
    for row, group in enumerate(groups.tolist()):
        members.setdefault(group, []).append(row)
    names = sorted(members)
    k = _wanted(test_size, len(groups))
    test = []
    for number in rng.permutation(len(names)):
        if len(test) >= k:
            break
        test.extend(members[names[number]])
    return _answer(set(range(len(groups))) - set(test), test)


def time_split(t, test_fraction, gap=0.0):
    times = t.tolist()
    k = _wanted(test_fraction, len(times))
    rows = sorted(range(len(times)), key=times.__getitem__)
    if not 0 < k < len(rows):
        raise ValueError("one side is empty")
    test = rows[-k:]
    start = times[test[0]]
    return _answer([row for row in rows if times[row] < start - gap], test)


def generalization_gap(train_losses, test_losses):
    def mean_and_error(losses):
        values = [float(v) for v in losses]
        mean = math.fsum(values) / len(values)
        return mean, math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values)

    (low, a), (high, b) = mean_and_error(train_losses), mean_and_error(test_losses)
    return high - low, math.sqrt(a + b)
