# Plain loops over entries; layers collapsed from the last to the first.
import numpy as np


def superposition_defect(f, X, Y, a, b):
    X, Y = X.astype(float), Y.astype(float)
    left, fx, fy = f(X * a + Y * b), f(X), f(Y)
    worst, largest = 0.0, 0.0
    for row in range(left.shape[0]):
        for col in range(left.shape[1]):
            worst = max(worst, abs(left[row, col] - a * fx[row, col] - b * fy[row, col]))
            largest = max(largest, abs(left[row, col]))
    return worst / (1.0 + largest)


def affine_defect(f, X, Y, t):
    X, Y = X.astype(float), Y.astype(float)
    left = f(Y + t * (X - Y))
    fy = f(Y)
    right = fy + t * (f(X) - fy)
    return np.max(np.abs(left - right)) / (1.0 + np.max(np.abs(left)))


def collapse_affine(layers):
    for (after, _), (before, _) in zip(layers[1:], layers, strict=False):
        if after.shape[1] != before.shape[0]:
            raise ValueError("layers don't fit")
    W, b = layers[-1]
    W = W.astype(np.float64)
    b = np.zeros(W.shape[0]) if b is None else b.astype(np.float64)
    for W_before, b_before in reversed(layers[:-1]):
        if b_before is not None:
            b = b + W @ b_before
        W = W @ W_before
    return W, b


def fold_batchnorm(W, b, running_mean, running_var, weight, bias, eps):
    W_new = np.array(W, dtype=np.float64)
    b_new = np.zeros(W.shape[0])
    for c in range(W.shape[0]):
        std = (float(running_var[c]) + eps) ** 0.5
        W_new[c] *= float(weight[c]) / std
        z0 = 0.0 if b is None else float(b[c])
        b_new[c] = float(weight[c]) * (z0 - float(running_mean[c])) / std + float(bias[c])
    return W_new, b_new


def conv2d_matrix(kernel, H, W, padding=0):
    kh, kw = kernel.shape
    oh = H + 2 * padding - kh + 1
    ow = W + 2 * padding - kw + 1
    if min(oh, ow) <= 0:
        raise ValueError("kernel too large")
    M = np.zeros((oh * ow, H * W))
    for y in range(oh):
        for x in range(ow):
            for i in range(kh):
                for j in range(kw):
                    r, c = y + i - padding, x + j - padding
                    if 0 <= r < H and 0 <= c < W:
                        M[y * ow + x, r * W + c] = kernel[i, j]
    return M


def xor_network():
    # relu(x1 - x2) + relu(x2 - x1) = |x1 - x2|, in integers
    return {"W1": np.array([[1, -1], [-1, 1]]), "b1": np.zeros(2), "W2": np.array([[1, 1]]), "b2": np.array([0])}
