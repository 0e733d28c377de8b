"""Cases, misconceptions and hints for 20-2."""

from math import prod

from grader.spec import EXACT, Case, Equivalent, Exercise, Misconception, Part, Speed

OPTIMIZERS = ("sgd", "sgd_momentum", "adagrad", "rmsprop", "rmsprop_cm", "adam", "adamw", "amsgrad", "adadelta")

# The answer of `estimate` is judged in three parts, so that it can be written in three steps.


def states(student, layers, input_shape, batch_size, optimizer, **options):
    answer = student.estimate(layers, input_shape, batch_size, optimizer, **options)
    return pick(answer, ["params", "buffers", "grads", "optimizer_state", "input", "target"])


def activations(student, layers, input_shape, batch_size, optimizer, **options):
    return pick(student.estimate(layers, input_shape, batch_size, optimizer, **options), ["activations"])


def peaks(student, layers, input_shape, batch_size, optimizer, **options):
    answer = student.estimate(layers, input_shape, batch_size, optimizer, **options)
    return pick(answer, ["forward_end", "forward_peak", "backward_peak", "peak", "after_backward"])


def pick(answer, names):
    return {name: answer[name] for name in names if name in answer} if isinstance(answer, dict) else answer


# Networks


def linear(inputs, outputs, **options):
    return {"type": "linear", "in": inputs, "out": outputs, **options}


def conv(inputs, outputs, k, **options):
    return {"type": "conv2d", "in": inputs, "out": outputs, "k": k, **options}


def plain(*kinds):
    return [{"type": kind} for kind in kinds]


def norm(c, dims=2):
    return {"type": f"batchnorm{dims}d", "c": c}


def pool(kind="max", k=2):
    return {"type": f"{kind}pool2d", "k": k}


ONE_LAYER = ([linear(3, 2)], (3,), 1)
MLP = ([linear(784, 256), *plain("relu"), linear(256, 128), *plain("relu"), linear(128, 10)], (784,), 64)
LENET = (
    [
        *(conv(1, 6, 5, pad=2), *plain("tanh"), pool("avg"), conv(6, 16, 5), *plain("tanh"), pool("avg")),
        *(*plain("flatten"), linear(400, 120), *plain("tanh"), linear(120, 84), *plain("tanh"), linear(84, 10)),
    ],
    (1, 28, 28),
    32,
)
CNN = (
    [
        *(conv(1, 32, 3, pad=1), norm(32), *plain("relu"), pool()),
        *(conv(32, 64, 3, pad=1), *plain("relu"), pool(), *plain("flatten"), linear(3136, 10)),
    ],
    (1, 28, 28),
    64,
)
NORMED = ([linear(20, 30, bias=False), norm(30, 1), *plain("relu", "dropout"), linear(30, 5)], (20,), 16)
STRIDED = (
    [conv(3, 8, 3, stride=2, pad=1, bias=False), norm(8), *plain("silu", "flatten"), linear(648, 4)],
    (3, 18, 17),
    5,
)
POOL_FIRST = ([pool(), conv(1, 2, 3), *plain("flatten"), linear(72, 3)], (1, 16, 16), 8)
FRONT = ([*plain("relu", "relu"), pool(k=4), *plain("flatten"), linear(49, 2)], (1, 28, 28), 16)
DEEP = ([*[linear(64, 64), *plain("relu")] * 249, linear(64, 64), *plain("relu")], (64,), 16)


def pointwise(rng, most=2):
    kinds = ["relu", "sigmoid", "tanh", "gelu", "silu", "leaky_relu", "dropout"]
    return plain(*rng.choice(kinds, rng.integers(0, most + 1)).tolist())


def random_mlp(rng, features):
    layers = []
    for _ in range(rng.integers(0, 3)):
        out = int(rng.integers(2, 60))
        layers.append(linear(features, out, bias=bool(rng.integers(2))))
        layers += [norm(out, 1)] * int(rng.integers(2)) + pointwise(rng)
        features = out
    return [*layers, linear(features, int(rng.integers(2, 20)))]


def random_cnn(rng, shape):
    layers = pointwise(rng, 1)
    for _ in range(rng.integers(1, 3)):
        k, stride, pad, out = (
            int(rng.choice([1, 3])),
            int(rng.choice([1, 2])),
            int(rng.integers(2)),
            int(rng.integers(2, 9)),
        )
        layers.append(conv(shape[0], out, k, stride=stride, pad=pad, bias=bool(rng.integers(2))))
        shape = (out, *((size + 2 * pad - k) // stride + 1 for size in shape[1:]))
        layers += [norm(out)] * int(rng.integers(2)) + pointwise(rng)
        if min(shape[1:]) >= 6:
            layers.append(pool(rng.choice(["max", "avg"]).item()))
            shape = (out, shape[1] // 2, shape[2] // 2)
    return [*layers, *plain("flatten"), *random_mlp(rng, prod(shape))]


def random_networks(rng, count):
    for number in range(1, count + 1):
        if number % 2:
            shape = (int(rng.integers(2, 60)),)
            yield f"random network {number}, fully connected", random_mlp(rng, *shape), shape, int(rng.integers(2, 40))
        else:
            shape = (int(rng.integers(1, 4)), int(rng.integers(12, 20)), int(rng.integers(12, 20)))
            yield f"random network {number}, convolutional", random_cnn(rng, shape), shape, int(rng.integers(2, 20))


def under_autocast(layers):
    """The same sizes with only those layers whose types autocast is described for."""
    layers = [pool(k=layer["k"]) if layer["type"] == "avgpool2d" else layer for layer in layers]
    return [layer for layer in layers if layer["type"] in {"linear", "conv2d", "relu", "maxpool2d", "flatten"}]


def asked(name, network, optimizer="sgd", **options):
    layers, shape, size = network
    return Case(name, {"layers": layers, "input_shape": shape, "batch_size": size, "optimizer": optimizer, **options})


# Cases


def recipe_cases(rng):
    yield Case("float32 with plain SGD", {"recipe": "fp32_sgd"})
    yield Case("float32 with momentum", {"recipe": "fp32_momentum"})
    yield Case("float32 with Adam", {"recipe": "fp32_adam"})
    yield Case("bfloat16 with plain SGD", {"recipe": "bf16_sgd"})
    yield Case("mixed precision with Adam", {"recipe": "mixed_adam"})
    yield Case("an unknown recipe", {"recipe": "fp32_lion"})


def block_cases(rng):
    yield Case("two tensors, one of them fills its block", {"sizes": [512, 100]})
    yield Case("one byte", {"sizes": [1]})
    yield Case("one byte too many for a block", {"sizes": [513]})
    yield Case("whole blocks stay what they are", {"sizes": [512, 1024, 5120]})
    yield Case("many small tensors", {"sizes": [4] * 100})
    yield Case("no tensor", {"sizes": []})
    yield Case("empty tensors among others", {"sizes": [0, 40, 0, 600]})
    yield Case("random sizes", {"sizes": rng.integers(1, 100_000, 50).tolist()})
    yield Case("blocks of two mebibytes", {"sizes": [1, 2**21, 2**21 + 1, 3_000_000], "block": 2**21})
    yield Case("blocks that are no power of two", {"sizes": [1, 99, 100, 101, 250], "block": 100})
    yield Case("blocks of one byte", {"sizes": [1, 7, 512], "block": 1})
    yield Case("more bytes than a float can count", {"sizes": [2**60 + 1, 2**62 - 1]})


def state_cases(rng):
    yield asked("states: one linear layer", ONE_LAYER)
    yield asked("states: without a bias", ([linear(3, 2, bias=False)], (3,), 1))
    yield asked("states: a convolution", ([conv(3, 8, 5), *plain("flatten"), linear(8 * 4 * 4, 2)], (3, 8, 8), 4))
    yield asked("states: layers without parameters", LENET)
    for optimizer in OPTIMIZERS:
        yield asked(f"states: {optimizer}", MLP, optimizer)
    yield asked("states: batch normalisation under SGD", NORMED)
    yield asked("states: batch normalisation under Adam", NORMED, "adam")
    yield asked("states: batch normalisation of maps", CNN, "rmsprop_cm")
    yield asked("states: a batch of one", (*CNN[:2], 1), "adam")
    yield asked("states: 16-bit parameters", NORMED, "adam", itemsize=2)
    yield asked("states: 64-bit parameters", CNN, "adagrad", itemsize=8)
    yield asked("states: the mask of dropout is no state", NORMED, "adadelta", dropout_mask_itemsize=1)
    for (name, *network), optimizer in zip(random_networks(rng, 9), OPTIMIZERS, strict=True):
        yield asked(f"states: {name}", network, optimizer)
    yield asked("states: an unknown optimizer", MLP, "lion")
    deep = {"type": "batchnorm3d", "c": 4}
    yield asked("states: an unknown layer", ([linear(3, 4), deep, linear(4, 2)], (3,), 1), "adam")
    yield asked("states: the first network again", ONE_LAYER)


def activation_cases(rng):
    yield asked("activations: one linear layer", ONE_LAYER)
    yield asked("activations: two linear layers", ([linear(3, 4), linear(4, 2)], (3,), 5))
    for kind in ("relu", "sigmoid", "tanh", "gelu", "silu", "leaky_relu"):
        yield asked(f"activations: {kind} between linear layers", ([linear(3, 4), *plain(kind), linear(4, 2)], (3,), 5))
    yield asked("activations: relu at the end", ([linear(3, 4), *plain("relu")], (3,), 5))
    yield asked("activations: gelu at the end", ([linear(3, 4), *plain("gelu")], (3,), 5))
    yield asked("activations: relu on relu", ([linear(3, 4), *plain("relu", "relu"), linear(4, 2)], (3,), 5))
    yield asked("activations: gelu on tanh", ([linear(3, 4), *plain("tanh", "gelu"), linear(4, 2)], (3,), 5))
    yield asked("activations: dropout", ([linear(3, 4), *plain("dropout"), linear(4, 2)], (3,), 5))
    yield asked(
        "activations: dropout twice", ([linear(3, 4), *plain("relu", "dropout", "dropout"), linear(4, 2)], (3,), 5)
    )
    yield asked("activations: dropout with a bool mask", NORMED, dropout_mask_itemsize=1)
    yield asked("activations: dropout of 16-bit features", NORMED, itemsize=2)
    yield asked("activations: batch normalisation", ([linear(3, 4), norm(4, 1), linear(4, 2)], (3,), 5))
    yield asked("activations: a batch of one", (CNN[0], CNN[1], 1))
    yield asked("activations: max pooling", ([conv(1, 2, 3), pool(), *plain("flatten"), linear(18, 2)], (1, 8, 8), 4))
    cut_off = [conv(1, 2, 3), *plain("relu"), pool(k=3), *plain("flatten"), linear(8, 2)]
    yield asked("activations: pooling that leaves a row out", (cut_off, (1, 9, 10), 4))
    yield asked("activations: average pooling", LENET)
    yield asked(
        "activations: flatten behind relu", ([conv(1, 2, 3), *plain("relu", "flatten"), linear(72, 2)], (1, 8, 8), 4)
    )
    yield asked(
        "activations: flatten behind flatten",
        ([conv(1, 2, 3), *plain("tanh", "flatten", "flatten"), linear(72, 2)], (1, 8, 8), 4),
    )
    yield asked("activations: flatten at the end", ([linear(3, 4), *plain("relu", "flatten")], (3,), 5))
    yield asked("activations: relu in front of all parameters", ([*plain("relu"), linear(3, 4)], (3,), 5))
    yield asked("activations: two activations in front", ([*plain("relu", "tanh"), linear(3, 4)], (3,), 5))
    yield asked("activations: dropout in front of all parameters", ([*plain("dropout"), linear(3, 4)], (3,), 5))
    yield asked("activations: pooling in front of all parameters", POOL_FIRST)
    yield asked("activations: batch normalisation comes first", ([norm(3, 1), linear(3, 2)], (3,), 5))
    yield asked("activations: a stride and a rectangle", STRIDED)
    yield asked("activations: a perceptron for MNIST", MLP)
    yield asked("activations: a CNN for MNIST", CNN, "adam")
    yield asked("activations: a CNN of 16-bit numbers", CNN, itemsize=2)
    yield asked("activations: a CNN of 64-bit numbers", CNN, itemsize=8)
    for name, *network in random_networks(rng, 10):
        yield asked(f"activations: {name}", network)
    yield asked("activations: an unknown layer at the end", ([linear(3, 4), *plain("gru")], (3,), 1))


def peak_cases(rng):
    widening, narrowing = [linear(4, 5), *plain("tanh"), linear(5, 400)], [linear(400, 5), *plain("tanh"), linear(5, 4)]
    idle = [conv(1, 2, 3), *plain("dropout") * 3, *plain("flatten"), linear(2 * 26 * 26, 2)]
    yield asked("peaks: one linear layer", ONE_LAYER)
    yield asked("peaks: two linear layers", ([linear(3, 4), linear(4, 2)], (3,), 5))
    yield asked("peaks: many logits", (widening, (4,), 50))
    yield asked("peaks: many weights in front", (narrowing, (400,), 2))
    yield asked("peaks: most is needed in front of all parameters", FRONT)
    yield asked("peaks: pooling in front of all parameters", POOL_FIRST)
    yield asked("peaks: three masks in a row", (idle, (1, 28, 28), 16))
    yield asked("peaks: bool masks", (idle, (1, 28, 28), 16), dropout_mask_itemsize=1)
    yield asked("peaks: a perceptron under SGD", MLP)
    yield asked("peaks: a perceptron under Adam", MLP, "adam")
    yield asked("peaks: a CNN under Adam", CNN, "adam")
    yield asked("peaks: a CNN under Adam, one image", (*CNN[:2], 1), "adam")
    yield asked("peaks: a small CNN with average pooling", LENET, "rmsprop")
    yield asked("peaks: a stride and a rectangle", STRIDED, "adagrad")
    yield asked("peaks: batch normalisation and dropout", NORMED, "amsgrad")
    yield asked("peaks: 16-bit numbers", NORMED, "adam", itemsize=2)
    yield asked("peaks: 64-bit numbers", CNN, "sgd_momentum", itemsize=8)
    yield asked("peaks: flatten at the end", ([linear(3, 40), *plain("relu", "flatten")], (3,), 5))
    yield asked("peaks: batch normalisation comes first", ([norm(3, 1), linear(3, 2)], (3,), 50))
    for (name, *network), optimizer in zip(random_networks(rng, 18), OPTIMIZERS * 2, strict=True):
        yield asked(f"peaks: {name}", network, optimizer)
    yield asked("peaks: 500 layers", DEEP, "adam")
    yield asked("peaks: an unknown optimizer", MLP, "Adam")


def amp_cases(rng):
    def case(name, layers, shape, size):
        return Case(f"amp: {name}", {"layers": layers, "input_shape": shape, "batch_size": size})

    relu, flatten = plain("relu"), plain("flatten")
    yield case("one linear layer", [linear(3, 2)], (3,), 1)
    yield case("two linear layers", [linear(3, 4), linear(4, 2)], (3,), 5)
    yield case("relu between linear layers", [linear(3, 4), *relu, linear(4, 2)], (3,), 5)
    yield case("relu on relu", [linear(3, 4), *relu, *relu, linear(4, 2)], (3,), 5)
    yield case("relu at the end", [linear(3, 4), *relu], (3,), 5)
    yield case("relu in front of all parameters", [*relu, linear(3, 4), linear(4, 2)], (3,), 5)
    yield case("without a bias", [linear(3, 4, bias=False), linear(4, 2, bias=False)], (3,), 5)
    yield case("a convolution first", [conv(1, 2, 3), *flatten, linear(72, 2)], (1, 8, 8), 4)
    yield case("a convolution, then relu", [conv(1, 2, 3), *relu, *flatten, linear(72, 2)], (1, 8, 8), 4)
    yield case("a convolution only", [conv(1, 5, 8), *flatten], (1, 8, 8), 4)
    yield case("pooling", [conv(1, 2, 3), pool(), *flatten, linear(18, 2)], (1, 8, 8), 4)
    yield case("pooling behind relu", [conv(1, 2, 3), *relu, pool(), *flatten, linear(18, 2)], (1, 8, 8), 4)
    yield case("relu behind pooling", [conv(1, 2, 3), pool(), *relu, *flatten, linear(18, 2)], (1, 8, 8), 4)
    yield case("pooling twice", [conv(1, 2, 3), pool(), pool(k=3), *flatten, linear(2, 2)], (1, 8, 8), 4)
    yield case("pooling in front of all parameters", *POOL_FIRST)
    yield case(
        "a stride and a rectangle", [conv(3, 4, 3, stride=2, pad=1), *relu, *flatten, linear(144, 3)], (3, 12, 11), 6
    )
    yield case("a perceptron for MNIST", *MLP)
    yield case("a CNN for MNIST", under_autocast(CNN[0]), *CNN[1:])
    for name, layers, *rest in random_networks(rng, 8):
        yield case(name, under_autocast(layers), *rest)
    yield case("an unknown layer comes first", [*plain("gru"), linear(3, 2)], (3,), 1)


def batch_cases(rng):
    def case(name, network, budget, optimizer="adam", **options):
        inputs = {"layers": network[0], "input_shape": network[1], "optimizer": optimizer, "budget": budget}
        return Case(name, inputs, **options)

    yield case("a budget of ten mebibytes", MLP, 10 * 2**20)
    yield case("plain SGD has room for more", MLP, 10 * 2**20, "sgd")
    yield case("a CNN and a gibibyte", CNN, 2**30)
    yield case("the model alone is too large", MLP, 2**20)
    yield case("no memory at all", MLP, 0)
    tiny = ([linear(3, 2)], (3,))
    yield from (case(f"a budget of {budget} bytes", tiny, budget, "sgd") for budget in (99, 100, 101, 127, 128, 1000))
    yield case("a budget that the forward pass decides", FRONT, 200_000, "sgd")
    for number, (name, *network) in enumerate(random_networks(rng, 6)):
        budget = int(10 ** rng.uniform(5, 6.3))
        yield case(f"a budget for {name}", network, budget, OPTIMIZERS[number])
    yield case("an unknown optimizer for a budget", MLP, 2**30, "lion")
    yield case("an unknown layer for a budget", ([linear(3, 4), *plain("gru")], (3,)), 2**20)
    yield case("millions fit into 80 GiB", MLP, 80 * 2**30, speed=Speed())


PARTS = (
    Part(
        "bytes_per_parameter",
        recipe_cases,
        (
            "Three things are stored for each parameter: its value, its gradient, and whatever the optimizer "
            "remembers.",
            "Write each recipe as a sum of bytes. SGD remembers nothing, momentum one number, Adam two.",
            "Mixed precision doesn't train the 16-bit weights directly: they are too coarse for small updates, so a "
            "finer copy is "
            "kept, too, and Adam's two numbers are as fine as that.",
        ),
        tolerance=EXACT,
    ),
    Part(
        "round_blocks",
        block_cases,
        (
            "A block belongs to one tensor: what is left of it is lost.",
            "Round every size up to a multiple of `block`, then add.",
            "Integer division rounds down; of a negative number, that is up. `math.ceil(a / b)` goes through a float.",
        ),
        tolerance=EXACT,
    ),
    Part(
        "estimate_states",
        state_cases,
        (
            "Begin with what doesn't depend on the order of the layers: parameters, what is as large as they are, "
            "and the batch.",
            "List the parameter tensors with their sizes. Their sum gives params and grads, their number the step "
            "counters.",
            "Which optimizers keep one average, two or three? Batch normalisation has two parameters, and its "
            "running averages are "
            "buffers: nobody trains them.",
        ),
        driver=states,
        tolerance=EXACT,
        uses=("estimate",),
    ),
    Part(
        "estimate_activations",
        activation_cases,
        (
            "An operation saves what its derivative is computed from. Two operations may well save the same tensor.",
            "Number all tensors, walk through the layers with the number of the current one, and collect the saved "
            "numbers in a set.",
            "Flatten doesn't change the current tensor. Don't collect the input batch, nor anything before the first "
            "parameter. "
            "The loss adds one row of log-probabilities per sample and two scalars.",
        ),
        driver=activations,
        tolerance=EXACT,
        uses=("estimate",),
    ),
    Part(
        "estimate_peaks",
        peak_cases,
        (
            "Imagine a clock: on each tick one operation runs, first forwards, then backwards. What is alive on that "
            "tick?",
            "Record for every operation what it reads, makes and saves, and how much was saved once it had run. The "
            "forward peak "
            "is the largest tick of one loop, the backward peak that of a second loop in reverse order.",
            "In the reverse loop keep two running figures, the parameter gradients so far and the size of the "
            "gradient that just "
            "came in. Stop behind the first operation with parameters, and leave views out of both loops.",
        ),
        driver=peaks,
        tolerance=EXACT,
        uses=("estimate",),
    ),
    Part(
        "amp_activations",
        amp_cases,
        (
            "Autocast changes the type in which an operation works; it saves what it worked with.",
            "Two facts about the current tensor are enough: is it saved already, and does it depend on parameters?",
            "Weights are float32, so the 16-bit copies are new tensors. Why would a linear layer without a gradient "
            "for its input not "
            "need its weight in the backward pass? And the loss is worked out in float32.",
        ),
        tolerance=EXACT,
    ),
    Part(
        "max_batch",
        batch_cases,
        (
            "More samples never need less memory: there is one size up to which everything fits.",
            "Find a size that is certainly too large, then halve the interval between it and one that fits.",
            "The module bisect searches a range with a key. Take care at both ends: 0 must be possible, and a peak "
            "that is exactly the "
            "budget fits.",
        ),
        tolerance=EXACT,
        uses=("max_batch", "estimate"),
    ),
)

MISCONCEPTIONS = (
    Misconception(
        "model_plus_data",
        "estimate_peaks",
        "Your estimate is the model plus the batch, and nothing that comes and goes during the step.",
        "What does the backward pass need that the forward pass had, and what does it leave behind?",
        edits=(
            ("    resident = sum(states.values())", '    resident = params + states["input"] + states["target"]'),
            ("resident + max(alive)", "resident"),
            ("resident + max(tape.backward(saved))", "resident"),
            ("resident + activations,\n", "resident,\n"),
            ("resident + params + _FLOAT32", "resident"),
        ),
    ),
    Misconception(
        "no_grads",
        ("estimate_states", "estimate_peaks"),
        "Your estimate has no room for the gradients of the parameters.",
        "What does `loss.backward()` put into every parameter?",
        edits=(
            ('"grads": params', '"grads": 0'),
            ("            grads += op.gradient\n", ""),
            ("resident + params + _FLOAT32", "resident + _FLOAT32"),
        ),
    ),
    Misconception(
        "adam_one_moment",
        ("estimate_states", "estimate_peaks", "max_batch"),
        "Your Adam, AdamW and AMSGrad keep one tensor too few for each parameter.",
        "Adam divides one running average by the root of another one. How many does it have to keep?",
        edits=(('"adam": 2, "adamw": 2, "amsgrad": 3', '"adam": 1, "adamw": 1, "amsgrad": 2'),),
    ),
    Misconception(
        "sgd_has_state",
        ("estimate_states", "estimate_peaks", "max_batch"),
        "Your plain SGD keeps a buffer for each parameter.",
        "What must plain SGD remember from one step to the next?",
        edits=(('"sgd": 0', '"sgd": 1'),),
    ),
    Misconception(
        "every_output_saved",
        ("estimate_activations", "estimate_peaks"),
        "Your estimate saves the output of every layer, whoever needs it.",
        "Is the input of a relu needed in the backward pass once its output is kept?",
        edits=(
            (
                '        saved = {"input": {current}, "output": {result}, "neither": set()}[',
                "        saved = {current, result} | extra",
            ),
            ('_SAVES[layer["type"]]] | extra', ""),
        ),
    ),
    Misconception(
        "nothing_counts_once",
        ("estimate_activations", "estimate_peaks"),
        "Your estimate counts every tensor again that is saved again, those of the loss as well.",
        "The output of one operation is the input of the next. Are these two tensors?",
        edits=(("for i in op.saved - kept)", "for i in op.saved)"),),
    ),
    Misconception(
        "in_and_out_double",
        ("estimate_activations", "estimate_peaks", "amp_activations"),
        "Your estimate counts a tensor again whenever another operation saves it, too.",
        "The output of one layer is the input of the next. Are these two tensors?",
        edits=(
            ("for i in op.saved - kept)", "for i in op.saved)"),
            ("{log_probs, total_weight})", "{total_weight})"),
            ("                input_saved = True\n", ""),
        ),
    ),
    Misconception(
        "relu_saves_nothing",
        ("estimate_activations", "estimate_peaks", "amp_activations"),
        "Your relu saves nothing.",
        "When the gradient comes back, who remembers which units were off?",
        edits=(
            ('"relu": "output"', '"relu": "neither"'),
            (
                "                total += half * batch_size * outputs\n                input_saved = True\n",
                "                pass\n",
            ),
        ),
    ),
    Misconception(
        "pool_indices_int32",
        ("estimate_activations", "estimate_peaks", "amp_activations"),
        "Your max pooling stores its indices in four bytes each.",
        "Which dtype does torch return when you ask a max pooling for its indices?",
        edits=(
            ("return [_INT64 * elements]", "return [4 * elements]"),
            ("total += _INT64 * batch_size * outputs", "total += 4 * batch_size * outputs"),
        ),
    ),
    Misconception(
        "flatten_copies",
        ("estimate_activations", "estimate_peaks", "amp_activations"),
        "Your flatten makes a new tensor.",
        "Does it move any data to read the same numbers in another shape?",
        edits=(
            ('        if layer["type"] == "flatten":\n            continue\n        elements', "        elements"),
            (
                '            case "relu" if tracked:',
                '            case "flatten":\n                input_saved = False\n            case "relu" if tracked:',
            ),
        ),
    ),
    Misconception(
        "params_times_batch",
        ("estimate_states", "estimate_peaks", "max_batch"),
        "Your parameters, gradients and optimizer state grow with the batch.",
        "How many copies of the weights does a layer use for a batch of 64 images?",
        edits=(("params = itemsize * sum(tensors)", "params = batch_size * itemsize * sum(tensors)"),),
    ),
    Misconception(
        "bn_buffers_trained",
        ("estimate_states", "estimate_peaks"),
        "Your running averages of batch normalisation have gradients and optimizer state.",
        "Who updates the running mean: the optimizer, or the forward pass?",
        edits=(
            (
                'return [layer["c"], layer["c"]]\n        case "linear"',
                'return [layer["c"]] * 4\n        case "linear"',
            ),
        ),
    ),
    Misconception(
        "amp_halves_everything",
        "amp_activations",
        "Your mixed precision halves every byte.",
        "Which tensors does autocast leave in float32, which are no floats at all, and which are new?",
        code="""
def amp_activations(layers, input_shape, batch_size):
    return (estimate(layers, input_shape, batch_size, "sgd")["activations"] - 4) // 2
""",
    ),
    Misconception(
        "sum_of_peaks",
        "estimate_peaks",
        "Your peak is the sum of the forward peak and the backward peak.",
        "Do these two moments lie at the same time?",
        edits=(('"peak": max(forward_peak, backward_peak)', '"peak": forward_peak + backward_peak'),),
    ),
    Misconception(
        "backward_frees_nothing",
        "estimate_peaks",
        "Your backward pass holds on to all activations until it is over.",
        "Once an operation has been visited, who still needs what it saved?",
        edits=(("            yield kept + grad_out", "            yield saved[-1] + grad_out"),),
    ),
    Misconception(
        "front_is_saved",
        ("estimate_activations", "estimate_peaks"),
        "Your estimate saves tensors for layers in front of the first parameter.",
        "How far down does a gradient have to travel, if the batch itself needs none?",
        edits=(("kept = frozenset(saved) if self._tracked else frozenset()", "kept = frozenset(saved)"),),
    ),
    Misconception(
        "no_step_counters",
        ("estimate_states", "estimate_peaks"),
        "Your optimizers keep no step counters.",
        "Which of the optimizers has to know how many steps it has taken, and for which tensors?",
        edits=(("counters = 0 if", "counters = 0 if True or"),),
    ),
    Misconception(
        "amp_forgets_weights",
        "amp_activations",
        "Your mixed precision saves no 16-bit weights.",
        "The backward pass multiplies the gradient by the weights. By which of their two copies?",
        edits=(("half * _parameter_sizes(layer)[0] if tracked", "0 if tracked"),),
    ),
    Misconception(
        "amp_loss_in_16_bits",
        "amp_activations",
        "Your mixed precision computes the log-probabilities in 16 bits.",
        "Exponentials and logarithms are delicate. In which precision does autocast run them?",
        edits=(("return total + _FLOAT32 * batch_size * outputs", "return total + half * batch_size * outputs"),),
    ),
    Misconception(
        "no_master_copy",
        "bytes_per_parameter",
        "Your mixed precision has no float32 copy of the weights.",
        "What becomes of a small update if it is added to a 16-bit number?",
        edits=(("(2, 2, 4, 4, 4)", "(2, 2, 4, 4)"),),
    ),
    Misconception(
        "mixed_halves_the_states",
        "bytes_per_parameter",
        "Your mixed precision stores everything in 16 bits.",
        "In which precision does the optimizer of this recipe work?",
        edits=(("(2, 2, 4, 4, 4)", "(2, 2, 2, 2)"),),
    ),
    Misconception(
        "rounds_the_sum",
        "round_blocks",
        "Your allocator rounds up the total instead of every tensor.",
        "Can two tensors of one byte share a block?",
        edits=(("sum(-(-size // block) * block for size in sizes)", "-(-sum(sizes) // block) * block"),),
    ),
    Misconception(
        "a_block_more",
        "round_blocks",
        "Your allocator gives a tensor that fills its blocks one block more.",
        "How many blocks do 512 bytes need?",
        edits=(("-(-size // block) * block", "(size // block + 1) * block"),),
    ),
    Misconception(
        "first_that_fails",
        "max_batch",
        "Your batch size is the first one that doesn't fit.",
        "Estimate the peak for the batch size you return. Is it within the budget?",
        edits=(
            (
                "return bisect_right(range(1, budget), budget, key=peak)",
                "return bisect_right(range(1, budget), budget, key=peak) + 1",
            ),
        ),
    ),
    Misconception(
        "fits_after_forward",
        "max_batch",
        "Your batch fits when the forward pass is over, but not at the worst moment of the step.",
        "When, during the step, is most of the memory in use?",
        edits=(('optimizer)["peak"]', 'optimizer)["forward_end"]'),),
    ),
)

EQUIVALENTS = (
    Equivalent("@dataclass(frozen=True)", "@dataclass(frozen=False)", "nothing assigns to an operation"),
    Equivalent(
        "for op, kept in zip(reversed(self.ops), reversed(saved), strict=True):",
        "for op, kept in zip(reversed(self.ops), reversed(saved), strict=False):",
        "both have one item per operation",
    ),
    Equivalent(
        "alive, saved = zip(*tape.forward(), strict=True)",
        "alive, saved = zip(*tape.forward(), strict=False)",
        "all items are pairs",
    ),
    Equivalent(
        'saved = {"input": {current}, "output": {result}, "neither": set()}[_SAVES[layer["type"]]] | extra',
        'saved = {"input": {current}, "output": {result}, "neither": set()}[_SAVES[layer["type"]]] ^ extra',
        "what a layer makes besides its output is neither its input nor its output",
    ),
    Equivalent(
        "tape.record(current, {current, result} | extra, saved, itemsize * sum(_parameter_sizes(layer)))",
        "tape.record(current, {current, result} ^ extra, saved, itemsize * sum(_parameter_sizes(layer)))",
        "what a layer makes besides its output is neither its input nor its output",
    ),
    Equivalent(
        'total += half * _parameter_sizes(layer)[0] if tracked or kind == "conv2d" else 0',
        'total += half * _parameter_sizes(layer)[0] if tracked or kind <= "conv2d" else 0',
        "the other kind is linear",
    ),
)

exercise = Exercise(parts=PARTS, misconceptions=MISCONCEPTIONS, equivalents=EQUIVALENTS)
