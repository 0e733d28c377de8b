# Plain Python loops and classes; the search keeps a sorted list of its intervals.
import bisect
import math

import numpy as np


def convexity_violation(f, X, Y, t):
    worst = 0.0
    for i in range(len(X)):
        s = float(t[i]) if np.ndim(t) else float(t)
        x, y = X[i].astype(np.float64), Y[i].astype(np.float64)
        middle = f((s * x + (1.0 - s) * y)[None, :])[0]
        worst = max(worst, float(middle - s * f(x[None, :])[0] - (1.0 - s) * f(y[None, :])[0]))
    return worst


class Interval:
    def __init__(self, x0, f0, x1, f1, L):
        self.x0, self.f0, self.x1, self.f1 = x0, f0, x1, f1
        # the line falling from the left meets the line falling from the right
        self.where = x0 + (f0 - f1 + L * (x1 - x0)) / (2 * L)
        self.bound = f0 - L * (self.where - x0)

    def __lt__(self, other):
        return (self.bound, self.x0) < (other.bound, other.x0)


def piyavskii_shubert(f, a, b, L, tol, max_evals=10000):
    if not a < b:
        raise ValueError("empty interval")
    if not L > 0:
        raise ValueError("no slope")
    fb, fa = f(b), f(a)
    x, best = (a, fa) if fa < fb else (b, fb)
    count = 2
    intervals = [Interval(a, fa, b, fb, L)]
    while count < max_evals:
        if best - intervals[0].bound <= tol:
            break
        one = intervals.pop(0)
        new = f(one.where)
        count += 1
        if new < best:
            x, best = one.where, new
        bisect.insort(intervals, Interval(one.x0, one.f0, one.where, new, L))
        bisect.insort(intervals, Interval(one.where, new, one.x1, one.f1, L))
    return {"x": x, "f": best, "lower_bound": intervals[0].bound, "n_evals": count}


def lasso_gap(X, y, w, lam):
    n, d = X.shape
    residual = [float(y[i]) - sum(float(X[i, j]) * float(w[j]) for j in range(d)) for i in range(n)]
    steepest = max((abs(sum(float(X[i, j]) * residual[i] for i in range(n))) for j in range(d)), default=0.0)
    scale = 1.0 if steepest <= lam else lam / steepest
    primal = sum(r * r for r in residual) / 2 + lam * sum(abs(float(v)) for v in w)
    dual = sum(float(v) ** 2 for v in y) / 2 - sum((float(y[i]) - scale * residual[i]) ** 2 for i in range(n)) / 2
    return primal, dual, primal - dual


def certificate(loss, lower_bound, is_convex, grad_norm, tol):
    if math.isnan(loss):
        return "none"
    proven = loss - lower_bound <= tol
    flat = grad_norm <= tol
    if proven or (flat and is_convex):
        return "global"
    if flat:
        return "stationary"
    return "none"
