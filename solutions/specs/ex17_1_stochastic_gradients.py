"""Cases, misconceptions and hints for 17-1."""

import itertools

import numpy as np

from grader.spec import T32, T64L, Case, Exercise, Misconception, Part

# Drivers. All of them seed numpy's global generator, so that answers which wrongly come from there repeat, too.


def batches(student, n, batch_size, seed, **options):
    np.random.seed(seed)
    return student.epoch_batches(n, batch_size, np.random.default_rng(seed), **options)


def three_epochs(student, n, batch_size, seed):
    np.random.seed(seed)
    rng = np.random.default_rng(seed)
    return {f"epoch {k}": student.epoch_batches(n, batch_size, rng) for k in (1, 2, 3)}


def generators_after(student, n, batch_size, seed, **options):
    np.random.seed(seed)
    rng = np.random.default_rng(seed)
    student.epoch_batches(n, batch_size, rng, **options)
    return {"next number of rng": rng.random(), "next number of np.random": np.random.random()}


def each_sample_once(student, n, batch_size, seed):
    np.random.seed(seed)
    epoch = student.epoch_batches(n, batch_size, np.random.default_rng(seed))
    return {"all indices, sorted": sorted(int(i) for batch in epoch for i in batch)}


def average_over_subsets(student, per_sample_grads, batch_size):
    subsets = [np.array(subset) for subset in itertools.combinations(range(len(per_sample_grads)), batch_size)]
    return np.mean([student.minibatch_gradient(per_sample_grads, idx) for idx in subsets], axis=0)


def covariance_of_many(student, per_sample_grads, times, batch_size, replace):
    return student.gradient_covariance(np.tile(per_sample_grads, (times, 1)), batch_size, replace)


def descend(student, X, y, w0, batch_size, lr, epochs, seed):
    """Least squares by `sgd`; also tells which samples were asked for, and whether rng moved as it should."""
    np.random.seed(seed)
    rng, asked = np.random.default_rng(seed), []

    def grad_fn(w, idx):
        asked.append([int(i) for i in idx])
        return X[idx].T @ (X[idx] @ w - y[idx]) / max(len(idx), 1)

    path = student.sgd(grad_fn, w0, len(X), batch_size, lr, epochs, rng)
    return {"path": path, "samples of each call of grad_fn": asked, "next number of rng": rng.random()}


def descend_by_words(student, X, y, w0, batch_size, lr, epochs, seed):
    """The same, with all arguments given by name."""
    np.random.seed(seed)

    def grad_fn(w, idx):
        return X[idx].T @ (X[idx] @ w - y[idx]) / max(len(idx), 1)

    rng = np.random.default_rng(seed)
    return student.sgd(grad_fn=grad_fn, w0=w0, n=len(X), batch_size=batch_size, lr=lr, epochs=epochs, rng=rng)


# Cases


def seed_of(rng):
    return int(rng.integers(2**31))


def batch_cases(rng):
    def case(name, n, batch_size, driver=None, **options):
        return Case(name, {"n": n, "batch_size": batch_size, "seed": seed_of(rng), **options}, driver=driver)

    yield case("one sample", 1, 1)
    yield case("12 samples in batches of 4", 12, 4)
    yield case("30 samples in batches of 5", 30, 5)
    yield case("each of 24 samples once", 24, 6, driver=each_sample_once)
    yield case("three epochs in a row", 20, 5, driver=three_epochs)
    yield case("a short last batch", 23, 5)
    yield case("a last batch of one", 21, 5)
    yield case("each of 23 samples once", 23, 5, driver=each_sample_once)
    yield case("all in one batch", 15, 15)
    yield case("batches of one", 11, 1)
    yield case("batch_size above n", 9, 32)
    yield case("no samples", 0, 4)
    yield case("drop_last, nothing to drop", 20, 5, drop_last=True)
    yield case("drop_last, a short last batch", 23, 5, drop_last=True)
    yield case("drop_last, all in one batch", 15, 15, drop_last=True)
    yield case("drop_last, 17 samples in batches of 7", 17, 7, drop_last=True)
    yield case("drop_last, batch_size above n", 9, 32, drop_last=True)
    yield case("drop_last, no samples", 0, 4, drop_last=True)
    yield case("three epochs with a short last batch", 17, 4, driver=three_epochs)
    yield case("the generators afterwards", 17, 4, driver=generators_after)
    yield case("the generators after no batch at all", 9, 32, driver=generators_after, drop_last=True)
    inputs = {"n": 14, "batch_size": 4, "seed": seed_of(rng)}
    yield Case("14 samples in batches of 4", inputs)
    yield Case("the same seed once more", inputs)


def gradient_cases(rng):
    def case(name, grads, idx, **options):
        return Case(f"gradient: {name}", {"per_sample_grads": grads, "idx": np.array(idx)}, **options)

    grads = rng.normal(rng.normal(0, 2, 3), 1.0, (8, 3))
    hand = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 20.0]])
    yield case("one sample", hand, [1])
    yield case("two of three samples", hand, [0, 2])
    yield case("four of eight samples", grads, [6, 1, 3, 0])
    yield case("all samples", grads, range(8))
    yield case("samples that occur more than once", grads, [2, 2, 5, 2])
    yield case("more draws than samples", grads, rng.integers(0, 8, 20))
    yield case("as many samples as parameters", grads[:3], [2, 0])
    yield case("a single parameter", grads[:, :1], [2, 0, 7])
    yield case("float32 stays float32", np.float32(grads), [6, 1, 3, 0], tolerance=T32)
    yield case("integers", rng.integers(-5, 6, (6, 3)), [1, 4, 5, 0])
    yield case("uint8", np.array([[200, 250], [100, 255], [90, 255]], np.uint8), [0, 1, 2])
    yield case("Fortran order, read backwards", np.asfortranarray(grads)[::-1], [6, 1, 3, 0])
    yield case("one read-only row for all", np.broadcast_to(grads[0], (5, 3)), [4, 1])
    subsets = {"per_sample_grads": grads[:6], "batch_size": 3}
    yield Case("gradient: average over all batches of 3 out of 6", subsets, driver=average_over_subsets)
    yield case("four of eight samples, once more", grads, [6, 1, 3, 0])


def mean_cases(rng):
    def case(name, means, sizes):
        return Case(f"mean: {name}", {"batch_means": means, "batch_sizes": sizes})

    yield case("two batches of equal size", [1.0, 3.0], [4, 4])
    yield case("0 to 9 in batches of 4, 4 and 2", [1.5, 5.5, 8.5], [4, 4, 2])
    yield case("one batch", [2.5], [7])
    yield case("a last batch of one", [0.5, 0.25, 9.0], [32, 32, 1])
    yield case("all sizes different", rng.normal(size=6), rng.permutation(np.arange(3, 9)))
    yield case("arrays", rng.normal(size=5), np.array([8, 8, 8, 8, 3]))
    yield case("large sizes", rng.normal(size=3), np.array([2**31 - 1, 2**31 - 1, 5], np.int32))
    yield case("small integers for the sizes", rng.normal(size=3), np.array([200, 200, 100], np.uint8))
    yield case("integers for the means", [3, 4, 8], [4, 4, 1])
    yield case("negative means", -rng.random(4), [5, 5, 5, 2])
    yield case("read backwards", rng.normal(size=8)[::-2], np.array([2, 5, 5, 5])[::-1])


def covariance_cases(rng):
    def case(name, grads, batch_size, replace, **options):
        inputs = {"per_sample_grads": grads, "batch_size": batch_size, "replace": replace}
        return Case(f"covariance: {name}", inputs, **options)

    mixing = rng.normal(size=(3, 3))
    grads = rng.normal(size=(7, 3)) @ mixing + rng.normal(0, 2, 3)
    hand = np.array([[1.0, 10.0], [3.0, 20.0]])
    yield case("two samples, one draw", hand, 1, True)
    yield case("two samples, two draws", hand, 2, True)
    yield case(
        "three samples, two without replacement, by hand", np.array([[0.0, 1.0], [3.0, 1.0], [6.0, 1.0]]), 2, False
    )
    yield case("one draw with replacement", grads, 1, True)
    yield case("one draw without replacement", grads, 1, False)
    yield case("three draws with replacement", grads, 3, True)
    yield case("three draws without replacement", grads, 3, False)
    yield case("all but one", grads, 6, False)
    yield case("all samples without replacement", grads, 7, False)
    yield case("as many draws as samples, with replacement", grads, 7, True)
    yield case("more draws than samples, with replacement", grads, 50, True)
    yield case("more draws than samples, without replacement", grads, 8, False)
    yield case("a single sample without replacement", grads[:1], 1, False)
    yield case("a single sample with replacement", grads[:1], 4, True)
    yield case("two of a single sample without replacement", grads[:1], 2, False)
    yield case("all gradients alike", np.broadcast_to(grads[0], (5, 3)), 2, False)
    yield case("two samples, ten parameters", rng.normal(size=(2, 10)), 1, False)
    yield case("as many samples as parameters", grads[:3], 2, False)
    yield case("a single parameter", grads[:, :1], 3, False)
    yield case("float32 stays float32, with replacement", np.float32(grads), 3, True, tolerance=T32)
    yield case("float32 stays float32, without replacement", np.float32(grads), 3, False, tolerance=T32)
    yield case("integers", rng.integers(-5, 6, (6, 3)), 2, False)
    yield case("uint8", rng.integers(0, 256, (6, 3)).astype(np.uint8), 2, True)
    yield case("Fortran order, read backwards", np.asfortranarray(grads)[::-1], 2, False)
    many = {"per_sample_grads": rng.normal(size=(40, 60)), "times": 1000, "batch_size": 256, "replace": False}
    yield Case("covariance: 40000 samples, 60 parameters", many, driver=covariance_of_many)
    yield case("three draws without replacement, once more", grads, 3, False)


def sgd_cases(rng):
    def case(name, n, d, batch_size, epochs, lr=0.05, driver=None, tolerance=None, w0=None):
        X = rng.normal(size=(n, d))
        inputs = {"X": X, "y": X @ rng.normal(size=d) + rng.normal(size=n), "w0": rng.normal(size=d)}
        inputs |= {"batch_size": batch_size, "lr": lr, "epochs": epochs, "seed": seed_of(rng)}
        if w0 is not None:
            inputs["w0"] = w0
        return Case(f"sgd: {name}", inputs, driver=driver, tolerance=tolerance)

    hand = {"X": np.ones((2, 1)), "y": np.array([3.0, 3.0]), "w0": np.array([1.0]), "batch_size": 2, "lr": 0.5}
    yield Case("sgd: one epoch of one batch, by hand", {**hand, "epochs": 1, "seed": 3})
    yield case("no epoch at all, w0 in float32", 5, 2, 2, 0, w0=np.array([0.5, -2], np.float32))
    yield case("one epoch of three batches", 12, 3, 4, 1)
    yield case("four epochs of three batches", 12, 3, 4, 4)
    yield case("a short last batch", 14, 3, 4, 3)
    yield case("batches of one", 7, 2, 1, 2)
    yield case("the whole data in one batch", 9, 2, 9, 3)
    yield case("batch_size above n", 9, 2, 64, 3)
    yield case("lr of 0", 8, 2, 3, 2, lr=0.0)
    yield case("a single parameter", 10, 1, 3, 3)
    yield case("as many parameters as epochs", 10, 3, 4, 3)
    yield case("w0 is an integer array", 10, 2, 4, 3, w0=np.array([3, -2]))
    yield case("w0 is read-only", 10, 2, 4, 3, w0=np.broadcast_to(1.5, 2))
    yield case("forty epochs", 20, 3, 6, 40, lr=0.02, tolerance=T64L)
    yield case("arguments by name", 10, 2, 4, 2, driver=descend_by_words)
    yield Case("sgd: one epoch by hand, once more", {**hand, "epochs": 1, "seed": 3})


STEP = "w = w - lr * grad_fn(w, idx)"
INDEPENDENT = "away.T @ away / (n * batch_size)"
CORRECTED = "of_independent_draws if replace else of_independent_draws * (n - batch_size) / max(n - 1, 1)"
SLICES = "for start in range(0, end, batch_size)"

exercise = Exercise(
    parts=(
        Part(
            "epoch_batches",
            batch_cases,
            hints=(
                "Shuffle all indices once, then deal them out in order.",
                "A slice that reaches beyond the end of an array simply stops there.",
                "Let a start index go from 0 in steps of batch_size. With drop_last it has to stop before the samples "
                "that don't fill a batch.",
            ),
            driver=batches,
        ),
        Part(
            "minibatch_gradient",
            gradient_cases,
            hints=(
                "The size of a step must not depend on the size of the batch.",
                "numpy picks rows with an array of indices, also repeatedly.",
                "Pick the rows, then average over the right axis. float32 must stay float32.",
            ),
        ),
        Part(
            "epoch_mean",
            mean_cases,
            hints=(
                "Ask what the average over all samples would be if you still had them.",
                "From a batch's mean and its size you get back its sum.",
                "Add up the sums, and divide by the number of all samples.",
            ),
        ),
        Part(
            "gradient_covariance",
            covariance_cases,
            hints=(
                "Begin with one draw: its covariance is that of the n rows around their mean, all equally likely.",
                "The mean of B independent draws has a B-th of the covariance. Draws without replacement aren't "
                "independent: what one takes, the others can't have.",
                "Without replacement there is one more factor: 1 for a batch of one, 0 for a batch of all, and "
                "linear in B between. Look out for n = 1.",
            ),
        ),
        Part(
            "sgd",
            sgd_cases,
            hints=(
                "An outer loop over the epochs, an inner one over the batches of that epoch.",
                "The weights change after every batch; the result records them only after every epoch.",
                "Call epoch_batches inside the outer loop, compute in float64, and store a copy if you change w in "
                "place.",
            ),
            driver=descend,
            tolerance=T64L,
        ),
    ),
    misconceptions=(
        Misconception(
            "no_shuffle",
            ("epoch_batches", "sgd"),
            "Your batches take the samples in the order in which they are stored.",
            "If the samples are sorted by class, what does the first batch of each epoch look like?",
            edits=(("order = rng.permutation(n)", "order = np.arange(n)"),),
        ),
        Misconception(
            "with_replacement",
            ("epoch_batches", "sgd"),
            "Your batches are drawn with replacement: some samples come up twice in an epoch, others not at all.",
            "Put the batches of one epoch together and sort them: what should the result be?",
            edits=(("order = rng.permutation(n)", "order = rng.integers(0, max(n, 1), n)"),),
        ),
        Misconception(
            "global_rng",
            ("epoch_batches", "sgd"),
            "Your order comes from the global random state of numpy instead of rng.",
            "Who else may have drawn from that state before you, and can you still repeat the run?",
            edits=(("order = rng.permutation(n)", "order = np.random.permutation(n)"),),
        ),
        Misconception(
            "tail_dropped",
            ("epoch_batches", "sgd"),
            "Your epoch leaves out the samples that don't fill a batch, without being asked to.",
            "Add up the sizes of your batches: is it n?",
            edits=(("end = n - n % batch_size if drop_last else n", "end = n - n % batch_size"),),
        ),
        Misconception(
            "drop_last_ignored",
            "epoch_batches",
            "Your epoch ends with a short batch although drop_last is set.",
            "Which of your batches are smaller than the others, and were they wanted?",
            edits=(("end = n - n % batch_size if drop_last else n", "end = n"),),
        ),
        Misconception(
            "full_batch_dropped",
            "epoch_batches",
            "Your drop_last leaves out the last batch even if it is complete.",
            "Take n = 20 and batches of 5: is there anything to drop?",
            edits=(
                (
                    "end = n - n % batch_size if drop_last else n",
                    "end = (n - 1) - (n - 1) % batch_size if drop_last else n",
                ),
            ),
        ),
        Misconception(
            "even_batches",
            ("epoch_batches", "sgd"),
            "Your epoch is cut into batches of nearly equal size instead of full ones and a remainder.",
            "How many samples should each batch hold, but for the last?",
            edits=(
                (
                    f"[order[start : start + batch_size] {SLICES}]",
                    "np.array_split(order[:end], -(-end // batch_size)) if end > 0 else []",
                ),
            ),
        ),
        Misconception(
            "tail_into_last",
            ("epoch_batches", "sgd"),
            "Your last batch takes in the remaining samples and becomes larger than batch_size.",
            "Memory was planned for batch_size samples: how large may a batch get?",
            edits=(
                (
                    f"[order[start : start + batch_size] {SLICES}]",
                    "[order[i * batch_size : (i + 1) * batch_size if i + 1 < max(end // batch_size, 1) else end]"
                    " for i in range(max(end // batch_size, end > 0))]",
                ),
            ),
        ),
        Misconception(
            "sum_gradient",
            "minibatch_gradient",
            "Your gradient is the sum over the batch instead of the mean.",
            "Double the batch with the same learning rate: should the step become twice as long?",
            edits=(("[idx].mean(axis=0)", "[idx].sum(axis=0)"),),
        ),
        Misconception(
            "divided_by_all",
            "minibatch_gradient",
            "Your gradient is divided by the number of all samples instead of the size of the batch.",
            "What is the gradient of a batch of one, if all samples have the same gradient?",
            edits=(("[idx].mean(axis=0)", "[idx].sum(axis=0) / np.float32(len(per_sample_grads))"),),
        ),
        Misconception(
            "repeats_merged",
            "minibatch_gradient",
            "Your gradient counts a sample once even if it was drawn several times.",
            "Draw with replacement: how should a sample that came up three times count?",
            edits=(("[idx].mean(axis=0)", "[np.unique(idx)].mean(axis=0)"),),
        ),
        Misconception(
            "mean_of_means",
            "epoch_mean",
            "Your mean gives every batch the same weight, whatever its size.",
            "The last batch holds one sample: how much should that sample count next to the others?",
            edits=(("np.average(batch_means, weights=batch_sizes)", "np.average(batch_means)"),),
        ),
        Misconception(
            "no_fpc",
            "gradient_covariance",
            "Your covariance is the same with and without replacement.",
            "If the batch holds all samples, how many different gradients are possible?",
            edits=((CORRECTED, "of_independent_draws"),),
        ),
        Misconception(
            "fpc_always",
            "gradient_covariance",
            "Your covariance treats draws with replacement as if no sample could come twice.",
            "With replacement, does the second draw know what the first one took?",
            edits=((CORRECTED, "of_independent_draws * max(n - batch_size, 0) / max(n - 1, 1)"),),
        ),
        Misconception(
            "replace_swapped",
            "gradient_covariance",
            "Your two cases are exchanged: the smaller covariance goes with replacement.",
            "Which of the two ways to draw makes batches more alike?",
            edits=(
                (
                    CORRECTED,
                    "of_independent_draws * max(n - batch_size, 0) / max(n - 1, 1) if replace else "
                    "of_independent_draws",
                ),
            ),
        ),
        Misconception(
            "fpc_over_n",
            "gradient_covariance",
            "Your correction for drawing without replacement is not quite right: it isn't 1 for a batch of one.",
            "Does it matter for a single draw whether the sample is put back?",
            edits=(("/ max(n - 1, 1)", "/ n"),),
        ),
        Misconception(
            "sample_covariance",
            "gradient_covariance",
            "Your covariance of a single draw divides by n - 1, as if the n gradients were a sample of more.",
            "Enumerate all outcomes for n = 2 and one draw: what is the variance?",
            edits=((INDEPENDENT, "away.T @ away / (max(n - 1, 1) * batch_size)"),),
        ),
        Misconception(
            "not_divided_by_batch",
            "gradient_covariance",
            "Your covariance doesn't shrink when the batch grows.",
            "Average 100 independent draws: how far from the true mean, compared with one draw?",
            edits=((INDEPENDENT, "away.T @ away / n"),),
        ),
        Misconception(
            "divided_by_batch_squared",
            "gradient_covariance",
            "Your covariance falls with the square of the batch size.",
            "Variances of independent draws add up. What does dividing their sum by B do to the variance?",
            edits=((INDEPENDENT, "away.T @ away / (n * batch_size**2)"),),
        ),
        Misconception(
            "not_centred",
            "gradient_covariance",
            "Your covariance is taken around zero instead of around the mean gradient.",
            "If all samples have the same gradient, how large is the noise?",
            edits=((" - per_sample_grads.mean(axis=0)", ""),),
        ),
        Misconception(
            "no_reshuffle",
            "sgd",
            "Your descent draws the batches once and uses them in every epoch.",
            "Compare the first batch of the first epoch with the first batch of the second.",
            edits=(
                (
                    "    for _ in range(epochs):",
                    "    drawn = epoch_batches(n, batch_size, rng)\n    for _ in range(epochs):",
                ),
                ("for idx in epoch_batches(n, batch_size, rng):", "for idx in drawn:"),
            ),
        ),
        Misconception(
            "stale_weights",
            "sgd",
            "Your descent computes all gradients of an epoch at the weights with which the epoch began.",
            "After the first batch the weights have moved: where should the second gradient be taken?",
            edits=((STEP, "w = w - lr * grad_fn(path[-1], idx)"),),
        ),
        Misconception(
            "path_of_one_array",
            "sgd",
            "Your path holds the same array again and again, so all rows show the final weights.",
            "When w changes in place, what happens to the references to it that you kept?",
            edits=((STEP, "w -= lr * grad_fn(w, idx)"),),
        ),
        Misconception(
            "every_step_recorded",
            "sgd",
            "Your path holds the weights after every batch instead of after every epoch.",
            "How many rows should there be for one epoch of ten batches?",
            edits=((STEP, STEP + "\n            path.append(w)"), ("        path.append(w)\n    return", "    return")),
        ),
        Misconception(
            "start_missing",
            "sgd",
            "Your path begins after the first epoch and leaves out where the descent started.",
            "What should be returned for no epoch at all?",
            edits=(("return np.array(path)", "return np.array(path[1:]).reshape(-1, len(w0))"),),
        ),
        Misconception(
            "scaled_by_batch",
            "sgd",
            "Your step is multiplied by the size of the batch.",
            "grad_fn already gives the mean: what happens to the step if the batch is twice as large?",
            edits=((STEP, "w = w - lr * len(idx) * grad_fn(w, idx)"),),
        ),
        Misconception(
            "climbs",
            "sgd",
            "Your descent goes along the gradient, uphill.",
            "In which direction does the loss grow?",
            edits=((STEP, "w = w + lr * grad_fn(w, idx)"),),
        ),
    ),
)
