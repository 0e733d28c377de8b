"""Oracles: PyTorch's MemTracker on real training steps, and the hooks autograd calls for every tensor it saves."""

import random
import warnings
from itertools import accumulate
from math import prod

import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
mem_tracker = pytest.importorskip("torch.distributed._tools.mem_tracker")

solution = load("ex20_2_gpu_memory_estimator")

OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, 1e-3),
    "sgd_momentum": lambda p: torch.optim.SGD(p, 1e-3, momentum=0.9),
    "adagrad": lambda p: torch.optim.Adagrad(p, 1e-3),
    "rmsprop": lambda p: torch.optim.RMSprop(p, 1e-3),
    "rmsprop_cm": lambda p: torch.optim.RMSprop(p, 1e-3, momentum=0.9, centered=True),
    "adam": lambda p: torch.optim.Adam(p, 1e-3),
    "adamw": lambda p: torch.optim.AdamW(p, 1e-3),
    "amsgrad": lambda p: torch.optim.Adam(p, 1e-3, amsgrad=True),
    "adadelta": lambda p: torch.optim.Adadelta(p, 1e-3),
}
POINTWISE = {
    "relu": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "gelu": torch.nn.GELU,
    "silu": torch.nn.SiLU,
    "leaky_relu": torch.nn.LeakyReLU,
    "dropout": torch.nn.Dropout,
    "flatten": torch.nn.Flatten,
}


def pointwise(rnd, kinds=tuple(set(POINTWISE) - {"flatten"})):
    return [{"type": rnd.choice(sorted(kinds))} for _ in range(rnd.choice([0, 1, 1, 2]))]


def random_mlp(rnd, features, extras=True):
    layers = pointwise(rnd) if extras and rnd.random() < 0.3 else []
    for _ in range(rnd.randint(0, 3)):
        out = rnd.randint(2, 60)
        layers.append({"type": "linear", "in": features, "out": out, "bias": rnd.random() < 0.6})
        features = out
        if extras and rnd.random() < 0.4:
            layers.append({"type": "batchnorm1d", "c": features})
        layers += pointwise(rnd) if extras else [{"type": "relu"}][: rnd.randint(0, 1)]
    return [*layers, {"type": "linear", "in": features, "out": rnd.randint(2, 20)}]


def random_cnn(rnd, shape, extras=True):
    layers, pools = [], ["maxpool2d", "avgpool2d"] if extras else ["maxpool2d"]
    if rnd.random() < 0.3:
        layers += [{"type": rnd.choice(pools), "k": 2}]
        shape = (shape[0], shape[1] // 2, shape[2] // 2)
    for _ in range(rnd.randint(1, 3)):
        if min(shape[1:]) < 3:
            break
        k, stride, pad, out = rnd.choice([1, 3]), rnd.choice([1, 1, 2]), rnd.choice([0, 1]), rnd.randint(2, 12)
        layers.append({"type": "conv2d", "in": shape[0], "out": out, "k": k, "stride": stride, "pad": pad})
        layers[-1]["bias"] = rnd.random() < 0.6
        shape = (out, *((size + 2 * pad - k) // stride + 1 for size in shape[1:]))
        if extras and rnd.random() < 0.4:
            layers.append({"type": "batchnorm2d", "c": out})
        layers += pointwise(rnd) if extras else [{"type": "relu"}][: rnd.randint(0, 1)]
        if min(shape[1:]) >= 6 and rnd.random() < 0.6:
            layers.append({"type": rnd.choice(pools), "k": 2})
            shape = (out, shape[1] // 2, shape[2] // 2)
    return [*layers, {"type": "flatten"}, *random_mlp(rnd, prod(shape), extras)]


def random_network(seed, extras=True):
    rnd = random.Random(seed)
    if rnd.random() < 0.5:
        shape = (rnd.randint(2, 60),)
        return random_mlp(rnd, *shape, extras), shape, rnd.randint(2, 40)
    shape = (rnd.randint(1, 3), rnd.randint(12, 17), rnd.randint(12, 17))
    return random_cnn(rnd, shape, extras), shape, rnd.randint(2, 20)


def build(layers):
    def module(layer):
        match layer["type"]:
            case "linear":
                return torch.nn.Linear(layer["in"], layer["out"], layer.get("bias", True))
            case "conv2d":
                sizes = layer["in"], layer["out"], layer["k"], layer.get("stride", 1), layer.get("pad", 0)
                return torch.nn.Conv2d(*sizes, bias=layer.get("bias", True))
            case "batchnorm1d":
                return torch.nn.BatchNorm1d(layer["c"])
            case "batchnorm2d":
                return torch.nn.BatchNorm2d(layer["c"])
            case "maxpool2d":
                return torch.nn.MaxPool2d(layer["k"])
            case "avgpool2d":
                return torch.nn.AvgPool2d(layer["k"])
            case kind:
                return POINTWISE[kind]()

    return torch.nn.Sequential(*map(module, layers))


def batch(model, shape, size):
    x = torch.rand(size, *shape)
    return x, torch.zeros(size, dtype=torch.int64)


def total(tracker, which):
    return sum(device["Total"] for device in tracker.get_tracker_snapshot(which).values())


def measure(layers, shape, size, name):
    """What a second training step really takes, by MemTracker."""
    model = build(layers)
    x, y = batch(model, shape, size)
    optimizer = OPTIMIZERS[name](model.parameters())
    torch.nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    tracker = mem_tracker.MemTracker()
    tracker.track_external(model, optimizer, x, y)
    found = {}
    with tracker:
        loss = torch.nn.functional.cross_entropy(model(x), y)
        found["forward_end"], found["forward_peak"] = total(tracker, "current"), total(tracker, "peak")
    with tracker:  # entering again forgets the peak
        loss.backward()
        found["after_backward"], found["backward_peak"] = total(tracker, "current"), total(tracker, "peak")
    tensors = [v for state in optimizer.state.values() for v in state.values() if isinstance(v, torch.Tensor)]
    return found | {
        "params": sum(p.nbytes for p in model.parameters()),
        "grads": sum(p.grad.nbytes for p in model.parameters()),
        "buffers": sum(b.nbytes for b in model.buffers()),
        "optimizer_state": sum(t.nbytes for t in tensors),
        "input": x.nbytes,
        "target": y.nbytes,
        "peak": max(found["forward_peak"], found["backward_peak"]),
    }


def saved_bytes(layers, shape, size, autocast=False):
    """Bytes of the storages that autograd saves, parameters, buffers and batch aside."""
    model = build(layers)
    x, y = batch(model, shape, size)
    known = {t.untyped_storage().data_ptr() for t in [x, y, *model.parameters(), *model.buffers()]}
    found, alive = {}, []

    def pack(tensor):
        storage = tensor.untyped_storage()
        alive.append(storage)
        found[storage.data_ptr()] = storage.nbytes()
        return tensor

    hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor)
    with hooks, torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        torch.nn.functional.cross_entropy(model(x), y)
    return sum(size for storage, size in found.items() if storage not in known)


@pytest.mark.parametrize("seed", range(60))
def test_a_step_takes_what_mem_tracker_measures(seed):
    layers, shape, size = random_network(seed)
    name = sorted(OPTIMIZERS)[seed % len(OPTIMIZERS)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        measured = measure(layers, shape, size, name)
    estimated = solution.estimate(layers, shape, size, name)
    assert {key: estimated[key] for key in measured} == measured


@pytest.mark.parametrize("seed", range(40))
def test_activations_are_what_autograd_saves(seed):
    layers, shape, size = random_network(seed)
    assert solution.estimate(layers, shape, size, "sgd")["activations"] == saved_bytes(layers, shape, size) + 4


@pytest.mark.parametrize("seed", range(60))
def test_amp_activations_are_what_autograd_saves_under_autocast(seed):
    layers, shape, size = random_network(seed, extras=False)
    assert solution.amp_activations(layers, shape, size) == saved_bytes(layers, shape, size, autocast=True)


def test_amp_with_parameterless_layers_in_front():
    layers = [
        {"type": "relu"},
        {"type": "maxpool2d", "k": 2},
        {"type": "conv2d", "in": 1, "out": 3, "k": 3},
        {"type": "maxpool2d", "k": 2},
        {"type": "relu"},
        {"type": "relu"},
        {"type": "flatten"},
        {"type": "linear", "in": 27, "out": 5},
        {"type": "relu"},
    ]
    assert solution.amp_activations(layers, (1, 16, 16), 6) == saved_bytes(layers, (1, 16, 16), 6, autocast=True)


SMALL_STEPS = {
    "no parameter but in one layer": [{"type": "linear", "in": 6, "out": 3}],
    "pooling in front": [{"type": "maxpool2d", "k": 3}, {"type": "flatten"}, {"type": "linear", "in": 18, "out": 4}],
    "batch norm first": [{"type": "batchnorm2d", "c": 2}, {"type": "flatten"}, {"type": "linear", "in": 162, "out": 4}],
    "dropout in front": [{"type": "dropout"}, {"type": "flatten"}, {"type": "linear", "in": 162, "out": 2}],
    "ends with an activation": [{"type": "flatten"}, {"type": "linear", "in": 162, "out": 40}, {"type": "relu"}],
    "ends with a view": [{"type": "flatten"}, {"type": "linear", "in": 162, "out": 40}, {"type": "flatten"}],
}


@pytest.mark.parametrize("name", SMALL_STEPS)
def test_corner_cases_against_mem_tracker(name):
    layers = SMALL_STEPS[name]
    shape = (6,) if layers[0]["type"] == "linear" else (2, 9, 9)
    for size in (2, 50):
        measured = measure(layers, shape, size, "adam")
        estimated = solution.estimate(layers, shape, size, "adam")
        assert {key: estimated[key] for key in measured} == measured


RELU, FLATTEN = {"type": "relu"}, {"type": "flatten"}
POOL = {"type": "maxpool2d", "k": 2}
MLP = [
    *({"type": "linear", "in": 784, "out": 256}, RELU, {"type": "linear", "in": 256, "out": 128}, RELU),
    {"type": "linear", "in": 128, "out": 10},
]
CNN = [
    *({"type": "conv2d", "in": 1, "out": 32, "k": 3, "pad": 1}, {"type": "batchnorm2d", "c": 32}, RELU, POOL),
    *({"type": "conv2d", "in": 32, "out": 64, "k": 3, "pad": 1}, RELU, POOL, FLATTEN),
    {"type": "linear", "in": 3136, "out": 10},
]


@pytest.mark.parametrize(
    ("layers", "shape", "figures"),
    [
        (MLP, (784,), [940584, 1881192, 200704, 100872, 3123864, 4029120]),
        (CNN, (1, 28, 28), [201000, 402032, 200704, 23284488, 24089000, 28226000]),
    ],
)
def test_the_figures_of_the_question_page(layers, shape, figures):
    keys = ["params", "optimizer_state", "input", "activations", "forward_end", "peak"]
    estimated = solution.estimate(layers, shape, 64, "adam")
    assert [estimated[key] for key in keys] == figures
    measured = measure(layers, shape, 64, "adam")
    assert {key: estimated[key] for key in measured} == measured


def test_mixed_precision_on_the_question_page():
    without_norm = [layer for layer in CNN if layer["type"] != "batchnorm2d"]
    for layers, shape, full, mixed in ((without_norm, (1, 28, 28), 16861700, 11041092), (MLP, (784,), 100868, 220164)):
        assert saved_bytes(layers, shape, 64) == full
        assert saved_bytes(layers, shape, 64, autocast=True) == mixed
        assert solution.amp_activations(layers, shape, 64) == mixed


# The same figures from lifetimes: every tensor has a moment of birth and one of death.


def lifetimes(layers, shape, size, itemsize, mask_itemsize):
    """(first moment, last moment, bytes) of all that comes and goes; n operations, n moments each way."""
    shape, ops, current, counted = tuple(shape), [], "batch", {}
    tensors = {"batch": 0}
    for number, layer in enumerate(layers):
        kind, before = layer["type"], shape
        if kind == "flatten":
            shape = (prod(shape),)
            continue
        weights = 0
        if kind == "linear":
            shape, weights = (layer["out"],), layer["out"] * (layer["in"] + layer.get("bias", True))
        elif kind == "conv2d":
            side = [(s + 2 * layer.get("pad", 0) - layer["k"]) // layer.get("stride", 1) + 1 for s in shape[1:]]
            shape = (layer["out"], *side)
            weights = layer["out"] * (layer["in"] * layer["k"] * layer["k"] + layer.get("bias", True))
        elif "pool" in kind:
            shape = (shape[0], shape[1] // layer["k"], shape[2] // layer["k"])
        elif "batchnorm" in kind:
            weights = 2 * layer["c"]
        elements = size * prod(shape)
        tensors[number] = elements * itemsize
        extra = {"max": 8 * elements, "dro": mask_itemsize * elements, "bat": 8 * layer.get("c", 0)}
        tensors[number, "extra"] = extra.get(kind[:3], 0)
        kept = {"relu": number, "sigmoid": number, "tanh": number, "dropout": (number, "extra")}.get(kind, current)
        ops.append((current, number, [kept, (number, "extra")], weights * itemsize, size * prod(before) * itemsize))
        current = number
    logits, row = current, size * prod(shape) * itemsize
    tensors |= {"log_softmax": row, "weight": 4, "loss": 4}
    ops.append((current, "log_softmax", ["log_softmax"], 0, row))
    ops.append(("log_softmax", "loss", ["log_softmax", "weight"], 0, row))
    n, first = len(ops), next(k for k, op in enumerate(ops) if op[3])
    spans = []
    for tensor, nbytes in tensors.items():
        users = [k for k, op in enumerate(ops) if tensor in (op[0], op[1]) or tensor in op[2]]
        savers = [k for k, op in enumerate(ops) if k >= first and tensor in op[2]]
        last = 2 * n - 1 - min(savers) if savers else max(users)
        last = max(last, n - 1) if tensor == logits else last
        counted[tensor] = bool(savers)
        spans.append((min(users), 2 * n if tensor == "loss" else last, nbytes))
    spans.append((n, 2 * n - 1, 4))  # the gradient of the loss
    for k in range(first, n):
        moment = 2 * n - 1 - k
        spans.append((moment, 2 * n, ops[k][3]))
        if k > first:
            spans.append((moment, moment + 1, ops[k][4]))
    return spans, n, 2 * n - first, sum(tensors[t] for t, kept in counted.items() if kept) + 4


@pytest.mark.parametrize("seed", range(200))
def test_lifetimes_give_the_same_figures(seed):
    layers, shape, size = random_network(1000 + seed)
    itemsize, mask = random.Random(seed).choice([(4, 4), (4, 1), (2, 1), (8, 8), (2, 2)])
    spans, n, end, activations = lifetimes(layers, shape, size, itemsize, mask)
    changes = [0] * (2 * n + 2)
    for start, last, nbytes in spans:
        changes[start] += nbytes
        changes[last + 1] -= nbytes
    usage = list(accumulate(changes))
    found = solution.estimate(layers, shape, size, "adam", itemsize, mask)
    resident = found["params"] + found["buffers"] + found["optimizer_state"] + found["input"] + found["target"]
    assert found["activations"] == activations
    assert found["forward_peak"] == resident + max(usage[:n])
    assert found["backward_peak"] == resident + max(usage[n:end])


def test_bytes_per_parameter_agrees_with_estimate():
    layers = [{"type": "linear", "in": 1000, "out": 999, "bias": False}]
    float32 = [("fp32_sgd", "sgd", 4), ("fp32_momentum", "sgd_momentum", 4), ("fp32_adam", "adam", 4)]
    for recipe, optimizer, itemsize in [*float32, ("bf16_sgd", "sgd", 2)]:
        found = solution.estimate(layers, (1000,), 1, optimizer, itemsize)
        states = found["params"] + found["grads"] + found["optimizer_state"]
        assert solution.bytes_per_parameter(recipe) == states // (1000 * 999)
    copies = {"weight": 2, "gradient": 2, "master copy": 4, "first moment": 4, "second moment": 4}
    assert solution.bytes_per_parameter("mixed_adam") == sum(copies.values())


@pytest.mark.parametrize("seed", range(30))
def test_max_batch_is_the_largest_that_fits(seed, monkeypatch):
    layers, shape, _ = random_network(seed)
    rnd = random.Random(seed)
    budget = int(10 ** rnd.uniform(3, 11))
    calls = []
    estimate = solution.estimate
    monkeypatch.setattr(solution, "estimate", lambda *args: calls.append(args) or estimate(*args))
    size = solution.max_batch(layers, shape, "adam", budget)
    assert len(calls) <= 64
    assert estimate(layers, shape, size + 1, "adam")["peak"] > budget
    assert size == 0 or estimate(layers, shape, size, "adam")["peak"] <= budget


def test_max_batch_with_exactly_enough():
    layers, shape, _ = random_network(3)
    for size in (1, 2, 7, 1000):
        peak = solution.estimate(layers, shape, size, "sgd")["peak"]
        assert solution.max_batch(layers, shape, "sgd", peak) == size
        assert solution.max_batch(layers, shape, "sgd", peak - 1) == size - 1


def test_round_blocks_is_what_a_loop_over_blocks_gives():
    rnd = random.Random(0)
    sizes = [0, 1, 511, 512, 513, *(rnd.randint(0, 5000) for _ in range(200))]
    for block in (1, 512, 2048):
        assert solution.round_blocks(sizes, block) == sum(len(range(0, size, block)) * block for size in sizes)
    assert solution.round_blocks([2**60 + 1]) == 2**60 + 512
    assert solution.round_blocks([]) == 0


def test_unknown_names_are_refused():
    layers = [{"type": "linear", "in": 3, "out": 2}]
    with pytest.raises(ValueError, match="lion"):
        solution.estimate(layers, (3,), 1, "lion")
    with pytest.raises(ValueError, match="gru"):
        solution.estimate([*layers, {"type": "gru"}], (3,), 1, "adam")
    with pytest.raises(ValueError, match="gru"):
        solution.amp_activations([*layers, {"type": "gru"}], (3,), 1)
    with pytest.raises(ValueError, match="fp8"):
        solution.bytes_per_parameter("fp8")


@pytest.mark.parametrize("budget", [0, 1, 1000])
def test_unknown_names_are_refused_whatever_the_budget(budget):
    layers = [{"type": "linear", "in": 3, "out": 2}]
    with pytest.raises(ValueError, match="lion"):
        solution.max_batch(layers, (3,), "lion", budget)
    with pytest.raises(ValueError, match="gru"):
        solution.max_batch([*layers, {"type": "gru"}], (3,), "sgd", budget)
