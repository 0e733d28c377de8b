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

from collections.abc import Callable

import numpy as np


def time_to_accuracy(curve: np.ndarray, target: float, hold: int = 3) -> float:
    """Return the cost at which the target is reached for good: that of the first evaluation in the first `hold` ones
    in a row that are all at least `target`. NaN if there is no such row of evaluations, as when too few are left.

    curve: (T, 2), T may be 0. hold: 1 or more.
    Raises ValueError if the costs of the curve don't increase from each row to the next.
    """
    # TODO: count evaluations in a row. What sets the count back to 0?
    raise NotImplementedError


def speedup(curve_a: np.ndarray, curve_b: np.ndarray, target: float, hold: int = 3) -> float:
    """Return how many times faster A reaches the target than B, for good as in `time_to_accuracy`.

    2.0 means that A needs half of B's cost. If only A reaches the target: infinity; if only B does: 0.0; if neither
    does: NaN. Costs are positive.
    """
    # TODO: four cases. Which of the two costs goes on top?
    raise NotImplementedError


def smooth(values: np.ndarray, beta: float) -> np.ndarray:
    """Return the exponential moving average of values, (n,), with the correction for its start: (n,).

    The average starts at 0. In each step it keeps the share `beta`, 0 <= beta < 1, and takes in the new value with
    the rest. What is returned for a step is the average divided by the total weight of the values so far, so that the
    first result is the first value.
    """
    # TODO: after t steps, how large is the total weight of all values so far?
    raise NotImplementedError


def examples_curve(batch_sizes: np.ndarray, eval_steps: np.ndarray, metrics: np.ndarray) -> np.ndarray:
    """Return the curve whose cost is the number of training examples seen, repeated ones included: (T, 2).

    batch_sizes: (S,) integers, the number of examples in each training step. eval_steps: (T,) increasing
    integers: after how many steps each evaluation took place, from 1 to S. metrics: (T,), their results.
    """
    # TODO: how many examples had been seen after k steps?
    raise NotImplementedError


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
    # TODO: when is the clock read?
    raise NotImplementedError


def median_time(times: np.ndarray) -> float:
    """Return the median of several runs' costs to a target, (n,), n >= 1. A run with NaN never got there.

    Such a run took longer than any other, so it counts as infinity. NaN is returned if the median is infinite. For
    an even number of runs the median is the mean of the two in the middle.
    """
    # TODO: leaving failed runs out makes a program look the better the more often it fails.
    raise NotImplementedError


def predict(params: object, X: np.ndarray) -> np.ndarray:
    """Return the most likely class of each image, (n,) int64. X: (n, 28, 28) uint8.

    params: what `train_to_target` has returned, in a form of your own. What is predicted for an image doesn't depend on
    the other ones.
    """
    # TODO: as many examples as you like, all at once.
    raise NotImplementedError


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
    # TODO: batches of fetched images, and an evaluation now and then. What brings you further: larger batches or more?
    raise NotImplementedError
