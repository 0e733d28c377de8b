"""Channels moved to the end, sums and squares of rows; a dictionary copied by hand; statistics from weighted shares."""

import numpy as np

SAVED = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


class BatchNorm:
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.weight = self.bias = self.running_mean = self.running_var = self.num_batches_tracked = None
        if affine:
            self.weight, self.bias = np.full(num_features, 1.0), np.full(num_features, 0.0)
        if track_running_stats:
            self.running_mean, self.running_var = np.zeros((num_features,)), np.ones((num_features,))
            self.num_batches_tracked = 0

    def train(self, mode=True):
        self.training = bool(mode)

    def eval(self):
        self.training = False

    def __call__(self, x):
        rows = np.moveaxis(x, 1, -1).astype(float)
        flat = rows.reshape(-1, x.shape[1])
        tracked = self.running_mean is not None
        if self.training or not tracked:
            m = flat.shape[0]
            if m < 2:
                raise ValueError("not enough values per channel")
            mean = flat.sum(0) / m
            squares = ((flat - mean) ** 2).sum(0)
            var = squares / m
            if tracked and self.training:
                self.update(mean, squares / (m - 1))
        else:
            mean, var = self.running_mean, self.running_var
        rows = (rows - mean) * (var + self.eps) ** -0.5
        if self.weight is not None:
            rows = rows * self.weight + self.bias
        y = np.ascontiguousarray(np.moveaxis(rows, -1, 1))
        return y.astype(np.float32) if x.dtype == np.float32 else y

    def update(self, mean, var):
        self.num_batches_tracked = self.num_batches_tracked + 1
        rate = 1.0 / self.num_batches_tracked if self.momentum is None else self.momentum
        self.running_mean = self.running_mean + rate * (mean - self.running_mean)
        self.running_var = self.running_var + rate * (var - self.running_var)

    def state_dict(self):
        state = {}
        for name in SAVED:
            value = getattr(self, name)
            if value is not None:
                state[name] = np.array(value)
        return state

    def load_state_dict(self, d):
        for name in SAVED:
            if name in d:
                value = np.array(d[name])
                setattr(self, name, int(value) if name == "num_batches_tracked" else value)


def fold_into(weight, bias, bn):
    if bn.running_var is None:
        raise ValueError("nothing to fold")
    std = np.sqrt(bn.running_var + bn.eps)
    gamma = np.ones_like(std) if bn.weight is None else bn.weight
    beta = np.zeros_like(std) if bn.bias is None else bn.bias
    folded = np.stack([row * g / s for row, g, s in zip(weight, gamma, std, strict=True)])
    shift = beta - gamma * bn.running_mean / std
    if bias is not None:
        shift = shift + gamma * bias / std
    return folded.astype(weight.dtype), shift.astype(weight.dtype)


def recalibrate(bn, batches):
    counts, means, variances = [], [], []
    for x in batches:
        flat = np.moveaxis(x, 1, -1).reshape(-1, x.shape[1]).astype(float)
        counts.append(len(flat))
        means.append(flat.mean(0))
        variances.append(flat.var(0))
    share = np.array(counts)[:, None] / sum(counts)
    bn.running_mean = (share * means).sum(0)
    within, between = (share * variances).sum(0), (share * (means - bn.running_mean) ** 2).sum(0)
    bn.running_var = within + between
