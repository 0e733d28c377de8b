"""Matrix style: all displaced points at once, eigenvectors everywhere, kinds from a table of counts."""

import numpy as np


def hessian_from_grad(grad, x, h=None):
    point = np.array(x, dtype=np.float64)
    size = np.full(point.shape, h, dtype=np.float64) if h is not None else np.empty_like(point)
    if h is None:
        size[:] = np.spacing(1.0) ** (1.0 / 3.0) * np.clip(np.abs(point), 1.0, None)
    plus, minus = point + np.eye(point.size) * size, point - np.eye(point.size) * size
    rises = np.array([grad(row) for row in plus])
    falls = np.array([grad(row) for row in minus])
    columns = ((rises - falls).T / (2.0 * size)).T
    return (columns + columns.T) * 0.5


def decompose(H):
    H = np.array(H, dtype=np.float64)
    return np.linalg.eigh((H + H.transpose()) / 2)


def classify_critical_point(g, H, gtol=1e-6, rtol=1e-8):
    values, _ = decompose(H)
    tau = rtol * np.linalg.norm(values, np.inf)
    signs = np.where(np.abs(values) <= tau, 0, np.sign(values)).astype(int)
    present = frozenset(signs.tolist())
    table = {frozenset({1}): "local_min", frozenset({-1}): "local_max"}
    kind = "saddle" if {1, -1} <= present else table.get(present, "degenerate")
    if np.linalg.norm(np.asarray(g, dtype=float), np.inf) > gtol:
        kind = "not_critical"
    return {"kind": kind, "index": np.count_nonzero(signs == -1) / len(signs), "eigenvalues": values.copy()}


def escape_direction(H):
    values, vectors = decompose(H)
    lowest = int(np.argmin(values))
    if not values[lowest] < 0:
        return None
    v = vectors[:, lowest].copy()
    if v.max() < -v.min():
        v *= -1
    return v


def goe_minimum_fraction(n, num, rng):
    stack = rng.standard_normal((num, n, n))
    stack = 0.5 * (stack + np.einsum("kij->kji", stack))
    smallest = np.linalg.eigh(stack)[0].min(axis=-1)
    return np.count_nonzero(smallest > 0) / num
