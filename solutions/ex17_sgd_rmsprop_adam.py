"""17 · Explain SGD, RMSprop and Adam

Write the four optimisers that train nearly everything, in numpy, with the conventions of PyTorch. Each takes
a dictionary of named parameters once, and then a dictionary of gradients per step:

    optimizer = Adam({"weight": weight, "bias": bias}, lr=0.01)
    optimizer.step({"weight": grad_of_weight, "bias": grad_of_bias})      # changes weight and bias themselves

Rules for all of them:

* Parameters are floating-point arrays of any shape, 0-d and empty ones included. They belong to the model:
  `step` changes those very arrays in place. They keep their dtype (float32 stays float32) and may be views
  into a larger array.
* A gradient has the shape and dtype of its parameter, in any memory layout. The caller keeps it and may
  overwrite it after the call: don't change it, and don't hold on to it.
* A gradient that is None, or a name that is missing from `grads`, means that the parameter took no part in
  this step: its value and its state stay exactly as they are. Nothing decays, nothing coasts, no step is
  counted. Zeros are a gradient.
* State (buffers, averages, step counts) is kept for each parameter separately and belongs to one optimiser
  alone.
* `lr` is a plain attribute. A schedule assigns to it between steps; the next step uses the new value
  throughout.
* Weight decay of the L2 kind adds `weight_decay * parameter` to the gradient before anything else looks at
  it.

Sources: Kingma & Ba 2015 (arXiv:1412.6980), Loshchilov & Hutter 2019 (arXiv:1711.05101), Sutskever et al.
2013 (ICML), Tieleman & Hinton 2012 (lecture 6.5), Reddi et al. 2018 (arXiv:1904.09237), and the pages of
torch.optim: https://docs.pytorch.org/docs/stable/optim.html
"""

from collections.abc import Iterator
from copy import deepcopy

import numpy as np


def _taking_part(
    params: dict[str, np.ndarray], grads: dict[str, np.ndarray | None]
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, parameter and gradient of each parameter that has a gradient."""
    for name, p in params.items():
        g = grads.get(name)
        if g is not None:
            yield name, p, g


class SGD:
    """Stochastic gradient descent with optional momentum, as torch.optim.SGD.

    Weight decay is of the L2 kind. `maximize` climbs: it reverses the gradient that is passed in, not the
    decay.

    With momentum, every parameter has a buffer: the old buffer times `momentum`, plus the new gradient (decay
    included) times 1 - `dampening`; the parameter moves along the buffer. The buffer starts as the whole
    first gradient, without dampening. It holds gradients, not steps: `lr` multiplies what comes out of it.
    `nesterov` moves along the gradient plus `momentum` times the updated buffer instead. With momentum 0
    there is no buffer, and `dampening` has no effect.

    Raises ValueError if `nesterov` is asked for with momentum <= 0 or with dampening other than 0.
    Sources: Sutskever et al. 2013; https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
    """

    def __init__(
        self,
        params: dict[str, np.ndarray],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        maximize: bool = False,
    ) -> None:
        """Remember the parameters and the settings. No parameter changes before the first step."""
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("nesterov needs a positive momentum and no dampening")
        self.params = params
        self.lr = lr
        self.momentum = momentum
        self.dampening = dampening
        self.weight_decay = weight_decay
        self.nesterov = nesterov
        self.maximize = maximize
        self.buffers: dict[str, np.ndarray] = {}

    def step(self, grads: dict[str, np.ndarray | None]) -> None:
        """Move every parameter that has a gradient once, in place."""
        for name, p, g in _taking_part(self.params, grads):
            d = (-g if self.maximize else g) + self.weight_decay * p
            if self.momentum != 0:
                d = self._with_momentum(name, d)
            p -= self.lr * d

    def _with_momentum(self, name: str, d: np.ndarray) -> np.ndarray:
        if name not in self.buffers:
            self.buffers[name] = np.array(d)  # a copy: the gradient stays the caller's
        else:
            self.buffers[name] *= self.momentum
            self.buffers[name] += (1 - self.dampening) * d
        return d + self.momentum * self.buffers[name] if self.nesterov else self.buffers[name]

    def state_dict(self) -> dict:
        """What is needed to go on later: lr and the state. A snapshot, which further steps leave alone."""
        return {"lr": self.lr, "buffers": deepcopy(self.buffers)}

    def load_state_dict(self, d: dict) -> None:
        """Replace lr and all state by what an optimiser with the same settings saved; `d` stays as it is."""
        self.lr = d["lr"]
        self.buffers = deepcopy(d["buffers"])


class RMSprop:
    """Gradients divided by the root of their recent mean square, as torch.optim.RMSprop.

    Weight decay is of the L2 kind. The mean square of the gradients (decay included) is an exponential moving
    average that starts at zero, is not corrected for that, and gives the old value the weight `alpha`. `eps`
    is added to the root, not under it.

    `centered` keeps the same average of the gradients themselves, too, and divides by the root of the
    estimated variance (mean square minus squared mean) instead. With momentum, a buffer that starts at zero
    collects the divided gradients: `momentum` times the old buffer plus the new one, undampened; the
    parameter moves along the buffer, times `lr`.

    Sources: Tieleman & Hinton 2012; https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
    """

    def __init__(
        self,
        params: dict[str, np.ndarray],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        """Remember the parameters and the settings. No parameter changes before the first step."""
        self.params = params
        self.lr = lr
        self.alpha = alpha
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.centered = centered
        self.state: dict[str, dict] = {}

    def step(self, grads: dict[str, np.ndarray | None]) -> None:
        """Move every parameter that has a gradient once, in place."""
        for name, p, g in _taking_part(self.params, grads):
            if name not in self.state:
                self.state[name] = {key: np.zeros_like(p) for key in ("square", "mean", "buffer")}
            s = self.state[name]
            d = g + self.weight_decay * p
            s["square"] += (1 - self.alpha) * (d**2 - s["square"])
            spread = s["square"]
            if self.centered:
                s["mean"] += (1 - self.alpha) * (d - s["mean"])
                spread = s["square"] - s["mean"] ** 2
            s["buffer"] *= self.momentum
            s["buffer"] += d / (np.sqrt(spread) + self.eps)
            p -= self.lr * s["buffer"]

    def state_dict(self) -> dict:
        """What is needed to go on later: lr and the state. A snapshot, which further steps leave alone."""
        return {"lr": self.lr, "state": deepcopy(self.state)}

    def load_state_dict(self, d: dict) -> None:
        """Replace lr and all state by what an optimiser with the same settings saved; `d` stays as it is."""
        self.lr = d["lr"]
        self.state = deepcopy(d["state"])


class Adam:
    """Adaptive moments: Algorithm 1 of Kingma & Ba 2015, as torch.optim.Adam.

    `betas` are the weights of the old values in the moving averages of the gradient and of its square. Both
    start at zero and are corrected for it; the steps that count for this are those in which the parameter had
    a gradient. `eps` is added to the root of the corrected second moment, not under it, and isn't rescaled.

    `amsgrad` uses the largest second moment seen so far, element by element: the maximum is taken before the
    correction. Weight decay is of the L2 kind. With `decoupled_weight_decay` it leaves the gradient alone;
    instead each step first shrinks the parameter by the fraction lr * weight_decay.

    Sources: Kingma & Ba 2015; Reddi et al. 2018;
    https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html
    """

    def __init__(
        self,
        params: dict[str, np.ndarray],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        """Remember the parameters and the settings. No parameter changes before the first step."""
        self.params = params
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.amsgrad = amsgrad
        self.decoupled_weight_decay = decoupled_weight_decay
        self.state: dict[str, dict] = {}

    def step(self, grads: dict[str, np.ndarray | None]) -> None:
        """Move every parameter that has a gradient once, in place."""
        beta1, beta2 = self.betas
        for name, p, g in _taking_part(self.params, grads):
            if name not in self.state:
                self.state[name] = {"t": 0, **{key: np.zeros_like(p) for key in ("m", "v", "v_max")}}
            s = self.state[name]
            s["t"] += 1
            if self.decoupled_weight_decay:
                p *= 1 - self.lr * self.weight_decay
            else:
                g = g + self.weight_decay * p
            s["m"] += (1 - beta1) * (g - s["m"])
            s["v"] += (1 - beta2) * (g**2 - s["v"])
            v = s["v"]
            if self.amsgrad:
                v = np.maximum(s["v_max"], v, out=s["v_max"])
            m_hat = s["m"] / (1 - beta1 ** s["t"])
            v_hat = v / (1 - beta2 ** s["t"])
            p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)

    def state_dict(self) -> dict:
        """What is needed to go on later: lr and the state. A snapshot, which further steps leave alone."""
        return {"lr": self.lr, "state": deepcopy(self.state)}

    def load_state_dict(self, d: dict) -> None:
        """Replace lr and all state by what an optimiser with the same settings saved; `d` stays as it is."""
        self.lr = d["lr"]
        self.state = deepcopy(d["state"])


class AdamW(Adam):
    """Adam with decoupled weight decay by default (Loshchilov & Hutter 2019), as torch.optim.AdamW.

    Everything but the two defaults is Adam's; `decoupled_weight_decay=False` gives L2 decay back.
    Sources: Loshchilov & Hutter 2019; https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
    """

    def __init__(
        self,
        params: dict[str, np.ndarray],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        decoupled_weight_decay: bool = True,
    ) -> None:
        """Remember the parameters and the settings. No parameter changes before the first step."""
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, decoupled_weight_decay)
