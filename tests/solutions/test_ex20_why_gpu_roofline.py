"""Oracles: torch's FlopCounterMode, sizes of real tensors, torch.cdist, a simulation, plain loops."""

import itertools
import math
import random

import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
flop_counter = pytest.importorskip("torch.utils.flop_counter")

solution = load("ex20_why_gpu_roofline")

F64 = torch.float64
ITEMSIZE = {2: torch.bfloat16, 4: torch.float32, 8: F64}


def counted(run):
    with flop_counter.FlopCounterMode(display=False) as counter:
        run()
    return counter.get_total_flops()


def nbytes(*tensors):
    return sum(t.numel() * t.element_size() for t in tensors)


@pytest.mark.parametrize("seed", range(20))
def test_matmul_against_torch(seed):
    rnd = random.Random(seed)
    m, k, n = (rnd.randint(1, 50) for _ in range(3))
    size = rnd.choice([2, 4, 8])
    a, b = (torch.empty(s, dtype=ITEMSIZE[size], device="meta") for s in ((m, k), (k, n)))
    op = {"type": "matmul", "m": m, "k": k, "n": n, "itemsize": size}
    assert solution.op_cost(op) == (counted(lambda: a @ b), nbytes(a, b, a @ b))


@pytest.mark.parametrize("seed", range(30))
def test_conv2d_against_torch(seed):
    rnd = random.Random(seed)
    n, c_in, c_out, k = (rnd.randint(1, 6) for _ in range(4))
    h, w, stride, padding = rnd.randint(6, 20), rnd.randint(6, 20), rnd.randint(1, 3), rnd.randint(0, 3)
    size = rnd.choice([2, 4, 8])
    x = torch.empty(n, c_in, h, w, dtype=ITEMSIZE[size], device="meta")
    weight = torch.empty(c_out, c_in, k, k, dtype=ITEMSIZE[size], device="meta")

    def run():
        return torch.nn.functional.conv2d(x, weight, stride=stride, padding=padding)

    op = {"type": "conv2d", "n": n, "c_in": c_in, "h": h, "w": w, "c_out": c_out, "k": k, "itemsize": size}
    given = op | {"stride": stride, "padding": padding}
    assert solution.op_cost(given) == (counted(run), nbytes(x, weight, run()))
    if (stride, padding) == (1, 0):
        assert solution.op_cost(op) == solution.op_cost(given)


@pytest.mark.parametrize(("m", "k", "n"), [(3, 4, 5), (1, 7, 2), (64, 32, 16)])
def test_linear_backward_against_torch(m, k, n):
    x, weight = (torch.empty(s, requires_grad=True) for s in ((m, k), (n, k)))
    y = torch.nn.functional.linear(x, weight)
    flops, moved = solution.op_cost({"type": "linear_backward", "m": m, "k": k, "n": n, "itemsize": 4})
    assert flops == counted(lambda: y.backward(torch.ones_like(y)))
    assert moved == 2 * nbytes(y, x, weight)


def test_elementwise_and_reduce_against_sizes_of_tensors():
    a, b = torch.zeros(6, 7), torch.zeros(6, 7)
    op = {"type": "elementwise", "numel": a.numel(), "inputs": 2, "itemsize": 4}
    assert solution.op_cost(op) == (42, nbytes(a, b, a + b))
    assert solution.op_cost(op | {"flops_per": 3})[0] == 3 * 42
    assert solution.op_cost({"type": "reduce", "numel": 42, "out": 6, "itemsize": 4})[1] == nbytes(a, a.sum(1))


def test_unknown_types_are_refused_everywhere():
    op = {"type": "fft", "itemsize": 4}
    for refused in (
        lambda: solution.op_cost(op),
        lambda: solution.arithmetic_intensity(op),
        lambda: solution.attainable(op, 1.0, 1.0),
        lambda: solution.graph_time([op], 1.0, 1.0),
    ):
        with pytest.raises(ValueError, match="fft"):
            refused()


def test_intensity_of_square_matmuls_is_n_over_3_in_two_bytes():
    for n in (64, 4096):
        op = {"type": "matmul", "m": n, "k": n, "n": n, "itemsize": 2}
        assert solution.arithmetic_intensity(op) == pytest.approx(n / 3)


@pytest.mark.parametrize("seed", range(30))
def test_attainable_is_flops_over_the_time_of_the_graph(seed):
    rnd = random.Random(seed)
    op = {"type": "matmul", **{size: rnd.randint(1, 200) for size in "mkn"}, "itemsize": 4}
    peak, bandwidth = rnd.uniform(1, 100), rnd.uniform(1, 10)
    rate, limit = solution.attainable(op, peak, bandwidth)
    flops, moved = solution.op_cost(op)
    assert rate == pytest.approx(flops / solution.graph_time([op], peak, bandwidth))
    assert limit == ("compute" if flops / peak >= moved / bandwidth else "memory")


def test_a_tie_is_called_compute():
    op = {"type": "elementwise", "numel": 4, "inputs": 1, "flops_per": 8, "itemsize": 4}
    assert solution.attainable(op, 50.0, 50.0) == (50.0, "compute")


def test_graph_time_is_the_end_of_a_timeline():
    """Oracle: a clock that walks through the operations, moving and computing side by side."""
    ops = [{"type": "elementwise", "numel": 100 * i, "inputs": 2, "flops_per": 5 * i, "itemsize": 4} for i in range(9)]
    clock = 640 / 16.0
    for i in range(9):
        clock += 0.5
        moved, computed = clock + 300 * i * 4 / 7.0, clock + 500 * i * i / 11.0
        clock = max(moved, computed)
    assert solution.graph_time(ops, 11.0, 7.0, 0.5, 640, 16.0) == pytest.approx(clock)
    assert solution.graph_time([], 11.0, 7.0, 0.5, 640) == 0


def test_amdahl_by_handing_out_slices_of_work():
    for serial, parallel, workers in itertools.product((0, 1, 5), (1, 12, 120), (1, 2, 3, 4)):
        busy = [parallel // workers] * workers  # all divisible
        assert sum(busy) == parallel or parallel == 1
        if parallel > 1:
            expected = (serial + parallel) / (serial + max(busy))
            assert solution.amdahl(parallel / (serial + parallel), workers) == pytest.approx(expected)
    assert solution.amdahl(0.95, math.inf) == pytest.approx(20)
    for wrong in ((-0.1, 2), (1.1, 2), (0.5, 0.9), (math.nan, 2)):
        with pytest.raises(ValueError, match="fraction"):
            solution.amdahl(*wrong)


@pytest.mark.parametrize("shape", [(1, 1, 1), (30, 20, 5), (5, 5, 5), (0, 3, 2), (3, 0, 2), (64, 3, 16)])
@pytest.mark.parametrize("shift", [0.0, 100.0])
def test_pairwise_against_cdist(shape, shift):
    n, m, d = shape
    rng = torch.Generator().manual_seed(n)
    X, Y = (shift + torch.randn(rows, d, dtype=F64, generator=rng) for rows in (n, m))
    expected = torch.cdist(X, Y, compute_mode="donot_use_mm_for_euclid_dist") ** 2
    for max_bytes in (4 * (n + m + 1) * (d + 1) * 8, 1 << 20):
        got = solution.pairwise_sq_dists(X, Y, device="cpu", max_bytes=max_bytes)
        torch.testing.assert_close(got, expected, rtol=1e-9, atol=1e-9)
    assert not (solution.pairwise_sq_dists(X, X, device="cpu", max_bytes=1 << 20) < 0).any()


def test_pairwise_keeps_the_dtype_and_refuses_integers():
    X = torch.randn(4, 3)
    assert solution.pairwise_sq_dists(X, X, device=torch.device("meta"), max_bytes=1 << 10).device.type == "meta"
    assert solution.pairwise_sq_dists(X, X, device="cpu", max_bytes=1 << 10).dtype == torch.float32
    for pair in ((X, X.int()), (X.int(), X)):
        with pytest.raises(ValueError, match="floating"):
            solution.pairwise_sq_dists(*pair, device="cpu", max_bytes=1 << 10)
