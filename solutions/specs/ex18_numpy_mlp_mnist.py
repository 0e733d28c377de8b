"""Small networks on small data, and single epochs whose order a seeded generator decides."""

from itertools import pairwise

import numpy as np

from grader.predictions import said_by_network, same_in_portions
from grader.spec import T64L, Bar, Case, Equivalent, Exercise, Misconception, Part, Speed, Tolerance, Training, t32


def initialise(student, sizes, seed):
    """The network, and the next number that the generator gives."""
    rng = np.random.default_rng(seed)
    return {"params": student.init_params(sizes, rng), "next number of rng": rng.random()}


def initialise_twice(student, sizes, seed):
    """Two networks from one generator, and what has become of NumPy's global one."""
    np.random.seed(seed)
    rng = np.random.default_rng(seed)
    first, second = student.init_params(sizes, rng), student.init_params(sizes, rng)
    return {"first": first, "second": second, "next number of np.random": np.random.random()}


def initialise_and_write(student, sizes, seed):
    """Whether each array of a new network can be changed without the others."""
    params = student.init_params(sizes, np.random.default_rng(seed))
    for number, (W, b) in enumerate(params, 1):
        W += number
        b += number
    return params


def run_epochs(student, params, X, y, lr, batch_size, seed, epochs=1):
    """The loss of each epoch, the arrays of the network afterwards, and the next number of the generator."""
    rng, network = np.random.default_rng(seed), [(W + 0, b + 0) for W, b in params]
    losses = [student.train_epoch(list(network), X, y, lr, batch_size, rng) for _ in range(epochs)]
    return {"mean losses": losses, "params": network, "next number of rng": rng.random()}


def predict_apart(student, params, images):
    """All images together, each alone, and in two halves."""
    alone = [student.predict(params, images[i : i + 1]) for i in range(len(images))]
    half = len(images) // 2
    halves = [student.predict(params, images[:half]), student.predict(params, images[half:])]
    return {"together": student.predict(params, images), "alone": alone, "in two halves": halves}


def train_and_predict(student, host, images, labels, test_images, seed, budget, device):
    """What is predicted for all test images together, and once more for the first of them in small portions."""
    params = student.train(images, labels, np.random.default_rng(seed), budget, host.report)
    portions = [student.predict(params, part) for part in np.split(test_images[:300], [1, 8, 10, 50])]
    return {"predictions": {"accuracy": student.predict(params, test_images)}, "portions": portions, "network": params}


CHECKED = 1000  # hidden images for which the network is asked on the trusted side, too


def measures(finished):
    """Whether predictions depend on the company of an image, and whether they are those of the network returned."""
    arrays = [array for layer in finished.answer["network"] for array in layer]
    said = said_by_network(finished, arrays, "accuracy", CHECKED)
    return {"same in portions": same_in_portions(finished, "accuracy"), **said}


def network(rng, sizes, dtype=np.float64, scale=1.0):
    """A network with biases that aren't zero."""
    return [
        (
            (scale * rng.normal(size=(n_in, n_out)) / n_in**0.5).astype(dtype),
            (scale * rng.normal(0, 0.3, n_out)).astype(dtype),
        )
        for n_in, n_out in pairwise(sizes)
    ]


def data(rng, n, sizes, dtype=np.float64):
    return {"X": rng.normal(size=(n, sizes[0])).astype(dtype), "y": rng.integers(0, sizes[-1], n)}


def init_cases(rng):
    def case(name, sizes, driver=None):
        return Case(name, {"sizes": sizes, "seed": int(rng.integers(1000))}, driver=driver)

    yield case("one layer, 2 inputs and 3 classes", [2, 3])
    yield case("a hidden layer", [8, 5, 3])
    yield case("MNIST's sizes", [784, 20, 10])
    yield case("sizes 6-9-4-7-2", [6, 9, 4, 7, 2])
    yield case("layers of the same width", [4, 4, 4])
    yield case("widths of 1", [1, 1, 2])
    yield case("layers of the same width, then written into", [4, 4, 4], initialise_and_write)
    yield case("two networks from one generator", [5, 4, 3], initialise_twice)


def preprocess_cases(rng):
    def case(name, images):
        return Case(name, {"images": np.asarray(images, dtype=np.uint8)})

    images = rng.integers(0, 256, (5, 4, 3), dtype=np.uint8)
    yield case("one image of 2 x 2 by hand", [[[0, 255], [51, 102]]])
    yield case("five images", images)
    yield case("a dark and a bright image", [[[0, 1], [2, 3]], [[252, 253], [254, 255]]])
    yield case("only black", np.zeros((3, 2, 2)))
    yield case("28 x 28", rng.integers(0, 256, (2, 28, 28)))
    yield case("one image of 4 x 3", images[:1])
    yield case("no image at all", images[:0])
    yield Case("Fortran order", {"images": np.asfortranarray(images)})
    yield Case("every other image, lines from the bottom", {"images": images[::2, ::-1]})
    yield Case("one image that stands for three", {"images": np.broadcast_to(images[:1], (3, 4, 3))})


def logits_cases(rng):
    def case(name, params, X):
        return Case(name, {"params": params, "X": X}, tolerance=t32(64) if X.dtype == np.float32 else None)

    one = [(np.array([[1.0, -1.0], [2.0, 0.5]]), np.array([0.5, 0.0]))]
    yield case("one layer by hand", one, np.array([[1.0, 2.0], [0.0, -1.0]]))
    two = [(np.array([[1.0, -1.0]]), np.zeros(2)), (np.array([[1.0, 0.0], [-1.0, 2.0]]), np.array([-5.0, 0.0]))]
    yield case("two layers by hand", two, np.array([[3.0], [-3.0]]))
    for sizes in ([4, 6, 3], [5, 7, 6, 2], [3, 8, 8, 8, 3], [3, 3, 3]):
        yield case(f"layers of {'-'.join(map(str, sizes))}", network(rng, sizes), rng.normal(size=(6, sizes[0])))
    params, X = network(rng, [4, 6, 3]), rng.normal(size=(6, 4))
    yield case("one row", params, X[:1])
    yield case("4-6-3 in float32", network(rng, [4, 6, 3], np.float32), X.astype(np.float32))
    yield case("MNIST's sizes in float32", network(rng, [784, 32, 10], np.float32), rng.random((8, 784), np.float32))
    views = [(np.asfortranarray(W)[::-1], np.repeat(b, 2)[::2]) for W, b in params]
    yield case("weights and data in other memory layouts", views, X[::-2])
    yield case("a tuple of lists", tuple([W, b] for W, b in params), np.asfortranarray(X))
    yield case("the same again", tuple([W, b] for W, b in params), np.asfortranarray(X))
    yield case("logits of size 1000", network(rng, [4, 6, 3], scale=60.0), X)


SATURATED = Tolerance(1e-9, 1e-10)


def loss_cases(rng):
    def case(name, params, X, y, tolerance=None, speed=None):
        single = t32(64) if X.dtype == np.float32 else None
        return Case(name, {"params": params, "X": X, "y": np.asarray(y)}, tolerance=tolerance or single, speed=speed)

    zero = [(np.zeros((2, 4)), np.zeros(4))]
    yield case("a network of zeros: every class has probability 1/4", zero, np.array([[1.0, 2.0]]), [3])
    hand = [(np.array([[1.0, -1.0]]), np.array([0.0, 1.0])), (np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2))]
    yield case("two layers, one sample", hand, np.array([[0.5]]), [0])
    for sizes in ([4, 3], [4, 6, 3], [5, 7, 6, 2], [3, 8, 8, 8, 3], [3, 3, 3]):
        name = f"layers of {'-'.join(map(str, sizes))}, 7 samples"
        yield case(name, network(rng, sizes), **data(rng, 7, sizes))
    params, batch = network(rng, [4, 6, 3]), data(rng, 9, [4, 6, 3])
    yield case("the first sample alone", params, batch["X"][:1], batch["y"][:1])
    yield case("every sample twice", params, np.repeat(batch["X"], 2, axis=0), np.repeat(batch["y"], 2))
    yield case("all of one class", params, batch["X"], np.full(9, 2))
    yield case("one class only", network(rng, [4, 5, 1]), **data(rng, 3, [4, 5, 1]))
    stuck = [(params[0][0], np.zeros(6)), params[1]]
    blank = {"X": np.vstack([batch["X"][:2], np.zeros((2, 4))]), "y": np.array([0, 1, 2, 1])}
    yield case("inputs of a ReLU that are exactly 0", stuck, **blank)
    shifted = [params[0], (params[1][0], params[1][1] + [1000.0, -1000.0, 1001.0])]
    yield case("logits of +-1000", shifted, batch["X"], batch["y"], SATURATED)
    yield case("very confident, and wrong", network(rng, [4, 6, 3], scale=40.0), batch["X"], batch["y"], SATURATED)
    small = network(rng, [4, 6, 3], np.float32)
    yield case("9 samples in float32", small, **data(rng, 9, [4, 6, 3], np.float32))
    yield case(
        "float32 logits of +-1000", [(small[0][0], 1000 * small[0][1]), small[1]], **data(rng, 4, [4], np.float32)
    )
    views = [(np.asfortranarray(W)[::-1], np.repeat(b, 2)[::2]) for W, b in params]
    yield case("arrays in other memory layouts", views, np.asfortranarray(batch["X"])[::-2], batch["y"][::-2])
    yield case("arrays in other memory layouts, again", views, np.asfortranarray(batch["X"])[::-2], batch["y"][::-2])
    # float64, or else one of the many inputs of a ReLU would now and then be 0 up to rounding
    yield case("128 images, 784-64-10", network(rng, [784, 64, 10]), **data(rng, 128, [784, 64, 10]), speed=Speed())


def epoch_cases(rng):
    def case(name, params, batch, lr=0.2, batch_size=4, seed=0, tolerance=None, **more):
        inputs = {"params": params, **batch, "lr": lr, "batch_size": batch_size, "seed": seed, **more}
        return Case(name, inputs, tolerance=tolerance)

    one = {"X": np.array([[1.0, 2.0]]), "y": np.array([1])}
    yield case("one sample, one step, a network of zeros", [(np.zeros((2, 2)), np.zeros(2))], one, lr=1.0)
    params, batch = network(rng, [3, 5, 4]), data(rng, 12, [3, 5, 4])
    yield case("all samples in one batch", params, batch, batch_size=12)
    yield case("a batch size above the number of samples", params, batch, batch_size=50)
    yield case("three batches of 4", params, batch, seed=1)
    yield case("twelve batches of 1", params, batch, batch_size=1, seed=2)
    yield case("batches of 5, 5 and 2", params, batch, batch_size=5, seed=3)
    yield case("batches of 11 and 1", params, batch, batch_size=11, seed=4)
    yield case("one layer only", network(rng, [3, 4]), batch, seed=5)
    yield case("three hidden layers", network(rng, [3, 6, 5, 7, 4]), batch, seed=6)
    yield case("a learning rate of 0", params, batch, lr=0.0, seed=7)
    ordered = {"X": np.repeat(rng.normal(size=(4, 3)), 3, axis=0), "y": np.repeat(np.arange(4), 3)}
    yield case("labels in order", params, ordered, batch_size=3, seed=8)
    yield case("three epochs", params, batch, batch_size=5, seed=9, epochs=3)
    yield case("ten epochs", params, batch, batch_size=5, seed=10, epochs=10)
    views = {"X": np.asfortranarray(batch["X"])[::-1], "y": batch["y"][::-1]}
    yield case("data in another memory layout", params, views, seed=11)
    small = {"X": batch["X"].astype(np.float32), "y": batch["y"]}
    loose = Tolerance(1e-4, 1e-5)
    yield case("an epoch in float32", network(rng, [3, 5, 4], np.float32), small, seed=12, tolerance=loose)


def predict_cases(rng):
    def case(name, params, images, driver=None):
        return Case(name, {"params": params, "images": images}, driver=driver)

    images = rng.integers(0, 256, (6, 3, 4), dtype=np.uint8)
    one = [(np.array([[-1.0, 1.0], [1.0, -1.0]], np.float32), np.zeros(2, np.float32))]
    yield case("left or right half brighter, by hand", one, np.array([[[200, 10]], [[10, 200]]], dtype=np.uint8))
    below = [(one[0][0], np.array([-9.0, -9.0], np.float32))]
    yield case("all logits below 0, by hand", below, np.array([[[200, 10]], [[10, 200]]], dtype=np.uint8))
    above = [(400 * one[0][0], np.array([999.0, 999.0], np.float32))]
    yield case("all logits far above 0, by hand", above, np.array([[[255, 0]], [[20, 10]]], dtype=np.uint8))
    bright = [(np.array([[0.0, 10.0]], np.float32), np.array([0.0, -5.0], np.float32))]
    yield case("brighter than half or not: two dark images", bright, np.array([[[100]], [[20]]], dtype=np.uint8))
    params = spread_out(rng, [12, 9, 5], images)
    yield case("six images", params, images)
    yield case("five classes, five images", params, images[:5])
    yield case("one image", params, images[:1])
    yield case("no image", params, images[:0])
    bias = [(params[0][0], params[0][1]), (np.float32(0.05) * params[1][0], params[1][1])]
    yield case("biases that matter", bias, images)
    yield case("together, alone and in halves", params, images, predict_apart)
    yield case(
        "a network of zeros: all classes are equal", [(np.zeros((12, 4), np.float32), np.zeros(4, np.float32))], images
    )
    yield case("an image and its negative", params, np.stack([images[0], 255 - images[0]]))
    yield case("every other image, upside down", params, images[::2, ::-1])
    yield case("every other image again", params, images[::2, ::-1])
    sizes = [784, 16, 10]
    digits = rng.integers(0, 256, (40, 28, 28), dtype=np.uint8)
    yield case("images of 28 x 28", spread_out(rng, sizes, digits), digits)


def spread_out(rng, sizes, images):
    """A float32 network that doesn't find one class the most likely in all images: its logits have mean 0."""
    params, h = network(rng, sizes, np.float32, scale=3.0), images.reshape(len(images), -1) / 255
    centred = []
    for W, b in params:
        z = h @ W
        centred.append((W, (b / 10 - z.mean(axis=0)).astype(np.float32)))
        h = np.maximum(z + centred[-1][1], 0)
    return centred


STEP = "            W -= lr * dW\n            b -= lr * db\n"
LOSS = "return float(-log_p[rows, y].mean()), grads[::-1]"
MASK = "d = d @ params[i][0].T * (inputs[i] > 0)"
NOT_FIRST = "if i > 0:  # nobody asks for the gradient in the pixels"
RELU = "values.append(np.maximum(values[-1] @ W + b, 0))"
NET = ("logits", "loss_and_grads", "train_epoch", "predict")

# From 2 to 30 trainings each, with new seeds and splits. The solution is 5.6 standard deviations or more above each.
# With MNIST and synthetic digits, quick and full, plain SGD, momentum and Adam at constant rates fall short in less
# than 2 % of their runs, with 64 hidden units or more and 10 epochs; five are too few for 8,000 images. Class means and
# hidden layers that are never trained always do; linear models, too, but for 3 to 13 % of their runs with MNIST and
# quick. With Fashion-MNIST they are too good to be told apart.
LEAST = {
    "mnist": {"tiny": 0.85, "quick": 0.925, "full": 0.955},
    "fashion-mnist": {"tiny": 0.68, "quick": 0.79, "full": 0.84},
    "synthetic": {"tiny": 0.78, "quick": 0.905, "full": 0.96},
}
ALL = {data: dict.fromkeys(profiles, 0.999) for data, profiles in LEAST.items()}
NEARLY = {data: dict.fromkeys(profiles, 0.99) for data, profiles in LEAST.items()}  # ties are decided by rounding
SPARE = {data: dict.fromkeys(profiles, 0) for data, profiles in LEAST.items()}

exercise = Exercise(
    parts=(
        Part(
            "init_params",
            init_cases,
            hints=(
                "One (W, b) for every two neighbours in sizes.",
                "The spread of a layer's weights depends on how many inputs it sums up: the more, the smaller.",
                "rng.standard_normal((n_in, n_out)) times the root of 2 / n_in, as float32, and np.zeros of float32.",
            ),
            driver=initialise,
            tolerance=t32(),
        ),
        Part(
            "preprocess",
            preprocess_cases,
            hints=(
                "Two things: (n, H, W) becomes (n, H * W), and 0 to 255 becomes 0 to 1.",
                "Reshape with a width that you compute: -1 can't be worked out for no image at all.",
                "Make it float32 first and divide then, so that no integer division and no float64 gets in.",
            ),
            tolerance=t32(),
        ),
        Part(
            "logits",
            logits_cases,
            hints=(
                "Follow X through the list of layers.",
                "Every layer is h @ W + b; all but the last are followed by np.maximum(..., 0).",
                "Loop over params[:-1] with the ReLU, and do the last layer on its own.",
            ),
        ),
        Part(
            "loss_and_grads",
            loss_cases,
            hints=(
                "Forward, and keep each layer's input. The gradient in the logits is (probabilities - one-hot) / N.",
                "Subtract the row maximum before exp; take the loss from the log-probabilities, never from log(p).",
                "Backwards: dW = input.T @ d, db = the sum of d over the rows, and then d = d @ W.T where the "
                "input was positive, and 0 elsewhere.",
            ),
            returns=("loss", "grads"),
        ),
        Part(
            "train_epoch",
            epoch_cases,
            hints=(
                "Shuffled indices first; then slices of them, and for each slice a gradient and a step.",
                "range(0, N, batch_size) gives the starts; a slice that goes beyond the end is simply shorter.",
                "Change arrays in place with -=. Weight each batch's loss by its number of samples and divide by N.",
            ),
            driver=run_epochs,
            tolerance=T64L,
            uses=("train_epoch", "loss_and_grads"),
        ),
        Part(
            "predict",
            predict_cases,
            hints=(
                "Pixels to rows, rows to logits, logits to classes: three functions, one of them from NumPy.",
                "The largest logit has the largest probability. No softmax is needed.",
                "argmax over the axis of the classes. It takes the first of equal values.",
            ),
            uses=("predict", "preprocess", "logits"),
        ),
    ),
    misconceptions=(
        Misconception(
            "zero_init",
            "init_params",
            "Your weights are all zero.",
            "Two hidden units that start equal get equal gradients: can they ever become different?",
            edits=(("rng.standard_normal((n_in, n_out)) *", "0 * rng.standard_normal((n_in, n_out)) *"),),
        ),
        Misconception(
            "unit_variance",
            "init_params",
            "Your weights have variance 1, however many inputs a layer has.",
            "A unit adds up 784 terms: how large is its result if each has variance 1?",
            edits=((" * np.sqrt(2 / n_in)", ""),),
        ),
        Misconception(
            "small_constant_spread",
            "init_params",
            "Your weights have the standard deviation 0.01 in every layer.",
            "Which of the two numbers, inputs or outputs, should the spread of a layer's weights depend on?",
            edits=(("np.sqrt(2 / n_in)", "0.01"),),
        ),
        Misconception(
            "fan_out_for_fan_in",
            "init_params",
            "Your weights are scaled by the number of outputs of a layer instead of its inputs.",
            "How many terms does one unit add up?",
            edits=(("np.sqrt(2 / n_in)", "np.sqrt(2 / n_out)"),),
        ),
        Misconception(
            "glorot_for_relu",
            "init_params",
            "Your weights have variance 1 / in, half of what is asked for.",
            "What share of its input does a ReLU pass on, and who makes up for the rest?",
            edits=(("np.sqrt(2 / n_in)", "np.sqrt(1 / n_in)"),),
        ),
        Misconception(
            "weights_out_in",
            "init_params",
            "Your weights have the shape (out, in).",
            "Which shape must W have for X @ W?",
            edits=(("rng.standard_normal((n_in, n_out))", "rng.standard_normal((n_out, n_in))"),),
        ),
        Misconception(
            "raw_pixels",
            ("preprocess", "predict"),
            "Your pixels go from 0 to 255.",
            "The weights are made for inputs of about 1. What comes out for inputs of about 100?",
            edits=((".astype(np.float32) / 255", ".astype(np.float32)"),),
        ),
        Misconception(
            "integer_division",
            ("preprocess", "predict"),
            "Your division is one of integers, which leaves nothing of a pixel below 255.",
            "What is 254 // 255?",
            edits=((".astype(np.float32) / 255", ".astype(np.float32) // 255"),),
        ),
        Misconception(
            "statistics_of_the_batch",
            ("preprocess", "predict"),
            "Your pixels are scaled by the darkest and brightest pixel of the batch at hand.",
            "Predict an image alone, then together with a brighter one: must the answer be the same?",
            edits=(
                (
                    "    return images.reshape(len(images), math.prod(images.shape[1:])).astype(np.float32) / 255",
                    "    X = images.reshape(len(images), math.prod(images.shape[1:])).astype(np.float32)\n"
                    "    low, high = X.min(initial=255), X.max(initial=0)\n"
                    "    return (X - low) / max(high - low, 1)",
                ),
            ),
        ),
        Misconception(
            "linear_net",
            NET,
            "Your network has no activation between its layers.",
            "Multiply the weight matrices of your layers: what is left of the hidden layer?",
            edits=((RELU, "values.append(values[-1] @ W + b)"), (MASK, "d = d @ params[i][0].T")),
        ),
        Misconception(
            "relu_on_logits",
            NET,
            "Your last layer is followed by a ReLU, too.",
            "Can your network ever put out a negative logit? Does it need to?",
            edits=(
                ("return [*values, values[-1] @ W + b]", "return [*values, np.maximum(values[-1] @ W + b, 0)]"),
                (
                    "    for i in reversed(range(len(params))):",
                    "    d *= inputs[-1] @ params[-1][0] + params[-1][1] > 0\n"
                    "    for i in reversed(range(len(params))):",
                ),
            ),
        ),
        Misconception(
            "mask_missing",
            ("loss_and_grads", "train_epoch"),
            "Your gradient passes the ReLU as if it weren't there.",
            "A hidden unit puts out 0 for a sample. How much does the loss change if its weights move a little?",
            edits=((MASK, "d = d @ params[i][0].T"),),
        ),
        Misconception(
            "mask_at_0_open",
            "loss_and_grads",
            "Your gradient passes a ReLU whose input is exactly 0.",
            "The slope at the kink is a convention: which one is agreed on here?",
            edits=((MASK, "d = d @ params[i][0].T * (inputs[i - 1] @ params[i - 1][0] + params[i - 1][1] >= 0)"),),
        ),
        Misconception(
            "sum_gradient",
            ("loss_and_grads", "train_epoch"),
            "Your gradients are summed over the batch, though the loss is its mean.",
            "Feed every sample twice: should the gradient change? And the best learning rate?",
            edits=(("    d /= len(y)\n", ""),),
        ),
        Misconception(
            "mean_over_classes",
            "loss_and_grads",
            "Your loss and gradients are divided by the number of classes, too.",
            "How many log-probabilities of a sample enter its loss?",
            edits=(
                ("d /= len(y)", "d /= log_p.size"),
                (LOSS, "return float(-log_p[rows, y].sum() / log_p.size), grads[::-1]"),
            ),
        ),
        Misconception(
            "softmax_overflow",
            "loss_and_grads",
            "Your softmax takes exp of large logits and overflows.",
            "What is exp(1000)? By which number can all logits of a sample be lowered without changing softmax?",
            edits=(("z = z - z.max(axis=1, keepdims=True)", "pass"),),
        ),
        Misconception(
            "log_plus_eps",
            "loss_and_grads",
            "Your loss is -log(p + 1e-7), which never gets above 16.",
            "How large is the true loss for a logit gap of 1000?",
            edits=((LOSS, "return float(-np.log(np.exp(log_p[rows, y]) + 1e-7).mean()), grads[::-1]"),),
        ),
        Misconception(
            "only_last_layer",
            "train_epoch",
            "Your training changes the last layer only.",
            "Compare the first layer's weights before and after an epoch.",
            edits=(("in zip(params, grads, strict=True):", "in zip(params[-1:], grads[-1:], strict=True):"),),
        ),
        Misconception(
            "uphill",
            "train_epoch",
            "Your training adds the gradient, and so raises the loss.",
            "Take one step on one sample: is its loss smaller afterwards?",
            edits=((STEP, STEP.replace("-=", "+=")),),
        ),
        Misconception(
            "arrays_replaced",
            "train_epoch",
            "Your training makes new arrays and leaves the ones it was given as they were.",
            "Who else holds the arrays in params, and what do they see after an epoch?",
            edits=(
                (
                    "order = rng.permutation(len(X))",
                    "params = [(W.copy(), b.copy()) for W, b in params]\n    order = rng.permutation(len(X))",
                ),
            ),
        ),
        Misconception(
            "no_shuffle",
            "train_epoch",
            "Your batches come in the order of the data.",
            "The data may be sorted by label: what does a batch contain then?",
            edits=(("order = rng.permutation(len(X))", "order = np.arange(len(X))"),),
        ),
        Misconception(
            "labels_left_behind",
            "train_epoch",
            "Your samples are shuffled, but their labels aren't.",
            "After the shuffle, which label belongs to the first sample?",
            edits=(("X[batch], y[batch]", "X[batch], y[start : start + batch_size]"),),
        ),
        Misconception(
            "drop_last",
            "train_epoch",
            "Your epoch leaves out the last samples when they don't fill a batch.",
            "With 12 samples and batches of 5, how many samples should be seen?",
            edits=(
                (
                    "        loss, grads = loss_and_grads(",
                    "        if start > 0 and len(batch) < batch_size:\n            continue\n"
                    "        loss, grads = loss_and_grads(",
                ),
            ),
        ),
        Misconception(
            "mean_of_batch_means",
            "train_epoch",
            "Your loss is the mean over batches, in which the samples of a small last batch count more.",
            "One batch of 11 samples and one of 1: how much should that single sample count?",
            edits=(
                ("total += len(batch) * loss", "total += loss"),
                ("return total / len(X)", "return total / -(-len(X) // batch_size)"),
            ),
        ),
        Misconception(
            "loss_of_the_last_batch",
            "train_epoch",
            "Your loss is that of the last batch.",
            "How many samples does your loss speak for?",
            edits=(("total += len(batch) * loss", "total = len(X) * loss"),),
        ),
        Misconception(
            "steps_at_the_end",
            "train_epoch",
            "Your epoch computes all gradients with the weights it started with, and moves only then.",
            "How many times should the weights have moved before the third batch is looked at?",
            edits=(
                ("total = 0.0", "total, start_params = 0.0, [(W.copy(), b.copy()) for W, b in params]"),
                ("loss_and_grads(params, X[batch]", "loss_and_grads(start_params, X[batch]"),
            ),
        ),
        Misconception(
            "argmax_axis",
            "predict",
            "Your argmax runs over the images: it finds the best image for each class.",
            "How many answers do you get for six images and five classes?",
            edits=((".argmax(axis=1)", ".argmax(axis=0)"),),
        ),
        Misconception(
            "last_of_equal",
            "predict",
            "Your prediction takes the last of equally likely classes.",
            "A network of zeros finds all classes equally likely: which one is the first?",
            edits=(
                (
                    "return logits(params, preprocess(images)).argmax(axis=1)",
                    "z = logits(params, preprocess(images))\n    return z.shape[1] - 1 - z[:, ::-1].argmax(axis=1)",
                ),
            ),
        ),
    ),
    equivalents=(
        Equivalent(NOT_FIRST, NOT_FIRST.replace("> 0", "!= 0"), "a layer's number isn't negative"),
        Equivalent(NOT_FIRST, NOT_FIRST.replace("> 0", ">= 0"), "one product too many, which nobody uses"),
        Equivalent(NOT_FIRST, NOT_FIRST.replace("> 0", "> -1"), "one product too many, which nobody uses"),
        Equivalent(MASK, MASK.replace("> 0", "!= 0"), "what leaves a ReLU isn't negative"),
        Equivalent(
            "for (W, b), (dW, db) in zip(params, grads, strict=True):",
            "for (W, b), (dW, db) in zip(params, grads, strict=False):",
            "there is one gradient for each layer",
        ),
    ),
    training=Training(
        "train",
        train_and_predict,
        bars=(
            Bar("accuracy on images never seen", "accuracy", LEAST),
            Bar("same answers in small portions", "same in portions", ALL),
            Bar("the answers are those of the network that was returned", "said by the network", NEARLY),
            Bar("a network of at most a million weights", "weights to spare", SPARE, unit="to spare"),
        ),
        ratio=25,
        hints=(
            "Prepare the images once, make a network with one hidden layer, and go through the images epoch by epoch.",
            "train_epoch is enough, if you call it often enough: watch the loss, and raise the learning rate until it "
            "no longer falls. Momentum or Adam need fewer epochs.",
            "128 hidden units, batches of 64, momentum 0.9, and a learning rate that falls from about 0.1 to 0 during "
            "10 epochs: with a constant one, the last steps only shake the weights.",
        ),
        uses=("train", "predict"),
        measures=measures,
        apart=("train", "_fit", "_batches"),
    ),
)
