"""Paths through bowls and along given gradients, and the factors between the conventions."""

import numpy as np

from grader.spec import T64L, Case, Equivalent, Exercise, Misconception, Part


def in_a_bowl(student, curvature, minimum, **settings):
    """The path where the gradient is that of a quadratic."""

    def grad(theta):
        return curvature @ (theta - minimum)

    return student.momentum_path(grad, **settings)


def with_given_gradients(student, gradients, **settings):
    """The path where call k of grad gets the k-th gradient, wherever it asks."""
    calls = []

    def grad(theta):
        calls.append(0)
        return gradients[min(len(calls), len(gradients)) - 1].copy()

    return student.momentum_path(grad, **settings)


def where_it_asks(student, curvature, minimum, **settings):
    """Every point at which the gradient is asked for, and the path."""
    points = []

    def grad(theta):
        points.append(np.array(theta))
        return curvature @ (theta - minimum)

    path = student.momentum_path(grad, **settings)
    return {"points at which grad was called": points, "path": path}


def from_one_array(student, curvature, minimum, **settings):
    """The path where grad fills one array again and again."""
    lent = np.zeros(len(minimum))

    def grad(theta):
        lent[...] = curvature @ (theta - minimum)
        return lent

    return student.momentum_path(grad, **settings)


CONVENTIONS = ("classical", "pytorch", "ema")
LOOKING_AHEAD = (("classical", False), ("pytorch", False), ("ema", False), ("classical", True), ("pytorch", True))


def path_cases(rng):
    yield from paths_by_hand()
    for convention, nesterov in LOOKING_AHEAD:
        settings = {"momentum": 0.8, "convention": convention, "nesterov": nesterov}
        name = f"{convention}{', nesterov' if nesterov else ''}"
        yield from paths_of_one_kind(rng, name, settings)
    hand = {"gradients": np.ones((3, 1)), "theta0": np.zeros(1), "lrs": np.full(3, 0.1), "momentum": 0.9}
    refused = {**hand, "convention": "ema", "nesterov": True}
    yield Case("nesterov with ema is refused", refused, driver=with_given_gradients)
    unknown = {**hand, "convention": "keras"}
    yield Case("a convention called 'keras' is refused", unknown, driver=with_given_gradients)
    for name, inputs in (("nesterov with ema", refused), ("'keras'", unknown)):
        yield Case(f"{name} is refused without steps, too", {**inputs, "lrs": np.zeros(0)}, driver=with_given_gradients)


def paths_by_hand():
    def case(name, gradients, lrs, momentum, convention, **more):
        inputs = {"gradients": np.array(gradients), "theta0": np.array([1.0]), "lrs": np.array(lrs), **more}
        inputs |= {"momentum": momentum, "convention": convention}
        return Case(name, inputs, driver=with_given_gradients)

    for convention in CONVENTIONS:
        yield case(f"momentum 0, two steps ({convention})", [[1.0], [2.0]], [0.1, 0.1], 0.0, convention)
    for convention in CONVENTIONS:
        yield case(f"gradient 1 in each of 3 steps ({convention})", [[1.0]] * 3, [0.1] * 3, 0.5, convention)
    for convention in CONVENTIONS:
        yield case(f"one gradient, then zeros ({convention})", [[1.0], [0.0], [0.0]], [0.1] * 3, 0.5, convention)
    for convention in CONVENTIONS:
        lrs = [1.0, 1.0, 0.1, 0.1]
        yield case(f"lr drops to a tenth after 2 steps ({convention})", [[1.0]] * 4, lrs, 0.9, convention)
    for convention in ("classical", "pytorch"):
        more = {"nesterov": True}
        yield case(f"gradient 1, nesterov ({convention})", [[1.0]] * 3, [0.1] * 3, 0.5, convention, **more)


def paths_of_one_kind(rng, name, settings):
    spread = rng.normal(size=(3, 3))
    curvature, minimum, theta0 = spread @ spread.T / 3 + 0.2 * np.eye(3), rng.normal(size=3), rng.normal(size=3) + 2

    def case(title, theta0=theta0, lrs=None, driver=None, **more):
        lrs = np.full(12, 0.1) if lrs is None else lrs
        inputs = {"curvature": curvature, "minimum": minimum, "theta0": theta0, "lrs": lrs, **settings, **more}
        return Case(f"{title} ({name})", inputs, driver=driver)

    yield case("down a bowl")
    yield case("100 steps with a high momentum", lrs=np.full(100, 0.05), momentum=0.95)
    yield case("warm-up, then decay", lrs=np.concatenate([np.linspace(0.01, 0.3, 6), 0.3 * 0.5 ** np.arange(6)]))
    yield case("where the gradient is taken", lrs=np.full(4, 0.2), driver=where_it_asks)
    whole = np.array([3, -2, 0])
    yield case("what grad gets for an integer start", theta0=whole, lrs=np.full(2, 0.2), driver=where_it_asks)
    yield case("grad fills one array again and again", driver=from_one_array)
    yield case("a rate of 0 in the middle", lrs=np.array([0.2, 0.2, 0.0, 0.2]))
    yield case("no steps at all", lrs=np.zeros(0))
    yield case("an integer start and no steps", theta0=whole, lrs=np.zeros(0))
    yield case("an integer start", theta0=whole)
    yield case("a float32 start, every other entry of an array", theta0=np.float32(np.repeat(theta0, 2))[::2])


def convert_cases(rng):
    def case(name, v, src, dst, lr=0.1, momentum=0.9):
        return Case(name, {"v": np.asarray(v), "lr": lr, "momentum": momentum, "src": src, "dst": dst})

    pairs = [(src, dst) for src in CONVENTIONS for dst in CONVENTIONS]
    for src, dst in pairs:
        yield case(f"{src} to {dst}, by hand", [1.0, -2.0], src, dst, 0.5, 0.75)
    for src, dst in pairs:
        yield case(f"{src} to {dst}", rng.normal(size=(2, 3)), src, dst, 0.03, 0.9)
    for src, dst in pairs:
        yield case(f"{src} to {dst}, without momentum", rng.normal(size=4), src, dst, 0.2, 0.0)
    for src, dst in pairs:
        yield case(f"{src} to {dst} at a learning rate of 0", [1.0, -2.0], src, dst, 0.0)
    yield case("an integer velocity", [2, -4], "pytorch", "classical")
    yield case("a float32 velocity", np.float32([2.5, -4.1]), "ema", "pytorch", momentum=0.7)
    yield case("an integer velocity that stays", [2, -4], "ema", "ema")
    yield case("a float32 velocity that stays", np.float32([2.5, -4]), "classical", "classical")
    yield case("a tiny learning rate", [1.0, -2.0], "classical", "pytorch", 1e-12)
    yield case("a velocity of shape ()", 2.5, "pytorch", "ema")
    yield case("an empty velocity", np.zeros((0, 3)), "classical", "ema")
    yield case("an unknown source is refused", [1.0], "keras", "ema")
    yield case("an unknown destination is refused", [1.0], "ema", "keras")
    yield case("twice the same unknown convention is refused", [1.0], "keras", "keras")


def effective_cases(rng):
    def case(name, lr, momentum, convention):
        return Case(f"{name} ({convention})", {"lr": lr, "momentum": momentum, "convention": convention})

    for convention in CONVENTIONS:
        yield case("without momentum", 0.1, 0.0, convention)
        yield case("momentum 0.5", 0.1, 0.5, convention)
        yield case("lr 0.1, momentum 0.9", 0.1, 0.9, convention)
        yield case("lr 2, momentum 0.99", 2, 0.99, convention)
        yield case("momentum 0.9999", 0.1, 0.9999, convention)
        yield case("some lr and momentum", *rng.uniform(0.1, 0.9, 2), convention)
    yield case("an unknown convention is refused", 0.1, 0.9, "keras")


def polyak_cases(rng):
    def case(name, mu, L):
        return Case(name, {"mu": mu, "L": L})

    yield case("curvatures from 1 to 9, by hand", 1.0, 9.0)
    yield case("one curvature only", 2.0, 2.0)
    yield case("condition number 100", 1.0, 100.0)
    yield case("condition number 100, flatter", 0.01, 1.0)
    yield case("condition number 4, integers", 2, 8)
    yield case("condition number 1e6", 1e-3, 1e3)
    yield case("condition number 1.0001", 1.0, 1.0001)
    yield case("some curvatures", *np.sort(rng.uniform(0.1, 5, 2)))


FIRST_IN_ALPHABET = "of the three names, it is the first in the alphabet"
NEW_VELOCITY = "v = momentum * v + _weight(convention, lr, momentum) * g"

exercise = Exercise(
    parts=(
        Part(
            "momentum_path",
            path_cases,
            hints=(
                "Each step has three lines: a gradient, a new velocity, new parameters. Write them for one convention "
                "first.",
                "Only two things differ between the conventions: what the gradient is multiplied by on its way into "
                "the velocity, and whether lr multiplies the velocity on its way out.",
                "For nesterov, think before each line: at which point is the gradient due, and which velocity is "
                'meant, the old or the new one? "classical" needs the old one and "pytorch" the new one.',
                "Collect the rows as arrays of their own (theta = theta - ... makes a new one) and stack them at the "
                "end; the first row is the start.",
            ),
            driver=in_a_bowl,
            tolerance=T64L,
        ),
        Part(
            "convert_velocity",
            convert_cases,
            hints=(
                "Write the velocity after three steps as a sum of the three gradients, once for each convention.",
                "The sums differ by a constant factor: what every gradient was multiplied by when it entered.",
                "Divide by the factor of src and multiply by that of dst. Look after src == dst and lr == 0 first.",
            ),
        ),
        Part(
            "effective_lr",
            effective_cases,
            hints=(
                "Let the gradient be 1 for ever. The velocity settles where a step doesn't change it any more.",
                "Solve v = momentum * v + w for v, where w is what the gradient is multiplied by on its way in.",
                'Then take the step: v itself for "classical", lr times v for the other two. Two of the three '
                "results are the same.",
            ),
        ),
        Part(
            "polyak_optimal",
            polyak_cases,
            hints=(
                "In a direction with curvature c the pair of two consecutive errors is multiplied by a 2 x 2 matrix "
                "in each step. Its eigenvalues decide.",
                "While the eigenvalues are complex their magnitude is the root of the momentum, for every curvature. "
                "The momentum should be as small as it can be with that true from mu to L.",
                "At the optimum the eigenvalues are real and equal at both ends. Write everything with the roots of mu "
                "and L; the momentum is the square of the rate.",
            ),
            returns=("lr", "momentum", "rate"),
        ),
    ),
    misconceptions=(
        Misconception(
            "ema_for_classical",
            ("momentum_path", "effective_lr"),
            "Your velocity is a moving average in all conventions: each gradient enters with the weight 1 - momentum.",
            "With a constant gradient and momentum 0.9, how many times the step of plain descent is the final step?",
            edits=(
                ('{"classical": lr, "pytorch": 1.0,', '{"classical": lr * (1 - momentum), "pytorch": 1 - momentum,'),
            ),
        ),
        Misconception(
            "lr_inside_outside",
            ("momentum_path", "convert_velocity"),
            'Your "classical" and "pytorch" velocities are exchanged: lr multiplies at the wrong place.',
            "Change lr in the middle of a run. In which convention do old gradients keep the lr of their own time?",
            edits=(
                ('{"classical": lr, "pytorch": 1.0,', '{"classical": 1.0, "pytorch": lr,'),
                ('if convention == "classical" else lr * direction', 'if convention == "pytorch" else lr * direction'),
            ),
        ),
        Misconception(
            "sign",
            "momentum_path",
            "Your parameters move along the velocity instead of against it.",
            "Take a single step: does the loss go up or down?",
            edits=(("theta = theta - (direction", "theta = theta + (direction"),),
        ),
        Misconception(
            "nesterov_no_lookahead",
            "momentum_path",
            "Your nesterov=True is plain momentum.",
            "Where is the gradient taken in the second step, and how is that different from plain momentum?",
            edits=(
                ('theta - momentum * v if nesterov and convention == "classical" else theta', "theta"),
                ('g + momentum * v if nesterov and convention == "pytorch" else v', "v"),
            ),
        ),
        Misconception(
            "nesterov_ahead_for_both",
            "momentum_path",
            'Your "pytorch" look-ahead takes the gradient at another point, as the classical one does.',
            "PyTorch's optimiser is handed a gradient that was computed before it is called: at which point?",
            edits=(
                (
                    'theta - momentum * v if nesterov and convention == "classical" else theta',
                    'theta - (momentum * v if convention == "classical" else lr * momentum * v) if nesterov else theta',
                ),
                ('g + momentum * v if nesterov and convention == "pytorch" else v', "v"),
            ),
        ),
        Misconception(
            "nesterov_at_theta_for_both",
            "momentum_path",
            'Your "classical" look-ahead takes the gradient where the parameters are and adds to the step, as '
            "PyTorch does.",
            "Record the points at which you ask for the gradient: which of them should lie on the path?",
            edits=(
                ('theta - momentum * v if nesterov and convention == "classical" else theta', "theta"),
                (
                    'g + momentum * v if nesterov and convention == "pytorch" else v',
                    "_weight(convention, lr, momentum) * g + momentum * v if nesterov else v",
                ),
            ),
        ),
        Misconception(
            "pytorch_with_old_velocity",
            "momentum_path",
            'Your "pytorch" look-ahead adds momentum times the old velocity, which gives plain momentum.',
            "Take two steps with gradient 1, with and without nesterov: is there a difference?",
            edits=(
                (
                    'direction = g + momentum * v if nesterov and convention == "pytorch" else v',
                    "direction = v",
                ),
            ),
        ),
        Misconception(
            "momentum_on_theta",
            "momentum_path",
            "Your momentum averages old and new parameters, so nothing is remembered of the direction.",
            "After some steps the gradient becomes zero: do your parameters coast on, or stop at once?",
            edits=(
                (
                    "theta = theta - (direction",
                    "direction = (1 - momentum) * (lr if convention == 'classical' else 1) * g\n"
                    "        theta = theta - (direction",
                ),
            ),
        ),
        Misconception(
            "velocity_reset",
            "momentum_path",
            "Your velocity is forgotten after each step.",
            "Compare your path with the path for momentum 0: where do they differ?",
            edits=((NEW_VELOCITY, "v = _weight(convention, lr, momentum) * g"),),
        ),
        Misconception(
            "rows_of_one_array",
            "momentum_path",
            "Your path holds the same array in every row, as it was at the end.",
            "You changed an array in place after you had put it into a list: what does the list show now?",
            edits=(("theta = theta - (direction", "theta -= (direction"),),
        ),
        Misconception(
            "start_left_out",
            "momentum_path",
            "Your path lacks the parameters before the first step.",
            "How many points does a path of one step have?",
            edits=(("path = [theta]", "path = []"), ("return np.stack(path)", "return np.array(path)")),
        ),
        Misconception(
            "factor_upside_down",
            "convert_velocity",
            "Your conversion goes the other way: it divides where it should multiply.",
            "With lr = 0.1, which is larger after one step, the velocity that holds the step or the one that holds "
            "the gradient?",
            edits=(
                (
                    "(_weight(dst, lr, momentum) / _weight(src, lr, momentum))",
                    "(_weight(src, lr, momentum) / _weight(dst, lr, momentum))",
                ),
            ),
        ),
        Misconception(
            "ema_settles_like_the_rest",
            "effective_lr",
            "Your final step of the moving average is longer by the sum of all weights, like that of the others.",
            "Average a sequence of ones, with whatever weights: what comes out?",
            edits=(
                (
                    "    return settled if convention",
                    '    if convention == "ema":\n        settled /= 1 - momentum\n    return settled if convention',
                ),
            ),
        ),
        Misconception(
            "first_step_only",
            "effective_lr",
            "Your effective learning rate is the length of the first step, not of a late one.",
            "What has the velocity collected by the tenth step with gradient 1?",
            edits=(("_weight(convention, lr, momentum) / (1 - momentum)", "_weight(convention, lr, momentum)"),),
        ),
        Misconception(
            "optimal_beta_sqrt",
            "polyak_optimal",
            "Your momentum is the root of the best one: the convergence rate itself.",
            "For a condition number of 100 the error shrinks by 0.818 per step. Which power of that is the momentum?",
            edits=(("rate**2, rate", "rate, rate"),),
        ),
        Misconception(
            "rate_of_the_square",
            "polyak_optimal",
            "Your rate is the momentum itself.",
            "The eigenvalues of the 2 x 2 iteration matrix have the momentum as their product: how large is each?",
            edits=(("rate**2, rate", "rate**2, rate**2"),),
        ),
        Misconception(
            "rate_without_momentum",
            "polyak_optimal",
            "Your rate and momentum come from the condition number itself, as if momentum brought nothing.",
            "How fast is plain gradient descent at its best for a condition number of 100, and what are you asked for?",
            edits=(("(root_L - root_mu) / (root_L + root_mu)", "(L - mu) / (L + mu)"),),
        ),
        Misconception(
            "lr_of_plain_descent",
            "polyak_optimal",
            "Your learning rate is the best one for gradient descent without momentum.",
            "With momentum, is a step of 2 / L still the longest that converges?",
            edits=(("4 / (root_L + root_mu) ** 2", "2 / (L + mu)"),),
        ),
    ),
    equivalents=(
        Equivalent(
            'g = grad(theta - momentum * v if nesterov and convention == "classical" else theta)',
            'g = grad(theta - momentum * v if nesterov and convention <= "classical" else theta)',
            FIRST_IN_ALPHABET,
        ),
        Equivalent(
            'theta = theta - (direction if convention == "classical" else lr * direction)',
            'theta = theta - (direction if convention <= "classical" else lr * direction)',
            FIRST_IN_ALPHABET,
        ),
        Equivalent(
            'return settled if convention == "classical" else lr * settled',
            'return settled if convention <= "classical" else lr * settled',
            FIRST_IN_ALPHABET,
        ),
        Equivalent(
            'direction = g + momentum * v if nesterov and convention == "pytorch" else v',
            'direction = g + momentum * v if nesterov and convention >= "pytorch" else v',
            "of the three names, it is the last in the alphabet",
        ),
        Equivalent(
            'if lr == 0 and "classical" in (src, dst):',
            'if lr <= 0 and "classical" in (src, dst):',
            "a negative learning rate has no meaning and isn't fed",
        ),
    ),
)
