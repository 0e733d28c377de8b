"""12 · Why ReLU instead of sigmoid?

Because of what happens to gradients on their way down. Build a probe that shows it: how large is the gradient at every
layer of a deep network, how many units are flat, how does the output depend on the input, and how large can that
dependence be at best in a network of sigmoids?

Rules for every part:
- The network is h_0 = x and h_{l+1} = act(h_l @ W_l.T + b_l) for l = 0 .. L-1, with the same activation on *every*
  layer, the last one included. weights is a list of L >= 1 arrays W_l (d_{l+1}, d_l), biases one of b_l (d_{l+1},).
- activation is one of "sigmoid", "tanh", "relu", "leaky_relu" (slope 0.01 on the left) and "linear" (the identity).
  At exactly 0 the slope is 0 for "relu" and 0.01 for "leaky_relu". Any other name raises ValueError.
- Arrays may have any float or integer dtype. Everything is computed and returned in float64.
- No argument is changed, and nothing that is returned shares memory with an argument.
- 60 layers are ordinary, and so are gradients as small as 1e-140: results are compared by their relative error. Inputs
  of a unit as far out as 1000 give finite results.

Sources: Hochreiter 1991; Glorot, Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html; He et al. 2015,
arXiv:1502.01852.
"""

import numpy as np


def backprop_norms(
    weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray, grad_output: np.ndarray, activation: str
) -> dict[str, np.ndarray]:
    """Run a batch forwards, its gradient backwards, and report the sizes on the way.

    x: (N, d_0) with N >= 1. grad_output: (N, d_L), the gradient dL/dh_L of the loss in the output of the last layer,
        *after* its activation. It contains any averaging over the batch already.
    Returns a dictionary with three keys, layers in the order from the input to the output:
        "act_grad_norm" (L + 1,): Frobenius norm of dL/dh_l for l = 0 .. L, so the first entry belongs to x.
        "weight_grad_norm" (L,): Frobenius norm of dL/dW_l.
        "flat_fraction" (L,): share of the entries of z_l = h_l @ W_l.T + b_l, over all units and samples, at which
            the slope |act'(z_l)| <= 1e-3.
    The Frobenius norm is the root of the sum of the squares of all entries.
    Raises ValueError for an unknown activation.
    """
    hs, slopes = _forward(weights, biases, x, activation)
    grads, weight_grads = [np.asarray(grad_output, np.float64)], []
    for W, h, slope in zip(weights[::-1], hs[::-1], slopes[::-1], strict=True):
        dz = grads[-1] * slope
        weight_grads.append(dz.T @ h)
        grads.append(dz @ W)
    return {
        "act_grad_norm": _norms(grads[::-1]),
        "weight_grad_norm": _norms(weight_grads[::-1]),
        "flat_fraction": np.array([np.mean(np.abs(slope) <= 1e-3) for slope in slopes]),
    }


def input_jacobian(weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray, activation: str) -> np.ndarray:
    """Return the derivatives of all outputs in all inputs, J[i, j] = d h_L[i] / d x[j], for a single sample.

    x: (d_0,), one sample without batch axis.
    Returns J (d_L, d_0).
    Raises ValueError for an unknown activation.
    """
    _, slopes = _forward(weights, biases, x[None], activation)
    J = np.eye(len(x))
    for W, slope in zip(weights, slopes, strict=True):
        J = slope.T * (W @ J)
    return J


def sigmoid_norm_bound(weights: list[np.ndarray]) -> float:
    """Return an upper bound for the spectral norm of `input_jacobian` with "sigmoid", which holds at every input.

    The spectral norm (largest singular value) of a product is at most the product of the spectral norms. Bound every
    factor: each W_l by its own spectral norm, and each layer of slopes by the largest slope that a sigmoid has
    anywhere.

    Returns a float; the biases play no role.
    """
    return float(np.prod([0.25 * np.linalg.norm(np.asarray(W, np.float64), 2) for W in weights]))


def _forward(
    weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray, activation: str
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The input of every layer, and the slopes of its activation."""
    if activation not in _ACTIVATIONS:
        raise ValueError(f"unknown activation {activation!r}; known are {', '.join(_ACTIVATIONS)}")
    hs, slopes = [], []
    h = np.asarray(x, np.float64)
    for W, b in zip(weights, biases, strict=True):
        hs.append(h)
        h, slope = _ACTIVATIONS[activation](h @ W.T + b)
        slopes.append(slope)
    return hs, slopes


def _norms(arrays: list[np.ndarray]) -> np.ndarray:
    return np.array([np.linalg.norm(a) for a in arrays])


# Each gives the activation and its slope at z.


def _sigmoid(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    e = np.exp(-np.abs(z))  # never overflows, and keeps tiny slopes exact
    return np.where(z > 0, 1, e) / (1 + e), e / (1 + e) ** 2


def _tanh(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    t = np.tanh(z)
    return t, 1 - t**2


def _rectifier(z: np.ndarray, left: float) -> tuple[np.ndarray, np.ndarray]:
    slope = np.where(z > 0, 1.0, left)
    return slope * z, slope


_ACTIVATIONS = {
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": lambda z: _rectifier(z, 0.0),
    "leaky_relu": lambda z: _rectifier(z, 0.01),
    "linear": lambda z: _rectifier(z, 1.0),
}
