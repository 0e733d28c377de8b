"""What recipes train on, and what they are tested on."""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from grader.data import find, synthetic
from grader.store import folder

TRAIN = 60_000  # images of MNIST that come first


class Digits(NamedTuple):
    """Images (n, 28, 28) uint8 and labels (n,) int64, for training and for testing. label: what they must be called."""

    label: str
    images: np.ndarray
    labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def official(given: Path | None) -> Digits:
    """MNIST, dealt out as everybody does it. Raises DataError if it isn't there."""
    if given:
        os.environ["DLGRADE_DATA"] = str(given)
    images, labels = find.load("mnist", "full", find.homes(folder()))
    return Digits("MNIST", images[:TRAIN], labels[:TRAIN], images[TRAIN:], labels[TRAIN:])


def drawn(count: int) -> Digits:
    """So many synthetic digits to train on, and half as many to test on."""
    images, labels = synthetic.digits(count + count // 2, np.random.default_rng(0))
    return Digits("synthetic digits, not MNIST", images[:count], labels[:count], images[count:], labels[count:])
