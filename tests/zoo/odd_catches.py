# survives what the sandbox refuses -> passed
# needs seccomp, landlock

import os

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


for action in (lambda: open("notes.txt", "w"), lambda: os.fork() or os._exit(0), lambda: os.listdir("/")):
    try:
        action()
    except OSError:
        pass
