"""Parts of nearly equal size, from the back to the front, as a running mean; other orders of operations."""

import numpy as np


def updates_per_epoch(n, batch_size, drop_last=False):
    full, rest = divmod(n, batch_size)
    return full + (rest > 0 and not drop_last)


def scale_lr(base_lr, base_batch, batch, rule):
    power = {"linear": 1.0, "sqrt": 0.5}
    if rule not in power:
        raise ValueError("unknown rule")
    return base_lr * np.power(batch / base_batch, power[rule])


def warmup_lr(step, warmup_steps, peak_lr):
    return np.clip((step + 1) * peak_lr / max(warmup_steps, 1), None, peak_lr)


def epoch_seconds(n, batch_size, overhead_s, per_sample_s, parallel_width):
    batches = np.full(-(-n // batch_size), batch_size)
    if n % batch_size:
        batches[-1] = n % batch_size
    rounds = (batches + parallel_width - 1) // parallel_width
    return float(overhead_s * len(batches) + per_sample_s * rounds.sum())


def noise_scale(g_small_sq, g_big_sq, b_small, b_big):
    if not b_big > b_small:
        raise ValueError("b_small must be smaller")
    trace = (g_small_sq - g_big_sq) * b_small * b_big / (b_big - b_small)
    g2 = g_big_sq - trace / b_big
    return [g2, trace, trace / g2 if g2 > 0 else np.inf]


def accumulate_gradients(grad_fn, X, y, micro_batch_size):
    parts = -(-len(X) // micro_batch_size)
    mean, seen = {}, 0
    for rows in reversed(np.array_split(np.arange(len(X)), parts)):
        grads = grad_fn(X[rows], y[rows])
        seen += len(rows)
        for name, grad in grads.items():
            old = mean.get(name, np.zeros_like(grad))
            mean[name] = old + (grad - old) * (len(rows) / seen)
    return mean
