"""19 · How long does an MNIST classifier take in PyTorch?

Whoever knows where the traps are needs less than an hour. Write the parts of a digit classifier so that they hold on
any machine and any day: the network, the batches, one epoch of training, predictions, and checkpoints from which a
run can go on as if it had never stopped. A training run is then a loop of three lines around them: write it, too.

Rules for all parts:

* Images are uint8 (n, 28, 28), 0 is black and 255 white; labels are whole numbers from 0 to 9, (n,), of any integer
  dtype. Both may be numpy arrays or torch tensors on the CPU, and n may be 0. They stay as they are.
* The network is fed float32 (n, 1, 28, 28), *normalised*: grey values are scaled to 0 ... 1, then 0.1307, the mean
  of the MNIST training images, is subtracted and the result divided by their standard deviation, 0.3081.
* `device` is a name or a torch.device; everything must run unchanged on "cpu" and on "cuda". (The checks have no GPU;
  they use "meta", a device whose tensors have a shape but no numbers.) A model that comes in is on the device already.
* Only `build_model` may draw from the global random state of torch (and a model's own dropout, while it is trained).

Sources: LeCun, Bottou, Bengio, Haffner 1998, Gradient-Based Learning Applied to Document Recognition
(doi:10.1109/5.726791); https://docs.pytorch.org/tutorials/beginner/basics/quickstart_tutorial.html;
https://docs.pytorch.org/docs/stable/notes/serialization.html
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch

Images = np.ndarray | torch.Tensor
Labels = np.ndarray | torch.Tensor


def build_model() -> torch.nn.Module:
    """A new convolutional network for digits, in train mode and on the CPU.

    It turns normalised images (n, 1, 28, 28) into logits (n, 10): any real numbers, which the loss turns into
    probabilities. Beside that the architecture is yours, within these bounds: at least one torch.nn.Conv2d, at most
    500,000 parameters, all of them trainable and all of them used. In eval mode the logits of an image don't depend
    on the other images.

    Weights come from the global random state: after the same torch.manual_seed two models are equal. Each call
    builds a model of its own.
    """
    # TODO: convolve and pool twice, flatten, end in a linear layer. How many features arrive there?
    raise NotImplementedError


def make_batches(
    X: Images, y: Labels, batch_size: int, generator: torch.Generator, device: str | torch.device
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """One epoch of batches: every image once, with its label, in a new random order.

    The order is `torch.randperm(n, generator=generator)`, one draw per epoch; batch after batch takes the next
    `batch_size` indices, and the last batch the rest, however few. Convert each batch when it is its turn, and keep
    none: a float32 copy of the whole data set takes four times the memory.

    batch_size: at least 1. generator: a CPU generator, whatever the device.
    Yields (x, labels) on `device`: normalised float32 (b, 1, 28, 28) and int64 (b,).
    Source: https://docs.pytorch.org/docs/stable/generated/torch.randperm.html
    """
    # TODO: draw the order once, then walk along it in steps of batch_size.
    raise NotImplementedError


def train_epoch(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
) -> float:
    """Train on each batch once and return the mean loss of the epoch.

    The model is put into train mode and stays there. Each batch is one step on its mean cross-entropy; gradients of
    earlier steps, or from before the call, don't count. The returned loss is the mean over all *samples*: the last
    batch may be short. Each batch's share is measured in the pass before its step.

    batches: pairs of inputs as the model wants them and int64 labels (b,), b >= 1; can be gone through once only.
    Returns a Python float; nan without batches.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    """
    # TODO: zero_grad, forward, loss, backward, step. What must be remembered of each batch?
    raise NotImplementedError


def predict(model: torch.nn.Module, X: Images, *, device: str | torch.device, batch_size: int = 256) -> torch.Tensor:
    """The digit a model sees in each image.

    All modules are in eval mode for this, and no gradients are recorded; afterwards every module is in the mode it was
    in before. The model never gets more than `batch_size` images at a time, in the order of X, normalised and on
    `device`.

    Returns int64 (n,) on the CPU: the class of the largest logit.
    """
    # TODO: remember modes, switch, go through X in slices, collect, switch back.
    raise NotImplementedError


def save_checkpoint(
    model: torch.nn.Module, optimizer: torch.optim.Optimizer, epoch: int, file: str | Path | BinaryIO
) -> None:
    """Write all that is needed to go on training after `epoch`: weights, buffers and the state of the optimiser.

    The format is yours, but torch.load must be able to read it with weights_only=True: tensors, numbers, strings and
    containers of these, no objects of your own.

    file: path or binary file, as torch.save takes it.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.save.html
    """
    # TODO: one dictionary. What, apart from the weights, does the next step of the optimiser depend on?
    raise NotImplementedError


def load_checkpoint(model: torch.nn.Module, optimizer: torch.optim.Optimizer, file: str | Path | BinaryIO) -> int:
    """Put model and optimiser into the state that `save_checkpoint` wrote, and return its epoch.

    Both are new, of the same build as those that were saved, and may be on another device. Modes stay as they are.
    Raises pickle.UnpicklingError, as torch.load does with weights_only=True, if there are other objects in the file:
    unpickling those could run any code.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.load.html
    """
    # TODO: the reverse.
    raise NotImplementedError


def train(
    model: torch.nn.Module,
    X: Images,
    y: Labels,
    *,
    device: str | torch.device,
    seed: int,
    budget: float,
    report: Callable[..., None],
) -> list[float]:
    """Train a new model in place, with a recipe of your own, and return the mean training loss of each epoch.

    `predict` then classifies images that neither you nor the model have seen. Which images these are, and which number
    means which class, is drawn anew for every run: only the labels tell.

    model: from `build_model`, on `device`. X, y: the training images and their labels, in random order.
    device: "cpu", "cuda" or "mps"; the same lines must run on each of them.
    seed: an int, for the order of the batches and all else that you draw; the weights have their seed already.
    budget: the seconds of CPU time (on a GPU: of time) that training and predicting may take together, several times
        what the model solution needs. Training beyond it is stopped and doesn't count.
    report: to be called after each epoch, `report(done, total, loss)` or `report(done, total, loss, accuracy)`, with
        the number of epochs that are over, how many there will be, the mean loss of this one, and the accuracy (0 to
        1) on images that you have kept back to measure it, if you have. That draws your learning curve, and stops a
        training that diverges.

    How many images must be classified correctly is told in the result. On MNIST a small CNN gets there with any of
    the usual optimisers and some patience, and a linear model doesn't.
    Returns one float per epoch, as `train_epoch` does; the last one is well below that of guessing, ln 10.
    """
    # TODO: train_epoch on make_batches, again and again. Which learning rate suits the first steps, and which the last?
    raise NotImplementedError
