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

import math
from collections.abc import Callable, Iterator

import numpy as np


def _taking_part(
    params: dict[str, np.ndarray], grads: dict[str, np.ndarray | None], weight_decay: float
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, parameter and gradient, decay included, of each parameter that has a gradient."""
    for name, p in params.items():
        g = grads.get(name)
        if g is not None:
            yield name, p, g + weight_decay * p


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
        self.params = params
        self.lr = lr
        self.lr_decay = lr_decay
        self.weight_decay = weight_decay
        self.initial_accumulator_value = initial_accumulator_value
        self.eps = eps
        self.sums: dict[str, np.ndarray] = {}
        self.counts: dict[str, int] = {}

    def step(self, grads: dict[str, np.ndarray | None]) -> None:
        """Move every parameter that has a gradient once, in place."""
        for name, p, g in _taking_part(self.params, grads, self.weight_decay):
            if name not in self.sums:
                self.sums[name], self.counts[name] = np.full_like(p, self.initial_accumulator_value), 0
            self.sums[name] += g**2
            lr = self.lr / (1 + self.counts[name] * self.lr_decay)
            p -= lr * g / (np.sqrt(self.sums[name]) + self.eps)
            self.counts[name] += 1


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
        self.params = params
        self.lr = lr
        self.rho = rho
        self.eps = eps
        self.weight_decay = weight_decay
        self.squares: dict[str, np.ndarray] = {}
        self.moves: dict[str, np.ndarray] = {}

    def step(self, grads: dict[str, np.ndarray | None]) -> None:
        """Move every parameter that has a gradient once, in place."""
        for name, p, g in _taking_part(self.params, grads, self.weight_decay):
            squares = self.squares.setdefault(name, np.zeros_like(p))
            moves = self.moves.setdefault(name, np.zeros_like(p))
            squares += (1 - self.rho) * (g**2 - squares)
            move = np.sqrt(moves + self.eps) / np.sqrt(squares + self.eps) * g
            moves += (1 - self.rho) * (move**2 - moves)
            p -= self.lr * move


class NesterovSGD:
    """Gradient descent with Nesterov's momentum, as torch.optim.SGD(nesterov=True).

    Every parameter has a buffer: in the first step it is the gradient (decay included), afterwards `momentum` times the
    old buffer plus the new gradient. The parameter goes against the gradient plus `momentum` times the updated buffer,
    times `lr`. The buffer holds gradients, so lr comes in last.

    Sources: Sutskever et al. 2013; https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
    """

    def __init__(self, params: dict[str, np.ndarray], lr: float, momentum: float, weight_decay: float = 0.0) -> None:
        """Remember the parameters and the settings. No parameter changes before the first step."""
        self.params = params
        self.lr = lr
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.buffers: dict[str, np.ndarray] = {}

    def step(self, grads: dict[str, np.ndarray | None]) -> None:
        """Move every parameter that has a gradient once, in place."""
        for name, p, g in _taking_part(self.params, grads, self.weight_decay):
            buffer = self.buffers.setdefault(name, np.zeros_like(p))
            buffer *= self.momentum
            buffer += g  # in the first step that is all there is
            p -= self.lr * (g + self.momentum * buffer)


def cosine_warm_restarts(t: int, T_0: int, T_mult: int, lr_max: float, lr_min: float) -> float:
    """The learning rate in epoch t = 0, 1, 2, ... of a cosine schedule with warm restarts.

    The first period has T_0 >= 1 epochs, and each further one T_mult >= 1 times as many as the one before. At the start
    of a period the rate is lr_max; within it, it falls along half a cosine wave that would reach lr_min at the period's
    end, where instead the next period starts with lr_max.
    Sources: Loshchilov & Hutter 2017, section 3; torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.
    """
    period = T_0
    while t >= period:
        t -= period
        period *= T_mult
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * t / period)) / 2


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
    ends = [_endpoint(grad, start, lr, steps) for start in starts]
    values = [f(end) for end in ends]
    best = int(np.argmin(values))
    return {"best_x": ends[best], "best_f": float(values[best]), "basins": _basins(ends, merge_tol)}


def _endpoint(grad: Callable[[np.ndarray], np.ndarray], start: np.ndarray, lr: float, steps: int) -> np.ndarray:
    x = np.array(start, dtype=np.float64)
    for _ in range(steps):
        x = x - lr * grad(x)
    return x


def _basins(ends: list[np.ndarray], merge_tol: float) -> np.ndarray:
    founders: list[np.ndarray] = []
    labels = []
    for end in ends:
        near = [i for i, founder in enumerate(founders) if np.linalg.norm(end - founder) <= merge_tol]
        labels.append(near[0] if near else len(founders))
        if not near:
            founders.append(end)
    return np.array(labels, dtype=np.int64)
