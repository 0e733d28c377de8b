"""Shapes against PyTorch's modules on the meta device, searches by trying all, training against a loop over samples."""

import math
from itertools import product

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex10_debug_clinic")


def build(layer):
    options = {name: value for name, value in layer.items() if name != "type"}
    module = getattr(torch.nn, layer["type"])(**options)
    return module.to("meta").eval()


def shapes_by_running(layers, shape):
    x, shapes = torch.empty(shape, device="meta"), []
    for layer in layers:
        x = build(layer)(x)
        shapes.append(tuple(x.shape))
    return shapes


def conv(i, o, k, **options):
    return {"type": "Conv2d", "in_channels": i, "out_channels": o, "kernel_size": k, **options}


def pool(k, **options):
    return {"type": "MaxPool2d", "kernel_size": k, **options}


STACKS = [
    ([], (3, 4)),
    ([{"type": "Linear", "in_features": 4, "out_features": 7}, {"type": "ReLU"}], (3, 5, 4)),
    ([{"type": "BatchNorm1d", "num_features": 4}], (3, 4)),
    ([{"type": "BatchNorm1d", "num_features": 4}], (3, 4, 5)),
    ([{"type": "BatchNorm2d", "num_features": 4}, {"type": "Dropout", "p": 0.2}], (3, 4, 5, 6)),
    ([{"type": "AdaptiveAvgPool2d", "output_size": (3, 9)}, {"type": "Flatten"}], (3, 4, 5, 6)),
    ([{"type": "AdaptiveAvgPool2d", "output_size": 2}, {"type": "Flatten", "start_dim": 2}], (3, 4, 5, 6)),
    ([{"type": "Flatten", "start_dim": 0}], (3, 4, 5, 6)),
    ([pool(3, stride=None), conv(4, 5, (1, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2))], (2, 4, 14, 13)),
]


@pytest.mark.parametrize(("layers", "shape"), STACKS)
def test_shapes_like_running(layers, shape):
    assert solution.infer_shapes(layers, shape) == shapes_by_running(layers, shape)


@pytest.mark.parametrize(
    ("k", "stride", "padding", "dilation"), [*product((1, 2, 3, 5), (1, 2, 3), (0, 1, 2), (1, 2, 4))]
)
def test_every_convolution_like_running_or_refused(k, stride, padding, dilation):
    layer = conv(3, 4, k, stride=stride, padding=padding, dilation=dilation)
    for size in (1, 4, 7, 16):
        shape = (2, 3, size, 16)
        try:
            expected = shapes_by_running([layer], shape)
        except RuntimeError:
            with pytest.raises(solution.ShapeError) as error:
                solution.infer_shapes([layer], shape)
            assert error.value.index == 0 and error.value.expected == ">=1" and error.value.got < 1
        else:
            assert solution.infer_shapes([layer], shape) == expected


@pytest.mark.parametrize(("k", "stride"), [*product((1, 2, 3, (2, 3)), (None, 1, 2, 3))])
def test_every_pooling_like_running(k, stride):
    layers = [pool(k, stride=stride), pool(2, stride=stride, padding=1)]
    assert solution.infer_shapes(layers, (2, 3, 20, 17)) == shapes_by_running(layers, (2, 3, 20, 17))


@pytest.mark.parametrize("seed", range(20))
def test_random_stacks_like_running(seed):
    rng = np.random.default_rng(seed)
    layers, channels = [], 3
    for _ in range(3):
        k, wide = int(rng.integers(1, 5)), int(rng.integers(1, 6))
        layers.append(conv(channels, wide, k, stride=int(rng.integers(1, 4)), padding=int(rng.integers(0, 3))))
        layers.append({"type": "BatchNorm2d", "num_features": wide})
        channels = wide
    shape = (2, 3, 120, int(rng.integers(110, 150)))
    assert solution.infer_shapes(layers, shape) == shapes_by_running(layers, shape)


@pytest.mark.parametrize(
    ("layers", "shape", "expected"),
    [
        ([conv(3, 4, 3)], (3, 8, 8), (0, 4, 3)),
        ([{"type": "ReLU"}, conv(3, 4, 3)], (2, 4, 8, 8), (1, 3, 4)),
        ([conv(3, 4, 3), {"type": "Linear", "in_features": 9, "out_features": 2}], (2, 3, 8, 8), (1, 9, 6)),
        ([{"type": "BatchNorm1d", "num_features": 9}], (2, 3), (0, 9, 3)),
        ([conv(4, 4, 9)], (2, 3, 8, 8), (0, 4, 3)),
        ([conv(3, 4, (8, 10))], (2, 3, 8, 8), (0, ">=1", -1)),
        ([pool(2)] * 4, (2, 3, 8, 8), (3, ">=1", 0)),
    ],
)
def test_first_error(layers, shape, expected):
    if len(shape) != 3:  # PyTorch takes an image without a batch axis, too
        with pytest.raises((RuntimeError, ValueError)):
            shapes_by_running(layers, shape)
    with pytest.raises(solution.ShapeError) as error:
        solution.infer_shapes(layers, shape)
    assert (error.value.index, error.value.expected, error.value.got) == expected


def test_unknown_type():
    with pytest.raises(ValueError, match="Sigmoid"):
        solution.infer_shapes([{"type": "Sigmoid"}], (2, 3))


class Memory:
    """A step that works up to some size, and counts."""

    def __init__(self, fits_up_to, error=MemoryError):
        self.fits_up_to, self.error, self.log = fits_up_to, error, []

    def step(self, b):
        self.log.append(b)
        if b > self.fits_up_to:
            raise self.error("out of memory")

    def cleanup(self):
        self.log.append(None)


@pytest.mark.parametrize("error", [MemoryError, torch.OutOfMemoryError])
def test_every_small_limit(error):
    for fits_up_to, limit in product(range(70), (None, 1, 2, 3, 17, 32, 33, 64, 200)):
        memory = Memory(fits_up_to, error)
        expected = fits_up_to if limit is None else min(fits_up_to, limit)
        assert solution.find_max_batch_size(memory.step, limit, memory.cleanup) == expected
        tried = [b for b in memory.log if b is not None]
        assert len(tried) <= 2 * math.ceil(math.log2(expected + 1)) + 2
        assert limit is None or max(tried) <= limit
        assert memory.log == [event for b in tried for event in ([b, None] if b > fits_up_to else [b])]


def test_the_budget_for_a_thousand():
    memory = Memory(1000)
    assert solution.find_max_batch_size(memory.step) == 1000
    assert len(memory.log) == 11 + 9


@pytest.mark.parametrize("error", [ValueError, RuntimeError, KeyError, KeyboardInterrupt])
def test_other_errors_go_through_at_once(error):
    memory = Memory(5, error)
    with pytest.raises(error):
        solution.find_max_batch_size(memory.step, None, memory.cleanup)
    assert memory.log == [1, 2, 4, 8]


def batches(seed, sizes):
    generator = torch.Generator().manual_seed(seed)
    return [
        (torch.randn(n, 1, 4, 4, generator=generator, dtype=torch.float64), torch.randint(4, (n,), generator=generator))
        for n in sizes
    ]


def network(seed):
    torch.manual_seed(seed)
    layers = [torch.nn.Conv2d(1, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.Dropout(0.4), torch.nn.Flatten()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(12, 4)).double()


@pytest.mark.parametrize("mode", [True, False])
@pytest.mark.parametrize("sizes", [(6,), (8, 8, 3), (1, 5, 2)])
def test_training_by_hand(mode, sizes):
    """SGD without torch's optimiser, with the loss from the definition."""
    expected, model = network(1), network(1).train(mode)
    losses = []
    torch.manual_seed(2)
    for x, y in batches(3, sizes):
        logits = expected(x)
        p = torch.exp(logits) / torch.exp(logits).sum(1, keepdim=True)
        per_sample = -torch.log(p[torch.arange(len(y)), y])
        gradients = torch.autograd.grad(per_sample.mean(), list(expected.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(expected.parameters(), gradients, strict=True):
                parameter -= 0.3 * gradient
        losses += per_sample.tolist()
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 100.0)
    torch.manual_seed(2)
    got = solution.train_epoch(model, torch.optim.SGD(model.parameters(), lr=0.3), iter(batches(3, sizes)), "cpu")
    assert isinstance(got, float) and got == pytest.approx(np.mean(losses), rel=1e-10)
    assert model.training is mode
    for name, value in expected.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("mode", [True, False])
@pytest.mark.parametrize("sizes", [(6,), (4, 4), (8, 8, 3), (1, 1, 1)])
def test_evaluation_sample_by_sample(mode, sizes):
    model = network(4)
    model(batches(5, (20,))[0][0])
    model.train(mode)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    got = solution.evaluate(model, iter(batches(6, sizes)), torch.device("cpu"))
    assert got == solution.evaluate(model, batches(6, sizes), "cpu")
    assert all(isinstance(value, float) for value in got)
    assert model.training is mode
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    model.eval()
    samples = [(x[None], int(k)) for xs, ys in batches(6, sizes) for x, k in zip(xs, ys, strict=True)]
    with torch.no_grad():
        rows = [(model(x)[0].softmax(0).numpy(), k) for x, k in samples]
    assert got[0] == pytest.approx(np.mean([-np.log(row[k]) for row, k in rows]), rel=1e-10)
    assert got[1] == pytest.approx(np.mean([row.argmax() == k for row, k in rows]))
