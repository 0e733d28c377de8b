"""SGD, RMSprop, Adam and AdamW against torch.optim, and against sums over the whole history of gradients."""

from itertools import product

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex17_sgd_rmsprop_adam")

SHAPES = {"weight": (3, 4), "bias": (4,), "scale": (), "empty": (0, 2)}
SGD = [
    {"lr": 0.1},
    {"lr": 0.1, "momentum": 0.9},
    {"lr": 0.1, "dampening": 0.5},
    {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1},
    {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1},
    {"lr": 0.1, "momentum": 0.8, "maximize": True, "weight_decay": 0.2},
]
RMSPROP = [
    {
        "lr": 0.01,
        "alpha": alpha,
        "eps": eps,
        "weight_decay": decay,
        "momentum": momentum,
        "centered": centered,
    }
    for alpha, eps, decay, momentum, centered in product((0.5, 0.99), (1e-8, 0.1), (0, 0.1), (0, 0.9), (False, True))
]
ADAM = [
    {"lr": 0.01, "betas": betas, "eps": eps, "weight_decay": decay, "amsgrad": amsgrad}
    for betas, eps, decay, amsgrad in product(
        ((0.9, 0.999), (0.5, 0.2), (0.0, 0.0)), (1e-8, 0.1), (0, 0.1), (False, True)
    )
]
SETTINGS = [("SGD", s) for s in SGD] + [("RMSprop", s) for s in RMSPROP] + [("Adam", s) for s in ADAM]
SETTINGS += [("AdamW", s) for s in ADAM] + [("SGD", {}), ("RMSprop", {}), ("Adam", {}), ("AdamW", {})]


def draw(rng, steps, scale, dtype=np.float64):
    """Parameters and gradients; the bias has no gradient in the first step and in every third one."""
    params = {name: np.array(rng.normal(size=shape), dtype) for name, shape in SHAPES.items()}
    grads = [
        {name: np.array(scale * rng.normal(0.3, 1, shape), dtype) for name, shape in SHAPES.items()}
        for _ in range(steps)
    ]
    for step in grads[::3]:
        step["bias"] = None
    return params, grads


def torch_path(name, params, grads, lrs, settings):
    """The parameters after each step of torch's optimiser."""
    tensors = {key: torch.tensor(value) for key, value in params.items()}
    optimizer = getattr(torch.optim, name)(list(tensors.values()), foreach=False, **settings)
    path = []
    for step, lr in zip(grads, lrs, strict=True):
        for key, tensor in tensors.items():
            tensor.grad = None if step[key] is None else torch.tensor(step[key])
        if lr is not None:
            optimizer.param_groups[0]["lr"] = lr
        optimizer.step()
        path.append({key: tensor.numpy().copy() for key, tensor in tensors.items()})
    return path


def our_path(optimizer, params, grads, lrs):
    path = []
    for step, lr in zip(grads, lrs, strict=True):
        if lr is not None:
            optimizer.lr = lr
        assert optimizer.step(step) is None
        path.append({key: value.copy() for key, value in params.items()})
    return path


def assert_same(got, expected, rtol=1e-9, atol=1e-12):
    for step, (ours, theirs) in enumerate(zip(got, expected, strict=True), start=1):
        for key, value in theirs.items():
            assert ours[key].dtype == value.dtype
            np.testing.assert_allclose(ours[key], value, rtol, atol, err_msg=f"{key} after step {step}")


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e3])
def test_like_torch(name, settings, scale):
    params, grads = draw(np.random.default_rng(17), 24, scale)
    lrs = [None] * 8 + [0.05, 0.002] * 8
    expected = torch_path(name, params, grads, lrs, settings)
    got = our_path(getattr(solution, name)(params, **settings), params, grads, lrs)
    assert_same(got, expected)


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_float32_like_torch(name, settings):
    params, grads = draw(np.random.default_rng(18), 20, 1.0, np.float32)
    expected = torch_path(name, params, grads, [None] * 20, settings)
    got = our_path(getattr(solution, name)(params, **settings), params, grads, [None] * 20)
    assert_same(got, expected, 1e-4, 1e-5)


@pytest.mark.parametrize("settings", [{"momentum": 0.0}, {"momentum": 0.9, "dampening": 0.1}])
def test_nesterov_is_refused_where_torch_refuses_it(settings):
    with pytest.raises(ValueError, match=r"[Nn]esterov"):
        torch.optim.SGD([torch.zeros(1)], nesterov=True, **settings)
    with pytest.raises(ValueError, match="nesterov"):
        solution.SGD({"w": np.zeros(1)}, nesterov=True, **settings)


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_a_saved_state_goes_on_like_the_original(name, settings):
    cls = getattr(solution, name)
    params, grads = draw(np.random.default_rng(19), 9, 1.0)
    optimizer = cls(params, **settings)
    our_path(optimizer, params, grads[:4], [None] * 4)
    saved, there = optimizer.state_dict(), {key: value.copy() for key, value in params.items()}
    expected = our_path(optimizer, params, grads[4:], [None] * 5)

    resumed = {key: value.copy() for key, value in there.items()}
    other = cls(resumed, **settings | {"lr": 123.0})
    other.load_state_dict(saved)
    assert_same(our_path(other, resumed, grads[4:], [None] * 5), expected, 0, 0)

    for key, value in params.items():
        value[...] = there[key]
    optimizer.load_state_dict(saved)
    assert_same(our_path(optimizer, params, grads[4:], [None] * 5), expected, 0, 0)


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_gradients_stay_the_callers(name, settings):
    params, grads = draw(np.random.default_rng(20), 6, 1.0)
    twin = {key: value.copy() for key, value in params.items()}
    expected = our_path(getattr(solution, name)(twin, **settings), twin, grads, [None] * 6)
    optimizer, got = getattr(solution, name)(params, **settings), []
    for step in grads:
        lent = {key: g if g is None else g.copy() for key, g in step.items()}
        optimizer.step(lent)
        for key, g in lent.items():
            if g is not None:
                np.testing.assert_array_equal(g, step[key])
                g[...] = np.nan
        got.append({key: value.copy() for key, value in params.items()})
    assert_same(got, expected, 0, 0)


class Historian:
    """Keeps every gradient and computes each step from the sums in the papers; no running averages."""

    def __init__(self, params, settings):
        self.params, self.settings, self.seen = params, settings, {name: [] for name in params}

    def step(self, grads, lr):
        for name in [name for name in self.params if grads.get(name) is not None]:
            p = self.params[name]
            if self.settings.get("decoupled_weight_decay"):
                np.multiply(p, 1 - lr * self.settings["weight_decay"], out=p)
                self.seen[name].append(grads[name])
            else:
                self.seen[name].append(grads[name] + self.settings.get("weight_decay", 0) * p)
            np.subtract(p, lr * self.direction(np.array(self.seen[name])), out=p)


class SGDFromHistory(Historian):
    def direction(self, d):
        weights = self.settings["momentum"] ** np.arange(len(d))[::-1] * (1 - self.settings["dampening"])
        weights[0] = self.settings["momentum"] ** (len(d) - 1)
        return np.tensordot(weights, d, 1)


class RMSpropFromHistory(Historian):
    def direction(self, d):
        alpha, mu = self.settings["alpha"], self.settings["momentum"]
        total = np.zeros(d.shape[1:])
        for t in range(1, len(d) + 1):
            weights = (1 - alpha) * alpha ** np.arange(t)[::-1]
            mean = np.tensordot(weights, d[:t], 1)
            variance = np.tensordot(weights, d[:t] ** 2, 1) - mean**2
            total += mu ** (len(d) - t) * d[t - 1] / (np.sqrt(variance) + self.settings["eps"])
        return total


class AdamFromHistory(Historian):
    def direction(self, d):
        beta1, beta2 = self.settings["betas"]
        first, second = (beta ** np.arange(len(d))[::-1] for beta in (beta1, beta2))
        mean = np.tensordot(first / first.sum(), d, 1)
        square = np.tensordot(second / second.sum(), d**2, 1)
        return mean / (np.sqrt(square) + self.settings["eps"])


ADAM_SETTINGS = {"betas": (0.9, 0.99), "eps": 1e-3, "weight_decay": 0.1}


@pytest.mark.parametrize(
    ("name", "style", "settings"),
    [
        ("SGD", SGDFromHistory, {"momentum": 0.9, "dampening": 0.2, "weight_decay": 0.1}),
        ("RMSprop", RMSpropFromHistory, {"alpha": 0.9, "eps": 1e-3, "momentum": 0.5, "centered": True}),
        ("Adam", AdamFromHistory, ADAM_SETTINGS),
        ("AdamW", AdamFromHistory, ADAM_SETTINGS | {"decoupled_weight_decay": True}),
    ],
)
def test_like_sums_over_the_history(name, style, settings):
    params, grads = draw(np.random.default_rng(21), 15, 1.0)
    twin = {key: value.copy() for key, value in params.items()}
    optimizer, historian = getattr(solution, name)(params, **settings), style(twin, settings)
    for t, step in enumerate(grads):
        lr = 0.1 / (1 + t)
        historian.step(step, lr)
        optimizer.lr = lr
        optimizer.step(step)
        assert_same([params], [twin], 1e-9, 1e-12)
