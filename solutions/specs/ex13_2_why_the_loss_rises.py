"""Cases, misconceptions and hints for 13-2."""

import numpy as np

from grader.spec import T64, T64L, Case, Equivalent, Exercise, Misconception, Part

# Hessian-vector products, for a submission that never sees the matrix.


def iterate(student, H, v0, iters):
    seen = []

    def hvp(v):
        seen.append(f"{getattr(v, 'dtype', type(v).__name__)} {np.shape(v)}")
        return product(H, v)

    value = student.sharpness(hvp, v0, iters)
    return {"sharpness": value, "calls of hvp": len(seen), "what hvp was given": sorted(set(seen))}


def iterate_uncounted(student, H, v0, iters):
    def hvp(v):
        return product(H, v)

    return student.sharpness(hvp, v0, iters)


def product(H, v):
    with np.errstate(all="ignore"):
        return np.array(H, dtype=np.float64) @ np.array(v, dtype=np.float64)


def rotated(rng, eigenvalues):
    """A symmetric matrix with these eigenvalues whose axes are nobody's coordinates, and its eigenvectors."""
    basis, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues), len(eigenvalues))))
    H = (basis * np.asarray(eigenvalues, dtype=np.float64)) @ basis.T
    return (H + H.T) / 2, basis


def gradients(rng):
    """(name, g, H): gradients in curved, flat and mixed landscapes."""
    yield "one dimension", np.array([3.0]), np.array([[2.0]])
    yield "a diagonal matrix", np.array([1.0, 2.0]), np.diag([4.0, 1.0])
    yield "a 2 x 2 matrix", np.array([1.0, -3.0]), np.array([[2.0, 1.0], [1.0, 3.0]])
    H, basis = rotated(rng, [1.0, 2.0, 5.0, 20.0])
    yield "a gradient across all curvatures", basis @ [1.0, -2.0, 1.5, 0.7], H
    yield "a gradient along the flattest direction", 2.5 * basis[:, 0], H
    yield "a gradient along the steepest direction", 0.3 * basis[:, 3], H
    saddle, basis = rotated(rng, [-3.0, 1.0, 4.0])
    yield "a saddle, mostly upwards", basis @ [0.3, 1.0, -1.2], saddle
    yield "a saddle, mostly downwards", basis @ [2.0, 0.5, 0.3], saddle
    yield "a maximum", rng.standard_normal(3), -rotated(rng, [1.0, 2.0, 3.0])[0]
    yield "no curvature", np.array([1.0, -2.0]), np.zeros((2, 2))
    yield "curvature only across the gradient", np.array([2.0, 0.0]), np.diag([0.0, 7.0])
    yield "a gradient of zeros", np.zeros(2), np.diag([1.0, 2.0])
    yield "a tiny gradient", 1e-4 * basis @ [1.0, 1.0, 2.0], 1e3 * rotated(rng, [1.0, 2.0, 3.0])[0]
    yield "a large gradient", 30 * rng.standard_normal(12), rotated(rng, np.linspace(1.0, 9.0, 12))[0]
    yield "a gradient of 1e-9", 1e-9 * rng.choice([-1.0, 1.0], 3), rotated(rng, [1.0, 2.0, 3.0])[0]
    yield "curvatures of 1e-20", np.array([1.0, -2.0]), 1e-20 * np.array([[2.0, 1.0], [1.0, 3.0]])
    yield "integers", np.array([1, -2]), np.array([[3, 1], [1, 2]])
    yield "8-bit integers", np.array([100, 50], dtype=np.int8), np.array([[3, 1], [1, 2]], dtype=np.int8)
    yield "float32", np.array([1.5, -2.0], dtype=np.float32), np.array([[3.0, 1.0], [1.0, 2.0]], dtype=np.float32)
    yield (
        "other memory layouts",
        np.arange(1.0, 7.0)[::-2],
        np.asfortranarray(rotated(rng, [1.0, 3.0, 4.0])[0])[::-1, ::-1],
    )


def change_cases(rng):
    lrs = (0.5, 0.1, 1.0, 0.01, 0.7)
    for i, (name, g, H) in enumerate(gradients(rng)):
        yield Case(f"change: {name}", {"g": g, "H": H, "lr": lrs[i % 5]})
    g, H = np.array([1.0, -3.0]), np.array([[2.0, 1.0], [1.0, 3.0]])
    yield Case("change: lr 0", {"g": g, "H": H, "lr": 0.0})
    yield Case("change: lr as an integer", {"g": g, "H": H, "lr": 2})
    for number in (np.float32(0.3), np.int8(20)):
        yield Case(f"change: lr as numpy's {number.dtype}", {"g": g, "H": H, "lr": number})
    yield Case("change: a step far too long", {"g": g, "H": H, "lr": 10.0})
    yield Case("change: the 2 x 2 matrix again", {"g": g, "H": H, "lr": 1.0})


def critical_cases(rng):
    for name, g, H in gradients(rng):
        yield Case(f"critical: {name}", {"g": g, "H": H})
    yield Case("critical: the identity", {"g": np.array([0.5, 0.0, -2.0]), "H": np.eye(3)})
    yield Case("critical: exactly level along g", {"g": np.array([1.0, 1.0]), "H": np.diag([2.0, -2.0])})
    yield Case(
        "critical: the 2 x 2 matrix again", {"g": np.array([1.0, -3.0]), "H": np.array([[2.0, 1.0], [1.0, 3.0]])}
    )


def sharpness_cases(rng):
    def case(name, H, v0, iters, driver=None):
        return Case(f"sharpness: {name}", {"H": H, "v0": v0, "iters": iters}, driver=driver)

    H, basis = rotated(rng, [1.0, 2.0, 4.0, 10.0])
    mixed, across = rotated(rng, [-8.0, 3.0, 0.5])
    start = basis @ [1.0, 1.0, 0.5, 0.2]
    yield case("one dimension", np.array([[3.0]]), np.array([1.0]), 1)
    yield case("no iterations: the quotient of the start", np.diag([1.0, 3.0]), np.array([1.0, 1.0]), 0)
    yield case("no iterations, a start of length 5", np.diag([1.0, 3.0]), np.array([3.0, 4.0]), 0)
    yield case("one iteration", np.diag([1.0, 3.0]), np.array([1.0, 1.0]), 1)
    yield case("two iterations", H, start, 2)
    yield case("five iterations", H, start, 5)
    yield case("forty iterations", H, start, 40)
    yield case("a long start", H, 1e3 * start, 3)
    yield case("a short start", H, 1e-3 * start, 3)
    yield case("a start that is an eigenvector", np.diag([1.0, 5.0, 2.0]), np.array([0.0, 0.0, 3.0]), 4)
    yield case("a negative eigenvalue is the largest", mixed, across @ [0.5, 1.0, 1.0], 30)
    yield case("one step in mixed curvature", mixed, across @ [0.5, 1.0, 1.0], 1)
    yield case("no curvature at all", np.zeros((3, 3)), np.array([1.0, 2.0, 2.0]), 5, iterate_uncounted)
    yield case("a start in a flat direction", np.diag([0.0, 4.0]), np.array([2.0, 0.0]), 3, iterate_uncounted)
    yield case("no curvature, no iterations", np.zeros((2, 2)), np.array([1.0, 1.0]), 0)
    yield case("curvatures of 1e9, many products", 1e9 * H, start, 50)
    yield case("curvatures of 1e-9, many products", 1e-9 * H, start, 50)
    yield case("curvatures of 1e-40", 1e-40 * H, start, 5)._replace(tolerance=T64L._replace(floor=0.0))
    yield case("an integer start", H, np.array([1, 2, 0, -1]), 3)
    yield case("a float32 start", H, np.array([1.0, 2.5, 0.0, -1.0], dtype=np.float32), 3)
    third = np.array([0.1, 0.7, -0.3, 1.3], dtype=np.float32)
    yield case("a float32 start, no iterations", H, third, 0)._replace(tolerance=T64)
    yield case("every other entry, backwards", H, np.arange(1.0, 9.0)[::-2], 3)
    yield case("twenty dimensions", rotated(rng, np.linspace(-3.0, 6.0, 20))[0], rng.standard_normal(20), 10)
    yield case("the five iterations again", H, start, 5)


def record(full_after, batch_after, batch_after_plain, before=(1.0, 1.0)):
    return {
        "full_before": before[0],
        "full_after": full_after,
        "batch_before": before[1],
        "batch_after": batch_after,
        "batch_after_plain": batch_after_plain,
    }


def parabola_step(H, centres, batch, x, lr, velocity):
    """The record of a real step: each sample's loss is a parabola around its centre."""

    def loss(point, rows):
        away = point - centres[rows]
        return float(0.5 * np.einsum("ni,ij,nj->n", away, H, away).mean())

    everything, g = np.arange(len(centres)), H @ (x - centres[batch].mean(axis=0))
    after, plain = x - lr * (velocity + g), x - lr * g
    losses = loss(after, everything), loss(after, batch), loss(plain, batch)
    return record(*losses, before=(loss(x, everything), loss(x, batch)))


def explain_cases(rng):
    def case(name, rec):
        return Case(name, {"rec": rec})

    nan, inf = float("nan"), float("inf")
    yield case("everything fell", record(0.9, 0.8, 0.8))
    yield case("the batch fell, the whole rose", record(1.1, 0.8, 0.8))
    yield case("the batch rose, but not with the plain step", record(1.1, 1.2, 0.9))
    yield case("the batch rose even with the plain step", record(1.1, 1.2, 1.3))
    yield case("the whole stayed as it was", record(1.0, 1.2, 1.3))
    yield case("the whole fell, the batch rose", record(0.9, 1.2, 1.3))
    yield case("the whole fell, the batch rose, but not with the plain step", record(0.9, 1.2, 0.7))
    yield case("the whole rose, the batch stayed", record(1.1, 1.0, 1.3))
    yield case("the plain step leaves the batch as it was", record(1.1, 1.2, 1.0))
    yield case("batch and whole start from different losses", record(2.1, 0.9, 0.9, before=(2.0, 0.5)))
    yield case("the batch starts higher than the whole", record(1.1, 2.5, 1.9, before=(1.0, 2.0)))
    yield case("the batch falls from higher than the whole", record(1.1, 1.9, 2.5, before=(1.0, 2.0)))
    yield case("a fall from a negative loss", record(-2.0, -3.0, -3.0, before=(-1.0, -1.0)))
    yield case("a rise by 1e-9", record(1.0 + 1e-9, 1.0 - 1e-9, 0.5))
    hair = float(np.nextafter(1.0, 2.0))
    yield case("a rise in the last digit, on the batch with momentum only", record(hair, hair, 1.0))
    yield case("a rise in the last digit, whatever the step", record(hair, hair, hair))
    yield case("nan everywhere after the step", record(nan, nan, nan))
    yield case("nan in the whole only", record(nan, 0.9, 0.9))
    yield case("nan on the batch, finite with the plain step", record(1.5, nan, 0.9))
    yield case("nan with the plain step", record(1.5, 1.6, nan))
    yield case("infinity everywhere after the step", record(inf, inf, inf))
    yield case("infinity on the batch, finite with the plain step", record(inf, inf, 0.4))
    yield case("minus infinity is not a fall", record(-inf, -inf, -inf))
    yield case("numpy numbers", {name: np.float64(loss) for name, loss in record(1.1, 1.2, 0.9).items()})
    yield case("integers", record(3, 2, 2, before=(2, 2)))
    for number in range(1, 7):
        yield case(f"drawn losses, {number}", record(*rng.choice([0.5, 1.5], 3).tolist()))

    H, basis = rotated(rng, [1.0, 2.0, 10.0])
    centres = rng.standard_normal((12, 3))
    everything, middle, still = np.arange(12), centres.mean(axis=0), np.zeros(3)
    yield case("a real step, short", parabola_step(H, centres, everything, middle + 1, 0.05, still))
    too_long = parabola_step(H, centres, everything, middle + basis[:, 2], 0.3, still)
    yield case("a real step, too long for the curvature", too_long)
    yield case("a real step towards a single sample", parabola_step(H, centres, everything[:1], middle, 0.1, still))
    coasting = parabola_step(H, centres, everything, middle + 0.1 * basis[:, 2], 0.05, -40.0 * basis[:, 2])
    yield case("a real step with momentum, past the minimum", coasting)


def count_cases(rng):
    def case(name, losses, **window):
        return Case(f"count: {name}", {"losses": losses, **window})

    walk, noisy = np.cumsum(rng.standard_normal(50)), np.linspace(5.0, 1.0, 60) + 0.3 * rng.standard_normal(60)
    yield case("a single rise", np.array([3.0, 2.0, 2.5, 1.0]))
    yield case("only falls", np.array([3.0, 2.0, 1.0]))
    yield case("only rises", np.array([1.0, 2.0, 4.0, 8.0]))
    yield case("equal losses are no rise", np.array([2.0, 2.0, 3.0, 3.0, 1.0]))
    yield case("no losses", np.zeros(0))
    yield case("one loss", np.array([2.0]))
    yield case("a window of 2 smooths the rise away", np.array([4.0, 2.0, 3.0, 0.0]), window=2)
    yield case("a window of 2 by hand", np.array([1.0, 0.0, 3.0, 1.0, 5.0, 0.0]), window=2)
    yield case("equal means of whole numbers", np.array([1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 5.0, 1.0]), window=4)
    yield case("only full windows: a rise at the start", np.array([1.0, 5.0, 9.0, 0.0, 0.0]), window=3)
    yield case("as many losses as the window", np.array([1.0, 2.0, 3.0]), window=3)
    yield case("one loss more than the window", np.array([1.0, 2.0, 3.0, 4.0]), window=3)
    yield case("fewer losses than the window", np.array([1.0, 2.0]), window=5)
    yield case("no losses, a window of 4", np.zeros(0), window=4)
    for window in (1, 2, 5, 10):
        yield case(f"a random walk, window {window}", walk, window=window)
        yield case(f"a noisy descent, window {window}", noisy, window=window)
    yield case("negative losses", -np.array([1.0, 2.0, 3.0, 2.0]), window=1)
    yield case("a list", [3.0, 2.0, 2.5, 1.0, 4.0], window=2)
    yield case("an empty list", [], window=2)
    yield case("integers", np.array([5, 3, 4, 4, 2, 9]), window=2)
    yield case("8-bit integers", np.array([100, 120, 90, 110, 127], dtype=np.int8), window=3)
    yield case("8-bit integers without sign", np.array([200, 100, 150, 20, 30], dtype=np.uint8), window=1)
    yield case("rises of 1e-12", 1.0 + 1e-12 * np.array([0.0, 1.0, 0.0, 2.0, 1.0, 3.0]), window=1)
    yield case("float32", np.array([3.0, 2.0, 2.5, 1.0], dtype=np.float32), window=1)
    yield case("every other loss, backwards", walk[::-2], window=3)
    yield case("the random walk again", walk, window=5)


MEANS = """

def count_increases(losses, window=1):
    losses = np.asarray(losses, dtype=np.float64)
    means = [losses[max(0, i - window + 1) : i + 1].mean() for i in range(len(losses))]
    return int(sum(b > a for a, b in zip(means, means[1:])))
"""
BLOCKS = """

def count_increases(losses, window=1):
    losses = np.asarray(losses, dtype=np.float64)
    means = [losses[i : i + window].mean() for i in range(0, len(losses) - window + 1, window)]
    return int(sum(b > a for a, b in zip(means, means[1:])))
"""
SECOND = "first + lr**2 / 2 * (g @ H @ g)"
CRITICAL = "float(2 * (g @ g) / bend) if bend > 0 else np.inf"
RISES = "losses[window:] > losses[:-window]"
RISEN = "not np.isfinite(after) or after > before"
TAKE_MOMENTUM = """    if not _risen(rec["batch_before"], rec["batch_after_plain"]):
        return "momentum"
"""
TAKE_NOISE = """    if not _risen(rec["batch_before"], rec["batch_after"]):
        return "sampling_noise"
"""
TAKE_NONE = """    if not _risen(rec["full_before"], rec["full_after"]):
        return "none"
"""
QUOTIENT = "return float(v @ hvp(v))"

exercise = Exercise(
    parts=(
        Part(
            name="predicted_change",
            cases=change_cases,
            returns=("first", "second"),
            hints=(
                "Taylor: a step s changes the loss by g.s, and to second order by half of s'Hs more.",
                "The step is s = -lr * g. Put it in and collect the powers of lr.",
                "The first term is -lr (g @ g); the second has lr twice, because s occurs twice in it.",
            ),
        ),
        Part(
            name="critical_lr",
            cases=critical_cases,
            hints=(
                "Draw the second-order prediction over lr: it starts at 0, falls, and comes back. Where?",
                "Set the prediction to 0 and divide by lr: what is left is linear in lr.",
                "If g @ H @ g isn't positive, the curve never comes back: np.inf.",
            ),
        ),
        Part(
            name="sharpness",
            cases=sharpness_cases,
            driver=iterate,
            tolerance=T64L,
            hints=(
                "Multiplying by H stretches a vector most along the eigenvector with the largest eigenvalue.",
                "Normalise the start, then iters times: product, length, divide. A length of 0 ends it with 0.0.",
                "One more product w = hvp(v) at the end, and v @ w is the eigenvalue, sign included.",
            ),
        ),
        Part(
            name="explain_step",
            cases=explain_cases,
            hints=(
                "Follow the four answers in their order; the first one that fits is returned.",
                "Each answer but the last asks whether one loss has risen from one value to another: write that as a "
                "small function of its own.",
                "In that function, ask np.isfinite first: a comparison with nan is false in both directions.",
            ),
        ),
        Part(
            name="count_increases",
            cases=count_cases,
            hints=(
                "Start with window = 1: compare each loss with the one before it.",
                "For longer windows, form the means of full windows only, and compare neighbours.",
                "Better: the difference of two neighbouring means is (new loss - loss that drops out) / window, and "
                "only its sign matters. No mean is needed.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            name="first_order_only",
            part="predicted_change",
            summary="Your second prediction is the same as the first and always promises a fall.",
            nudge="Double and redouble the step on a parabola: does the loss fall for ever?",
            edits=((SECOND, "first"),),
        ),
        Misconception(
            name="half_missing",
            part="predicted_change",
            summary="Your second-order term is twice what it should be.",
            nudge="Try it on f(x) = x^2, where you can compute the change exactly. What does H equal there?",
            edits=((SECOND, "first + lr**2 * (g @ H @ g)"),),
        ),
        Misconception(
            name="lr_not_squared",
            part="predicted_change",
            summary="Your second-order term grows in proportion to lr.",
            nudge="How often does the step occur in the quadratic term?",
            edits=((SECOND, "first + lr / 2 * (g @ H @ g)"),),
        ),
        Misconception(
            name="curvature_lowers",
            part="predicted_change",
            summary="Your second-order term has the wrong sign.",
            nudge="Near a minimum, does curvature make a step better or worse than the slope promises?",
            edits=((SECOND, "first - lr**2 / 2 * (g @ H @ g)"),),
        ),
        Misconception(
            name="uphill_sign",
            part="predicted_change",
            summary="Your prediction is for a step along the gradient, not against it.",
            nudge="Which sign should the first-order prediction have for a small step of descent?",
            edits=(("first = -lr * (g @ g)", "first = lr * (g @ g)"),),
        ),
        Misconception(
            name="two_over_lambda",
            part="critical_lr",
            summary="Your critical_lr uses the largest curvature there is, not the curvature along g.",
            nudge="Is this gradient an eigenvector of the largest eigenvalue?",
            edits=(("bend = g @ H @ g", "bend = np.linalg.eigvalsh(H)[-1] * (g @ g)"),),
        ),
        Misconception(
            name="best_not_critical",
            part="critical_lr",
            summary="Your critical_lr is the step with the deepest fall, half of what is asked for.",
            nudge="Where is a parabola lowest, and where is it back at its starting height?",
            edits=((CRITICAL, "float((g @ g) / bend) if bend > 0 else np.inf"),),
        ),
        Misconception(
            name="gradient_taken_as_unit",
            part="critical_lr",
            summary="Your critical_lr is right only for gradients of length 1.",
            nudge="A gradient twice as long takes a step twice as long: should the critical lr of a parabola change?",
            edits=((CRITICAL, "float(2 / bend) if bend > 0 else np.inf"),),
        ),
        Misconception(
            name="negative_step",
            part="critical_lr",
            summary="Your critical_lr is negative, or undefined, where the loss isn't curved upwards.",
            nudge="If a step only gets better the longer it is, at which lr does it turn bad?",
            edits=((CRITICAL, "float(np.float64(2 * (g @ g)) / bend)"),),
        ),
        Misconception(
            name="unnormalised_power",
            part="sharpness",
            summary="Your iteration doesn't bring v back to length 1 after each product, so it over- or underflows.",
            nudge="How long is v after fifty products with a matrix of curvature a billion?",
            edits=(
                ("v = product / length", "v = product"),
                (QUOTIENT, "return float(v @ hvp(v) / (v @ v))"),
            ),
        ),
        Misconception(
            name="length_of_product",
            part="sharpness",
            summary="Your result is the length of a product and has lost the sign.",
            nudge="What does your code say about a maximum, where all curvatures are negative?",
            edits=((QUOTIENT, "return float(np.linalg.norm(hvp(v)))"),),
        ),
        Misconception(
            name="start_not_normalised",
            part="sharpness",
            summary="Your start is not brought to length 1.",
            nudge="With iters = 0, should a start of twice the length give another quotient?",
            edits=(("    v = v / np.linalg.norm(v)\n", ""),),
        ),
        Misconception(
            name="one_product_short",
            part="sharpness",
            summary="Your quotient uses the last product of the iteration, without a further one: v is a step behind.",
            nudge="How many products does iters = 1 take, the one for the quotient included?",
            edits=(("for _ in range(iters):", "for _ in range(iters - 1):"),),
        ),
        Misconception(
            name="zero_over_zero",
            part="sharpness",
            summary="Your iteration divides by the length of a product that may be zero.",
            nudge="What is the curvature of a plane?",
            edits=(("        if length == 0:\n            return 0.0\n", ""),),
        ),
        Misconception(
            name="noise_blamed_always",
            part="explain_step",
            summary="Your answer is sampling_noise for every rise.",
            nudge="Did the loss of the batch itself rise as well?",
            edits=((TAKE_NOISE, '    return "sampling_noise"\n'),),
        ),
        Misconception(
            name="overshoot_blamed_always",
            part="explain_step",
            summary="Your answer is overshoot for every rise.",
            nudge="Could a step of the right length for its batch be wrong for the data?",
            edits=((TAKE_NOISE, ""), (TAKE_MOMENTUM, "")),
        ),
        Misconception(
            name="momentum_never",
            part="explain_step",
            summary="Your code doesn't look at the plain step and never blames momentum.",
            nudge="What would the gradient alone have done?",
            edits=((TAKE_MOMENTUM, ""),),
        ),
        Misconception(
            name="full_loss_not_checked",
            part="explain_step",
            summary="Your code looks for a cause even if the loss on all data hasn't risen.",
            nudge="The batch rose and the whole fell: is there anything to explain?",
            edits=((TAKE_NONE, ""),),
        ),
        Misconception(
            name="nan_is_decrease",
            part="explain_step",
            summary="Your comparisons let nan pass for a fall.",
            nudge="What is nan > 1, and which branch does your code take then?",
            edits=((RISEN, "after > before"),),
        ),
        Misconception(
            name="equal_is_a_rise",
            part="explain_step",
            summary="Your code counts a loss that stays the same as risen.",
            nudge="Which answer is due for a step that changes nothing?",
            edits=((RISEN, "not np.isfinite(after) or after >= before"),),
        ),
        Misconception(
            name="plain_against_whole",
            part="explain_step",
            summary="Your code compares the batch's loss after the plain step with the loss on all data.",
            nudge="Two losses can be compared if they are on the same samples: are these?",
            edits=((TAKE_MOMENTUM, TAKE_MOMENTUM.replace("batch_before", "full_before")),),
        ),
        Misconception(
            name="partial_windows",
            part="count_increases",
            summary="Your means at the start are over fewer losses than the window.",
            nudge="How many full windows of 3 are there in 4 losses?",
            code=MEANS,
        ),
        Misconception(
            name="separate_windows",
            part="count_increases",
            summary="Your windows don't overlap.",
            nudge="A trailing mean moves on by one loss at a time: how many means do 6 losses have, for windows of 2?",
            code=BLOCKS,
        ),
        Misconception(
            name="raw_losses",
            part="count_increases",
            summary="Your count ignores the window.",
            nudge="A single spike: should a mean over ten losses rise for one step only?",
            edits=((RISES, "losses[1:] > losses[:-1]"),),
        ),
        Misconception(
            name="ties_counted",
            part="count_increases",
            summary="Your count takes equal means for a rise.",
            nudge="Does a constant loss rise?",
            edits=((RISES, "losses[window:] >= losses[:-window]"),),
        ),
        Misconception(
            name="compared_with_best",
            part="count_increases",
            summary="Your count compares each mean with the lowest so far, not with the one before.",
            nudge="After one spike, a long descent from it: how many rises are that?",
            code="""

def count_increases(losses, window=1):
    losses = np.asarray(losses, dtype=np.float64)
    means = [losses[i : i + window].mean() for i in range(len(losses) - window + 1)]
    return int(sum(mean > min(means[:i]) for i, mean in enumerate(means) if i))
""",
        ),
    ),
    equivalents=(Equivalent("if length == 0:", "if length <= 0:", "a length isn't negative"),),
)
