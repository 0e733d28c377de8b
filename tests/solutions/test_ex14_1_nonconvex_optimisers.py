"""Trajectories and schedules against torch.optim, basins against the known minima of the landscapes."""

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex14_1_nonconvex_optimisers")

OPTIMISERS = {
    "Adagrad": (torch.optim.Adagrad, {"lr": 0.3}),
    "Adagrad with everything": (
        torch.optim.Adagrad,
        {"lr": 0.3, "lr_decay": 0.1, "weight_decay": 0.05, "initial_accumulator_value": 0.5, "eps": 1e-3},
    ),
    "Adadelta": (torch.optim.Adadelta, {}),
    "Adadelta with everything": (torch.optim.Adadelta, {"lr": 3.0, "rho": 0.7, "eps": 1e-3, "weight_decay": 0.05}),
    "NesterovSGD": (torch.optim.SGD, {"lr": 0.01, "momentum": 0.9}),
    "NesterovSGD with everything": (torch.optim.SGD, {"lr": 0.02, "momentum": 0.5, "weight_decay": 0.1}),
}


def make(key, params):
    """Ours over arrays and torch's over tensors with the same numbers."""
    theirs, settings = OPTIMISERS[key]
    tensors = {name: torch.from_numpy(p.copy()).requires_grad_() for name, p in params.items()}
    extra = {"nesterov": True} if theirs is torch.optim.SGD else {}
    ours = getattr(solution, key.split()[0])(params, **settings)
    return ours, theirs(tensors.values(), **settings, **extra), tensors


@pytest.mark.parametrize("key", OPTIMISERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_given_gradients_with_gaps(key, dtype):
    rng = np.random.default_rng(len(key))
    shapes = {"w": (3, 2), "b": (2,), "scale": (), "none": (0, 4)}
    params = {name: np.array(rng.standard_normal(shape), dtype=dtype) for name, shape in shapes.items()}
    ours, theirs, tensors = make(key, params)
    for _ in range(60):
        grads = {name: np.array(rng.standard_normal(shape), dtype=dtype) for name, shape in shapes.items()}
        for name in shapes:
            if rng.random() < 0.3:
                grads[name] = None
            elif rng.random() < 0.2:
                grads[name] = 0 * grads[name]
        for name, tensor in tensors.items():
            tensor.grad = None if grads[name] is None else torch.from_numpy(np.array(grads[name]))
        ours.step({name: g for name, g in grads.items() if g is not None or rng.random() < 0.5})
        theirs.step()
    for name, tensor in tensors.items():
        assert params[name].dtype == dtype
        np.testing.assert_allclose(params[name], tensor.detach().numpy(), rtol=1e-4 if dtype == np.float32 else 1e-10)


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def double_well(x):
    return (x**4 / 4 - x**2 / 2 - 0.15 * x).sum()


def slope_of(f, x):
    p = torch.from_numpy(np.array(x, dtype=np.float64)).requires_grad_()
    return torch.autograd.grad(f(p), p)[0]


@pytest.mark.parametrize("key", ["Adagrad", "Adadelta", "NesterovSGD with everything"])
@pytest.mark.parametrize(("f", "start"), [(rosenbrock, [-1.2, 1.0]), (double_well, [-2.0])])
def test_descent_under_own_gradients(key, f, start):
    x = np.array(start)
    ours, theirs, tensors = make(key, {"x": x})
    ours.lr = theirs.param_groups[0]["lr"] = 1e-3
    for _ in range(80):
        ours.step({"x": slope_of(f, x).numpy()})
        tensors["x"].grad = slope_of(f, tensors["x"].detach().numpy())
        theirs.step()
    np.testing.assert_allclose(x, tensors["x"].detach().numpy(), rtol=1e-9)


@pytest.mark.parametrize(("T_0", "T_mult"), [(1, 1), (5, 1), (3, 2), (1, 2), (2, 3), (7, 4)])
def test_restarts_are_torchs(T_0, T_mult):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0, T_mult, eta_min=0.02)
    for t in range(120):
        ours = solution.cosine_warm_restarts(t, T_0, T_mult, 0.3, 0.02)
        assert ours == pytest.approx(scheduler.get_last_lr()[0], rel=1e-12)
        optimizer.step()
        scheduler.step()


def test_minima_of_the_tilted_double_well():
    roots = np.sort(np.roots([1, 0, -1, -0.15]).real)  # minimum, maximum, minimum
    starts = np.linspace(-2, 2, 21)[:, None]
    found = solution.multi_start(lambda x: x**3 - x - 0.15, lambda x: double_well(x), starts, 0.1, 400)
    assert found["best_x"][0] == pytest.approx(roots[2])
    assert found["best_f"] == pytest.approx(double_well(roots[2:]))
    np.testing.assert_array_equal(found["basins"], (starts[:, 0] > roots[1]).astype(int))
    assert found["basins"].dtype == np.int64


def test_basins_by_distance_to_their_founders():
    starts = np.array([[0.0, 0.0], [0.6, 0.0], [1.2, 0.0], [0.9, 0.0], [0.0, 0.8], [5.0, 0.0], [0.6, 0.8]])
    found = solution.multi_start(lambda x: x, lambda x: float(x @ x), starts, 0.1, 0, merge_tol=1.0)
    assert found["basins"].tolist() == [0, 0, 1, 0, 0, 2, 0]
    assert found["best_f"] == 0 and not np.shares_memory(found["best_x"], starts)
