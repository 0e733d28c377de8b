"""17-3 · Write down the momentum update

"The velocity keeps a share of itself and takes in the new gradient": three different formulas answer to this
description, and books, papers and frameworks each use another one. Write all three, say how they are related, and
find the best settings where theory knows them. In all of them the velocity starts at 0, keeps the share `momentum`
of itself in each step, and is subtracted, in some form, from the parameters theta:

* "classical": the velocity holds steps. The gradient is multiplied by lr when it enters; the parameters move by the
  velocity as it is. (Polyak 1964, Sutskever et al. 2013)
* "pytorch": the velocity holds gradients. The gradient enters as it is; the parameters move by lr times the velocity.
* "ema": the velocity is a moving average of gradients. The gradient enters with the weight 1 - momentum; the
  parameters move by lr times the velocity.

Rules for all parts:

* 0 <= momentum < 1. All results are float64, also for integers and float32.
* Arguments stay as they are, and results are new arrays.
* Any other name of a convention raises ValueError.

Sources: Polyak 1964 (USSR Comput. Math. Math. Phys. 4), Sutskever et al. 2013 (ICML),
https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
"""

from collections.abc import Callable

import numpy as np


def _check(convention: str) -> None:
    if convention not in ("classical", "pytorch", "ema"):
        raise ValueError(f'no convention is called {convention!r}, only "classical", "pytorch" and "ema"')


def _weight(convention: str, lr: float, momentum: float) -> float:
    """What a gradient is multiplied by when it enters the velocity."""
    return {"classical": lr, "pytorch": 1.0, "ema": 1 - momentum}[convention]


def momentum_path(
    grad: Callable[[np.ndarray], np.ndarray],
    theta0: np.ndarray,
    lrs: np.ndarray,
    momentum: float,
    convention: str,
    nesterov: bool = False,
) -> np.ndarray:
    """Return the parameters before the first step and after each step, (T + 1, d) float64.

    grad: grad(theta) is the gradient at theta, both (d,) float64. It is called once for each step. It may fill and
        return one and the same array in every call, so don't hold on to what it returns.
    theta0: (d,). lrs: (T,), the learning rate of each step; T may be 0.
    nesterov: look ahead.
        "classical": the gradient is taken where the old velocity alone would carry the parameters in this step.
        "pytorch": the gradient is taken at the parameters themselves, which then move by lr times the sum of
        this gradient and `momentum` times the updated velocity.
    Raises ValueError for "ema" with nesterov.
    Source: Sutskever et al. 2013, equations 1 to 4.
    """
    _check(convention)
    if nesterov and convention == "ema":
        raise ValueError('nesterov is defined for "classical" and "pytorch", not for "ema"')
    theta = np.array(theta0, dtype=np.float64)
    v = np.zeros_like(theta)
    path = [theta]
    for lr in lrs:
        g = grad(theta - momentum * v if nesterov and convention == "classical" else theta)
        v = momentum * v + _weight(convention, lr, momentum) * g
        direction = g + momentum * v if nesterov and convention == "pytorch" else v
        theta = theta - (direction if convention == "classical" else lr * direction)
        path.append(theta)
    return np.stack(path)


def convert_velocity(v: np.ndarray, lr: float, momentum: float, src: str, dst: str) -> np.ndarray:
    """Return the velocity that convention `dst` holds where `src` holds v, at a learning rate that never changed.

    v: any shape. lr: the learning rate of all steps so far. Both velocities have seen the same gradients.
    Raises ValueError if lr is 0 and one of src and dst is "classical" but not the other: the learning rate can't
    be taken out of, or put into, what is 0 then.
    """
    _check(src)
    _check(dst)
    if src == dst:
        return np.array(v, dtype=np.float64)
    if lr == 0 and "classical" in (src, dst):
        raise ValueError("at a learning rate of 0 a classical velocity says nothing about the others")
    return np.asarray(v, dtype=np.float64) * (_weight(dst, lr, momentum) / _weight(src, lr, momentum))


def effective_lr(lr: float, momentum: float, convention: str) -> float:
    """Return the length of a step, in gradients, after very many steps with one and the same gradient."""
    _check(convention)
    settled = _weight(convention, lr, momentum) / (1 - momentum)
    return settled if convention == "classical" else lr * settled


def polyak_optimal(mu: float, L: float) -> tuple[float, float, float]:
    """Return (lr, momentum, rate): the best heavy ball on quadratics whose curvatures lie in [mu, L], 0 < mu <= L.

    The heavy ball is the "classical" convention without nesterov. The best settings make `rate` smallest: the factor
    by which the distance to the minimum shrinks per step in the long run, in the worst direction.
    Source: Polyak 1964.
    """
    root_mu, root_L = mu**0.5, L**0.5
    rate = (root_L - root_mu) / (root_L + root_mu)
    return 4 / (root_L + root_mu) ** 2, rate**2, rate
