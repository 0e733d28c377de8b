"""2 · What do a cost function and an activation function each do, and how do they fit together?

The cost turns predictions and targets into one number, and its gradient is where backpropagation starts.
Write three costs, each returning the pair `(loss, grad)`. The two for classification take raw outputs, called
logits: the activation of the last layer, sigmoid or softmax, is built in, and that keeps both numbers finite.

Rules that hold for all three functions:

* `grad` is d(loss.sum()) / d(input). It has the shape of `input`.
* reduction "none" returns one loss per element (per row for `cross_entropy`), "sum" their sum, "mean" their
  average. With "sum" and "mean" the loss is a scalar. Any other reduction raises ValueError.
* float32 input gives a float32 loss and gradient. Any other dtype (float64, integers, bool) is computed in and
  returned as float64. The dtypes of `target`, `weight` and `pos_weight` change nothing.
* Arguments are left as they were, and the answers are new arrays.
* Logits of size 1000 are ordinary: loss and gradient stay finite and exact.
* Thousands of rows with hundreds of classes are ordinary, too: work on whole arrays, but none of size N x C x C.
* Empty input: "sum" is 0.0, "mean" is nan, "none" is an empty array, and `grad` is empty like the input.

Sources: Goodfellow, Bengio, Courville, Deep Learning, section 6.2.2,
https://www.deeplearningbook.org/contents/mlp.html; the conventions are those of torch.nn.functional,
https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions
"""

import numpy as np


def mse_loss(input: np.ndarray, target: np.ndarray, reduction: str = "mean") -> tuple[np.ndarray, np.ndarray]:
    """Squared error, for regression.

    input: predictions of any shape. target: the same shape.
    "mean" is the average over all elements, whatever the shape.
    Returns (loss, grad); with "none" the loss has the shape of `input`.
    Raises ValueError if the shapes differ; nothing is broadcast.
    Source: torch.nn.functional.mse_loss (which only warns when shapes differ).
    """
    input = _as_float(input)
    _same_shape(input, target)
    error = input - target.astype(input.dtype)
    return _reduce(error**2, 2 * error, error.size, reduction)


def binary_cross_entropy_with_logits(
    input: np.ndarray,
    target: np.ndarray,
    pos_weight: np.ndarray | float | None = None,
    reduction: str = "mean",
) -> tuple[np.ndarray, np.ndarray]:
    """Negative log-likelihood of independent yes/no answers with P(yes) = sigmoid(input).

    input: logits of any shape. target: the same shape, probabilities of "yes" in [0, 1], hard or soft.
    pos_weight: a number, or an array that broadcasts to the shape of `input` (such as one entry per column). It
        multiplies the term of the answer "yes", -target * log(P(yes)), and only that. None means 1.
    "mean" is the average over all elements; pos_weight doesn't enter the divisor.
    Returns (loss, grad); with "none" the loss has the shape of `input`.
    Raises ValueError if the shapes of input and target differ.
    Source: torch.nn.functional.binary_cross_entropy_with_logits.
    """
    input = _as_float(input)
    _same_shape(input, target)
    target = target.astype(input.dtype)
    yes = target if pos_weight is None else target * np.asarray(pos_weight, input.dtype)
    no = 1 - target
    minus_log_p, minus_log_q = np.logaddexp(0, -input), np.logaddexp(0, input)
    loss = yes * minus_log_p + no * minus_log_q
    grad = no * np.exp(-minus_log_p) - yes * np.exp(-minus_log_q)
    return _reduce(loss, grad, loss.size, reduction)


def cross_entropy(
    input: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Negative log-likelihood of one of C exclusive classes with the probabilities softmax(input), row by row.

    input: (N, C) logits, C >= 1. target: (N,) class numbers, any integer dtype.
    weight: (C,) factors >= 0 for the classes; None means 1 for each.
    ignore_index: rows with this target count for nothing: loss 0, gradient 0, no share in the divisor of "mean".
        It may be a marker outside 0..C-1, such as -100 or 255, or the number of a class.
    label_smoothing: s in [0, 1]. The one-hot target is mixed with the uniform distribution over all C classes,
        (1 - s) * one_hot + s / C, and the term of every class is multiplied by the weight of that class.
    "mean" divides the sum by the sum of weight[target] over the rows that are kept, with and without smoothing;
        unweighted that is the number of rows kept. If no row is kept, "mean" has loss nan and a gradient that
        nobody looks at, while "sum" has loss 0.0 and gradient 0.
    Returns (loss, grad); with "none" the loss is (N,), weights included.
    Raises IndexError if a target is neither in 0..C-1 nor ignore_index.
    Source: torch.nn.functional.cross_entropy; Szegedy et al. 2016, section 7, arXiv 1512.00567
    """
    input = _as_float(input)
    rows, classes = input.shape
    kept = target != ignore_index
    label = np.where(kept, target, 0)
    if np.any(label < 0):  # numpy refuses only what is too large
        raise IndexError("a target is negative and isn't ignore_index")
    weight = np.ones(classes) if weight is None else weight.astype(np.float64)
    row_weight = np.where(kept, weight[label], 0)

    # q[i, k] is the factor of -log p[i, k]: an unnormalised target distribution, all zeros in an ignored row.
    q = np.outer(kept, label_smoothing / classes * weight)
    q[np.arange(rows), label] += (1 - label_smoothing) * row_weight
    q = q.astype(input.dtype)

    log_p = input - input.max(axis=1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    loss = -(q * log_p).sum(axis=1)
    grad = q.sum(axis=1, keepdims=True) * np.exp(log_p) - q
    return _reduce(loss, grad, row_weight.sum(), reduction)


def _as_float(values: np.ndarray) -> np.ndarray:
    return values if values.dtype == np.float32 else values.astype(np.float64)


def _same_shape(input: np.ndarray, target: np.ndarray) -> None:
    if input.shape != target.shape:
        raise ValueError(f"input {input.shape} and target {target.shape} differ in shape")


def _reduce(loss: np.ndarray, grad: np.ndarray, divisor: float, reduction: str) -> tuple[np.ndarray, np.ndarray]:
    """The loss and its gradient, given those of every element on its own."""
    if reduction == "none":
        return loss, grad
    if reduction == "sum":
        return loss.sum(), grad
    if reduction == "mean":
        divisor = loss.dtype.type(divisor)
        with np.errstate(invalid="ignore"):  # the mean of nothing is nan
            return loss.sum() / divisor, grad / divisor
    raise ValueError(f"reduction is {reduction!r}; known are 'none', 'mean' and 'sum'")
