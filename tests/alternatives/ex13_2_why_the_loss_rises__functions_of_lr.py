"""Other formulas: the prediction as a polynomial in lr, sums of a cumulated list, a decision table of rises."""

from math import isfinite, isinf, isnan

import numpy as np


def coefficients(g, H):
    g, H = np.asarray(g).astype(float), np.asarray(H).astype(float)
    return -(np.linalg.norm(g) ** 2), 0.5 * np.einsum("i,ij,j->", g, H, g)


def predicted_change(g, H, lr):
    slope, bend = coefficients(g, H)
    return slope * lr, lr * (slope + lr * bend)


def critical_lr(g, H):
    slope, bend = coefficients(g, H)
    return -slope / bend if bend > 0 else float("inf")


def sharpness(hvp, v0, iters):
    v = np.asarray(v0).astype(float)
    v = v / np.sqrt(np.dot(v, v))
    for _ in range(iters):
        w = hvp(v)
        if not w.any():
            return 0
        v = w / np.sqrt(np.dot(w, w))
    return float(np.dot(hvp(v), v))


def explain_step(rec):
    def rises(before, after):
        return isnan(rec[after]) or isinf(rec[after]) or rec[after] > rec[before]

    rise = [rises("full_before", "full_after"), rises("batch_before", "batch_after")]
    rise.append(not isfinite(rec["batch_after_plain"]) or rec["batch_after_plain"] - rec["batch_before"] > 0)
    return ["none", "sampling_noise", "momentum", "overshoot"][rise.index(False) if False in rise else 3]


def count_increases(losses, window=1):
    total = np.concatenate([[0.0], np.cumsum(np.asarray(losses, dtype=float))])
    means = (total[window:] - total[:-window]) / window if len(total) > window else np.zeros(0)
    return int((np.diff(means) > 1e-12).sum())
