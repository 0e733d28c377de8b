"""Oracles: formulas element by element, a run without a monitor, Murphy's identity, the three-part sum bin by bin."""

import copy
import itertools
import math

import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")

solution = load("ex19_3_train_bce_watch_mse")

F64 = torch.float64


def generator(seed):
    return torch.Generator().manual_seed(seed)


def data(sizes, k=2, seed=0, dtype=F64):
    rng = generator(seed)
    return [
        (torch.randn(n, 3, generator=rng, dtype=dtype), torch.randint(2, (n, k), generator=rng).to(dtype))
        for n in sizes
    ]


def network(k=2, dtype=F64, seed=0):
    torch.manual_seed(seed)
    layers = [torch.nn.Linear(3, 6, bias=False), torch.nn.BatchNorm1d(6), torch.nn.ReLU(), torch.nn.Dropout(0.3)]
    return torch.nn.Sequential(*layers, torch.nn.Linear(6, k)).to(dtype)


def element_by_element(logits, y):
    """Sums over all elements of -log p or -log(1 - p), and of squares, with Python's numbers."""
    bce = mse = 0.0
    for z, target in zip(logits.flatten().tolist(), y.flatten().tolist(), strict=True):
        p = 1 / (1 + math.exp(-z))
        bce -= target * math.log(p) + (1 - target) * math.log(1 - p)
        mse += (p - target) ** 2
    return bce, mse


# ---- evaluate


@pytest.mark.parametrize("sizes", [[1], [5], [8, 1], [3, 4, 2]])
@pytest.mark.parametrize("k", [1, 3])
def test_evaluate_element_by_element(sizes, k):
    model, batches = network(k), data(sizes, k)
    model(torch.randn(20, 3, dtype=F64))  # moves the running averages
    bce, mse = solution.evaluate(model, batches)
    model.eval()
    sums = [element_by_element(model(x), y) for x, y in batches]
    count = k * sum(sizes)
    assert (bce, mse) == pytest.approx((sum(s[0] for s in sums) / count, sum(s[1] for s in sums) / count), rel=1e-12)
    assert type(bce) is type(mse) is float


def test_evaluate_by_hand():
    x = torch.tensor([[math.log(4)], [0.0], [-2000.0]], dtype=F64)
    model = torch.nn.Identity()
    assert solution.evaluate(model, [(x[:1], torch.ones(1, 1, dtype=F64))]) == pytest.approx((-math.log(0.8), 0.04))
    assert solution.evaluate(model, [(x[1:2], torch.ones(1, 1, dtype=F64))]) == pytest.approx((math.log(2), 0.25))
    assert solution.evaluate(model, [(x[2:], torch.ones(1, 1, dtype=F64))]) == (2000.0, 1.0)
    assert all(map(math.isnan, solution.evaluate(model, [])))


def test_evaluate_leaves_nothing_behind():
    model, batches = network(), data([4, 1])
    model[1].eval()
    modes, state = [m.training for m in model.modules()], copy.deepcopy(model.state_dict())
    random = torch.get_rng_state()
    recorded = []
    model.register_forward_hook(lambda *_: recorded.append((torch.is_grad_enabled(), model[3].training)))
    solution.evaluate(model, batches)
    assert recorded == [(False, False)] * 2
    with pytest.raises(RuntimeError):
        solution.evaluate(model, [(torch.zeros(2, 5, dtype=F64), torch.zeros(2, 2, dtype=F64))])
    assert modes == [m.training for m in model.modules()]
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert torch.equal(random, torch.get_rng_state())


# ---- train_with_monitor


def plain_run(model, optimizer, batches, epochs):
    for _ in range(epochs):
        for x, y in batches:
            for p in model.parameters():
                p.grad = None
            z = model(x)
            loss = (torch.nn.functional.softplus(z) - y * z).mean()
            loss.backward()
            optimizer.step()


OPTIMIZERS = {
    "sgd": lambda model: torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9),
    "adam": lambda model: torch.optim.Adam(model.parameters(), lr=0.02),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("val_sizes", [[], [5, 2]])
def test_training_ends_as_without_a_monitor(name, val_sizes):
    ends = []
    for watched in (True, False):
        model = network()
        optimizer = OPTIMIZERS[name](model)
        torch.manual_seed(7)
        if watched:
            history = solution.train_with_monitor(model, optimizer, data([8, 3]), data(val_sizes, seed=1), 4)
        else:
            plain_run(model, optimizer, data([8, 3]), 4)
        slots = [value for state in optimizer.state_dict()["state"].values() for value in state.values()]
        ends.append([*model.state_dict().values(), *slots, torch.get_rng_state()])
    assert all(torch.allclose(a, b, rtol=1e-9, atol=1e-12) for a, b in zip(*ends, strict=True))
    assert torch.equal(ends[0][-1], ends[1][-1])
    assert [len(series) for series in history.values()] == [4] * 4
    assert all(type(number) is float for series in history.values() for number in series)
    assert all(map(math.isnan, history["val_bce"])) == (not val_sizes)


def test_history_epoch_by_epoch():
    model, expected = network(), {"train_bce": [], "train_mse": [], "val_bce": [], "val_mse": []}
    optimizer, train, val = OPTIMIZERS["sgd"](model), data([8, 1, 5]), data([4, 2], seed=1)
    model[1].eval()
    other = copy.deepcopy(model)
    stepper = torch.optim.SGD(other.parameters(), lr=0.1, momentum=0.9)
    torch.manual_seed(3)
    got = solution.train_with_monitor(model, optimizer, train, val, 3)
    torch.manual_seed(3)
    for _ in range(3):
        sums = [0.0, 0.0]
        for x, y in train:
            stepper.zero_grad()
            z = other(x)
            sums = [s + one for s, one in zip(sums, element_by_element(z, y), strict=True)]
            torch.nn.functional.binary_cross_entropy(z.sigmoid(), y).backward()
            stepper.step()
        expected["train_bce"].append(sums[0] / 28)
        expected["train_mse"].append(sums[1] / 28)
        other[3].eval()
        sums = [element_by_element(other(x), y) for x, y in val]
        other[3].train()
        expected["val_bce"].append(sum(s[0] for s in sums) / 12)
        expected["val_mse"].append(sum(s[1] for s in sums) / 12)
    assert got.keys() == expected.keys()
    for name, series in expected.items():
        assert got[name] == pytest.approx(series, rel=1e-9)


def test_nothing_to_train_on():
    model = network()
    before = copy.deepcopy(model.state_dict())
    history = solution.train_with_monitor(model, OPTIMIZERS["sgd"](model), [], data([3]), 2)
    assert all(map(math.isnan, history["train_bce"] + history["train_mse"]))
    assert history["val_bce"] == [solution.evaluate(model, data([3]))[0]] * 2
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(solution.train_with_monitor(model, OPTIMIZERS["sgd"](model), data([3]), [], 0).values())


# ---- brier_decomposition


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("n_bins", [1, 2, 10, 15])
def test_murphys_identity(seed, n_bins):
    """With one probability per bin the parts combine to the mean squared error."""
    rng = generator(seed)
    bins = torch.randint(n_bins, (80,), generator=rng)
    probs = (bins + 0.1 + 0.8 * torch.rand(n_bins, generator=rng, dtype=F64)[bins]) / n_bins
    y = torch.bernoulli(probs, generator=rng)
    parts = solution.brier_decomposition(probs, y, n_bins)
    total = parts["reliability"] - parts["resolution"] + parts["uncertainty"]
    assert total == pytest.approx(((probs - y) ** 2).mean().item(), abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("n_bins", [1, 7, 10])
def test_decomposition_bin_by_bin(seed, n_bins):
    rng = generator(seed)
    probs, y = torch.rand(50, generator=rng, dtype=F64), torch.randint(2, (50,), generator=rng).double()
    probs[:2] = torch.tensor([0.0, 1.0])
    edges, reliability, resolution, share = torch.arange(n_bins + 1) / n_bins, 0.0, 0.0, y.mean().item()
    edges[-1] = 2
    for low, high in itertools.pairwise(edges.tolist()):
        inside = (probs >= low) & (probs < high)
        if n := int(inside.sum()):
            o = y[inside].mean().item()
            reliability += n / 50 * (probs[inside].mean().item() - o) ** 2
            resolution += n / 50 * (o - share) ** 2
    parts = solution.brier_decomposition(probs, y, n_bins)
    assert parts == pytest.approx(
        {"reliability": reliability, "resolution": resolution, "uncertainty": share - share**2}, abs=1e-12
    )
    assert all(type(number) is float for number in parts.values())


def test_decomposition_of_nothing():
    empty = torch.zeros(0, dtype=F64)
    assert all(map(math.isnan, solution.brier_decomposition(empty, empty).values()))
