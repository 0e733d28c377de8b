"""Why a trained network is worse than it could be, as far as its predictions tell."""

import numpy as np

from grader.spec import Split
from grader.split import CLASSES

SAMPLE = 10_000  # training images that simple models for comparison see
MARGIN = 0.01
MONOTONE = 0.9  # one class for more of the images than this is one answer for all
EPOCHS, BATCH = 10, 64  # of softmax regression


def lesson(split: Split, predictions: np.ndarray) -> str:
    """What predictions that aren't good enough look like, in one sentence with a hint. predictions: (m,) integers."""
    right = float((predictions == split.test_labels).mean())
    kinds, counts = np.unique(predictions, return_counts=True)
    share = counts.max() / len(predictions)
    if share > MONOTONE:
        why = "did the loss become nan, or did too high a learning rate kill the units?"
        nearly = "nearly " if share < 1 else ""
        return f"{nearly}every image is said to be class {kinds[counts.argmax()]}: {why}"
    if right < 0.5 and (renamed := _renamed(split.test_labels, predictions)) > max(0.5, 2 * right):
        return (
            f"{renamed:.1%} would be right if the classes were called differently: "
            "which number means what is drawn anew for every run, so learn it from the labels"
        )
    if right < 0.2:
        return "that is like guessing: does the loss fall, and do images and labels belong together after shuffling?"
    if right <= (mean := _nearest_mean(split)) + MARGIN:
        return f"comparing images with the mean image of each class gets {mean:.1%}: does your network learn at all?"
    if right <= (linear := _linear(split)) + MARGIN:
        return f"a linear model on the pixels gets {linear:.1%}: does the hidden part of your network learn?"
    hint = "so the network learns; more epochs, or a learning rate that decays?"
    return f"a linear model on the pixels gets {linear:.1%}, {hint}"


def _renamed(labels: np.ndarray, predictions: np.ndarray) -> float:
    """The share that would be right if each predicted class stood for the label it goes along with most often."""
    table = np.zeros((CLASSES, CLASSES), dtype=np.int64)
    np.add.at(table, (predictions % CLASSES, labels), 1)
    return float(table.max(axis=1).sum() / len(labels))


def _rows(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float32) / 255


def _nearest_mean(split: Split) -> float:
    X, y = _rows(split.images[:SAMPLE]), split.labels[:SAMPLE]
    means = np.stack([X[y == c].mean(axis=0) for c in range(CLASSES)])
    scores = _rows(split.test_images) @ means.T - (means**2).sum(axis=1) / 2
    return float((scores.argmax(axis=1) == split.test_labels).mean())


def _linear(split: Split) -> float:
    """Accuracy of softmax regression on the pixels."""
    X, y = _rows(split.images[:SAMPLE]), split.labels[:SAMPLE]
    W, b, rng = np.zeros((X.shape[1], CLASSES), np.float32), np.zeros(CLASSES, np.float32), np.random.default_rng(0)
    for epoch in range(EPOCHS):
        lr = 0.5 * (1 - epoch / EPOCHS)
        for batch in np.array_split(rng.permutation(len(X)), max(1, len(X) // BATCH)):
            z = X[batch] @ W + b
            p = np.exp(z - z.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            p[np.arange(len(batch)), y[batch]] -= 1
            W -= lr / len(batch) * (X[batch].T @ p)
            b -= lr / len(batch) * p.sum(axis=0)
    return float(((_rows(split.test_images) @ W + b).argmax(axis=1) == split.test_labels).mean())
