# Style: SVD for ridge, accelerated proximal gradient steps (FISTA with restarts) for the elastic net.
import numpy as np


def ridge(X, y, alpha):
    X, y = X.astype(float), y.astype(float)
    mean = X.mean(0)
    U, s, Vt = np.linalg.svd(X - mean, full_matrices=False)
    keep = s > 1e-12 * s.max(initial=0)
    factors = np.zeros_like(s)
    factors[keep] = s[keep] / (s[keep] ** 2 + alpha)
    w = Vt.T @ (factors * (U.T @ (y - y.mean())))
    return w, y.mean() - mean @ w


def soft_threshold(x, t):
    x = np.array(x, dtype=float)
    return np.where(x > t, x - t, np.where(x < -t, x + t, 0.0))


def elastic_net(X, y, alpha, l1_ratio, tol=1e-10, max_iter=10_000):
    X, y = X.astype(float), y.astype(float)
    n = len(y)
    centre = X.mean(0)
    A, target = X - centre, y - y.mean()
    H, c = A.T @ A / n + alpha * (1 - l1_ratio) * np.eye(X.shape[1]), A.T @ target / n
    L = max(np.linalg.eigvalsh(H)[-1], 1e-12)
    w = z = np.zeros(X.shape[1])
    t = 1.0
    for _ in range(max_iter):
        new = soft_threshold(z - (H @ z - c) / L, alpha * l1_ratio / L)
        if (z - new) @ (new - w) > 0:
            t, z = 1.0, w
            new = soft_threshold(z - (H @ z - c) / L, alpha * l1_ratio / L)
        t_new = (1 + np.sqrt(1 + 4 * t * t)) / 2
        z = new + (t - 1) / t_new * (new - w)
        moved = np.abs(new - w).max()
        w, t = new, t_new
        if moved <= 1e-13 * max(1, np.abs(w).max()):
            break
    return w, y.mean() - centre @ w


def kkt_violation(X, y, w, b, alpha, l1_ratio):
    X, y, w = np.array(X, float), np.array(y, float), np.array(w, float)
    r = y - (X @ w + b)
    worst = abs(r.sum()) / len(r)
    for j in range(X.shape[1]):
        s = sum(X[:, j] * r) / len(r) - alpha * (1 - l1_ratio) * w[j]
        if w[j] > 0:
            v = abs(s - alpha * l1_ratio)
        elif w[j] < 0:
            v = abs(s + alpha * l1_ratio)
        else:
            v = abs(s) - alpha * l1_ratio
        worst = max(worst, v)
    return worst


def effective_dof(X, alpha):
    Xc = X - X.mean(0, keepdims=True)
    gram = Xc.T @ Xc
    return np.trace(np.linalg.solve(gram + alpha * np.eye(len(gram)), gram))


def decay_step(w, g, lr, wd, kind, scale=1.0):
    if kind not in ("l2", "decoupled"):
        raise ValueError(kind)
    w, g = w.astype(float), g.astype(float)
    total = g + wd * w if kind == "l2" else g
    new = w - lr * (total / scale)
    if kind == "decoupled":
        new = new - lr * wd * w
    return np.asarray(new, dtype=float)
