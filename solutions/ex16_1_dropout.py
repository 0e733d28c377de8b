"""16-1 · What dropout does

Write dropout with the conventions of PyTorch, its gradient, its variant for images, the correction that the original
form needs at inference, and the trick that turns a network with dropout into one that knows how sure it is.

Rules for all parts:

* p is the probability to *drop* a unit, as in torch.nn.Dropout. A unit is kept where u >= p.
* No part draws random numbers: they come in as u, independent and uniform on [0, 1), in float64. The global random
  state stays as it is.
* float32 in, float32 out; float64, integers and bools give float64. Numbers are finite.
* Arguments stay as they are, and results are new arrays, also where nothing is dropped.
* Wherever p is an argument, p outside [0, 1] raises ValueError, in evaluation mode as well. 0 and 1 are legal.
* Empty input gives empty output. Millions of entries are ordinary: work on whole arrays.

Sources: Srivastava et al. 2014, Dropout (JMLR 15), where p is the probability to *keep*;
https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html
"""

from collections.abc import Callable, Sequence

import numpy as np


def _float(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float32 if x.dtype == np.float32 else np.float64)


def _check(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"p is a probability between 0 and 1, not {p}")


def dropout(x: np.ndarray, p: float, u: np.ndarray | None, training: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Inverted dropout: drop units and enlarge the others, so that the expected output is the input.

    x: any shape. u: uniforms of the same shape, one per unit; not looked at in evaluation mode, where it may be None.
    Returns (y, mask), both of x's shape and of y's dtype. y is x * mask. Where a unit is dropped mask is 0, elsewhere
    the factor that keeps the expectation; with p = 1 everything is dropped. In evaluation mode mask is 1 everywhere,
    whatever p is.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html
    """
    _check(p)
    x = _float(x)
    mask = _mask(u, p) if training else np.ones(x.shape)
    return x * mask.astype(x.dtype), mask.astype(x.dtype)


def _mask(u: np.ndarray, p: float) -> np.ndarray:
    if p == 1:
        return np.zeros(u.shape)
    return (u >= p) / (1 - p)


def dropout_backward(dy: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Gradient with respect to the input of dropout.

    dy: gradient with respect to the output, of the shape of the output.
    mask: as returned by `dropout`, of dy's shape and dtype; or by `dropout2d`, where (N, C, 1, 1) is legal as well.
    Returns dx, of dy's shape and dtype.
    """
    return dy * mask


def rescale_classic(weight: np.ndarray, p: float) -> np.ndarray:
    """Weights for inference of a network that was trained with the original dropout, which doesn't enlarge survivors.

    In training the units in front of this layer were set to 0 with probability p and otherwise left alone. At
    inference all of them are there. Scale the weight so that the output is the expected output of training.

    weight: of a layer right behind the dropout, any shape.
    Returns an array of the same shape. With p = 1 it is 0.
    Source: Srivastava et al. 2014, section 4 and figure 2 (with their p, which is 1 - p here)
    """
    _check(p)
    return _float(weight) * (1 - p)


def dropout2d(x: np.ndarray, p: float, u: np.ndarray | None, training: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Dropout of whole channels: neighbouring pixels are so alike that dropping single ones takes little away.

    x: (N, C, H, W). u: (N, C), one uniform per channel of each sample; may be None in evaluation mode.
    Returns (y, mask). y is x * mask, of x's shape. mask is as in `dropout`, constant on each channel; its shape is
    (N, C, H, W) or (N, C, 1, 1), as you like.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html
    """
    if training:
        return dropout(x, p, np.broadcast_to(u[:, :, None, None], x.shape))
    return dropout(x, p, None, training=False)


def mc_dropout(predict: Callable[[np.ndarray], np.ndarray], us: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Monte Carlo dropout: leave dropout on at inference, predict many times, and see how far predictions differ.

    predict: predict(u) returns the prediction of the network with its dropout driven by u; float arrays, of the same
        shape for every u. It is called once for every u, in order.
    us: T arrays of uniforms, in a list, or stacked along axis 0 of one array.
    Returns (mean, var) of the T predictions, float64, of the shape of one. var is the population variance (divided by
    T). It must also be right where predictions are huge compared with their spread, say 1e7 and 1.
    Raises ValueError if there is no u at all.
    Source: Gal & Ghahramani 2016, Dropout as a Bayesian Approximation (arXiv:1506.02142)
    """
    # np.stack raises the ValueError for an empty list.
    predictions = np.stack([np.asarray(predict(u), dtype=np.float64) for u in us])
    return predictions.mean(axis=0), predictions.var(axis=0)
