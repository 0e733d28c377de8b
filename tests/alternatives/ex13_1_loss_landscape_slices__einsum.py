"""Whole-array style: meshgrid points, einsum norms, dot products, signs by comparisons."""

import numpy as np


def displaced(params, *terms):
    result = {}
    for name in terms[0][1]:
        result[name] = np.copy(params[name])
        for step, direction in terms:
            result[name] = np.add(result[name], np.multiply(direction[name], float(step)))
    return result


def loss_slice(loss_fn, params, direction, alphas):
    losses = np.zeros(np.shape(alphas))
    for i in reversed(range(len(losses))):
        losses[i] = loss_fn(displaced(params, (alphas[i], direction)))
    return losses


def loss_surface(loss_fn, params, d1, d2, alphas, betas):
    grid_a, grid_b = np.meshgrid(alphas, betas, indexing="ij")
    surface = np.zeros(grid_a.shape)
    for where in np.ndindex(surface.shape):
        surface[where] = loss_fn(displaced(params, (grid_a[where], d1), (grid_b[where], d2)))
    return surface


def lengths(w):
    rows = w.reshape(w.shape[0], -1)
    return np.einsum("ij,ij->i", rows, rows) ** 0.5


def filter_normalize(direction, params):
    out = {}
    for name, d in direction.items():
        if np.ndim(d) == 1:
            out[name] = d * 0.0
        else:
            factors = lengths(params[name]) / (lengths(d) + 1e-10)
            out[name] = np.einsum("i...,i->i...", d, factors)
    return out


def directional_derivative(grads, direction):
    return float(np.sum([np.vdot(grads[name], direction[name]) for name in direction]))


def sign_flip_rate(grad_history):
    g = np.asarray(grad_history)
    up, down = g > 0, g < 0
    flips = (up[:-1] & down[1:]) | (down[:-1] & up[1:])
    stays = (up[:-1] & up[1:]) | (down[:-1] & down[1:])
    flips, pairs = np.add.reduce(flips, 0, dtype=float), np.add.reduce(flips | stays, 0, dtype=float)
    rate = np.zeros(g.shape[1])
    return np.divide(flips, pairs, out=rate, where=pairs > 1.5)


def num_evaluations(n_params, scheme):
    if scheme == "backprop":
        return 1
    if scheme == "central":
        return n_params << 1
    if scheme != "forward":
        raise ValueError("unknown scheme")
    return n_params + 1
