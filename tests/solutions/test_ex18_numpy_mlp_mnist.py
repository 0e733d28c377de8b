"""The network against the same one in torch: values, gradients, and epochs of torch.optim.SGD."""

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex18_numpy_mlp_mnist")
SIZES = [[4, 3], [5, 7, 2], [3, 8, 6, 5, 4], [1, 1, 1], [6, 6, 6], [20, 50, 10]]


def draw(sizes, n, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    params = [(W.astype(dtype), rng.normal(0, 0.3, b.shape).astype(dtype)) for W, b in solution.init_params(sizes, rng)]
    return params, rng.normal(size=(n, sizes[0])).astype(dtype), rng.integers(0, sizes[-1], n)


def in_torch(params):
    layers = []
    for W, b in params:
        linear = torch.nn.Linear(*W.shape).to(torch.float64 if W.dtype == np.float64 else torch.float32)
        linear.weight.data, linear.bias.data = torch.tensor(W.T.copy()), torch.tensor(b)
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("n", [1, 9])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_values_and_gradients(sizes, n, dtype):
    params, X, y = draw(sizes, n, dtype=dtype)
    model = in_torch(params)
    out = model(torch.tensor(X))
    expected = torch.nn.functional.cross_entropy(out, torch.tensor(y))
    expected.backward()
    rtol, atol = (1e-9, 1e-12) if dtype == np.float64 else (1e-4, 1e-5)
    got = solution.logits(params, X)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, out.detach().numpy(), rtol, atol)
    loss, grads = solution.loss_and_grads(params, X, y)
    assert loss == pytest.approx(expected.item(), rtol, atol)
    for (dW, db), linear in zip(grads, model[::2], strict=True):
        assert dW.dtype == db.dtype == dtype
        np.testing.assert_allclose(dW, linear.weight.grad.numpy().T, rtol, atol)
        np.testing.assert_allclose(db, linear.bias.grad.numpy(), rtol, atol)


def test_gradients_by_differences():
    params, X, y = draw([3, 5, 4, 2], 6, seed=3)
    _, grads = solution.loss_and_grads(params, X, y)
    for pair, gradients in zip(params, grads, strict=True):
        for p, g in zip(pair, gradients, strict=True):
            for i in np.ndindex(p.shape):
                kept, values = p[i], []
                for step in (1e-6, -1e-6):
                    p[i] = kept + step
                    values.append(solution.loss_and_grads(params, X, y)[0])
                p[i] = kept
                assert (values[0] - values[1]) / 2e-6 == pytest.approx(g[i], rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("batch_size", [1, 4, 5, 11, 12, 100])
def test_epochs_like_torch(batch_size):
    params, X, y = draw([3, 5, 4], 12, seed=4)
    model = in_torch(params)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    ours, theirs = np.random.default_rng(7), np.random.default_rng(7)
    for _ in range(4):
        total = 0.0
        for batch in np.split(theirs.permutation(12), range(batch_size, 12, batch_size)):
            losses = torch.nn.functional.cross_entropy(
                model(torch.tensor(X[batch])), torch.tensor(y[batch]), reduction="none"
            )
            optimizer.zero_grad()
            losses.mean().backward()
            optimizer.step()
            total += losses.sum().item()
        assert solution.train_epoch(params, X, y, 0.2, batch_size, ours) == pytest.approx(total / 12, 1e-10)
    for (W, b), linear in zip(params, model[::2], strict=True):
        np.testing.assert_allclose(W, linear.weight.detach().numpy().T, 1e-9, 1e-12)
        np.testing.assert_allclose(b, linear.bias.detach().numpy(), 1e-9, 1e-12)


def test_initialisation():
    params = solution.init_params([784, 300, 10], np.random.default_rng(0))
    expected = np.random.default_rng(0).normal(0, (2 / 784) ** 0.5, (784, 300)).astype(np.float32)
    np.testing.assert_allclose(params[0][0], expected, 1e-6)
    assert [(W.shape, b.shape) for W, b in params] == [((784, 300), (300,)), ((300, 10), (10,))]
    assert all(a.dtype == np.float32 for pair in params for a in pair)
    assert params[1][0].var() == pytest.approx(2 / 300, rel=0.1)
    assert (
        sum(a.size for pair in solution.init_params([784, 128, 10], np.random.default_rng(1)) for a in pair) == 101770
    )


def test_extreme_logits_are_finite():
    params = [(np.array([[1000.0, -1000.0, 0.0]]), np.zeros(3))]
    loss, grads = solution.loss_and_grads(params, np.ones((1, 1)), np.array([1]))
    assert loss == 2000
    np.testing.assert_array_equal(grads[0][0], [[1, -1, 0]])


@pytest.mark.parametrize("n", [0, 1, 7])
def test_prediction(n):
    params, _, _ = draw([6, 5, 4], 1, seed=5, dtype=np.float32)
    images = np.random.default_rng(6).integers(0, 256, (n, 2, 3), dtype=np.uint8)
    rows = solution.preprocess(images)
    assert rows.dtype == np.float32 and rows.shape == (n, 6)
    np.testing.assert_allclose(rows, images.reshape(n, 6) / 255, 1e-6)
    got = solution.predict(params, images)
    assert got.dtype == np.int64 and got.shape == (n,)
    np.testing.assert_array_equal(got, in_torch(params)(torch.tensor(rows)).argmax(1).numpy())


def test_it_learns():
    """Two classes that no linear network can tell apart."""
    X = np.random.default_rng(8).uniform(-1, 1, (400, 2)).astype(np.float32)
    y = (X[:, 0] * X[:, 1] > 0).astype(np.int64)
    params, rng = solution.init_params([2, 16, 2], np.random.default_rng(9)), np.random.default_rng(10)
    losses = [solution.train_epoch(params, X, y, 0.5, 16, rng) for _ in range(30)]
    assert losses[-1] < losses[0] / 3
    assert (solution.logits(params, X).argmax(axis=1) == y).mean() > 0.95
