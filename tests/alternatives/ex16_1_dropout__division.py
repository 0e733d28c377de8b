"""Divides where the solution multiplies; boolean arithmetic; sums written out."""

import numpy as np


def kind(x):
    return np.float32 if x.dtype == np.float32 else np.float64


def dropout(x, p, u, training=True):
    if not (p >= 0 and p <= 1):
        raise ValueError(p)
    dtype = kind(x)
    if not training:
        return x.astype(dtype), np.full(x.shape, 1, dtype)
    if p == 1:
        return np.zeros(x.shape, dtype), np.zeros(x.shape, dtype)
    mask = ((u >= p) / (1 - p)).astype(dtype)
    return np.where(u >= p, x.astype(dtype) / dtype(1 - p), dtype(0)), mask


def dropout_backward(dy, mask):
    return np.einsum("...,...->...", dy, np.broadcast_to(mask, dy.shape))


def rescale_classic(weight, p):
    if not (p >= 0 and p <= 1):
        raise ValueError(p)
    dtype = kind(weight)
    return np.multiply(weight, 1 - p, dtype=dtype)


def dropout2d(x, p, u, training=True):
    n, c, h, w = x.shape
    spread = None if u is None else np.repeat(u, h * w, axis=1).reshape(n, c, h, w)
    return dropout(x, p, spread, training)


def mc_dropout(predict, us):
    if not len(us):
        raise ValueError("nothing to average")
    draws = [np.array(predict(u)).astype(float) for u in us]
    mean = sum(draws) / len(draws)
    return mean, sum((draw - mean) ** 2 for draw in draws) / len(draws)
