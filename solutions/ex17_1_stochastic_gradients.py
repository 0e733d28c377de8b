"""17-1 · What is stochastic about SGD

A mini-batch is drawn at random, so its gradient is a random variable: right on average, wrong in every single case.
Draw the batches of an epoch, compute a batch's gradient and the exact covariance of its error, average an epoch
correctly, and put it all together into stochastic gradient descent.

Rules for all parts:

* There are n samples, 0 ... n - 1. A batch is a 1-d int64 array of such indices.
* Randomness comes from the generator `rng` alone, in the calls that are described; the global random state of numpy
  stays as it is.
* Gradients of single samples are the rows of an (n, d) array. The gradient of a batch is the *mean* over its samples.
* float32 gradients give float32 results; all other results are float64.
* Arguments stay as they are (except that `rng` moves on), and results are new arrays.

Sources: Robbins & Monro 1951, A Stochastic Approximation Method; Bottou, Curtis & Nocedal 2018 (arXiv:1606.04838)
"""

from collections.abc import Callable, Sequence

import numpy as np


def epoch_batches(n: int, batch_size: int, rng: np.random.Generator, drop_last: bool = False) -> list[np.ndarray]:
    """The batches of one epoch: every sample once, in a new random order.

    Calls `rng.permutation(n)` once, and nothing else of rng. The batches are consecutive slices of that permutation,
    all of `batch_size` samples, but for the last one, which holds what is left.

    drop_last: leave out a last batch that is shorter than batch_size.
    Returns a list of int64 arrays. A batch_size above n gives a single batch of n, or none with drop_last;
    n = 0 gives no batch. batch_size is at least 1.
    Source: https://docs.pytorch.org/docs/stable/data.html (shuffle, drop_last)
    """
    order = rng.permutation(n)
    end = n - n % batch_size if drop_last else n
    return [order[start : start + batch_size] for start in range(0, end, batch_size)]


def minibatch_gradient(per_sample_grads: np.ndarray, idx: np.ndarray) -> np.ndarray:
    """Gradient of the batch `idx`.

    per_sample_grads: (n, d). idx: (B,), B at least 1; a sample that occurs twice counts twice.
    Returns (d,).
    """
    return per_sample_grads[idx].mean(axis=0)


def epoch_mean(batch_means: Sequence[float], batch_sizes: Sequence[int]) -> float:
    """Mean over all samples of an epoch, say of the loss, of which only the mean over each batch was kept.

    batch_means: k numbers, as a list or an array. batch_sizes: k positive integers, as a list or an array.
    """
    return np.average(batch_means, weights=batch_sizes)


def gradient_covariance(per_sample_grads: np.ndarray, batch_size: int, replace: bool) -> np.ndarray:
    """Exact covariance matrix of the gradient of a randomly drawn batch.

    It is an expectation over all batches of `batch_size` out of the n samples: all equally likely n**batch_size draws
    with `replace`, all equally likely subsets without.

    per_sample_grads: (n, d), n at least 1; the covariance is that of these n, nothing is estimated. n may be tens of
        thousands: (n, d) fits into memory, (n, d, d) doesn't.
    Returns (d, d). The batch of all samples without `replace` isn't random any more: the covariance is 0.
    Raises ValueError if more than n samples are to be drawn without `replace`.
    Source: Cochran 1977, Sampling Techniques, chapter 2
    """
    n = len(per_sample_grads)
    if batch_size > n and not replace:
        raise ValueError(f"{batch_size} samples can't be drawn from {n} without replacement")
    away = per_sample_grads - per_sample_grads.mean(axis=0)
    of_independent_draws = away.T @ away / (n * batch_size)
    return of_independent_draws if replace else of_independent_draws * (n - batch_size) / max(n - 1, 1)


def sgd(
    grad_fn: Callable[[np.ndarray, np.ndarray], np.ndarray],
    w0: np.ndarray,
    n: int,
    batch_size: int,
    lr: float,
    epochs: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Stochastic gradient descent: w minus lr times the gradient, for one batch after the other.

    grad_fn: grad_fn(w, idx) returns the mean gradient (d,) of the samples idx at w. It is called once per batch.
    w0: (d,), where to start. epochs: how often to go through the data, 0 or more. Every epoch takes its batches from
        `epoch_batches(n, batch_size, rng)`, so it has its own order, and the short last batch is used.
    Returns (epochs + 1, d), float64: w0, and w after each epoch.
    """
    w = w0.astype(np.float64)
    path = [w]
    for _ in range(epochs):
        for idx in epoch_batches(n, batch_size, rng):
            w = w - lr * grad_fn(w, idx)
        path.append(w)
    return np.array(path)
