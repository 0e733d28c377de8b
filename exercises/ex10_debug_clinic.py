"""10 · How do you debug deep-learning code?

Some bugs raise an error far from their cause, some raise one only on large inputs, and the worst raise none: the
model trains, just not well. Here is one task for each kind. Write a tool that finds the first layer whose input
doesn't fit, before anything runs; one that finds the largest batch that fits into memory; and repair a training loop
and an evaluation that run without complaint and are wrong in seven places.

Rules for all parts:

* Arguments stay as they are, apart from the model and the optimiser in `train_epoch`.
* Shapes are tuples of ints and include the batch axis. Numbers come back as Python numbers, not as tensors.

Sources: the "Shape" sections of https://docs.pytorch.org/docs/stable/nn.html and the PyTorch pages of
CrossEntropyLoss, Optimizer.zero_grad, Module.train and no_grad; the PyTorch FAQ,
https://docs.pytorch.org/docs/stable/notes/faq.html
"""

from collections.abc import Callable, Iterable

import torch


class ShapeError(Exception):
    """A layer that can't take what arrives. Complete as it is.

    index: position of the layer, from 0. expected, got: the number that the layer needs, and the one that came.
    """

    def __init__(self, index: int, expected: int | str, got: int) -> None:
        """Keep all three as attributes."""
        super().__init__(f"layer {index}: expected {expected}, got {got}")
        self.index, self.expected, self.got = index, expected, got


def infer_shapes(layers: list[dict], input_shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Shape behind every layer of a stack, without running it.

    input_shape: of a batch, such as (32, 3, 224, 224).
    layers: one dict each, with "type" and the arguments that PyTorch's module of that name has:
    - "Linear": "in_features", "out_features". Acts on the last axis of an input with any number of axes.
    - "Conv2d": "in_channels", "out_channels", "kernel_size", and optionally "stride" (1), "padding" (0), "dilation"
      (1).
    - "MaxPool2d": "kernel_size", and optionally "stride" (None) and "padding" (0). A stride of None is the kernel
      size.
    - "AdaptiveAvgPool2d": "output_size".
    - "BatchNorm1d", "BatchNorm2d": "num_features", the length of axis 1.
    - "Flatten": optionally "start_dim" (1); this axis and all behind it become one.
    - "ReLU", "Dropout": change no shape.
    Sizes, strides, paddings and dilations are an int for height and width alike, or a pair (height, width). Along
    each of them a kernel of k leaves (size + 2 * padding - dilation * (k - 1) - 1) // stride + 1.

    Returns the shape behind each layer, as a list of tuples.
    Raises ShapeError for the first layer that can't take its input, with the first of these that is wrong:
    - number of axes: layers whose name ends in 2d take 4 and nothing else: ShapeError(index, 4, number of axes);
    - features or channels: ShapeError(index, what the layer was built for, what arrives);
    - height, then width behind the layer: ShapeError(index, ">=1", what the formula gives).
    Raises ValueError for an unknown type.
    Source: torch.nn.Conv2d and MaxPool2d, sections "Shape".
    """
    # TODO: one layer after the other, the shape in your hand. What must hold before a layer can run?
    raise NotImplementedError


def find_max_batch_size(
    try_step: Callable[[int], object], limit: int | None = None, cleanup: Callable[[], object] = lambda: None
) -> int:
    """The largest batch size that fits into memory.

    try_step: `try_step(b)` runs one training step with b >= 1 samples. It raises MemoryError or
        torch.OutOfMemoryError if b is too large, and returns otherwise (anything). What is too large stays so for
        every larger b.
    limit: b may not be larger than this (at least 1); None sets no limit, and some b is too large then.
    cleanup: is called without arguments once after every step that ran out of memory, before the next one starts, and
        at no other time.

    Returns the largest b that works, and 0 if not even 1 does. `try_step` never gets a b above `limit`.
    A step is expensive: with the answer b it is called at most 2 * ceil(log2(b + 1)) + 2 times.
    Any other exception of `try_step` is a bug of the caller, and goes through at once.
    Source: https://docs.pytorch.org/docs/stable/notes/faq.html
    """
    # TODO: double until it fails, then look between the last success and the first failure.
    raise NotImplementedError


def train_epoch(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    device: torch.device | str,
) -> float:
    """Train for one epoch: one step of the optimiser per batch, on the mean cross-entropy of the batch.

    model: gives logits (n, K) for inputs (n, ...). It is called once per batch, in train mode. In whatever mode it
        was, train or eval, it is left in that mode.
    batches: pairs (x, y) with y int64 of shape (n,); at least one, each with n >= 1. They differ in size, and may
        come from a generator, so that there is no len().
    device: where the model is; batches are moved there.
    Gradients that are left over, from before the call or from an earlier batch, play no part in a step. No
    graph of a batch is kept until the next but one.

    Returns the mean loss per SAMPLE, each as it was in its own step, as a Python float.
    """
    # TODO: this is the code as you find it, with five mistakes. Delete the next line, and repair the rest.
    raise NotImplementedError
    was_training = model.training
    model.train()
    total = 0.0
    for x, y in batches:
        x, y = x.to(device), y.to(device)
        probabilities = torch.softmax(model(x), dim=1)
        loss = torch.nn.functional.cross_entropy(probabilities, y)
        optimizer.step()
        loss.backward()
        total += loss
    model.train(was_training)
    return total / len(batches)


def evaluate(
    model: torch.nn.Module, batches: Iterable[tuple[torch.Tensor, torch.Tensor]], device: torch.device | str
) -> tuple[float, float]:
    """Loss and accuracy of a model as it will be used: nothing is learned, nothing is random.

    model, batches, device: as in `train_epoch`, but the model is called in eval mode and with gradients switched off.
        Nothing about it changes: no parameter, no gradient, no running average; it is left in the mode, train or
        eval, in which it was, and gradients are afterwards switched on or off as they were before.

    Returns (mean cross-entropy per sample, share of samples whose largest logit is that of their class), as Python
    floats. No two logits tie.
    """
    # TODO: this one has two mistakes.
    raise NotImplementedError
    was_training = model.training
    total, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for x, y in batches:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            total += torch.nn.functional.cross_entropy(logits, y).item() * len(y)
            correct += (logits.argmax(dim=0) == y).sum().item()
            count += len(y)
    model.train(was_training)
    return total / count, correct / count
