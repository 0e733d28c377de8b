"""15-2 · What does a contaminated test set mean?

A test score is worth something only if nothing about the test set was known in training. Write the checks of an audit:
identical rows, nearly identical rows, shared identities, features that give the answer away, contradicting labels,
and the repair.

Rules for all parts:

* `train`, `test` and `X` hold one sample per entry of the first axis, of any further shape, for instance (n, d) or
  (n, h, w); train and test agree in that shape. There may be no samples at all.
* Two samples are *identical* if all their values are, as float64 numbers and position by position: 255 is 255.0,
  -0.0 is 0.0, and NaN is NaN here. Nothing is rescaled, so an image in 0 ... 255 isn't identical to the same
  image in 0 ... 1.
* Integer inputs are converted to float64 before anything is computed with them.
* Indices are int64 arrays, ascending, unless said otherwise. Arguments stay as they are.

Sources: Kapoor & Narayanan 2023, Leakage and the reproducibility crisis (https://doi.org/10.1016/j.patter.2023.100804);
Barz & Denzler 2020, Do we train on test data? (arXiv:1902.00423).
"""

import math

import numpy as np


def _flat(X: np.ndarray) -> np.ndarray:
    return np.asarray(X, dtype=np.float64).reshape(len(X), math.prod(X.shape[1:]))


def _keys(X: np.ndarray) -> list[bytes]:
    """One string of bytes per sample; they are equal if and only if the samples are identical."""
    flat = _flat(X) + 0.0  # turns -0.0 into 0.0
    flat[np.isnan(flat)] = np.nan  # there are many bit patterns for NaN
    return [row.tobytes() for row in flat]


def _directions(X: np.ndarray) -> np.ndarray:
    """Samples scaled to length 1; a sample of zeros becomes NaN, which is similar to nothing."""
    flat = _flat(X)
    with np.errstate(invalid="ignore"):
        return flat / np.linalg.norm(flat, axis=1, keepdims=True)


def _auc(values: np.ndarray, positive: np.ndarray) -> float:
    ordered = np.sort(values)
    # Equal values share the mean of the ranks they occupy.
    ranks = (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right") + 1) / 2
    n_pos, n_neg = positive.sum(), (~positive).sum()
    return (ranks[positive].sum() - n_pos * (n_pos + 1) / 2) / (n_pos * n_neg)


def exact_overlap(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Indices of the test samples that are identical to some training sample.

    Comparing every pair is too slow: 50 000 samples against 50 000 should take about a second.
    """
    known = set(_keys(train))
    return np.array([i for i, key in enumerate(_keys(test)) if key in known], dtype=np.int64)


def near_duplicates(train: np.ndarray, test: np.ndarray, min_cosine: float, block: int = 1024) -> np.ndarray:
    """All pairs (training index, test index) with a cosine similarity of at least min_cosine, int64 (k, 2).

    The pairs are in the order of their test index, and for the same test sample in that of the training index. The
    cosine of two samples is the scalar product of their values, divided by both lengths; a sample of zeros only is
    similar to nothing, whatever min_cosine is. Without pairs the result has the shape (0, 2).

    The table of all similarities may be too large: compare at most `block` samples of one set with the other set at a
    time. (Memory is measured, generously: several tables of that size and several float64 copies of the data are fine.)
    """
    a, b = _directions(train), _directions(test)
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for start in range(0, len(b), block):
        test_idx, train_idx = np.nonzero(b[start : start + block] @ a.T >= min_cosine)
        pairs.append(np.column_stack([train_idx, test_idx + start]))
    return np.concatenate(pairs)


def id_overlap(train_ids: np.ndarray, test_ids: np.ndarray) -> np.ndarray:
    """The identities (patients, users, films) that occur in both sets: each one once, ascending, of the ids' dtype.

    train_ids (n,), test_ids (m,): integers or strings, the same kind in both.
    """
    return np.intersect1d(train_ids, test_ids)


def leaky_features(X: np.ndarray, y: np.ndarray, auc_threshold: float = 0.99) -> np.ndarray:
    """Columns that tell the classes apart suspiciously well on their own, in either direction.

    X: (n, d); y: (n,), exactly two different values; the larger one is the positive class. The AUC of a column is the
    probability that a random positive sample has a larger value than a random negative one, where equal values count
    one half. A column is reported if AUC or 1 - AUC is at least auc_threshold.

    Raises ValueError unless y has exactly two different values. Source: Hanley & McNeil 1982
    (https://doi.org/10.1148/radiology.143.1.7063747).
    """
    classes = np.unique(y)
    if len(classes) != 2:
        raise ValueError(f"y needs two different values, it has {len(classes)}")
    positive = y == classes[1]
    auc = np.array([_auc(column, positive) for column in X.T])
    return np.flatnonzero(np.maximum(auc, 1 - auc) >= auc_threshold)


def conflicting_labels(X: np.ndarray, y: np.ndarray) -> list[list[int]]:
    """Groups of identical samples that don't all have the same label.

    y: integer labels (n,). A group is the list of the indices of *all* samples that are identical to each other,
    ascending; groups are ordered by their first index. Groups whose labels agree are left out.
    """
    groups: dict[bytes, list[int]] = {}
    for i, key in enumerate(_keys(X)):
        groups.setdefault(key, []).append(i)
    return [group for group in groups.values() if len(np.unique(y[group])) > 1]


def clean_split(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Indices of the training samples to keep, so that no sample is in both sets.

    The test set stays as it is, so that results remain comparable with others. Samples that occur several times
    in train, but not in test, all stay.
    """
    forbidden = set(_keys(test))
    return np.array([i for i, key in enumerate(_keys(train)) if key not in forbidden], dtype=np.int64)
