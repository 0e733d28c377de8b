"""Cases, misconceptions and hints for 13-3."""

from itertools import pairwise

import numpy as np

from grader.spec import Case, Equivalent, Exercise, Misconception, Part, Speed, t32

# How the two functions are driven. The cache never leaves the worker: only backward has to understand it.


def output_alone(student, **batch):
    return one_of_two(student.forward(**batch), 0)


def forward_then_backward(student, dout, **batch):
    cache = one_of_two(student.forward(**batch), 1)
    return student.backward(batch["params"], batch["layers"], cache, dout)


def backward_twice(student, dout, second, **batch):
    cache = one_of_two(student.forward(**batch), 1)
    answer = student.backward(batch["params"], batch["layers"], cache, dout)
    kept = copied(answer)
    overwrite(answer)
    return [kept, student.backward(batch["params"], batch["layers"], cache, second)]


def output_overwritten(student, dout, **batch):
    answer = student.forward(**batch)
    overwrite(one_of_two(answer, 0))
    return student.backward(batch["params"], batch["layers"], one_of_two(answer, 1), dout)


def other_batch_in_between(student, other, dout, **batch):
    cache = one_of_two(student.forward(**batch), 1)
    student.forward(batch["params"], batch["layers"], other)
    return student.backward(batch["params"], batch["layers"], cache, dout)


def one_of_two(answer, index):
    return answer[index] if isinstance(answer, (tuple, list)) and len(answer) == 2 else answer


def copied(value):
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, (tuple, list)) else value


def overwrite(value):
    if isinstance(value, np.ndarray) and value.flags.writeable:
        value[...] = 9
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ():
        overwrite(item)


# Networks


def layer(weight, bias=None, act=None, residual=False):
    return {"weight": weight, "bias": bias, "act": act, "residual": residual}


def matrix(rng, out, width):
    return rng.standard_normal((out, width)) / width**0.5


def chain(rng, widths, act, residual=False):
    """Layers of the given widths, each with its own weight and bias; the last one is linear."""
    params, layers = {}, []
    for i, (width, out) in enumerate(pairwise(widths)):
        params |= {f"W{i}": matrix(rng, out, width), f"b{i}": 0.3 * rng.standard_normal(out)}
        last = i == len(widths) - 2
        layers.append(layer(f"W{i}", f"b{i}", None if last else act, residual and width == out))
    return params, layers


def random_net(rng):
    """1 to 8 layers of any kind; where shapes allow, names of earlier layers come again."""
    width = first = int(rng.integers(1, 17))
    params, layers = {}, []
    for i in range(int(rng.integers(1, 9))):
        residual = bool(rng.random() < 0.4)
        out = width if residual or rng.random() < 0.3 else int(rng.integers(1, 17))
        names = []
        for kind, shape in (("W", (out, width)), ("b", (out,))):
            known = [name for name, p in params.items() if p.shape == shape]
            reuse = known and rng.random() < 0.5
            names.append(known[int(rng.integers(len(known)))] if reuse else f"{kind}{i}")
            params.setdefault(names[-1], rng.standard_normal(shape) / shape[-1] ** 0.5)
        act = (None, "relu", "tanh", "sigmoid")[int(rng.integers(4))]
        layers.append(layer(names[0], names[1] if rng.random() < 0.7 else None, act, residual))
        width = out
    return params, layers, rng.standard_normal((int(rng.integers(1, 21)), first))


def nets(rng):
    """(name, params, layers, X) of networks that both parts are asked about, from easy to hard."""
    x = rng.standard_normal((5, 3))
    square = {"W": matrix(rng, 3, 3), "V": matrix(rng, 3, 3), "b": 0.3 * rng.standard_normal(3)}
    small = {"W": matrix(rng, 4, 3), "b": 0.3 * rng.standard_normal(4)}

    yield "one linear layer by hand", {"W": np.array([[1.0, 2.0]])}, [layer("W")], np.array([[3.0, 4.0]])
    hand = {"W": np.array([[1.0, -1.0], [2.0, 0.5], [0.0, 1.0]]), "b": np.array([0.5, -1.0, 0.0])}
    yield "one layer with a bias", hand, [layer("W", "b")], np.array([[1.0, 2.0], [3.0, -1.0]])
    for act in ("relu", "tanh", "sigmoid"):
        yield f"one layer with {act}", small, [layer("W", "b", act)], x
    yield "two layers", *chain(rng, (3, 5, 2), "tanh"), x
    yield "three layers of different widths", *chain(rng, (3, 7, 4, 1), "relu"), x
    yield "two square layers", square, [layer("W", "b", "tanh"), layer("V")], x
    yield "two square layers with sigmoid", square, [layer("W", "b", "sigmoid"), layer("V", None, "sigmoid")], x
    yield "a residual layer", square, [layer("W", "b", "tanh", True)], x
    yield "a linear residual layer", square, [layer("W", None, None, True)], x
    idle = {"W": np.zeros((3, 3)), "V": square["V"]}
    yield "a residual layer with weight 0", idle, [layer("V"), layer("W", None, "relu", True), layer("V")], x
    yield "one weight in two layers", square, [layer("W", "b", "tanh"), layer("W", None, "sigmoid")], x
    yield "one weight and bias in four residual layers", square, 4 * [layer("W", "b", "tanh", True)], x
    yield "one bias after two weights", square, [layer("W", "b", "relu"), layer("V", "b")], x
    yield "no layer at all", square, [], x
    yield "pre-activations of exactly 0", square, [layer("W", None, "relu"), layer("V")], np.vstack([x[:1], 0 * x[:2]])
    yield "exactly 0 in a residual layer", square, [layer("W", None, "relu", True)], np.zeros((2, 3))
    big = {"W": np.diag([800.0, -900.0, 1.0]), "b": np.zeros(3)}
    for act in ("sigmoid", "tanh", "relu"):
        yield f"pre-activations of size 1000 with {act}", big, [layer("W", "b", act), layer("W")], np.ones((1, 3))
    yield "one sample", *chain(rng, (3, 4, 2), "sigmoid"), x[:1]
    yield "empty batch", *chain(rng, (3, 4, 2), "relu"), x[:0]
    yield "every layer one wide", *chain(rng, (1, 1, 1, 1), "tanh", residual=True), x[:, :1]
    yield "64 wide", *chain(rng, (10, 64, 64, 10), "relu", residual=True), rng.standard_normal((40, 10))
    yield "12 layers", *chain(rng, (6,) + 12 * (8,), "tanh"), rng.standard_normal((7, 6))
    yield "12 residual layers", *chain(rng, 13 * (6,), "sigmoid", residual=True), rng.standard_normal((7, 6))
    for i in range(8):
        yield f"random network {i + 1}", *random_net(rng)
    whole = {"W": np.array([[1, -2], [0, 1], [3, 1]]), "b": np.array([1, 0, -1])}
    yield "integers", whole, [layer("W", "b", "relu")], np.array([[1, 2], [3, -1]])
    bytes_ = {"W": np.array([[100, -100], [50, 60]], dtype=np.int8)}
    yield "8-bit integers", bytes_, [layer("W"), layer("W", None, "relu")], np.array([[3, 2], [-1, 4]], dtype=np.int8)
    yield "integers through sigmoid", whole, [layer("W", None, "sigmoid")], np.array([[1, 2], [0, 0]])
    single = {name: p.astype(np.float32) for name, p in square.items()}
    layers = [layer("W", "b", "sigmoid", True), layer("V", "b", "tanh"), layer("W", None, "relu")]
    yield "float32", single, layers, x.astype(np.float32)
    steep = {"W": np.diag(np.array([150.0, -150.0, 1.0], dtype=np.float32))}
    yield "float32 far out", steep, [layer("W", None, "sigmoid")], np.ones((2, 3), dtype=np.float32)
    yield "float32 data, float64 parameters", square, layers, x.astype(np.float32)
    yield "float64 data, float32 parameters", single, layers, x
    yield "one float64 parameter among float32 ones", {**single, "V": square["V"]}, layers, x.astype(np.float32)
    yield "float16", {name: p.astype(np.float16) for name, p in square.items()}, layers, x.astype(np.float16)
    yield "bytes through float32 parameters", single, layers, np.array([[3, -2, 1], [0, 1, -1]], dtype=np.int8)
    views = {"W": np.asfortranarray(square["W"]), "V": square["V"].T, "b": np.repeat(square["b"], 2)[::-2]}
    yield "parameters in other memory layouts", views, layers, np.asfortranarray(x)
    yield "one row that stands for four", views, layers, np.broadcast_to(x[:1], (4, 3))
    yield "every other row, backwards", square, layers, x[::-2]
    yield "the same network again", square, layers, x[::-2]


def forward_cases(rng):
    for name, params, layers, x in nets(rng):
        tolerance = t32(64) if is_float32(params, x) else None
        yield Case(name, {"params": params, "layers": layers, "X": x}, tolerance=tolerance)
    for width, out in ((3, 2), (1, 3), (3, 1)):
        params, layers = {"V": np.ones((width, 2)), "W": np.ones((out, width))}, [layer("V"), layer("W", residual=True)]
        yield Case(
            f"a residual layer from {width} to {out}", {"params": params, "layers": layers, "X": np.ones((4, 2))}
        )


def backward_cases(rng):
    for name, params, layers, x in nets(rng):
        out = params[layers[-1]["weight"]].shape[0] if layers else x.shape[1]
        dout = rng.integers(-3, 4, (len(x), out)) if x.dtype.kind == "i" else rng.standard_normal((len(x), out))
        yield Case(
            f"gradient for {name}",
            {"params": params, "layers": layers, "X": x, "dout": dout.astype(x.dtype)},
            tolerance=t32(64) if is_float32(params, x) else None,
        )
    params, layers = chain(rng, (3, 4, 4, 2), "tanh", residual=True)
    x, dout = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
    inputs = {"params": params, "layers": layers, "X": x, "dout": dout}
    shared = np.broadcast_to(np.array([0.25, -0.5]), (6, 2))
    yield Case("one row as the gradient of all rows", {**inputs, "dout": shared})
    single = {"params": {"W": np.eye(2, 3, dtype=np.float32)}, "layers": [layer("W")]}
    mixed = {**single, "X": x.astype(np.float32), "dout": dout}
    yield Case("a float64 gradient through float32 layers", mixed)
    yield Case("the same backward twice", {**inputs, "second": dout}, driver=backward_twice)
    yield Case("two backwards with different dout", {**inputs, "second": -3 * dout[::-1]}, driver=backward_twice)
    yield Case("the caller overwrites the output", inputs, driver=output_overwritten)
    one = {**inputs, "params": {"W": matrix(rng, 2, 3)}, "layers": [layer("W", None, "sigmoid")]}
    yield Case("the caller overwrites the output of a single layer", one, driver=output_overwritten)
    other = rng.standard_normal((2, 3))
    yield Case("another batch runs forward in between", {**inputs, "other": other}, driver=other_batch_in_between)
    params, layers = chain(rng, (784, 128, 10), "relu")
    digits = {"params": params, "layers": layers, "X": rng.random((64, 784)), "dout": rng.standard_normal((64, 10))}
    yield Case("784-128-10 and 64 images", digits, speed=Speed())


def is_float32(params, x):
    return all(a.dtype == np.float32 for a in (x, *params.values()))


FORWARD = Part(
    name="forward",
    cases=forward_cases,
    driver=output_alone,
    hints=(
        "One layer is an affine map, an activation, and perhaps an addition. Repeat them over the list.",
        "Decide on one floating type first and bring X into it. W is (out, in), rows are samples: h @ W.T + b.",
        "The skip path adds what went into the layer to what comes out of the activation; compare the widths before "
        "you add, for NumPy would broadcast a width of 1.",
        "What will each layer need on the way back? Its input h and something that tells the slope: keep both.",
    ),
)

BACKWARD = Part(
    name="backward",
    cases=backward_cases,
    driver=forward_then_backward,
    uses=("forward", "backward"),
    returns=("grads", "dX"),
    hints=(
        "Walk from the last layer to the first, and carry one array along: the gradient in the current layer's output.",
        "Start every parameter's gradient at zeros of its shape and add each layer's share to it: that takes care "
        "of shared and of unused parameters.",
        "At a layer: dz is the incoming gradient times the activation's slope at z; the weight gets dz.T @ h, the bias "
        "the sum of dz over the rows.",
        "To the layer below goes dz @ W; a residual layer adds the incoming gradient itself, before it met the slope.",
    ),
)

exercise = Exercise(
    parts=(FORWARD, BACKWARD),
    misconceptions=(
        Misconception(
            name="tied_overwrite",
            part="backward",
            summary="Your gradient of a shared parameter keeps the share of one layer only.",
            nudge="When one weight acts twice, how many terms does its derivative have?",
            edits=(
                ('grads[layer["weight"]] += dz.T @ h', 'grads[layer["weight"]] = dz.T @ h'),
                ('grads[layer["bias"]] += dz.sum(axis=0)', 'grads[layer["bias"]] = dz.sum(axis=0)'),
            ),
        ),
        Misconception(
            name="skip_path_lost",
            part="backward",
            summary="Your backward sends nothing back along the skip path of a residual layer.",
            nudge="Set the layer's weight to 0: does its output still depend on its input?",
            edits=(('skipped = dh if layer["residual"] else 0', "skipped = 0"),),
        ),
        Misconception(
            name="skip_path_damped",
            part="backward",
            summary="Your backward multiplies the skip path's gradient by the slope of the activation.",
            nudge="Trace the skip path with a finger from output to input: which functions do you meet?",
            edits=(('skipped = dh if layer["residual"] else 0', 'skipped = dz if layer["residual"] else 0'),),
        ),
        Misconception(
            name="residual_before_activation",
            part=("forward", "backward"),
            summary="Your residual layer adds its input before the activation instead of after it.",
            nudge="Can a layer that ends in ReLU ever put out something negative? Could this one, as it is defined?",
            edits=(
                ('_ACT[layer["act"]](z)', '_ACT[layer["act"]](z + h if layer["residual"] else z)'),
                ('h = a + h if layer["residual"] else a', "h = a"),
                ('skipped = dh if layer["residual"] else 0', 'skipped = dz if layer["residual"] else 0'),
            ),
        ),
        Misconception(
            name="weight_as_in_out",
            part=("forward", "backward"),
            summary="Your code takes weights as (in, out), but they are (out, in).",
            nudge="Take a layer from 3 to 2 features: which axis of its weight has length 3?",
            edits=(
                ('h @ params[layer["weight"]].T', 'h @ params[layer["weight"]]'),
                ('grads[layer["weight"]] += dz.T @ h', 'grads[layer["weight"]] += h.T @ dz'),
                ('dh = dz @ params[layer["weight"]] + skipped', 'dh = dz @ params[layer["weight"]].T + skipped'),
            ),
        ),
        Misconception(
            name="slope_at_output",
            part="backward",
            summary="Your backward evaluates the activation's slope at its output instead of its input.",
            nudge="Which of the two did you cache, and which of the two does your slope formula expect?",
            edits=(
                ('"tanh": lambda a: 1 - a**2', '"tanh": lambda a: 1 - np.tanh(a) ** 2'),
                ('"sigmoid": lambda a: a * (1 - a)', '"sigmoid": lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2'),
            ),
        ),
        Misconception(
            name="slope_forgotten",
            part="backward",
            summary="Your backward passes through the activations as if they weren't there.",
            nudge="How much does the output of a saturated tanh react to its input?",
            edits=(('dz = dh * _SLOPE[layer["act"]](a)', "dz = dh * 1"),),
        ),
        Misconception(
            name="untransposed",
            part="backward",
            summary="Your backward multiplies by the transpose of the matrix it should use on the way to the input.",
            nudge="Write down the shapes for a layer that isn't square: which product is possible?",
            edits=(('dh = dz @ params[layer["weight"]] + skipped', 'dh = dz @ params[layer["weight"]].T + skipped'),),
        ),
        Misconception(
            name="batch_mean_again",
            part="backward",
            summary="Your gradients are divided by the batch size, which dout has already taken care of.",
            nudge="If L is the mean loss, where in dout can you see the N? Feed the same row twice and look.",
            edits=(
                ('grads[layer["weight"]] += dz.T @ h', 'grads[layer["weight"]] += dz.T @ h / max(len(h), 1)'),
                ('grads[layer["bias"]] += dz.sum(axis=0)', 'grads[layer["bias"]] += dz.sum(axis=0) / max(len(h), 1)'),
            ),
        ),
        Misconception(
            name="bias_grad_shape",
            part="backward",
            summary="Your bias gradient has a row for every sample.",
            nudge="One bias acts on every sample: how many numbers is its gradient?",
            edits=(('grads[layer["bias"]] += dz.sum(axis=0)', 'grads[layer["bias"]] = grads[layer["bias"]] + dz'),),
        ),
        Misconception(
            name="fresh_order",
            part="backward",
            summary="Your backward visits the layers from first to last.",
            nudge="At the start of the way back you know one gradient only: which layer's output does it belong to?",
            edits=(("zip(reversed(layers), reversed(cache), strict=True)", "zip(layers, cache, strict=True)"),),
        ),
        Misconception(
            name="dx_is_dz",
            part="backward",
            summary="Your dX is the gradient in the first layer's pre-activation.",
            nudge="Compare its shape with that of X for a first layer that isn't square. What is between the two?",
            edits=(
                ("dh = np.array(dout, dtype=dtype)", "dz = dh = np.array(dout, dtype=dtype)"),
                ("return grads, dh", "return grads, dz"),
            ),
        ),
        Misconception(
            name="relu_ge",
            part="backward",
            summary="Your ReLU lets the gradient pass where the pre-activation is exactly 0.",
            nudge="The slope at the kink is a convention: which one is agreed on here?",
            edits=(
                ("cache.append((h, a))", 'cache.append((h, z if layer["act"] == "relu" else a))'),
                ('"relu": lambda a: a > 0', '"relu": lambda a: a >= 0'),
            ),
        ),
        Misconception(
            name="unused_left_out",
            part="backward",
            summary="Your gradients lack the parameters that no layer uses.",
            nudge="An optimiser asks for every parameter's gradient. How fast does the loss change with an idle one?",
            edits=(
                (
                    "return grads, dh",
                    'used = {name for layer in layers for name in (layer["weight"], layer["bias"])}\n'
                    "    return {name: grad for name, grad in grads.items() if name in used}, dh",
                ),
            ),
        ),
        Misconception(
            name="cache_used_up",
            part="backward",
            summary="Your backward takes the cache apart, so that a second call finds it empty.",
            nudge="Call it twice with the same cache. What is left of it?",
            edits=(("reversed(cache), strict=True", "[cache.pop() for _ in layers], strict=True"),),
        ),
    ),
    equivalents=(
        Equivalent('"relu": lambda a: a > 0,', '"relu": lambda a: a != 0,', "what leaves a ReLU isn't negative"),
        Equivalent(
            "for layer, (h, a) in zip(reversed(layers), reversed(cache), strict=True):",
            "for layer, (h, a) in zip(reversed(layers), reversed(cache), strict=False):",
            "there is one cache entry for each layer",
        ),
    ),
)
