"""Differences against autograd and scipy, and eight lines of backpropagation against autograd."""

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
optimize = pytest.importorskip("scipy.optimize")
solution = load("ex18_2_gradient_checking")
SCHEMES = {"central": 1e-8, "forward": 1e-5, "complex": 1e-13}  # with the accuracy each reaches


def wavy(z, lib=np):
    return lib.sin((z * z).sum()) + (lib.exp(0.3 * z) * lib.cos(z)).sum()


def autograd(x, f=wavy):
    z = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(z, torch).backward()
    return z.grad.numpy()


@pytest.mark.parametrize("shape", [(), (1,), (5,), (3, 2), (4, 1), (2, 3, 2), (0,), (0, 3)])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_like_autograd(shape, scheme):
    x = np.random.default_rng(len(shape)).normal(size=shape)
    got = solution.numerical_gradient(wavy, x, scheme=scheme)
    assert got.shape == shape and got.dtype == np.float64
    np.testing.assert_allclose(got, autograd(x), SCHEMES[scheme], SCHEMES[scheme])


def test_default_steps():
    """The points that f sees, against the formulas of the docstring."""
    x, eps, seen = np.array([0.0, -0.5, 300.0]), np.finfo(np.float64).eps, []

    def watched(z):
        seen.append(z.copy())
        return z.sum()

    solution.numerical_gradient(watched, x)
    high = np.diag(np.array(seen[::2])) - x
    np.testing.assert_allclose(high, np.cbrt(eps) * np.maximum(1, np.abs(x)), 1e-9)
    seen.clear()
    solution.numerical_gradient(watched, x, scheme="forward")
    np.testing.assert_array_equal(seen[0], x)
    np.testing.assert_allclose(np.diag(np.array(seen[1:])) - x, np.sqrt(eps) * np.maximum(1, np.abs(x)), 1e-5)


@pytest.mark.parametrize("h", [1e-3, 0.5, 1e-6])
def test_given_steps_like_scipy(h):
    x = np.random.default_rng(1).normal(size=6)
    got = solution.numerical_gradient(wavy, x, h, "forward")
    np.testing.assert_allclose(got, optimize.approx_fprime(x, wavy, h), 1e-7, 1e-7)


def test_central_is_of_second_order_and_forward_of_first():
    x = np.random.default_rng(2).normal(size=4)
    for scheme, ratio in (("forward", 2), ("central", 4)):
        wide, half = (np.abs(solution.numerical_gradient(wavy, x, h, scheme) - autograd(x)).max() for h in (2e-3, 1e-3))
        assert wide / half == pytest.approx(ratio, rel=0.02)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.float32, np.uint8])
def test_dtypes_are_promoted_first(dtype):
    x = np.array([[100, 3], [1, 0]], dtype)
    for scheme in SCHEMES:
        got = solution.numerical_gradient(lambda z: (z * z).sum(), x, scheme=scheme)
        np.testing.assert_allclose(got, 2.0 * x.astype(np.float64), 1e-6, 1e-6)


@pytest.mark.parametrize(("scheme", "calls"), [("central", 12), ("forward", 7), ("complex", 6)])
def test_counts(scheme, calls):
    assert solution.count_evaluations(wavy, np.ones((2, 3)), scheme) == calls


def test_a_step_that_is_rounded_away_a_little():
    x = np.array([1.234567e6])
    for scheme in ("central", "forward"):
        assert solution.numerical_gradient(lambda z: 2 * (z - x).sum(), x, 1e-9, scheme) == pytest.approx(2.0, 1e-12)


def test_relative_error_against_the_textbook():
    rng = np.random.default_rng(3)
    for shape in ((), (4,), (2, 3), (2, 2, 2)):
        a, b = rng.normal(size=(2, *shape))
        expected = np.sqrt(((a - b) ** 2).sum()) / (np.sqrt((a**2).sum()) + np.sqrt((b**2).sum()))
        assert solution.relative_error(a, b) == pytest.approx(expected, 1e-12)
        assert solution.relative_error(a, a) == 0
        assert solution.relative_error(a, 0 * a) == pytest.approx(1)
    assert solution.relative_error(np.zeros(3), np.zeros(3)) == 0
    assert solution.relative_error(np.zeros(0), np.zeros(0)) == 0
    with pytest.raises(ValueError, match="shapes"):
        solution.relative_error(np.zeros(3), np.zeros((3, 1)))


def test_gradcheck_finds_what_was_planted():
    rng = np.random.default_rng(4)
    for _ in range(20):
        x = rng.normal(size=(3, 4))
        right = autograd(x)
        assert solution.gradcheck(wavy, x, right)["ok"] is True
        place = (int(rng.integers(3)), int(rng.integers(4)))
        wrong = right.copy()
        wrong[place] += 0.01 * rng.choice([-1, 1]) * max(1, abs(right[place]))
        found = solution.gradcheck(wavy, x, wrong)
        assert found["worst_index"] == place and found["ok"] is False
        assert found["max_rel_err"] == pytest.approx(0.01, rel=0.02)


def test_gradcheck_at_the_edges():
    def flat(z):
        return 0.0

    found = solution.gradcheck(flat, np.zeros(3), np.array([0.0, np.nan, np.nan]))
    assert found["ok"] is False and np.isnan(found["max_rel_err"]) and found["worst_index"] == (1,)
    assert solution.gradcheck(flat, np.zeros((0, 2)), np.zeros((0, 2)))["worst_index"] is None
    assert solution.gradcheck(flat, np.array(1.0), np.array(0.0))["worst_index"] == ()
    with pytest.raises(ValueError, match="shape"):
        solution.gradcheck(flat, np.zeros(3), np.zeros((3, 1)))


@pytest.mark.parametrize(
    "sizes", [(1, 1, 1, 2), (7, 3, 4, 2), (5, 2, 6, 5), (40, 20, 10, 3), (3, 4, 2, 1), (0, 3, 2, 2)]
)
@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_two_layers_like_autograd(sizes, scale):
    n, d, h, classes = sizes
    rng = np.random.default_rng(5)
    shapes = {"W1": (d, h), "b1": (h,), "W2": (h, classes), "b2": (classes,)}
    params = {name: scale * rng.normal(size=shape) for name, shape in shapes.items()}
    X, y = rng.normal(size=(n, d)), rng.integers(0, classes, n)
    t = {name: torch.tensor(p, requires_grad=True) for name, p in params.items()}
    logits = torch.sigmoid(torch.tensor(X) @ t["W1"] + t["b1"]) @ t["W2"] + t["b2"]
    (torch.nn.functional.cross_entropy(logits, torch.tensor(y), reduction="sum") / max(n, 1)).backward()
    got = solution.two_layer_gradients(params, X, y)
    assert set(got) == set(params)
    for name, tensor in t.items():
        np.testing.assert_allclose(got[name], tensor.grad.numpy(), 1e-9, 1e-12, err_msg=name)


def test_the_parts_agree_with_each_other():
    """Backpropagation passes the gradient check for each of its parameters."""
    rng = np.random.default_rng(6)
    params = {"W1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4), "W2": rng.normal(size=(4, 2)), "b2": np.ones(2)}
    X, y = rng.normal(size=(5, 3)), rng.integers(0, 2, 5)

    def loss(name, value):
        p = params | {name: value}
        logits = 1 / (1 + np.exp(-(X @ p["W1"] + p["b1"]))) @ p["W2"] + p["b2"]
        return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(5), y])

    grads = solution.two_layer_gradients(params, X, y)
    for name, value in params.items():
        found = solution.gradcheck(lambda z, name=name: loss(name, z), value, grads[name])
        assert found["ok"], (name, found)
