"""Sampling against exact fractions, the race against a recursive one, expected improvement against the integral."""

import math
from fractions import Fraction

import numpy as np
import pytest

from tests.solutions import load

solution = load("ex07_hyperparameter_search")


@pytest.mark.parametrize(("low", "high"), ((0, 1), (1, 3), (-3, 2), (7, 7), (16, 512)))
def test_every_integer_gets_an_equal_piece(low, high):
    count = high - low + 1
    space = {"k": {"type": "int", "low": low, "high": high}}
    for j in range(count):
        inside = [[(j + share) / count] for share in (0.001, 0.5, 0.999)]
        assert solution.sample_configs(space, np.array(inside)) == [{"k": low + j}] * 3


@pytest.mark.parametrize("u", (0.0, 0.1, 0.5, 1 - 2**-53))
def test_integers_and_choices_stay_in_range_for_the_largest_u(u):
    for count in range(1, 200):
        exact = math.floor(Fraction(u) * count)
        space = {
            "a": {"type": "int", "low": 0, "high": count - 1},
            "b": {"type": "choice", "values": list(range(count))},
        }
        assert solution.sample_configs(space, np.array([[u, u]])) == [{"a": exact, "b": exact}]


def test_a_log_range_gives_each_power_of_ten_its_share():
    space = {"lr": {"type": "float", "low": 1e-5, "high": 1e-1, "log": True}}
    u = (np.arange(4000) + 0.5)[:, np.newaxis] / 4000
    lrs = np.array([config["lr"] for config in solution.sample_configs(space, u)])
    assert np.histogram(lrs, 10.0 ** np.arange(-5, 0))[0].tolist() == [1000] * 4
    np.testing.assert_allclose(lrs, 1e-5 * 1e4 ** u[:, 0], rtol=1e-12)


def test_values_of_a_choice_keep_their_type():
    values = [None, True, 0.5, "auto", (3, 3)]
    space = {"c": {"type": "choice", "values": values}, "f": {"type": "float", "low": 2, "high": 6}}
    got = solution.sample_configs(space, np.array([[(k + 0.5) / 5, k / 4] for k in range(4)]))
    assert [config["c"] for config in got] == values[:4]
    assert [type(config["c"]) for config in got] == [type(None), bool, float, str]
    assert [config["f"] for config in got] == [2, 3, 4, 5]


def test_sampling_refuses_what_it_does_not_understand():
    space = {"lr": {"type": "float", "low": 0.0, "high": 1.0}}
    with pytest.raises(ValueError, match="zip"):
        solution.sample_configs(space, np.zeros((1, 2)))
    with pytest.raises(ValueError, match="normal"):
        solution.sample_configs({"lr": {"type": "normal"}}, np.zeros((1, 1)))


def nested(space):
    """All combinations, by recursion over the names."""
    if not space:
        return [{}]
    (name, values), *rest = space.items()
    return [{name: value, **others} for value in values for others in nested(dict(rest))]


@pytest.mark.parametrize(
    "space",
    ({}, {"a": [1, 2]}, {"z": [1, 2], "a": "xyz", "m": [None]}, {"a": [1], "b": []}, {"a": [1, 1], "b": [2, 3]}),
)
def test_the_grid_is_that_of_nested_loops(space):
    got = solution.grid(space)
    assert got == nested(space)
    assert all(list(config) == list(space) for config in got)


def recursive_race(numbers, loss, budget, paid, max_budget, eta):
    """The rungs from here on, what they cost, and the winner; ranked by counting who is better."""
    losses = {i: loss(i, budget) for i in numbers}
    bad = {i: math.inf if losses[i] != losses[i] else losses[i] for i in numbers}
    rank = {i: sum((bad[j], j) < (bad[i], i) for j in numbers) for i in numbers}
    cost = sum(budget - paid for _ in numbers)
    if len(numbers) == 1 or budget * eta > max_budget:
        return [(budget, numbers)], cost, next(i for i in numbers if rank[i] == 0)
    alive = [i for i in numbers if rank[i] < max(1, len(numbers) // eta)]
    rungs, more, best = recursive_race(alive, loss, budget * eta, budget, max_budget, eta)
    return [(budget, numbers), *rungs], cost + more, best


def test_the_race_is_the_recursive_one():
    rng = np.random.default_rng(0)
    for _ in range(300):
        n, eta, low = int(rng.integers(1, 40)), int(rng.integers(2, 5)), int(rng.integers(1, 4))
        final, gap = rng.integers(0, 9, n).astype(float), rng.integers(0, 9, n).astype(float)
        final[rng.random(n) < 0.1] = np.nan
        high, calls = low * int(rng.integers(1, 100)), []

        def loss(i, budget, final=final, gap=gap):
            return final[i] + gap[i] / budget

        def evaluate(i, budget, loss=loss, calls=calls):
            calls.append((i, budget))
            return loss(i, budget)

        got = solution.successive_halving(n, evaluate, low, high, eta)
        rungs, cost, best = recursive_race(list(range(n)), loss, low, 0, high, eta)
        assert got == {"best": best, "rungs": rungs, "total_cost": cost}
        assert calls == [(i, budget) for budget, numbers in rungs for i in numbers]


def test_the_example_of_the_question_page():
    calls = []
    got = solution.successive_halving(27, lambda i, budget: calls.append(i) or float(i), 1, 27, 3)
    assert [len(numbers) for _, numbers in got["rungs"]] == [27, 9, 3, 1]
    assert (len(calls), got["total_cost"]) == (40, 81)


@pytest.mark.parametrize("best", (-1.0, 0.3))
@pytest.mark.parametrize("xi", (0.0, 0.5))
def test_expected_improvement_is_the_integral(best, xi):
    quad = pytest.importorskip("scipy.integrate").quad
    for mu in (-3.0, -1.0, 0.0, 0.4, 2.0):
        for sigma in (0.05, 1.0, 4.0):

            def integrand(z, mu=mu, sigma=sigma):
                return max(best - xi - mu - sigma * z, 0.0) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

            edge = min(max((best - xi - mu) / sigma, -12.0), 12.0)
            expected = quad(integrand, -12, edge, epsabs=1e-13, epsrel=1e-12)[0]
            got = solution.expected_improvement(np.array([mu]), np.array([sigma]), best, xi)
            assert got[0] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_expected_improvement_is_scipys_formula_and_a_limit():
    norm = pytest.importorskip("scipy.stats").norm
    rng = np.random.default_rng(1)
    mu, sigma = rng.normal(size=(3, 4)), rng.uniform(0.01, 3, (3, 4))
    z = (0.2 - mu) / sigma
    expected = (0.2 - mu) * norm.cdf(z) + sigma * norm.pdf(z)
    np.testing.assert_allclose(solution.expected_improvement(mu, sigma, 0.2), expected, rtol=1e-11, atol=1e-15)
    certain = solution.expected_improvement(mu, np.zeros_like(mu), 0.2)
    np.testing.assert_array_equal(certain, np.maximum(0.2 - mu, 0))
    np.testing.assert_allclose(solution.expected_improvement(mu, np.full_like(mu, 1e-9), 0.2), certain, atol=1e-9)


def test_expected_improvement_is_float64():
    for dtype in (np.float32, np.int64):
        got = solution.expected_improvement(np.ones((2, 2), dtype), np.zeros((2, 2), dtype), 3)
        assert got.dtype == np.float64
        assert got.tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert solution.expected_improvement(np.zeros(0), np.zeros(0), 0.0).shape == (0,)
