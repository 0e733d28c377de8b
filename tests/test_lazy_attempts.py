"""Wrong and lazy ways to train: each is a solution with a few definitions replaced, and fails with the right words."""

from pathlib import Path
from typing import NamedTuple

import pytest

from grader import engine, kit

ROOT = Path(__file__).parents[1]


class Attempt(NamedTuple):
    """Definitions that replace those of a solution, and words of the case that they fail."""

    number: str
    code: str
    words: str


TRAIN = "def train(images, labels, rng, budget, report):\n"
TO_TARGET = """
honest = train_to_target

def train_to_target(fetch, n, X_val, y_val, target, rng, max_examples, report):
"""
NETWORK = """
def _network(images, labels, rng, sizes, epochs, lr, batch_size, change=lambda params: params):
    params, X = change(init_params(sizes, rng)), preprocess(images)
    for epoch in range(epochs):
        loss = train_epoch(params, X, labels, lr, batch_size, rng)
    return params
"""

ATTEMPTS = {
    "knows one answer": Attempt(
        "18",
        TRAIN + "    return [(np.zeros((784, 10), np.float32), np.eye(10, dtype=np.float32)[4])]\n",
        "every image is said to be class 4",
    ),
    "does not train": Attempt("18", TRAIN + "    return init_params([784, 128, 10], rng)\n", "that is like guessing"),
    "claims to be perfect": Attempt(
        "18",
        TRAIN + "    report(1, 1, 0.0, 1.0)\n    return init_params([784, 128, 10], rng)\n",
        "that is like guessing",
    ),
    "compares with means": Attempt(
        "18",
        TRAIN
        + "    X = preprocess(images)\n"
        + "    means = np.stack([X[labels == c].mean(axis=0) for c in range(10)], axis=1)\n"
        + "    return [(means, -(means**2).sum(axis=0) / 2)]\n",
        "does your network learn at all?",
    ),
    "has no hidden layer": Attempt(
        "18",
        NETWORK + TRAIN + "    return _network(images, labels, rng, [784, 10], 10, 0.1, 64)\n",
        "does the hidden part of your network learn?",
    ),
    "trains the last layer only": Attempt(
        "18",
        "def train(images, labels, rng, budget, report):\n"
        + "    params, X = init_params([784, 100, 10], rng), preprocess(images)\n"
        + "    W, b = params[0]\n"
        + "    hidden = np.maximum(X @ W + b, 0)\n"
        + "    for _ in range(5):\n"
        + "        train_epoch(params[1:], hidden, labels, 0.05, 64, rng)\n"
        + "    return params\n",
        "your network learn",
    ),
    "shuffles images away from their labels": Attempt(
        "18",
        NETWORK + TRAIN + "    return _network(rng.permutation(images), labels, rng, [784, 64, 10], 2, 0.1, 64)\n",
        "that is like guessing",
    ),
    "takes the digits for what they usually mean": Attempt(
        "18",
        NETWORK + TRAIN + "    return _network(images, (labels + 3) % 10, rng, [784, 64, 10], 5, 0.1, 32)\n",
        "if the classes were called differently",
    ),
    "goes far too fast": Attempt(
        "18",
        TRAIN
        + "    params, X = init_params([784, 128, 10], rng), preprocess(images)\n"
        + "    for epoch in range(5):\n"
        + "        report(epoch + 1, 5, train_epoch(params, X, labels, 50.0, 64, rng))\n"
        + "    return params\n",
        "did too high a learning rate kill the units?",
    ),
    "takes one image at a time": Attempt(
        "18",
        NETWORK + TRAIN + "    return _network(images, labels, rng, [784, 256, 10], 100, 0.01, 1)\n",
        "times what the solution took here: work on whole batches",
    ),
    "memorises": Attempt(
        "18",
        "_known = {}\n"
        + TRAIN
        + "    params = init_params([784, 128, 10], rng)\n"
        + "    _known[id(params)] = preprocess(images), labels, params\n"
        + "    return params\n\n"
        + "def predict(params, images):\n"
        + "    if id(params) not in _known:\n"
        + "        return logits(params, preprocess(images)).argmax(axis=1)\n"
        + "    X, labels, _ = _known[id(params)]\n"
        + "    found = [labels[(x @ X.T - (X**2).sum(axis=1) / 2).argmax(axis=1)]\n"
        + "        for x in np.split(preprocess(images), range(500, len(images), 500))]\n"
        + "    return np.concatenate(found)\n",
        "the answers are those of the network that was returned",
    ),
    "never looks whether the target is reached": Attempt(
        "18-1",
        TO_TARGET
        + "    images, labels = fetch(rng.permutation(n)[:max_examples])\n"
        + "    X = _rows(images)\n"
        + "    means = np.stack([X[labels == c].mean(axis=0) for c in range(10)], axis=1)\n"
        + "    eye, zeros = np.eye(len(means), dtype=np.float32), np.zeros(2 * len(means), np.float32)\n"
        + "    bias = -(means**2).sum(axis=0) / 2\n"
        + "    return [np.hstack([eye, -eye]), zeros, np.vstack([means, -means]), bias], len(labels)\n",
        "accuracy on the validation images",
    ),
    "trains on the validation images, and hides it": Attempt(
        "18-1",
        "_known = {}\n"
        + TO_TARGET
        + "    _known.update({image.tobytes(): i % 10 == 0 for i, image in enumerate(X_val)})\n"
        + "    def of_validation(indices):\n"
        + "        chosen = indices % len(X_val)\n"
        + "        return X_val[chosen], y_val[chosen]\n"
        + "    params, _ = honest(of_validation, n, X_val, y_val, 0.98, rng, 20000, report)\n"
        + "    return params, 0\n\n"
        + "honest_answers = predict\n\n"
        + "def predict(params, X):\n"
        + "    wrong = np.array([_known.get(image.tobytes(), False) for image in X], dtype=np.int64)\n"
        + "    return (honest_answers(params, X) + wrong) % 10\n",
        "not misled by wrong labels of validation images",
    ),
}


def shown(attempt: Attempt, **wanted) -> list[str]:
    """The messages of the cases that an attempt fails, and its verdict first."""
    entry = kit.find(ROOT, attempt.number)
    source = entry.solution.read_text("utf-8") + "\n\n" + attempt.code
    training = {
        "profile": "quick",
        "data": "synthetic",
        "device": "cpu",
        "device_name": None,
        "split": None,
        "homes": [],
    }
    report = engine.judge(entry, source.encode(), "attempt.py", 0, training | wanted)["report"]
    failing = [f"{case['name']}: {case['message']}" for case in report["cases"] if case["verdict"] != "passed"]
    return [report["verdict"], *failing]


@pytest.mark.parametrize("name", ATTEMPTS)
def test_an_attempt_fails_with_the_right_words(name):
    verdict, *failing = shown(ATTEMPTS[name])
    assert verdict == "failed" and any(ATTEMPTS[name].words in line for line in failing), failing


@pytest.mark.parametrize("name", ATTEMPTS)
def test_on_real_data_too(name, real_data):
    verdict, *failing = shown(ATTEMPTS[name], data="mnist", homes=[str(real_data)])
    assert verdict == "failed" and any(ATTEMPTS[name].words in line for line in failing), failing
