"""Both scalers and the statistics of images, against exact arithmetic on fractions and torch."""

from fractions import Fraction

import numpy as np
import pytest

from tests.solutions import load

solution = load("ex04_feature_scaling")


def exact(column):
    """Mean and population variance of a column, without any rounding."""
    values = [Fraction(float(value)) for value in column]
    mean = sum(values) / len(values)
    return mean, sum((value - mean) ** 2 for value in values) / len(values)


def tables():
    rng = np.random.default_rng(0)
    yield rng.normal(3, 2, (40, 3)) * [1, 1e3, 1e-6]
    yield rng.normal(3, 2, (1, 2))
    yield rng.integers(-9, 9, (17, 2))
    yield rng.integers(0, 256, (30, 2)).astype(np.uint8)
    yield rng.normal(100, 1, (60, 2)).astype(np.float32)
    yield rng.random((9, 2)) < 0.5
    yield np.asfortranarray(rng.normal(size=(8, 6)))[::-1, ::2]
    yield np.broadcast_to(rng.normal(size=3), (5, 3))


@pytest.mark.parametrize("X", list(tables()))
def test_statistics_are_the_exact_ones(X):
    scaler = solution.StandardScaler().fit(X)
    for j, column in enumerate(X.T):
        mean, variance = exact(column)
        assert scaler.mean_[j] == pytest.approx(float(mean), rel=1e-13)
        assert scaler.var_[j] == pytest.approx(float(variance), rel=1e-11, abs=1e-30)
        assert scaler.scale_[j] == pytest.approx(float(variance) ** 0.5 or 1.0, rel=1e-11)
    assert scaler.mean_.dtype == scaler.var_.dtype == scaler.scale_.dtype == np.float64
    assert scaler.n_samples_seen_ == len(X)


@pytest.mark.parametrize("X", list(tables()))
@pytest.mark.parametrize("make", (solution.StandardScaler, lambda: solution.MinMaxScaler((-2, 3))))
def test_scaled_values_have_the_promised_moments_and_come_back(X, make):
    scaler = make().fit(X)
    scaled = scaler.transform(X)
    assert scaled.dtype == (X.dtype if X.dtype == np.float32 else np.float64)
    changes = np.ptp(X.astype(float), axis=0) > 0
    if isinstance(scaler, solution.StandardScaler):
        np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-4 if X.dtype == np.float32 else 1e-12)
        np.testing.assert_allclose(scaled.std(axis=0)[changes], 1, rtol=1e-5 if X.dtype == np.float32 else 1e-12)
    else:
        np.testing.assert_allclose(scaled.min(axis=0), -2, rtol=1e-6)
        np.testing.assert_allclose(scaled.max(axis=0)[changes], 3, rtol=1e-6)
    np.testing.assert_allclose(scaler.inverse_transform(scaled), X, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("chunks", (1, 2, 5, 13))
@pytest.mark.parametrize("offset", (0, 1e4, 1e8))
def test_chunks_leave_no_trace(chunks, offset):
    rng = np.random.default_rng(chunks)
    X = np.column_stack([offset + np.sort(rng.normal(size=200)), np.full(200, offset + 0.1)])
    cuts = np.sort(rng.choice(np.arange(1, 200), chunks - 1, replace=False))
    scaler = solution.StandardScaler()
    for chunk in np.split(X, cuts):
        scaler.partial_fit(chunk)
    mean, variance = exact(X[:, 0])
    assert scaler.mean_[0] - offset == pytest.approx(float(mean - Fraction(offset)), abs=1e-15 * offset + 1e-14)
    assert scaler.var_[0] == pytest.approx(float(variance), rel=1e-11 + 1e-15 * offset)
    assert scaler.scale_[1] == 1.0
    np.testing.assert_allclose(scaler.transform(X)[:, 1], 0, atol=1e-6)  # 1e8 has neighbours 1.5e-8 away


@pytest.mark.parametrize("value", (0.1, -0.7, 1 / 3, 1e8 + 0.1, 1e-20, 0.0))
@pytest.mark.parametrize("rows", (1, 2, 3, 10, 1000))
def test_a_feature_that_never_changes_is_only_shifted(value, rows):
    X = np.full((rows, 1), value)
    for scaler in (solution.StandardScaler().fit(X), solution.MinMaxScaler().fit(X)):
        np.testing.assert_allclose(scaler.transform(X + 1), 1, rtol=1e-7)


def test_min_max_is_the_line_through_both_ends():
    rng = np.random.default_rng(2)
    X, new = rng.normal(size=(12, 3)), rng.normal(0, 5, (20, 3))
    for clip in (False, True):
        scaler = solution.MinMaxScaler((-1, 4), clip).fit(X)
        for j in range(3):
            a, b = min(X[:, j]), max(X[:, j])
            line = np.polynomial.Polynomial.fit([a, b], [-1, 4], 1)(new[:, j])
            expected = [min(max(value, -1), 4) for value in line] if clip else line
            np.testing.assert_allclose(scaler.transform(new)[:, j], expected, rtol=1e-9, atol=1e-12)
            assert (scaler.data_min_[j], scaler.data_max_[j]) == (a, b)


def test_a_split_learns_from_the_training_rows():
    rng = np.random.default_rng(3)
    train, test = rng.normal(3, 2, (9, 2)), rng.normal(size=(4, 2))
    got = solution.scale_split(train, test)
    for half, scaled in zip((train, test), got, strict=True):
        np.testing.assert_allclose(scaled, (half - np.mean(train, 0)) / np.std(train, 0), rtol=1e-12)


def test_no_rows():
    for make in (solution.StandardScaler, solution.MinMaxScaler):
        with pytest.raises(ValueError, match="no rows"):
            make().fit(np.zeros((0, 2)))
        assert make().fit(np.ones((2, 3))).transform(np.zeros((0, 3))).shape == (0, 3)
    with pytest.raises(ValueError, match="no rows"):
        solution.StandardScaler().partial_fit(np.zeros((0, 2)))
    for batches in ([], [np.zeros((0, 3, 2, 2), np.uint8)]):
        with pytest.raises(ValueError, match="no images"):
            solution.channel_stats(batches)


@pytest.mark.parametrize("bad", ((1, 1), (1, 0), (0, float("nan"))))
def test_a_feature_range_must_rise(bad):
    with pytest.raises(ValueError, match="feature_range"):
        solution.MinMaxScaler(bad)


@pytest.mark.parametrize("low", (0, 200, 254))
def test_channel_stats_are_those_of_whole_numbers(low):
    rng = np.random.default_rng(low)
    batches = [rng.integers(low, 256, (n, 3, 4, 5)).astype(np.uint8) for n in (4, 0, 1, 7)]
    mean, std = solution.channel_stats(batch for batch in batches)
    for c in range(3):
        values = [int(v) for batch in batches for v in batch[:, c].ravel()]
        n, total, squares = len(values), sum(values), sum(v * v for v in values)
        assert mean[c] == pytest.approx(total / n / 255, rel=1e-13)
        assert std[c] == pytest.approx((n * squares - total**2) ** 0.5 / n / 255, rel=1e-11)


def test_normalize_images_is_torchs_arithmetic():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(5)
    x = rng.integers(0, 256, (3, 3, 3, 3)).astype(np.uint8)
    mean, std = rng.random(3), rng.random(3) + 0.1
    pixels = torch.tensor(x).double() / 255
    expected = (pixels - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
    got = solution.normalize_images(x, mean, std)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected.float().numpy(), rtol=1e-6, atol=1e-7)
    assert solution.normalize_images(x[:0], mean, std).shape == (0, 3, 3, 3)
