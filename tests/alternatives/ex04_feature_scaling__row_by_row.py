"""Welford's update for one row after the other; features in Python loops; no class shares code with another."""

import math

import numpy as np


def float_type(X):
    return np.float32 if X.dtype == np.dtype("float32") else np.float64


class StandardScaler:
    n_samples_seen_ = 0

    def fit(self, X):
        self.n_samples_seen_ = 0
        return self.partial_fit(X)

    def partial_fit(self, X):
        if len(X) == 0:
            raise ValueError("nothing to learn")
        n = self.n_samples_seen_
        mean = [0.0] * X.shape[1] if n == 0 else list(self.mean_)
        deviations = [0.0] * X.shape[1] if n == 0 else list(self.deviations)
        for row in X.tolist():
            n += 1
            for j, value in enumerate(row):
                before = value - mean[j]
                mean[j] += before / n
                deviations[j] += before * (value - mean[j])
        self.n_samples_seen_ = n
        self.mean_ = np.array(mean)
        self.deviations = deviations
        self.var_ = np.array(deviations) / n
        eps = np.finfo(float).eps
        self.scale_ = np.array(
            [1.0 if v <= (n * m * eps) ** 2 else math.sqrt(v) for v, m in zip(self.var_.tolist(), mean, strict=False)]
        )
        return self

    def transform(self, X):
        out = np.empty(X.shape, float_type(X))
        for j in range(X.shape[1]):
            out[:, j] = (X[:, j] - self.mean_[j]) / self.scale_[j]
        return out

    def inverse_transform(self, X):
        out = np.empty(X.shape, float_type(X))
        for j in range(X.shape[1]):
            out[:, j] = self.mean_[j] + self.scale_[j] * X[:, j]
        return out


class MinMaxScaler:
    def __init__(self, feature_range=(0.0, 1.0), clip=False):
        if not feature_range[0] < feature_range[1]:
            raise ValueError(feature_range)
        self.low, self.high = feature_range
        self.clip = clip

    def fit(self, X):
        if len(X) == 0:
            raise ValueError("nothing to learn")
        columns = X.T.tolist()
        self.data_min_ = np.array([float(min(column)) for column in columns])
        self.data_max_ = np.array([float(max(column)) for column in columns])
        self.width = np.array([b - a if b > a else 1.0 for a, b in zip(self.data_min_, self.data_max_, strict=False)])
        return self

    def transform(self, X):
        part = (X - self.data_min_) / self.width
        out = (1 - part) * self.low + part * self.high
        if self.clip:
            out = np.clip(out, self.low, self.high)
        return out.astype(float_type(X))

    def inverse_transform(self, X):
        part = (X - self.low) / (self.high - self.low)
        return (self.data_min_ + part * self.width).astype(float_type(X))


def scale_split(X_train, X_test):
    made = StandardScaler().fit(X_train)
    return made.transform(X_train), made.transform(X_test)


def channel_stats(batches):
    n, mean, deviations = 0, None, None
    for batch in batches:
        if batch.shape[0] == 0:
            continue
        pixels = batch.astype(np.float64) / 255.0
        m = pixels[:, 0].size
        new = pixels.mean((0, 2, 3))
        spread = pixels.var((0, 2, 3)) * m
        if n == 0:
            n, mean, deviations = m, new, spread
        else:
            deviations = deviations + spread + (new - mean) ** 2 * (n * m / (n + m))
            mean = (n * mean + m * new) / (n + m)
            n += m
    if n == 0:
        raise ValueError("no images")
    return mean, (deviations / n) ** 0.5


def normalize_images(x, mean, std):
    moved = x.transpose(0, 2, 3, 1) / 255.0
    return np.ascontiguousarray(((moved - mean) / std).transpose(0, 3, 1, 2), dtype=np.float32)
