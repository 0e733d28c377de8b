# Style: plain Python numbers and loops; the generator is asked once, then the draws are changed one by one.
import math

import numpy as np


def calculate_fan(shape):
    dims = list(shape)
    if len(dims) <= 1:
        raise ValueError("a weight needs an axis for outputs and one for inputs")
    area = 1
    for d in dims[2:]:
        area *= d
    return [dims[1] * area, dims[0] * area]


def calculate_gain(nonlinearity, param=None):
    match nonlinearity:
        case "relu":
            return calculate_gain("leaky_relu", 0)
        case "leaky_relu":
            return (2 / (1 + (0.01 if param is None else param) ** 2)) ** 0.5
        case "tanh":
            return 5.0 / 3.0
        case "selu":
            return 0.75
        case "linear" | "sigmoid" | "conv1d" | "conv2d" | "conv3d":
            return 1
    raise ValueError(f"unknown nonlinearity {nonlinearity}")


def init_weight(shape, scheme, distribution, rng, *, nonlinearity="relu", param=None, mode="fan_in"):
    fans = dict(zip(("fan_in", "fan_out"), calculate_fan(shape), strict=True))
    if scheme not in ("lecun", "xavier", "he", "orthogonal") or mode not in fans:
        raise ValueError("unknown scheme or mode")
    if scheme == "orthogonal":
        a = rng.normal(size=(shape[0], int(np.prod(shape[1:]))))
        flip = a.shape[1] > a.shape[0]
        q, r = np.linalg.qr(np.transpose(a) if flip else a, mode="reduced")
        for j in range(q.shape[1]):
            if r[j, j] < 0:
                q[:, j] *= -1
        return np.reshape(q.T if flip else q, shape)
    if distribution not in ("normal", "uniform"):
        raise ValueError("unknown distribution")
    variance = {
        "lecun": 1 / fans["fan_in"],
        "xavier": 2 / sum(fans.values()),
        "he": calculate_gain(nonlinearity, param) ** 2 / fans[mode],
    }[scheme]
    draws = rng.standard_normal(shape) if distribution == "normal" else rng.random(shape)
    flat = draws.ravel()
    for i, value in enumerate(flat):
        flat[i] = value * variance**0.5 if distribution == "normal" else (value - 0.5) * math.sqrt(12 * variance)
    return flat.reshape(shape)


def activate(z, name):
    if name == "relu":
        return max(z, 0.0)
    if name == "leaky_relu":
        return z if z > 0 else z / 100
    if name == "tanh":
        return math.tanh(z)
    if name == "sigmoid":
        return 1 / (1 + math.exp(-z)) if z > -700 else 0.0
    if name == "selu":
        return 1.0507009873554805 * (z if z > 0 else 1.6732632423543772 * (math.exp(z) - 1))
    return z


def signal_second_moments(weights, x, activation):
    if activation not in {"linear", "relu", "leaky_relu", "tanh", "sigmoid", "selu"}:
        raise ValueError("unknown activation")
    h = np.array(x, dtype=np.float64)
    out = []
    for w in weights:
        z = np.einsum("oi,ib->ob", np.array(w, dtype=np.float64), h)
        h = np.array([[activate(float(v), activation) for v in row] for row in z])
        out.append(float((h**2).mean(axis=0).mean()))
    return np.array(out, dtype=float)
