# Style: a class per activation that remembers what its backward pass needs; masks and in-place work on copies.
import math

import numpy as np

ALPHA = 1.6732632423543772
SCALE = 1.0507009873554805

erf = np.vectorize(math.erf, otypes=[np.float64])


def ready(x):
    return np.array(x, dtype=x.dtype if x.dtype == np.float32 else np.float64)


class Relu:
    def forward(self, x):
        self.on = x > 0
        return np.where(self.on | np.isnan(x), x, 0)

    def backward(self, g):
        return np.where(self.on, g, 0)


class LeakyRelu:
    def __init__(self, negative_slope=0.01):
        self.slope = negative_slope

    def forward(self, x):
        self.left = ~(x > 0)
        out = x.copy()
        out[self.left] *= self.slope
        return out

    def backward(self, g):
        out = np.array(g)
        out[self.left] *= self.slope
        return out


class Sigmoid:
    def forward(self, x):
        self.y = 0.5 * np.tanh(0.5 * x) + 0.5
        return self.y

    def backward(self, g):
        return g * self.y * (1 - self.y)


class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, g):
        return g * (1 - self.y) * (1 + self.y)


class Elu:
    def __init__(self, alpha=1.0, scale=1.0):
        self.alpha, self.scale = alpha, scale

    def forward(self, x):
        self.left = ~(x > 0)
        out = x.copy()
        out[self.left] = self.alpha * np.expm1(x[self.left])
        self.y = out
        return self.scale * out

    def backward(self, g):
        slope = np.ones_like(self.y)
        slope[self.left] = self.y[self.left] + self.alpha
        return self.scale * slope * g


class Softplus:
    def __init__(self, beta=1.0, threshold=20.0):
        self.beta, self.threshold = beta, threshold

    def forward(self, x):
        z = self.beta * x
        self.linear = z > self.threshold
        self.z = z
        return np.where(self.linear, x, np.logaddexp(z, 0) / self.beta)

    def backward(self, g):
        return np.where(self.linear, g, g * Sigmoid().forward(self.z))


class Silu:
    def forward(self, x):
        self.x, self.s = x, Sigmoid().forward(x)
        return x * self.s

    def backward(self, g):
        y = self.x * self.s
        return g * (y + self.s * (1 - y))


class Gelu:
    def __init__(self, approximate="none"):
        self.rough = approximate == "tanh"

    def forward(self, x):
        self.x = x
        if self.rough:
            self.t = np.tanh(np.sqrt(2 / np.pi) * x * (1 + 0.044715 * x * x))
            return (0.5 * x * (1 + self.t)).astype(x.dtype)
        self.p = (0.5 * (1 + erf(x / math.sqrt(2)))).astype(x.dtype)
        return x * self.p

    def backward(self, g):
        x = self.x
        if self.rough:
            inner = np.sqrt(2 / np.pi) * (1 + 0.134145 * x * x)
            return (g * (0.5 * (1 + self.t) + 0.5 * x * (1 - self.t * self.t) * inner)).astype(x.dtype)
        density = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
        return g * (self.p + x * density)


class Softmax:
    def __init__(self, dim=-1):
        self.dim = dim

    def forward(self, x):
        e = np.exp(x - np.max(x, axis=self.dim, keepdims=True, initial=-np.inf))
        self.y = e / e.sum(axis=self.dim, keepdims=True)
        return self.y

    def backward(self, g):
        gy = g * self.y
        return gy - self.y * gy.sum(axis=self.dim, keepdims=True)


class LogSoftmax:
    def __init__(self, dim=-1):
        self.dim = dim

    def forward(self, x):
        top = np.max(x, axis=self.dim, keepdims=True, initial=-np.inf)
        self.y = x - top
        self.y -= np.log(np.sum(np.exp(self.y), axis=self.dim, keepdims=True))
        return self.y

    def backward(self, g):
        return g - np.exp(self.y) * np.sum(g, axis=self.dim, keepdims=True)


class Selu(Elu):
    def __init__(self):
        super().__init__(ALPHA, SCALE)


KINDS = {
    "relu": Relu,
    "leaky_relu": LeakyRelu,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "elu": Elu,
    "selu": Selu,
    "softplus": Softplus,
    "silu": Silu,
    "gelu": Gelu,
    "softmax": Softmax,
    "log_softmax": LogSoftmax,
}


def run(name, x, options):
    if name not in KINDS:
        raise ValueError(f"no such activation: {name}")
    activation = KINDS[name](**options)
    with np.errstate(all="ignore"):
        y = activation.forward(ready(x))
    return activation, y


def forward(name, x, **options):
    return run(name, x, options)[1]


def backward(name, x, grad_output, **options):
    activation, y = run(name, x, options)
    with np.errstate(all="ignore"):
        return np.asarray(activation.backward(np.array(grad_output)), dtype=y.dtype)
