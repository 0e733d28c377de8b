"""Other routines: work arrays instead of unit steps, roots by eigh and Cholesky, one matrix at a time."""

import numpy as np


def hessian_from_grad(grad, x, h=None):
    x = np.asarray(x).astype(float)
    d = x.size
    if h is None:
        h = [np.finfo(float).eps ** (1 / 3) * max(1.0, abs(value)) for value in x]
    h = np.ones(d) * h
    H = np.empty((d, d))
    for j in range(d):
        right, left = x.copy(), x.copy()
        right[j] += h[j]
        left[j] -= h[j]
        H[:, j] = (grad(right) - grad(left)) / (right[j] - left[j])
    return 0.5 * H + 0.5 * H.T


def classify_critical_point(g, H, gtol=1e-6, rtol=1e-8):
    H = np.array(H, dtype=float)
    values, _ = np.linalg.eigh(0.5 * (H.T + H))
    tau = max(abs(values[0]), abs(values[-1])) * rtol
    signs = [0 if -tau <= value <= tau else (1 if value > 0 else -1) for value in values]
    if any(abs(slope) > gtol for slope in g):
        kind = "not_critical"
    elif -1 in signs and 1 in signs:
        kind = "saddle"
    elif 0 in signs:
        kind = "degenerate"
    else:
        kind = {1: "local_min", -1: "local_max"}[signs[0]]
    return {"eigenvalues": values, "index": signs.count(-1) / len(signs), "kind": kind}


def escape_direction(H):
    H = np.array(H, dtype=float)
    # The smallest eigenvalue of H belongs to the largest one of -H.
    values, vectors = np.linalg.eigh(-(H + H.T) / 2)
    if -values[-1] < 0:
        v = vectors.T[-1] / np.linalg.norm(vectors.T[-1])
        top = max(v, key=abs)
        return -v if top < 0 else 1.0 * v
    return None


def goe_minimum_fraction(n, num, rng):
    minima = 0
    for _ in range(num):
        A = rng.standard_normal((n, n))
        try:
            np.linalg.cholesky((A + A.T) / 2)
        except np.linalg.LinAlgError:
            continue
        minima += 1
    return minima / num
