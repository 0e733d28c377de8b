import itertools

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
functional = torch.nn.functional
solution = load("ex02_losses_and_their_gradients")

REDUCTIONS = ("none", "sum", "mean")
SHAPES = ((1,), (7,), (4, 3), (1, 1), (2, 3, 4), (2, 1, 3, 2), ())


def torch_loss(name, input, target, **options):
    """Loss and gradient of the sum of the losses, by torch's autograd."""
    input = torch.tensor(input, requires_grad=True)
    loss = getattr(functional, name)(input, torch.tensor(target), **options)
    loss.sum().backward()
    return loss.detach().numpy(), input.grad.numpy()


def assert_same(got, expected, rtol=1e-11, atol=1e-13):
    for ours, theirs in zip(got, expected, strict=True):
        assert np.shape(ours) == theirs.shape
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol, atol)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_mse_is_torchs(shape, reduction):
    rng = np.random.default_rng(0)
    x, t = rng.normal(0, 3, (2, *shape))
    assert_same(solution.mse_loss(x, t, reduction), torch_loss("mse_loss", x, t, reduction=reduction))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("scale", (1, 30, 1000))
def test_binary_cross_entropy_is_torchs(shape, reduction, scale):
    rng = np.random.default_rng(1)
    x = rng.normal(0, scale, shape)
    last = shape[-1:] or (1,)
    for target, pos_weight in itertools.product(
        (rng.random(shape), rng.integers(0, 2, shape).astype(float)),
        (None, 0.0, 2.5, rng.uniform(0, 4, last) if shape else 0.5),
    ):
        theirs = None if pos_weight is None else torch.as_tensor(pos_weight)
        expected = torch_loss("binary_cross_entropy_with_logits", x, target, pos_weight=theirs, reduction=reduction)
        got = solution.binary_cross_entropy_with_logits(x, target, pos_weight, reduction)
        assert_same(got, expected, atol=1e-12 * scale)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("rows", "classes"), ((1, 1), (1, 4), (5, 1), (6, 3), (40, 50)))
@pytest.mark.parametrize("scale", (1, 1000))
def test_cross_entropy_is_torchs(rows, classes, reduction, scale):
    rng = np.random.default_rng(2)
    x = rng.normal(0, scale, (rows, classes))
    target = rng.integers(0, classes, rows)
    weight = rng.uniform(0.1, 3, classes)
    some_zero = np.where(np.arange(classes) % 3 == 1, 0.0, weight)
    for w, smoothing, ignored in itertools.product(
        (None, weight, some_zero), (0.0, 0.1, 1.0), (-100, 255, int(target[0]))
    ):
        y = np.where(np.arange(rows) % 4 == 3, ignored, target)
        if w is not None and np.any(y != ignored) and w[y[y != ignored]].sum() == 0:
            continue  # a mean over weights of 0 is nobody's convention
        options = {"ignore_index": ignored, "reduction": reduction, "label_smoothing": smoothing}
        theirs = None if w is None else torch.tensor(w)
        loss, grad = solution.cross_entropy(x, y, w, **options)
        expected = torch_loss("cross_entropy", x, y, weight=theirs, **options)
        if reduction == "mean" and np.isnan(expected[0]):
            assert np.isnan(loss)
        else:
            assert_same((loss, grad), expected)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_float32_is_torchs(reduction):
    rng = np.random.default_rng(3)
    x = (rng.normal(size=(9, 5)) * 10.0 ** rng.integers(0, 4, (9, 1))).astype(np.float32)
    t, y = rng.random((9, 5)).astype(np.float32), rng.integers(0, 5, 9)
    near = {"rtol": 1e-5, "atol": 1e-4}
    assert_same(solution.mse_loss(x, t, reduction), torch_loss("mse_loss", x, t, reduction=reduction), **near)
    expected = torch_loss("binary_cross_entropy_with_logits", x, t, reduction=reduction)
    assert_same(solution.binary_cross_entropy_with_logits(x, t, reduction=reduction), expected, **near)
    weight = rng.uniform(0.5, 2, 5)
    options = {"reduction": reduction, "label_smoothing": 0.2}
    expected = torch_loss("cross_entropy", x, y, weight=torch.tensor(weight).float(), **options)
    assert_same(solution.cross_entropy(x, y, weight, **options), expected, **near)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_empty_input_is_torchs(reduction):
    x, y = np.zeros((0, 3)), np.zeros(0, np.int64)
    assert_same(solution.mse_loss(x, x, reduction), torch_loss("mse_loss", x, x, reduction=reduction))
    expected = torch_loss("binary_cross_entropy_with_logits", x, x, reduction=reduction)
    assert_same(solution.binary_cross_entropy_with_logits(x, x, reduction=reduction), expected)
    expected = torch_loss("cross_entropy", x, y, reduction=reduction)
    assert_same(solution.cross_entropy(x, y, reduction=reduction), expected)


@pytest.mark.parametrize("dtype", (np.uint8, np.int8, np.int64, bool))
def test_integers_are_promoted_before_anything_is_computed(dtype):
    x = np.array([[0, 1, 1], [1, 0, 0]]).astype(dtype)
    t = np.array([[1, 0, 1], [0, 0, 1]]).astype(dtype)
    assert_same(solution.mse_loss(x, t), solution.mse_loss(x.astype(float), t.astype(float)), 0, 0)
    expected = solution.binary_cross_entropy_with_logits(x.astype(float), t.astype(float))
    assert_same(solution.binary_cross_entropy_with_logits(x, t), expected, 0, 0)
    y = np.array([2, 0])
    expected = solution.cross_entropy(x.astype(float), y)
    for kind in (np.uint8, np.int32):
        assert_same(solution.cross_entropy(x, y.astype(kind)), expected, 0, 0)


def test_gradients_are_those_of_finite_differences():
    rng = np.random.default_rng(4)
    x, t = rng.normal(0, 2, (4, 3)), rng.random((4, 3))
    y, weight = np.array([2, -100, 0, 1]), np.array([0.5, 2.0, 1.0])
    for loss in (
        lambda x: solution.mse_loss(x, t),
        lambda x: solution.binary_cross_entropy_with_logits(x, t, 3.0),
        lambda x: solution.cross_entropy(x, y, weight, label_smoothing=0.3),
    ):
        numeric = np.empty_like(x)
        for i in np.ndindex(x.shape):
            step = np.zeros_like(x)
            step[i] = 1e-5
            numeric[i] = (loss(x + step)[0] - loss(x - step)[0]) / 2e-5
        np.testing.assert_allclose(loss(x)[1], numeric, 1e-7, 1e-9)


def plain_cross_entropy(input, target, weight, ignore_index, reduction, label_smoothing):
    """The definition, one class of one row at a time."""
    rows, classes = input.shape
    losses, grad, total = np.zeros(rows), np.zeros((rows, classes)), 0.0
    for i in range(rows):
        if target[i] == ignore_index:
            continue
        total += weight[target[i]]
        top = max(input[i])
        log_sum = top + np.log(sum(np.exp(z - top) for z in input[i]))
        for k in range(classes):
            share = label_smoothing / classes + (1 - label_smoothing) * (k == target[i])
            losses[i] += weight[k] * share * (log_sum - input[i, k])
            for j in range(classes):
                grad[i, j] += weight[k] * share * (np.exp(input[i, j] - log_sum) - (j == k))
    if reduction == "none":
        return losses, grad
    return (losses.sum(), grad) if reduction == "sum" else (losses.sum() / total, grad / total)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", (0.0, 0.25, 1.0))
def test_another_way_to_write_cross_entropy_agrees(reduction, smoothing):
    rng = np.random.default_rng(5)
    x, y = rng.normal(0, 100, (8, 4)), rng.integers(-1, 4, 8)
    weight = np.array([1.0, 0.0, 2.0, 0.25])
    got = solution.cross_entropy(x, y, weight, -1, reduction, smoothing)
    assert_same(got, plain_cross_entropy(x, y, weight, -1, reduction, smoothing), atol=1e-12)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_another_way_to_write_binary_cross_entropy_agrees(reduction):
    """The formula of torch's documentation, with the softplus written out."""
    rng = np.random.default_rng(6)
    z, t, pos_weight = rng.normal(0, 100, (8, 4)), rng.random((8, 4)), rng.uniform(0, 3, 4)
    softplus = np.log1p(np.exp(-np.abs(z))) + np.maximum(-z, 0)
    sigmoid = 0.5 * (1 + np.tanh(z / 2))
    loss = (1 - t) * z + (1 + (pos_weight - 1) * t) * softplus
    grad = (1 - t) * sigmoid - pos_weight * t * (1 - sigmoid)
    total = {"none": loss, "sum": loss.sum(), "mean": loss.mean()}[reduction]
    expected = total, grad / z.size if reduction == "mean" else grad
    got = solution.binary_cross_entropy_with_logits(z, t, pos_weight, reduction)
    assert_same(got, expected, atol=1e-12)


def test_no_row_kept():
    x, y = np.ones((3, 2)), np.full(3, -100)
    assert np.isnan(solution.cross_entropy(x, y)[0])
    loss, grad = solution.cross_entropy(x, y, reduction="sum")
    assert loss == 0
    assert not grad.any()


@pytest.mark.parametrize("bad", (-1, 2, 255))
def test_a_target_outside_the_classes_is_an_index_error(bad):
    with pytest.raises(IndexError):
        solution.cross_entropy(np.zeros((2, 2)), np.array([0, bad]))


@pytest.mark.parametrize("loss", (solution.mse_loss, solution.binary_cross_entropy_with_logits))
def test_shapes_must_be_equal(loss):
    with pytest.raises(ValueError, match="shape"):
        loss(np.zeros((3, 1)), np.zeros(3))


@pytest.mark.parametrize("name", ("mse_loss", "binary_cross_entropy_with_logits"))
def test_an_unknown_reduction_is_a_value_error(name):
    with pytest.raises(ValueError, match="average"):
        getattr(solution, name)(np.zeros(3), np.zeros(3), reduction="average")
    with pytest.raises(ValueError, match="average"):
        solution.cross_entropy(np.zeros((1, 2)), np.zeros(1, int), reduction="average")
