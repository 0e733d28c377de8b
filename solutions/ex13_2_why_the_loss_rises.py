"""13-2 · Why does the loss sometimes go up during gradient descent?

A step along the negative gradient must lower the loss, says the first derivative, and then it doesn't. Predict when a
step is too long, measure the curvature that decides it, and name the cause of a rise that has happened.

Rules for every part:

* No argument is changed. Numbers may come as Python's or numpy's, vectors and matrices also as integers or float32;
  everything is computed in float64, and results are plain numbers or strings.
* g is a gradient, (d,); H is the symmetric matrix of second derivatives at the same point, (d, d), and may have
  eigenvalues of any sign.

Sources: Nocedal & Wright, Numerical Optimization, chapter 2; Cohen et al. 2021 (arXiv:2103.00065); Bottou, Curtis &
Nocedal 2018 (arXiv:1606.04838); Golub & Van Loan, Matrix Computations, section 7.3 (power iteration).
"""

from collections.abc import Callable, Sequence

import numpy as np


def predicted_change(g: np.ndarray, H: np.ndarray, lr: float) -> tuple[float, float]:
    """What Taylor's formula says about the change of the loss in the step -lr * g.

    Returns (first, second): the prediction with the gradient alone, and that with gradient and curvature. On a parabola
    the second one is exact. Negative numbers mean that the loss falls.
    Source: Nocedal & Wright, section 2.1 (Taylor's theorem).
    """
    g, H = np.asarray(g, dtype=np.float64), np.asarray(H, dtype=np.float64)
    lr = float(lr)
    first = -lr * (g @ g)
    return float(first), float(first + lr**2 / 2 * (g @ H @ g))


def critical_lr(g: np.ndarray, H: np.ndarray) -> float:
    """The learning rate at which the step -lr * g, by the second-order prediction, leaves the loss as it is.

    For every shorter step the prediction is a fall, for every longer one a rise. It depends on the curvature along g.
    If the loss isn't curved upwards along g (g'Hg <= 0, as for g = 0), no step is too long: infinity.
    Source: Cohen et al. 2021, section 2.
    """
    g, H = np.asarray(g, dtype=np.float64), np.asarray(H, dtype=np.float64)
    bend = g @ H @ g
    return float(2 * (g @ g) / bend) if bend > 0 else np.inf


def sharpness(hvp: Callable[[np.ndarray], np.ndarray], v0: np.ndarray, iters: int) -> float:
    """The eigenvalue of H that is largest in absolute value, with its sign, by power iteration.

    hvp: takes a float64 vector (d,) and returns its product with H, a new float64 array (d,). H itself is never formed.
    v0: where to start, (d,), not zero. It is brought to length 1 first.
    iters: how many times v is replaced by its product with H, brought to length 1. After that, the Rayleigh quotient
        v'Hv of the last v is returned; so iters = 0 gives the Rayleigh quotient of the start. All in all, `hvp` is
        called iters + 1 times. Should a product be zero on the way, the result is 0.0.
    Source: Golub & Van Loan, section 7.3.1; Cohen et al. 2021.
    """
    v = np.asarray(v0, dtype=np.float64)
    v = v / np.linalg.norm(v)
    for _ in range(iters):
        product = hvp(v)
        length = np.linalg.norm(product)
        if length == 0:
            return 0.0
        v = product / length
    return float(v @ hvp(v))


def explain_step(rec: dict[str, float]) -> str:
    """Why the loss on all data rose in one step of training, if it did.

    rec holds five losses:
        "full_before", "full_after": on all data, before and after the step;
        "batch_before", "batch_after": on the batch that the step's gradient came from, before and after the step;
        "batch_after_plain": on that batch after another step from the same point, with the same learning rate and along
            the batch's gradient alone, without momentum or any other memory.
    The losses before are finite. A loss afterwards that is nan or infinite counts as risen. The first answer that fits:
        "none": the loss on all data hasn't risen.
        "sampling_noise": the loss on the batch hasn't risen; the batch wasn't like the data.
        "momentum": the plain step would not have raised the loss on the batch.
        "overshoot": even the plain step would have: it is too long.
    """
    if not _risen(rec["full_before"], rec["full_after"]):
        return "none"
    if not _risen(rec["batch_before"], rec["batch_after"]):
        return "sampling_noise"
    if not _risen(rec["batch_before"], rec["batch_after_plain"]):
        return "momentum"
    return "overshoot"


def _risen(before: float, after: float) -> bool:
    return not np.isfinite(after) or after > before


def count_increases(losses: Sequence[float] | np.ndarray, window: int = 1) -> int:
    """How often the trailing mean of the losses rises from one step to the next.

    losses: finite numbers, a list or an array (T,), in order of time.
    window: the mean is over the last `window` >= 1 losses; only full windows count, so that there are T - window + 1
        means. Equal means are no rise. With fewer than two means the count is 0.
    """
    losses = np.asarray(losses, dtype=np.float64)
    # From one mean to the next, one loss comes and the one `window` steps earlier goes.
    return int(np.count_nonzero(losses[window:] > losses[:-window]))
