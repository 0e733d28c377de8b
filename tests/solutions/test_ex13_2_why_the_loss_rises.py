"""Predictions against parabolas and autograd, sharpness against eigvalsh, causes against runs that have one."""

import itertools

import numpy as np
import pytest

from tests.solutions import load

solution = load("ex13_2_why_the_loss_rises")


def symmetric(rng, d, eigenvalues=None):
    basis, _ = np.linalg.qr(rng.standard_normal((d, d)))
    spectrum = rng.standard_normal(d) if eigenvalues is None else np.asarray(eigenvalues)
    H = (basis * spectrum) @ basis.T
    return (H + H.T) / 2


@pytest.mark.parametrize("seed", range(40))
def test_prediction_is_exact_on_parabolas(seed):
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 9))
    H, b, x, lr = symmetric(rng, d), rng.standard_normal(d), rng.standard_normal(d), rng.uniform(0.01, 3)

    def f(x):
        return 0.5 * x @ H @ x - b @ x

    g = H @ x - b
    first, second = solution.predicted_change(g, H, lr)
    assert second == pytest.approx(f(x - lr * g) - f(x), rel=1e-9, abs=1e-11)
    tiny, _ = solution.predicted_change(g, H, 1e-6)
    assert tiny == pytest.approx(f(x - 1e-6 * g) - f(x), rel=1e-3)
    assert first == pytest.approx(1e6 * lr * tiny)


@pytest.mark.parametrize("seed", range(40))
def test_critical_lr_is_where_the_sign_changes(seed):
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 9))
    H, g = symmetric(rng, d), rng.standard_normal(d)
    lr = solution.critical_lr(g, H)
    if np.isinf(lr):
        assert all(solution.predicted_change(g, H, t)[1] < 0 for t in np.geomspace(1e-3, 1e3, 20))
    else:
        assert solution.predicted_change(g, H, 0.999 * lr)[1] < 0 < solution.predicted_change(g, H, 1.001 * lr)[1]


def test_critical_lr_for_an_eigenvector_is_two_over_the_eigenvalue():
    eigenvalues, basis = np.linalg.eigh(symmetric(np.random.default_rng(0), 5, [1.0, 2.0, 3.0, 5.0, 8.0]))
    H = (basis * eigenvalues) @ basis.T
    for value, vector in zip(eigenvalues, basis.T, strict=True):
        assert solution.critical_lr(3 * vector, H) == pytest.approx(2 / value)
    assert solution.critical_lr(np.zeros(5), H) == np.inf


@pytest.mark.parametrize("spectrum", [[5.0, 2.0, -1.0], [-4.0, 1.0, 0.5, 0.0], [3.0], [1e-8, 2e-9], [7e7, 1e7, -2e7]])
@pytest.mark.parametrize("seed", range(3))
def test_sharpness_is_the_largest_eigenvalue(spectrum, seed):
    rng = np.random.default_rng(seed)
    H = symmetric(rng, len(spectrum), spectrum)
    calls = []

    def hvp(v):
        calls.append(float(np.linalg.norm(v)))
        return H @ v

    eigenvalues = np.linalg.eigvalsh(H)
    largest = eigenvalues[np.argmax(np.abs(eigenvalues))]
    assert solution.sharpness(hvp, rng.standard_normal(len(spectrum)), 60) == pytest.approx(largest, rel=1e-9)
    assert len(calls) == 61 and np.allclose(calls, 1)


@pytest.mark.parametrize("iters", [0, 1, 4])
def test_sharpness_by_matrix_powers(iters):
    rng = np.random.default_rng(iters)
    H, v0 = symmetric(rng, 6), rng.standard_normal(6)
    v = np.linalg.matrix_power(H, iters) @ v0
    assert solution.sharpness(lambda v: H @ v, v0, iters) == pytest.approx(v @ H @ v / (v @ v))


def test_sharpness_of_a_flat_function():
    assert solution.sharpness(np.zeros_like, np.ones(3), 5) == 0
    assert solution.sharpness(np.zeros_like, np.ones(3), 0) == 0


AFTER = [0.5, 1.0, 1.5, np.nan, np.inf]


@pytest.mark.parametrize(("full", "batch", "plain"), [*itertools.product(AFTER, AFTER, AFTER)])
def test_explanations_one_by_one(full, batch, plain):
    rec = {
        "full_before": 1.0, "full_after": full,
        "batch_before": 1.0, "batch_after": batch, "batch_after_plain": plain,
    }  # fmt: skip
    fine = [loss in (0.5, 1.0) for loss in (full, batch, plain)]
    answers = ["none", "sampling_noise", "momentum", "overshoot"]
    assert solution.explain_step(rec) == answers[[*fine, True].index(True)]


def train(lr, momentum, batch_size, steps=60):
    """The explanations of all steps of a logistic regression trained with these settings."""
    rng = np.random.default_rng(7)
    X = rng.standard_normal((64, 4)) * np.array([3.0, 1.0, 1.0, 0.3])
    y = np.where(X @ rng.standard_normal(4) + 2 * rng.standard_normal(64) > 0, 1.0, -1.0)
    w, velocity, causes = np.zeros(4), np.zeros(4), []

    def loss(w, rows):
        return np.logaddexp(0, -y[rows] * (X[rows] @ w)).mean()

    for _ in range(steps):
        rows = rng.choice(64, batch_size, replace=False)
        g = -(X[rows].T @ (y[rows] / (1 + np.exp(y[rows] * (X[rows] @ w))))) / batch_size
        velocity = momentum * velocity + g
        after, plain, everything = w - lr * velocity, w - lr * g, np.arange(64)
        rec = {"full_before": loss(w, everything), "full_after": loss(after, everything)}
        rec |= {"batch_before": loss(w, rows), "batch_after": loss(after, rows), "batch_after_plain": loss(plain, rows)}
        causes.append(solution.explain_step(rec))
        w = after
    return causes


@pytest.mark.parametrize(
    ("cause", "settings"),
    [
        ("overshoot", {"lr": 12.0, "momentum": 0.0, "batch_size": 64}),
        ("sampling_noise", {"lr": 0.1, "momentum": 0.0, "batch_size": 1}),
        ("momentum", {"lr": 0.5, "momentum": 0.95, "batch_size": 64}),
        ("none", {"lr": 0.5, "momentum": 0.0, "batch_size": 64}),
    ],
)
def test_planted_causes_are_found_in_training(cause, settings):
    causes = train(**settings)
    assert cause in causes
    assert set(causes) <= {"none", cause}


@pytest.mark.parametrize("window", [1, 2, 3, 7, 20])
def test_increases_of_means(window):
    losses = np.random.default_rng(window).standard_normal(20)
    means = [losses[i : i + window].mean() for i in range(len(losses) - window + 1)]
    assert solution.count_increases(losses, window) == sum(b > a for a, b in itertools.pairwise(means))
    assert solution.count_increases(losses.tolist(), window) == solution.count_increases(losses, window)
    assert solution.count_increases(losses[:window], window) == solution.count_increases([], window) == 0
