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

import math
from collections.abc import Callable

import numpy as np

ALPHA = 1.6732632423543772
SCALE = 1.0507009873554805


def forward(name: str, x: np.ndarray, **options: float | int | str) -> np.ndarray:
    """The activation called `name` at x.

    x: array of any shape. options: as listed above; what isn't given has the default.
    Returns an array of the shape of x.
    Raises ValueError if there is no activation of that name.
    """
    activation, _ = _find(name)
    return activation(_as_float(x), **options)


def backward(name: str, x: np.ndarray, grad_output: np.ndarray, **options: float | int | str) -> np.ndarray:
    """The gradient of a loss with respect to x, given its gradient with respect to forward(name, x, **options).

    x: the input of `forward`, not its output. grad_output: float array of the same shape, in the dtype of the answer.
    Returns an array of the shape of x.
    Raises ValueError if there is no activation of that name.
    """
    _, gradient = _find(name)
    return gradient(_as_float(x), grad_output, **options)


def _as_float(x: np.ndarray) -> np.ndarray:
    return x if x.dtype == np.float32 else x.astype(np.float64)


def _relu(x):
    return np.maximum(x, 0)


def _relu_slope(x):
    return x > 0


def _leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, x, negative_slope * x)


def _leaky_relu_slope(x, negative_slope=0.01):
    return np.where(x > 0, x.dtype.type(1), negative_slope)


def _sigmoid(x):
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1) / (1 + small)


def _sigmoid_slope(x):
    return _sigmoid(x) * _sigmoid(-x)


def _tanh(x):
    return np.tanh(x)


def _tanh_slope(x):
    return 1 - np.tanh(x) ** 2


def _elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _elu_slope(x, alpha=1.0):
    return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


def _selu(x):
    return SCALE * _elu(x, ALPHA)


def _selu_slope(x):
    return SCALE * _elu_slope(x, ALPHA)


def _softplus(x, beta=1.0, threshold=20.0):
    bent = np.log1p(np.exp(np.minimum(beta * x, threshold))) / beta
    return np.where(beta * x > threshold, x, bent)


def _softplus_slope(x, beta=1.0, threshold=20.0):
    return np.where(beta * x > threshold, 1, _sigmoid(beta * x))


def _silu(x):
    return x * _sigmoid(x)


def _silu_slope(x):
    return _sigmoid(x) * (1 + x * _sigmoid(-x))


def _gelu(x, approximate="none"):
    if approximate == "tanh":
        return x / 2 * (1 + np.tanh(_bend(x)))
    return x * _normal_cdf(x)


def _gelu_slope(x, approximate="none"):
    if approximate == "tanh":
        t = np.tanh(_bend(x))
        return (1 + t) / 2 + x / 2 * (1 - t**2) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)
    return _normal_cdf(x) + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def _bend(x):
    return math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)


def _normal_cdf(x):
    # erfc keeps its digits in the left tail, where 1 + erf would cancel; otypes makes empty input work.
    return np.vectorize(math.erfc, otypes=[x.dtype])(-x / math.sqrt(2)) / 2


def _log_softmax(x, dim=-1):
    if x.size == 0:
        return x.copy()
    shifted = x - x.max(axis=dim, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))


def _softmax(x, dim=-1):
    return np.exp(_log_softmax(x, dim))


def _log_softmax_gradient(x, grad_output, dim=-1):
    return grad_output - _softmax(x, dim) * grad_output.sum(axis=dim, keepdims=True)


def _softmax_gradient(x, grad_output, dim=-1):
    p = _softmax(x, dim)
    return p * (grad_output - (p * grad_output).sum(axis=dim, keepdims=True))


def _elementwise(slope: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """The backward pass of a function that acts on every element on its own: the Jacobian is diagonal."""
    return lambda x, grad_output, **options: grad_output * slope(x, **options)


_ZOO = {
    "relu": (_relu, _elementwise(_relu_slope)),
    "leaky_relu": (_leaky_relu, _elementwise(_leaky_relu_slope)),
    "sigmoid": (_sigmoid, _elementwise(_sigmoid_slope)),
    "tanh": (_tanh, _elementwise(_tanh_slope)),
    "elu": (_elu, _elementwise(_elu_slope)),
    "selu": (_selu, _elementwise(_selu_slope)),
    "softplus": (_softplus, _elementwise(_softplus_slope)),
    "silu": (_silu, _elementwise(_silu_slope)),
    "gelu": (_gelu, _elementwise(_gelu_slope)),
    "softmax": (_softmax, _softmax_gradient),
    "log_softmax": (_log_softmax, _log_softmax_gradient),
}


def _find(name: str) -> tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]:
    if name not in _ZOO:
        raise ValueError(f"no activation is called {name!r}; known are {', '.join(_ZOO)}")
    return _ZOO[name]
