"""Fans, gains and weights against torch.nn.init; moments against loops over samples and against theory."""

import math

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex08_weight_init")

SHAPES = [(3, 7), (1000, 10), (1, 1), (1, 9), (9, 1), (5, 5), (4, 3, 5), (8, 3, 3, 3), (8, 1, 3, 3), (2, 3, 2, 3, 4)]
GAINS = ["linear", "conv1d", "conv2d", "conv3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]


class One:
    """Stands for a generator whose every draw is the largest: a weight filled with its bound, or its deviation."""

    def standard_normal(self, shape):
        return np.ones(shape)

    def random(self, shape):
        return np.ones(shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_fans_like_torch(shape):
    assert solution.calculate_fan(shape) == torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))


def test_fans_of_layers():
    assert solution.calculate_fan(tuple(torch.nn.Conv2d(32, 64, 3).weight.shape)) == (288, 576)
    assert solution.calculate_fan(tuple(torch.nn.Conv2d(6, 6, 3, groups=6).weight.shape)) == (9, 54)


@pytest.mark.parametrize("shape", [(), (5,)])
def test_fewer_than_two_axes(shape):
    with pytest.raises(ValueError, match="two axes"):
        solution.calculate_fan(shape)
    for scheme in ("lecun", "orthogonal"):
        with pytest.raises(ValueError, match="two axes"):
            solution.init_weight(shape, scheme, "normal", np.random.default_rng(0))


@pytest.mark.parametrize("name", GAINS)
@pytest.mark.parametrize("param", [None, 0.0, 0.3, -2.0, 1])
def test_gains_like_torch(name, param):
    expected = torch.nn.init.calculate_gain(name, param)
    assert solution.calculate_gain(name, param) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mode", ["fan_in", "fan_out"])
def test_deviations_and_bounds_like_torch(shape, mode):
    fan_in, _ = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    for name, slope in (("relu", None), ("leaky_relu", 0.4), ("tanh", None)):
        options = {"nonlinearity": name, "param": slope, "mode": mode}
        gain = torch.nn.init.calculate_gain(name, slope)
        fan = torch.nn.init._calculate_correct_fan(torch.empty(shape), mode)
        he = solution.init_weight(shape, "he", "uniform", One(), **options)
        np.testing.assert_allclose(he, gain * math.sqrt(3 / fan), rtol=1e-12)
        he = solution.init_weight(shape, "he", "normal", One(), **options)
        np.testing.assert_allclose(he, gain / math.sqrt(fan), rtol=1e-12)
    np.testing.assert_allclose(solution.init_weight(shape, "lecun", "normal", One()), fan_in**-0.5, rtol=1e-12)
    np.testing.assert_allclose(solution.init_weight(shape, "lecun", "uniform", One()), (3 / fan_in) ** 0.5, rtol=1e-12)


@pytest.mark.parametrize(
    ("scheme", "fill"),
    [("xavier", torch.nn.init.xavier_uniform_), ("he", torch.nn.init.kaiming_uniform_)],
)
def test_uniform_ranges_like_torch(scheme, fill):
    """The extremes of many draws of torch's own function lie just inside our bound."""
    generator = torch.Generator().manual_seed(8)
    options = {"nonlinearity": "relu"} if scheme == "he" else {}
    sample = fill(torch.empty(300, 200, dtype=torch.float64), generator=generator, **options)
    bound = solution.init_weight((300, 200), scheme, "uniform", One())[0, 0]
    assert 0.999 * bound < sample.abs().max().item() <= bound


@pytest.mark.parametrize("scheme", ["lecun", "xavier", "he"])
@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_variance_of_many_draws(scheme, distribution):
    weight = solution.init_weight((400, 300), scheme, distribution, np.random.default_rng(9))
    expected = {"lecun": 1 / 300, "xavier": 2 / 700, "he": 2 / 300}[scheme]
    assert weight.var() == pytest.approx(expected, rel=0.03)  # 7 standard deviations
    assert abs(weight.mean()) < 7 * math.sqrt(expected / weight.size)


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_like_numpys_own_distributions(distribution):
    weight = solution.init_weight((3, 8), "lecun", distribution, np.random.default_rng(10))
    rng = np.random.default_rng(10)
    bound = math.sqrt(3 / 8)
    expected = rng.normal(0, 8**-0.5, (3, 8)) if distribution == "normal" else rng.uniform(-bound, bound, (3, 8))
    np.testing.assert_allclose(weight, expected, rtol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_orthogonal(shape):
    weight = solution.init_weight(shape, "orthogonal", "normal", np.random.default_rng(11))
    assert weight.shape == shape and weight.dtype == np.float64
    flat = weight.reshape(shape[0], -1)
    gram = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
    np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-12)
    np.testing.assert_allclose(flat, gram_schmidt(shape, np.random.default_rng(11)), atol=1e-9)


def gram_schmidt(shape, rng):
    """The same from first principles: what is left of each vector after those before it, twice for accuracy."""
    vectors = rng.standard_normal((shape[0], math.prod(shape[1:])))
    tall = vectors.shape[0] >= vectors.shape[1]
    rows = []
    for vector in vectors.T if tall else vectors:
        for _ in range(2):
            for row in rows:
                vector = vector - (vector @ row) * row
        rows.append(vector / np.linalg.norm(vector))
    return np.array(rows).T if tall else np.array(rows)


@pytest.mark.parametrize(
    ("name", "activation"),
    [
        ("linear", lambda z: z),
        ("relu", torch.relu),
        ("leaky_relu", torch.nn.functional.leaky_relu),
        ("tanh", torch.tanh),
        ("sigmoid", torch.sigmoid),
        ("selu", torch.selu),
    ],
)
def test_moments_like_torch_sample_by_sample(name, activation):
    rng = np.random.default_rng(12)
    weights = [rng.normal(size=(5, 4)), rng.normal(size=(5, 5)), rng.normal(size=(2, 5))]
    x = rng.normal(size=(4, 7))
    squares = np.zeros((7, 3))
    for sample in range(7):
        h = torch.tensor(x[:, sample])
        for layer, weight in enumerate(weights):
            h = activation(torch.tensor(weight) @ h)
            squares[sample, layer] = h.square().mean()
    np.testing.assert_allclose(solution.signal_second_moments(weights, x, name), squares.mean(0), rtol=1e-12)


def test_he_keeps_the_signal_and_xavier_loses_half_of_it():
    rng = np.random.default_rng(13)
    x = rng.normal(size=(256, 100))
    for scheme, kept in (("he", 1.0), ("xavier", 0.5), ("lecun", 0.5)):
        weights = [solution.init_weight((256, 256), scheme, "normal", rng) for _ in range(10)]
        moments = solution.signal_second_moments(weights, x, "relu")
        assert moments[-1] ** 0.1 == pytest.approx(kept, rel=0.1)


def test_unknown_names():
    for call in (
        lambda: solution.calculate_gain("gelu"),
        lambda: solution.signal_second_moments([], np.ones((2, 2)), "gelu"),
        lambda: solution.init_weight((2, 2), "glorot", "normal", One()),
        lambda: solution.init_weight((2, 2), "he", "cauchy", One()),
        lambda: solution.init_weight((2, 2), "he", "normal", One(), mode="fan_avg"),
    ):
        with pytest.raises(ValueError, match=r"unknown|no gain"):
            call()
