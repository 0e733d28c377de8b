"""Cases, misconceptions and hints for 13-1."""

import numpy as np

from grader.spec import Case, Equivalent, Exercise, Misconception, Part

# Losses are plain data, too: {"kind": "bowl"} is the sum of all squares, the others are below.


def probe_line(student, loss, params, direction, alphas):
    def loss_fn(given):
        return evaluate(loss, given)

    return student.loss_slice(loss_fn, params, direction, alphas)


def probe_plane(student, loss, params, d1, d2, alphas, betas):
    def loss_fn(given):
        return evaluate(loss, given)

    return student.loss_surface(loss_fn, params, d1, d2, alphas, betas)


def count_line(student, loss, params, direction, alphas):
    calls = []

    def loss_fn(given):
        calls.append(1)
        return evaluate(loss, given)

    return {"losses": student.loss_slice(loss_fn, params, direction, alphas), "calls of loss_fn": len(calls)}


def count_plane(student, loss, params, d1, d2, alphas, betas):
    calls = []

    def loss_fn(given):
        calls.append(1)
        return evaluate(loss, given)

    losses = student.loss_surface(loss_fn, params, d1, d2, alphas, betas)
    return {"losses": losses, "calls of loss_fn": len(calls)}


def line_scribbled(student, loss, params, direction, alphas):
    """Twice along the same line, with a loss that writes into whatever it is given."""

    def loss_fn(given):
        return evaluate_and_scribble(loss, given)

    return [student.loss_slice(loss_fn, params, direction, alphas) for _ in range(2)]


def plane_scribbled(student, loss, params, d1, d2, alphas, betas):
    def loss_fn(given):
        return evaluate_and_scribble(loss, given)

    return [student.loss_surface(loss_fn, params, d1, d2, alphas, betas) for _ in range(2)]


def line_kept(student, loss, params, direction, alphas):
    """The points themselves, as the loss was given them, read after the whole walk."""
    kept = []

    def loss_fn(given):
        kept.append(given)
        return evaluate(loss, given)

    losses = student.loss_slice(loss_fn, params, direction, alphas)
    return {"losses": losses, "points given to loss_fn, in order of the first entry": in_order(kept)}


def plane_kept(student, loss, params, d1, d2, alphas, betas):
    kept = []

    def loss_fn(given):
        kept.append(given)
        return evaluate(loss, given)

    losses = student.loss_surface(loss_fn, params, d1, d2, alphas, betas)
    return {"losses": losses, "points given to loss_fn, in order of the first entry": in_order(kept)}


def in_order(points):
    named = [{name: np.array(value) for name, value in point.items()} for point in points]
    return sorted(named, key=first_entry)


def first_entry(point):
    return float(np.ravel(point[min(point)])[0])


def evaluate(loss, params):
    if loss["kind"] == "bowl":
        return float(sum(np.sum(np.square(p)) for p in params.values()))
    if loss["kind"] == "network":
        hidden = np.tanh(loss["X"] @ params["W1"].T + params["b1"])
        return float(np.mean((hidden @ params["W2"].T + params["b2"] - loss["y"]) ** 2))
    waves = [np.sin(np.ravel(params[name]) * np.arange(1, params[name].size + 1)).sum() for name in sorted(params)]
    return float(sum(w * (i + 1) for i, w in enumerate(waves)))


def evaluate_and_scribble(loss, params):
    result = evaluate(loss, params)
    for p in params.values():
        p.fill(7.0)
    return result


def shapes_like(rng, params, scale=1.0):
    return {name: scale * rng.standard_normal(p.shape) for name, p in params.items()}


def network(rng):
    """A loss, parameters and two directions of a small network."""
    X, y = rng.standard_normal((8, 3)), rng.standard_normal((8, 2))
    shapes = {"W1": (4, 3), "b1": (4,), "W2": (2, 4), "b2": (2,)}
    params = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    return {"kind": "network", "X": X, "y": y}, params, shapes_like(rng, params), shapes_like(rng, params)


def several(rng):
    """Parameters of many shapes."""
    shapes = {"conv": (3, 2, 2, 2), "scale": (3,), "dense": (4, 3), "bias": (4,), "one": (1, 1)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def layouts(params):
    """The same numbers in Fortran order, reversed and strided."""
    turned = {}
    for i, (name, p) in enumerate(params.items()):
        views = np.asfortranarray(p), p[::-1], np.repeat(p, 2, axis=0)[::2]
        turned[name] = views[i % 3]
    return turned


BOWL, WAVES = {"kind": "bowl"}, {"kind": "waves"}


def slice_cases(rng):
    def case(name, loss, params, direction, alphas, driver=None):
        inputs = {"loss": loss, "params": params, "direction": direction, "alphas": alphas}
        return Case(f"slice: {name}", inputs, driver=driver)

    point, along = {"w": np.array([1.0, -2.0])}, {"w": np.array([3.0, 0.5])}
    net, params, direction, _ = network(rng)
    line = np.linspace(-1.0, 1.0, 9)
    many = several(rng)
    toward = shapes_like(rng, many)
    yield case("a bowl and three points", BOWL, point, along, np.array([0.0, 1.0, 2.0]))
    yield case("only alpha 0", BOWL, point, along, np.array([0.0]))
    yield case("negative alphas", BOWL, point, along, np.array([-1.0, -0.5]))
    yield case("alphas in no order, one of them twice", BOWL, point, along, np.array([2.0, -1.0, 0.5, 2.0, 0.0]))
    yield case("no alphas", BOWL, point, along, np.zeros(0))
    yield case("integer alphas", BOWL, point, along, np.array([2, 0, -1]))
    yield case("a small network", net, params, direction, line)
    yield case("parameters of many shapes", WAVES, many, toward, line)
    yield case("a direction of zeros", WAVES, many, {name: 0 * p for name, p in many.items()}, line[:3])
    yield case("a long direction is not shortened", WAVES, many, shapes_like(rng, many, 10.0), line)
    yield case("other memory layouts", WAVES, layouts(many), layouts(toward), line[::-2])
    yield case("names in another order", WAVES, many, dict(reversed(toward.items())), line)
    again = np.append(line, line[:2])
    yield case("loss_fn is called once per alpha", net, params, direction, again, count_line)
    yield case("loss_fn writes into what it is given", net, params, direction, line, line_scribbled)
    yield case("loss_fn writes, many shapes", WAVES, many, toward, np.array([0.0, 0.5]), line_scribbled)
    yield case("loss_fn keeps what it is given", net, params, direction, line, line_kept)
    yield case("the small network again", net, params, direction, line)


def surface_cases(rng):
    def case(name, loss, params, d1, d2, alphas, betas, driver=None):
        inputs = {"loss": loss, "params": params, "d1": d1, "d2": d2, "alphas": alphas, "betas": betas}
        return Case(f"surface: {name}", inputs, driver=driver)

    point = {"w": np.array([1.0, -2.0])}
    right, up = {"w": np.array([1.0, 0.0])}, {"w": np.array([0.0, 1.0])}
    net, params, d1, d2 = network(rng)
    many = several(rng)
    one, two = shapes_like(rng, many), shapes_like(rng, many)
    alphas, betas = np.linspace(-1.0, 1.0, 5), np.linspace(-0.5, 1.0, 4)
    yield case("a bowl, two by three points", BOWL, point, right, up, np.array([0.0, 1.0]), np.array([0.0, 2.0, 4.0]))
    yield case("as many alphas as betas", BOWL, point, right, up, np.array([0.0, 1.0]), np.array([2.0, 5.0]))
    yield case("one point", BOWL, point, right, up, np.array([0.5]), np.array([-1.0]))
    yield case("no alphas", BOWL, point, right, up, np.zeros(0), betas)
    yield case("no betas", BOWL, point, right, up, alphas, np.zeros(0))
    yield case("a small network", net, params, d1, d2, alphas, betas)
    yield case("a small network, square grid", net, params, d1, d2, alphas, alphas)
    yield case("parameters of many shapes", WAVES, many, one, two, alphas, betas)
    yield case("the same direction twice", WAVES, many, one, one, alphas, betas)
    yield case("integer alphas and betas", WAVES, many, one, two, np.array([1, 0]), np.array([-1, 2, 3]))
    yield case("other memory layouts", WAVES, layouts(many), layouts(one), layouts(two), alphas[::-2], betas[::-1])
    back = [dict(reversed(d.items())) for d in (one, two)]
    yield case("names in another order", WAVES, many, *back, alphas, betas)
    yield case("names of d2 in another order", WAVES, many, one, back[1], alphas, betas)
    yield case("loss_fn writes into what it is given", net, params, d1, d2, alphas, betas, plane_scribbled)
    yield case("loss_fn keeps what it is given", net, params, d1, d2, alphas[:3], betas[:2], plane_kept)
    many_alphas, many_betas = np.linspace(-1, 1, 21), np.append(np.linspace(-1, 1, 30), 1.0)
    yield case("651 calls of loss_fn, one beta twice", BOWL, point, right, up, many_alphas, many_betas, count_plane)
    yield case("the small network again", net, params, d1, d2, alphas, betas)


def filter_cases(rng):
    def case(name, direction, params):
        return Case(f"filters: {name}", {"direction": direction, "params": params})

    hand = {"w": np.array([[3.0, 4.0], [0.0, 1.0]])}
    yield case("two rows by hand", hand, {"w": np.array([[0.0, 10.0], [2.0, 0.0]])})
    many = several(rng)
    direction = shapes_like(rng, many)
    yield case("a bias becomes zeros", {"b": np.array([1.0, -2.0, 3.0])}, {"b": np.array([4.0, 5.0, 6.0])})
    for name in many:
        yield case(f"{name} {many[name].shape} alone", {name: direction[name]}, {name: many[name]})
    yield case("parameters of many shapes", direction, many)
    square = rng.standard_normal((2, 4, 4))
    yield case("a square layer", {"w": square[0]}, {"w": square[1] * np.array([[1.0], [10.0], [0.1], [3.0]])})
    uneven = {"w": rng.standard_normal((3, 2, 3, 3)) * np.array([1.0, 100.0, 0.01]).reshape(3, 1, 1, 1)}
    yield case("filters of very different lengths", shapes_like(rng, uneven), uneven)
    yield case("a direction that is the parameters", {"w": 1.0 * uneven["w"]}, uneven)
    zeros = {"w": np.array([[0.0, 0.0], [1.0, 2.0]])}
    yield case("a filter of zeros in the direction", zeros, {"w": np.array([[1.0, 1.0], [3.0, 4.0]])})
    yield case("a filter of zeros in the parameters", {"w": np.array([[1.0, 1.0], [3.0, 4.0]])}, zeros)
    yield case("a filter of length 1e-9 in the direction", {"w": np.array([[1e-9, 0.0], [0.0, 1.0]])}, hand)
    yield case("a filter of length 1e-10 in the direction", {"w": np.array([[0.0, 1e-10], [3.0, 0.0]])}, hand)
    yield case("one filter only", {"w": np.array([[1.0, 2.0, 2.0]])}, {"w": np.array([[4.0, 0.0, -3.0]])})
    yield case("filters of one number", {"w": np.array([[2.0], [-0.5]])}, {"w": np.array([[-3.0], [4.0]])})
    ramp = np.arange(1.0, 13.0).reshape(2, 3, 2)
    yield case("three axes, a convolution along a sequence", {"w": ramp}, {"w": 3.0 - ramp[::-1]})
    yield case("other memory layouts", layouts(direction), layouts(many))
    yield case("names in another order", dict(reversed(direction.items())), many)
    yield case("the many shapes again", direction, many)


def slope_cases(rng):
    def case(name, grads, direction):
        return Case(f"slope: {name}", {"grads": grads, "direction": direction})

    yield case("two numbers", {"w": np.array([2.0, -1.0])}, {"w": np.array([3.0, 4.0])})
    w, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0])
    yield case("a weight and a bias by hand", {"w": w, "b": b}, {"w": np.eye(2), "b": np.array([1.0, -1.0])})
    many = several(rng)
    direction = shapes_like(rng, many)
    yield case("parameters of many shapes", many, direction)
    yield case("a direction ten times as long", many, {name: 10 * d for name, d in direction.items()})
    yield case("against the gradient", many, {name: -p for name, p in many.items()})
    yield case("a direction of zeros", many, {name: 0 * p for name, p in many.items()})
    yield case("a gradient of zeros", {name: 0 * p for name, p in many.items()}, direction)
    yield case("names in another order", many, dict(reversed(direction.items())))
    yield case("other memory layouts", layouts(many), layouts(direction))
    yield case("the many shapes again", many, direction)


def flip_cases(rng):
    def case(name, history):
        return Case(f"flips: {name}", {"grad_history": np.asarray(history)})

    column = np.array([[1.0, 0.0, 2.0, -1.0, -3.0, 0.0, 0.0, 4.0, -2.0]]).T
    yield case("always, never, and half of the time", [[1.0, 1.0, 1.0], [-2.0, 3.0, 2.0], [1.0, 1.0, -1.0]])
    yield case("two steps are one pair, too few", [[1.0, 1.0], [-1.0, 1.0]])
    yield case("one step", [[1.0, -1.0]])
    yield case("no steps", np.zeros((0, 3)))
    yield case("no components", np.zeros((5, 0)))
    yield case("zeros belong to no pair", column)
    yield case("opposite signs with a zero in between", [[1.0], [0.0], [-1.0], [0.0], [1.0], [2.0], [3.0]])
    yield case("zeros everywhere", np.zeros((6, 2)))
    yield case("exactly two counted pairs", [[1.0], [-1.0], [0.0], [2.0], [1.0]])
    yield case("exactly one counted pair", [[0.0], [-1.0], [1.0], [0.0], [0.0]])
    yield case("negative zeros", [[1.0], [-0.0], [1.0], [-1.0], [-2.0]])
    yield case("values of 1e-100", 1e-100 * column)
    yield case("values of 1e-200", 1e-200 * rng.choice([-1.0, 1.0], (12, 3)))
    yield case("values of 1e200", 1e200 * rng.choice([-1.0, 1.0], (12, 3)))
    yield case("many steps", rng.standard_normal((60, 5)) + np.array([0.0, 0.5, 1.0, 2.0, -1.0]))
    yield case("many steps with zeros", rng.integers(-1, 2, (80, 6)).astype(np.float64))
    yield case("more components than steps", rng.standard_normal((4, 9)))
    yield case("as many components as steps", rng.standard_normal((6, 6)))
    yield case("integers", rng.integers(-2, 3, (30, 4)))
    yield case("8-bit integers", np.array([[100], [-100], [100], [3], [-2]], dtype=np.int8))
    yield case("float32", rng.integers(-2, 3, (30, 4)).astype(np.float32))
    yield case("every other step, backwards", rng.standard_normal((30, 4))[::-2])
    yield case("Fortran order", np.asfortranarray(rng.standard_normal((9, 4))))


def count_cases(rng):
    for n in (1, 2, 10, 101770, 10**12):
        for scheme in ("forward", "central", "backprop"):
            yield Case(f"{scheme}, {n} parameters", {"n_params": n, "scheme": scheme})
    yield Case("forward, a number drawn at random", {"n_params": int(rng.integers(3, 1000)), "scheme": "forward"})
    for scheme in ("backward", "", "Central", "forwards"):
        yield Case(f"unknown scheme {scheme!r}", {"n_params": 4, "scheme": scheme})


MOVED = "p + sum(step * direction[name] for step, direction in moves)"
SLICE = "    return np.array([loss_fn(_moved(params, (alpha, direction))) for alpha in alphas], dtype=np.float64)\n"
DRIFT = """

def _moved(params, *moves):
    for step, direction in moves:
        for name in params:
            params[name] += step * direction[name]
    return params
"""
SCRATCH = """

def loss_slice(loss_fn, params, direction, alphas):
    scratch, losses = {name: p.copy() for name, p in params.items()}, []
    for alpha in alphas:
        for name in params:
            scratch[name][...] = params[name] + alpha * direction[name]
        losses.append(loss_fn(scratch))
    return np.array(losses, dtype=np.float64)


def loss_surface(loss_fn, params, d1, d2, alphas, betas):
    scratch, losses = {name: p.copy() for name, p in params.items()}, []
    for alpha in alphas:
        for beta in betas:
            for name in params:
                scratch[name][...] = params[name] + alpha * d1[name] + beta * d2[name]
            losses.append(loss_fn(scratch))
    return np.array(losses, dtype=np.float64).reshape(len(alphas), len(betas))
"""
BRIDGED = """

def sign_flip_rate(grad_history):
    rates = []
    for column in np.asarray(grad_history).T:
        signs = np.sign(column[column != 0])
        rates.append((signs[1:] != signs[:-1]).mean() if len(signs) > 2 else 0.0)
    return np.array(rates, dtype=np.float64)
"""
TENSOR_NORM = "np.sqrt((w**2).sum(axis=tuple(range(1, w.ndim)), keepdims=True))"
SLOPE = "float(sum(np.sum(grads[name] * direction[name]) for name in grads))"
RATE = "np.where(counted >= 2, flipped / np.maximum(counted, 1), 0.0)"

exercise = Exercise(
    parts=(
        Part(
            name="loss_slice",
            cases=slice_cases,
            driver=probe_line,
            hints=(
                "For one alpha: displace every array, and ask for the loss there. Then do so for all of them.",
                "Build a new dictionary each time; p + alpha * d is a new array, p += alpha * d is not.",
                "A dictionary comprehension over params.items() inside a list comprehension over alphas does it all.",
            ),
        ),
        Part(
            name="loss_surface",
            cases=surface_cases,
            driver=probe_plane,
            hints=(
                "It is the slice again, with two displacements added to every array.",
                "Rows belong to alphas, columns to betas: the outer loop runs over alphas.",
                "Collect the losses in a flat list, then reshape to (len(alphas), len(betas)), whatever these are.",
            ),
        ),
        Part(
            name="filter_normalize",
            cases=filter_cases,
            hints=(
                "Each w[i] has a length of its own, and d[i] is stretched or shrunk to that length.",
                "Sum the squares over all axes but the first; keepdims=True leaves a shape that broadcasts.",
                "Arrays with a single axis are easy: np.zeros of their shape.",
            ),
        ),
        Part(
            name="directional_derivative",
            cases=slope_cases,
            hints=(
                "Which sum turns a gradient and a direction into a slope?",
                "It is the dot product of two long vectors, whose pieces lie in the arrays of the dictionaries.",
                "For each name, multiply element by element and add up; then add up over the names.",
            ),
        ),
        Part(
            name="sign_flip_rate",
            cases=flip_cases,
            hints=(
                "Put each row next to the one before it: history[1:] and history[:-1] have the same shape.",
                "Take signs first and multiply those: products of tiny numbers vanish. -1 is a flip, 0 doesn't count.",
                "Count flips and counted pairs per column. Where the latter are fewer than two the rate is 0, and "
                "np.maximum(counted, 1) keeps the division quiet.",
            ),
        ),
        Part(
            name="num_evaluations",
            cases=count_cases,
            hints=(
                "List the points that each scheme visits for two parameters, and count them.",
                "One-sided differences share a point among all parameters; two-sided ones share none.",
                "n + 1, twice n, and one.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            name="in_place_probe",
            part=("loss_slice", "loss_surface"),
            summary="Your probe moves the parameters themselves, so they drift while you scan.",
            nudge="Evaluate the same slice twice: why does the second one look different?",
            code=DRIFT,
        ),
        Misconception(
            name="one_scratch_dict",
            part=("loss_slice", "loss_surface"),
            summary="Your probe hands the same dictionary to every call of loss_fn.",
            nudge="What happens if loss_fn keeps it, or writes into it?",
            code=SCRATCH,
        ),
        Misconception(
            name="absolute_axis",
            part=("loss_slice", "loss_surface"),
            summary="Your probe puts alpha times the direction in the place of the parameters, instead of adding it.",
            nudge="Which loss should appear at alpha = 0?",
            edits=((MOVED, MOVED.replace("p + ", "0 * p + ")),),
        ),
        Misconception(
            name="against_the_direction",
            part=("loss_slice", "loss_surface"),
            summary="Your probe walks the wrong way: positive alphas go against the direction.",
            nudge="The gradient step is what carries a minus sign. Does this walk?",
            edits=((MOVED, MOVED.replace("p + ", "p - ")),),
        ),
        Misconception(
            name="unit_direction",
            part="loss_slice",
            summary="Your probe brings the direction to length 1 first.",
            nudge="What does alpha = 1 mean, according to the definition?",
            edits=(
                (
                    SLICE,
                    "    length = sum(np.sum(d**2) for d in direction.values()) ** 0.5\n"
                    "    alphas = np.asarray(alphas) / length\n" + SLICE,
                ),
            ),
        ),
        Misconception(
            name="axes_transposed",
            part="loss_surface",
            summary="Your surface has the betas in its rows.",
            nudge="Use grids of different sizes and look at the shape.",
            edits=((".reshape(len(alphas), len(betas))", ".reshape(len(alphas), len(betas)).T"),),
        ),
        Misconception(
            name="axes_swapped_directions",
            part="loss_surface",
            summary="Your surface moves along d2 by alpha and along d1 by beta.",
            nudge="Set all betas to 0: along which direction does the first axis move?",
            edits=(("(alpha, d1), (beta, d2)", "(alpha, d2), (beta, d1)"),),
        ),
        Misconception(
            name="global_normalisation",
            part="filter_normalize",
            summary="Your directions get one factor per array instead of one per filter.",
            nudge="Make one filter of the layer a hundred times as long: which part of the direction should change?",
            edits=((TENSOR_NORM, "np.sqrt((w**2).sum())"),),
        ),
        Misconception(
            name="bias_kept",
            part="filter_normalize",
            summary="Your arrays with one axis keep their direction.",
            nudge="What does the method do with biases?",
            edits=(("np.zeros(d.shape) if d.ndim == 1", "d.copy() if d.ndim == 1"),),
        ),
        Misconception(
            name="bias_as_filters",
            part="filter_normalize",
            summary="Your code treats each entry of a bias as a filter of its own.",
            nudge="What does the method do with arrays of one axis?",
            edits=(("np.zeros(d.shape) if d.ndim == 1 else d", "d"),),
        ),
        Misconception(
            name="filters_along_axis_1",
            part="filter_normalize",
            summary="Your filters run over axis 1: those are the inputs of a layer, not its outputs.",
            nudge="Which axis of a weight (out, in) counts what the layer puts out?",
            edits=((TENSOR_NORM, "np.sqrt((w**2).sum(axis=(0, *range(2, w.ndim)), keepdims=True))"),),
        ),
        Misconception(
            name="kernels_not_filters",
            part="filter_normalize",
            summary="Your norms are taken per kernel, over the last two axes, not per filter.",
            nudge="How many numbers does it take to compute one output channel?",
            edits=((TENSOR_NORM, "np.sqrt((w**2).sum(axis=tuple(range(w.ndim))[1:][-2:], keepdims=True))"),),
        ),
        Misconception(
            name="unit_filters",
            part="filter_normalize",
            summary="Your filters all get length 1, not the length of the filters in params.",
            nudge="Double a layer's weights and halve the next one's: should the direction stay as it is?",
            edits=(("d * _norms(params[name]) / (_norms(d) + 1e-10)", "d / (_norms(d) + 1e-10)"),),
        ),
        Misconception(
            name="no_guard",
            part="filter_normalize",
            summary="Your division has no guard against a filter of length 0.",
            nudge="What is 0/0, and what should a filter without any direction become?",
            edits=(("(_norms(d) + 1e-10)", "_norms(d)"),),
        ),
        Misconception(
            name="slope_per_unit_length",
            part="directional_derivative",
            summary="Your slope is that of a direction of length 1.",
            nudge="Double the direction: how much faster does the loss change as alpha grows?",
            edits=((SLOPE, SLOPE[:-1] + " / np.sqrt(sum(np.sum(d**2) for d in direction.values())))"),),
        ),
        Misconception(
            name="slope_averaged",
            part="directional_derivative",
            summary="Your slope averages the products within each array.",
            nudge="Two parameters move at once: do their effects add up, or do they average?",
            edits=((SLOPE, SLOPE.replace("np.sum", "np.mean")),),
        ),
        Misconception(
            name="matched_by_position",
            part="directional_derivative",
            summary="Your code pairs the arrays of the two dictionaries by position, not by name.",
            nudge="Does the order in which names were inserted mean anything?",
            edits=(
                (
                    SLOPE,
                    "float(sum(np.sum(np.resize(g, d.shape) * d) "
                    "for g, d in zip(grads.values(), direction.values(), strict=True)))",
                ),
            ),
        ),
        Misconception(
            name="zeros_count_as_flips",
            part="sign_flip_rate",
            summary="Your rate counts a step to or from 0 as a change of sign.",
            nudge="Which sign does 0 have?",
            edits=((RATE, "(np.diff(signs, axis=0) != 0).mean(axis=0)"),),
        ),
        Misconception(
            name="zeros_in_denominator",
            part="sign_flip_rate",
            summary="Your rate divides by all pairs of steps, those with a zero included.",
            nudge="Could a pair with a zero have been a flip at all?",
            edits=((RATE, "(products < 0).mean(axis=0)"),),
        ),
        Misconception(
            name="bridged_zeros",
            part="sign_flip_rate",
            summary="Your rate leaves the zeros out first and so pairs steps that aren't neighbours.",
            nudge="Between +1 and -1 the component was exactly 0 for a step: which two steps are consecutive?",
            code=BRIDGED,
        ),
        Misconception(
            name="products_of_values",
            part="sign_flip_rate",
            summary="Your rate multiplies the values themselves, and products of tiny ones are 0.",
            nudge="What is 1e-200 times -1e-200 in floating point?",
            edits=(("signs = np.sign(grad_history)", "signs = np.asarray(grad_history, dtype=np.float64)"),),
        ),
        Misconception(
            name="one_pair_is_enough",
            part="sign_flip_rate",
            summary="Your rate is also given for a component with a single counted pair.",
            nudge="How many counted pairs does a rate need here?",
            edits=(("counted >= 2", "counted >= 1"),),
        ),
        Misconception(
            name="forward_without_base",
            part="num_evaluations",
            summary="Your count for one-sided differences leaves out the unperturbed loss.",
            nudge="With what is each perturbed loss compared?",
            edits=(("n_params + 1", "n_params"),),
        ),
        Misconception(
            name="central_once",
            part="num_evaluations",
            summary="Your count for central differences has one evaluation per parameter.",
            nudge="How many points does a central difference look at?",
            edits=(("2 * n_params", "n_params"),),
        ),
        Misconception(
            name="backprop_per_parameter",
            part="num_evaluations",
            summary="Your count lets backpropagation evaluate the loss once per parameter.",
            nudge="How many forward passes does one training step need?",
            edits=(('"backprop": 1', '"backprop": n_params'),),
        ),
    ),
    equivalents=(
        Equivalent(
            "name: np.zeros(d.shape) if d.ndim == 1 else d * _norms(params[name]) / (_norms(d) + 1e-10)",
            "name: np.zeros(d.shape) if d.ndim <= 1 else d * _norms(params[name]) / (_norms(d) + 1e-10)",
            "every array has at least one axis",
        ),
        Equivalent(
            "return np.where(counted >= 2, flipped / np.maximum(counted, 1), 0.0)",
            "return np.where(counted >= 2, flipped / np.maximum(counted, 2), 0.0)",
            "quotients of counts below 2 aren't used",
        ),
        Equivalent(
            "return np.where(counted >= 2, flipped / np.maximum(counted, 1), 0.0)",
            "return np.where(counted >= 2, flipped / np.maximum(counted, 0), 0.0)",
            "a division by 0 only warns, and its result isn't used",
        ),
    ),
)
