"""Images to train on: a real data set where its files are, else digits that are rendered here."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from grader.data import find, synthetic
from grader.data.sets import SETS
from grader.profiles import SIZES
from grader.spec import Split
from grader.split import deal_out


class Images(NamedTuple):
    """Images (n, 28, 28) uint8 and labels (n,) int64 of a data set, and what a report must call it."""

    data: str
    label: str
    images: np.ndarray
    labels: np.ndarray


def images(data: str, profile: str, homes: list[Path], secret: int) -> Images:
    """All images that a profile takes some of. "auto" is MNIST if it is there, else rendered digits, drawn by `secret`.

    Raises DataError for files that are damaged, and for those of a set that was asked for and isn't there.
    """
    if data == "auto":
        data = "mnist" if find.present("mnist", profile, homes) else "synthetic"
    if data == "synthetic":
        drawn = synthetic.digits(sum(SIZES[profile]), np.random.default_rng([secret, 1]))
        return Images(data, "synthetic digits, not MNIST", *drawn)
    return Images(data, SETS[data].title, *find.load(data, profile, homes))


def dealt(data: str, profile: str, homes: list[Path], secret: int) -> tuple[str, Split]:
    """What a report must call the images, and a split of them; see `images` and `deal_out`."""
    found = images(data, profile, homes, secret)
    return found.label, deal_out(found.data, profile, found.images, found.labels, secret)
