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
    # TODO: which function of numpy puts arrays side by side, and which shape must the ones have?
    raise NotImplementedError


def absorb_bias(W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the matrix V of a layer without bias that does with augment(X) what (W, b) does with X.

    That is augment(X) @ V.T = X @ W.T + b for every X.

    W: (out, in). b: (out,).
    Returns V (out, in + 1).
    """
    # TODO: where does the bias have to stand to meet the ones?
    raise NotImplementedError


def fit_least_squares(X: np.ndarray, y: np.ndarray, bias: bool) -> tuple[np.ndarray, float]:
    """Return (w, b) that minimise sum((X @ w + b - y)**2); without bias b stays 0.0.

    X: (N, d) with N >= 1 and d >= 1; the columns may be dependent, and N may be less than d. y: (N,).
    bias: whether b is fitted.
    If several w do equally well, the one with the smallest norm is asked for, whatever b is: the bias isn't to be kept
    small. (Centre X and y; then b is mean(y) - mean(X) @ w.) Singular values of the matrix that is solved with, X or
    the centred X, count as 0 up to 1e-10 times the largest.
    Returns w (d,) and b, a float.
    """
    # TODO: with a bias, first take the means away. Why doesn't a column of ones do, where w isn't unique?
    # np.linalg.lstsq gives the shortest solution; mind its rcond.
    raise NotImplementedError


def sigmoid_midpoint(w: float, b: float) -> float:
    """Return the x at which sigmoid(w * x + b) is one half; nan if w is 0.

    w, b: finite numbers.
    """
    # TODO: a sigmoid is one half where its argument is 0.
    raise NotImplementedError


def bias_grad(dout: np.ndarray) -> np.ndarray:
    """Return the gradient of the loss in the bias of a layer, given its gradient in the layer's outputs.

    dout: (N, out) for a dense layer; (N, C, L) or (N, C, H, W) for a convolution, which has one bias per channel
        (axis 1). It contains any averaging over the batch already. N may be 0.
    Returns (out,) or (C,).
    """
    # TODO: one number per output: each bias is used by every sample, and in images at every position.
    raise NotImplementedError


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
    # TODO: count, smooth, then ask: which logit has the probability p_1, and which logits have p as softmax?
    raise NotImplementedError


def bias_effect(z: np.ndarray, b: np.ndarray, norm: str, eps: float = 1e-5) -> float:
    """Return the largest change that a bias makes to what comes after it: max |norm(z + b) - norm(z)|.

    z: (N, d), outputs of a layer without its bias; N, d >= 1. b: (d,).
    norm: what follows the layer. "none": nothing, norm(z) = z. "batch": each column is normalised over the rows.
        "layer": each row is normalised over the columns. To normalise means to subtract the mean and to divide by
        sqrt(variance + eps), with the biased variance (divided by the number of values).
    Returns a float; where the bias cancels it is 0 up to rounding.
    Raises ValueError for another norm.
    """
    # TODO: one helper that normalises along an axis is enough. Over which axis does batch normalisation average?
    raise NotImplementedError
