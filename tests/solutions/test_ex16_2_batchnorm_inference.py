"""Batch normalisation in both modes against torch, folding against the two layers, statistics against pooled data."""

from itertools import product

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex16_2_batchnorm_inference")

SHAPES = [(2, 3), (7, 3), (4, 3, 5), (3, 3, 4, 2), (1, 3, 2, 2)]
SETTINGS = [
    {"eps": eps, "momentum": momentum, "affine": affine, "track_running_stats": tracked}
    for eps, momentum, affine, tracked in product((1e-5, 0.5), (0.1, 0.0, 1.0, None), (True, False), (True, False))
]


def torch_layer(shape, settings, weight, bias):
    kind = torch.nn.BatchNorm2d if len(shape) == 4 else torch.nn.BatchNorm1d
    layer = kind(shape[1], **settings).double()
    if settings["affine"]:
        layer.weight.data, layer.bias.data = torch.tensor(weight), torch.tensor(bias)
    return layer


def ours(settings, weight, bias):
    layer = solution.BatchNorm(len(weight), **settings)
    if settings["affine"]:
        layer.weight, layer.bias = weight.copy(), bias.copy()
    return layer


def assert_same_state(layer, oracle):
    theirs = {name: value.numpy() for name, value in oracle.state_dict().items()}
    mine = layer.state_dict()
    assert mine.keys() == theirs.keys()
    for name, value in theirs.items():
        np.testing.assert_allclose(mine[name], value, 1e-12, 1e-14, err_msg=name)


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("shape", SHAPES)
def test_like_torch(shape, settings):
    rng = np.random.default_rng(16)
    weight, bias = rng.normal(size=(2, shape[1]))
    layer, oracle = ours(settings, weight, bias), torch_layer(shape, settings, weight, bias)
    for training in (True, True, False, True, False, False, True, True, False):
        layer.train(training)
        oracle.train(training)
        x = rng.normal(rng.normal(), rng.uniform(0.01, 10), shape)
        np.testing.assert_allclose(layer(x), oracle(torch.tensor(x)).detach().numpy(), 1e-9, 1e-11)
        assert_same_state(layer, oracle)


@pytest.mark.parametrize("settings", [s for s in SETTINGS if s["track_running_stats"]])
def test_state_travels(settings):
    rng = np.random.default_rng(17)
    weight, bias = rng.normal(size=(2, 3))
    one, other, third = ours(settings, weight, bias), ours(settings, bias, weight), ours(settings, bias, weight)
    batches = rng.normal(2, 3, (5, 4, 3))
    for x in batches[:2]:
        one(x)
    saved = one.state_dict()
    expected = [one(x) for x in batches[2:]]
    for layer in (other, third):
        layer.load_state_dict(saved)
        np.testing.assert_array_equal([layer(x) for x in batches[2:]], expected)
        for name, value in one.state_dict().items():
            np.testing.assert_array_equal(layer.state_dict()[name], value)


def test_one_value_per_channel():
    layer = solution.BatchNorm(3)
    oracle = torch.nn.BatchNorm1d(3).double()
    for x in (np.ones((1, 3)), np.ones((1, 3, 1)), np.ones((1, 3, 1, 1))):
        with pytest.raises(ValueError, match="more than 1 value per channel"):
            torch.nn.functional.batch_norm(torch.tensor(x), None, None, training=True)
        with pytest.raises(ValueError, match="one value per channel"):
            layer(x)
    layer.eval()
    oracle.eval()
    x = np.array([[1.0, 2.0, 3.0]])
    np.testing.assert_allclose(layer(x), oracle(torch.tensor(x)).detach().numpy())
    untracked = solution.BatchNorm(3, track_running_stats=False)
    untracked.eval()
    with pytest.raises(ValueError, match="one value per channel"):
        untracked(x)


@pytest.mark.parametrize(("dtype", "due"), [(np.float32, np.float32), (np.float64, np.float64), (np.int64, np.float64)])
def test_dtypes(dtype, due):
    layer = solution.BatchNorm(3)
    x = np.random.default_rng(1).integers(0, 9, (5, 3)).astype(dtype)
    assert layer(x).dtype == due
    assert layer.running_mean.dtype == layer.running_var.dtype == np.float64
    layer.eval()
    assert layer(x).dtype == due


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("with_bias", [True, False])
def test_fold_linear_and_convolution(affine, with_bias):
    rng = np.random.default_rng(18)
    layers = [
        (torch.nn.Linear(4, 3, with_bias), torch.nn.BatchNorm1d(3, affine=affine), rng.normal(size=(6, 4))),
        (
            torch.nn.Conv2d(2, 3, 3, bias=with_bias),
            torch.nn.BatchNorm2d(3, eps=0.1, affine=affine),
            rng.normal(size=(2, 2, 5, 5)),
        ),
    ]
    for layer, norm, x in layers:
        layer.double(), norm.double()
        bn = solution.BatchNorm(3, norm.eps, affine=affine)
        bn.running_mean, bn.running_var = rng.normal(size=3), rng.uniform(0.01, 4, 3)
        if affine:
            bn.weight, bn.bias = rng.normal(size=(2, 3))
        norm.load_state_dict({name: torch.tensor(value) for name, value in bn.state_dict().items()})
        norm.eval()
        expected = norm(layer(torch.tensor(x))).detach().numpy()
        weight = layer.weight.detach().numpy()
        folded = solution.fold_into(weight, layer.bias.detach().numpy() if with_bias else None, bn)
        layer.weight.data = torch.tensor(folded[0])
        layer.bias = torch.nn.Parameter(torch.tensor(folded[1]))
        np.testing.assert_allclose(layer(torch.tensor(x)).detach().numpy(), expected, 1e-12, 1e-12)
        single = solution.fold_into(np.float32(weight), None, bn)
        assert single[0].dtype == single[1].dtype == np.float32


def test_fold_needs_running_statistics():
    with pytest.raises(ValueError, match="running statistics"):
        solution.fold_into(np.eye(2), None, solution.BatchNorm(2, track_running_stats=False))


@pytest.mark.parametrize("rest", [(), (5,), (3, 2)])
def test_recalibrate_like_pooled_data(rest):
    rng = np.random.default_rng(19)
    bn = solution.BatchNorm(4)
    bn(rng.normal(size=(3, 4)))
    data = rng.normal(rng.normal(0, 5, (30, 4, *[1] * len(rest))), 2.0, (30, 4, *rest))
    parts = np.split(data, [1, 2, 11, 25])
    before = bn.state_dict()
    assert solution.recalibrate(bn, (part for part in parts)) is None
    axes = (0, *range(2, data.ndim))
    np.testing.assert_allclose(bn.running_mean, data.mean(axes), 1e-12)
    np.testing.assert_allclose(bn.running_var, data.var(axes), 1e-12)
    assert bn.training
    assert bn.num_batches_tracked == before["num_batches_tracked"]


class TwoSums:
    """Another way to write the layer: sums and sums of squares, channels moved to the end."""

    def __init__(self, channels, eps, momentum):
        self.eps, self.momentum, self.training, self.batches = eps, momentum, True, 0
        self.mean, self.var = np.zeros(channels), np.ones(channels)

    def __call__(self, x):
        rows = np.moveaxis(x, 1, -1)
        flat = rows.reshape(-1, rows.shape[-1])
        mean, var = self.mean, self.var
        if self.training:
            self.batches += 1
            n, total, squares = len(flat), flat.sum(0), (flat * flat).sum(0)
            mean, var = total / n, squares / n - (total / n) ** 2
            rate = self.momentum if self.momentum is not None else 1.0 / self.batches
            self.mean = self.mean + rate * (mean - self.mean)
            self.var = self.var + rate * ((squares - n * mean**2) / (n - 1) - self.var)
        return np.moveaxis((rows - mean) * (var + self.eps) ** -0.5, -1, 1)


@pytest.mark.parametrize("momentum", [0.3, None])
@pytest.mark.parametrize("shape", SHAPES)
def test_like_the_other_style(shape, momentum):
    rng = np.random.default_rng(20)
    one, other = solution.BatchNorm(3, 1e-3, momentum), TwoSums(3, 1e-3, momentum)
    for training in (True, True, False, True, False):
        one.train(training)
        other.training = training
        x = rng.normal(1, 2, shape)
        np.testing.assert_allclose(one(x), other(x), 1e-9, 1e-11)
    np.testing.assert_allclose(one.running_var, other.var, 1e-9)
