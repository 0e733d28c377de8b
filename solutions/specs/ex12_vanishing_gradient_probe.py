"""Cases, misconceptions and hints for 12."""

import itertools

import numpy as np

from grader.spec import T64, Case, Equivalent, Exercise, Misconception, Part, Speed, Tolerance

RELATIVE = Tolerance(1e-9, 0.0)  # gradients of 1e-140 count as much as those of size 1
TO_LARGEST = Tolerance(1e-9, 1e-12, floor=0.0)  # an entry of a matrix may cancel, its largest one doesn't
NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "linear")


def network(rng, widths, gain=1.0, shift=0.5):
    """Weights and biases. With gain 1 pre-activations stay so small that all slopes are exact to many digits."""
    weights = [gain * rng.standard_normal((m, n)) / n**0.5 for n, m in itertools.pairwise(widths)]
    return {"weights": weights, "biases": [rng.uniform(-shift, shift, len(W)) for W in weights]}


def number(*values):
    """A network with one unit per layer and no bias."""
    return {"weights": [np.array([[v]]) for v in values], "biases": [np.zeros(1) for _ in values]}


def still(rng):
    """A network whose first layer is at exactly 0 when its input is."""
    net = network(rng, (3, 4, 2))
    return {**net, "biases": [np.zeros(4), net["biases"][1]]}


def int8_network():
    weights = [np.array([[100, -90], [3, 100]], np.int8), np.array([[2, -1], [1, 1], [0, 3]], np.int8)]
    return {"weights": weights, "biases": [np.array([100, -100], np.int8), np.array([1, 0, -1], np.int8)]}


def float32_network(rng):
    net = network(rng, (3, 5, 2))
    return {key: [a.astype(np.float32) for a in arrays] for key, arrays in net.items()}


def odd_layouts(net):
    weights = [np.asfortranarray(W)[::-1] for W in net["weights"]]
    return {"weights": weights, "biases": [np.repeat(b, 2)[::-2] for b in net["biases"]]}


def norms_cases(rng):
    def case(name, net, activation, x=None, grad_output=None, rows=5, tolerance=None):
        x = rng.standard_normal((rows, net["weights"][0].shape[1])) if x is None else x
        if grad_output is None:
            grad_output = rng.standard_normal((len(x), len(net["weights"][-1])))
        inputs = {**net, "x": x, "grad_output": grad_output, "activation": activation}
        return Case(name, inputs, tolerance=tolerance)

    one = np.ones((1, 1))
    yield case("one linear unit with weight 2", number(2.0), "linear", 3 * one, one)
    yield case("one sigmoid at 0", number(2.0), "sigmoid", 0 * one, one)
    yield case("one sigmoid at 2", number(2.0), "sigmoid", one, one)
    yield case("three sigmoids in a row", number(1.0, 2.0, 1.0), "sigmoid", one, one)
    yield case("one ReLU that is on", number(2.0), "relu", one, one)
    yield case("one ReLU that is off", number(2.0), "relu", -one, one)
    yield case(
        "two linear units share an input",
        {"weights": [np.array([[3.0], [4.0]])], "biases": [np.zeros(2)]},
        "linear",
        one,
        np.ones((1, 2)),
    )
    for name in NAMES:
        yield case(f"{name}, widths 3, 5, 2, 4", network(rng, (3, 5, 2, 4)), name)
    for name in NAMES:
        yield case(f"{name}, four square layers", network(rng, (4, 4, 4, 4, 4)), name)
    for name in NAMES:
        yield case(f"{name} at exactly 0", still(rng), name, np.zeros((2, 3)))
    for name in NAMES:
        yield case(f"{name}, 60 layers", network(rng, (6,) * 61, 1.4 if "relu" in name else 1.0), name)
    yield case("sigmoid, 60 layers, gradients of 1e-130", network(rng, (4,) * 61, 0.02), "sigmoid")
    yield case("linear, 60 layers, gradients of 1e40", network(rng, (4,) * 61, 5.0), "linear")
    yield case("saturated sigmoids", network(rng, (4, 30, 20), 4.0, 8.0), "sigmoid", rows=9)
    yield case("saturated tanhs", network(rng, (4, 30, 20), 2.0, 3.0), "tanh", rows=9)
    yield case(
        "units as far out as 1000, sigmoid",
        number(1000.0, 3.0),
        "sigmoid",
        np.array([[1.0], [-1.0]]),
        np.array([[1.0], [2.0]]),
        tolerance=T64,
    )
    yield case(
        "units as far out as 1000, tanh",
        number(1000.0, 3.0),
        "tanh",
        np.array([[1.0], [-1.0]]),
        np.array([[1.0], [2.0]]),
        tolerance=T64,
    )
    net = network(rng, (3, 4, 2))
    yield case("a single sample", net, "tanh", rows=1)
    yield case("as many samples as units", network(rng, (4, 4, 4)), "sigmoid", rows=4)
    yield case("two equal samples", net, "tanh", np.ones((2, 3)), np.ones((2, 2)))
    yield case("100 samples", net, "relu", rows=100)
    yield case("one layer", network(rng, (3, 4)), "sigmoid")
    yield case("a gradient of zeros", net, "sigmoid", grad_output=np.zeros((5, 2)))
    yield case(
        "int8 arrays",
        int8_network(),
        "relu",
        np.array([[100, 3], [-7, 90]], np.int8),
        np.array([[100, 1, 1], [90, 100, 3]], np.int8),
    )
    x = rng.standard_normal((4, 3))
    yield case("float32 arrays", float32_network(rng), "tanh", x.astype(np.float32), np.ones((4, 2), np.float32))
    yield case("float32 samples for a float64 network", net, "tanh", x.astype(np.float32))
    deep = network(rng, (3, 3, 3))
    yield case("reversed and Fortran-ordered arrays", odd_layouts(deep), "tanh", np.asfortranarray(x)[::-1])
    gradient = np.broadcast_to(np.array(0.25), (5, 3))
    yield case("one number as the gradient of all", deep, "sigmoid", grad_output=gradient)
    yield case("a read-only sample, five times", deep, "sigmoid", np.broadcast_to(x[:1], (5, 3)))
    yield case("an unknown activation", net, "swish")
    yield case("an activation in capitals", net, "ReLU")
    again = case("a network", deep, "leaky_relu")
    yield again
    yield again._replace(name="the same network again")
    large = case("40 layers of width 64", network(rng, (64,) * 41), "tanh", rows=64)
    yield large._replace(speed=Speed())


def jacobian_cases(rng):
    def case(name, net, activation, x=None, tolerance=None):
        x = rng.standard_normal(net["weights"][0].shape[1]) if x is None else x
        return Case(f"{name} (Jacobian)", {**net, "x": x, "activation": activation}, tolerance=tolerance)

    one = np.ones(1)
    yield case("one linear unit with weight 2", number(2.0), "linear", 3 * one)
    yield case("one sigmoid at 0", number(2.0), "sigmoid", 0 * one)
    yield case("one sigmoid at 2", number(2.0), "sigmoid", one)
    yield case("one ReLU that is on", number(2.0), "relu", one)
    yield case("one ReLU that is off", number(2.0), "relu", -one)
    fan = {"weights": [np.array([[2.0, 3.0]])], "biases": [np.zeros(1)]}
    yield case("one output, two inputs", fan, "linear", np.array([1.0, 1.0]))
    for name in NAMES:
        yield case(f"{name}, widths 3, 5, 2, 4", network(rng, (3, 5, 2, 4)), name)
    for name in NAMES:
        yield case(f"{name}, four square layers", network(rng, (4, 4, 4, 4, 4)), name)
    for name in NAMES:
        yield case(f"{name} at exactly 0", still(rng), name, np.zeros(3))
    yield case("sigmoid, 60 layers", network(rng, (6,) * 61), "sigmoid")
    yield case("tanh, 60 layers", network(rng, (6,) * 61), "tanh")
    yield case("sigmoids as far out as 1000", number(1000.0, 3.0), "sigmoid", -one, T64)
    net = network(rng, (3, 4, 2))
    yield case("one layer", network(rng, (3, 4)), "sigmoid")
    yield case("int8 arrays", int8_network(), "relu", np.array([100, 3], np.int8))
    x = rng.standard_normal(3)
    yield case("float32 arrays", float32_network(rng), "tanh", x.astype(np.float32))
    yield case("reversed and Fortran-ordered arrays", odd_layouts(network(rng, (3, 3, 3))), "tanh", x[::-1])
    yield case("a read-only sample", net, "sigmoid", np.broadcast_to(np.array(0.5), 3))
    yield case("an unknown activation", net, "gelu")
    again = case("a network", net, "tanh", x)
    yield again
    yield again._replace(name="the same network again (Jacobian)")


def bound_cases(rng):
    def case(name, weights):
        return Case(f"{name} (bound)", {"weights": weights})

    yield case("one unit with weight 4", [np.array([[4.0]])])
    yield case("one unit with weight -2", [np.array([[-2.0]])])
    yield case("two units in a row", [np.array([[4.0]]), np.array([[2.0]])])
    yield case("a diagonal matrix", [np.diag([1.0, 3.0, 2.0])])
    yield case("a row of ones", [np.ones((1, 4))])
    yield case("a matrix of ones, 2 x 8", [np.ones((2, 8))])
    yield case("matrices that cancel", [np.diag([4.0, 0.0]), np.diag([0.0, 4.0])])
    yield case("widths 3, 5, 2, 4", network(rng, (3, 5, 2, 4))["weights"])
    yield case("square layers", network(rng, (4, 4, 4))["weights"])
    yield case("60 layers", network(rng, (6,) * 61)["weights"])
    yield case("60 layers, as small as 1e-130", network(rng, (4,) * 61, 0.02)["weights"])
    yield case("a layer of zeros", [np.eye(3), np.zeros((2, 3))])
    yield case("int8 weights", int8_network()["weights"])
    yield case("float32 weights", float32_network(rng)["weights"])
    layers = network(rng, (3, 5, 2))
    yield case("reversed and Fortran-ordered weights", odd_layouts(layers)["weights"])
    yield case("weights", layers["weights"])
    yield case("the same weights again", layers["weights"])


NORMS = Part(
    name="backprop_norms",
    cases=norms_cases,
    tolerance=RELATIVE,
    hints=(
        "Forwards, keep the input h_l of every layer and the slopes at its z_l. Backwards you need nothing else.",
        "Backwards each layer does three things: the slope turns dL/dh into dL/dz; dL/dz and h give dL/dW; dL/dz and "
        "W give dL/dh of the layer below.",
        "dz = grad * slope, then dz.T @ h and dz @ W. The list of dL/dh has one entry more than there are layers.",
        "You collect the norms from the output to the input: reverse them. np.linalg.norm(a) is the Frobenius norm.",
    ),
)

JACOBIAN = Part(
    name="input_jacobian",
    cases=jacobian_cases,
    tolerance=TO_LARGEST,
    hints=(
        "Start with the derivative of x in x, and let each layer multiply its own Jacobian onto it.",
        "A layer's Jacobian has a row for each output: that of W x + b is W. What does the activation do to a row?",
        "J becomes slope[:, None] * (W @ J), with the slope taken at z = W @ h + b. Begin with np.eye(d_0).",
    ),
)

BOUND = Part(
    name="sigmoid_norm_bound",
    cases=bound_cases,
    tolerance=RELATIVE,
    hints=(
        "The Jacobian is a product: slopes, matrix, slopes, matrix ... Bound each factor on its own.",
        "A diagonal matrix of slopes has its largest entry as spectral norm. What is the largest slope of a sigmoid?",
        "np.linalg.norm(W, 2) is the spectral norm of W; one factor for the slopes belongs to *each* layer.",
    ),
)

FORWARD = "        h, slope = _ACTIVATIONS[activation](h @ W.T + b)\n"
DZ = "        dz = grads[-1] * slope\n"
STEP = "        J = slope.T * (W @ J)\n"
LOOP = "    for W, h, slope in"
OUTPUT = "_ACTIVATIONS[activation](hs[-1] @ weights[-1].T + biases[-1])[0]\n"
FLAT = "[np.mean(np.abs(slope) <= 1e-3) for slope in slopes]"
FACTOR = "[0.25 * np.linalg.norm(np.asarray(W, np.float64), 2) for W in weights]"
BOTH = ("backprop_norms", "input_jacobian")

exercise = Exercise(
    parts=(NORMS, JACOBIAN, BOUND),
    misconceptions=(
        Misconception(
            name="derivative_at_output",
            part=BOTH,
            summary="Your slope is taken at the output of the activation, as if it were the input.",
            nudge="Is the slope you use a function of z or of act(z), and which of the two do you put in?",
            edits=((FORWARD, FORWARD + "        _, slope = _ACTIVATIONS[activation](h)\n"),),
        ),
        Misconception(
            name="derivative_squared",
            part=BOTH,
            summary="Your gradient is multiplied by the slope twice in each layer.",
            nudge="Count the factors that one layer contributes to the chain rule.",
            edits=((DZ, "        dz = grads[-1] * slope**2\n"), (STEP, "        J = slope.T**2 * (W @ J)\n")),
        ),
        Misconception(
            name="no_derivative",
            part=BOTH,
            summary="Your gradient passes through the weights, but not through the activations.",
            nudge="What should arrive at the input if every unit is saturated?",
            edits=((DZ, "        dz = grads[-1]\n"), (STEP, "        J = W @ J\n")),
        ),
        Misconception(
            name="untransposed",
            part=BOTH,
            summary="Your way back uses the transpose of the weights that it should use.",
            nudge="Write the shapes next to each factor, for a layer that isn't square.",
            edits=(("grads.append(dz @ W)", "grads.append(dz @ W.T)"), (STEP, "        J = slope.T * (W.T @ J)\n")),
        ),
        Misconception(
            name="relu_inverted_mask",
            part=BOTH,
            summary="Your rectifiers pass the gradient where they are off and hold it back where they are on.",
            nudge="Sketch ReLU and its slope below it: where does a small change of z reach the output?",
            edits=(("    return slope * z, slope\n", "    return slope * z, np.where(z > 0, left, 1.0)\n"),),
        ),
        Misconception(
            name="slope_one_at_zero",
            part=BOTH,
            summary="Your rectifiers have the slope of the right side at exactly 0.",
            nudge="Which side does the convention in the rules give z = 0 to?",
            edits=(("np.where(z > 0, 1.0, left)", "np.where(z >= 0, 1.0, left)"),),
        ),
        Misconception(
            name="mean_not_frobenius",
            part="backprop_norms",
            summary="Your norm is the root of the mean of the squares, not of their sum.",
            nudge="Append a sample whose gradient is zero: should the norm change?",
            edits=(("np.linalg.norm(a) for a", "np.linalg.norm(a) / np.sqrt(a.size) for a"),),
        ),
        Misconception(
            name="spectral_norm",
            part="backprop_norms",
            summary="Your norm is the largest singular value.",
            nudge="Which norm treats a matrix as one long vector?",
            edits=(("np.linalg.norm(a) for a", "np.linalg.norm(a, 2) for a"),),
        ),
        Misconception(
            name="off_by_one_layer",
            part="backprop_norms",
            summary="Your list of gradients stops before the input x.",
            nudge="How many h_l does a network with L layers have?",
            edits=(("_norms(grads[::-1])", "_norms(grads[-2::-1])"),),
        ),
        Misconception(
            name="output_first",
            part="backprop_norms",
            summary="Your norms are listed from the output to the input.",
            nudge="The way back meets the last layer first. In which order are the answers asked for?",
            edits=(("_norms(grads[::-1])", "_norms(grads)"), ("_norms(weight_grads[::-1])", "_norms(weight_grads)")),
        ),
        Misconception(
            name="grad_output_before_activation",
            part="backprop_norms",
            summary="Your way back starts below the last activation, as if grad_output were the gradient in z.",
            nudge="Is grad_output given before or after the activation of the last layer?",
            edits=((DZ, "        dz = grads[-1] * slope if weight_grads else grads[-1]\n"),),
        ),
        Misconception(
            name="last_layer_linear",
            part=BOTH,
            summary="Your last layer has no activation.",
            nudge="Read the recurrence in the rules again: for which layers does it hold?",
            edits=(
                (
                    FORWARD,
                    FORWARD + "        slope = slope if len(slopes) < len(weights) - 1 else np.ones_like(slope)\n",
                ),
            ),
        ),
        Misconception(
            name="weight_grad_with_outputs",
            part="backprop_norms",
            summary="Your weight gradients are built with the output of the layer, not with its input.",
            nudge="What is multiplied by W in the forward pass?",
            edits=(
                (
                    "        weight_grads.append(dz.T @ h)\n",
                    "        weight_grads.append(dz.T @ above)\n        above = h\n",
                ),
                (LOOP, f"    above = {OUTPUT}{LOOP}"),
            ),
        ),
        Misconception(
            name="averaged_over_batch_again",
            part="backprop_norms",
            summary="Your weight gradients are divided by the number of samples.",
            nudge="Where was the average over the batch applied already?",
            edits=(("weight_grads.append(dz.T @ h)", "weight_grads.append(dz.T @ h / len(x))"),),
        ),
        Misconception(
            name="flat_means_zero",
            part="backprop_norms",
            summary="Your flat units are those whose slope is exactly 0.",
            nudge="A saturated sigmoid has a slope, but how much of the gradient does it let through?",
            edits=((FLAT, "[np.mean(slope == 0) for slope in slopes]"),),
        ),
        Misconception(
            name="flat_by_output",
            part="backprop_norms",
            summary="Your flat units are those with a small output, not those with a small slope.",
            nudge="A sigmoid with the output 1: is it flat?",
            edits=(
                (FLAT, "[np.mean(np.abs(h) <= 1e-3) for h in [*hs[1:], out]]"),
                ("    return {\n", f"    out = {OUTPUT}    return {{\n"),
            ),
        ),
        Misconception(
            name="jacobian_transposed",
            part="input_jacobian",
            summary="Your Jacobian is transposed: it has a row for each input.",
            nudge="J times a small change of x should give the change of the output: which shape must J have?",
            edits=(("    return J\n", "    return J.T.copy()\n"),),
        ),
        Misconception(
            name="bound_with_1",
            part="sigmoid_norm_bound",
            summary="Your bound takes the largest slope of a sigmoid as 1.",
            nudge="Where is a sigmoid steepest, and what is its slope there?",
            edits=((FACTOR, FACTOR.replace("0.25 * ", "")),),
        ),
        Misconception(
            name="one_quarter_in_all",
            part="sigmoid_norm_bound",
            summary="Your bound counts the slope once for the whole network.",
            nudge="How many activations does the signal pass?",
            edits=((f"np.prod({FACTOR})", f"0.25 * np.prod({FACTOR.replace('0.25 * ', '')})"),),
        ),
        Misconception(
            name="frobenius_bound",
            part="sigmoid_norm_bound",
            summary="Your bound takes the Frobenius norm of each matrix; it holds, but a tighter one is asked for.",
            nudge="By how much can the identity matrix of size 100 stretch a vector, and what is its Frobenius norm?",
            edits=((FACTOR, FACTOR.replace(", 2) for", ") for")),),
        ),
        Misconception(
            name="largest_row_sum",
            part="sigmoid_norm_bound",
            summary="Your bound takes the largest row sum of each matrix, the norm for the maximum of a vector.",
            nudge="In which norm are the changes of input and output measured here?",
            edits=((FACTOR, FACTOR.replace(", 2) for", ", np.inf) for")),),
        ),
        Misconception(
            name="norm_of_the_product",
            part="sigmoid_norm_bound",
            summary="Your bound takes the norm of the product of all matrices; with slopes in between it may not hold.",
            nudge="Two matrices may cancel each other. Do they still, if something stands between them?",
            code="""
def sigmoid_norm_bound(weights):
    J = np.eye(weights[0].shape[1])
    for W in weights:
        J = 0.25 * W @ J
    return float(np.linalg.norm(J, 2))
""",
        ),
    ),
    equivalents=(
        Equivalent(
            '"flat_fraction": np.array([np.mean(np.abs(slope) <= 1e-3) for slope in slopes]),',
            '"flat_fraction": np.array([np.mean(np.abs(slope) < 1e-3) for slope in slopes]),',
            "no case has a slope of exactly 1e-3: rounding would decide",
        ),
        Equivalent(
            "return np.where(z > 0, 1, e) / (1 + e), e / (1 + e) ** 2",
            "return np.where(z >= 0, 1, e) / (1 + e), e / (1 + e) ** 2",
            "at 0, e is 1",
        ),
        Equivalent(
            "for W, h, slope in zip(weights[::-1], hs[::-1], slopes[::-1], strict=True):",
            "for W, h, slope in zip(weights[::-1], hs[::-1], slopes[::-1], strict=False):",
            "the lists are of equal length",
        ),
        Equivalent(
            "for W, slope in zip(weights, slopes, strict=True):",
            "for W, slope in zip(weights, slopes, strict=False):",
            "the lists are of equal length",
        ),
        Equivalent(
            "for W, b in zip(weights, biases, strict=True):",
            "for W, b in zip(weights, biases, strict=False):",
            "the lists are of equal length",
        ),
    ),
)
