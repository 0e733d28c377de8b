"""NumPy's recipes: the trainings of the solutions to 18 and 18-3, with other settings and on fewer pixels.

The outer pixels of MNIST's images are black nearly always, and a multi-layer perceptron doesn't miss much if four
pixels become one. A convolutional network learns more from images that are moved by a pixel now and then.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from recipe import Predict, Recipe
from source import lines, named, solution

MLP, CNN = solution("ex18_numpy_mlp_mnist"), solution("ex18_3_numpy_cnn")
MLP_CODE = ("init_params", "preprocess", "_forward", "logits", "loss_and_grads", "_batches", "_fit", "predict")
CNN_CODE = ("init_params", "_blocks", "_blocks_backward", "_blocks_input", "_cross_entropy", "_fast_forward")
CNN_CODE += ("_fast_loss_and_grads", "_Adam", "_batches", "_fit")


def silent(*report: object) -> None:
    """For trainings that nobody watches."""


def quarter(images: np.ndarray) -> np.ndarray:
    """The inner 24 x 24 pixels as 12 x 12, means of four. They are divided first, so that 8 bits are enough."""
    inner = images[:, 2:26, 2:26] // 4
    rows = inner[:, ::2] + inner[:, 1::2]
    return rows[:, :, ::2] + rows[:, :, 1::2]


def perceptron(**settings: Any) -> Callable[..., Predict]:
    """One hidden layer, on a quarter of the pixels."""

    def run(images: np.ndarray, labels: np.ndarray, seed: int, device: str) -> Predict:
        params = MLP._fit(quarter(images), labels, np.random.default_rng(seed), silent, **settings)
        return lambda images: MLP.predict(params, quarter(images))

    return run


def convolutions(moved: int = 0, **settings: Any) -> Callable[..., Predict]:
    """Two convolutions, on 24 x 24 pixels, which in training are cut out up to `moved` pixels off the centre."""

    def run(images: np.ndarray, labels: np.ndarray, seed: int, device: str) -> Predict:
        rng = np.random.default_rng(seed)

        def look(images: np.ndarray) -> np.ndarray:
            top, left = rng.integers(2 - moved, 3 + moved, 2)
            return images[:, top : top + 24, left : left + 24]

        params = CNN._fit(images, labels, rng, silent, look=look, **settings)

        def predict(images: np.ndarray) -> np.ndarray:
            parts = np.array_split(images[:, 2:26, 2:26], max(1, len(images) // 500))
            return np.concatenate([CNN._fast_forward(params, part)[0].argmax(axis=1) for part in parts])

        return predict

    return run


MLP_LINES = lines(*named(MLP, MLP_CODE), quarter, perceptron)
CNN_LINES = lines(*named(CNN, CNN_CODE), convolutions)

RECIPES = [
    Recipe("numpy MLP, 97 %", 0.97, perceptron(hidden=256, batch_size=64, epochs=1, peak=0.3), MLP_LINES),
    Recipe("numpy MLP, 98 %", 0.98, perceptron(hidden=256, batch_size=192, epochs=4, peak=0.8), MLP_LINES),
    Recipe("numpy CNN, 98.5 %", 0.985, convolutions(channels=(8, 32), epochs=1, peak=0.01), CNN_LINES),
    Recipe("numpy CNN, 99 %", 0.99, convolutions(moved=1, channels=(8, 24), epochs=3, peak=0.01), CNN_LINES),
]
