"""14-2 · How can you know that a solution is the global minimum?

The value of a loss alone says nothing: to know that nothing better exists, you need a *certificate*, as a rule
a lower bound that no solution can beat. Write four tools that find one, or show that there is none: a test that
can refute convexity, a search that comes with a guarantee, the duality gap of the lasso, and the rules by which
a finished training run is judged.

Rules for all parts:

* Arrays that come in are float64, float32 or integer, in any memory layout. They stay as they are; integers count
  as float64.
* Where the signature says float, the result is one number (Python's or numpy's).
* Functions `f` that come in are pure; call them as their part says.

Sources: Piyavskii 1972 (doi:10.1016/0041-5553(72)90115-2) and Shubert 1972 (doi:10.1137/0709036) for the search;
Boyd and Vandenberghe, Convex Optimization (https://web.stanford.edu/~boyd/cvxbook/), sections 3.1 and 5.2;
Ndiaye et al. 2017, Gap Safe Screening Rules (arXiv:1611.05780).
"""

from collections.abc import Callable

import numpy as np


def convexity_violation(
    f: Callable[[np.ndarray], np.ndarray], X: np.ndarray, Y: np.ndarray, t: float | np.ndarray
) -> float:
    """How far `f` rises above its chords: a positive number proves that `f` is not convex; 0 proves nothing.

    For every pair of points take the point t X + (1 - t) Y of the line between them, and compare the value of `f`
    there with that of the chord, which is t f(X) + (1 - t) f(Y). The result is the largest amount by which a value
    lies above its chord, and 0 if none does or if there are no pairs.

    f: takes points as rows, (m, d), and returns their values, (m,).
    X, Y: (n, d), n may be 0; row i of X belongs to row i of Y. t: a number in 0 ... 1, or one for each pair, (n,).
    Source: Boyd and Vandenberghe, section 3.1.1.
    """
    # TODO: three calls of f; mind the shape of t when it has one number per pair.
    raise NotImplementedError


def piyavskii_shubert(
    f: Callable[[float], float], a: float, b: float, L: float, tol: float, max_evals: int = 10000
) -> dict[str, float]:
    """Global minimum of a function on [a, b] that never climbs faster than `L`: |f(x) - f(y)| <= L |x - y|.

    Evaluate both ends first. Between two neighbouring points that were evaluated, at x0 < x1 with values f0 and f1,
    the function can't fall below two lines: the one that falls from (x0, f0) to the right and the one that falls
    from (x1, f1) to the left, both with slope `L`. Where they cross is the lowest point that the interval may hide:

        it is at (x0 + x1) / 2 + (f0 - f1) / (2 L), and as low as (f0 + f1) / 2 - L (x1 - x0) / 2.

    The smallest of these bounds holds on all of [a, b]. The next point to evaluate is the crossing of the interval
    that has the smallest bound, of the leftmost if several have it (where only rounding decides between two bounds,
    either is right). Stop as soon as the best value found exceeds the smallest bound by at most `tol`, or when `f`
    was called `max_evals` times.

    f: takes a float, returns a float. Evaluate no point twice, and none outside [a, b].
    L: valid for f on [a, b]; it need not be the smallest that is. tol >= 0. max_evals: at least 2.
    Returns {"x": the best point, "f": its value, "lower_bound": the smallest bound given all that was evaluated,
    "n_evals": calls of f, an int}. Of equally good points, any is right.
    Raises ValueError unless a < b and L > 0.
    Time: ten thousand evaluations in well under a second; don't go through all intervals in Python for each.
    Sources: Piyavskii 1972; Shubert 1972.
    """
    # TODO: split one interval into two, over and over; what gives you the smallest bound quickly?
    raise NotImplementedError


def lasso_gap(X: np.ndarray, y: np.ndarray, w: np.ndarray, lam: float) -> tuple[float, float, float]:
    """Duality gap of the lasso at any weights `w`: they are at most that far from the optimum.

    The lasso minimises the *primal* P(w) = ||y - X w||² / 2 + lam * (sum of |w_j|), without an intercept. Its dual
    maximises D(theta) = ||y||² / 2 - ||y - theta||² / 2 over all theta (n,) whose product with each column of X
    lies within -lam ... lam. Every such theta gives D(theta) <= P(w) for every w.

    Take for theta the residual r = y - X w, scaled down just as far as the constraint demands, never up:
    r * min(1, lam / (largest |column of X · r|)), and r itself if all these products are 0.

    X: (n, d), n or d may be 0. y: (n,). w: (d,). lam > 0.
    Returns (primal, dual, primal - dual).
    Source: arXiv:1611.05780, section 2.
    """
    # TODO: residual, primal, a feasible theta, dual. The gap can never be clearly negative.
    raise NotImplementedError


def certificate(loss: float, lower_bound: float, is_convex: bool, grad_norm: float, tol: float) -> str:
    """What is known about the point where a training run has ended.

    loss: value of the loss there. lower_bound: a number that the loss is known never to fall below; -inf if none is
    known, 0 for most losses of deep learning. is_convex: whether the loss is convex in all its parameters.
    grad_norm: norm of its gradient there. tol >= 0: what counts as reached, for the loss and for the norm alike;
    a difference of exactly `tol` counts.

    Returns
    - "global": the loss has reached its lower bound, whatever its shape and gradient; or it is convex and the
      gradient has vanished,
    - "stationary": only the gradient has vanished; this may be a minimum, a saddle point or even a maximum,
    - "none": otherwise. NaN is never within `tol` of anything.
    """
    # TODO: which two facts are proofs, and which one only looks like one?
    raise NotImplementedError
