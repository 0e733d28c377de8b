"""The descriptor against one pixel at a time, the ridge against least squares, the hidden layer against torch."""

import math

import numpy as np
import pytest

from tests.solutions import load

solution = load("ex01_features_engineered_vs_learned")


def descriptor(image, cell, bins, signed):
    """The definition, one pixel at a time, with the nearest centre found by comparing distances on the circle."""
    image = [[float(v) / 255 if image.dtype == np.uint8 else float(v) for v in row] for row in image]
    height, width = len(image), len(image[0])
    period = 2 * math.pi if signed else math.pi
    votes = {}
    for i in range(height // cell * cell):
        for j in range(width // cell * cell):
            gx = (image[i][j + 1] - image[i][j - 1]) / 2 if 0 < j < width - 1 else 0.0
            gy = (image[i + 1][j] - image[i - 1][j]) / 2 if 0 < i < height - 1 else 0.0
            angle = math.atan2(gy, gx)
            # cos of the difference, in units of the period, is largest at the nearest centre
            near = max(range(bins), key=lambda k: math.cos((angle - k * period / bins) * 2 * math.pi / period))
            key = (i // cell, j // cell, near)
            votes[key] = votes.get(key, 0.0) + math.sqrt(gx * gx + gy * gy)
    keys = [(r, c, k) for r in range(height // cell) for c in range(width // cell) for k in range(bins)]
    values = [votes.get(key, 0.0) for key in keys]
    norm = math.sqrt(math.fsum(v * v for v in values))
    return [v / (norm + 1e-8) for v in values]


@pytest.mark.parametrize(("bins", "signed"), ((4, False), (8, False), (12, False), (8, True), (16, True), (24, True)))
@pytest.mark.parametrize(("height", "width", "cell"), ((8, 8, 4), (7, 9, 3), (4, 5, 1)))
def test_every_pixel_votes_for_the_nearest_centre(height, width, cell, bins, signed):
    rng = np.random.default_rng(bins)
    for images in (
        rng.normal(size=(2, height, width)),
        rng.integers(0, 256, (2, height, width)).astype(np.uint8),
        rng.integers(0, 3, (2, height, width)).astype(np.uint8),
        rng.normal(size=(2, height, width)).astype(np.float32),
    ):
        got = solution.handcrafted_features(images, cell, bins, signed)
        assert got.dtype == np.float64
        expected = [descriptor(image, cell, bins, signed) for image in images]
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-13)


def test_contrast_brightness_and_neighbours_in_the_batch_dont_matter():
    images = np.random.default_rng(0).normal(size=(4, 14, 14))
    plain = solution.handcrafted_features(images)
    np.testing.assert_allclose(solution.handcrafted_features(3 * images + 7), plain, rtol=1e-6)
    np.testing.assert_array_equal(solution.handcrafted_features(images[1:2]), plain[1:2])
    np.testing.assert_allclose(solution.handcrafted_features(-images), plain, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(np.linalg.norm(plain, axis=1), 1, rtol=1e-7)


def test_no_images_and_images_without_edges():
    assert solution.handcrafted_features(np.zeros((0, 14, 15))).shape == (0, 32)
    assert not solution.handcrafted_features(np.full((2, 14, 14), 9.0)).any()


@pytest.mark.parametrize("l2", (0.0, 0.1, 50.0))
@pytest.mark.parametrize(("n", "d", "k", "shift"), ((30, 5, 3, 0.0), (30, 5, 3, 20.0), (12, 1, 2, 1.0), (9, 4, 1, 0.0)))
def test_ridge_is_least_squares_with_extra_rows(n, d, k, shift, l2):
    """Rows sqrt(l2) * I with targets 0 below the data turn the penalty into squares, and leave the intercept alone."""
    rng = np.random.default_rng(n)
    F, y = rng.normal(size=(n, d)) + shift, rng.integers(0, k, n)
    rows = np.block([[F, np.ones((n, 1))], [np.sqrt(l2) * np.eye(d), np.zeros((d, 1))]])
    targets = np.vstack([np.eye(k)[y], np.zeros((d, k))])
    expected = np.linalg.lstsq(rows, targets, rcond=None)[0]
    W, b = solution.fit_linear(F, y, k, l2)
    np.testing.assert_allclose(W, expected[:-1], rtol=1e-8, atol=1e-11)
    np.testing.assert_allclose(b, expected[-1], rtol=1e-8, atol=1e-10)


def test_ridge_takes_any_number_dtype():
    rng = np.random.default_rng(1)
    F, y = rng.integers(0, 256, (20, 3)), rng.integers(0, 3, 20)
    expected = solution.fit_linear(F.astype(np.float64), y, 3, 1.0)
    for kind in (np.uint8, np.int64, np.float32):
        for got, due in zip(solution.fit_linear(F.astype(kind), y.astype(np.uint8), 3, 1.0), expected, strict=True):
            np.testing.assert_array_equal(got, due)


def test_the_first_of_the_largest_scores_wins():
    F, W = np.array([[1.0], [-1.0], [0.0]]), np.array([[1.0, 2.0, 2.0, 1.0]])
    got = solution.predict_linear(F, W, np.zeros(4))
    assert got.dtype == np.int64
    assert got.tolist() == [1, 0, 0]
    assert solution.predict_linear(F, W, np.array([0.0, 0.0, 0.0, 9.0])).tolist() == [3, 3, 3]
    assert solution.predict_linear(F[:0], W, np.zeros(4)).shape == (0,)


def test_learning_is_torchs_gradient_descent():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(2)
    for n, d, h, k, steps, scale in (
        (20, 4, 6, 3, 50, 1.0),
        (1, 3, 2, 2, 3, 1.0),
        (5, 1, 1, 1, 2, 1.0),
        (9, 4, 5, 3, 1, 1e3),
    ):
        X, y = rng.normal(size=(n, d)), rng.integers(0, k, n)
        X[0] = 0.0
        names = ("W1", "b1", "W2", "b2")
        begin = [rng.normal(size=(d, h)), np.zeros(h), scale * rng.normal(size=(h, k)), rng.normal(size=k)]
        tensors = [torch.tensor(value, requires_grad=True) for value in begin]
        optimizer = torch.optim.SGD(tensors, lr=0.3 / scale)
        for _ in range(steps):
            W1, b1, W2, b2 = tensors
            scores = torch.relu(torch.tensor(X) @ W1 + b1) @ W2 + b2
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(scores, torch.tensor(y)).backward()
            optimizer.step()
        copies = [value.copy() for value in begin]
        got = solution.learn_features(X, y, *begin, 0.3 / scale, steps)
        for name, tensor, value, copy in zip(names, tensors, begin, copies, strict=True):
            np.testing.assert_allclose(got[name], tensor.detach().numpy(), rtol=1e-9, atol=1e-11)
            np.testing.assert_array_equal(value, copy)


def test_applying_them_is_the_first_half_of_the_network():
    rng = np.random.default_rng(3)
    X, params = rng.normal(size=(5, 3)).astype(np.float32), {"W1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4)}
    expected = [
        [max(0.0, sum(float(x[i]) * params["W1"][i, j] for i in range(3)) + params["b1"][j]) for j in range(4)]
        for x in X
    ]
    np.testing.assert_allclose(solution.apply_features(params, X), expected, rtol=1e-12)


def test_a_learned_layer_beats_a_random_one_on_digits_of_three_strokes():
    """Noisy bars at three angles, shifted at random: the reason why anybody learns features."""
    rng = np.random.default_rng(4)
    y = rng.integers(0, 3, 600)
    images = np.array([np.roll(BARS[k], rng.integers(-2, 3, 2), (0, 1)) for k in y]) + rng.normal(0, 0.3, (600, 9, 9))
    X, W1, W2 = images.reshape(600, -1), rng.normal(0, 0.15, (81, 12)), rng.normal(0, 0.3, (12, 3))
    learned = solution.learn_features(X[:300], y[:300], W1, np.zeros(12), W2, np.zeros(3), 0.3, 200)
    accuracy = {}
    for name, params in (("random", {"W1": W1, "b1": np.zeros(12)}), ("learned", learned)):
        F = solution.apply_features(params, X)
        W, b = solution.fit_linear(F[:300], y[:300], 3, 1.0)
        accuracy[name] = np.mean(solution.predict_linear(F[300:], W, b) == y[300:])
    assert accuracy["learned"] > accuracy["random"] + 0.1


BARS = np.array([np.eye(9), np.eye(9)[::-1], np.repeat(np.eye(9)[4:5], 9, axis=0)])
