# answers with a list where a tuple is due, and with a dict of another kind -> passed

from collections import OrderedDict

import numpy as np


def double(x):
    return 2 * x


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class Counter:
    def __init__(self):
        self.counts = OrderedDict()

    def add(self, word, times=1):
        if times < 0:
            raise ValueError
        self.counts[word] = self.counts.get(word, 0) + times
        return self.counts[word]

    def top(self):
        best = max(self.counts.values(), default=0)
        return next(([word, n] for word, n in self.counts.items() if n == best), None)
