"""Cases, misconceptions and hints for 16-1."""

from itertools import product

import numpy as np

from grader.spec import T32, T64L, Case, Equivalent, Exercise, Misconception, Part, Speed

# Drivers


def channels(student, x, p, u, **options):
    """A mask that holds one number per channel counts like one that holds it for every pixel."""
    answer = student.dropout2d(x, p, u, **options)
    if isinstance(answer, (tuple, list)) and len(answer) == 2 and type(answer[1]) is np.ndarray:
        y, mask = answer
        return (y, np.broadcast_to(mask, x.shape)) if mask.shape == (*x.shape[:2], 1, 1) else answer
    return answer


def average_output(student, weight, x, p, us):
    """What a linear layer sees behind dropout, averaged over many draws."""
    return np.mean([weight @ student.dropout(x, p, u)[0] for u in us], axis=0)


def after_a_change(student, x, p, u):
    """The mask is still right after y was overwritten, and the input after both were."""
    y, mask = student.dropout(x, p, u)
    y[...] = 9.0
    kept = mask.copy()
    mask[...] = 9.0
    return {"mask after y was overwritten": kept, "x after y and mask were overwritten": x.copy()}


def random_state(student, part, **inputs):
    """Whether the global generator of numpy stays as it is."""
    np.random.random()  # whoever sets a seed has done so in earlier cases as well
    before = np.random.get_state()[1].copy()
    position = np.random.get_state()[2]
    getattr(student, part)(**inputs)
    after = np.random.get_state()
    return {"global random state stays": bool((before == after[1]).all()) and position == after[2]}


def many(student, x, p, u, times):
    """Dropout of a large array; a sample of the answer."""
    y, mask = student.dropout(np.tile(x, times), p, np.tile(u, times))
    return [y.shape, y[::9973].copy(), mask[::9973].copy()]


def ensemble_of_rows(student, weight, x, p, us):
    """Monte Carlo dropout of a linear layer for several samples at once: uniforms and predictions have two axes."""

    def predict(u):
        return np.where(u >= p, x / (1 - p), 0.0) @ weight.T

    return student.mc_dropout(predict, us)


def ensemble(student, weight, x, p, us, offset=0.0, single=False):
    """Monte Carlo dropout of a linear layer; also tells which uniforms arrived in which order."""
    seen = []

    def predict(u):
        seen.append(float(u[0]))
        prediction = offset + weight @ np.where(u >= p, x / (1 - p), 0.0)
        return prediction.astype(np.float32) if single else prediction

    answer = student.mc_dropout(predict, us)
    pair = isinstance(answer, (tuple, list)) and len(answer) == 2
    result = {"mean": answer[0], "var": answer[1]} if pair else {"result": answer}
    return {**result, "first uniform of each call": seen}


# Cases


def uniforms(rng, shape, p):
    """Uniforms none of which lies close to p."""
    u = rng.random(shape)
    return np.where(np.abs(u - p) < 1e-6, (u + 0.5) % 1.0, u)


def dropout_cases(rng):
    def case(name, x, p, **options):
        return Case(name, {"x": x, "p": p, "u": uniforms(rng, x.shape, p)}, **options)

    hand, u = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.1, 0.6], [0.9, 0.2]])
    x = rng.normal(size=(6, 5))
    yield Case("p = 0.5, by hand", {"x": hand, "p": 0.5, "u": u})
    yield Case("evaluation", {"x": hand, "p": 0.5, "u": u, "training": False})
    yield Case("p = 0.2: factor of a survivor", {"x": hand, "p": 0.2, "u": u})
    for p in (0.1, 0.3, 0.7, 0.9):
        yield case(f"p = {p}", x, p)
    yield Case("evaluation, p = 0.1", {"x": x, "p": 0.1, "u": uniforms(rng, x.shape, 0.1), "training": False})
    yield Case("evaluation without uniforms", {"x": x, "p": 0.4, "u": None, "training": False})
    yield Case("evaluation, p = 1", {"x": x, "p": 1.0, "u": None, "training": False})
    yield case("p = 0 drops nothing", x, 0.0)
    yield case("p = 1 drops everything", x, 1.0)
    yield case("p = 1 as an integer", x, 1)
    yield Case("u exactly at p", {"x": x, "p": 0.3, "u": np.where(rng.random(x.shape) < 0.5, 0.3, 0.2)})
    nearly = np.where(rng.random(x.shape) < 0.5, 0.3, 0.3 - 1e-10)
    yield Case("u hardly below p", {"x": x, "p": 0.3, "u": nearly})
    yield Case("u hardly below p, x in float32", {"x": np.float32(x), "p": 0.3, "u": nearly}, tolerance=T32)
    yield Case("u = 0 with p = 0", {"x": x, "p": 0.0, "u": np.zeros_like(x)})
    yield case("almost everything is dropped", rng.normal(size=(40, 30)), 0.99)
    yield case("a vector", rng.normal(size=12), 0.4)
    yield case("images", rng.normal(size=(2, 3, 4, 5)), 0.4)
    yield case("batch of one", rng.normal(size=(1, 8)), 0.4)
    yield case("more samples than units", rng.normal(size=(9, 2)), 0.4)
    yield case("empty batch", np.zeros((0, 4)), 0.4)
    yield Case("empty batch, evaluation", {"x": np.zeros((0, 4)), "p": 0.4, "u": None, "training": False})
    yield case("inputs of size 1e300", 1e300 * np.sign(x), 0.6)
    yield case("float32 stays float32", np.float32(x), 0.3, tolerance=T32)
    single = {"x": np.float32(x), "p": 0.3, "u": None, "training": False}
    yield Case("float32 stays float32, evaluation", single, tolerance=T32)
    yield case("float32, p = 1", np.float32(x), 1.0, tolerance=T32)
    yield case("integers", rng.integers(-9, 10, (5, 4)), 0.3)
    yield case("uint8 pixels", rng.integers(0, 256, (5, 4)).astype(np.uint8), 0.7)
    yield case("bools", rng.random((5, 4)) < 0.5, 0.3)
    yield Case("integers, evaluation", {"x": np.arange(6), "p": 0.3, "u": None, "training": False})
    wide = uniforms(rng, (8, 10), 0.3)
    yield Case("Fortran order, u read backwards", {"x": np.asfortranarray(x), "p": 0.3, "u": wide[6:0:-1, ::2]})
    yield Case(
        "a read-only row that stands for all", {"x": np.broadcast_to(x[0], x.shape), "p": 0.3, "u": wide[:6, 5:]}
    )
    yield Case("p below 0", {"x": x, "p": -0.1, "u": wide[:6, 5:]})
    yield Case("p above 1", {"x": x, "p": 1.5, "u": wide[:6, 5:]})
    yield Case("p above 1, evaluation", {"x": x, "p": 1.5, "u": None, "training": False})
    yield Case("y and mask overwritten", {"x": x, "p": 0.3, "u": wide[:6, 5:]}, driver=after_a_change)
    everything = np.array(list(product((0.125, 0.375, 0.625, 0.875), repeat=4)))
    inputs = {"weight": rng.normal(size=(3, 4)), "x": rng.normal(size=4), "p": 0.25, "us": everything}
    yield Case("average output over all draws", inputs, driver=average_output)
    inputs = {"part": "dropout", "x": x, "p": 0.3, "u": wide[:6, 5:]}
    yield Case("no random numbers drawn", inputs, driver=random_state)
    inputs = {"x": rng.normal(size=1000), "p": 0.3, "u": uniforms(rng, 1000, 0.3), "times": 600}
    yield Case("600000 units", inputs, driver=many, speed=Speed())
    yield Case("p = 0.5, by hand, once more", {"x": hand, "p": 0.5, "u": u})


def backward_cases(rng):
    def case(name, shape, p, mask_shape=None, dtype=np.float64, **options):
        mask = np.where(rng.random(mask_shape or shape) >= p, 1 / (1 - p), 0.0).astype(dtype)
        return Case(f"backward: {name}", {"dy": rng.normal(size=shape).astype(dtype), "mask": mask}, **options)

    hand = {"dy": np.array([1.0, 2.0, 3.0]), "mask": np.array([0.0, 2.0, 2.0])}
    yield Case("backward: nothing dropped", {"dy": np.array([1.0, -2.0]), "mask": np.ones(2)})
    yield Case("backward: p = 0.5, by hand", hand)
    yield case("p = 0.2", (6, 5), 0.2)
    yield case("p = 0.9", (20, 5), 0.9)
    yield Case("backward: everything dropped", {"dy": rng.normal(size=(3, 2)), "mask": np.zeros((3, 2))})
    yield case("images", (2, 3, 4, 5), 0.3)
    yield case("a mask with one number per channel", (2, 3, 4, 5), 0.5, (2, 3, 1, 1))
    yield case("one number per channel, as many rows as channels", (3, 3, 3, 3), 0.5, (3, 3, 1, 1))
    yield case("empty batch", (0, 4), 0.3)
    yield case("float32 stays float32", (6, 5), 0.3, dtype=np.float32, tolerance=T32)
    dy, mask = rng.normal(size=(8, 10)), np.where(rng.random((8, 10)) < 0.3, 0.0, 1 / 0.7)
    yield Case("backward: transposed, read backwards", {"dy": np.asfortranarray(dy), "mask": mask[::-1, ::-1]})
    yield Case("backward: one gradient for all", {"dy": np.broadcast_to(1.0, (8, 10)), "mask": mask})
    yield Case("backward: p = 0.5, once more", hand)


def classic_cases(rng):
    def case(name, weight, p, **options):
        return Case(f"classic: {name}", {"weight": weight, "p": p}, **options)

    weight = rng.normal(size=(4, 3))
    yield case("p = 0.5", np.array([[2.0, -4.0]]), 0.5)
    yield case("p = 0.2", np.array([[10.0, 20.0]]), 0.2)
    for p in (0.1, 0.37, 0.9):
        yield case(f"a layer, p = {p}", weight, p)
    yield case("p = 0", weight, 0.0)
    yield case("p = 1", weight, 1.0)
    yield case("a convolution", rng.normal(size=(4, 3, 2, 2)), 0.3)
    yield case("no output", np.zeros((0, 3)), 0.3)
    yield case("float32 stays float32", np.float32(weight), 0.3, tolerance=T32)
    yield case("integers", np.array([[3, -5], [7, 1]]), 0.3)
    yield case("Fortran order", np.asfortranarray(weight), 0.3)
    yield case("read-only", np.broadcast_to(weight[0], (5, 3)), 0.3)
    yield case("p below 0", weight, -0.5)
    yield case("p above 1", weight, 1.01)
    yield case("a second identical call", weight, 0.37)


def channel_cases(rng):
    def case(name, x, p, **options):
        return Case(f"2d: {name}", {"x": x, "p": p, "u": uniforms(rng, x.shape[:2], p)}, **options)

    x = rng.normal(size=(4, 3, 5, 2))
    hand = {"x": np.arange(1.0, 9.0).reshape(1, 2, 2, 2), "p": 0.5, "u": np.array([[0.2, 0.7]])}
    yield Case("2d: two channels, one is dropped", hand)
    yield Case("2d: two samples of one pixel", {"x": np.ones((2, 1, 1, 1)), "p": 0.5, "u": np.array([[0.7], [0.2]])})
    for p in (0.2, 0.5, 0.8):
        yield case(f"p = {p}", x, p)
    yield case("as many channels as samples, rows and columns", rng.normal(size=(3, 3, 3, 3)), 0.5)
    yield Case("2d: evaluation", {"x": x, "p": 0.4, "u": uniforms(rng, (4, 3), 0.4), "training": False})
    yield Case("2d: evaluation without uniforms", {"x": x, "p": 0.4, "u": None, "training": False})
    yield case("p = 0 drops no channel", x, 0.0)
    yield case("p = 1 drops all channels", x, 1.0)
    yield Case("2d: u exactly at p", {"x": x, "p": 0.3, "u": np.where(rng.random((4, 3)) < 0.5, 0.3, 0.2)})
    yield case("batch of one", x[:1], 0.5)
    yield case("one channel", x[:, :1], 0.5)
    yield case("empty batch", x[:0], 0.5)
    yield case("float32 stays float32", np.float32(x), 0.3, tolerance=T32)
    yield case("float32, p = 0", np.float32(x), 0.0, tolerance=T32)
    evaluation = {"p": 0.3, "u": None, "training": False}
    yield Case("2d: float32 stays float32, evaluation", {"x": np.float32(x), **evaluation}, tolerance=T32)
    pixels = rng.integers(0, 256, x.shape).astype(np.uint8)
    yield case("uint8 pixels", pixels, 0.3)
    yield Case("2d: uint8 pixels, evaluation", {"x": pixels, **evaluation})
    layouts = {"x": np.asfortranarray(x), "p": 0.5, "u": uniforms(rng, (8, 6), 0.5)[::-2, ::2]}
    yield Case("2d: Fortran order, u read backwards", layouts)
    yield case("one read-only image for all", np.broadcast_to(x[:1], x.shape), 0.5)
    yield Case("2d: p above 1", {"x": x, "p": 1.5, "u": np.full((4, 3), 0.5)})
    yield Case("2d: p below 0, evaluation", {"x": x, "p": -1.0, "u": None, "training": False})
    inputs = {"part": "dropout2d", "x": x, "p": 0.3, "u": uniforms(rng, (4, 3), 0.3)}
    yield Case("2d: no random numbers drawn", inputs, driver=random_state)
    yield Case("2d: two channels, once more", hand)


def mc_cases(rng):
    def case(name, draws, stacked=False, p=0.3, tolerance=None, **more):
        weight, x, us = rng.normal(size=(3, 5)), rng.normal(size=5), uniforms(rng, (draws, 5), p)
        inputs = {"weight": weight, "x": x, "p": p, "us": us if stacked else list(us), **more}
        return Case(f"mc: {name}", inputs, tolerance=tolerance)

    certain = [np.array([0.6, 0.7]), np.array([0.9, 0.8])]
    hand = {"weight": np.array([[1.0, 2.0]]), "x": np.ones(2), "p": 0.5}
    yield Case("mc: all draws agree", {**hand, "us": certain})
    yield Case("mc: two draws, by hand", {**hand, "us": [np.array([0.6, 0.7]), np.array([0.1, 0.8])]})
    yield case("ten draws", 10)
    yield case("stacked draws", 10, stacked=True)
    yield case("a single draw", 1)
    yield case("many draws", 300, stacked=True)
    yield case("predictions around 1e7", 12, offset=1e7, tolerance=T64L)
    yield case("float32 predictions give float64", 10, single=True)
    yield case("float32 predictions around 1000", 10, single=True, offset=1000.0)
    yield case("no draw, an empty list", 0)
    yield case("no draw, an empty array", 0, stacked=True)
    everything = np.array(list(product((0.25, 0.75), repeat=6)))
    inputs = {"weight": rng.normal(size=(2, 6)), "x": rng.normal(size=6), "p": 0.5, "us": everything}
    yield Case("mc: all thinned networks of six units", inputs)
    inputs = {"weight": rng.normal(size=(2, 5)), "x": rng.normal(size=(4, 5)), "p": 0.3}
    inputs |= {"us": uniforms(rng, (6, 4, 5), 0.3)}
    yield Case("mc: predictions for four samples at once", inputs, driver=ensemble_of_rows)
    yield Case("mc: two draws in the other order", {**hand, "us": [np.array([0.1, 0.8]), np.array([0.6, 0.7])]})


MASK = "return (u >= p) / (1 - p)"
EDGE = "if p == 1:"
ONES = "if training else np.ones(x.shape)"
PER_CHANNEL = "np.broadcast_to(u[:, :, None, None], x.shape)"

exercise = Exercise(
    parts=(
        Part(
            "dropout",
            dropout_cases,
            hints=(
                "Dropping is a multiplication by 0 or by a constant. What must the constant be so that the average "
                "over "
                "many draws is x itself?",
                "Compare u with p for all units at once; True counts as 1. In evaluation mode there is nothing to "
                "decide: every unit passes as it is.",
                "If a share p of the units is lost, the rest has to carry everything. Take care of p = 1, where no "
                "unit is left to carry anything, and of the dtype: the mask has the dtype of y.",
            ),
            returns=("y", "mask"),
        ),
        Part(
            "dropout_backward",
            backward_cases,
            hints=(
                "For a given draw, dropout is a multiplication by constants.",
                "A dropped unit had no influence on the output; a survivor had more than usual.",
                "The mask holds both facts. Broadcasting takes care of masks with one number per channel.",
            ),
        ),
        Part(
            "rescale_classic",
            classic_cases,
            hints=(
                "In training the layer saw only some of its inputs; now it sees all of them. Is its output now too "
                "large or too small?",
                "The layer is linear, so the expected output is the weight times the expected input.",
                "A unit x was there with probability one minus p. Multiply the weight by that.",
            ),
        ),
        Part(
            "dropout2d",
            channel_cases,
            hints=(
                "There is one decision for each channel of each sample, so u has only two axes.",
                "Give u two axes of length 1 at the end; then it broadcasts over the pixels.",
                "u[:, :, None, None] turns this into the first part. In evaluation mode u may be None.",
            ),
            driver=channels,
            returns=("y", "mask"),
        ),
        Part(
            "mc_dropout",
            mc_cases,
            hints=(
                "Each u switches off other units, so each gives another prediction. How much they differ says how sure "
                "the network is.",
                "Call predict for one u after the other, and stack what comes back along a new axis 0, in float64.",
                "np.mean and np.var over that axis; look up what var divides by, and what it does before it squares.",
            ),
            driver=ensemble,
        ),
    ),
    misconceptions=(
        Misconception(
            "no_rescale",
            ("dropout", "dropout2d"),
            "Your dropout sets units to 0 but leaves the survivors as they are.",
            "Average the output over many draws and compare it with x: what is missing?",
            edits=((MASK, "return (u >= p) * 1.0"),),
        ),
        Misconception(
            "keep_probability",
            ("dropout", "dropout2d"),
            "Your p is the probability to keep a unit, as in the original paper; here it is the probability to drop "
            "it.",
            "Which share of the output should be zero when p is 0.1?",
            edits=((EDGE, "if p == 0:"), (MASK, "return (u < p) / p")),
        ),
        Misconception(
            "divided_by_p",
            ("dropout", "dropout2d"),
            "Your survivors are divided by p, the share of units that are lost.",
            "If one unit in ten is lost, how much larger do the other nine have to be?",
            edits=((EDGE, "if p == 0:"), (MASK, "return (u >= p) / p")),
        ),
        Misconception(
            "keeps_below",
            ("dropout", "dropout2d"),
            "Your dropout keeps the right share of units, but those with small u instead of those with u >= p.",
            "Read the rule for u again: on which side of p does a unit survive?",
            edits=((MASK, "return (u < 1 - p) / (1 - p)"),),
        ),
        Misconception(
            "drops_at_p",
            ("dropout", "dropout2d"),
            "Your dropout drops a unit whose u equals p.",
            "u can be exactly 0: may p = 0 then drop a unit?",
            edits=((MASK, "return (u > p) / (1 - p)"),),
        ),
        Misconception(
            "eval_drops",
            ("dropout", "dropout2d"),
            "Your dropout drops units in evaluation mode, too.",
            "Predict the same sample twice with different u: should a deployed model give two answers?",
            edits=(
                (f"_mask(u, p) {ONES}", "_mask(np.linspace(0, 1, x.size).reshape(x.shape) if u is None else u, p)"),
                ("if training:", "if training or u is not None:"),
            ),
        ),
        Misconception(
            "eval_times_p",
            ("dropout", "dropout2d"),
            "Your output in evaluation mode is multiplied by p.",
            "Take p = 0.1, where little is dropped: how much smaller than in training should the output be?",
            edits=((ONES, "if training else np.full(x.shape, float(p))"),),
        ),
        Misconception(
            "eval_scaled_too",
            ("dropout", "dropout2d"),
            "Your dropout enlarges survivors in training and shrinks the output again in evaluation mode.",
            "Count the corrections: how many are needed for the same expected output in both modes?",
            edits=((ONES, "if training else np.full(x.shape, 1.0 - p)"),),
        ),
        Misconception(
            "one_mask_per_batch",
            ("dropout", "dropout2d"),
            "Your dropout drops the same units for all samples, those of the first one.",
            "How many uniforms are you given, and how many of them do you look at?",
            edits=((MASK, "return (np.broadcast_to(u[:1], u.shape) >= p) / (1 - p)"),),
        ),
        Misconception(
            "nan_at_p_one",
            ("dropout", "dropout2d"),
            "Your mask divides by zero when p is 1.",
            "With p = 1 nothing survives: what is there to enlarge?",
            edits=((EDGE, "if False:"), (MASK, "return (u >= p) / np.float64(1 - p)")),
        ),
        Misconception(
            "backward_unmasked",
            "dropout_backward",
            "Your gradient flows through dropped units, too.",
            "If a unit was multiplied by 0, how much does the loss change when the unit changes?",
            edits=(("return dy * mask", "return dy * np.ones_like(mask)"),),
        ),
        Misconception(
            "backward_without_factor",
            "dropout_backward",
            "Your gradient stops at dropped units, but passes the survivors without the factor they got on the way "
            "forward.",
            "A survivor was enlarged: by how much does the output move when its input moves by 1?",
            edits=(("return dy * mask", "return dy * (mask != 0)"),),
        ),
        Misconception(
            "backward_scaled_everywhere",
            "dropout_backward",
            "Your gradient enlarges all units, the dropped ones as well.",
            "Which of the two numbers in the mask belongs to a dropped unit?",
            edits=(("return dy * mask", "return dy * mask.max(initial=0.0)"),),
        ),
        Misconception(
            "classic_times_p",
            "rescale_classic",
            "Your weights are multiplied by the probability to drop.",
            "With p = 0.1 the layer saw nine inputs in ten: how small should its weights become?",
            edits=(("_float(weight) * (1 - p)", "_float(weight) * p"),),
        ),
        Misconception(
            "classic_enlarged",
            "rescale_classic",
            "Your weights are divided by the share of kept units, as survivors are in training; here it is the other "
            "way "
            "round.",
            "At inference more inputs arrive than in training: does the output have to grow or to shrink?",
            edits=(("_float(weight) * (1 - p)", "_float(weight) / (1 - p) if p < 1 else np.zeros(weight.shape)"),),
        ),
        Misconception(
            "classic_untouched",
            "rescale_classic",
            "Your weights stay as they are, which is right for inverted dropout only.",
            "Nobody enlarged the survivors in training: is the expected input at inference the same?",
            edits=(("_float(weight) * (1 - p)", "_float(weight)"),),
        ),
        Misconception(
            "pixelwise_2d",
            "dropout2d",
            "Your dropout2d drops single pixels instead of whole channels.",
            "If one pixel of a smooth picture is missing, how hard is it to guess?",
            edits=((PER_CHANNEL, "np.resize(u, x.shape)"),),
        ),
        Misconception(
            "mc_unbiased",
            "mc_dropout",
            "Your variance is divided by T - 1.",
            "What should the variance of a single draw be?",
            edits=(("predictions.var(axis=0)", "predictions.var(axis=0, ddof=1)"),),
        ),
        Misconception(
            "mc_std",
            "mc_dropout",
            "Your second result is the standard deviation instead of the variance.",
            "Predictions in metres: which unit does each of your two results have?",
            edits=(("predictions.var(axis=0)", "predictions.std(axis=0)"),),
        ),
        Misconception(
            "one_pass_variance",
            "mc_dropout",
            "Your variance is the mean of the squares minus the square of the mean, and cancels away when predictions "
            "are "
            "large.",
            "Square 1e7 and 1e7 + 1: in which digit do the squares differ, and how many does a float hold?",
            edits=(("predictions.var(axis=0)", "(predictions**2).mean(axis=0) - predictions.mean(axis=0) ** 2"),),
        ),
        Misconception(
            "one_variance_for_all",
            "mc_dropout",
            "Your code averages over the outputs as well, and returns one number for all of them.",
            "A network with ten outputs may be sure of some of them: how many variances do you need?",
            edits=(("predictions.mean(axis=0), predictions.var(axis=0)", "predictions.mean(), predictions.var()"),),
        ),
    ),
    equivalents=(Equivalent("if p == 1:", "if p >= 1:", "p above 1 was refused before"),),
)
