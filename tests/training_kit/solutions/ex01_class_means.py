"""1 · Class means

Tell digits apart by the mean image of each class.
"""

from collections.abc import Callable

import numpy as np


def double(x: float) -> float:
    """Return 2 x."""
    return 2 * x


def train(
    images: np.ndarray, labels: np.ndarray, rng: np.random.Generator, budget: float, report: Callable[..., None]
) -> np.ndarray:
    """Return the mean image of each class, (10, 784)."""
    rows = images.reshape(len(images), -1).astype(np.float32)
    report(1, 2, 2.0)
    means = np.stack([rows[labels == c].mean(axis=0) for c in range(10)])
    report(2, 2, 1.0, (predict(means, images[:100]) == labels[:100]).mean())
    return means


def predict(params: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return the class of each image, (n,) int64."""
    rows = images.reshape(len(images), -1).astype(np.float32)
    return (rows @ params.T - (params**2).sum(axis=1) / 2).argmax(axis=1)
