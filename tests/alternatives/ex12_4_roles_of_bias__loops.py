# Loops over columns and classes, an explicit pseudo-inverse from the singular values.
import math

import numpy as np


def augment(X):
    out = np.empty((X.shape[0], X.shape[1] + 1))
    out[:, :-1] = X
    out[:, -1] = 1
    return out


def absorb_bias(W, b):
    V = np.zeros((W.shape[0], W.shape[1] + 1), dtype=np.float64)
    for i in range(W.shape[0]):
        V[i, : W.shape[1]] = W[i]
        V[i, W.shape[1]] = b[i]
    return V


def _shortest(A, c):
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    w = np.zeros(A.shape[1])
    for k, value in enumerate(s):
        if value > 1e-10 * s[0]:
            w += (U[:, k] @ c) / value * Vt[k]
    return w


def fit_least_squares(X, y, bias):
    X, y = X.astype(float), y.astype(float)
    if not bias:
        return _shortest(X, y), 0.0
    centre = np.array([sum(X[:, j]) / len(X) for j in range(X.shape[1])])
    level = sum(y) / len(y)
    w = _shortest(X - centre, y - level)
    return w, level - float(centre @ w)


def sigmoid_midpoint(w, b):
    try:
        return -(float(b) / float(w))
    except ZeroDivisionError:
        return math.nan


def bias_grad(dout):
    channels = dout.shape[1]
    return np.array([dout[:, c].astype(float).sum() for c in range(channels)])


def prior_bias(y, num_classes, alpha=1.0):
    labels = y.tolist()
    if any(label not in range(num_classes) for label in labels):
        raise ValueError("bad label")
    total = len(labels) + alpha * num_classes
    p = [(labels.count(c) + alpha) / total for c in range(num_classes)]
    if num_classes == 2:
        if p[1] == 0:
            return -math.inf
        return math.inf if p[0] == 0 else math.log(p[1]) - math.log1p(-p[1])
    return np.array([math.log(q) if q > 0 else -math.inf for q in p])


def bias_effect(z, b, norm, eps=1e-5):
    z = z.astype(float)
    before, after = z, z + b
    if norm == "batch":
        before, after = _columns(before, eps), _columns(after, eps)
    elif norm == "layer":
        before, after = _columns(before.T, eps), _columns(after.T, eps)
    elif norm != "none":
        raise ValueError(norm)
    return max(abs(p - q) for p, q in zip(before.ravel(), after.ravel(), strict=True))


def _columns(a, eps):
    columns = []
    for column in a.T:
        columns.append((column - np.mean(column)) / math.sqrt(np.var(column) + eps))
    return np.stack(columns, axis=1)
