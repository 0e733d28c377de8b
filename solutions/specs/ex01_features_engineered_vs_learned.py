"""Cases of exercise 1. Numbers of bins are such that no gradient of whole numbers lies on the border of two bins."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.spec import T64L, Case, Equivalent, Exercise, Misconception, Part


def descriptor_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, X, **options):
        return Case(text, {"X": X, **options})

    def pixels(n, h=14, w=14, high=256):
        return rng.integers(0, high, (n, h, w)).astype(np.uint8)

    ramp = np.broadcast_to(np.arange(9.0), (1, 9, 9)).copy()
    yield case("brighter to the right, one cell in the middle", ramp, cell=9)
    yield case("brighter to the right, nine cells", ramp, cell=3)
    yield case("brighter downwards", ramp.swapaxes(1, 2).copy(), cell=3)
    yield case("brighter to the lower right", ramp + ramp.swapaxes(1, 2), cell=9)
    yield case("brighter to the upper right", ramp - ramp.swapaxes(1, 2), cell=9)
    yield case("brighter to the left", -ramp, cell=9)
    yield case("brighter to the left, signed", -ramp, cell=9, signed=True)
    yield case("brighter upwards, signed", -ramp.swapaxes(1, 2), cell=9, signed=True)
    yield case("one bright pixel", np.pad(np.ones((1, 1, 1)), ((0, 0), (2, 4), (3, 3))), cell=7)
    yield case("a faint edge and a strong one", np.where(np.arange(14) < 4, 0.1, 1.0) * np.eye(14)[None] + 0.5, cell=7)
    images = rng.normal(size=(6, 14, 14))
    yield case("six images of 14 x 14", images)
    yield case("six images, signed", images, signed=True)
    yield case("six images, 4 bins", images, bins=4)
    yield case("six images, 12 bins", images, bins=12)
    yield case("six images, 24 bins, signed", images, bins=24, signed=True)
    yield case("wider than high", rng.normal(size=(3, 8, 20)), cell=4)
    yield case("higher than wide", rng.normal(size=(3, 20, 8)), cell=4)
    yield case("rows and columns left over", rng.normal(size=(4, 17, 12)), cell=5)
    yield case("cells of one pixel", rng.normal(size=(2, 4, 5)), cell=1)
    border = np.tan(np.pi / 16 + np.array([-1e-9, 1e-9]))  # between bins 0 and 1
    yield case("close to the border of two bins", ramp + border[:, None, None] * ramp.swapaxes(1, 2), cell=9)
    yield case("cells of two pixels", rng.normal(size=(2, 9, 8)), cell=2, signed=True, bins=16)
    yield case("half as bright", images * 0.5)
    yield case("a constant added", images + 100.0)
    yield case("images of different contrast", images * 10.0 ** np.arange(-3, 3)[:, np.newaxis, np.newaxis])
    yield case("an even image among others", np.concatenate([images[:1], np.full((1, 14, 14), 3.0)]))
    yield case("almost no contrast", images * 1e-8)
    yield case("one image", images[:1])
    yield case("no images", images[:0])
    yield case("uint8, bright to dark", np.array([[[255, 200, 100, 0]] * 4], np.uint8), cell=4)
    yield case("uint8 noise", pixels(5))
    yield case("uint8 noise, signed", pixels(5), signed=True)
    yield case("uint8, few grey levels", pixels(5, high=4), bins=16)
    yield case("uint8 with 255 and 0", pixels(3, high=2) * np.uint8(255))
    spot = np.pad(np.ones((1, 1, 1), np.uint8), ((0, 0), (6, 7), (6, 7)))
    yield case("uint8, one pixel of 1 on black", spot)
    yield case("float32 is computed in float64", images.astype(np.float32))
    yield case("float16 is computed in float64", images.astype(np.float16))
    yield case("Fortran order", np.asfortranarray(images))
    yield case("reversed rows, every second image", images[::2, ::-1])
    yield case("read-only, all the same", np.broadcast_to(images[:1], images.shape))
    yield case("six images once more", images)


def fit_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, F, y, num_classes=3, l2=1.0):
        return Case(f"fit: {text}", {"F": F, "y": np.asarray(y), "num_classes": num_classes, "l2": l2})

    yield case("two points on a line, l2 0", np.array([[-1.0], [1.0]]), [0, 1], 2, 0.0)
    yield case("three points, l2 1", np.array([[-1.0], [0.0], [1.0]]), [0, 0, 1], 2)
    F, y = rng.normal(size=(40, 5)), rng.integers(0, 3, 40)
    yield case("forty samples, l2 0", F, y, l2=0.0)
    yield case("forty samples, l2 0.1", F, y, l2=0.1)
    yield case("forty samples, l2 100", F, y, l2=100.0)
    yield case("features far from 0", F + 10.0, y, l2=3.0)
    yield case("classes of unequal size", F, np.where(np.arange(40) < 34, 0, y), l2=20.0)
    yield case("a class that doesn't occur", F, y, 5)
    yield case("a single class", F, np.zeros(40, int), 1)
    yield case("more features than samples", rng.normal(size=(4, 9)), [0, 1, 2, 0], l2=0.5)
    yield case("as many features as samples", rng.normal(size=(6, 6)), [0, 1, 2, 0, 1, 2], l2=0.5)
    yield case("as many features as classes", rng.normal(size=(8, 3)), rng.integers(0, 3, 8), l2=0.5)
    yield case("one sample", F[:1], [2], l2=0.5)
    yield case("one feature", F[:, :1], y)
    yield case("a feature that never changes", np.column_stack([F, np.full(40, 2.0)]), y)
    yield case("features of different size", F * [1.0, 10.0, 0.1, 5.0, 1.0], y)
    yield case("integer features", rng.integers(-5, 6, (20, 3)), rng.integers(0, 3, 20))
    yield case("uint8 features", rng.integers(0, 256, (20, 3)).astype(np.uint8), rng.integers(0, 3, 20))
    yield case("float32 features are computed in float64", F.astype(np.float32), y)
    yield case("small features, l2 0", F * 1e-3, y, l2=0.0)
    yield case("uint8 labels", F, y.astype(np.uint8))
    yield case("Fortran order and reversed", np.asfortranarray(F)[::-1], y[::-1])
    yield case("read-only, all samples the same", np.broadcast_to(F[:1], F.shape), y)
    yield case("forty samples once more", F, y, l2=0.1)


def predict_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, F, W, b):
        return Case(f"predict: {text}", {"F": F, "W": W, "b": np.array(b, float)})

    yield case("the scores are the features", np.array([[1.0, 3.0, 2.0], [5.0, 0.0, 1.0]]), np.eye(3), [0.0] * 3)
    F, W = rng.normal(size=(12, 4)), rng.normal(size=(4, 5))
    yield case("twelve samples, five classes", F, W, rng.normal(size=5))
    yield case("as many samples as classes", F[:5], W, rng.normal(size=5))
    yield case("the intercept decides", F * 1e-3, W, [0.0, 0.0, 3.0, 0.0, 0.0])
    yield case("equal scores", np.array([[1.0], [-1.0]]), np.array([[1.0, 2.0, 2.0, 0.0, 0.0]]), [0.0] * 5)
    yield case("all scores equal", F, np.zeros((4, 5)), [1.0] * 5)
    yield case("negative scores only", F * 1e-3, W, [-5.0, -2.0, -4.0, -3.0, -6.0])
    yield case("one class", F, W[:, :1], [0.0])
    yield case("one sample", F[:1], W, [0.0] * 5)
    yield case("no samples", F[:0], W, [0.0] * 5)
    yield case("integer features", rng.integers(-9, 9, (7, 4)), W, rng.normal(size=5))
    yield case("scores of 1000", F[:, :1] ** 2 + 1, np.array([[1000.0, 1002.0, -1000.0]]), [0.0] * 3)
    close = np.array([[2.0**24, 2.0**24], [0.0, 1.0]], np.float32)
    yield case("float32 is computed in float64", np.ones((1, 2), np.float32), close, [0.0] * 2)
    yield case("almost equal scores", np.ones((1, 1)), np.array([[1.0, 1 + 2.0**-40, 0.0]]), [0.0] * 3)
    yield case("uint8 features are taken as they are", np.full((1, 1), 200, np.uint8), np.eye(1, 2), [0.0, 3.0])
    yield case("reversed samples, Fortran order", F[::-1], np.asfortranarray(W), rng.normal(size=5))


def start(rng: np.random.Generator, d: int, h: int, k: int, scale: float = 1.0) -> dict[str, Any]:
    return {
        "W1": scale * rng.normal(0, d**-0.5, (d, h)),
        "b1": rng.normal(0, 0.1, h),
        "W2": scale * rng.normal(0, h**-0.5, (h, k)),
        "b2": rng.normal(0, 0.1, k),
    }


def learning_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, X, y, params, lr=0.5, steps=1):
        return Case(f"learn: {text}", {"X": X, "y": np.asarray(y), **params, "lr": lr, "steps": steps})

    one = {
        "W1": np.array([[1.0, -1.0]]),
        "b1": np.zeros(2),
        "W2": np.array([[1.0, 0.0], [0.0, 1.0]]),
        "b2": np.zeros(2),
    }
    yield case("0 steps", np.array([[1.0]]), [0], one, steps=0)
    yield case("one sample, one step", np.array([[1.0]]), [0], one)
    X, y, params = rng.normal(size=(20, 4)), rng.integers(0, 3, 20), start(rng, 4, 6, 3)
    yield case("twenty samples, one step", X, y, params)
    yield case("twenty samples, two steps", X, y, params, steps=2)
    yield case("twenty samples, fifty steps", X, y, params, steps=50)
    yield case("a smaller learning rate", X, y, params, lr=0.01, steps=10)
    yield case("learning rate 0", X, y, params, lr=0.0, steps=3)
    yield case("every sample twice", np.concatenate([X, X]), np.concatenate([y, y]), params, steps=2)
    yield case("one hidden unit", X, y, start(rng, 4, 1, 3), steps=5)
    yield case("one input", X[:, :1], y, start(rng, 1, 6, 3), steps=5)
    yield case("one class", X, np.zeros(20, int), start(rng, 4, 6, 1), steps=2)
    yield case("a class that doesn't occur", X, y, start(rng, 4, 6, 5), steps=5)
    yield case("as many inputs, units, classes and samples", rng.normal(size=(3, 3)), [2, 0, 1], start(rng, 3, 3, 3))
    off = {**params, "b1": np.array([-50.0, 0.1, -50.0, 0.2, 0.0, 50.0])}
    yield case("two units that are always off", X, y, off, steps=5)
    dark = np.where(np.arange(20)[:, np.newaxis] % 2, X, 0.0)
    yield case("units at exactly 0", dark, y, {**params, "b1": np.zeros(6)}, steps=2)
    still = {**params, "W2": np.zeros((6, 3)), "b2": np.zeros(3)}
    yield case("output weights of 0, one step", X, y, still)
    yield case("output weights of 0, two steps", X, y, still, steps=2)
    yield case("scores of 1000", X, y, {**params, "W2": 1000 * params["W2"]}, lr=1e-4)
    yield case("a large intercept in the output", X, y, {**params, "b2": np.array([1000.0, 0.0, -1000.0])}, lr=0.1)
    yield case("integer inputs", rng.integers(-2, 3, (9, 4)), rng.integers(0, 3, 9), params, lr=0.1, steps=3)
    whole = {
        "W1": np.array([[1, -1], [2, 1]]),
        "b1": np.zeros(2, int),
        "W2": np.eye(2, dtype=int),
        "b2": np.zeros(2, int),
    }
    yield case("a start of integers", rng.normal(size=(5, 2)), [0, 1, 1, 0, 1], whole, steps=2)
    single = {name: value.astype(np.float32) for name, value in params.items()}
    yield case("float32 is computed in float64", X.astype(np.float32), y, single, steps=3)
    yield case("float16 is computed in float64", X.astype(np.float16), y, params, lr=0.3, steps=3)
    pixels = rng.integers(0, 256, (9, 4)).astype(np.uint8)
    yield case("uint8 inputs are taken as they are", pixels, rng.integers(0, 3, 9), params, lr=1e-3, steps=2)
    odd = {name: np.asfortranarray(value) for name, value in params.items()}
    yield case("Fortran order and reversed", X[::-1], y[::-1], odd, steps=2)
    many, labels = rng.random((60, 12)), rng.integers(0, 4, 60)
    yield case("sixty samples, two hundred steps", many, labels, start(rng, 12, 8, 4), steps=200)
    yield case("twenty samples, two steps, once more", X, y, params, steps=2)


def apply_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, X, params):
        return Case(f"apply: {text}", {"params": params, "X": X})

    plain = {"W1": np.eye(2), "b1": np.zeros(2), "W2": np.eye(2), "b2": np.zeros(2)}
    yield case("positive inputs, identity", np.array([[1.0, 2.0]]), plain)
    yield case("inputs of both signs, identity", np.array([[1.0, -2.0], [-1.0, 0.0]]), plain)
    X, params = rng.normal(size=(7, 4)), start(rng, 4, 6, 3)
    yield case("seven samples", X, params)
    yield case("the intercepts matter", X, {**params, "b1": np.arange(-3.0, 3.0)})
    yield case("as many samples as units", rng.normal(size=(6, 4)), params)
    yield case("no samples", X[:0], params)
    yield case("integers", rng.integers(-3, 4, (5, 4)), params)
    single = {name: value.astype(np.float32) for name, value in params.items()}
    yield case("float32 inputs are computed in float64", X.astype(np.float32), params)
    yield case("float32, both", X.astype(np.float32), single)
    yield case("uint8 is taken as it is", rng.integers(0, 256, (5, 4)).astype(np.uint8), params)
    yield case("the arrays in another order", X, dict(sorted(params.items(), reverse=True)))
    yield case("reversed samples", X[::-1], params)


TURN = "np.floor(np.arctan2(gy, gx) % period / period * bins + 0.5) % bins"
NORM = "return features / (np.linalg.norm(features, axis=1, keepdims=True) + 1e-8)"
SOLVE = "W = np.linalg.solve(centred.T @ centred + l2 * np.eye(F.shape[1]), centred.T @ targets)"
LEARN = "learn_features"

exercise = Exercise(
    parts=(
        Part(
            "handcrafted_features",
            descriptor_cases,
            hints=(
                "Five steps, each on the whole array (n, H, W). The picture of the gradient is as large as the image.",
                "Divide by 255 first; slice for the differences ([..., 2:] - [..., :-2]) and leave the border at 0. "
                "Cells become two extra axes by reshape: (n, rows, cell, columns, cell).",
                "bin = floor(angle % period / period * bins + 0.5) % bins. For each bin, sum the magnitudes where the "
                "bin is that one over the two axes inside of the cells; stack the bins as the last axis.",
            ),
        ),
        Part(
            "fit_linear",
            fit_cases,
            returns=("W", "b"),
            tolerance=T64L,
            hints=(
                "Set the derivative to 0: a system of linear equations for W, with one right-hand side for each class.",
                "The best b makes the mean prediction equal to the mean target. Put that in, and features and targets "
                "appear centred.",
                "Solve (G.T @ G + l2 * I) W = G.T @ targets, G being F minus its mean; then "
                "b = mean target - mean feature @ W.",
            ),
        ),
        Part(
            "predict_linear",
            predict_cases,
            hints=(
                "One score for each sample and class.",
                "np.argmax along the classes; of equal values it takes the first.",
                "np.argmax(F.astype(np.float64) @ W + b, axis=1)",
            ),
        ),
        Part(
            "learn_features",
            learning_cases,
            tolerance=T64L,
            hints=(
                "Forward pass, then the gradient with respect to the scores, then back through W2 and relu.",
                "The gradient with respect to the scores is probabilities minus one-hot, divided by n. Through W2 it "
                "goes with the transposed matrix, through relu only where the input was positive.",
                "Compute all four gradients first and subtract lr times each afterwards: d_hidden needs the old W2. "
                "Copy the start into float64, so that the caller's arrays stay as they are.",
            ),
        ),
        Part(
            "apply_features",
            apply_cases,
            hints=(
                "It is the hidden layer, without what follows.",
                "Convert X to float64 first.",
                "np.maximum(X @ W1 + b1, 0)",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "frozen_hidden",
            LEARN,
            "Your training moves the output layer only; the features stay random.",
            "Which weights have moved between the first step and the last?",
            edits=(
                ("        W1 -= lr * X.T @ d_before\n", ""),
                ("        b1 -= lr * d_before.sum(axis=0)\n", ""),
            ),
        ),
        Misconception(
            "fresh_w2",
            LEARN,
            "Your gradient of the hidden layer uses output weights that have already been updated.",
            "In which order are gradients taken and weights moved?",
            edits=(
                ("        d_before = d_scores @ W2.T * (before > 0)\n", ""),
                ("        W1 -= lr", "        d_before = d_scores @ W2.T * (before > 0)\n        W1 -= lr"),
            ),
        ),
        Misconception(
            "no_relu_mask",
            LEARN,
            "Your error flows back through units that were off.",
            "What is the slope of a unit whose output was 0?",
            edits=((" * (before > 0)", ""),),
        ),
        Misconception(
            "relu_slope_1_at_0",
            LEARN,
            "Your relu has slope 1 at exactly 0.",
            "An input is all zeros and so is the intercept. Does such a unit let the error through?",
            edits=(("(before > 0)", "(before >= 0)"),),
        ),
        Misconception(
            "sum_loss",
            LEARN,
            "Your gradient belongs to the sum of the losses, not to their mean.",
            "Take every sample twice: should the step double?",
            edits=(("(p - onehot) / len(X)", "p - onehot"),),
        ),
        Misconception(
            "naive_softmax",
            LEARN,
            "Your softmax overflows for large scores.",
            "What is np.exp(1000), and what is left of a fraction with it above and below?",
            edits=(("np.exp(scores - scores.max(axis=1, keepdims=True))", "np.exp(scores)"),),
        ),
        Misconception(
            "biases_stay",
            LEARN,
            "Your training leaves the intercepts b1 and b2 where they were.",
            "How many arrays are parameters of this network?",
            edits=(
                ("        b1 -= lr * d_before.sum(axis=0)\n", ""),
                ("        b2 -= lr * d_scores.sum(axis=0)\n", ""),
            ),
        ),
        Misconception(
            "unweighted_votes",
            "handcrafted_features",
            "Your pixels all vote with the same weight.",
            "Should a faint edge count as much as a strong one?",
            edits=(("np.where(nearest == k, magnitude, 0)", "np.where(nearest == k, 1.0, 0)"),),
        ),
        Misconception(
            "direction_not_orientation",
            "handcrafted_features",
            "Your descriptor tells opposite gradients apart although signed is False.",
            "Is an edge from dark to light another one than that from light to dark here?",
            edits=(("period = 2 * np.pi if signed else np.pi", "period = 2 * np.pi"),),
        ),
        Misconception(
            "unnormalised",
            "handcrafted_features",
            "Your descriptor isn't normalised for each image.",
            "Multiply an image by 0.5: what should change?",
            edits=((NORM, "return features"),),
        ),
        Misconception(
            "normalised_together",
            "handcrafted_features",
            "Your descriptor is divided by the norm of the whole batch.",
            "Should the description of one image depend on which others are in the batch?",
            edits=((NORM, "return features / (np.linalg.norm(features) + 1e-8)"),),
        ),
        Misconception(
            "bins_begin_at_zero",
            "handcrafted_features",
            "Your bins begin at their angle instead of being centred on it.",
            "Which angles are nearest to the centre of bin 0, on both sides of it?",
            edits=((TURN, "np.floor(np.arctan2(gy, gx) % period / period * bins) % bins"),),
        ),
        Misconception(
            "one_sided_borders",
            "handcrafted_features",
            "Your border pixels have one-sided differences, as np.gradient gives them.",
            "What does step 1 say about the first and the last column?",
            edits=(
                ("gx[:, :, 1:-1] = (X[:, :, 2:] - X[:, :, :-2]) / 2", "gx = np.gradient(X, axis=2)"),
                ("gy[:, 1:-1, :] = (X[:, 2:, :] - X[:, :-2, :]) / 2", "gy = np.gradient(X, axis=1)"),
            ),
        ),
        Misconception(
            "inner_pixels_only",
            "handcrafted_features",
            "Your border pixels have no gradient at all, not even along the border.",
            "Is gy 0 in the first column, or gx?",
            edits=(
                (
                    "    magnitude = np.hypot(gx, gy)\n",
                    "    magnitude = np.hypot(gx, gy)\n"
                    "    magnitude[:, :, [0, -1]] = 0\n"
                    "    magnitude[:, [0, -1], :] = 0\n",
                ),
            ),
        ),
        Misconception(
            "axes_swapped",
            "handcrafted_features",
            "Your angle is measured from the wrong axis: gx and gy change places.",
            "An image gets brighter to the right. Which bin should all of its votes be in?",
            edits=((TURN, "np.floor(np.arctan2(gx, gy) % period / period * bins + 0.5) % bins"),),
        ),
        Misconception(
            "uint8_wraps",
            "handcrafted_features",
            "Your differences of uint8 pixels wrap around.",
            "What is np.uint8(3) - np.uint8(5)?",
            edits=(
                ("X = X / 255 if X.dtype == np.uint8 else X.astype(np.float64)", "X, whole = X.astype(np.float64), X"),
                (
                    "    magnitude = np.hypot(gx, gy)\n",
                    "    if whole.dtype == np.uint8:\n"
                    "        gx[:, :, 1:-1] = (whole[:, :, 2:] - whole[:, :, :-2]) / 2 / 255\n"
                    "        gy[:, 1:-1, :] = (whole[:, 2:, :] - whole[:, :-2, :]) / 2 / 255\n"
                    "    magnitude = np.hypot(gx, gy)\n",
                ),
            ),
        ),
        Misconception(
            "shrunk_intercept",
            "fit_linear",
            "Your intercept is penalised like the weights.",
            "Make l2 very large. Which prediction should remain?",
            edits=(
                (
                    SOLVE + "\n    return W, frequency - mean @ W",
                    "A = np.column_stack([F, np.ones(len(F))])\n"
                    "    Wb = np.linalg.solve(A.T @ A + l2 * np.eye(A.shape[1]), A.T @ targets)\n"
                    "    return Wb[:-1], Wb[-1]",
                ),
            ),
        ),
        Misconception(
            "no_intercept",
            "fit_linear",
            "Your classifier is fitted without an intercept; b is 0.",
            "Which scores does a sample with all features 0 get?",
            edits=(
                (
                    SOLVE + "\n    return W, frequency - mean @ W",
                    "W = np.linalg.solve(F.T @ F + (l2 + 1e-12) * np.eye(F.shape[1]), F.T @ targets)\n"
                    "    return W, 0 * frequency",
                ),
            ),
        ),
        Misconception(
            "l2_times_n",
            "fit_linear",
            "Your penalty is weighed against the mean of the squares, not against their sum.",
            "Take every sample twice: should the penalty weigh as much as before, relative to the rest?",
            edits=(("l2 * np.eye(F.shape[1])", "l2 * len(F) * np.eye(F.shape[1])"),),
        ),
        Misconception(
            "intercept_forgotten",
            "predict_linear",
            "Your scores leave out the intercept.",
            "What does b do to a class that is more frequent than the others?",
            edits=((" @ W + b, axis=1)", " @ W, axis=1)"),),
        ),
        Misconception(
            "last_max_wins",
            "predict_linear",
            "Your prediction takes the last one of equal scores.",
            "Two classes have exactly the same score. Which one is asked for?",
            edits=(
                (
                    "return np.argmax(F.astype(np.float64) @ W + b,",
                    "return len(b) - 1 - np.argmax((F @ W + b)[:, ::-1],",
                ),
            ),
        ),
        Misconception(
            "without_relu",
            "apply_features",
            "Your features are the inputs of relu, not its outputs.",
            "Can a feature be negative?",
            edits=(
                (
                    'return np.maximum(X.astype(np.float64) @ params["W1"] + params["b1"], 0)',
                    'return X.astype(np.float64) @ params["W1"] + params["b1"]',
                ),
            ),
        ),
    ),
    equivalents=(
        Equivalent(
            "X = X / 255 if X.dtype == np.uint8 else X.astype(np.float64)",
            "X = X / 255 if X.dtype <= np.uint8 else X.astype(np.float64)",
            "images are uint8 or float",
        ),
    ),
)
