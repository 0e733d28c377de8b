"""The smallest exercise that trains: for tests of the engine."""

import numpy as np

from grader.spec import Bar, Case, Exercise, Misconception, Part, Training


def fit(student, host, images, labels, test_images, seed, budget, device):
    """Predictions for all test images, and what the server says about 20."""
    params = student.train(images, labels, np.random.default_rng(seed), budget, host.report)
    return {"predictions": {"hidden": student.predict(params, test_images)}, "asked": host.ask(20)}


class Doubler:
    """Doubles what it is asked, up to 100, and counts the questions."""

    def __init__(self, split):
        self.asked = 0

    def __call__(self, value):
        self.asked += 1
        if value > 100:
            raise ValueError("more than 100")
        return 2 * value


def measures(finished):
    return {"answer": finished.answer["asked"], "questions": finished.server.asked}


def cases(rng):
    yield Case("two", {"x": 2.0})
    yield Case("any number", {"x": float(rng.normal())})


exercise = Exercise(
    parts=(Part("double", cases, ("Add it to itself.", "Or multiply.", "2 * x")),),
    misconceptions=(
        Misconception("squares", "double", "Your code squares.", "What is twice 3?", (("2 * x", "x * x"),)),
    ),
    training=Training(
        "train",
        fit,
        bars=(
            Bar("accuracy on hidden images", "hidden", {"synthetic": {"tiny": 0.55, "quick": 0.55, "full": 0.55}}),
            Bar("the server's answer", "answer", {"synthetic": {"tiny": 40, "quick": 40}}, unit="points"),
            Bar("only with MNIST", "hidden", {"mnist": {"tiny": 0.7}}),
        ),
        ratio=25,
        hints=("Average.", "Compare.", "Take the nearest."),
        uses=("train", "predict"),
        server=Doubler,
        measures=measures,
        apart=("train", "predict"),
    ),
)
