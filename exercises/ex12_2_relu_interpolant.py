"""12-2 · How can ReLU units approximate a curve?

By being bent: each unit of a hidden layer adds one kink to a straight line, at a place and by an amount that its
weights choose. Write those weights down, without any training, for a curve through given points, and count how many
units a curve needs for a given accuracy.

A network is a dictionary with exactly the keys "W1" (H, 1), "b1" (H,), "W2" (1, H) and "b2" (1,). At a number t its
output is sum over k of W2[0, k] * relu(W1[k, 0] * t + b1[k]), plus b2[0]. With H = 0 it is the constant b2[0].

Rules for every part:
- Arrays may have any float or integer dtype. Everything is computed and returned in float64.
- No argument is changed, and nothing that is returned shares memory with an argument.
- Networks aren't unique. Any weights pass that give the right function with no more units than allowed, up to an
  error of 1e-9 * (1 + steepest slope * distance between the outermost knots).

Sources: Leshno et al. 1993 (universal approximation); Hornik 1991; documentation of numpy.interp.
"""

from collections.abc import Callable

import numpy as np


def relu_interpolant(x_knots: np.ndarray, y_knots: np.ndarray, extrapolate: str = "clamp") -> dict[str, np.ndarray]:
    """Return a network whose graph goes through all K knots (x, y), straight between neighbours.

    x_knots, y_knots: (K,) with K >= 1, finite, in any order: a knot is the pair of entries with the same index.
    extrapolate: what happens outside. Left of the leftmost knot the network is constant either way. Right of the
        rightmost knot it is constant with "clamp", with H <= K units, and goes on with the last slope with "linear",
        with H <= K - 1 units. K = 1 gives a constant.
    100 000 knots are ordinary: nothing may take time or memory in proportion to K * K.
    Returns the network. Raises ValueError if two knots have the same x, or for another word than these two.
    """
    # TODO: the network is a constant on the far left. At each knot a unit wakes up: by how much must it bend the
    # line, if all units to its left keep adding what they add?
    raise NotImplementedError


def net_eval(net: dict[str, np.ndarray], t: np.ndarray) -> np.ndarray:
    """Return the outputs of any network of the given form, not only of your own.

    net: as described above, with H >= 0 hidden units. t: (m,), m >= 0.
    Returns (m,).
    """
    # TODO: m numbers times H units, then ReLU, then one weighted sum for each number.
    raise NotImplementedError


def num_segments(f2_max: float, a: float, b: float, tol: float) -> int:
    """Return how many equal segments keep the error of straight pieces through a curve at or below tol.

    On a segment of length h, the line through the curve's ends misses the curve by at most h**2 / 8 times the largest
    |f''| there. Return the smallest number of equal segments of [a, b] for which this bound is at most tol.

    f2_max: upper bound >= 0 of |f''| on [a, b]. a < b: ends of the interval. tol: float > 0.
    Returns an int, at least 1.
    """
    # TODO: with n segments h is (b - a) / n. Solve the bound for n. Which way do you round?
    raise NotImplementedError


def approximate(
    f: Callable[[np.ndarray], np.ndarray], a: float, b: float, f2_max: float, tol: float
) -> dict[str, np.ndarray]:
    """Return a network that differs from f by at most tol everywhere on [a, b] (plus 1e-9 for rounding).

    f: takes an array (m,) and returns (m,). Interpolate it at equidistant knots, the ends of the interval included.
    f2_max, a, b, tol: as in `num_segments`.
    Returns a network with at most num_segments(f2_max, a, b, tol) + 1 hidden units.
    """
    # TODO: how many knots do n segments have? The rest is written already.
    raise NotImplementedError
