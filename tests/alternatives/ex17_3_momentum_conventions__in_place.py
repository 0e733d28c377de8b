# Style: preallocated path, arrays changed in place, everything reduced to the step-holding velocity where possible.
from math import sqrt

import numpy as np


def _in_and_out(convention, lr, momentum):
    if convention == "classical":
        return lr, 1.0
    if convention == "pytorch":
        return 1.0, lr
    if convention == "ema":
        return 1.0 - momentum, lr
    raise ValueError(f"unknown: {convention}")


def momentum_path(grad, theta0, lrs, momentum, convention, nesterov=False):
    _in_and_out(convention, 1.0, momentum)
    if nesterov and convention == "ema":
        raise ValueError
    path = np.empty((len(lrs) + 1, len(theta0)))
    path[0] = theta0
    velocity = np.zeros(len(theta0))
    ahead = np.empty(len(theta0))
    for t, lr in enumerate(lrs):
        way_in, way_out = _in_and_out(convention, lr, momentum)
        np.copyto(ahead, path[t])
        if nesterov and convention == "classical":
            ahead -= momentum * velocity
        g = grad(ahead)
        velocity *= momentum
        velocity += way_in * g
        if nesterov and convention == "pytorch":
            path[t + 1] = path[t] - way_out * (momentum * velocity + g)
        else:
            path[t + 1] = path[t] - way_out * velocity
    return path


def convert_velocity(v, lr, momentum, src, dst):
    a, b = _in_and_out(src, lr, momentum)[0], _in_and_out(dst, lr, momentum)[0]
    result = np.array(v, dtype=np.float64)
    if src != dst:
        if lr == 0.0 and "classical" in (src, dst):
            raise ValueError("rate 0")
        result /= a
        result *= b
    return result


def effective_lr(lr, momentum, convention):
    way_in, way_out = _in_and_out(convention, lr, momentum)
    return way_in * way_out / (1 - momentum)


def polyak_optimal(mu, L):
    a, b = sqrt(L), sqrt(mu)
    return (2 / (a + b)) ** 2, ((a - b) / (a + b)) ** 2, 1 - 2 * b / (a + b)
