# Style: ridge by extra rows of data; coordinate descent on residuals, then an exact solve for what is left.
import numpy as np


def ridge(X, y, alpha):
    n, d = X.shape
    Xc = X - np.mean(X, axis=0)
    rows = np.concatenate([Xc, np.sqrt(alpha) * np.eye(d)])
    w, *_ = np.linalg.lstsq(rows, np.concatenate([y - np.mean(y), np.zeros(d)]), rcond=None)
    return w, float((y - X @ w).sum() / n)


def soft_threshold(x, t):
    x = np.asarray(x) * 1.0
    return x - np.clip(x, -t, t)


def shrink(v, t):
    if v > t:
        return v - t
    return v + t if v < -t else 0.0


def elastic_net(X, y, alpha, l1_ratio, tol=1e-10, max_iter=10_000):
    n, d = X.shape
    Xc = np.asfortranarray(X - X.mean(axis=0))
    r = y - y.mean()
    size = [float(Xc[:, j] @ Xc[:, j]) / n for j in range(d)]
    w = [0.0] * d
    for _ in range(max_iter):
        change = 0.0
        for j in range(d):
            if size[j] < 1e-14:
                continue
            before = w[j]
            w[j] = shrink(float(Xc[:, j] @ r) / n + size[j] * before, alpha * l1_ratio)
            w[j] /= size[j] + alpha * (1 - l1_ratio)
            if w[j] != before:
                r = r - Xc[:, j] * (w[j] - before)
                change = max(change, abs(w[j] - before))
        if change < 1e-7:
            break
    w = np.array(w)
    on = np.flatnonzero(w)
    if len(on):
        A = Xc[:, on]
        H = A.T @ A / n + alpha * (1 - l1_ratio) * np.eye(len(on))
        w[on] = np.linalg.solve(H, A.T @ (y - y.mean()) / n - alpha * l1_ratio * np.sign(w[on]))
    return w, float(y.mean() - X.mean(axis=0) @ w)


def kkt_violation(X, y, w, b, alpha, l1_ratio):
    r = y - b - np.einsum("nd,d->n", X, w, dtype=float)
    s = np.einsum("nd,n->d", X, r) / X.shape[0] - alpha * (1 - l1_ratio) * w
    lo = np.where(w > 0, 1, -1) * alpha * l1_ratio
    hi = np.where(w < 0, -1, 1) * alpha * l1_ratio
    outside = np.maximum(lo - s, s - hi)
    return max(float(np.max(outside)), abs(float(np.mean(r))), 0.0)


def effective_dof(X, alpha):
    values = np.linalg.eigvalsh(np.cov(X, rowvar=False, bias=True).reshape(X.shape[1], X.shape[1]) * len(X))
    values = np.clip(values, 0, None)
    return float(np.sum(values / (values + alpha)))


def decay_step(w, g, lr, wd, kind, scale=1.0):
    w, g = np.array(w, dtype=np.float64), np.array(g, dtype=np.float64)
    step = {"l2": lambda: (g + wd * w) / scale, "decoupled": lambda: g / scale + wd * w}
    if kind not in step:
        raise ValueError(f"no decay is called {kind}")
    return w - lr * step[kind]()
