"""18-1 · How long until something works decently?

"It works after half an hour" is no measurement until somebody says what works, how well, and what was counted. Write
the bookkeeping of a fair answer: curves of cost against quality, the cost at which a target is reached for good,
speedups between two programs, smoothing, and a summary over several runs.

A curve is an array (T, 2). Each row is one evaluation: what had been spent by then (seconds, examples, ...) and the
metric, where larger is better. A metric may be NaN; nothing that is NaN reaches any target. "Never" is NaN, too,
where a cost is returned.

Rules for all parts: arrays that are returned are new and float64, whatever comes in; costs and ratios are floats.
Arguments stay as they are.

Sources: Coleman et al. 2017 (DAWNBench), Mattson et al. 2020 (MLPerf Training, arXiv:1910.01500); Kingma & Ba 2015
(arXiv:1412.6980), section 3, for the correction of a moving average.
"""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

HOLD, EVERY = 3, 5  # good evaluations in a row, and batches between two evaluations
BATCH, RATE, MOMENTUM, AGEING = 32, 0.02, 0.9, 0.05


def time_to_accuracy(curve: np.ndarray, target: float, hold: int = 3) -> float:
    """Return the cost at which the target is reached for good: that of the first evaluation in the first `hold` ones
    in a row that are all at least `target`. NaN if there is no such row of evaluations, as when too few are left.

    curve: (T, 2), T may be 0. hold: 1 or more.
    Raises ValueError if the costs of the curve don't increase from each row to the next.
    """
    costs, metrics = np.asarray(curve, dtype=np.float64).T
    if (np.diff(costs) <= 0).any():
        raise ValueError("the costs of a curve must increase")
    in_a_row = 0
    for i, metric in enumerate(metrics):
        in_a_row = in_a_row + 1 if metric >= target else 0
        if in_a_row == hold:
            return float(costs[i - hold + 1])
    return math.nan


def speedup(curve_a: np.ndarray, curve_b: np.ndarray, target: float, hold: int = 3) -> float:
    """Return how many times faster A reaches the target than B, for good as in `time_to_accuracy`.

    2.0 means that A needs half of B's cost. If only A reaches the target: infinity; if only B does: 0.0; if neither
    does: NaN. Costs are positive.
    """
    a, b = time_to_accuracy(curve_a, target, hold), time_to_accuracy(curve_b, target, hold)
    if math.isnan(a):
        return math.nan if math.isnan(b) else 0.0
    return math.inf if math.isnan(b) else b / a


def smooth(values: np.ndarray, beta: float) -> np.ndarray:
    """Return the exponential moving average of values, (n,), with the correction for its start: (n,).

    The average starts at 0. In each step it keeps the share `beta`, 0 <= beta < 1, and takes in the new value with
    the rest. What is returned for a step is the average divided by the total weight of the values so far, so that the
    first result is the first value.
    """
    average, smoothed = 0.0, []
    for t, value in enumerate(np.asarray(values, dtype=np.float64), 1):
        average = beta * average + (1 - beta) * value
        smoothed.append(average / (1 - beta**t))
    return np.array(smoothed, dtype=np.float64)


def examples_curve(batch_sizes: np.ndarray, eval_steps: np.ndarray, metrics: np.ndarray) -> np.ndarray:
    """Return the curve whose cost is the number of training examples seen, repeated ones included: (T, 2).

    batch_sizes: (S,) integers, the number of examples in each training step. eval_steps: (T,) increasing
    integers: after how many steps each evaluation took place, from 1 to S. metrics: (T,), their results.
    """
    seen = np.cumsum(batch_sizes)
    steps = np.asarray(eval_steps, dtype=np.int64)
    return np.column_stack([seen[steps - 1], metrics]).astype(np.float64)


def record_curve(
    train: Callable[[], None],
    evaluate: Callable[[], float],
    clock: Callable[[], float],
    target: float,
    budget: float,
    hold: int = 3,
) -> np.ndarray:
    """Train in rounds and return the curve, (T, 2): one row for each round.

    A round is one call of train() and then one of evaluate(), which returns the metric. clock() tells the time in
    seconds, as time.process_time does; it may start anywhere. The cost is the time spent in train() so far, in all
    rounds together; evaluations are free.
    Another round begins unless the last `hold` metrics in a row were all at least `target`, or the cost so far
    has reached `budget` (which is positive, so there is at least one round).
    """
    curve: list[tuple[float, float]] = []
    cost, in_a_row = 0.0, 0
    while in_a_row < hold and cost < budget:
        start = clock()
        train()
        cost += clock() - start
        metric = evaluate()
        in_a_row = in_a_row + 1 if metric >= target else 0
        curve.append((cost, metric))
    return np.array(curve, dtype=np.float64)


def median_time(times: np.ndarray) -> float:
    """Return the median of several runs' costs to a target, (n,), n >= 1. A run with NaN never got there.

    Such a run took longer than any other, so it counts as infinity. NaN is returned if the median is infinite. For
    an even number of runs the median is the mean of the two in the middle.
    """
    times = np.asarray(times, dtype=np.float64)
    median = float(np.median(np.where(np.isnan(times), np.inf, times)))
    return median if math.isfinite(median) else math.nan


def _rows(images: np.ndarray) -> np.ndarray:
    """Images as rows of pixels with a mean near 0 and a spread near 1."""
    return (images.reshape(len(images), -1).astype(np.float32) - 40) / 80


def _forward(params: list[np.ndarray], X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The hidden units of a network [W1, b1, W2, b2], and its logits."""
    W1, b1, W2, b2 = params
    hidden = np.maximum(X @ W1 + b1, 0)
    return hidden, hidden @ W2 + b2


def _loss_and_grads(params: list[np.ndarray], X: np.ndarray, y: np.ndarray) -> tuple[float, list[np.ndarray]]:
    """The mean cross-entropy, and its gradient in each array of params."""
    hidden, z = _forward(params, X)
    z -= z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    dz = np.exp(log_p)
    dz[rows, y] -= 1
    dz /= len(y)
    dhidden = dz @ params[2].T * (hidden > 0)
    return -log_p[rows, y].mean(), [X.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dz, dz.sum(axis=0)]


def _batches(n: int, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Batches of indices without end: nothing is seen a second time before all the rest has been seen."""
    while True:
        yield from np.array_split(rng.permutation(n), math.ceil(n / size))


def predict(params: object, X: np.ndarray) -> np.ndarray:
    """Return the most likely class of each image, (n,) int64. X: (n, 28, 28) uint8.

    params: what `train_to_target` has returned, in a form of your own. What is predicted for an image doesn't depend on
    the other ones.
    """
    return _forward(params, _rows(X))[1].argmax(axis=1)


def train_to_target(
    fetch: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    n: int,
    X_val: np.ndarray,
    y_val: np.ndarray,
    target: float,
    rng: np.random.Generator,
    max_examples: int,
    report: Callable[..., None],
) -> tuple[object, int]:
    """Train until the target is reached for good, with as few examples as you can. Return (params, examples_seen).

    n training images wait elsewhere. fetch(indices) brings some of them: indices (k,) int64 from 0 to n - 1 give their
    images (k, 28, 28) uint8 and labels (k,) int64 from 0 to 9. Each image that is fetched is one example seen, every
    time. Which number means which class is drawn anew for every run.
    X_val, y_val: images and labels to evaluate on, and for nothing else; evaluations are free.
    End after three evaluations in a row with an accuracy of at least `target`, 0 to 1. End as well if another batch
    would make more than max_examples: fetching that many raises ValueError. The target may be out of reach.
    report(done, total, loss, accuracy): to be called after each evaluation, with the examples seen so far,
    max_examples, the mean training loss since the last call, and the accuracy.
    Model and method are yours. rng is for all that is random; the global generator isn't needed.
    """
    widths = X_val[0].size, 128, 10
    weights = [rng.standard_normal(shape) * np.sqrt(2 / shape[0]) for shape in pairwise(widths)]
    params = [a.astype(np.float32) for W in weights for a in (W, np.zeros(W.shape[1]))]
    velocities = [np.zeros_like(a) for a in params]
    averages = [a.copy() for a in params]  # over the last steps: they shake less, and reach the target sooner
    batches, losses = _batches(n, BATCH, rng), []
    seen = in_a_row = 0
    while in_a_row < HOLD and seen + BATCH <= max_examples:
        images, labels = fetch(next(batches))
        seen += len(labels)
        loss, grads = _loss_and_grads(params, _rows(images), labels)
        losses.append(loss)
        for a, velocity, grad, average in zip(params, velocities, grads, averages, strict=True):
            velocity *= MOMENTUM
            velocity -= RATE * grad
            a += velocity
            average += AGEING * (a - average)
        if len(losses) == EVERY:
            accuracy = float((predict(averages, X_val) == y_val).mean())
            in_a_row = in_a_row + 1 if accuracy >= target else 0
            report(seen, max_examples, np.mean(losses), accuracy)
            losses.clear()
    return averages, seen
