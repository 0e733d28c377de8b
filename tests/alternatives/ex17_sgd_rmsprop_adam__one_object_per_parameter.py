# Style: a base class does the bookkeeping; one small state object per parameter; formulas in the order of the papers.
import copy
from types import SimpleNamespace

import numpy as np


class Optimizer:
    def __init__(self, params, lr):
        self._params = dict(params)
        self.lr = lr
        self._states = dict.fromkeys(self._params)

    def step(self, grads):
        for name in self._params:
            if name in grads and grads[name] is not None:
                p, g = self._params[name], grads[name]
                if self._states[name] is None:
                    self._states[name] = self._fresh(p)
                np.subtract(p, self._update(self._states[name], p, g), out=p)

    def state_dict(self):
        return {"lr": self.lr, "states": copy.deepcopy(self._states)}

    def load_state_dict(self, d):
        self.lr = d["lr"]
        self._states = copy.deepcopy(d["states"])

    def _fresh(self, p):
        return SimpleNamespace()


class SGD(Optimizer):
    def __init__(self, params, lr=1e-3, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False):
        if nesterov and momentum <= 0:
            raise ValueError("nesterov without momentum")
        if nesterov and dampening != 0:
            raise ValueError("nesterov with dampening")
        super().__init__(params, lr)
        self.momentum, self.dampening, self.weight_decay = momentum, dampening, weight_decay
        self.nesterov, self.sign = nesterov, -1 if maximize else 1

    def _fresh(self, p):
        return SimpleNamespace(buffer=None)

    def _update(self, s, p, g):
        g = self.sign * g
        if self.weight_decay:
            g = g + p * self.weight_decay
        if self.momentum:
            if s.buffer is None:
                s.buffer = g + 0
            else:
                s.buffer = s.buffer * self.momentum + g - g * self.dampening
            g = s.buffer * self.momentum + g if self.nesterov else s.buffer
        return g * self.lr


class RMSprop(Optimizer):
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        super().__init__(params, lr)
        self.alpha, self.eps, self.weight_decay = alpha, eps, weight_decay
        self.momentum, self.centered = momentum, centered

    def _fresh(self, p):
        return SimpleNamespace(square=np.zeros_like(p), mean=np.zeros_like(p), buffer=np.zeros_like(p))

    def _update(self, s, p, g):
        g = g + self.weight_decay * p
        s.square = self.alpha * s.square + (1 - self.alpha) * g * g
        s.mean = self.alpha * s.mean + (1 - self.alpha) * g
        if self.centered:
            divided = g / (np.sqrt(s.square - s.mean * s.mean) + self.eps)
        else:
            divided = g / (np.sqrt(s.square) + self.eps)
        s.buffer = self.momentum * s.buffer + divided
        return self.lr * s.buffer


class Adam(Optimizer):
    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0.0,
        amsgrad=False,
        decoupled_weight_decay=False,
    ):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay
        self.amsgrad, self.decoupled = amsgrad, decoupled_weight_decay

    def _fresh(self, p):
        zero = np.zeros_like(p)
        return SimpleNamespace(t=0, m=zero, v=zero, top=zero)

    def _update(self, s, p, g):
        b1, b2 = self.betas
        s.t += 1
        decayed = self.lr * self.weight_decay * p if self.decoupled else 0 * p
        if not self.decoupled:
            g = g + self.weight_decay * p
        s.m = b1 * s.m + (1 - b1) * g
        s.v = b2 * s.v + (1 - b2) * g * g
        s.top = np.maximum(s.top, s.v)
        used = s.top if self.amsgrad else s.v
        step_size = self.lr / (1 - b1**s.t)
        return decayed + step_size * s.m / (np.sqrt(used) / np.sqrt(1 - b2**s.t) + self.eps)


class AdamW(Adam):
    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=1e-2,
        amsgrad=False,
        decoupled_weight_decay=True,
    ):
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            decoupled_weight_decay=decoupled_weight_decay,
        )
