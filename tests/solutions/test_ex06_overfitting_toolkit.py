"""Every countermeasure against torch, or against its definition written out one element at a time."""

import itertools

import numpy as np
import pytest

from tests.solutions import load

solution = load("ex06_overfitting_toolkit")


def replay(metrics, patience, min_delta, mode):
    """Which epoch was the best one and which was the last, found by looking back at the whole history."""
    gain = (lambda old, new: old - new) if mode == "min" else (lambda old, new: new - old)
    best = None
    for epoch, metric in enumerate(metrics):
        finite = np.isfinite(metric)
        if finite and (best is None or gain(metrics[best], metric) > min_delta):
            best = epoch
        elif epoch - (-1 if best is None else best) >= patience:
            return best, epoch
    return best, None


@pytest.mark.parametrize("mode", ("min", "max"))
@pytest.mark.parametrize("patience", (1, 2, 3, 4))
@pytest.mark.parametrize("min_delta", (0.0, 0.125, 0.5))
def test_early_stopping_agrees_with_a_look_at_the_whole_history(mode, patience, min_delta):
    rng = np.random.default_rng(patience)
    worst = np.inf if mode == "min" else -np.inf
    for _ in range(60):
        metrics = rng.integers(0, 10, rng.integers(1, 16)) / 8
        metrics[rng.random(len(metrics)) < 0.15] = np.nan
        metrics[rng.random(len(metrics)) < 0.1] = worst
        stopping = solution.EarlyStopping(patience, min_delta, mode)
        live = {"w": np.zeros(2)}
        answers = []
        for epoch, metric in enumerate(metrics):
            live["w"][:] = epoch
            answers.append(stopping.step(metric, live))
        live["w"][:] = -1
        best, stopped = replay(metrics, patience, min_delta, mode)
        assert (stopping.best_epoch, stopping.stopped_epoch) == (best, stopped)
        last = len(metrics) - 1 if stopped is None else stopped
        assert answers == [epoch >= last and stopped is not None for epoch in range(len(metrics))]
        assert stopping.num_bad_epochs == last - (-1 if best is None else best)
        if best is None:
            assert stopping.best_metric == worst
            assert stopping.best_state is None
        else:
            assert stopping.best_metric == metrics[best]
            assert stopping.best_state["w"].tolist() == [best, best]


def test_the_example_of_the_question_page():
    stopping = solution.EarlyStopping(patience=3)
    answers = [stopping.step(loss, {}) for loss in (5, 4, 3, 3.2, 3.1, 3.3)]
    assert answers == [False] * 5 + [True]
    assert (stopping.stopped_epoch, stopping.best_epoch) == (5, 2)


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="largest"):
        solution.EarlyStopping(mode="largest")


@pytest.mark.parametrize("eps", (0.0, 0.1, 0.7, 1.0))
@pytest.mark.parametrize(("n", "k"), ((1, 1), (5, 2), (8, 10), (0, 3)))
def test_smoothed_labels_are_mixtures_of_one_hot_and_uniform(n, k, eps):
    y = np.random.default_rng(n).integers(0, k, n)
    expected = [[(1 - eps) * (j == label) + eps / k for j in range(k)] for label in y]
    got = solution.smooth_labels(y, k, eps)
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, np.reshape(expected, (n, k)), rtol=1e-13)


def test_cross_entropy_with_them_is_torchs_label_smoothing():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    logits, y = torch.tensor(rng.normal(0, 3, (7, 5))), rng.integers(0, 5, 7)
    soft = torch.tensor(solution.smooth_labels(y, 5, 0.3))
    by_torch = torch.nn.functional.cross_entropy(logits, torch.tensor(y), label_smoothing=0.3)
    torch.testing.assert_close(torch.nn.functional.cross_entropy(logits, soft), by_torch)


@pytest.mark.parametrize("bad", (-1, 3))
def test_a_label_outside_the_classes_is_refused(bad):
    with pytest.raises(IndexError):
        solution.smooth_labels(np.array([0, bad]), 3, 0.1)


@pytest.mark.parametrize("shape", ((4,), (4, 4), (5, 3), (3, 3, 3, 3), (2, 3, 4, 5), (0, 2), (1, 6)))
def test_mixup_is_a_weighted_mean_of_two_samples(shape):
    rng = np.random.default_rng(1)
    n = shape[0]
    x, y, perm = rng.normal(size=shape), rng.dirichlet(np.ones(3), n), rng.permutation(n)
    for lam in (0.3, rng.random(n)):
        lams = np.broadcast_to(lam, n)
        got = solution.mixup(x, y, lam, perm)
        for values, mixed in zip((x, y), got, strict=True):
            assert mixed.shape == values.shape
            for i in range(n):
                expected = lams[i] * values[i] + (1 - lams[i]) * values[perm[i]]
                np.testing.assert_allclose(mixed[i], expected, rtol=1e-12, atol=1e-14)


def test_mixup_computes_in_floats():
    pixels, single = np.full((2, 1, 2, 2), 200, np.uint8), np.ones((2, 3), np.float32)
    x, y = solution.mixup(pixels, single, np.array([0.5, 1.0]), np.array([1, 0]))
    assert (x.dtype, y.dtype) == (np.float64, np.float32)
    np.testing.assert_array_equal(x, 200.0)


@pytest.mark.parametrize("padding", (0, 1, 3))
@pytest.mark.parametrize("shape", ((4, 3, 5, 4), (3, 3, 3, 3), (2, 1, 1, 1), (0, 2, 3, 3)))
@pytest.mark.parametrize("dtype", (np.float64, np.float32, np.uint8, bool))
def test_every_pixel_comes_from_where_it_should(shape, padding, dtype):
    rng = np.random.default_rng(2)
    n, _, h, w = shape
    x = rng.integers(0, 200, shape).astype(dtype)
    offsets, flip = rng.integers(0, 2 * padding + 1, (n, 2)), rng.random(n) < 0.5
    expected = np.zeros(shape, dtype)
    for i, k, row, column in itertools.product(*map(range, shape)):
        source = offsets[i, 0] + row - padding, offsets[i, 1] + (w - 1 - column if flip[i] else column) - padding
        if 0 <= source[0] < h and 0 <= source[1] < w:
            expected[i, k, row, column] = x[i, k, source[0], source[1]]
    got = solution.pad_crop_flip(x, offsets, flip, padding)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(("l1", "l2"), ((0.0, 0.0), (0.3, 0.0), (0.0, 0.5), (0.2, 0.7)))
def test_the_gradient_of_the_penalty_is_that_of_finite_differences(l1, l2):
    rng = np.random.default_rng(3)
    params = {
        "w": rng.normal(size=(2, 3)),
        "b.bias": rng.normal(size=2),
        "scale": np.array([-1.5]),
        "bias.w": np.ones(1),
    }
    penalty, grads = solution.penalty_and_grad(params, l1, l2)
    kept = [value for name, value in params.items() if name != "b.bias"]
    flat = np.concatenate([np.ravel(value) for value in kept])
    assert penalty == pytest.approx(l1 * np.linalg.norm(flat, 1) + l2 / 2 * np.linalg.norm(flat) ** 2)
    assert list(grads) == list(params)
    for name, value in params.items():
        for i in np.ndindex(value.shape):
            up, down = dict(params), dict(params)
            up[name], down[name] = value.copy(), value.copy()
            up[name][i] += 1e-6
            down[name][i] -= 1e-6
            slope = (solution.penalty_and_grad(up, l1, l2)[0] - solution.penalty_and_grad(down, l1, l2)[0]) / 2e-6
            assert np.asarray(grads[name])[i] == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_the_absolute_value_has_slope_0_at_0():
    _, grads = solution.penalty_and_grad({"w": np.array([0.0, -0.0, 2.0], np.float32)}, 0.5, 0.0)
    assert grads["w"].tolist() == [0.0, 0.0, 0.5]
    assert grads["w"].dtype == np.float32
