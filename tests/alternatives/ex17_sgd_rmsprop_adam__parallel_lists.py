# Style: no shared base; lists in the order of the parameters; flat work arrays; saved state as nested lists of copies.
import numpy as np


def _named(names, grads):
    for i, name in enumerate(names):
        g = grads.get(name, None)
        if g is None:
            continue
        yield i, np.array(g, copy=True)


class SGD:
    def __init__(self, params, lr=1e-3, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False):
        if nesterov and not (momentum > 0 and dampening == 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        self.names, self.arrays = list(params.keys()), list(params.values())
        self.lr = lr
        self.options = (momentum, dampening, weight_decay, nesterov, maximize)
        self.velocity = [None for _ in self.names]

    def step(self, grads):
        momentum, dampening, weight_decay, nesterov, maximize = self.options
        for i, g in _named(self.names, grads):
            w = self.arrays[i]
            if maximize:
                np.negative(g, out=g)
            g += weight_decay * w
            if momentum:
                if self.velocity[i] is None:
                    self.velocity[i] = g.copy()
                else:
                    v = self.velocity[i]
                    v *= momentum
                    v += g * (1.0 - dampening)
                if nesterov:
                    g += momentum * self.velocity[i]
                else:
                    g = self.velocity[i]
            w[...] = w - self.lr * g

    def state_dict(self):
        return {"rate": self.lr, "velocity": [v if v is None else v.copy() for v in self.velocity]}

    def load_state_dict(self, d):
        self.lr = d["rate"]
        self.velocity = [v if v is None else v.copy() for v in d["velocity"]]


class RMSprop:
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        self.names, self.arrays = list(params), [params[name] for name in params]
        self.lr, self.alpha, self.eps = lr, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.memory = [(np.zeros_like(a), np.zeros_like(a), np.zeros_like(a)) for a in self.arrays]

    def step(self, grads):
        for i, g in _named(self.names, grads):
            w, (sq, avg, buf) = self.arrays[i], self.memory[i]
            g += self.weight_decay * w
            sq[...] = self.alpha * sq + (1 - self.alpha) * np.square(g)
            if self.centered:
                avg[...] = self.alpha * avg + (1 - self.alpha) * g
            root = np.sqrt(sq - np.square(avg))  # avg stays 0 unless centered
            if self.momentum == 0:
                w -= self.lr * g / (root + self.eps)
            else:
                buf[...] = self.momentum * buf + g / (root + self.eps)
                w -= self.lr * buf

    def state_dict(self):
        return {"lr": self.lr, "memory": [[a.copy() for a in three] for three in self.memory]}

    def load_state_dict(self, d):
        self.lr = d["lr"]
        self.memory = [tuple(np.copy(a) for a in three) for three in d["memory"]]


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
        self.params = params
        self.lr = lr
        self.beta1, self.beta2 = betas
        self.eps, self.weight_decay = eps, weight_decay
        self.amsgrad, self.decoupled_weight_decay = amsgrad, decoupled_weight_decay
        self.t, self.first, self.second, self.largest = {}, {}, {}, {}

    def step(self, grads):
        for name, g in grads.items():
            if g is None:
                continue
            w = self.params[name]
            t = self.t[name] = self.t.get(name, 0) + 1
            if self.decoupled_weight_decay:
                w[...] = w - w * (self.lr * self.weight_decay)
            else:
                g = g + w * self.weight_decay
            self.first[name] = self.first.get(name, 0.0) * self.beta1 + g * (1 - self.beta1)
            self.second[name] = self.second.get(name, 0.0) * self.beta2 + g * g * (1 - self.beta2)
            v = self.second[name]
            if self.amsgrad:
                v = self.largest[name] = np.maximum(self.largest.get(name, v), v)
            m = self.first[name] / (1 - self.beta1**t)
            v = v / (1 - self.beta2**t)
            w -= self.lr * (m / (v**0.5 + self.eps))

    def _tables(self):
        return [self.t, self.first, self.second, self.largest]

    def state_dict(self):
        return {"lr": self.lr, "tables": [{k: np.copy(v) for k, v in table.items()} for table in self._tables()]}

    def load_state_dict(self, d):
        self.lr = d["lr"]
        tables = [{k: np.copy(v) for k, v in table.items()} for table in d["tables"]]
        self.t, self.first, self.second, self.largest = tables
        self.t = {k: int(v) for k, v in self.t.items()}


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
        Adam.__init__(self, params, lr, betas, eps, weight_decay, amsgrad, decoupled_weight_decay)
