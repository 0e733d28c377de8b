"""16 · What batch normalisation does

Write what batch normalisation computes while a network trains: the forward pass, and its gradient, which is less
obvious, because mean and variance depend on the input, too. Then the gradient in evaluation mode, where they don't, and
a small experiment that shows why the scale of the weights in front of a batch norm no longer matters.

Rules for all parts:

* x is (N, C), (N, C, L) or (N, C, H, W). Everything is computed per channel, over all axes but axis 1;
  M = N, N * L or N * H * W is the number of values per channel.
* The variance of a batch is the *biased* one, divided by M. eps, 0 or more, is added to the variance, under the root.
* weight and bias have shape (C,). With xhat for the normalised x, the output is weight * xhat + bias.
* The dtype of x decides: float32 gives float32 results, everything else float64 results, whatever the dtypes of weight,
  bias and statistics are. dy has the shape and dtype of the output.
* Values may lie far from zero, say at 1e4 with a spread of 1.
* Arguments stay as they are, and results are new arrays.
* An empty batch (N = 0) gives empty arrays for y and dx, and zeros for dweight and dbias.
* Thousands of values per channel are ordinary: work on whole arrays.

Sources: Ioffe & Szegedy 2015 (arXiv:1502.03167), Algorithm 1 and section 3;
https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
"""

import numpy as np


def batchnorm_forward(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray, eps: float = 1e-5
) -> tuple[np.ndarray, object, np.ndarray, np.ndarray]:
    """Normalise a batch with its own mean and variance, then scale and shift it, as in training mode.

    Returns (y, cache, batch_mean, batch_var): the output, of x's shape; whatever `batchnorm_backward` will need, in any
    form; and the mean and the biased variance of each channel, both (C,). With N = 0 mean and variance have no meaning
    and aren't looked at.
    Raises ValueError if there is exactly one value per channel, M = 1. A single image of several pixels is fine.
    Source: Ioffe & Szegedy 2015, Algorithm 1
    """
    # TODO: which axes does a channel's mean run over? What should backward not have to compute again?
    raise NotImplementedError


def batchnorm_backward(dy: np.ndarray, cache: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of a loss with respect to x, weight and bias of `batchnorm_forward`.

    dy: gradient with respect to y. cache: what `batchnorm_forward` returned; it may be used again.
    Returns (dx, dweight, dbias) of shapes x.shape, (C,), (C,), and of dy's dtype. dx takes into account that mean and
    variance of the batch change with x.
    Source: Ioffe & Szegedy 2015, section 3
    """
    # TODO: three ways lead from x to y: directly, through the mean, and through the variance.
    raise NotImplementedError


def batchnorm_backward_eval(
    dy: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray,
    running_mean: np.ndarray,
    running_var: np.ndarray,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients with respect to x, weight and bias in evaluation mode.

    There x was normalised with running_mean and running_var, both (C,), which are constants. A single value per channel
    is fine.
    Returns (dx, dweight, dbias) of shapes x.shape, (C,), (C,), of the dtype that x decides.
    """
    # TODO: of the three ways from x to y only one is left. What is the normalised x here?
    raise NotImplementedError


def scale_probe(X: np.ndarray, W: np.ndarray, a: float, eps: float = 0.0) -> tuple[float, float]:
    """What a batch norm makes of weights in front of it that are `a` times as large.

    The network is f(V) = BN(X @ V), in training mode, with this eps, all weights 1 and all biases 0. Its loss is
    L(V) = sum(c * f(V)) with the fixed numbers c = np.arange(N * F, dtype=float).reshape(N, F).

    X: (N, D) with N at least 3, float64. W: (D, F), float64, such that no column of X @ W is constant. a: above 0.
    Returns (change, ratio): the largest absolute difference between entries of f(a * W) and f(W); and how large the
    gradient dL/dV is at V = a * W, relative to V = W, both measured by the root of the sum of squares.
    Source: van Laarhoven 2017 (arXiv:1706.05350), section 2
    """
    # TODO: run forward and backward twice. The gradient with respect to V comes from the one with respect to X @ V.
    raise NotImplementedError
