# Everything as a product with ones: means, sums and counts; the pseudo-inverse of numpy.
import numpy as np


def augment(X):
    return np.c_[X, np.ones(X.shape[0])].astype(np.float64)


def absorb_bias(W, b):
    return np.concatenate((W.T, b[None, :])).T.astype(np.float64)


def fit_least_squares(X, y, bias):
    X = np.array(X, dtype=np.float64)
    y = np.array(y, dtype=np.float64)
    n = len(y)
    keep = np.eye(n) - np.ones((n, n)) / n if bias else np.eye(n)
    w = np.linalg.pinv(keep @ X, rcond=1e-10) @ (keep @ y)
    return w, (y - X @ w).mean() if bias else 0.0


def sigmoid_midpoint(w, b):
    w, b = np.float64(w), np.float64(b)
    return np.nan if w == 0 else (0 - b) / w


def bias_grad(dout):
    flat = np.moveaxis(dout, 1, -1).reshape(-1, dout.shape[1]) if dout.size else np.zeros((0, dout.shape[1]))
    return np.ones(len(flat)) @ flat.astype(np.float64)


def prior_bias(y, num_classes, alpha=1.0):
    one_hot = y[:, None] == np.arange(num_classes)
    if not one_hot.any(axis=1).all():
        raise ValueError("label out of range")
    counts = one_hot.sum(axis=0) + float(alpha)
    if num_classes == 2:
        return np.log(counts[1] / counts[0]) if counts[0] > 0 else np.inf
    return np.log(counts) - np.log(len(y) + alpha * num_classes)


def bias_effect(z, b, norm, eps=1e-5):
    axis = {"none": None, "batch": 0, "layer": 1}.get(norm, "bad")
    if axis == "bad":
        raise ValueError("unknown norm")
    both = np.stack([np.float64(z), np.float64(z) + b])
    if axis is not None:
        mean = both.mean(axis=axis + 1, keepdims=True)
        both = (both - mean) * (both.var(axis=axis + 1, keepdims=True) + eps) ** -0.5
    return np.linalg.norm((both[1] - both[0]).ravel(), ord=np.inf)
