"""Cases of exercise 6. Training is played by a driver that changes the live weights in place between the epochs."""

from collections.abc import Iterator

import numpy as np

from grader.spec import Case, Equivalent, Exercise, Misconception, Part, Speed, Tolerance

NAN, INF = float("nan"), float("inf")
F32 = Tolerance(1e-4, 1e-5)


def train(student, metrics, settings, weight=None):
    """The attributes after every epoch. The weights are the number of the epoch, so that one sees whose they are."""
    stopping = student.EarlyStopping(**settings)
    live = {"weight": np.zeros((2, 2)) if weight is None else weight + 0, "bias": np.zeros(3)}
    seen = []
    for epoch, metric in enumerate(metrics):
        for value in live.values():
            value[...] = epoch
        stop = stopping.step(metric, live)
        seen.append({"stop": stop, **attributes(stopping)})
    for value in live.values():
        value[...] = -1
    return {"epochs": seen, "best_state at the end": attributes(stopping)["best_state"]}


def attributes(stopping):
    names = ("best_metric", "best_epoch", "num_bad_epochs", "stopped_epoch", "best_state")
    found = {name: getattr(stopping, name, "there is no such attribute") for name in names}
    if isinstance(found["best_state"], dict):
        state = found["best_state"].items()
        found["best_state"] = {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in state}
    return found


def decisions(student, metrics, settings):
    """What step returns, no more."""
    stopping = student.EarlyStopping(**settings)
    return [stopping.step(metric, {"weight": np.ones(1)}) for metric in metrics]


def before_training(student, settings):
    return attributes(student.EarlyStopping(**settings))


def train_two(student, metrics, others, settings):
    """Two models in turns, each with a watcher of its own."""
    one, two = student.EarlyStopping(**settings), student.EarlyStopping(**settings)
    seen = []
    for first, second in zip(metrics, others, strict=True):
        one.step(first, {"weight": np.full(2, first)})
        two.step(second, {"weight": np.full(2, second)})
        seen.append({"first": attributes(one), "second": attributes(two)})
    return seen


def every_97th_image(student, x, offsets, flip, padding):
    images = student.pad_crop_flip(x, offsets, flip, padding)
    return (images.shape, images[::97].copy()) if isinstance(images, np.ndarray) else images


def stopping_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, metrics, driver=None, **settings):
        return Case(text, {"metrics": metrics, "settings": settings}, driver=driver)

    yield case("losses that only fall", [3.0, 2.0, 1.0], decisions, patience=2)
    yield case("losses 5, 4, 3, 3.2, 3.1, 3.3, patience 3", [5.0, 4.0, 3.0, 3.2, 3.1, 3.3], decisions, patience=3)
    yield case("the attributes while losses fall", [3.0, 2.0, 1.0], patience=2)
    yield case("the attributes: 5, 4, 3, 3.2, 3.1, 3.3", [5.0, 4.0, 3.0, 3.2, 3.1, 3.3], patience=3)
    yield case("patience 1, the second loss is larger", [1.0, 2.0], patience=1)
    yield case("patience 2, one bad epoch, then a better one", [3.0, 4.0, 2.0, 5.0, 1.0, 6.0, 7.0], patience=2)
    yield case("bad epochs that don't come in a row", [9.0, 10.0, 8.0, 10.0, 7.0, 10.0, 6.0], patience=2)
    yield case("an equal loss is no improvement", [2.0, 2.0, 2.0], patience=2)
    yield case("better than the last, but not than the best", [1.0, 4.0, 3.0, 2.0, 1.5], patience=4)
    yield case("step after the end: better losses come too late", [1.0, 2.0, 3.0, 0.5, 0.1], patience=2)
    yield case("step after the end: more bad losses", [1.0, 2.0, 3.0, 4.0, 5.0], patience=2)
    yield case("mode max, accuracies", [0.5, 0.75, 0.625, 0.75, 0.875, 0.5, 0.5], mode="max", patience=2)
    yield case("mode max, negative scores", [-8.0, -4.0, -6.0, -2.0, -3.0], mode="max", patience=2)
    yield case("negative losses", [-1.0, -2.0, -1.5, -3.0, -2.0, -2.5], patience=2)
    yield case("min_delta: small gains don't count", [1.0, 0.875, 0.8125, 0.75, 0.6875], min_delta=0.25, patience=3)
    yield case("min_delta: a gain of exactly min_delta", [1.0, 0.75, 0.5, 0.25], min_delta=0.25, patience=2)
    yield case("min_delta: a slow, steady fall", [1.0, 0.9375, 0.875, 0.8125, 0.6875], min_delta=0.25, patience=9)
    yield case("min_delta: losses around 64", [64.0, 63.5, 63.375, 63.125, 63.0], min_delta=0.25, patience=2)
    yield case("min_delta: a gain of twice that", [1.0, 0.5, 0.25, 0.0], min_delta=0.25, patience=2)
    yield case("min_delta, mode max", [0.0, 0.125, 0.25, 0.5, 0.625], min_delta=0.25, mode="max", patience=3)
    yield case("nan at the end", [1.0, NAN, NAN], patience=2)
    yield case("nan in between", [2.0, NAN, 1.0, NAN, NAN, NAN], patience=3)
    yield case("nan first", [NAN, NAN, 1.0, 2.0], patience=3)
    yield case("nothing but nan", [NAN, NAN, NAN, NAN], patience=3)
    yield case("nan, mode max", [NAN, 0.5, NAN, 0.75], mode="max", patience=3)
    yield case("infinite losses first", [INF, INF, 7.0, INF], patience=3)
    yield case("nothing but infinite losses", [INF, INF, INF], patience=2)
    yield case("mode max, minus infinity first", [-INF, 3.0, -INF], mode="max", patience=3)
    yield case("the defaults: patience 5", [1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0])
    yield case("the defaults: the smallest gain counts", [1.0, 1.0 - 2.0**-40, 2.0])
    yield case("patience 300", [1.0] + [2.0] * 301, decisions, patience=300)
    yield case("a loss of 0", [1.0, 0.0, 0.0, 0.0], patience=2)
    for number, mode in enumerate(("min", "max", "min", "max"), 1):
        metrics = (rng.integers(0, 9, 14) / 8).tolist()
        yield case(f"random metrics {number}, mode {mode}", metrics, mode=mode, patience=3, min_delta=0.125)
    walk = np.cumsum(rng.normal(-0.2, 1, 25)).tolist()
    yield case("a noisy descent", walk, patience=4)
    weight = np.zeros((2, 3), np.float32)
    inputs = {"metrics": [2.0, 1.0, 3.0], "settings": {}, "weight": weight}
    yield Case("float32 weights stay float32", inputs)
    inputs = {"metrics": [3.0, 2.0, 4.0, 1.0], "others": [1.0, 2.0, 3.0, 4.0], "settings": {"patience": 2}}
    yield Case("two models side by side", inputs, driver=train_two)
    for mode in ("min", "max"):
        yield Case(f"before the first epoch, mode {mode}", {"settings": {"mode": mode}}, driver=before_training)
    yield Case("an unknown mode", {"settings": {"mode": "lowest"}}, driver=before_training)
    yield case("losses 5, 4, 3, 3.2, 3.1, 3.3 once more", [5.0, 4.0, 3.0, 3.2, 3.1, 3.3], patience=3)


def smoothing_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, y, num_classes, eps):
        return Case(text, {"y": np.array(y), "num_classes": num_classes, "eps": eps})

    yield case("eps 0 is one-hot", [1, 0], 2, 0.0)
    yield case("two classes, eps 0.2", [0, 1], 2, 0.2)
    yield case("ten classes, eps 0.1", [3], 10, 0.1)
    y = rng.integers(0, 5, 12)
    yield case("twelve labels, five classes", y, 5, 0.3)
    yield case("eps 1 is uniform", y, 5, 1.0)
    yield case("a single class", [0, 0], 1, 0.4)
    yield case("classes that don't occur", [1, 1, 1], 6, 0.25)
    yield case("the last class", [4, 4], 5, 0.1)
    yield case("no labels", np.zeros(0, int), 3, 0.1)
    yield case("uint8 labels", y.astype(np.uint8), 5, 0.1)
    yield case("int32 labels, reversed", y.astype(np.int32)[::-1], 5, 0.1)
    yield case("a label K", [0, 3], 3, 0.1)
    yield case("a label -1", [0, -1], 3, 0.1)
    yield case("twelve labels once more", y, 5, 0.3)


def mixup_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, x, y, lam, perm, tolerance=None):
        return Case(text, {"x": x, "y_onehot": y, "lam": lam, "perm": np.array(perm, int)}, tolerance=tolerance)

    def targets(n, k=4):
        return np.eye(k)[rng.integers(0, k, n)]

    pair = np.array([[2.0], [10.0]])
    yield case("two samples, lam 1: nothing is mixed", pair, np.eye(2), 1.0, [1, 0])
    yield case("two samples, lam 0.75", pair, np.eye(2), 0.75, [1, 0])
    yield case("two samples, lam 0: they change places", pair, np.eye(2), 0.0, [1, 0])
    x, y, perm = rng.normal(size=(6, 3)), targets(6), [3, 0, 1, 2, 5, 4]
    yield case("six samples, lam 0.3", x, y, 0.3, perm)
    yield case("six samples, everyone with lam of their own", x, y, rng.random(6), perm)
    yield case("soft targets", x, rng.dirichlet(np.ones(4), 6), 0.6, perm)
    yield case("samples that share a partner", x, y, 0.3, [3, 3, 1, 1, 1, 4])
    yield case("lam is the integer 0", x, y, 0, perm)
    yield case("a sample that is its own partner", x, y, 0.3, [0, 2, 1, 3, 4, 5])
    images = rng.normal(size=(5, 3, 4, 2))
    yield case("images, one lam", images, targets(5), 0.2, [4, 3, 2, 1, 0])
    yield case("images, everyone with lam of their own", images, targets(5), rng.random(5), [1, 2, 3, 4, 0])
    square = rng.normal(size=(3, 3, 3, 3))
    yield case("as many images as rows and columns", square, targets(3, 3), rng.random(3), [2, 0, 1])
    yield case("samples without further axes", rng.normal(size=4), targets(4), rng.random(4), [1, 0, 3, 2])
    yield case("one sample, its own partner", x[:1], y[:1], np.array([0.4]), [0])
    yield case("no samples", x[:0], y[:0], 0.4, [])
    yield case("no samples, lam is an array", x[:0], y[:0], np.zeros(0), [])
    pixels = rng.integers(0, 256, (4, 1, 2, 2)).astype(np.uint8)
    yield case("uint8 images become float64", pixels, targets(4), 0.5, [1, 2, 3, 0])
    yield case("integer targets", x[:4], np.eye(4, dtype=np.int64), 0.3, [1, 2, 3, 0])
    yield case("mixup of float16 becomes float64", x.astype(np.float16), y, 0.3, perm)
    x32, y32 = x.astype(np.float32), y.astype(np.float32)
    yield case("mixup of float32 stays float32", x32, y32, 0.3, perm, F32)
    yield case("float32, float64 lam of their own", x32, y32, rng.random(6), perm, F32)
    yield case("float32 inputs, float64 targets", x32, y, rng.random(6), perm, F32)
    yield case("float32 lam", x, y, rng.random(6).astype(np.float32), perm)
    yield case("Fortran order and reversed", np.asfortranarray(x), y[::-1], 0.3, perm)
    yield case("read-only samples, all the same", np.broadcast_to(x[:1], (6, 3)), y, 0.3, perm)
    yield case("six samples once more", x, y, 0.3, perm)


def crop_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, x, offsets, flip, padding, **more):
        inputs = {"x": x, "offsets": np.array(offsets, int).reshape(-1, 2), "flip": np.array(flip, bool)}
        return Case(text, {**inputs, "padding": padding}, **more)

    def images(n, c=3, h=5, w=4):
        return rng.normal(size=(n, c, h, w))

    small = np.arange(1.0, 5.0).reshape(1, 1, 2, 2)
    yield case("one image, the window in the middle", small, [[1, 1]], [False], 1)
    yield case("one image, the window at the top", small, [[0, 1]], [False], 1)
    yield case("one image, the window on the left", small, [[1, 0]], [False], 1)
    yield case("one image, mirrored", small, [[1, 1]], [True], 1)
    yield case("one image, window on the left, mirrored", small, [[1, 0]], [True], 1)
    yield case("one image, the last corner", small, [[2, 2]], [False], 1)
    x = images(4)
    yield case("four images, four windows", x, [[0, 2], [2, 0], [1, 1], [2, 1]], [False] * 4, 1)
    yield case("four images, two mirrored", x, [[1, 1]] * 4, [True, False, False, True], 1)
    yield case("four images, windows and mirrors", x, [[0, 2], [2, 0], [1, 1], [2, 1]], [True, True, False, False], 1)
    yield case("all mirrored", x, [[0, 0], [0, 2], [2, 2], [1, 0]], [True] * 4, 1)
    many, offsets = images(9, 2, 6, 7), rng.integers(0, 9, (9, 2))
    yield case("nine images, padding 4", many, offsets, rng.random(9) < 0.5, 4)
    square = images(3, 3, 3, 3)
    yield case("as many images as channels, rows and columns", square, [[0, 3], [4, 1], [2, 0]], [True, False, True], 2)
    yield case("padding 0", x, [[0, 0]] * 4, [False, True, True, False], 0)
    yield case("padding 0, nothing is mirrored", x, [[0, 0]] * 4, [False] * 4, 0)
    yield case("more padding than image", images(2, 1, 2, 2), [[0, 0], [5, 6]], [False, True], 3)
    yield case("a single pixel", images(3, 2, 1, 1), [[1, 1], [0, 1], [1, 1]], [True, True, False], 1)
    yield case("one image with three channels", x[:1], [[2, 1]], [True], 1)
    yield case("no images", x[:0], [], [], 2)
    pixels = rng.integers(1, 256, (3, 1, 4, 4)).astype(np.uint8)
    yield case("uint8 stays uint8", pixels, [[0, 1], [4, 3], [2, 2]], [False, True, True], 2)
    yield case("float32 images stay float32", x.astype(np.float32), [[0, 2]] * 4, [True] * 4, 1, tolerance=F32)
    yield case("bool masks", images(2) > 0, [[0, 1], [2, 2]], [True, False], 1)
    yield case("Fortran order", np.asfortranarray(x), [[0, 2], [2, 0], [1, 1], [2, 1]], [False, True, False, True], 1)
    yield case("reversed images", x[::-1, :, ::-1], [[0, 2], [2, 0], [1, 1], [2, 1]], [False, True, False, True], 1)
    same = np.broadcast_to(x[:1], x.shape)
    yield case("read-only, all the same", same, [[0, 2], [2, 0], [1, 1], [2, 1]], [False, True, False, True], 1)
    yield case("nine images once more", many, offsets, [True, False, True] * 3, 4)
    crowd = np.broadcast_to(rng.integers(0, 256, (3, 32, 32)).astype(np.uint8), (1500, 3, 32, 32))
    inputs = {"x": crowd, "offsets": rng.integers(0, 9, (1500, 2)), "flip": rng.random(1500) < 0.5, "padding": 4}
    yield Case("1500 images of 32 x 32", inputs, driver=every_97th_image, speed=Speed())


def penalty_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, params, l1, l2, tolerance=None):
        return Case(text, {"params": params, "l1": l1, "l2": l2}, tolerance=tolerance)

    weight = np.array([1.0, -2.0])
    yield case("nothing is penalised", {"weight": weight}, 0.0, 0.0)
    yield case("l2 of 1 and -2", {"weight": weight}, 0.0, 1.0)
    yield case("l1 of 1 and -2", {"weight": weight}, 1.0, 0.0)
    layer = {"weight": rng.normal(size=(3, 4)), "bias": rng.normal(size=3)}
    for l1, l2 in ((0.3, 0.0), (0.0, 0.3), (0.2, 0.7)):
        yield case(f"weights and biases, l1 {l1}, l2 {l2}", layer, l1, l2)
    network = {
        "conv.weight": rng.normal(size=(2, 1, 3, 3)),
        "conv.bias": rng.normal(size=2),
        "out.weight": rng.normal(size=(3, 8)),
        "out_bias": rng.normal(size=3),
        "bias.scale": rng.normal(size=4),
    }
    yield case("a network with five parameters", network, 0.1, 0.5)
    yield case("only a bias", {"fc.bias": rng.normal(size=4)}, 0.1, 0.5)
    yield case("no parameters", {}, 0.1, 0.5)
    yield case("weights of exactly 0", {"weight": np.array([0.0, -0.0, 3.0])}, 0.4, 0.1)
    yield case("an empty array", {"scale": np.array([-1.5]), "empty": np.zeros((0, 3))}, 0.4, 0.1)
    yield case("large and tiny weights", {"weight": np.array([1e6, -1e-30, 1e3])}, 0.4, 0.1)
    single = {name: value.astype(np.float32) for name, value in layer.items()}
    yield case("float32 parameters have float32 gradients", single, 0.2, 0.7, F32)
    mixed = {"weight": layer["weight"], "bias": single["bias"], "gain": rng.normal(size=5).astype(np.float32)}
    yield case("float64 weights, float32 gains", mixed, 0.2, 0.7, F32)
    yield case("float16 gains", {"gain": np.array([1.0, -2.0, 0.5], np.float16)}, 0.25, 0.5)
    views = {
        "a": np.asfortranarray(layer["weight"]),
        "b": layer["weight"][::-1, ::2],
        "c": np.broadcast_to(2.0, (2, 3)),
    }
    yield case("Fortran order, reversed, read-only", views, 0.2, 0.7)
    yield case("weights and biases once more", layer, 0.2, 0.7)


BETTER = "if self._sign * (self.best_metric - metric) > self.min_delta:"
COPY = "self.best_state = {name: weights.copy() for name, weights in state.items()}"
CROP = "cropped = windows[np.arange(len(x)), :, offsets[:, 0], offsets[:, 1]]"
FLIP = "cropped[flip] = cropped[flip, ..., ::-1]"

exercise = Exercise(
    parts=(
        Part(
            "EarlyStopping",
            stopping_cases,
            driver=train,
            hints=(
                "Each epoch is either an improvement or a bad one; everything else follows from that.",
                "Start with the worst possible best metric, and write the test so that a comparison with nan comes out "
                "as a bad epoch. An improvement sets the counter back to 0; copy each array of the state.",
                "In mode min: best_metric - metric > min_delta; in mode max the other way round. Count first, then "
                "compare: num_bad_epochs >= patience. If stopped_epoch is set already, return True at once.",
            ),
        ),
        Part(
            "smooth_labels",
            smoothing_cases,
            hints=(
                "Each row is a distribution: it adds up to 1 and is uniform at eps 1.",
                "Fill the table with what every class gets, then give the true class the rest.",
                "np.full((N, K), eps / K), plus 1 - eps at [arange(N), y]; check the labels first, since -1 is a legal "
                "index for numpy.",
            ),
        ),
        Part(
            "mixup",
            mixup_cases,
            returns=("x", "y"),
            hints=(
                "Inputs and targets are mixed in the same way, with the same partner and the same lam.",
                "values[perm] has the partners in place. Convert to float32 or float64 before you multiply.",
                "Reshape lam to (-1, 1, 1, ...) with as many axes as the values have, in their dtype; then "
                "lam * values + (1 - lam) * values[perm].",
            ),
        ),
        Part(
            "pad_crop_flip",
            crop_cases,
            hints=(
                "With the zeros around it, every crop is a plain window; the offsets say where it begins.",
                "A loop over images with two slices is enough. The first offset is for rows, the second for columns.",
                "padded[i, :, top:top + H, left:left + W], then [..., ::-1] if flip[i]; write it into an empty array "
                "with the dtype of x.",
            ),
        ),
        Part(
            "penalty_and_grad",
            penalty_cases,
            returns=("penalty", "gradient"),
            tolerance=Tolerance(1e-9, 1e-12),
            hints=(
                "Two terms for each parameter; the derivative of a sum is the sum of the derivatives.",
                "The derivative of |w| is the sign of w; np.sign(0) is 0. Half a square has a simple derivative.",
                "gradient = l1 * sign(w) + l2 * w, and zeros for names that end in bias.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "patience_off_by_one",
            "EarlyStopping",
            "Your training stops one epoch late.",
            "How many bad epochs in a row does a patience of 1 put up with?",
            edits=(("self.num_bad_epochs >= self.patience", "self.num_bad_epochs > self.patience"),),
        ),
        Misconception(
            "keeps_reference",
            "EarlyStopping",
            "Your best_state still consists of the model's own arrays, which go on changing.",
            "Change the live weights after the best epoch and look at best_state again.",
            edits=((COPY, "self.best_state = dict(state)"),),
        ),
        Misconception(
            "returns_last",
            "EarlyStopping",
            "Your best_state holds the weights of the last epoch, not those of the best.",
            "Which epoch had the best metric, and which weights did it have?",
            edits=((COPY, "pass"), ("        if self._sign", "        " + COPY + "\n        if self._sign")),
        ),
        Misconception(
            "min_delta_sign",
            "EarlyStopping",
            "Your min_delta works the wrong way: metrics that are slightly worse than the best count as improvements.",
            "Is a loss of 1.0001 better than 1 if min_delta is 0.001?",
            edits=(("> self.min_delta:", "> -self.min_delta:"),),
        ),
        Misconception(
            "min_delta_ignored",
            "EarlyStopping",
            "Your min_delta has no effect: any gain counts.",
            "Is a gain of 1e-6 an improvement if min_delta is 1e-3?",
            edits=(("> self.min_delta:", "> 0:"),),
        ),
        Misconception(
            "tie_is_better",
            "EarlyStopping",
            "Your training takes an equal metric for an improvement.",
            "A loss that stays the same for ten epochs: has anything improved?",
            edits=(("> self.min_delta:", ">= self.min_delta:"),),
        ),
        Misconception(
            "compared_with_last",
            "EarlyStopping",
            "Your training compares each metric with that of the epoch before, not with the best.",
            "The losses are 1, 4, 3, 2. Is the last one an improvement?",
            edits=(
                (
                    BETTER,
                    "last, self._last = self._last, metric\n        if self._sign * (last - metric) > self.min_delta:",
                ),
                ("self._epoch = -1", "self._epoch, self._last = -1, self.best_metric"),
            ),
        ),
        Misconception(
            "nan_improves",
            "EarlyStopping",
            "Your training takes nan for an improvement.",
            "Every comparison with nan is False. Which branch do you take then?",
            edits=((BETTER, "if not self._sign * (self.best_metric - metric) <= self.min_delta:"),),
        ),
        Misconception(
            "never_patient_again",
            "EarlyStopping",
            "Your counter of bad epochs isn't set back after an improvement.",
            "Do the bad epochs have to come in a row?",
            edits=(
                (
                    "state.items()}\n            self.num_bad_epochs = 0",
                    "state.items()}",
                ),
            ),
        ),
        Misconception(
            "mode_ignored",
            "EarlyStopping",
            "Your training always looks for the smallest metric.",
            "Which accuracy is the best one, the smallest or the largest?",
            edits=(('self._sign = 1 if mode == "min" else -1', "self._sign = 1"),),
        ),
        Misconception(
            "smooth_k_minus_1",
            "smooth_labels",
            "Your smoothing gives eps to the wrong classes only.",
            "At eps 1 nothing is known about the label. Is each row uniform then?",
            edits=(
                ("eps / num_classes)", "eps / max(num_classes - 1, 1))"),
                ("target[np.arange(len(y)), y] +=", "target[np.arange(len(y)), y] ="),
            ),
        ),
        Misconception(
            "smooth_adds_up_to_more",
            "smooth_labels",
            "Your rows add up to more than 1: the true class keeps all its mass and gets some more.",
            "What must a row of probabilities add up to?",
            edits=(("y] += 1 - eps", "y] += 1"),),
        ),
        Misconception(
            "smooth_true_class_gets_no_share",
            "smooth_labels",
            "Your true class gets 1 - eps and no share of what is spread over all classes.",
            "What do your rows add up to?",
            edits=(("target[np.arange(len(y)), y] +=", "target[np.arange(len(y)), y] ="),),
        ),
        Misconception(
            "mixup_inputs_only",
            "mixup",
            "Your targets aren't mixed, only the inputs.",
            "What is the target of half a 3 and half a 7?",
            edits=(("_mix(y_onehot, lam, perm)", "_mix(y_onehot, 1.0, perm)"),),
        ),
        Misconception(
            "mixup_lam_for_partner",
            "mixup",
            "Your samples get 1 - lam of themselves and lam of the partner.",
            "What should come out at lam 1?",
            edits=(("lam * values + (1 - lam) * values[perm]", "(1 - lam) * values + lam * values[perm]"),),
        ),
        Misconception(
            "mixup_partner_of_partner",
            "mixup",
            "Your targets belong to other partners than your inputs.",
            "If perm[0] is 3, whose input and whose target are mixed into sample 0?",
            edits=(("_mix(y_onehot, lam, perm)", "_mix(y_onehot, lam, np.argsort(perm))"),),
        ),
        Misconception(
            "one_offset",
            "pad_crop_flip",
            "Your whole batch is cropped with the offsets of its first image.",
            "Look at two images of one batch: are they shifted alike?",
            edits=(("offsets[:, 0], offsets[:, 1]]", "offsets[:1, 0], offsets[:1, 1]]"),),
        ),
        Misconception(
            "offsets_swapped",
            "pad_crop_flip",
            "Your offsets are read as (left, top).",
            "Does the first offset count rows or columns?",
            edits=(("offsets[:, 0], offsets[:, 1]]", "offsets[:, 1], offsets[:, 0]]"),),
        ),
        Misconception(
            "flips_first",
            "pad_crop_flip",
            "Your images are mirrored before they are cropped, so that left offsets count from the right.",
            "In which order are the crop and the mirror due? Try an image that is cropped at its left edge.",
            edits=(
                ("    windows = ", "    padded[flip] = padded[flip, ..., ::-1]\n    windows = "),
                (FLIP, "pass"),
            ),
        ),
        Misconception(
            "flips_upside_down",
            "pad_crop_flip",
            "Your mirrored images stand on their heads.",
            "Along which axis do left and right change places?",
            edits=(("cropped[flip, ..., ::-1]", "cropped[flip, :, ::-1]"),),
        ),
        Misconception(
            "pads_with_edge",
            "pad_crop_flip",
            "Your padding repeats the pixels of the border.",
            "What does the docstring put around the image?",
            edits=(
                ("(padding, padding), (padding, padding)))", '(padding, padding), (padding, padding)), mode="edge")'),
            ),
        ),
        Misconception(
            "l2_gradient_doubled",
            "penalty_and_grad",
            "Your gradient is that of l2 times the squares, twice what is due.",
            "Move one weight a little: how much does the penalty change?",
            edits=(("+ l2 * w", "+ 2 * l2 * w"),),
        ),
        Misconception(
            "l2_not_halved",
            "penalty_and_grad",
            "Your penalty is l2 times the squares, without the half.",
            "Move one weight a little: does the penalty change as much as the gradient says?",
            edits=(("l2 / 2 * (w**2)", "l2 * (w**2)"),),
        ),
        Misconception(
            "decays_bias",
            "penalty_and_grad",
            "Your penalty includes the biases.",
            "Which names are excluded?",
            edits=(('if name.endswith("bias"):', "if False:"),),
        ),
        Misconception(
            "bias_anywhere",
            "penalty_and_grad",
            "Your penalty leaves out every name that contains bias, not only those that end in it.",
            "Should bias.scale be penalised?",
            edits=(('if name.endswith("bias"):', 'if "bias" in name:'),),
        ),
    ),
    equivalents=(
        Equivalent(
            'self._sign = 1 if mode == "min" else -1',
            'self._sign = 1 if mode >= "min" else -1',
            "the other mode is max",
        ),
        Equivalent(
            "if self.num_bad_epochs >= self.patience:",
            "if self.num_bad_epochs == self.patience:",
            "the counter grows by one, and not after the end",
        ),
        Equivalent(
            "values = values if values.dtype == np.float32 else values.astype(np.float64)",
            "values = values if values.dtype >= np.float32 else values.astype(np.float64)",
            "types that float32 can be cast to are float32, and float64 itself",
        ),
        Equivalent(
            "lam = np.reshape(lam, (-1,) + (1,) * (values.ndim - 1)).astype(values.dtype)",
            "lam = np.reshape(lam, (~1,) + (1,) * (values.ndim - 1)).astype(values.dtype)",
            "numpy takes any negative size for the unknown one",
        ),
        Equivalent(
            "lam = np.reshape(lam, (-1,) + (1,) * (values.ndim - 1)).astype(values.dtype)",
            "lam = np.reshape(lam, (- 2,) + (1,) * (values.ndim - 1)).astype(values.dtype)",
            "numpy takes any negative size for the unknown one",
        ),
        Equivalent(
            "padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))",
            "padded = np.pad(x, ((0, 1), (0, 0), (padding, padding), (padding, padding)))",
            "nobody looks at an image behind the last one",
        ),
    ),
)
