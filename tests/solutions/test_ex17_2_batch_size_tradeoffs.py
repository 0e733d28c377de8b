"""Counts by dealing out samples, times by a simulation, noise by enumeration, parts against the whole batch."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex17_2_batch_size_tradeoffs")


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 100, 1023])
@pytest.mark.parametrize("batch_size", [1, 3, 8, 100, 2000])
def test_updates_like_a_data_loader(n, batch_size, drop_last):
    assert solution.updates_per_epoch(n, batch_size, drop_last) == len(
        torch.utils.data.BatchSampler(range(n), batch_size, drop_last)
    )


@pytest.mark.parametrize("batch", [1, 32, 250, 256, 4096])
def test_rules_keep_what_they_promise(batch):
    """linear: rate per sample; sqrt: variance of the noise of a step, rate**2 / batch."""
    linear, root = (solution.scale_lr(0.3, 256, batch, rule) for rule in ("linear", "sqrt"))
    assert linear / batch == pytest.approx(0.3 / 256, rel=1e-12)
    assert root**2 / batch == pytest.approx(0.3**2 / 256, rel=1e-12)
    with pytest.raises(ValueError, match="linear"):
        solution.scale_lr(0.3, 256, batch, "cubic")


@pytest.mark.parametrize("warmup_steps", [0, 1, 2, 5, 33])
def test_warmup_is_a_stair(warmup_steps):
    rates = [solution.warmup_lr(step, warmup_steps, 0.7) for step in range(warmup_steps + 5)]
    stairs = np.linspace(0, 0.7, warmup_steps + 1)[1:]
    np.testing.assert_allclose(rates, [*stairs, *[0.7] * 5], 1e-12)


def simulated(n, batch_size, overhead, per_sample, width):
    """Seconds, sample by sample."""
    seconds, left = 0.0, n
    while left > 0:
        seconds += overhead
        in_batch = min(batch_size, left)
        left -= in_batch
        while in_batch > 0:
            in_batch -= width
            seconds += per_sample
    return seconds


def test_seconds_like_a_simulation():
    rng = np.random.default_rng(1)
    for _ in range(300):
        n, batch_size, width = (int(k) for k in rng.integers((0, 1, 1), (80, 30, 12)))
        costs = rng.uniform(0, 2, 2)
        due = simulated(n, batch_size, *costs, width)
        assert solution.epoch_seconds(n, batch_size, *costs, width) == pytest.approx(due, rel=1e-12, abs=1e-12)


def mean_square(grads, batch):
    """Expected squared norm of the mean of `batch` independent draws, exactly."""
    n, d = len(grads), len(grads[0])
    total = Fraction(0)
    for draw in product(range(n), repeat=batch):
        total += sum(Fraction(sum(grads[i][j] for i in draw), batch) ** 2 for j in range(d))
    return total / n**batch


@pytest.mark.parametrize(("b_small", "b_big"), [(1, 2), (1, 4), (2, 5), (3, 4)])
def test_noise_scale_by_enumeration(b_small, b_big):
    grads = [[3, -1], [0, 4], [-2, 2]]
    mean = [Fraction(1, 3), Fraction(5, 3)]
    signal = sum(m * m for m in mean)
    trace = sum((g[j] - mean[j]) ** 2 for g in grads for j in range(2)) / 3
    measured = [float(mean_square(grads, b)) for b in (b_small, b_big)]
    np.testing.assert_allclose(
        solution.noise_scale(*measured, b_small, b_big), [float(v) for v in (signal, trace, trace / signal)], 1e-12
    )


def test_noise_scale_is_unbiased_on_single_draws():
    """20000 pairs of batches; the mean of the estimates within 6.5 standard errors."""
    rng = np.random.default_rng(2)
    true, spread = np.array([1.0, -2.0, 0.5]), np.array([3.0, 1.0, 2.0])
    small = true + rng.normal(size=(20_000, 3)) * spread / 4**0.5
    big = true + rng.normal(size=(20_000, 3)) * spread / 32**0.5
    pairs = zip((small**2).sum(1), (big**2).sum(1), strict=True)
    estimates = np.array([solution.noise_scale(s, b, 4, 32)[:2] for s, b in pairs])
    error = estimates.mean(0) - [true @ true, spread @ spread]
    assert (np.abs(error) < 6.5 * estimates.std(0) / 20_000**0.5).all()


def test_noise_scale_at_the_edges():
    assert solution.noise_scale(4.0, 2.0, 1, 2) == (0.0, 4.0, np.inf)
    assert solution.noise_scale(6.0, 2.0, 1, 2)[2] == np.inf
    for sizes in ((8, 8), (8, 2)):
        with pytest.raises(ValueError, match="below"):
            solution.noise_scale(3.0, 2.0, *sizes)


@pytest.mark.parametrize("micro_batch_size", [1, 2, 5, 11, 12, 40])
def test_parts_are_the_whole_batch_of_torch(micro_batch_size):
    torch.manual_seed(3)
    model = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3)).double()
    X, y = torch.randn(12, 4, dtype=torch.float64), torch.randint(3, (12,))

    def grad_fn(X_part, y_part):
        assert 0 < len(X_part) <= micro_batch_size
        model.zero_grad()
        torch.nn.functional.cross_entropy(model(torch.tensor(X_part)), torch.tensor(y_part)).backward()
        return {name: p.grad.numpy().copy() for name, p in model.named_parameters()}

    ours = solution.accumulate_gradients(grad_fn, X.numpy(), y.numpy(), micro_batch_size)
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), y).backward()
    assert ours.keys() == dict(model.named_parameters()).keys()
    for name, p in model.named_parameters():
        np.testing.assert_allclose(ours[name], p.grad.numpy(), 1e-10, 1e-12, err_msg=name)


def test_dtype_of_the_gradients_stays():
    grads = solution.accumulate_gradients(
        lambda X, y: {"w": X.mean(0)}, np.ones((5, 2), np.float32), np.zeros(5), np.int64(2)
    )
    assert grads["w"].dtype == np.float32
