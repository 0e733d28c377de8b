"""19-1 · Does an MLP do as well as a CNN?

On MNIST the gap is about one point. What is behind it? Build both networks with equal budgets and the tools to find
out: show that a convolution is a special linear layer, that an MLP doesn't care in which order the pixels come, that a
convolution moves along with the image and other layers don't, and prepare the data of a fair experiment. Then run it.

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

from collections.abc import Callable

import torch


def build_mlp(hidden: int = 128) -> torch.nn.Module:
    """A new MLP for images of 28 x 28: a linear layer of `hidden` units, ReLU, a linear layer of ten logits.

    It takes (n, 784) and (n, 1, 28, 28) alike, float32, and gives (n, 10). Both linear layers have biases.
    """
    # TODO: torch.nn.Flatten leaves flat inputs as they are.
    raise NotImplementedError


def build_cnn() -> torch.nn.Module:
    """A new CNN for the same images, (n, 1, 28, 28), with a budget as large as that of `build_mlp()`.

    The architecture is yours, with at least one torch.nn.Conv2d. The number of its parameters differs from that of
    `build_mlp()` by at most 10 %, all are trainable, and it gives logits (n, 10).
    """
    # TODO: the maps in front of the first linear layer decide nearly everything about the count.
    raise NotImplementedError


def conv_as_linear(weight: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """The matrix of the linear layer that does what a convolution does.

    The convolution is that of torch.nn.Conv2d without bias: stride 1, the borders padded with zeros so that the size
    stays. For an image x (I, H, W) and the matrix M, M @ x.flatten() is the flattened result (O, H, W).

    weight: (O, I, k, k), k odd, floating-point. size: (H, W).
    Returns (O * H * W, I * H * W), dtype as weight.
    Source: Goodfellow et al., section 9.1.
    """
    # TODO: column j of a matrix is what it makes of the j-th unit vector.
    raise NotImplementedError


def permute_mlp_input(model: torch.nn.Module, perm: torch.Tensor) -> torch.nn.Module:
    """A new model that sees permuted pixels and gives the answers of the old one: new(x[:, perm]) == old(x).

    model: its first torch.nn.Linear, in the order of model.modules(), is the only layer that meets the d inputs.
    Returns a model of the same build, names, dtypes and modes included, without memory in common with the old one. Its
    parameters are trainable if the old ones are.
    """
    # TODO: copy everything, then rearrange one tensor. Which axis of it belongs to the inputs?
    raise NotImplementedError


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
    # TODO: two paths to the same place; compare them inside the border.
    raise NotImplementedError


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
    # TODO: one permutation for all; for the shift, copy a rectangle into a black image.
    raise NotImplementedError


def run_study(
    X: torch.Tensor,
    y: torch.Tensor,
    X_test: torch.Tensor,
    *,
    perm: torch.Tensor,
    shift: tuple[int, int],
    device: str | torch.device,
    seed: int,
    budget: float,
    report: Callable[..., None],
) -> dict[str, torch.Tensor]:
    """The study itself: train both networks on plain and on permuted images, and let them classify in all experiments.

    Four networks are trained: `build_mlp()` and `build_cnn()`, each on the plain and on the permuted training images of
    `study_data`. Those that saw plain images classify the test images of "plain" and of "shifted"; the others those of
    "permuted". The recipe is yours. To be fair, let it depend on the network only, not on the kind of images.

    X: training images (n, 28, 28) uint8 in random order, y: their labels (n,) int64, X_test: images (m, 28, 28) whose
        labels nobody tells you. Which number means which class is drawn anew for every run.
    perm, shift: for `study_data`. perm moves all pixels, shift is (2, 2).
    device: "cpu", "cuda" or "mps"; the same lines must run on each of them. The tensors come on the CPU.
    seed: an int. Set the global random state to it before you build a network, and draw all else from it, too.
    budget: the seconds of CPU time (on a GPU: of time) that the study may take, several times what the model solution
        needs. What goes beyond it is stopped and doesn't count.
    report: to be called after each epoch, `report(done, total, loss)`: how many epochs are over in the whole study, how
        many there will be, and the mean loss of this one. That draws a curve, and stops a training that diverges.

    What the results should show: both networks read plain images well, the CNN better; permuted pixels are all the
    same to the MLP, and a loss to the CNN; shifted images are bad for both, and worse for the MLP. By how much is told
    in the result.
    Returns predictions, int64 (m,) on the CPU, in a dict: "mlp_plain", "mlp_permuted", "mlp_shifted", "cnn_plain",
    "cnn_permuted", "cnn_shifted".
    """
    # TODO: one function that trains any network on any images; call it four times. Scale the grey values.
    raise NotImplementedError
