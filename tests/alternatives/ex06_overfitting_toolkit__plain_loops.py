"""Loops over samples, a history of metrics instead of counters, explicit branches for both modes."""

import copy
import math

import numpy as np


class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0, mode="min"):
        if mode == "min":
            self.best_metric = math.inf
        elif mode == "max":
            self.best_metric = -math.inf
        else:
            raise ValueError(mode)
        self.patience = patience
        self.min_delta = min_delta
        self.mode = mode
        self.best_epoch = None
        self.best_state = None
        self.stopped_epoch = None
        self.history = []

    @property
    def num_bad_epochs(self):
        if self.best_epoch is None:
            return len(self.history)
        return len(self.history) - 1 - self.best_epoch

    def better(self, metric):
        if math.isnan(metric):
            return False
        if self.mode == "min":
            return metric < self.best_metric - self.min_delta
        return metric > self.best_metric + self.min_delta

    def step(self, metric, state):
        if self.stopped_epoch is not None:
            return True
        if self.better(metric):
            self.best_metric = float(metric)
            self.best_epoch = len(self.history)
            self.best_state = copy.deepcopy(state)
        self.history.append(metric)
        if self.num_bad_epochs < self.patience:
            return False
        self.stopped_epoch = len(self.history) - 1
        return True


def smooth_labels(y, num_classes, eps):
    rows = []
    for label in y.tolist():
        if not 0 <= label < num_classes:
            raise IndexError(label)
        rows.append([eps / num_classes + (1 - eps if k == label else 0) for k in range(num_classes)])
    return np.array(rows, dtype=float).reshape(len(y), num_classes)


def mixup(x, y_onehot, lam, perm):
    n = x.shape[0]
    lams = [float(value) for value in np.broadcast_to(lam, (n,))]
    answers = []
    for values in (x, y_onehot):
        kind = np.float32 if values.dtype == np.float32 else np.float64
        floats = values.astype(kind)
        mixed = np.empty(values.shape, kind)
        for i in range(n):
            mixed[i] = floats[perm[i]] + lams[i] * (floats[i] - floats[perm[i]])
        answers.append(mixed)
    return tuple(answers)


def pad_crop_flip(x, offsets, flip, padding):
    n, c, h, w = x.shape
    canvas = np.zeros((c, h + 2 * padding, w + 2 * padding), x.dtype)
    out = np.empty(x.shape, x.dtype)
    for i in range(n):
        canvas[:, padding : padding + h, padding : padding + w] = x[i]
        top, left = int(offsets[i, 0]), int(offsets[i, 1])
        window = canvas[:, top : top + h, left : left + w]
        out[i] = np.flip(window, axis=2) if flip[i] else window
    return out


def penalty_and_grad(params, l1, l2):
    total = 0.0
    grads = {}
    for name in params:
        w = params[name]
        grad = np.zeros(w.shape, w.dtype)
        if name[-4:] != "bias":
            total += float(l1 * np.sum(np.abs(w)))
            total += float(0.5 * l2 * np.sum(np.square(w)))
            grad = grad + l2 * w
            grad[w > 0] += l1
            grad[w < 0] -= l1
        grads[name] = grad
    return total, grads
