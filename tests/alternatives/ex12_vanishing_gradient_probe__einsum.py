# One batched Jacobian for everything: einsum over samples, gradients of all layers from partial products.
import numpy as np


def _slope(z, activation):
    left = {"relu": 0.0, "leaky_relu": 0.01, "linear": 1.0}
    if activation in left:
        return np.heaviside(z, 0.0) * (1 - left[activation]) + left[activation]
    if activation == "sigmoid":
        return 0.25 * (1 - np.tanh(z / 2) ** 2)
    if activation == "tanh":
        return 1 - np.tanh(z) ** 2
    raise ValueError(f"no activation {activation}")


def _value(z, activation):
    if activation == "sigmoid":
        return 0.5 + 0.5 * np.tanh(z / 2)
    return np.tanh(z) if activation == "tanh" else z * _slope(z, activation)


def _run(weights, biases, x, activation):
    hs, zs = [np.array(x, dtype=np.float64)], []
    for W, b in zip(weights, biases, strict=True):
        zs.append(np.einsum("ni,oi->no", hs[-1], W.astype(np.float64)) + b)
        hs.append(_value(zs[-1], activation))
    return hs, [_slope(z, activation) for z in zs]


def backprop_norms(weights, biases, x, grad_output, activation):
    hs, slopes = _run(weights, biases, x, activation)
    g = np.array(grad_output, dtype=np.float64)
    acts, params = [np.sqrt(np.einsum("no,no->", g, g))], []
    for k in range(len(weights) - 1, -1, -1):
        dW = np.einsum("no,no,ni->oi", g, slopes[k], hs[k])
        g = np.einsum("no,no,oi->ni", g, slopes[k], weights[k])
        params.insert(0, np.linalg.norm(dW.ravel()))
        acts.insert(0, np.linalg.norm(g.ravel()))
    flat = [(s <= 0.001).sum() / s.size for s in slopes]
    return {"act_grad_norm": np.array(acts), "weight_grad_norm": np.array(params), "flat_fraction": np.array(flat)}


def input_jacobian(weights, biases, x, activation):
    _, slopes = _run(weights, biases, x.reshape(1, -1), activation)
    factors = [np.diag(s[0]) @ W for W, s in zip(weights, slopes, strict=True)]
    return np.linalg.multi_dot([*factors[::-1], np.eye(x.size)])


def sigmoid_norm_bound(weights):
    logs = [np.log(0.25) + 0.5 * np.log(max(np.linalg.eigvalsh(W.astype(float) @ W.T)[-1], 0)) for W in weights]
    return float(np.exp(np.sum(logs)))
