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

from collections.abc import Callable

import numpy as np


def init_params(sizes: list[int], rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return a new float32 network for `sizes`, such as [784, 128, 10]: inputs, hidden layers, classes.

    Weights are normal with mean 0 and variance 2 / in (He et al. 2015), biases are zero. The weights of each layer come
    from one draw of rng.standard_normal with the shape (in, out), in float64, the first layer first; then
    they are scaled, and cast to float32. Nothing else is drawn.
    """
    # TODO: neighbouring sizes make a layer. What would happen if all weights were equal?
    raise NotImplementedError


def preprocess(images: np.ndarray) -> np.ndarray:
    """Turn images, (n, H, W) uint8 with any n, into rows of pixels between 0 and 1: (n, H * W) float32.

    Black (0) becomes 0 and white (255) becomes 1. Rows of an image follow each other.
    """
    # TODO: flatten, and bring to a scale that suits the weights. Does it work for no image at all?
    raise NotImplementedError


def logits(params: list[tuple[np.ndarray, np.ndarray]], X: np.ndarray) -> np.ndarray:
    """Return the network's logits for X, (N, D): (N, classes)."""
    # TODO: layer by layer. What must not follow the last layer?
    raise NotImplementedError


def loss_and_grads(
    params: list[tuple[np.ndarray, np.ndarray]], X: np.ndarray, y: np.ndarray
) -> tuple[float, list[tuple[np.ndarray, np.ndarray]]]:
    """Return (loss, grads): the mean cross-entropy of softmax(logits) over the N >= 1 samples, and its gradients.

    X: (N, D), y: (N,). loss: a float. grads: [(dW, db), ...], shaped like params.
    The slope of the ReLU at exactly 0 is 0. Logits of +-1000 are ordinary and give finite results.
    """
    # TODO: keep each layer's input on the way forward; start back from the gradient in the logits.
    raise NotImplementedError


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
    # TODO: shuffle, slice, differentiate, step. X[indices] and y[indices] take the same samples.
    raise NotImplementedError


def predict(params: list[tuple[np.ndarray, np.ndarray]], images: np.ndarray) -> np.ndarray:
    """Return the most likely class of each image, (n,) int64. images: (n, H, W) uint8, any n, 0 included.

    Images are prepared by `preprocess`. What is predicted for an image doesn't depend on the other ones. If several
    classes are equally likely, the first of them is meant.
    """
    # TODO: is a softmax needed to find the largest logit? Which axis holds the classes?
    raise NotImplementedError


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
    # TODO: train_epoch, again and again, is a start. Which learning rate at first, and which one at the end?
    raise NotImplementedError
