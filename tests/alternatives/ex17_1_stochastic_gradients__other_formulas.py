"""np.split at the multiples, weights per sample, the estimator's covariance times 1 - B/n, shuffling in place."""

import numpy as np


def epoch_batches(n, batch_size, rng, drop_last=False):
    if n == 0:
        return []
    parts = np.split(rng.permutation(n), range(batch_size, n, batch_size))
    if drop_last and len(parts[-1]) < batch_size:
        parts.pop()
    return parts


def minibatch_gradient(per_sample_grads, idx):
    dtype = np.float32 if per_sample_grads.dtype == np.float32 else np.float64
    counts = np.bincount(idx, minlength=len(per_sample_grads)).astype(dtype)
    return np.asarray(counts / dtype(len(idx)) @ per_sample_grads.astype(dtype))


def epoch_mean(batch_means, batch_sizes):
    share = np.asarray(batch_sizes, float) / np.sum(batch_sizes, dtype=float)
    return float(np.dot(share, batch_means))


def gradient_covariance(per_sample_grads, batch_size, replace):
    n = per_sample_grads.shape[0]
    if batch_size > n and not replace:
        raise ValueError
    dtype = np.float32 if per_sample_grads.dtype == np.float32 else np.float64
    g = per_sample_grads.astype(dtype)
    if n == 1:
        return np.zeros((g.shape[1], g.shape[1]), dtype)
    if replace:
        return (np.atleast_2d(np.cov(g, rowvar=False, ddof=0)) / batch_size).astype(dtype)
    return (np.atleast_2d(np.cov(g, rowvar=False)) * (1 / batch_size - 1 / n)).astype(dtype)


def sgd(grad_fn, w0, n, batch_size, lr, epochs, rng):
    path = [w0.astype(np.float64)]
    for _ in range(epochs):
        order = np.arange(n)
        rng.shuffle(order)
        w = path[-1].copy()
        while len(order):
            now, order = order[:batch_size], order[batch_size:]
            w = w - grad_fn(w, now) * lr
        path.append(w)
    return np.stack(path)
