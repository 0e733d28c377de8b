"""Cases, misconceptions and hints for 17-2."""

import numpy as np

from grader.spec import T64L, Case, Equivalent, Exercise, Misconception, Part, Tolerance

F32 = Tolerance(1e-4, 1e-5)

# Drivers


def accumulate(student, X, y, params, micro_batch_size):
    """Gradients of least squares in parts; also tells what grad_fn was asked. The first column of X numbers the "
    "rows."""
    asked = []

    def grad_fn(X_part, y_part):
        asked.append([int(x[0]) for x in X_part])
        if len(X_part) == 0:
            return {name: np.zeros_like(value) for name, value in params.items()}
        return mean_gradients(X_part, y_part, params)

    grads = student.accumulate_gradients(grad_fn, X, y, micro_batch_size)
    return {
        "gradients": grads,
        "rows given to grad_fn, sorted": sorted(row for part in asked for row in part),
        "parts without rows": sum(len(part) == 0 for part in asked),
        "parts that are too large": sum(len(part) > micro_batch_size for part in asked),
    }


def mean_gradients(X, y, params):
    """Of the mean squared error of a linear layer, divided by two; X may have more axes than two."""
    rows = X.reshape(len(X), -1)
    error = rows @ params["weight"].T + params["bias"] - y.reshape(len(y), -1)
    count = X.dtype.type(len(X))
    return {"weight": error.T @ rows / count, "bias": error.sum(axis=0) / count}


def average_in_parts(student, X, micro_batch_size):
    """The gradient is simply the mean of the rows."""

    def grad_fn(X_part, y_part):
        return {"weight": np.atleast_1d(X_part.sum(axis=0) / max(len(X_part), 1))}

    return student.accumulate_gradients(grad_fn, X, np.zeros(len(X)), micro_batch_size)


def average_in_two_dtypes(student, X, micro_batch_size):
    """Gradients of which one is float32 and the other float64, whatever X is."""

    def grad_fn(X_part, y_part):
        mean = X_part.sum(axis=0) / max(len(X_part), 1)
        return {"weight": mean.astype(np.float32), "bias": mean[:1].astype(np.float64)}

    return student.accumulate_gradients(grad_fn, X, np.zeros(len(X)), micro_batch_size)


# Cases


def update_cases(rng):
    def case(name, n, batch_size, **options):
        return Case(f"updates: {name}", {"n": n, "batch_size": batch_size, **options})

    yield case("12 samples in batches of 4", 12, 4)
    yield case("10 samples in batches of 4", 10, 4)
    yield case("10 samples in batches of 4, drop_last", 10, 4, drop_last=True)
    yield case("12 samples in batches of 4, drop_last", 12, 4, drop_last=True)
    yield case("50000 images in batches of 128", 50_000, 128)
    yield case("50000 images in batches of 128, drop_last", 50_000, 128, drop_last=True)
    yield case("one sample too many", 1025, 128)
    yield case("one sample short of a full batch", 1023, 128)
    yield case("one sample short of a full batch, drop_last", 1023, 128, drop_last=True)
    yield case("batches of one", 17, 1)
    yield case("batch_size equals n", 17, 17)
    yield case("batch_size above n", 17, 64)
    yield case("batch_size above n, drop_last", 17, 64, drop_last=True)
    yield case("no samples", 0, 8)
    yield case("no samples, drop_last", 0, 8, drop_last=True)
    yield case("integers of numpy", np.int64(100), np.int64(32))
    yield case("random numbers", int(rng.integers(1, 10_000)) * 64 + 5, 64)


def lr_cases(rng):
    def case(name, base_lr, base_batch, batch, rule):
        inputs = {"base_lr": base_lr, "base_batch": base_batch, "batch": batch, "rule": rule}
        return Case(f"lr: {name}", inputs)

    base = float(rng.uniform(0.01, 1))
    for rule in ("linear", "sqrt"):
        yield case(f"{rule}, the same batch", 0.1, 256, 256, rule)
        yield case(f"{rule}, four times the batch", 0.1, 256, 1024, rule)
        yield case(f"{rule}, half the batch", 0.3, 64, 32, rule)
        yield case(f"{rule}, a batch of one", base, 128, 1, rule)
        yield case(f"{rule}, a batch that is no multiple", base, 96, 250, rule)
        yield case(f"{rule}, integers of numpy", base, np.int64(96), np.int64(7), rule)
    yield case("an unknown rule", 0.1, 256, 512, "quadratic")
    yield case("an unknown rule, the same batch", 0.1, 256, 256, "Linear")
    yield case("a rule cut short", 0.1, 256, 512, "lin")


def warmup_cases(rng):
    def case(name, step, warmup_steps, peak_lr):
        return Case(f"warmup: {name}", {"step": step, "warmup_steps": warmup_steps, "peak_lr": peak_lr})

    peak = float(rng.uniform(0.1, 1))
    yield case("long after it", 100, 5, 0.4)
    yield case("the first of four updates", 0, 4, 0.4)
    yield case("the second of four updates", 1, 4, 0.4)
    yield case("the last of four updates", 3, 4, 0.4)
    yield case("the update after it", 4, 4, 0.4)
    yield case("the second update after it", 5, 4, 0.4)
    yield case("no warmup, first update", 0, 0, 0.4)
    yield case("no warmup, later", 7, 0, 0.4)
    yield case("a warmup of one update", 0, 1, 0.4)
    yield case("a warmup of one update, second update", 1, 1, 0.4)
    for step in (0, 41, 498, 499, 500, 501):
        yield case(f"a warmup of 500 updates, step {step}", step, 500, peak)
    yield case("integers of numpy", np.int64(2), np.int64(7), peak)


def seconds_cases(rng):
    def case(name, n, batch_size, overhead_s, per_sample_s, parallel_width):
        inputs = {"n": n, "batch_size": batch_size, "overhead_s": overhead_s, "per_sample_s": per_sample_s}
        return Case(f"seconds: {name}", {**inputs, "parallel_width": parallel_width})

    overhead, per_sample = (float(s) for s in rng.uniform(0.1, 1, 2))
    yield case("two batches, one round each", 8, 4, 1.0, 0.5, 4)
    yield case("two batches, two rounds each", 8, 4, 1.0, 0.5, 2)
    yield case("a short last batch, one round each", 10, 4, 1.0, 0.5, 4)
    yield case("a short last batch, two rounds and one", 10, 4, 1.0, 0.5, 2)
    yield case("one sample at a time", 10, 4, overhead, per_sample, 1)
    yield case("rounds that aren't full", 30, 10, overhead, per_sample, 4)
    yield case("rounds that aren't full, a short last batch", 47, 10, overhead, per_sample, 4)
    yield case("a last batch of one", 31, 10, overhead, per_sample, 4)
    yield case("a width above the batch", 30, 10, overhead, per_sample, 64)
    yield case("batches of one", 25, 1, overhead, per_sample, 8)
    yield case("one batch of all", 25, 25, overhead, per_sample, 8)
    yield case("batch_size above n", 25, 100, overhead, per_sample, 8)
    yield case("no overhead", 47, 10, 0.0, per_sample, 4)
    yield case("only overhead", 47, 10, overhead, 0.0, 4)
    yield case("no samples", 0, 10, overhead, per_sample, 4)
    yield case("50000 images in batches of 32", 50_000, 32, 0.001, 0.0004, 512)
    yield case("50000 images in batches of 2048", 50_000, 2048, 0.001, 0.0004, 512)
    yield case("integers of numpy", np.int64(47), np.int64(10), overhead, per_sample, np.int64(4))


def noise_cases(rng):
    def case(name, g_small_sq, g_big_sq, b_small, b_big):
        inputs = {"g_small_sq": g_small_sq, "g_big_sq": g_big_sq, "b_small": b_small, "b_big": b_big}
        return Case(f"noise: {name}", inputs)

    def expected(g2, trace, b_small, b_big):
        return g2 + trace / b_small, g2 + trace / b_big, b_small, b_big

    yield case("no noise", 4.0, 4.0, 1, 2)
    yield case("signal 1, trace 8, batches of 1 and 2", 9.0, 5.0, 1, 2)
    yield case("signal 2, trace 12, batches of 2 and 6", 8.0, 4.0, 2, 6)
    for b_small, b_big in ((1, 4), (8, 64), (32, 1024), (7, 10)):
        g2, trace = float(rng.uniform(0.5, 5)), float(rng.uniform(10, 100))
        yield case(f"batches of {b_small} and {b_big}", *expected(g2, trace, b_small, b_big))
    yield case("a tiny signal", *expected(1e-3, float(rng.uniform(10, 100)), 8, 64))
    yield case("both tiny", *expected(1e-14, 1e-12 * float(rng.uniform(10, 100)), 8, 64))
    yield case("the signal comes out as 0", 4.0, 2.0, 1, 2)
    yield case("the signal comes out negative", 6.0, 2.0, 1, 2)
    yield case("the trace comes out negative", 3.0, 5.0, 2, 8)
    yield case("no gradient at all", 0.0, 0.0, 1, 8)
    yield case("integers of numpy", 9.5, 4.25, np.int64(2), np.int64(16))
    yield case("equal batches", 3.0, 3.0, 16, 16)
    yield case("the larger batch first", 3.0, 5.0, 64, 8)


def accumulate_cases(rng):
    def case(name, n, micro_batch_size, features=3, outputs=2, dtype=np.float64, layout=None, shape=None, **options):
        X, y = rng.normal(size=(n, features)), rng.normal(size=(n, outputs))
        X[:, 0] = np.arange(n)
        X = (X.reshape(n, *shape) if shape else X).astype(dtype)
        params = {"weight": rng.normal(size=(outputs, features)), "bias": rng.normal(size=outputs)}
        params = {key: value.astype(dtype) for key, value in params.items()}
        inputs = {"X": layout(X) if layout else X, "y": y.astype(dtype), "params": params}
        return Case(f"parts: {name}", {**inputs, "micro_batch_size": micro_batch_size}, **options)

    numbers = {"X": np.array([[1.0], [2.0], [3.0], [4.0], [10.0]])}
    yield Case("parts: 1, 2, 3, 4, 10 in one part", {**numbers, "micro_batch_size": 5}, driver=average_in_parts)
    yield Case("parts: 1, 2, 3, 4 and 10", {**numbers, "micro_batch_size": 4}, driver=average_in_parts)
    line = {"X": rng.normal(size=11), "micro_batch_size": 4}
    yield Case("parts: samples without any axis", line, driver=average_in_parts)
    yield case("all samples in one part", 4, 4)
    yield case("two parts of two", 4, 2)
    yield case("parts of 4, 4 and 2", 10, 4)
    yield case("parts of 4 and 1", 5, 4)
    yield case("parts of one", 6, 1)
    yield case("parts of 7, the last of 3", 45, 7)
    yield case("a part that could hold more", 5, 64)
    yield case("a single sample", 1, 4)
    yield case("as many parts as samples in each", 9, 3)
    yield case("as many samples as features", 3, 2)
    yield case("one output", 11, 4, outputs=1)
    yield case("samples with two axes", 11, 4, features=6, shape=(3, 2))
    yield case("float32 stays float32", 11, 4, dtype=np.float32, tolerance=F32)
    two = {"X": rng.normal(size=(10, 3)), "micro_batch_size": 4}
    yield Case("parts: float32 next to float64", two, driver=average_in_two_dtypes, tolerance=F32)
    yield case("Fortran order", 11, 4, layout=np.asfortranarray)
    yield case("every other row, backwards", 11, 4, layout=lambda X: np.repeat(X, 2, axis=0)[::-2])
    yield case("a size from numpy", 11, np.int64(4))
    yield case("many parts", 200, 3, tolerance=T64L)


UPDATES = "n // batch_size if drop_last else -(-n // batch_size)"
RULES = 'base_lr * (ratio if rule == "linear" else ratio**0.5)'
ROUNDS = "full * -(-batch_size // parallel_width) + -(-rest // parallel_width)"
OVERHEAD = "updates_per_epoch(n, batch_size) * overhead_s"
G2 = "(b_big * g_big_sq - b_small * g_small_sq) / (b_big - b_small)"
TRACE = "(g_small_sq - g_big_sq) / (1 / b_small - 1 / b_big)"
SCALE = 'trace / g2 if g2 > 0 else float("inf")'
WEIGHTED = "total.get(name, 0) + share * grad"

exercise = Exercise(
    parts=(
        Part(
            "updates_per_epoch",
            update_cases,
            hints=(
                "Each batch gives one update, the short last one too unless it is dropped.",
                "Integer division counts the full batches.",
                "Rounding up does the rest; the negative of a floor division of a negative number rounds up and stays "
                "an "
                "integer.",
            ),
        ),
        Part(
            "scale_lr",
            lr_cases,
            hints=(
                "Both rules depend only on how many times larger the new batch is.",
                "The linear rule multiplies the rate by that ratio, the other one by less.",
                "The root of four is two. Check the name of the rule before anything else.",
            ),
        ),
        Part(
            "warmup_lr",
            warmup_cases,
            hints=(
                "Draw the rate over the steps for a warmup of four: four stairs of equal height, then flat.",
                "Step 0 is the first update, and stands on the first stair, not below it.",
                "Count the updates up to and including this one, as a share of warmup_steps, and let it never exceed "
                "1. "
                "Look out for a warmup of 0.",
            ),
        ),
        Part(
            "epoch_seconds",
            seconds_cases,
            hints=(
                "Work out the time of a single batch as a function of its size, then add up the batches.",
                "Within a batch the samples are worked off in rounds, and a round that isn't full takes as long as a "
                "full one.",
                "There are two kinds of batches: full ones, and perhaps one that holds what is left. Each pays the "
                "overhead, and its own number of rounds, rounded up.",
            ),
        ),
        Part(
            "noise_scale",
            noise_cases,
            hints=(
                "What is the expected square of something that is a constant plus noise of mean 0?",
                "The expected squared norm at batch size b is the signal plus the trace divided by b. That holds for "
                "both sizes.",
                "Subtract the two equations to get rid of the signal; multiply each by its batch size first to get rid "
                "of the trace.",
            ),
            returns=("g2", "trace", "b_simple"),
        ),
        Part(
            "accumulate_gradients",
            accumulate_cases,
            hints=(
                "The result must not depend on how the samples are cut into parts.",
                "A part's mean times its size is a sum over samples, and sums can simply be added.",
                "Weight the gradient of each part by its share of the n samples, with the part's real size; a slice "
                "beyond the end just stops there.",
            ),
            driver=accumulate,
        ),
    ),
    misconceptions=(
        Misconception(
            "floor_updates",
            "updates_per_epoch",
            "Your count leaves out the short last batch.",
            "With 10 samples in batches of 4, which samples never contribute?",
            edits=((UPDATES, "n // batch_size"),),
        ),
        Misconception(
            "drop_last_ignored",
            "updates_per_epoch",
            "Your count includes the short last batch although drop_last is set.",
            "How many full batches can you make of 10 samples, four at a time?",
            edits=((UPDATES, "-(-n // batch_size)"),),
        ),
        Misconception(
            "always_one_more",
            "updates_per_epoch",
            "Your count has one batch too many when n is a multiple of the batch size.",
            "12 samples, four at a time: is anything left after the third batch?",
            edits=((UPDATES, "n // batch_size if drop_last else n // batch_size + 1"),),
        ),
        Misconception(
            "linear_always",
            "scale_lr",
            "Your rate grows in proportion to the batch under both rules.",
            "Make the batch four times as large: do the two rules give different rates?",
            edits=((RULES, "base_lr * ratio"),),
        ),
        Misconception(
            "sqrt_always",
            "scale_lr",
            "Your rate grows with the root of the batch under both rules.",
            "Make the batch four times as large: do the two rules give different rates?",
            edits=((RULES, "base_lr * ratio**0.5"),),
        ),
        Misconception(
            "ratio_inverted",
            "scale_lr",
            "Your rate falls when the batch grows.",
            "A larger batch has less noise: does that call for shorter or for longer steps?",
            edits=(("ratio = batch / base_batch", "ratio = base_batch / batch"),),
        ),
        Misconception(
            "any_rule_accepted",
            "scale_lr",
            "Your code takes any unknown rule for one of the two.",
            "What should happen when somebody mistypes the rule?",
            edits=(('if rule not in ("linear", "sqrt"):', "if False:"),),
        ),
        Misconception(
            "warmup_from_zero",
            "warmup_lr",
            "Your warmup starts at a rate of 0, so the first update changes nothing, and the peak comes one update "
            "late.",
            "How far do the weights move in update number 0?",
            edits=(("peak_lr * (step + 1) / warmup_steps", "peak_lr * step / warmup_steps"),),
        ),
        Misconception(
            "warmup_one_stair_too_many",
            "warmup_lr",
            "Your warmup has one stair too many, so its last update doesn't have the peak rate yet.",
            "A warmup of one update: which rate should that update have?",
            edits=(("(step + 1) / warmup_steps", "(step + 1) / (warmup_steps + 1)"),),
        ),
        Misconception(
            "warmup_never_ends",
            "warmup_lr",
            "Your rate keeps growing after the warmup.",
            "What is the rate at step 1000 of a warmup of ten?",
            edits=(("if step >= warmup_steps:", "if warmup_steps == 0:"),),
        ),
        Misconception(
            "perfect_parallel",
            "epoch_seconds",
            "Your time has no rounds: it divides the number of samples by the width, as if a device that is half full "
            "took half the time.",
            "How long does a round with one sample take, compared with a full one?",
            edits=((ROUNDS, "n / parallel_width"),),
        ),
        Misconception(
            "rounds_across_batches",
            "epoch_seconds",
            "Your rounds are counted over the whole epoch, so that one batch fills up the last round of another.",
            "Can the next batch start before the weights are updated?",
            edits=((ROUNDS, "-(-n // parallel_width)"),),
        ),
        Misconception(
            "no_parallelism",
            "epoch_seconds",
            "Your time adds up single samples and ignores the width of the device.",
            "How many rounds does a batch of four need on a device of width four?",
            edits=((ROUNDS, "n"),),
        ),
        Misconception(
            "last_batch_full",
            "epoch_seconds",
            "Your short last batch takes as long as a full one.",
            "How many rounds do two samples need on a device of width two, and how many do four?",
            edits=((ROUNDS, "(full + (rest > 0)) * -(-batch_size // parallel_width)"),),
        ),
        Misconception(
            "last_batch_free",
            "epoch_seconds",
            "Your time leaves out the short last batch.",
            "10 samples in batches of 4: when are the last two worked off?",
            edits=((ROUNDS, "full * -(-batch_size // parallel_width)"), (OVERHEAD, "full * overhead_s")),
        ),
        Misconception(
            "overhead_once",
            "epoch_seconds",
            "Your time has the overhead once per epoch instead of once per batch.",
            "How often are weights updated, and how often is something launched?",
            edits=((OVERHEAD, "(n > 0) * overhead_s"),),
        ),
        Misconception(
            "overhead_per_round",
            "epoch_seconds",
            "Your time has the overhead once per round instead of once per batch.",
            "A batch needs two rounds: how many updates of the weights is that?",
            edits=((OVERHEAD, "rounds * overhead_s"),),
        ),
        Misconception(
            "noise_swapped",
            "noise_scale",
            "Your estimates exchange the small and the big batch.",
            "Which of the two batches has the noisier gradient, and what sign must the trace have then?",
            edits=(
                (G2, "(b_small * g_big_sq - b_big * g_small_sq) / (b_small - b_big)"),
                (TRACE, "(g_big_sq - g_small_sq) / (1 / b_small - 1 / b_big)"),
            ),
        ),
        Misconception(
            "big_batch_is_truth",
            "noise_scale",
            "Your estimate takes the gradient of the big batch for the true one, without its noise.",
            "Is the expected squared norm at the big batch size equal to that of the true gradient?",
            edits=((G2, "g_big_sq"), (TRACE, "(g_small_sq - g_big_sq) * b_small")),
        ),
        Misconception(
            "difference_is_trace",
            "noise_scale",
            "Your trace is just the difference of the two squared norms.",
            "The noise of a single sample: how much of it is left in each of the two batches?",
            edits=((TRACE, "g_small_sq - g_big_sq"),),
        ),
        Misconception(
            "scale_inverted",
            "noise_scale",
            "Your b_simple is the signal divided by the noise.",
            "Noisier gradients call for larger batches: does your number grow with the trace?",
            edits=((SCALE, 'g2 / trace if g2 > 0 and trace != 0 else float("inf")'),),
        ),
        Misconception(
            "negative_batch_size",
            "noise_scale",
            "Your b_simple comes out negative, or divides by zero, where the estimated signal isn't positive.",
            "If no signal is left at all, which batch would be large enough?",
            edits=((SCALE, "float(np.float64(trace) / np.float64(g2))"),),
        ),
        Misconception(
            "mean_of_means",
            "accumulate_gradients",
            "Your result is the plain mean over the parts, so that samples in a short last part count too much.",
            "Parts of 4 and 1: how much should the last sample count?",
            edits=(("share = len(X[part]) / n", "share = 1 / -(-n // micro_batch_size)"),),
        ),
        Misconception(
            "not_divided",
            "accumulate_gradients",
            "Your result is the sum of the parts' mean gradients.",
            "Cut the same batch into twice as many parts: what happens to your result?",
            edits=(("share = len(X[part]) / n", "share = 1.0"),),
        ),
        Misconception(
            "sum_over_samples",
            "accumulate_gradients",
            "Your result is the sum over all samples instead of their mean.",
            "How does your result compare with grad_fn of all samples at once?",
            edits=(("share = len(X[part]) / n", "share = float(len(X[part]))"),),
        ),
        Misconception(
            "nominal_size",
            "accumulate_gradients",
            "Your weights take every part for full, also the short last one.",
            "Add up the weights of all parts: is the sum 1?",
            edits=(("share = len(X[part]) / n", "share = float(micro_batch_size / n)"),),
        ),
        Misconception(
            "last_only",
            "accumulate_gradients",
            "Your result is the gradient of the last part alone.",
            "What becomes of the gradients of the earlier parts?",
            edits=((WEIGHTED, "grad"),),
        ),
        Misconception(
            "tail_dropped",
            "accumulate_gradients",
            "Your parts leave out the samples that don't fill a part.",
            "Which samples did grad_fn never see?",
            edits=(
                ("n, total = len(X), {}", "n, total = max(len(X) // micro_batch_size, 1) * micro_batch_size, {}"),
                ("share = len(X[part]) / n", "share = len(X[part]) / min(n, len(X))"),
            ),
        ),
        Misconception(
            "all_at_once",
            "accumulate_gradients",
            "Your code hands all samples to grad_fn at once, which doesn't fit into memory.",
            "How many samples can grad_fn take?",
            edits=(("n, total = len(X), {}", "n, total, micro_batch_size = len(X), {}, len(X)"),),
        ),
    ),
    equivalents=(
        Equivalent(
            'return base_lr * (ratio if rule == "linear" else ratio**0.5)',
            'return base_lr * (ratio if rule <= "linear" else ratio**0.5)',
            "only two rules get here, and linear is the first in the alphabet",
        ),
    ),
)
