"""Networks against numpy.interp, evaluation against torch modules, segment counts against measured errors."""

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex12_2_relu_interpolant")


def in_torch(net, t):
    """The same network as two torch.nn.Linear with a ReLU in between."""
    first, last = (torch.nn.Linear(*size, dtype=torch.float64) for size in ((1, len(net["b1"])), (len(net["b1"]), 1)))
    with torch.no_grad():
        for layer, weight, bias in ((first, "W1", "b1"), (last, "W2", "b2")):
            layer.weight.copy_(torch.tensor(net[weight]))
            layer.bias.copy_(torch.tensor(net[bias]))
        return last(torch.relu(first(torch.tensor(t)[:, None])))[:, 0].numpy()


def curve(x, y, extrapolate, t):
    values = np.interp(t, x, y)
    if extrapolate == "linear" and len(x) > 1:
        values += np.maximum(t - x[-1], 0) * np.polyfit(x[-2:], y[-2:], 1)[0]
    return values


@pytest.mark.parametrize("extrapolate", ["clamp", "linear"])
@pytest.mark.parametrize("count", [2, 3, 10, 100])
@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_the_network_is_numpys_interpolation(count, extrapolate, scale):
    rng = np.random.default_rng(count)
    x, y = np.cumsum(rng.uniform(0.05, 1, count)) - 5, scale * rng.normal(size=count)
    mixed = rng.permutation(count)
    net = solution.relu_interpolant(x[mixed], y[mixed], extrapolate)
    t = np.linspace(x[0] - 10, x[-1] + 10, 4001)
    steepest = np.abs(np.diff(y) / np.diff(x)).max()
    error = np.abs(in_torch(net, t) - curve(x, y, extrapolate, t)).max()
    assert error <= 1e-9 * (1 + steepest * (x[-1] - x[0]))
    assert len(net["b1"]) == count - (extrapolate == "linear")
    assert [a.shape for a in net.values()] == [(len(net["b1"]), 1), net["b1"].shape, (1, len(net["b1"])), (1,)]


@pytest.mark.parametrize(("extrapolate", "hidden"), [("clamp", 1), ("linear", 0)])
def test_a_single_knot_gives_a_constant(extrapolate, hidden):
    net = solution.relu_interpolant(np.array([3]), np.array([-2]), extrapolate)
    assert [net[name].shape for name in ("W1", "b1", "W2", "b2")] == [(hidden, 1), (hidden,), (1, hidden), (1,)]
    assert all(a.dtype == np.float64 for a in net.values())
    assert solution.net_eval(net, np.array([-1e3, 3, 1e3])).tolist() == [-2, -2, -2]


def test_knots_may_not_share_an_x():
    for x in ([0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [0.0, -0.0]):
        with pytest.raises(ValueError, match="same x"):
            solution.relu_interpolant(np.array(x), np.zeros(len(x)))
    with pytest.raises(ValueError, match="wrap"):
        solution.relu_interpolant(np.array([0.0]), np.zeros(1), "wrap")


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_small_integers_do_not_wrap_around(dtype):
    x, y = np.array([120, 1, 60]).astype(dtype), np.array([3, 100, 7]).astype(dtype)
    exact = solution.relu_interpolant(x.astype(float), y.astype(float))
    for name, array in solution.relu_interpolant(x, y).items():
        np.testing.assert_array_equal(array, exact[name])


@pytest.mark.parametrize("hidden", [1, 2, 30])
@pytest.mark.parametrize("numbers", [0, 1, 50])
def test_evaluation_is_torchs(hidden, numbers):
    rng = np.random.default_rng(hidden)
    shapes = {"W1": (hidden, 1), "b1": (hidden,), "W2": (1, hidden), "b2": (1,)}
    net = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    t = rng.normal(0, 3, numbers)
    np.testing.assert_allclose(solution.net_eval(net, t), in_torch(net, t), rtol=1e-12, atol=1e-12)
    whole = {name: np.rint(3 * array).astype(np.int8) for name, array in net.items()}
    expected = in_torch({name: array.astype(float) for name, array in whole.items()}, np.rint(t))
    np.testing.assert_array_equal(solution.net_eval(whole, np.rint(t).astype(np.int64)), expected)


@pytest.mark.parametrize("tol", [3.0, 0.1, 1e-3, 1.7e-5])
@pytest.mark.parametrize("f2_max", [0.0, 0.3, 50.0])
@pytest.mark.parametrize("length", [0.01, 1.0, 6.283])
def test_the_number_of_segments_is_the_smallest_that_meets_the_bound(length, f2_max, tol):
    n = solution.num_segments(f2_max, -1.5, -1.5 + length, tol)
    assert isinstance(n, int) and n >= 1
    assert (length / n) ** 2 / 8 * f2_max <= tol * (1 + 1e-12)
    assert n == 1 or (length / (n - 1)) ** 2 / 8 * f2_max > tol


CURVES = [
    (np.sin, 0.0, 2 * np.pi, 1.0),
    (np.exp, -1.0, 2.0, np.exp(2)),
    (np.square, -1.0, 3.0, 2.0),
    (lambda t: 1 / (1 + 25 * t**2), -1.0, 1.0, 50.0),
]


@pytest.mark.parametrize("tol", [0.5, 1e-2, 1e-4])
@pytest.mark.parametrize(("f", "a", "b", "f2_max"), CURVES)
def test_approximations_keep_their_promise(f, a, b, f2_max, tol):
    net = solution.approximate(f, a, b, f2_max, tol)
    t = np.linspace(a, b, 4001)
    assert np.abs(in_torch(net, t) - f(t)).max() <= tol + 1e-12
    assert len(net["b1"]) <= solution.num_segments(f2_max, a, b, tol) + 1


def test_the_bound_is_attained_by_a_parabola_and_nearly_by_a_sine():
    n = solution.num_segments(1.0, 0.0, 2 * np.pi, 1e-3)
    assert n == 71
    t = np.linspace(0, 2 * np.pi, 20_001)
    knots = np.linspace(0, 2 * np.pi, 65)
    error = np.abs(in_torch(solution.relu_interpolant(knots, np.sin(knots)), t) - np.sin(t)).max()
    assert error == pytest.approx(1.2031e-3, rel=1e-3) and error < (2 * np.pi / 64) ** 2 / 8
    net = solution.relu_interpolant(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    assert 0.5 - solution.net_eval(net, np.array([0.5]))[0] ** 2 == 0.25  # x - x**2 at 1/2: h**2 / 8 * 2
