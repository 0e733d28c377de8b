# Style: one sample at a time, outer products added up, Z by recursion over single units.
import math

import numpy as np


def boltzmann_energy(s, W, b):
    return np.array([-0.5 * (x @ W @ x) - b @ x for x in s.astype(W.dtype)], dtype=W.dtype)


def energy(v, h, W, b_v, b_h):
    rows = zip(v.astype(W.dtype), h.astype(W.dtype), strict=True)
    return np.array([-(x @ b_v) - (y @ b_h) - x @ W @ y for x, y in rows], dtype=W.dtype)


def squash(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


def p_h_given_v(v, W, b_h):
    return np.stack([squash(b_h + row @ W) for row in v.astype(W.dtype)])


def p_v_given_h(h, W, b_v):
    return np.stack([squash(b_v + W @ row) for row in h.astype(W.dtype)])


def log1pexp(x):
    return float(x) if x > 700 else math.log1p(math.exp(x))


def free_energy(v, W, b_v, b_h):
    result = []
    for row in v.astype(W.dtype):
        total = row @ W + b_h
        result.append(-float(row @ b_v) - sum(log1pexp(t) for t in total))
    return np.array(result, dtype=W.dtype)


def cd1(v0, W, b_v, b_h, u_h, u_v):
    dW, db_v, db_h = np.zeros_like(W), np.zeros_like(b_v), np.zeros_like(b_h)
    for row, uh, uv in zip(v0.astype(W.dtype), u_h, u_v, strict=True):
        up = p_h_given_v(row[None], W, b_h)[0]
        h = (uh < up) * 1.0
        dream = (uv < p_v_given_h(h[None], W, b_v)[0]).astype(W.dtype)
        again = p_h_given_v(dream[None], W, b_h)[0]
        dW += np.outer(row, up) - np.outer(dream, again)
        db_v += row - dream
        db_h += up - again
    n = W.dtype.type(len(v0))
    return {"W": dW / n, "b_v": db_v / n, "b_h": db_h / n}


def log_likelihood(V, W, b_v, b_h):
    V, W, b_v, b_h = (np.array(x, np.float64) for x in (V, W, b_v, b_h))
    log_p = [-f for f in free_energy(V, W, b_v, b_h)]
    if W.shape[1] < W.shape[0]:
        W, b_v, b_h = W.T, b_h, b_v
    logs = []

    def branch(unit, score, inputs):
        if unit == len(b_v):
            logs.append(score + sum(log1pexp(x) for x in inputs))
            return
        branch(unit + 1, score, inputs)
        branch(unit + 1, score + b_v[unit], inputs + W[unit])

    branch(0, 0.0, b_h)
    top = max(logs)
    log_z = top + math.log(math.fsum(math.exp(x - top) for x in logs))
    return sum(log_p) / len(log_p) - log_z
