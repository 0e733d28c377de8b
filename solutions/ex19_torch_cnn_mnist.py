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
from math import ceil, nan
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from torch import nn

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
    return nn.Sequential(
        nn.Conv2d(1, 16, kernel_size=5, bias=False),
        nn.MaxPool2d(2),  # first, so that the two below have a quarter of the work
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, kernel_size=5, bias=False),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 4 * 4, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


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
    images, labels = torch.as_tensor(X), torch.as_tensor(y)
    order = torch.randperm(len(images), generator=generator)
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        yield _normalised(images[chosen], device), labels[chosen].to(device, torch.int64)


def _normalised(images: torch.Tensor, device: str | torch.device) -> torch.Tensor:
    grey = images.to(device)[:, None].float() / 255
    return (grey - 0.1307) / 0.3081


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
    model.train()
    total, samples = 0.0, 0
    for x, labels in batches:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(labels)  # .item() would let a GPU wait in every step
        samples += len(labels)
    return float(total / samples) if samples else nan


def predict(model: torch.nn.Module, X: Images, *, device: str | torch.device, batch_size: int = 256) -> torch.Tensor:
    """The digit a model sees in each image.

    All modules are in eval mode for this, and no gradients are recorded; afterwards every module is in the mode it was
    in before. The model never gets more than `batch_size` images at a time, in the order of X, normalised and on
    `device`.

    Returns int64 (n,) on the CPU: the class of the largest logit.
    """
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    with torch.no_grad():
        found = [model(_normalised(images, device)).argmax(dim=1) for images in torch.as_tensor(X).split(batch_size)]
    for module, mode in modes:
        module.training = mode
    return torch.cat(found).cpu()


def save_checkpoint(
    model: torch.nn.Module, optimizer: torch.optim.Optimizer, epoch: int, file: str | Path | BinaryIO
) -> None:
    """Write all that is needed to go on training after `epoch`: weights, buffers and the state of the optimiser.

    The format is yours, but torch.load must be able to read it with weights_only=True: tensors, numbers, strings and
    containers of these, no objects of your own.

    file: path or binary file, as torch.save takes it.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.save.html
    """
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}, file)


def load_checkpoint(model: torch.nn.Module, optimizer: torch.optim.Optimizer, file: str | Path | BinaryIO) -> int:
    """Put model and optimiser into the state that `save_checkpoint` wrote, and return its epoch.

    Both are new, of the same build as those that were saved, and may be on another device. Modes stay as they are.
    Raises pickle.UnpicklingError, as torch.load does with weights_only=True, if there are other objects in the file:
    unpickling those could run any code.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.load.html
    """
    saved = torch.load(file, map_location="cpu", weights_only=True)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    return saved["epoch"]


def _scheduled(
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]], schedule: torch.optim.lr_scheduler.LRScheduler
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The same batches. A generator goes on when it is asked for the next one: then the step on this one is done."""
    for batch in batches:
        yield batch
        schedule.step()


def _one_cycle(
    model: torch.nn.Module, peak: float, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """SGD with Nesterov's momentum; its learning rate rises to a peak, and falls to 0 from there."""
    optimizer = torch.optim.SGD(model.parameters(), lr=peak, momentum=0.9, nesterov=True)
    cycle = {"pct_start": 0.25, "anneal_strategy": "linear", "cycle_momentum": False}
    return optimizer, torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=steps + 1, **cycle)


def _fit(
    model: torch.nn.Module,
    X: Images,
    y: Labels,
    device: str | torch.device,
    seed: int,
    after_epoch: Callable[[int, float], None],
    epochs: int,
    batch_size: int = 64,
    peak: float = 0.05,
) -> list[float]:
    """Trains in one cycle of the learning rate."""
    if torch.device(device).type == "cpu":
        model.to(memory_format=torch.channels_last)  # saves a CPU a quarter of the time
    X, y = torch.as_tensor(X, device=device), torch.as_tensor(y, device=device)  # as bytes, all of MNIST is 47 MB
    optimizer, schedule = _one_cycle(model, peak, epochs * ceil(len(X) / batch_size))
    generator, losses = torch.Generator().manual_seed(seed), []
    for epoch in range(1, epochs + 1):
        batches = make_batches(X, y, batch_size, generator, device)
        losses.append(train_epoch(model, optimizer, _scheduled(batches, schedule)))
        after_epoch(epoch, losses[-1])
    return losses


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
    kept = min(1000, len(X) // 10)  # to measure on
    epochs = min(8, max(2, 24_000 // len(X)))

    def after_epoch(epoch: int, loss: float) -> None:
        right = predict(model, X[:kept], device=device) == torch.as_tensor(y[:kept])
        report(epoch, epochs, loss, float(right.float().mean()))

    return _fit(model, X[kept:], y[kept:], device, seed, after_epoch, epochs)
