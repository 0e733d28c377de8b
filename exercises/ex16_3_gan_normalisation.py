"""16-3 · May a GAN's generator use batch norm

It may, almost everywhere: the answer lies in where it doesn't. Build the two networks of DCGAN with batch norm in the
right places, initialise them, measure what batch norm does to generated images, and write the variant that avoids it.

Rules for all parts:

* Batches have samples along axis 0: images (N, channels, 64, 64), latent vectors (N, latent_dim, 1, 1).
* The networks are torch.nn.Module objects, with float32 parameters and in training mode at first. Their layers with
  parameters are torch.nn.ConvTranspose2d, Conv2d and BatchNorm2d, registered in the order in which data passes through
  them, and nothing else has parameters. What has no parameters may be a module or a function. Batch norm keeps
  PyTorch's default settings.
* Tensors that come in stay as they are, and results don't share memory with them. In `init_dcgan`,
  `virtual_batch_norm` and `batch_dependence` the global random state of torch stays as it is.

Sources: Radford, Metz & Chintala 2016, DCGAN (arXiv:1511.06434); Salimans et al. 2016, Improved Techniques for Training
GANs (arXiv:1606.03498)
"""

import torch


def build_generator(latent_dim: int = 100, ngf: int = 64, channels: int = 3) -> torch.nn.Module:
    """The generator of DCGAN: latent vectors (N, latent_dim, 1, 1) to images (N, channels, 64, 64) within [-1, 1].

    Five transposed convolutions with kernels of 4 and without bias. The first has stride 1 and padding 0 and makes
    4 x 4 maps; the others have stride 2 and padding 1 and double the size. They have 8, 4, 2, 1 times ngf outputs, and
    `channels`. ReLU follows each but the last, which tanh follows. Batch norm stands in front of every ReLU, and
    nowhere else.
    Source: Radford et al. 2016, section 3
    """
    # TODO: the first four layers look alike, the last one is different in two ways.
    raise NotImplementedError


def build_discriminator(ndf: int = 64, channels: int = 3) -> torch.nn.Module:
    """The discriminator of DCGAN: images (N, channels, 64, 64) to logits (N, 1), which may be any real numbers.

    The mirror image of the generator: five convolutions with kernels of 4 and without bias. The first four have stride
    2 and padding 1, halve the size and have 1, 2, 4, 8 times ndf outputs; LeakyReLU with slope 0.2 follows each of
    them. The last one has stride 1, padding 0 and a single output. Batch norm stands in front of every LeakyReLU but
    the first, and nowhere else.
    Source: Radford et al. 2016, section 3
    """
    # TODO: which layers see real pixels, or give the verdict? They go without batch norm.
    raise NotImplementedError


def init_dcgan(module: torch.nn.Module, generator: torch.Generator) -> None:
    """Initialise a network in place, as DCGAN does.

    Weights of Conv2d and ConvTranspose2d are drawn from a normal distribution with mean 0 and standard deviation 0.02,
    weights of BatchNorm2d with mean 1 and standard deviation 0.02. Biases of these three become 0. A weight or bias
    that is None stays None, and everything else in the module stays as it is: other layers, running statistics, modes.

    Layers take their turn in the order of `module.modules()`, each with one draw like
    `torch.nn.init.normal_(weight, mean, std, generator=generator)`.
    Source: Radford et al. 2016, section 4; https://docs.pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html
    """
    # TODO: one loop over all modules, two kinds of layers.
    raise NotImplementedError


def virtual_batch_norm(
    x: torch.Tensor, ref: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-5
) -> torch.Tensor:
    """Normalise each sample with a fixed reference batch and itself, instead of with the rest of its batch.

    The statistics for a sample are mean and biased variance, per channel, of all values of the R reference samples and
    of that sample together: R + 1 samples with all their positions. eps is added to the variance, under the root; then
    come weight and bias, as in batch norm. So the output for a sample doesn't depend on the other samples in x.

    x: (N, C, H, W) or (N, C), N may be 0. ref: (R, C, H, W) or (R, C), like x but for the number of samples, R at
        least 1. weight, bias: (C,). All of one dtype.
    Returns a tensor of x's shape and dtype. Gradients flow to all four tensors.
    Source: Salimans et al. 2016, section 3.5
    """
    # TODO: statistics of ref once, of each sample on its own; how do they combine, mean and variance?
    raise NotImplementedError


def batch_dependence(gen: torch.nn.Module, z: torch.Tensor, other: torch.Tensor) -> tuple[float, float]:
    """How much a generated image depends on the other images that are generated with it.

    gen: a generator, or any network that takes z and draws no random numbers. Afterwards everything in it is as before:
        parameters, running statistics, and the settings and modes of all its modules, whatever they were.
    z, other: (N, ...), N at least 2.
    Returns (train, eval): the largest absolute change of any pixel of gen(z)[0] when z[1:] is replaced by other[1:],
    with the whole network in training mode, and with the whole network in evaluation mode, both times
    beginning with the network as it came.
    """
    # TODO: two batches with the same first sample, two modes. What does a forward pass in training mode leave behind?
    raise NotImplementedError
