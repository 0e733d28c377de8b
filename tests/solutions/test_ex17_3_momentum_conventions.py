"""Momentum against torch.optim.SGD, sums over the history, and eigenvalues of the iteration matrix."""

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex17_3_momentum_conventions")
CONVENTIONS = ("classical", "pytorch", "ema")


def bowl(rng, d=4):
    spread = rng.normal(size=(d, d))
    return spread @ spread.T / d + 0.1 * np.eye(d)


def torch_path(curvature, theta0, lrs, **settings):
    theta = torch.tensor(theta0, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=1.0, **settings)
    path = [theta.detach().numpy().copy()]
    for lr in lrs:
        optimizer.param_groups[0]["lr"] = lr
        theta.grad = torch.tensor(curvature) @ theta.detach()
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("nesterov", [False, True])
def test_pytorch_convention_is_torch(seed, nesterov):
    rng = np.random.default_rng(seed)
    curvature, theta0, lrs = bowl(rng), rng.normal(size=4), rng.uniform(0.01, 0.2, 60)
    expected = torch_path(curvature, theta0, lrs, momentum=0.9, nesterov=nesterov)
    got = solution.momentum_path(lambda x: curvature @ x, theta0, lrs, 0.9, "pytorch", nesterov)
    np.testing.assert_allclose(got, expected, 1e-10, 1e-12)


def test_ema_after_the_first_step_is_torch_with_dampening():
    """PyTorch's buffer starts as the whole first gradient; from a first gradient of zero the two agree."""
    curvature = bowl(np.random.default_rng(1))
    grads = np.concatenate([np.zeros((1, 4)), np.random.default_rng(2).normal(size=(20, 4))])
    theta = torch.zeros(4, dtype=torch.float64)
    optimizer = torch.optim.SGD([theta], lr=0.1, momentum=0.8, dampening=1 - 0.2)
    expected = [theta.numpy().copy()]
    for g in grads:
        theta.grad = torch.tensor(g)
        optimizer.step()
        expected.append(theta.numpy().copy())
    turns = iter(grads)
    got = solution.momentum_path(lambda x: next(turns), np.zeros(4), np.full(21, 0.1), 0.8, "ema")
    np.testing.assert_allclose(got, expected, 1e-10, 1e-12)
    assert got.shape == (22, len(curvature))


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_like_sums_over_all_gradients(convention):
    rng = np.random.default_rng(3)
    grads, lrs, momentum = rng.normal(size=(15, 3)), rng.uniform(0.01, 1, 15), 0.7
    turns = iter(grads)
    got = solution.momentum_path(lambda x: next(turns), np.ones(3), lrs, momentum, convention)
    for t in range(16):
        moved = np.zeros(3)
        for s in range(t):
            for k in range(s + 1):
                inside = {"classical": lrs[k], "pytorch": lrs[s], "ema": lrs[s] * (1 - momentum)}[convention]
                moved += momentum ** (s - k) * inside * grads[k]
        np.testing.assert_allclose(got[t], 1 - moved, 1e-10, 1e-12)


def test_torchs_nesterov_is_sutskevers_seen_from_the_point_ahead():
    """In the variables theta - momentum * v, Sutskever's form becomes PyTorch's, while lr stays the same."""
    rng = np.random.default_rng(4)
    curvature, theta0, lr, momentum = bowl(rng), rng.normal(size=4), 0.1, 0.9

    def grad(x):
        return curvature @ x

    lrs = np.full(40, lr)
    theirs = solution.momentum_path(grad, theta0, lrs, momentum, "pytorch", True)
    ours = solution.momentum_path(grad, theta0, lrs, momentum, "classical", True)
    velocities = np.concatenate([np.zeros((1, 4)), ours[:-1] - ours[1:]])
    np.testing.assert_allclose(theirs, ours - momentum * velocities, 1e-10, 1e-12)


@pytest.mark.parametrize("src", CONVENTIONS)
@pytest.mark.parametrize("dst", CONVENTIONS)
def test_conversion_follows_the_recurrences(src, dst):
    rng = np.random.default_rng(5)
    lr, momentum, v = 0.03, 0.85, dict.fromkeys(CONVENTIONS, np.zeros((2, 2)))
    for g in rng.normal(size=(9, 2, 2)):
        v = {
            "classical": momentum * v["classical"] + lr * g,
            "pytorch": momentum * v["pytorch"] + g,
            "ema": momentum * v["ema"] + (1 - momentum) * g,
        }
    np.testing.assert_allclose(solution.convert_velocity(v[src], lr, momentum, src, dst), v[dst], 1e-12)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.97])
def test_effective_lr_is_the_length_of_a_late_step(convention, momentum):
    path = solution.momentum_path(lambda x: np.ones(1), np.zeros(1), np.full(2000, 0.3), momentum, convention)
    assert path[-2, 0] - path[-1, 0] == pytest.approx(solution.effective_lr(0.3, momentum, convention), 1e-9)


def slowest(lr, momentum, curvatures):
    """Largest magnitude of an eigenvalue of (error now, error before) -> (error next, error now)."""
    return max(max(abs(np.linalg.eigvals([[1 + momentum - lr * c, -momentum], [1, 0]]))) for c in curvatures)


@pytest.mark.parametrize(("mu", "top"), [(1, 100), (0.2, 3), (1, 9), (5, 5), (1e-2, 1e2)])
def test_polyak_against_eigenvalues(mu, top):
    lr, momentum, rate = solution.polyak_optimal(mu, top)
    curvatures = np.linspace(mu, top, 101)
    # equal eigenvalues are as sensitive as square roots, hence only half of the digits
    assert slowest(lr, momentum, curvatures) == pytest.approx(rate, rel=1e-6, abs=1e-6)
    for factor, shift in [(0.97, 0), (1.03, 0), (1, -0.02), (1, 0.02)]:
        other = slowest(lr * factor, min(max(momentum + shift, 0.0), 1.0), curvatures)
        assert other > rate or (momentum == 0 and shift < 0)


def test_what_is_refused():
    step = {"grad": lambda x: x, "theta0": np.ones(1), "lrs": np.ones(1), "momentum": 0.5}
    with pytest.raises(ValueError, match="ema"):
        solution.momentum_path(**step, convention="ema", nesterov=True)
    with pytest.raises(ValueError, match="keras"):
        solution.momentum_path(**step | {"lrs": np.ones(0)}, convention="keras")
    with pytest.raises(ValueError, match="keras"):
        solution.effective_lr(0.1, 0.9, "keras")
    with pytest.raises(ValueError, match="rate of 0"):
        solution.convert_velocity(np.ones(1), 0.0, 0.9, "classical", "ema")
