import math

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
special = pytest.importorskip("scipy.special")
functional = torch.nn.functional
solution = load("ex05_activation_zoo")

# Name, options and what they are called in torch.
ELEMENTWISE = [
    ("relu", {}, functional.relu),
    ("leaky_relu", {}, functional.leaky_relu),
    ("leaky_relu", {"negative_slope": 0.3}, functional.leaky_relu),
    ("leaky_relu", {"negative_slope": 1.7}, functional.leaky_relu),
    ("sigmoid", {}, torch.sigmoid),
    ("tanh", {}, torch.tanh),
    ("elu", {}, functional.elu),
    ("elu", {"alpha": 0.4}, functional.elu),
    ("selu", {}, functional.selu),
    ("softplus", {}, functional.softplus),
    ("softplus", {"beta": 0.5}, functional.softplus),
    ("softplus", {"beta": 3.0, "threshold": 2.0}, functional.softplus),
    ("silu", {}, functional.silu),
    ("gelu", {}, functional.gelu),
    ("gelu", {"approximate": "tanh"}, functional.gelu),
]
ALONG_AN_AXIS = [("softmax", functional.softmax), ("log_softmax", functional.log_softmax)]
NAMES = sorted({name for name, *_ in ELEMENTWISE} | {"softmax", "log_softmax"})
SHAPES = ((1,), (9,), (4, 5), (2, 3, 4), (2, 1, 3, 4), (0,), (3, 0), ())


def assert_torch_agrees(name, x, options, theirs, rtol=1e-11, atol=1e-13):
    g = np.random.default_rng(9).normal(size=x.shape).astype(x.dtype)
    leaf = torch.tensor(x, requires_grad=True)
    y = theirs(leaf, **options)
    y.backward(torch.tensor(g))
    for got, expected in (
        (solution.forward(name, x, **options), y.detach().numpy()),
        (solution.backward(name, x, g, **options), leaf.grad.numpy()),
    ):
        assert got.dtype == expected.dtype
        assert got.shape == expected.shape
        np.testing.assert_allclose(got, expected, rtol, atol)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("name", "options", "theirs"), ELEMENTWISE)
def test_elementwise_is_torchs(name, options, theirs, shape):
    rng = np.random.default_rng(0)
    for scale in (0.1, 3.0, 30.0):
        assert_torch_agrees(name, rng.normal(0, scale, shape), options, theirs)


@pytest.mark.parametrize(("name", "options", "theirs"), ELEMENTWISE)
@pytest.mark.parametrize("dtype", (np.float64, np.float32))
def test_kinks_and_extremes_are_torchs(name, options, theirs, dtype):
    x = np.array([0.0, -0.0, 0.5, 1.0, -1.0, 20.0, 1e3, -1e3, 1e4, -1e4], dtype)
    near = {} if dtype == np.float64 else {"rtol": 1e-5, "atol": 1e-6}
    with np.errstate(under="ignore"):
        assert_torch_agrees(name, x, options, theirs, **near)


@pytest.mark.parametrize(("name", "theirs"), ALONG_AN_AXIS)
@pytest.mark.parametrize("shape", ((5,), (1,), (4, 3), (2, 3, 4), (2, 3, 1, 4), (0, 3), (3, 0), (2, 0, 3)))
def test_every_axis_is_torchs(name, theirs, shape):
    rng = np.random.default_rng(1)
    for scale in (1.0, 1e4):
        x = rng.normal(0, scale, shape)
        for dim in range(-x.ndim, x.ndim):
            assert_torch_agrees(name, x, {"dim": dim}, theirs)
        last = solution.forward(name, x, dim=-1)
        np.testing.assert_array_equal(solution.forward(name, x), last)


@pytest.mark.parametrize(("name", "options", "theirs"), ELEMENTWISE)
def test_nan_comes_through(name, options, theirs):
    y = solution.forward(name, np.array([np.nan, 1.0]), **options)
    assert np.isnan(y).tolist() == [True, False]


@pytest.mark.parametrize(("name", "theirs"), ALONG_AN_AXIS)
def test_nan_fills_its_slice(name, theirs):
    y = solution.forward(name, np.array([[np.nan, 1.0], [2.0, 3.0]]))
    assert np.isnan(y).tolist() == [[True, True], [False, False]]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", (np.uint8, np.int8, np.int64))
def test_integers_are_computed_in_float64(name, dtype):
    x = np.array([[0, 1, 2], [3, 100, 7]]).astype(dtype)
    g = np.random.default_rng(2).normal(size=x.shape)
    np.testing.assert_array_equal(solution.forward(name, x), solution.forward(name, x.astype(float)), strict=True)
    expected = solution.backward(name, x.astype(float), g)
    np.testing.assert_array_equal(solution.backward(name, x, g), expected, strict=True)


@pytest.mark.parametrize("name", NAMES)
def test_backward_is_the_finite_difference_of_forward(name):
    rng = np.random.default_rng(3)
    x, g, direction = rng.normal(0, 2, (3, 4, 5))
    h = 1e-6
    numeric = ((solution.forward(name, x + h * direction) - solution.forward(name, x - h * direction)) * g).sum() / (
        2 * h
    )
    assert (solution.backward(name, x, g) * direction).sum() == pytest.approx(numeric, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_memory_layout_does_not_matter(name):
    rng = np.random.default_rng(4)
    x, g = rng.normal(size=(2, 6, 8))
    for view in (lambda a: a.T, lambda a: a[::-1, ::2], lambda a: np.broadcast_to(a[:1], (3, 8))):
        expected = solution.backward(name, view(x).copy(), view(g).copy())
        np.testing.assert_allclose(solution.backward(name, view(x), view(g)), expected, 1e-13, 1e-15)
        np.testing.assert_allclose(solution.forward(name, view(x)), solution.forward(name, view(x).copy()), 1e-13)


def _masked(x, value_if_positive, value_otherwise):
    y = np.array(value_otherwise, np.float64)
    positive = x > 0
    y[positive] = np.broadcast_to(value_if_positive, x.shape)[positive]
    return y


# Slopes from the literature's or scipy's formulas: another way to the same numbers.
OTHER = {
    "relu": (lambda x: (x + abs(x)) / 2, lambda x: np.heaviside(x, 0.0)),
    "leaky_relu": (lambda x: _masked(x, x, 0.01 * x), lambda x: _masked(x, 1.0, np.full(x.shape, 0.01))),
    "sigmoid": (special.expit, lambda x: 0.25 / np.cosh(x / 2) ** 2),
    "tanh": (lambda x: 2 * special.expit(2 * x) - 1, lambda x: 1 / np.cosh(x) ** 2),
    "elu": (lambda x: _masked(x, x, np.exp(x) - 1), lambda x: _masked(x, 1.0, np.exp(x))),
    "selu": (
        lambda x: solution.SCALE * _masked(x, x, solution.ALPHA * (np.exp(x) - 1)),
        lambda x: solution.SCALE * _masked(x, 1.0, solution.ALPHA * np.exp(x)),
    ),
    "softplus": (lambda x: np.maximum(x, 0) + np.log1p(np.exp(-abs(x))), special.expit),
    "silu": (
        lambda x: x / 2 * (1 + np.tanh(x / 2)),
        lambda x: special.expit(x) + x * special.expit(x) * (1 - special.expit(x)),
    ),
    "gelu": (
        lambda x: x * special.ndtr(x),
        lambda x: special.ndtr(x) + x * np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi),
    ),
}


@pytest.mark.parametrize("name", OTHER)
def test_another_way_to_write_it_agrees(name):
    rng = np.random.default_rng(5)
    x, g = rng.normal(0, 4, (7, 6)), rng.normal(size=(7, 6))
    x[0, :2] = 0.0, -0.0
    value, slope = OTHER[name]
    np.testing.assert_allclose(solution.forward(name, x), value(x), 1e-11, 1e-13)
    np.testing.assert_allclose(solution.backward(name, x, g), g * slope(x), 1e-11, 1e-13)


@pytest.mark.parametrize(("name", "value"), (("softmax", special.softmax), ("log_softmax", special.log_softmax)))
def test_the_whole_jacobian_gives_the_same_gradient(name, value):
    rng = np.random.default_rng(6)
    x, g = rng.normal(0, 3, (5, 4)), rng.normal(size=(5, 4))
    np.testing.assert_allclose(solution.forward(name, x), value(x, axis=1), 1e-11)
    p = special.softmax(x, axis=1)
    for row in range(5):
        jacobian = np.diag(p[row]) - np.outer(p[row], p[row]) if name == "softmax" else np.eye(4) - p[row]
        np.testing.assert_allclose(solution.backward(name, x, g)[row], g[row] @ jacobian, 1e-10, 1e-13)


def test_the_constants_of_selu_keep_mean_0_and_variance_1():
    """Fixed point of Klambauer et al.: for standard normal input the output has mean 0 and second moment 1."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    halves = np.concatenate([6 * nodes - 6, 6 * nodes + 6])
    density = np.tile(6 * weights, 2) * np.exp(-(halves**2) / 2) / math.sqrt(2 * math.pi)
    y = solution.forward("selu", halves)
    assert (density * y).sum() == pytest.approx(0, abs=1e-12)
    assert (density * y**2).sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("name", ("ReLU", "swish", ""))
def test_an_unknown_name_is_a_value_error(name):
    with pytest.raises(ValueError, match="no activation"):
        solution.forward(name, np.zeros(2))
    with pytest.raises(ValueError, match="no activation"):
        solution.backward(name, np.zeros(2), np.zeros(2))
