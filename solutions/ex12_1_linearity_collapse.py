"""12-1 · What does non-linearity mean, and why is it needed?

A stack of linear layers is one linear layer, however deep it is. First measure how far a function is from being
linear, or affine. Then do the collapsing: a stack of layers, a batch normalisation, a convolution, each becomes one
matrix. At last build the smallest network that needs its non-linearity: XOR.

Rules for every part:
- Arrays may have any float or integer dtype. Everything is computed in float64, and every array returned is float64.
  uint8 values of 200 are ordinary and must not overflow.
- No argument is changed, and nothing that is returned shares memory with an argument.
- Weight matrices are (out, in), as in torch.nn.Linear: a layer maps the column vector x to W x + b.

Sources: Goodfellow, Bengio, Courville, Deep Learning, sections 6.1 (XOR) and 6.4,
https://www.deeplearningbook.org/contents/mlp.html; documentation of torch.nn.Linear, Conv2d and BatchNorm2d.
"""

from collections.abc import Callable

import numpy as np


def superposition_defect(
    f: Callable[[np.ndarray], np.ndarray], X: np.ndarray, Y: np.ndarray, a: float, b: float
) -> float:
    """Return by how much f fails to be linear at these points: 0, up to rounding, if superposition holds there.

    Linear in the strict sense means f(a X + b Y) = a f(X) + b f(Y). The defect is the largest absolute entry of the
    difference of the two sides, divided by 1 + the largest absolute entry of f(a X + b Y).

    f: takes a float64 array (N, d), one sample per row, and returns another one, (N, k). Always hand it a whole batch:
        its outputs may depend on the other rows. It may return its own argument.
    X, Y: (N, d) with N >= 1 and d >= 1. a, b: any real numbers.
    Returns a float >= 0.
    """
    X, Y = np.asarray(X, np.float64), np.asarray(Y, np.float64)
    combined = f(a * X + b * Y)
    gap = combined - (a * f(X) + b * f(Y))
    return float(np.abs(gap).max() / (1 + np.abs(combined).max()))


def affine_defect(f: Callable[[np.ndarray], np.ndarray], X: np.ndarray, Y: np.ndarray, t: float) -> float:
    """Return by how much f fails to be affine at these points: 0, up to rounding, if f is W x + b there.

    The same measure as `superposition_defect` with the coefficients t of X and 1 - t of Y, which sum to 1, so that a
    constant offset in f cancels.

    f, X, Y: as in `superposition_defect`. t: any real number; outside [0, 1] it extrapolates.
    Returns a float >= 0.
    """
    return superposition_defect(f, X, Y, t, 1 - t)


def collapse_affine(layers: list[tuple[np.ndarray, np.ndarray | None]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the single layer (W, b) that maps every x to the same output as all layers in a row.

    layers: at least one pair (W_i, b_i), the layer that x enters first comes first. W_i: (d_i, d_{i-1}).
        b_i: (d_i,), or None for a layer without bias.
    Returns W (d_n, d_0) and b (d_n,); b is zeros if no layer has a bias.
    Raises ValueError if two neighbouring matrices don't fit together.
    """
    W, b = np.eye(layers[0][0].shape[1]), np.zeros(layers[0][0].shape[1])
    for W_i, b_i in layers:
        W = W_i @ W
        b = W_i @ b + (0 if b_i is None else b_i)
    return W, b


def fold_batchnorm(
    W: np.ndarray,
    b: np.ndarray | None,
    running_mean: np.ndarray,
    running_var: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray,
    eps: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the layer (W, b) that does the work of a layer followed by batch normalisation in evaluation mode.

    In evaluation mode each output channel z becomes weight * (z - running_mean) / sqrt(running_var + eps) + bias.

    W: (out, in) of a linear layer, or (out, in, kh, kw) of a convolution with any stride and padding.
    b: (out,), or None for a layer without bias. running_mean, running_var, weight, bias: (out,). eps: float > 0.
    Returns W in the shape it came in, and b (out,), also where b was None.
    Source: torch.nn.utils.fusion.fuse_conv_bn_weights.
    """
    mean, var, gamma = (np.asarray(a, np.float64) for a in (running_mean, running_var, weight))
    scale = gamma / np.sqrt(var + eps)
    b = np.zeros(len(W)) if b is None else b
    return W * scale.reshape(len(W), *[1] * (W.ndim - 1)), (b - mean) * scale + bias


def conv2d_matrix(kernel: np.ndarray, H: int, W: int, padding: int = 0) -> np.ndarray:
    """Return the matrix M of a convolution: M @ image.reshape(-1) is the flattened output.

    One channel in, one out, stride 1, zeros around the image. As everywhere in deep learning, this is the
    cross-correlation: out[y, x] = sum over i, j of kernel[i, j] * padded_image[y + i, x + j].

    kernel: (kh, kw). H, W: height and width of the image. padding: rows and columns of zeros on each of the four sides.
    Images and outputs are flattened row by row, as reshape(-1) does.
    Returns (oh * ow, H * W) with oh = H + 2 * padding - kh + 1 and ow = W + 2 * padding - kw + 1.
    Raises ValueError if the kernel is larger than the padded image, so that oh or ow isn't positive.
    A 28 x 28 image with a 5 x 5 kernel is ordinary: don't run a convolution in Python loops for each of its pixels.
    Source: torch.nn.functional.conv2d.
    """
    kh, kw = kernel.shape
    height, width = H + 2 * padding, W + 2 * padding
    oh, ow = height - kh + 1, width - kw + 1
    if oh < 1 or ow < 1:
        raise ValueError(f"a kernel of {kh} x {kw} doesn't fit into {H} x {W} with padding {padding}")
    M = np.zeros((oh, ow, height, width))
    y, x = np.ogrid[:oh, :ow]
    for i, j in np.ndindex(kh, kw):
        M[y, x, y + i, x + j] = kernel[i, j]
    # What meets the border is multiplied by zeros anyway.
    return M[:, :, padding : padding + H, padding : padding + W].reshape(oh * ow, H * W)


def xor_network() -> dict[str, np.ndarray]:
    """Return weights with which W2 relu(W1 x + b1) + b2 is XOR at the four corners x in {0, 1} x {0, 1}.

    The output must be 0 at (0, 0) and (1, 1), and 1 at (0, 1) and (1, 0), each within 1e-9. Any such weights will do.

    Returns a new dictionary with exactly the keys "W1" (2, 2), "b1" (2,), "W2" (1, 2) and "b2" (1,): arrays of floats
    or integers. The caller may write into it without effect on later calls.
    Source: Deep Learning, section 6.1.
    """
    # Unit 1 counts the ones; unit 2 fires only when both are there, to take back the count of 2.
    return {
        "W1": np.ones((2, 2)),
        "b1": np.array([0.0, -1.0]),
        "W2": np.array([[1.0, -2.0]]),
        "b2": np.zeros(1),
    }
