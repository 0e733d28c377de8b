"""A matrix for the path, cut to size at the end; eigenvalues by eigh; recursion in the line search."""

import numpy as np


def gradient_descent(grad, x0, lr, max_steps, gtol=0.0):
    path = np.zeros((max_steps + 1, len(x0)))
    path[0] = x0
    n, converged = 0, False
    while n < max_steps and np.isfinite(path[n]).all():
        g = grad(path[n].copy())
        converged = bool(np.sqrt(np.dot(g, g)) <= gtol)
        if converged:
            break
        rate = lr(n) if callable(lr) else lr
        path[n + 1] = path[n] + np.multiply(-rate, g)
        n += 1
    return {"x": path[n].copy(), "path": path[: n + 1].copy(), "n_steps": n, "converged": converged}


def extremes(H):
    values, _ = np.linalg.eigh(np.array(H, dtype=np.float64))
    return min(values), max(values)


def contraction(H, lr):
    low, high = extremes(H)
    return max(abs(lr * low - 1), abs(lr * high - 1))


def stable_lr(H):
    return 1 / (0.5 * extremes(H)[1])


def optimal_lr(H):
    return 1 / (sum(extremes(H)) / 2)


def backtracking(f, grad, x, t0=1.0, beta=0.5, c=1e-4, max_iter=50):
    x = np.array(x, float)
    f0, g = f(x), grad(x)
    gg = np.linalg.norm(g) ** 2

    def search(t, left):
        if left == 0 or f(x - t * g) <= f0 - c * t * gg:
            return t
        return search(beta * t, left - 1)

    return search(t0, max_iter)
