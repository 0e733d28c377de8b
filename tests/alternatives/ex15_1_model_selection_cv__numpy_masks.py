"""Masks, np.delete, setdiff1d, lexsort; deep copies of what is fitted."""

import copy
from itertools import pairwise

import numpy as np


def kfold(n, k, rng=None):
    if not (2 <= k <= n):
        raise ValueError(f"k={k} for n={n}")
    order = rng.permutation(n) if rng is not None else np.arange(n)
    edges = np.cumsum([0] + [n // k + (i < n % k) for i in range(k)])
    folds = []
    for a, b in pairwise(edges):
        val = np.sort(order[a:b])
        folds.append([np.delete(np.arange(n), val), val])
    return folds


def stratified_kfold(y, k, rng):
    n = y.shape[0]
    if not (2 <= k <= n):
        raise ValueError(f"k={k} for n={n}")
    order = []
    for c in np.unique(y):
        order.extend(rng.permutation(np.where(y == c)[0]))
    order = np.array(order)
    return [(np.setdiff1d(np.arange(n), order[f::k]), np.sort(order[f::k])) for f in range(k)]


def cross_validate(X, y, folds, preprocess, model):
    def one(train, val):
        p, m = copy.copy(preprocess), copy.copy(model)
        p.fit(X[train])
        m.fit(p.apply(X[train]), y[train])
        return m.score(p.apply(X[val]), y[val])

    return np.fromiter((one(*fold) for fold in folds), float)


def select_one_se(scores, complexity):
    scores = scores.astype(float)
    mu = scores.mean(1)
    best = np.argmax(mu)
    se = np.sqrt(np.var(scores[best], ddof=1) / scores.shape[1])
    ok = np.where(mu >= mu[best] - se)[0]
    return ok[np.lexsort((ok, -mu[ok], np.asarray(complexity)[ok]))[0]]


def nested_cv(X, y, outer, inner_k, candidates, model_factory, rng):
    results = np.empty(len(outer))
    for i, (train, val) in enumerate(outer):
        Xt, yt = X[train], y[train]
        table = np.empty((len(candidates), inner_k))
        for f, (a, b) in enumerate(kfold(len(train), inner_k, rng)):
            for c, candidate in enumerate(candidates):
                model = model_factory(candidate)
                model.fit(Xt[a], yt[a])
                table[c, f] = model.score(Xt[b], yt[b])
        model = model_factory(candidates[int(table.mean(1).argmax())])
        model.fit(Xt, yt)
        results[i] = model.score(X[val], y[val])
    return results


def optimism(val_scores, fresh_scores):
    return np.subtract(val_scores, fresh_scores, dtype=float)[np.argmax(val_scores)]
