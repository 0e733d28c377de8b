"""Splits against the properties they promise, shares against exact fractions, the error of the gap against scipy."""

from fractions import Fraction

import numpy as np
import pytest

from tests.solutions import load

solution = load("ex15_honest_splits")


def shares_by_fractions(counts, k):
    """Another way to write it: one place after the other, to the class that is furthest below its quota."""
    quotas = [Fraction(k * int(c), int(sum(counts))) for c in counts]
    places = [q.numerator // q.denominator for q in quotas]
    for c in sorted(range(len(counts)), key=lambda c: (places[c] - quotas[c], c))[: k - sum(places)]:
        places[c] += 1
    return places


def test_places_are_quotas_up_to_one_and_add_up():
    rng = np.random.default_rng(0)
    for _ in range(200):
        counts = rng.integers(0, 30, rng.integers(1, 9))
        if counts.sum() == 0:
            continue
        k = int(rng.integers(0, counts.sum() + 1))
        got = solution.largest_remainder(counts, k)
        assert got.dtype == np.int64 and got.sum() == k
        assert np.all(np.abs(got - k * counts / counts.sum()) < 1) and np.all(got <= counts)
        assert got.tolist() == shares_by_fractions(counts, k)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64])
def test_small_integers_do_not_overflow(dtype):
    counts = np.array([120, 100, 7], dtype)
    assert solution.largest_remainder(counts, dtype(100)).tolist() == shares_by_fractions([120, 100, 7], 100)


def assert_split(train, test, rows, whole=True):
    for side in (train, test):
        assert side.dtype == np.int64 and side.size and np.all(np.diff(side) > 0)
    both = np.concatenate([train, test])
    assert len(np.unique(both)) == len(both)
    assert both.min() >= 0 and both.max() < rows
    assert not whole or len(both) == rows


@pytest.mark.parametrize("share", [0.07, 0.2, 0.5, 0.83])
@pytest.mark.parametrize("counts", [(30, 30), (95, 5), (50, 20, 10, 3), (2, 2, 2), (100,)])
def test_every_class_has_its_share(counts, share):
    y = np.random.default_rng(1).permutation(np.repeat(np.arange(len(counts)), counts))
    size = int(np.ceil(Fraction(share).limit_denominator(1000) * len(y)))
    train, test = solution.stratified_split(y, share, np.random.default_rng(2))
    assert_split(train, test, len(y))
    assert len(test) == size
    in_test = np.bincount(y[test], minlength=len(counts))
    assert in_test.tolist() == shares_by_fractions(counts, size)


def test_every_member_of_a_class_is_drawn_equally_often():
    y = np.repeat([0, 1], (12, 4))
    rng = np.random.default_rng(3)
    times = np.bincount(np.concatenate([solution.stratified_split(y, 0.25, rng)[1] for _ in range(800)]), minlength=16)
    assert np.all(np.abs(times - 200) < 7 * np.sqrt(800 * 0.25 * 0.75))


def test_draws_are_one_permutation_per_class():
    y = np.array([5, 3, 5, 3, 3, 5, 5, 3, 5])
    ours, theirs = np.random.default_rng(4), np.random.default_rng(4)
    test = solution.stratified_split(y, 0.4, ours)[1]
    three, five = (theirs.permutation(np.flatnonzero(y == c)) for c in (3, 5))
    assert test.tolist() == sorted([*three[:2], *five[:2]])
    assert ours.random() == theirs.random()


@pytest.mark.parametrize("share", [0.01, 0.25, 0.5])
def test_no_group_is_on_both_sides(share):
    rng = np.random.default_rng(5)
    for seed in range(50):
        groups = rng.permutation(np.repeat(np.arange(20), rng.integers(1, 9, 20)))
        ours, theirs = np.random.default_rng(seed), np.random.default_rng(seed)
        train, test = solution.group_split(groups, share, ours)
        assert_split(train, test, len(groups))
        assert not set(groups[train]) & set(groups[test])
        taken, wanted = [], np.ceil(share * len(groups))
        for g in theirs.permutation(20):
            if np.isin(groups, taken).sum() < wanted:
                taken.append(g)
        assert set(groups[test]) == set(taken)
        assert ours.random() == theirs.random()


def test_strings_are_as_good_as_numbers():
    names = np.array(["b", "a", "c", "b", "a", "c", "b", "a"])
    numbers = np.array([1, 0, 2, 1, 0, 2, 1, 0])
    for split in (solution.stratified_split, solution.group_split):
        ours, theirs = (split(labels, 0.4, np.random.default_rng(6)) for labels in (names, numbers))
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("gap", [0, 1, 3])
@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_training_ends_before_the_gap(share, gap):
    rng = np.random.default_rng(7)
    for _ in range(50):
        t = rng.integers(-20, 20, 30)
        train, test = solution.time_split(t, share, gap)
        assert_split(train, test, 30, whole=False)
        assert len(test) == np.ceil(share * 30 - 1e-9)
        assert t[train].max() < t[test].min() - gap
        latest = sorted(range(30), key=lambda i: (t[i], i))[-len(test) :]
        assert test.tolist() == sorted(latest)
        missing = np.setdiff1d(np.arange(30), np.concatenate([train, test]))
        assert np.all((t[missing] >= t[test].min() - gap) & (t[missing] <= t[test].min()))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_no_side_may_be_empty(share):
    labels, rng = np.array([0, 0, 1, 1]), np.random.default_rng(8)
    with pytest.raises(ValueError, match="empty"):
        solution.stratified_split(labels, share, rng)
    with pytest.raises(ValueError, match="empty"):
        solution.group_split(labels, share, rng)
    with pytest.raises(ValueError, match="empty"):
        solution.time_split(labels, share)
    with pytest.raises(ValueError, match="empty"):
        solution.group_split(np.zeros(4, int), 0.5, rng)
    with pytest.raises(ValueError, match="empty"):
        solution.time_split(labels, 0.5, gap=1)
    with pytest.raises(ValueError, match="single"):
        solution.stratified_split(np.array([0, 0, 1]), 0.5, rng)


def test_the_error_of_the_gap_is_that_of_welchs_test():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(9)
    for n, m in ((2, 2), (50, 20), (7, 300)):
        train, test = rng.gamma(2, 1, n), rng.gamma(2, 2, m)
        gap, error = solution.generalization_gap(train, test)
        assert gap / error == pytest.approx(stats.ttest_ind(test, train, equal_var=False).statistic, rel=1e-12)
        assert gap == pytest.approx(sum(test) / m - sum(train) / n)
        assert error == pytest.approx(np.sqrt(stats.sem(train) ** 2 + stats.sem(test) ** 2), rel=1e-12)


def test_the_error_covers_the_true_gap_about_as_often_as_promised():
    rng = np.random.default_rng(10)
    hits = 0
    for _ in range(800):
        gap, error = solution.generalization_gap(rng.normal(1, 1, 40), rng.normal(1.5, 2, 60))
        hits += abs(gap - 0.5) < 1.96 * error
    assert 0.91 < hits / 800 < 0.98
