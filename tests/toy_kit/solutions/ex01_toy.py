"""1 · Toy: double, softmax and a counter

A small exercise that the tests of the grader judge submissions to.
"""

import numpy as np


def double(x: np.ndarray | float) -> np.ndarray | float:
    """Twice x.

    x: array of any shape, or a number. Returns an array of the shape and dtype of x, or a number.
    """
    return 2 * x


def softmax(x: np.ndarray) -> np.ndarray:
    """exp(x) / sum of exp(x), the sum taken along the last axis.

    x: float array with at least one axis. Entries of size 1000 are ordinary. Returns an array of the shape of x.
    """
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class Counter:
    """Counts words.

    counts: dict from word to int, in the order in which words were first seen.
    """

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def add(self, word: str, times: int = 1) -> int:
        """Counts `word` and returns how often it has been seen by now. Raises ValueError if `times` is negative."""
        if times < 0:
            raise ValueError(f"times is {times}; it can't be negative")
        self.counts[word] = self.counts.get(word, 0) + times
        return self.counts[word]

    def top(self) -> tuple[str, int] | None:
        """The word seen most often, with its count; of several the one seen first. None if there is none."""
        return max(self.counts.items(), key=lambda item: item[1], default=None)
