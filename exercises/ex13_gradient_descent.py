"""13 · Explain gradient descent and when it converges

Walk downhill with the gradient, and then say beforehand which step sizes will arrive: on a parabola
f(x) = 1/2 x'Hx the eigenvalues of H tell everything.

Rules for every part:

* No argument is changed, and no result shares memory with one.
* Points are vectors of shape (d,) with d >= 1. Points and matrices may come as integers or float32; everything is
  computed in, and returned as, float64.
* `grad` and `f` are functions that take a point, an array of shape (d,): `grad(x)` returns a new float64 array of
  shape (d,), `f(x)` a float. They are expensive: how often they may be called stands below.
* H is symmetric positive definite, shape (d, d), with d >= 1.

Sources: Cauchy 1847; Armijo 1966 (Pacific J. Math. 16); Nesterov, Introductory Lectures on Convex Optimization, 2004,
section 1.2; Nocedal & Wright, Numerical Optimization, chapter 3; Bottou, Curtis & Nocedal 2018 (arXiv:1606.04838).
"""

from collections.abc import Callable

import numpy as np


def gradient_descent(
    grad: Callable[[np.ndarray], np.ndarray],
    x0: np.ndarray,
    lr: float | Callable[[int], float],
    max_steps: int,
    gtol: float = 0.0,
) -> dict:
    """Descend from x0, always along the negative gradient, as it is: its length is part of the step.

    lr: the factor in front of the gradient, a number or a function of the step number t = 0, 1, 2, ...
    gtol: the descent has converged at a point where the Euclidean norm of the gradient is at most gtol. No step
        leaves such a point.
    max_steps: the largest number of steps. The point that the last of them leads to is not tested any more: there,
        `converged` is False and `grad` isn't called. So max_steps = 0 takes no step and calls nothing.

    The descent also ends, not converged, as soon as a point has an entry that isn't finite; that point is still part
    of the path. `grad` is called exactly once at each point that is tested, and nowhere else.

    Returns a dict:
        "path": all points from x0 to the last, in order, (n_steps + 1, d) float64.
        "x": the last point of the path, (d,) float64.
        "n_steps": how many steps were taken, int.
        "converged": bool.
    Source: Nesterov 2004, section 1.2.3.
    """
    # TODO: in a loop: gradient, test, step, remember. Look at x0 after the call: is it what it was?
    raise NotImplementedError


def contraction(H: np.ndarray, lr: float) -> float:
    """The factor by which the slowest direction shrinks in one step of size lr >= 0 on 1/2 x'Hx.

    Along the i-th eigenvector of H the step multiplies x by a factor that may well be negative. The result is the
    largest of these factors in absolute value: below 1 the descent converges, above 1 it diverges.
    Source: Nesterov 2004, section 1.2.3.
    """
    # TODO: write the step in the coordinates of the eigenvectors.
    raise NotImplementedError


def stable_lr(H: np.ndarray) -> float:
    """The bound on the step size: on 1/2 x'Hx every lr > 0 below it converges from every start, none above it does.

    Source: Nesterov 2004, section 1.2.3.
    """
    # TODO: when does the factor in the steepest direction reach an absolute value of 1?
    raise NotImplementedError


def optimal_lr(H: np.ndarray) -> float:
    """The fixed step size with the smallest contraction on 1/2 x'Hx.

    Source: Nesterov 2004, section 1.2.3.
    """
    # TODO: two directions compete, the steepest and the flattest. Where do their factors balance?
    raise NotImplementedError


def backtracking(
    f: Callable[[np.ndarray], float],
    grad: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    t0: float = 1.0,
    beta: float = 0.5,
    c: float = 1e-4,
    max_iter: int = 50,
) -> float:
    """Armijo's line search: the first of t0, t0 beta, t0 beta^2, ... at which f falls enough along -grad(x).

    With g = grad(x), a step size t is accepted if f(x - t g) <= f(x) - c t (g . g), where f(x) is finite. Where f is
    nan or +infinity at the tried point, nothing has fallen: t is rejected. At most max_iter step sizes are tried; if
    all of them are rejected, the next one in the sequence, t0 beta^max_iter, is returned untried.

    `grad` is called once; `f` is called once at x and once at each tried point.
    Source: Armijo 1966; Nocedal & Wright, section 3.1.
    """
    # TODO: start long, shorten while the condition fails. What does a comparison with nan say?
    raise NotImplementedError
