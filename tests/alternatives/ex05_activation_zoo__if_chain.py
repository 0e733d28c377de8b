# Style: two long if chains, slopes and values from separate formulas, a dense Jacobian for softmax.
import math

import numpy as np

ALPHA = 1.6732632423543772
SCALE = 1.0507009873554805


def prepare(x):
    return x if x.dtype == np.dtype("float32") else np.asarray(x, dtype=float)


def logistic(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def phi(x):
    flat = [0.5 * math.erfc(-v / math.sqrt(2)) for v in x.ravel().tolist()]
    return np.array(flat, dtype=x.dtype).reshape(x.shape)


def along_last(x, dim):
    return np.moveaxis(x, dim, -1)


def forward(name, x, **options):
    x = prepare(x)
    if name == "relu":
        return np.maximum(x, x.dtype.type(0))
    if name == "leaky_relu":
        a = options.get("negative_slope", 0.01)
        return np.maximum(x, 0) + a * np.minimum(x, 0)
    if name == "sigmoid":
        return logistic(x)
    if name == "tanh":
        return 2 * logistic(2 * x) - 1
    if name in ("elu", "selu"):
        a, s = (options.get("alpha", 1.0), 1.0) if name == "elu" else (ALPHA, SCALE)
        return s * (np.maximum(x, 0) + a * np.expm1(np.minimum(x, 0)))
    if name == "softplus":
        b, threshold = options.get("beta", 1.0), options.get("threshold", 20.0)
        smooth = np.maximum(b * x, 0) + np.log1p(np.exp(-np.abs(b * x)))
        return np.where(b * x > threshold, x, smooth / b)
    if name == "silu":
        return logistic(x) * x
    if name == "gelu" and options.get("approximate", "none") == "none":
        return phi(x) * x
    if name == "gelu":
        return x * logistic(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    if name in ("softmax", "log_softmax"):
        if x.size == 0:
            return np.zeros_like(x)
        rows = along_last(x, options.get("dim", -1))
        rows = rows - rows.max(-1)[..., None]
        if name == "softmax":
            rows = np.exp(rows)
            rows = rows / rows.sum(-1)[..., None]
        else:
            rows = rows - np.log(np.exp(rows).sum(-1))[..., None]
        return np.moveaxis(rows, -1, options.get("dim", -1)).copy()
    raise ValueError(name)


def backward(name, x, grad_output, **options):
    x = prepare(x)
    one = x.dtype.type(1)
    if name == "relu":
        return np.sign(np.maximum(x, 0)) * grad_output
    if name == "leaky_relu":
        slope = np.full_like(x, options.get("negative_slope", 0.01))
        slope[x > 0] = 1
    elif name == "sigmoid":
        e = np.exp(-np.abs(x))
        slope = e / (1 + e) ** 2
    elif name == "tanh":
        e = np.exp(-2 * np.abs(x))
        slope = 4 * e / (1 + e) ** 2
    elif name in ("elu", "selu"):
        a, s = (options.get("alpha", 1.0), 1.0) if name == "elu" else (ALPHA, SCALE)
        slope = np.where(x > 0, one, a * np.exp(np.minimum(x, 0))) * s
    elif name == "softplus":
        b = options.get("beta", 1.0)
        slope = np.where(b * x > options.get("threshold", 20.0), one, logistic(b * x))
    elif name == "silu":
        s = logistic(x)
        slope = s + x * s * logistic(-x)
    elif name == "gelu" and options.get("approximate", "none") == "none":
        slope = phi(x) + x * np.exp(-np.square(x) / 2) / math.sqrt(2 * math.pi)
    elif name == "gelu":
        c = 2 * math.sqrt(2 / math.pi)
        s, other = logistic(c * (x + 0.044715 * x**3)), logistic(-c * (x + 0.044715 * x**3))
        slope = s + x * s * other * c * (1 + 3 * 0.044715 * x**2)
    elif name in ("softmax", "log_softmax"):
        if x.size == 0:
            return np.zeros_like(x)
        dim = options.get("dim", -1)
        p, g = along_last(forward("softmax", x, dim=dim), dim), along_last(grad_output, dim)
        eye = np.eye(p.shape[-1], dtype=x.dtype)
        jacobian = p[..., :, None] * (eye - p[..., None, :]) if name == "softmax" else eye - p[..., None, :]
        return np.moveaxis(np.einsum("...i,...ij->...j", g, jacobian), -1, dim).copy()
    else:
        raise ValueError(name)
    return np.asarray(slope * grad_output, dtype=x.dtype)
