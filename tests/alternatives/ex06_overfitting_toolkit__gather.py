"""Everything as one indexing or one matrix product: index tables for the crops, a permutation matrix for mixup."""

import numpy as np


class EarlyStopping:
    best_epoch = best_state = stopped_epoch = None
    num_bad_epochs = 0
    calls = 0

    def __init__(self, patience=5, min_delta=0.0, mode="min"):
        signs = {"min": 1.0, "max": -1.0}
        if mode not in signs:
            raise ValueError("mode must be min or max")
        self.sign = signs[mode]
        self.limit = patience
        self.needed = min_delta
        self.lowest = np.inf

    @property
    def best_metric(self):
        return self.sign * self.lowest

    def step(self, metric, state):
        if self.stopped_epoch is None:
            signed = self.sign * float(metric)
            improved = bool(np.isfinite(signed)) and (self.lowest == np.inf or self.lowest - signed > self.needed)
            if improved:
                self.lowest = signed
                self.best_epoch = self.calls
                self.best_state = {k: np.array(v) for k, v in state.items()}
            self.num_bad_epochs = 0 if improved else self.num_bad_epochs + 1
            if self.num_bad_epochs == self.limit:
                self.stopped_epoch = self.calls
            self.calls += 1
        return self.stopped_epoch is not None


def smooth_labels(y, num_classes, eps):
    if y.size and (y.min() < 0 or y.max() >= num_classes):
        raise IndexError("no such class")
    return (1 - eps) * np.eye(num_classes)[y.astype(int)] + eps / num_classes


def mixup(x, y_onehot, lam, perm):
    n = len(x)
    lam = np.full(n, lam) if np.ndim(lam) == 0 else np.asarray(lam, dtype=float)
    mixer = np.diag(lam)
    mixer[np.arange(n), perm] += 1 - lam

    def apply(values):
        kind = np.float32 if values.dtype == np.float32 else np.float64
        flat = values.reshape(n, int(np.prod(values.shape[1:])))
        return (mixer @ flat.astype(float)).reshape(values.shape).astype(kind)

    return apply(x), apply(y_onehot)


def pad_crop_flip(x, offsets, flip, padding):
    n, c, h, w = x.shape
    padded = np.zeros((n, c, h + 2 * padding, w + 2 * padding), dtype=x.dtype)
    padded[:, :, padding : padding + h, padding : padding + w] = x
    rows = offsets[:, :1] + np.arange(h)
    cols = offsets[:, 1:] + np.where(flip[:, None], np.arange(w)[::-1], np.arange(w))
    i, k = np.arange(n), np.arange(c)
    return padded[i[:, None, None, None], k[None, :, None, None], rows[:, None, :, None], cols[:, None, None, :]]


def penalty_and_grad(params, l1, l2):
    counted = {name: w for name, w in params.items() if not name.endswith("bias")}
    penalty = sum((l1 * np.abs(w) + l2 * w * w / 2).sum() for w in counted.values())
    grads = {name: (l1 * np.sign(w) + l2 * w).astype(w.dtype) for name, w in counted.items()}
    return penalty, {name: grads.get(name, 0 * w) for name, w in params.items()}
