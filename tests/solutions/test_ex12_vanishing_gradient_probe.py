"""Norms against torch autograd, Jacobians against torch.autograd.functional, the bound against Jacobians."""

import itertools

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex12_vanishing_gradient_probe")

ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": torch.nn.functional.leaky_relu,
    "linear": lambda z: z * 1,
}
WIDTHS = [(1, 1), (3, 5, 2, 4), (4, 4, 4), (2, 1, 6), [5] * 31]


def network(widths, seed=0, gain=1.0):
    rng = np.random.default_rng(seed)
    weights = [gain * rng.normal(size=(m, n)) / n**0.5 for n, m in itertools.pairwise(widths)]
    return weights, [rng.uniform(-0.5, 0.5, len(W)) for W in weights]


def by_autograd(weights, biases, x, grad_output, activation):
    """All h_l and weights as leaves or retained nodes of one graph, and the slopes from a second one per layer."""
    weights = [torch.tensor(W, requires_grad=True) for W in weights]
    hs, flat = [torch.tensor(x, requires_grad=True)], []
    for W, b in zip(weights, map(torch.tensor, biases), strict=True):
        z = hs[-1] @ W.T + b
        alone = z.detach().clone().requires_grad_()
        (slope,) = torch.autograd.grad(ACTIVATIONS[activation](alone).sum(), alone)
        flat.append((slope.abs() <= 1e-3).double().mean().item())
        hs.append(ACTIVATIONS[activation](z))
        hs[-1].retain_grad()
    hs[-1].backward(torch.tensor(grad_output))
    norms = [torch.linalg.vector_norm(h.grad).item() for h in hs]
    return norms, [torch.linalg.vector_norm(W.grad).item() for W in weights], flat


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("rows", [1, 7])
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_norms_are_those_of_autograd(widths, rows, activation):
    weights, biases = network(widths)
    rng = np.random.default_rng(1)
    x, grad_output = rng.normal(size=(rows, widths[0])), rng.normal(size=(rows, widths[-1]))
    got = solution.backprop_norms(weights, biases, x, grad_output, activation)
    expected = by_autograd(weights, biases, x, grad_output, activation)
    for ours, theirs in zip(got.values(), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=0)
    assert list(got) == ["act_grad_norm", "weight_grad_norm", "flat_fraction"]
    assert [len(a) for a in got.values()] == [len(widths), len(weights), len(weights)]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_jacobians_are_torchs_and_those_of_finite_differences(widths, activation):
    weights, biases = network(widths, seed=2)
    x = np.random.default_rng(3).normal(size=widths[0])

    def run(h):
        for W, b in zip(weights, biases, strict=True):
            h = ACTIVATIONS[activation](h @ torch.tensor(W).T + torch.tensor(b))
        return h

    got = solution.input_jacobian(weights, biases, x, activation)
    expected = torch.autograd.functional.jacobian(run, torch.tensor(x)).numpy()
    scale = np.abs(expected).max()
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12 * scale)
    step = 1e-6 * np.eye(len(x))
    numeric = np.stack([(run(torch.tensor(x + d)) - run(torch.tensor(x - d))).numpy() / 2e-6 for d in step], axis=1)
    np.testing.assert_allclose(got, numeric, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("gain", [0.1, 1.0, 5.0])
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_no_sigmoid_network_exceeds_the_bound(widths, gain):
    weights, biases = network(widths, seed=4, gain=gain)
    bound = solution.sigmoid_norm_bound(weights)
    for x in np.random.default_rng(5).normal(size=(20, widths[0])):
        jacobian = solution.input_jacobian(weights, biases, x, "sigmoid")
        assert np.linalg.norm(jacobian, 2) <= bound * (1 + 1e-12)
    # The bound is attained where every unit sits at 0, if the matrices are multiples of the identity.
    eyes, zeros = [gain * np.eye(3)] * 4, [np.full(3, -gain / 2)] * 4
    attained = np.linalg.norm(solution.input_jacobian(eyes, zeros, np.full(3, 0.5), "sigmoid"), 2)
    assert attained == pytest.approx(solution.sigmoid_norm_bound(eyes))


def test_the_bound_comes_from_singular_values():
    weights, _ = network((3, 5, 2), seed=6)
    roots = [np.sqrt(np.linalg.eigvalsh(W @ W.T).max()) for W in weights]
    assert solution.sigmoid_norm_bound(weights) == pytest.approx(roots[0] * roots[1] / 16)


@pytest.mark.parametrize(("activation", "slope"), [("sigmoid", 0.25), ("tanh", 1), ("relu", 0), ("leaky_relu", 0.01)])
def test_slopes_at_exactly_zero(activation, slope):
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    got = solution.backprop_norms([one], [np.zeros(1)], zero, one, activation)
    assert got["act_grad_norm"].tolist() == [slope, 1]
    assert got["flat_fraction"].tolist() == [float(slope == 0)]


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_far_out_units_are_finite_and_flat(activation):
    x = np.array([[1.0], [-1.0]])
    got = solution.backprop_norms([np.array([[1000.0]])], [np.zeros(1)], x, np.ones((2, 1)), activation)
    assert got["act_grad_norm"].tolist() == [0, np.sqrt(2)] and got["flat_fraction"].tolist() == [1]


def test_an_unknown_activation_is_a_value_error():
    one = np.ones((1, 1))
    with pytest.raises(ValueError, match="swish"):
        solution.backprop_norms([one], [np.zeros(1)], one, one, "swish")
    with pytest.raises(ValueError, match="relu6"):
        solution.input_jacobian([one], [np.zeros(1)], one[0], "relu6")
