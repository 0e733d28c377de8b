"""16-2 · What to watch when a batch norm model goes into production

Write a batch normalisation layer with its two lives, training and inference, in numpy and with the conventions of
PyTorch. Then do what is done to such a layer before deployment: fold it into the layer in front of it, and
recompute its statistics from data.

Rules for all parts:

* Inputs x are (N, C), (N, C, L) or (N, C, H, W). Everything is computed per channel, over all axes but axis 1;
  M = N, N * L or N * H * W is the number of values per channel.
* float32 in, float32 out; float64 and integers give float64. Parameters and statistics are float64 arrays of shape
  (C,), whatever the dtype of x.
* Arguments stay as they are, and results are new arrays.

Sources: Ioffe & Szegedy 2015 (arXiv:1502.03167),
https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
"""

from collections.abc import Iterable
from copy import deepcopy

import numpy as np


def _moments(x: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
    """Count, mean and biased variance of the values of each channel, in float64."""
    x = x.astype(np.float64)
    axes = (0, *range(2, x.ndim))
    return x.size // x.shape[1], x.mean(axes), x.var(axes)


class BatchNorm:
    """Batch normalisation over axis 1, as torch.nn.BatchNorm1d and BatchNorm2d.

    In training mode a batch is normalised with its own mean and its own *biased* variance (divided by M).
    In evaluation mode the running statistics take their place, and nothing changes, so a sample's output doesn't
    depend on the rest of its batch. Then come `weight` and `bias`.

    Every call in training mode also moves the running statistics towards those of the batch: the batch enters with the
    weight `momentum`, the old value keeps the rest. The variance that enters is the *unbiased* one (divided by M - 1).
    With `momentum=None` they become the plain average over all batches since the start.

    Attributes, which may be read and assigned to at any time:
        weight, bias: ones and zeros; None without `affine`.
        running_mean, running_var: zeros and ones; None without `track_running_stats`.
        num_batches_tracked: how many batches went into the running statistics, an int; None without them.
        training: a bool, True at first.
        eps, momentum: as given.

    Without `track_running_stats` batches are normalised with their own statistics in both modes.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        """A layer for `num_features` channels, in training mode. eps is added to the variance, under the root."""
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.track_running_stats = track_running_stats
        self.weight = np.ones(num_features) if affine else None
        self.bias = np.zeros(num_features) if affine else None
        self.running_mean = np.zeros(num_features) if track_running_stats else None
        self.running_var = np.ones(num_features) if track_running_stats else None
        self.num_batches_tracked = 0 if track_running_stats else None
        self.training = True

    def train(self, mode: bool = True) -> None:
        """Switch to training mode, or with False to evaluation mode."""
        self.training = mode

    def eval(self) -> None:
        """Switch to evaluation mode."""
        self.train(False)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """The normalised batch, of x's shape; in training mode the running statistics are updated.

        In evaluation mode with running statistics a single sample will do.
        Raises ValueError if the statistics of a batch are needed and it has fewer than two values per channel.
        """
        dtype = x.dtype if x.dtype.kind == "f" else np.float64
        use_batch = self.training or not self.track_running_stats
        mean, var = self._of_batch(x) if use_batch else (self.running_mean, self.running_var)
        per_channel = (x.shape[1], *[1] * (x.ndim - 2))
        y = (x - mean.reshape(per_channel)) / np.sqrt(var + self.eps).reshape(per_channel)
        if self.weight is not None:
            y = y * self.weight.reshape(per_channel) + self.bias.reshape(per_channel)
        return y.astype(dtype)

    def _of_batch(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        count, mean, var = _moments(x)
        if count < 2:
            raise ValueError("one value per channel has no variance: use more samples, or evaluation mode")
        if self.training and self.track_running_stats:
            self._track(mean, var * count / (count - 1))
        return mean, var

    def _track(self, mean: np.ndarray, var: np.ndarray) -> None:
        self.num_batches_tracked += 1
        share = 1 / self.num_batches_tracked if self.momentum is None else self.momentum
        self.running_mean = (1 - share) * self.running_mean + share * mean
        self.running_var = (1 - share) * self.running_var + share * var

    def state_dict(self) -> dict:
        """weight, bias, running_mean, running_var, num_batches_tracked by name, without those that are None.

        A snapshot: what happens to the layer later doesn't change it.
        """
        names = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
        return {name: deepcopy(getattr(self, name)) for name in names if getattr(self, name) is not None}

    def load_state_dict(self, d: dict) -> None:
        """Take over what a layer with the same settings saved; the mode stays, and so does `d`, now and later."""
        for name, value in d.items():
            setattr(self, name, deepcopy(value))


def fold_into(weight: np.ndarray, bias: np.ndarray | None, bn: BatchNorm) -> tuple[np.ndarray, np.ndarray]:
    """Weight and bias of a single layer that does the work of two: a layer, then `bn` in evaluation mode.

    weight: (out, in) of a linear layer or (out, in, kh, kw) of a convolution. bias: (out,), or None.
    bn: a BatchNorm of `out` channels in either mode, with or without weight and bias of its own; it isn't changed.
    Returns (weight, bias) of shapes weight.shape and (out,), both of weight's dtype, also where there was no bias.
    Raises ValueError if `bn` has no running statistics.
    Source: Jacob et al. 2018 (arXiv:1712.05877), section 3.2
    """
    if bn.running_mean is None:
        raise ValueError("a layer without running statistics can't be folded: its output depends on the batch")
    gamma, beta = (1.0, 0.0) if bn.weight is None else (bn.weight, bn.bias)
    scale = gamma / np.sqrt(bn.running_var + bn.eps)
    folded = weight * scale.reshape(len(scale), *[1] * (weight.ndim - 1))
    shift = ((0.0 if bias is None else bias) - bn.running_mean) * scale + beta
    return folded.astype(weight.dtype), shift.astype(weight.dtype)


def recalibrate(bn: BatchNorm, batches: Iterable[np.ndarray]) -> None:
    """Set the running statistics to mean and *biased* variance of all values of a channel in all batches together.

    bn: a BatchNorm with running statistics; nothing else in it changes, neither mode nor count of batches.
    batches: inputs of the layer, at least one. Sizes may differ, a batch may be a single sample, and the batches may
    come from a generator, so each can be seen only once. float32 batches are added up in float64.
    Returns None. Source: Ioffe & Szegedy 2015, Algorithm 2 (which averages over batches instead)
    """
    total, mean, spread = 0, np.zeros(bn.num_features), np.zeros(bn.num_features)
    for x in batches:
        count, batch_mean, batch_var = _moments(x)
        step = batch_mean - mean
        spread = spread + count * batch_var + step**2 * total * count / (total + count)
        mean = mean + step * count / (total + count)
        total += count
    bn.running_mean, bn.running_var = mean, spread / total
