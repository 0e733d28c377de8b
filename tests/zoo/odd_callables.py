# has objects and wrappers where functions are due -> passed

import functools

import numpy as np


class Doubler:
    __slots__ = ()

    def __call__(self, x):
        return 2 * x


def logged(function):
    @functools.wraps(function)
    def wrapper(*arguments, **options):
        return function(*arguments, **options)

    return wrapper


def double(x):
    return Doubler()(x)


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class Counter:
    def __init__(self):
        self.counts = {}

    def add(self, word, times=1):
        if times < 0:
            raise ValueError("times can't be negative")
        self.counts[word] = self.counts.get(word, 0) + times
        return self.counts[word]

    def top(self):
        return max(self.counts.items(), key=lambda item: item[1], default=None)


double = functools.partial(logged(double))
softmax = logged(softmax)
