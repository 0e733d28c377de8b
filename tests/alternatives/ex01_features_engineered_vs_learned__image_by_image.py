"""One image after the other with np.gradient and histograms; one sample after the other in training."""

import numpy as np


def one_image(image, cell, bins, signed):
    gy, gx = np.gradient(image)
    gx[:, 0] = gx[:, -1] = 0
    gy[0, :] = gy[-1, :] = 0
    size = np.sqrt(gx * gx + gy * gy)
    degrees = np.degrees(np.arctan2(gy, gx))
    width = (360 if signed else 180) / bins
    index = np.floor((degrees + width / 2) / width).astype(int) % bins
    parts = []
    for top in range(0, image.shape[0] - cell + 1, cell):
        for left in range(0, image.shape[1] - cell + 1, cell):
            window = np.s_[top : top + cell, left : left + cell]
            histogram = np.zeros(bins)
            np.add.at(histogram, index[window].ravel(), size[window].ravel())
            parts.append(histogram)
    return np.concatenate(parts)


def handcrafted_features(X, cell=7, bins=8, signed=False):
    scale = 255.0 if X.dtype == np.uint8 else 1.0
    length = (X.shape[1] // cell) * (X.shape[2] // cell) * bins
    out = np.zeros((X.shape[0], length))
    for i in range(X.shape[0]):
        out[i] = one_image(X[i].astype(np.float64) / scale, cell, bins, signed)
        out[i] /= np.linalg.norm(out[i]) + 1e-8
    return out


def fit_linear(F, y, num_classes, l2):
    F = F.astype(np.float64)
    n, d = F.shape
    A = np.hstack([F, np.ones((n, 1))])
    penalty = np.diag([l2] * d + [0.0])
    columns = []
    for k in range(num_classes):
        target = (y == k).astype(np.float64)
        columns.append(np.linalg.solve(A.T @ A + penalty, A.T @ target))
    solution = np.stack(columns, axis=1)
    return solution[:-1].copy(), solution[-1].copy()


def predict_linear(F, W, b):
    answers = np.zeros(len(F), dtype=np.int64)
    for i in range(len(F)):
        scores = list(F[i].astype(np.float64) @ W + b)
        answers[i] = scores.index(max(scores))
    return answers


def learn_features(X, y, W1, b1, W2, b2, lr, steps):
    W1, b1, W2, b2 = [p.astype(np.float64).copy() for p in (W1, b1, W2, b2)]
    for _ in range(steps):
        dW1, db1, dW2, db2 = np.zeros_like(W1), np.zeros_like(b1), np.zeros_like(W2), np.zeros_like(b2)
        for x, label in zip(X.astype(np.float64), y, strict=True):
            a = x @ W1 + b1
            h = np.where(a > 0, a, 0.0)
            z = h @ W2 + b2
            e = np.exp(z - z.max())
            d = e / e.sum()
            d[label] -= 1
            dW2 += np.outer(h, d)
            db2 += d
            da = np.where(a > 0, W2 @ d, 0.0)
            dW1 += np.outer(x, da)
            db1 += da
        W1 = W1 - lr * dW1 / len(X)
        b1 = b1 - lr * db1 / len(X)
        W2 = W2 - lr * dW2 / len(X)
        b2 = b2 - lr * db2 / len(X)
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def apply_features(params, X):
    X = X.astype(np.float64)
    return np.array([np.maximum(x @ params["W1"] + params["b1"], 0) for x in X]).reshape(len(X), len(params["b1"]))
