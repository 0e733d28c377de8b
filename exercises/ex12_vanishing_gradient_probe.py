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
    # TODO: go forwards and remember what the way back needs. At which point is the slope taken, and which
    # factor of dL/dW_l comes from the forward pass?
    raise NotImplementedError


def input_jacobian(weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray, activation: str) -> np.ndarray:
    """Return the derivatives of all outputs in all inputs, J[i, j] = d h_L[i] / d x[j], for a single sample.

    x: (d_0,), one sample without batch axis.
    Returns J (d_L, d_0).
    Raises ValueError for an unknown activation.
    """
    # TODO: the chain rule once more, for one sample: a product of matrices. Which factor does a layer add?
    raise NotImplementedError


def sigmoid_norm_bound(weights: list[np.ndarray]) -> float:
    """Return an upper bound for the spectral norm of `input_jacobian` with "sigmoid", which holds at every input.

    The spectral norm (largest singular value) of a product is at most the product of the spectral norms. Bound every
    factor: each W_l by its own spectral norm, and each layer of slopes by the largest slope that a sigmoid has
    anywhere.

    Returns a float; the biases play no role.
    """
    # TODO: where is a sigmoid steepest, and how steep is it there? np.linalg.norm knows the spectral norm.
    raise NotImplementedError
