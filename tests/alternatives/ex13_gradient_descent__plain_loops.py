"""Other order of operations: while loops, matrices and norms spelled out, norms instead of eigenvalues."""

import math

import numpy as np


def gradient_descent(grad, x0, lr, max_steps, gtol=0.0):
    rate = lr if callable(lr) else lambda t: lr
    points = [np.asarray(x0, dtype=float).copy()]
    converged = False
    while len(points) <= max_steps and all(math.isfinite(v) for v in points[-1]):
        slope = grad(points[-1].copy())
        if math.sqrt(sum(float(v) * float(v) for v in slope)) <= gtol:
            converged = True
            break
        step = [-rate(len(points) - 1) * v for v in slope]
        points.append(np.array([a + b for a, b in zip(points[-1], step, strict=True)]))
    return {
        "converged": converged,
        "n_steps": np.int64(len(points) - 1),
        "x": np.copy(points[-1]),
        "path": np.vstack(points),
    }


def contraction(H, lr):
    return np.linalg.norm(np.eye(len(H)) - lr * np.array(H, dtype=float), 2)


def stable_lr(H):
    return 2 / np.linalg.svd(np.array(H, dtype=float), compute_uv=False).max()


def optimal_lr(H):
    H = np.array(H, dtype=float)
    return 2 / (np.linalg.norm(H, 2) + 1 / np.linalg.norm(np.linalg.inv(H), 2))


def backtracking(f, grad, x, t0=1.0, beta=0.5, c=1e-4, max_iter=50):
    x = np.asarray(x).astype(float)
    direction = -grad(x)
    promised = sum(v * v for v in direction)
    start = f(x)
    for k in range(max_iter):
        t = t0 * beta**k
        fall = start - f(x + t * direction)
        if fall >= c * t * promised:
            return t
    return t0 * beta**max_iter
