"""15-3 · What is regularisation?

Anything that is done to a learner so that it does better on data it hasn't seen, though not on those it has. The
classic way is a penalty on the size of the weights. Write it where every answer can be checked: in linear regression.
Ridge regression shrinks weights, the lasso puts some of them to exactly 0, the elastic net does both; and weight
decay is what is left of it in the step of an optimiser.

Rules for all parts:

* Rows of X (n, d) are samples, n >= 2 and d >= 1; y and w are one-dimensional. X may have more columns than rows.
* The model is X w + b. The intercept b is never penalised.
* A column of X that is constant gets the weight 0.
* Arrays come in any memory layout, as float64 or integers. All computation is in float64; arrays come back as new
  float64 arrays, and single numbers as Python floats.
* Mind the factors: each docstring says what is minimised, and they differ on purpose, as they do in libraries.

Sources: Hoerl & Kennard 1970 (Technometrics 12); Tibshirani 1996 (J. R. Statist. Soc. B 58); Zou & Hastie 2005 (J. R.
Statist. Soc. B 67); Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, section 3.4; Loshchilov
& Hutter 2019 (arXiv:1711.05101).
"""

import numpy as np


def ridge(X: np.ndarray, y: np.ndarray, alpha: float) -> tuple[np.ndarray, float]:
    """Weights and intercept that minimise |y - X w - b|^2 + alpha |w|^2, with sums of squares, not means.

    X: (n, d). y: (n,). alpha: at least 0, and greater than 0 unless the columns of X and a column of ones are
        independent.
    Returns (w, b), w of shape (d,).
    Source: Hoerl & Kennard 1970; as sklearn.linear_model.Ridge.
    """
    Xc, yc = _centred(X), _centred(y)
    w = np.linalg.solve(Xc.T @ Xc + alpha * np.eye(X.shape[1]), Xc.T @ yc)
    return w, float(np.mean(y - X @ w))


def _centred(x: np.ndarray) -> np.ndarray:
    moved = x - x[0].astype(np.float64)  # so that nothing is left of a constant column, its mean rounded or not
    return moved - moved.mean(axis=0)


def soft_threshold(x: np.ndarray, t: float) -> np.ndarray:
    """Move every number towards 0 by t, but not beyond: what is at most t in size becomes exactly 0.

    It is the v that minimises (v - x)^2 / 2 + t |v|.

    x: of any shape, 0-d and empty ones included. t: at least 0.
    Returns an array of the shape of x.
    Source: Tibshirani 1996.
    """
    x = np.asarray(x, np.float64)
    return np.sign(x) * np.maximum(np.abs(x) - t, 0)


def elastic_net(
    X: np.ndarray, y: np.ndarray, alpha: float, l1_ratio: float, tol: float = 1e-10, max_iter: int = 10_000
) -> tuple[np.ndarray, float]:
    """Weights and intercept that minimise

        |y - X w - b|^2 / (2 n)  +  alpha * l1_ratio * sum |w_j|  +  alpha * (1 - l1_ratio) * |w|^2 / 2

    Weights that are 0 at the minimum are exactly 0. `kkt_violation` of the result is at most 1e-8 times the larger of
    1 and the largest covariance of a column with y.

    X: (n, d), up to 60 columns. y: (n,). alpha: greater than 0. l1_ratio: from 0 to 1; 1 is the lasso. No two weights
    give the same minimum.
    tol, max_iter: for whoever iterates: when to stop, in units of your own choice. They are left at their defaults.
    Returns (w, b), w of shape (d,).
    Source: Zou & Hastie 2005; Friedman, Hastie & Tibshirani 2010 (J. Stat. Softw. 33);
        sklearn.linear_model.ElasticNet.
    """
    n = len(y)
    Xc, yc = _centred(X), _centred(y)
    gram, rest = Xc.T @ Xc / n, Xc.T @ yc / n  # rest: covariances of the columns with what isn't explained yet
    l1, l2 = alpha * l1_ratio, alpha * (1 - l1_ratio)
    w = np.zeros(X.shape[1])
    for _ in range(max_iter):
        largest = 0.0
        for j in np.flatnonzero(np.diag(gram) > 0):
            old = w[j]
            w[j] = soft_threshold(rest[j] + gram[j, j] * old, l1) / (gram[j, j] + l2)
            rest -= gram[j] * (w[j] - old)
            largest = max(largest, abs(w[j] - old))
        if largest <= tol:
            break
    return w, float(np.mean(y - X @ w))


def kkt_violation(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float, alpha: float, l1_ratio: float) -> float:
    """By how much (w, b) misses the conditions that hold at the minimum of `elastic_net`, and nowhere else.

    With the residuals r = y - X w - b and, for each column, s_j = X_j . r / n - alpha (1 - l1_ratio) w_j:
    - where w_j isn't 0, s_j equals alpha * l1_ratio with the sign of w_j;
    - where w_j is 0, s_j is at most alpha * l1_ratio in size;
    - the mean of r is 0.
    Returns the largest violation: of the equalities by absolute value, of the inequalities by how much they are
        exceeded.
    Source: Hastie, Tibshirani & Friedman 2009, section 3.4.
    """
    X, y, w = (np.asarray(array, np.float64) for array in (X, y, w))
    r = y - X @ w - b
    s = X.T @ r / len(r) - alpha * (1 - l1_ratio) * w
    l1 = alpha * l1_ratio
    violations = np.where(w != 0, np.abs(s - l1 * np.sign(w)), np.abs(s) - l1)
    return float(max(violations.max(), abs(r.mean())))  # never negative, whatever slack there is at the zeros


def effective_dof(X: np.ndarray, alpha: float) -> float:
    """Effective number of parameters of `ridge`, without the intercept.

    It is the trace of the matrix that turns y into the fitted values of ridge regression on the centred X: the sum of
    d^2 / (d^2 + alpha) over the singular values d of the centred X.

    X: (n, d). alpha: greater than 0.
    Source: Hastie, Tibshirani & Friedman 2009, equation 3.50.
    """
    squared = np.linalg.svd(_centred(X), compute_uv=False) ** 2
    return float((squared / (squared + alpha)).sum())


def decay_step(
    w: np.ndarray, g: np.ndarray, lr: float, wd: float, kind: str, scale: np.ndarray | float = 1.0
) -> np.ndarray:
    """One step of an optimiser that divides gradients by `scale`, element by element, with one of two weight decays.

    w, g: weights and gradient, of the same shape.
    kind: "l2": the penalty wd / 2 * |w|^2 is part of the loss, so its gradient joins g before anything else happens.
        "decoupled": the step is that of g alone, and besides, the old weights shrink by the fraction lr * wd.
    scale: positive, a number or an array that broadcasts to the shape of w. 1 is plain SGD; Adam has the root of its
        second moment there.
    Returns the new weights. Raises ValueError for any other kind.
    Source: Loshchilov & Hutter 2019, section 2.
    """
    w, g = (np.asarray(array, np.float64) for array in (w, g))
    match kind:
        case "l2":
            return w - lr * (g + wd * w) / scale
        case "decoupled":
            return (1 - lr * wd) * w - lr * g / scale
    raise ValueError(f"unknown kind {kind!r}: use 'l2' or 'decoupled'")
