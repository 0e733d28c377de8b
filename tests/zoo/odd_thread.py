# leaves a thread that isn't a daemon -> passed

import threading
import time

import numpy as np


def double(x):
    return 2 * x


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


threading.Thread(target=time.sleep, args=(1000,)).start()
