"""17-2 · What small mini-batches gain and what they cost

Small batches need little memory and take many cheap, noisy steps; large ones use the hardware well and take few. Write
the arithmetic that decides between them: how many updates and how many seconds an epoch takes, how the learning rate
moves with the batch, how noisy a gradient is, and how to take a step on a large batch that doesn't fit into memory.

Rules for all parts:

* Counts (n, batch sizes, steps) are integers, from Python or numpy; everything else is a float. Batch sizes and widths
  are at least 1, n and steps at least 0 unless a part says more.
* An epoch deals out n samples in batches of batch_size; the last one holds what is left.
* Scalars come back as numbers, counts as integers. Arguments stay as they are.

Sources: Goyal et al. 2017 (arXiv:1706.02677), Krizhevsky 2014 (arXiv:1404.5997), McCandlish et al. 2018
(arXiv:1812.06162)
"""

from collections.abc import Callable

import numpy as np


def updates_per_epoch(n: int, batch_size: int, drop_last: bool = False) -> int:
    """Number of updates in one epoch over n samples.

    drop_last: a last batch that is shorter than batch_size is left out.
    Source: the length of https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
    """
    return n // batch_size if drop_last else -(-n // batch_size)


def scale_lr(base_lr: float, base_batch: int, batch: int, rule: str) -> float:
    """Learning rate for another batch size.

    base_lr: a rate that works with batches of base_batch samples.
    rule: "linear" lets the rate grow in proportion to the batch (Goyal et al., section 2.1), "sqrt" in proportion to
        the root of the batch (Krizhevsky; the noise of a step then keeps its variance).
    Raises ValueError for any other rule.
    """
    if rule not in ("linear", "sqrt"):
        raise ValueError(f"the rules are 'linear' and 'sqrt', not {rule!r}")
    ratio = batch / base_batch
    return base_lr * (ratio if rule == "linear" else ratio**0.5)


def warmup_lr(step: int, warmup_steps: int, peak_lr: float) -> float:
    """Learning rate of the update number `step`, counted from 0, with linear warmup.

    Each of the first warmup_steps updates adds the same amount to the rate. The first update already has a rate above
    0, the last one of the warmup has peak_lr, and so have all later ones. With warmup_steps = 0 the rate is peak_lr
    from the start.
    Source: Goyal et al. 2017, section 2.2 (where the warmup begins at the rate of the base batch)
    """
    if step >= warmup_steps:
        return peak_lr
    return peak_lr * (step + 1) / warmup_steps


def epoch_seconds(n: int, batch_size: int, overhead_s: float, per_sample_s: float, parallel_width: int) -> float:
    """How long one epoch takes on a device that works on up to parallel_width samples at a time.

    Every batch, the short last one included, costs overhead_s (launching kernels, updating weights, talking to other
    devices). Then its samples are worked off in rounds of parallel_width; a round takes per_sample_s however many
    samples are in it, and samples of different batches never share a round.
    Returns seconds; 0 for n = 0.
    """
    full, rest = divmod(n, batch_size)
    rounds = full * -(-batch_size // parallel_width) + -(-rest // parallel_width)
    return updates_per_epoch(n, batch_size) * overhead_s + rounds * per_sample_s


def noise_scale(g_small_sq: float, g_big_sq: float, b_small: int, b_big: int) -> tuple[float, float, float]:
    """How noisy gradients are, from squared norms of batch gradients at two batch sizes.

    The gradient of a batch of b independent samples is the true gradient G plus noise, whose covariance is that of a
    single sample, Sigma, divided by b. So the expected squared norm of a batch gradient isn't |G|^2, but larger.

    g_small_sq, g_big_sq: mean squared norms of gradients of batches of b_small and of b_big samples.
    Returns (g2, trace, b_simple): the unbiased estimates of |G|^2 and of the trace of Sigma, and their quotient
    b_simple = trace / g2, the batch size at which noise and signal are equally strong. Both estimates come back as they
    are, also when they are negative by bad luck; b_simple is inf if g2 is 0 or negative.
    Raises ValueError unless b_small < b_big.
    Source: McCandlish et al. 2018, appendix A.1
    """
    if not b_small < b_big:
        raise ValueError(f"b_small must be below b_big, but they are {b_small} and {b_big}")
    g2 = (b_big * g_big_sq - b_small * g_small_sq) / (b_big - b_small)
    trace = (g_small_sq - g_big_sq) / (1 / b_small - 1 / b_big)
    return g2, trace, trace / g2 if g2 > 0 else float("inf")


def accumulate_gradients(
    grad_fn: Callable[[np.ndarray, np.ndarray], dict[str, np.ndarray]],
    X: np.ndarray,
    y: np.ndarray,
    micro_batch_size: int,
) -> dict[str, np.ndarray]:
    """Gradient of a batch that doesn't fit into memory: the mean over all n samples, computed in small parts.

    grad_fn: grad_fn(X_part, y_part) returns the *mean* gradients over the samples it is given, new float arrays by
        name, the same names every time. It can take up to micro_batch_size samples, and has no answer for none.
    X: (n, ...). y: (n, ...). n is at least 1 and need not be a multiple of micro_batch_size. Every sample is given to
        grad_fn exactly once.
    Returns the mean gradients over all n samples, by the same names, of the same shapes and dtypes.
    """
    n, total = len(X), {}
    for start in range(0, n, micro_batch_size):
        part = slice(start, start + micro_batch_size)
        share = len(X[part]) / n
        for name, grad in grad_fn(X[part], y[part]).items():
            total[name] = total.get(name, 0) + share * grad
    return total
