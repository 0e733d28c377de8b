# Plain loops over units, rows and channels; a monitor of Python lists; the step written out per unit.
import math

import numpy as np


class DeadUnitMonitor:
    def __init__(self, num_units):
        self.num_units = num_units
        self.fired = [0] * num_units
        self.seen = 0
        self.sums = [0.0] * num_units

    def update(self, z):
        if z.shape[1] != self.num_units:
            raise ValueError("wrong number of units")
        for u in range(self.num_units):
            values = z[:, u].astype(np.float64).ravel()
            positive = values[values > 0]
            self.fired[u] += positive.size
            self.sums[u] += float(positive.sum())
        self.seen += z[:, 0].size

    def report(self):
        if self.seen == 0:
            raise ValueError("nothing seen")
        return {
            "mean_activation": math.fsum(self.sums) / (self.seen * self.num_units),
            "active_rate": np.array([n / self.seen for n in self.fired]),
            "dead": np.array([n == 0 for n in self.fired]),
        }


def _check(x, weight):
    if weight.ndim != 1 or weight.shape[0] not in (1, x.shape[1]):
        raise ValueError("weight must be (1,) or (C,)")


def _dtype(*arrays):
    return np.float32 if all(a.dtype == np.float32 for a in arrays) else np.float64


def prelu_forward(x, weight):
    _check(x, weight)
    y = x.astype(_dtype(x, weight))
    for c in range(x.shape[1]):
        channel = y[:, c]
        channel[channel <= 0] *= y.dtype.type(weight[c % len(weight)])
    return y


def prelu_backward(x, weight, dy):
    _check(x, weight)
    kind = _dtype(x, weight, dy)
    dx = np.zeros(x.shape, dtype=kind)
    dweight = np.zeros(weight.shape, dtype=np.float64)
    for c in range(x.shape[1]):
        xc, dyc = x[:, c].astype(np.float64), dy[:, c].astype(np.float64)
        slope = float(weight[c % len(weight)])
        dx[:, c] = np.where(xc > 0, 1.0, slope) * dyc
        dweight[c % len(weight)] += np.sum(xc[xc <= 0] * dyc[xc <= 0])
    return dx, dweight.astype(kind)


def newly_dead(W1, b1, w2, b2, X, y, lr):
    W1, b1, w2, X = (np.asarray(values, dtype=float) for values in (W1, b1, w2, X))
    n, hidden = len(X), len(b1)
    z = np.zeros((n, hidden))
    for i in range(n):
        for j in range(hidden):
            z[i, j] = W1[j] @ X[i] + b1[j]
    pull = [2.0 / n * (sum(w2[j] * max(z[i, j], 0.0) for j in range(hidden)) + float(b2) - y[i]) for i in range(n)]
    killed = []
    for j in range(hidden):
        on = [i for i in range(n) if z[i, j] > 0]
        if not on:
            continue
        grad_w = sum(pull[i] * w2[j] * X[i] for i in on)
        grad_b = sum(pull[i] * w2[j] for i in on)
        w, b = W1[j] - lr * grad_w, b1[j] - lr * grad_b
        if all(X[i] @ w + b <= 0 for i in range(n)):
            killed.append(j)
    return np.array(killed, dtype=np.int64)
