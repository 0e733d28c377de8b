"""1 · Hand-made or learned features? What separates deep learning from the rest of machine learning

The same images and the same kind of linear classifier, three ways to describe an image: its raw pixels, a descriptor
that a person has designed, and a hidden layer found by gradient descent. Write the descriptor, the classifier and
the hidden layer; then you can compare the three on any data you like.

Rules that hold for all functions:

* Everything is computed in float64 and returned as float64 arrays, whatever the number dtypes of the arguments;
  only predictions are int64. Arrays may have any memory layout.
* Arguments stay as they were, and answers are new arrays.
* n is the number of samples, K the number of classes, labels y are (n,) integers in 0..K-1. n may be 0 where nothing
  is fitted.

Sources: LeCun, Bengio, Hinton 2015, Deep learning, https://doi.org/10.1038/nature14539; Dalal & Triggs 2005 (histograms
of oriented gradients), https://doi.org/10.1109/CVPR.2005.177; Goodfellow, Bengio, Courville, Deep Learning, chapters 1
and 6, https://www.deeplearningbook.org
"""

import numpy as np


def handcrafted_features(X: np.ndarray, cell: int = 7, bins: int = 8, signed: bool = False) -> np.ndarray:
    """Describe each image by the directions of its edges, cell by cell: a simple histogram of oriented gradients.

    X: (n, H, W) images, uint8 (which are divided by 255 first) or float (taken as they are).
    The steps:
    1. Gradient by central differences: gx = (right neighbour - left neighbour) / 2, gy = (lower - upper) / 2. gx is
       0 in the first and last column, gy in the first and last row.
    2. Each pixel has a magnitude, sqrt(gx**2 + gy**2), and an angle, arctan2(gy, gx), of which only the remainder
       modulo the period counts: pi if `signed` is False (an edge has no front), 2 pi if it is True.
    3. Bin k of `bins` is *centred* at k / bins of the period: the bin is the nearest centre, around the circle, so the
       angles just below the period belong to bin 0.
    4. The image is cut into squares of cell x cell pixels from the upper left; incomplete ones at the right and at
       the bottom are dropped. In each, every pixel adds its magnitude to its bin.
    5. The numbers, ordered by cell row, cell column and bin, are divided by their L2 norm + 1e-8, image by image.
    Returns (n, (H // cell) * (W // cell) * bins).
    Source: after Dalal & Triggs 2005, without overlapping blocks and without interpolation.
    """
    n, height, width = X.shape
    X = X / 255 if X.dtype == np.uint8 else X.astype(np.float64)
    gx, gy = np.zeros_like(X), np.zeros_like(X)
    gx[:, :, 1:-1] = (X[:, :, 2:] - X[:, :, :-2]) / 2
    gy[:, 1:-1, :] = (X[:, 2:, :] - X[:, :-2, :]) / 2
    magnitude = np.hypot(gx, gy)
    period = 2 * np.pi if signed else np.pi
    nearest = np.floor(np.arctan2(gy, gx) % period / period * bins + 0.5) % bins

    rows, columns = height // cell, width // cell
    in_cells = (n, rows, cell, columns, cell)
    magnitude = magnitude[:, : rows * cell, : columns * cell].reshape(in_cells)
    nearest = nearest[:, : rows * cell, : columns * cell].reshape(in_cells)
    votes = [np.where(nearest == k, magnitude, 0).sum(axis=(2, 4)) for k in range(bins)]
    features = np.stack(votes, axis=-1).reshape(n, rows * columns * bins)
    return features / (np.linalg.norm(features, axis=1, keepdims=True) + 1e-8)


def fit_linear(F: np.ndarray, y: np.ndarray, num_classes: int, l2: float) -> tuple[np.ndarray, np.ndarray]:
    """Fit a linear classifier to features by ridge regression on one-hot targets.

    F: (n, d) features, n >= 1. y: (n,) labels. num_classes: K. l2: at least 0; there is one solution.
    Returns W (d, K) and b (K,), which minimise the sum of squares of F @ W + b - one_hot(y) plus l2 times the sum of
    squares of W. The sums aren't divided by n, and b isn't penalised.
    Source: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, section 3.4.1.
    """
    F, targets = F.astype(np.float64), np.eye(num_classes)[y]
    mean, frequency = F.mean(axis=0), targets.mean(axis=0)
    centred = F - mean  # its columns add up to 0, so it doesn't matter whether the targets are centred, too
    W = np.linalg.solve(centred.T @ centred + l2 * np.eye(F.shape[1]), centred.T @ targets)
    return W, frequency - mean @ W


def predict_linear(F: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the (n,) int64 classes with the largest score in F @ W + b; of equal scores the first class wins."""
    return np.argmax(F.astype(np.float64) @ W + b, axis=1)


def learn_features(
    X: np.ndarray,
    y: np.ndarray,
    W1: np.ndarray,
    b1: np.ndarray,
    W2: np.ndarray,
    b2: np.ndarray,
    lr: float,
    steps: int,
) -> dict[str, np.ndarray]:
    """Train a network with one hidden layer by plain gradient descent on all samples.

    X: (n, d), n >= 1. y: (n,) labels. W1 (d, h), b1 (h,), W2 (h, K), b2 (K,): the start. lr: learning rate.
    The network is relu(X @ W1 + b1) @ W2 + b2; its loss is the cross-entropy of softmax, averaged over the samples.
    relu has slope 0 at 0. In each of the `steps` steps all four arrays move at once, by gradients taken at the same
    place. Scores of size 1000 are ordinary: nothing overflows.
    Returns {"W1": ..., "b1": ..., "W2": ..., "b2": ...} after the last step; with 0 steps, the start.
    Source: Goodfellow, Bengio, Courville, section 6.5.
    """
    X, onehot = X.astype(np.float64), np.eye(len(b2))[y]
    W1, b1, W2, b2 = (np.array(p, dtype=np.float64) for p in (W1, b1, W2, b2))
    for _ in range(steps):
        before = X @ W1 + b1
        hidden = np.maximum(before, 0)
        scores = hidden @ W2 + b2
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        d_scores = (p - onehot) / len(X)
        d_before = d_scores @ W2.T * (before > 0)
        W2 -= lr * hidden.T @ d_scores
        b2 -= lr * d_scores.sum(axis=0)
        W1 -= lr * X.T @ d_before
        b1 -= lr * d_before.sum(axis=0)
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def apply_features(params: dict[str, np.ndarray], X: np.ndarray) -> np.ndarray:
    """Return the learned description of X (n, d): relu(X @ W1 + b1), of shape (n, h).

    params: a dictionary like that of learn_features. Of its arrays only W1 and b1 matter.
    """
    return np.maximum(X.astype(np.float64) @ params["W1"] + params["b1"], 0)
