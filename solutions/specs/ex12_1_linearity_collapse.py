"""Cases, misconceptions and hints for 12-1."""

import functools

import numpy as np

from grader.spec import Case, Exercise, Misconception, Part, Speed, Tolerance


def superposition(student, kind, X, Y, a, b, W=None, c=None):
    return student.superposition_defect(functools.partial(apply, kind=kind, W=W, c=c), X, Y, a, b)


def affine(student, kind, X, Y, t, W=None, c=None):
    return student.affine_defect(functools.partial(apply, kind=kind, W=W, c=c), X, Y, t)


def apply(X, kind, W, c):
    """The functions that are measured. Some work in place, but never on their argument."""
    if kind == "itself":
        return X
    if kind == "centred":
        return X - X.mean(axis=0)
    if kind == "absolute value":
        return abs(X)
    if kind == "square":
        return X * X
    if kind == "constant":
        return X * 0 + c
    if kind == "row maximum":
        return X.max(axis=1, keepdims=True)
    out = X @ W.T
    if c is not None:
        out = out + c
    if kind == "relu":
        return np.maximum(out, 0)
    if kind == "tanh":
        return np.tanh(out)
    return out


def functions(rng):
    """Tuples (name, kind, X, Y, more) that both measures are tried on."""
    X, Y = rng.normal(0, 2, (2, 7, 3))
    W, c = rng.normal(size=(4, 3)), rng.normal(0, 3, 4)
    square = rng.normal(size=(3, 3))
    one, two = np.array([[1.0]]), np.array([[2.0]])
    positive = np.abs(X) + 0.1
    dark, bright = np.array([[100, 250], [9, 7]], np.uint8), np.array([[200, 3], [90, 255]], np.uint8)

    yield "a matrix, 3 features to 4", "matrix", X, Y, {"W": W}
    yield "a matrix and an offset", "matrix", X, Y, {"W": W, "c": c}
    yield "a large offset", "matrix", X, Y, {"W": square, "c": np.array([1e3, -2e3, 500.0])}
    yield "a constant", "constant", X, Y, {"c": np.array([5.0, -1.0, 0.5])}
    yield "ReLU after a matrix", "relu", X, Y, {"W": W}
    yield "ReLU after a matrix and an offset", "relu", X, Y, {"W": W, "c": c}
    yield "ReLU where every input is positive", "relu", positive, 2 * positive, {"W": np.abs(W)}
    yield "tanh after a matrix", "tanh", X, Y, {"W": W / 2}
    yield "the absolute value", "absolute value", X, Y, {}
    yield "the square", "square", X, Y, {}
    yield "the row maximum, one output", "row maximum", X, Y, {}
    yield "values of a million", "square", 1e3 * X, 1e3 * Y, {}
    yield "tiny values", "square", 1e-5 * X, 1e-5 * Y, {}
    yield "the mean over the batch subtracted", "centred", X, Y, {}
    yield "a function that returns its argument", "itself", X, Y, {}
    yield "one sample", "tanh", X[:1], Y[:1], {"W": W}
    yield "one number, squared", "square", one, two, {}
    yield "the same points twice", "relu", X, X.copy(), {"W": W, "c": c}
    yield "uint8 pixels", "square", bright, dark, {}
    yield "int8 values", "absolute value", np.array([[100, -128]], np.int8), np.array([[90, 3]], np.int8), {}
    yield "float32 samples", "tanh", X.astype(np.float32), Y.astype(np.float32), {"W": W}
    yield "Fortran order and reversed rows", "relu", np.asfortranarray(X), Y[::-1], {"W": W}
    yield "read-only rows", "square", np.broadcast_to(X[:1], (7, 3)), np.repeat(Y, 2, axis=1)[:, ::2], {}
    yield "the matrix again", "matrix", X, Y, {"W": W}


def superposition_cases(rng):
    def case(name, kind, X, Y, a, b, **more):
        return Case(name, {"kind": kind, "X": X, "Y": Y, "a": a, "b": b, **more})

    one, two = np.array([[1.0]]), np.array([[2.0]])
    yield case("f(x) = 2 x", "matrix", one, two, 3.0, 5.0, W=two)
    yield case("f(x) = x + 1", "matrix", one, two, 1.0, 1.0, W=one, c=np.ones(1))
    yield case("f(x) = x + 1, other coefficients", "matrix", one, two, 3.0, -1.0, W=one, c=np.ones(1))
    yield case("ReLU, a positive factor alone", "relu", one, two, 3.0, 0.0, W=-one)
    yield case("ReLU, a negative factor alone", "relu", one, two, -3.0, 0.0, W=one)
    yield case("ReLU, a sum of opposite signs", "relu", one, -two, 1.0, 1.0, W=one)
    yield case("integer coefficients", "square", one, two, 3, -2)
    pixels = np.array([[200, 30], [9, 255]], np.uint8)
    yield case("uint8 pixels, integer coefficients", "matrix", pixels, pixels[::-1], 2, 3, W=np.eye(2))
    yield case("both coefficients 0", "matrix", one, two, 0.0, 0.0, W=one, c=np.ones(1))
    for (name, kind, X, Y, more), (a, b) in zip(functions(rng), rng.uniform(0.5, 2, (99, 2)) * [1, -1], strict=False):
        yield case(name, kind, X, Y, float(a), float(b), **more)


def affine_cases(rng):
    def case(name, kind, X, Y, t, **more):
        return Case(f"{name} (affine)", {"kind": kind, "X": X, "Y": Y, "t": t, **more})

    one, two = np.array([[1.0]]), np.array([[2.0]])
    yield case("f(x) = x + 1", "matrix", one, two, 0.25, W=one, c=np.ones(1))
    yield case("f(x) = x squared, a quarter of the way", "square", one, two, 0.75)
    yield case("f(x) = x squared, halfway", "square", one, two, 0.5)
    yield case("f(x) = x squared, beyond both points", "square", one, two, -1.0)
    yield case("ReLU between 1 and -2", "relu", one, -two, 0.25, W=one)
    yield case("at one of the points", "square", one, two, 1.0)
    yield case("an integer t", "square", one, two, 2)
    for (name, kind, X, Y, more), t in zip(functions(rng), rng.uniform(0.1, 0.4, 99), strict=False):
        yield case(name, kind, X, Y, float(t), **more)


def collapse_cases(rng):
    def case(name, *layers):
        return Case(name, {"layers": list(layers)})

    def stack(*widths):
        pairs = zip(widths[1:], widths[:-1], strict=True)
        return [(rng.normal(size=(m, n)) / n**0.5, rng.normal(size=m)) for m, n in pairs]

    half = np.array([[0.5]])
    yield case("two layers of one number", (np.array([[2.0]]), np.array([1.0])), (np.array([[3.0]]), np.array([10.0])))
    yield case("no bias at all", (np.array([[2.0]]), None), (np.array([[3.0]]), None))
    a_half = [(half, np.array([1.0]))]
    yield case("three layers that halve and add 1", *a_half * 3)
    swap, stretch = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 3.0]])
    yield case("stretch, then swap", (stretch, np.zeros(2)), (swap, np.zeros(2)))
    yield case("one layer", *stack(3, 4))
    yield case("one layer without bias", (rng.normal(size=(4, 3)), None))
    yield case("square layers", *stack(4, 4, 4, 4))
    yield case("widths 3, 5, 2, 4", *stack(3, 5, 2, 4))
    yield case("a bottleneck of width 1", *stack(6, 1, 6))
    yield case("one input, one output", *stack(1, 5, 1))
    yield case("50 layers", *stack(*[6] * 51))
    first, second, third = stack(3, 4, 4, 2)
    yield case("only the first layer has a bias", first, (second[0], None), (third[0], None))
    yield case("only the last layer has a bias", (first[0], None), (second[0], None), third)
    yield case("no bias, three layers", *[(W, None) for W, _ in (first, second, third)])
    yield case("the last matrix is zero", first, (np.zeros((2, 4)), np.ones(2)))
    small = [(np.array([[100, 90], [-100, 3]], np.int8), np.array([100, -100], np.int8))]
    yield case("int8 layers", *small * 3)
    yield case("one layer of int64", (np.array([[3, -2]]), np.array([4])))
    yield case("float32 layers", *[(W.astype(np.float32), b.astype(np.float32)) for W, b in stack(3, 4, 2)])
    yield case("one float32 layer", (np.float32([[0.1, 0.2]]), np.float32([0.3])))
    yield case("one int64 layer without bias", (np.array([[3, -2], [1, 1]]), None))
    layers = stack(4, 4, 4)
    views = [(np.asfortranarray(layers[0][0]), layers[0][1][::-1]), (layers[1][0][::-1, ::-1], np.zeros(1).repeat(4))]
    yield case("Fortran-ordered and reversed layers", *views)
    broadcast = np.broadcast_to(rng.normal(size=(1, 4)), (4, 4)), np.broadcast_to(np.array(0.5), 4)
    yield case("a read-only layer", broadcast, layers[0])
    yield case("layers that don't fit together", *stack(3, 4), *stack(3, 4))
    yield case("widths 3, 4, 4, 2", first, second, third)
    yield case("widths 3, 4, 4, 2 again", first, second, third)


def fold_cases(rng):
    def case(name, W, b, mean, var, weight, bias, eps=1e-5):
        names = ("W", "b", "running_mean", "running_var", "weight", "bias", "eps")
        return Case(name, dict(zip(names, (W, b, mean, var, weight, bias, eps), strict=True)))

    def statistics(n):
        return rng.normal(0, 2, n), rng.uniform(0.2, 3, n), rng.normal(1, 0.5, n), rng.normal(size=n)

    one, zero = np.ones(1), np.zeros(1)
    yield case("one number, variance 4", np.array([[6.0]]), one, np.array([3.0]), 4 * one, one, zero, 1e-12)
    yield case("variance 3, eps 1", np.array([[6.0]]), one, np.array([3.0]), 3 * one, 2 * one, one, 1.0)
    yield case("a linear layer, 5 to 3", rng.normal(size=(3, 5)), rng.normal(size=3), *statistics(3))
    yield case("a square linear layer", rng.normal(size=(4, 4)), rng.normal(size=4), *statistics(4))
    yield case("a linear layer without bias", rng.normal(size=(3, 5)), None, *statistics(3))
    image = rng.normal(size=(4, 3, 3, 2)), rng.normal(size=4)
    yield case("a convolution", *image, *statistics(4))
    yield case("a convolution without bias", image[0], None, *statistics(4))
    yield case("a convolution, all sizes equal", rng.normal(size=(3, 3, 3, 3)), rng.normal(size=3), *statistics(3))
    yield case("a 1 x 1 convolution", rng.normal(size=(4, 2, 1, 1)), rng.normal(size=4), *statistics(4))
    mean, _, weight, bias = statistics(3)
    tiny = np.array([1e-6, 0.0, 1e-5])
    W, b = rng.normal(size=(3, 3)), rng.normal(size=3)
    yield case("tiny variances", W, b, mean, tiny, weight, bias)
    yield case("a large eps", W, b, mean, rng.uniform(0.2, 1, 3), weight, bias, 0.5)
    yield case("variance 1, weight 1", W, b, mean, np.ones(3), np.ones(3), bias, 1e-12)
    yield case("a weight of 0 and a negative one", W, b, mean, np.ones(3), np.array([0.0, -1.0, 2.0]), bias)
    yield case("one output", rng.normal(size=(1, 5)), rng.normal(size=1), *statistics(1))
    integers = np.array([[100, -3], [7, 120]], np.int8), np.array([100, -100], np.int8)
    numbers = np.array([-90, 3], np.int8), np.array([4, 100], np.uint8), np.array([3, 2]), np.array([1, 0])
    yield case("integers", *integers, *numbers)
    single = [a.astype(np.float32) for a in (W, b, *statistics(3))]
    yield case("float32", *single)
    yield case("float32, no bias, tiny variances", single[0], None, single[2], tiny.astype(np.float32), *single[4:])
    views = np.asfortranarray(image[0])[::-1], image[1][::-1]
    yield case("Fortran-ordered and reversed arrays", *views, *statistics(4))
    same = np.broadcast_to(np.array(0.5), 3)
    yield case("read-only arrays", np.broadcast_to(W[:1], (3, 3)), same, same, same, same, same)
    yield case("a plain layer", W, b, mean, np.ones(3), weight, bias)
    yield case("the plain layer again", W, b, mean, np.ones(3), weight, bias)


def product(student, kernel, H, W, padding, images):
    M = student.conv2d_matrix(kernel, H, W, padding)
    return M @ images if isinstance(M, np.ndarray) and M.shape[-1:] == images.shape[:1] else M


def matrix_cases(rng):
    def case(name, kernel, H, W, *padding):
        inputs = {"kernel": kernel, "H": H, "W": W, **({"padding": padding[0]} if padding else {})}
        return Case(name, inputs)

    yield case("a kernel of 1 x 2 on a row of 3", np.array([[1.0, 2.0]]), 1, 3)
    yield case("a kernel of 2 x 2 on an image of 2 x 2", np.array([[1.0, 2.0], [3.0, 4.0]]), 2, 2)
    yield case("a kernel of 2 x 1 on a column of 3", np.array([[1.0], [2.0]]), 3, 1)
    kernel = rng.normal(size=(3, 3))
    yield case("3 x 3 on 5 x 5", kernel, 5, 5)
    yield case("3 x 3 on 4 x 6", kernel, 4, 6)
    yield case("2 x 3 on 6 x 4", kernel[:2], 6, 4)
    yield case("3 x 3 on 5 x 5, padding 1", kernel, 5, 5, 1)
    yield case("3 x 3 on 3 x 4, padding 2", kernel, 3, 4, 2)
    yield case("3 x 2 on 2 x 4, padding 1", kernel[:, :2], 2, 4, 1)
    yield case("padding 0 written out", kernel, 4, 4, 0)
    yield case("one pixel, padding 1", kernel, 1, 1, 1)
    yield case("a 1 x 1 kernel", np.array([[-2.5]]), 3, 4)
    yield case("a 1 x 1 kernel, padding 1: a frame of zeros", np.array([[-2.5]]), 2, 3, 1)
    yield case("a kernel as large as the image", rng.normal(size=(3, 4)), 3, 4)
    yield case("a kernel larger than the image, but not than the padded one", rng.normal(size=(4, 5)), 2, 3, 1)
    yield case("a kernel that is too high", kernel, 2, 5)
    yield case("a kernel that is too wide", kernel, 5, 2)
    yield case("a kernel one column wider than the padded image", rng.normal(size=(2, 6)), 3, 3, 1)
    yield case("an integer kernel", np.array([[1, -2], [3, 0]]), 3, 3, 1)
    yield case("a float32 kernel", kernel.astype(np.float32), 4, 4)
    yield case("a Fortran-ordered, reversed kernel", np.asfortranarray(kernel)[::-1], 4, 5, 1)
    yield case("a read-only kernel", np.broadcast_to(kernel[:1], (2, 3)), 4, 5)
    yield case("3 x 3 on 4 x 6 again", kernel, 4, 6)
    images = rng.normal(size=(784, 2))
    large = {"kernel": rng.normal(size=(5, 5)), "H": 28, "W": 28, "padding": 0, "images": images}
    yield Case("5 x 5 on 28 x 28", large, driver=product, speed=Speed())


def xor_weights(student):
    return student.xor_network()


def xor_output(student, corner):
    """The output at a corner; what the submission returned if that are no weights."""
    return output(student.xor_network(), corner)


def output_after_overwriting(student, corner):
    first = student.xor_network()
    for array in first.values() if isinstance(first, dict) else ():
        if isinstance(array, np.ndarray):
            array[...] = 7
    return output(student.xor_network(), corner)


def output(weights, corner):
    if wrong_form({}, weights):
        return weights
    W1, b1, W2, b2 = (weights[name].astype(np.float64) for name in ("W1", "b1", "W2", "b2"))
    return float((W2 @ np.maximum(W1 @ np.array(corner) + b1, 0) + b2)[0])


def wrong_form(inputs, answer):
    shapes = {"W1": (2, 2), "b1": (2,), "W2": (1, 2), "b2": (1,)}
    if not isinstance(answer, dict) or set(answer) != set(shapes):
        return "the result isn't a dictionary with exactly the keys W1, b1, W2 and b2"
    for name, shape in shapes.items():
        array = answer[name]
        if not isinstance(array, np.ndarray) or array.shape != shape or array.dtype.kind not in "fiu":
            return f"{name} isn't a numpy array of numbers of shape {shape}"
    return None


def not_xor(inputs, answer):
    """Computed on the trusted side from the weights: the other cases say at which corner, this one can't be fooled."""
    if problem := wrong_form(inputs, answer):
        return problem
    for corner, due in (([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)):
        if not abs(output(answer, corner) - due) <= 1e-9:
            return f"with these weights the network isn't XOR at {tuple(corner)}"
    return None


def xor_cases(rng):
    yield Case("keys and shapes of the weights", {}, check=wrong_form)
    for corner in ([0, 0], [1, 1], [0, 1], [1, 0]):
        yield Case(f"the output at the corner ({corner[0]}, {corner[1]})", {"corner": corner}, driver=xor_output)
    yield Case("the weights give XOR", {}, check=not_xor)
    inputs = {"corner": [1, 1]}
    yield Case("a second call, the first answer overwritten", inputs, driver=output_after_overwriting)


SUPERPOSITION = Part(
    name="superposition_defect",
    cases=superposition_cases,
    driver=superposition,
    hints=(
        "Linear means: first mix, then apply f, gives the same as first apply f, then mix. Measure by how much not.",
        "Evaluate f at the mixed points, at X and at Y, and subtract. No special treatment of an offset: a function "
        "with an offset isn't linear.",
        "np.abs(...).max() over all entries, above and below the fraction line; the 1 is added once, to the maximum.",
        "Convert X and Y with np.asarray(X, np.float64) first, and never write into what f returned.",
    ),
)

AFFINE = Part(
    name="affine_defect",
    cases=affine_cases,
    driver=affine,
    hints=(
        "An affine function keeps straight lines and the proportions on them.",
        "An offset c contributes c on one side and (a + b) c on the other: which coefficients make these equal?",
        "It is superposition_defect with two coefficients that sum to 1; one call is enough.",
    ),
)

COLLAPSE = Part(
    name="collapse_affine",
    cases=collapse_cases,
    returns=("W", "b"),
    hints=(
        "Put one layer into the next: W2 (W1 x + b1) + b2. Multiply out and sort by x.",
        "Keep a running pair (W, b) that stands for all layers so far, and let each layer act on both.",
        "The layer acts on the matrix from the left, and on the running bias as on any vector; then adds its own.",
        "Start with the identity matrix and zeros: then a single layer and None need no special case, and the result "
        "is float64 and new.",
    ),
)

FOLD = Part(
    name="fold_batchnorm",
    cases=fold_cases,
    returns=("W", "b"),
    hints=(
        "In evaluation mode all statistics are constants, so the normalisation is affine in z, channel by channel.",
        "Write it as scale * z + shift with z = W x + b. What multiplies x? What is left over?",
        "The scale is one number per output: give it trailing axes of length 1 so that it meets axis 0 of W.",
        "The old bias is shifted by the mean and scaled like W, before the bias of the normalisation is added.",
    ),
)

MATRIX = Part(
    name="conv2d_matrix",
    cases=matrix_cases,
    hints=(
        "A convolution is linear in the image, so it has a matrix. Its column k is the output for the image that is 1 "
        "at pixel k and 0 elsewhere.",
        "Row (y, x) holds kernel[i, j] in the column of pixel (y + i - padding, x + j - padding), if there is one.",
        "Build an array of zeros of shape (oh, ow, H + 2p, W + 2p), fill it kernel entry by kernel entry, and cut off "
        "the border.",
        "np.ogrid gives y and x for all outputs at once; at the end reshape to (oh * ow, H * W).",
    ),
)

XOR = Part(
    name="xor_network",
    cases=xor_cases,
    driver=xor_weights,
    tolerance=Tolerance(0.0, 1e-9),
    hints=(
        "All that matters is x1 + x2, which is 0, 1 or 2. The output has to be 0, 1, 0 there.",
        "Let one unit be the sum itself. Which unit stays 0 at sums of 0 and 1, and what must it take back at 2?",
        "The second unit is relu(x1 + x2 - 1). With which factors do you add the two units?",
    ),
)

COMBINED = "    combined = f(a * X + b * Y)\n"
GAP = "    gap = combined - (a * f(X) + b * f(Y))\n"
MEASURE = "np.abs(gap).max() / (1 + np.abs(combined).max())"
RUNNING = "        b = W_i @ b + (0 if b_i is None else b_i)\n"
SCALE = "    scale = gamma / np.sqrt(var + eps)\n"
NETWORK = """
def xor_network():
    return {{"W1": np.array({}), "b1": np.array({}), "W2": np.array({}), "b2": np.array({})}}
"""

exercise = Exercise(
    parts=(SUPERPOSITION, AFFINE, COLLAPSE, FOLD, MATRIX, XOR),
    misconceptions=(
        Misconception(
            name="affine_called_linear",
            part="superposition_defect",
            summary="Your measure takes the offset f(0) away first, so that W x + b counts as linear.",
            nudge="What is f(0) for a function that is linear in the strict sense?",
            edits=(
                (COMBINED, "    offset = f(np.zeros_like(X))\n    combined = f(a * X + b * Y) - offset\n"),
                (GAP, "    gap = combined - a * (f(X) - offset) - b * (f(Y) - offset)\n"),
            ),
        ),
        Misconception(
            name="additivity_only",
            part="superposition_defect",
            summary="Your measure looks at f(X + Y) and leaves the coefficients a and b out.",
            nudge="Linearity is two properties in one: which of them do the coefficients test?",
            code="""
def superposition_defect(f, X, Y, a, b):
    X, Y = np.asarray(X, np.float64), np.asarray(Y, np.float64)
    combined = f(X + Y)
    return float(np.abs(combined - f(X) - f(Y)).max() / (1 + np.abs(combined).max()))
""",
        ),
        Misconception(
            name="homogeneity_only",
            part="superposition_defect",
            summary="Your measure looks at multiples of X and leaves Y out.",
            nudge="ReLU lets positive factors pass. Which property does it violate?",
            code="""
def superposition_defect(f, X, Y, a, b):
    X = np.asarray(X, np.float64)
    combined = f(a * X)
    return float(np.abs(combined - a * f(X)).max() / (1 + np.abs(combined).max()))
""",
        ),
        Misconception(
            name="absolute_defect",
            part=("superposition_defect", "affine_defect"),
            summary="Your defect is the difference itself, not relative to the size of the outputs.",
            nudge="Measure the same function in millimetres and in kilometres: should the verdict depend on it?",
            edits=((MEASURE, "np.abs(gap).max()"),),
        ),
        Misconception(
            name="no_one_in_the_denominator",
            part=("superposition_defect", "affine_defect"),
            summary="Your defect is divided by the size of the outputs alone.",
            nudge="What happens where the outputs are tiny, or all zero?",
            edits=((MEASURE, "np.abs(gap).max() / np.abs(combined).max()"),),
        ),
        Misconception(
            name="average_defect",
            part=("superposition_defect", "affine_defect"),
            summary="Your defect is an average over the entries, where the largest is asked for.",
            nudge="If one sample in a thousand betrays the function, what should the measure say?",
            edits=((MEASURE, "np.abs(gap).mean() / (1 + np.abs(combined).max())"),),
        ),
        Misconception(
            name="signs_kept",
            part=("superposition_defect", "affine_defect"),
            summary="Your defect takes the largest difference with its sign, so negative differences are lost.",
            nudge="What is your measure of a function that falls short everywhere?",
            edits=((MEASURE, "gap.max() / (1 + np.abs(combined).max())"),),
        ),
        Misconception(
            name="each_entry_by_itself",
            part=("superposition_defect", "affine_defect"),
            summary="Your defect divides every entry by its own output and takes the largest quotient.",
            nudge="How many maxima does the definition have, and when are they taken?",
            edits=((MEASURE, "(np.abs(gap) / (1 + np.abs(combined))).max()"),),
        ),
        Misconception(
            name="midpoint_only",
            part="affine_defect",
            summary="Your measure always looks at the midpoint, whatever t is.",
            nudge="Which role does t play in your code?",
            edits=(("f, X, Y, t, 1 - t)", "f, X, Y, 0.5, 0.5)"),),
        ),
        Misconception(
            name="weights_swapped",
            part="affine_defect",
            summary="Your measure gives t to Y and 1 - t to X.",
            nudge="At t = 1, at which of the two points should the mixture be?",
            edits=(("f, X, Y, t, 1 - t)", "f, X, Y, 1 - t, t)"),),
        ),
        Misconception(
            name="weights_not_summing_to_one",
            part="affine_defect",
            summary="Your measure gives both points the coefficient t.",
            nudge="What do the coefficients have to add up to so that a constant offset cancels?",
            edits=(("f, X, Y, t, 1 - t)", "f, X, Y, t, t)"),),
        ),
        Misconception(
            name="wrong_order",
            part="collapse_affine",
            summary="Your matrices are multiplied in the order in which x meets them, first layer leftmost.",
            nudge="Follow one vector: which matrix touches it first, and on which side of the product does it stand?",
            edits=(
                ("        W = W_i @ W\n", "        W = W @ W_i\n"),
                ("np.eye(layers[0][0].shape[1])", "np.eye(layers[0][0].shape[0])"),
            ),
        ),
        Misconception(
            name="bias_dropped",
            part="collapse_affine",
            summary="Your result has the bias of the last layer; those of the layers before have vanished.",
            nudge="What does the stack give for x = 0?",
            edits=((RUNNING, "        b = W_i @ b * 0 + (0 if b_i is None else b_i)\n"),),
        ),
        Misconception(
            name="bias_not_propagated",
            part="collapse_affine",
            summary="Your biases are added up without passing through the layers that come after them.",
            nudge="Double the last matrix: which part of the output for x = 0 should double?",
            edits=(
                (RUNNING, "        b = b + (0 if b_i is None else b_i)\n"),
                ("np.zeros(layers[0][0].shape[1])", "np.zeros(len(layers[-1][0]))"),
            ),
        ),
        Misconception(
            name="none_resets_the_bias",
            part="collapse_affine",
            summary="Your running bias is lost at a layer that has no bias of its own.",
            nudge="A layer without bias still has an input that isn't zero. Where does it go?",
            edits=((RUNNING, "        b = np.zeros(len(W_i)) if b_i is None else W_i @ b + b_i\n"),),
        ),
        Misconception(
            name="fold_variance_not_std",
            part="fold_batchnorm",
            summary="Your scale divides by the variance, not by the standard deviation.",
            nudge="If z is measured in metres, which unit does the variance have, and which should the scale have?",
            edits=((SCALE, "    scale = gamma / (var + eps)\n"),),
        ),
        Misconception(
            name="fold_without_eps",
            part="fold_batchnorm",
            summary="Your scale leaves eps out.",
            nudge="Which denominator did the layer use in training, and what if a channel hardly varied?",
            edits=((SCALE, "    scale = gamma / np.sqrt(var)\n"),),
        ),
        Misconception(
            name="fold_eps_outside_the_root",
            part="fold_batchnorm",
            summary="Your scale adds eps to the standard deviation.",
            nudge="Look at the formula again: is eps added before or after the root is taken?",
            edits=((SCALE, "    scale = gamma / (np.sqrt(var) + eps)\n"),),
        ),
        Misconception(
            name="fold_along_inputs",
            part="fold_batchnorm",
            summary="Your scale is applied along the last axis of W, not to the outputs.",
            nudge="Which axis of W counts the outputs, and which axis does numpy match with a vector?",
            edits=(("scale.reshape(len(W), *[1] * (W.ndim - 1))", "scale"),),
        ),
        Misconception(
            name="fold_bias_not_scaled",
            part="fold_batchnorm",
            summary="Your folded bias contains the layer's own bias unscaled.",
            nudge="The layer's bias is part of z. What happens to all of z?",
            edits=(("(b - mean) * scale + bias", "b - mean * scale + bias"),),
        ),
        Misconception(
            name="fold_bias_dropped",
            part="fold_batchnorm",
            summary="Your folded bias leaves the layer's own bias out.",
            nudge="What does the original pair of layers give for x = 0?",
            edits=(("(b - mean) * scale + bias", "(0 * b - mean) * scale + bias"),),
        ),
        Misconception(
            name="flipped_kernel",
            part="conv2d_matrix",
            summary="Your matrix is that of a convolution in the mathematical sense: the kernel is turned round.",
            nudge="Try a kernel with a single 1 in a corner. Which pixel should the output copy?",
            edits=(("= kernel[i, j]\n", "= kernel[kh - 1 - i, kw - 1 - j]\n"),),
        ),
        Misconception(
            name="columns_first",
            part="conv2d_matrix",
            summary="Your matrix numbers the pixels column by column.",
            nudge="Which pixel comes second in image.reshape(-1)?",
            edits=((".reshape(oh * ow, H * W)", ".transpose(1, 0, 3, 2).reshape(oh * ow, H * W)"),),
        ),
        Misconception(
            name="matrix_transposed",
            part="conv2d_matrix",
            summary="Your matrix maps outputs to images: it is the transpose of the one that is asked for.",
            nudge="Which of its two sizes must be the number of pixels, so that it can be multiplied with an image?",
            edits=((".reshape(oh * ow, H * W)", ".reshape(oh * ow, H * W).T.copy()"),),
        ),
        Misconception(
            name="wraps_at_the_edge",
            part="conv2d_matrix",
            summary="Your kernel entries beyond an edge land on the opposite side of the image instead of on zeros.",
            nudge="In flat numbering, which pixel comes before the first one of a row? Is it a neighbour?",
            edits=(
                ("np.zeros((oh, ow, height, width))", "np.zeros((oh, ow, H, W))"),
                (
                    "        M[y, x, y + i, x + j] = kernel[i, j]\n",
                    "        M[y, x, (y + i - padding) % H, (x + j - padding) % W] += kernel[i, j]\n",
                ),
                ("M[:, :, padding : padding + H, padding : padding + W]", "M"),
            ),
        ),
        Misconception(
            name="linear_xor",
            part="xor_network",
            summary="Your network gives one half at every corner: the best that a network without hidden ReLU can do.",
            nudge="Add up what any affine map gives at opposite corners. What is the sum for XOR?",
            code=NETWORK.format([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0], [[0.0, 0.0]], [0.5]),
        ),
        Misconception(
            name="or_not_xor",
            part="xor_network",
            summary="Your network computes OR.",
            nudge="What should happen when both inputs are 1?",
            code=NETWORK.format([[1.0, 1.0], [1.0, 1.0]], [0.0, -1.0], [[1.0, -1.0]], [0.0]),
        ),
        Misconception(
            name="threshold_units",
            part="xor_network",
            summary="Your weights are made for units that jump from 0 to 1 at a threshold.",
            nudge="How far above its bend is a ReLU unit when it gives 1?",
            code=NETWORK.format([[1.0, 1.0], [1.0, 1.0]], [-0.5, -1.5], [[1.0, -1.0]], [0.0]),
        ),
    ),
)
