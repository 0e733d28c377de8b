# Matrices found by putting unit vectors and unit images through the map; one augmented matrix per layer.
import numpy as np


def superposition_defect(f, X, Y, a, b):
    X, Y = np.array(X, dtype=float), np.array(Y, dtype=float)
    mixed = f(X * a + Y * b)
    difference = mixed - np.einsum("i,ink->nk", np.array([a, b], dtype=float), np.stack([f(X), f(Y)]))
    return np.linalg.norm(difference.ravel(), np.inf) / (1 + np.linalg.norm(mixed.ravel(), np.inf))


def affine_defect(f, X, Y, t):
    return superposition_defect(f, X, Y, t, 1.0 - t)


def _through(layers, rows):
    for W, b in layers:
        rows = rows @ W.T if b is None else rows @ W.T + b
    return rows


def collapse_affine(layers):
    size = layers[0][0].shape[1]
    b = _through(layers, np.zeros((1, size)))[0]
    no_bias = [(W, None) for W, _ in layers]
    return np.ascontiguousarray(_through(no_bias, np.eye(size)).T), b


def fold_batchnorm(W, b, running_mean, running_var, weight, bias, eps):
    gamma, var, mean = np.float64(weight), np.float64(running_var), np.float64(running_mean)
    factor = gamma * (var + eps) ** -0.5
    shift = np.float64(bias) - factor * mean
    flat = np.diag(factor) @ W.reshape(len(W), -1)
    return flat.reshape(W.shape), shift + (0.0 if b is None else factor * b)


def conv2d_matrix(kernel, H, W, padding=0):
    kh, kw = kernel.shape
    if kh > H + 2 * padding or kw > W + 2 * padding:
        raise ValueError("the kernel doesn't fit")
    images = np.pad(np.eye(H * W).reshape(H * W, H, W), ((0, 0), (padding,) * 2, (padding,) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(images, (kh, kw), axis=(1, 2))
    out = np.tensordot(windows, kernel.astype(float), axes=([3, 4], [0, 1]))
    return out.reshape(H * W, -1).T


def xor_network():
    return {
        "W1": np.array([[-1.0, -1], [1, 1]]),
        "b1": np.array([1.0, -1]),
        "W2": np.array([[-1.0, -1]]),
        "b2": np.array([1.0]),
    }
