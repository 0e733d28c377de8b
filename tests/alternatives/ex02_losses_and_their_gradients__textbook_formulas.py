"""The formulas of PyTorch's documentation: log-sum-exp, (1 + (w - 1) t) softplus(-z), tanh for the sigmoid, one-hot."""

import numpy as np


def as_float(x):
    x = np.array(x)
    return x if x.dtype == np.float32 else x.astype(float)


def reduced(loss, grad, reduction, divisor):
    if reduction == "none":
        return loss, grad
    if reduction not in ("sum", "mean"):
        raise ValueError(reduction)
    total = np.add.reduce(loss, axis=None)
    if reduction == "sum":
        return total, grad
    if divisor == 0:
        return total * np.nan, grad * np.nan
    return (total / divisor).astype(loss.dtype), (grad / divisor).astype(grad.dtype)


def mse_loss(input, target, reduction="mean"):
    if input.shape != target.shape:
        raise ValueError("input and target must have the same shape")
    x, t = as_float(input), as_float(target)
    t = t.astype(x.dtype)
    return reduced(np.square(x - t), (x - t) + (x - t), reduction, x.size)


def binary_cross_entropy_with_logits(input, target, pos_weight=None, reduction="mean"):
    if input.shape != target.shape:
        raise ValueError("input and target must have the same shape")
    z = as_float(input)
    t = target.astype(z.dtype)
    w = np.ones((), z.dtype) if pos_weight is None else np.asarray(pos_weight).astype(z.dtype)
    softplus = np.log1p(np.exp(-np.abs(z))) + np.maximum(-z, 0)
    sigmoid = (1 + np.tanh(z / 2)) / 2
    opposite = (1 + np.tanh(-z / 2)) / 2
    loss = (1 - t) * z + (1 + (w - 1) * t) * softplus
    grad = (1 - t) * sigmoid - w * t * opposite
    return reduced(loss.astype(z.dtype), grad.astype(z.dtype), reduction, z.size)


def cross_entropy(input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    z = as_float(input)
    n, c = z.shape
    keep = np.asarray(target) != ignore_index
    labels = np.asarray(target)[keep].astype(np.int64)
    if labels.size and (labels.min() < 0 or labels.max() >= c):
        raise IndexError("target out of bounds")
    weight = np.ones(c, z.dtype) if weight is None else np.asarray(weight).astype(z.dtype)
    s = z.dtype.type(label_smoothing)

    rows = z[keep]
    log_p = rows - np.logaddexp.reduce(rows, axis=1)[:, None]
    p = np.exp(log_p)
    own = weight[labels]
    picked = log_p[np.arange(len(labels)), labels]
    hard = p * own[:, None]
    hard[np.arange(len(labels)), labels] -= own
    uniform_loss = -(log_p * weight).sum(axis=1)
    uniform_grad = p * weight.sum() - weight

    loss, grad = np.zeros(n, z.dtype), np.zeros((n, c), z.dtype)
    loss[keep] = -(1 - s) * own * picked + s / c * uniform_loss
    grad[keep] = (1 - s) * hard + s / c * uniform_grad
    return reduced(loss, grad, reduction, own.sum())
