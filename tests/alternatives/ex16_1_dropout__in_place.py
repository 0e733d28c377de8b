"""Copies that are zeroed in place, masks of one number per channel, and Welford's running variance."""

import numpy as np


def as_float(a):
    return np.array(a, dtype=a.dtype if a.dtype == np.float32 else float)


def legal(p):
    if p < 0 or p > 1:
        raise ValueError("p must lie between 0 and 1")


def dropout(x, p, u, training=True):
    legal(p)
    y = as_float(x)
    mask = np.ones_like(y)
    if training:
        lost = u < p
        mask[lost] = 0
        y[lost] = 0
        if p != 1:
            y /= 1 - p
            mask /= 1 - p
    return y, mask


def dropout_backward(dy, mask):
    dx = dy.copy()
    dx *= mask
    return dx


def rescale_classic(weight, p):
    legal(p)
    return as_float(weight) - as_float(weight) * p


def dropout2d(x, p, u, training=True):
    legal(p)
    y = as_float(x)
    n, c = y.shape[:2]
    _, mask = dropout(np.ones((n, c), y.dtype), p, u, training)
    mask = mask.reshape(n, c, 1, 1)
    y *= mask
    return y, mask


def mc_dropout(predict, us):
    count = 0
    for u in us:
        prediction = np.asarray(predict(u), float)
        if count == 0:
            mean, spread = np.zeros_like(prediction), np.zeros_like(prediction)
        count += 1
        away = prediction - mean
        mean = mean + away / count
        spread = spread + away * (prediction - mean)
    if count == 0:
        raise ValueError("no uniforms")
    return mean, spread / count
