"""Minima against general optimisers of scipy and the conditions, degrees of freedom against their definition."""

import numpy as np
import pytest

from tests.solutions import load

optimize = pytest.importorskip("scipy.optimize")
solution = load("ex15_3_penalised_regression")

SHAPES = [(20, 3), (8, 8), (6, 14), (3, 1), (30, 10)]


def data(seed, n, d):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) + rng.normal(size=d)
    return X, X @ np.where(rng.random(d) < 0.5, rng.normal(size=d), 0) + 0.3 * rng.normal(size=n) + 5


def net(X, y, w, b, alpha, l1_ratio):
    r = y - X @ w - b
    return r @ r / (2 * len(y)) + alpha * l1_ratio * np.abs(w).sum() + alpha * (1 - l1_ratio) * (w @ w) / 2


@pytest.mark.parametrize(("n", "d"), SHAPES)
@pytest.mark.parametrize("alpha", [0.1, 3.0])
def test_ridge_like_least_squares_with_extra_rows(n, d, alpha):
    """Rows sqrt(alpha) e_j with target 0 are the penalty; the column of ones has none."""
    X, y = data(1, n, d)
    rows = np.block([[X, np.ones((n, 1))], [np.sqrt(alpha) * np.eye(d), np.zeros((d, 1))]])
    expected = np.linalg.lstsq(rows, np.concatenate([y, np.zeros(d)]), rcond=None)[0]
    w, b = solution.ridge(X, y, alpha)
    np.testing.assert_allclose(w, expected[:-1], rtol=1e-9, atol=1e-11)
    assert b == pytest.approx(expected[-1], rel=1e-9) and isinstance(b, float)


def test_ridge_without_penalty_and_with_a_constant_column():
    X, y = data(2, 20, 3)
    expected = np.linalg.lstsq(np.column_stack([X, np.ones(20)]), y, rcond=None)[0]
    np.testing.assert_allclose(solution.ridge(X, y, 0.0)[0], expected[:-1], rtol=1e-9)
    w, _ = solution.ridge(np.column_stack([X, np.full(20, 7.0)]), y, 2.0)
    assert w[-1] == 0
    np.testing.assert_allclose(w[:-1], solution.ridge(X, y, 2.0)[0], rtol=1e-9)


@pytest.mark.parametrize("t", [0.0, 0.5, 3.0])
def test_soft_threshold_is_the_minimum(t):
    for x in (-4.0, -0.5, -0.2, 0.0, 0.3, 0.5, 2.0):
        found = optimize.minimize_scalar(lambda v, x=x: (v - x) ** 2 / 2 + t * abs(v), tol=1e-12).x
        assert float(solution.soft_threshold(np.array(x), t)) == pytest.approx(found, abs=1e-6)


@pytest.mark.parametrize(("n", "d"), SHAPES)
@pytest.mark.parametrize(("alpha", "l1_ratio"), [(0.05, 1.0), (0.3, 0.7), (0.5, 0.2), (0.2, 0.0), (100.0, 1.0)])
def test_elastic_net_fulfils_the_conditions(n, d, alpha, l1_ratio):
    X, y = data(3, n, d)
    w, b = solution.elastic_net(X, y, alpha, l1_ratio)
    r = y - X @ w - b
    assert abs(r.mean()) < 1e-12 * abs(y).max()
    slopes = X.T @ r / n - alpha * (1 - l1_ratio) * w
    for weight, slope in zip(w, slopes, strict=True):
        if weight == 0:
            assert abs(slope) <= alpha * l1_ratio + 1e-8
        else:
            assert slope == pytest.approx(alpha * l1_ratio * np.sign(weight), abs=1e-8)
    assert solution.kkt_violation(X, y, w, b, alpha, l1_ratio) <= 1e-8


@pytest.mark.parametrize(("alpha", "l1_ratio"), [(0.1, 1.0), (0.3, 0.5), (1.0, 0.9), (0.2, 0.0)])
def test_elastic_net_like_a_quadratic_program(alpha, l1_ratio):
    """Positive and negative parts of the weights as variables of their own: smooth, with bounds, by L-BFGS-B."""
    X, y = data(4, 25, 4)
    n, d = X.shape

    def objective(z):
        w, b = z[:d] - z[d : 2 * d], z[-1]
        r = y - X @ w - b
        slope = -X.T @ r / n + alpha * (1 - l1_ratio) * w
        value = r @ r / (2 * n) + alpha * l1_ratio * z[:-1].sum() + alpha * (1 - l1_ratio) * (w @ w) / 2
        return value, np.concatenate([slope + alpha * l1_ratio, -slope + alpha * l1_ratio, [-r.mean()]])

    bounds = [(0, None)] * (2 * d) + [(None, None)]
    options = {"maxiter": 50_000, "maxfun": 50_000, "ftol": 1e-16, "gtol": 1e-12}
    z = optimize.minimize(objective, np.zeros(2 * d + 1), jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    w, b = solution.elastic_net(X, y, alpha, l1_ratio)
    np.testing.assert_allclose(w, z[:d] - z[d : 2 * d], atol=1e-5)
    assert b == pytest.approx(z[-1], abs=1e-5)
    assert net(X, y, w, b, alpha, l1_ratio) <= objective(z)[0] + 1e-12


def test_ridge_and_elastic_net_agree():
    X, y = data(5, 20, 4)
    w, b = solution.elastic_net(X, y, 0.3, 0.0)
    expected, intercept = solution.ridge(X, y, 0.3 * 20)
    np.testing.assert_allclose(w, expected, rtol=1e-7)
    assert b == pytest.approx(intercept, rel=1e-8)


def test_independent_columns_have_a_formula():
    X = np.array([[a, b, c] for a in (-1.0, 1.0) for b in (-1.0, 1.0) for c in (-1.0, 1.0)])
    y = X @ [2.0, 0.1, -1.0] + 3
    w, b = solution.elastic_net(X, y, 0.5, 1.0)
    np.testing.assert_allclose(w, [1.5, 0.0, -0.5], atol=1e-12)
    assert b == pytest.approx(3.0) and w[1] == 0


@pytest.mark.parametrize("seed", range(10))
def test_violation_is_the_distance_to_the_subdifferential(seed):
    """By one-sided differences of the objective: 0 must lie between the slopes on both sides."""
    rng = np.random.default_rng(seed)
    X, y = data(6, 10, 3)
    w, b = rng.normal(size=3) * (rng.random(3) < 0.6), float(rng.normal())
    alpha, l1_ratio = float(rng.uniform(0.1, 2)), float(rng.uniform(0, 1))
    worst, h = 0.0, 1e-6
    for j in range(4):
        step = np.zeros(4)
        step[j] = h
        here = net(X, y, w, b, alpha, l1_ratio)
        right = (net(X, y, w + step[:3], b + step[3], alpha, l1_ratio) - here) / h
        left = (here - net(X, y, w - step[:3], b - step[3], alpha, l1_ratio)) / h
        worst = max(worst, left, -right)
    assert solution.kkt_violation(X, y, w, b, alpha, l1_ratio) == pytest.approx(worst, abs=1e-4)


@pytest.mark.parametrize(("n", "d"), SHAPES)
@pytest.mark.parametrize("alpha", [0.1, 5.0])
def test_dof_is_the_trace_of_the_hat_matrix(n, d, alpha):
    X, _ = data(7, n, d)
    columns = [X @ solution.ridge(X, e, alpha)[0] + solution.ridge(X, e, alpha)[1] for e in np.eye(n)]
    assert solution.effective_dof(X, alpha) == pytest.approx(np.trace(np.array(columns)) - 1, rel=1e-9)


@pytest.mark.parametrize("scale", [1.0, 0.3, np.array([0.5, 2.0, 7.0])])
def test_decay_steps(scale):
    rng = np.random.default_rng(8)
    w, g, lr, wd = rng.normal(size=3), rng.normal(size=3), 0.1, 0.4
    h = 1e-6
    penalty = [wd / 2 * (((w + h * e) ** 2).sum() - ((w - h * e) ** 2).sum()) / (2 * h) for e in np.eye(3)]
    np.testing.assert_allclose(
        solution.decay_step(w, g, lr, wd, "l2", scale), w - lr * (g + penalty) / scale, rtol=1e-8
    )
    plain = solution.decay_step(w, g, lr, 0.0, "decoupled", scale)
    np.testing.assert_allclose(solution.decay_step(w, g, lr, wd, "decoupled", scale), plain - lr * wd * w, rtol=1e-12)
    with pytest.raises(ValueError, match="kind"):
        solution.decay_step(w, g, lr, wd, "L2")


def test_plain_sgd_makes_no_difference():
    rng = np.random.default_rng(9)
    w, g = rng.normal(size=(2, 5))
    l2, decoupled = (solution.decay_step(w, g, 0.1, 0.4, kind) for kind in ("l2", "decoupled"))
    np.testing.assert_allclose(l2, decoupled, rtol=1e-13)


@pytest.mark.parametrize("constant", [0.1, 1 / 3, 0.7])
def test_a_constant_column_whose_mean_is_rounded_gets_exactly_0(constant):
    X, y = data(3, 20, 3)
    X[:, 1] = constant
    assert solution.ridge(X, y, 1.0)[0][1] == 0
    assert solution.elastic_net(X, y, 0.1, 0.0)[0][1] == 0
    assert solution.effective_dof(X, 1e-30) == pytest.approx(2)
