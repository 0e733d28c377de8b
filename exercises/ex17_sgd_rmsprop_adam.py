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

import numpy as np


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
        # TODO: keep params and settings, refuse what nesterov can't do, start without buffers.
        raise NotImplementedError

    def step(self, grads: dict[str, np.ndarray | None]) -> None:
        """Move every parameter that has a gradient once, in place."""
        # TODO: from gradient to direction (sign, decay, buffer), then move the array itself.
        raise NotImplementedError

    def state_dict(self) -> dict:
        """What is needed to go on later: lr and the state. A snapshot, which further steps leave alone."""
        # TODO: copy lr and the state of every parameter: arrays that change in place make poor snapshots.
        raise NotImplementedError

    def load_state_dict(self, d: dict) -> None:
        """Replace lr and all state by what an optimiser with the same settings saved; `d` stays as it is."""
        # TODO: the reverse, with copies again. Whatever state there was before is gone.
        raise NotImplementedError


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
        # TODO: keep params and settings. What must be remembered for each parameter?
        raise NotImplementedError

    def step(self, grads: dict[str, np.ndarray | None]) -> None:
        """Move every parameter that has a gradient once, in place."""
        # TODO: update the averages first, then divide, then move.
        raise NotImplementedError

    def state_dict(self) -> dict:
        """What is needed to go on later: lr and the state. A snapshot, which further steps leave alone."""
        # TODO: copy lr and the state of every parameter: arrays that change in place make poor snapshots.
        raise NotImplementedError

    def load_state_dict(self, d: dict) -> None:
        """Replace lr and all state by what an optimiser with the same settings saved; `d` stays as it is."""
        # TODO: the reverse, with copies again. Whatever state there was before is gone.
        raise NotImplementedError


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
        # TODO: keep params and settings. What must be remembered for each parameter?
        raise NotImplementedError

    def step(self, grads: dict[str, np.ndarray | None]) -> None:
        """Move every parameter that has a gradient once, in place."""
        # TODO: count, decay, update both averages, correct both, move. Check the size of the very first step.
        raise NotImplementedError

    def state_dict(self) -> dict:
        """What is needed to go on later: lr and the state. A snapshot, which further steps leave alone."""
        # TODO: copy lr and the state of every parameter: arrays that change in place make poor snapshots.
        raise NotImplementedError

    def load_state_dict(self, d: dict) -> None:
        """Replace lr and all state by what an optimiser with the same settings saved; `d` stays as it is."""
        # TODO: the reverse, with copies again. Whatever state there was before is gone.
        raise NotImplementedError


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
        # TODO: everything is there already, in Adam; hand it the right defaults.
        raise NotImplementedError
