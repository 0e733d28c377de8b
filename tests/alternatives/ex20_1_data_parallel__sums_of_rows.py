"""Sums over rows instead of weighted means, one flat bucket per exchange, index arithmetic for the ring."""

import numpy as np
import torch


def shard(n, world_size, rank):
    if rank < 0 or rank >= world_size:
        raise ValueError(rank)
    rows = []
    for row in range(n):
        big = n // world_size + 1
        many = n % world_size
        owner = row // big if row < big * many else many + (row - big * many) // (n // world_size)
        if owner == rank:
            rows.append(row)
    return np.array(rows, dtype=np.int64)


def allreduce_mean_grads(local_grads, local_sizes):
    total = sum(local_sizes)
    if total < 1:
        raise ValueError("nobody has rows")
    result = {}
    for name in local_grads[-1]:
        acc = np.zeros(local_grads[0][name].shape)
        for r in range(len(local_sizes)):
            if local_sizes[r] > 0:
                acc = acc + local_sizes[r] * local_grads[r][name].astype(np.float64)
        result[name] = np.asarray(acc / total).astype(local_grads[0][name].dtype)
    return result


def ddp_loss_scale(local_n, global_n, world_size):
    return local_n / (global_n / world_size)


def ring_all_reduce(buffers):
    p, n = len(buffers), len(buffers[0])
    state = np.array(buffers)
    sizes = [n // p + (1 if c < n % p else 0) for c in range(p)]
    starts = [sum(sizes[:c]) for c in range(p)]
    sent = [0 for _ in range(p)]
    for phase in (0, 1):
        for s in range(p - 1):
            old = state.copy()
            for r in range(p):
                c = (r + phase - s) % p
                piece = slice(starts[c], starts[c] + sizes[c])
                to = (r + 1) % p
                if phase == 0:
                    state[to, piece] += old[r, piece]
                else:
                    state[to, piece] = old[r, piece]
                sent[r] += sizes[c]
    return [row.copy() for row in state], sent


def total_loss(output, y):
    if y.is_floating_point():
        return ((output - y) ** 2).sum() / (y.numel() / y.shape[0])
    return -torch.log_softmax(output, dim=1).gather(1, y[:, None]).sum()


def dp_train(model_fn, X, y, world_size, lr, steps, batch_size):
    model = model_fn()
    params = list(model.parameters())
    for t in range(steps):
        batch = torch.arange(t * batch_size, t * batch_size + batch_size) % len(X)
        sums = [torch.zeros_like(p) for p in params]
        for rank in range(world_size):
            mine = batch[torch.as_tensor(shard(batch_size, world_size, rank))]
            if mine.numel() == 0:
                continue
            for s, g in zip(sums, torch.autograd.grad(total_loss(model(X[mine]), y[mine]), params), strict=True):
                s += g
        for p, s in zip(params, sums, strict=True):
            p.data -= lr * s / batch_size
    return {name: p.data.to("cpu") for name, p in model.named_parameters()}


def ddp_worker(model, X, y, comm, lr, steps):
    params = list(model.parameters())
    flat = torch.cat([p.data.reshape(-1) for p in params])
    comm.broadcast(flat, 0)
    torch.nn.utils.vector_to_parameters(flat, params)
    for _ in range(steps):
        model.zero_grad()
        bucket = torch.zeros(len(flat) + 1, dtype=flat.dtype)
        if len(X):
            total_loss(model(X), y).backward()
            bucket[:-1] = torch.cat([p.grad.reshape(-1) for p in params])
            bucket[-1] = len(X)
        comm.all_reduce(bucket)
        flat = torch.nn.utils.parameters_to_vector(params).detach() - lr * bucket[:-1] / bucket[-1]
        torch.nn.utils.vector_to_parameters(flat, params)
    return {name: p.detach() for name, p in model.named_parameters()}
