"""19-1 · Does an MLP do as well as a CNN?

On MNIST the gap is about one point. What is behind it? Build both networks with equal budgets and the tools to find
out: show that a convolution is a special linear layer, that an MLP doesn't care in which order the pixels come, that a
convolution moves along with the image and other layers don't, and prepare the data of a fair experiment.

Rules for all parts:

* Images are (N, C, H, W), or (N, H, W) where there are no channels. *Flattening* is PyTorch's: rows of the first
  channel first, then those of the second.
* Tensors that come in are on the CPU, in any memory layout, and stay as they are; so do models.
* A permutation `perm` is int64 (d,) and holds each of 0 ... d-1 once. Permuted data x' has at place j what x had at
  place perm[j]: x' = x[:, perm].
* The global random state of torch is used by the two builders only.

Sources: LeCun et al. 1998 (doi:10.1109/5.726791); Goodfellow, Bengio, Courville 2016, Deep Learning, section 9.2
(https://www.deeplearningbook.org/contents/convnets.html); Zhang 2019, Making Convolutional Networks Shift-Invariant
Again (arXiv:1904.11486).
"""

import copy
from collections.abc import Callable

import torch
from torch import nn


def build_mlp(hidden: int = 128) -> torch.nn.Module:
    """A new MLP for images of 28 x 28: a linear layer of `hidden` units, ReLU, a linear layer of ten logits.

    It takes (n, 784) and (n, 1, 28, 28) alike, float32, and gives (n, 10). Both linear layers have biases.
    """
    return nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def build_cnn() -> torch.nn.Module:
    """A new CNN for the same images, (n, 1, 28, 28), with a budget as large as that of `build_mlp()`.

    The architecture is yours, with at least one torch.nn.Conv2d. The number of its parameters differs from that of
    `build_mlp()` by at most 10 %, all are trainable, and it gives logits (n, 10).
    """
    return nn.Sequential(
        nn.Conv2d(1, 16, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def conv_as_linear(weight: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """The matrix of the linear layer that does what a convolution does.

    The convolution is that of torch.nn.Conv2d without bias: stride 1, the borders padded with zeros so that the size
    stays. For an image x (I, H, W) and the matrix M, M @ x.flatten() is the flattened result (O, H, W).

    weight: (O, I, k, k), k odd, floating-point. size: (H, W).
    Returns (O * H * W, I * H * W), dtype as weight.
    Source: Goodfellow et al., section 9.1.
    """
    height, width = size
    inputs = weight.shape[1] * height * width
    units = torch.eye(inputs, dtype=weight.dtype).reshape(inputs, -1, height, width)
    return nn.functional.conv2d(units, weight, padding="same").flatten(1).T


def permute_mlp_input(model: torch.nn.Module, perm: torch.Tensor) -> torch.nn.Module:
    """A new model that sees permuted pixels and gives the answers of the old one: new(x[:, perm]) == old(x).

    model: its first torch.nn.Linear, in the order of model.modules(), is the only layer that meets the d inputs.
    Returns a model of the same build, names, dtypes and modes included, without memory in common with the old one. Its
    parameters are trainable if the old ones are.
    """
    permuted = copy.deepcopy(model)
    first = next(module for module in permuted.modules() if isinstance(module, nn.Linear))
    with torch.no_grad():
        first.weight.copy_(first.weight[:, perm])
    return permuted


def equivariance_defect(
    layer: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, shift: tuple[int, int], border: int = 5
) -> float:
    """How far a layer is from moving along with its input.

    Shift the input and apply the layer; apply the layer and shift its output; the result is the largest absolute
    difference of the two, divided by the largest absolute value of the layer's output for x. Shifting is circular, as
    by torch.roll: `shift` rows down and columns to the right. As images don't really continue on the other side,
    `border` pixels on all four sides are left out of the difference (but not of the largest value).

    layer: takes (N, C, H, W), gives (N, C', H, W), not 0 everywhere. H and W are larger than 2 * border >= 0.
    No gradients are recorded. Returns a Python float; 0 for a layer that is equivariant.
    Source: Goodfellow et al., section 9.2.
    """
    with torch.no_grad():
        output = layer(x)
        difference = layer(x.roll(shift, dims=(2, 3))) - output.roll(shift, dims=(2, 3))
    height, width = difference.shape[2:]
    interior = difference[..., border : height - border, border : width - border]
    return (interior.abs().max() / output.abs().max()).item()


def study_data(
    X: torch.Tensor, X_test: torch.Tensor, perm: torch.Tensor, shift: tuple[int, int]
) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Training and test images for three experiments on one data set.

    - "plain": the images as they are.
    - "permuted": the pixels of each image rearranged by `perm`, in training and test alike, as images again.
    - "shifted": trained on images as they are; tested on images moved by `shift` (rows down, columns to the right;
      negative: up, left). Pixels that leave the image are lost, and those that come in are 0.

    X: (n, H, W), X_test: (m, H, W), of any dtype. perm: (H * W,). shift: smaller than the image, in both directions.
    Returns {"plain": (train, test), "permuted": ..., "shifted": ...}; unchanged images may be the very tensors that
    came in.
    """

    def permuted(images: torch.Tensor) -> torch.Tensor:
        return images.flatten(1)[:, perm].reshape(images.shape)

    return {
        "plain": (X, X_test),
        "permuted": (permuted(X), permuted(X_test)),
        "shifted": (X, _shifted(X_test, *shift)),
    }


def _shifted(images: torch.Tensor, down: int, right: int) -> torch.Tensor:
    """Padding on one side and cropping on the other; a negative padding crops."""
    return nn.functional.pad(images, (right, -right, down, -down))
