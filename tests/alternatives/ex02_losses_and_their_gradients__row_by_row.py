"""Rows and elements in Python loops with math, except for large inputs; shapes and reductions handled in place."""

import math

import numpy as np


def kind_of(input):
    return np.float32 if input.dtype == np.float32 else np.float64


def finish(losses, grads, count, reduction, kind):
    """losses and grads: float64 arrays; the last step is the rounding to float32, if that is due."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError("reduction: " + str(reduction))
    if reduction == "mean":
        if count == 0:
            return kind(np.nan), np.zeros(grads.shape, kind)
        return kind(losses.sum() / count), (grads / count).astype(kind)
    if reduction == "sum":
        return kind(losses.sum()), grads.astype(kind)
    return losses.astype(kind), grads.astype(kind)


def mse_loss(input, target, reduction="mean"):
    if np.shape(input) != np.shape(target):
        raise ValueError("shapes differ")
    losses, grads = np.zeros(input.shape), np.zeros(input.shape)
    for i in np.ndindex(input.shape):
        difference = float(input[i]) - float(target[i])
        losses[i] = difference * difference
        grads[i] = 2 * difference
    return finish(losses, grads, input.size, reduction, kind_of(input))


def softplus(a):
    return a + math.log1p(math.exp(-a)) if a > 0 else math.log1p(math.exp(a))


def sigmoid(a):
    if a >= 0:
        return 1 / (1 + math.exp(-a))
    return math.exp(a) / (1 + math.exp(a))


def binary_cross_entropy_with_logits(input, target, pos_weight=None, reduction="mean"):
    if np.shape(input) != np.shape(target):
        raise ValueError("shapes differ")
    factors = np.broadcast_to(1.0 if pos_weight is None else pos_weight, input.shape)
    losses, grads = np.zeros(input.shape), np.zeros(input.shape)
    for i in np.ndindex(input.shape):
        z, t, w = float(input[i]), float(target[i]), float(factors[i])
        losses[i] = w * t * softplus(-z) + (1 - t) * softplus(z)
        grads[i] = -w * t * sigmoid(-z) + (1 - t) * sigmoid(z)
    return finish(losses, grads, input.size, reduction, kind_of(input))


def cross_entropy(input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    n, c = input.shape
    weights = np.ones(c) if weight is None else np.asarray(weight, dtype=np.float64)
    losses, grads, total = np.zeros(n), np.zeros((n, c)), 0.0
    for i in range(n):
        y = int(target[i])
        if y == ignore_index:
            continue
        if not 0 <= y < c:
            raise IndexError(f"class {y}")
        total += weights[y]
        row = input[i].astype(np.float64)
        log_p = row - row.max()
        log_p = log_p - np.log(np.exp(log_p).sum())
        soft = np.full(c, label_smoothing / c)
        soft[y] += 1 - label_smoothing
        losses[i] = -np.dot(weights * soft, log_p)
        grads[i] = np.exp(log_p) * np.dot(weights, soft) - weights * soft
    return finish(losses, grads, total, reduction, kind_of(input))
