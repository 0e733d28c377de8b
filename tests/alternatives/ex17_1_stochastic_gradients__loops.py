"""Plain loops over samples and parameters; a buffer that changes in place and is copied."""

import numpy as np


def epoch_batches(n, batch_size, rng, drop_last=False):
    batches, current = [], []
    for index in rng.permutation(n):
        current.append(index)
        if len(current) == batch_size:
            batches.append(np.array(current))
            current = []
    if current and not drop_last:
        batches.append(np.array(current))
    return batches


def minibatch_gradient(per_sample_grads, idx):
    dtype = np.float32 if per_sample_grads.dtype == np.float32 else np.float64
    total = np.zeros(per_sample_grads.shape[1], dtype)
    for i in idx:
        total += per_sample_grads[i]
    total /= len(idx)
    return total


def epoch_mean(batch_means, batch_sizes):
    total, count = 0.0, 0
    for mean, size in zip(batch_means, batch_sizes, strict=True):
        total += float(mean) * int(size)
        count += int(size)
    return total / count


def gradient_covariance(per_sample_grads, batch_size, replace):
    n, d = per_sample_grads.shape
    if not replace and batch_size > n:
        raise ValueError("not enough samples")
    g = per_sample_grads if per_sample_grads.dtype == np.float32 else per_sample_grads.astype(float)
    columns = [g[:, j] - g[:, j].mean() for j in range(d)]
    cov = np.zeros((d, d), g.dtype)
    for a in range(d):
        for b in range(a, d):
            cov[a, b] = cov[b, a] = (columns[a] * columns[b]).mean() / batch_size
    if not replace:
        cov *= (n - batch_size) / (n - 1) if n > 1 else 0
    return cov


def sgd(grad_fn, w0, n, batch_size, lr, epochs, rng):
    path = np.empty((epochs + 1, len(w0)))
    w = np.array(w0, float)
    path[0] = w
    for epoch in range(1, epochs + 1):
        for idx in epoch_batches(n, batch_size, rng):
            w -= lr * grad_fn(w, idx)
        path[epoch] = w
    return path
