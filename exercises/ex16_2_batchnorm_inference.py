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

import numpy as np


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
        # TODO: keep the settings and create the attributes that the class describes.
        raise NotImplementedError

    def train(self, mode: bool = True) -> None:
        """Switch to training mode, or with False to evaluation mode."""
        # TODO: one attribute remembers the mode.
        raise NotImplementedError

    def eval(self) -> None:
        """Switch to evaluation mode."""
        # TODO: one attribute remembers the mode.
        raise NotImplementedError

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """The normalised batch, of x's shape; in training mode the running statistics are updated.

        In evaluation mode with running statistics a single sample will do.
        Raises ValueError if the statistics of a batch are needed and it has fewer than two values per channel.
        """
        # TODO: whose statistics are due, the batch's or the running ones? And which of the two variances goes where?
        raise NotImplementedError

    def state_dict(self) -> dict:
        """weight, bias, running_mean, running_var, num_batches_tracked by name, without those that are None.

        A snapshot: what happens to the layer later doesn't change it.
        """
        # TODO: copy what is there; later batches must not reach into it.
        raise NotImplementedError

    def load_state_dict(self, d: dict) -> None:
        """Take over what a layer with the same settings saved; the mode stays, and so does `d`, now and later."""
        # TODO: copy again: the same dictionary may be loaded more than once.
        raise NotImplementedError


def fold_into(weight: np.ndarray, bias: np.ndarray | None, bn: BatchNorm) -> tuple[np.ndarray, np.ndarray]:
    """Weight and bias of a single layer that does the work of two: a layer, then `bn` in evaluation mode.

    weight: (out, in) of a linear layer or (out, in, kh, kw) of a convolution. bias: (out,), or None.
    bn: a BatchNorm of `out` channels in either mode, with or without weight and bias of its own; it isn't changed.
    Returns (weight, bias) of shapes weight.shape and (out,), both of weight's dtype, also where there was no bias.
    Raises ValueError if `bn` has no running statistics.
    Source: Jacob et al. 2018 (arXiv:1712.05877), section 3.2
    """
    # TODO: in evaluation mode the layer is a scale and a shift per channel. Put them into weight and bias.
    raise NotImplementedError


def recalibrate(bn: BatchNorm, batches: Iterable[np.ndarray]) -> None:
    """Set the running statistics to mean and *biased* variance of all values of a channel in all batches together.

    bn: a BatchNorm with running statistics; nothing else in it changes, neither mode nor count of batches.
    batches: inputs of the layer, at least one. Sizes may differ, a batch may be a single sample, and the batches may
    come from a generator, so each can be seen only once. float32 batches are added up in float64.
    Returns None. Source: Ioffe & Szegedy 2015, Algorithm 2 (which averages over batches instead)
    """
    # TODO: what must be kept from a batch so that batches can be joined later? Their means differ, too.
    raise NotImplementedError
