"""Collapsed layers against evaluation layer by layer, folding and matrices against torch, defects against a loop."""

import itertools

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex12_1_linearity_collapse")


def superposition_by_loops(f, X, Y, a, b):
    """Another way to write it: one entry at a time."""
    mixed, fx, fy = f(a * X + b * Y), f(X), f(Y)
    gaps = [abs(mixed[i] - a * fx[i] - b * fy[i]) for i in np.ndindex(mixed.shape)]
    return max(gaps) / (1 + max(abs(mixed[i]) for i in np.ndindex(mixed.shape)))


FUNCTIONS = {
    "matrix": (lambda X: X @ np.ones((3, 2)), True, True),
    "offset": (lambda X: X @ np.ones((3, 2)) + 5, False, True),
    "relu": (lambda X: np.maximum(X, 0), False, False),
    "square": (np.square, False, False),
    "centred": (lambda X: X - X.mean(axis=0), True, True),
    "itself": (lambda X: X, True, True),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_defects_tell_linear_from_affine_from_neither(name, scale):
    f, linear, affine = FUNCTIONS[name]
    rng = np.random.default_rng(0)
    X, Y = rng.normal(0, scale, (2, 9, 3))
    defect = solution.superposition_defect(f, X, Y, 1.5, -0.75)
    assert (defect < 1e-14) == linear
    assert (solution.affine_defect(f, X, Y, 0.3) < 1e-14) == affine
    assert defect == pytest.approx(superposition_by_loops(f, X, Y, 1.5, -0.75), rel=1e-9, abs=1e-14)
    expected = superposition_by_loops(f, X, Y, 0.3, 0.7)
    assert solution.affine_defect(f, X, Y, 0.3) == pytest.approx(expected, rel=1e-9, abs=1e-14)


def test_relu_is_positively_homogeneous_but_not_additive():
    relu, x = FUNCTIONS["relu"][0], np.array([[1.0, -2.0]])
    assert solution.superposition_defect(relu, x, x, 3.0, 0.0) == 0
    assert solution.superposition_defect(relu, x, x, -3.0, 0.0) > 0
    assert solution.superposition_defect(relu, x, -x, 1.0, 1.0) == 2.0


def test_bytes_do_not_overflow():
    x = np.array([[200]], np.uint8)
    assert solution.superposition_defect(np.square, x, x, 1, 1) == (400**2 - 2 * 200**2) / (1 + 400**2)


@pytest.mark.parametrize("widths", [(3, 4), (4, 4, 4), (3, 5, 2, 4), (6, 1, 6), (1, 3, 1), [5] * 51])
@pytest.mark.parametrize("with_bias", ["all", "none", "some"])
def test_the_collapsed_layer_does_what_the_stack_does(widths, with_bias):
    rng = np.random.default_rng(sum(widths))
    layers = []
    for i, (n, m) in enumerate(itertools.pairwise(widths)):
        bias = with_bias == "all" or (with_bias == "some" and i % 2 == 0)
        layers.append((rng.normal(size=(m, n)) / n**0.5, rng.normal(size=m) if bias else None))
    stack = torch.nn.Sequential()
    for W, b in layers:
        linear = torch.nn.Linear(W.shape[1], W.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(W))
            linear.bias.copy_(torch.zeros(len(W)) if b is None else torch.tensor(b))
        stack.append(linear)
    W, b = solution.collapse_affine(layers)
    x = rng.normal(size=(8, widths[0]))
    np.testing.assert_allclose(x @ W.T + b, stack(torch.tensor(x)).detach().numpy(), rtol=1e-10, atol=1e-11)
    assert (W.shape, b.shape) == ((widths[-1], widths[0]), (widths[-1],))
    assert (with_bias == "none") == (not b.any())


def test_collapsing_promotes_and_copies():
    W, b = np.array([[100, 100]], np.int8), np.array([1], np.int8)
    collapsed, bias = solution.collapse_affine([(W, b), (W.T, None)])
    assert (collapsed.tolist(), bias.tolist()) == ([[1e4, 1e4], [1e4, 1e4]], [100.0, 100.0])
    single = np.ones((2, 2)), np.ones(2)
    assert not any(np.shares_memory(*pair) for pair in zip(single, solution.collapse_affine([single]), strict=True))
    with pytest.raises(ValueError, match=r"."):
        solution.collapse_affine([(np.ones((2, 3)), None), (np.ones((2, 3)), None)])


@pytest.mark.parametrize("with_bias", [True, False])
@pytest.mark.parametrize("eps", [1e-5, 0.5])
@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (1, 2), (4, 3, 3, 2), (3, 3, 3, 3), (2, 1, 1, 1)])
def test_folding_is_the_layer_followed_by_torchs_batch_norm(shape, eps, with_bias):
    rng = np.random.default_rng(1)
    n = shape[0]
    mean, bias, b = rng.normal(0, 2, (3, n))
    var, weight = rng.uniform(1e-6, 2, n), rng.normal(size=n)
    W = rng.normal(size=shape)
    b = b if with_bias else None
    folded = solution.fold_batchnorm(W, b, mean, var, weight, bias, eps)

    tensors = [None if a is None else torch.tensor(a) for a in (W, b)]
    if len(shape) == 2:
        x, layer = torch.randn(6, shape[1], dtype=torch.float64), torch.nn.functional.linear
        before, after = layer(x, *tensors), layer(x, *map(torch.tensor, folded))
    else:
        x, layer = torch.randn(2, shape[1], 6, 6, dtype=torch.float64), torch.nn.functional.conv2d
        options = {"stride": 2, "padding": 1}
        before, after = layer(x, *tensors, **options), layer(x, *map(torch.tensor, folded), **options)
    expected = torch.nn.functional.batch_norm(before, *map(torch.tensor, (mean, var, weight, bias)), eps=eps)
    np.testing.assert_allclose(after.numpy(), expected.numpy(), rtol=1e-9, atol=1e-9)
    assert folded[0].shape == shape and folded[1].shape == (n,)


@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("size", [(5, 5), (4, 6), (3, 3), (1, 7)])
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 3), (1, 4)])
def test_the_matrix_is_torchs_convolution(kernel, size, padding):
    rng = np.random.default_rng(2)
    k, image = rng.normal(size=kernel), rng.normal(size=size)
    if any(s + 2 * padding < n for s, n in zip(size, kernel, strict=True)):
        with pytest.raises(ValueError, match="fit"):
            solution.conv2d_matrix(k, *size, padding)
        return
    expected = torch.nn.functional.conv2d(torch.tensor(image)[None, None], torch.tensor(k)[None, None], padding=padding)
    M = solution.conv2d_matrix(k, *size, padding)
    assert M.shape == (expected.numel(), image.size)
    np.testing.assert_allclose(M @ image.reshape(-1), expected.numpy().reshape(-1), rtol=1e-12, atol=1e-12)
    # Entry by entry, from images with a single 1: convolution by torch, one column each.
    units = torch.eye(image.size, dtype=torch.float64).reshape(-1, 1, *size)
    columns = torch.nn.functional.conv2d(units, torch.tensor(k)[None, None], padding=padding)
    np.testing.assert_array_equal(M, columns.reshape(image.size, -1).T.numpy())


def test_the_network_is_xor_and_new_each_time():
    for _ in range(2):
        net = solution.xor_network()
        W1, b1, W2, b2 = (torch.tensor(net[name]) for name in ("W1", "b1", "W2", "b2"))
        corners = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.float64)] * 2)
        out = torch.relu(corners @ W1.T + b1) @ W2.T + b2
        assert out[:, 0].tolist() == [0.0, 1.0, 1.0, 0.0]
        for array in net.values():
            array[...] = 9
