# Style: one private flat work array that is moved and put back; plain loops over entries and samples.
import math

import numpy as np


def numerical_gradient(f, x, h=None, scheme="central"):
    if scheme not in ("central", "forward", "complex"):
        raise ValueError("unknown scheme " + scheme)
    x = np.asarray(x)
    flat = np.array(x, dtype=complex if scheme == "complex" else float, order="C").reshape(-1)
    work = flat.reshape(x.shape)
    eps = np.finfo(float).eps
    result = []
    f0 = f(work) if scheme == "forward" else 0.0
    for k in range(flat.size):
        old = flat[k]
        if scheme == "complex":
            step = 1e-20 if h is None else h
            flat[k] = complex(old.real, step)
            result.append(np.imag(f(work)) / step)
        else:
            power = 0.5 if scheme == "forward" else 1 / 3
            step = h
            if step is None:
                step = math.pow(eps, power) * max(1, math.fabs(old))
            up = old + step
            flat[k] = up
            value = float(f(work))
            down = old
            if scheme == "central":
                down = old - step
                flat[k] = down
                f0 = float(f(work))
            result.append((value - f0) / (up - down))
        flat[k] = old
    return np.array(result, dtype=float).reshape(x.shape)


def count_evaluations(f, x, scheme):
    calls = []

    def g(z):
        calls.append(1)
        return f(z)

    numerical_gradient(g, x, None, scheme)
    return len(calls)


def relative_error(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError("shapes")
    xs = [float(v) for v in a.ravel()]
    ys = [float(v) for v in b.ravel()]
    top = math.sqrt(sum((p - q) * (p - q) for p, q in zip(xs, ys, strict=False)))
    bottom = math.sqrt(sum(p * p for p in xs)) + math.sqrt(sum(q * q for q in ys))
    if bottom == 0:
        return 0.0
    return top / bottom


def gradcheck(f, x, analytic, rtol=1e-6):
    if np.shape(x) != np.shape(analytic):
        raise ValueError("shapes")
    numeric = numerical_gradient(f, x)
    worst, where = -1.0, None
    for index in np.ndindex(numeric.shape):
        p, q = float(np.asarray(analytic)[index]), float(numeric[index])
        error = abs(p - q) / max(1, abs(p), abs(q))
        if math.isnan(p) or math.isnan(q):
            worst, where = math.nan, index
            break
        if error > worst:
            worst, where = error, index
    if where is None:
        return {"ok": True, "max_rel_err": 0, "worst_index": None}
    return {"ok": worst <= rtol, "max_rel_err": worst, "worst_index": where}


def two_layer_gradients(params, X, y):
    W1, b1 = params["W1"].astype(float), params["b1"].astype(float)
    W2, b2 = params["W2"].astype(float), params["b2"].astype(float)
    n = X.shape[0]
    grads = {"W1": np.zeros(W1.shape), "b1": np.zeros(b1.shape), "W2": np.zeros(W2.shape), "b2": np.zeros(b2.shape)}
    for row, label in zip(X.astype(float), y, strict=False):
        z = row @ W1 + b1
        a = np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))
        o = a @ W2 + b2
        e = np.exp(o - o.max())
        delta = e / e.sum()
        delta[label] -= 1.0
        back = (W2 @ delta) * a * (1 - a)
        grads["W2"] += np.outer(a, delta) / n
        grads["b2"] += delta / n
        grads["W1"] += np.outer(row, back) / n
        grads["b1"] += back / n
    return grads
