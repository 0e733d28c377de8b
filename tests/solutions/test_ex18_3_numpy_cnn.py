"""Convolution, pooling and a small network against torch; the convolution also against scipy."""

import math

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
signal = pytest.importorskip("scipy.signal")
functional = torch.nn.functional
solution = load("ex18_3_numpy_cnn")


def random_convolution(rng):
    groups, (kh, kw), stride = int(rng.integers(1, 4)), rng.integers(1, 5, 2), rng.integers(1, 4, 2)
    padding, dilation, extra = rng.integers(0, 3, 2), rng.integers(1, 4, 2), rng.integers(0, 7, 2)
    channels, filters = groups * int(rng.integers(1, 4)), groups * int(rng.integers(1, 4))
    height, width = (np.array([kh, kw]) - 1) * dilation + 1 + extra
    x = rng.normal(size=(int(rng.integers(1, 4)), channels, height, width))
    weight = rng.normal(size=(filters, channels // groups, kh, kw))
    bias = rng.normal(size=filters) if rng.random() < 0.5 else None
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    return x, weight, bias, {k: (int(a), int(b)) for k, (a, b) in settings.items()} | {"groups": groups}


def in_torch(*arrays):
    return [None if a is None else torch.tensor(a, requires_grad=True) for a in arrays]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_convolution(seed, dtype):
    rng = np.random.default_rng(seed)
    x, weight, bias, settings = random_convolution(rng)
    x, weight, bias = (None if a is None else a.astype(dtype) for a in (x, weight, bias))
    tensors = in_torch(x, weight, bias)
    expected = functional.conv2d(*tensors, **settings)
    y, cache = solution.conv2d(x, weight, bias, **settings)
    tolerance = (1e-9, 1e-11) if dtype == np.float64 else (1e-4, 1e-4)
    assert y.dtype == dtype and y.shape == expected.shape
    np.testing.assert_allclose(y, expected.detach().numpy(), *tolerance)
    dy = rng.normal(size=y.shape).astype(dtype)
    expected.backward(torch.tensor(dy))
    for got, tensor in zip(solution.conv2d_backward(dy, cache), tensors, strict=True):
        assert (got is None) == (tensor is None)
        if got is not None:
            assert got.dtype == dtype
            np.testing.assert_allclose(got, tensor.grad.numpy(), *tolerance)


def test_convolution_like_scipy():
    rng = np.random.default_rng(1)
    x, weight = rng.normal(size=(2, 3, 7, 8)), rng.normal(size=(4, 3, 3, 2))
    y, _ = solution.conv2d(x, weight)
    for n in range(2):
        for o in range(4):
            expected = sum(signal.correlate2d(x[n, c], weight[o, c], mode="valid") for c in range(3))
            np.testing.assert_allclose(y[n, o], expected, 1e-9, 1e-11)


def test_stride_1_gradient_is_a_full_convolution():
    rng = np.random.default_rng(2)
    x, weight = rng.normal(size=(1, 1, 6, 5)), rng.normal(size=(1, 1, 3, 2))
    y, cache = solution.conv2d(x, weight)
    dy = rng.normal(size=y.shape)
    dx, _, _ = solution.conv2d_backward(dy, cache)
    np.testing.assert_allclose(dx[0, 0], signal.convolve2d(dy[0, 0], weight[0, 0], mode="full"), 1e-9, 1e-11)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("kind", ["normal", "ties", "negative", "float32", "nan"])
def test_pooling(seed, kind):
    rng = np.random.default_rng(seed)
    kernel, stride = rng.integers(1, 5, 2), rng.integers(1, 4, 2)
    padding, extra = rng.integers(0, kernel // 2 + 1), rng.integers(0, 7, 2)
    x = rng.normal(size=(int(rng.integers(1, 4)), int(rng.integers(1, 4)), *(kernel + extra)))
    if kind == "ties":
        x = rng.integers(0, 2, x.shape).astype(float)
    elif kind == "negative":
        x = -np.abs(x)
    elif kind == "float32":
        x = x.astype(np.float32)
    elif kind == "nan":
        x[0, 0, 0, 0] = np.nan
    kernel, stride, padding = (tuple(int(v) for v in pair) for pair in (kernel, stride, padding))
    (tensor,) = in_torch(x)
    expected = functional.max_pool2d(tensor, kernel, stride, padding)
    y, cache = solution.max_pool2d(x, kernel, stride, padding)
    assert y.dtype == x.dtype
    np.testing.assert_array_equal(y, expected.detach().numpy())
    dy = rng.normal(size=y.shape).astype(x.dtype)
    expected.backward(torch.tensor(dy))
    np.testing.assert_allclose(solution.max_pool2d_backward(dy, cache), tensor.grad.numpy(), 1e-6, 1e-6)


def test_defaults_and_empty_batches():
    x = np.random.default_rng(3).normal(size=(2, 3, 7, 7))
    np.testing.assert_array_equal(solution.max_pool2d(x, 2)[0], functional.max_pool2d(torch.tensor(x), 2).numpy())
    y, cache = solution.conv2d(x[:0], np.ones((4, 3, 3, 3)), np.ones(4))
    dx, dweight, dbias = solution.conv2d_backward(y, cache)
    assert y.shape == (0, 4, 5, 5) and dx.shape == (0, 3, 7, 7)
    assert not dweight.any() and dweight.shape == (4, 3, 3, 3) and not dbias.any() and dbias.shape == (4,)
    y, cache = solution.max_pool2d(x[:0], 3, 1)
    assert y.shape == (0, 3, 5, 5) and solution.max_pool2d_backward(y, cache).shape == (0, 3, 7, 7)


def test_what_is_refused():
    x = np.ones((1, 3, 4, 4))
    for weight, settings in (
        ((2, 2, 3, 3), {}),
        ((2, 1, 3, 3), {"groups": 3}),
        ((1, 3, 5, 1), {}),
        ((1, 3, 3, 3), {"dilation": 2}),
    ):
        with pytest.raises(ValueError, match=r"suit|window"):
            solution.conv2d(x, np.ones(weight), **settings)
    for kernel, padding in ((2, (1, 2)), (3, 2), ((5, 2), 0)):
        with pytest.raises(ValueError, match=r"half|window"):
            solution.max_pool2d(x, kernel, padding=padding)


class Net(torch.nn.Module):
    def __init__(self, params):
        super().__init__()
        self.p = torch.nn.ParameterDict({name: torch.tensor(p) for name, p in params.items()})

    def forward(self, x):
        for conv, bias in (("conv1", "bias1"), ("conv2", "bias2")):
            x = functional.max_pool2d(functional.conv2d(x, self.p[conv], self.p[bias]).relu(), 2)
        return functional.linear(x.flatten(1), self.p["dense"], self.p["bias3"])


SIZES = [(10, (2, 3), 3, 4), (13, (3, 2), 2, 5), (28, (4, 6), 5, 10), (7, (1, 1), 1, 2)]


@pytest.mark.parametrize("sizes", SIZES)
def test_network(sizes):
    rng = np.random.default_rng(4)
    params = {name: p.astype(np.float64) for name, p in solution.init_params(*sizes, rng).items()}
    for name in ("bias1", "bias2", "bias3"):
        params[name] += rng.normal(0, 0.3, params[name].shape)
    X, y = rng.normal(size=(5, 1, sizes[0], sizes[0])), rng.integers(0, sizes[-1], 5)
    model = Net(params)
    expected = functional.cross_entropy(model(torch.tensor(X)), torch.tensor(y))
    expected.backward()
    loss, grads = solution.loss_and_grads(params, X, y)
    assert loss == pytest.approx(expected.item(), 1e-10) and set(grads) == set(params)
    for name, g in grads.items():
        np.testing.assert_allclose(g, model.p[name].grad.numpy(), 1e-8, 1e-10, err_msg=name)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("n", [0, 1, 6])
def test_prediction(sizes, n):
    rng = np.random.default_rng(5)
    params, images = solution.init_params(*sizes, rng), rng.integers(0, 256, (n, sizes[0], sizes[0]), dtype=np.uint8)
    got = solution.predict(params, images)
    assert got.dtype == np.int64 and got.shape == (n,)
    expected = Net(params)(torch.tensor(images[:, None]).float() / 255).argmax(1)
    np.testing.assert_array_equal(got, expected.numpy())


def test_initialisation():
    params = solution.init_params(28, (8, 16), 5, 10, np.random.default_rng(6))
    rng = np.random.default_rng(6)
    for name, shape, fan_in in (("conv1", (8, 1, 5, 5), 25), ("conv2", (16, 8, 5, 5), 200), ("dense", (10, 256), 256)):
        np.testing.assert_allclose(params[name], rng.normal(0, (2 / fan_in) ** 0.5, shape), 1e-6)
        assert params[name].dtype == np.float32 and math.prod(shape[1:]) == fan_in
    assert sum(p.size for p in params.values()) == 8 * 26 + 16 * 201 + 2570
