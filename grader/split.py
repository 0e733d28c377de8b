"""Deals images out for a training: which are for training and which are hidden, and which number means which class.

A submission can't know beforehand what any number means, or which images are hidden, so that answers which it
brings along score like chance.
"""

import numpy as np

from grader.profiles import SIZES
from grader.spec import Split

CLASSES = 10
GREY = 2  # levels by which grey pixels are changed, so that images can't be looked up by their bytes


def deal_out(data: str, profile: str, images: np.ndarray, labels: np.ndarray, secret: int) -> Split:
    """A split of these images, at least as many as the profile has. The same secret gives the same split.

    images: (n, H, W) uint8. labels: (n,) integers from 0 to 9. Each class has the same share of the training images as
    of the hidden ones, and their order is random. Black and white pixels stay; grey ones change by up to GREY levels.
    """
    rng = np.random.default_rng(secret)
    n_train, n_test = SIZES[profile]
    chosen = rng.permutation(len(images))[: n_train + n_test]
    hidden = _stratified(labels[chosen], n_test, rng)
    names = rng.permutation(CLASSES)

    def part(indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mine = rng.permutation(chosen[indices])
        return _disturbed(images[mine], rng), names[labels[mine]].astype(np.int64)

    return Split(data, profile, *part(np.flatnonzero(~hidden)), *part(np.flatnonzero(hidden)))


def _stratified(labels: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """A mask with `count` hits, in each class as near to the same share as whole numbers allow."""
    order = np.lexsort((rng.random(len(labels)), labels))  # class by class, shuffled within each
    places = np.floor((np.arange(count) + rng.random()) * len(labels) / count).astype(np.int64)
    mask = np.zeros(len(labels), dtype=bool)
    mask[order[places]] = True
    return mask


def _disturbed(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    grey = np.flatnonzero((images > 0) & (images < 255))
    noise = rng.integers(-GREY, GREY + 1, len(grey), dtype=np.int8)
    changed = images.flatten()
    changed[grey] = np.clip(changed[grey].astype(np.int16) + noise, 1, 254)
    return changed.reshape(images.shape)
