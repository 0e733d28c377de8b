"""14 · Why does deep learning work in spite of local minima?

Because in many dimensions a point where the gradient vanishes is hardly ever a minimum. Find out what it is instead:
get second derivatives from gradients, sort out critical points by their eigenvalues, leave a saddle in the right
direction, and count how rare minima are among random matrices.

Rules for every part:

* No argument is changed, and no result shares memory with one. Points and matrices may come as integers or float32;
  everything is computed in, and returned as, float64.
* There is at least one dimension: points are (d,), matrices (d, d), d >= 1.
* A matrix H of second derivatives that is handed to you may be unsymmetric, from rounding or from coarse differences:
  use (H + H') / 2 in its place.

Sources: Dauphin et al. 2014 (arXiv:1406.2572); Choromanska et al. 2015 (arXiv:1412.0233); Kawaguchi 2016
(arXiv:1605.07110); Dean & Majumdar 2006 (Phys. Rev. Lett. 97, 160201); Nocedal & Wright, Numerical Optimization,
section 8.1.
"""

from collections.abc import Callable

import numpy as np


def hessian_from_grad(
    grad: Callable[[np.ndarray], np.ndarray], x: np.ndarray, h: float | np.ndarray | None = None
) -> np.ndarray:
    """The matrix of second derivatives at x by central differences of the gradient, made symmetric.

    grad: takes a float64 point (d,), returns a new float64 array (d,).
    h: the step along each axis, a number for all of them or an array (d,), taken as it is. By default it is, for axis
        i, the cube root of the machine epsilon of float64 times max(1, |x[i]|).
    `grad` is called exactly 2 d times: at x + h[i] and x - h[i] along each axis i.

    Returns (d, d), symmetric: the mean of the matrix of differences and its transpose.
    Source: Nocedal & Wright, section 8.1.
    """
    x = np.array(x, dtype=np.float64)
    if h is None:
        h = np.cbrt(np.finfo(np.float64).eps) * np.maximum(1, np.abs(x))
    steps = np.diag(np.broadcast_to(np.asarray(h, dtype=np.float64), x.shape))
    return _symmetric([(grad(x + step) - grad(x - step)) / (2 * step[i]) for i, step in enumerate(steps)])


def classify_critical_point(g: np.ndarray, H: np.ndarray, gtol: float = 1e-6, rtol: float = 1e-8) -> dict:
    """What kind of point has the gradient g, (d,), and the second derivatives H, (d, d).

    An eigenvalue counts as positive above tau, as negative below -tau, and as zero from -tau to tau, both included,
    with tau = rtol * (the largest absolute value among the eigenvalues).

    Returns a dict:
        "kind": the first of these that fits:
            "not_critical", if the largest absolute entry of g is above gtol;
            "saddle", if there are positive and negative eigenvalues, and maybe zeros;
            "degenerate", if there is a zero eigenvalue: second derivatives don't decide;
            "local_min", if all eigenvalues are positive;
            "local_max", if all of them are negative.
        "index": the share of negative eigenvalues, a float from 0 to 1.
        "eigenvalues": (d,), ascending.
    The last two are there for points of every kind.
    Source: Dauphin et al. 2014, section 2.
    """
    eigenvalues = np.linalg.eigvalsh(_symmetric(H))
    tau = rtol * np.abs(eigenvalues).max()
    up, down = eigenvalues > tau, eigenvalues < -tau
    kind = "not_critical" if np.abs(g).max() > gtol else _kind(up, down)
    return {"kind": kind, "index": float(down.mean()), "eigenvalues": eigenvalues}


def _kind(up: np.ndarray, down: np.ndarray) -> str:
    if up.any() and down.any():
        return "saddle"
    if not (up | down).all():
        return "degenerate"
    return "local_min" if up.all() else "local_max"


def escape_direction(H: np.ndarray) -> np.ndarray | None:
    """The direction in which the loss falls away most steeply from a critical point, by its second derivatives.

    Returns a unit eigenvector (d,) of the smallest eigenvalue, if that is below 0, and None otherwise. Of its two
    signs, the one that makes the entry with the largest absolute value positive.
    Source: Dauphin et al. 2014, section 3.
    """
    eigenvalues, vectors = np.linalg.eigh(_symmetric(H))
    if eigenvalues[0] >= 0:
        return None
    v = vectors[:, 0]
    return v * np.sign(v[np.abs(v).argmax()])


def goe_minimum_fraction(n: int, num: int, rng: np.random.Generator) -> float:
    """How many of `num` random symmetric n x n matrices would belong to a minimum: the share with no eigenvalue <= 0.

    The matrices are (A + A') / 2 for the `num` >= 1 matrices A in rng.standard_normal((num, n, n)); nothing else is
    drawn. Up to a factor this is the Gaussian orthogonal ensemble (GOE).
    Source: Dean & Majumdar 2006.
    """
    A = rng.standard_normal((num, n, n))
    eigenvalues = np.linalg.eigvalsh((A + A.swapaxes(1, 2)) / 2)
    return float((eigenvalues > 0).all(axis=1).mean())


def _symmetric(H: np.ndarray | list[np.ndarray]) -> np.ndarray:
    H = np.asarray(H, dtype=np.float64)
    return (H + H.T) / 2
