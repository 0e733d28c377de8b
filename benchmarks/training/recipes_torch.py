"""PyTorch's recipes: the training of the solution to 19 with other networks and settings, on fewer pixels.

The outer pixels of MNIST's images are black nearly always. Where digits move, the inner ones are cut out off their
centre, by the same few pixels in a whole batch.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from recipe import Predict, Recipe
from source import lines, named, solution
from torch import nn

CLASSIFIER = solution("ex19_torch_cnn_mnist")
CODE = ("make_batches", "_normalised", "train_epoch", "predict", "_scheduled", "_one_cycle", "_fit")

torch.set_num_threads(1)


def silent(*report: object) -> None:
    """For trainings that nobody watches."""


class Lean(nn.Module):
    """Lets a network see the inner 24 x 24 pixels; in train mode from a place up to `moved` pixels off the centre.

    On a GPU it computes in bfloat16; most CPUs are no faster with it. The context ends with the pass: as long as it
    lasts, weights stay as they first were cast.
    """

    def __init__(self, network: nn.Module, moved: int, seed: int) -> None:
        super().__init__()
        self.network, self._moved, self._rng = network, moved, np.random.default_rng(seed)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        top, left = self._rng.integers(2 - self._moved, 3 + self._moved, 2) if self.training else (2, 2)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=x.is_cuda):
            return self.network(x[..., top : top + 24, left : left + 24]).float()


def network(first: int, second: int, hidden: int) -> nn.Sequential:
    """Two convolutions with batch normalisation, for 24 x 24 pixels."""
    return nn.Sequential(
        nn.Conv2d(1, first, kernel_size=5, bias=False),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(first),
        nn.ReLU(),
        nn.Conv2d(first, second, kernel_size=5, bias=False),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(second),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(9 * second, hidden),
        nn.ReLU(),
        nn.Linear(hidden, 10),
    )


def convolutions(
    channels: tuple[int, int], hidden: int, moved: int = 0, share: float = 1.0, **settings: Any
) -> Callable[..., Predict]:
    """Trains on a share of the images: the first ones, which are in random order."""

    def run(images: np.ndarray, labels: np.ndarray, seed: int, device: str) -> Predict:
        torch.manual_seed(seed)
        model = Lean(network(*channels, hidden), moved, seed).to(device)
        some = round(share * len(images))
        CLASSIFIER._fit(model, images[:some], labels[:some], device, seed, silent, **settings)
        return predictor(model, device)

    return run


def all_on_gpu(
    channels: tuple[int, int], hidden: int, epochs: int, batch_size: int, peak: float, moved: int = 0
) -> Callable[..., Predict]:
    """Images, labels and their order stay on the GPU, and it is asked for nothing but the loss of an epoch."""

    def run(images: np.ndarray, labels: np.ndarray, seed: int, device: str) -> Predict:
        torch.manual_seed(seed)
        torch.backends.cudnn.benchmark = True  # all batches but the last of an epoch have the same size
        model = Lean(network(*channels, hidden), moved, seed).to(device, memory_format=torch.channels_last)
        X, y = CLASSIFIER._normalised(torch.as_tensor(images), device), torch.as_tensor(labels, device=device)
        optimizer, schedule = CLASSIFIER._one_cycle(model, peak, epochs * -(-len(X) // batch_size))
        for _ in range(epochs):
            batches = ((X[chosen], y[chosen]) for chosen in torch.randperm(len(X), device=device).split(batch_size))
            CLASSIFIER.train_epoch(model, optimizer, CLASSIFIER._scheduled(batches, schedule))
        return predictor(model, device)

    return run


def predictor(model: nn.Module, device: str) -> Predict:
    return lambda images: CLASSIFIER.predict(model, images, device=device).numpy()


CPU_LINES = lines(*named(CLASSIFIER, CODE), Lean, network, convolutions, predictor)
GPU_CODE = ("_normalised", "train_epoch", "predict", "_scheduled", "_one_cycle")
GPU_LINES = lines(*named(CLASSIFIER, GPU_CODE), Lean, network, all_on_gpu, predictor)

RECIPES = [
    Recipe("torch CNN, 98.5 %", 0.985, convolutions((8, 16), 64, share=0.65, epochs=1, peak=0.1), CPU_LINES),
    Recipe("torch CNN, 99 %", 0.99, convolutions((16, 48), 128, moved=1, epochs=1, peak=0.1), CPU_LINES),
    Recipe("torch CNN, 99.3 %", 0.993, convolutions((16, 64), 128, moved=1, epochs=3, peak=0.1), CPU_LINES),
]

GPU_RECIPES = [
    Recipe("torch CNN on a GPU, 99.04 %", 0.9904, all_on_gpu((32, 64), 128, 3, 512, 0.2, moved=1), GPU_LINES),
]
