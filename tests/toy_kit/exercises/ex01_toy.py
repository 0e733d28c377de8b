"""1 · Toy: double, softmax and a counter

A small exercise that the tests of the grader judge submissions to.
"""

import numpy as np


def double(x: np.ndarray | float) -> np.ndarray | float:
    """Twice x.

    x: array of any shape, or a number. Returns an array of the shape and dtype of x, or a number.
    """
    # TODO: one operator
    raise NotImplementedError


def softmax(x: np.ndarray) -> np.ndarray:
    """exp(x) / sum of exp(x), the sum taken along the last axis.

    x: float array with at least one axis. Entries of size 1000 are ordinary. Returns an array of the shape of x.
    """
    # TODO: what may be subtracted from x without a change to the answer?
    raise NotImplementedError


class Counter:
    """Counts words.

    counts: dict from word to int, in the order in which words were first seen.
    """

    def __init__(self) -> None:
        # TODO: start with nothing
        raise NotImplementedError

    def add(self, word: str, times: int = 1) -> int:
        """Counts `word` and returns how often it has been seen by now. Raises ValueError if `times` is negative."""
        # TODO: dict.get
        raise NotImplementedError

    def top(self) -> tuple[str, int] | None:
        """The word seen most often, with its count; of several the one seen first. None if there is none."""
        # TODO: max with a key
        raise NotImplementedError
