# raises a subclass of the exception that is due -> passed

import numpy as np


def double(x):
    return 2 * x


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class Negative(ValueError):
    def __str__(self):
        raise RuntimeError


class Counter:
    def __init__(self):
        self.counts = {}

    def add(self, word, times=1):
        if times < 0:
            raise Negative
        self.counts[word] = self.counts.get(word, 0) + times
        return self.counts[word]

    def top(self):
        return max(self.counts.items(), key=lambda item: item[1], default=None)
