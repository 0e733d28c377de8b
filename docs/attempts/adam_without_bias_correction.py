"""An attempt at exercise 17 with a classic mistake in Adam; SGD and RMSprop are still to be written."""

import copy

import numpy as np


class Adam:
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
        self.params, self.lr, self.betas, self.eps = params, lr, betas, eps
        self.weight_decay, self.amsgrad, self.decoupled = weight_decay, amsgrad, decoupled_weight_decay
        self.moments = {}

    def step(self, grads):
        beta1, beta2 = self.betas
        for name, weight in self.params.items():
            grad = grads.get(name)
            if grad is None:
                continue
            if self.decoupled:
                weight -= self.lr * self.weight_decay * weight
            else:
                grad = grad + self.weight_decay * weight
            m, v, largest = self.moments.get(name, (0.0, 0.0, 0.0))
            m = beta1 * m + (1 - beta1) * grad
            v = beta2 * v + (1 - beta2) * np.square(grad)
            largest = np.maximum(largest, v)
            self.moments[name] = m, v, largest
            weight -= self.lr * m / (np.sqrt(largest if self.amsgrad else v) + self.eps)

    def state_dict(self):
        return {"lr": self.lr, "moments": copy.deepcopy(self.moments)}

    def load_state_dict(self, d):
        self.lr, self.moments = d["lr"], copy.deepcopy(d["moments"])


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
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, decoupled_weight_decay)
