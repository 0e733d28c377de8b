"""4 · What is data normalisation, and why is it fitted on the training split only?

Write two scalers that learn their numbers from one table and apply them to others, the split that uses them
honestly, and the same thing for images that don't fit into memory at once.

Rules that hold everywhere:

* A table X has shape (n, d): n samples in rows, d >= 1 features in columns, of any number dtype and in any memory
  layout. Every feature is treated on its own. There is no NaN or infinity in it.
* Statistics are computed in float64 and are float64 arrays of shape (d,), whatever the dtype of X. Variance is
  that of the population: the mean square deviation, divided by n.
* What `transform` and `inverse_transform` return has the dtype of their argument if that is float32 or float64;
  any other dtype (integers, bool) gives float64. They don't change the scaler, and 0 rows give 0 rows.
* A feature that never changes is only shifted, not stretched: it counts as having spread 1.
* `fit` forgets everything learned before. `fit` and `partial_fit` return the scaler itself.
* Arguments stay as they were, answers are new arrays, and the scaler must not depend on X after `fit`: the caller
  may overwrite it.
* Features may lie far from 0, such as 1e8 plus or minus 1: their spread is still right to six digits.

Sources: LeCun, Bottou, Orr, Müller 1998, Efficient BackProp, section 4.3; Chan, Golub, LeVeque 1983, Algorithms for
Computing the Sample Variance; the conventions are scikit-learn's, https://scikit-learn.org/stable/modules/preprocessing.html
"""

from collections.abc import Iterable

import numpy as np


class StandardScaler:
    """Shift every feature to mean 0 and stretch it to variance 1.

    After `fit` or `partial_fit` there are the attributes
    mean_, var_: (d,), of all rows seen; var_ divides by the number of rows.
    scale_: (d,), the square root of var_, but 1 for a feature that never changes. Rounding can give such a feature a
        tiny variance, so the test is var_ <= (n * mean_ * eps) ** 2 with n the rows seen and eps the machine epsilon
        of float64, 2.2e-16. (For all other features in the cases, var_ is far above that.)
    n_samples_seen_: int, the number of rows seen.
    Source: sklearn.preprocessing.StandardScaler.
    """

    def __init__(self) -> None:
        """Make a scaler that has seen nothing yet."""
        self._forget()

    def fit(self, X: np.ndarray) -> "StandardScaler":
        """Learn from X alone, whatever was learned before. Raises ValueError if X has no rows."""
        self._forget()
        return self.partial_fit(X)

    def partial_fit(self, X: np.ndarray) -> "StandardScaler":
        """Learn from X on top of what was learned before, as if all rows had come in one table.

        On a new scaler it is `fit`. Chunks may have any size from 1 row on; how the rows are cut into chunks doesn't
        show in the result. Earlier rows are gone: only the statistics may be kept.
        Raises ValueError if X has no rows.
        """
        X = np.asarray(X, dtype=np.float64)
        seen, n = self.n_samples_seen_, len(X)
        if not n:
            raise ValueError("X has no rows to learn from")
        total = seen + n
        gap = X.mean(axis=0) - self.mean_
        self.mean_ = self.mean_ + gap * n / total
        self.var_ = (seen * self.var_ + n * X.var(axis=0) + gap**2 * seen * n / total) / total
        self.n_samples_seen_ = total

        eps = np.finfo(np.float64).eps
        constant = self.var_ <= (total * self.mean_ * eps) ** 2
        self.scale_ = np.where(constant, 1.0, np.sqrt(self.var_))
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return (X - mean_) / scale_, of the shape of X."""
        return _like(X, (X - self.mean_) / self.scale_)

    def inverse_transform(self, X: np.ndarray) -> np.ndarray:
        """Undo `transform`: return the values that are scaled to X."""
        return _like(X, X * self.scale_ + self.mean_)

    def _forget(self) -> None:
        self.n_samples_seen_ = 0
        self.mean_ = self.var_ = np.zeros(())  # takes the shape of the first table it meets


class MinMaxScaler:
    """Map every feature linearly, so that its smallest value becomes low and its largest becomes high.

    feature_range: the pair (low, high). clip: whether `transform` limits its result to [low, high]. Without it, values
    outside the range seen in `fit` land outside [low, high]: that is information, not an error.
    After `fit` there are data_min_ and data_max_, (d,): the smallest and the largest value of each feature. Where
    they are equal, the feature counts as having the range 1: its value becomes low, and one more becomes high.
    Raises ValueError, at the latest in `fit`, unless low < high.
    Source: sklearn.preprocessing.MinMaxScaler.
    """

    def __init__(self, feature_range: tuple[float, float] = (0.0, 1.0), clip: bool = False) -> None:
        """Keep the settings."""
        low, high = feature_range
        if not low < high:
            raise ValueError(f"feature_range is ({low}, {high}); its first number must be the smaller one")
        self.feature_range, self.clip = (low, high), clip

    def fit(self, X: np.ndarray) -> "MinMaxScaler":
        """Learn from X alone. Raises ValueError if X has no rows."""
        X = np.asarray(X, dtype=np.float64)
        if not len(X):
            raise ValueError("X has no rows to learn from")
        self.data_min_, self.data_max_ = X.min(axis=0), X.max(axis=0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return X mapped to the feature range, of the shape of X."""
        low, high = self.feature_range
        scaled = low + (X - self.data_min_) / self._spread() * (high - low)
        return _like(X, np.clip(scaled, low, high) if self.clip else scaled)

    def inverse_transform(self, X: np.ndarray) -> np.ndarray:
        """Undo the linear map (what was clipped stays lost): return the values that are mapped to X."""
        low, high = self.feature_range
        return _like(X, (X - low) / (high - low) * self._spread() + self.data_min_)

    def _spread(self) -> np.ndarray:
        spread = self.data_max_ - self.data_min_
        return np.where(spread == 0, 1.0, spread)


def scale_split(X_train: np.ndarray, X_test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Standardise both halves of a split as it is done before training a model.

    X_train: (n, d), n >= 1. X_test: (m, d), m >= 0. All statistics are those of the training rows.
    Returns (train, test), standardised, each with the dtype that `StandardScaler.transform` gives it.
    """
    scaler = StandardScaler().fit(X_train)
    return scaler.transform(X_train), scaler.transform(X_test)


def channel_stats(batches: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return (mean, std) of each channel over all pixels of all images: two float64 arrays of shape (C,).

    batches: any iterable, perhaps a generator, of uint8 arrays (n_i, C, H, W). It can be gone through only once, and
        everything it yields would not fit into memory: keep no more than one batch at a time. Batches may differ in
        n_i, which may be 0, and a whole batch is worked on at once, not pixel by pixel.
    Pixels count on the scale from 0 to 1: they are divided by 255. std is that of the population, and it is 0 for a
    channel that never changes.
    Raises ValueError if there isn't a single image.
    """
    pixels = StandardScaler()
    for batch in batches:
        if len(batch):
            pixels.partial_fit(np.moveaxis(batch, 1, -1).reshape(-1, batch.shape[1]) / 255)
    if not pixels.n_samples_seen_:
        raise ValueError("there are no images to learn from")
    return pixels.mean_, np.sqrt(pixels.var_)


def normalize_images(x: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return (x / 255 - mean) / std, channel by channel, as float32 of the shape of x.

    x: uint8 images (N, C, H, W), N >= 0. mean, std: (C,) float arrays on the scale from 0 to 1, std > 0.
    Source: torchvision.transforms.ToTensor followed by torchvision.transforms.Normalize.
    """
    mean, std = mean[:, np.newaxis, np.newaxis], std[:, np.newaxis, np.newaxis]
    return ((x / 255 - mean) / std).astype(np.float32)


def _like(X: np.ndarray, values: np.ndarray) -> np.ndarray:
    return values.astype(X.dtype if X.dtype == np.float32 else np.float64)
