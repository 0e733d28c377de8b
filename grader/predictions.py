"""Measures that trainings share: what predictions of a finished training depend on."""

from collections.abc import Iterable

import numpy as np

from grader.spec import Finished

MOST = 1_000_000  # weights of a network
PART = 10  # images at a time, since a network of a million units in one layer needs memory


def same_in_portions(finished: Finished, key: str) -> float:
    """The share of the first images whose class is the same when they come in small portions.

    The answer holds those under "portions", a list of integer arrays. key: of the predictions for all images together.
    """
    portions = np.concatenate(finished.answer["portions"])
    return float(np.mean(portions == finished.answer["predictions"][key][: len(portions)]))


def said_by_network(finished: Finished, arrays: Iterable[np.ndarray], key: str, count: int) -> dict[str, float]:
    """Whether predictions are those of the network that was returned, by the solution's `predict`, and its size.

    The answer holds it under "network". arrays: its weights. count: how many hidden images it is asked about.
    """
    network, images = finished.answer["network"], finished.split.test_images[:count]
    spare = MOST - sum(array.size for array in arrays)
    parts = np.split(images, range(PART, len(images), PART)) if spare >= 0 else []
    said = np.concatenate([finished.solution.predict(network, part) for part in parts] or [np.full(len(images), -1)])
    together = finished.answer["predictions"][key][: len(said)]
    return {"said by the network": float(np.mean(said == together)), "weights to spare": spare}
