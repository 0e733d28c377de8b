"""Update rules as generators with a memory of their own; the schedule epoch by epoch; distances in one table."""

import math

import numpy as np


class Driven:
    """Sends gradients into one generator per parameter, which yields the change."""

    def __init__(self, params, lr, weight_decay, **settings):
        self.lr, self.weight_decay, self.settings = lr, weight_decay, settings
        self.rules = {name: (array, self.rule(array, **settings)) for name, array in params.items()}
        for _, rule in self.rules.values():
            next(rule)

    def step(self, grads):
        for name, (array, rule) in self.rules.items():
            if grads.get(name) is not None:
                array -= self.lr * rule.send(grads[name] + self.weight_decay * array)


class Adagrad(Driven):
    def __init__(self, params, lr=1e-2, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
        super().__init__(params, lr, weight_decay, decay=lr_decay, initial=initial_accumulator_value, eps=eps)

    @staticmethod
    def rule(array, decay, initial, eps):
        total, steps = np.full_like(array, initial), 0
        g = yield
        while True:
            total = total + np.square(g)
            change = g / (np.sqrt(total) + eps) / (1 + steps * decay)
            steps += 1
            g = yield change


class Adadelta(Driven):
    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0):
        super().__init__(params, lr, weight_decay, rho=rho, eps=eps)

    @staticmethod
    def rule(array, rho, eps):
        slopes = moves = np.zeros_like(array)
        g = yield
        while True:
            slopes = rho * slopes + (1 - rho) * np.square(g)
            change = g * (np.sqrt(moves + eps) / np.sqrt(slopes + eps))
            moves = rho * moves + (1 - rho) * np.square(change)
            g = yield change


class NesterovSGD(Driven):
    def __init__(self, params, lr, momentum, weight_decay=0.0):
        super().__init__(params, lr, weight_decay, momentum=momentum)

    @staticmethod
    def rule(array, momentum):
        velocity = np.zeros_like(array)
        g = yield
        while True:
            velocity = momentum * velocity + g
            g = yield g + momentum * velocity


def cosine_warm_restarts(t, T_0, T_mult, lr_max, lr_min):
    passed, period = 0, T_0
    for _ in range(t):
        passed += 1
        if passed == period:
            passed, period = 0, period * T_mult
    share = 0.5 + 0.5 * math.cos(math.pi * passed / period)
    return share * lr_max + (1 - share) * lr_min


def multi_start(grad, f, starts, lr, steps, merge_tol=1e-3):
    ends = np.array(starts, dtype=np.float64)
    for _ in range(steps):
        ends = ends - lr * np.stack([grad(x.copy()) for x in ends])
    values = [f(x.copy()) for x in ends]
    best = values.index(min(values))
    near = np.linalg.norm(ends[:, None] - ends[None], axis=-1) <= merge_tol
    founders, labels = [], []
    for i in range(len(ends)):
        label = next((k for k, founder in enumerate(founders) if near[i, founder]), len(founders))
        if label == len(founders):
            founders.append(i)
        labels.append(label)
    return {"basins": np.array(labels), "best_x": ends[best].copy(), "best_f": values[best]}
