"""12-3 · What goes wrong with ReLU?

A ReLU unit that is silent on all data gets no gradient, so gradient descent on its own weights can't wake it up.
Build the tools of a small clinic: a monitor that finds such dead units in a stream of batches (diagnosis), PReLU with
both of its gradients (one treatment), and a simulation that tells which units a single step of gradient descent will
kill (prevention).

Rules for every part:
- No argument is changed, and nothing that is returned shares memory with an argument.
- "Active" or "alive" means a strictly positive pre-activation: exactly 0 counts as silent, and relu'(0) = 0.
- Inputs may be contiguous or not, read-only, float64, float32 or integer. Integers count as float64.

Sources: Maas, Hannun, Ng 2013 (leaky ReLU); He et al. 2015, arXiv:1502.01852 (PReLU); Lu et al. 2019,
arXiv:1903.06733 (dying ReLU); documentation of torch.nn.PReLU.
"""

import numpy as np


class DeadUnitMonitor:
    """Watches a layer of ReLU units over a stream of batches.

    It keeps a few numbers per unit and never the batches: a caller may overwrite `z` as soon as `update` has
    returned. Counts and sums are as exact as int64 and float64 allow, whatever the dtype of `z`.
    """

    def __init__(self, num_units: int) -> None:
        """Start with nothing seen. num_units: number of units U >= 1 of the layer."""
        self._active = np.zeros(num_units, dtype=np.int64)
        self._seen = 0
        self._total = 0.0

    def update(self, z: np.ndarray) -> None:
        """Take in one batch of pre-activations; returns None.

        z: (N, U) for a dense layer; (N, U, H, W) for a convolution, where a unit is a channel and each of its
            N * H * W entries counts as one observation. Batches may differ in N, H, W; only N may be 0.
        Raises ValueError if z.shape[1] isn't num_units.
        """
        if z.shape[1] != self._active.size:
            raise ValueError(f"a batch of shape {z.shape} for a layer of {self._active.size} units")
        self._active += np.count_nonzero(z > 0, axis=(0, *range(2, z.ndim)))
        self._seen += z.size // self._active.size
        self._total += float(np.maximum(z, 0).sum(dtype=np.float64))

    def report(self) -> dict[str, np.ndarray | float]:
        """Return the statistics of everything seen so far, as a dictionary with three keys.

        "dead": (U,) bool, True where no entry was strictly positive in any batch so far.
        "active_rate": (U,) float64, the share of strictly positive entries of each unit, over all entries so far.
        "mean_activation": float, the mean of relu(z) over all units and all entries so far: the shift that the
            next layer has to live with (0 would be centred).
        A report is the caller's own: neither later updates nor writing into it touch any other report.
        Raises ValueError if no entry has been seen: no update yet, or empty batches only.
        """
        if self._seen == 0:
            raise ValueError("no pre-activation has been seen yet")
        return {
            "dead": self._active == 0,
            "active_rate": self._active / self._seen,
            "mean_activation": self._total / (self._seen * self._active.size),
        }


def prelu_forward(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return PReLU(x): x where x > 0, and weight * x elsewhere.

    x: (N, C) or (N, C, ...) with any number of further axes; N may be 0.
    weight: (C,), one slope per channel (axis 1 of x), or (1,), one slope for all. Slopes may be negative, 0 or
        above 1.
    Returns y with the shape of x: float32 if x and weight are float32; float64 if they are float64 or integer.
    Raises ValueError if weight has another shape.
    Source: torch.nn.functional.prelu; He et al. 2015, section 2.1.
    """
    x, weight = _floating(x), _floating(weight)
    return np.where(x > 0, x, _along_channels(weight, x) * x)


def prelu_backward(x: np.ndarray, weight: np.ndarray, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (dx, dweight), the gradients of the loss in the input and in the slopes of `prelu_forward(x, weight)`.

    x, weight: as in `prelu_forward`. dy: gradient of the loss in y, same shape as x.
    At x exactly 0 the slope is weight, as in torch.
    Returns dx with the shape of x and dweight with the shape of weight (zeros when N = 0): both float32 if x,
    weight and dy are float32, both float64 if they are float64 or integer.
    Raises ValueError if weight has another shape than (C,) or (1,).
    Source: He et al. 2015, section 2.1.
    """
    x, weight, dy = _floating(x), _floating(weight), _floating(dy)
    dx = np.where(x > 0, dy, _along_channels(weight, x) * dy)
    per_channel = (np.minimum(x, 0) * dy).sum(axis=(0, *range(2, x.ndim)))
    return dx, per_channel.sum(keepdims=True) if weight.size == 1 else per_channel


def newly_dead(
    W1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: float, X: np.ndarray, y: np.ndarray, lr: float
) -> np.ndarray:
    """Return which hidden units are alive before, and dead after, one step of full-batch gradient descent.

    The network is pred = relu(X @ W1.T + b1) @ w2 + b2 and the loss is L = mean((pred - y)**2) over the N rows.
    The step is p -= lr * dL/dp for all of W1, b1, w2 and b2 at once: every gradient is taken at the old parameters.
    A unit is alive if its pre-activation is strictly positive for at least one row of X.

    W1: (H, D). b1: (H,). w2: (H,). b2: float, numpy scalar or 0-d array. X: (N, D) with N >= 1. y: (N,).
    lr: float >= 0.
    Returns the ascending indices of those units, (K,) int64; (0,) if there are none.
    """
    W1, b1, w2, X, y = (_floating(a) for a in (W1, b1, w2, X, y))
    z = X @ W1.T + b1
    active = z > 0
    error = np.maximum(z, 0) @ w2 + b2 - y
    dz = np.outer(2 * error / len(y), w2) * active
    # The steps of w2 and b2 can't silence anything: pre-activations depend on W1 and b1 alone.
    z_after = X @ (W1 - lr * (dz.T @ X)).T + (b1 - lr * dz.sum(axis=0))
    return np.flatnonzero(active.any(axis=0) & ~(z_after > 0).any(axis=0))


def _floating(a: np.ndarray) -> np.ndarray:
    return a if np.issubdtype(a.dtype, np.floating) else a.astype(np.float64)


def _along_channels(weight: np.ndarray, x: np.ndarray) -> np.ndarray:
    """View of `weight` that broadcasts along axis 1 of `x`."""
    if weight.shape not in ((1,), (x.shape[1],)):
        raise ValueError(f"weight has shape {weight.shape}, expected (1,) or one slope per channel of {x.shape}")
    return weight.reshape(len(weight), *[1] * (x.ndim - 2))
