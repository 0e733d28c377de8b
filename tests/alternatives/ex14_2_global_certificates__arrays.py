# Sorted arrays and argmin instead of a heap; the dual in its expanded form.
import numpy as np


def convexity_violation(f, X, Y, t):
    X = np.array(X, dtype=float)
    Y = np.array(Y, dtype=float)
    n = X.shape[0]
    if n == 0:
        return 0.0
    ts = np.full(n, t, dtype=float) if np.ndim(t) == 0 else np.asarray(t, dtype=float)
    between = np.einsum("n,nd->nd", ts, X) + np.einsum("n,nd->nd", 1 - ts, Y)
    above = f(between) - f(Y) - ts * (f(X) - f(Y))
    return max(0.0, above.max())


def piyavskii_shubert(f, a, b, L, tol, max_evals=10000):
    if a >= b:
        raise ValueError("a must be smaller than b")
    if L <= 0:
        raise ValueError("L must be positive")
    x = np.array([a, b], dtype=float)
    y = np.array([f(float(a)), f(float(b))])
    bounds = 0.5 * (y[:-1] + y[1:] - L * np.diff(x))
    while True:
        i = int(np.argmin(bounds))
        best = int(np.argmin(y))
        if y[best] - bounds[i] <= tol or len(x) >= max_evals:
            return {"x": x[best], "f": y[best], "lower_bound": bounds[i], "n_evals": len(x)}
        new = float(0.5 * (x[i] + x[i + 1] - (y[i + 1] - y[i]) / L))
        value = f(new)
        x = np.insert(x, i + 1, new)
        y = np.insert(y, i + 1, value)
        bounds[i] = 0.5 * (y[i] + y[i + 1] - L * (x[i + 1] - x[i]))
        bounds = np.insert(bounds, i + 1, 0.5 * (y[i + 1] + y[i + 2] - L * (x[i + 2] - x[i + 1])))


def lasso_gap(X, y, w, lam):
    if X.dtype.kind != "f":
        X, y, w = X.astype(float), y.astype(float), w.astype(float)
    r = y - np.dot(X, w)
    products = np.abs(np.dot(r, X))
    scale = 1.0
    if products.size and products.max() > lam:
        scale = lam / products.max()
    theta = scale * r
    primal = 0.5 * np.sum(r**2) + lam * np.sum(np.abs(w))
    dual = np.dot(theta, y) - 0.5 * np.sum(theta**2)
    return float(primal), float(dual), float(primal) - float(dual)


def certificate(loss, lower_bound, is_convex, grad_norm, tol):
    if loss <= lower_bound + tol:
        return "global"
    if not grad_norm <= tol:
        return "none"
    return "global" if is_convex else "stationary"
