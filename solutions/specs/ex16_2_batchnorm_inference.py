"""Scripts of calls to one layer; what counts is every output and the whole state after every call."""

import numpy as np

from grader.spec import T32, T64, Case, Equivalent, Exercise, Misconception, Part


def play(student, channels, script, batches, settings, weight=None, bias=None):
    """Runs a script: "train", "eval", "save", "load", "new" (another layer), "call" with the next batch."""
    layer = fresh(student, channels, settings, weight, bias)
    saved, seen, calls = None, {}, 0
    for word in script:
        if word == "train":
            layer.train()
        elif word == "eval":
            layer.eval()
        elif word == "save":
            saved = layer.state_dict()
            seen[f"state_dict after call {calls}"] = dict(saved) if isinstance(saved, dict) else saved
        elif word == "load":
            layer.load_state_dict(saved)
        elif word == "new":
            layer = fresh(student, channels, settings, weight, bias)
        else:
            calls += 1
            seen[f"output of call {calls}"] = layer(batches[calls - 1])
        if word == "call":
            moved = state(layer, ("running_mean", "running_var", "num_batches_tracked"))
            seen |= {f"{name} after call {calls}": value for name, value in moved.items()}
        if word == "load":
            seen[f"loaded after call {calls}"] = state(layer)
    return seen


def start(student, channels, settings):
    """What a new layer looks like, and what its switches do."""
    layer = student.BatchNorm(channels, **settings)
    seen = {"at first": state(layer), "training at first": layer.training}
    layer.eval()
    seen["training after eval()"] = layer.training
    layer.train()
    seen["training after train()"] = layer.training
    layer.train(False)
    seen["training after train(False)"] = layer.training
    return seen


def one_by_one(student, channels, settings, train_on, batch):
    """In evaluation mode: a batch as a whole, then each of its samples alone."""
    layer = student.BatchNorm(channels, **settings)
    layer(train_on)
    layer.eval()
    return {"together": layer(batch), "alone": [layer(batch[i : i + 1]) for i in range(len(batch))], **state(layer)}


def reset(student, channels, settings, batches):
    """Statistics that are assigned from outside are used and updated from there."""
    layer = student.BatchNorm(channels, **settings)
    layer(batches[0])
    layer.running_mean, layer.running_var = np.full(channels, 2.0), np.full(channels, 9.0)
    layer.weight = np.full(channels, 3.0)
    layer.eval()
    seen = {"output in evaluation mode": layer(batches[1])}
    layer.train()
    layer.momentum = 0.5
    return {**seen, "output in training mode": layer(batches[1]), **state(layer)}


def assign(student, channels, settings, batches):
    """Mode and eps are assigned to, without train() and eval()."""
    layer = student.BatchNorm(channels, **settings)
    layer(batches[0])
    layer.training = False
    seen = {"output, training = False": layer(batches[1])}
    layer.eps = 2.0
    seen["output, eps = 2"] = layer(batches[1])
    layer.training = True
    return {**seen, "output, training = True": layer(batches[1]), **state(layer)}


def restart(student, channels, settings, batches):
    """The average over batches begins anew where the count of batches is assigned, and goes on where momentum is."""
    layer = student.BatchNorm(channels, **settings)
    layer(batches[0])
    layer(batches[1])
    layer.num_batches_tracked = 0
    layer(batches[2])
    seen = {"after num_batches_tracked = 0": state(layer)}
    layer.momentum = 0.25
    layer(batches[3])
    seen["after momentum = 0.25"] = state(layer)
    layer.momentum = None
    layer(batches[4])
    return {**seen, "after momentum = None": state(layer)}


def write_into(student, channels, settings, batches):
    """The arrays of a layer change in place, as in a step of an optimiser, after saving and after loading."""
    layer, other = (student.BatchNorm(channels, **settings) for _ in range(2))
    layer(batches[0])
    saved = layer.state_dict()
    overwrite(layer, 7.0)
    seen = {"saved, then the layer overwritten": {name: saved[name] + 0 for name in saved}}
    other.load_state_dict(saved)
    overwrite(other, 9.0)
    return {**seen, "loaded, then the layer overwritten": {name: saved[name] + 0 for name in saved}}


def overwrite(layer, value):
    for name in ("weight", "bias", "running_mean", "running_var"):
        getattr(layer, name)[...] = value


def fold(student, weight, bias, channels, settings, attributes, training=False):
    """The folded weight and bias, and the state of the layer that was folded."""
    layer = prepared(student, channels, settings, attributes, training)
    folded = student.fold_into(weight, bias, layer)
    return {"folded": folded, "of the BatchNorm, afterwards": state(layer), "training": layer.training}


def fold_twice(student, weight, bias, channels, settings, attributes):
    """Folding again gives the same."""
    layer = prepared(student, channels, settings, attributes, training=False)
    return [student.fold_into(weight, bias, layer), student.fold_into(weight, bias, layer)]


def pool(student, channels, batches, attributes, lazy=False, twice=False, training=False):
    """The layer's state after recalibration; lazy hands the batches over in a generator."""
    layer = prepared(student, channels, {}, attributes, training)
    for _ in range(2 if twice else 1):
        student.recalibrate(layer, (batch for batch in batches) if lazy else batches)
    return {**state(layer), "training": layer.training, "eps": layer.eps, "momentum": layer.momentum}


def prepared(student, channels, settings, attributes, training):
    """A layer with attributes that were assigned from outside."""
    layer = student.BatchNorm(channels, **settings)
    for name, value in attributes.items():
        setattr(layer, name, value.copy() if isinstance(value, np.ndarray) else value)
    layer.training = training
    return layer


def fresh(student, channels, settings, weight, bias):
    layer = student.BatchNorm(channels, **settings)
    if weight is not None:
        layer.weight, layer.bias = weight.copy(), bias.copy()
    return layer


def state(layer, names=("weight", "bias", "running_mean", "running_var", "num_batches_tracked")):
    """Copies of the attributes that are saved."""
    values = {name: getattr(layer, name) for name in names}
    return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in values.items()}


def scripted(name, script, batches, tolerance=None, weight=None, bias=None, **settings):
    """A case: `script` is a line of words, see `play`."""
    inputs = {"channels": batches[0].shape[1], "script": script.split(), "batches": batches, "settings": settings}
    if weight is not None:
        inputs |= {"weight": weight, "bias": bias}
    return Case(name, inputs, tolerance=tolerance)


def layer_cases(rng):
    def batches(*shape, count=4):
        """Batches whose channels have different means and spreads, which also differ from batch to batch."""
        channels = (1, shape[1], *[1] * (len(shape) - 2))
        return [rng.normal(rng.normal(0, 3, channels), rng.uniform(0.5, 3, channels), shape) for _ in range(count)]

    weight, bias = rng.normal(size=(2, 3))
    hand = np.array([[1.0, 10.0], [3.0, 30.0]])
    yield scripted("a new layer, evaluation mode", "eval call", [hand])
    yield Case("attributes and switches of a new layer", {"channels": 3, "settings": {}}, driver=start)
    plain = {"affine": False, "track_running_stats": False, "momentum": None}
    yield Case("a layer that keeps nothing", {"channels": 2, "settings": plain}, driver=start)
    yield scripted("a batch of two, training mode", "call", [hand])
    yield scripted("one batch, then evaluation", "call eval call", [hand, hand + 1])
    yield scripted("several batches, then evaluation", "call call call eval call", batches(5, 3))
    yield scripted("evaluation changes nothing", "call eval call call train call", batches(4, 3))
    yield scripted("(N, C, L), weight and bias", "call call eval call", batches(2, 3, 4), weight=weight, bias=bias)
    images = batches(3, 3, 2, 4)
    yield scripted("images, weight and bias", "call call eval call", images, weight=weight, bias=bias)
    yield scripted("a single image in training mode", "call eval call", batches(1, 3, 3, 2))
    yield scripted("momentum 0.9", "call call eval call", batches(4, 3), momentum=0.9)
    yield scripted("momentum 1 keeps the last batch", "call call eval call", batches(4, 3), momentum=1.0)
    yield scripted("momentum 0 keeps the start", "call call eval call", batches(4, 3), momentum=0.0)
    mixed = batches(4, 3, count=3) + batches(6, 3, count=2)
    yield scripted("momentum None averages over the batches", "call call call call eval call", mixed, momentum=None)
    yield scripted("momentum None, evaluation in between", "call eval call train call call", mixed, momentum=None)
    yield scripted("a large eps", "call call eval call", batches(4, 3), eps=2.0)
    tiny = [0.001 * x for x in batches(6, 2)]
    yield scripted("variance as small as eps", "call call eval call", tiny, momentum=1.0)
    yield scripted("a constant channel", "call eval call", [x * [1.0, 0.0, 1.0] for x in batches(4, 3)])
    yield scripted("without affine", "call call eval call", batches(4, 3), affine=False)
    untracked = {"track_running_stats": False}
    yield scripted(
        "without running statistics: the batch's in both modes", "call eval call", batches(4, 3), **untracked
    )
    travel = "call call save call call new load call call new load call"
    yield scripted("saved, loaded twice", travel, batches(4, 3, count=7), weight=weight, bias=bias)
    travel = "call call call save new eval load call train call"
    yield scripted("momentum None goes on after loading", travel, batches(4, 3, count=5), momentum=None)
    travel = "call save call new load eval call"
    yield scripted("state_dict without affine", travel, batches(4, 2), affine=False)
    yield scripted("state_dict without running statistics", travel, batches(4, 2), **untracked)
    single = [np.float32(x) for x in batches(4, 3)]
    yield scripted("float32 stays float32", "call call eval call", single, tolerance=T32)
    yield scripted("integers", "call eval call", [rng.integers(0, 200, (4, 3)).astype(np.uint8) for _ in range(2)])
    x = batches(6, 6, 3, 4, count=1)[0]
    layouts = [np.asfortranarray(x[:, :3]), x[::-1, ::2], np.broadcast_to(x[0, :3], (4, 3, 3, 4))]
    yield scripted("Fortran order, strides, a read-only batch", "call call eval call", layouts)
    yield scripted("one value per channel, training mode", "call", [np.ones((1, 3))])
    yield scripted("one value per channel, image of one pixel", "call", [np.ones((1, 3, 1, 1))])
    yield scripted("no value per channel, training mode", "call", [np.ones((0, 3))])
    yield scripted("no sample, evaluation mode", "call eval call", [*batches(4, 3, count=1), np.ones((0, 3))])
    yield scripted("one value per channel without running statistics", "eval call", [np.ones((1, 3))], **untracked)
    train_on, batch = batches(5, 3, count=2)
    inputs = {"channels": 3, "settings": {}, "train_on": train_on, "batch": batch}
    yield Case("a sample's output doesn't depend on its batch", inputs, driver=one_by_one)
    inputs = {"channels": 3, "settings": {}, "batches": batches(4, 3, count=2)}
    yield Case("attributes assigned from outside", inputs, driver=reset)
    yield Case("training and eps assigned from outside", inputs, driver=assign)
    inputs = {"channels": 3, "settings": {"momentum": None}, "batches": batches(4, 3, count=5)}
    yield Case("momentum and the count assigned from outside", inputs, driver=restart)
    inputs = {"channels": 3, "settings": {}, "batches": batches(4, 3, count=2)}
    yield Case("saved, loaded, then overwritten in place", inputs, driver=write_into)


def fold_cases(rng):
    def case(name, weight, bias, driver=None, tolerance=None, affine=True, eps=1e-5, var=(0.2, 4.0), **more):
        out = len(weight)
        attributes = {"running_mean": rng.normal(size=out), "running_var": rng.uniform(*var, out)}
        if affine:
            attributes |= {"weight": rng.normal(size=out), "bias": rng.normal(size=out)}
        inputs = {"channels": out, "settings": {"affine": affine, "eps": eps}, "attributes": attributes}
        return Case(name, {"weight": weight, "bias": bias, **inputs, **more}, driver=driver, tolerance=tolerance)

    linear, conv, bias = rng.normal(size=(3, 4)), rng.normal(size=(3, 2, 3, 2)), rng.normal(size=3)
    settings = {"affine": False, "eps": 0.0}
    hand = {"running_mean": np.array([1.0, 1.0]), "running_var": np.array([1.0, 1.0])}
    inputs = {"channels": 2, "settings": settings, "attributes": hand}
    yield Case("by hand: mean 1, variance 1, eps 0", {"weight": np.eye(2), "bias": np.array([1.0, 3.0]), **inputs})
    yield case("linear", linear, bias)
    yield case("linear, as many outputs as inputs", rng.normal(size=(3, 3)), bias)
    yield case("linear without bias", linear, None)
    yield case("linear, BatchNorm without affine", linear, bias, affine=False)
    yield case("convolution", conv, bias)
    yield case("convolution without bias", conv, None)
    yield case("convolution, BatchNorm without affine", conv, None, affine=False)
    yield case("convolution, as many channels as pixels", rng.normal(size=(3, 3, 3, 3)), bias)
    yield case("variances around 1e-6", linear, bias, var=(1e-7, 1e-5))
    yield case("folding with a large eps", conv, bias, eps=0.5)
    yield case("a BatchNorm in training mode", linear, bias, training=True)
    yield case("folded twice", linear, bias, driver=fold_twice)
    yield case("float32 weights stay float32", np.float32(conv), np.float32(bias), tolerance=T32)
    yield case("float32 weights, float64 bias", np.float32(linear), bias, tolerance=T32)
    yield case("float32 without bias", np.float32(linear), None, tolerance=T32)
    yield case("Fortran-ordered weight, bias read backwards", np.asfortranarray(conv), bias[::-1])
    yield case("no inputs at all", np.zeros((3, 0)), bias)
    untracked = {"channels": 3, "settings": {"track_running_stats": False}, "attributes": {}}
    yield Case("no running statistics", {"weight": linear, "bias": bias, **untracked})


def recalibrate_cases(rng):
    def case(name, batches, tolerance=None, **more):
        channels = batches[0].shape[1]
        old = {"running_mean": rng.normal(size=channels), "running_var": rng.uniform(1, 2, channels)}
        old |= {"num_batches_tracked": 7, "weight": rng.normal(size=channels), "bias": rng.normal(size=channels)}
        return Case(name, {"channels": channels, "batches": batches, "attributes": old, **more}, tolerance=tolerance)

    def drifting(*sizes, rest=()):
        """Batches whose means differ a lot."""
        return [rng.normal(rng.normal(0, 3, (1, 3, *[1] * len(rest))), 1.0, (n, 3, *rest)) for n in sizes]

    yield case("a single batch", [np.array([[1.0, 10.0], [3.0, 30.0]])])
    yield case("batches of equal size and equal mean", [np.array([[1.0], [-1.0]]), np.array([[3.0], [-3.0]])])
    yield case("by hand: two batches, two means", [np.array([[0.0], [2.0]]), np.array([[4.0], [6.0]])])
    yield case("batches of equal size", drifting(4, 4, 4))
    yield case("batches of different sizes", drifting(2, 9, 5))
    yield case("a batch of one sample", drifting(1, 6, 1))
    yield case("single samples only", drifting(1, 1, 1, 1))
    yield case("a generator of batches", drifting(3, 5), lazy=True)
    yield case("(N, C, L)", drifting(2, 5, rest=(4,)))
    yield case("images", drifting(3, 1, 2, rest=(3, 2)))
    yield case("images of different sizes", drifting(3, rest=(3, 2)) + drifting(2, rest=(5, 4)))
    yield case("images as high as there are channels", drifting(3, 2, rest=(3, 3)))
    yield case("a second identical run", drifting(4, 2), twice=True)
    yield case("a layer in training mode", drifting(4, 2), training=True)
    yield case("float32 batches", [np.float32(x) for x in drifting(4, 7)])
    yield case("integer batches", [rng.integers(0, 250, (n, 3)).astype(np.uint8) for n in (4, 6)])
    layouts = [np.asfortranarray(drifting(4, rest=(2,))[0]), drifting(6, rest=(2,))[0][::-2]]
    yield case("Fortran order and reversed rows", [*layouts, np.broadcast_to(drifting(1, rest=(2,))[0], (3, 3, 2))])
    yield case("a channel that is constant", [x * [1.0, 0.0, 1.0] for x in drifting(4, 3)])


exercise = Exercise(
    parts=(
        Part(
            "BatchNorm",
            layer_cases,
            hints=(
                "There are two sources of statistics, the batch and the running ones. First decide which one a "
                "call uses; "
                "only then normalise, the same way for both.",
                "Reduce over all axes but 1 and reshape the result to (C, 1, ...) so that it broadcasts. Update "
                "the running "
                "statistics only in training mode, and only if there are any.",
                "Two variances of the same batch are needed: the biased one normalises, the unbiased one goes "
                "into running_var. "
                "Compare momentum with None (0 is a legal value), and count the batch before you average with it.",
            ),
            driver=play,
            tolerance=T64,
        ),
        Part(
            "fold_into",
            fold_cases,
            hints=(
                "Write down what the BatchNorm does to one channel in evaluation mode, as a number times the "
                "input plus a number.",
                "The factor of a channel multiplies one row of the weight: which shape must it have to broadcast "
                "against (out, in), "
                "and against (out, in, kh, kw)?",
                "The old bias passes through the BatchNorm, too: it is shifted by the running mean and scaled "
                "before the new bias "
                "is added. A missing bias is 0, a missing affine pair is 1 and 0.",
            ),
            driver=fold,
            uses=("BatchNorm", "fold_into"),
        ),
        Part(
            "recalibrate",
            recalibrate_cases,
            hints=(
                "Imagine all batches in one long array and ask what of each batch you must remember to know that "
                "array's mean and variance.",
                "The spread of all values has two sources: the spread inside the batches, and the spread of the "
                "batches' means. "
                "Both count by the number of values in the batch.",
                "Go through the batches once. Keep, per channel, the number of values, their sum or mean, and "
                "their summed squares or "
                "squared deviations, in float64; turn them into mean and variance at the end and assign both.",
            ),
            driver=pool,
            uses=("BatchNorm", "recalibrate"),
        ),
    ),
    misconceptions=(
        Misconception(
            "batch_stats_in_eval",
            "BatchNorm",
            "Your layer normalises with the statistics of the batch in evaluation mode, so a prediction depends "
            "on its neighbours.",
            "Send the same sample once with others and once alone: which answer would a user want?",
            edits=(
                (
                    "mean, var = self._of_batch(x) if use_batch else (self.running_mean, self.running_var)",
                    "mean, var = self._of_batch(x)",
                ),
            ),
        ),
        Misconception(
            "keras_momentum",
            "BatchNorm",
            "Your momentum is the weight of the old running statistics, as in Keras; here it is the weight of the "
            "new batch.",
            "With momentum 0.1, which should dominate after a single batch: the initial values or the batch?",
            edits=(
                ("(1 - share) * self.running_mean + share * mean", "share * self.running_mean + (1 - share) * mean"),
                ("(1 - share) * self.running_var + share * var", "share * self.running_var + (1 - share) * var"),
                ("share = 1 / self.num_batches_tracked if", "share = 1 - 1 / self.num_batches_tracked if"),
            ),
        ),
        Misconception(
            "biased_running_var",
            "BatchNorm",
            "Your running_var collects the biased variance of each batch.",
            "For batches of two, how far is the variance of a batch from that of the population, on average?",
            edits=(("self._track(mean, var * count / (count - 1))", "self._track(mean, var)"),),
        ),
        Misconception(
            "unbiased_normalises",
            "BatchNorm",
            "Your layer divides by the unbiased standard deviation in training mode; that estimate belongs in "
            "running_var only.",
            "Two estimators, two places: what should the variance of a normalised batch be, computed by numpy's "
            "default?",
            edits=(("        return mean, var\n", "        return mean, var * count / (count - 1)\n"),),
        ),
        Misconception(
            "updates_in_eval",
            "BatchNorm",
            "Your layer updates its running statistics in evaluation mode, so that it drifts while it is in use.",
            "Take a checksum of the state before and after a prediction: should it change?",
            edits=(
                (
                    "use_batch = self.training or not self.track_running_stats\n",
                    "use_batch = self.training or not self.track_running_stats\n"
                    "        old = self.running_mean, self.running_var\n"
                    "        if not use_batch:\n"
                    "            self.training = True\n"
                    "            self._of_batch(x)\n"
                    "            self.training = False\n",
                ),
                ("else (self.running_mean, self.running_var)", "else old"),
            ),
        ),
        Misconception(
            "running_stats_in_train",
            "BatchNorm",
            "Your layer normalises with the running statistics in training mode, too.",
            "What is the mean of the very first output in training mode, and what should it be?",
            edits=(
                (
                    "        y = (x - mean",
                    "        if self.track_running_stats:\n"
                    "            mean, var = self.running_mean, self.running_var\n"
                    "        y = (x - mean",
                ),
            ),
        ),
        Misconception(
            "cma_as_ema",
            "BatchNorm",
            "Your layer treats momentum=None like 0.1 instead of averaging over all batches.",
            "With a plain average over four batches, how much does the first one count, and how much the fourth?",
            edits=(("1 / self.num_batches_tracked if self.momentum is None", "0.1 if self.momentum is None"),),
        ),
        Misconception(
            "momentum_zero_is_none",
            "BatchNorm",
            "Your layer takes a momentum of 0 for None and averages over all batches.",
            "Which values of momentum are false in Python?",
            edits=(("if self.momentum is None else", "if not self.momentum else"),),
        ),
        Misconception(
            "fold_without_eps",
            "fold_into",
            "Your folded layer leaves eps out.",
            "Compare with the output in evaluation mode for a channel whose running variance is about 1e-6.",
            edits=(("gamma / np.sqrt(bn.running_var + bn.eps)", "gamma / np.sqrt(bn.running_var)"),),
        ),
        Misconception(
            "fold_var_as_std",
            "fold_into",
            "Your folded layer divides by the variance, where the standard deviation is due.",
            "If the inputs of the layer had another unit, say ten times as large, how should the folded weight change?",
            edits=(("gamma / np.sqrt(bn.running_var + bn.eps)", "gamma / (bn.running_var + bn.eps)"),),
        ),
        Misconception(
            "fold_bias_unscaled",
            "fold_into",
            "Your folded bias doesn't send the old bias through the BatchNorm: it adds it unscaled.",
            "The old bias is added before the BatchNorm: what happens to it there?",
            edits=(
                (
                    "((0.0 if bias is None else bias) - bn.running_mean) * scale + beta",
                    "(0.0 if bias is None else bias) - bn.running_mean * scale + beta",
                ),
            ),
        ),
        Misconception(
            "recalibrate_within_only",
            "recalibrate",
            "Your variance is the average of the batches' variances: it leaves out that the batches' means differ.",
            "Take batches of a single sample: what is the variance inside each, and what is that of all of them?",
            edits=(("count * batch_var + step**2 * total * count / (total + count)", "count * batch_var"),),
        ),
        Misconception(
            "recalibrate_unweighted",
            "recalibrate",
            "Your code gives every batch the same weight, however many samples it has.",
            "Ten samples in one batch and a single one in the next: how much should that one count?",
            edits=(("step = batch_mean - mean", "count, step = 1, batch_mean - mean"),),
        ),
        Misconception(
            "recalibrate_cumulative",
            "recalibrate",
            "Your code lets the layer average over the batches in training mode, which isn't the same as one pass "
            "over all values.",
            "Each batch brings its own unbiased variance and counts the same: what does that do to batches of "
            "different sizes and means?",
            code="""
def recalibrate(bn, batches):
    before = bn.momentum, bn.training, bn.num_batches_tracked
    bn.momentum, bn.training, bn.num_batches_tracked = None, True, 0
    for x in batches:
        bn(x)
    bn.momentum, bn.training, bn.num_batches_tracked = before
""",
        ),
        Misconception(
            "recalibrate_unbiased",
            "recalibrate",
            "Your variance is the unbiased one, divided by one less than the number of values.",
            "Which of the two estimators does the task ask for here?",
            edits=(("spread / total", "spread / (total - 1)"),),
        ),
    ),
    equivalents=(
        Equivalent(
            "return x.size // x.shape[1], x.mean(axes), x.var(axes)",
            "return x.size / x.shape[1], x.mean(axes), x.var(axes)",
            "the same count as a float",
        ),
        Equivalent(
            'dtype = x.dtype if x.dtype.kind == "f" else np.float64',
            'dtype = x.dtype if x.dtype.kind <= "f" else np.float64',
            "differs for bools and complex numbers only, which are not inputs of a layer",
        ),
    ),
)
