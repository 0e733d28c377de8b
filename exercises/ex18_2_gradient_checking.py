"""18-2 · How many lines is backpropagation?

About eight, for a network with one hidden layer. What is often shown in its place is numerical differentiation: it
needs two forward passes for every single parameter, and is good for one thing only, to check the eight lines. Write
both, and the check.

Rules for all parts:

* Arrays may have any shape, () and empty ones included, and any memory layout; they may be read-only. Integers and
  float32 are taken as float64, and all results are float64.
* Arguments stay as they are, and results are new arrays. x isn't touched even for a moment: f may look at it while
  it is called.

Sources: Griewank, Walther 2008, Evaluating Derivatives; Squire, Trapp 1998 (SIAM Review 40), complex steps; Goodfellow,
Bengio, Courville, Deep Learning, sections 6.5 and 11.5.
"""

from collections.abc import Callable

import numpy as np


def numerical_gradient(
    f: Callable[[np.ndarray], float], x: np.ndarray, h: float | None = None, scheme: str = "central"
) -> np.ndarray:
    """Return the gradient of f at x by differences, float64, shape of x.

    f: takes a float64 array of the shape of x and returns one number. With "complex", it takes a complex128 array
        and returns a complex number. Don't call it more often than the scheme needs: n = x.size.
    scheme: "central", from a step up and a step down, 2 n calls;
        "forward", from x itself (once for all) and a step up, n + 1 calls;
        "complex", from a step in the imaginary direction, n calls: the imaginary part of the value, divided by h.
    h: the step, the same for every entry. By default, for an entry x_i: eps ** (1/3) * max(1, |x_i|) for "central",
        eps ** (1/2) * max(1, |x_i|) for "forward" and 1e-20 for "complex", where eps is that of float64.
    x_i + h is rounded. So "central" and "forward" divide by the difference of the two numbers that f has really seen,
    also where h is given.
    Raises ValueError for any other scheme.
    """
    # TODO: one entry at a time: all the others stay where they are. How do you visit the entries of any shape?
    raise NotImplementedError


def count_evaluations(f: Callable[[np.ndarray], float], x: np.ndarray, scheme: str) -> int:
    """Return how often `numerical_gradient`, with this scheme, calls f at x. It is found by counting: f is called.

    Raises ValueError for a scheme that isn't known.
    """
    # TODO: what must numerical_gradient be given instead of f?
    raise NotImplementedError


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """Return ||a - b|| / (||a|| + ||b||), in Euclidean norms over all entries: 0 if equal, 1 if one of them is zero.

    Two arrays of zeros, and two empty ones, have the error 0.
    Raises ValueError if the shapes differ.
    """
    # TODO: watch the shapes, small integer types, and 0 / 0.
    raise NotImplementedError


def gradcheck(f: Callable[[np.ndarray], float], x: np.ndarray, analytic: np.ndarray, rtol: float = 1e-6) -> dict:
    """Compare a gradient that was derived by hand with the central differences of f at x, entry by entry.

    The error of an entry is |a - b| / max(1, |a|, |b|), with the two gradients a and b: relative for large entries,
    absolute for small ones. An error that is NaN counts as the largest.
    Returns a dictionary with three keys:
        "max_rel_err": the largest error, a float; 0.0 for an empty x.
        "worst_index": a tuple of ints, the index of its entry: the first in row-major order if there are several;
            None for an empty x.
        "ok": a bool, whether the largest error is at most rtol.
    Raises ValueError if the shapes of x and analytic differ.
    """
    # TODO: NumPy compares (3,) with (3, 1) without a word, and NaN with anything. Do you?
    raise NotImplementedError


def two_layer_gradients(params: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """Return the gradients of the mean cross-entropy of a network with one hidden layer: backpropagation itself.

    params: {"W1": (D, H), "b1": (H,), "W2": (H, C), "b2": (C,)}. X: (N, D), y: (N,) integers in 0..C-1.
    The network: hidden = sigmoid(X @ W1 + b1), logits = hidden @ W2 + b2. Each sample's loss is
    -log softmax(logits)[y]; the loss is the mean over the samples.
    Returns {"W1": ..., "b1": ..., "W2": ..., "b2": ...}, float64, each of its parameter's shape; zeros for N = 0.
    Pre-activations and logits of +-1000 are ordinary and give finite results.
    """
    # TODO: forward, keep what is needed, then back: logits, second layer, slope of the sigmoid, first layer.
    raise NotImplementedError
