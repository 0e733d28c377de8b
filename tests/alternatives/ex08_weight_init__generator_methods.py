# Style: numpy's own distributions, bounds from the literature, Gram-Schmidt instead of QR, samples as rows.
import numpy as np

GAINS = {"linear": 1, "conv1d": 1, "conv2d": 1, "conv3d": 1, "sigmoid": 1, "tanh": 5 / 3, "relu": 2**0.5, "selu": 0.75}


def calculate_fan(shape):
    if len(shape) < 2:
        raise ValueError("no fans")
    kernel = int(np.prod(shape[2:]))
    return int(shape[1]) * kernel, int(shape[0]) * kernel


def calculate_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        if param is None:
            param = 0.01
        return np.sqrt(2.0 / (1.0 + param * param))
    try:
        return GAINS[nonlinearity]
    except KeyError:
        raise ValueError(nonlinearity) from None


def init_weight(shape, scheme, distribution, rng, *, nonlinearity="relu", param=None, mode="fan_in"):
    fan_in, fan_out = calculate_fan(shape)
    if scheme == "orthogonal":
        return gram_schmidt(rng.standard_normal((shape[0], fan_in))).reshape(shape)
    if scheme == "lecun":
        std = fan_in**-0.5
    elif scheme == "xavier":
        std = np.sqrt(2.0 / (fan_in + fan_out))
    elif scheme == "he":
        std = calculate_gain(nonlinearity, param) / np.sqrt({"fan_in": fan_in, "fan_out": fan_out}[check(mode)])
    else:
        raise ValueError(scheme)
    if distribution == "normal":
        return rng.normal(0.0, std, size=shape)
    if distribution == "uniform":
        return rng.uniform(-np.sqrt(3) * std, np.sqrt(3) * std, size=shape)
    raise ValueError(distribution)


def check(mode):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    return mode


def gram_schmidt(a):
    if a.shape[0] < a.shape[1]:
        return gram_schmidt(a.T).T
    q = np.zeros_like(a)
    for j in range(a.shape[1]):
        rest = a[:, j].copy()
        for _ in range(2):
            rest -= q[:, :j] @ (q[:, :j].T @ rest)
        q[:, j] = rest / np.sqrt(rest @ rest)
    return q


def signal_second_moments(weights, x, activation):
    def act(z):
        if activation == "linear":
            return z
        if activation == "relu":
            return z * (z > 0)
        if activation == "leaky_relu":
            return np.maximum(z, 0.01 * z)
        if activation == "tanh":
            return np.tanh(z)
        if activation == "sigmoid":
            return 0.5 * (1 + np.tanh(0.5 * z))
        if activation == "selu":
            return 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * (np.exp(np.minimum(z, 0)) - 1))
        raise ValueError(activation)

    act(np.zeros(1))
    rows = x.T.astype(float)
    result = np.empty(len(weights))
    for i, w in enumerate(weights):
        rows = act(rows @ w.T.astype(float))
        result[i] = (rows * rows).sum() / rows.size
    return result
