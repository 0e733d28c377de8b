"""Everything against sums over all states, written with loops; gradients against torch and finite differences."""

from itertools import product

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex09_rbm_cd1")

SIZES = [(1, 1), (2, 3), (3, 2), (4, 4), (1, 5), (6, 2)]


def machine(rng, nv, nh, scale=1.0):
    return scale * rng.normal(size=(nv, nh)), scale * rng.normal(size=nv), scale * rng.normal(size=nh)


def every_state(units):
    return np.array(list(product((0.0, 1.0), repeat=units)))


def energy_of_one(v, h, W, b_v, b_h):
    total = 0.0
    for i, j in product(range(len(v)), range(len(h))):
        total -= v[i] * W[i, j] * h[j]
    return total - sum(v * b_v) - sum(h * b_h)


def table(W, b_v, b_h):
    """Probabilities of all joint states: (visible states, hidden states)."""
    weights = [[energy_of_one(v, h, W, b_v, b_h) for h in every_state(len(b_h))] for v in every_state(len(b_v))]
    weights = np.exp(-np.array(weights))
    return weights / weights.sum()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_general_energy_pair_by_pair(n):
    rng = np.random.default_rng(1)
    W = np.triu(rng.normal(size=(n, n)), 1)
    W, b = W + W.T, rng.normal(size=n)
    for s, got in zip(every_state(n), solution.boltzmann_energy(every_state(n), W, b), strict=True):
        pairs = sum(W[i, j] * s[i] * s[j] for i in range(n) for j in range(i))
        assert got == pytest.approx(-pairs - sum(b * s), rel=1e-12, abs=1e-13)


def test_an_rbm_is_a_boltzmann_machine():
    rng = np.random.default_rng(2)
    W, b_v, b_h = machine(rng, 3, 2)
    whole = np.block([[np.zeros((3, 3)), W], [W.T, np.zeros((2, 2))]])
    s = every_state(5)
    general = solution.boltzmann_energy(s, whole, np.concatenate([b_v, b_h]))
    np.testing.assert_allclose(solution.energy(s[:, :3], s[:, 3:], W, b_v, b_h), general, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("nv", "nh"), SIZES)
def test_conditionals_like_the_table(nv, nh):
    W, b_v, b_h = machine(np.random.default_rng(3), nv, nh)
    p = table(W, b_v, b_h)
    expected = p @ every_state(nh) / p.sum(1, keepdims=True)
    np.testing.assert_allclose(solution.p_h_given_v(every_state(nv), W, b_h), expected, rtol=1e-12)
    expected = p.T @ every_state(nv) / p.sum(0)[:, None]
    np.testing.assert_allclose(solution.p_v_given_h(every_state(nh), W, b_v), expected, rtol=1e-12)


@pytest.mark.parametrize(("nv", "nh"), SIZES)
def test_free_energy_and_likelihood_like_the_table(nv, nh):
    W, b_v, b_h = machine(np.random.default_rng(4), nv, nh)
    V = every_state(nv)
    sums = [sum(np.exp(-energy_of_one(v, h, W, b_v, b_h)) for h in every_state(nh)) for v in V]
    np.testing.assert_allclose(solution.free_energy(V, W, b_v, b_h), -np.log(sums), rtol=1e-11, atol=1e-12)
    expected = np.log(table(W, b_v, b_h).sum(1))
    for v, log_p in zip(V, expected, strict=True):
        assert solution.log_likelihood(v[None], W, b_v, b_h) == pytest.approx(log_p, rel=1e-11)
    assert solution.log_likelihood(V, W, b_v, b_h) == pytest.approx(expected.mean(), rel=1e-11)


@pytest.mark.parametrize(("nv", "nh"), [(8, 200), (200, 8)])
def test_a_large_layer_summed_out(nv, nh):
    """Against the same sum in torch, over the states of the other layer than in `free_energy`."""
    rng = np.random.default_rng(5)
    W, b_v, b_h = (torch.tensor(x) for x in machine(rng, nv, nh, 0.3))
    V = torch.tensor(rng.integers(0, 2, (4, nv)).astype(float))
    small = torch.tensor(every_state(8))
    if nh == 8:
        log_z = torch.logsumexp(small @ b_h + torch.nn.functional.softplus(b_v + small @ W.T).sum(1), 0)
    else:
        log_z = torch.logsumexp(small @ b_v + torch.nn.functional.softplus(b_h + small @ W).sum(1), 0)
    expected = (V @ b_v + torch.nn.functional.softplus(b_h + V @ W).sum(1)).mean() - log_z
    got = solution.log_likelihood(V.numpy(), W.numpy(), b_v.numpy(), b_h.numpy())
    assert got == pytest.approx(expected.item(), rel=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("states", [bool, np.uint8, np.int64, np.float32, np.float64])
def test_the_weights_decide_the_dtype(dtype, states):
    rng = np.random.default_rng(6)
    W, b_v, b_h = (x.astype(dtype) for x in machine(rng, 3, 2))
    v, h = rng.integers(0, 2, (5, 3)).astype(states), rng.integers(0, 2, (5, 2)).astype(states)
    square, u = np.zeros((3, 3), dtype), rng.random((5, 3))
    answers = [
        solution.boltzmann_energy(v, square, b_v),
        solution.energy(v, h, W, b_v, b_h),
        solution.p_h_given_v(v, W, b_h),
        solution.p_v_given_h(h, W, b_v),
        solution.free_energy(v, W, b_v, b_h),
        *solution.cd1(v, W, b_v, b_h, u[:, :2], u).values(),
    ]
    assert {answer.dtype for answer in answers} == {np.dtype(dtype)}
    assert isinstance(solution.log_likelihood(v, W, b_v, b_h), float)


@pytest.mark.parametrize("seed", range(5))
def test_cd1_is_the_gradient_of_a_difference_of_free_energies(seed):
    """With the reconstruction held fixed, CD-1 is the gradient of mean F(v1) - F(v0)."""
    rng = np.random.default_rng(seed)
    W, b_v, b_h = machine(rng, 4, 3)
    v0 = rng.integers(0, 2, (6, 4)).astype(float)
    u_h, u_v = rng.random((6, 3)), rng.random((6, 4))
    h0 = u_h < torch.sigmoid(torch.tensor(v0 @ W + b_h)).numpy()
    v1 = (u_v < torch.sigmoid(torch.tensor(h0 @ W.T + b_v)).numpy()).astype(float)
    tensors = [torch.tensor(x, requires_grad=True) for x in (W, b_v, b_h)]

    def free(v):
        v = torch.tensor(v)
        return (-v @ tensors[1] - torch.nn.functional.softplus(tensors[2] + v @ tensors[0]).sum(1)).mean()

    (free(v1) - free(v0)).backward()
    got = solution.cd1(v0, W, b_v, b_h, u_h, u_v)
    for name, tensor in zip(("W", "b_v", "b_h"), tensors, strict=True):
        np.testing.assert_allclose(got[name], tensor.grad.numpy(), rtol=1e-10, atol=1e-13)


def test_likelihood_gradient_is_data_minus_model():
    rng = np.random.default_rng(7)
    W, b_v, b_h = machine(rng, 3, 2)
    V = rng.integers(0, 2, (5, 3)).astype(float)
    p = table(W, b_v, b_h)
    model = np.einsum("ab,ai,bj->ij", p, every_state(3), every_state(2))
    expected = V.T @ solution.p_h_given_v(V, W, b_h) / 5 - model
    for i, j in product(range(3), range(2)):
        up, down = W.copy(), W.copy()
        up[i, j] += 1e-5
        down[i, j] -= 1e-5
        slope = solution.log_likelihood(V, up, b_v, b_h) - solution.log_likelihood(V, down, b_v, b_h)
        assert slope / 2e-5 == pytest.approx(expected[i, j], abs=1e-8)


def test_cd1_learns():
    """A hundred steps make two patterns much more likely."""
    rng = np.random.default_rng(8)
    V = np.repeat([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]], 20, axis=0)
    parameters = dict(zip(("W", "b_v", "b_h"), machine(rng, 4, 3, 0.1), strict=True))
    before = solution.log_likelihood(V, **parameters)
    for _ in range(300):
        step = solution.cd1(V, **parameters, u_h=rng.random((40, 3)), u_v=rng.random((40, 4)))
        parameters = {name: value + 0.5 * step[name] for name, value in parameters.items()}
    after = solution.log_likelihood(V, **parameters)
    assert before < np.log(1 / 12) and after > np.log(1 / 4)


@pytest.mark.parametrize("bias", [1e4, -1e4])
def test_large_energies_stay_finite(bias):
    W, b_v, b_h = np.full((3, 2), bias), np.full(3, bias), np.full(2, bias)
    V = every_state(3)
    on = np.maximum(b_h + V @ W, 0).sum(1)
    np.testing.assert_allclose(solution.free_energy(V, W, b_v, b_h), -V @ b_v - on, atol=2.0)
    assert np.isfinite(solution.log_likelihood(V, W, b_v, b_h))
    assert set(np.unique(solution.p_h_given_v(V, W, b_h))) <= {0.0, 1.0}
