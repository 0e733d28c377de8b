"""Short runs with given gradients. What counts are the model's own arrays after steps 1, 2, 4, 8 ... and the last."""

import numpy as np

from grader.spec import T32, T64L, Case, Equivalent, Exercise, Misconception, Part, Speed


def train(student, optimizer, params, grads, settings, lrs=None, none=None, missing=None):
    """A run. grads: name -> (steps, *shape); none, missing: name -> steps (from 1) without a gradient."""
    arrays = copies(params)
    made = getattr(student, optimizer)(dict(arrays), **settings)
    return follow(made, arrays, per_step(grads, none or {}, missing or {}), lrs)


def train_views(student, optimizer, params, grads, settings):
    """A run whose parameters are windows into one long array, as flattened models have them."""
    flat = np.concatenate([np.ravel(value) for value in params.values()])
    arrays, start = {}, 0
    for name, value in params.items():
        arrays[name] = flat[start : start + value.size].reshape(value.shape, order="F")
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
        for value in lent.values():
            value.fill(np.nan)
        seen |= snapshot(arrays, t, len(steps))
    return seen


def train_two(student, optimizer, params, grads, settings):
    """Two models in turns, each with an optimiser of its own; the second has other gradients and another lr."""
    first, second = copies(params), copies(params)
    one = getattr(student, optimizer)(dict(first), **settings)
    two = getattr(student, optimizer)(dict(second), **settings)
    two.lr = settings["lr"] / 4
    seen = {"first model": {}, "second model": {}}
    steps = per_step(grads, {}, {})
    for t, step in enumerate(steps, 1):
        one.step(step)
        two.step({name: -2 * g for name, g in step.items()})
        seen["first model"] |= snapshot(first, t, len(steps))
        seen["second model"] |= snapshot(second, t, len(steps))
    return seen


def train_and_resume(student, optimizer, params, grads, settings, save_after, late, lr):
    """Saves midway and goes on; resumes from there in a new optimiser; rewinds the old one and goes on again.

    late: the parameter whose first gradient comes after the save. lr: the learning rate at the save and from there on,
    which the others take from what was saved.
    """
    arrays = copies(params)
    made = getattr(student, optimizer)(dict(arrays), **settings)
    steps = per_step(grads, {late: range(1, save_after + 1)}, {})
    follow(made, arrays, steps[:save_after], None)
    made.lr = lr
    saved, there, rest = made.state_dict(), copies(arrays), steps[save_after:]
    seen = {"going on": follow(made, arrays, rest, None)}

    resumed = copies(there)
    other = getattr(student, optimizer)(dict(resumed), **settings)
    other.load_state_dict(saved)
    seen["resumed"] = follow(other, resumed, rest, None)

    for name, value in there.items():
        arrays[name][...] = value
    made.lr = 10 * lr
    made.load_state_dict(saved)
    return seen | {"rewound": follow(made, arrays, rest, None)}


def train_long(student, optimizer, params, grads, settings, rounds):
    """Many steps with the same gradients; every thousandth entry."""
    arrays = copies(params)
    made = getattr(student, optimizer)(dict(arrays), **settings)
    for _ in range(rounds):
        made.step(grads)
    return {name: value[::1000].copy() for name, value in arrays.items()}


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


# What every optimiser has to get right. `settings` are such that each piece of its state matters.


def habits(rng, optimizer, settings):
    def case(name, params, grads, driver=None, tolerance=None, settings=settings, **more):
        inputs = {"optimizer": optimizer, "params": params, "grads": grads, "settings": settings, **more}
        return Case(f"{name} ({optimizer})", inputs, driver=driver, tolerance=tolerance)

    weight, bias = rng.normal(size=(2, 3)), rng.normal(size=3)
    for_weight, for_bias = rng.normal(0.5, 1, (6, 2, 3)), rng.normal(-0.5, 1, (6, 3))
    params, grads = {"weight": weight, "bias": bias}, {"weight": for_weight, "bias": for_bias}

    twins = {"one": bias, "two": 2 * bias, "three": 3 * bias}
    yield case(
        "parameters of one shape", twins, {name: rng.normal(0.5, 1, (4, 3)) for name in twins}, none={"two": [1]}
    )
    zeros = for_bias.copy()
    zeros[[0, 3, 4]] = 0.0
    plain = settings | {"weight_decay": 0.0}  # nothing is added to the gradient before it is used or kept
    yield case("gradients of zeros are steps, too", {"bias": bias}, {"bias": zeros}, settings=plain)
    yield case("None now and then: that parameter waits", params, grads, none={"bias": [2, 5]})
    other_order = {"bias": for_bias, "weight": for_weight}
    yield case("no entry for a parameter means None", params, other_order, missing={"bias": [3, 4], "weight": [2]})
    yield case("the first gradient comes late", params, grads, none={"bias": [1, 2, 3]})
    lrs = np.array([0.1, 0.1, 0.01, 0.01, 0.5, 0.5])
    yield case("the learning rate changes between steps", {"bias": bias}, {"bias": for_bias}, lrs=lrs)
    single = {"bias": np.float32(bias)}, {"bias": np.float32(for_bias)}
    yield case("float32 stays float32", *single, tolerance=T32)
    odd = {"scale": np.array(0.7), "empty": np.zeros((0, 2))}
    yield case("0-d and empty parameters", odd, {"scale": for_bias[:5, 0], "empty": np.zeros((5, 0, 2))})
    yield case("parameters that are views of one array", params, grads, driver=train_views)
    layouts = {"weight": np.asfortranarray(for_weight)[::-1], "bias": np.broadcast_to(for_bias[:1], (6, 3))}
    yield case("reversed, Fortran-ordered and read-only gradients", params, layouts)
    yield case("the caller reuses its gradient arrays", params, grads, driver=train_and_reuse, settings=plain)
    yield case("two optimisers side by side", {"bias": bias}, {"bias": for_bias[:4]}, driver=train_two)
    resume = {"save_after": 3, "late": "bias", "lr": 0.03}
    yield case("saved, resumed and rewound", params, grads, driver=train_and_resume, **resume)
    at_first = {"save_after": 0, "late": "bias", "lr": 0.03}
    yield case("saved before the first step", params, grads, driver=train_and_resume, **at_first)


def run(name, optimizer, weight, grads, settings, tolerance=None, **more):
    """A case with a single parameter."""
    inputs = {
        "optimizer": optimizer,
        "params": {"weight": np.array(weight)},
        "grads": {"weight": np.array(grads)},
    }
    return Case(name, {**inputs, "settings": settings, **more}, tolerance=tolerance)


def sgd_cases(rng):
    weight, grads = rng.normal(size=4), rng.normal(0.5, 1, (8, 4))
    ones = np.ones((10, 1))
    yield run("one plain step", "SGD", [1.0, -2.0], [[0.5, 4.0]], {"lr": 0.1})
    yield run("SGD as it comes", "SGD", [1.0, -2.0, 0.0], [[0.5, 4.0, -1.0]] * 2, {})
    yield run("a constant gradient of 1 picks up speed", "SGD", [0.0], ones, {"lr": 0.1, "momentum": 0.9})
    yield run("momentum with dampening", "SGD", weight, grads, {"lr": 0.1, "momentum": 0.8, "dampening": 0.5})
    yield run("dampening without momentum", "SGD", weight, grads[:3], {"lr": 0.1, "dampening": 0.5})
    yield run("Nesterov, two steps", "SGD", [0.0], ones[:2], {"lr": 1.0, "momentum": 0.5, "nesterov": True})
    yield run("weight decay", "SGD", weight, grads, {"lr": 0.1, "weight_decay": 0.2})
    yield run("climbing", "SGD", weight, grads[:2], {"lr": 0.1, "maximize": True})
    climb = {"lr": 0.1, "momentum": 0.7, "weight_decay": 0.2, "maximize": True, "dampening": 0.1}
    yield run("climbing with momentum and weight decay", "SGD", weight, grads, climb)
    all_on = {"lr": 0.1, "momentum": 0.7, "weight_decay": 0.2, "nesterov": True}
    yield run(
        "Nesterov with weight decay and a falling rate", "SGD", weight, grads, all_on, lrs=np.array([0.2, 0.1] * 4)
    )
    climb_ahead = {"lr": 0.1, "momentum": 0.7, "weight_decay": 0.2, "maximize": True, "nesterov": True}
    yield run("climbing with Nesterov and weight decay", "SGD", weight, grads, climb_ahead)
    still = grads * [[0], [0], [1], [1], [0], [1], [1], [1]]
    dampened = {"lr": 0.1, "momentum": 0.7, "dampening": 0.4}
    yield run("a buffer of zeros is a buffer, too", "SGD", weight, still, dampened)
    yield run("Nesterov without momentum is refused", "SGD", weight, grads[:0], {"nesterov": True})
    negative = {"momentum": -0.5, "nesterov": True}
    yield run("Nesterov with a momentum below 0 is refused", "SGD", weight, grads[:0], negative)
    refused = {"momentum": 0.9, "dampening": 0.1, "nesterov": True}
    yield run("Nesterov with dampening is refused", "SGD", weight, grads[:0], refused)
    negative = {"momentum": 0.9, "dampening": -0.1, "nesterov": True}
    yield run("Nesterov with a dampening below 0 is refused", "SGD", weight, grads[:0], negative)
    yield run(
        "gradients from 1e-8 to 1e3",
        "SGD",
        weight,
        grads * [1e-8, 1e-3, 1.0, 1e3],
        {"lr": 1.0, "momentum": 0.9},
    )
    yield from habits(rng, "SGD", {"lr": 0.1, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.1})


def rmsprop_cases(rng):
    weight, grads = rng.normal(size=4), rng.normal(0.5, 1, (8, 4))
    ones = np.ones((20, 1))
    yield run("alpha 0: one step of length lr", "RMSprop", [1.0, -2.0], [[0.5, -4.0]], {"lr": 0.1, "alpha": 0.0})
    yield run("RMSprop as it comes", "RMSprop", weight, grads[:3], {})
    yield run(
        "by hand: alpha 3/4, gradients 2 and -4",
        "RMSprop",
        [1.0, 1.0],
        [[2.0, -4.0]],
        {"lr": 0.1, "alpha": 0.75},
    )
    yield run("a constant gradient, 20 steps", "RMSprop", [0.0], ones, {"lr": 0.1, "alpha": 0.9})
    yield run("gradients around 1e-6", "RMSprop", weight, grads * 1e-6, {"lr": 0.05, "alpha": 0.9})
    yield run("gradients around 1e-8, as small as eps", "RMSprop", weight, grads * 1e-8, {"lr": 0.05, "alpha": 0.9})
    yield run("gradients from 1e-3 to 1e3 (RMSprop)", "RMSprop", weight, grads * [1e-3, 1.0, 30.0, 1e3], {"lr": 0.05})
    yield run("a large eps", "RMSprop", weight, grads, {"lr": 0.05, "alpha": 0.9, "eps": 0.1})
    yield run("weight decay before the averages", "RMSprop", weight, grads, {"lr": 0.05, "weight_decay": 0.2})
    momentum = {"lr": 0.05, "alpha": 0.9, "momentum": 0.7}
    yield run("momentum on the divided gradients", "RMSprop", weight, grads, momentum)
    apart = 3 + grads  # a large common mean, but never nearly constant
    yield run("centered, gradients around 3", "RMSprop", weight, apart, {"lr": 0.02, "alpha": 0.9, "centered": True})
    small = {"lr": 0.02, "alpha": 0.4, "centered": True, "eps": 1e-6}
    yield run("centered, gradients around 3e-6", "RMSprop", weight, apart * 1e-6, small)
    both = {"lr": 0.02, "alpha": 0.9, "centered": True, "momentum": 0.5, "weight_decay": 0.1}
    yield run("centered with momentum and weight decay", "RMSprop", weight, apart, both)
    yield from habits(rng, "RMSprop", {"lr": 0.1, "alpha": 0.8, "momentum": 0.6, "weight_decay": 0.1})
    yield from centered_habits(rng)


def centered_habits(rng):
    weight, bias = rng.normal(size=4), rng.normal(size=2)
    inputs = {
        "optimizer": "RMSprop",
        "params": {"weight": weight, "bias": bias},
        "grads": {"weight": rng.normal(1, 1, (7, 4)), "bias": rng.normal(1, 1, (7, 2))},
        "settings": {"lr": 0.1, "alpha": 0.8, "centered": True},
    }
    resume = {"save_after": 3, "late": "bias", "lr": 0.03}
    yield Case("centered: saved, resumed and rewound", {**inputs, **resume}, driver=train_and_resume)


def moment_cases(rng, optimizer):
    """What Adam and AdamW have in common."""
    weight, grads = rng.normal(size=4), rng.normal(0.5, 1, (8, 4))

    def case(name, grads, settings, **more):
        return run(f"{name} ({optimizer})", optimizer, weight, grads, settings, **more)

    yield case("the very first step", [[37.0, -0.002, 1.0, 0.0]], {"lr": 0.01})
    yield case("a constant gradient", np.ones((12, 4)), {"lr": 0.02})
    yield case("betas of a short memory", grads, {"lr": 0.02, "betas": (0.5, 0.8)})
    yield case("gradients around 1e-6", grads * 1e-6, {"lr": 0.02})
    yield case("gradients around 1e-8, as small as eps", grads * 1e-8, {"lr": 0.02})
    yield case("a large eps", grads, {"lr": 0.05, "eps": 0.1})
    l2 = {"lr": 0.05, "weight_decay": 0.3, "decoupled_weight_decay": False}
    yield case("L2 decay", grads, l2)
    yield case("L2 decay when gradients are zero", grads[:3] * 0, l2)
    decoupled = {"lr": 0.05, "weight_decay": 0.3, "decoupled_weight_decay": True}
    yield case("decoupled decay when gradients are zero", grads[:3] * 0, decoupled)
    yield case("decoupled decay while lr goes up and down", grads, decoupled, lrs=np.array([0.1, 0.05] * 4))
    fading = grads * 0.3 ** np.arange(8)[:, None]
    yield case("amsgrad, gradients that fade", fading, {"lr": 0.02, "betas": (0.6, 0.7), "amsgrad": True})
    used = {"lr": 0.1, "betas": (0.6, 0.8), "weight_decay": 0.1, "amsgrad": True, "eps": 1e-3}
    yield from habits(rng, optimizer, used)


def adam_cases(rng):
    signs = {"lr": 0.1, "betas": (0.0, 0.0)}
    yield run("betas of 0: one step of length lr", "Adam", [1.0, -2.0], [[0.5, -4.0]], signs)
    yield run("the first step is lr = 0.001 long, for any gradient", "Adam", np.zeros(3), [[37.0, -50.0, 400.0]], {})
    yield run("Adam as it comes", "Adam", rng.normal(size=4), rng.normal(0.5, 1, (4, 4)), {})
    yield from moment_cases(rng, "Adam")
    weight, grads = rng.normal(size=4), rng.normal(0.5, 1, (8, 4))
    yield run("betas with the slower average first", "Adam", weight, grads, {"lr": 0.02, "betas": (0.95, 0.6)})
    yield run("gradients from 1e-3 to 1e3 (Adam)", "Adam", weight, grads * [1e-3, 1.0, 30.0, 1e3], {"lr": 0.02})
    fading = grads * 0.3 ** np.arange(8)[:, None]
    yield run("amsgrad, default betas", "Adam", weight, fading, {"lr": 0.02, "amsgrad": True})
    inputs = {
        "optimizer": "Adam",
        "params": {"weight": rng.normal(size=20_000)},
        "grads": {"weight": rng.normal(size=20_000)},
        "settings": {"lr": 0.01, "weight_decay": 0.1},
    }
    yield Case("20000 weights, 12 steps", {**inputs, "rounds": 12}, driver=train_long, speed=Speed())


def adamw_cases(rng):
    signs = {"lr": 0.1, "betas": (0.0, 0.0), "weight_decay": 0.0}
    yield run("no decay, betas of 0: one step of length lr", "AdamW", [1.0, -2.0], [[0.5, -4.0]], signs)
    yield run(
        "by hand: only the decay is left",
        "AdamW",
        [1.0, -2.0],
        [[0.0, 0.0]],
        {"lr": 0.1, "weight_decay": 0.5},
    )
    yield run("AdamW as it comes", "AdamW", rng.normal(size=4), rng.normal(0.5, 1, (4, 4)), {})
    yield run("AdamW with its default decay", "AdamW", rng.normal(size=4), np.zeros((3, 4)), {"lr": 0.5})
    yield from moment_cases(rng, "AdamW")


MOMENTS = ("Adam", "AdamW")
ALL = ("SGD", "RMSprop", "Adam", "AdamW")
UNCORRECTED_M = ('m_hat = s["m"] / (1 - beta1 ** s["t"])', 'm_hat = s["m"]')
UNCORRECTED_V = ('v_hat = v / (1 - beta2 ** s["t"])', "v_hat = v")
ADAM_STEP = "p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)"

exercise = Exercise(
    parts=(
        Part(
            "SGD",
            sgd_cases,
            hints=(
                "Write plain gradient descent first; then ask of each option what it does to the direction before "
                "the step is taken.",
                "Build the direction in a fixed order: the gradient (reversed if you climb), the decay, the "
                "buffer, Nesterov. Multiply by lr last.",
                "A buffer is born as a copy of the first direction; later it is scaled by momentum and receives "
                "the dampened share of the new one. "
                "Change parameters with -= or [...], so that the model's own array changes.",
            ),
            driver=train,
            tolerance=T64L,
        ),
        Part(
            "RMSprop",
            rmsprop_cases,
            hints=(
                "What counts is the size of a gradient relative to its usual size. What must be remembered to "
                "know the usual size?",
                "Three arrays of zeros for each parameter: mean square, mean (for centered), buffer. Update the "
                "averages, divide, update the buffer, move.",
                "Take the root first and add eps to the result. With momentum 0 the buffer is simply the divided "
                "gradient, so one formula covers both.",
            ),
            driver=train,
            tolerance=T64L,
        ),
        Part(
            "Adam",
            adam_cases,
            hints=(
                "Two moving averages per parameter that start at zero, and a count of the steps this parameter "
                "has taken.",
                "An average that started at zero is too small by the total of the weights it has handed out so "
                "far. Work out that total after one step, "
                "after two, after t; then divide by it.",
                "Raise the count before you use it; correct copies, never the averages themselves; with amsgrad, "
                "put the maximum in place of "
                "the second average and only then correct. With the defaults, the very first step has the length "
                "lr for any gradient.",
            ),
            driver=train,
            tolerance=T64L,
        ),
        Part(
            "AdamW",
            adamw_cases,
            hints=(
                "The difference from Adam is one decision: does the decay pass through the averages or not?",
                "Let Adam do the work with decoupled_weight_decay switched on; only two defaults differ.",
                "Hand all seven arguments on to Adam's __init__; in Adam's step, shrink the parameter by the "
                "fraction lr * weight_decay first.",
            ),
            driver=train,
            tolerance=T64L,
        ),
    ),
    misconceptions=(
        Misconception(
            "adam_no_bias_correction",
            MOMENTS,
            "Your Adam works without bias correction: it uses both moving averages as they are, although they "
            "started at zero.",
            "How long is your very first step, in units of lr, and how long should it be for any gradient?",
            edits=(UNCORRECTED_M, UNCORRECTED_V),
        ),
        Misconception(
            "adam_correct_m_only",
            MOMENTS,
            "Your Adam corrects the average of the gradients for its start at zero, but not the average of their "
            "squares.",
            "Both averages start at the same place: what does that mean for each of them after one step?",
            edits=(UNCORRECTED_V,),
        ),
        Misconception(
            "adam_correct_v_only",
            MOMENTS,
            "Your Adam corrects the average of the squares for its start at zero, but not the average of the "
            "gradients.",
            "Both averages start at the same place: what does that mean for each of them after one step?",
            edits=(UNCORRECTED_M,),
        ),
        Misconception(
            "adam_betas_swapped",
            MOMENTS,
            "Your Adam corrects each moving average with the beta of the other one.",
            "Which of the two averages fills up faster, and which correction should therefore fade first?",
            edits=(
                ('(1 - beta1 ** s["t"])', '(1 - beta2 ** s["t"])'),
                ('v_hat = v / (1 - beta2 ** s["t"])', 'v_hat = v / (1 - beta1 ** s["t"])'),
            ),
        ),
        Misconception(
            "adam_t_from_0",
            MOMENTS,
            "Your Adam counts its steps from 0, so the first correction divides by zero.",
            "What is any beta to the power of the step number in your first step?",
            edits=(('{"t": 0, ', '{"t": -1, '),),
        ),
        Misconception(
            "adam_shared_step",
            MOMENTS,
            "Your Adam has a single step count for all parameters, and so corrects a parameter's averages for "
            "steps it took no part in.",
            "A parameter gets its first gradient in step 100: how much has its average collected by then?",
            edits=(
                (
                    "beta1, beta2 = self.betas",
                    'beta1, beta2 = self.betas\n        t = 1 + max((s["t"] for s in self.state.values()), default=0)',
                ),
                ('s["t"] += 1', 's["t"] = t'),
            ),
        ),
        Misconception(
            "eps_inside_root",
            ("RMSprop", "Adam", "AdamW"),
            "Your code adds eps under the root, to the mean square, instead of to the root itself.",
            "Take gradients around 1e-6: how large is their square next to eps, and how large is its root?",
            edits=(
                ("(np.sqrt(spread) + self.eps)", "np.sqrt(spread + self.eps)"),
                (ADAM_STEP, "p -= self.lr * m_hat / np.sqrt(v_hat + self.eps)"),
            ),
        ),
        Misconception(
            "eps_before_correction",
            MOMENTS,
            "Your Adam adds eps before it corrects the second moment, so that early steps see a much larger eps.",
            "Try an eps of 0.1: is the eps that arrives in the denominator still 0.1 in the first step?",
            edits=((ADAM_STEP, 'p -= self.lr * m_hat * np.sqrt(1 - beta2 ** s["t"]) / (np.sqrt(v) + self.eps)'),),
        ),
        Misconception(
            "adamw_as_l2",
            MOMENTS,
            "Your decoupled weight decay is added to the gradient, and so goes through the averages and the "
            "division like L2 decay.",
            "With a gradient of zero and weight_decay > 0, how far does a weight move, and does that depend on "
            "weight_decay?",
            edits=(("if self.decoupled_weight_decay:", "if False:"),),
        ),
        Misconception(
            "l2_as_adamw",
            MOMENTS,
            "Your L2 weight decay shrinks the weights directly, as AdamW does, instead of becoming part of the "
            "gradient.",
            "Which of the two averages should notice the decay when it isn't decoupled?",
            edits=(("if self.decoupled_weight_decay:", "if True:"),),
        ),
        Misconception(
            "decay_without_lr",
            MOMENTS,
            "Your decoupled weight decay shrinks the weights by weight_decay in each step, whatever the learning rate.",
            "A schedule halves lr: what should happen to the decay?",
            edits=(("p *= 1 - self.lr * self.weight_decay", "p *= 1 - self.weight_decay"),),
        ),
        Misconception(
            "adamw_decay_last",
            MOMENTS,
            "Your decoupled weight decay shrinks the parameter after the step, and so shrinks the new step as well.",
            "How does the learning rate enter what the newest step loses to the decay, and should it lose anything?",
            edits=(
                ("p *= 1 - self.lr * self.weight_decay", "pass"),
                (
                    ADAM_STEP,
                    ADAM_STEP
                    + "\n            if self.decoupled_weight_decay:"
                    + "\n                p *= 1 - self.lr * self.weight_decay",
                ),
            ),
        ),
        Misconception(
            "amsgrad_after_correction",
            MOMENTS,
            "Your amsgrad takes the maximum of the corrected second moments, where the uncorrected ones are due.",
            "The correction blows up the first second moment most of all: what does a maximum do with that afterwards?",
            edits=(
                ('v = np.maximum(s["v_max"], v, out=s["v_max"])', "pass"),
                (
                    UNCORRECTED_V[0],
                    UNCORRECTED_V[0]
                    + "\n            if self.amsgrad:"
                    + '\n                v_hat = np.maximum(s["v_max"], v_hat, out=s["v_max"])',
                ),
            ),
        ),
        Misconception(
            "sgd_dampened_first",
            "SGD",
            "Your SGD dampens the first gradient, too, when it goes into the buffer.",
            "Compare your first step with momentum and dampening to the first step without them.",
            edits=(("self.buffers[name] = np.array(d)", "self.buffers[name] = (1 - self.dampening) * d"),),
        ),
        Misconception(
            "sgd_zero_buffer_ema",
            "SGD",
            "Your momentum buffer is a moving average: each gradient enters with the weight 1 - momentum.",
            "With a constant gradient of 1 and momentum 0.9, at what speed should SGD end up?",
            edits=(
                ("self.buffers[name] = np.array(d)", "self.buffers[name] = (1 - self.momentum) * d"),
                ("+= (1 - self.dampening) * d", "+= (1 - self.momentum) * d"),
            ),
        ),
        Misconception(
            "nesterov_is_momentum",
            "SGD",
            "Your nesterov=True does the same as plain momentum.",
            "The first step with Nesterov is already longer than without: where does the rest come from?",
            edits=(
                (
                    "return d + self.momentum * self.buffers[name] if self.nesterov else self.buffers[name]",
                    "return self.buffers[name]",
                ),
            ),
        ),
        Misconception(
            "lr_inside_buffer",
            ("SGD", "RMSprop"),
            "Your momentum buffer holds steps that are already multiplied by lr, so a new lr doesn't act on what "
            "is in it.",
            "lr drops to a hundredth of what it was: how long should the very next step be?",
            edits=(
                (
                    "d = (-g if self.maximize else g) + self.weight_decay * p",
                    "d = self.lr * ((-g if self.maximize else g) + self.weight_decay * p)",
                ),
                ("p -= self.lr * d", "p -= d"),
                ('s["buffer"] += d / ', 's["buffer"] += self.lr * d / '),
                ('p -= self.lr * s["buffer"]', 'p -= s["buffer"]'),
            ),
        ),
        Misconception(
            "rmsprop_sum",
            "RMSprop",
            "Your RMSprop sums up the squared gradients, as AdaGrad does, instead of averaging them.",
            "With a constant gradient, should the steps still have the same length after 100 steps?",
            edits=(('s["square"] += (1 - self.alpha) * (d**2 - s["square"])', 's["square"] += d**2'),),
        ),
        Misconception(
            "rmsprop_centered_ignored",
            "RMSprop",
            "Your RMSprop does the same with centered=True as without.",
            "For gradients with a large common mean, what is the difference between their mean square and their "
            "variance?",
            edits=(('spread = s["square"] - s["mean"] ** 2', 'spread = s["square"]'),),
        ),
        Misconception(
            "none_is_zero",
            ALL,
            "Your code treats a missing gradient like a gradient of zeros.",
            "Should a parameter that took no part in a step coast on its momentum, decay, or count the step?",
            code="""
def _taking_part(params, grads):
    for name, p in params.items():
        g = grads.get(name)
        yield name, p, np.zeros_like(p) if g is None else g
""",
        ),
        Misconception(
            "out_of_place",
            ALL,
            "Your code binds new arrays instead of changing the ones it was given, so the model never sees the "
            "updates.",
            "Who else holds the arrays in params, and what do they see after a step?",
            code="""
def _taking_part(params, grads):
    for name in params:
        if grads.get(name) is not None:
            params[name] = params[name].copy()
            yield name, params[name], grads[name]
""",
        ),
    ),
    equivalents=(
        Equivalent(
            "if self.momentum != 0:",
            "if self.momentum > 0:",
            "a negative momentum has no meaning and isn't fed",
        ),
    ),
)
