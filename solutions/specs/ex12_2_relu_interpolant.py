"""Cases, misconceptions and hints for 12-2.

Any weights of the right function pass. Most cases compare what the network gives, computed next to the submission, so
that a wrong one can be diagnosed; those called "checked weights" compute it on the trusted side.
"""

import numpy as np

from grader.spec import Case, Equivalent, Exercise, Misconception, Part, Speed, Tolerance

NEAR = Tolerance(0.0, 1e-9, scaled=False)


def interpolant(student, t, limit, **knots):
    return judged(student.relu_interpolant(**knots), t, limit)


def raw_interpolant(student, t, limit, **knots):
    return student.relu_interpolant(**knots)


def judged(net, t, limit):
    """What a network gives, by place, and whether it has more units than allowed; nothing of that if it is none."""
    problem = wrong_form(None, net)
    seen = {"weights": problem or "of the form asked for"}
    seen |= {place: None if problem else outputs(net, numbers) for place, numbers in t.items()}
    return {**seen, "more units than allowed": None if problem else len(net["b1"]) > limit}


def outputs(net, t):
    return np.maximum(np.outer(t, net["W1"][:, 0]) + net["b1"], 0) @ net["W2"][0] + net["b2"]


def wrong_form(inputs, net):
    names = ("W1", "b1", "W2", "b2")
    if not isinstance(net, dict) or set(net) != set(names):
        return "not a dictionary of W1, b1, W2 and b2"
    for name in names:
        if not isinstance(net[name], np.ndarray) or net[name].dtype != np.float64:
            return f"{name} isn't a float64 array"
    H = net["b1"].size
    for name, shape in (("W1", (H, 1)), ("b1", (H,)), ("W2", (1, H)), ("b2", (1,))):
        if net[name].shape != shape:
            return f"{name} has shape {net[name].shape}, not {shape}"
    return None


def rounding(x, y):
    """1e-9 * (1 + steepest slope * distance between the outermost knots)."""
    order = np.argsort(x)
    x, y = x[order].astype(np.float64), y[order].astype(np.float64)
    steepest = np.max(np.abs(np.diff(y) / np.diff(x)), initial=0.0)
    return 1e-9 * (1 + steepest * (x[-1] - x[0]))


def right_curve(x, y, extrapolate, t):
    order = np.argsort(x)
    x, y = x[order].astype(np.float64), y[order].astype(np.float64)
    curve = np.interp(t, x, y)
    if extrapolate == "linear" and len(x) > 1:
        curve += (y[-1] - y[-2]) / (x[-1] - x[-2]) * np.maximum(t - x[-1], 0)
    return curve


def not_the_interpolant(inputs, net):
    if problem := wrong_form(inputs, net):
        return problem
    if len(net["b1"]) > inputs["limit"]:
        return f"the network has {len(net['b1'])} hidden units, allowed are {inputs['limit']}"
    x, y, extrapolate = inputs["x_knots"], inputs["y_knots"], inputs.get("extrapolate", "clamp")
    for place, t in inputs["t"].items():
        errors = np.abs(outputs(net, t) - right_curve(x, y, extrapolate, t))
        if not np.all(errors <= rounding(x, y)):
            return f"the network misses the curve {place}"
    return None


def limit(x, extrapolate):
    return len(x) if extrapolate == "clamp" else len(x) - 1


def probes(x):
    x = np.sort(x).astype(np.float64)
    reach = 1 + x[-1] - x[0]
    between = np.append((x[1:] + x[:-1]) / 2, 0.7 * x[:-1] + 0.3 * x[1:])
    left, right = x[0] - reach * np.array([2, 1, 0.1]), x[-1] + reach * np.array([0.1, 1, 2])
    return {"at the knots": x, "between the knots": between, "far left": left, "far right": right}


def knots(rng, count, scale=1.0):
    x = np.cumsum(rng.uniform(0.1, 1.0, count)) - count / 3
    return x, scale * rng.standard_normal(count)


def interpolant_cases(rng):
    def case(name, x, y, extrapolate="clamp", default=False, **options):
        x, y = np.asarray(x), np.asarray(y)
        inputs = {"x_knots": x, "y_knots": y, "t": probes(x), "limit": limit(x, extrapolate)}
        if not default:
            inputs["extrapolate"] = extrapolate
        repeated = len(np.unique(x)) < len(x)
        near = NEAR if repeated else Tolerance(0.0, rounding(x, y), scaled=False)
        return Case(name, inputs, **{"tolerance": near, **options})

    def checked(name, *args, **options):
        return case(f"{name}, checked weights", *args, driver=raw_interpolant, check=not_the_interpolant, **options)

    form = {"driver": raw_interpolant, "check": wrong_form}
    yield case("keys, shapes and dtypes", [0.0, 1.0], [0.0, 1.0], **form)
    yield case("one segment from (0, 0) to (1, 1)", [0.0, 1.0], [0.0, 1.0])
    yield case("one segment from (0, 0) to (1, 1), linear", [0.0, 1.0], [0.0, 1.0], "linear")
    yield case("a ramp from (1, 0) to (3, 4)", [1.0, 3.0], [0.0, 4.0])
    yield case("starting at the height 5", [0.0, 1.0], [5.0, 6.0])
    yield case("up and down again", [0.0, 1.0, 2.0], [0.0, 1.0, 0.0])
    yield case("up, and steeper up", [0.0, 1.0, 2.0], [0.0, 1.0, 3.0], "linear")
    yield case("the default is clamp", [0.0, 1.0, 2.0], [0.0, 1.0, 3.0], default=True)
    yield case("knots from right to left", [2.0, 1.0, 0.0], [3.0, 1.0, 0.0])
    x, y = knots(rng, 9)
    mixed = rng.permutation(9)
    for extrapolate in ("clamp", "linear"):
        yield case(f"9 knots, {extrapolate}", x, y, extrapolate)
        yield case(f"9 knots shuffled, {extrapolate}", x[mixed], y[mixed], extrapolate)
        yield checked(f"9 knots shuffled, {extrapolate}", x[mixed], y[mixed], extrapolate)
        yield case(f"far from the origin, {extrapolate}", x + 1000, y - 50, extrapolate)
        yield case(f"all knots on a line, {extrapolate}", x, 2 * x - 1, extrapolate)
        yield case(f"a constant, {extrapolate}", x, np.full(9, 2.5), extrapolate)
        yield case(f"a single knot, {extrapolate}", x[:1], y[:1], extrapolate)
        yield checked(f"a single knot, {extrapolate}", x[:1], y[:1], extrapolate)
        yield case(f"two knots, {extrapolate}", x[:2], y[:2], extrapolate)
    many = knots(rng, 60, 30.0)
    yield case("60 knots, steep", *many)
    yield checked("60 knots, steep", *many, "linear")
    yield case("uint8 knots, falling", np.array([200, 3, 90], np.uint8), np.array([10, 250, 4], np.uint8), "linear")
    yield case("int8 knots far apart", np.array([100, -100, 3], np.int8), np.array([-90, 100, 7], np.int8))
    yield case("int64 knots", np.array([3, -1, 2]), np.array([1, 4, -2]))
    yield case("float32 knots", x.astype(np.float32), y.astype(np.float32))
    yield case("reversed and strided knots", x[::-1], np.repeat(y, 2)[::2])
    yield case("read-only heights", x, np.broadcast_to(np.array(0.5), 9), "linear")
    near = 1.0 + 1e-12
    yield case("two knots close together", [0.0, 1.0, near, 2.0], [0.0, 1.0, near, 0.0])
    yield case("two knots with the same x", [0.0, 1.0, 1.0], [0.0, 1.0, 2.0])
    yield case("the same knot twice, not next to each other", [1.0, 0.0, 1.0], [3.0, 1.0, 3.0], "linear")
    yield case("an unknown extrapolation", x, y, "wrap")
    yield case("an extrapolation in capitals", x, y, "Linear")
    yield case("an extrapolation cut short", x, y, "lin")
    yield case("an unknown extrapolation of a single knot", x[:1], y[:1], "wrap")
    yield case("9 knots again", x, y)
    far = np.linspace(0, 1, 100_000) + rng.uniform(-3e-6, 3e-6, 100_000)
    mixed = rng.permutation(100_000)
    far, wave = far[mixed], np.sin(20 * far)[mixed]
    inputs = {
        "x_knots": far,
        "y_knots": wave,
        "t": {"between the knots": np.linspace(0.1, 0.9, 9), "far right": np.array([2.0])},
        "limit": 100_000,
    }
    near = Tolerance(0.0, 1e-6, scaled=False)
    yield Case("100 000 knots", {**inputs, "extrapolate": "clamp"}, tolerance=near, speed=Speed())


def eval_cases(rng):
    def case(name, W1, b1, W2, b2, t):
        net = {"W1": np.reshape(W1, (-1, 1)), "b1": np.asarray(b1), "W2": np.reshape(W2, (1, -1)), "b2": np.asarray(b2)}
        return Case(name, {"net": net, "t": np.asarray(t)})

    yield case("one unit, three numbers", [1.0], [0.0], [1.0], [0.0], [-1.0, 0.0, 2.0])
    yield case("a unit that falls, and an offset", [-1.0], [1.0], [2.0], [5.0], [0.0, 1.0, 2.0])
    yield case("a hat", [1.0, 1.0, 1.0], [0.0, -1.0, -2.0], [1.0, -2.0, 1.0], [0.0], [-1.0, 0.5, 1.0, 1.5, 3.0])
    yield case("a negative output", [1.0], [0.0], [-3.0], [1.0], [0.0, 1.0, 2.0])
    yield case("a unit that doesn't look at the number", [0.0, 1.0], [3.0, 0.0], [2.0, 1.0], [0.5], [-1.0, 0.0, 2.0])
    weights = rng.standard_normal((3, 8))
    t = rng.normal(0, 2, 11)
    yield case("8 units, 11 numbers", *weights, rng.standard_normal(1), t)
    yield case("as many units as numbers", *weights, rng.standard_normal(1), t[:8])
    yield case("a single number", *weights, rng.standard_normal(1), t[:1])
    yield case("no number", *weights, rng.standard_normal(1), t[:0])
    yield case("no hidden unit", [], [], [], [2.5], t)
    yield case("no hidden unit, no number", [], [], [], [2.5], [])
    small = np.array([100, -100], np.int8)
    offset, numbers = np.array([100], np.int8), np.array([3, -100, 90], np.int8)
    yield case("int8 weights and numbers", small, small, small, offset, numbers)
    single = weights.astype(np.float32)
    yield case("float32 weights and numbers", *single, np.float32([0.5]), t.astype(np.float32))
    yield case("float32 numbers", *weights, [0.5], t.astype(np.float32))
    yield case("int64 numbers", *weights, [0.5], np.arange(-3, 4))
    yield case("reversed and strided arrays", *weights[:, ::-1], [0.5], np.repeat(t, 2)[::-2])
    constant = np.broadcast_to(np.array(0.5), 8)
    yield case("read-only arrays", constant, constant, constant, [0.5], np.broadcast_to(np.array(0.5), 6))
    yield case("3000 numbers", *weights, [0.5], rng.normal(0, 2, 3000))
    yield case("8 units again, 11 numbers", *weights, [0.5], t)
    yield case("8 units once more, 11 numbers", *weights, [0.5], t)


def segment_cases(rng):
    def case(name, f2_max, a, b, tol):
        return Case(name, {"f2_max": f2_max, "a": a, "b": b, "tol": tol})

    yield case("f'' up to 8, interval of length 1.5, tol 1", 8.0, 0.0, 1.5, 1.0)
    yield case("a quarter of the tolerance, and a little more", 8.0, 0.0, 1.5, 0.26)
    yield case("sine on [0, 2 pi], tol 1e-3", 1.0, 0.0, 2 * np.pi, 1e-3)
    yield case("sine on [0, 2 pi], tol 1e-6", 1.0, 0.0, 2 * np.pi, 1e-6)
    yield case("an interval left of 0", 3.0, -7.3, -2.1, 0.01)
    yield case("a straight line", 0.0, 0.0, 5.0, 1e-6)
    yield case("a tolerance that any line meets", 0.1, 0.0, 1.0, 50.0)
    yield case("just above one segment", 8.0, 0.0, 1.001, 1.0)
    yield case("just below two segments", 8.0, 0.0, 1.999, 1.0)
    yield case("exactly two segments", 8.0, 0.0, 2.0, 1.0)
    yield case("a little more than two segments", 8.0, 0.0, 2.0 + 1e-7, 1.0)
    yield case("integers", 7, -1, 2, 3)
    yield case("a steep bend", 1e6, 0.0, 1.0, 0.03)
    for number in range(3):
        f2_max, length, tol = np.exp(rng.uniform(-1, 3, 3)) * [1, 1, 1e-4]
        exact = length * np.sqrt(f2_max / (8 * tol))
        shift = np.floor(exact) + 0.5  # far from a whole number, where rounding would decide
        yield case(f"random numbers, {number + 1}", float(f2_max), 0.0, float(length * shift / exact), float(tol))
    yield case("numpy scalars", np.float64(8.0), np.float64(1.0), np.int64(4), np.float64(0.3))


CURVES = {  # name: ends, bound of the second derivative
    "sin": (0.0, 2 * np.pi, 1.0),
    "exp": (-1.0, 2.0, np.exp(2.0)),
    "square": (-1.0, 3.0, 2.0),
    "runge": (-1.0, 1.0, 50.0),
    "line": (2.0, 5.0, 0.0),
}


def curve(name, t):
    if name == "square":
        return t * t
    if name == "runge":
        return 1 / (1 + 25 * t * t)
    if name == "line":
        return 3 - 2 * t
    return getattr(np, name)(t)


def network_of(student, name, a, b, f2_max, tol, limit):
    def f(t):
        return curve(name, t)

    return student.approximate(f, a, b, f2_max, tol)


def error_of(student, name, a, b, f2_max, tol, limit):
    """By how much the error exceeds the tolerance, and whether there are more units than allowed."""
    net = network_of(student, name, a, b, f2_max, tol, limit)
    problem = wrong_form(None, net)
    return {
        "weights": problem or "of the form asked for",
        "error above tol": None if problem else excess(net, name, a, b, tol),
        "more units than allowed": None if problem else len(net["b1"]) > limit,
    }


def excess(net, name, a, b, tol):
    t = np.linspace(a, b, 1501)
    return float(np.maximum(0.0, np.abs(outputs(net, t) - curve(name, t)).max() - tol - 1e-9))


def not_an_approximation(inputs, net):
    if problem := wrong_form(inputs, net):
        return problem
    if len(net["b1"]) > inputs["limit"]:
        return f"the network has {len(net['b1'])} hidden units, allowed are {inputs['limit']}"
    if excess(net, inputs["name"], inputs["a"], inputs["b"], inputs["tol"]) != 0:
        return "the error of the network exceeds tol"
    return None


def approximate_cases(rng):
    def case(label, name, tol, ends=None, **options):
        a, b, f2_max = CURVES[name]
        a, b = ends or (a, b)
        segments = max(1, int(np.ceil((b - a) * np.sqrt(f2_max / (8 * tol)))))
        inputs = {"name": name, "a": a, "b": b, "f2_max": f2_max, "tol": tol, "limit": segments + 1}
        return Case(label, inputs, **options)

    def checked(label, *args):
        return case(f"{label}, checked weights", *args, driver=network_of, check=not_an_approximation)

    yield case("3 - 2 x, tol 0.1", "line", 0.1)
    yield case("x squared, tol 0.3", "square", 0.3)
    for name, label in (("sin", "sine"), ("exp", "exponential"), ("square", "x squared"), ("runge", "1/(1 + 25 x^2)")):
        for tol in (0.11, 1.3e-3):
            yield case(f"{label}, tol {tol:g}", name, tol)
        yield checked(f"{label}, tol 0.013", name, 0.013)
    yield case("sine, an interval far from 0", "sin", 0.013, (100.0, 104.0))
    start = float(rng.uniform(-9.0, 9.0))
    ends, driver = (start, start + 4.0), network_of
    yield case("sine, a drawn interval, checked weights", "sin", 0.013, ends, driver=driver, check=not_an_approximation)
    yield case("exponential, one segment is enough", "exp", 3.0, (0.0, 1.0))
    yield case("x squared, ends as integers", "square", 0.07, (-2, 3))
    yield case("sine again, tol 0.11", "sin", 0.11)


INTERPOLANT = Part(
    name="relu_interpolant",
    cases=interpolant_cases,
    driver=interpolant,
    hints=(
        "Walk along the curve from the left. It starts flat at the first height, and at each knot its slope changes.",
        "relu(t - x) is 0 up to x and has slope 1 after it, for ever. So a unit that wakes at a knot has to change the "
        "slope there, not to be the slope.",
        "W1 is all ones, b1 is minus the knots, b2 is the height of the first knot, and W2 holds the differences of "
        "successive slopes, beginning with slope 0 on the left.",
        "'clamp' needs one more slope on the right, 0, and so a unit at the last knot. Sort x and y together first.",
    ),
)

EVAL = Part(
    name="net_eval",
    cases=eval_cases,
    hints=(
        "Every number meets every unit: an array of shape (m, H), then ReLU, then a sum over the units.",
        "t[:, None] broadcasts against W1[:, 0] and b1. Convert t to float64 before anything is multiplied.",
        "np.maximum(..., 0) @ W2[0] has shape (m,); b2 is added after that. It works for H = 0 and m = 0 as it is.",
    ),
)

SEGMENTS = Part(
    name="num_segments",
    cases=segment_cases,
    hints=(
        "The error falls with the square of the segment's length: to halve it you need about 1.4 times as many.",
        "Put h = (b - a) / n into h**2 / 8 * f2_max <= tol and solve for n.",
        "n is at least (b - a) * sqrt(f2_max / (8 * tol)): round up, return an int, and never less than 1.",
    ),
)

APPROXIMATE = Part(
    name="approximate",
    cases=approximate_cases,
    driver=error_of,
    tolerance=Tolerance(1e-6, 1e-10, scaled=False),
    hints=(
        "Ask num_segments how fine it has to be, sample f at the knots, and connect the dots.",
        "n segments have n + 1 ends, the first is a and the last is b.",
        "np.linspace(a, b, n + 1) are the knots; relu_interpolant makes the network. Either extrapolation is fine.",
    ),
)

KINKS = "    kinks = np.diff(np.concatenate([[0.0], slopes, after]))\n"
SORTED = "    x, y = np.asarray(x_knots, np.float64)[order], np.asarray(y_knots, np.float64)[order]\n"
BENDS = "    bends = x[: len(kinks)]\n"
NET = '    return {"W1": np.ones((len(bends), 1)), "b1": -bends, "W2": kinks[None], "b2": y[:1]}\n'
EVALUATION = '    return np.maximum(t[:, None] * net["W1"][:, 0] + net["b1"], 0) @ net["W2"][0] + net["b2"]\n'
COUNT = "int(np.ceil((b - a) * np.sqrt(f2_max / (8 * tol))))"

exercise = Exercise(
    parts=(INTERPOLANT, EVAL, SEGMENTS, APPROXIMATE),
    misconceptions=(
        Misconception(
            name="slopes_not_differences",
            part="relu_interpolant",
            summary="Your output weights are the slopes of the segments.",
            nudge="What do the units that were switched on further left keep adding?",
            edits=((KINKS, "    kinks = np.concatenate([slopes, after])\n"),),
        ),
        Misconception(
            name="breaks_at_minus_x",
            part="relu_interpolant",
            summary="Your hidden biases have the wrong sign: the kinks are at minus x.",
            nudge="Where does relu(t + b) begin to rise?",
            edits=((NET, NET.replace('"b1": -bends', '"b1": bends')),),
        ),
        Misconception(
            name="bends_one_knot_late",
            part="relu_interpolant",
            summary="Your units wake up at the right ends of their segments.",
            nudge="Which unit makes the curve rise between the first two knots?",
            edits=((BENDS, "    bends = np.append(x[1:], x[-1])[: len(kinks)]\n"),),
        ),
        Misconception(
            name="no_offset",
            part="relu_interpolant",
            summary="Your network is 0 on the far left.",
            nudge="What does the network give where no unit is switched on, and what should it give?",
            edits=((NET, NET.replace("y[:1]", "np.zeros(1)")),),
        ),
        Misconception(
            name="unsorted",
            part="relu_interpolant",
            summary="Your network takes the knots in the order in which they arrive.",
            nudge="Shuffle the points: is it still the same curve?",
            edits=(("    order = np.argsort(x_knots)\n", "    order = np.arange(len(x_knots))\n"),),
        ),
        Misconception(
            name="heights_not_sorted_along",
            part="relu_interpolant",
            summary="Your network sorts the x of the knots, but leaves the heights in their old order.",
            nudge="A knot is a pair. What happens to its second half when the first is moved?",
            edits=(
                (SORTED, SORTED.replace("np.asarray(y_knots, np.float64)[order]", "np.array(y_knots, np.float64)")),
            ),
        ),
        Misconception(
            name="two_sided_linear",
            part="relu_interpolant",
            summary="Your network keeps the first slope to the left of all knots.",
            nudge="Evaluate far left: what is asked for there?",
            edits=(
                (
                    NET,
                    "    left = slopes[:1]\n"
                    '    return {"W1": np.append(np.ones(len(bends)), -np.ones(len(left)))[:, None],\n'
                    '            "b1": np.append(-bends, x[: len(left)]), "b2": y[:1],\n'
                    '            "W2": np.append(kinks, -left)[None]}\n',
                ),
            ),
        ),
        Misconception(
            name="needs_too_many_units",
            part="relu_interpolant",
            summary="Your network gives the right curve, but needs several units for each knot.",
            nudge="A bump takes three kinks. How many kinks does the whole curve have?",
            edits=(
                (KINKS, KINKS + "    kinks = np.repeat(kinks, 3) / 3\n"),
                (BENDS, "    bends = np.repeat(x, 3)[: len(kinks)]\n"),
            ),
        ),
        Misconception(
            name="no_clamp",
            part="relu_interpolant",
            summary="Your network goes on with the last slope to the right, with 'clamp' as well.",
            nudge="Evaluate far right: which unit could stop the rise at the last knot?",
            edits=(('[0.0] if extrapolate == "clamp" else []', "[]"),),
        ),
        Misconception(
            name="always_clamped",
            part="relu_interpolant",
            summary="Your network is constant to the right of all knots, with 'linear' as well.",
            nudge="Which of your units has nothing to do if the last slope may go on?",
            edits=(('[0.0] if extrapolate == "clamp" else []', "[0.0]"),),
        ),
        Misconception(
            name="repeated_x_accepted",
            part="relu_interpolant",
            summary="Your network is built even if two knots have the same x.",
            nudge="Which slope would a segment of length 0 have?",
            edits=(("    if np.any(steps == 0):\n", "    if False:\n"),),
        ),
        Misconception(
            name="relu_left_out",
            part="net_eval",
            summary="Your evaluation has no ReLU.",
            nudge="A sum of straight lines is a straight line. Where does the curve come from?",
            edits=((EVALUATION, EVALUATION.replace("np.maximum(", "(").replace(", 0) @", ") @")),),
        ),
        Misconception(
            name="relu_on_the_output",
            part="net_eval",
            summary="Your evaluation puts the output through a ReLU, too.",
            nudge="Can the network give a negative number?",
            edits=(
                (
                    EVALUATION,
                    EVALUATION.replace("return ", "return np.maximum(").replace('net["b2"]\n', 'net["b2"], 0)\n'),
                ),
            ),
        ),
        Misconception(
            name="only_its_own_networks",
            part="net_eval",
            summary="Your evaluation assumes that all of W1 is 1.",
            nudge="Which of the four arrays does your code never read?",
            edits=((EVALUATION, EVALUATION.replace(' * net["W1"][:, 0]', "")),),
        ),
        Misconception(
            name="output_bias_left_out",
            part="net_eval",
            summary="Your evaluation leaves b2 out.",
            nudge="What does a network without hidden units give?",
            edits=((EVALUATION, EVALUATION.replace(' + net["b2"]\n', "\n")),),
        ),
        Misconception(
            name="output_bias_per_unit",
            part="net_eval",
            summary="Your evaluation adds b2 once for each hidden unit.",
            nudge="Is b2 added before or after the sum over the units?",
            edits=((EVALUATION, EVALUATION.replace(' + net["b2"]\n', ' + net["b2"] * len(net["b1"])\n')),),
        ),
        Misconception(
            name="rounded_down",
            part="num_segments",
            summary="Your number of segments is rounded down.",
            nudge="With your number, is the bound at most tol, or just about tol?",
            edits=((COUNT, COUNT.replace("ceil", "floor")),),
        ),
        Misconception(
            name="one_segment_more",
            part="num_segments",
            summary="Your number is one too large.",
            nudge="Is yours the smallest number that meets the bound?",
            edits=((COUNT, COUNT + " + 1"),),
        ),
        Misconception(
            name="eighth_forgotten",
            part="num_segments",
            summary="Your bound leaves the factor 1/8 out.",
            nudge="Where on a segment is the error largest, and how far is that from both ends?",
            edits=((COUNT, COUNT.replace("(8 * tol)", "tol")),),
        ),
        Misconception(
            name="half_not_eighth",
            part="num_segments",
            summary="Your bound has the factor 1/2 of a tangent line, where a line through both ends does better.",
            nudge="A Taylor expansion is exact at one point. At how many points is an interpolating line exact?",
            edits=((COUNT, COUNT.replace("(8 * tol)", "(2 * tol)")),),
        ),
        Misconception(
            name="no_root",
            part="num_segments",
            summary="Your number grows like 1 / tol.",
            nudge="If h is halved, by which factor does the bound shrink?",
            edits=((COUNT, "int(np.ceil((b - a) * f2_max / (8 * tol)))"),),
        ),
        Misconception(
            name="no_minimum",
            part="num_segments",
            summary="Your number is 0 for a straight line.",
            nudge="With how many segments can you connect a with b?",
            edits=((f"max(1, {COUNT})", COUNT),),
        ),
        Misconception(
            name="segments_taken_for_knots",
            part="approximate",
            summary="Your network has one segment fewer than you counted.",
            nudge="How many posts does a fence of n panels have?",
            edits=(("num_segments(f2_max, a, b, tol) + 1)", "max(2, num_segments(f2_max, a, b, tol)))"),),
        ),
        Misconception(
            name="right_end_missing",
            part="approximate",
            summary="Your knots stop one step before the right end of the interval.",
            nudge="What does your network do between the last knot and b?",
            edits=(
                (
                    "np.linspace(a, b, num_segments(f2_max, a, b, tol) + 1)",
                    "np.linspace(a, b, num_segments(f2_max, a, b, tol), endpoint=False)",
                ),
            ),
        ),
        Misconception(
            name="far_more_than_needed",
            part="approximate",
            summary="Your network is fine enough, but has many more units than the bound asks for.",
            nudge="Which number of segments is already enough, whatever the curve looks like inside the bound?",
            edits=(("num_segments(f2_max, a, b, tol) + 1)", "10 * num_segments(f2_max, a, b, tol) + 1)"),),
        ),
        Misconception(
            name="knots_for_the_unit_interval",
            part="approximate",
            summary="Your knots lie between 0 and 1, whatever a and b are.",
            nudge="Try an interval far from 0.",
            edits=(("np.linspace(a, b, num", "np.linspace(0.0, 1.0, num"),),
        ),
    ),
    equivalents=(
        Equivalent("if np.any(steps == 0):", "if np.any(steps <= 0):", "the knots are sorted"),
        Equivalent(
            'after = [0.0] if extrapolate == "clamp" else []',
            'after = [0.0] if extrapolate <= "clamp" else []',
            "'linear' comes after 'clamp' in the alphabet",
        ),
        Equivalent(
            'return np.maximum(t[:, None] * net["W1"][:, 0] + net["b1"], 0) @ net["W2"][0] + net["b2"]',
            'return np.maximum(t[:, None] * net["W1"][:, -1] + net["b1"], 0) @ net["W2"][0] + net["b2"]',
            "W1 has one column",
        ),
        Equivalent(
            'return np.maximum(t[:, None] * net["W1"][:, 0] + net["b1"], 0) @ net["W2"][0] + net["b2"]',
            'return np.maximum(t[:, None] * net["W1"][:, 0] + net["b1"], 0) @ net["W2"][ -1] + net["b2"]',
            "W2 has one row",
        ),
    ),
)
