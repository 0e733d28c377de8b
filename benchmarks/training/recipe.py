"""What a recipe is: a way to train that claims an accuracy."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Predict = Callable[[np.ndarray], np.ndarray]
"""Classes (n,) of images (n, 28, 28) uint8."""


class Recipe(NamedTuple):
    """One way to train on the 60,000 images of MNIST.

    target: the accuracy on the official test images which every run shall reach.
    run: `run(images, labels, seed, device)` trains and returns a function that predicts.
    lines: of code that a run goes through, without blank lines, comments and docstrings; None if nobody counted.
    """

    name: str
    target: float
    run: Callable[[np.ndarray, np.ndarray, int, str], Predict]
    lines: int | None = None
