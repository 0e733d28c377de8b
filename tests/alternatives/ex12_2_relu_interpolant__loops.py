# A loop over the sorted pairs that keeps the current slope; units are scaled so that they reach 1 at the next knot.

import itertools

import numpy as np


def relu_interpolant(x_knots, y_knots, extrapolate="clamp"):
    if extrapolate not in {"clamp", "linear"}:
        raise ValueError("extrapolate must be clamp or linear")
    points = sorted(zip(x_knots.tolist(), y_knots.tolist(), strict=True))
    if len({x for x, _ in points}) != len(points):
        raise ValueError("x values must be different")
    w1, b1, w2 = [], [], []
    slope = 0.0
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        width = x1 - x0
        new = (y1 - y0) / width
        w1.append(1 / width)
        b1.append(-x0 / width)
        w2.append((new - slope) * width)
        slope = new
    if extrapolate == "clamp" and slope != 0:
        w1.append(1.0)
        b1.append(-float(points[-1][0]))
        w2.append(-slope)
    return {
        "W1": np.array(w1, dtype=float).reshape(len(w1), 1),
        "b1": np.array(b1, dtype=float),
        "W2": np.array(w2, dtype=float).reshape(1, len(w2)),
        "b2": np.array([points[0][1]], dtype=float),
    }


def net_eval(net, t):
    out = np.zeros(len(t))
    for i, value in enumerate(t.tolist()):
        total = float(net["b2"][0])
        for w, b, v in zip(net["W1"][:, 0].tolist(), net["b1"].tolist(), net["W2"][0].tolist(), strict=True):
            total += v * max(0.0, w * value + b)
        out[i] = total
    return out


def num_segments(f2_max, a, b, tol):
    n = 1
    while ((b - a) / n) ** 2 * f2_max / 8 > tol:
        n += 1
    return n


def approximate(f, a, b, f2_max, tol):
    n = num_segments(f2_max, a, b, tol)
    x = np.array([a + (b - a) * i / n for i in range(n + 1)])
    return relu_interpolant(x, np.array([float(f(value)) for value in x]), "linear")
