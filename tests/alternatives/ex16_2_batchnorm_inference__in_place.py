"""One channel at a time; running statistics change in place; float32 stays float32 throughout; batches are kept."""

import numpy as np


class BatchNorm:
    names = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        self.eps = eps
        self.momentum = momentum
        self.training = True
        self.weight = np.ones(num_features) if affine else None
        self.bias = np.zeros(num_features) if affine else None
        self.running_mean = np.zeros(num_features) if track_running_stats else None
        self.running_var = np.ones(num_features) if track_running_stats else None
        self.num_batches_tracked = np.array(0) if track_running_stats else None

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
        return self.train(False)

    def __call__(self, x):
        dtype = np.float32 if x.dtype == np.float32 else np.float64
        x = x.astype(dtype)
        by_batch = self.training or self.running_mean is None
        learning = self.training and self.running_mean is not None
        if by_batch and x[:, 0].size <= 1:
            raise ValueError
        if learning:
            self.num_batches_tracked += 1
            rate = self.momentum
            if rate is None:
                rate = 1 / int(self.num_batches_tracked)
        y = np.zeros(x.shape, dtype)
        for c in range(x.shape[1]):
            values = x[:, c].astype(np.float64)
            mean, var = (values.mean(), values.var()) if by_batch else (self.running_mean[c], self.running_var[c])
            if learning:
                self.running_mean[c] *= 1 - rate
                self.running_mean[c] += rate * mean
                self.running_var[c] *= 1 - rate
                self.running_var[c] += rate * values.var(ddof=1)
            y[:, c] = (values - mean) / np.sqrt(var + self.eps)
            if self.weight is not None:
                y[:, c] *= dtype(self.weight[c])
                y[:, c] += dtype(self.bias[c])
        return y

    def state_dict(self):
        return {name: getattr(self, name).copy() for name in self.names if getattr(self, name) is not None}

    def load_state_dict(self, d):
        for name in d:
            setattr(self, name, np.copy(d[name]))


def fold_into(weight, bias, bn):
    if bn.running_mean is None:
        raise ValueError("no running statistics")
    out = weight.shape[0]
    scale = 1 / np.sqrt(bn.running_var + bn.eps)
    shift = -bn.running_mean * scale
    if bn.weight is not None:
        scale, shift = scale * bn.weight, shift * bn.weight + bn.bias
    if bias is not None:
        shift = shift + bias * scale
    flat = np.diag(scale) @ weight.reshape(out, int(np.prod(weight.shape[1:])))
    return flat.reshape(weight.shape).astype(weight.dtype), shift.astype(weight.dtype)


def recalibrate(bn, batches):
    kept = [np.asarray(x, dtype=np.float64) for x in batches]
    for c in range(len(bn.running_mean)):
        values = np.concatenate([x[:, c].ravel() for x in kept])
        bn.running_mean[c] = values.mean()
        bn.running_var[c] = np.mean((values - bn.running_mean[c]) ** 2)
