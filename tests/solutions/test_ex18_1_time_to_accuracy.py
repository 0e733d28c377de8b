"""Brute-force scans, the closed form of the moving average, and sums written out."""

import math
import statistics

import numpy as np
import pytest

from tests.solutions import load

solution = load("ex18_1_time_to_accuracy")


def brute_force(curve, target, hold):
    """The first window of `hold` rows that are all good."""
    for i in range(len(curve) - hold + 1):
        if all(metric >= target for _, metric in curve[i : i + hold]):
            return curve[i][0]
    return math.nan


def random_curve(rng, rounds):
    metrics = rng.choice([0.2, 0.5, 0.9, 0.95, np.nan], rounds, p=[0.2, 0.2, 0.3, 0.25, 0.05])
    return np.column_stack([np.cumsum(rng.uniform(0.1, 2, rounds)), metrics])


@pytest.mark.parametrize("hold", [1, 2, 3, 5])
def test_time_to_accuracy_against_a_scan(hold):
    rng = np.random.default_rng(hold)
    for rounds in (0, 1, 2, 3, 5, 8, 20, 60):
        for _ in range(20):
            curve = random_curve(rng, rounds)
            expected = brute_force(curve.tolist(), 0.9, hold)
            assert solution.time_to_accuracy(curve, 0.9, hold) == pytest.approx(expected, nan_ok=True)


def test_default_hold_is_three():
    curve = np.array([[1, 1], [2, 1], [3, 0], [4, 1], [5, 1], [6, 1]])
    assert solution.time_to_accuracy(curve, 1) == 4
    assert math.isnan(solution.time_to_accuracy(curve[:5], 1))


@pytest.mark.parametrize("costs", [[1, 2, 2], [1, 3, 2], [2, 1, 3]])
def test_costs_must_increase(costs):
    curve = np.column_stack([costs, [1.0, 1.0, 1.0]])
    with pytest.raises(ValueError, match="increase"):
        solution.time_to_accuracy(curve, 0.5, 1)
    with pytest.raises(ValueError, match="increase"):
        solution.speedup(curve[:1], curve, 0.5, 1)


def test_speedups():
    rng = np.random.default_rng(1)
    seen = set()
    for _ in range(400):
        a, b = (random_curve(rng, int(rng.integers(1, 12))) for _ in range(2))
        cost_a, cost_b = brute_force(a.tolist(), 0.9, 2), brute_force(b.tolist(), 0.9, 2)
        got = solution.speedup(a, b, 0.9, 2)
        never = (math.isnan(cost_a), math.isnan(cost_b))
        seen.add(never)
        if never == (False, False):
            assert got == pytest.approx(cost_b / cost_a)
            assert solution.speedup(b, a, 0.9, 2) == pytest.approx(1 / got)
        else:
            expected = {(False, True): math.inf, (True, False): 0.0, (True, True): math.nan}[never]
            assert got == pytest.approx(expected, nan_ok=True)
    assert len(seen) == 4


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.999])
def test_smoothing_is_a_weighted_mean(beta):
    values = np.random.default_rng(2).normal(size=40)
    got = solution.smooth(values, beta)
    for t in range(1, 41):
        weights = float(beta) ** np.arange(t)[::-1]
        assert got[t - 1] == pytest.approx(np.average(values[:t], weights=weights), 1e-10)
    np.testing.assert_allclose(solution.smooth(np.full(50, 3.0), beta), 3.0)
    assert solution.smooth(np.zeros(0), beta).shape == (0,)


def test_smoothing_like_adams_first_moment():
    torch = pytest.importorskip("torch")
    grads = np.random.default_rng(3).normal(size=12)
    p = torch.zeros(1, dtype=torch.float64)
    optimizer = torch.optim.Adam([p], betas=(0.8, 0.9))
    for t, (g, smoothed) in enumerate(zip(grads, solution.smooth(grads, 0.8), strict=True), 1):
        p.grad = torch.tensor([g])
        optimizer.step()
        assert optimizer.state[p]["exp_avg"].item() / (1 - 0.8**t) == pytest.approx(smoothed, 1e-10)


def test_examples():
    rng = np.random.default_rng(4)
    for _ in range(20):
        sizes = rng.integers(1, 255, 30).astype(np.uint8)
        steps = np.sort(rng.choice(np.arange(1, 31), 7, replace=False))
        curve = solution.examples_curve(sizes, steps, np.arange(7))
        assert curve.dtype == np.float64
        assert curve.tolist() == [[float(sum(sizes[:k].tolist())), float(i)] for i, k in enumerate(steps)]


class World:
    """Time passes in training and in evaluations."""

    def __init__(self, rng, rounds):
        self.seconds, self.pauses = rng.uniform(0.1, 2, rounds), rng.uniform(0, 5, rounds)
        self.metrics = rng.choice([0.2, 0.9, 1.0, np.nan], rounds, p=[0.3, 0.3, 0.3, 0.1])
        self.now, self.round = float(rng.normal(0, 100)), 0

    def train(self):
        self.now += self.seconds[self.round]
        self.round += 1

    def evaluate(self):
        self.now += self.pauses[self.round - 1]
        return self.metrics[self.round - 1]


@pytest.mark.parametrize("seed", range(30))
def test_recording(seed):
    rng = np.random.default_rng(seed)
    world, hold, budget = World(rng, 400), int(rng.integers(1, 6)), float(rng.uniform(1, 60))
    curve = solution.record_curve(world.train, world.evaluate, lambda: world.now, 0.9, budget, hold)
    costs = np.cumsum(world.seconds)
    reached = next((i + hold for i in range(400) if all(world.metrics[i : i + hold] >= 0.9)), 400)
    rounds = min(reached, int(np.argmax(costs >= budget)) + 1)
    assert world.round == rounds == len(curve)
    np.testing.assert_allclose(curve, np.column_stack([costs, world.metrics])[:rounds], 1e-9)
    if reached <= rounds:
        assert solution.time_to_accuracy(curve, 0.9, hold) == pytest.approx(costs[rounds - hold])


def test_medians():
    rng = np.random.default_rng(5)
    for n in range(1, 9):
        for failed in range(n + 1):
            times = np.concatenate([rng.uniform(1, 2, n - failed), np.full(failed, np.nan)])
            rng.shuffle(times)
            expected = statistics.median([math.inf if math.isnan(t) else t for t in times.tolist()])
            got = solution.median_time(times)
            assert math.isnan(got) if expected == math.inf else got == pytest.approx(expected)
