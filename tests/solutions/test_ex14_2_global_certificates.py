"""Oracles: dense grids, scipy's optimisers, the lasso's optimality conditions, and a search written as plain loops."""

import itertools
import math

import numpy as np
import pytest

from tests.solutions import load

solution = load("ex14_2_global_certificates")


# ---- convexity_violation

FUNCTIONS = {
    "square": lambda p: (p**2).sum(axis=-1),
    "norm": lambda p: np.abs(p).sum(axis=-1),
    "saddle": lambda p: (p**2 * (-1.0) ** np.arange(p.shape[-1])).sum(axis=-1),
    "cosine": lambda p: np.cos(p).sum(axis=-1),
}


def violation_pair_by_pair(f, X, Y, t):
    worst = 0.0
    for x, y, s in zip(X, Y, np.broadcast_to(t, len(X)), strict=True):
        point, chord = np.array([s * x + (1 - s) * y]), s * f(x[None])[0] + (1 - s) * f(y[None])[0]
        worst = max(worst, f(point)[0] - chord)
    return worst


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(("n", "d"), [(0, 2), (1, 1), (3, 3), (40, 2)])
def test_violation_pair_by_pair(name, n, d):
    rng = np.random.default_rng(n + d)
    X, Y = rng.normal(0, 2, (n, d)), rng.normal(0, 2, (n, d))
    for t in (0.0, 0.3, 1, rng.random(n)):
        got = solution.convexity_violation(FUNCTIONS[name], X, Y, t)
        assert got == pytest.approx(violation_pair_by_pair(FUNCTIONS[name], X, Y, t), abs=1e-12)
        if name in ("square", "norm"):
            assert got < 1e-12


def test_violation_of_a_parabola_upside_down():
    """On -x² the value exceeds the chord by t (1 - t) (x - y)²."""
    got = solution.convexity_violation(lambda p: -FUNCTIONS["square"](p), np.array([[3]]), np.array([[-1]]), 0.25)
    assert got == pytest.approx(0.25 * 0.75 * 16)


# ---- piyavskii_shubert


def wave(x):
    return math.sin(3 * x) + math.sin(7 * x) / 2 + 0.1 * x * x


def search_by_sorting(f, a, b, L, tol, max_evals):
    """The same rule on sorted lists of points, with bounds worked out from scratch each time."""
    samples = sorted((x, f(x)) for x in (a, b))
    while True:
        pairs = list(itertools.pairwise(samples))
        bounds = [(f0 + f1 - L * (x1 - x0)) / 2 for (x0, f0), (x1, f1) in pairs]
        best, bound = min(value for _, value in samples), min(bounds)
        if best - bound <= tol or len(samples) == max_evals:
            return best, bound, len(samples)
        (x0, f0), (x1, f1) = pairs[bounds.index(bound)]
        x = x0 + ((x1 - x0) + (f0 - f1) / L) / 2
        samples = sorted([*samples, (x, f(x))])


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("tol", "max_evals"), [(1e-2, 10000), (0.3, 10000), (1e-9, 25), (0.0, 2), (0.0, 3)])
def test_search_against_plain_lists(seed, tol, max_evals):
    rng = np.random.default_rng(seed)
    heights, rates, shift = rng.normal(size=3), rng.uniform(1, 6, 3), rng.normal()
    L, calls = float(np.abs(heights * rates).sum()), []

    def f(x):
        calls.append(x)
        return float((heights * np.sin(rates * x + shift)).sum())

    got = solution.piyavskii_shubert(f, -1.0, 2.5, L, tol, max_evals)
    count = len(calls)
    assert got["n_evals"] == count == len(set(calls))
    assert all(-1.0 <= x <= 2.5 for x in calls)
    best, bound, expected_count = search_by_sorting(f, -1.0, 2.5, L, tol, max_evals)
    assert abs(count - expected_count) <= 1  # two halves of an interval always tie, but for rounding
    if count == expected_count:
        assert (got["f"], got["lower_bound"]) == pytest.approx((best, bound), abs=1e-6)
    assert got["f"] == f(got["x"])
    grid = (heights[:, None] * np.sin(rates[:, None] * np.linspace(-1, 2.5, 100_001) + shift)).sum(axis=0)
    assert got["lower_bound"] <= grid.min() <= got["f"] + 1e-6


def test_search_finds_the_minimum_of_a_wave():
    optimize = pytest.importorskip("scipy.optimize")
    got = solution.piyavskii_shubert(wave, -3.0, 3.0, 7.1, 1e-3)
    assert got["n_evals"] == 147
    assert (got["f"], got["lower_bound"]) == pytest.approx((-1.254724, -1.255691), abs=1e-6)
    starts = np.linspace(-3, 3, 40)
    best = min(optimize.minimize_scalar(wave, bounds=(s - 0.2, s + 0.2), method="bounded").fun for s in starts)
    assert got["lower_bound"] <= best <= got["f"]


def test_search_by_hand():
    got = solution.piyavskii_shubert(lambda x: abs(x - 1), -2, 2, 1, 0)
    assert got == {"x": 1.0, "f": 0.0, "lower_bound": 0.0, "n_evals": 3}


@pytest.mark.parametrize(("a", "b", "L"), [(1.0, 1.0, 1.0), (2.0, 1.0, 1.0), (0.0, 1.0, 0.0), (0.0, 1.0, -1.0)])
def test_search_refuses(a, b, L):
    with pytest.raises(ValueError, match="a search needs"):
        solution.piyavskii_shubert(wave, a, b, L, 0.1)


# ---- lasso_gap


def optimum(X, y, lam, sweeps=300):
    """Coordinate descent."""
    w = np.zeros(X.shape[1])
    for _ in range(sweeps):
        for j, column in enumerate(X.T):
            rest = column @ (y - X @ w) + column @ column * w[j]
            w[j] = np.sign(rest) * max(abs(rest) - lam, 0) / (column @ column)
    return w


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.01, 0.3, 0.99, 1.5])
def test_lasso_gap_closes_at_the_optimum_only(seed, share):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(12, 5)), rng.normal(size=12)
    lam = share * np.abs(X.T @ y).max()
    w = optimum(X, y, lam)
    primal, dual, gap = solution.lasso_gap(X, y, w, lam)
    assert gap == pytest.approx(0, abs=1e-10)
    assert (w == 0).all() == (share >= 1)
    other = w + rng.normal(0, 0.1, 5)
    value, bound, distance = solution.lasso_gap(X, y, other, lam)
    assert bound <= primal + 1e-12 and value >= dual - 1e-12
    assert distance == pytest.approx(value - bound)
    assert distance >= value - primal > 0


def test_lasso_gap_against_a_direct_maximisation_along_the_residual():
    """Among the multiples s in 0 ... 1 of the residual that are feasible, the longest has the largest dual value."""
    rng = np.random.default_rng(7)
    X, y, w, lam = rng.normal(size=(8, 4)), 3 * rng.normal(size=8), rng.normal(0, 0.1, 4), 2.5
    r = y - X @ w
    shares = [s for s in np.linspace(0, 1, 20001) if np.abs(X.T @ (s * r)).max() <= lam]
    expected = 0.5 * y @ y - 0.5 * (y - shares[-1] * r) @ (y - shares[-1] * r)
    primal, dual, _ = solution.lasso_gap(X, y, w, lam)
    assert dual == pytest.approx(expected, rel=1e-3)
    assert primal == pytest.approx(0.5 * np.linalg.norm(r) ** 2 + 2.5 * np.linalg.norm(w, 1))


def test_lasso_gap_of_nothing():
    assert solution.lasso_gap(np.zeros((0, 2)), np.zeros(0), np.array([1.0, -2.0]), 0.5) == (1.5, 0.0, 1.5)
    assert solution.lasso_gap(np.zeros((2, 0)), np.array([3, 4]), np.zeros(0), 0.5) == (12.5, 12.5, 0.0)
    assert solution.lasso_gap(np.eye(2), np.array([3, 4]), np.array([3, 4]), 0.5) == (3.5, 0.0, 3.5)


def test_small_integers_do_not_overflow():
    X, y, w = np.full((3, 2), 100, np.int8), np.full(3, 100, np.int8), np.full(2, 100, np.int8)
    wide = [a.astype(float) for a in (X, y, w)]
    assert solution.lasso_gap(X, y, w, 0.5) == pytest.approx(solution.lasso_gap(*wide, 0.5))
    got = solution.convexity_violation(lambda p: -FUNCTIONS["square"](p), X, -X, 0.5)
    assert got == pytest.approx(2 * 100**2)


# ---- certificate


@pytest.mark.parametrize(
    ("loss", "bound", "convex", "norm", "expected"),
    [
        (0.0, 0.0, False, 9.0, "global"),
        (0.25, 0.125, False, 9.0, "global"),
        (0.5, 0.125, False, 0.0, "stationary"),
        (0.5, 0.125, True, 0.125, "global"),
        (0.5, 0.125, True, 0.25, "none"),
        (-5.0, -math.inf, False, 0.0, "stationary"),
        (-5.0, -math.inf, True, 0.0, "global"),
        (math.nan, 0.0, True, math.nan, "none"),
        (math.inf, 0.0, False, math.nan, "none"),
    ],
)
def test_certificate(loss, bound, convex, norm, expected):
    assert solution.certificate(loss, bound, convex, norm, 0.125) == expected
