"""Sums relative to the first row, which never cancel badly; whole numbers for pixels; a line as slope and intercept."""

import numpy as np


def like(X, values):
    return values.astype(np.float32) if X.dtype == np.float32 else values


class StandardScaler:
    def __init__(self):
        self.n_samples_seen_ = 0

    def fit(self, X):
        self.n_samples_seen_ = 0
        return self.partial_fit(X)

    def partial_fit(self, X):
        if X.shape[0] == 0:
            raise ValueError("an empty table")
        X = np.array(X, dtype=float)
        if self.n_samples_seen_ == 0:
            self.origin = X[0].copy()
            self.total = np.zeros(X.shape[1])
            self.squares = np.zeros(X.shape[1])
        moved = X - self.origin
        self.n_samples_seen_ += X.shape[0]
        self.total = self.total + moved.sum(0)
        self.squares = self.squares + np.einsum("ij,ij->j", moved, moved)
        shift = self.total / self.n_samples_seen_
        self.mean_ = self.origin + shift
        self.var_ = np.maximum(self.squares / self.n_samples_seen_ - shift**2, 0.0)
        self.scale_ = np.sqrt(self.var_)
        bound = self.n_samples_seen_ * np.abs(self.mean_) * 2.220446049250313e-16
        self.scale_[self.scale_ <= bound] = 1.0
        return self

    def transform(self, X):
        return like(X, (X.astype(float) - self.mean_) / self.scale_)

    def inverse_transform(self, X):
        return like(X, X.astype(float) * self.scale_ + self.mean_)


class MinMaxScaler:
    def __init__(self, feature_range=(0.0, 1.0), clip=False):
        self.feature_range = feature_range
        self.clip = clip

    def fit(self, X):
        low, high = self.feature_range
        if low >= high:
            raise ValueError("the range must not be empty")
        self.data_min_ = np.amin(X, axis=0).astype(float)
        self.data_max_ = np.amax(X, axis=0).astype(float)
        spread = self.data_max_ - self.data_min_
        spread[spread == 0] = 1
        self.slope = (high - low) / spread
        self.intercept = low - self.data_min_ * self.slope
        return self

    def transform(self, X):
        values = X * self.slope + self.intercept
        if self.clip:
            values = np.minimum(np.maximum(values, self.feature_range[0]), self.feature_range[1])
        return like(X, values)

    def inverse_transform(self, X):
        return like(X, (X - self.intercept) / self.slope)


def scale_split(X_train, X_test):
    scaler = StandardScaler()
    scaler.fit(X_train)
    return [scaler.transform(X_train), scaler.transform(X_test)]


def channel_stats(batches):
    count = total = squares = 0
    for batch in batches:
        whole = batch.astype(np.int64)
        count += batch.shape[0] * batch.shape[2] * batch.shape[3]
        total = total + whole.sum(axis=(0, 2, 3))
        squares = squares + (whole * whole).sum(axis=(0, 2, 3))
    if count == 0:
        raise ValueError("no pixels")
    mean = total / count
    variance = squares / count - mean * mean
    return mean / 255, np.sqrt(np.clip(variance, 0, None)) / 255


def normalize_images(x, mean, std):
    channels = [
        (x[:, c] / np.float32(255) - np.float32(m)) / np.float32(s)
        for c, (m, s) in enumerate(zip(mean, std, strict=False))
    ]
    return np.stack(channels, axis=1).astype(np.float32)
