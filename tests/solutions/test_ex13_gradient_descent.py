"""Gradient descent against its closed form on parabolas, step sizes against norms of I - lr H and plain search."""

import numpy as np
import pytest

from tests.solutions import load

solution = load("ex13_gradient_descent")


def positive_definite(rng, d, condition):
    """A symmetric matrix with eigenvalues from 1 to `condition`, and a factor in front."""
    basis, _ = np.linalg.qr(rng.standard_normal((d, d)))
    spectrum = np.concatenate([[1.0], rng.uniform(1, condition, max(d - 2, 0)), [condition]])[-d:]
    H = rng.uniform(0.1, 10) * (basis * spectrum) @ basis.T
    return (H + H.T) / 2


SHAPES = [(d, condition) for d in (1, 2, 3, 7, 20) for condition in (1.0, 10.0, 1e4)]


@pytest.mark.parametrize(("d", "condition"), SHAPES)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99, 1.01])
def test_path_is_the_closed_form(d, condition, share):
    rng = np.random.default_rng(d)
    H, best, x0 = positive_definite(rng, d, condition), rng.standard_normal(d), rng.standard_normal(d)
    lr = share * 2 / np.linalg.norm(H, 2)
    run = solution.gradient_descent(lambda x: H @ (x - best), x0, lr, 60, gtol=-1.0)
    step = np.eye(d) - lr * H
    expected = [best + np.linalg.matrix_power(step, t) @ (x0 - best) for t in range(61)]
    np.testing.assert_allclose(run["path"], expected, rtol=1e-9, atol=1e-11)
    assert (run["n_steps"], run["converged"]) == (60, False)


@pytest.mark.parametrize(("d", "condition"), SHAPES)
def test_step_sizes_from_norms(d, condition):
    H = positive_definite(np.random.default_rng(d), d, condition)
    bound, best = solution.stable_lr(H), solution.optimal_lr(H)
    for lr in (0.0, 0.3 * bound, best, bound, 1.5 * bound):
        assert solution.contraction(H, lr) == pytest.approx(np.linalg.norm(np.eye(d) - lr * H, 2), abs=1e-12)
    assert solution.contraction(H, bound) == pytest.approx(1)
    assert solution.contraction(H, 0.999 * bound) < 1 < solution.contraction(H, 1.001 * bound)
    for other in np.linspace(0, 1.2 * bound, 200):
        assert solution.contraction(H, best) <= solution.contraction(H, other) + 1e-12


def test_flags_on_both_sides_of_the_bound():
    H = positive_definite(np.random.default_rng(1), 4, 50.0)
    bound = solution.stable_lr(H)
    below = solution.gradient_descent(lambda x: H @ x, np.ones(4), 0.99 * bound, 5000, 1e-8)
    with np.errstate(all="ignore"):
        above = solution.gradient_descent(lambda x: H @ x, np.ones(4), 2.5 * bound, 5000, 1e-8)
    assert below["converged"] and np.linalg.norm(H @ below["x"]) <= 1e-8
    assert np.linalg.norm(H @ below["path"][-2]) > 1e-8
    assert not above["converged"] and not np.isfinite(above["x"]).all() and np.isfinite(above["path"][:-1]).all()


@pytest.mark.parametrize("max_steps", [0, 1, 5])
def test_calls(max_steps):
    seen = []

    def grad(x):
        seen.append(x.copy())
        return x

    x0 = np.array([4, -8])
    run = solution.gradient_descent(grad, x0, lambda t: 1 / (t + 2), max_steps)
    np.testing.assert_array_equal(np.reshape(seen, (max_steps, 2)), run["path"][:-1])
    np.testing.assert_allclose(run["x"], x0 / (max_steps + 1))
    assert run["path"].dtype == np.float64 and not np.shares_memory(run["path"], x0)


def test_a_start_in_the_minimum_has_converged():
    run = solution.gradient_descent(lambda x: x, np.zeros(3), 0.1, 10)
    assert (run["n_steps"], run["converged"], run["path"].shape) == (0, True, (1, 3))


@pytest.mark.parametrize("seed", range(30))
def test_backtracking_is_the_first_that_falls_enough(seed):
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 6))
    H, x = positive_definite(rng, d, 100.0), rng.standard_normal(d)
    t0, beta, c = rng.uniform(0.1, 10), rng.uniform(0.1, 0.9), rng.uniform(1e-4, 0.9)
    t = solution.backtracking(lambda x: 0.5 * x @ H @ x, lambda x: H @ x, x, t0, beta, c, 200)
    # On a parabola the condition is linear in t: g.g - t/2 g'Hg >= c g.g
    g = H @ x
    longest = 2 * (1 - c) * (g @ g) / (g @ H @ g)
    steps = t0 * beta ** np.arange(200)
    assert t == pytest.approx(steps[steps <= longest][0], rel=1e-12)


def test_backtracking_gives_up():
    uphill = solution.backtracking(lambda x: float(x @ x), lambda x: -x, np.ones(2), 3.0, 0.1, 0.5, 4)
    assert uphill == pytest.approx(0.0003)
    assert solution.backtracking(lambda x: float("nan"), lambda x: x, np.ones(2)) == 2.0**-50
