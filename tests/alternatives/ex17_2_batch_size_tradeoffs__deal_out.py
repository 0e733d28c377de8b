"""Goes through the batches one by one; multiplies means back to sums; solves two linear equations."""

import math

import numpy as np


def sizes(n, batch_size):
    left = int(n)
    while left > 0:
        yield min(left, int(batch_size))
        left -= batch_size


def updates_per_epoch(n, batch_size, drop_last=False):
    return sum(1 for size in sizes(n, batch_size) if size == batch_size or not drop_last)


def scale_lr(base_lr, base_batch, batch, rule):
    if rule == "linear":
        return base_lr / base_batch * batch
    if rule == "sqrt":
        return base_lr * math.sqrt(batch) / math.sqrt(base_batch)
    raise ValueError(rule)


def warmup_lr(step, warmup_steps, peak_lr):
    share = 1.0 if warmup_steps == 0 else min(1.0, (step + 1) / warmup_steps)
    return share * peak_lr


def epoch_seconds(n, batch_size, overhead_s, per_sample_s, parallel_width):
    return sum(overhead_s + math.ceil(size / parallel_width) * per_sample_s for size in sizes(n, batch_size))


def noise_scale(g_small_sq, g_big_sq, b_small, b_big):
    if b_small >= b_big:
        raise ValueError("need two different batch sizes, the small one first")
    matrix = np.array([[1.0, 1.0 / b_small], [1.0, 1.0 / b_big]])
    g2, trace = np.linalg.solve(matrix, [g_small_sq, g_big_sq])
    if g2 <= 0:
        return g2, trace, math.inf
    return g2, trace, trace / g2


def accumulate_gradients(grad_fn, X, y, micro_batch_size):
    sums = None
    start = 0
    for size in sizes(len(X), micro_batch_size):
        grads = grad_fn(X[start : start + size], y[start : start + size])
        start += size
        if sums is None:
            sums = {name: grad * size for name, grad in grads.items()}
        else:
            for name in sums:
                sums[name] += grads[name] * size
    return {name: total / len(X) for name, total in sums.items()}
