"""1 · Class means

Tell digits apart by the mean image of each class.
"""

from collections.abc import Callable

import numpy as np


def double(x: float) -> float:
    """Return 2 x."""
    raise NotImplementedError


def train(
    images: np.ndarray, labels: np.ndarray, rng: np.random.Generator, budget: float, report: Callable[..., None]
) -> np.ndarray:
    """Return the mean image of each class, (10, 784)."""
    raise NotImplementedError


def predict(params: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return the class of each image, (n,) int64."""
    raise NotImplementedError
