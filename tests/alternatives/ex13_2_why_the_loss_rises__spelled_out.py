"""Other order of operations: sums over entries, means by convolution, one expression per cause."""

import math
from itertools import pairwise

import numpy as np


def predicted_change(g, H, lr):
    s = -lr * np.array(g, dtype=float)
    Hs = np.einsum("ij,j->i", np.array(H, dtype=float), s)
    first = sum(float(a) * float(b) for a, b in zip(np.array(g, dtype=float), s, strict=True))
    return [first, first + 0.5 * float(np.dot(s, Hs))]


def critical_lr(g, H):
    g = np.array(g, dtype=float)
    curvature = sum(g[i] * g[j] * float(H[i, j]) for i in range(len(g)) for j in range(len(g)))
    if curvature <= 0:
        return math.inf
    return np.sum(g**2) / (0.5 * curvature)


def sharpness(hvp, v0, iters):
    v = np.array([float(value) for value in v0])
    v *= 1 / math.sqrt(sum(v * v))
    w = hvp(v)
    for _ in range(iters):
        size = math.hypot(*w)
        if size == 0.0:
            return 0.0
        v = w * (1 / size)
        w = hvp(v)
    return np.sum(v * w)


def explain_step(rec):
    full_fell = math.isfinite(rec["full_after"]) and rec["full_after"] <= rec["full_before"]
    batch_fell = math.isfinite(rec["batch_after"]) and rec["batch_after"] <= rec["batch_before"]
    plain_fell = math.isfinite(rec["batch_after_plain"]) and rec["batch_after_plain"] <= rec["batch_before"]
    for fell, cause in ((full_fell, "none"), (batch_fell, "sampling_noise"), (plain_fell, "momentum")):
        if fell:
            return cause
    return "overshoot"


def count_increases(losses, window=1):
    losses = np.array(losses, dtype=float)
    if len(losses) < window + 1:
        return 0
    means = np.convolve(losses, np.ones(window), mode="valid")
    return sum(1 for before, after in pairwise(means) if after > before)
