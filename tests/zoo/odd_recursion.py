# recurses deeply, but not for ever -> passed

import sys

import numpy as np

sys.setrecursionlimit(20_000)


def down(n, x):
    return x + x if n == 0 else down(n - 1, x)


def double(x):
    return down(10_000, x)


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
