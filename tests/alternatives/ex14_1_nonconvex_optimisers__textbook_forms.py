"""Other formulas: a common base class, textbook averages, look-ahead by velocity, the period by a sum of periods."""

import numpy as np


class Optimiser:
    def __init__(self, params, lr, weight_decay):
        self.params = params
        self.lr = lr
        self.weight_decay = weight_decay
        self.memory = dict.fromkeys(params)

    def step(self, grads):
        for name in self.params:
            gradient = grads.get(name, None)
            if gradient is None:
                continue
            array = self.params[name]
            if self.memory[name] is None:
                self.memory[name] = self.fresh(array)
            total = np.array(gradient)
            if self.weight_decay != 0:
                total = total + array * self.weight_decay
            array[...] = array - self.change(self.memory[name], total)


class Adagrad(Optimiser):
    def __init__(self, params, lr=0.01, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
        super().__init__(params, lr, weight_decay)
        self.lr_decay, self.initial, self.eps = lr_decay, initial_accumulator_value, eps

    def fresh(self, array):
        return {"t": 0, "sum": np.zeros(array.shape, array.dtype) + array.dtype.type(self.initial)}

    def change(self, memory, g):
        memory["t"] += 1
        memory["sum"] = memory["sum"] + g * g
        return g / (memory["sum"] ** 0.5 + self.eps) * (self.lr / (1 + (memory["t"] - 1) * self.lr_decay))


class Adadelta(Optimiser):
    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0):
        super().__init__(params, lr, weight_decay)
        self.rho, self.eps = rho, eps

    def fresh(self, array):
        return [np.zeros(array.shape, array.dtype), np.zeros(array.shape, array.dtype)]

    def change(self, memory, g):
        memory[0] = self.rho * memory[0] + (1 - self.rho) * g * g
        delta = g * np.sqrt((memory[1] + self.eps) / (memory[0] + self.eps))
        memory[1] = self.rho * memory[1] + (1 - self.rho) * delta * delta
        return self.lr * delta


class NesterovSGD(Optimiser):
    def __init__(self, params, lr, momentum, weight_decay=0.0):
        super().__init__(params, lr, weight_decay)
        self.momentum = momentum

    def fresh(self, array):
        return []

    def change(self, memory, g):
        memory[:] = [self.momentum * memory[0] + g] if memory else [g.copy()]
        return self.lr * g + self.lr * self.momentum * memory[0]


def cosine_warm_restarts(t, T_0, T_mult, lr_max, lr_min):
    i = 0
    while t >= sum(T_0 * T_mult**k for k in range(i + 1)):
        i += 1
    share = (t - sum(T_0 * T_mult**k for k in range(i))) / (T_0 * T_mult**i)
    return lr_min + (lr_max - lr_min) * np.cos(np.pi * share / 2) ** 2


def multi_start(grad, f, starts, lr, steps, merge_tol=1e-3):
    best_x, best_f, founders, basins = None, np.inf, [], []
    for start in starts:
        x = start.astype(float)
        for _ in range(steps):
            x -= lr * grad(x)
        value = f(x)
        if value < best_f:
            best_x, best_f = x, value
        for label, founder in enumerate(founders):
            if ((x - founder) ** 2).sum() ** 0.5 <= merge_tol:
                basins.append(label)
                break
        else:
            basins.append(len(founders))
            founders.append(x)
    return {"best_x": best_x, "best_f": best_f, "basins": np.array(basins)}
