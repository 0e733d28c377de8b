"""Both modes against torch's layers and autograd, gradients against finite differences, the probe against autograd."""

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex16_batchnorm_training")

SHAPES = [(2, 3), (7, 3), (3, 1), (4, 3, 5), (3, 3, 3, 3), (5, 4, 2, 6), (1, 3, 2, 2), (1, 2, 3)]
EPS = [1e-5, 0.0, 0.3]


def draw(shape, seed=0, scale=1.0, offset=0.0):
    rng = np.random.default_rng(seed)
    x = offset + scale * rng.normal(size=shape)
    return x, rng.normal(size=shape[1]), rng.normal(size=shape[1]), rng.normal(size=shape)


def by_torch(x, weight, bias, dy, eps, running=None):
    """Output and gradients; torch wants an eps above 0, so 1e-300 stands for 0."""
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, weight, bias)]
    mean, var = (torch.tensor(a) for a in running) if running else (None, None)
    y = torch.nn.functional.batch_norm(leaves[0], mean, var, *leaves[1:], training=running is None, eps=eps or 1e-300)
    y.backward(torch.tensor(dy))
    return [y.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)]


@pytest.mark.parametrize("eps", EPS)
@pytest.mark.parametrize("scale", [1.0, 1e-2, 1e-3, 30.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_training_like_torch(shape, scale, eps):
    x, weight, bias, dy = draw(shape, scale=scale, offset=1.0)
    y, cache, mean, var = solution.batchnorm_forward(x, weight, bias, eps)
    expected = by_torch(x, weight, bias, dy, eps)
    axes = (0, *range(2, len(shape)))
    np.testing.assert_allclose(mean, x.mean(axes), 1e-12)
    np.testing.assert_allclose(var, x.var(axes), 1e-9)
    for _ in range(2):
        got = [y, *solution.batchnorm_backward(dy, cache)]
        for ours, theirs in zip(got, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, 1e-8, 1e-9 / scale)


@pytest.mark.parametrize("eps", EPS)
@pytest.mark.parametrize("shape", [*SHAPES, (1, 3), (1, 3, 1, 1)])
def test_evaluation_like_torch(shape, eps):
    x, weight, bias, dy = draw(shape, seed=1)
    rng = np.random.default_rng(2)
    running = rng.normal(size=shape[1]), rng.uniform(0.1, 3, shape[1])
    got = solution.batchnorm_backward_eval(dy, x, weight, *running, eps)
    for ours, theirs in zip(got, by_torch(x, weight, bias, dy, eps, running)[1:], strict=True):
        np.testing.assert_allclose(ours, theirs, 1e-10, 1e-12)


def test_gradient_by_finite_differences():
    x, weight, bias, dy = draw((4, 2, 3), seed=3)
    dx = solution.batchnorm_backward(dy, solution.batchnorm_forward(x, weight, bias, 0.1)[1])[0]
    numeric = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = 1e-5
        high, low = (solution.batchnorm_forward(x + s, weight, bias, 0.1)[0] for s in (step, -step))
        numeric[index] = (dy * (high - low)).sum() / 2e-5
    np.testing.assert_allclose(dx, numeric, 1e-6, 1e-8)


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1), (1, 3, 1, 1)])
def test_one_value_per_channel(shape):
    x, weight, bias, _ = draw(shape)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        by_torch(x, weight, bias, x, 1e-5)
    with pytest.raises(ValueError, match="one value per channel"):
        solution.batchnorm_forward(x, weight, bias)


@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 2, 2)])
def test_empty_batch(shape):
    x, weight, bias, dy = draw(shape)
    y, cache, *_ = solution.batchnorm_forward(x, weight, bias)
    assert y.shape == shape
    for dx, dweight, dbias in (
        solution.batchnorm_backward(dy, cache),
        solution.batchnorm_backward_eval(dy, x, weight, bias, np.ones(3)),
    ):
        assert dx.shape == shape
        np.testing.assert_array_equal([dweight, dbias], np.zeros((2, 3)))


@pytest.mark.parametrize(("dtype", "due"), [("f4", "f4"), ("f8", "f8"), ("i8", "f8"), ("u1", "f8")])
def test_dtypes(dtype, due):
    x = np.random.default_rng(4).integers(0, 200, (6, 3)).astype(dtype)
    y, cache, mean, var = solution.batchnorm_forward(x, np.ones(3), np.zeros(3, np.float32))
    assert {a.dtype for a in (y, mean, var, *solution.batchnorm_backward(y, cache))} == {np.dtype(due)}
    evaluated = solution.batchnorm_backward_eval(y, x, np.ones(3), np.zeros(3), np.ones(3))
    assert {a.dtype for a in evaluated} == {np.dtype(due)}


def test_far_from_zero():
    x, weight, bias, dy = draw((64, 3, 2), seed=5, offset=1e7)
    y, cache, *_ = solution.batchnorm_forward(x, weight, bias)
    near = solution.batchnorm_forward(x - 1e7, weight, bias)
    np.testing.assert_allclose(y, near[0], 1e-7, 1e-7)
    dx, due = (solution.batchnorm_backward(dy, c)[0] for c in (cache, near[1]))
    np.testing.assert_allclose(dx, due, 1e-7, 1e-7)


@pytest.mark.parametrize("a", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("eps", EPS)
def test_probe_like_autograd(a, eps):
    rng = np.random.default_rng(6)
    X, W = rng.normal(size=(8, 4)), rng.normal(size=(4, 3))
    results = []
    for factor in (1.0, a):
        V = torch.tensor(factor * W, requires_grad=True)
        y = torch.nn.functional.batch_norm(torch.tensor(X) @ V, None, None, training=True, eps=eps or 1e-300)
        (torch.arange(24.0, dtype=torch.float64).reshape(8, 3) * y).sum().backward()
        results.append((y.detach(), V.grad.norm()))
    change, ratio = solution.scale_probe(X, W, a, eps)
    assert change == pytest.approx(float((results[1][0] - results[0][0]).abs().max()), abs=1e-12)
    assert ratio == pytest.approx(float(results[1][1] / results[0][1]), rel=1e-9)
    if eps == 0:
        assert change < 1e-12
        assert ratio == pytest.approx(1 / a, rel=1e-9)
