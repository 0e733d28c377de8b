"""Dead units against whole-stream statistics, PReLU and the training step against torch autograd."""

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
solution = load("ex12_3_dead_relu_clinic")

STREAMS = {
    "dense": [(7, 5), (1, 5), (0, 5), (30, 5)],
    "one unit": [(3, 1), (4, 1)],
    "convolution": [(2, 3, 4, 5), (1, 3, 1, 1), (0, 3, 2, 2), (4, 3, 2, 7)],
    "one row": [(1, 8)],
}


@pytest.mark.parametrize("shapes", STREAMS.values(), ids=STREAMS.keys())
@pytest.mark.parametrize("offset", [-3.0, -1.5, 0.0, 2.0])
def test_a_stream_gives_the_statistics_of_the_whole(shapes, offset):
    rng = np.random.default_rng(len(shapes))
    units = shapes[0][1]
    batches = [rng.standard_normal(shape) + offset for shape in shapes]
    monitor = solution.DeadUnitMonitor(units)
    assert [monitor.update(z) for z in batches] == [None] * len(batches)
    report = monitor.report()

    rows = torch.cat([torch.from_numpy(z).transpose(0, 1).reshape(units, -1) for z in batches], dim=1)
    relu = torch.relu(rows)
    np.testing.assert_array_equal(report["dead"], (relu.amax(dim=1) == 0).numpy())
    np.testing.assert_allclose(report["active_rate"], (relu > 0).double().mean(dim=1).numpy(), rtol=1e-13)
    np.testing.assert_allclose(report["mean_activation"], relu.mean().item(), rtol=1e-12)
    assert report["dead"].dtype == bool and report["active_rate"].dtype == np.float64


def test_exact_zeros_and_negative_zeros_are_silent():
    monitor = solution.DeadUnitMonitor(3)
    monitor.update(np.array([[0.0, -0.0, 5e-324]]))
    assert monitor.report()["dead"].tolist() == [True, True, False]


def test_float32_sums_do_not_overflow():
    monitor = solution.DeadUnitMonitor(2)
    monitor.update(np.full((50, 2), 2e38, dtype=np.float32))
    assert monitor.report()["mean_activation"] == pytest.approx(2e38)


@pytest.mark.parametrize("batches", [[], [np.zeros((0, 2))]], ids=["no update", "empty batch"])
def test_nothing_seen_is_an_error(batches):
    monitor = solution.DeadUnitMonitor(2)
    for z in batches:
        monitor.update(z)
    with pytest.raises(ValueError, match="seen"):
        monitor.report()


def test_a_batch_of_another_layer_is_refused():
    with pytest.raises(ValueError, match="units"):
        solution.DeadUnitMonitor(3).update(np.ones((4, 1)))


PRELU = [((4, 3), 3), ((4, 3), 1), ((4, 1), 1), ((2, 3, 5), 3), ((2, 4, 3, 4), 4), ((2, 3, 2, 2, 2), 1), ((0, 3), 3)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("shape", "slopes"), PRELU)
def test_prelu_is_torchs(shape, slopes, dtype):
    rng = np.random.default_rng(sum(shape))
    x = rng.standard_normal(shape).astype(dtype)
    x[rng.random(shape) < 0.2] = 0.0
    weight, dy = rng.uniform(-2, 2, slopes).astype(dtype), rng.standard_normal(shape).astype(dtype)
    y = solution.prelu_forward(x, weight)
    dx, dweight = solution.prelu_backward(x, weight, dy)

    leaves = [torch.from_numpy(a).requires_grad_() for a in (x, weight)]
    expected = torch.nn.functional.prelu(*leaves)
    expected.backward(torch.from_numpy(dy))
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    for ours, theirs in ((y, expected.detach()), (dx, leaves[0].grad), (dweight, leaves[1].grad)):
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=tolerance, atol=tolerance)


def test_prelu_of_integers_is_float64():
    x, weight, dy = np.array([[-3, 2]]), np.array([2]), np.array([[5, 7]])
    y = solution.prelu_forward(x, weight)
    dx, dweight = solution.prelu_backward(x, weight, dy)
    assert [a.dtype for a in (y, dx, dweight)] == [np.float64] * 3
    assert (y.tolist(), dx.tolist(), dweight.tolist()) == ([[-6.0, 2.0]], [[10.0, 7.0]], [-15.0])


@pytest.mark.parametrize("shape", [(2,), (4,), (1, 3), ()])
def test_other_shapes_of_weight_are_refused(shape):
    x = np.ones((5, 3, 4))
    with pytest.raises(ValueError, match="weight"):
        solution.prelu_forward(x, np.ones(shape))
    with pytest.raises(ValueError, match="weight"):
        solution.prelu_backward(x, np.ones(shape), x)


def prelu_by_parts(x, weight, dy):
    """Another way to write it: both sides of 0 added up, channels moved to the end."""
    last = np.moveaxis(x, 1, -1)
    y = np.maximum(last, 0) + weight * np.minimum(last, 0)
    dx = np.moveaxis(dy, 1, -1) * ((last > 0) + weight * (last <= 0))
    per_slope = (np.moveaxis(dy, 1, -1) * np.minimum(last, 0)).reshape(-1, last.shape[-1])
    dweight = np.array([per_slope.sum()]) if weight.shape == (1,) else per_slope.sum(axis=0)
    return np.moveaxis(y, -1, 1), np.moveaxis(dx, -1, 1), dweight


@pytest.mark.parametrize(("shape", "slopes"), PRELU)
def test_prelu_agrees_with_another_way_to_write_it(shape, slopes):
    rng = np.random.default_rng(1)
    x, weight, dy = rng.standard_normal(shape), rng.uniform(-2, 2, slopes), rng.standard_normal(shape)
    ours = (solution.prelu_forward(x, weight), *solution.prelu_backward(x, weight, dy))
    for a, b in zip(ours, prelu_by_parts(x, weight, dy), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def network(seed, hidden=40, features=5, rows=30):
    rng = np.random.default_rng(seed)
    return {
        "W1": rng.standard_normal((hidden, features)),
        "b1": 0.5 * rng.standard_normal(hidden),
        "w2": rng.standard_normal(hidden),
        "b2": float(rng.standard_normal()),
        "X": rng.standard_normal((rows, features)),
        "y": 3 * rng.standard_normal(rows),
    }


def killed_in_torch(inputs, lr):
    p = [torch.tensor(inputs[name], dtype=torch.float64, requires_grad=True) for name in ("W1", "b1", "w2", "b2")]
    x, y = torch.tensor(inputs["X"]), torch.tensor(inputs["y"])
    before = x @ p[0].T + p[1]
    torch.nn.functional.mse_loss(torch.relu(before) @ p[2] + p[3], y).backward()
    torch.optim.SGD(p, lr=lr).step()
    after = x @ p[0].T + p[1]
    return torch.nonzero((before > 0).any(0) & ~(after > 0).any(0))[:, 0].numpy()


@pytest.mark.parametrize("lr", [0.0, 0.003, 0.03, 0.1, 0.3, 1.0, 10.0])
def test_killed_units_are_those_of_a_step_in_torch(lr):
    sizes = []
    for seed in range(20):
        inputs = network(seed, rows=1 + seed, features=1 + seed % 6)
        ours = solution.newly_dead(**inputs, lr=lr)
        assert ours.dtype == np.int64
        np.testing.assert_array_equal(ours, killed_in_torch(inputs, lr))
        sizes.append(len(ours))
    assert (max(sizes) > 0) == (lr >= 0.03)


def killed_one_by_one(w1, b1, w2, b2, rows, y, lr):
    """Another way to write it: one unit and one row at a time."""
    hidden = [[float(w @ x + b) for x in rows] for w, b in zip(w1, b1, strict=True)]
    pred = [b2 + sum(w2[j] * max(z[n], 0.0) for j, z in enumerate(hidden)) for n in range(len(rows))]
    killed = []
    for j, z in enumerate(hidden):
        pull = [2 / len(rows) * (pred[n] - y[n]) * w2[j] * (z[n] > 0) for n in range(len(rows))]
        w = w1[j] - lr * sum(p * x for p, x in zip(pull, rows, strict=True))
        b = b1[j] - lr * sum(pull)
        if max(z) > 0 and all(w @ x + b <= 0 for x in rows):
            killed.append(j)
    return killed


@pytest.mark.parametrize("seed", range(5))
def test_killed_units_agree_with_another_way_to_write_it(seed):
    inputs = network(seed)
    assert solution.newly_dead(**inputs, lr=0.2).tolist() == killed_one_by_one(*inputs.values(), lr=0.2)


@pytest.mark.parametrize(("lr", "killed"), [(0.125, []), (0.25, [0]), (1.0, [0])])
def test_a_unit_worked_out_by_hand(lr, killed):
    """z = 1, pred = 1, dL/dz = 2: the step takes 2 lr from both the weight and the bias, z becomes 1 - 4 lr."""
    one = np.array([1.0])
    got = solution.newly_dead(np.array([[1.0]]), np.array([0.0]), one, 0.0, np.array([[1.0]]), np.array([0.0]), lr)
    assert got.tolist() == killed
