"""5 · Which activation functions do you know?

Write eleven of them, each with its backward pass. All are reached through two functions, `forward` and `backward`,
by name, so start with one and add the others as you go:

    relu                                  max(x, 0)
    leaky_relu   negative_slope=0.01      x if x > 0, else negative_slope * x
    sigmoid                               1 / (1 + exp(-x))
    tanh                                  hyperbolic tangent
    elu          alpha=1.0                x if x > 0, else alpha * (exp(x) - 1)
    selu                                  scale * elu(x, alpha) with the two numbers ALPHA and SCALE below
    softplus     beta=1.0,                log(1 + exp(beta * x)) / beta; but where beta * x > threshold,
                 threshold=20.0           the function is x itself, and its slope is exactly 1
    silu                                  x * sigmoid(x)
    gelu         approximate="none"       x * P(Z <= x) for a standard normal Z; exact, by math.erf or math.erfc
                 approximate="tanh"       x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))
    softmax      dim=-1                   exp(x) / sum of exp(x), the sum taken along axis `dim`
    log_softmax  dim=-1                   log of softmax(x) along axis `dim`

Rules that hold for all of them:

* Where the slope jumps, at x = 0, it is the one from the left: relu 0, leaky_relu negative_slope, elu alpha,
  selu SCALE * ALPHA. -0.0 counts as 0.
* negative_slope may be larger than 1.
* Inputs of size 10000 are ordinary: both directions are finite and exact there.
* forward: NaN comes out where NaN goes in (in all of the slice along `dim` for the last two).
* float32 stays float32. Any other dtype (float64, signed or unsigned integers) is computed in and returned as float64.
* x has any number of axes and any memory layout, and may be empty: the answer is empty, too, in the same shape.
* A million numbers are ordinary, too: work on whole arrays.
* Arguments are left as they were, and the answers are new arrays.

Sources: torch.nn.functional, https://docs.pytorch.org/docs/stable/nn.functional.html#non-linear-activation-functions;
Maas et al. 2013 (leaky_relu); Clevert et al., arXiv 1511.07289 (elu); Klambauer et al., arXiv 1706.02515 (selu);
Hendrycks and Gimpel, arXiv 1606.08415 (gelu, silu).
"""

import numpy as np

ALPHA = 1.6732632423543772
SCALE = 1.0507009873554805


def forward(name: str, x: np.ndarray, **options: float | int | str) -> np.ndarray:
    """The activation called `name` at x.

    x: array of any shape. options: as listed above; what isn't given has the default.
    Returns an array of the shape of x.
    Raises ValueError if there is no activation of that name.
    """
    # TODO: start with `if name == "relu":`. Is there a way to write sigmoid that never computes exp of something large?
    raise NotImplementedError


def backward(name: str, x: np.ndarray, grad_output: np.ndarray, **options: float | int | str) -> np.ndarray:
    """The gradient of a loss with respect to x, given its gradient with respect to forward(name, x, **options).

    x: the input of `forward`, not its output. grad_output: float array of the same shape, in the dtype of the answer.
    Returns an array of the shape of x.
    Raises ValueError if there is no activation of that name.
    """
    # TODO: every one is the chain rule: what reaches x is grad_output times a slope, but softmax and log_softmax mix
    # the elements along `dim`.
    raise NotImplementedError
