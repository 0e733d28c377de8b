"""Cases of exercise 2."""

from collections.abc import Iterator

import numpy as np

from grader.spec import Case, Equivalent, Exercise, Misconception, Part, Speed, Tolerance

REDUCTIONS = ("none", "sum", "mean")
F32 = Tolerance(1e-4, 1e-5)  # softplus(-20) next to 20 is lost in float32, and either answer is right


def cross_entropy(student, **inputs):
    return student.cross_entropy(**inputs)


def binary_cross_entropy(student, **inputs):
    return student.binary_cross_entropy_with_logits(**inputs)


def loss_alone(student, **inputs):
    answer = student.cross_entropy(**inputs)
    return answer[0] if isinstance(answer, (tuple, list)) and len(answer) == 2 else answer


def loss_and_every_97th_row(student, **inputs):
    answer = student.cross_entropy(**inputs)
    if isinstance(answer, (tuple, list)) and len(answer) == 2 and isinstance(answer[1], np.ndarray):
        return answer[0], answer[1].shape, answer[1][::97].copy()
    return answer


def mse_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("mse: one prediction, 2 too high", {"input": np.array([3.0]), "target": np.array([1.0])})
    yield Case("mse: a vector", {"input": rng.normal(0, 3, 7), "target": rng.normal(0, 3, 7)})
    x, t = rng.normal(0, 3, (2, 5, 4))
    for reduction in REDUCTIONS:
        yield Case(f"mse: a matrix, {reduction}", {"input": x, "target": t, "reduction": reduction})
    yield Case("mse: the default is mean over all elements", {"input": x, "target": t})
    yield Case("mse: images, four axes", {"input": rng.normal(size=(2, 3, 4, 5)), "target": rng.random((2, 3, 4, 5))})
    yield Case("mse: batch of one", {"input": rng.normal(size=(1, 3)), "target": rng.normal(size=(1, 3))})
    yield Case("mse: prediction equals target", {"input": x, "target": x.copy(), "reduction": "sum"})
    yield Case(
        "mse: uint8 pixels, the target is brighter",
        {"input": np.array([[0, 200], [255, 3]], np.uint8), "target": np.array([[255, 10], [254, 250]], np.uint8)},
    )
    yield Case("mse: int64 input, float target", {"input": rng.integers(-5, 6, (3, 2)), "target": rng.random((3, 2))})
    yield Case("mse: bools", {"input": rng.random(8) < 0.5, "target": np.arange(8) % 2 == 0})
    single = x.astype(np.float32)
    yield Case("mse: float32 stays float32", {"input": single, "target": t.astype(np.float32)}, tolerance=F32)
    yield Case("mse: float32 input, float64 target", {"input": single, "target": t, "reduction": "none"}, tolerance=F32)
    yield Case("mse: float64 input, float32 target", {"input": x, "target": t.astype(np.float32)})
    yield Case("mse: float16 becomes float64", {"input": x.astype(np.float16), "target": t})
    yield Case("mse: float32 input, integer target", {"input": single, "target": np.ones((5, 4), int)}, tolerance=F32)
    yield Case("mse: transposed and reversed arrays", {"input": x.T, "target": np.asfortranarray(t[::-1].T)})
    target = np.broadcast_to(t[:1], (5, 4))
    yield Case("mse: read-only target", {"input": x, "target": target, "reduction": "none"})
    for reduction in REDUCTIONS:
        nothing = np.zeros((0, 3))
        yield Case(f"mse: empty, {reduction}", {"input": nothing, "target": nothing.copy(), "reduction": reduction})
    yield Case("mse: shape (5, 1) against (5,)", {"input": rng.normal(size=(5, 1)), "target": rng.normal(size=5)})
    yield Case("mse: shape () against (1,)", {"input": rng.normal(size=()), "target": rng.normal(size=1)})
    yield Case("mse: shape (5,) against (5, 1)", {"input": rng.normal(size=5), "target": rng.normal(size=(5, 1))})
    yield Case("mse: one target for every column", {"input": x, "target": t[:, :1]})
    yield Case("mse: unknown reduction", {"input": x, "target": t, "reduction": "total"})
    yield Case("mse: a second identical call", {"input": x, "target": t})


def bce_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("bce: logit 0, target 1", {"input": np.array([0.0]), "target": np.array([1.0])})
    yield Case("bce: logits 1 and -2", {"input": np.array([1.0, -2.0]), "target": np.array([1.0, 0.0])})
    z, hard, soft = rng.normal(0, 3, (6, 4)), (rng.random((6, 4)) < 0.5) * 1.0, rng.random((6, 4))
    for reduction in REDUCTIONS:
        yield Case(f"bce: hard targets, {reduction}", {"input": z, "target": hard, "reduction": reduction})
        yield Case(f"bce: soft targets, {reduction}", {"input": z, "target": soft, "reduction": reduction})
    yield Case("bce: the default is mean", {"input": z, "target": soft})
    yield Case("bce: three axes", {"input": rng.normal(size=(2, 3, 4)), "target": rng.random((2, 3, 4))})
    yield Case("bce: batch of one", {"input": rng.normal(size=(1, 5)), "target": rng.random((1, 5))})
    wrong, right = np.array([40.0, -40.0, 25.0]), np.array([0.0, 1.0, 0.0])
    yield Case("bce: confident mistakes", {"input": wrong, "target": right, "reduction": "none"})
    far = np.array([1000.0, -1000.0, 1000.0, -1000.0])
    yield Case("bce: logits of 1000", {"input": far, "target": np.array([1.0, 0.0, 0.0, 1.0]), "reduction": "none"})
    yield Case("bce: logits of 1000, soft targets", {"input": far, "target": np.array([0.3, 0.6, 0.9, 0.2])})
    z32, soft32 = z.astype(np.float32), soft.astype(np.float32)
    yield Case("bce: float32 stays float32", {"input": z32, "target": soft32, "reduction": "none"}, tolerance=F32)
    yield Case("bce: float32 logits of 1000", {"input": far.astype(np.float32), "target": np.zeros(4)}, tolerance=F32)
    yield Case("bce: float32 logits, bool targets", {"input": z32, "target": hard > 0}, tolerance=F32)
    yield Case("bce: float64 logits, float32 targets", {"input": z, "target": soft32})
    yield Case("bce: integer logits and targets", {"input": rng.integers(-4, 5, 9), "target": np.arange(9) % 2})
    yield Case("bce: float16 logits", {"input": z.astype(np.float16), "target": hard})
    yield Case("bce: uint8 logits", {"input": np.arange(6, dtype=np.uint8), "target": np.array([0, 1, 0, 1, 0, 1])})
    yield Case("bce: transposed and reversed arrays", {"input": np.asfortranarray(z[::-1]), "target": soft.T.copy().T})
    target = np.broadcast_to(soft[0], (6, 4))
    yield Case("bce: read-only target", {"input": z, "target": target, "reduction": "none"})
    for reduction in REDUCTIONS:
        nothing = np.zeros((0, 4))
        yield Case(f"bce: empty, {reduction}", {"input": nothing, "target": nothing.copy(), "reduction": reduction})
    yield Case("bce: shape (6, 1) against (6,)", {"input": z[:, :1], "target": soft[:, 0]})
    yield Case("bce: one target for every column", {"input": z, "target": soft[:, :1]})
    yield Case("bce: unknown reduction", {"input": z, "target": soft, "reduction": "total"})
    yield Case("bce: a second identical call", {"input": z, "target": soft})


def pos_weight_cases(rng: np.random.Generator) -> Iterator[Case]:
    z, hard, soft = rng.normal(0, 3, (6, 4)), (rng.random((6, 4)) < 0.5) * 1.0, rng.random((6, 4))
    hard[0], hard[1] = 0.0, 1.0
    columns = rng.uniform(0.2, 5, 4)
    yield Case("pos_weight: 1 changes nothing", {"input": z, "target": hard, "pos_weight": 1.0})
    yield Case("pos_weight: all answers are no", {"input": z, "target": np.zeros((6, 4)), "pos_weight": 3.0})
    yield Case("pos_weight: all answers are yes", {"input": z, "target": np.ones((6, 4)), "pos_weight": 3.0})
    for reduction in REDUCTIONS:
        inputs = {"input": z, "target": hard, "pos_weight": columns, "reduction": reduction}
        yield Case(f"pos_weight: one for each column, {reduction}", inputs)
        yield Case(f"pos_weight: soft targets, {reduction}", {**inputs, "target": soft})
    inputs = {"input": z.reshape(2, 3, 4), "target": soft.reshape(2, 3, 4), "pos_weight": rng.uniform(0.5, 2, (3, 1))}
    yield Case("pos_weight: one for each row of three axes", inputs)
    inputs = {"input": z[:4], "target": soft[:4], "pos_weight": columns}
    yield Case("pos_weight: one for each column, as many rows", inputs)
    yield Case("pos_weight: an integer", {"input": z, "target": hard, "pos_weight": 3})
    yield Case("pos_weight: integer array", {"input": z, "target": soft, "pos_weight": np.array([1, 2, 0, 7])})
    yield Case("pos_weight: uint8", {"input": z, "target": soft, "pos_weight": np.array([1, 2, 0, 7], np.uint8)})
    yield Case("pos_weight: 0", {"input": z, "target": hard, "pos_weight": 0.0})
    yield Case("pos_weight: one for each row", {"input": z, "target": soft, "pos_weight": rng.uniform(0.5, 2, (6, 1))})
    far, answers = np.array([1000.0, -1000.0, 1000.0, -1000.0]), np.array([1.0, 0.0, 0.0, 1.0])
    inputs = {"input": far, "target": answers, "pos_weight": columns, "reduction": "none"}
    yield Case("pos_weight: logits of 1000", inputs)
    inputs = {"input": z.astype(np.float32), "target": soft, "pos_weight": columns}
    yield Case("pos_weight: float32 logits, float64 weights", inputs, tolerance=F32)
    yield Case("pos_weight: integer logits", {"input": np.arange(-3, 3), "target": soft[:, 0], "pos_weight": 2.5})
    yield Case("pos_weight: empty, mean", {"input": z[:0], "target": soft[:0], "pos_weight": columns})
    yield Case("pos_weight: a second identical call", {"input": z, "target": hard, "pos_weight": columns})


def ce_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("ce: two equal logits", {"input": np.array([[0.0, 0.0]]), "target": np.array([0])})
    yield Case("ce: logits 2, 0, 0", {"input": np.array([[2.0, 0.0, 0.0]]), "target": np.array([0])})
    z, y = rng.normal(0, 2, (6, 5)), rng.integers(0, 5, 6)
    for reduction in REDUCTIONS:
        yield Case(f"ce: six rows, {reduction}", {"input": z, "target": y, "reduction": reduction})
    yield Case("ce: the default is mean", {"input": z, "target": y})
    yield Case("ce: fifty classes", {"input": rng.normal(0, 3, (4, 50)), "target": rng.integers(0, 50, 4)})
    yield Case(
        "ce: a single class", {"input": rng.normal(size=(3, 1)), "target": np.zeros(3, int), "reduction": "none"}
    )
    yield Case("ce: as many rows as classes", {"input": rng.normal(0, 2, (4, 4)), "target": np.array([3, 0, 2, 1])})
    inputs = {"input": np.array([[30.0, 0.0], [0.0, 25.0]]), "target": np.array([1, 0]), "reduction": "none"}
    yield Case("ce: confident mistakes", inputs)
    yield Case("ce: 1000 added to every logit", {"input": z + 1000, "target": y})
    yield Case("ce: 1000 taken from every logit", {"input": z - 1000, "target": y})
    far = np.array([[1000.0, 0.0, -1000.0], [0.0, 1000.0, 999.0], [-1000.0, -1000.0, -1001.0]])
    for reduction in REDUCTIONS:
        inputs = {"input": far, "target": np.array([2, 2, 0]), "reduction": reduction}
        yield Case(f"ce: logits of 1000, {reduction}", inputs)
    inputs = {"input": rng.normal(0, 1000, (8, 5)), "target": rng.integers(0, 5, 8)}
    yield Case("ce: rows far apart", inputs)
    yield Case("ce: float32 stays float32", {"input": z.astype(np.float32), "target": y}, tolerance=F32)
    inputs = {"input": far.astype(np.float32), "target": np.array([0, 2, 1]), "reduction": "none"}
    yield Case("ce: float32 logits of 1000", inputs, tolerance=F32)
    yield Case("ce: integer logits", {"input": rng.integers(-4, 5, (5, 3)), "target": rng.integers(0, 3, 5)})
    yield Case("ce: uint8 logits", {"input": rng.integers(0, 9, (5, 3)).astype(np.uint8), "target": np.arange(5) % 3})
    yield Case("ce: float16 logits", {"input": z.astype(np.float16), "target": y})
    yield Case("ce: uint8 targets", {"input": z, "target": y.astype(np.uint8)})
    yield Case("ce: int32 targets", {"input": z, "target": y.astype(np.int32), "reduction": "sum"})
    yield Case("ce: Fortran order", {"input": np.asfortranarray(z), "target": y})
    yield Case("ce: reversed arrays", {"input": z[::-1, ::-1], "target": y[::-1], "reduction": "none"})
    inputs = {"input": np.broadcast_to(z[0], (6, 5)), "target": np.broadcast_to(y[:1], 6)}
    yield Case("ce: read-only arrays", inputs)
    for reduction in REDUCTIONS:
        inputs = {"input": np.zeros((0, 4)), "target": np.zeros(0, int), "reduction": reduction}
        yield Case(f"ce: empty, {reduction}", inputs)
    yield Case("ce: target C", {"input": z, "target": np.array([0, 1, 2, 3, 4, 5])})
    yield Case("ce: target -1", {"input": z, "target": np.array([0, 1, -1, 3, 4, 0])})
    yield Case("ce: unknown reduction", {"input": z, "target": y, "reduction": "average"})
    yield Case("ce: a second identical call", {"input": z, "target": y})
    inputs = {"input": np.broadcast_to(rng.normal(0, 3, 300), (2500, 300)), "target": rng.integers(0, 300, 2500)}
    yield Case("ce: 2500 rows of 300 classes", inputs, driver=loss_and_every_97th_row, speed=Speed())


def weight_cases(rng: np.random.Generator) -> Iterator[Case]:
    z, y, weight = rng.normal(0, 2, (7, 4)), np.array([0, 3, 1, 1, 2, 3, 0]), rng.uniform(0.2, 4, 4)
    yield Case("weight: ones change nothing", {"input": z, "target": y, "weight": np.ones(4)})
    inputs = {"input": np.array([[1.0, 0.0], [2.0, 0.0]]), "target": np.array([0, 1]), "weight": np.array([1.0, 3.0])}
    yield Case("weight: two rows, weights 1 and 3", inputs)
    for reduction in REDUCTIONS:
        yield Case(f"weight: {reduction}", {"input": z, "target": y, "weight": weight, "reduction": reduction})
    inputs = {"input": z[:4], "target": np.array([3, 0, 3, 2]), "weight": weight}
    yield Case("weight: as many rows as classes", inputs)
    yield Case("weight: all of them 10 times larger", {"input": z, "target": y, "weight": 10 * weight})
    yield Case("weight: one class has none", {"input": z, "target": y, "weight": np.array([1.0, 0.0, 2.0, 0.5])})
    yield Case("weight: integers", {"input": z, "target": y, "weight": np.array([1, 2, 5, 3])})
    yield Case("weight: uint8", {"input": z, "target": y, "weight": np.array([1, 2, 5, 3], np.uint8)})
    yield Case("weight: they add up to less than 1", {"input": z, "target": y, "weight": weight / 100})
    for dtype in (np.float32, np.float16):
        yield Case(f"weight: {dtype.__name__}", {"input": z, "target": y, "weight": weight.astype(dtype)})
    inputs = {"input": z.astype(np.float32), "target": y, "weight": weight}
    yield Case("weight: float32 logits, float64 weights", inputs, tolerance=F32)
    yield Case("weight: logits of 1000", {"input": 1000 * np.sign(z), "target": y, "weight": weight})

    some = np.array([0, -100, 1, 1, -100, 3, -100])
    for reduction in REDUCTIONS:
        yield Case(f"ignored rows: {reduction}", {"input": z, "target": some, "reduction": reduction})
    inputs = {"input": rng.normal(size=(12, 3)), "target": np.array([2, 1] + [-100] * 10)}
    yield Case("ignored rows: ten of twelve", inputs)
    inputs = {"input": z, "target": np.array([0, 255, 1, 255, 2, 3, 0], np.uint8), "ignore_index": 255}
    yield Case("ignored rows: marker 255 in uint8", inputs)
    inputs = {"input": z, "target": np.array([0, -1, 1, 1, -1, 3, 2]), "ignore_index": -1, "reduction": "sum"}
    yield Case("ignored rows: marker -1", inputs)
    yield Case("ignored rows: the number of a class", {"input": z, "target": y, "ignore_index": 1})
    far = z.copy()
    far[some == -100] *= 1000
    yield Case("ignored rows: with logits of 1000", {"input": far, "target": some})
    inputs = {"input": rng.normal(size=(3, 1)), "target": np.array([0, -100, 0]), "reduction": "none"}
    yield Case("ignored rows: a single class", inputs)
    yield Case("ignored rows: float32", {"input": z.astype(np.float32), "target": some}, tolerance=F32)
    for reduction in REDUCTIONS:
        inputs = {"input": z, "target": some, "weight": weight, "reduction": reduction}
        yield Case(f"weight and ignored rows: {reduction}", inputs)
    inputs = {"input": z, "target": y, "weight": weight, "ignore_index": 0}
    yield Case("weight and ignored rows: the number of a class", inputs)
    nobody = {"input": z, "target": np.full(7, -100)}
    yield Case("every row ignored, sum", {**nobody, "reduction": "sum"})
    yield Case("every row ignored, none", {**nobody, "reduction": "none", "weight": weight})
    yield Case("every row ignored, mean: the loss", nobody, driver=loss_alone)
    yield Case("every row ignored, mean with weights: the loss", {**nobody, "weight": weight}, driver=loss_alone)
    yield Case("ignored rows: -1 when the marker is -100", {"input": z, "target": np.array([0, -1, 1, 1, -100, 3, 2])})
    inputs = {"input": z, "target": np.array([0, 255, 1, 1, 4, 3, 2]), "ignore_index": 255}
    yield Case("ignored rows: C when the marker is 255", inputs)
    inputs = {"input": z, "target": some, "ignore_index": 2}
    yield Case("ignored rows: -100 when the marker is 2", inputs)
    yield Case("weight and ignored rows: once more", {"input": z, "target": some, "weight": weight})


def smoothing_cases(rng: np.random.Generator) -> Iterator[Case]:
    z, y, weight = rng.normal(0, 2, (7, 4)), np.array([0, 3, 1, 1, 2, 3, 0]), rng.uniform(0.2, 4, 4)
    yield Case("smoothing 0 changes nothing", {"input": z, "target": y, "label_smoothing": 0.0})
    inputs = {"input": np.array([[2.0, 0.0]]), "target": np.array([0]), "label_smoothing": 0.2}
    yield Case("smoothing 0.2, one row, two classes", inputs)
    for reduction in REDUCTIONS:
        inputs = {"input": z, "target": y, "label_smoothing": 0.1, "reduction": reduction}
        yield Case(f"smoothing 0.1, {reduction}", inputs)
    yield Case("smoothing 1, every class alike", {"input": z, "target": y, "label_smoothing": 1.0})
    inputs = {"input": rng.normal(size=(3, 50)), "target": rng.integers(0, 50, 3), "label_smoothing": 0.3}
    yield Case("smoothing 0.3, fifty classes", inputs)
    inputs = {"input": rng.normal(size=(3, 1)), "target": np.zeros(3, int), "label_smoothing": 0.3}
    yield Case("smoothing 0.3, a single class", inputs)
    for reduction in REDUCTIONS:
        inputs = {"input": z, "target": y, "weight": weight, "label_smoothing": 0.4, "reduction": reduction}
        yield Case(f"smoothing and weights, {reduction}", inputs)
    few = np.array([0, -100, 1, 1, -100, 3, -100])
    for reduction in REDUCTIONS:
        inputs = {"input": z, "target": few, "label_smoothing": 0.4, "reduction": reduction}
        yield Case(f"smoothing and ignored rows, {reduction}", inputs)
    inputs = {"input": z, "target": few, "weight": weight, "label_smoothing": 0.4}
    yield Case("smoothing, weights and ignored rows", inputs)
    inputs = {"input": z, "target": y, "label_smoothing": 0.4, "ignore_index": 1}
    yield Case("smoothing, and the number of a class is ignored", inputs)
    inputs = {"input": z, "target": y, "weight": weight.astype(np.float32), "label_smoothing": 0.4}
    yield Case("smoothing and float32 weights", inputs)
    zero = np.array([1.0, 0.0, 2.0, 0.5])
    yield Case("smoothing and a weight of 0", {"input": z, "target": y, "weight": zero, "label_smoothing": 0.4})
    far = np.array([[1000.0, 0.0, -1000.0], [0.0, 1000.0, 999.0]])
    yield Case("smoothing, logits of 1000", {"input": far, "target": np.array([0, 2]), "label_smoothing": 0.1})
    inputs = {"input": z.astype(np.float32), "target": y, "label_smoothing": 0.1}
    yield Case("smoothing, float32 stays float32", inputs, tolerance=F32)
    inputs = {"input": np.arange(12).reshape(4, 3), "target": np.array([0, 1, 2, 0]), "label_smoothing": 0.1}
    yield Case("smoothing, integer logits", inputs)
    inputs = {"input": np.zeros((0, 4)), "target": np.zeros(0, int), "label_smoothing": 0.1}
    yield Case("smoothing, empty, mean", inputs)
    yield Case("smoothing, a second identical call", {"input": z, "target": y, "label_smoothing": 0.1})


BINARY = ("binary_cross_entropy_with_logits", "pos_weight")
CLASSES = ("cross_entropy", "weight_and_ignore_index", "label_smoothing")

exercise = Exercise(
    parts=(
        Part(
            "mse_loss",
            mse_cases,
            returns=("loss", "grad"),
            hints=(
                "Work out loss and gradient of each element on its own first. The reduction comes last and is the same "
                "for all three functions, so give it a helper.",
                "The reduction decides what the gradient is divided by: nothing for none and sum, for mean the number "
                "that the loss is divided by.",
                "Turn the input into float32 or float64 before you subtract, compare the shapes yourself, and handle "
                "the empty mean before you divide.",
            ),
        ),
        Part(
            "binary_cross_entropy_with_logits",
            bce_cases,
            returns=("loss", "grad"),
            hints=(
                "The loss needs the logarithms of the sigmoid and of one minus the sigmoid. Both are simple functions "
                "of the logit; the sigmoid itself isn't needed for the loss.",
                "log(1 + exp(a)) without overflow is one call: look up np.logaddexp.",
                "minus log sigmoid(z) is log(1 + exp(-z)), and minus log(1 - sigmoid(z)) is log(1 + exp(z)). The "
                "gradient of the sum of both terms is sigmoid minus target.",
            ),
        ),
        Part(
            "pos_weight",
            pos_weight_cases,
            driver=binary_cross_entropy,
            uses=("binary_cross_entropy_with_logits",),
            returns=("loss", "grad"),
            hints=(
                "The loss has two terms, one for yes and one for no. Only one of them gets the weight.",
                "The factor of the yes term is the target: multiply it by pos_weight, for the loss and the gradient.",
                "With yes = pos_weight * target and no = 1 - target, grad is no * sigmoid(z) - yes * sigmoid(-z); "
                "the divisor of mean stays the number of elements.",
            ),
        ),
        Part(
            "cross_entropy",
            ce_cases,
            returns=("loss", "grad"),
            hints=(
                "Everything follows from the log-probabilities of each row; the loss of a row is minus one of them.",
                "Softmax doesn't change when a constant is added to a row. Which one makes every exponential harmless?",
                "log_p = shifted - log(sum(exp(shifted))) by row, shifted being input minus row maximum. The gradient "
                "of a row is exp(log_p), less 1 at the target.",
            ),
        ),
        Part(
            "weight_and_ignore_index",
            weight_cases,
            driver=cross_entropy,
            uses=("cross_entropy",),
            returns=("loss", "grad"),
            hints=(
                "Give every row one factor: the weight of its target, or 0 if the row is ignored.",
                "An ignored target may be no index at all. Replace it by a harmless one before you index with it.",
                "Multiply loss and gradient of each row by its factor; mean divides both by the sum of the factors.",
            ),
        ),
        Part(
            "label_smoothing",
            smoothing_cases,
            driver=cross_entropy,
            uses=("cross_entropy",),
            returns=("loss", "grad"),
            hints=(
                "Cross-entropy works with any target distribution, not only with a one-hot one.",
                "Build a table q of shape (N, C) with the factor of minus log p for each class, weights included.",
                "loss = -(q * log_p) summed over each row; gradient = p * (row sum of q) - q. The divisor of mean "
                "doesn't change with smoothing.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "naive_exp",
            (*BINARY, *CLASSES),
            "Your loss takes the exponential of the logits as they come, so large ones overflow or round to 0 and 1.",
            "What is the largest x for which np.exp(x) is finite, and what does 1 + 1e-17 give?",
            edits=(
                (
                    "minus_log_p, minus_log_q = np.logaddexp(0, -input), np.logaddexp(0, input)",
                    "p = 1 / (1 + np.exp(-input))\n    minus_log_p, minus_log_q = -np.log(p), -np.log(1 - p)",
                ),
                (
                    "log_p -= np.log(np.exp(log_p).sum(axis=1, keepdims=True))",
                    "log_p = np.log(np.exp(input) / np.exp(input).sum(axis=1, keepdims=True))",
                ),
                ("loss = -(q * log_p).sum(axis=1)", "loss = -np.where(q != 0, q * log_p, 0).sum(axis=1)"),
            ),
        ),
        Misconception(
            "log_plus_eps",
            (*BINARY, *CLASSES),
            "Your loss adds a small constant inside the logarithm, which changes it a little everywhere and caps it.",
            "How large can the loss of a confident mistake become, and how large should it be?",
            edits=(
                (
                    "loss = yes * minus_log_p + no * minus_log_q",
                    "loss = -yes * np.log(np.exp(-minus_log_p) + 1e-7) - no * np.log(np.exp(-minus_log_q) + 1e-7)",
                ),
                ("loss = -(q * log_p).sum(axis=1)", "loss = -(q * np.log(np.exp(log_p) + 1e-7)).sum(axis=1)"),
            ),
        ),
        Misconception(
            "mean_over_classes",
            CLASSES,
            "Your mean divides by rows times classes.",
            "How many log-probabilities of a row enter its loss?",
            edits=(("row_weight.sum(), reduction", "row_weight.sum() * classes, reduction"),),
        ),
        Misconception(
            "grad_unscaled",
            ("mse_loss", *BINARY, *CLASSES),
            "Your loss is averaged, but its gradient isn't.",
            "Move one input a little and watch how much the averaged loss moves: does your gradient say the same?",
            edits=(("grad / divisor", "grad"),),
        ),
        Misconception(
            "weight_mean_over_n",
            ("weight_and_ignore_index", "label_smoothing"),
            "Your weighted mean divides by the number of rows.",
            "What should happen to the mean if all weights are doubled?",
            edits=(("row_weight.sum(), reduction", "kept.sum(), reduction"),),
        ),
        Misconception(
            "ignored_in_denominator",
            ("weight_and_ignore_index", "label_smoothing"),
            "Your mean counts the ignored rows.",
            "Append ten ignored rows to a batch: should the mean move?",
            edits=(("row_weight.sum(), reduction", "weight[label].sum(), reduction"),),
        ),
        Misconception(
            "smoothing_k_minus_1",
            "label_smoothing",
            "Your smoothing spreads its share over the other classes only.",
            "The uniform distribution is over all classes. Does the true one get a piece of it?",
            edits=(
                ("label_smoothing / classes * weight", "label_smoothing / max(classes - 1, 1) * weight"),
                ("q[np.arange(rows), label] +=", "q[np.arange(rows), label] ="),
            ),
        ),
        Misconception(
            "smoothing_row_weight",
            "label_smoothing",
            "Your smoothing multiplies the whole row by the weight of its target.",
            "Each class has a term of its own in the smoothed loss. Whose weight belongs to it?",
            edits=(
                (
                    "np.outer(kept, label_smoothing / classes * weight)",
                    "np.outer(row_weight, np.full(classes, label_smoothing / classes))",
                ),
            ),
        ),
        Misconception(
            "bce_needs_probs",
            BINARY,
            "Your loss takes the logits for probabilities.",
            "Feed the logit 0 with the target 1. Which probability does that logit stand for?",
            edits=(
                (
                    "minus_log_p, minus_log_q = np.logaddexp(0, -input), np.logaddexp(0, input)",
                    "minus_log_p, minus_log_q = -np.log(input), -np.log(1 - input)",
                ),
                (
                    "grad = no * np.exp(-minus_log_p) - yes * np.exp(-minus_log_q)",
                    "grad = no * input - yes * (1 - input)",
                ),
            ),
        ),
        Misconception(
            "pos_weight_everywhere",
            "pos_weight",
            "Your pos_weight multiplies both terms of the loss.",
            "What should pos_weight do to an example whose answer is no?",
            edits=(
                (
                    "no = 1 - target",
                    "no = (1 - target) * (1 if pos_weight is None else np.asarray(pos_weight, input.dtype))",
                ),
            ),
        ),
        Misconception(
            "pos_weight_in_divisor",
            "pos_weight",
            "Your mean divides by the sum of the weights.",
            "Look up what the divisor of mean is here. Is it the convention of cross-entropy's class weights?",
            edits=(("_reduce(loss, grad, loss.size, reduction)", "_reduce(loss, grad, (yes + no).sum(), reduction)"),),
        ),
        Misconception(
            "mean_over_rows",
            "mse_loss",
            "Your mean divides by the number of rows.",
            "How many squared errors are there in a batch of 5 rows with 4 columns?",
            edits=(("error.size, reduction", "len(error), reduction"),),
        ),
        Misconception(
            "half_squared_error",
            "mse_loss",
            "Your squared error carries a factor of one half.",
            "One prediction is off by 2: what is its squared error?",
            edits=(("_reduce(error**2, 2 * error,", "_reduce(error**2 / 2, error,"),),
        ),
        Misconception(
            "arithmetic_before_promotion",
            "mse_loss",
            "Your code subtracts in the dtypes that came in and converts afterwards.",
            "What does np.uint8(0) - np.uint8(255) give, and which dtype does float32 minus float64 have?",
            edits=(
                (
                    "    input = _as_float(input)\n    _same_shape(input, target)\n"
                    "    error = input - target.astype(input.dtype)\n",
                    "    _same_shape(input, target)\n"
                    "    error = _as_float(input ^ target if input.dtype == bool else input - target)\n",
                ),
            ),
        ),
        Misconception(
            "negative_target_wraps",
            ("cross_entropy", "weight_and_ignore_index"),
            "Your code accepts negative targets, which Python counts from the end.",
            "Which class does the target -1 pick out of an array, and which one should it?",
            edits=(("    if np.any(label < 0):", "    if False:"),),
        ),
    ),
    equivalents=(
        Equivalent(
            "return values if values.dtype == np.float32 else values.astype(np.float64)",
            "return values if values.dtype >= np.float32 else values.astype(np.float64)",
            "besides float32 only float64 compares like that, and it needs no copy: nothing is computed in place",
        ),
    ),
)
