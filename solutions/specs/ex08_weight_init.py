"""Cases, misconceptions and hints for 8: weights from given generators, fans and gains, signals through deep stacks."""

import random
from collections.abc import Iterator

import numpy as np

from grader.spec import T64, T64L, Case, Equivalent, Exercise, Misconception, Part, Tolerance

MOMENTS = Tolerance(1e-7, 1e-14, scaled=False)  # the signal may fade to nearly nothing, and must do so exactly

# Drivers


def drawn(student, shape, scheme, distribution, seed, **options):
    return student.init_weight(shape, scheme, distribution, np.random.default_rng(seed), **options)


def drawn_by_name(student, seed, **options):
    return student.init_weight(rng=np.random.default_rng(seed), **options)


def drawn_and_next(student, shape, scheme, distribution, seed, **options):
    rng = np.random.default_rng(seed)
    weight = student.init_weight(shape, scheme, distribution, rng, **options)
    return {"weight": weight, "what the generator draws next": rng.random(2)}


def two_from_one_generator(student, shape, scheme, distribution, seed):
    rng = np.random.default_rng(seed)
    return [student.init_weight(shape, scheme, distribution, rng) for _ in range(2)]


def two_from_one_seed(student, shape, scheme, distribution, seed):
    """The first is spoilt before the second is drawn."""
    first = student.init_weight(shape, scheme, distribution, np.random.default_rng(seed))
    if isinstance(first, np.ndarray):
        first.fill(7.0)
    return student.init_weight(shape, scheme, distribution, np.random.default_rng(seed))


def global_random_state(student, shape, scheme, distribution, seed):
    """Whether the global generators go on as if nothing had been drawn, or seeded, in between."""
    states = np.random.get_state(), random.getstate()
    np.random.seed(seed)
    random.seed(seed)
    student.init_weight(shape, scheme, distribution, np.random.default_rng(seed))
    after = np.random.random(), random.random()
    np.random.seed(seed)
    random.seed(seed)
    undisturbed = {
        "numpy.random undisturbed": after[0] == np.random.random(),
        "random undisturbed": after[1] == random.random(),
    }
    np.random.set_state(states[0])
    random.setstate(states[1])
    return undisturbed


# Cases

SHAPES = {
    "linear, 10 to 1000": (1000, 10),
    "linear, 7 to 3": (3, 7),
    "one input": (5, 1),
    "one output": (1, 5),
    "1 x 1": (1, 1),
    "square": (6, 6),
    "Conv1d": (4, 3, 5),
    "Conv2d": (8, 3, 3, 3),
    "Conv2d, a kernel of 5 x 2": (2, 4, 5, 2),
    "Conv2d, a kernel of 1 x 1": (8, 3, 1, 1),
    "depthwise Conv2d": (8, 1, 3, 3),
    "Conv3d": (2, 3, 2, 3, 4),
    "a convolution in four dimensions": (3, 2, 2, 1, 3, 2),
}
NONLINEARITIES = ("linear", "conv1d", "conv2d", "conv3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu")
ACTIVATIONS = ("linear", "relu", "leaky_relu", "tanh", "sigmoid", "selu")


def fan_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("fan: a square linear layer", {"shape": (4, 4)})
    for name, shape in SHAPES.items():
        yield Case(f"fan: {name}", {"shape": shape})
    for number in range(1, 7):
        shape = tuple(rng.integers(1, 60, rng.integers(2, 6)).tolist())
        yield Case(f"fan: random shape {number}", {"shape": shape})
    yield Case("fan: a bias has none", {"shape": (10,)})
    yield Case("fan: nor has a number", {"shape": ()})


def gain_cases(rng: np.random.Generator) -> Iterator[Case]:
    for name in NONLINEARITIES:
        yield Case(f"gain: {name}", {"nonlinearity": name})
    for param in (0.0, 0.2, 1.0, -0.3, 2.5):
        yield Case(f"gain: leaky_relu with slope {param}", {"nonlinearity": "leaky_relu", "param": param})
    yield Case("gain: leaky_relu with an integer slope", {"nonlinearity": "leaky_relu", "param": 1})
    drawn = float(rng.uniform(0.1, 2.0))
    yield Case("gain: leaky_relu with a drawn slope", {"nonlinearity": "leaky_relu", "param": drawn})
    for name in NONLINEARITIES[:-2]:
        yield Case(f"gain: {name} ignores the slope", {"nonlinearity": name, "param": 0.7})
    yield Case("gain: selu ignores the slope", {"nonlinearity": "selu", "param": 0.7})
    for name in ("swish", "ReLU", ""):
        yield Case(f"gain: {name!r} has none", {"nonlinearity": name})


def weight_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, shape, scheme, distribution="normal", driver=drawn, tolerance=None, **options):
        inputs = {"shape": shape, "scheme": scheme, "distribution": distribution, "seed": int(rng.integers(2**31))}
        title = f"{scheme} {distribution}" if scheme != "orthogonal" else scheme
        return Case(f"{title}: {name}", {**inputs, **options}, driver=driver, tolerance=tolerance)

    yield case("a fan_in of 1 leaves the normals as they are", (2, 1), "lecun")
    for scheme in ("lecun", "xavier", "he"):
        for distribution in ("normal", "uniform"):
            for name in ("linear, 7 to 3", "linear, 10 to 1000", "Conv2d, a kernel of 5 x 2", "1 x 1"):
                yield case(name, SHAPES[name], scheme, distribution)
            yield case("one draw and no more", (3, 4), scheme, distribution, drawn_and_next)
    yield from _he_options(case)
    yield from _schemes_without_gain(case)
    for name, shape in SHAPES.items():
        if shape != (1000, 10):
            yield case(name, shape, "orthogonal", tolerance=T64L)
    yield case("tall, 40 x 5", (40, 5), "orthogonal", tolerance=T64L)
    yield case("wide, 5 x 40", (5, 40), "orthogonal", tolerance=T64L)
    yield case("no gain for tanh", (4, 3), "orthogonal", tolerance=T64L, nonlinearity="tanh", mode="fan_out")
    yield case("a distribution of its own", (4, 3), "orthogonal", "uniform", tolerance=T64L)
    for name in ("tall", "wide"):
        shape = (7, 2) if name == "tall" else (2, 7)
        yield case(f"one draw and no more, {name}", shape, "orthogonal", "normal", drawn_and_next, T64L)
    yield from _weight_habits(case)
    yield from _refused(case)


def _he_options(case) -> Iterator[Case]:
    for name in NONLINEARITIES:
        yield case(f"for {name}", (6, 3), "he", nonlinearity=name)
    for distribution in ("normal", "uniform"):
        slope = {"nonlinearity": "leaky_relu", "param": 0.5}
        yield case("for leaky_relu with slope 0.5", (6, 3), "he", distribution, **slope)
        yield case("fan_out", (6, 3), "he", distribution, mode="fan_out")
        yield case("fan_out of a convolution", (6, 3, 3, 3), "he", distribution, mode="fan_out")
    everything = {"nonlinearity": "leaky_relu", "param": -0.2, "mode": "fan_out"}
    yield case("leaky_relu and fan_out", (3, 8), "he", "uniform", **everything)
    yield case("every argument by name", (3, 8), "he", "uniform", drawn_by_name, **everything)
    yield case("tanh ignores the slope", (3, 8), "he", nonlinearity="tanh", param=0.7)


def _schemes_without_gain(case) -> Iterator[Case]:
    for scheme in ("lecun", "xavier"):
        for distribution in ("normal", "uniform"):
            yield case("tanh changes nothing", (3, 4), scheme, distribution, nonlinearity="tanh")
            yield case("fan_out changes nothing", (3, 4), scheme, distribution, mode="fan_out")
            slope = {"nonlinearity": "leaky_relu", "param": 2.0}
            yield case("nor does a slope", (3, 4), scheme, distribution, **slope)


def _weight_habits(case) -> Iterator[Case]:
    for scheme, distribution in (("he", "normal"), ("lecun", "uniform"), ("orthogonal", "normal")):
        yield case("two from one generator differ", (3, 2), scheme, distribution, two_from_one_generator, T64L)
        yield case("the same seed twice", (3, 2), scheme, distribution, two_from_one_seed, T64L)
        yield case("global random states are left alone", (3, 2), scheme, distribution, global_random_state)


def _refused(case) -> Iterator[Case]:
    for scheme in ("lecun", "xavier", "he", "orthogonal"):
        yield case("a single axis is refused", (5,), scheme)
    for distribution in ("cauchy", "truncated"):
        yield case("there is no such distribution", (3, 2), "he", distribution)
    for mode in ("fan_avg", "fan"):
        yield case(f"there is no mode {mode}", (3, 2), "he", mode=mode)
    for scheme in ("glorot", "kaiming", "zeros", ""):
        yield case("there is no such scheme", (3, 2), scheme)


def moment_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, weights, x, activation="relu", tolerance=None):
        inputs = {"weights": weights, "x": x, "activation": activation}
        return Case(f"moments: {name}", inputs, tolerance=tolerance)

    x = rng.normal(size=(4, 6))
    weights = [rng.normal(size=(5, 4)), rng.normal(size=(3, 5)), rng.normal(size=(2, 3))]
    yield case("one layer by hand", [np.array([[1.0, 1.0], [1.0, 0.0]])], np.array([[1.0], [2.0]]), "linear")
    yield case("relu by hand", [np.array([[1.0, 1.0], [1.0, -1.0]])], np.array([[1.0, 0.0], [2.0, 1.0]]))
    for activation in ACTIVATIONS:
        yield case(f"three layers of {activation}", weights, x, activation)
    yield case("square layers", [rng.normal(size=(4, 4)), rng.normal(size=(4, 4))], x, "tanh")
    yield case("a batch of one", weights, x[:, :1], "selu")
    yield case("a single unit", [rng.normal(size=(1, 4))], x, "linear")
    yield case("no layers", [], x)
    for name, gain in (("He", 2.0), ("LeCun", 1.0), ("root-of-root", 8.0)):
        deep = [np.sqrt(gain / 32) * rng.normal(size=(32, 32)) for _ in range(20)]
        yield case(f"20 layers of width 32, {name}", deep, rng.normal(size=(32, 40)))
    for activation in ("tanh", "sigmoid", "selu"):
        big = np.array([[1000.0, -1000.0], [1.0, 2.0]])
        yield case(f"signals of size 1000, {activation}", [big, big], np.array([[1.0, -1.0], [0.0, 3.0]]), activation)
    single = [w.astype(np.float32) for w in weights]
    yield case("float32 is computed in float64", single, x.astype(np.float32), tolerance=T64)
    integers = [rng.integers(-3, 4, (3, 4)), rng.integers(-3, 4, (2, 3))]
    yield case("integers", integers, rng.integers(-3, 4, (4, 5)), "leaky_relu")
    bytes_ = [rng.integers(1, 9, (3, 4)).astype(np.uint8)]
    yield case("uint8", bytes_, rng.integers(100, 256, (4, 5)).astype(np.uint8))
    layouts = [np.asfortranarray(weights[0]), weights[1][::-1], np.broadcast_to(weights[2][:1], (2, 3))]
    yield case("other memory layouts", layouts, np.asfortranarray(x)[:, ::2], "tanh")
    yield case("a second identical call", weights, x, "leaky_relu")
    for name in ("swish", "ReLU"):
        yield case(f"{name!r} is refused", weights, x, name)


FANS = "return shape[1] * positions, shape[0] * positions"
LAST_MOMENT = "moments.append(np.mean(h**2))"

exercise = Exercise(
    parts=(
        Part(
            "calculate_fan",
            fan_cases,
            hints=(
                "fan_in is the number of products that one output adds up.",
                "Start with a linear layer, y = W x: a row of W makes one output. Then look at a convolution: an "
                "output pixel sees every channel at every position of the kernel.",
                "Multiply shape[1] by the product of shape[2:] for fan_in, shape[0] by the same for fan_out; "
                "math.prod of nothing is 1.",
            ),
            returns=("fan_in", "fan_out"),
        ),
        Part(
            "calculate_gain",
            gain_cases,
            hints=(
                "Feed the activation numbers with mean 0 and variance 1 and ask what mean square comes out: for relu "
                "the gain is exactly what makes up for the loss.",
                "For a leaky relu, half of the mean square stays and the other half is multiplied by the squared "
                "slope. The rest is a table.",
                "Divide 2 by one plus the squared slope, and take the root. Only None stands for 0.01: a slope of 0 is "
                "a slope.",
            ),
        ),
        Part(
            "init_weight",
            weight_cases,
            hints=(
                "Each scheme is a variance. Draw numbers of variance 1, then scale them: by the variance, or by "
                "something else?",
                "Write the variance first, in a function of its own. Normals are multiplied by its root. A uniform "
                "number on (-a, a) has the variance a * a / 3, which gives you a.",
                "Orthogonal: flatten to shape[0] rows, draw, transpose if wide, np.linalg.qr, multiply the columns of "
                "Q by the signs of the diagonal of R, transpose back, reshape.",
            ),
            driver=drawn,
        ),
        Part(
            "signal_second_moments",
            moment_cases,
            hints=(
                "Run the network and look at the size of what flows through it, layer by layer.",
                "h = activation(W @ h) for each W in turn; the signal is a matrix with one column per sample.",
                "After each activation, append the mean of h**2 over the whole matrix. Make x and the weights float64 "
                "before anything else.",
            ),
            tolerance=MOMENTS,
        ),
    ),
    misconceptions=(
        Misconception(
            "std_is_root_of_root",
            "init_weight",
            "Your normal weights take the root of the right variance for the variance, and so have the fourth root "
            "of 1/n for a standard deviation.",
            "Multiply the variance of your weights by fan_in: what should come out for LeCun's scheme?",
            edits=(("math.sqrt(variance) * rng.standard_normal", "variance**0.25 * rng.standard_normal"),),
        ),
        Misconception(
            "variance_as_std",
            "init_weight",
            "Your normal weights are scaled by the variance, where the standard deviation is due.",
            "If all weights are multiplied by 3, what happens to their variance?",
            edits=(("math.sqrt(variance) * rng.standard_normal", "variance * rng.standard_normal"),),
        ),
        Misconception(
            "uniform_no_sqrt3",
            "init_weight",
            "Your uniform weights lie between minus and plus the standard deviation, and so have a third of the "
            "variance asked for.",
            "What is the variance of a uniform number between -1 and 1?",
            edits=(("math.sqrt(3 * variance)", "math.sqrt(variance)"),),
        ),
        Misconception(
            "lecun_bound_root_of_one_over_n",
            "init_weight",
            "Your uniform LeCun weights lie between minus and plus the root of 1/fan_in, which gives a third of the "
            "variance of the normal ones.",
            "Compare the variances of LeCun's normal and uniform weights for a large layer.",
            edits=(("math.sqrt(3 * variance)", 'math.sqrt((1 if scheme == "lecun" else 3) * variance)'),),
        ),
        Misconception(
            "fans_swapped",
            ("calculate_fan", "init_weight"),
            "Your code reads the shape as (in, out), but a weight's first axis is that of the outputs.",
            "A layer maps 10 features to 1000: how many products does one output add up?",
            edits=((FANS, "return shape[0] * positions, shape[1] * positions"),),
        ),
        Misconception(
            "no_receptive_field",
            ("calculate_fan", "init_weight"),
            "Your fans leave out the positions of the kernel.",
            "How many numbers of its input does one output pixel of a 3 x 3 convolution depend on?",
            edits=((FANS, "return shape[1], shape[0]"),),
        ),
        Misconception(
            "kernel_area_in_one_fan_only",
            ("calculate_fan", "init_weight"),
            "Your fan_out leaves out the positions of the kernel, which are in your fan_in.",
            "In how many output pixels does one input pixel take part, with a kernel of 3 x 3?",
            edits=((FANS, "return shape[1] * positions, shape[0]"),),
        ),
        Misconception(
            "no_relu_gain",
            "init_weight",
            "Your He initialisation uses no gain, which makes it LeCun's (or its counterpart for fan_out).",
            "Send a signal through 30 layers of relu: what is left of its mean square?",
            edits=(
                ("calculate_gain(nonlinearity, param) ** 2 / fan_in", "1 / fan_in"),
                ("calculate_gain(nonlinearity, param) ** 2 / fan_out", "1 / fan_out"),
            ),
        ),
        Misconception(
            "he_always_relu",
            "init_weight",
            "Your He initialisation takes the gain of relu, whatever the nonlinearity is.",
            "What does a linear layer with nothing behind it lose of the signal?",
            edits=(
                ("calculate_gain(nonlinearity, param) ** 2 / fan_in", "2 / fan_in"),
                ("calculate_gain(nonlinearity, param) ** 2 / fan_out", "2 / fan_out"),
            ),
        ),
        Misconception(
            "gain_not_squared",
            "init_weight",
            "Your He initialisation multiplies the variance by the gain itself.",
            "The gain is a factor for the weights: what does a factor do to a variance?",
            edits=(
                ("calculate_gain(nonlinearity, param) ** 2 / fan_in", "calculate_gain(nonlinearity, param) / fan_in"),
                ("calculate_gain(nonlinearity, param) ** 2 / fan_out", "calculate_gain(nonlinearity, param) / fan_out"),
            ),
        ),
        Misconception(
            "xavier_with_gain",
            "init_weight",
            "Your Xavier initialisation multiplies by the gain of the nonlinearity, which it doesn't have here.",
            "Which of the schemes looks at the nonlinearity at all?",
            edits=(
                (
                    "return 2 / (fan_in + fan_out)",
                    "return 2 * calculate_gain(nonlinearity, param) ** 2 / (fan_in + fan_out)",
                ),
            ),
        ),
        Misconception(
            "mode_ignored",
            "init_weight",
            "Your He initialisation divides by fan_in, whatever the mode.",
            "Which fan matters for the size of the gradients on their way back?",
            edits=(
                (
                    "calculate_gain(nonlinearity, param) ** 2 / fan_out",
                    "calculate_gain(nonlinearity, param) ** 2 / fan_in",
                ),
            ),
        ),
        Misconception(
            "two_draws",
            "init_weight",
            "Your code draws more random numbers than it uses, so the generator is further on than it should be.",
            "How many numbers does a weight need, and how many does your code ask for?",
            edits=(
                (
                    "match distribution:",
                    "normal, uniform = rng.standard_normal(shape), rng.random(shape)\n    match distribution:",
                ),
                ("math.sqrt(variance) * rng.standard_normal(shape)", "math.sqrt(variance) * normal"),
                ("bound * (2 * rng.random(shape) - 1)", "bound * (2 * uniform - 1)"),
            ),
        ),
        Misconception(
            "uniform_upside_down",
            "init_weight",
            "Your uniform weights have the right size, but the wrong sign: 0 from the generator becomes the upper end.",
            "The generator returns 0: which end of the interval should that be?",
            edits=(("bound * (2 * rng.random(shape) - 1)", "bound * (1 - 2 * rng.random(shape))"),),
        ),
        Misconception(
            "qr_signs_as_they_come",
            "init_weight",
            "Your orthogonal weights take Q as the library returns it, with the signs it happens to have.",
            "Multiply a column of Q and the row of R by -1: is that a QR decomposition, too? Which one is asked for?",
            edits=(("q = q * np.sign(np.diag(r))", "q = q + 0"),),
        ),
        Misconception(
            "slope_zero_is_none",
            "calculate_gain",
            "Your code takes a slope of 0 for no slope at all.",
            "Which numbers are false in Python?",
            edits=(("0.01 if param is None else param", "param or 0.01"),),
        ),
        Misconception(
            "slope_not_squared",
            "calculate_gain",
            "Your gain of leaky_relu adds the slope itself, not its square.",
            "What does a factor do to the mean square of what it multiplies?",
            edits=(("(1 + slope**2)", "(1 + slope)"),),
        ),
        Misconception(
            "variance_of_signal",
            "signal_second_moments",
            "Your code subtracts the mean of the signal: it reports the variance, not the mean square.",
            "After a relu, is the mean of the signal 0?",
            edits=((LAST_MOMENT, "moments.append(np.var(h))"),),
        ),
        Misconception(
            "moment_before_activation",
            "signal_second_moments",
            "Your code measures the signal in front of the activation.",
            "Which signal does the next layer see?",
            edits=(
                (
                    "h = _ACTIVATIONS[activation](np.asarray(weight, np.float64) @ h)",
                    "z = np.asarray(weight, np.float64) @ h\n        h = _ACTIVATIONS[activation](z)",
                ),
                (LAST_MOMENT, "moments.append(np.mean(z**2))"),
            ),
        ),
        Misconception(
            "last_layer_linear",
            "signal_second_moments",
            "Your last layer has no activation.",
            "Does the docstring make an exception for the last layer?",
            edits=(
                (
                    "h = _ACTIVATIONS[activation](np.asarray(weight, np.float64) @ h)",
                    "last = len(moments) == len(weights) - 1\n"
                    '        h = _ACTIVATIONS["linear" if last else activation](np.asarray(weight, np.float64) @ h)',
                ),
            ),
        ),
    ),
    equivalents=(
        Equivalent(
            "q = q * np.sign(np.diag(r))  # makes the decomposition unique, and Q uniformly distributed",
            "q = q / np.sign(np.diag(r))  # makes the decomposition unique, and Q uniformly distributed",
            "dividing by 1 or -1 is the same as multiplying by it",
        ),
    ),
)
