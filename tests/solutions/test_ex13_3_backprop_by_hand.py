"""Backpropagation against torch autograd, the complex step and central differences."""

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex13_3_backprop_by_hand")

ACTS = (None, "relu", "tanh", "sigmoid")


def random_net(rng, acts=ACTS):
    """1 to 12 layers, some residual, some with parameters shared by earlier layers of the same shape."""
    params, layers = {"unused": rng.standard_normal((2, 3))}, []
    width = first = int(rng.integers(1, 65))
    for i in range(int(rng.integers(1, 13))):
        residual = bool(rng.random() < 0.4)
        out = width if residual or rng.random() < 0.3 else int(rng.integers(1, 65))
        names = []
        for kind, shape in (("W", (out, width)), ("b", (out,))):
            known = [name for name, p in params.items() if p.shape == shape and name != "unused"]
            if known and rng.random() < 0.5:
                names.append(known[int(rng.integers(len(known)))])
            else:
                names.append(f"{kind}{i}")
                params[names[-1]] = rng.standard_normal(shape) / np.sqrt(shape[-1])
        act = acts[int(rng.integers(len(acts)))]
        bias = names[1] if rng.random() < 0.7 else None
        layers.append({"weight": names[0], "bias": bias, "act": act, "residual": residual})
        width = out
    return params, layers, rng.standard_normal((int(rng.integers(0, 41)), first))


def in_torch(params, layers, x, dout):
    leaves = {name: torch.tensor(p, requires_grad=True) for name, p in params.items()}
    x = torch.tensor(x, requires_grad=True)
    acts = {None: lambda z: z, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
    h = x
    for layer in layers:
        bias = None if layer["bias"] is None else leaves[layer["bias"]]
        a = acts[layer["act"]](torch.nn.functional.linear(h, leaves[layer["weight"]], bias))
        h = a + h if layer["residual"] else a
    h.backward(torch.tensor(dout))
    grads = {name: np.zeros(p.shape) if p.grad is None else p.grad.numpy() for name, p in leaves.items()}
    return h.detach().numpy(), grads, x.grad.numpy()


@pytest.mark.parametrize("seed", range(60))
def test_gradients_are_those_of_autograd(seed):
    rng = np.random.default_rng(seed)
    params, layers, x = random_net(rng)
    out, cache = solution.forward(params, layers, x)
    dout = rng.standard_normal(out.shape)
    expected_out, expected_grads, expected_dx = in_torch(params, layers, x, dout)
    np.testing.assert_allclose(out, expected_out, rtol=1e-11, atol=1e-12)
    for _ in range(2):
        grads, dx = solution.backward(params, layers, cache, dout)
        np.testing.assert_allclose(dx, expected_dx, rtol=1e-10, atol=1e-11)
        assert grads.keys() == params.keys()
        for name, grad in grads.items():
            np.testing.assert_allclose(grad, expected_grads[name], rtol=1e-10, atol=1e-11, err_msg=name)
        out[...], dx[...] = np.nan, np.nan
        for grad in grads.values():
            grad[...] = np.nan


def complex_forward(params, layers, h):
    for layer in layers:
        z = h @ params[layer["weight"]].T + (0 if layer["bias"] is None else params[layer["bias"]])
        a = {None: z, "tanh": np.tanh(z), "sigmoid": 1 / (1 + np.exp(-z))}[layer["act"]]
        h = a + h if layer["residual"] else a
    return h


@pytest.mark.parametrize("seed", range(20))
def test_directional_derivative_by_the_complex_step(seed):
    """Im f(p + ihd) / h has no cancellation, so it is exact to rounding; it needs smooth activations."""
    rng = np.random.default_rng(100 + seed)
    params, layers, x = random_net(rng, acts=(None, "tanh", "sigmoid"))
    out, cache = solution.forward(params, layers, x)
    dout = rng.standard_normal(out.shape)
    grads, dx = solution.backward(params, layers, cache, dout)
    ways = {name: rng.standard_normal(p.shape) for name, p in params.items()}
    way = rng.standard_normal(x.shape)
    moved = {name: p + 1e-30j * ways[name] for name, p in params.items()}
    expected = np.sum(dout * complex_forward(moved, layers, x + 1e-30j * way).imag) / 1e-30
    got = np.sum(dx * way) + sum(np.sum(grads[name] * ways[name]) for name in params)
    assert got == pytest.approx(expected, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("seed", range(10))
def test_directional_derivative_by_central_differences(seed):
    rng = np.random.default_rng(200 + seed)
    params, layers, x = random_net(rng)
    out, cache = solution.forward(params, layers, x)
    dout = rng.standard_normal(out.shape)
    grads, _ = solution.backward(params, layers, cache, dout)
    ways = {name: rng.standard_normal(p.shape) for name, p in params.items()}
    ends = [
        np.sum(dout * solution.forward({n: p + h * ways[n] for n, p in params.items()}, layers, x)[0])
        for h in (1e-7, -1e-7)
    ]
    got = sum(np.sum(grads[name] * ways[name]) for name in params)
    assert got == pytest.approx((ends[0] - ends[1]) / 2e-7, rel=1e-4, abs=1e-4)


def by_recursion(params, layers, x, dout):
    """Another way to write it: one sample at a time, Jacobians spelt out, the way back by recursion."""
    grads = {name: np.zeros(p.shape) for name, p in params.items()}

    def back(rest, h, dlast):
        if not rest:
            return dlast
        layer = rest[0]
        z = params[layer["weight"]] @ h + (0 if layer["bias"] is None else params[layer["bias"]])
        a, slope = {
            None: (z, np.ones_like(z)),
            "relu": (np.where(z > 0, z, 0), np.where(z > 0, 1.0, 0.0)),
            "tanh": (np.tanh(z), 1 / np.cosh(z) ** 2),
            "sigmoid": (1 / (1 + np.exp(-z)), 1 / (2 + np.exp(z) + np.exp(-z))),
        }[layer["act"]]
        dh = back(rest[1:], a + h if layer["residual"] else a, dlast)
        dz = np.diag(slope) @ dh
        grads[layer["weight"]] += np.outer(dz, h)
        if layer["bias"] is not None:
            grads[layer["bias"]] += dz
        jacobian = np.diag(slope) @ params[layer["weight"]] + (np.eye(len(h)) if layer["residual"] else 0)
        return jacobian.T @ dh

    rows = [back(layers, row, d) for row, d in zip(x, dout, strict=True)]
    return grads, np.array(rows).reshape(x.shape)


@pytest.mark.parametrize("seed", range(10))
def test_gradients_agree_with_another_way_to_write_it(seed):
    rng = np.random.default_rng(300 + seed)
    params, layers, x = random_net(rng)
    out, cache = solution.forward(params, layers, x)
    dout = rng.standard_normal(out.shape)
    grads, dx = solution.backward(params, layers, cache, dout)
    expected_grads, expected_dx = by_recursion(params, layers, x, dout)
    np.testing.assert_allclose(dx, expected_dx, rtol=1e-9, atol=1e-10)
    for name, grad in grads.items():
        np.testing.assert_allclose(grad, expected_grads[name], rtol=1e-9, atol=1e-10, err_msg=name)


def layer(weight, bias=None, act=None, residual=False):
    return {"weight": weight, "bias": bias, "act": act, "residual": residual}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("size", [0.0, 800.0, -800.0])
def test_kinks_and_extremes_are_those_of_torch(act, size):
    params, x, dout = {"W": np.eye(2)}, np.full((1, 2), size), np.ones((1, 2))
    out, cache = solution.forward(params, [layer("W", act=act)], x)
    grads, dx = solution.backward(params, [layer("W", act=act)], cache, dout)
    expected_out, expected_grads, expected_dx = in_torch(params, [layer("W", act=act)], x, dout)
    np.testing.assert_allclose(out, expected_out, rtol=1e-15, atol=1e-300)
    np.testing.assert_allclose(dx, expected_dx, rtol=1e-15, atol=1e-300)
    np.testing.assert_allclose(grads["W"], expected_grads["W"], rtol=1e-15, atol=1e-300)


@pytest.mark.parametrize(
    ("dtype", "expected"), [(np.float32, np.float32), (np.float64, np.float64), (np.int64, np.float64)]
)
@pytest.mark.parametrize("layers", [[], [layer("W", "b", "sigmoid", True)], [layer("W"), layer("W", "b", "relu")]])
def test_types_in_and_out(dtype, expected, layers):
    params = {"W": np.eye(3).astype(dtype), "b": np.ones(3).astype(dtype), "idle": np.ones(2).astype(dtype)}
    x, dout = np.ones((2, 3)).astype(dtype), np.ones((2, 3)).astype(dtype)
    out, cache = solution.forward(params, layers, x)
    grads, dx = solution.backward(params, layers, cache, dout)
    assert {a.dtype for a in (out, dx, *grads.values())} == {np.dtype(expected)}
    assert not any(np.shares_memory(a, b) for a in (out, dx) for b in (x, dout))


@pytest.mark.parametrize("shape", [(3, 1), (1, 3), (4, 2)])
def test_a_residual_layer_needs_equal_widths(shape):
    with pytest.raises(ValueError, match="residual"):
        solution.forward({"W": np.ones(shape)}, [layer("W", residual=True)], np.ones((2, shape[1])))
