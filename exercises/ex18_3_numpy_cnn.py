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

from collections.abc import Callable

import numpy as np


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
    # TODO: collect all windows in one array; then a single matrix product does the rest.
    raise NotImplementedError


def conv2d_backward(dy: np.ndarray, cache: object) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return (dx, dweight, dbias), the gradients of a loss in what `conv2d` was given.

    dy: its gradient in y, shape of y. dx, dweight and dbias have the shapes of x, weight and bias; dbias is None if
    there was no bias. For N = 0, dweight and dbias are zeros.
    """
    # TODO: the transposed matrix product gives gradients of windows. A pixel lies in several windows: what does it get?
    raise NotImplementedError


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
    # TODO: which entry of each window is the largest? Backward will ask.
    raise NotImplementedError


def max_pool2d_backward(dy: np.ndarray, cache: object) -> np.ndarray:
    """Return dx, the gradient in what `max_pool2d` was given, from dy, the gradient in y.

    Each window hands its gradient to its largest entry: to the first one, row by row, if several are equally large; to
    the NaN if there is one. An entry that wins several windows gets the sum.
    """
    # TODO: all entries of a window get 0 but one.
    raise NotImplementedError


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
    # TODO: follow the size of an image through the layers. How many numbers arrive at the dense layer?
    raise NotImplementedError


def loss_and_grads(params: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
    """Return (loss, grads) of the network of `init_params`: mean cross-entropy of the softmax of its outputs.

    X: (N, 1, S, S), N >= 1. y: (N,) int64. loss: a float. grads: keys and shapes of params. The slope of the ReLU at
    exactly 0 is 0. Outputs of +-1000 are ordinary.
    """
    # TODO: forward with a list of caches, then the same layers from the last to the first.
    raise NotImplementedError


def predict(params: dict[str, np.ndarray], images: np.ndarray) -> np.ndarray:
    """Return the most likely class of each image, (n,) int64. images: (n, S, S) uint8, any n, 0 included.

    Pixels are divided by 255, in float32. What is predicted for an image doesn't depend on the other ones. If several
    classes are equally likely, the first of them is meant.
    """
    # TODO: images have no channel axis yet.
    raise NotImplementedError


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
    # TODO: batches, loss_and_grads, steps. Where does the time go: into arithmetic, or into moving numbers about?
    raise NotImplementedError
