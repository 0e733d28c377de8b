"""Gradients of functions that are known by name; the functions live next to the submission."""

import numpy as np

from grader.spec import T64, TFD, Case, Equivalent, Exercise, Misconception, Part, Speed, Tolerance

# Functions. They take real and complex arrays, and see x itself where that matters.


def function(kind, x, c):
    """The function of this name, with constants c in the shape of x."""

    def square(z):
        return (c * z * z).sum()

    def cubes(z):
        return ((z / c) ** 3).sum()

    def coupled(z):
        return np.sin((c * z).sum()) + (z * z).sum() * np.cos(z).sum()

    def steep(z):
        return np.exp(np.sin(3 * z)).sum()

    def rounded(z):
        return ((z - x) * c).sum()

    def near_minimum(z):
        return 0.5 * ((z - c) ** 2).sum()

    def near_saddle(z):
        return ((z - c) ** 3).sum()

    def kink(z):
        return (c * np.abs(z)).sum()

    def beside_x(z):
        return (z * x * x).sum()

    def constant(z):
        return (0 * z).sum() + 2.5

    known = (square, cubes, coupled, steep, rounded, near_minimum, near_saddle, kink, beside_x, constant)
    return {each.__name__: each for each in known}[kind]


def differentiate(student, kind, x, c, **settings):
    return student.numerical_gradient(function(kind, x, c), x, **settings)


def differentiate_and_watch(student, kind, x, c, **settings):
    """The gradient, and what f was given and how often."""
    f, seen = function(kind, x, c), []

    def watched(z):
        seen.append(f"{getattr(z, 'dtype', type(z).__name__)} {np.shape(z)}")
        return f(z)

    grad = student.numerical_gradient(watched, x, **settings)
    return {"gradient": grad, "calls of f": len(seen), "what f was given": sorted(set(seen))}


def count(student, kind, x, c, scheme):
    """The count, and how often f was really called."""
    f, calls = function(kind, x, c), []

    def watched(z):
        calls.append(0)
        return f(z)

    return {"result": student.count_evaluations(watched, x, scheme), "calls of f": len(calls)}


def check(student, kind, x, c, analytic, **settings):
    return student.gradcheck(function(kind, x, c), x, analytic, **settings)


def check_only(student, kind, x, c, analytic, **settings):
    """Without the worst index, which is decided by rounding where errors are nothing but rounding, or all alike."""
    answer = student.gradcheck(function(kind, x, c), x, analytic, **settings)
    return {k: v for k, v in answer.items() if k != "worst_index"} if isinstance(answer, dict) else answer


SCHEMES = ("central", "forward", "complex")
BY_DIFFERENCES = Tolerance(1e-5, 1e-7, scaled=False)  # a last bit of f is divided by a step of 1e-8
SHARP = Tolerance(1e-5, 1e-11, scaled=False)  # where f is nearly 0, and its last bit tiny
SHARPEST = Tolerance(1e-2, 1e-14, scaled=False)  # the same, and the error of the scheme is as large as the gradient


def gradient_cases(rng):
    def case(name, kind, x, c=1.0, tolerance=None, **settings):
        inputs = {"kind": kind, "x": np.asarray(x), "c": np.asarray(c), **settings}
        return Case(name, inputs, tolerance=tolerance)

    yield case("the sum of squares at (1, 2, 3)", "square", [1.0, 2.0, 3.0])
    yield case("forward: the sum of squares at (1, 2, 3)", "square", [1.0, 2.0, 3.0], scheme="forward")
    yield case("complex: the sum of squares at (1, 2, 3)", "square", [1.0, 2.0, 3.0], scheme="complex")
    for scheme in SCHEMES:
        yield from gradients_with(rng, scheme)
    yield case("a given step is used as it is, central", "cubes", rng.normal(size=3) + 5, h=0.5)
    yield case("a given step is used as it is, forward", "cubes", rng.normal(size=3) + 5, h=0.5, scheme="forward")
    yield case("a given step, central, coupled entries", "coupled", rng.normal(size=(2, 3)), h=0.25)
    yield case("a given step, forward, coupled entries", "coupled", rng.normal(size=(2, 3)), h=0.25, scheme="forward")
    yield case("a given step, complex", "steep", rng.normal(size=3), h=1e-12, scheme="complex")
    yield case("a long step, complex", "steep", rng.normal(size=3), h=0.125, scheme="complex")
    tiny = np.array([1e-8, -2e-8])
    yield case("a gradient that bends within 1e-8, complex", "cubes", tiny, 1e-8, scheme="complex")
    far, power_of_2 = 1e6 * rng.uniform(1, 2, 3), np.array([1.0, -2.0, 4.0])
    yield case("a step of 1e-9 near 1e6, central", "rounded", far, power_of_2, h=1e-9)
    yield case("a step of 1e-9 near 1e6, forward", "rounded", far, power_of_2, h=1e-9, scheme="forward")
    yield case("a kink: |x| at 0, central", "kink", [0.0, 1.0, -1.0], 3.0)
    yield case("a kink: |x| at 0, forward", "kink", [0.0, 1.0, -1.0], 3.0, scheme="forward")
    close = rng.normal(size=3)
    yield case("close to a minimum, forward", "near_minimum", close + 1e-4, close, SHARP, scheme="forward")
    low = rng.uniform(-0.9, 0.9, 3)
    yield case("close to a saddle, central", "near_saddle", low + 1e-5, low, SHARPEST)
    yield case("an unknown scheme is refused", "square", [1.0], scheme="backward")


def gradients_with(rng, scheme):
    def case(name, kind, x, c=1.0, driver=None):
        inputs = {"kind": kind, "x": np.asarray(x), "c": np.asarray(c), "scheme": scheme}
        return Case(f"{name}, {scheme}", inputs, driver=driver)

    x, c = rng.normal(size=(3, 2)), rng.uniform(1, 2, (3, 2))
    yield case("exp(sin(3x))", "steep", rng.uniform(-1, 1, 4))
    yield case("a matrix", "square", x, c)
    yield case("a column, shape (4, 1)", "square", rng.normal(size=(4, 1)) + 2)
    yield case("entries that depend on each other", "coupled", x, c)
    yield case("three axes", "coupled", rng.normal(size=(2, 3, 2)), 0.5)
    yield case("a single number, shape ()", "square", 1.5)
    yield case("an empty array", "square", np.zeros((0, 3)))
    yield case("zeros", "coupled", np.zeros(3), 1.5)
    yield case("integers", "square", np.array([1, -2, 3]))
    yield case("8-bit integers", "square", np.array([[100, -100]], dtype=np.int8))
    yield case("float32", "steep", np.float32([0.3, -0.4]))
    yield case("entries of 1e11", "cubes", [1e11, -2e11], 1e11)
    yield case("entries of 1e-8", "near_minimum", [1e-8, -2e-8], 0.1)
    yield case("what f is given, and how often", "square", x, c, differentiate_and_watch)
    yield case("what f is given for float32, and how often", "square", np.float32(x), c, differentiate_and_watch)
    yield case("f looks at x while it is called", "beside_x", x)
    yield case("Fortran order", "coupled", np.asfortranarray(x), c)
    yield case("every other column, backwards", "coupled", rng.normal(size=(2, 6))[:, ::-2], 0.5)
    yield case("one row that stands for three", "coupled", np.broadcast_to(x[0], (3, 2)), c)


def count_cases(rng):
    def case(name, x, scheme):
        return Case(name, {"kind": "square", "x": np.asarray(x), "c": np.asarray(1.0), "scheme": scheme})

    for scheme in SCHEMES:
        yield case(f"three entries, {scheme}", [1.0, 2.0, 3.0], scheme)
        yield case(f"a matrix of 4 x 5, {scheme}", rng.normal(size=(4, 5)), scheme)
        yield case(f"a single number, {scheme}", 0.5, scheme)
        yield case(f"a drawn number of entries, {scheme}", rng.normal(size=int(rng.integers(5, 50))), scheme)
    yield case("counting with an unknown scheme is refused", [1.0], "backward")


def error_cases(rng):
    def case(name, a, b):
        return Case(name, {"a": np.asarray(a), "b": np.asarray(b)})

    a, b = rng.normal(size=(2, 3, 4))
    yield case("by hand: (3, 4) and (0, 0)", [3.0, 4.0], [0.0, 0.0])
    yield case("by hand: 1 and 2", [1.0], [2.0])
    yield case("nothing and something", [0.0, 0.0], [3.0, 4.0])
    yield case("equal arrays", a, a)
    yield case("twice zeros", np.zeros(3), np.zeros(3))
    yield case("two matrices", a, b)
    yield case("opposite arrays", a, -a)
    yield case("tiny entries", 1e-9 * a, 1e-9 * b)
    yield case("entries around 1e-100", 1e-100 * a, 1e-100 * b)
    yield case("huge entries", 1e9 * a, 1e9 * b)
    yield case("entries of very different size", [1e-6, 1.0], [2e-6, 1.0])
    yield case("a single number each", 2.0, -0.5)
    yield case("empty arrays", np.zeros((0, 2)), np.zeros((0, 2)))
    yield case("integers against integers", [1, 2, 3], [1, 2, 5])
    yield case("unsigned 8-bit integers", np.array([3, 200], np.uint8), np.array([5, 100], np.uint8))
    yield case("float32 and float64", np.float32(a), a + 1e-3)
    yield case("an entry that is NaN", [1.0, np.nan], [1.0, 2.0])
    yield case("in other memory layouts", np.asfortranarray(a)[::-1], np.broadcast_to(b[:1], (3, 4)))
    yield case("a row and a column are refused", a[:1], a[:1].T)
    yield case("(3,) and (3, 1) are refused", [1.0, 2.0, 3.0], [[1.0], [2.0], [3.0]])
    yield case("(3, 1) and (3,) are refused", [[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0])


def check_cases(rng):
    def case(name, kind, x, c, analytic, driver=check, **settings):
        inputs = {"kind": kind, "x": np.asarray(x), "c": np.asarray(c), "analytic": np.asarray(analytic)}
        return Case(name, inputs | settings, driver=driver)

    x, c = rng.normal(size=(3, 4)), rng.uniform(1, 2, (3, 4))
    right = 2 * c * x
    yield case("right: the sum of squares at (1, 2, 3)", "square", [1.0, 2.0, 3.0], 1.0, [2.0, 4.0, 6.0], check_only)
    yield case("wrong: the factor 2 is missing", "square", [0.1, 0.2, 0.4], 1.0, [0.1, 0.2, 0.4])
    yield case("right: a matrix", "square", x, c, right, check_only)
    for place, error in (((1, 2), 0.01), ((0, 0), -0.01), ((2, 3), 5.0)):
        planted = right.copy()
        planted[place] += error
        yield case(f"an error of {error} at {place}", "square", x, c, planted)
    two = right.copy()
    two[0, 1], two[2, 0] = two[0, 1] + 0.1, two[2, 0] - 2.0
    yield case("a small error before a larger one", "square", x, c, two)
    yield case("a large gradient, off by 0.5", "square", [1e6, 3.0], [1.0, 1.0], [2e6 + 0.5, 6.0], check_only)
    yield case("a large gradient, off by a hundredth of itself", "square", [1e6, 3.0], [1.0, 1.0], [2.02e6, 6.0])
    yield case("a large and a small entry, both off by 1", "square", [500.0, 0.5], [1.0, 1.0], [1001.0, 2.0])
    yield case("an analytic gradient that is too large", "square", [0.5], [1.0], [101.0])
    yield case("tiny gradients, right", "near_minimum", c + 1e-7 * x, c, 1e-7 * x, check_only)
    yield case("tiny gradients, half of one missing", "near_minimum", c + 1e-7 * x, c, 1e-7 * x / 2, check_only)
    yield case("the sign is wrong", "square", x, c, -right, check_only)
    yield case("all zeros", "square", [0.1, 0.3], [1.0, 1.0], [0.0, 0.0])
    yield case("hardly right enough for the usual rtol", "constant", np.ones(2), 1.0, [0.0, 0.8e-6])
    yield case("not right enough for the usual rtol", "constant", np.ones(2), 1.0, [1.3e-6, 0.0])
    yield case("a generous rtol lets an error of 0.01 pass", "square", [0.1, 0.2], [1.0, 1.0], [0.21, 0.4], rtol=0.02)
    yield case("a strict rtol", "square", [0.1, 0.2], [1.0, 1.0], [0.21, 0.4], rtol=0.001)
    yield case("a constant function, two equal errors", "constant", np.ones((2, 2)), 1.0, [[0, 0.5], [-0.5, 0]])
    yield case("an error of exactly rtol", "constant", np.ones(2), 1.0, [0.5, 0.25], rtol=0.5)
    yield case("an analytic gradient with NaN in it", "square", x[0], c[0], [right[0, 0], np.nan, 9.0, np.nan])
    yield case("a single number, wrong", "square", 1.5, 1.0, 2.0)
    yield case("an empty array", "square", np.zeros((0, 2)), 1.0, np.zeros((0, 2)))
    yield case("integers, one entry wrong", "square", np.array([1, 2]), 1.0, np.array([2, 5]))
    yield case("an analytic gradient in float32", "square", x, c, np.float32(right), check_only)
    yield case("an analytic gradient as a column", "square", np.ones(3), 1.0, np.full((3, 1), 2.0))
    yield case("an analytic gradient that is one number", "square", np.ones(3), 1.0, 2.0)
    yield case("one row that stands for three", "square", np.broadcast_to(x[0], (3, 4)), c, right + 1, check_only)


def network(rng, n, d, h, classes, scale=1.0):
    params = {
        "W1": scale * rng.normal(size=(d, h)) / max(d, 1) ** 0.5,
        "b1": scale * 0.3 * rng.normal(size=h),
        "W2": scale * rng.normal(size=(h, classes)) / max(h, 1) ** 0.5,
        "b2": scale * 0.3 * rng.normal(size=classes),
    }
    return {"params": params, "X": rng.normal(size=(n, d)), "y": rng.integers(0, classes, n)}


def network_cases(rng):
    one = np.array([[1.0]])
    tiny = {"W1": one, "b1": np.array([-1.0]), "W2": np.array([[2.0, 0.0]]), "b2": np.array([-1.0, 0.0])}
    yield Case("by hand: everything at 0", {"params": tiny, "X": one, "y": np.array([0])})
    yield Case("one sample", network(rng, 1, 3, 4, 2))
    yield Case("7 samples", network(rng, 7, 3, 4, 2))
    yield Case("as many samples as features, hidden units and classes", network(rng, 3, 3, 3, 3))
    yield Case("larger weights", network(rng, 20, 6, 5, 4, scale=4.0))
    yield Case("one hidden unit", network(rng, 5, 4, 1, 3))
    yield Case("one class", network(rng, 5, 4, 3, 1))
    same = network(rng, 6, 3, 4, 5)
    yield Case("six times the same class", {**same, "y": np.full(6, 4)})
    yield Case("an empty batch", network(rng, 0, 3, 4, 2))
    far = network(rng, 6, 3, 4, 3)
    yield Case("logits of size 1000", {**far, "params": {**far["params"], "b2": np.array([1000.0, -1000.0, 999.0])}})
    yield Case("pre-activations of size 1000", {**far, "X": 1000 * far["X"]})
    W1, W2 = np.array([[20.0, 0.5]]), np.array([[2000.0, 2000.0, 2000.0], [1.0, -2.0, 0.5]])
    apart = {"W1": W1, "b1": np.zeros(2), "W2": W2, "b2": np.zeros(3)}
    three = {"X": np.array([[1.0], [-1.0], [2.0]]), "y": np.array([0, 2, 1])}
    yield Case("logits of one sample 2000 above those of another", {"params": apart, **three})
    small = {name: np.float32(p) for name, p in far["params"].items()}
    yield Case("float32 weights and data", {"params": small, "X": np.float32(far["X"]), "y": far["y"].astype(np.int32)})
    whole = {name: np.rint(3 * p).astype(np.int64) for name, p in far["params"].items()}
    yield Case("integer weights and data", {"params": whole, "X": np.rint(far["X"]).astype(np.int64), "y": far["y"]})
    images = np.array([[200, 0, 100], [250, 255, 3]], dtype=np.uint8)
    yield Case(
        "8-bit pixels", {"params": {**far["params"], "W1": far["params"]["W1"] / 99}, "X": images, "y": far["y"][:2]}
    )
    views = {"W1": np.asfortranarray(far["params"]["W1"]), "W2": far["params"]["W2"][::-1]}
    odd = {"params": {**far["params"], **views}, "X": far["X"][::-2], "y": far["y"][::-2]}
    swapped = {"params": dict(reversed(far["params"].items())), "X": far["X"], "y": far["y"]}
    yield Case("the parameters in another order", swapped)
    yield Case("weights and data in other memory layouts", odd)
    yield Case("the same call again", odd)
    yield Case("784-50-10 and 300 images", network(rng, 300, 784, 50, 10), speed=Speed())


SIGMOID_SLOPE = "d_hidden = d_logits @ W2.T * hidden * (1 - hidden)"
MOVED = "moved = point.copy()"
ERROR = "error = np.abs(a - b) / np.maximum(1, np.maximum(np.abs(a), np.abs(b)))"
BOTH_DIFFERENCES = (
    "(f_with(i, here + step) - f_with(i, here - step)) / ((here + step) - (here - step))",
    "(f_with(i, here + step) - start) / ((here + step) - here)",
)
FLAT_INDEX = """
def numerical_gradient(f, x, h=None, scheme="central"):
    if scheme not in _STEP:
        raise ValueError(scheme)
    point = np.array(x, dtype=np.complex128 if scheme == "complex" else np.float64)
    grad = np.zeros(point.shape)
    start = f(point.copy()) if scheme == "forward" else None
    for i in range(point.size):
        saved = point[i]
        step = (_STEP[scheme](np.abs(saved).max()) if h is None else h)
        high, low = saved + (1j * step if scheme == "complex" else step), saved - step
        point[i] = high
        above = f(point)
        if scheme == "complex":
            grad[i] = above.imag / step
        elif scheme == "forward":
            grad[i] = (above - start) / step
        else:
            point[i] = low
            grad[i] = (above - f(point)) / (2 * step)
        point[i] = saved
    return grad
"""

exercise = Exercise(
    parts=(
        Part(
            "numerical_gradient",
            gradient_cases,
            hints=(
                "For each entry: a copy of x with this one entry moved, and the change in f divided by the change in "
                "the entry.",
                "np.ndindex(x.shape) gives the index of every entry for any shape, () and empty ones included; "
                "z[index] = value works with it.",
                "Convert x to float64 (or complex128) first, into an array of your own. For each entry compute the "
                "numbers x_i + h and x_i - h once, use them in f, and divide by their difference.",
                "The default step depends on the entry: it grows with |x_i| where that is above 1. A given h doesn't.",
            ),
            driver=differentiate,
            tolerance=BY_DIFFERENCES,
        ),
        Part(
            "count_evaluations",
            count_cases,
            hints=(
                "numerical_gradient calls whatever it is given. Give it something that counts and then calls f.",
                "Define a function inside the function; it adds 1 to a counter and returns f of its argument.",
                "A list to which each call appends does the counting without `nonlocal`.",
            ),
            driver=count,
            tolerance=T64,
            uses=("count_evaluations", "numerical_gradient"),
        ),
        Part(
            "relative_error",
            error_cases,
            hints=(
                "Three norms and a division, but three things can go wrong before and after: shapes, types, zeros.",
                "Convert to float64 before you subtract, and compare the shapes before NumPy broadcasts them.",
                "np.linalg.norm without an axis takes a vector or matrix as a whole; for other shapes, flatten first. "
                "If the sum of the norms is 0, so is the error.",
            ),
            tolerance=T64,
        ),
        Part(
            "gradcheck",
            check_cases,
            hints=(
                "One array of errors answers all three questions: how large is its maximum, where is it, is it small "
                "enough?",
                "np.argmax finds the first maximum, and treats NaN as larger than anything; np.unravel_index turns "
                "its answer into a tuple.",
                "Refuse different shapes before you subtract, and answer for an empty x before you look for a maximum. "
                "Write ok as `error <= rtol`, which is false for NaN.",
            ),
            driver=check,
            tolerance=TFD,
            uses=("gradcheck", "numerical_gradient"),
        ),
        Part(
            "two_layer_gradients",
            network_cases,
            hints=(
                "Softmax and cross-entropy together have a very simple gradient in the logits. Start there.",
                "It is (probabilities - one-hot) / N. Each layer then gives its weight input.T @ gradient, its bias "
                "the sum over the rows, and its input gradient @ W.T.",
                "On the way from the second to the first layer the gradient passes the sigmoid: multiply by "
                "hidden * (1 - hidden). Subtract the row maximum before exp, and check it all with your gradcheck.",
            ),
            tolerance=T64,
        ),
    ),
    misconceptions=(
        Misconception(
            "flat_index_on_2d",
            "numerical_gradient",
            "Your loop uses a flat counter as an index, which picks rows of a matrix and runs out of them.",
            "What is x[i] for an x of shape (4, 1)? And what of it is left once x has been changed?",
            code=FLAT_INDEX,
        ),
        Misconception(
            "int_truncation",
            "numerical_gradient",
            "Your shifted arrays have the dtype of x, so that for integers the step is cut off.",
            "Add 0.00001 to an entry of an integer array and print it: what has become of it?",
            edits=(
                (
                    'np.array(x, dtype=np.complex128 if scheme == "complex" else np.float64)',
                    'np.array(x, dtype=np.complex128) if scheme == "complex" else np.array(x)',
                ),
            ),
        ),
        Misconception(
            "forward_for_central",
            "numerical_gradient",
            'Your "central" differences are one-sided.',
            "How large is the error of a parabola's slope with each scheme, for a step of 0.5?",
            edits=((BOTH_DIFFERENCES[0], "(f_with(i, here + step) - f_with(i, here)) / ((here + step) - here)"),),
        ),
        Misconception(
            "no_restore",
            "numerical_gradient",
            "Your entries stay moved once their turn is over.",
            "Take a step of 0.5: at which point do you stand when the last entry's turn has come?",
            edits=((MOVED, "moved = point"), ("here, step = point[i],", "here, step = point[i] + 0,")),
        ),
        Misconception(
            "x_moved_for_a_moment",
            "numerical_gradient",
            "Your loop moves the entries of x itself and puts them back, so whoever looks at x meanwhile is deceived.",
            "A loss that holds the very array you differentiate at: what does it see during your loop?",
            edits=(
                (
                    "        moved = point.copy()\n        moved[i] = value\n        return f(moved)",
                    "        own = isinstance(x, np.ndarray) and x.dtype == point.dtype and x.flags.writeable\n"
                    "        moved = x if own else point.copy()\n"
                    "        before, moved[i] = moved[i], value\n"
                    "        result = f(moved)\n"
                    "        moved[i] = before\n"
                    "        return result",
                ),
            ),
        ),
        Misconception(
            "divide_by_h",
            "numerical_gradient",
            "Your central differences are divided by one step, though the two points are two steps apart.",
            "Differentiate f(x) = x: what should come out, and what does?",
            edits=((BOTH_DIFFERENCES[0], "(f_with(i, here + step) - f_with(i, here - step)) / step"),),
        ),
        Misconception(
            "nominal_step",
            "numerical_gradient",
            "Your differences are divided by the step that was meant, not by the one that was taken.",
            "Near 1e6, how far apart are two neighbouring float64 numbers? What happens to a step of 1e-9?",
            edits=(
                (BOTH_DIFFERENCES[0], "(f_with(i, here + step) - f_with(i, here - step)) / (2 * step)"),
                (BOTH_DIFFERENCES[1], "(f_with(i, here + step) - start) / step"),
            ),
        ),
        Misconception(
            "h_too_small",
            "numerical_gradient",
            "Your default step is 1e-12 for every entry, so small that rounding drowns the difference.",
            "Of 16 digits of f, how many change when x changes by 1e-12? The smaller the better, really?",
            edits=(
                ("_EPS ** (1 / 3) * max(1.0, size)", "1e-12"),
                ("_EPS ** (1 / 2) * max(1.0, size)", "1e-12"),
            ),
        ),
        Misconception(
            "same_step_everywhere",
            "numerical_gradient",
            "Your default step doesn't grow with the entry, and vanishes beside large ones.",
            "What is 1e11 + 0.000006 in float64?",
            edits=(
                ("_EPS ** (1 / 3) * max(1.0, size)", "_EPS ** (1 / 3)"),
                ("_EPS ** (1 / 2) * max(1.0, size)", "_EPS ** (1 / 2)"),
            ),
        ),
        Misconception(
            "step_relative_to_x",
            "numerical_gradient",
            "Your default step shrinks with the entry, down to nothing at 0.",
            "Which step does your code take at x = 0?",
            edits=(
                ("_EPS ** (1 / 3) * max(1.0, size)", "_EPS ** (1 / 3) * size"),
                ("_EPS ** (1 / 2) * max(1.0, size)", "_EPS ** (1 / 2) * size"),
            ),
        ),
        Misconception(
            "step_of_central_for_forward",
            "numerical_gradient",
            'Your "forward" differences take the larger default step of "central".',
            "The error of a one-sided difference grows with h itself, that of a central one with its square. Which can "
            "afford the larger step?",
            edits=(("_EPS ** (1 / 2) * max(1.0, size)", "_EPS ** (1 / 3) * max(1.0, size)"),),
        ),
        Misconception(
            "start_evaluated_each_time",
            ("numerical_gradient", "count_evaluations"),
            "Your forward differences evaluate f at x again for every entry.",
            "Which of the two values in a forward difference is the same for all entries?",
            edits=(
                (BOTH_DIFFERENCES[1], "(f_with(i, here + step) - f_with(i, here)) / ((here + step) - here)"),
                ('start = f(point.copy()) if scheme == "forward" else None', "pass"),
            ),
        ),
        Misconception(
            "count_of_the_wrong_scheme",
            "count_evaluations",
            "Your count is that of central differences, whatever the scheme.",
            "Which scheme does numerical_gradient use when nobody tells it?",
            edits=(
                (
                    "numerical_gradient(counted, x, scheme=scheme)",
                    "if scheme not in _STEP:\n        raise ValueError(scheme)\n    numerical_gradient(counted, x)",
                ),
            ),
        ),
        Misconception(
            "absolute_error",
            ("relative_error", "gradcheck"),
            "Your error is absolute: it grows with the scale of the gradients.",
            "Multiply f by a million: is a gradient that was right still right?",
            edits=(
                ("float(np.linalg.norm(a - b) / total) if total != 0 else 0.0", "float(np.linalg.norm(a - b))"),
                (ERROR, "error = np.abs(a - b)"),
            ),
        ),
        Misconception(
            "relative_to_one_side",
            ("relative_error", "gradcheck"),
            "Your error is relative to one of the two gradients only.",
            "Exchange the two arrays: should the error change? What if one of them is zero?",
            edits=(
                ("total = np.linalg.norm(a) + np.linalg.norm(b)", "total = np.linalg.norm(b)"),
                (ERROR, "error = np.abs(a - b) / np.maximum(1, np.abs(b))"),
            ),
        ),
        Misconception(
            "zero_by_zero",
            "relative_error",
            "Your relative error of two zero gradients is NaN.",
            "Two gradients that are exactly equal: how large should their error be, even if both are zero?",
            edits=(
                ("float(np.linalg.norm(a - b) / total) if total != 0 else 0.0", "float(np.linalg.norm(a - b) / total)"),
            ),
        ),
        Misconception(
            "shapes_broadcast",
            ("relative_error", "gradcheck"),
            "Your code lets NumPy broadcast two gradients of different shapes against each other.",
            "What is the shape of the difference of arrays of shapes (3,) and (3, 1)?",
            edits=(
                (
                    '    if a.shape != b.shape:\n        raise ValueError(f"gradients of',
                    '    if False:\n        raise ValueError(f"gradients of',
                ),
                (
                    '    if a.shape != b.shape:\n        raise ValueError(f"x has',
                    '    if False:\n        raise ValueError(f"x has',
                ),
                (
                    "worst = np.unravel_index(np.argmax(error), error.shape)",
                    "error = np.asarray(error)\n    worst = np.unravel_index(np.argmax(error), error.shape)",
                ),
            ),
        ),
        Misconception(
            "no_floor",
            "gradcheck",
            "Your error is relative for small entries, too, where rounding is larger than the gradient itself.",
            "A gradient of 1e-7, differences that are good to 1e-10: what is the relative error of something right?",
            edits=((ERROR, "error = np.abs(a - b) / np.maximum(1e-300, np.maximum(np.abs(a), np.abs(b)))"),),
        ),
        Misconception(
            "signed_error",
            "gradcheck",
            "Your errors have a sign, so a gradient that is too small looks better than a right one.",
            "Is an entry that is 2 too small a smaller error than one that is 0.1 too large?",
            edits=((ERROR, "error = (a - b) / np.maximum(1, np.maximum(np.abs(a), np.abs(b)))"),),
        ),
        Misconception(
            "nan_passes",
            "gradcheck",
            "Your check passes over entries that are NaN.",
            "An analytic gradient of nothing but NaN: what does your check say about it?",
            edits=(
                (
                    "np.unravel_index(np.argmax(error), error.shape)",
                    "np.unravel_index(np.nanargmax(error), error.shape)",
                ),
            ),
        ),
        Misconception(
            "flat_worst_index",
            "gradcheck",
            "Your worst_index is a position in the flattened array.",
            "Can you write x[worst_index] and get the entry, for a matrix x?",
            edits=(('"worst_index": worst}', '"worst_index": int(np.argmax(error))}'),),
        ),
        Misconception(
            "hidden_slope_missing",
            "two_layer_gradients",
            "Your gradient passes the sigmoid as if it weren't there.",
            "Run your gradcheck on W2, then on W1: which one fails, and what lies between them?",
            edits=((SIGMOID_SLOPE, "d_hidden = d_logits @ W2.T"),),
        ),
        Misconception(
            "softmax_jacobian_double",
            "two_layer_gradients",
            "Your gradient in the logits contains the slope p (1 - p) once more.",
            "Differentiate the loss in one logit by differences: does the result fit p - 1, or p - 1 times something?",
            edits=(
                (
                    "d_logits = p / max(len(y), 1)",
                    "q = p + np.eye(len(b2))[y]\n    d_logits = p * q * (1 - q) / max(len(y), 1)",
                ),
            ),
        ),
        Misconception(
            "sum_over_samples",
            "two_layer_gradients",
            "Your gradients are those of the summed loss, not of the mean.",
            "Feed every sample twice: should the gradient change?",
            edits=(("d_logits = p / max(len(y), 1)", "d_logits = p"),),
        ),
        Misconception(
            "exp_overflow",
            "two_layer_gradients",
            "Your softmax takes exp of the logits as they are, which overflows for large ones.",
            "What is exp(1000)? And does softmax change if all logits move by the same amount?",
            edits=(("np.exp(logits - logits.max(axis=1, keepdims=True))", "np.exp(logits)"),),
        ),
        Misconception(
            "bias_grad_averaged",
            "two_layer_gradients",
            "Your bias gradients are averaged over the samples once more.",
            "Where is the 1/N of the mean loss already?",
            edits=(
                ('"b1": d_hidden.sum(axis=0)', '"b1": d_hidden.sum(axis=0) / max(len(y), 1)'),
                ('"b2": d_logits.sum(axis=0)', '"b2": d_logits.sum(axis=0) / max(len(y), 1)'),
            ),
        ),
        Misconception(
            "relu_instead_of_sigmoid",
            "two_layer_gradients",
            "Your hidden layer uses ReLU, where a sigmoid is asked for.",
            "What does the hidden layer put out for a pre-activation of 0?",
            edits=(
                ("hidden = _sigmoid(X @ W1 + b1)", "hidden = np.maximum(X @ W1 + b1, 0)"),
                (SIGMOID_SLOPE, "d_hidden = d_logits @ W2.T * (hidden > 0)"),
            ),
        ),
    ),
    equivalents=(
        Equivalent(
            'elif scheme == "central":',
            'elif scheme <= "central":',
            "of the two schemes that are left here, it is the first in the alphabet",
        ),
        Equivalent(
            'start = f(point.copy()) if scheme == "forward" else None',
            'start = f(point.copy()) if scheme >= "forward" else None',
            "of the three schemes, it is the last in the alphabet",
        ),
        Equivalent("if a.size == 0:", "if a.size <= 0:", "no array has a negative size"),
        Equivalent(
            "d_logits = p / max(len(y), 1)",
            "d_logits = p / max(len(y), 0)",
            "an empty array may be divided by 0",
        ),
    ),
)
