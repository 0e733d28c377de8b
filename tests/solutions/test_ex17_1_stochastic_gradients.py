"""Covariances against enumeration of all batches, batches and descent against torch, means against pooled samples."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex17_1_stochastic_gradients")


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("n", [0, 1, 2, 7, 10, 12, 33])
@pytest.mark.parametrize("batch_size", [1, 2, 5, 12, 40])
def test_batches_like_a_data_loader(n, batch_size, drop_last):
    order = np.random.default_rng(n).permutation(n)
    sampler = torch.utils.data.BatchSampler(order.tolist(), batch_size, drop_last)
    epoch = solution.epoch_batches(n, batch_size, np.random.default_rng(n), drop_last)
    assert [batch.tolist() for batch in epoch] == list(sampler)
    assert all(batch.dtype == np.int64 for batch in epoch)


def test_epochs_differ_and_the_generator_moves_once():
    rng, other = np.random.default_rng(1), np.random.default_rng(1)
    first, second = solution.epoch_batches(50, 8, rng), solution.epoch_batches(50, 8, rng)
    assert not np.array_equal(np.concatenate(first), np.concatenate(second))
    np.testing.assert_array_equal(np.concatenate(first), other.permutation(50))
    np.testing.assert_array_equal(np.concatenate(second), other.permutation(50))
    assert rng.random() == other.random()


def enumerated(grads, batch_size, replace):
    """All batches, all equally likely; in exact fractions."""
    n = len(grads)
    draws = product(range(n), repeat=batch_size) if replace else combinations(range(n), batch_size)
    means = [[sum(Fraction(int(grads[i, j])) for i in draw) / batch_size for j in range(2)] for draw in draws]
    centre = [sum(mean[j] for mean in means) / len(means) for j in range(2)]
    away = [[mean[j] - centre[j] for j in range(2)] for mean in means]
    return np.array([[float(sum(a[i] * a[j] for a in away) / len(away)) for j in range(2)] for i in range(2)])


@pytest.mark.parametrize("replace", [True, False])
@pytest.mark.parametrize(("n", "batch_size"), [(1, 1), (2, 1), (2, 2), (3, 2), (4, 3), (5, 2), (5, 4), (6, 3)])
def test_covariance_by_enumeration(n, batch_size, replace):
    grads = np.random.default_rng(10 * n + batch_size).integers(-9, 10, (n, 2))
    due = enumerated(grads, batch_size, replace)
    np.testing.assert_allclose(solution.gradient_covariance(grads, batch_size, replace), due, 1e-12, 1e-12)


def test_covariance_of_many_and_its_limits():
    rng = np.random.default_rng(2)
    grads = rng.normal(3, 2, (500, 4))
    single = np.cov(grads.T, bias=True)
    np.testing.assert_allclose(solution.gradient_covariance(grads, 8, True), single / 8, 1e-9)
    np.testing.assert_allclose(solution.gradient_covariance(grads, 8, False), single / 8 * 492 / 499, 1e-9)
    np.testing.assert_allclose(solution.gradient_covariance(grads, 500, False), 0, atol=1e-15)
    with pytest.raises(ValueError, match="without replacement"):
        solution.gradient_covariance(grads, 501, False)


@pytest.mark.parametrize("batch_size", range(1, 7))
def test_gradient_is_unbiased(batch_size):
    grads = np.random.default_rng(3).normal(size=(6, 3))
    over_all = [solution.minibatch_gradient(grads, np.array(s)) for s in combinations(range(6), batch_size)]
    np.testing.assert_allclose(np.mean(over_all, axis=0), grads.mean(0), 1e-12, 1e-12)


@pytest.mark.parametrize(("dtype", "due"), [("f4", "f4"), ("f8", "f8"), ("i8", "f8"), ("u1", "f8")])
def test_dtypes(dtype, due):
    grads = np.array([[200, 1], [100, 2], [90, 4]]).astype(dtype)
    mean = solution.minibatch_gradient(grads, np.array([0, 1]))
    assert mean.dtype == due
    np.testing.assert_allclose(mean, [150, 1.5])
    for replace in (True, False):
        assert solution.gradient_covariance(grads, 2, replace).dtype == due


def test_epoch_mean_is_the_mean_of_all_samples():
    rng = np.random.default_rng(4)
    samples = [rng.normal(size=size) for size in (5, 5, 5, 2, 1)]
    means, sizes = [s.mean() for s in samples], [len(s) for s in samples]
    assert solution.epoch_mean(means, sizes) == pytest.approx(np.concatenate(samples).mean(), rel=1e-12)
    assert solution.epoch_mean([1.5, 5.5, 8.5], [4, 4, 2]) == pytest.approx(4.5)


@pytest.mark.parametrize("batch_size", [1, 4, 5, 12, 99])
def test_descent_like_torch(batch_size):
    """The same batches through torch's autograd."""
    rng = np.random.default_rng(5)
    X, y, w0 = rng.normal(size=(12, 3)), rng.normal(size=12), rng.normal(size=3)
    path = solution.sgd(
        lambda w, idx: 2 * X[idx].T @ (X[idx] @ w - y[idx]) / len(idx),
        w0,
        12,
        batch_size,
        0.05,
        6,
        np.random.default_rng(6),
    )
    draws = np.random.default_rng(6)
    w = torch.tensor(w0, requires_grad=True)
    expected = [w0]
    for _ in range(6):
        for idx in torch.tensor(draws.permutation(12)).split(batch_size):
            torch.nn.functional.mse_loss(torch.tensor(X)[idx] @ w, torch.tensor(y)[idx]).backward()
            w = (w - 0.05 * w.grad).detach().requires_grad_()
        expected.append(w.detach().numpy())
    np.testing.assert_allclose(path, expected, 1e-10)


def test_no_epoch_and_integer_start():
    path = solution.sgd(lambda w, idx: w, np.array([4, -2]), 4, 4, 0.25, 0, np.random.default_rng(7))
    np.testing.assert_array_equal(path, [[4.0, -2.0]])
    path = solution.sgd(lambda w, idx: w, np.array([4, -2]), 4, 4, 0.25, 1, np.random.default_rng(7))
    np.testing.assert_array_equal(path, [[4.0, -2.0], [3.0, -1.5]])
