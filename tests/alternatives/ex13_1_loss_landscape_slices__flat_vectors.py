"""Other data structures: all parameters in one long vector, columns of signs in plain Python."""

from copy import deepcopy

import numpy as np


def to_vector(tree, names):
    return np.concatenate([tree[name].reshape(-1) for name in names])


def to_tree(vector, like):
    result, start = {}, 0
    for name, value in like.items():
        result[name] = vector[start : start + value.size].reshape(value.shape)
        start += value.size
    return result


def loss_slice(loss_fn, params, direction, alphas):
    return loss_surface(loss_fn, params, direction, direction, alphas, np.zeros(1))[:, 0].copy()


def loss_surface(loss_fn, params, d1, d2, alphas, betas):
    names = list(params)
    center, right, up = (to_vector(tree, names) for tree in (params, d1, d2))
    surface = np.empty((len(alphas), len(betas)))
    for j, beta in enumerate(betas):
        for i, alpha in enumerate(alphas):
            surface[i, j] = loss_fn(to_tree((center + beta * up) + alpha * right, params))
    return surface


def filter_normalize(direction, params):
    result = deepcopy(direction)
    for name, d in result.items():
        if d.ndim <= 1:
            d[...] = 0
            continue
        for filter_d, filter_w in zip(d, params[name], strict=True):
            filter_d *= np.linalg.norm(filter_w.ravel()) / (1e-10 + np.linalg.norm(filter_d.ravel()))
    return result


def directional_derivative(grads, direction):
    names = sorted(grads)
    return to_vector(grads, names) @ to_vector(direction, names)


def sign_flip_rate(grad_history):
    steps, d = grad_history.shape
    rates = np.zeros(d)
    for k in range(d):
        flips = pairs = 0
        for before, after in zip(grad_history[: steps - 1, k], grad_history[1:, k], strict=False):
            if before != 0 and after != 0:
                pairs += 1
                flips += (before > 0) != (after > 0)
        if pairs >= 2:
            rates[k] = flips / pairs
    return rates


def num_evaluations(n_params, scheme):
    match scheme:
        case "forward":
            return 1 + n_params
        case "central":
            return n_params + n_params
        case "backprop":
            return 1
    raise ValueError(scheme)
