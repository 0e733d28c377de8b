"""Cases of the toy exercise: a function of arrays and numbers, one of arrays alone, and a class."""

from collections.abc import Iterator

import numpy as np

from grader.spec import T32, Case, Exercise, Misconception, Part, Speed


def double_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("a vector", {"x": rng.normal(size=5)})
    yield Case("integers", {"x": rng.integers(-9, 9, (2, 3))})
    yield Case("float32 stays float32", {"x": rng.normal(size=4).astype(np.float32)}, tolerance=T32)
    yield Case("a whole number", {"x": int(rng.integers(100, 1000))})
    yield Case("a float", {"x": float(rng.normal())})
    yield Case("empty", {"x": np.zeros((0, 3))})
    yield Case("many numbers, in time", {"x": rng.normal(size=2000)}, speed=Speed(floor=0.1))


def softmax_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("one row", {"x": rng.normal(size=4)})
    yield Case("a matrix", {"x": rng.normal(size=(3, 4))})
    yield Case("large entries", {"x": 1000 + rng.normal(size=(2, 3))})
    yield Case("a transposed matrix", {"x": rng.normal(size=(4, 2)).T})
    yield Case("read-only", {"x": np.broadcast_to(rng.normal(size=3), (2, 3))})


def count(student, words):
    counter = student.Counter()
    seen = [counter.add(*word) for word in words]
    return seen, dict(counter.counts), counter.top()


def counter_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("nothing", {"words": []})
    yield Case("one word", {"words": [("one",)]})
    yield Case("words that come back", {"words": [("a",), ("b",), ("a",), ("c", 2)]})
    yield Case("several times", {"words": [("x", int(n)) for n in rng.integers(2, 50, 4)]})
    yield Case("zero times", {"words": [("x", 0), ("y", 1)]})
    yield Case("a negative number of times", {"words": [("x", 3), ("x", -1)]})


exercise = Exercise(
    parts=(
        Part("double", double_cases, ("What is twice a number?", "numpy multiplies whole arrays.", "2 times x.")),
        Part(
            "softmax",
            softmax_cases,
            ("All entries are positive.", "They sum up to 1 along the last axis.", "Subtract the largest entry first."),
        ),
        Part(
            "Counter",
            counter_cases,
            ("A dict remembers counts.", "Start each word at 0.", "Check `times` before anything changes."),
            driver=count,
            returns=("seen", "counts", "top"),
        ),
    ),
    misconceptions=(
        Misconception(
            "squares",
            "double",
            "Your double squares its argument.",
            "What does it give for 3?",
            edits=(("return 2 * x", "return x * x"),),
        ),
        Misconception(
            "sums_over_everything",
            "softmax",
            "Your softmax divides by the sum over all entries instead of that over the last axis.",
            "What does each row of a matrix sum up to?",
            edits=(("e / e.sum(axis=-1, keepdims=True)", "e / e.sum()"),),
        ),
    ),
    memory=256 << 20,
    cpu_seconds=0.5,
)
