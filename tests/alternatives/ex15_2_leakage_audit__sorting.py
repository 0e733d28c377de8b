"""Void views and np.unique, blocks over both sets, scipy-free ranks by sorting."""

import numpy as np


def as_rows(X):
    flat = np.array(X, dtype=np.float64, order="C").reshape(X.shape[0], int(np.prod(X.shape[1:], dtype=int)))
    flat[flat == 0] = 0.0
    flat[np.isnan(flat)] = np.nan
    return flat


def codes(*parts):
    stacked = np.ascontiguousarray(np.concatenate([as_rows(p) for p in parts]))
    view = stacked.view(np.dtype((np.void, stacked.shape[1] * 8))).ravel()
    inverse = np.unique(view, return_inverse=True)[1].ravel()
    return np.split(inverse, np.cumsum([len(p) for p in parts])[:-1])


def exact_overlap(train, test):
    a, b = codes(train, test)
    return np.where(np.isin(b, a))[0]


def near_duplicates(train, test, min_cosine, block=1024):
    def unit(X):
        flat = as_rows(X)
        length = np.sqrt(np.einsum("ij,ij->i", flat, flat))
        return flat / np.where(length > 0, length, 1.0)[:, None], length > 0

    (a, a_ok), (b, b_ok) = unit(train), unit(test)
    rows, cols = [], []
    for i in range(0, len(a), block):
        for j in range(0, len(b), block):
            sims = np.einsum("id,jd->ij", a[i : i + block], b[j : j + block])
            good = (sims >= min_cosine) & a_ok[i : i + block, None] & b_ok[None, j : j + block]
            p, q = good.nonzero()
            rows.append(p + i)
            cols.append(q + j)
    if not rows:
        return np.zeros((0, 2), dtype=np.int64)
    pairs = np.stack([np.concatenate(rows), np.concatenate(cols)], axis=1)
    return pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))]


def id_overlap(train_ids, test_ids):
    unique = np.unique(test_ids)
    return unique[np.isin(unique, train_ids)]


def leaky_features(X, y, auc_threshold=0.99):
    labels, coded = np.unique(y, return_inverse=True)
    if labels.size != 2:
        raise ValueError("two classes needed")
    n1 = coded.sum()
    n0 = len(coded) - n1
    out = []
    for c in range(X.shape[1]):
        _, inverse, counts = np.unique(X[:, c], return_inverse=True, return_counts=True)
        upper = np.cumsum(counts)
        mid = upper - (counts - 1) / 2
        area = (mid[inverse] * coded).sum() / n1 / n0 - (n1 + 1) / 2 / n0
        if abs(area - 0.5) >= auc_threshold - 0.5:
            out.append(c)
    return np.array(out, dtype=int)


def conflicting_labels(X, y):
    (code,) = codes(X)
    order = np.argsort(code, kind="stable")
    cuts = np.flatnonzero(np.diff(code[order])) + 1
    groups = [g for g in np.split(order, cuts) if g.size and np.ptp(y[g]) > 0]
    return sorted([g.tolist() for g in groups])


def clean_split(train, test):
    a, b = codes(train, test)
    keep = np.ones(len(a), dtype=bool)
    keep[np.isin(a, b)] = False
    return np.arange(len(a))[keep]
