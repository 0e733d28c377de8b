"""8 · Which weight initialisation goes with which activation?

Write the usual random initialisations of a weight, the two numbers they are made of (fans and gain), and the
experiment that tells a good one from a bad one: how strong is the signal after each layer?

Rules for all parts:

* Weights have PyTorch's shapes: (out_features, in_features) for a linear layer, (out_channels, in_channels /
  groups, *kernel) for a convolution in any number of dimensions.
* A random generator is an argument, `rng`, and the only source of randomness: it is asked once for an array in the
  shape that is said, so that the same seed gives the same weight. numpy's global random state stays as it is.
* All computation is done in float64, and arrays come back as float64, whatever dtype comes in.
* No fan is 0 and no batch is empty.

Sources: LeCun et al. 1998, Efficient BackProp, section 4.6; Glorot & Bengio 2010 (AISTATS); He et al. 2015
(arXiv:1502.01852); Saxe et al. 2014 (arXiv:1312.6120); https://docs.pytorch.org/docs/stable/nn.init.html
"""

import numpy as np


def calculate_fan(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many inputs each output of a layer sums up (fan_in), and the same in the other direction (fan_out).

    shape: of the weight, two axes or more. Every axis after the second belongs to the kernel; without them the
        kernel has a single position.
    Returns (fan_in, fan_out): the length of the second and of the first axis, each times the number of positions
    of the kernel. Groups and strides are not looked at beyond that.
    Raises ValueError for fewer than two axes.
    Source: https://docs.pytorch.org/docs/stable/nn.init.html
    """
    # TODO: which axis of the weight does an output sum over?
    raise NotImplementedError


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Factor by which a weight has to be larger because of what the activation takes away, as PyTorch has it.

    nonlinearity: "linear", "conv1d", "conv2d", "conv3d" and "sigmoid" have 1, "tanh" 5/3, "selu" 3/4; "relu" has the
        root of 2, because half of the second moment is lost; "leaky_relu" likewise, but the other half is not lost:
        it is multiplied by the square of the slope.
    param: slope of "leaky_relu" on the negative side, of either sign; None means 0.01. Others ignore it.
    Raises ValueError for any other nonlinearity.
    Source: https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.calculate_gain
    """
    # TODO: with unit variance going in, what is the mean square of what comes out of leaky_relu?
    raise NotImplementedError


def init_weight(
    shape: tuple[int, ...],
    scheme: str,
    distribution: str,
    rng: np.random.Generator,
    *,
    nonlinearity: str = "relu",
    param: float | None = None,
    mode: str = "fan_in",
) -> np.ndarray:
    """A new random weight.

    scheme: sets the variance of the entries.
    - "lecun": 1 / fan_in.
    - "xavier": 2 / (fan_in + fan_out), with no gain.
    - "he": gain squared over the fan that `mode` names, with the gain of `nonlinearity` and `param`.
    - "orthogonal": no variance; see below.
    `nonlinearity`, `param` and `mode` count for "he" only.
    distribution: "normal" with mean 0, or "uniform" on an interval around 0. Both have the variance of the scheme.
        Ignored by "orthogonal".
    rng: is asked exactly once, for an array of this shape: standard normals (`rng.standard_normal`) to be scaled,
        or uniforms from [0, 1) (`rng.random`) to be stretched and shifted, 0 to the lower end of the interval.
        (`rng.normal` and `rng.uniform` do just that.)
    mode: "fan_in" keeps the signal on the way forward, "fan_out" the gradient on the way back.

    "orthogonal" flattens all axes but the first: a matrix of shape[0] rows. It asks `rng` for standard normals in
    this flat shape, transposes them if there are fewer rows than columns, and takes Q of the QR decomposition A = QR,
    with the signs of its columns chosen so that the diagonal of R is positive. That is transposed back and
    gets the shape asked for. No gain.

    Returns a float64 array of shape `shape`.
    Raises ValueError for fewer than two axes, and for an unknown scheme, distribution or (with "he") mode.
    Sources: LeCun et al. 1998, section 4.6; Glorot & Bengio 2010, equations 12 and 16; He et al. 2015, equations 10
    and 14; Saxe et al. 2014.
    """
    # TODO: from fans to variance, from variance to standard deviation, from there to the bound of the uniform one.
    raise NotImplementedError


def signal_second_moments(weights: list[np.ndarray], x: np.ndarray, activation: str) -> np.ndarray:
    """Mean square of the signal after each layer of a network without biases.

    weights: one matrix (out_features, in_features) per layer.
    x: input, one sample per COLUMN: (in_features of the first layer, batch).
    activation: follows every layer, the last one too: "linear" (nothing), "relu", "leaky_relu" (slope 0.01), "tanh",
        "sigmoid", or "selu" (scale 1.0507009873554805, alpha 1.6732632423543772).
    Returns (number of layers,): entry l is the mean of the squared outputs of activation l over all its units and
    all samples. The mean is not subtracted.
    Raises ValueError for any other activation.
    Source: He et al. 2015, section 2.2.
    """
    # TODO: one line per layer: multiply, activate, note the mean of the squares.
    raise NotImplementedError
