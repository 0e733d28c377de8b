"""Oracles: one worker with the whole batch, plain sums, and DistributedDataParallel over gloo in two real processes."""

import copy
import os
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
if not torch.distributed.is_available():
    pytest.skip("torch is built without torch.distributed", allow_module_level=True)

solution = load("ex20_1_data_parallel")

F64 = torch.float64


def linear(seed, d=3, c=4):
    torch.manual_seed(seed)
    return torch.nn.Linear(d, c, dtype=F64)


def classes(seed, n, d=3, c=4):
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, dtype=F64, generator=rng), torch.randint(c, (n,), generator=rng)


def on_one_worker(model, X, y, lr, steps):
    """Full-batch SGD with torch.optim; the parameters by name."""
    model = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(X), y).backward()
        optimizer.step()
    return {name: parameter.detach() for name, parameter in model.named_parameters()}


def check_equal(got, expected):
    assert got.keys() == expected.keys()
    for name in expected:
        torch.testing.assert_close(got[name], expected[name], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("n", [0, 1, 5, 16, 103])
@pytest.mark.parametrize("world_size", [1, 2, 3, 8, 20])
def test_shares_against_array_split(n, world_size):
    for rank, expected in enumerate(np.array_split(np.arange(n), world_size)):
        got = solution.shard(n, world_size, rank)
        assert got.dtype == np.int64
        assert got.tolist() == expected.tolist()
    for rank in (-1, world_size, world_size + 3):
        with pytest.raises(ValueError, match="there is no rank"):
            solution.shard(n, world_size, rank)


@pytest.mark.parametrize("world_size", [1, 2, 3, 4, 8])
def test_weighted_average_is_the_gradient_of_the_full_batch(world_size):
    rng = np.random.default_rng(world_size)
    A, b, w = rng.normal(size=(103, 5)), rng.normal(size=103), rng.normal(size=5)

    def gradient(rows):
        return {"w": 2 * A[rows].T @ (A[rows] @ w - b[rows]) / max(1, len(rows))}

    shares = [solution.shard(103, world_size, rank) for rank in range(world_size)]
    got = solution.allreduce_mean_grads([gradient(s) for s in shares], [len(s) for s in shares])
    assert got["w"] == pytest.approx(gradient(np.arange(103))["w"], rel=1e-12)


def test_ranks_without_rows_and_dtypes():
    grads = [{"w": np.full(2, np.nan, np.float32)}, {"w": np.float32([1, 2])}, {"w": np.float32([4, 8])}]
    got = solution.allreduce_mean_grads(grads, [0, 2, 1])
    assert got["w"].dtype == np.float32
    assert got["w"] == pytest.approx([2, 4])
    with pytest.raises(ValueError, match="no rows"):
        solution.allreduce_mean_grads(grads, [0, 0, 0])


def test_loss_scales_average_to_one():
    for sizes in ([8, 8], [11, 5], [0, 3, 4], [1, 1000, 7, 0]):
        scales = [solution.ddp_loss_scale(k, sum(sizes), len(sizes)) for k in sizes]
        assert np.mean(scales) == pytest.approx(1)
        for k, scale in zip(sizes, scales, strict=True):
            assert scale / len(sizes) == pytest.approx(k / sum(sizes))


@pytest.mark.parametrize("p", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("n", [0, 1, 3, 10, 16, 50])
def test_ring_against_the_sum_and_the_least_traffic(p, n):
    buffers = list(np.random.default_rng(n).normal(size=(p, n)))
    before = [buffer.copy() for buffer in buffers]
    sums, sent = solution.ring_all_reduce(buffers)
    for total in sums:
        assert total == pytest.approx(np.sum(before, axis=0), abs=1e-12)
    assert sum(sent) == 2 * (p - 1) * n
    if n % p == 0:
        assert sent == [2 * (p - 1) * n // p] * p
    assert all(np.array_equal(a, b) for a, b in zip(buffers, before, strict=True))
    assert not any(np.shares_memory(a, b) for a in sums for b in buffers)


def test_ring_traffic_of_uneven_chunks_chunk_by_chunk():
    sizes = [3, 3, 2, 2]  # ten elements, four chunks
    expected = [
        sum(sizes[(r - s) % 4] for s in range(3)) + sum(sizes[(r + 1 - s) % 4] for s in range(3)) for r in range(4)
    ]
    assert solution.ring_all_reduce(list(np.zeros((4, 10))))[1] == expected


@pytest.mark.parametrize("world_size", [1, 2, 3, 5])
@pytest.mark.parametrize("kind", ["classes", "floats"])
def test_simulated_training_against_one_worker(world_size, kind):
    X, y = classes(1, 10)
    y = y if kind == "classes" else torch.randn(10, 4, dtype=F64)
    starts = []

    def model_fn():
        starts.append(linear(len(starts)))
        return copy.deepcopy(starts[-1])

    got = solution.dp_train(model_fn, X, y, world_size, lr=0.3, steps=6, batch_size=4)
    model = starts[0]
    loss = torch.nn.functional.cross_entropy if kind == "classes" else torch.nn.functional.mse_loss
    for step in range(6):
        rows = [(4 * step + i) % 10 for i in range(4)]
        model.zero_grad()
        loss(model(X[rows]), y[rows]).backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.3 * parameter.grad
    check_equal(got, {name: parameter.detach() for name, parameter in model.named_parameters()})


class Threads:
    """Collectives between threads, with two barriers: all have put down their tensor, all have read the others'."""

    def __init__(self, rank, board, barrier):
        self.rank, self.world_size = rank, len(board)
        self._board, self._barrier = board, barrier

    def _exchange(self, tensor, combine):
        self._board[self.rank] = tensor.detach().clone()
        self._barrier.wait(timeout=60)
        result = combine(self._board)
        self._barrier.wait(timeout=60)
        tensor.detach().copy_(result)

    def broadcast(self, tensor, src):
        self._exchange(tensor, lambda board: board[src].clone())

    def all_reduce(self, tensor):
        self._exchange(tensor, lambda board: torch.stack(board).sum(0))


@pytest.mark.parametrize("sizes", [[6], [4, 4], [11, 5], [3, 0, 2], [0, 4]])
def test_workers_in_threads_equal_one_worker(sizes):
    X, y = classes(2, sum(sizes))
    board, barrier, answers = [None] * len(sizes), threading.Barrier(len(sizes)), [None] * len(sizes)
    models = [linear(rank) for rank in range(len(sizes))]
    expected = on_one_worker(models[0], X, y, 0.3, 4)

    def run(rank, rows, targets):
        comm = Threads(rank, board, barrier)
        answers[rank] = solution.ddp_worker(models[rank], rows, targets, comm, 0.3, 4)

    shares = enumerate(zip(X.split(sizes), y.split(sizes), strict=True))
    threads = [threading.Thread(target=run, args=(rank, *share)) for rank, share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answer in answers:
        check_equal(answer, expected)


def real_rank(rank, path, queue, finish):
    """One of two processes: DDP with rescaled losses, then ddp_worker with gloo underneath."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", init_method=f"file://{path}", rank=rank, world_size=2)
    X, y = (part.split([11, 5])[rank] for part in classes(3, 16))
    scale = solution.ddp_loss_scale(len(X), 16, 2)
    replica = torch.nn.parallel.DistributedDataParallel(linear(rank))
    optimizer = torch.optim.SGD(replica.parameters(), 0.3)
    for _ in range(3):
        optimizer.zero_grad()
        (scale * torch.nn.functional.cross_entropy(replica(X), y)).backward()
        optimizer.step()
    comm = SimpleNamespace(
        rank=rank,
        world_size=2,
        broadcast=lambda tensor, src: torch.distributed.broadcast(tensor.detach(), src),
        all_reduce=lambda tensor: torch.distributed.all_reduce(tensor.detach()),
    )
    own = solution.ddp_worker(linear(rank), X, y, comm, 0.3, 3)
    ddp = {name: parameter.detach().numpy() for name, parameter in replica.module.named_parameters()}
    queue.put((ddp, {name: parameter.numpy() for name, parameter in own.items()}))
    finish.wait(timeout=60)
    os._exit(0)  # taking gloo's threads down aborts a process now and then, and isn't what this is about


def test_distributed_data_parallel_in_two_processes(tmp_path, monkeypatch):
    if sys.platform == "linux":
        monkeypatch.setenv("GLOO_SOCKET_IFNAME", "lo")
    context = torch.multiprocessing.get_context("spawn")
    queue, finish = context.SimpleQueue(), context.Barrier(2)
    processes = [context.Process(target=real_rank, args=(rank, tmp_path / "store", queue, finish)) for rank in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
        assert process.exitcode == 0
    expected = on_one_worker(linear(0), *classes(3, 16), 0.3, 3)
    for _ in range(2):
        for found in queue.get():
            check_equal({name: torch.from_numpy(value) for name, value in found.items()}, expected)
