"""Short runs, with given gradients and with those of a landscape. What counts are the model's own arrays."""

import numpy as np

from grader.spec import T32, T64L, Case, Exercise, Misconception, Part


def train(student, optimizer, params, grads, settings, lrs=None, none=None, missing=None):
    """A run. grads: name -> (steps, *shape); none, missing: name -> steps (from 1) without a gradient."""
    arrays = copies(params)
    made = getattr(student, optimizer)(dict(arrays), **settings)
    return follow(made, arrays, per_step(grads, none or {}, missing or {}), lrs)


def descend(student, optimizer, landscape, start, settings, steps):
    """A run under the gradients of a landscape, taken where the parameter is."""
    arrays = {"x": np.array(start)}
    made = getattr(student, optimizer)(dict(arrays), **settings)
    seen = {}
    for t in range(1, steps + 1):
        made.step({"x": gradient(landscape, arrays["x"])})
        seen |= snapshot(arrays, t, steps)
    return seen


def train_views(student, optimizer, params, grads, settings):
    """A run whose parameters are windows into one long array, as flattened models have them."""
    flat = np.concatenate([np.ravel(value) for value in params.values()])
    arrays, start = {}, 0
    for name, value in params.items():
        arrays[name] = flat[start : start + value.size].reshape(value.shape)
        start += value.size
    made = getattr(student, optimizer)(dict(arrays), **settings)
    return follow(made, arrays, per_step(grads, {}, {}), None) | {"the long array": flat}


def train_and_reuse(student, optimizer, params, grads, settings):
    """A run whose caller has one set of gradient arrays, filled anew for every step and spoilt after it."""
    arrays, lent, seen = copies(params), {name: value[0] + 0 for name, value in grads.items()}, {}
    made = getattr(student, optimizer)(dict(arrays), **settings)
    steps = per_step(grads, {}, {})
    for t, step in enumerate(steps, 1):
        for name, value in step.items():
            lent[name][...] = value
        made.step(lent)
        seen |= {f"gradient of {name} after step {t}": value.copy() for name, value in lent.items()}
        for value in lent.values():
            value.fill(np.nan)
        seen |= snapshot(arrays, t, len(steps))
    return seen


def train_two(student, optimizer, params, grads, settings):
    """Two models in turns, each with an optimiser of its own; the second gets other gradients."""
    first, second = copies(params), copies(params)
    one = getattr(student, optimizer)(dict(first), **settings)
    two = getattr(student, optimizer)(dict(second), **settings)
    seen = {"first model": {}, "second model": {}}
    steps = per_step(grads, {}, {})
    for t, step in enumerate(steps, 1):
        one.step(step)
        two.step({name: -2 * g for name, g in step.items()})
        seen["first model"] |= snapshot(first, t, len(steps))
        seen["second model"] |= snapshot(second, t, len(steps))
    return seen


def copies(arrays):
    return {name: np.array(value) for name, value in arrays.items()}


def per_step(grads, none, missing):
    """What is handed to `step`, one dictionary per step."""
    steps = len(next(iter(grads.values())))
    return [
        {
            name: None if t in none.get(name, ()) else value[t - 1, ...]
            for name, value in grads.items()
            if t not in missing.get(name, ())
        }
        for t in range(1, steps + 1)
    ]


def follow(made, arrays, steps, lrs):
    seen = {}
    for t, step in enumerate(steps, 1):
        if lrs is not None:
            made.lr = float(lrs[t - 1])
        made.step(step)
        seen |= snapshot(arrays, t, len(steps))
    return seen


def snapshot(arrays, t, last):
    """Copies of the parameters after steps 1, 2, 4, 8 ... and the last."""
    if t & (t - 1) and t != last:
        return {}
    return {f"{name} after step {t}": value.copy() for name, value in arrays.items()}


def gradient(landscape, point):
    x = np.array(point, dtype=np.float64)
    if landscape == "tilted double well":  # the sum of x^4/4 - x^2/2 - 0.15 x
        return x**3 - x - 0.15
    if landscape == "rosenbrock":
        steep = 200 * (x[1] - x[0] ** 2)
        return np.array([-2 * (1 - x[0]) - 2 * x[0] * steep, steep])
    return landscape["H"] @ x


def height(landscape, point):
    x = np.array(point, dtype=np.float64)
    if landscape == "tilted double well":
        return float((x**4 / 4 - x**2 / 2 - 0.15 * x).sum())
    if landscape == "rosenbrock":
        return float((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2)
    return float(0.5 * x @ landscape["H"] @ x)


# What every optimiser has to get right. `settings` are such that each piece of its state matters.


def habits(rng, optimizer, settings):
    def case(name, params, grads, driver=train, tolerance=None, settings=settings, **more):
        inputs = {"optimizer": optimizer, "params": params, "grads": grads, "settings": settings, **more}
        return Case(f"{name} ({optimizer})", inputs, driver=driver, tolerance=tolerance)

    def walk(name, landscape, start, steps=80, **changes):
        inputs = {"landscape": landscape, "start": start, "settings": settings | changes, "steps": steps}
        return Case(f"{name} ({optimizer})", {"optimizer": optimizer, **inputs}, driver=descend)

    weight, bias = rng.normal(size=(2, 3)), rng.normal(size=3)
    for_weight, for_bias = rng.normal(0.5, 1, (6, 2, 3)), rng.normal(-0.5, 1, (6, 3))
    params, grads = {"weight": weight, "bias": bias}, {"weight": for_weight, "bias": for_bias}

    plain = {name: value for name, value in settings.items() if name != "weight_decay"}
    yield case("two parameters, six steps", params, grads)
    yield case("the caller spoils its gradients after each step", params, grads, driver=train_and_reuse)
    yield case("spoilt gradients without decay", params, grads, driver=train_and_reuse, settings=plain)
    zeros = for_bias.copy()
    zeros[[0, 3, 4]] = 0.0
    yield case("gradients of zeros are steps, too", {"bias": bias}, {"bias": zeros}, settings=plain)
    yield case("None now and then: that parameter waits", params, grads, none={"bias": [2, 5]})
    yield case("None in the first steps", params, grads, none={"weight": [1, 2, 3]})
    yield case("no entry for a parameter means None", params, grads, missing={"bias": [3, 4]})
    yield case("no entry for the first parameter", params, grads, missing={"weight": [1, 4]})
    yield case("lr is changed between steps", params, grads, lrs=[0.1, 0.1, 0.01, 0.01, 0.3, 0.2])
    yield case("parameters are windows into one array", params, grads, driver=train_views)
    yield case("two models in turns", params, grads, driver=train_two)
    turned = {"weight": np.asfortranarray(for_weight)[:, ::-1], "bias": np.repeat(for_bias, 2, axis=1)[:, ::2]}
    yield case("gradients in other memory layouts", params, turned)
    yield case(
        "one row as the gradient of all", {"weight": weight}, {"weight": np.broadcast_to(for_bias[:, None], (6, 2, 3))}
    )
    yield case("a single number as parameter", {"scale": np.array(0.7)}, {"scale": rng.normal(size=5)})
    yield case(
        "an empty parameter", {"none": np.zeros((0, 3)), "bias": bias}, {"none": np.zeros((6, 0, 3)), "bias": for_bias}
    )
    single = {name: value.astype(np.float32) for name, value in params.items()}
    singles = {name: value.astype(np.float32) for name, value in grads.items()}
    yield case("float32 stays float32", single, singles, tolerance=T32)
    bowl = {"H": np.diag([1.0, 30.0]) + 0.5}
    yield walk("a narrow bowl", bowl, np.array([2.0, 1.0]))
    yield walk("Rosenbrock's valley", "rosenbrock", np.array([-1.2, 1.0]), lr=settings.get("lr", 0.1) / 100)
    yield walk("the tilted double well", "tilted double well", np.array([-2.0, 0.05, 1.5]))
    yield case("two parameters again", params, grads)


def adagrad_cases(rng):
    def case(name, x, grads, **settings):
        inputs = {"optimizer": "Adagrad", "params": {"x": np.array(x)}, "grads": {"x": np.array(grads)}}
        return Case(f"{name} (Adagrad)", {**inputs, "settings": settings}, driver=train)

    yield case("one step by hand", [1.0, -2.0], [[3.0, -0.5]], lr=0.1)
    yield case("two steps by hand", [1.0], [[3.0], [4.0]], lr=0.1)
    yield case("defaults", [1.0, -2.0], rng.normal(size=(8, 2)))
    yield case("the same gradient twenty times", [1.0, -2.0], np.tile([0.3, -4.0], (20, 1)), lr=0.5)
    yield case("a large gradient is never forgotten", [1.0], np.array([[10.0], *[[0.1]] * 15]), lr=0.5)
    yield case("tiny gradients", [1.0, -2.0], 1e-9 * rng.normal(1, 0.1, (4, 2)), lr=0.1)
    yield case("a large eps", [1.0, -2.0], rng.normal(1, 0.5, (6, 2)), lr=0.1, eps=0.5)
    yield case("lr_decay leaves the first step alone", [1.0], [[2.0]], lr=0.1, lr_decay=0.5)
    yield case("lr_decay", [1.0, -2.0], rng.normal(1, 0.5, (9, 2)), lr=0.1, lr_decay=0.5)
    yield case("weight_decay", [3.0, -2.0], rng.normal(0, 0.1, (9, 2)), lr=0.1, weight_decay=0.5)
    yield case(
        "an initial accumulator value", [1.0, -2.0], rng.normal(1, 0.5, (6, 2)), lr=0.1, initial_accumulator_value=2.0
    )
    everything = {"lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.3, "eps": 0.01}
    yield from habits(rng, "Adagrad", {"lr": 0.3, **everything})


def adadelta_cases(rng):
    def case(name, x, grads, **settings):
        inputs = {"optimizer": "Adadelta", "params": {"x": np.array(x)}, "grads": {"x": np.array(grads)}}
        return Case(f"{name} (Adadelta)", {**inputs, "settings": settings}, driver=train)

    yield case("one step, rho 0.75", [1.0, -2.0], [[2.0, -1.0]], rho=0.75, eps=1.0)
    yield case("two steps, rho 0.75", [1.0, -2.0], [[2.0, -1.0], [1.0, 3.0]], rho=0.75, eps=1.0)
    yield case("defaults", [1.0, -2.0], rng.normal(size=(30, 2)))
    yield case("the same gradient forty times", [1.0, -2.0], np.tile([0.3, -4.0], (40, 1)))
    yield case("gradients of 1e-3", [1.0, -2.0], 1e-3 * rng.normal(1, 0.1, (10, 2)), lr=100.0)
    yield case(
        "lr 0.1 shortens the steps, not the averages", [1.0, -2.0], rng.normal(1, 0.5, (20, 2)), lr=0.1, eps=0.01
    )
    yield case("a short memory", [1.0, -2.0], rng.normal(1, 0.5, (12, 2)), rho=0.1, eps=0.01)
    yield case("weight_decay", [3.0, -2.0], rng.normal(0, 0.1, (12, 2)), weight_decay=0.5, eps=0.01)
    yield from habits(rng, "Adadelta", {"lr": 2.0, "rho": 0.7, "eps": 0.01, "weight_decay": 0.1})


def nesterov_cases(rng):
    def case(name, x, grads, **settings):
        inputs = {"optimizer": "NesterovSGD", "params": {"x": np.array(x)}, "grads": {"x": np.array(grads)}}
        return Case(f"{name} (NesterovSGD)", {**inputs, "settings": settings}, driver=train)

    yield case("one step by hand", [1.0, -2.0], [[2.0, -1.0]], lr=0.1, momentum=0.5)
    yield case("two steps by hand", [1.0], [[2.0], [4.0]], lr=0.1, momentum=0.5)
    yield case("one gradient, then none", [1.0, -2.0], [[1.0, -1.0], *[[0.0, 0.0]] * 6], lr=0.1, momentum=0.9)
    yield case("the same gradient twenty times", [1.0, -2.0], np.tile([0.3, -4.0], (20, 1)), lr=0.01, momentum=0.9)
    yield case("momentum 0", [1.0, -2.0], rng.normal(size=(5, 2)), lr=0.1, momentum=0.0)
    yield case("momentum 0.99", [1.0, -2.0], rng.normal(size=(25, 2)), lr=0.1, momentum=0.99)
    yield case("weight_decay", [3.0, -2.0], rng.normal(0, 0.1, (9, 2)), lr=0.1, momentum=0.8, weight_decay=0.5)
    yield from habits(rng, "NesterovSGD", {"lr": 0.02, "momentum": 0.8, "weight_decay": 0.1})


def restart_cases(rng):
    def case(name, t, T_0, T_mult, lr_max=0.1, lr_min=0.0):
        return Case(name, {"t": t, "T_0": T_0, "T_mult": T_mult, "lr_max": lr_max, "lr_min": lr_min})

    yield case("the start", 0, 4, 1)
    yield case("half of the first period", 2, 4, 1)
    yield case("the last epoch of the first period", 3, 4, 1)
    yield case("the first restart", 4, 4, 1)
    yield case("half of the second period", 6, 4, 1)
    yield case("half of the second period, twice as long", 8, 4, 2)
    yield case("the first restart, periods double", 4, 4, 2)
    yield case("the second restart, periods double", 12, 4, 2)
    yield case("the epoch before the second restart", 11, 4, 2)
    yield case("the third restart, periods triple", 2 + 6 + 18, 2, 3)
    yield case("the sixth restart, periods triple", 3**6 // 2, 1, 3)
    yield case("the fifth restart, periods triple", 3**5 // 2, 1, 3, 0.3, 0.1)
    yield case("the fifth restart from 7 epochs, periods triple", 7 * (3**5 // 2), 7, 3, 0.3, 0.1)
    yield case("within the fourth period, periods triple", 2 + 6 + 18 + 20, 2, 3)
    yield case("a lowest rate above 0", 7, 5, 2, 0.5, 0.05)
    yield case("a lowest rate above 0, at a restart", 5, 5, 2, 0.5, 0.05)
    yield case("periods of one epoch", 7, 1, 1, 0.3, 0.1)
    yield case("the first epochs of periods that start with one", 2, 1, 2, 0.3, 0.1)
    yield case("a late epoch", 997, 10, 2, 0.3, 0.01)
    yield case("a late epoch, equal periods", 997, 10, 1, 0.3, 0.01)
    for i in range(8):
        T_0, T_mult = int(rng.integers(2, 9)), int(rng.integers(1, 4))
        yield case(f"random epoch {i + 1}", int(rng.integers(1, 60)), T_0, T_mult, 0.4, 0.03)


def search(student, landscape, starts, lr, steps, **merge_tol):
    def grad(x):
        return gradient(landscape, one_point(x))

    def f(x):
        return height(landscape, one_point(x))

    def one_point(x):
        if np.shape(x) != starts.shape[1:]:
            raise ValueError(f"grad and f take one point {starts.shape[1:]}, not {np.shape(x)}")
        return x

    return student.multi_start(grad, f, starts, lr, steps, **merge_tol)


def search_cases(rng):
    def case(name, landscape, starts, lr, steps, **merge_tol):
        return Case(name, {"landscape": landscape, "starts": np.asarray(starts), "lr": lr, "steps": steps, **merge_tol})

    well, bowl = "tilted double well", {"H": np.diag([1.0, 4.0])}
    yield case("two starts, two valleys", well, [[-2.0], [2.0]], 0.1, 200)
    yield case("the best valley first", well, [[2.0], [-2.0]], 0.1, 200)
    yield case("the lowest start leads to the higher valley", well, [[2.5], [-0.8], [-0.5]], 0.05, 200)
    yield case("one start", well, [[-1.5]], 0.1, 200)
    yield case("one valley for all", bowl, rng.uniform(-2, 2, (6, 2)), 0.2, 120)
    yield case("valleys in turns", well, [[-1.0], [1.2], [-0.5], [0.7], [-2.0]], 0.1, 200)
    signs = np.array([[1, 1], [-1, 1], [1, 1], [-1, -1], [-1, 1], [1, -1]])
    yield case("four valleys in two dimensions", well, signs * rng.uniform(0.4, 1.5, (6, 2)), 0.1, 250)
    signs = rng.permutation(np.repeat([-1.0, 1.0], 8))
    yield case("sixteen starts", well, (signs * rng.uniform(0.3, 2.0, 16))[:, None], 0.1, 250)
    yield case("a few steps only", bowl, [[1.0, 1.0], [1.1, 0.9], [3.0, 1.0]], 0.1, 3, merge_tol=0.2)
    yield case("one step", bowl, [[2.0, 1.0], [-1.0, 0.5]], 0.1, 1)
    yield case("no steps: the endpoints are the starts", bowl, [[2.0, 1.0], [0.5, 0.5], [1.0, 0.0]], 0.1, 0)
    yield case("Rosenbrock's valley", "rosenbrock", [[-1.2, 1.0], [0.5, 0.5], [1.2, 1.4]], 1e-3, 100)
    chain = [[0.0, 0.0], [0.75, 0.0], [1.5, 0.0], [2.25, 0.0]]
    yield case("a chain of endpoints: only founders count", bowl, chain, 0.1, 0, merge_tol=1.0)
    yield case(
        "between two founders: the first, not the nearest", bowl, [[0.0, 0], [1.5, 0], [0.8, 0]], 0.1, 0, merge_tol=1.0
    )
    yield case("exactly merge_tol away", bowl, [[0.0, 0.0], [3.0, 4.0], [0.0, 5.0]], 0.1, 0, merge_tol=5.0)
    yield case("each coordinate within merge_tol, the point not", bowl, [[0.0, 0.0], [0.8, 0.8]], 0.1, 0, merge_tol=1.0)
    yield case("merge_tol is 1e-3 by default", bowl, [[0.0, 0.0], [0.9e-3, 0.0], [0.0, 1.1e-3]], 0.1, 0)
    yield case("merge_tol 0: equal endpoints only", bowl, [[1.0, 2.0], [1.0, 2.0], [1.0, 2.5]], 0.1, 0, merge_tol=0.0)
    yield case("several best: the first of them", bowl, [[2.0, 0.0], [0.0, 1.0], [0.0, -1.0], [-2.0, 0.0]], 0.1, 0)
    yield case("the best is not in the first basin", bowl, [[2.0, 0.0], [2.0, 0.0], [0.0, 0.5]], 0.1, 0)
    yield case("a better point in a known basin", bowl, [[2.0, 0.0], [1.5, 0.0], [3.0, 0.0]], 0.1, 0, merge_tol=1.0)
    yield case("a step that climbs: endpoints count", bowl, [[0.0, 1.25], [0.0, 1.0]], 0.625, 1)
    nearly = [[1.0, 0.0], [-1.0 + 1e-12, 0.0], [1.0, 0.0]]
    yield case("a difference of 1e-12 decides", bowl, nearly, 0.1, 0)
    small = np.array([[100, 0], [-100, 0], [100, 1]], dtype=np.int8)
    yield case("8-bit integer starts, no steps", bowl, small, 0.1, 0, merge_tol=60.0)
    yield case("integer starts", well, [[-2], [1], [2]], 0.1, 200)
    yield case("float32 starts", well, np.array([[-2.0], [0.75]], dtype=np.float32), 0.1, 20)
    yield case("starts in other memory layouts", bowl, np.asfortranarray(rng.uniform(-2, 2, (5, 4)))[::-2, ::2], 0.1, 3)
    yield case("all starts the same", bowl, np.broadcast_to(np.array([1.0, -1.0]), (4, 2)), 0.1, 3)
    yield case("the four valleys of another sign", well, -signs[:6, None] * np.array([[0.8, 1.1]]), 0.1, 250)
    yield case("two starts, two valleys, again", well, [[-2.0], [2.0]], 0.1, 200)


GRAD_READ = "        g = grads.get(name)\n        if g is not None:\n"
SUMS = "self.sums[name] += g**2"
ADAGRAD = "p -= lr * g / (np.sqrt(self.sums[name]) + self.eps)"
MOVE = "move = np.sqrt(moves + self.eps) / np.sqrt(squares + self.eps) * g"
MOVES = "            moves += (1 - self.rho) * (move**2 - moves)\n"
BUFFER = "            buffer *= self.momentum\n            buffer += g  # in the first step that is all there is\n"
LOOK = "p -= self.lr * (g + self.momentum * buffer)"
LOGARITHM = """

def cosine_warm_restarts(t, T_0, T_mult, lr_max, lr_min):
    if T_mult == 1:
        period, passed = T_0, t % T_0
    else:
        i = int(math.log(t / T_0 * (T_mult - 1) + 1) / math.log(T_mult))
        period, passed = T_0 * T_mult**i, t - T_0 * (T_mult**i - 1) / (T_mult - 1)
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * passed / period)) / 2
"""
OPTIMISERS = ("Adagrad", "Adadelta", "NesterovSGD")
FOUNDERS = "near[0] if near else len(founders)"

exercise = Exercise(
    parts=(
        Part(
            name="Adagrad",
            cases=adagrad_cases,
            tolerance=T64L,
            hints=(
                "Each entry of each parameter has a sum of squared gradients, which only grows.",
                "Keep two things per parameter: the sum, which starts at initial_accumulator_value, and a step count.",
                "In a step: g with decay, sum += g**2, then divide g by (root of the sum + eps) and move with "
                "lr / (1 + k * lr_decay), where k counts from 0.",
                "The array must change itself: p -= ..., not p = p - ...",
            ),
        ),
        Part(
            name="Adadelta",
            cases=adadelta_cases,
            tolerance=T64L,
            hints=(
                "A move shall have the units of the parameter: a typical move times (gradient / typical gradient).",
                "Typical means root mean square, from a moving average: rho times the old one plus 1 - rho times the "
                "new square. Both start at zero, so eps gets things going.",
                "Order: average of g**2, the move with the old average of moves, that average, and p -= lr * move.",
            ),
        ),
        Part(
            name="NesterovSGD",
            cases=nesterov_cases,
            tolerance=T64L,
            hints=(
                "Momentum sums up gradients with fading weights; Nesterov's version looks ahead along that sum.",
                "A buffer of zeros to start with gives the right first step: momentum * 0 + g.",
                "After the update of the buffer, the direction is g + momentum * buffer. Subtract lr times that.",
            ),
        ),
        Part(
            name="cosine_warm_restarts",
            cases=restart_cases,
            hints=(
                "Find the period that epoch t falls into: take whole periods off t while there are any.",
                "With t epochs into a period of T epochs, the cosine's argument is pi * t / T.",
                "(1 + cos) / 2 runs from 1 to 0: scale it to the range from lr_max to lr_min.",
            ),
        ),
        Part(
            name="multi_start",
            cases=search_cases,
            driver=search,
            tolerance=T64L,
            hints=(
                "First get all endpoints, each from a float64 copy of its start; then judge them.",
                "np.argmin of the values takes the first of several lowest ones.",
                "For the basins keep a list of founders. Go through it in order, and take the first founder that is "
                "near enough; if there is none, the endpoint joins the list.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            name="decay_forgotten",
            part=OPTIMISERS,
            summary="Your optimiser leaves out weight decay.",
            nudge="What should happen to a weight whose gradient is zero?",
            edits=(("yield name, p, g + weight_decay * p", "yield name, p, 1.0 * g"),),
        ),
        Misconception(
            name="not_in_place",
            part=OPTIMISERS,
            summary="Your step makes new arrays, so the model's own arrays stay where they were.",
            nudge="Who else holds a reference to the array, and what does p = p - ... do to it?",
            edits=(
                (ADAGRAD, ADAGRAD.replace("p -=", "self.params[name] = p -")),
                ("p -= self.lr * move", "self.params[name] = p - self.lr * move"),
                (LOOK, LOOK.replace("p -=", "self.params[name] = p -")),
            ),
        ),
        Misconception(
            name="none_is_zero",
            part=OPTIMISERS,
            summary="Your optimiser treats a missing gradient like a gradient of zeros.",
            nudge="A layer was switched off in this step: should its averages fade, or its momentum carry on?",
            edits=(
                (
                    GRAD_READ,
                    "        g = grads.get(name)\n        g = np.zeros_like(p) if g is None else g\n        if True:\n",
                ),
            ),
        ),
        Misconception(
            name="gradient_overwritten",
            part=OPTIMISERS,
            summary="Your optimiser adds weight decay to the caller's gradient itself.",
            nudge="Whose array is the gradient, and what if the caller looks at it after the step?",
            edits=(
                (GRAD_READ, GRAD_READ + "            g += weight_decay * p\n"),
                ("p, g + weight_decay * p", "p, g + 0.0"),
            ),
        ),
        Misconception(
            name="adagrad_ema",
            part="Adagrad",
            summary="Your Adagrad forgets old gradients: it keeps a moving average where a sum is due.",
            nudge="Give it the same gradient again and again: do its steps get shorter?",
            edits=((SUMS, "self.sums[name] += 0.1 * (g**2 - self.sums[name])"),),
        ),
        Misconception(
            name="adagrad_eps_inside",
            part="Adagrad",
            summary="Your Adagrad adds eps under the root.",
            nudge="With gradients of 1e-9, how long is your first step, and how long should it be?",
            edits=((ADAGRAD, "p -= lr * g / np.sqrt(self.sums[name] + self.eps)"),),
        ),
        Misconception(
            name="adagrad_no_root",
            part="Adagrad",
            summary="Your Adagrad divides by the sum of squares itself.",
            nudge="Make all gradients ten times as large: should the steps change?",
            edits=((ADAGRAD, "p -= lr * g / (self.sums[name] + self.eps)"),),
        ),
        Misconception(
            name="adagrad_sum_too_late",
            part="Adagrad",
            summary="Your Adagrad divides by the sum before the current gradient is in it.",
            nudge="What is in the sum when the very first step divides by it?",
            edits=(
                (f"            {SUMS}\n", ""),
                ("            self.counts[name] += 1\n", f"            {SUMS}\n            self.counts[name] += 1\n"),
            ),
        ),
        Misconception(
            name="adagrad_decay_from_1",
            part="Adagrad",
            summary="Your Adagrad shortens the very first step by lr_decay already.",
            nudge="How many steps has a parameter taken before its first?",
            edits=(("(1 + self.counts[name] * self.lr_decay)", "(1 + (self.counts[name] + 1) * self.lr_decay)"),),
        ),
        Misconception(
            name="adagrad_common_count",
            part="Adagrad",
            summary="Your Adagrad counts the calls of step, not the steps of each parameter.",
            nudge="A parameter had no gradient for two steps: how many steps has it taken?",
            edits=(
                (
                    "        self.counts: dict[str, int] = {}\n",
                    "        self.counts: dict[str, int] = {}\n        self.calls = -1\n",
                ),
                (
                    "        for name, p, g in _taking_part(self.params, grads, self.weight_decay):\n"
                    "            if name not in self.sums:\n",
                    "        self.calls += 1\n"
                    "        for name, p, g in _taking_part(self.params, grads, self.weight_decay):\n"
                    "            if name not in self.sums:\n",
                ),
                ("(1 + self.counts[name] * self.lr_decay)", "(1 + self.calls * self.lr_decay)"),
            ),
        ),
        Misconception(
            name="adagrad_starts_at_zero",
            part="Adagrad",
            summary="Your Adagrad ignores initial_accumulator_value.",
            nudge="What does the sum hold before the first step?",
            edits=(("np.full_like(p, self.initial_accumulator_value)", "np.zeros_like(p)"),),
        ),
        Misconception(
            name="adadelta_eps_outside",
            part="Adadelta",
            summary="Your Adadelta adds eps to the roots instead of under them.",
            nudge="How long is the very first step, when the average of the moves is still zero?",
            edits=((MOVE, "move = (np.sqrt(moves) + self.eps) / (np.sqrt(squares) + self.eps) * g"),),
        ),
        Misconception(
            name="adadelta_delta_first",
            part="Adadelta",
            summary="Your Adadelta updates the average of the moves before it is used for the move.",
            nudge="Which moves can be known when a move is computed?",
            edits=(
                (f"            {MOVE}\n", f"            {MOVE}\n{MOVES}            {MOVE}\n"),
                (MOVES + "            p -= ", "            p -= "),
            ),
        ),
        Misconception(
            name="adadelta_averages_lr",
            part="Adadelta",
            summary="Your Adadelta averages the moves after lr has been multiplied in.",
            nudge="Halve lr: by what factor should the tenth step change?",
            edits=((MOVES, MOVES.replace("move**2", "(self.lr * move) ** 2")),),
        ),
        Misconception(
            name="adadelta_averages_gradients",
            part="Adadelta",
            summary="Your Adadelta averages gradients where the squares of its own moves are due.",
            nudge="The ratio of the two roots has a unit: which one should it have?",
            edits=((MOVES, MOVES.replace("move**2", "g**2")),),
        ),
        Misconception(
            name="adadelta_is_rmsprop",
            part="Adadelta",
            summary="Your Adadelta has no average of moves: it is RMSprop.",
            nudge="What stands in Adadelta where RMSprop has its learning rate?",
            edits=((MOVE, "move = g / np.sqrt(squares + self.eps)"),),
        ),
        Misconception(
            name="adadelta_without_lr",
            part="Adadelta",
            summary="Your Adadelta ignores lr.",
            nudge="Zeiler's method has no learning rate; what does PyTorch's do with one?",
            edits=(("p -= self.lr * move", "p -= move"),),
        ),
        Misconception(
            name="rho_swapped",
            part="Adadelta",
            summary="Your averages give the weight rho to the new value.",
            nudge="With rho = 0.99, should the averages have a long memory or a short one?",
            edits=(
                ("squares += (1 - self.rho) *", "squares += self.rho *"),
                ("moves += (1 - self.rho) *", "moves += self.rho *"),
            ),
        ),
        Misconception(
            name="nesterov_as_heavy_ball",
            part="NesterovSGD",
            summary="Your steps go along the buffer alone: that is ordinary momentum.",
            nudge="Compare the very first steps of both methods.",
            edits=((LOOK, "p -= self.lr * buffer"),),
        ),
        Misconception(
            name="nesterov_zero_buffer",
            part="NesterovSGD",
            summary="Your buffer stays at zero in the first step.",
            nudge="What does PyTorch put into the buffer when it makes it?",
            edits=(
                (
                    BUFFER,
                    "            if name in self.started:\n    "
                    + BUFFER.replace("\n            ", "\n                "),
                ),
                (LOOK, LOOK + "\n            self.started.add(name)"),
                (
                    "        self.buffers: dict[str, np.ndarray] = {}\n",
                    "        self.buffers = {}\n        self.started = set()\n",
                ),
            ),
        ),
        Misconception(
            name="nesterov_averaged",
            part="NesterovSGD",
            summary="Your buffer is a moving average of gradients, not a fading sum.",
            nudge="To what does your buffer grow if the gradient is always 1?",
            edits=((BUFFER, BUFFER.replace("+= g ", "+= (1 - self.momentum) * g ")),),
        ),
        Misconception(
            name="lr_inside_buffer",
            part="NesterovSGD",
            summary="Your buffer collects steps, so a new lr acts late.",
            nudge="Cut lr to a tenth in mid-run: how long is your next step?",
            edits=(
                (BUFFER, BUFFER.replace("+= g ", "+= self.lr * g ")),
                (LOOK, "p -= self.lr * g + self.momentum * buffer"),
            ),
        ),
        Misconception(
            name="restart_never",
            part="cosine_warm_restarts",
            summary="Your cosine goes on after the first period and never restarts.",
            nudge="Which rate is due at t = T_0?",
            edits=(("    while t >= period:\n        t -= period\n        period *= T_mult\n", ""),),
        ),
        Misconception(
            name="flat_after_first_period",
            part="cosine_warm_restarts",
            summary="Your rate stays at lr_min once the first period is over.",
            nudge="What does the word restart stand for?",
            edits=(
                ("    while t >= period:\n        t -= period\n        period *= T_mult\n", "    t = min(t, period)\n"),
            ),
        ),
        Misconception(
            name="periods_stay_equal",
            part="cosine_warm_restarts",
            summary="Your periods are all as long as the first.",
            nudge="What is T_mult for?",
            edits=(("        period *= T_mult\n", ""),),
        ),
        Misconception(
            name="periods_grow_by_t_mult",
            part="cosine_warm_restarts",
            summary="Your periods grow by T_mult epochs, not T_mult-fold.",
            nudge="With T_0 = 4 and T_mult = 1, how long is the second period?",
            edits=(("period *= T_mult", "period += T_mult"),),
        ),
        Misconception(
            name="restart_one_late",
            part="cosine_warm_restarts",
            summary="Your restarts come one epoch late, after an epoch with lr_min.",
            nudge="How many epochs has the first period, and which numbers do they have?",
            edits=(("while t >= period:", "while t > period:"),),
        ),
        Misconception(
            name="period_by_logarithm",
            part="cosine_warm_restarts",
            summary="Your code finds the period with a logarithm, and rounding makes it miss some restarts.",
            nudge="Let Python compute math.log(243) / math.log(3): is it 5?",
            code=LOGARITHM,
        ),
        Misconception(
            name="full_wave",
            part="cosine_warm_restarts",
            summary="Your rate falls and rises again within a period: a whole cosine wave, not half of one.",
            nudge="Which rate does your function give in the middle of a period, and which at its end?",
            edits=(("math.pi * t / period", "2 * math.pi * t / period"),),
        ),
        Misconception(
            name="from_zero_not_lr_min",
            part="cosine_warm_restarts",
            summary="Your rate is lr_min plus the full wave of lr_max, so that it starts above lr_max.",
            nudge="Which rate do you get at t = 0?",
            edits=(("(lr_max - lr_min)", "lr_max"),),
        ),
        Misconception(
            name="starts_moved",
            part="multi_start",
            summary="Your descent moves the caller's starts.",
            nudge="Print the array of starts after the call.",
            edits=(
                ("x = np.array(start, dtype=np.float64)", "x = np.asarray(start, dtype=np.float64)"),
                ("        x = x - lr * grad(x)\n    return x", "        x -= lr * grad(x)\n    return x.copy()"),
            ),
        ),
        Misconception(
            name="nearest_founder",
            part="multi_start",
            summary="Your code assigns an endpoint to the nearest founder, not to the first that is near enough.",
            nudge="Two founders are within merge_tol: which one does the description prefer?",
            edits=(
                (FOUNDERS, FOUNDERS.replace("near[0]", "min(near, key=lambda i: np.linalg.norm(end - founders[i]))")),
            ),
        ),
        Misconception(
            name="chained_basins",
            part="multi_start",
            summary="Your basins grow: an endpoint joins if it is near any member.",
            nudge="With enough endpoints in a row, how far apart could two points of one basin be?",
            edits=(
                (
                    "for i, founder in enumerate(founders) if np.linalg.norm(end - founder) <= merge_tol]",
                    "for i, other in zip(labels, ends) if np.linalg.norm(end - other) <= merge_tol]",
                ),
                (
                    "        if not near:\n            founders.append(end)\n",
                    "        founders += [] if near else [end]\n",
                ),
            ),
        ),
        Misconception(
            name="compared_by_coordinate",
            part="multi_start",
            summary="Your code compares endpoints coordinate by coordinate.",
            nudge="How far is (0.8, 0.8) from (0, 0)?",
            edits=(("np.linalg.norm(end - founder)", "np.abs(end - founder).max()"),),
        ),
        Misconception(
            name="strictly_nearer",
            part="multi_start",
            summary="Your code starts a new basin for an endpoint that is exactly merge_tol away.",
            nudge="What does merge_tol = 0 do with two equal endpoints?",
            edits=(("<= merge_tol", "< merge_tol"),),
        ),
        Misconception(
            name="labels_by_height",
            part="multi_start",
            summary="Your labels are ordered by the value of f: the best basin is 0.",
            nudge="Which basin is found first?",
            edits=(
                (
                    "_basins(ends, merge_tol)}",
                    "_basins([ends[i] for i in np.argsort(values, kind='stable')], merge_tol)"
                    "[np.argsort(np.argsort(values, kind='stable'))]}",
                ),
            ),
        ),
        Misconception(
            name="best_start",
            part="multi_start",
            summary="Your best point is the endpoint of the start with the lowest f.",
            nudge="Does the lowest start lead to the lowest end?",
            edits=(
                ("values = [f(end) for end in ends]", "values = [f(np.asarray(s, dtype=np.float64)) for s in starts]"),
                ('"best_f": float(values[best])', '"best_f": float(f(ends[best]))'),
            ),
        ),
        Misconception(
            name="last_of_several",
            part="multi_start",
            summary="Your best endpoint is the last of several equally good ones.",
            nudge="Which of two equal values does your comparison keep?",
            edits=(("best = int(np.argmin(values))", "best = len(values) - 1 - int(np.argmin(values[::-1]))"),),
        ),
    ),
)
