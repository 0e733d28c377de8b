"""Replicas with .grad and torch.optim, DDP's scaled loss, lists of chunks for the ring."""

import numpy as np
import torch
from torch.nn import functional


def shard(n, world_size, rank):
    if rank not in range(world_size):
        raise ValueError("no such rank")
    return np.array_split(np.arange(n), world_size)[rank]


def allreduce_mean_grads(local_grads, local_sizes):
    if not any(local_sizes):
        raise ValueError("no rows")
    total = float(sum(local_sizes))
    result = {}
    for grads, size in zip(local_grads, local_sizes, strict=True):
        if size == 0:
            continue
        for name, grad in grads.items():
            part = grad * (size / total)
            result[name] = part if name not in result else result[name] + part
    return result


def ddp_loss_scale(local_n, global_n, world_size):
    return (local_n / global_n) * world_size


def ring_all_reduce(buffers):
    p = len(buffers)
    held = [[np.array(c) for c in np.array_split(b, p)] for b in buffers]
    sent = [0] * p
    for s in range(p - 1):
        moving = [(r, (r - s) % p, held[r][(r - s) % p]) for r in range(p)]
        for r, c, data in moving:
            held[(r + 1) % p][c] = held[(r + 1) % p][c] + data
            sent[r] += data.size
    for s in range(p - 1):
        moving = [(r, (r + 1 - s) % p, held[r][(r + 1 - s) % p]) for r in range(p)]
        for r, c, data in moving:
            held[(r + 1) % p][c] = data
            sent[r] += data.size
    return [np.concatenate(chunks) for chunks in held], sent


def dp_train(model_fn, X, y, world_size, lr, steps, batch_size):
    first = model_fn()
    replicas = [first]
    for _ in range(world_size - 1):
        replica = model_fn()
        replica.load_state_dict(first.state_dict())
        replicas.append(replica)
    optimizers = [torch.optim.SGD(r.parameters(), lr=lr) for r in replicas]
    loss_fn = functional.mse_loss if torch.is_floating_point(y) else functional.cross_entropy
    for t in range(steps):
        places = [i % X.shape[0] for i in range(t * batch_size, (t + 1) * batch_size)]
        for rank, replica in enumerate(replicas):
            replica.zero_grad()
            mine = [places[i] for i in shard(batch_size, world_size, rank)]
            if mine:
                loss = loss_fn(replica(X[mine]), y[mine])
                (loss * ddp_loss_scale(len(mine), batch_size, world_size)).backward()
        for group in zip(*(r.parameters() for r in replicas), strict=True):
            grads = [p.grad for p in group if p.grad is not None]
            mean = torch.stack(grads).sum(0) / world_size
            for p in group:
                p.grad = mean.clone()
        for optimizer in optimizers:
            optimizer.step()
    return {name: p.detach().clone() for name, p in replicas[-1].named_parameters()}


def ddp_worker(model, X, y, comm, lr, steps):
    with torch.no_grad():
        for p in model.parameters():
            comm.broadcast(p.data, src=0)
    n = torch.tensor([float(X.shape[0])], dtype=torch.float64)
    comm.all_reduce(n)
    scale = ddp_loss_scale(X.shape[0], n.item(), comm.world_size)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(X), y, reduction="sum") / max(1, X.shape[0])
        (scale * loss).backward()
        for p in model.parameters():
            comm.all_reduce(p.grad)
            p.grad /= comm.world_size
        optimizer.step()
    return {k: v.cpu() for k, v in model.state_dict().items()}
