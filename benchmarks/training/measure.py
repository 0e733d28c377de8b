"""Runs a recipe and says how accurate it was, and how long it took."""

import statistics
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from digits import Digits
from recipe import Recipe


class Run(NamedTuple):
    """One training. seconds: CPU time; on a GPU wall time until all of its work was done."""

    seed: int
    accuracy: float
    seconds: float


class Result(NamedTuple):
    """All runs of a recipe."""

    recipe: Recipe
    runs: list[Run]

    @property
    def accuracies(self) -> list[float]:
        return [run.accuracy for run in self.runs]

    @property
    def seconds(self) -> float:
        return statistics.median(run.seconds for run in self.runs)

    @property
    def reached(self) -> bool:
        """Whether every single run has reached the target."""
        return min(self.accuracies) >= self.recipe.target


def measure(recipe: Recipe, digits: Digits, seeds: Iterable[int], device: str) -> Result:
    """One run for each seed; on a GPU there is another one before, which compiles and fills caches."""
    seeds = list(seeds)
    if device != "cpu":
        recipe.run(digits.images, digits.labels, seeds[0], device)
    return Result(recipe, [_run(recipe, digits, seed, device) for seed in seeds])


def _run(recipe: Recipe, digits: Digits, seed: int, device: str) -> Run:
    clock = _clock(device)
    began = clock()
    predict = recipe.run(digits.images, digits.labels, seed, device)
    seconds = clock() - began
    return Run(seed, float((predict(digits.test_images) == digits.test_labels).mean()), seconds)


def _clock(device: str) -> Callable[[], float]:
    """CPU time of this process; for a GPU the time, once it has nothing more to do."""
    if device == "cpu":
        return time.process_time

    def clock() -> float:
        import torch

        getattr(torch, device).synchronize()
        return time.perf_counter()

    return clock
