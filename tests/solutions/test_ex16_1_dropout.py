"""Dropout against torch's autograd with the same mask, torch's layers at the edges, and enumeration of all masks."""

from itertools import product

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex16_1_dropout")

SHAPES = [(7,), (4, 5), (1, 6), (0, 3), (2, 3, 4), (2, 3, 4, 5)]


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_entry_on_its_own(shape, p):
    rng = np.random.default_rng(1)
    x, u = rng.normal(size=shape), rng.random(shape)
    y, mask = solution.dropout(x, p, u)
    for index in np.ndindex(shape):
        kept = u[index] >= p
        assert mask[index] == pytest.approx(1 / (1 - p) if kept else 0.0)
        assert y[index] == pytest.approx(x[index] / (1 - p) if kept else 0.0)


@pytest.mark.parametrize("p", [0.0, 0.2, 0.8, 1.0])
def test_survivors_are_as_large_as_in_torch(p):
    x = np.random.default_rng(2).normal(size=(50, 40))
    torch.manual_seed(3)
    theirs = torch.nn.functional.dropout(torch.tensor(x), p).numpy()
    u = np.where(theirs != 0, 1.0 - 1e-9, 0.0) if p else np.zeros_like(x)  # the uniforms that lead to the same mask
    np.testing.assert_allclose(solution.dropout(x, p, u)[0], theirs, 1e-12)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(6, 4), (2, 3, 4, 5)])
def test_backward_is_autograd(shape, training):
    rng = np.random.default_rng(4)
    x, u, dy = rng.normal(size=shape), rng.random(shape), rng.normal(size=shape)
    y, mask = solution.dropout(x, 0.3, u, training)
    leaf = torch.tensor(x, requires_grad=True)
    out = leaf * torch.tensor(np.where(u >= 0.3, 1, 0) / 0.7) if training else leaf * 1.0
    out.backward(torch.tensor(dy))
    np.testing.assert_allclose(y, out.detach().numpy(), 1e-12)
    np.testing.assert_allclose(solution.dropout_backward(dy, mask), leaf.grad.numpy(), 1e-12)


def test_channels_like_torch():
    x = np.random.default_rng(5).uniform(1, 2, (6, 5, 3, 2))
    torch.manual_seed(6)
    theirs = torch.nn.functional.dropout2d(torch.tensor(x), 0.4).numpy()
    u = np.where(theirs[:, :, 0, 0] != 0, 0.9, 0.1)
    assert 0 < (u > 0.5).sum() < u.size
    y, mask = solution.dropout2d(x, 0.4, u)
    np.testing.assert_allclose(y, theirs, 1e-12)
    np.testing.assert_allclose(np.broadcast_to(mask, x.shape), theirs / x, 1e-12)
    dx = solution.dropout_backward(np.ones_like(x), mask[:, :, :1, :1])
    np.testing.assert_allclose(dx, theirs / x, 1e-12)


@pytest.mark.parametrize("kind", [torch.nn.Dropout, torch.nn.Dropout2d])
def test_evaluation_is_the_identity_as_in_torch(kind):
    x = np.random.default_rng(7).normal(size=(2, 3, 4, 4))
    ours = solution.dropout if kind is torch.nn.Dropout else solution.dropout2d
    for p in (0.0, 0.5, 1.0):
        y, mask = ours(x, p, None, training=False)
        np.testing.assert_array_equal(y, kind(p).eval()(torch.tensor(x)).numpy())
        np.testing.assert_array_equal(np.broadcast_to(mask, x.shape), 1.0)
        assert not np.shares_memory(x, y)


@pytest.mark.parametrize("p", [-0.01, 1.01, 5])
@pytest.mark.parametrize("training", [True, False])
def test_illegal_probability(p, training):
    with pytest.raises(ValueError, match="probability"):
        torch.nn.Dropout(p)
    with pytest.raises(ValueError, match="probability"):
        solution.dropout(np.ones(3), p, np.zeros(3), training)
    with pytest.raises(ValueError, match="probability"):
        solution.dropout2d(np.ones((1, 1, 2, 2)), p, np.zeros((1, 1)), training)
    with pytest.raises(ValueError, match="probability"):
        solution.rescale_classic(np.ones(3), p)


@pytest.mark.parametrize("p", [0.25, 0.5, 0.75])
def test_expectations_by_enumeration(p):
    """All thinned networks of four units, weighted by their probability: inverted and classic dropout agree."""
    rng = np.random.default_rng(8)
    weight, x = rng.normal(size=(3, 4)), rng.normal(size=4)
    inverted, classic = np.zeros(3), np.zeros(3)
    for kept in product((0, 1), repeat=4):
        share = np.prod([1 - p if k else p for k in kept])
        u = np.where(kept, (1 + p) / 2, p / 2)
        inverted += share * weight @ solution.dropout(x, p, u)[0]
        classic += share * weight @ (np.array(kept) * x)
    np.testing.assert_allclose(inverted, weight @ x, 1e-12, 1e-12)
    np.testing.assert_allclose(classic, solution.rescale_classic(weight, p) @ x, 1e-12, 1e-12)


@pytest.mark.parametrize(("dtype", "due"), [("f4", "f4"), ("f8", "f8"), ("i8", "f8"), ("u1", "f8"), ("?", "f8")])
@pytest.mark.parametrize("training", [True, False])
def test_dtypes(dtype, due, training):
    x = np.ones((2, 3, 2, 2), dtype)
    u = np.linspace(0, 0.9, 6).reshape(2, 3)
    for y, mask in (
        solution.dropout2d(x, 0.5, u, training),
        solution.dropout(x[..., 0, 0], 0.5, u, training),
    ):
        assert y.dtype == mask.dtype == due
        assert solution.dropout_backward(y, mask).dtype == due
    assert solution.rescale_classic(x, 0.5).dtype == due


@pytest.mark.parametrize("offset", [0.0, 1e7])
def test_monte_carlo(offset):
    rng = np.random.default_rng(9)
    us = rng.random((20, 6))
    mean, var = solution.mc_dropout(lambda u: offset + np.outer(u[:2], u[2:]), list(us))
    draws = torch.tensor(us[:, :2, None] * us[:, None, 2:])
    np.testing.assert_allclose(mean - offset, draws.mean(0).numpy(), 1e-12, 1e-7 if offset else 0)
    np.testing.assert_allclose(var, torch.var(draws, dim=0, correction=0).numpy(), 1e-6 if offset else 1e-12)
    with pytest.raises(ValueError, match="at least one array"):
        solution.mc_dropout(lambda u: u, [])
