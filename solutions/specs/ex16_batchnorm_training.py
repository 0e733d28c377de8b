"""Cases, misconceptions and hints for 16."""

import numpy as np

from grader.spec import T64L, Case, Equivalent, Exercise, Misconception, Part, Speed, Tolerance

F32 = Tolerance(1e-4, 1e-5)
FAR_32 = Tolerance(1e-3, 2e-2, scaled=False)  # float32 next to 1e4 resolves a thousandth of the spread
FAR_64 = Tolerance(3e-6, 3e-6)  # rounding of the mean adds up in dweight

# How the functions are driven. The cache never leaves the worker: only backward has to understand it.


def forward(student, **inputs):
    return without_cache(student.batchnorm_forward(**inputs))


def forward_output(student, **inputs):
    """Only the output: an empty batch has no statistics."""
    return items(student.batchnorm_forward(**inputs), 4)[0]


def backward(student, dy, **inputs):
    cache = items(student.batchnorm_forward(**inputs), 4)[1]
    return student.batchnorm_backward(dy, cache)


def backward_twice(student, dy, second, **inputs):
    """The cache is used again, after all answers were overwritten."""
    y, cache, mean, var = items(student.batchnorm_forward(**inputs), 4)
    for part in (y, mean, var):
        if part is not cache:
            overwrite(part)
    first = student.batchnorm_backward(dy, cache)
    kept = [part.copy() if isinstance(part, np.ndarray) else part for part in items(first, 3)]
    for part in items(first, 3):
        overwrite(part)
    return [kept, student.batchnorm_backward(second, cache)]


def other_batch_in_between(student, dy, other, **inputs):
    """Each cache belongs to its own batch."""
    cache = items(student.batchnorm_forward(**inputs), 4)[1]
    student.batchnorm_forward(other, inputs["weight"], inputs["bias"])
    return student.batchnorm_backward(dy, cache)


def large(student, x, dy, weight, bias, times):
    """Forward and backward of many samples; a sample of the answers."""
    y, cache, mean, var = items(student.batchnorm_forward(np.tile(x, (times, 1, 1, 1)), weight, bias), 4)
    dx, dweight, dbias = items(student.batchnorm_backward(np.tile(dy, (times, 1, 1, 1)), cache), 3)
    return [y[::97].copy(), mean, var, dx[::97].copy(), dweight, dbias]


def items(answer, count):
    """The items of a tuple; if there aren't as many as there should be, the answer itself in each place."""
    fits = isinstance(answer, (tuple, list)) and len(answer) == count
    return answer if fits else [answer] * count


def without_cache(answer):
    y, _, mean, var = items(answer, 4)
    return {"y": y, "batch_mean": mean, "batch_var": var}


def overwrite(value):
    if isinstance(value, np.ndarray) and value.flags.writeable:
        value[...] = 9


# Cases


def batches(rng):
    """(name, inputs of forward, tolerance) that forward and backward are asked about, from easy to hard."""

    def batch(name, *shape, scale=1.0, offset=0.0, tolerance=None, dtype=np.float64, **options):
        """Channels differ in mean and spread."""
        channels = (1, shape[1], *[1] * (len(shape) - 2))
        x = rng.normal(rng.normal(0, 2, channels), rng.uniform(0.5, 2, channels), shape)
        parameters = {"weight": rng.normal(size=shape[1]), "bias": rng.normal(size=shape[1])}
        return name, {"x": (scale * x + offset).astype(dtype), **parameters, **options}, tolerance

    yield batch("(N, C)", 8, 3)
    yield batch("(N, C, L)", 3, 4, 5)
    yield batch("images", 3, 2, 4, 5)
    yield batch("as many samples as channels", 4, 4)
    yield batch("as many samples, channels, rows and columns", 3, 3, 3, 3)
    yield batch("one channel", 6, 1)
    yield batch("a single image", 1, 3, 4, 2)
    yield batch("a batch of two", 2, 5)
    yield batch("an image of one pixel", 5, 3, 1, 1)
    yield batch("variances around 1e-4", 8, 3, scale=0.01)
    yield batch("variances around 1e-6", 8, 3, scale=1e-3)
    yield batch("variances around 1e-6, images", 2, 3, 3, 2, scale=1e-3)
    yield batch("values around 1e4", 16, 3, scale=1e4)
    yield batch("a large eps", 8, 3, eps=2.0)
    yield batch("eps = 0", 8, 3, eps=0.0)
    yield batch("variances around 1e-14, eps = 0", 8, 3, scale=1e-7, eps=0.0)
    name, inputs, _ = batch("a weight of 0", 8, 3)
    yield name, {**inputs, "weight": inputs["weight"] * [1.0, 0.0, 1.0]}, None
    yield batch("many values per channel", 16, 3, 8, 8)
    constant = batch("a constant channel", 8, 3)
    constant[1]["x"][:, 1] = 2.0
    yield constant
    yield batch("1e7 away from zero", 32, 3, 4, offset=1e7, tolerance=FAR_64)
    yield batch("1e7 below zero", 64, 4, offset=-1e7, tolerance=FAR_64)
    yield batch("float32", 8, 3, dtype=np.float32, tolerance=F32)
    yield batch("float32, images", 2, 3, 4, 4, dtype=np.float32, tolerance=F32)
    whole = rng.integers(0, 256, (5, 3, 2, 2)).astype(np.uint8)
    yield "uint8 pixels", {**batch("", 1, 3)[1], "x": whole}, None
    yield "integers", {**batch("", 1, 3)[1], "x": rng.integers(-9, 10, (7, 3))}, None
    name, inputs, _ = batch("float64 with float32 parameters", 8, 3)
    single = {key: inputs[key].astype(np.float32) for key in ("weight", "bias")}
    yield name, {**inputs, **single}, None
    name, inputs, _ = batch("Fortran order, parameters read backwards", 4, 3, 5, 2)
    yield name, {key: np.asfortranarray(value) if key == "x" else value[::-1] for key, value in inputs.items()}, None
    name, inputs, _ = batch("every other sample, backwards", 8, 3, 4)
    yield name, {**inputs, "x": inputs["x"][::-2]}, None
    name, inputs, _ = batch("one read-only row for all pixels", 6, 3, 1, 1)
    yield name, {**inputs, "x": np.broadcast_to(inputs["x"], (6, 3, 4, 2))}, None


def forward_cases(rng):
    ones, zeros = np.ones(2), np.zeros(2)
    hand = {"x": np.array([[1.0, 10.0], [3.0, 30.0]]), "weight": ones, "bias": zeros}
    yield Case("by hand: two samples, eps 0", {**hand, "eps": 0.0})
    yield Case(
        "by hand: weight 2 and 3, bias 1 and 0",
        {**hand, "weight": np.array([2.0, 3.0]), "bias": np.array([1.0, 0.0]), "eps": 0.0},
    )
    for name, inputs, tolerance in batches(rng):
        yield Case(name, inputs, tolerance=tolerance)
    parameters = {"weight": ones, "bias": zeros}
    far = (1e4 + rng.normal(size=(16, 2))).astype(np.float32)
    yield Case("float16 gives float64", {"x": np.float16([[1.0, -2.0], [3.0, 4.0], [0.5, 1.0]]), **parameters})
    yield Case("float32, 1e4 away from zero", {"x": far, **parameters}, tolerance=FAR_32)
    yield Case("one value per channel", {"x": np.ones((1, 2)), **parameters})
    yield Case("one value per channel, an image of one pixel", {"x": np.ones((1, 2, 1, 1)), **parameters})
    for shape in ((0, 2), (0, 2, 3, 3)):
        yield Case(f"empty batch {shape}", {"x": np.zeros(shape), **parameters}, driver=forward_output)
    empty = {"x": np.zeros((0, 2), np.float32), **parameters}
    yield Case("empty batch of float32", empty, driver=forward_output)
    inputs = {"x": rng.normal(size=(6, 2)), **parameters}
    yield Case("six samples", inputs)
    yield Case("six samples, a second identical call", inputs)


def backward_cases(rng):
    def gradient(inputs):
        dtype = np.float32 if inputs["x"].dtype == np.float32 else np.float64
        return rng.normal(rng.normal(), 1.0, inputs["x"].shape).astype(dtype)

    ones = np.ones(1)
    hand = {"x": np.array([[-1.0], [-1.0], [1.0], [1.0]]), "weight": ones, "bias": 0 * ones, "eps": 0.0}
    yield Case("backward: dy is orthogonal to 1 and to xhat", {**hand, "dy": np.array([[1.0], [-1.0], [1.0], [-1.0]])})
    yield Case("backward: the same dy for every sample", {**hand, "dy": np.ones((4, 1))})
    yield Case("backward: dy is xhat itself", {**hand, "dy": hand["x"].copy()})
    yield Case(
        "backward: by hand, weight 2", {**hand, "weight": 2 * ones, "dy": np.array([[4.0], [0.0], [0.0], [0.0]])}
    )
    for name, inputs, tolerance in batches(rng):
        yield Case(f"backward: {name}", {**inputs, "dy": gradient(inputs)}, tolerance=tolerance)
    inputs = {"x": rng.normal(size=(5, 3, 2)), "weight": rng.normal(size=3), "bias": rng.normal(size=3)}
    strided = np.asfortranarray(rng.normal(size=(5, 3, 2)))[::-1]
    yield Case("backward: dy in another memory layout", {**inputs, "dy": strided})
    yield Case("backward: one number for all of dy", {**inputs, "dy": np.broadcast_to(1.5, (5, 3, 2))})
    for shape in ((0, 2), (0, 2, 3, 3)):
        nothing = {"x": np.zeros(shape), "weight": np.ones(2), "bias": np.zeros(2), "dy": np.zeros(shape)}
        yield Case(f"backward: empty batch {shape}", nothing)
    dy = gradient(inputs)
    twice = {**inputs, "dy": dy, "second": gradient(inputs)}
    yield Case("backward: twice from one cache", twice, driver=backward_twice)
    between = {**inputs, "dy": dy, "other": rng.normal(size=(5, 3, 2))}
    yield Case("backward: another batch in between", between, driver=other_batch_in_between)
    inputs = {"x": rng.normal(size=(8, 16, 8, 8)), "dy": rng.normal(size=(8, 16, 8, 8)), "times": 32}
    inputs |= {"weight": rng.normal(size=16), "bias": rng.normal(size=16)}
    yield Case("forward and backward of 262144 values", inputs, driver=large, speed=Speed(), tolerance=T64L)


def eval_cases(rng):
    def case(name, *shape, scale=1.0, offset=0.0, dtype=np.float64, tolerance=None, change=None, **options):
        x, dy = scale * rng.normal(1, 2, shape) + offset, rng.normal(size=shape)
        running = {"running_mean": rng.normal(offset, 1, shape[1]).astype(dtype).astype(np.float64)}
        running |= {"running_var": scale**2 * rng.uniform(0.3, 3, shape[1])}
        inputs = {
            "dy": dy.astype(dtype),
            "x": x.astype(dtype),
            "weight": rng.normal(size=shape[1]),
            **running,
            **options,
        }
        return Case(f"eval: {name}", change(inputs) if change else inputs, tolerance=tolerance)

    def in_other_layouts(inputs):
        swapped = {key: value[::-1] for key, value in inputs.items()}
        return {**swapped, "x": np.asfortranarray(inputs["x"]), "dy": inputs["dy"][::-1]}

    one, constants = np.ones(1), {"running_mean": np.array([1.0]), "running_var": np.array([4.0]), "eps": 0.0}
    column = {"x": np.array([[3.0], [1.0]]), "dy": np.array([[1.0], [-1.0]])}
    yield Case("eval: by hand: mean 1, variance 4, eps 0", {**column, "weight": one, **constants})
    yield Case("eval: by hand, weight 3", {**column, "weight": 3 * one, **constants})
    yield case("(N, C)", 8, 3)
    yield case("(N, C, L)", 3, 4, 5)
    yield case("images", 3, 2, 4, 5)
    yield case("as many samples, channels, rows and columns", 3, 3, 3, 3)
    yield case("a single sample", 1, 3)
    yield case("a single image of one pixel", 1, 3, 1, 1)
    yield case("empty batch", 0, 3)
    yield case("empty batch of images", 0, 3, 2, 2)
    yield case("variances around 1e-6", 8, 3, scale=1e-3)
    yield case("a large eps", 8, 3, eps=2.0)
    yield case("eps = 0", 8, 3, eps=0.0)
    yield case("1e7 away from zero", 32, 3, 4, offset=1e7, tolerance=T64L)
    yield case("float32", 8, 3, dtype=np.float32, tolerance=F32)
    single = {"dtype": np.float32, "tolerance": Tolerance(1e-4, 1e-3, scaled=False)}
    yield case("float32, 1e4 away from zero", 64, 3, 256, offset=1e4, **single)
    half = {"x": np.float16([[1.0, -2.0], [3.0, 4.0]]), "dy": rng.normal(size=(2, 2)), "weight": rng.normal(size=2)}
    statistics = {"running_mean": np.ones(2), "running_var": np.array([2.0, 3.0])}
    yield Case("eval: float16 gives float64", {**half, **statistics})
    whole = {
        "x": rng.integers(0, 256, (5, 3)).astype(np.uint8),
        "dy": rng.normal(size=(5, 3)),
        "weight": rng.normal(size=3),
    }
    yield Case("eval: uint8 pixels", {**whole, "running_mean": np.full(3, 100.0), "running_var": np.full(3, 900.0)})
    yield case("other memory layouts", 4, 3, 5, change=in_other_layouts)
    yield case("one number for all of dy", 4, 3, change=lambda inputs: {**inputs, "dy": np.broadcast_to(2.5, (4, 3))})
    inputs = {"dy": rng.normal(size=(4, 2)), "x": rng.normal(size=(4, 2)), "weight": rng.normal(size=2)}
    inputs |= {"running_mean": rng.normal(size=2), "running_var": rng.uniform(0.3, 3, 2)}
    yield Case("eval: four samples", inputs)
    yield Case("eval: four samples, a second identical call", inputs)


def probe_cases(rng):
    def case(name, samples, inputs, channels, a, **options):
        X, W = rng.normal(1, 2, (samples, inputs)), rng.normal(size=(inputs, channels))
        return Case(f"probe: {name}", {"X": X, "W": W, "a": a, **options}, tolerance=T64L)

    yield case("the same weights", 6, 3, 2, 1.0)
    yield case("ten times the weights", 6, 3, 2, 10.0)
    yield case("a tenth of the weights", 6, 3, 2, 0.1)
    yield case("an integer factor", 7, 4, 3, 3)
    yield case("three samples, one channel", 3, 4, 1, 2.0)
    yield case("more channels than samples", 5, 3, 9, 4.0)
    yield case("eps = 0.5, twice the weights", 6, 3, 2, 2.0, eps=0.5)
    yield case("eps = 0.5, a fifth of the weights", 6, 3, 2, 0.2, eps=0.5)
    yield case("eps = 1e-5, a thousandth of the weights", 9, 4, 3, 1e-3, eps=1e-5)
    yield case("eps = 3, seven times the weights", 20, 5, 4, 7.0, eps=3.0)


ROOT = "return 1 / np.sqrt(var + eps)"
DX = "dx = _per_channel(scale, dy) * (dy - through_statistics / _count(dy))"
EVERYWHERE = ("batchnorm_forward", "batchnorm_backward", "batchnorm_backward_eval")
BATCH = ("batchnorm_forward", "batchnorm_backward")

exercise = Exercise(
    parts=(
        Part(
            "batchnorm_forward",
            forward_cases,
            hints=(
                "Every channel is a population of its own: samples and pixels together, nothing of other channels.",
                "Reduce over all axes but 1, and reshape the (C,) results to (1, C, 1, ...) so that they broadcast.",
                "Subtract the mean first and square what is left; that is exact also far from zero. Divide by M, add "
                "eps, "
                "then take the root. Keep the normalised x and the factor for backward.",
            ),
            driver=forward,
        ),
        Part(
            "batchnorm_backward",
            backward_cases,
            hints=(
                "If all x of a channel grow by the same amount, y doesn't change. If they all move away from their "
                "mean by "
                "the same factor, y doesn't change either. What must dx be in these two directions?",
                "dweight and dbias are plain sums: each weight multiplied something and was used M times.",
                "dx is dy times a factor per channel, after its average has been removed, and its component along the "
                "normalised x. Both can be written with dbias and dweight.",
            ),
            driver=backward,
            uses=("batchnorm_forward", "batchnorm_backward"),
            returns=("dx", "dweight", "dbias"),
        ),
        Part(
            "batchnorm_backward_eval",
            eval_cases,
            hints=(
                "Here mean and variance are constants, so each y depends on its own x only.",
                "y is a number per channel times x, plus another number.",
                "dx is dy times that number. dweight needs the x normalised with the running statistics.",
            ),
            returns=("dx", "dweight", "dbias"),
        ),
        Part(
            "scale_probe",
            probe_cases,
            hints=(
                "Use your two functions: nothing new has to be derived, but for one matrix product.",
                "With Z = X @ V, the gradient with respect to V is the transpose of X times that with respect to Z.",
                "c is the gradient with respect to the output. Do the same at W and at a * W, then compare outputs and "
                "norms. Differentiate with respect to the matrix that is multiplied with X, not with respect to W.",
            ),
            uses=("batchnorm_forward", "batchnorm_backward", "scale_probe"),
            returns=("change", "ratio"),
        ),
    ),
    misconceptions=(
        Misconception(
            "stats_as_constants",
            ("batchnorm_backward", "scale_probe"),
            "Your gradient takes mean and variance of the batch for constants.",
            "Add the same number to all x of a channel: how does the loss change, and what does your dx say?",
            edits=((DX, "dx = _per_channel(scale, dy) * dy"),),
        ),
        Misconception(
            "variance_path_missing",
            ("batchnorm_backward", "scale_probe"),
            "Your gradient goes through the mean, but not through the variance.",
            "Scale all x of a channel by 2: how does the loss change, and what does your dx say?",
            edits=((DX, "dx = _per_channel(scale, dy) * (dy - _per_channel(dbias, dy) / _count(dy))"),),
        ),
        Misconception(
            "mean_path_missing",
            ("batchnorm_backward", "scale_probe"),
            "Your gradient goes through the variance, but not through the mean.",
            "Add up your dx over a channel: what should the sum be if a shift changes nothing?",
            edits=((DX, "dx = _per_channel(scale, dy) * (dy - xhat * _per_channel(dweight, dy) / _count(dy))"),),
        ),
        Misconception(
            "divided_by_samples",
            "batchnorm_backward",
            "Your dx divides by the number of samples where the number of values per channel is due.",
            "How many values share one mean in a batch of images?",
            edits=((DX, "dx = _per_channel(scale, dy) * (dy - through_statistics / max(len(dy), 1))"),),
        ),
        Misconception(
            "weight_missing_in_dx",
            "batchnorm_backward",
            "Your dx leaves out the weight of the channel.",
            "What is dx when a channel's weight is 0?",
            edits=(("(xhat, weight * inverse_std)", "(xhat, inverse_std)"),),
        ),
        Misconception(
            "eps_outside",
            EVERYWHERE,
            "Your code adds eps to the standard deviation instead of the variance.",
            "Take a variance of 1e-6 and eps of 1e-5: which of the two dominates under the root, and which outside?",
            edits=((ROOT, "return 1 / (np.sqrt(var) + eps)"),),
        ),
        Misconception(
            "eps_missing",
            EVERYWHERE,
            "Your code leaves eps out.",
            "What happens to a channel that is constant?",
            edits=((ROOT, "return 1 / np.sqrt(var)"),),
        ),
        Misconception(
            "divides_by_variance",
            EVERYWHERE,
            "Your code divides by the variance instead of the standard deviation.",
            "What is the spread of your normalised x if the spread of x is 10?",
            edits=((ROOT, "return 1 / (var + eps)"),),
        ),
        Misconception(
            "unbiased_normalisation",
            BATCH,
            "Your code normalises with the unbiased variance, divided by M - 1.",
            "What should the mean square of the normalised x be, and what is yours for a batch of two?",
            edits=(
                (
                    "inverse_std = _inverse_std(var, eps)\n    xhat = away",
                    "inverse_std = _inverse_std(var * _count(x) / max(_count(x) - 1, 1), eps)\n    xhat = away",
                ),
            ),
        ),
        Misconception(
            "unbiased_returned",
            "batchnorm_forward",
            "Your batch_var is the unbiased variance, although you normalise with the biased one.",
            "Which variance does the task ask for, and which default has the function you used?",
            edits=(("var.astype(dtype)\n", "(var * _count(x) / max(_count(x) - 1, 1)).astype(dtype)\n"),),
        ),
        Misconception(
            "unbiased_everywhere",
            "batchnorm_forward",
            "Your variance is the unbiased one, divided by M - 1, in the normalisation and in batch_var.",
            "By which number does the function you used divide by default?",
            edits=(("(away**2).sum(axes) / _count(x)", "(away**2).sum(axes) / max(_count(x) - 1, 1)"),),
        ),
        Misconception(
            "wrong_axes",
            BATCH,
            "Your statistics are taken per sample, as layer normalisation does, instead of per channel.",
            "Exchange one sample of the batch for another one: should the others' outputs change?",
            edits=(
                ("return (0, *range(2, x.ndim))", "return tuple(range(1, x.ndim))"),
                ("return x[:, 0].size or 1", "return (x[0].size or 1) if len(x) else 1"),
                ("_per_channel(mean, x)", "mean.reshape(-1, *[1] * (x.ndim - 1))"),
                (
                    "xhat = away * _per_channel(inverse_std, x)",
                    "inverse_std = inverse_std.reshape(-1, *[1] * (x.ndim - 1))\n    xhat = away * inverse_std",
                ),
                ("(xhat, weight * inverse_std)", "(xhat, (_per_channel(weight, x), inverse_std))"),
            ),
            code="""
def batchnorm_backward(dy, cache):
    xhat, (weight, inverse_std) = cache
    rest = tuple(range(1, dy.ndim))
    channel = (0, *range(2, dy.ndim))
    g = dy * weight
    through = g.mean(rest, keepdims=True) + xhat * (g * xhat).mean(rest, keepdims=True)
    return inverse_std * (g - through), (dy * xhat).sum(channel), dy.sum(channel)
""",
        ),
        Misconception(
            "per_pixel_stats",
            BATCH,
            "Your statistics run over the samples only, so that every pixel has its own mean and variance.",
            "How many weights does a batch norm behind a convolution with 64 channels have?",
            edits=(
                ("mean = values.sum(axes) / _count(x)", "mean = values.sum(0) / _count(x)"),
                ("away = values - _per_channel(mean, x)", "away = values - mean"),
                ("var = (away**2).sum(axes) / _count(x)", "var = (away**2).sum(0) / _count(x)"),
                ("xhat = away * _per_channel(inverse_std, x)", "xhat = away * inverse_std"),
                ("(xhat, weight * inverse_std)", "(xhat, _per_channel(weight, x) * inverse_std)"),
                (
                    "through_statistics = _per_channel(dbias, dy) + xhat * _per_channel(dweight, dy)",
                    "through_statistics = dy.sum(0) + xhat * (dy * xhat).sum(0)",
                ),
                ("return x[:, 0].size or 1", "return len(x) or 1"),
                ("dx = _per_channel(scale, dy) *", "dx = scale *"),
            ),
        ),
        Misconception(
            "gamma_grad_with_x",
            "batchnorm_backward",
            "Your dweight uses x itself instead of the normalised x.",
            "Which array was multiplied by the weight on the way forward?",
            edits=(
                ("(xhat, weight * inverse_std)", "(xhat, weight * inverse_std, values)"),
                ("xhat, scale = cache", "xhat, scale, x = cache"),
                (
                    "return dx.astype(dy.dtype), dweight.astype(dy.dtype)",
                    "return dx.astype(dy.dtype), (dy * x).sum(_axes(dy)).astype(dy.dtype)",
                ),
            ),
        ),
        Misconception(
            "output_for_xhat",
            "batchnorm_backward",
            "Your gradient uses the output where the normalised x is due, so weight and bias enter twice.",
            "What lies between the normalised x and y, and which of the two has mean 0?",
            edits=(("(xhat, weight * inverse_std)", "(y, weight * inverse_std)"),),
        ),
        Misconception(
            "gradients_averaged",
            "batchnorm_backward",
            "Your dweight and dbias are averages over the channel instead of sums.",
            "The loss is a function of all M outputs that used the weight: do their contributions add up or average?",
            edits=(
                (
                    "return dx.astype(dy.dtype), dweight.astype(dy.dtype), dbias.astype(dy.dtype)",
                    "return dx.astype(dy.dtype), (dweight / _count(dy)).astype(dy.dtype), (dbias / "
                    "_count(dy)).astype(dy.dtype)",
                ),
            ),
        ),
        Misconception(
            "one_pass_variance",
            BATCH,
            "Your variance is the mean of the squares minus the square of the mean, which cancels away far from zero.",
            "How many digits of a spread of 1 are left in the square of 10 million?",
            edits=(
                (
                    "var = (away**2).sum(axes) / _count(x)",
                    "var = np.maximum((values**2).sum(axes) / _count(x) - mean**2, 0)",
                ),
            ),
        ),
        Misconception(
            "one_value_accepted",
            "batchnorm_forward",
            "Your code normalises a single value per channel, and always gets the bias.",
            "What does the output still say about the input if every channel has one value?",
            edits=(("if x[:, 0].size == 1:", "if False:"),),
        ),
        Misconception(
            "single_sample_refused",
            BATCH,
            "Your code refuses a batch of one sample, even if it has several pixels.",
            "How many values does a channel have in a single image?",
            edits=(("if x[:, 0].size == 1:", "if len(x) == 1:"),),
        ),
        Misconception(
            "eval_like_training",
            "batchnorm_backward_eval",
            "Your gradient in evaluation mode goes through mean and variance, as if they still depended on x.",
            "Change one sample of a batch in evaluation mode: which outputs change?",
            edits=(
                (
                    "dx = dy * _per_channel(weight * inverse_std, x)",
                    "through = _per_channel(dbias, x) + xhat * _per_channel(dweight, x)\n"
                    "    dx = (dy - through / _count(x)) * _per_channel(weight * inverse_std, x)",
                ),
            ),
        ),
        Misconception(
            "eval_uses_batch",
            "batchnorm_backward_eval",
            "Your gradient in evaluation mode uses the statistics of the batch instead of the running ones.",
            "Send a single sample in evaluation mode: which statistics were used for it?",
            code="""
def batchnorm_backward_eval(dy, x, weight, running_mean, running_var, eps=1e-5):
    axes, dtype = _axes(x), _dtype(x)
    values = x.astype(np.float64)
    mean, var = (values.mean(axes), values.var(axes)) if x.size else (running_mean, running_var)
    inverse_std = _inverse_std(var, eps)
    xhat = (values - _per_channel(mean, x)) * _per_channel(inverse_std, x)
    dx = dy * _per_channel(weight * inverse_std, x)
    return dx.astype(dtype), (dy * xhat).sum(axes).astype(dtype), dy.sum(axes).astype(dtype)
""",
        ),
        Misconception(
            "eval_gamma_grad_with_x",
            "batchnorm_backward_eval",
            "Your dweight in evaluation mode uses x itself instead of the normalised x.",
            "Which array is multiplied by the weight in evaluation mode?",
            edits=(
                (
                    "xhat = (x - _per_channel(running_mean, x)) * _per_channel(inverse_std, x)",
                    "xhat = x.astype(np.float64)",
                ),
            ),
        ),
        Misconception(
            "gradient_of_unscaled",
            "scale_probe",
            "Your second gradient is taken with respect to W instead of the scaled matrix a * W.",
            "An optimiser that stores the large weights: which matrix does it update?",
            edits=(("np.linalg.norm(scaled_gradient)", "a * np.linalg.norm(scaled_gradient)"),),
        ),
        Misconception(
            "ratio_upside_down",
            "scale_probe",
            "Your ratio is upside down: the gradient at W relative to the one at a * W.",
            "Which of the two gradients does the task put on top?",
            edits=(
                (
                    "np.linalg.norm(scaled_gradient) / np.linalg.norm(gradient)",
                    "np.linalg.norm(gradient) / np.linalg.norm(scaled_gradient)",
                ),
            ),
        ),
        Misconception(
            "probe_ignores_eps",
            "scale_probe",
            "Your experiment uses another eps than the one it is given.",
            "With a large eps, should a batch norm still hide the scale of its input completely?",
            edits=(("np.zeros(channels), eps)", "np.zeros(channels), 0.0)"),),
        ),
    ),
    equivalents=(
        Equivalent("return x[:, 0].size or 1", "return x[:, -1].size or 1", "all channels have the same size"),
        Equivalent("if x[:, 0].size == 1:", "if x[:, -1].size == 1:", "all channels have the same size"),
        Equivalent("return x[:, 0].size or 1", "return x[:, 0].size or 2", "an empty batch has no entries to divide"),
        Equivalent("return x[:, 0].size or 1", "return x[:, 0].size or 0", "an empty batch has no entries to divide"),
    ),
)
