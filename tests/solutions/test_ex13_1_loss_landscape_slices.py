"""Slices of real torch modules, filter norms by loops, slopes by autograd and finite differences."""

import itertools

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex13_1_loss_landscape_slices")


def network(seed):
    """A small convolutional network in float64, its loss as a function of named arrays, and its parameters."""
    generator = torch.Generator().manual_seed(seed)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(2, 3, 2), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(12, 2)
    ).double()
    with torch.no_grad():
        for p in model.parameters():
            p.normal_(generator=generator)
    x = torch.randn(5, 2, 3, 3, generator=generator, dtype=torch.float64)
    y = torch.randn(5, 2, generator=generator, dtype=torch.float64)

    def loss_fn(params):
        tensors = {name: torch.from_numpy(p) for name, p in params.items()}
        return float(torch.nn.functional.mse_loss(torch.func.functional_call(model, tensors, (x,)), y))

    def loss_at(vector):
        torch.nn.utils.vector_to_parameters(vector, model.parameters())
        return torch.nn.functional.mse_loss(model(x), y)

    return model, loss_fn, loss_at, {name: p.detach().numpy().copy() for name, p in model.named_parameters()}


def flat(arrays):
    return torch.from_numpy(np.concatenate([a.ravel() for a in arrays.values()]))


def like(params, rng):
    return {name: rng.standard_normal(p.shape) for name, p in params.items()}


@pytest.mark.parametrize("seed", range(4))
def test_slice_and_surface_of_a_module(seed):
    _, loss_fn, loss_at, params = network(seed)
    rng = np.random.default_rng(seed)
    d1, d2 = like(params, rng), like(params, rng)
    alphas, betas = rng.standard_normal(5), rng.standard_normal(3)
    with torch.no_grad():
        line = [loss_at(flat(params) + a * flat(d1)).item() for a in alphas]
        plane = [[loss_at(flat(params) + a * flat(d1) + b * flat(d2)).item() for b in betas] for a in alphas]
    np.testing.assert_allclose(solution.loss_slice(loss_fn, params, d1, alphas), line, rtol=1e-12)
    np.testing.assert_allclose(solution.loss_surface(loss_fn, params, d1, d2, alphas, betas), plane, rtol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_slope_is_autograds_and_that_of_the_slice(seed):
    model, loss_fn, loss_at, params = network(seed)
    loss_at(flat(params)).backward()
    grads = {name: p.grad.numpy() for name, p in model.named_parameters()}
    direction = like(params, np.random.default_rng(seed))
    slope = solution.directional_derivative(grads, direction)
    below, above = solution.loss_slice(loss_fn, params, direction, np.array([-1e-5, 1e-5]))
    assert slope == pytest.approx((above - below) / 2e-5, rel=1e-6)
    assert slope == pytest.approx(float(flat(grads) @ flat(direction)), rel=1e-12)


def test_no_unit_direction_falls_faster_than_the_negative_gradient():
    rng = np.random.default_rng(3)
    grads = {"w": rng.standard_normal((4, 3)), "b": rng.standard_normal(4)}
    length = float(flat(grads).norm())
    steepest = solution.directional_derivative(grads, {name: -g / length for name, g in grads.items()})
    assert steepest == pytest.approx(-length)
    for _ in range(200):
        d = like(grads, rng)
        unit = {name: a / float(flat(d).norm()) for name, a in d.items()}
        assert solution.directional_derivative(grads, unit) >= steepest


@pytest.mark.parametrize("shape", [(1, 1), (3, 4), (4, 1), (5, 2, 3), (3, 2, 2, 4), (0, 3), (2, 0), (7,)])
def test_filter_normalisation_filter_by_filter(shape):
    rng = np.random.default_rng(len(shape))
    d, w = rng.standard_normal(shape), 5 * rng.standard_normal(shape)
    result = solution.filter_normalize({"w": d}, {"w": w})["w"]
    assert result.shape == shape
    for got, one, target in zip(result, d, w, strict=True):
        factor = torch.tensor(target).norm() / (torch.tensor(one).norm() + 1e-10) if len(shape) > 1 else 0.0
        np.testing.assert_allclose(got, one * float(factor), rtol=1e-12)


def test_filters_of_zeros():
    zeros, ones = np.zeros((2, 3)), np.ones((2, 3))
    for d, w in ((zeros, ones), (ones, zeros), (zeros, zeros)):
        np.testing.assert_array_equal(solution.filter_normalize({"w": d}, {"w": w})["w"], zeros)


@pytest.mark.parametrize(("steps", "d"), [(0, 3), (1, 3), (2, 3), (3, 2), (40, 6), (5, 0)])
def test_flip_rate_pair_by_pair(steps, d):
    history = np.random.default_rng(steps).integers(-1, 2, (steps, d))
    expected = []
    for column in history.T.tolist():
        pairs = [(a, b) for a, b in itertools.pairwise(column) if a != 0 and b != 0]
        expected.append(sum(a * b < 0 for a, b in pairs) / len(pairs) if len(pairs) > 1 else 0.0)
    got = solution.sign_flip_rate(history)
    assert got.dtype == np.float64 and got.shape == (d,)
    np.testing.assert_allclose(got, expected)
    np.testing.assert_allclose(solution.sign_flip_rate(1e-200 * history), expected)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_number_of_evaluations_by_counting(n):
    points = {"forward": {()}, "central": set()}
    for i in range(n):
        points["forward"].add((i, 1))
        points["central"] |= {(i, 1), (i, -1)}
    for scheme, visited in points.items():
        assert solution.num_evaluations(n, scheme) == len(visited)
    assert solution.num_evaluations(n, "backprop") == 1
    with pytest.raises(ValueError, match="reverse"):
        solution.num_evaluations(n, "reverse")
