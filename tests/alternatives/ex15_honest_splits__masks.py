# Masks and float quotas; classes are permuted by index, groups cut with a running count.
import numpy as np


def largest_remainder(counts, k):
    c = counts.astype(float)
    quota = c / c.sum() * k
    base = np.floor(quota + 1e-9)
    rest = np.round(quota - base, 9)
    out = base.astype(np.int64)
    missing = int(k) - out.sum()
    for _ in range(missing):
        best = int(np.argmax(rest))
        out[best] += 1
        rest[best] = -1
    return out


def _size(share, n):
    k = int(-((-(share * n) + 1e-9) // 1))
    if k < 1 or k > n - 1:
        raise ValueError("empty side")
    return k


def stratified_split(y, test_size, rng):
    labels = np.unique(y)
    sizes = np.array([np.sum(y == label) for label in labels])
    if sizes.size and sizes.min() == 1:
        raise ValueError("class with one member")
    places = largest_remainder(sizes, _size(test_size, len(y)))
    test = []
    for label, n, m in zip(labels, sizes, places, strict=True):
        rows = np.nonzero(y == label)[0]
        test.append(rows[rng.permutation(n)[:m]])
    test = np.sort(np.concatenate(test))
    return np.delete(np.arange(len(y)), test), test


def group_split(groups, test_size, rng):
    k = _size(test_size, len(groups))
    names = np.unique(groups)
    mask = np.zeros(len(groups), dtype=bool)
    for name in names[rng.permutation(names.size)]:
        mask |= groups == name
        if mask.sum() >= k:
            break
    if mask.all():
        raise ValueError("empty training set")
    rows = np.arange(len(groups))
    return rows[~mask], rows[mask]


def time_split(t, test_fraction, gap=0.0):
    t = t.astype(np.float64)
    k = _size(test_fraction, len(t))
    order = np.lexsort((np.arange(len(t)), t))
    test = np.sort(order[::-1][:k])
    train = np.where(t + gap < t[test].min())[0]
    if train.size == 0:
        raise ValueError("empty training set")
    return train, test


def generalization_gap(train_losses, test_losses):
    a, b = np.array(train_losses, dtype=float), np.array(test_losses, dtype=float)
    return np.mean(b) - np.mean(a), np.hypot(np.std(a, ddof=1) / np.sqrt(a.size), np.std(b, ddof=1) / np.sqrt(b.size))
