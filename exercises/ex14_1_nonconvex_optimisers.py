"""14-1 · How do practical optimisers cope with local minima?

Three optimisers that are often named in the answer, a schedule that restarts, and the plainest method of all: start
many times. Write them, and see which of them is about local minima. The optimisers follow the conventions of PyTorch.
Each takes a dictionary of named parameters once, and then a dictionary of gradients per step:

    optimizer = Adagrad({"weight": weight, "bias": bias}, lr=0.1)
    optimizer.step({"weight": grad_of_weight, "bias": grad_of_bias})      # changes weight and bias themselves

Rules for the three optimisers:

* Parameters are floating-point arrays of any shape, 0-d and empty ones included. `step` changes those very arrays in
  place. They keep their dtype (float32 stays float32) and may be views into a larger array.
* A gradient has the shape and dtype of its parameter. The caller keeps it and may overwrite it after the call: don't
  change it, and don't hold on to it.
* A gradient that is None, or a name that is missing from `grads`, means that the parameter takes no part in this step:
  its value and its state stay as they are, and its steps aren't counted. Zeros are a gradient.
* State (sums, averages, buffers, step counts) is kept for each parameter separately and belongs to one optimiser alone.
* `lr` is a plain attribute. A schedule assigns to it between steps; the next step uses the new value throughout.
* Weight decay adds `weight_decay * parameter` to the gradient before anything else looks at it.

Sources: Duchi, Hazan & Singer 2011 (JMLR 12); Zeiler 2012 (arXiv:1212.5701); Sutskever et al. 2013 (ICML); Loshchilov
& Hutter 2017 (arXiv:1608.03983); the pages of torch.optim: https://docs.pytorch.org/docs/stable/optim.html
"""

from collections.abc import Callable

import numpy as np


class Adagrad:
    """Gradients divided by the root of the sum of all their squares so far, as torch.optim.Adagrad.

    The sum starts at `initial_accumulator_value`, and the squared gradient of a step (decay included) is added before
    the sum is used. `eps` is added to the root, not under it.

    In a parameter's first step the learning rate is `lr`; with `lr_decay` it falls like lr / (1 + k * lr_decay), where
    k is the number of earlier steps of this parameter.

    Sources: Duchi, Hazan & Singer 2011; https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
    """

    def __init__(
        self,
        params: dict[str, np.ndarray],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        """Remember the parameters and the settings. No parameter changes before the first step."""
        # TODO: keep params and settings. What must be remembered for each parameter?
        raise NotImplementedError

    def step(self, grads: dict[str, np.ndarray | None]) -> None:
        """Move every parameter that has a gradient once, in place."""
        # TODO: decay, sum, divide, move. Which k belongs to the first step?
        raise NotImplementedError


class Adadelta:
    """Steps in the units of the parameter, as torch.optim.Adadelta.

    Two exponential moving averages, which start at zero and give the old value the weight `rho`: one of the squared
    gradients (decay included), one of the squared moves. A move is the gradient times the root of the second average
    divided by the root of the first; `eps` is added to both averages under the root. The average of the gradients
    is brought up to date before it is used, that of the moves after it has been used, with the new move. The parameter
    goes against the move, times `lr`. The averaged moves are those before `lr` comes in.

    Sources: Zeiler 2012, algorithm 1; https://docs.pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
    """

    def __init__(
        self,
        params: dict[str, np.ndarray],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
    ) -> None:
        """Remember the parameters and the settings. No parameter changes before the first step."""
        # TODO: keep params and settings. Which two averages does each parameter need?
        raise NotImplementedError

    def step(self, grads: dict[str, np.ndarray | None]) -> None:
        """Move every parameter that has a gradient once, in place."""
        # TODO: first average, move, second average, parameter: in this order.
        raise NotImplementedError


class NesterovSGD:
    """Gradient descent with Nesterov's momentum, as torch.optim.SGD(nesterov=True).

    Every parameter has a buffer: in the first step it is the gradient (decay included), afterwards `momentum` times the
    old buffer plus the new gradient. The parameter goes against the gradient plus `momentum` times the updated buffer,
    times `lr`. The buffer holds gradients, so lr comes in last.

    Sources: Sutskever et al. 2013; https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
    """

    def __init__(self, params: dict[str, np.ndarray], lr: float, momentum: float, weight_decay: float = 0.0) -> None:
        """Remember the parameters and the settings. No parameter changes before the first step."""
        # TODO: keep params and settings, start without buffers.
        raise NotImplementedError

    def step(self, grads: dict[str, np.ndarray | None]) -> None:
        """Move every parameter that has a gradient once, in place."""
        # TODO: update the buffer, look one step ahead along it, move.
        raise NotImplementedError


def cosine_warm_restarts(t: int, T_0: int, T_mult: int, lr_max: float, lr_min: float) -> float:
    """The learning rate in epoch t = 0, 1, 2, ... of a cosine schedule with warm restarts.

    The first period has T_0 >= 1 epochs, and each further one T_mult >= 1 times as many as the one before. At the start
    of a period the rate is lr_max; within it, it falls along half a cosine wave that would reach lr_min at the period's
    end, where instead the next period starts with lr_max.
    Sources: Loshchilov & Hutter 2017, section 3; torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.
    """
    # TODO: which period is it, and how many of its epochs have passed?
    raise NotImplementedError


def multi_start(
    grad: Callable[[np.ndarray], np.ndarray],
    f: Callable[[np.ndarray], float],
    starts: np.ndarray,
    lr: float,
    steps: int,
    merge_tol: float = 1e-3,
) -> dict:
    """Gradient descent from several starts; which minima are found, and which is the best.

    grad, f: functions of one point (d,); grad returns a new float64 array (d,), f a float.
    starts: (S, d) with S >= 1, floats or integers; unchanged afterwards. From each of them, `steps` >= 0 steps of plain
        gradient descent with the learning rate lr lead to an endpoint. All of them stay finite.

    Returns a dict:
        "best_x": the endpoint with the lowest f, (d,) float64; the first of several.
        "best_f": its f, a float.
        "basins": (S,) int64, a label for each start. Starts are taken in order. An endpoint belongs to the first basin
            whose founder is at most merge_tol away, in the Euclidean norm; otherwise it founds the next basin. Labels
            are 0, 1, 2, ... in order of foundation.
    """
    # TODO: walk to the end from each start; compare with the founders only.
    raise NotImplementedError
