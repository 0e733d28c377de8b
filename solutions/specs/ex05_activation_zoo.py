"""Cases of exercise 5. Every part is one activation, in both directions."""

from collections.abc import Iterator

import numpy as np

from grader.spec import Case, Equivalent, Exercise, Misconception, Part, Speed, Tolerance

F32 = Tolerance(1e-4, 1e-5)  # what is tiny next to 1 may be lost in float32
FAR = np.array([1e4, -1e4, 1000.0, -1000.0, 100.0, -100.0])


def forward(student, name, x, **options):
    return student.forward(name, x, **options)


def backward(student, name, x, grad_output, **options):
    return student.backward(name, x, grad_output, **options)


def forward_sample(student, name, x, **options):
    answer = student.forward(name, x, **options)
    return answer[:3].copy() if isinstance(answer, np.ndarray) else answer


def _case(title: str, name: str, x: np.ndarray, grad: np.ndarray | None = None, **more) -> Case:
    """One direction of one activation: forward, or with `grad` backward. `more` are options and fields of Case."""
    fields = {key: more.pop(key) for key in ("tolerance", "speed") if key in more}
    if grad is None:
        return Case(f"{name}: {title}", {"name": name, "x": x, **more}, driver=forward, **fields)
    inputs = {"name": name, "x": x, "grad_output": grad, **more}
    return Case(f"{name} backward: {title}", inputs, driver=backward, **fields)


def _both(title: str, name: str, x: np.ndarray, grad: np.ndarray, **more) -> Iterator[Case]:
    yield _case(title, name, x, **more)
    yield _case(title, name, x, grad, **more)


def _elementwise(name: str, rng: np.random.Generator) -> Iterator[Case]:
    """What every function of single numbers is asked."""
    small = np.array([1.0, 2.0, -1.0])
    yield _case("small numbers", name, small)
    yield _case("small numbers, gradient of their sum", name, small, np.ones(3))
    x, g = rng.normal(0, 3, (4, 5)), rng.normal(0, 1, (4, 5))
    x[0, :2] = 0.4, -0.4
    yield from _both("a matrix", name, x, g)
    yield _case("a matrix that forward hasn't seen", name, rng.normal(0, 3, (4, 5)), g)
    yield from _both("exactly 0", name, np.array([0.0, -0.0, 1.0]), np.array([2.0, -3.0, 0.5]))
    yield from _both("close to 0", name, np.array([1e-3, -1e-3, 1e-6, -1e-6]), rng.normal(size=4))
    yield from _both("far from 0", name, FAR, rng.normal(size=6))
    yield from _both("float32 stays float32", name, x.astype(np.float32), g.astype(np.float32), tolerance=F32)
    far, grad = FAR.astype(np.float32), rng.normal(size=6).astype(np.float32)
    yield from _both("float32 far from 0", name, far, grad, tolerance=F32)
    yield from _both("float16 becomes float64", name, x.astype(np.float16), g)
    yield from _both("integers", name, np.array([[0, 1, -1], [3, -3, 7]]), rng.normal(size=(2, 3)))
    yield from _both("uint8", name, np.array([0, 1, 2, 100, 255], np.uint8), rng.normal(size=5))
    yield _case("NaN stays NaN", name, np.array([np.nan, -1.0, 1.0]))
    yield from _both("empty", name, np.zeros((0, 3)), np.zeros((0, 3)))
    yield from _both("empty float32", name, np.zeros(0, np.float32), np.zeros(0, np.float32))
    yield from _both("one number", name, rng.normal(0, 2, 1), rng.normal(size=1))
    yield from _both("a number without axes", name, np.array(-0.7), np.array(1.5))
    yield from _both("four axes", name, rng.normal(0, 2, (2, 1, 3, 2)), rng.normal(size=(2, 1, 3, 2)))
    yield from _both("transposed and reversed arrays", name, x.T, np.asfortranarray(g[::-1].T))
    yield from _both("read-only arrays", name, np.broadcast_to(x[0], (3, 5)), np.broadcast_to(g[:1, :1], (3, 5)))
    yield from _both("a second identical call", name, x, g)


def relu_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from _elementwise("relu", rng)


def leaky_relu_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from _elementwise("leaky_relu", rng)
    x, g = rng.normal(0, 3, (4, 5)), rng.normal(0, 1, (4, 5))
    x[0] = 0.0, -0.0, 2.0, -2.0, -0.5
    yield from _both("negative_slope 0.3", "leaky_relu", x, g, negative_slope=0.3)
    yield from _both("negative_slope 1.5", "leaky_relu", x, g, negative_slope=1.5)
    yield from _both("negative_slope 0", "leaky_relu", x, g, negative_slope=0.0)
    yield _case("negative_slope 0.2, without forward", "leaky_relu", x, g, negative_slope=0.2)
    single = x.astype(np.float32)
    yield from _both(
        "float32, negative_slope 0.3", "leaky_relu", single, g.astype(np.float32), negative_slope=0.3, tolerance=F32
    )


def sigmoid_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from _elementwise("sigmoid", rng)


def tanh_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from _elementwise("tanh", rng)


def elu_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from _elementwise("elu", rng)
    x, g = rng.normal(0, 2, (4, 5)), rng.normal(0, 1, (4, 5))
    x[0] = 0.0, -0.0, 2.0, -2.0, -0.5
    yield from _both("alpha 0.5", "elu", x, g, alpha=0.5)
    yield from _both("alpha 3", "elu", x, g, alpha=3.0)
    yield _case("alpha 2, without forward", "elu", x, g, alpha=2.0)
    yield from _both("alpha 3, far from 0", "elu", FAR, rng.normal(size=6), alpha=3.0)


def selu_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from _elementwise("selu", rng)


def softplus_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from _elementwise("softplus", rng)
    x, g = rng.normal(0, 2, (4, 5)), rng.normal(0, 1, (4, 5))
    yield from _both("beta 0.5", "softplus", x, g, beta=0.5)
    yield from _both("beta 3", "softplus", x, g, beta=3.0)
    yield _case("beta 2, without forward", "softplus", x, g, beta=2.0)
    x = np.array([-5.0, 0.0, 0.9, 1.1, 1.9, 2.1, 30.0])
    g = rng.normal(size=7)
    yield from _both("threshold 1", "softplus", x, g, threshold=1.0)
    yield from _both("beta 2, threshold 2", "softplus", x, g, beta=2.0, threshold=2.0)
    yield from _both("beta 0.25, threshold 0.5", "softplus", x, g, beta=0.25, threshold=0.5)
    yield from _both("beta 2, far from 0", "softplus", FAR, rng.normal(size=6), beta=2.0)
    yield from _both("exactly at the threshold", "softplus", np.array([2.0, -2.0]), np.ones(2), beta=0.5, threshold=1.0)
    x = np.array([20.5, 19.5, 21.5, 18.5])
    yield from _both("threshold 20 is the default", "softplus", x, np.ones(4), tolerance=Tolerance(1e-12, 1e-13))
    x = np.array([400.0, 600.0, -600.0])
    yield from _both("threshold 500", "softplus", x, np.array([1.0, 2.0, 3.0]), threshold=500.0)


def silu_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from _elementwise("silu", rng)


def gelu_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from _elementwise("gelu", rng)
    x, g = rng.normal(0, 2, (4, 5)), rng.normal(0, 1, (4, 5))
    yield from _both("approximate none", "gelu", x, g, approximate="none")
    yield _case("approximate tanh, without forward", "gelu", x, g, approximate="tanh")
    yield from _both("approximate tanh", "gelu", x, g, approximate="tanh")
    yield from _both("approximate tanh, far from 0", "gelu", FAR, rng.normal(size=6), approximate="tanh")
    yield from _both("approximate tanh, exactly 0", "gelu", np.array([0.0, -0.0]), np.ones(2), approximate="tanh")
    single, grad = x.astype(np.float32), g.astype(np.float32)
    yield from _both("float32, approximate tanh", "gelu", single, grad, approximate="tanh", tolerance=F32)
    yield _case("approximate tanh, NaN stays NaN", "gelu", np.array([np.nan, 1.0]), approximate="tanh")
    yield from _both("approximate tanh, integers", "gelu", np.arange(-3, 4), rng.normal(size=7), approximate="tanh")


def _along_an_axis(name: str, rng: np.random.Generator) -> Iterator[Case]:
    """What softmax and log_softmax are asked."""
    row = np.array([0.0, 1.0, 2.0])
    yield _case("one row", name, row)
    yield _case("one row, gradient of the first entry", name, row, np.array([1.0, 0.0, 0.0]))
    x, g = rng.normal(0, 2, (4, 5)), rng.normal(0, 1, (4, 5))
    yield from _both("a matrix", name, x, g)
    yield _case("a matrix that forward hasn't seen, dim 0", name, rng.normal(0, 2, (4, 5)), g, dim=0)
    yield from _both("as many rows as columns", name, rng.normal(0, 2, (3, 3)), rng.normal(size=(3, 3)))
    yield _case("gradient of the sum", name, x, np.ones((4, 5)))
    for dim in (-2, 1):
        yield from _both(f"a matrix, dim {dim}", name, x, g, dim=dim)
    cube, grad = rng.normal(0, 2, (2, 3, 4)), rng.normal(size=(2, 3, 4))
    yield from _both("three axes", name, cube, grad)
    for dim in (0, 1, -1, -2):
        yield from _both(f"three axes, dim {dim}", name, cube, grad, dim=dim)
    yield from _both(
        "images, over the channels", name, rng.normal(size=(2, 3, 2, 2)), rng.normal(size=(2, 3, 2, 2)), dim=1
    )
    yield from _both("a batch of one", name, rng.normal(0, 2, (1, 4)), rng.normal(size=(1, 4)))
    yield from _both("a single class", name, rng.normal(0, 2, (4, 1)), rng.normal(size=(4, 1)))
    yield from _both("1000 added", name, x + 1000, g)
    far = np.array([[1e4, 0.0, -1e4], [0.0, 1e4, 9999.0], [-1e4, -1e4, -9999.0], [-1e4, 1.0, 2.0]])
    yield from _both("far from 0", name, far, rng.normal(size=(4, 3)))
    yield from _both("float32 stays float32", name, x.astype(np.float32), g.astype(np.float32), tolerance=F32)
    single, grad = far.astype(np.float32), rng.normal(size=(4, 3)).astype(np.float32)
    yield from _both("float32 far from 0", name, single, grad, tolerance=F32)
    yield from _both("float16 becomes float64", name, x.astype(np.float16), g)
    yield from _both("integers", name, rng.integers(-4, 5, (3, 4)), rng.normal(size=(3, 4)))
    yield from _both("uint8", name, np.array([[3, 1, 2], [0, 255, 254]], np.uint8), rng.normal(size=(2, 3)))
    yield _case("NaN fills its row only", name, np.array([[np.nan, 1.0], [2.0, 3.0]]))
    yield from _both("no rows", name, np.zeros((0, 3)), np.zeros((0, 3)))
    yield from _both("no rows, dim 0", name, np.zeros((0, 3)), np.zeros((0, 3)), dim=0)
    yield from _both("rows without entries", name, np.zeros((3, 0)), np.zeros((3, 0)))
    yield from _both("transposed and reversed arrays", name, x.T, np.asfortranarray(g[::-1].T))
    yield from _both("read-only arrays", name, np.broadcast_to(x[0], (3, 5)), np.broadcast_to(g[:1, :1], (3, 5)))
    yield from _both("a second identical call", name, x, g)


def softmax_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from _along_an_axis("softmax", rng)


def log_softmax_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield from _along_an_axis("log_softmax", rng)
    inputs = {"name": "log_softmax", "x": np.broadcast_to(rng.normal(0, 3, 300), (3000, 300))}
    yield Case("log_softmax: 3000 rows of 300 classes", inputs, driver=forward_sample, speed=Speed())


def name_cases(rng: np.random.Generator) -> Iterator[Case]:
    x, g = rng.normal(size=3), rng.normal(size=3)
    for name in ("swish", "ReLU", ""):
        yield Case(f"forward of {name!r}", {"name": name, "x": x}, driver=forward)
        yield Case(f"backward of {name!r}", {"name": name, "x": x, "grad_output": g}, driver=backward)


USES = ("forward", "backward")
ELEMENTWISE = ("relu", "leaky_relu", "sigmoid", "tanh", "elu", "selu", "softplus", "silu", "gelu")
MIXING = ("softmax", "log_softmax")

exercise = Exercise(
    parts=(
        Part(
            "relu",
            relu_cases,
            uses=USES,
            hints=(
                "Forward compares every element with 0; backward lets the gradient through where the unit was active.",
                "What is 0 compared with NaN? np.where with a comparison loses NaN, another function keeps it.",
                "np.maximum(x, 0) on the way forward, grad_output * (x > 0) on the way back; convert integers first.",
            ),
        ),
        Part(
            "leaky_relu",
            leaky_relu_cases,
            uses=USES,
            hints=(
                "Two straight lines meet at 0. Which of them does 0 itself belong to?",
                "Choose the branch by the sign of x, not by which of the two values is larger.",
                "np.where(x > 0, x, negative_slope * x), and the slope chosen by the same comparison; make sure that "
                "float32 is still float32 when you choose between two plain numbers.",
            ),
        ),
        Part(
            "sigmoid",
            sigmoid_cases,
            uses=USES,
            hints=(
                "exp of something negative can't overflow. Can you write the function with such exponentials only?",
                "Use exp(-abs(x)), and a different fraction for negative and positive x.",
                "With e = exp(-abs(x)) it is 1 / (1 + e) for x >= 0 and e / (1 + e) below; the slope is s * (1 - s).",
            ),
        ),
        Part(
            "tanh",
            tanh_cases,
            uses=USES,
            hints=(
                "A ratio of exponentials is infinity over infinity for large x. Does numpy have this function?",
                "The slope is simple in terms of the output; compute the output first.",
                "np.tanh(x) forward, grad_output * (1 - np.tanh(x)**2) backward.",
            ),
        ),
        Part(
            "elu",
            elu_cases,
            uses=USES,
            hints=(
                "np.where evaluates both branches everywhere: the exponential must not overflow where it isn't chosen.",
                "Clip x from above at 0 before taking the exponential; np.expm1 is exact near 0.",
                "The slope is 1 for x > 0, otherwise alpha * exp(x), which at 0 is alpha.",
            ),
        ),
        Part(
            "selu",
            selu_cases,
            uses=USES,
            hints=(
                "It is an elu with particular numbers; can you call what you have?",
                "ALPHA goes into the elu, SCALE in front of everything, positive side included.",
                "The slope is SCALE for x > 0, otherwise SCALE * ALPHA * exp(x).",
            ),
        ),
        Part(
            "softplus",
            softplus_cases,
            uses=USES,
            hints=(
                "Its slope is a function that you have written already.",
                "The threshold is compared with beta * x, not with x; beyond it nothing is bent.",
                "np.log1p(np.exp(np.minimum(beta * x, threshold))) / beta, replaced by x where beta * x > threshold; "
                "the slope is sigmoid(beta * x), replaced by 1 there.",
            ),
        ),
        Part(
            "silu",
            silu_cases,
            uses=USES,
            hints=(
                "It is a product of x and something you have; so is its slope, by the product rule.",
                "The derivative of a product has two terms. Don't forget the one in which x itself is differentiated.",
                "With s = sigmoid(x) the slope is s + x * s * (1 - s).",
            ),
        ),
        Part(
            "gelu",
            gelu_cases,
            uses=USES,
            hints=(
                "P(Z <= x) is (1 + erf(x / sqrt(2))) / 2; math.erf takes one number at a time.",
                "np.vectorize needs otypes to work on empty arrays. The slope is P(Z <= x) + x * normal density.",
                "For the tanh version differentiate x / 2 * (1 + tanh(u(x))) by the product and the chain rule: "
                "u'(x) = sqrt(2 / pi) * (1 + 3 * 0.044715 * x**2).",
            ),
        ),
        Part(
            "softmax",
            softmax_cases,
            uses=USES,
            hints=(
                "Nothing changes when the same number is added to all entries. Which one makes exp harmless?",
                "Every output depends on every input along dim, so the gradient has a sum in it; keepdims helps.",
                "grad = p * (grad_output - (p * grad_output).sum(axis=dim, keepdims=True)). An empty array has no "
                "maximum, so treat it first.",
            ),
        ),
        Part(
            "log_softmax",
            log_softmax_cases,
            uses=USES,
            hints=(
                "The logarithm of a rounded 0 is -inf. Can the logarithm be taken before the division?",
                "With the maximum subtracted, it is the shifted x minus the logarithm of a sum.",
                "grad = grad_output - softmax(x) * grad_output.sum(axis=dim, keepdims=True).",
            ),
        ),
        Part(
            "names",
            name_cases,
            uses=USES,
            hints=(
                "What happens in your code if no name fits?",
                "Both functions need the check; a dictionary of functions makes it one lookup.",
                "raise ValueError, not KeyError, and say which names are known.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "sigmoid_overflow",
            ("sigmoid", "silu", "softmax", "log_softmax"),
            "Your code takes exponentials of large positive numbers, and infinity over infinity is NaN.",
            "Evaluate both directions at -1000 and 1000: which exponential is infinite there?",
            edits=(
                (
                    "    small = np.exp(-np.abs(x))\n    return np.where(x < 0, small, 1) / (1 + small)\n",
                    "    return 1 / (1 + np.exp(-x))\n",
                ),
                ("return _sigmoid(x) * _sigmoid(-x)", "return np.exp(-x) / (1 + np.exp(-x)) ** 2"),
                (
                    "return _sigmoid(x) * (1 + x * _sigmoid(-x))",
                    "return (1 + np.exp(-x) + x * np.exp(-x)) / (1 + np.exp(-x)) ** 2",
                ),
                (
                    "    shifted = x - x.max(axis=dim, keepdims=True)\n"
                    "    return shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))\n",
                    "    return np.log(np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True))\n",
                ),
            ),
        ),
        Misconception(
            "tanh_ratio",
            "tanh",
            "Your tanh divides two exponentials that are both infinite for large inputs.",
            "What is infinity divided by infinity?",
            code="def _tanh(x):\n"
            "    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))\n"
            "def _tanh_slope(x):\n"
            "    return 1 - _tanh(x) ** 2\n"
            "_ZOO['tanh'] = (_tanh, _elementwise(_tanh_slope))\n",
        ),
        Misconception(
            "derivative_of_output",
            ("sigmoid", "tanh", *MIXING),
            "Your backward treats x as if it were the activated value.",
            "Is s * (1 - s) a function of x or of s, and which of them does backward get?",
            edits=(
                ("return _sigmoid(x) * _sigmoid(-x)", "return x * (1 - x)"),
                ("return 1 - np.tanh(x) ** 2", "return 1 - x**2"),
                ("    p = _softmax(x, dim)\n", "    p = x\n"),
                ("return grad_output - _softmax(x, dim) *", "return grad_output - np.exp(x) *"),
            ),
        ),
        Misconception(
            "leaky_max",
            "leaky_relu",
            "Your leaky_relu takes the larger of the two lines.",
            "Is the slope always below 1?",
            edits=(("return np.where(x > 0, x, negative_slope * x)", "return np.maximum(x, negative_slope * x)"),),
        ),
        Misconception(
            "grad_replaces",
            (*ELEMENTWISE, *MIXING),
            "Your backward returns the slope alone and ignores grad_output.",
            "The chain rule is a product. Where is the second factor?",
            edits=(
                (
                    "return gradient(_as_float(x), grad_output, **options)",
                    "return gradient(_as_float(x), np.ones_like(grad_output), **options)",
                ),
            ),
        ),
        Misconception(
            "softmax_diagonal",
            "softmax",
            "Your softmax gradient treats every entry as if it depended on its own logit only.",
            "Raise one logit: do the other probabilities stay as they are?",
            edits=(
                (
                    "return p * (grad_output - (p * grad_output).sum(axis=dim, keepdims=True))",
                    "return grad_output * p * (1 - p)",
                ),
            ),
        ),
        Misconception(
            "wrong_axis",
            MIXING,
            "Your code sums along the first axis, whatever dim says.",
            "Along which axis must the probabilities add up to 1?",
            edits=(
                (
                    "    shifted = x - x.max(axis=dim, keepdims=True)\n"
                    "    return shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))\n",
                    "    shifted = x - x.max(axis=0, keepdims=True)\n"
                    "    return shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))\n",
                ),
                ("grad_output.sum(axis=dim", "grad_output.sum(axis=0"),
                ("(p * grad_output).sum(axis=dim", "(p * grad_output).sum(axis=0"),
            ),
        ),
        Misconception(
            "relu_at_zero",
            "relu",
            "Your relu has slope 1 at exactly 0.",
            "Both slopes are defensible at the kink; which one does the convention name?",
            edits=(("def _relu_slope(x):\n    return x > 0", "def _relu_slope(x):\n    return x >= 0"),),
        ),
        Misconception(
            "nan_hidden",
            "relu",
            "Your relu turns NaN into 0.",
            "Is NaN > 0 true or false, and what does your code return in that case?",
            edits=(("return np.maximum(x, 0)", "return np.where(x > 0, x, 0)"),),
        ),
        Misconception(
            "slope_one_at_zero",
            ("leaky_relu", "elu", "selu"),
            "Your slope at exactly 0 is that of the right side.",
            "Which side does the convention give the kink to? Try an alpha or a negative slope that isn't 1.",
            edits=(
                (
                    "np.where(x > 0, x.dtype.type(1), negative_slope)",
                    "np.where(x >= 0, x.dtype.type(1), negative_slope)",
                ),
                (
                    "return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))",
                    "return np.where(x >= 0, 1, alpha * np.exp(np.minimum(x, 0)))",
                ),
            ),
        ),
        Misconception(
            "scale_on_one_side",
            "selu",
            "Your selu scales the negative side only.",
            "What is the slope of selu for positive inputs? It isn't 1.",
            code="def _selu(x):\n"
            "    return np.where(x > 0, x, SCALE * _elu(x, ALPHA))\n"
            "def _selu_slope(x):\n"
            "    return np.where(x > 0, 1, SCALE * _elu_slope(x, ALPHA))\n"
            "_ZOO['selu'] = (_selu, _elementwise(_selu_slope))\n",
        ),
        Misconception(
            "threshold_without_beta",
            "softplus",
            "Your softplus compares x itself with the threshold.",
            "Which quantity is it that becomes too large for an exponential?",
            code="def _softplus(x, beta=1.0, threshold=20.0):\n"
            "    return np.where(x > threshold, x, np.logaddexp(0, beta * x) / beta)\n"
            "def _softplus_slope(x, beta=1.0, threshold=20.0):\n"
            "    return np.where(x > threshold, 1, _sigmoid(beta * x))\n"
            "_ZOO['softplus'] = (_softplus, _elementwise(_softplus_slope))\n",
        ),
        Misconception(
            "threshold_ignored",
            "softplus",
            "Your softplus is never replaced by x.",
            "Set the threshold to 1: where should the curve become a straight line?",
            code="def _softplus(x, beta=1.0, threshold=20.0):\n"
            "    return np.logaddexp(0, beta * x) / beta\n"
            "def _softplus_slope(x, beta=1.0, threshold=20.0):\n"
            "    return _sigmoid(beta * x)\n"
            "_ZOO['softplus'] = (_softplus, _elementwise(_softplus_slope))\n",
        ),
        Misconception(
            "product_rule_forgotten",
            ("silu", "gelu"),
            "Your slope is the gate alone, as if the gate were a constant.",
            "The gate moves, too, when x moves. How many terms has the derivative of a product?",
            edits=(
                ("return _sigmoid(x) * (1 + x * _sigmoid(-x))", "return _sigmoid(x)"),
                (
                    "return (1 + t) / 2 + x / 2 * (1 - t**2) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)",
                    "return (1 + t) / 2",
                ),
                ("return _normal_cdf(x) + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)", "return _normal_cdf(x)"),
            ),
        ),
        Misconception(
            "gelu_always_tanh",
            "gelu",
            "Your gelu uses the tanh formula whatever `approximate` says.",
            "How far apart are the two versions at x = 2.7, and which one is the default?",
            edits=(
                ('    if approximate == "tanh":\n        return', "    if True:\n        return"),
                ('    if approximate == "tanh":\n        t =', "    if True:\n        t ="),
            ),
        ),
    ),
    equivalents=(
        Equivalent(
            "return x if x.dtype == np.float32 else x.astype(np.float64)",
            "return x if x.dtype >= np.float32 else x.astype(np.float64)",
            "besides float32 only float64 compares like that, and it needs no copy: nothing is computed in place",
        ),
        Equivalent("if x.size == 0:", "if x.size <= 0:", "sizes aren't negative"),
        Equivalent('if approximate == "tanh":', 'if approximate >= "tanh":', "only two values are documented"),
        Equivalent(
            "return np.where(x < 0, small, 1) / (1 + small)",
            "return np.where(x <= 0, small, 1) / (1 + small)",
            "both branches are 1/2 at 0",
        ),
        Equivalent(
            "return np.where(x > 0, x, negative_slope * x)",
            "return np.where(x >= 0, x, negative_slope * x)",
            "both branches are 0 at 0",
        ),
        Equivalent(
            "return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))",
            "return np.where(x >= 0, x, alpha * np.expm1(np.minimum(x, 0)))",
            "both branches are 0 at 0",
        ),
        Equivalent(
            "return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))",
            "return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 1)))",
            "the clipped values are chosen for x <= 0 only",
        ),
        Equivalent(
            "return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))",
            "return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 1)))",
            "the clipped values are chosen for x <= 0 only",
        ),
    ),
)
