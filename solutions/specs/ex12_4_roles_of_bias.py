"""Cases, misconceptions and hints for 12-4."""

import numpy as np

from grader.spec import T64L, Case, Equivalent, Exercise, Misconception, Part, Tolerance

CANCELS = Tolerance(1e-9, 1e-10)  # what cancels leaves rounding of the size of the bias behind


def layouts(a):
    """The same numbers in another memory layout: Fortran order and reversed, a row that stands for several."""
    return np.asfortranarray(a)[::-1], np.broadcast_to(a[:1], a.shape)


def augment_cases(rng):
    X = rng.standard_normal((4, 3))
    yield Case("one row of two numbers", {"X": np.array([[5.0, 7.0]])})
    yield Case("4 rows, 3 columns", {"X": X})
    yield Case("a square X", {"X": X[:3]})
    yield Case("a single column", {"X": X[:, :1]})
    yield Case("a column of ones is there already", {"X": np.ones((3, 2))})
    yield Case("no row", {"X": X[:0]})
    yield Case("no column", {"X": X[:, :0]})
    yield Case("int64", {"X": np.array([[3, -2], [4, 1]])})
    yield Case("uint8", {"X": np.array([[200, 3]], np.uint8)})
    yield Case("float32", {"X": X.astype(np.float32)})
    reversed_, repeated = layouts(X)
    yield Case("Fortran order, reversed", {"X": reversed_})
    yield Case("read-only rows", {"X": repeated})
    yield Case("4 rows, 3 columns again", {"X": X})


def absorb_cases(rng):
    W, b = rng.standard_normal((4, 3)), rng.standard_normal(4)
    yield Case("one output of two inputs", {"W": np.array([[5.0, 7.0]]), "b": np.array([9.0])})
    yield Case("3 inputs, 4 outputs", {"W": W, "b": b})
    yield Case("square weights", {"W": W[:3], "b": b[:3]})
    yield Case("one input", {"W": W[:, :1], "b": b})
    yield Case("no input", {"W": W[:, :0], "b": b})
    yield Case("int64 weights, float bias", {"W": np.array([[3, -2], [4, 1]]), "b": np.array([0.5, 0.25])})
    yield Case("int8 weights and bias", {"W": np.array([[100, -2]], np.int8), "b": np.array([-100], np.int8)})
    yield Case("float32 weights and bias", {"W": W.astype(np.float32), "b": b.astype(np.float32)})
    reversed_, repeated = layouts(W)
    yield Case("Fortran-ordered, reversed weights", {"W": reversed_, "b": b[::-1]})
    yield Case("read-only weights and bias", {"W": repeated, "b": np.broadcast_to(np.array(0.5), 4)})
    yield Case("3 inputs, 4 outputs again", {"W": W, "b": b})


def fit_cases(rng):
    def case(name, X, y, bias):
        return Case(name, {"X": np.asarray(X), "y": np.asarray(y), "bias": bias})

    yield case("two points on y = 2 x", [[1.0], [2.0]], [2.0, 4.0], True)
    yield case("two points on y = 2 x + 1", [[0.0], [1.0]], [1.0, 3.0], True)
    yield case("two points on y = 2 x + 1, no bias", [[0.0], [1.0]], [1.0, 3.0], False)
    yield case("three points not on a line", [[0.0], [1.0], [2.0]], [1.0, 0.0, 5.0], True)
    X, noise = rng.normal(1, 1, (20, 4)), rng.standard_normal(20)
    y = X @ rng.standard_normal(4) + 3 + noise
    wide, target = rng.normal(1, 1, (4, 9)), rng.normal(2, 1, 4)
    factors = rng.standard_normal((12, 2)) @ rng.standard_normal((2, 5)) + rng.uniform(-3, 3, 5)
    level = rng.normal(2, 1, 12)
    for bias, label in ((True, "a bias"), (False, "no bias")):
        yield case(f"20 rows, 4 columns, {label}", X, y, bias)
        yield case(f"targets around 100, {label}", X, y + 100, bias)
        yield case(f"data around 50, {label}", X + 50, y, bias)
        yield case(f"as many rows as columns, {label}", X[:4], y[:4], bias)
        yield case(f"fewer rows than columns, {label}", wide, target, bias)
        yield case(f"fewer rows than columns, targets around 100, {label}", wide, target + 100, bias)
        yield case(f"columns that depend on each other, {label}", factors, level, bias)
        yield case(f"the same column twice, {label}", X[:, [0, 1, 0]], y, bias)
        yield case(f"a column of ones, {label}", np.hstack([X, np.ones((20, 1))]), y, bias)
        yield case(f"a single row, {label}", X[:1], y[:1], bias)
        yield case(f"a constant target, {label}", X, np.full(20, 2.5), bias)
        yield case(f"a column of 1e-7, {label}", X[:, :2] * [1, 1e-7], y, bias)
        yield case(f"a column of 1e-12, which counts as 0, {label}", X[:, :2] * [1, 1e-12], y, bias)
        yield case(f"all data of 1e-12, {label}", X * 1e-12, y, bias)
        yield case(
            f"uint8 data, {label}",
            np.array([[200, 3], [90, 255], [7, 1]], np.uint8),
            np.array([250, 3, 90], np.uint8),
            bias,
        )
    yield case("singular values of 1 and 2e-10", np.diag([1.0, 2e-10]), [2.0, 6e-10], False)
    yield case("singular values of 1 and 5e-11, which counts as 0", np.diag([1.0, 5e-11]), [2.0, 6e-10], False)
    pairs = [[1e4 + 1, 0.0], [1e4 - 1, 0.0], [1e4, 1e-8], [1e4, -1e-8]]
    yield case("once it is centred, 1e-8 isn't little", pairs, [3.0, 1.0, 5.0, -1.0], True)
    yield case("float32 data", X.astype(np.float32), y.astype(np.float32), True)
    yield case("Fortran-ordered and reversed data", np.asfortranarray(X)[::-1], np.repeat(y, 2)[::-2], True)
    yield case(
        "read-only data, equal columns", np.broadcast_to(X[:5, :1], (5, 3)), np.broadcast_to(y[:1], 5) + y[5:10], True
    )
    yield case("20 rows, 4 columns, a bias again", X, y, True)


def midpoint_cases(rng):
    def case(name, w, b):
        return Case(name, {"w": w, "b": b})

    yield case("w = 1, b = 0", 1.0, 0.0)
    yield case("w = 4, b = -2", 4.0, -2.0)
    yield case("w = 1, b = 3", 1.0, 3.0)
    yield case("w = -2, b = 3", -2.0, 3.0)
    yield case("w = 0", 0.0, 1.0)
    yield case("w = 0, b = 0", 0, 0)
    yield case("integers", 3, 7)
    yield case("numpy scalars", np.float64(-0.3), np.float64(2.0))
    yield case("unsigned numpy integers", np.uint8(3), np.uint8(2))
    yield case("the smallest int8", np.int8(3), np.int8(-128))
    yield case("float32 numbers", np.float32(0.3), np.float32(0.7))
    yield case("a zero of numpy", np.float64(0.0), np.float64(-1.0))
    for number in range(3):
        yield case(f"random numbers, {number + 1}", *map(float, rng.normal(0, 3, 2)))
    yield case("steep", 1e8, -3e7)
    yield case("nearly flat", 1e-8, 2.0)
    yield case("all but flat", 1e-200, 2.0)


def grad_cases(rng):
    def case(name, dout):
        return Case(name, {"dout": dout})

    image = rng.standard_normal((2, 3, 4, 5))
    dense = rng.standard_normal((6, 4))
    yield case("one sample, two outputs", np.array([[1.0, -2.0]]))
    yield case("three samples, two outputs", np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    yield case("6 samples, 4 outputs", dense)
    yield case("as many samples as outputs", dense[:4])
    yield case("one output", dense[:, :1])
    yield case("a convolution, 3 channels", image)
    yield case("a convolution, all sizes equal", rng.standard_normal((3, 3, 3, 3)))
    yield case("a convolution, one channel", image[:, :1])
    yield case("a convolution, one pixel", image[:, :, :1, :1])
    yield case("a convolution along a sequence", rng.standard_normal((2, 3, 7)))
    yield case("no sample", dense[:0])
    yield case("no image", image[:0])
    yield case("uint8 gradients", np.full((3, 2), 200, np.uint8))
    yield case("int64 images", rng.integers(-9, 9, (2, 3, 2, 2)))
    yield case("float32 gradients", dense.astype(np.float32))
    yield case("10 000 equal values in float32", np.full((10_000, 1), 0.1, np.float32))
    reversed_, repeated = layouts(image)
    yield case("Fortran-ordered, reversed gradients", reversed_)
    yield case("one image that stands for two", repeated)
    yield case("6 samples, 4 outputs again", dense)


def prior_cases(rng):
    def case(name, y, num_classes, *alpha):
        return Case(name, {"y": np.asarray(y), "num_classes": num_classes, **({"alpha": alpha[0]} if alpha else {})})

    labels = rng.integers(0, 4, 60)
    yield case("as many ones as zeros", [0, 1, 1, 0], 2)
    yield case("one of 100, not smoothed", [1] + [0] * 99, 2, 0.0)
    yield case("one of 100, smoothed with 1", [1] + [0] * 99, 2)
    yield case("three of four are ones, not smoothed", [1, 0, 1, 1], 2, 0.0)
    yield case("three of four are ones, alpha 0.5", [1, 0, 1, 1], 2, 0.5)
    yield case("1 in 1000", [0] * 500 + [1] + [0] * 499, 2)
    yield case("no ones", [0, 0, 0], 2)
    yield case("no ones, not smoothed", [0, 0, 0], 2, 0.0)
    yield case("nothing but ones, not smoothed", [1, 1], 2, 0.0)
    yield case("no label at all, two classes", np.zeros(0, np.int64), 2)
    yield case("three classes, not smoothed", [0, 1, 1, 2, 2, 2], 3, 0.0)
    yield case("three classes", [0, 1, 1, 2, 2, 2], 3)
    yield case("60 labels, four classes", labels, 4)
    yield case("60 labels, four classes, alpha 10", labels, 4, 10)
    yield case("a class that doesn't occur", [0, 2, 2], 3)
    yield case("a class that doesn't occur, not smoothed", [0, 2, 2], 3, 0.0)
    yield case("the last two classes don't occur", [1, 0, 1], 4, 0.25)
    yield case("no label at all, five classes", np.zeros(0, np.int64), 5)
    yield case("300 classes", rng.integers(0, 300, 500), 300)
    yield case("uint8 labels", labels.astype(np.uint8), 4)
    yield case("int8 labels, more than 127 of one class", np.zeros(300, np.int8), 3)
    yield case("reversed and strided labels", np.repeat(labels, 2)[::-2], 4)
    yield case("one label, read-only", np.broadcast_to(np.array(2), 9), 4)
    yield case("a label that is too large", [0, 1, 2], 2)
    yield case("a label that is too large, three classes", [0, 3, 1], 3)
    yield case("a negative label", [0, -1, 1], 3)
    yield case("a negative label, two classes", [0, -1, 1], 2)
    yield case("60 labels, four classes again", labels, 4)


def effect_cases(rng):
    def case(name, z, b, norm, *eps):
        return Case(name, {"z": z, "b": b, "norm": norm, **({"eps": eps[0]} if eps else {})})

    z, b = rng.normal(0, 2, (8, 5)), rng.standard_normal(5)
    square, three = rng.normal(0, 2, (4, 4)), rng.standard_normal(4)
    yield case("nothing follows", np.array([[1.0, 2.0]]), np.array([0.5, -3.0]), "none")
    yield case("batch norm over two rows", np.array([[1.0], [3.0]]), np.array([7.0]), "batch")
    yield case("layer norm, a bias on one of two", np.array([[0.0, 0.0]]), np.array([2.0, 0.0]), "layer", 1.0)
    for norm in ("none", "batch", "layer"):
        yield case(f"8 rows, 5 columns, {norm}", z, b, norm)
        yield case(f"as many rows as columns, {norm}", square, three, norm)
        yield case(f"the same bias for every column, {norm}", z, np.full(5, 3.0), norm)
        yield case(f"a bias of 1000 on one column, {norm}", z, 1000 * np.eye(5)[2], norm)
        yield case(f"a bias of 0, {norm}", z, np.zeros(5), norm)
        yield case(f"a large eps, {norm}", z, b, norm, 2.0)
        yield case(f"one row, {norm}", z[:1], b, norm)
        yield case(f"one column, {norm}", z[:, :1], b[:1], norm)
        yield case(
            f"uint8 outputs and bias, {norm}",
            np.array([[200, 3], [90, 250]], np.uint8),
            np.array([100, 7], np.uint8),
            norm,
        )
        yield case(f"float32 outputs and bias, {norm}", z.astype(np.float32), b.astype(np.float32), norm)
    yield case("values of a hundredth, layer", z / 100, b / 100, "layer")
    reversed_, repeated = layouts(z)
    yield case("Fortran order, reversed, layer", reversed_, b[::-1], "layer")
    yield case("read-only rows, layer", repeated, np.broadcast_to(np.array(0.5), 5), "layer")
    yield case("an unknown norm", z, b, "group")
    yield case("another unknown norm", z, b, "weight")
    yield case("8 rows, 5 columns, layer again", z, b, "layer")


AUGMENT = Part(
    name="augment",
    cases=augment_cases,
    hints=(
        "A bias is a weight on an input that is always 1.",
        "np.hstack or np.column_stack put arrays side by side; the ones are an array of shape (N, 1).",
        "X first, the ones last: np.hstack([X, np.ones((len(X), 1))]), with X as float64.",
    ),
)

ABSORB = Part(
    name="absorb_bias",
    cases=absorb_cases,
    hints=(
        "Each row of W belongs to one output. So does each entry of b.",
        "The ones of augment(X) are in the last column. Which column of V do they meet?",
        "b becomes the last column of V: b[:, None] has the right shape for np.hstack.",
    ),
)

FIT = Part(
    name="fit_least_squares",
    cases=fit_cases,
    tolerance=T64L,
    returns=("w", "b"),
    hints=(
        "Whatever w is, the best b makes the residuals average to 0. So solve for w as if b weren't there.",
        "Subtract the means of X (per column) and of y; solve for w; then b follows from the means.",
        "np.linalg.lstsq(A, c, rcond=1e-10)[0] is the shortest of the best solutions.",
        "Without a bias nothing is subtracted, and b is 0.0.",
    ),
)

MIDPOINT = Part(
    name="sigmoid_midpoint",
    cases=midpoint_cases,
    hints=(
        "At which argument is a sigmoid one half?",
        "Solve w * x + b = 0 for x. The weight takes part: a steep curve is shifted less by the same bias.",
        "With w = 0 the sigmoid is constant, and there is no such x: return float('nan') before you divide.",
    ),
)

GRAD = Part(
    name="bias_grad",
    cases=grad_cases,
    hints=(
        "Every output contains its bias once, with factor 1. How many outputs contain the same bias?",
        "The gradient of something that is used several times is the sum over its uses.",
        "Sum over every axis except 1, in float64; nothing is divided by N.",
    ),
)

PRIOR = Part(
    name="prior_bias",
    cases=prior_cases,
    hints=(
        "With weights 0 the logits are the bias alone. Which logits have the label frequencies as probabilities?",
        "For softmax, the logarithms of the probabilities are such logits. For a sigmoid, solve sigmoid(z) = p_1.",
        "np.bincount(y, minlength=K) counts. Two classes: the difference of the two log-probabilities.",
        "Check the labels first; with alpha = 0 let np.log(0) be -inf.",
    ),
)

EFFECT = Part(
    name="bias_effect",
    cases=effect_cases,
    tolerance=CANCELS,
    hints=(
        "Write a helper that normalises, and call it with and without the bias.",
        "Batch normalisation takes mean and variance of each column, so a constant added to a column is taken away "
        "again. Layer normalisation takes them of each row.",
        "The mean over axis 0 or 1 with keepdims=True; np.var is the biased variance; np.abs(difference).max().",
    ),
)

CENTRES = "(X.mean(axis=0), y.mean()) if bias else (np.zeros(X.shape[1]), 0.0)"
SOLVED = "np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]"
SUM = "    return dout.sum(axis=(0, *range(2, dout.ndim)), dtype=np.float64)\n"
COUNTS = "    counts = np.bincount(y.astype(np.int64), minlength=num_classes)"
BINARY = "float(log_p[1] - log_p[0]) if num_classes == 2"
MIDDLE = "-float(b) / float(w)"
CHANGE = "np.abs(_normalised(z + b, norm, eps) - _normalised(z, norm, eps)).max()"

exercise = Exercise(
    parts=(AUGMENT, ABSORB, FIT, MIDPOINT, GRAD, PRIOR, EFFECT),
    misconceptions=(
        Misconception(
            name="ones_first",
            part=("augment", "absorb_bias"),
            summary="Your ones, or your biases, are the first column.",
            nudge="Read again which column is asked for; both functions have to agree.",
            edits=(
                ("np.hstack([X, np.ones((len(X), 1))])", "np.hstack([np.ones((len(X), 1)), X])"),
                (
                    "np.hstack([np.asarray(W, np.float64), np.asarray(b, np.float64)[:, None]])",
                    "np.hstack([np.asarray(b, np.float64)[:, None], np.asarray(W, np.float64)])",
                ),
            ),
        ),
        Misconception(
            name="zeros_appended",
            part="augment",
            summary="Your extra column holds zeros.",
            nudge="By which number must a bias be multiplied to be added as it is?",
            edits=(("np.ones((len(X), 1))", "np.zeros((len(X), 1))"),),
        ),
        Misconception(
            name="penalised_augmented",
            part="fit_least_squares",
            summary="Your solution is the shortest of w and b together, so it keeps the bias small as well.",
            nudge="With fewer rows than columns, add 100 to all of y: should w move?",
            code="""
def fit_least_squares(X, y, bias):
    X = augment(X) if bias else np.asarray(X, np.float64)
    w = np.linalg.lstsq(X, np.asarray(y, np.float64), rcond=1e-10)[0]
    return (w[:-1], float(w[-1])) if bias else (w, 0.0)
""",
        ),
        Misconception(
            name="weights_not_centred",
            part="fit_least_squares",
            summary="Your weights are fitted without centring, and the bias is added afterwards.",
            nudge="Fit the two points of y = 2 x + 1 by hand: which w comes out?",
            edits=((SOLVED, "np.linalg.lstsq(X, y, rcond=1e-10)[0]"),),
        ),
        Misconception(
            name="only_the_target_centred",
            part="fit_least_squares",
            summary="Your weights are fitted to centred targets, but to data that aren't centred.",
            nudge="Add 50 to a column of X: should w change, if there is a bias to make up for it?",
            edits=((SOLVED, "np.linalg.lstsq(X, y - y_mean, rcond=1e-10)[0]"),),
        ),
        Misconception(
            name="bias_is_the_mean_target",
            part="fit_least_squares",
            summary="Your bias is the mean of y, as if the columns of X had the mean 0.",
            nudge="At the mean of the data, what does your fit predict, and what should it?",
            edits=(("float(y_mean - x_mean @ w)", "float(y_mean)"),),
        ),
        Misconception(
            name="bias_always_fitted",
            part="fit_least_squares",
            summary="Your fit has a bias even if none is asked for.",
            nudge="Where does the argument `bias` enter your code?",
            edits=((CENTRES, "(X.mean(axis=0), y.mean())"),),
        ),
        Misconception(
            name="bias_never_fitted",
            part="fit_least_squares",
            summary="Your fit has no bias even if one is asked for.",
            nudge="Can your line pass through (0, 1)?",
            edits=((CENTRES, "(np.zeros(X.shape[1]), 0.0)"),),
        ),
        Misconception(
            name="shift_sign",
            part="sigmoid_midpoint",
            summary="Your midpoint has the wrong sign.",
            nudge="A larger bias makes every output larger: in which direction does the curve move?",
            edits=((MIDDLE, "float(b) / float(w)"),),
        ),
        Misconception(
            name="midpoint_of_weight_only",
            part="sigmoid_midpoint",
            summary="Your midpoint ignores the weight.",
            nudge="Put your x into w * x + b. Which value should come out, and which does?",
            edits=((MIDDLE, "-float(b)"),),
        ),
        Misconception(
            name="weight_over_bias",
            part="sigmoid_midpoint",
            summary="Your midpoint is a quotient upside down.",
            nudge="If the weight grows, does the same bias shift the curve more or less?",
            edits=((MIDDLE, "-float(w) / (float(b) or float('nan'))"),),
        ),
        Misconception(
            name="flat_counts_as_zero",
            part="sigmoid_midpoint",
            summary="Your midpoint of a sigmoid with weight 0 is a number.",
            nudge="Where does a constant function cross one half?",
            edits=(('float("nan")', "0.0"),),
        ),
        Misconception(
            name="bias_mean",
            part="bias_grad",
            summary="Your gradient is an average over the batch, of numbers that contain an average already.",
            nudge="Where was the 1/N applied?",
            edits=((SUM, SUM.replace("dtype=np.float64)", "dtype=np.float64) / max(len(dout), 1)")),),
        ),
        Misconception(
            name="bias_per_pixel",
            part="bias_grad",
            summary="Your gradient of a convolution's bias keeps the positions of the image.",
            nudge="How many biases does a channel have?",
            edits=((SUM, SUM.replace("(0, *range(2, dout.ndim))", "0")),),
        ),
        Misconception(
            name="averaged_over_pixels",
            part="bias_grad",
            summary="Your gradient of a convolution's bias is averaged over the positions of the image.",
            nudge="Every position uses the bias. Is its influence shared among them, or does it add up?",
            edits=((SUM, SUM.replace("dtype=np.float64)", "dtype=np.float64) / np.prod(dout.shape[2:])")),),
        ),
        Misconception(
            name="summed_over_outputs",
            part="bias_grad",
            summary="Your gradient is summed over the outputs, one number for each sample.",
            nudge="Which of the two axes of dout counts the biases?",
            edits=((SUM, SUM.replace("(0, *range(2, dout.ndim))", "tuple(range(1, dout.ndim))")),),
        ),
        Misconception(
            name="log_prior_not_logit",
            part="prior_bias",
            summary="Your bias for two classes is the logarithm of the probability.",
            nudge="Put your bias through a sigmoid: which probability comes out for p_1 = 1/2?",
            edits=((BINARY, "float(log_p[1]) if num_classes == 2"),),
        ),
        Misconception(
            name="logit_of_the_zeros",
            part="prior_bias",
            summary="Your bias for two classes belongs to class 0.",
            nudge="If ones are rare, should the logit be negative or positive?",
            edits=((BINARY, "float(log_p[0] - log_p[1]) if num_classes == 2"),),
        ),
        Misconception(
            name="two_logits_for_two_classes",
            part="prior_bias",
            summary="Your bias for two classes is a pair of log-probabilities.",
            nudge="How many outputs does a yes/no classifier with a sigmoid have?",
            edits=((BINARY + " else ", ""),),
        ),
        Misconception(
            name="no_smoothing",
            part="prior_bias",
            summary="Your frequencies aren't smoothed.",
            nudge="Which bias does a class get that happens to be absent, and could training ever undo it?",
            edits=(("smoothed = counts + alpha", "smoothed = counts"),),
        ),
        Misconception(
            name="smoothed_without_k",
            part="prior_bias",
            summary="Your smoothed frequencies don't add up to 1.",
            nudge="If each class is given alpha extra counts, by how much does the total grow?",
            edits=(("np.log(smoothed / smoothed.sum())", "np.log(smoothed / (len(y) + alpha))"),),
        ),
        Misconception(
            name="frequencies_not_logarithms",
            part="prior_bias",
            summary="Your bias for more than two classes holds the frequencies themselves.",
            nudge="Which function turns logits into probabilities, and what undoes it?",
            edits=(("num_classes == 2 else log_p", "num_classes == 2 else np.exp(log_p)"),),
        ),
        Misconception(
            name="present_classes_only",
            part="prior_bias",
            summary="Your bias has entries up to the largest label that occurs, not for all classes.",
            nudge="What shape does your result have if the last class is absent?",
            edits=((COUNTS, COUNTS.replace("num_classes", "2")),),
        ),
        Misconception(
            name="labels_not_checked",
            part="prior_bias",
            summary="Your function counts labels that don't exist.",
            nudge="Three kinds of labels, but two classes: should that go unnoticed?",
            edits=((COUNTS, "    y = y % num_classes\n" + COUNTS),),
        ),
        Misconception(
            name="norms_swapped",
            part="bias_effect",
            summary="Your batch normalisation works along the rows and your layer normalisation along the columns.",
            nudge="For which of the two does the result of a sample depend on the other samples?",
            edits=(('0 if norm == "batch" else 1', '1 if norm == "batch" else 0'),),
        ),
        Misconception(
            name="bias_after_the_norm",
            part="bias_effect",
            summary="Your bias is added after the normalisation.",
            nudge="Which comes first, the layer with its bias or the normalisation?",
            edits=(("_normalised(z + b, norm, eps)", "(_normalised(z, norm, eps) + b)"),),
        ),
        Misconception(
            name="every_norm_cancels",
            part="bias_effect",
            summary="Your layer normalisation is taken to cancel any bias, as batch normalisation does.",
            nudge="A bias on a single feature: does the mean over the features of a sample contain it fully?",
            edits=((f"float({CHANGE})", f'0.0 if norm in ("batch", "layer") else float({CHANGE})'),),
        ),
        Misconception(
            name="average_change",
            part="bias_effect",
            summary="Your effect is the average change, where the largest is asked for.",
            nudge="If the bias changes one entry in a hundred, what should the answer be?",
            edits=((CHANGE, CHANGE.replace(".max()", ".mean()")),),
        ),
        Misconception(
            name="signs_kept",
            part="bias_effect",
            summary="Your effect is the largest change with its sign, so that negative changes are lost.",
            nudge="What is the effect of a bias of -3 with nothing behind it?",
            edits=((CHANGE, CHANGE.replace("np.abs(", "(")),),
        ),
        Misconception(
            name="eps_outside",
            part="bias_effect",
            summary="Your normalisation adds eps to the standard deviation, outside of the root.",
            nudge="What is added to what before the root is taken?",
            edits=(
                (
                    "np.sqrt((centred**2).mean(axis=axis, keepdims=True) + eps)",
                    "(np.sqrt((centred**2).mean(axis=axis, keepdims=True)) + eps)",
                ),
            ),
        ),
        Misconception(
            name="unbiased_variance",
            part="bias_effect",
            summary="Your normalisation divides the squares by one less than their number.",
            nudge="Which of the two variances normalises, and what happens if there is a single value?",
            edits=(
                (
                    "(centred**2).mean(axis=axis, keepdims=True)",
                    "(centred**2).sum(axis=axis, keepdims=True) / (z.shape[axis] - 1)",
                ),
            ),
        ),
    ),
    equivalents=(
        Equivalent(
            "w = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]",
            "w = np.linalg.lstsq(X - x_mean, y + y_mean, rcond=1e-10)[0]",
            "centred columns are orthogonal to any constant, and without a bias the mean counts as 0",
        ),
        Equivalent(
            "if len(counts) > num_classes:",
            "if len(counts) != num_classes:",
            "there are at least num_classes counts",
        ),
        Equivalent(
            "return float(log_p[1] - log_p[0]) if num_classes == 2 else log_p",
            "return float(log_p[1] - log_p[0]) if num_classes <= 2 else log_p",
            "there are at least two classes",
        ),
        Equivalent(
            'axis = 0 if norm == "batch" else 1',
            'axis = 0 if norm <= "batch" else 1',
            "'batch' comes before 'layer' in the alphabet",
        ),
    ),
)
