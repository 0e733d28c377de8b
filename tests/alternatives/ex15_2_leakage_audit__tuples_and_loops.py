"""Tuples in dicts, None for NaN, one row at a time, AUC from counted pairs."""

import numpy as np


def key(sample):
    values = np.array(sample, dtype=float).flatten().tolist()
    return tuple(None if v != v else v for v in values)


def exact_overlap(train, test):
    seen = {}
    for row in train:
        seen[key(row)] = True
    hits = []
    for j in range(len(test)):
        if key(test[j]) in seen:
            hits.append(j)
    return np.array(hits, dtype="int64")


def near_duplicates(train, test, min_cosine, block=1024):
    a = [np.asarray(row, dtype=np.float64).ravel() for row in train]
    lengths = np.array([np.sqrt(np.dot(v, v)) for v in a])
    table = np.stack(a) if a else None
    found = []
    for j in range(len(test)):
        v = np.asarray(test[j], dtype=np.float64).ravel()
        length = np.sqrt(np.dot(v, v))
        if length == 0 or table is None:
            continue
        products = table @ v
        for i in np.flatnonzero(lengths > 0):
            if products[i] / (lengths[i] * length) >= min_cosine:
                found.append([i, j])
    return np.array(found, dtype=np.int64).reshape(len(found), 2)


def id_overlap(train_ids, test_ids):
    common = sorted(set(train_ids.tolist()) & set(test_ids.tolist()))
    return np.array(common, dtype=train_ids.dtype)


def leaky_features(X, y, auc_threshold=0.99):
    labels = sorted(set(y.tolist()))
    if len(labels) != 2:
        raise ValueError("two classes needed")
    found = []
    for c in range(X.shape[1]):
        low = [v for v, label in zip(X[:, c].tolist(), y.tolist(), strict=True) if label == labels[0]]
        high = [v for v, label in zip(X[:, c].tolist(), y.tolist(), strict=True) if label == labels[1]]
        wins = 0.0
        for h in high:
            for v in low:
                if h > v:
                    wins += 1
                elif h == v:
                    wins += 0.5
        auc = wins / (len(low) * len(high))
        if auc >= auc_threshold or 1 - auc >= auc_threshold:
            found.append(c)
    return np.array(found, dtype=np.int64)


def conflicting_labels(X, y):
    keys = [key(x) for x in X]
    done, groups = set(), []
    for i, k in enumerate(keys):
        if k in done:
            continue
        done.add(k)
        members = [j for j in range(i, len(keys)) if keys[j] == k]
        if any(y[j] != y[i] for j in members):
            groups.append(members)
    return groups


def clean_split(train, test):
    bad = {key(t) for t in test}
    return np.array([i for i in range(len(train)) if key(train[i]) not in bad], dtype=np.int64)
