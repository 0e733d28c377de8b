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

_EPS = np.finfo(np.float64).eps
_STEP: dict[str, Callable[[float], float]] = {
    "central": lambda size: _EPS ** (1 / 3) * max(1.0, size),
    "forward": lambda size: _EPS ** (1 / 2) * max(1.0, size),
    "complex": lambda size: 1e-20,
}


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return (1 + np.tanh(z / 2)) / 2  # never overflows


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
    if scheme not in _STEP:
        raise ValueError(f"no scheme is called {scheme!r}, only {', '.join(_STEP)}")
    point = np.array(x, dtype=np.complex128 if scheme == "complex" else np.float64)

    def f_with(i: tuple[int, ...], value: complex) -> complex:
        moved = point.copy()
        moved[i] = value
        return f(moved)

    grad = np.zeros(point.shape)
    start = f(point.copy()) if scheme == "forward" else None
    for i in np.ndindex(point.shape):
        here, step = point[i], _STEP[scheme](abs(point[i])) if h is None else h
        if scheme == "complex":
            grad[i] = f_with(i, here + 1j * step).imag / step
        elif scheme == "central":
            grad[i] = (f_with(i, here + step) - f_with(i, here - step)) / ((here + step) - (here - step))
        else:
            grad[i] = (f_with(i, here + step) - start) / ((here + step) - here)
    return grad


def count_evaluations(f: Callable[[np.ndarray], float], x: np.ndarray, scheme: str) -> int:
    """Return how often `numerical_gradient`, with this scheme, calls f at x. It is found by counting: f is called.

    Raises ValueError for a scheme that isn't known.
    """
    calls = 0

    def counted(z: np.ndarray) -> float:
        nonlocal calls
        calls += 1
        return f(z)

    numerical_gradient(counted, x, scheme=scheme)
    return calls


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """Return ||a - b|| / (||a|| + ||b||), in Euclidean norms over all entries: 0 if equal, 1 if one of them is zero.

    Two arrays of zeros, and two empty ones, have the error 0.
    Raises ValueError if the shapes differ.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"gradients of shapes {a.shape} and {b.shape} can't be compared")
    total = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / total) if total != 0 else 0.0


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
    a, b = np.asarray(analytic, dtype=np.float64), numerical_gradient(f, x)
    if a.shape != b.shape:
        raise ValueError(f"x has the shape {b.shape}, its gradient {a.shape}")
    if a.size == 0:
        return {"ok": True, "max_rel_err": 0.0, "worst_index": None}
    error = np.abs(a - b) / np.maximum(1, np.maximum(np.abs(a), np.abs(b)))
    worst = np.unravel_index(np.argmax(error), error.shape)
    return {"ok": bool(error[worst] <= rtol), "max_rel_err": float(error[worst]), "worst_index": worst}


def two_layer_gradients(params: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """Return the gradients of the mean cross-entropy of a network with one hidden layer: backpropagation itself.

    params: {"W1": (D, H), "b1": (H,), "W2": (H, C), "b2": (C,)}. X: (N, D), y: (N,) integers in 0..C-1.
    The network: hidden = sigmoid(X @ W1 + b1), logits = hidden @ W2 + b2. Each sample's loss is
    -log softmax(logits)[y]; the loss is the mean over the samples.
    Returns {"W1": ..., "b1": ..., "W2": ..., "b2": ...}, float64, each of its parameter's shape; zeros for N = 0.
    Pre-activations and logits of +-1000 are ordinary and give finite results.
    """
    W1, b1, W2, b2 = (np.asarray(params[name], dtype=np.float64) for name in ("W1", "b1", "W2", "b2"))
    X = np.asarray(X, dtype=np.float64)
    hidden = _sigmoid(X @ W1 + b1)
    logits = hidden @ W2 + b2
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    d_logits = p / max(len(y), 1)
    d_hidden = d_logits @ W2.T * hidden * (1 - hidden)
    return {
        "W1": X.T @ d_hidden,
        "b1": d_hidden.sum(axis=0),
        "W2": hidden.T @ d_logits,
        "b2": d_logits.sum(axis=0),
    }
