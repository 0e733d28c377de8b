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
    # TODO: per step: one gradient (where?), the new velocity, the new parameters. What does a row of the path hold?
    raise NotImplementedError


def convert_velocity(v: np.ndarray, lr: float, momentum: float, src: str, dst: str) -> np.ndarray:
    """Return the velocity that convention `dst` holds where `src` holds v, at a learning rate that never changed.

    v: any shape. lr: the learning rate of all steps so far. Both velocities have seen the same gradients.
    Raises ValueError if lr is 0 and one of src and dst is "classical" but not the other: the learning rate can't
    be taken out of, or put into, what is 0 then.
    """
    # TODO: all three are the same sum of old gradients up to a factor. Which factor has each?
    raise NotImplementedError


def effective_lr(lr: float, momentum: float, convention: str) -> float:
    """Return the length of a step, in gradients, after very many steps with one and the same gradient."""
    # TODO: at what value does the velocity settle? How far does it carry the parameters then?
    raise NotImplementedError


def polyak_optimal(mu: float, L: float) -> tuple[float, float, float]:
    """Return (lr, momentum, rate): the best heavy ball on quadratics whose curvatures lie in [mu, L], 0 < mu <= L.

    The heavy ball is the "classical" convention without nesterov. The best settings make `rate` smallest: the factor
    by which the distance to the minimum shrinks per step in the long run, in the worst direction.
    Source: Polyak 1964.
    """
    # TODO: what matters is the condition number. At the optimum, mu and L converge equally fast.
    raise NotImplementedError
