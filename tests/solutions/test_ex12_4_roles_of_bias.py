"""Least squares against an explicit solution, gradients, normalisation and probabilities against torch."""

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex12_4_roles_of_bias")


@pytest.mark.parametrize("shape", [(4, 3), (3, 3), (1, 1), (0, 2), (5, 0)])
def test_an_absorbed_bias_is_the_layer_with_its_bias(shape):
    rng = np.random.default_rng(0)
    X, W, b = rng.normal(size=shape), rng.normal(size=(6, shape[1])), rng.normal(size=6)
    layer = torch.nn.functional.linear(*map(torch.tensor, (X, W, b)))
    got = solution.augment(X) @ solution.absorb_bias(W, b).T
    np.testing.assert_allclose(got, layer.numpy(), rtol=1e-12, atol=1e-13)
    assert solution.augment(X).shape == (shape[0], shape[1] + 1)
    assert solution.augment(X)[:, -1].tolist() == [1.0] * shape[0]


def test_integers_become_floats():
    assert solution.augment(np.array([[200]], np.uint8)).tolist() == [[200.0, 1.0]]
    assert solution.augment(np.array([[200]], np.uint8)).dtype == np.float64
    assert solution.absorb_bias(np.array([[100]], np.int8), np.array([-100], np.int8)).dtype == np.float64
    assert solution.bias_grad(np.full((3, 1), 200, np.uint8)).tolist() == [600.0]


def shortest_solution(A, c):
    """Another way to write it: from the eigenvectors of A Aᵀ that belong to eigenvalues above zero."""
    values, vectors = np.linalg.eigh(A @ A.T)
    kept = values > 1e-12 * max(values.max(), 1e-300)
    return A.T @ (vectors[:, kept] / values[kept]) @ vectors[:, kept].T @ c


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(30, 4), (4, 4), (3, 8), (1, 3), (9, 1)])
@pytest.mark.parametrize("rank", [None, 2])
def test_fits_are_the_shortest_of_the_best(shape, bias, rank):
    rng = np.random.default_rng(sum(shape))
    X = rng.normal(1, 1, shape) if rank is None else rng.normal(size=(shape[0], 2)) @ rng.normal(size=(2, shape[1]))
    y = rng.normal(5, 2, shape[0])
    w, b = solution.fit_least_squares(X, y, bias)
    means = (X.mean(axis=0), y.mean()) if bias else (0 * X[0], 0.0)
    np.testing.assert_allclose(w, shortest_solution(X - means[0], y - means[1]), rtol=1e-6, atol=1e-8)
    residual = X @ w + b - y
    np.testing.assert_allclose(X.T @ residual, 0, atol=1e-9 * 30)  # the normal equations
    assert abs(residual.sum()) < 1e-9 if bias else b == 0.0
    shifted, offset = solution.fit_least_squares(X, y + 100, bias)
    if bias:
        np.testing.assert_allclose(shifted, w, rtol=1e-7, atol=1e-9)
        assert offset == pytest.approx(b + 100)


def test_midpoints_are_where_the_sigmoid_is_one_half():
    for w, b in np.random.default_rng(1).normal(0, 3, (50, 2)):
        x = solution.sigmoid_midpoint(w, b)
        assert torch.sigmoid(torch.tensor(w * x + b)).item() == pytest.approx(0.5, abs=1e-12)
    assert np.isnan(solution.sigmoid_midpoint(0, 1)) and np.isnan(solution.sigmoid_midpoint(np.float64(0), 0.0))
    assert solution.sigmoid_midpoint(np.uint8(4), np.uint8(2)) == -0.5


@pytest.mark.parametrize("shape", [(6, 4), (1, 3), (0, 2)])
def test_dense_bias_gradients_are_torchs(shape):
    layer, x = torch.nn.Linear(5, shape[1], dtype=torch.float64), torch.randn(shape[0], 5, dtype=torch.float64)
    dout = np.random.default_rng(2).normal(size=shape)
    layer(x).backward(torch.tensor(dout))
    np.testing.assert_allclose(solution.bias_grad(dout), layer.bias.grad.numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("conv", [torch.nn.Conv1d, torch.nn.Conv2d])
def test_convolutional_bias_gradients_are_torchs(conv):
    layer = conv(2, 3, 3, dtype=torch.float64)
    x = torch.randn(4, 2, *[6] * (layer.weight.dim() - 2), dtype=torch.float64)
    out = layer(x)
    dout = torch.randn(out.shape, dtype=torch.float64)
    out.backward(dout)
    np.testing.assert_allclose(solution.bias_grad(dout.numpy()), layer.bias.grad.numpy(), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("alpha", [0.5, 1.0, 7])
def test_prior_biases_predict_the_smoothed_frequencies(classes, alpha):
    y = np.random.default_rng(3).integers(0, classes, 40)
    expected = (np.array([(y == c).sum() for c in range(classes)]) + alpha) / (40 + alpha * classes)
    got = solution.prior_bias(y, classes, alpha)
    if classes == 2:
        assert torch.sigmoid(torch.tensor(got, dtype=torch.float64)).item() == pytest.approx(expected[1], rel=1e-12)
    else:
        np.testing.assert_allclose(torch.softmax(torch.tensor(got), 0).numpy(), expected, rtol=1e-12)
        np.testing.assert_allclose(got, np.log(expected), rtol=1e-12)


def test_prior_biases_at_the_edges():
    rare = np.array([1] + [0] * 99)
    assert solution.prior_bias(rare, 2, 0.0) == pytest.approx(-4.595119850)
    assert solution.prior_bias(np.zeros(3, int), 2, 0.0) == -np.inf
    assert solution.prior_bias(np.ones(3, int), 2, 0.0) == np.inf
    assert solution.prior_bias(np.array([0, 2]), 3, 0.0)[1] == -np.inf
    assert solution.prior_bias(np.zeros(0, np.uint8), 2) == 0.0
    for y, classes in (([0, 2], 2), ([-1, 0], 3), ([3], 3)):
        with pytest.raises(ValueError, match=r"label|negative"):
            solution.prior_bias(np.array(y), classes)


@pytest.mark.parametrize("shape", [(8, 5), (3, 3), (6, 1)])
@pytest.mark.parametrize("eps", [1e-5, 1.0])
def test_effects_are_those_of_torchs_norms(shape, eps):
    rng = np.random.default_rng(4)
    z, b = rng.normal(0, 2, shape), rng.normal(0, 5, shape[1])
    functional = torch.nn.functional
    norms = {
        "none": lambda a: a,
        "batch": lambda a: functional.batch_norm(a, None, None, training=True, eps=eps),
        "layer": lambda a: functional.layer_norm(a, a.shape[1:], eps=eps),
    }
    for name, norm in norms.items():
        expected = (norm(torch.tensor(z + b)) - norm(torch.tensor(z))).abs().max().item()
        assert solution.bias_effect(z, b, name, eps) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert solution.bias_effect(z, b, "batch", eps) < 1e-12
    assert solution.bias_effect(z, np.full(shape[1], 3.0), "layer", eps) < 1e-12
    with pytest.raises(ValueError, match="group"):
        solution.bias_effect(z, b, "group")
