"""12-4 · Why have a bias?

One number per unit, and it plays many roles: it lets a separating line miss the origin, it carries the mean of the
data, it sets where a unit fires and which probability an untrained classifier starts from, and in front of a
normalisation it may have no effect at all. Seven short functions, one for each role.

Rules for every part:
- Arrays may have any float or integer dtype, numbers may be Python's or numpy's. Everything is computed in float64, and
  arrays are returned as float64.
- No argument is changed, and nothing that is returned shares memory with an argument.
- Weight matrices are (out, in), as in torch.nn.Linear: a layer maps a row x to x @ W.T + b.

Sources: Goodfellow, Bengio, Courville, Deep Learning, sections 5.1.4 and 6.1, https://www.deeplearningbook.org/;
Lin et al. 2017, arXiv:1708.02002 (initial bias from the prior); Ioffe, Szegedy 2015, arXiv:1502.03167 (section 3.2:
no bias in front of batch normalisation).
"""

import numpy as np


def augment(X: np.ndarray) -> np.ndarray:
    """Return X with a column of ones appended as the *last* one.

    X: (N, d) with N >= 0 and d >= 0.
    Returns (N, d + 1).
    """
    X = np.asarray(X, np.float64)
    return np.hstack([X, np.ones((len(X), 1))])


def absorb_bias(W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the matrix V of a layer without bias that does with augment(X) what (W, b) does with X.

    That is augment(X) @ V.T = X @ W.T + b for every X.

    W: (out, in). b: (out,).
    Returns V (out, in + 1).
    """
    return np.hstack([np.asarray(W, np.float64), np.asarray(b, np.float64)[:, None]])


def fit_least_squares(X: np.ndarray, y: np.ndarray, bias: bool) -> tuple[np.ndarray, float]:
    """Return (w, b) that minimise sum((X @ w + b - y)**2); without bias b stays 0.0.

    X: (N, d) with N >= 1 and d >= 1; the columns may be dependent, and N may be less than d. y: (N,).
    bias: whether b is fitted.
    If several w do equally well, the one with the smallest norm is asked for, whatever b is: the bias isn't to be kept
    small. (Centre X and y; then b is mean(y) - mean(X) @ w.) Singular values of the matrix that is solved with, X or
    the centred X, count as 0 up to 1e-10 times the largest.
    Returns w (d,) and b, a float.
    """
    X, y = np.asarray(X, np.float64), np.asarray(y, np.float64)
    x_mean, y_mean = (X.mean(axis=0), y.mean()) if bias else (np.zeros(X.shape[1]), 0.0)
    w = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]
    return w, float(y_mean - x_mean @ w)


def sigmoid_midpoint(w: float, b: float) -> float:
    """Return the x at which sigmoid(w * x + b) is one half; nan if w is 0.

    w, b: finite numbers.
    """
    return -float(b) / float(w) if w != 0 else float("nan")


def bias_grad(dout: np.ndarray) -> np.ndarray:
    """Return the gradient of the loss in the bias of a layer, given its gradient in the layer's outputs.

    dout: (N, out) for a dense layer; (N, C, L) or (N, C, H, W) for a convolution, which has one bias per channel
        (axis 1). It contains any averaging over the batch already. N may be 0.
    Returns (out,) or (C,).
    """
    return dout.sum(axis=(0, *range(2, dout.ndim)), dtype=np.float64)


def prior_bias(y: np.ndarray, num_classes: int, alpha: float = 1.0) -> np.ndarray | float:
    """Return the output bias with which a classifier whose weights are still 0 predicts the frequencies of the labels.

    The frequencies are smoothed: p_c = (n_c + alpha) / (N + alpha * K), n_c being how often class c occurs in y and K
    the number of classes.

    y: (N,) labels in 0 .. K - 1, any integer dtype; N >= 1, or 0 if alpha > 0.
    num_classes: K >= 2. alpha: float >= 0; with 0, classes that don't occur get -inf.
    Returns for K = 2 a single float, the logit z with sigmoid(z) = p_1 (-inf or inf where p_1 is 0 or 1); for K > 2
        the (K,) logarithms of the p_c, whose softmax is p.
    Raises ValueError if a label isn't in 0 .. K - 1.
    """
    counts = np.bincount(y.astype(np.int64), minlength=num_classes)  # refuses negative labels itself
    if len(counts) > num_classes:
        raise ValueError(f"a label is too large for {num_classes} classes")
    smoothed = counts + alpha
    with np.errstate(divide="ignore"):
        log_p = np.log(smoothed / smoothed.sum())
    return float(log_p[1] - log_p[0]) if num_classes == 2 else log_p


def bias_effect(z: np.ndarray, b: np.ndarray, norm: str, eps: float = 1e-5) -> float:
    """Return the largest change that a bias makes to what comes after it: max |norm(z + b) - norm(z)|.

    z: (N, d), outputs of a layer without its bias; N, d >= 1. b: (d,).
    norm: what follows the layer. "none": nothing, norm(z) = z. "batch": each column is normalised over the rows.
        "layer": each row is normalised over the columns. To normalise means to subtract the mean and to divide by
        sqrt(variance + eps), with the biased variance (divided by the number of values).
    Returns a float; where the bias cancels it is 0 up to rounding.
    Raises ValueError for another norm.
    """
    z = np.asarray(z, np.float64)
    return float(np.abs(_normalised(z + b, norm, eps) - _normalised(z, norm, eps)).max())


def _normalised(z: np.ndarray, norm: str, eps: float) -> np.ndarray:
    if norm == "none":
        return z
    if norm not in ("batch", "layer"):
        raise ValueError(f"norm is {norm!r}; known are 'none', 'batch' and 'layer'")
    axis = 0 if norm == "batch" else 1
    centred = z - z.mean(axis=axis, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=axis, keepdims=True) + eps)
