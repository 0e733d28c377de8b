"""18-3 · How much more code turns it into a CNN?

Two layers, forward and backward: convolution and max-pooling. Write them with NumPy and the conventions of
PyTorch, put them together to a small network for digits, and train it.

Rules for all parts:

* Images are (N, C, H, W), samples, channels, rows, columns; N may be 0. All arrays of a call have one dtype, float32
  or float64, and so have the results. Any memory layout will do.
* kernel_size, stride, padding and dilation are an int, or a pair (for rows, for columns).
* Arguments stay as they are, and results are new arrays.
* A cache is whatever helps your backward function. Its call alone determines it: forward may be called for other images
  before backward, and backward more than once with one cache. x and weight aren't changed in between.

Sources: Goodfellow, Bengio, Courville, Deep Learning, chapter 9; Chellapilla, Puri, Simard 2006; Dumoulin, Visin 2016
(arXiv:1603.07285); https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html and .../torch.nn.MaxPool2d.html
"""

import math
from collections.abc import Callable, Iterator

import numpy as np

Pair = tuple[int, int]


def _pair(value: int | Pair) -> Pair:
    rows, columns = (value, value) if isinstance(value, int) else value
    return rows, columns


def _pad(x: np.ndarray, padding: Pair, fill: float = 0.0) -> np.ndarray:
    return np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)], constant_values=fill)


def _windows(x: np.ndarray, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, fill: float = 0.0) -> np.ndarray:
    """A view of all windows of the padded x, (N, C, kh, kw, Ho, Wo). Raises ValueError if not even one fits in."""
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    view = np.lib.stride_tricks.sliding_window_view(_pad(x, padding, fill), spans, axis=(2, 3))
    view = view[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    return view.transpose(0, 1, 4, 5, 2, 3)


def _add_up(dwindows: np.ndarray, shape: tuple[int, ...], stride: Pair, padding: Pair, dilation: Pair) -> np.ndarray:
    """The gradient in x, of this shape, from the gradient in its windows: the transpose of `_windows`."""
    *_, kh, kw, rows, columns = dwindows.shape
    (_, _, height, width), (top, left) = shape, padding
    padded = _pad(np.zeros(shape, dwindows.dtype), padding)
    for i in range(kh):
        for j in range(kw):
            y, x = i * dilation[0], j * dilation[1]
            seen = padded[:, :, y :: stride[0], x :: stride[1]][:, :, :rows, :columns]
            seen += dwindows[:, :, i, j]  # entry (i, j) of two windows is never the same pixel
    return padded[:, :, top : top + height, left : left + width]


def _cross_entropy(z: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean cross-entropy of the softmax of z, (N, classes), and its gradient in z."""
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    d = np.exp(log_p)
    d[rows, y] -= 1
    d /= len(y)
    return float(-log_p[rows, y].mean()), d


def _forward(params: dict[str, np.ndarray], X: np.ndarray) -> tuple[np.ndarray, tuple]:
    z1, cache1 = conv2d(X, params["conv1"], params["bias1"])
    a1 = np.maximum(z1, 0)
    h1, pool1 = max_pool2d(a1, 2)
    z2, cache2 = conv2d(h1, params["conv2"], params["bias2"])
    a2 = np.maximum(z2, 0)
    h2, pool2 = max_pool2d(a2, 2)
    flat = h2.reshape(len(h2), math.prod(h2.shape[1:]))
    return flat @ params["dense"].T + params["bias3"], (cache1, a1, pool1, cache2, a2, pool2, h2, flat)


def conv2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
) -> tuple[np.ndarray, object]:
    """Return (y, cache): a convolution in the sense of deep learning, which doesn't flip the kernel.

    x: (N, C, H, W). weight: (O, C / groups, kh, kw). bias: (O,) or None. y: (N, O, Ho, Wo).
    x is surrounded by `padding` rows and columns of zeros on every side. The entries of a kernel are `dilation` pixels
    apart, and the kernel moves by `stride`, as long as it fits in; what is left over at the end is not used.
    With groups, channels and filters are split into that many equal runs: the first O / groups filters see the
    first C / groups channels only, and so on.
    Raises ValueError if C is not groups times weight.shape[1], if O can't be divided by groups, or if the kernel
    doesn't fit into the padded image even once.
    """
    stride, padding, dilation = _pair(stride), _pair(padding), _pair(dilation)
    filters, per_group, *kernel = weight.shape
    if x.shape[1] != per_group * groups or filters % groups:
        raise ValueError(f"images {x.shape} don't suit weights {weight.shape} in {groups} groups")
    windows = _windows(x, kernel, stride, padding, dilation)
    columns = windows.reshape(len(x), groups, per_group * math.prod(kernel), math.prod(windows.shape[4:]))
    y = weight.reshape(groups, filters // groups, columns.shape[2]) @ columns
    y = y.reshape(len(x), filters, *windows.shape[4:])
    if bias is not None:
        y += bias[:, None, None]
    return y, (x.shape, weight, bias is not None, columns, stride, padding, dilation)


def conv2d_backward(dy: np.ndarray, cache: object) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return (dx, dweight, dbias), the gradients of a loss in what `conv2d` was given.

    dy: its gradient in y, shape of y. dx, dweight and dbias have the shapes of x, weight and bias; dbias is None if
    there was no bias. For N = 0, dweight and dbias are zeros.
    """
    shape, weight, has_bias, columns, stride, padding, dilation = cache
    n, groups, size, _ = columns.shape
    filters, _, *kernel = weight.shape
    d = dy.reshape(n, groups, filters // groups, math.prod(dy.shape[2:]))
    dweight = (d @ columns.swapaxes(2, 3)).sum(axis=0).reshape(weight.shape)
    dcolumns = weight.reshape(groups, filters // groups, size).swapaxes(1, 2) @ d
    dwindows = dcolumns.reshape(n, shape[1], *kernel, *dy.shape[2:])
    dx = _add_up(dwindows, shape, stride, padding, dilation)
    return dx, dweight, dy.sum(axis=(0, 2, 3)) if has_bias else None


def max_pool2d(
    x: np.ndarray,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
) -> tuple[np.ndarray, object]:
    """Return (y, cache): the largest value in each window, (N, C, Ho, Wo).

    stride: by default kernel_size. Windows move as in `conv2d`; padding never wins, so it counts as -inf.
    A window with a NaN in it gives NaN.
    Raises ValueError if padding is more than half of kernel_size, or if the kernel doesn't fit into the padded image.
    """
    kernel, padding = _pair(kernel_size), _pair(padding)
    stride = kernel if stride is None else _pair(stride)
    if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise ValueError(f"a padding of {padding} is more than half of the kernel {kernel}")
    windows = _windows(x, kernel, stride, padding, (1, 1), fill=-np.inf)
    entries = windows.reshape(*x.shape[:2], math.prod(kernel), *windows.shape[4:])
    winner = entries.argmax(axis=2, keepdims=True)
    return np.take_along_axis(entries, winner, axis=2).squeeze(axis=2), (x.shape, winner, kernel, stride, padding)


def max_pool2d_backward(dy: np.ndarray, cache: object) -> np.ndarray:
    """Return dx, the gradient in what `max_pool2d` was given, from dy, the gradient in y.

    Each window hands its gradient to its largest entry: to the first one, row by row, if several are equally large; to
    the NaN if there is one. An entry that wins several windows gets the sum.
    """
    shape, winner, kernel, stride, padding = cache
    entries = np.arange(math.prod(kernel))[:, None, None]
    dwindows = np.where(entries == winner, dy[:, :, None], dy.dtype.type(0))
    return _add_up(dwindows.reshape(*shape[:2], *kernel, *dy.shape[2:]), shape, stride, padding, (1, 1))


def init_params(
    image_size: int, channels: tuple[int, int], kernel_size: int, num_classes: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return new float32 parameters for images of image_size x image_size pixels in one channel.

    The network is: convolution, ReLU, max-pooling, convolution, ReLU, max-pooling, dense layer. Convolutions have
    channels[0] and channels[1] filters of kernel_size x kernel_size, biases, and no padding; pooling windows are
    2 x 2.
    The dense layer sees all that is left, flattened: channel by channel, each row by row.
    Keys and shapes: "conv1" (filters, 1, k, k), "bias1" (filters,), "conv2" (filters, channels[0], k, k), "bias2"
    (filters,), "dense" (num_classes, inputs), "bias3" (num_classes,).
    Weights are normal with mean 0 and variance 2 / (number of inputs that one output sees); biases are 0. Each of
    conv1, conv2 and dense, in that order, comes from one rng.standard_normal(shape), in float64, which is scaled and
    then cast to float32. Nothing else is drawn.
    """
    left = ((image_size - kernel_size + 1) // 2 - kernel_size + 1) // 2
    shapes = {
        "conv1": (channels[0], 1, kernel_size, kernel_size),
        "conv2": (channels[1], channels[0], kernel_size, kernel_size),
        "dense": (num_classes, channels[1] * left**2),
    }
    params = {}
    for i, (name, shape) in enumerate(shapes.items(), 1):
        weight = rng.standard_normal(shape) * np.sqrt(2 / math.prod(shape[1:]))
        params |= {name: weight.astype(np.float32), f"bias{i}": np.zeros(shape[0], np.float32)}
    return params


def loss_and_grads(params: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
    """Return (loss, grads) of the network of `init_params`: mean cross-entropy of the softmax of its outputs.

    X: (N, 1, S, S), N >= 1. y: (N,) int64. loss: a float. grads: keys and shapes of params. The slope of the ReLU at
    exactly 0 is 0. Outputs of +-1000 are ordinary.
    """
    z, (cache1, a1, pool1, cache2, a2, pool2, h2, flat) = _forward(params, X)
    loss, d = _cross_entropy(z, y)
    grads = {"dense": d.T @ flat, "bias3": d.sum(axis=0)}
    d = max_pool2d_backward((d @ params["dense"]).reshape(h2.shape), pool2) * (a2 > 0)
    d, grads["conv2"], grads["bias2"] = conv2d_backward(d, cache2)
    d = max_pool2d_backward(d, pool1) * (a1 > 0)
    _, grads["conv1"], grads["bias1"] = conv2d_backward(d, cache1)
    return loss, grads


def predict(params: dict[str, np.ndarray], images: np.ndarray) -> np.ndarray:
    """Return the most likely class of each image, (n,) int64. images: (n, S, S) uint8, any n, 0 included.

    Pixels are divided by 255, in float32. What is predicted for an image doesn't depend on the other ones. If several
    classes are equally likely, the first of them is meant.
    """
    return _forward(params, images[:, None].astype(np.float32) / 255)[0].argmax(axis=1)


# The training goes through the same network, written once more to be fast. There, images are (C, H, W, N), so that
# copies and comparisons run along numbers that are neighbours in memory. And a convolution comes together with its
# pooling: the four outputs that meet in a pooling window are four filters on one block of (k + 1) x (k + 1) pixels.
# For k = 5 that takes 44 % more arithmetic, in matrices of a better shape, and 64 % less copying, for fewer blocks.


def _blocks(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Convolution, pooling and ReLU of x, (C, H, W, N): (O, Ho, Wo, N), and what the way back needs."""
    filters, channels, k, _ = weight.shape
    four = np.zeros((2, 2, filters, channels, k + 1, k + 1), weight.dtype)
    for i, j in np.ndindex(2, 2):
        four[i, j, ..., i : i + k, j : j + k] = weight
    blocks = np.lib.stride_tricks.sliding_window_view(x, (k + 1, k + 1), axis=(1, 2))[:, ::2, ::2]
    _, *size, _, _ = blocks.shape
    columns = blocks.transpose(0, 4, 5, 1, 2, 3).reshape(channels * (k + 1) ** 2, math.prod(size))
    matrix = four.reshape(4 * filters, len(columns))
    z = (matrix @ columns).reshape(2, 2, filters, *size)
    lower, z = z[1] > z[0], np.maximum(z[0], z[1])
    right, z = z[1] > z[0], np.maximum(z[0], z[1])
    y = np.maximum(z + bias[:, None, None, None], 0)
    return y, (x.shape, weight.shape, matrix, columns, lower, right, y > 0)


def _blocks_backward(dy: np.ndarray, cache: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients in the four outputs of each block, (4 * O, Ho * Wo * N), in the weight and in the bias."""
    _, (filters, channels, k, _), _, columns, lower, right, active = cache
    d = dy * active
    dbias = d.sum(axis=(1, 2, 3))
    d = d * np.array([~right, right])
    d = d * np.array([~lower, lower])
    d = d.reshape(4 * filters, columns.shape[1])
    dfour = (d @ columns.T).reshape(2, 2, filters, channels, k + 1, k + 1)
    return d, sum(dfour[i, j, ..., i : i + k, j : j + k] for i, j in np.ndindex(2, 2)), dbias


def _blocks_input(d: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient in x, from that in the four outputs of each block."""
    shape, (_, channels, k, _), matrix, _, _, _, active = cache
    _, rows, columns, n = active.shape
    dblocks = (matrix.T @ d).reshape(channels, k + 1, k + 1, rows, columns, n)
    dx = np.zeros(shape, d.dtype)
    for i, j in np.ndindex(k + 1, k + 1):
        seen = dx[:, i::2, j::2][:, :rows, :columns]
        seen += dblocks[:, i, j]
    return dx


def _fast_forward(params: dict[str, np.ndarray], images: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Outputs (N, classes) for images, (N, H, W) uint8, and what the way back needs."""
    X = np.ascontiguousarray(images.transpose(1, 2, 0), np.float32)[None] / 255
    h1, cache1 = _blocks(X, params["conv1"], params["bias1"])
    h2, cache2 = _blocks(h1, params["conv2"], params["bias2"])
    flat = h2.reshape(params["dense"].shape[1], len(images))
    return (params["dense"] @ flat).T + params["bias3"], (cache1, cache2, h2.shape, flat)


def _fast_loss_and_grads(
    params: dict[str, np.ndarray], images: np.ndarray, y: np.ndarray
) -> tuple[float, dict[str, np.ndarray]]:
    z, (cache1, cache2, shape, flat) = _fast_forward(params, images)
    loss, d = _cross_entropy(z, y)
    grads = {"dense": (flat @ d).T, "bias3": d.sum(axis=0)}
    d, grads["conv2"], grads["bias2"] = _blocks_backward((params["dense"].T @ d.T).reshape(shape), cache2)
    _, grads["conv1"], grads["bias1"] = _blocks_backward(_blocks_input(d, cache2), cache1)
    return loss, grads


class _Adam:
    """Adam (Kingma, Ba 2015), with a shorter memory of the squares than usual: these trainings are short."""

    def __init__(self, params: dict[str, np.ndarray]) -> None:
        self._params, self._step = params, 0
        self._means, self._squares = ({name: np.zeros_like(p) for name, p in params.items()} for _ in range(2))

    def step(self, grads: dict[str, np.ndarray], lr: float) -> None:
        self._step += 1
        lr *= math.sqrt(1 - 0.95**self._step) / (1 - 0.9**self._step)
        for name, grad in grads.items():
            mean, square = self._means[name], self._squares[name]
            mean += 0.1 * (grad - mean)
            square += 0.05 * (grad * grad - square)
            self._params[name] -= lr * mean / (np.sqrt(square) + 1e-8)


def _batches(n: int, batch_size: int, epochs: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Indices of the samples of each batch: in every epoch all n, shuffled anew, in batches of almost the same size."""
    for _ in range(epochs):
        yield from np.array_split(rng.permutation(n), math.ceil(n / batch_size))


def _fit(
    images: np.ndarray,
    labels: np.ndarray,
    rng: np.random.Generator,
    report: Callable[..., None],
    channels: tuple[int, int] = (8, 16),
    batch_size: int = 64,
    epochs: int = 1,
    peak: float = 0.01,
    look: Callable[[np.ndarray], np.ndarray] = lambda images: images,
) -> dict[str, np.ndarray]:
    """Adam, with a learning rate that rises to its peak, and then falls to 0.

    report(step, steps, loss, params) is called about ten times. look: what is seen of the images of a batch.
    """
    params = init_params(look(images[:1]).shape[1], channels, 5, 10, rng)
    adam, losses = _Adam(params), []
    steps = epochs * math.ceil(len(images) / batch_size)
    for step, chosen in enumerate(_batches(len(images), batch_size, epochs, rng), 1):
        loss, grads = _fast_loss_and_grads(params, look(images[chosen]), labels[chosen])
        adam.step(grads, peak * min(step / (0.2 * steps), (1 - step / steps) / 0.8))
        losses.append(loss)
        if len(losses) == math.ceil(steps / 10) or step == steps:
            report(step, steps, float(np.mean(losses)), params)
            losses.clear()
    return params


def train(
    images: np.ndarray,
    labels: np.ndarray,
    rng: np.random.Generator,
    budget: float,
    report: Callable[..., None],
) -> dict[str, np.ndarray]:
    """Train a network of your own design and return it, to let `predict` classify images that you never see.

    images: (n, 28, 28) uint8. labels: (n,) int64 from 0 to 9, in random order. Which number means which class is drawn
    anew for every run: only the labels tell.
    Sizes, optimiser, learning rates and epochs are up to you. What you return is a network as `init_params` makes one,
    with at most 1,000,000 weights, in which all is that `predict` needs. rng is for all that is random; the global
    generator isn't needed.
    budget: the CPU seconds that training and predicting may take together, several times what the model solution
    needs. Training beyond it is stopped and doesn't count.
    report(done, total, loss, accuracy=None): to be called after each epoch or so many steps, with how many of them are
    over, how many there will be, the mean loss since the last call, and the accuracy (0 to 1) on images that you have
    kept back to measure it, if you have. That draws your learning curve, and stops a training that diverges.

    How many images must be classified correctly is told in the result. A few epochs get there with any of the usual
    optimisers, if they are fast enough.
    """
    kept = min(500, len(images) // 10)  # to measure on

    def measure(step: int, steps: int, loss: float, params: dict[str, np.ndarray]) -> None:
        outputs, _ = _fast_forward(params, images[:kept])
        report(step, steps, loss, float((outputs.argmax(axis=1) == labels[:kept]).mean()))

    epochs = min(10, max(1, 24_000 // len(images)))
    return _fit(images[kept:], labels[kept:], rng, measure, epochs=epochs)
