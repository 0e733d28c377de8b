# Textbook forms of the activations (s(1 - s), 1 - tanh^2), one backward Jacobian product per sample.
import numpy as np


def _act(z, name):
    if name == "sigmoid":
        s = 1.0 / (1.0 + np.exp(-z))
        return s, s * (1.0 - s)
    if name == "tanh":
        return np.tanh(z), 1.0 / np.cosh(z) ** 2
    if name == "relu":
        return z * (z > 0), (z > 0).astype(float)
    if name == "leaky_relu":
        return np.maximum(0.01 * z, z), np.where(z > 0, 1.0, 0.01)
    if name == "linear":
        return z, np.ones(z.shape)
    raise ValueError(name)


def backprop_norms(weights, biases, x, grad_output, activation):
    L, N = len(weights), len(x)
    Ws = [W.astype(float) for W in weights]
    act_sq, weight_grads = np.zeros(L + 1), [np.zeros(W.shape) for W in Ws]
    flat = np.zeros(L)
    for n in range(N):
        h = x[n].astype(float)
        inputs, slopes = [], []
        for W, b in zip(Ws, biases, strict=True):
            inputs.append(h)
            h, slope = _act(W @ h + b, activation)
            slopes.append(slope)
        g = grad_output[n].astype(float)
        act_sq[L] += g @ g
        for layer in reversed(range(L)):
            delta = slopes[layer] * g
            weight_grads[layer] += np.outer(delta, inputs[layer])
            g = Ws[layer].T @ delta
            act_sq[layer] += (g**2).sum()
            flat[layer] += np.count_nonzero(abs(slopes[layer]) <= 1e-3) / slopes[layer].size
    return {
        "flat_fraction": flat / N,
        "weight_grad_norm": np.array([np.sqrt((G**2).sum()) for G in weight_grads]),
        "act_grad_norm": np.sqrt(act_sq),
    }


def input_jacobian(weights, biases, x, activation):
    h, slopes = x.astype(float), []
    for W, b in zip(weights, biases, strict=True):
        h, slope = _act(W.astype(float) @ h + b, activation)
        slopes.append(slope)
    J = np.diag(np.ones(h.size))
    for W, slope in zip(reversed(weights), reversed(slopes), strict=True):
        J = (J * slope) @ W
    return J


def sigmoid_norm_bound(weights):
    bound = 1.0
    for W in weights:
        bound *= np.linalg.svd(W.astype(float), compute_uv=False)[0] / 4
    return bound
