"""Lists, sets and loops; sizes worked out by hand; models copied for each fold."""

import math

import numpy as np


def to_folds(groups, n):
    result = []
    for g in groups:
        chosen = {int(i) for i in g}
        train = [i for i in range(n) if i not in chosen]
        result.append((np.array(train, dtype=np.int64), np.array(sorted(chosen), dtype=np.int64)))
    return result


def kfold(n, k, rng=None):
    if k < 2 or k > n:
        raise ValueError("bad k")
    order = list(range(n))
    if rng is not None:
        order = list(rng.permutation(n))
    groups, start = [], 0
    for i in range(k):
        size = n // k
        if i < n % k:
            size += 1
        groups.append(order[start : start + size])
        start += size
    return to_folds(groups, n)


def stratified_kfold(y, k, rng):
    n = len(y)
    if k < 2 or k > n:
        raise ValueError("bad k")
    hands = [[] for _ in range(k)]
    turn = 0
    for label in sorted(set(y.tolist())):
        rows = [i for i in range(n) if y[i] == label]
        for row in rng.permutation(rows):
            hands[turn % k].append(row)
            turn += 1
    return to_folds(hands, n)


def cross_validate(X, y, folds, preprocess, model):
    scores = np.zeros(len(folds))
    for i in range(len(folds)):
        train, val = folds[i]
        preprocess.fit(X[train, :])
        new_train = preprocess.apply(X[train, :])
        new_val = preprocess.apply(X[val, :])
        model.fit(new_train, y[train])
        scores[i] = model.score(new_val, y[val])
    return scores


def select_one_se(scores, complexity):
    m, k = scores.shape
    rows = [[float(s) for s in row] for row in scores]
    means = [sum(row) / k for row in rows]
    best = 0
    for i in range(1, m):
        if means[i] > means[best]:
            best = i
    variance = sum((s - means[best]) ** 2 for s in rows[best]) / (k - 1)
    limit = means[best] - math.sqrt(variance / k)
    answer = best
    for i in range(m):
        if means[i] < limit:
            continue
        mine, other = (complexity[i], -means[i]), (complexity[answer], -means[answer])
        if mine < other or (mine == other and i < answer):
            answer = i
    return answer


def nested_cv(X, y, outer, inner_k, candidates, model_factory, rng):
    out = []
    for train, val in outer:
        inner = kfold(len(train), inner_k, rng)
        totals = [0.0] * len(candidates)
        for a, b in inner:
            for j, c in enumerate(candidates):
                m = model_factory(c)
                m.fit(X[train[a]], y[train[a]])
                totals[j] += m.score(X[train[b]], y[train[b]])
        winner = totals.index(max(totals))
        final = model_factory(candidates[winner])
        final.fit(X[train], y[train])
        out.append(final.score(X[val], y[val]))
    return np.asarray(out, dtype=float)


def optimism(val_scores, fresh_scores):
    v, f = val_scores.tolist(), fresh_scores.tolist()
    i = v.index(max(v))
    return v[i] - f[i]
