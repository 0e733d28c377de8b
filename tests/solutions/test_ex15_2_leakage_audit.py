"""Oracles: comparing all pairs value by value, the definition of the AUC as a share of pairs, scipy's distances."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from tests.solutions import load

solution = load("ex15_2_leakage_audit")


def same(a, b):
    """Two samples, value by value; Python's == knows one zero, and NaN is looked at on its own."""
    pairs = zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)
    return all(x == y or (x != x and y != y) for x, y in pairs)


def overlap_by_pairs(train, test):
    return [j for j in range(len(test)) if any(same(test[j], train[i]) for i in range(len(train)))]


def sets(seed):
    rng = np.random.default_rng(seed)
    values = np.array([0.0, -0.0, 1.0, np.nan, -np.nan, np.inf, -np.inf, 0.5])
    shape = [(2,), (1, 2), (2, 2), (3,), ()][seed % 5]
    count = [(7, 9), (0, 4), (4, 0), (1, 1), (20, 20)][seed // 5 % 5]
    return [rng.choice(values[: rng.integers(1, 9)], (n, *shape)) for n in count]


@pytest.mark.parametrize("seed", range(50))
def test_overlap_and_clean_split_by_pairs(seed):
    train, test = sets(seed)
    found = solution.exact_overlap(train, test)
    assert found.dtype == np.int64
    assert found.tolist() == overlap_by_pairs(train, test)
    keep = solution.clean_split(train, test)
    assert keep.dtype == np.int64
    assert keep.tolist() == sorted(set(range(len(train))) - set(overlap_by_pairs(test, train)))
    assert solution.exact_overlap(train[keep], test).size == 0


def test_overlap_across_dtypes_and_layouts():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (9, 4, 5)).astype(np.uint8)
    assert solution.exact_overlap(images, images[[3, 1]].astype(np.float32)).tolist() == [0, 1]
    assert solution.exact_overlap(images, images / 255.0).size == 0
    assert solution.exact_overlap(np.asfortranarray(images)[::-1], images[::2]).tolist() == [0, 1, 2, 3, 4]
    assert solution.exact_overlap(np.float32([[0.1]]), np.array([[0.1]])).size == 0


def test_overlap_against_unique_rows():
    rng = np.random.default_rng(1)
    train, test = rng.integers(0, 4, (300, 4)), rng.integers(0, 4, (200, 4))
    _, inverse = np.unique(np.concatenate([train, test]), axis=0, return_inverse=True)
    inverse = inverse.ravel()
    expected = np.flatnonzero(np.isin(inverse[300:], inverse[:300]))
    assert solution.exact_overlap(train, test).tolist() == expected.tolist()


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("block", [1, 3, 1024])
def test_near_duplicates_against_scipy(seed, block):
    rng = np.random.default_rng(seed)
    train, test = rng.normal(size=(17, 3)), rng.normal(size=(11, 3))
    min_cosine = float(rng.uniform(-0.5, 0.95))
    cosines = 1 - cdist(test, train, "cosine")
    expected = [(i, j) for j in range(11) for i in range(17) if cosines[j, i] >= min_cosine]
    got = solution.near_duplicates(train, test, min_cosine, block)
    assert got.dtype == np.int64
    assert got.reshape(-1, 2).tolist() == [list(pair) for pair in expected]
    assert got.shape == (len(expected), 2)


def test_near_duplicates_of_zeros_bytes_and_nothing():
    zeros = np.zeros((2, 3))
    assert solution.near_duplicates(zeros, np.ones((2, 3)), -2.0).shape == (0, 2)
    assert solution.near_duplicates(np.ones((2, 3)), zeros, -2.0).shape == (0, 2)
    assert solution.near_duplicates(zeros[:0], zeros, 0.5).shape == (0, 2)
    assert solution.near_duplicates(zeros, zeros[:0], 0.5).shape == (0, 2)
    light, dark = np.full((1, 2, 2), 250, np.uint8), np.full((1, 2, 2), 3, np.uint8)
    assert solution.near_duplicates(light, dark, 0.999).tolist() == [[0, 0]]


def test_id_overlap_against_sets():
    rng = np.random.default_rng(2)
    for _ in range(20):
        a, b = rng.integers(0, 30, 20).astype(np.int32), rng.integers(0, 30, 25).astype(np.int32)
        got = solution.id_overlap(a, b)
        assert got.dtype == np.int32
        assert got.tolist() == sorted(set(a.tolist()) & set(b.tolist()))
    assert solution.id_overlap(np.array(["b", "a", "b"]), np.array(["c", "b"])).tolist() == ["b"]
    assert solution.id_overlap(np.array([], np.int64), np.array([1])).shape == (0,)


def auc_by_pairs(values, positive):
    """Wins of positive over negative samples, ties count one half."""
    pairs = itertools.product(values[positive].tolist(), values[~positive].tolist())
    return math.fsum((a > b) + 0.5 * (a == b) for a, b in pairs) / (positive.sum() * (~positive).sum())


@pytest.mark.parametrize("seed", range(40))
def test_leaky_features_by_pairs(seed):
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(2, 40)), int(rng.integers(1, 6))
    y = rng.permutation(np.arange(n) < rng.integers(1, n))
    X = np.round(rng.normal(size=(n, d)) + y[:, None] * rng.normal(0, 3, d), int(rng.integers(0, 3)))
    auc = np.array([auc_by_pairs(column, y) for column in X.T])
    threshold = 0.5 + 0.5 * float(rng.random())
    if np.any(np.abs(np.maximum(auc, 1 - auc) - threshold) < 1e-9):
        threshold += 1e-6
    expected = np.flatnonzero(np.maximum(auc, 1 - auc) >= threshold)
    got = solution.leaky_features(X, np.where(y, 9, 4), threshold)
    assert got.dtype == np.int64
    assert got.tolist() == expected.tolist()


def test_auc_is_the_mann_whitney_statistic():
    rng = np.random.default_rng(3)
    values, positive = rng.integers(0, 5, 50).astype(float), rng.random(50) < 0.3
    u = stats.mannwhitneyu(values[positive], values[~positive]).statistic
    auc = u / (positive.sum() * (~positive).sum())
    for threshold, found in ((max(auc, 1 - auc) - 1e-9, [0]), (max(auc, 1 - auc) + 1e-9, [])):
        assert solution.leaky_features(values[:, None], positive, threshold).tolist() == found


@pytest.mark.parametrize("y", [[0, 0, 0], [0, 1, 2], []])
def test_two_classes_are_needed(y):
    with pytest.raises(ValueError, match="two different values"):
        solution.leaky_features(np.zeros((len(y), 2)), np.array(y))


@pytest.mark.parametrize("seed", range(30))
def test_conflicts_by_pairs(seed):
    rng = np.random.default_rng(seed)
    X, y = sets(seed)[0], rng.integers(0, 3, 20)
    y = y[: len(X)]
    expected = []
    for i in range(len(X)):
        group = [j for j in range(len(X)) if same(X[i], X[j])]
        if group[0] == i and any(y[j] != y[i] for j in group):
            expected.append(group)
    assert solution.conflicting_labels(X, y) == expected


def test_nothing_that_comes_in_changes():
    X = np.array([[-0.0, np.nan], [1.0, 2.0]])
    before = X.tobytes()
    solution.exact_overlap(X, X)
    solution.clean_split(X, X)
    solution.conflicting_labels(X, np.array([0, 1]))
    solution.near_duplicates(X[1:], X[1:], 0.5)
    assert X.tobytes() == before
