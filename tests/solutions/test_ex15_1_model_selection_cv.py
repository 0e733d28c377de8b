"""Oracles: brute force over definitions, scikit-learn's documented fold sizes, a simulation of a leak and of luck."""

import itertools
import math
import statistics
from types import SimpleNamespace

import numpy as np
import pytest

from tests.solutions import load

solution = load("ex15_1_model_selection_cv")


def check_partition(folds, n):
    """Every row validates once; training and validation rows are complements; all indices ascend."""
    assert sorted(itertools.chain.from_iterable(val.tolist() for _, val in folds)) == list(range(n))
    for train, val in folds:
        assert train.dtype == val.dtype == np.int64
        assert sorted([*train.tolist(), *val.tolist()]) == list(range(n))
        assert np.all(np.diff(train) > 0)
        assert np.all(np.diff(val) > 0)


def learnt_sizes(n, k):
    """Fold sizes as scikit-learn documents them for KFold: the first n % k have n // k + 1 rows, the others n // k."""
    return [n // k + 1] * (n % k) + [n // k] * (k - n % k)


@pytest.mark.parametrize(("n", "k"), [(n, k) for n in range(2, 30) for k in range(2, n + 1)])
def test_kfold_sizes_and_partition(n, k):
    for rng in (None, np.random.default_rng(n * k)):
        folds = solution.kfold(n, k, rng)
        check_partition(folds, n)
        assert [len(val) for _, val in folds] == learnt_sizes(n, k)


def test_kfold_cuts_the_permutation_by_hand():
    order = np.random.default_rng(3).permutation(11).tolist()
    folds = solution.kfold(11, 4, np.random.default_rng(3))
    pieces = [order[0:3], order[3:6], order[6:9], order[9:11]]
    assert [val.tolist() for _, val in folds] == [sorted(piece) for piece in pieces]
    assert [val.tolist() for _, val in solution.kfold(5, 2)] == [[0, 1, 2], [3, 4]]


@pytest.mark.parametrize(("n", "k"), [(5, 1), (5, 0), (5, -2), (5, 6), (0, 2)])
def test_impossible_numbers_of_folds(n, k):
    with pytest.raises(ValueError, match="between 2 and"):
        solution.kfold(n, k)
    with pytest.raises(ValueError, match="between 2 and"):
        solution.stratified_kfold(np.zeros(n), k, np.random.default_rng(0))


@pytest.mark.parametrize("seed", range(60))
def test_stratified_folds_are_as_even_as_they_can_be(seed):
    rng = np.random.default_rng(seed)
    n, classes = int(rng.integers(4, 60)), int(rng.integers(1, 6))
    y, k = rng.integers(0, classes, n), int(rng.integers(2, min(n, 9) + 1))
    folds = solution.stratified_kfold(y, k, np.random.default_rng(seed))
    check_partition(folds, n)
    assert np.ptp([len(val) for _, val in folds]) <= 1
    for label in np.unique(y):
        assert np.ptp([np.sum(y[val] == label) for _, val in folds]) <= 1


def test_stratified_dealing_card_by_card():
    y = np.array(["b", "a", "b", "b", "c", "a", "a", "b", "a", "c"])
    rng, hands, turn = np.random.default_rng(5), [[], [], []], itertools.cycle(range(3))
    for label in "abc":
        for row in rng.permutation([i for i in range(10) if y[i] == label]):
            hands[next(turn)].append(int(row))
    folds = solution.stratified_kfold(y, 3, np.random.default_rng(5))
    assert [val.tolist() for _, val in folds] == [sorted(hand) for hand in hands]


def recorder(log):
    """A preprocessing and a model that note the rows (column 0) they are fitted on."""

    def fit(X, y=None):
        log.append(set(X[:, 0].astype(int).tolist()))

    preprocess = SimpleNamespace(fit=fit, apply=lambda X: X)
    model = SimpleNamespace(fit=fit, score=lambda X, y: float(len(log[-1] & set(X[:, 0].astype(int).tolist()))))
    return preprocess, model


def test_nothing_that_is_fitted_sees_validation_rows():
    log = []
    X, y = np.arange(20.0)[:, None], np.zeros(20)
    folds = solution.kfold(20, 4, np.random.default_rng(0))
    scores = solution.cross_validate(X, y, folds, *recorder(log))
    assert scores.tolist() == [0.0] * 4
    for (train, _), seen in zip(np.repeat(np.array(folds, dtype=object), 2, axis=0), log, strict=True):
        assert seen == set(train.tolist())


def test_cross_validate_against_written_out_least_squares():
    rng = np.random.default_rng(1)
    X, y = rng.normal(3.0, 2.0, (30, 2)), rng.normal(size=30)
    state = {}
    preprocess = SimpleNamespace(fit=lambda X: state.update(mean=X.mean(0)), apply=lambda X: X - state["mean"])
    model = SimpleNamespace(
        fit=lambda X, y: state.update(w=np.linalg.lstsq(X, y, rcond=None)[0]),
        score=lambda X, y: -float(np.sum((X @ state["w"] - y) ** 2)),
    )
    folds = solution.kfold(30, 5)
    got = solution.cross_validate(X, y, folds, preprocess, model)
    expected = []
    for train, val in folds:
        mean = X[train].sum(0) / len(train)
        Z = X[train] - mean
        w = np.linalg.inv(Z.T @ Z) @ Z.T @ y[train]
        expected.append(-sum((float((X[i] - mean) @ w) - y[i]) ** 2 for i in val))
    assert got.dtype == np.float64
    assert got == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(100))
def test_one_standard_error_with_the_statistics_module(seed):
    rng = np.random.default_rng(seed)
    m, k = int(rng.integers(1, 9)), int(rng.integers(2, 8))
    scores, complexity = rng.normal(size=(m, k)), rng.integers(0, 4, m)
    means = [statistics.fmean(row) for row in scores.tolist()]
    best = max(range(m), key=means.__getitem__)
    limit = means[best] - statistics.stdev(scores[best].tolist()) / math.sqrt(k)
    ranking = sorted((complexity[i], -means[i], i) for i in range(m) if means[i] >= limit)
    got = solution.select_one_se(scores, complexity)
    assert type(got) is int
    assert got == ranking[0][2]


def test_one_standard_error_ties():
    assert solution.select_one_se(np.array([[0.5, 0.75], [0.75, 0.5]]), np.array([1, 1])) == 0
    assert solution.select_one_se(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([2, 1])) == 1


def table_model(table, fits):
    """Models whose score depends on the candidate and the rows scored, and which note what they were fitted on."""

    def factory(candidate):
        own = {}

        def fit(X, y):
            own["rows"] = set(X[:, 0].astype(int).tolist())

        def score(X, y):
            rows = X[:, 0].astype(int)
            fits.append((candidate, own["rows"], set(rows.tolist())))
            return float(table[candidate][rows].mean())

        return SimpleNamespace(fit=fit, score=score)

    return factory


@pytest.mark.parametrize("seed", range(20))
def test_nested_cv_by_brute_force(seed):
    rng = np.random.default_rng(seed)
    n, candidates = 24, [0, 1, 2, 3]
    table, X = rng.normal(size=(4, n)), np.arange(24.0)[:, None]
    outer, fits = solution.kfold(n, 3, rng), []
    got = solution.nested_cv(
        X, np.zeros(n), outer, 4, candidates, table_model(table, fits), np.random.default_rng(seed)
    )
    replay, expected = np.random.default_rng(seed), []
    for train, val in outer:
        pieces = np.array_split(replay.permutation(len(train)), 4)
        means = [np.mean([table[c][train[piece]].mean() for piece in pieces]) for c in candidates]
        expected.append(table[int(np.argmax(means))][val].mean())
        judged = [entry for entry in fits if entry[2] == set(val.tolist())]
        assert judged == [(int(np.argmax(means)), set(train.tolist()), set(val.tolist()))]
    assert all(not fitted & scored for _, fitted, scored in fits)
    assert got == pytest.approx(expected, abs=1e-12)


def test_nested_cv_is_honest_where_a_flat_choice_flatters():
    """Thirty candidates that are all noise: the flat best looks good, the nested score stays near 0."""
    flat, nested = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        table, X = rng.normal(size=(30, 40)), np.arange(40.0)[:, None]
        outer = solution.kfold(40, 4, rng)
        flat.append(table.mean(axis=1).max())
        nested.append(
            solution.nested_cv(X, np.zeros(40), outer, 3, list(range(30)), table_model(table, []), rng).mean()
        )
    assert np.mean(flat) > 0.2
    assert abs(np.mean(nested)) < 0.1


def test_optimism_of_noise_and_its_definition():
    rng = np.random.default_rng(0)
    draws = [solution.optimism(rng.normal(size=100), rng.normal(size=100)) for _ in range(400)]
    assert 2.2 < np.mean(draws) < 2.8  # the expected maximum of 100 standard normals is 2.51
    assert solution.optimism(np.array([0.5, 0.75, 0.75]), np.array([0.1, 0.25, 0.5])) == 0.5
    assert solution.optimism(np.array([1, 3], np.uint8), np.array([9, 5], np.uint8)) == -2.0
