"""18 · How many lines is an MNIST classifier in numpy?

About forty, for any number of layers. Write them: a multi-layer perceptron with its initialisation, its forward
pass, the loss and its gradients, one epoch of training, and prediction. Then train it.

A network is a list of layers, each a pair (W, b) with W of shape (in, out) and b of shape (out,). A layer computes
X @ W + b; between the layers, but not after the last one, there is a ReLU. What comes out last are the logits, one per
class.

Rules for all parts:

* The arrays of a network and its data X have one dtype, float32 or float64, and all that is computed from them has
  it, too. Rows of X are samples. Labels y are int64 from 0 to the number of classes minus 1.
* Arguments stay as they are and results are new arrays, except for the network that `train_epoch` trains.
* A list or a tuple may stand for either.

Sources: Goodfellow, Bengio, Courville, Deep Learning, chapters 6 and 8; He et al. 2015 (arXiv:1502.01852); LeCun,
Bottou, Bengio, Haffner 1998 (MNIST).
"""

import math
from collections.abc import Callable, Iterator
from itertools import chain, pairwise

import numpy as np


def _forward(params: list[tuple[np.ndarray, np.ndarray]], X: np.ndarray) -> list[np.ndarray]:
    """The input of each layer, and the logits."""
    values = [X]
    for W, b in params[:-1]:
        values.append(np.maximum(values[-1] @ W + b, 0))
    W, b = params[-1]
    return [*values, values[-1] @ W + b]


def init_params(sizes: list[int], rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return a new float32 network for `sizes`, such as [784, 128, 10]: inputs, hidden layers, classes.

    Weights are normal with mean 0 and variance 2 / in (He et al. 2015), biases are zero. The weights of each layer come
    from one draw of rng.standard_normal with the shape (in, out), in float64, the first layer first; then
    they are scaled, and cast to float32. Nothing else is drawn.
    """
    return [
        ((rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)).astype(np.float32), np.zeros(n_out, np.float32))
        for n_in, n_out in pairwise(sizes)
    ]


def preprocess(images: np.ndarray) -> np.ndarray:
    """Turn images, (n, H, W) uint8 with any n, into rows of pixels between 0 and 1: (n, H * W) float32.

    Black (0) becomes 0 and white (255) becomes 1. Rows of an image follow each other.
    """
    return images.reshape(len(images), math.prod(images.shape[1:])).astype(np.float32) / 255


def logits(params: list[tuple[np.ndarray, np.ndarray]], X: np.ndarray) -> np.ndarray:
    """Return the network's logits for X, (N, D): (N, classes)."""
    return _forward(params, X)[-1]


def loss_and_grads(
    params: list[tuple[np.ndarray, np.ndarray]], X: np.ndarray, y: np.ndarray
) -> tuple[float, list[tuple[np.ndarray, np.ndarray]]]:
    """Return (loss, grads): the mean cross-entropy of softmax(logits) over the N >= 1 samples, and its gradients.

    X: (N, D), y: (N,). loss: a float. grads: [(dW, db), ...], shaped like params.
    The slope of the ReLU at exactly 0 is 0. Logits of +-1000 are ordinary and give finite results.
    """
    *inputs, z = _forward(params, X)
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    d = np.exp(log_p)
    d[rows, y] -= 1
    d /= len(y)
    grads = []
    for i in reversed(range(len(params))):
        grads.append((inputs[i].T @ d, d.sum(axis=0)))
        if i > 0:  # nobody asks for the gradient in the pixels
            d = d @ params[i][0].T * (inputs[i] > 0)
    return float(-log_p[rows, y].mean()), grads[::-1]


def train_epoch(
    params: list[tuple[np.ndarray, np.ndarray]],
    X: np.ndarray,
    y: np.ndarray,
    lr: float,
    batch_size: int,
    rng: np.random.Generator,
) -> float:
    """Go through the N >= 1 samples once with plain SGD; return the mean loss over them, a float.

    One call of rng.permutation(N) gives the order. The first `batch_size` samples of that order are the first batch,
    and so on; the last batch may be smaller. After each batch the arrays in params are changed in place:
    lr times the gradient of the batch's mean loss is subtracted.
    Each sample counts once in the result, with its loss in its batch, before the update that follows.
    """
    order = rng.permutation(len(X))
    total = 0.0
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        loss, grads = loss_and_grads(params, X[batch], y[batch])
        for (W, b), (dW, db) in zip(params, grads, strict=True):
            W -= lr * dW
            b -= lr * db
        total += len(batch) * loss
    return total / len(X)


def predict(params: list[tuple[np.ndarray, np.ndarray]], images: np.ndarray) -> np.ndarray:
    """Return the most likely class of each image, (n,) int64. images: (n, H, W) uint8, any n, 0 included.

    Images are prepared by `preprocess`. What is predicted for an image doesn't depend on the other ones. If several
    classes are equally likely, the first of them is meant.
    """
    return logits(params, preprocess(images)).argmax(axis=1)


def _batches(n: int, batch_size: int, epochs: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Indices of the samples of each batch: in every epoch all n, shuffled anew, in batches of almost the same size."""
    for _ in range(epochs):
        yield from np.array_split(rng.permutation(n), math.ceil(n / batch_size))


def _fit(
    images: np.ndarray,
    labels: np.ndarray,
    rng: np.random.Generator,
    after_epoch: Callable[..., None],
    hidden: int = 128,
    batch_size: int = 64,
    epochs: int = 5,
    peak: float = 0.1,
    momentum: float = 0.9,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """SGD with momentum. The learning rate rises to its peak, and then falls to 0 for the rest of the time."""
    X = preprocess(images)
    params = init_params([X.shape[1], hidden, 10], rng)
    arrays = list(chain(*params))
    velocities = [np.zeros_like(array) for array in arrays]
    per_epoch, losses = math.ceil(len(X) / batch_size), []
    for step, chosen in enumerate(_batches(len(X), batch_size, epochs, rng), 1):
        part = step / (epochs * per_epoch)
        rate = peak * min(part / 0.15, (1 - part) / 0.85)
        loss, slopes = loss_and_grads(params, X[chosen], labels[chosen])
        for array, velocity, slope in zip(arrays, velocities, chain(*slopes), strict=True):
            velocity *= momentum  # in place: new arrays would cost more time than the arithmetic
            velocity -= rate * slope
            array += velocity
        losses.append(loss)
        if step % per_epoch == 0:
            after_epoch(params, step // per_epoch, epochs, float(np.mean(losses[-per_epoch:])))
    return params


def train(
    images: np.ndarray,
    labels: np.ndarray,
    rng: np.random.Generator,
    budget: float,
    report: Callable[..., None],
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Train a network of your own design and return it, to let `predict` classify images that you never see.

    images: (n, 28, 28) uint8. labels: (n,) int64 from 0 to 9, in random order. Which number means which class is drawn
    anew for every run: only the labels tell.
    Layers, optimiser, learning rates and epochs are up to you. What you return is a network as `init_params` makes one,
    with at most 1,000,000 weights, in which all is that `predict` needs. rng is for all that is random; the global
    generator isn't needed.
    budget: the CPU seconds that training and predicting may take together, several times what the model solution
    needs. Training beyond it is stopped and doesn't count.
    report(done, total, loss, accuracy=None): to be called after each epoch, with the number of epochs that are over,
    how many there will be, the mean loss in this one, and the accuracy (0 to 1) on images that you have kept back to
    measure it, if you have. That draws your learning curve, and stops a training that diverges.

    How many images must be classified correctly is told in the result. On MNIST a hidden layer and some patience get
    there with any of the usual optimisers; a linear model doesn't.
    """
    kept = min(1000, len(images) // 10)  # to measure on

    def after_epoch(params: list[tuple[np.ndarray, np.ndarray]], epoch: int, epochs: int, loss: float) -> None:
        report(epoch, epochs, loss, float((predict(params, images[:kept]) == labels[:kept]).mean()))

    return _fit(images[kept:], labels[kept:], rng, after_epoch, epochs=min(20, max(5, 80_000 // len(images))))
