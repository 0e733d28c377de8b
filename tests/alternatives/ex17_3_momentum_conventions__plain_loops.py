# Style: plain Python lists, one branch per convention, textbook formulas with kappa.
import math

import numpy as np

NAMES = ["classical", "pytorch", "ema"]


def momentum_path(grad, theta0, lrs, momentum, convention, nesterov=False):
    if convention not in NAMES:
        raise ValueError(convention)
    if convention == "ema" and nesterov:
        raise ValueError("no nesterov for ema")
    theta = [float(t) for t in theta0]
    d = len(theta)
    v = [0.0] * d
    rows = [list(theta)]
    for lr in lrs.tolist():
        if convention == "classical" and nesterov:
            g = grad(np.array([theta[i] - momentum * v[i] for i in range(d)]))
        else:
            g = grad(np.array(theta))
        for i in range(d):
            gi = float(g[i])
            if convention == "classical":
                v[i] = v[i] * momentum + gi * lr
                theta[i] -= v[i]
            elif convention == "pytorch":
                v[i] = v[i] * momentum + gi
                theta[i] -= lr * gi + lr * momentum * v[i] if nesterov else lr * v[i]
            else:
                v[i] += (1 - momentum) * (gi - v[i])
                theta[i] -= lr * v[i]
        rows.append(list(theta))
    return np.array(rows)


def convert_velocity(v, lr, momentum, src, dst):
    for name in (src, dst):
        if name not in NAMES:
            raise ValueError(name)
    v = np.array(v).astype(float)
    if src == dst:
        return v
    if lr == 0 and (src == NAMES[0] or dst == NAMES[0]):
        raise ValueError("lr is 0")
    if src == "classical":
        v = v / lr
    elif src == "ema":
        v = v / (1 - momentum)
    if dst == "classical":
        v = v * lr
    elif dst == "ema":
        v = v * (1 - momentum)
    return v


def effective_lr(lr, momentum, convention):
    if convention not in NAMES:
        raise ValueError(convention)
    return lr if convention == "ema" else lr / (1 - momentum)


def polyak_optimal(mu, L):
    kappa = L / mu
    beta = ((math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)) ** 2
    lr = (1 + math.sqrt(beta)) ** 2 / L
    return lr, beta, math.sqrt(beta)
