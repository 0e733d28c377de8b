"""An attempt at exercise 17 by somebody who has written plain SGD and stopped there."""

import numpy as np


class SGD:
    def __init__(self, params, lr=1e-3, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False):
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("nesterov needs momentum and no dampening")
        self.params, self.lr, self.momentum, self.dampening = params, lr, momentum, dampening
        self.weight_decay, self.nesterov, self.sign = weight_decay, nesterov, -1 if maximize else 1
        self.velocity = {}

    def step(self, grads):
        for name, weight in self.params.items():
            if grads.get(name) is None:
                continue
            grad = self.sign * grads[name] + self.weight_decay * weight
            if self.momentum:
                old = self.velocity.get(name)
                new = np.array(grad) if old is None else self.momentum * old + (1 - self.dampening) * grad
                self.velocity[name] = new
                grad = grad + self.momentum * new if self.nesterov else new
            weight -= self.lr * grad

    def state_dict(self):
        return {"lr": self.lr, "velocity": {name: v.copy() for name, v in self.velocity.items()}}

    def load_state_dict(self, d):
        self.lr, self.velocity = d["lr"], {name: v.copy() for name, v in d["velocity"].items()}


class Adam:
    def __init__(self, params, lr=1e-3):
        raise NotImplementedError
