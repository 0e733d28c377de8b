"""Oracles: conversion pixel by pixel, TensorDataset, steps by hand with torch.autograd.grad, uninterrupted runs."""

import copy
import io
import math

import numpy as np
import pytest

from grader import kit
from grader.spec import Finished
from tests.solutions import load

torch = pytest.importorskip("torch")

solution = load("ex19_torch_cnn_mnist")

F64 = torch.float64


def generator(seed):
    return torch.Generator().manual_seed(seed)


def images(n, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, 28, 28)).astype(np.uint8)


# ---- build_model


def test_the_model_is_what_is_asked_for():
    torch.manual_seed(0)
    model = solution.build_model()
    x, y = torch.randn(6, 1, 28, 28, generator=generator(1)), torch.arange(6)
    logits = model(x)
    assert logits.shape == (6, 10) and logits.dtype == torch.float32
    assert logits.softmax(1).sum().item() == pytest.approx(6)
    assert (logits.sum(1) - 1).abs().min() > 1e-3
    torch.nn.functional.cross_entropy(logits, y).backward()
    assert all(p.grad.abs().max() > 0 for p in model.parameters())
    assert sum(p.numel() for p in model.parameters()) == 400 + 32 + 12_800 + 64 + 512 * 64 + 64 + 650
    torch.manual_seed(0)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), solution.build_model().parameters(), strict=True))


def test_the_model_can_learn_a_few_images_by_heart():
    torch.manual_seed(0)
    model, X, y = solution.build_model(), images(16), np.arange(16) % 10
    optimizer, rng = torch.optim.Adam(model.parameters(), lr=3e-3), generator(0)
    losses = [solution.train_epoch(model, optimizer, solution.make_batches(X, y, 8, rng, "cpu")) for _ in range(25)]
    assert losses[0] == pytest.approx(math.log(10), abs=0.3)
    assert losses[-1] < 0.1
    assert solution.predict(model, X, device="cpu").tolist() == y.tolist()


# ---- make_batches


@pytest.mark.parametrize(("n", "size"), [(0, 3), (1, 3), (7, 3), (9, 3), (5, 100), (4, 1)])
@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_batches_pixel_by_pixel(n, size, kind, dtype):
    X, y = images(n), (np.arange(n) % 10).astype(dtype)
    got = list(solution.make_batches(kind(X), kind(y), size, generator(4), "cpu"))
    order = torch.randperm(n, generator=generator(4)).tolist()
    assert [len(labels) for _, labels in got] == [len(order[i : i + size]) for i in range(0, n, size)]
    for number, i in enumerate(order):
        x, labels = (part[number % size] for part in got[number // size])
        assert x.shape == (1, 28, 28) and x.dtype == torch.float32 and labels.dtype == torch.int64
        assert labels.item() == y[i]
        np.testing.assert_allclose(x[0].numpy(), (X[i] / 255 - 0.1307) / 0.3081, rtol=1e-5, atol=1e-5)


def test_batches_are_reshuffled_and_leave_the_global_state_alone():
    X, y, rng, before = images(50), np.arange(50) % 10, generator(0), torch.get_rng_state()
    first, second = (next(x for x, _ in solution.make_batches(X, y, 50, rng, "cpu")) for _ in range(2))
    assert not torch.equal(first, second)
    assert first.sum().item() == pytest.approx(second.sum().item(), rel=1e-4)
    assert torch.equal(before, torch.get_rng_state())


def test_batches_go_to_the_device():
    for x, labels in solution.make_batches(images(5), np.arange(5), 2, generator(0), "meta"):
        assert x.device.type == labels.device.type == "meta"


# ---- train_epoch


def network(seed=0, dropout=0.0):
    torch.manual_seed(seed)
    layers = [torch.nn.Flatten(), torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Dropout(dropout)]
    return torch.nn.Sequential(*layers, torch.nn.Linear(5, 3)).to(F64)


def data(sizes, seed=0):
    rng = generator(seed)
    return [(torch.randn(n, 1, 2, 2, generator=rng, dtype=F64), torch.randint(3, (n,), generator=rng)) for n in sizes]


@pytest.mark.parametrize("sizes", [[4], [3, 1], [8, 8, 3]])
def test_an_epoch_step_by_step(sizes):
    model, other, batches = network().eval(), network(), data(sizes)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    got = solution.train_epoch(model, optimizer, iter(batches))
    total = 0.0
    for x, y in batches:
        losses = -torch.log_softmax(other(x), dim=1)[torch.arange(len(y)), y]
        total += losses.sum().item()
        gradients = torch.autograd.grad(losses.mean(), list(other.parameters()))
        with torch.no_grad():
            for p, g in zip(other.parameters(), gradients, strict=True):
                p -= 0.3 * g
    assert type(got) is float and got == pytest.approx(total / sum(sizes), rel=1e-12)
    assert all(torch.allclose(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))
    assert model.training and model[3].training


def test_an_epoch_of_nothing():
    model = network().eval()
    assert math.isnan(solution.train_epoch(model, torch.optim.SGD(model.parameters(), lr=1.0), []))
    assert model.training


# ---- predict


@pytest.mark.parametrize("batch_size", [1, 7, 256])
@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_predictions_one_by_one(batch_size, kind):
    torch.manual_seed(1)
    model, X = solution.build_model(), images(20)
    expected, frozen = [], copy.deepcopy(model).eval()
    for image in X:
        x = torch.tensor((image / 255 - 0.1307) / 0.3081, dtype=torch.float32)[None, None]
        expected.append(frozen(x)[0].argmax().item())
    got = solution.predict(model, kind(X), device="cpu", batch_size=batch_size)
    assert got.tolist() == expected and got.dtype == torch.int64 and got.device.type == "cpu"


def test_predict_keeps_modes_and_records_nothing():
    model = torch.nn.Sequential(torch.nn.BatchNorm2d(1), torch.nn.Dropout(0.5), torch.nn.Flatten())
    model.append(torch.nn.Linear(784, 10))
    model[0].eval()
    state, modes, seen = copy.deepcopy(model.state_dict()), [m.training for m in model.modules()], []
    model.register_forward_hook(lambda m, given, result: seen.append((len(given[0]), result.requires_grad, m.training)))
    assert torch.equal(
        solution.predict(model, images(10), device="cpu"), solution.predict(model, images(10), device="cpu")
    )
    assert seen == [(10, False, False)] * 2
    assert modes == [m.training for m in model.modules()]
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_predictions_of_nothing():
    got = solution.predict(solution.build_model(), images(0), device="cpu")
    assert got.shape == (0,) and got.dtype == torch.int64


# ---- checkpoints

OPTIMIZERS = {
    "momentum": lambda parameters: torch.optim.SGD(parameters, lr=0.2, momentum=0.9),
    "adam": lambda parameters: torch.optim.Adam(parameters, lr=0.05),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("on_disk", [True, False])
def test_a_resumed_run_equals_an_uninterrupted_one(name, on_disk, tmp_path):
    whole, half, fresh = network(), network(), network(seed=1)
    makers = [OPTIMIZERS[name](model.parameters()) for model in (whole, half, fresh)]
    for _ in range(4):
        solution.train_epoch(whole, makers[0], data([4, 2]))
    for _ in range(2):
        solution.train_epoch(half, makers[1], data([4, 2]))
    file = tmp_path / "run.pt" if on_disk else io.BytesIO()
    solution.save_checkpoint(half, makers[1], 2, file)
    if not on_disk:
        file.seek(0)
    assert solution.load_checkpoint(fresh, makers[2], file) == 2
    for _ in range(2):
        solution.train_epoch(fresh, makers[2], data([4, 2]))
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), fresh.parameters(), strict=True))


def test_what_a_step_takes_on_a_gpu_is_compared_with_20_2():
    spec = kit.load_spec(kit.find(kit.builtin(), "19"))
    predictions = np.zeros(1000, dtype=np.int64)
    answer = {
        "predictions": {"accuracy": predictions},
        "portions": predictions[:10],
        "own": predictions[:10],
        "losses": [0.1],
        "step": 20_000_000,
    }
    found = spec.measures(Finished({"accuracy": 0.1}, answer, None, None, solution))
    images = 256 * 32 * 26 * 26 * 4  # what the first layer makes, which is saved
    assert found["MB in a step, measured"] == 20
    assert images / 1e6 < found["MB in a step, estimated in 20-2"] < 4 * images / 1e6
    assert "MB in a step, measured" not in spec.measures(Finished({}, answer | {"step": None}, None, None, solution))


@pytest.mark.gpu
def test_the_estimate_of_20_2_fits_a_real_gpu():
    spec = kit.load_spec(kit.find(kit.builtin(), "19"))
    assert spec.step_memory() == pytest.approx(spec.step_estimate(), rel=0.1)
