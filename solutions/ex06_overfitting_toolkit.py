"""6 · Your model overfits. Which countermeasures are there, and how do they work?

Write five of them: stopping in time, softer labels, mixed samples, shifted and mirrored images, and a penalty on the
weights. Nothing here is random: whatever would be drawn at random (which images are mirrored, who is mixed with whom)
is an argument.

Rules that hold everywhere:

* Arguments stay as they were, and answers are new arrays.
* N is the number of samples and may be 0. K is the number of classes.

Sources: Prechelt 1998, Early Stopping - But When?, https://doi.org/10.1007/3-540-49430-8_3; Szegedy et al. 2016 (label
smoothing, section 7), arXiv 1512.00567; Zhang et al. 2018 (mixup), arXiv 1710.09412; He et al. 2016 (padding and
cropping, section 4.2), arXiv 1512.03385; Goodfellow, Bengio, Courville, Deep Learning, chapter 7,
https://www.deeplearningbook.org/contents/regularization.html
"""

import numpy as np


class EarlyStopping:
    """Watch a validation metric, keep the best weights, and say when to stop.

    mode: "min" if smaller metrics are better, such as losses; "max" if larger ones are, such as accuracies.
    min_delta: at least 0; a metric is an improvement only if it is better than the best one by *more* than that.
    patience: at least 1; training stops with the patience-th epoch in a row that isn't an improvement.

    The attributes, to be read at any time:
    best_metric: float, the metric of the last improvement; before the first one, inf in mode "min", -inf in "max".
    best_epoch: its number, None before the first one. The first call of `step` is epoch 0.
    best_state: the weights it came with, as they were then; None before the first one.
    num_bad_epochs: epochs since the last improvement, or since the start if there was none.
    stopped_epoch: the number of the epoch whose `step` was the first to return True; None until then.

    Raises ValueError if mode is neither "min" nor "max".
    Source: Prechelt 1998; the counting is that of Keras and Lightning.
    """

    def __init__(self, patience: int = 5, min_delta: float = 0.0, mode: str = "min") -> None:
        """Begin before epoch 0."""
        if mode not in ("min", "max"):
            raise ValueError(f"mode is {mode!r}; known are 'min' and 'max'")
        self.patience, self.min_delta = patience, min_delta
        self._sign = 1 if mode == "min" else -1
        self.best_metric = self._sign * np.inf
        self.best_epoch = self.best_state = self.stopped_epoch = None
        self.num_bad_epochs = 0
        self._epoch = -1

    def step(self, metric: float, state: dict[str, np.ndarray]) -> bool:
        """Take note of one epoch; return whether to stop.

        metric: the epoch's validation metric. The first finite one is an improvement. nan never is, and neither is
            the worst of all metrics, inf in mode "min" and -inf in mode "max".
        state: the model's own weights, which go on changing in place after this call.
        Once it has returned True, `step` goes on returning True and changes nothing any more.
        """
        if self.stopped_epoch is not None:
            return True
        metric = float(metric)
        self._epoch += 1
        if self._sign * (self.best_metric - metric) > self.min_delta:
            self.best_metric, self.best_epoch = metric, self._epoch
            self.best_state = {name: weights.copy() for name, weights in state.items()}
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.num_bad_epochs >= self.patience:
            self.stopped_epoch = self._epoch
        return self.stopped_epoch is not None


def smooth_labels(y: np.ndarray, num_classes: int, eps: float) -> np.ndarray:
    """Return the targets (1 - eps) * one_hot(y) + eps / K as a float64 array (N, K), K being num_classes.

    y: (N,) class numbers of any integer dtype. eps: in [0, 1].
    Raises IndexError if a class number isn't in 0..K-1.
    Source: Szegedy et al. 2016, section 7.
    """
    if np.any(y < 0):  # numpy refuses only what is too large
        raise IndexError("a label is negative")
    target = np.full((len(y), num_classes), eps / num_classes)
    target[np.arange(len(y)), y] += 1 - eps
    return target


def mixup(
    x: np.ndarray, y_onehot: np.ndarray, lam: float | np.ndarray, perm: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mix sample i with its partner, sample perm[i]: lam of itself, 1 - lam of the partner, inputs and targets alike.

    x: (N, ...) inputs with any number of further axes. y_onehot: (N, K) targets, hard or soft.
    lam: in [0, 1], a number for the whole batch or an array (N,) with one for each sample.
    perm: (N,) integers, the numbers of the partners.
    Returns (x', y') of the shapes of x and y_onehot; each is float32 if its argument is, and float64 for any other
    dtype (integers, too), whatever the dtype of lam.
    Source: Zhang et al. 2018.
    """
    return _mix(x, lam, perm), _mix(y_onehot, lam, perm)


def pad_crop_flip(x: np.ndarray, offsets: np.ndarray, flip: np.ndarray, padding: int) -> np.ndarray:
    """Shift every image by a few pixels and mirror some: zero-pad, crop, then flip.

    x: (N, C, H, W) images of any dtype, which is kept. padding: p >= 0 rows or columns of zeros on each of the
        four sides.
    offsets: (N, 2) integers in 0..2p, for each image the (top, left) corner of the window of H x W pixels that is
        cut out of the padded image; (p, p) gives the image itself.
    flip: (N,) bool, whether the window is mirrored left to right, after it has been cut out.
    Returns (N, C, H, W). Hundreds of images are ordinary: no loop over single pixels.
    Source: He et al. 2016, section 4.2.
    """
    height, width = x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(2, 3))
    cropped = windows[np.arange(len(x)), :, offsets[:, 0], offsets[:, 1]]
    cropped[flip] = cropped[flip, ..., ::-1]
    return cropped


def penalty_and_grad(params: dict[str, np.ndarray], l1: float, l2: float) -> tuple[float, dict[str, np.ndarray]]:
    """Return the penalty on the weights and its gradient.

    params: names and float arrays with one or more axes, empty ones included. l1, l2: Python floats >= 0.
    The penalty is l1 * (sum of absolute values) + l2 / 2 * (sum of squares), over all parameters except those whose
    name ends in "bias". The slope of the absolute value at 0 is 0.
    Returns (penalty, gradient): a number, and a dictionary with all the names (zeros for those that aren't
    penalised), in which each array has the shape and dtype of its parameter.
    Source: Goodfellow, Bengio, Courville, section 7.1.
    """
    penalty, grads = 0.0, {}
    for name, w in params.items():
        if name.endswith("bias"):
            grads[name] = np.zeros_like(w)
        else:
            penalty += l1 * np.abs(w).sum() + l2 / 2 * (w**2).sum()
            grads[name] = l1 * np.sign(w) + l2 * w
    return penalty, grads


def _mix(values: np.ndarray, lam: float | np.ndarray, perm: np.ndarray) -> np.ndarray:
    values = values if values.dtype == np.float32 else values.astype(np.float64)
    lam = np.reshape(lam, (-1,) + (1,) * (values.ndim - 1)).astype(values.dtype)
    return lam * values + (1 - lam) * values[perm]
