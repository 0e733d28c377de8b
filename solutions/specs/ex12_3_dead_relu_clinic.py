"""Cases, misconceptions and hints for 12-3."""

import tracemalloc

import numpy as np

from grader.spec import T32, Case, Equivalent, Exercise, Misconception, Part, Speed, t32

# How a monitor is driven


def reports_after_each(student, num_units, batches):
    monitor = student.DeadUnitMonitor(num_units)
    reports = []
    for z in batches:
        monitor.update(z)
        reports.append(snapshot(monitor.report()))
    return reports


def report_at_the_end(student, num_units, batches):
    monitor = student.DeadUnitMonitor(num_units)
    answers = [monitor.update(z) for z in batches]
    return {"update": answers, "report": monitor.report()}


def reused_buffer(student, num_units, batches):
    monitor = student.DeadUnitMonitor(num_units)
    buffer = np.empty_like(batches[0])
    for z in batches:
        buffer[...] = z
        monitor.update(buffer)
    buffer[...] = 1.0
    return monitor.report()


def two_monitors(student, num_units, batches):
    monitors = [student.DeadUnitMonitor(num_units), student.DeadUnitMonitor(num_units)]
    for i, z in enumerate(batches):
        monitors[i % 2].update(z)
    return [monitor.report() for monitor in monitors]


def written_report(student, num_units, batches):
    monitor = student.DeadUnitMonitor(num_units)
    monitor.update(batches[0])
    kept = monitor.report()
    before = snapshot(kept)
    scribble(monitor.report())
    monitor.update(batches[1])
    return {"first": before, "first, later": kept, "second": monitor.report()}


def same_batch_many_times(student, num_units, z, times):
    monitor = student.DeadUnitMonitor(num_units)
    for _ in range(times):
        monitor.update(z)
    return monitor.report()


def memory_after_many(student, num_units, rows, times):
    monitor = student.DeadUnitMonitor(num_units)
    z = np.tile(rows, (5, 1))
    monitor.update(z)
    tracemalloc.start()
    try:
        for _ in range(times):
            monitor.update(z)
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    return {"report": monitor.report(), "more memory than one batch": grown >= z.nbytes}


def snapshot(report):
    if not isinstance(report, dict):
        return report
    return {key: value.copy() if isinstance(value, np.ndarray) else value for key, value in report.items()}


def scribble(report):
    for value in report.values() if isinstance(report, dict) else ():
        if isinstance(value, np.ndarray):
            value[...] = 1


def monitor_cases(rng):
    def case(name, *batches, **options):
        return Case(name, {"num_units": batches[0].shape[1], "batches": list(batches)}, **options)

    complementary = np.array([[1.0, -1.0, -2.0], [-1.0, 2.0, -1.0]])
    stream = [rng.standard_normal((n, 6)) - np.linspace(-1, 3, 6) for n in (3, 17, 1, 8)]
    images = [rng.standard_normal((n, 3, h, w)) - 1 for n, h, w in ((2, 4, 5), (1, 1, 1), (3, 2, 2))]
    mostly_off = np.full((2000, 2), -1.0)
    mostly_off[3, 0], mostly_off[::10, 1] = 5.0, 8.0

    yield case("two rows, three units, one of them dead", np.array([[3.0, -1.0, 0.5], [-2.0, -3.0, 2.0]]))
    yield case("every unit active on every row", np.array([[1.0, 2.0], [3.0, 5.0]]))
    yield case("every unit silent", np.array([[-1.0, -2.0], [-0.5, -3.0], [-1.0, -1.0]]))
    yield case("two batches, each silences another unit", complementary[:1], complementary[1:])
    yield case("exactly 0 is silent", np.array([[0.0, -0.0, 1.0], [0.0, -1.0, 0.0]]))
    yield case("one positive among many negatives", mostly_off)
    yield case("batches of different sizes", *stream)
    yield case("one row at a time", *np.split(stream[3], 8))
    yield case("an empty batch in between", stream[0], np.zeros((0, 6)), stream[2])
    yield case("an empty batch first", np.zeros((0, 6)), stream[0], driver=report_at_the_end)
    yield case("as many rows as units", rng.standard_normal((4, 4)) - np.arange(4.0))
    yield case("channels of a convolution", *images)
    yield case("channels of a convolution, as many as rows and pixels", rng.standard_normal((4, 4, 4, 4)) - 1)
    yield case("integer batches", np.array([[3, -2, 0], [1, -5, 0]]), np.array([[2, 4, -1]]))
    yield case("int8 batches", np.array([[100, -128, -3], [120, 127, 0]], np.int8))
    yield case("int64 values of 8e18", np.full((3, 2), 8 * 10**18), np.array([[7, -1]]))
    yield case("float32 batches", *[z.astype(np.float32) for z in stream])
    yield case("float32 values of 2e38", np.full((3, 4), 2e38, dtype=np.float32), tolerance=T32)
    yield case("values of 1e-300", np.array([[1e-300, -1e-300]]))
    yield case("Fortran order, reversed, strided and broadcast batches", *layouts(stream[1]))
    yield case("update returns None", *stream, driver=report_at_the_end)
    yield Case("a report before any update", {"num_units": 3, "batches": []}, driver=report_at_the_end)
    yield case("a report after empty batches only", np.zeros((0, 2)), np.zeros((0, 2)), driver=report_at_the_end)
    yield Case("a batch of one unit for a layer of three", {"num_units": 3, "batches": [np.ones((4, 1))]})
    for name, z in (("six units", np.ones((4, 6))), ("no row of two units", np.zeros((0, 2)))):
        inputs = {"num_units": 3, "batches": [z, np.ones((4, 3))]}
        yield Case(f"a batch of {name} for a layer of three", inputs, driver=report_at_the_end)
    many = {"num_units": 200, "rows": rng.standard_normal((20, 200)), "times": 12}
    yield Case("12 batches in the memory of one", many, driver=memory_after_many)
    yield case("the caller overwrites its buffer", *np.split(stream[3], 4), driver=reused_buffer)
    yield case("two monitors at the same time", *stream, driver=two_monitors)
    yield case("a report is written into", *stream, driver=written_report)
    yield case("the stream of batches again", *stream)
    yield Case(
        "650,000 positive values",
        {"num_units": 128, "z": rng.random((128, 128)), "times": 40},
        driver=same_batch_many_times,
        speed=Speed(floor=0.1),
    )


def layouts(a):
    """The same numbers in memory layouts that aren't C order, and one row that stands for several."""
    return np.asfortranarray(a), a[::-1], np.repeat(a, 2, axis=1)[:, ::2], np.broadcast_to(a[:1], (3, *a.shape[1:]))


# PReLU


def prelu_inputs(rng):
    """Triples (name, x, weight) that both directions share."""
    x = rng.standard_normal((6, 3))
    image = rng.standard_normal((2, 3, 4, 5))
    square = rng.standard_normal((3, 3, 3, 3))
    three = np.array([0.25, -0.5, 2.0])
    kinks = np.array([[0.0, -0.0, 1.0], [-1.0, 0.0, 0.0]])

    yield "two samples, one slope", np.array([[-2.0, 3.0], [4.0, -1.0]]), np.array([0.5])
    yield "two samples, a slope for each channel", np.array([[-2.0, 3.0], [-4.0, -1.0]]), np.array([0.5, 0.25])
    yield "more samples than channels", x, three
    yield "as many samples as channels", x[:3], three
    yield "images, a slope for each channel", image, three
    yield "images, one slope", image, np.array([0.2])
    yield "images with as many rows and columns as channels", square, three
    yield "sequences", rng.standard_normal((2, 3, 7)), three
    yield "x above 0 everywhere", np.abs(x) + 0.5, three
    yield "one channel", rng.standard_normal((4, 1, 3)), np.array([0.1])
    yield "slopes above 1, negative and 0", x, np.array([3.0, -1.0, 0.0])
    yield "x exactly 0", kinks, three
    yield "one sample", x[:1], three
    yield "empty batch", x[:0], three
    yield "empty batch of images, one slope", image[:0], np.array([0.2])
    yield "float32", image.astype(np.float32), three.astype(np.float32)
    yield "integers", np.array([[-3, 2], [0, -1]]), np.array([2, 3])
    yield "integers, fractions as slopes", np.array([[-3, 2, -5], [0, -1, 7]]), three
    yield "int8 values", np.array([[-3, 100], [90, -100]], np.int8), np.array([3, 2], np.int8)
    yield "values of 1e300", np.array([[-1e300, 1e300, -2e300]]), three[:1]
    fortran, _, strided, repeated = layouts(image)
    yield "Fortran order", fortran, three[::-1]
    yield "reversed and strided", strided[::-1], np.repeat(three, 2)[::2]
    yield "one image that stands for three", repeated, three
    yield "slopes for columns, not for channels", image, np.ones(5)
    yield "slopes as a row", x, np.ones((1, 3))
    yield "one slope as a 1 x 1 matrix", x, np.ones((1, 1))
    yield "one slope without an axis", x, np.ones(())
    yield "three slopes for one channel", x[:, :1], three
    yield "the images again", image, three


def forward_cases(rng):
    for name, x, weight in prelu_inputs(rng):
        yield Case(name, {"x": x, "weight": weight}, tolerance=T32 if x.dtype == np.float32 else None)


def backward_cases(rng):
    for name, x, weight in prelu_inputs(rng):
        dy = np.arange(1.0, 5.0).reshape(2, 2) if x.shape == (2, 2) else rng.standard_normal(x.shape)
        yield Case(
            f"gradient for {name}",
            {"x": x, "weight": weight, "dy": dy.astype(np.result_type(x, weight))},
            tolerance=t32(x.size) if x.dtype == np.float32 else None,
        )
    image = rng.standard_normal((2, 3, 4, 5))
    gradient = np.broadcast_to(np.array(0.5), image.shape)
    yield Case("one number as the gradient of all", {"x": image, "weight": np.ones(3), "dy": gradient})
    whole = {"x": image, "weight": rng.standard_normal(3), "dy": rng.integers(-3, 4, image.shape)}
    yield Case("a gradient of integers", whole)


# One step of gradient descent


def network(*values):
    return dict(zip(("W1", "b1", "w2", "b2", "X", "y", "lr"), values, strict=True))


def newly_dead_cases(rng):
    one, zero = np.ones(1), np.zeros(1)

    def single(lr):
        """z = 1, and the step makes it 1 - 4 lr, without rounding."""
        return network(np.ones((1, 1)), zero, one, 0.0, np.ones((1, 1)), zero, lr)

    def scattered(rows, lr):
        hidden, features = 48, 4
        return network(
            rng.standard_normal((hidden, features)),
            0.3 * rng.standard_normal(hidden),
            rng.standard_normal(hidden),
            float(rng.standard_normal()),
            rng.uniform(0, 1, (rows, features)),
            2 * rng.standard_normal(rows),
            lr,
        )

    too_long = network(np.ones((1, 1)), zero, 2 * one, 0.0, np.ones((1, 1)), np.array([1.5]), 1.0)
    yield Case("one unit, a step too long", too_long)
    yield Case("one unit, a short step", single(0.125))
    yield Case("one unit that lands exactly on 0", single(0.25))
    yield Case("one unit that stays alive by a hair", single(0.25 - 2.0**-42))
    barely = network(np.full((1, 1), 2.0**-41), zero, one, 0.0, np.ones((1, 1)), -one, 1.0)
    yield Case("one unit that was alive by a hair", barely)
    yield Case("a step of length 0", {**single(0.0), "y": np.array([-1e6])})

    both = np.eye(2)
    yield Case(
        "a unit that was dead before",
        network(
            np.array([[1.0, 1.0], [-1.0, -2.0], [1.0, 0.0]]), np.zeros(3), np.ones(3), 0.0, both, zero.repeat(2), 2.0
        ),
    )
    yield Case(
        "a unit at exactly 0 was dead before",
        network(np.array([[0.0, 0.0], [1.0, 1.0]]), np.zeros(2), np.ones(2), 0.0, both, zero.repeat(2), 2.0),
    )
    # The row with z = 1 is fitted exactly; all of the error is on the other one.
    fitted, far = np.array([1.0, -8.0]), np.array([1.0, -1000.0])
    yield Case("a row with z = 0 pulls on nothing", network(np.array([[1.0, 0.0]]), zero, one, 0.0, both, fitted, 0.5))
    yield Case("a silent row pulls on nothing", network(np.array([[1.0, -1.0]]), zero, one, 0.0, both, far, 0.5))
    strong = network(np.array([[-1000.0], [1.0]]), np.zeros(2), np.array([-1.0, 1.0]), 0.0, np.ones((1, 1)), one, 1.0)
    yield Case("a silent unit adds nothing to the prediction", strong)
    yield Case(
        "alive on one row of many",
        network(np.array([[1.0, 0.0]]), zero, one, 0.0, np.diag([1.0, -1.0])[[1, 1, 0, 1]], zero.repeat(4), 4.0),
    )
    yield Case("the same row twice", network(np.ones((1, 1)), zero, one, 0.0, np.ones((2, 1)), np.zeros(2), 0.1875))
    yield Case("a single row of data", scattered(1, 0.05))
    for lr in (0.05, 0.2, 0.5):
        yield Case(f"48 units, learning rate {lr:g}", scattered(12, lr))
    slopes, features = rng.uniform(0.5, 1, (9, 4)), rng.uniform(0.5, 1, (10, 4))
    everyone = network(slopes, np.zeros(9), rng.uniform(1, 2, 9), 0.0, features, np.full(10, -5.0), 3.0)
    yield Case("every unit dies", everyone)
    yield Case("negative output weights push up", {**everyone, "w2": -everyone["w2"], "y": np.full(10, -90.0)})
    whole = np.array([[1, 2], [2, -1], [-1, 1]]), np.array([0, 1, 0]), np.array([1, 2, -1])
    integers = network(*whole, 1, np.array([[1, 2], [0, 3]]), np.array([0, 1]), 0.125)
    yield Case("integer parameters and data", integers)
    small = np.array([[100], [1]], np.int8), np.zeros(2, np.int8), np.ones(2, np.int8)
    bytes_ = network(*small, 0.0, np.array([[2]], np.int8), np.zeros(1, np.int8), 0.25)
    yield Case("int8 parameters and data", bytes_)
    yield Case("float32 parameters and data", {key: np.float32(value) for key, value in single(1.0).items()})
    yield Case("b2 as a 0-d array", {**everyone, "b2": np.array(1.0)})
    yield Case("odd memory layouts", odd_layouts(scattered(12, 0.1)))
    again = scattered(20, 0.2)
    yield Case("a network", again)
    yield Case("the same network again", again)


def odd_layouts(inputs):
    views = {"W1": np.asfortranarray(inputs["W1"]), "X": inputs["X"][::-1], "y": np.repeat(inputs["y"], 2)[::-2]}
    return {**inputs, **views, "b1": np.broadcast_to(np.array(0.25), inputs["b1"].shape)}


MONITOR = Part(
    name="DeadUnitMonitor",
    cases=monitor_cases,
    driver=reports_after_each,
    hints=(
        "You can't keep the data, so ask of each statistic: which running sum or count is it a quotient of?",
        "Count the strictly positive entries of each unit, count all entries, add up relu(z); divide only in report.",
        "For images, sum over axes 0, 2 and 3, so that (U,) numbers remain and each unit has seen N * H * W entries.",
        "A unit is dead if its count of positive entries is still 0; sum up in float64 even if z is float32.",
    ),
)

FORWARD = Part(
    name="prelu_forward",
    cases=forward_cases,
    hints=(
        "Every entry is either kept or multiplied by its channel's slope; which one depends on the entry's sign alone.",
        "NumPy lines shapes up from the last axis, but channels are axis 1: give weight as many trailing axes of "
        "length 1 as x has axes after the second.",
        "np.where(x > 0, ..., ...) with weight.reshape(-1, 1, 1) is right for images; now make the number of ones "
        "depend on x.ndim. Check weight.shape first.",
    ),
)

BACKWARD = Part(
    name="prelu_backward",
    cases=backward_cases,
    returns=("dx", "dweight"),
    hints=(
        "Differentiate y once in x and once in the slope, on each side of 0 separately, then apply the chain rule.",
        "dx has one entry per entry of x. A slope acts on many entries of y, so its gradient is a sum over them.",
        "Where x > 0 the slope has no influence; elsewhere dy/dslope is x. Sum dy times that over every axis but 1.",
        "With weight of shape (1,), the channels are summed up, too, and the result keeps the shape (1,).",
    ),
)

NEWLY_DEAD = Part(
    name="newly_dead",
    cases=newly_dead_cases,
    hints=(
        "Whether a unit lives depends on W1, b1 and X alone: you need the pre-activations before and after the step.",
        "Backwards: from the loss to pred, through w2 to the hidden units, through the ReLU to z. Only active "
        "entries let the gradient pass.",
        "dL/dpred is 2 * (pred - y) / N. dz is its outer product with the old w2, masked by z > 0; dW1 is dz.T @ X "
        "and db1 sums dz over the rows.",
        "Alive means (z > 0).any(axis=0). Combine alive before with not alive after; np.flatnonzero gives the indices.",
    ),
)

COUNT = "        self._active += np.count_nonzero(z > 0, axis=(0, *range(2, z.ndim)))\n"
SEEN = "        self._seen += z.size // self._active.size\n"
TOTAL = "        self._total += float(np.maximum(z, 0).sum(dtype=np.float64))\n"
DEAD = '"dead": self._active == 0'

exercise = Exercise(
    parts=(MONITOR, FORWARD, BACKWARD, NEWLY_DEAD),
    misconceptions=(
        Misconception(
            name="dead_in_one_batch",
            part="DeadUnitMonitor",
            summary="Your monitor lets the last batch decide which units are dead.",
            nudge="Feed two batches that wake different units: is either of the two dead?",
            edits=(
                (COUNT, COUNT.replace("self._active +=", "self._last =") + "        self._active += self._last\n"),
                (DEAD, '"dead": self._last == 0'),
            ),
        ),
        Misconception(
            name="non_negative_counts",
            part="DeadUnitMonitor",
            summary="Your monitor counts a pre-activation of exactly 0 as active.",
            nudge="What does ReLU put out at 0, and does any gradient come back through it there?",
            edits=(("np.count_nonzero(z > 0,", "np.count_nonzero(z >= 0,"),),
        ),
        Misconception(
            name="mean_negative_is_dead",
            part="DeadUnitMonitor",
            summary="Your monitor calls a unit dead because its average pre-activation isn't positive.",
            nudge="Picture a unit that answers strongly to one rare pattern: what is its average, and can it learn?",
            edits=(
                ("        self._seen = 0\n", "        self._seen = 0\n        self._sum = np.zeros(num_units)\n"),
                (COUNT, COUNT + "        self._sum += z.sum(axis=(0, *range(2, z.ndim)), dtype=np.float64)\n"),
                (DEAD, '"dead": self._sum <= 0'),
            ),
        ),
        Misconception(
            name="sparsity_is_death",
            part="DeadUnitMonitor",
            summary="Your monitor calls a unit dead because it is silent on most of the data.",
            nudge="Can a unit be silent on most inputs and still be useful, and still learn?",
            edits=((DEAD, '"dead": 2 * self._active < self._seen'),),
        ),
        Misconception(
            name="batch_rates_averaged",
            part="DeadUnitMonitor",
            summary="Your monitor averages the batches' averages, so a small batch weighs as much as a large one.",
            nudge="After one batch of 1 row and one of 99, how much should each row count?",
            edits=(
                ("np.zeros(num_units, dtype=np.int64)", "np.zeros(num_units)"),
                (
                    COUNT + SEEN + TOTAL,
                    "        if z.size:\n"
                    "            self._active += (z > 0).mean(axis=(0, *range(2, z.ndim)))\n"
                    "            self._seen += 1\n"
                    "            self._total += float(np.maximum(z, 0).mean(dtype=np.float64)) * self._active.size\n",
                ),
            ),
        ),
        Misconception(
            name="mean_before_relu",
            part="DeadUnitMonitor",
            summary="Your mean_activation averages the pre-activations, not what leaves the ReLU.",
            nudge="Which numbers does the next layer receive?",
            edits=((TOTAL, TOTAL.replace("np.maximum(z, 0)", "z")),),
        ),
        Misconception(
            name="pixels_not_counted",
            part="DeadUnitMonitor",
            summary="Your monitor divides by the number of images, although a channel answers at every pixel.",
            nudge="How often does one channel fire at most on a batch of images? Could your rate be above 1?",
            edits=((SEEN, "        self._seen += len(z)\n"),),
        ),
        Misconception(
            name="slope_on_wrong_side",
            part=("prelu_forward", "prelu_backward"),
            summary="Your PReLU scales the positive inputs and leaves the negative ones alone.",
            nudge="Sketch the function for a slope of 0: it should be a function you know well.",
            edits=(
                (
                    "np.where(x > 0, x, _along_channels(weight, x) * x)",
                    "np.where(x > 0, _along_channels(weight, x) * x, x)",
                ),
                (
                    "np.where(x > 0, dy, _along_channels(weight, x) * dy)",
                    "np.where(x > 0, _along_channels(weight, x) * dy, dy)",
                ),
                ("np.minimum(x, 0) * dy", "np.maximum(x, 0) * dy"),
            ),
        ),
        Misconception(
            name="slope_along_last_axis",
            part=("prelu_forward", "prelu_backward"),
            summary="Your PReLU lines the slopes up with the last axis of x instead of the channels.",
            nudge="For images of shape (N, C, H, W), which axis does NumPy match with a vector?",
            edits=(("weight.reshape(len(weight), *[1] * (x.ndim - 2))", "weight"),),
        ),
        Misconception(
            name="larger_of_the_two",
            part="prelu_forward",
            summary="Your PReLU takes the larger of x and the scaled x, which is only right for slopes up to 1.",
            nudge="Slopes are learned, so any value can turn up. Which of the two is larger at x = -1 with slope 3?",
            edits=(
                ("np.where(x > 0, x, _along_channels(weight, x) * x)", "np.maximum(x, _along_channels(weight, x) * x)"),
            ),
        ),
        Misconception(
            name="kink_on_the_right",
            part="prelu_backward",
            summary="Your gradient in x treats x = 0 as positive.",
            nudge="Which side does the definition give x = 0 to?",
            edits=(("np.where(x > 0, dy,", "np.where(x >= 0, dy,"),),
        ),
        Misconception(
            name="prelu_no_spatial_sum",
            part="prelu_backward",
            summary="Your gradient in the slopes is summed over the samples, but not over positions.",
            nudge="How many numbers does weight hold, and how many does your gradient hold?",
            edits=((".sum(axis=(0, *range(2, x.ndim)))\n    return", ".sum(axis=0)\n    return"),),
        ),
        Misconception(
            name="prelu_shared_shape",
            part="prelu_backward",
            summary="Your gradient has one entry per channel even if all channels share one slope.",
            nudge="One parameter, one number: what happens to the contributions of the channels?",
            edits=(("per_channel.sum(keepdims=True) if weight.size == 1 else per_channel", "per_channel"),),
        ),
        Misconception(
            name="leaky_not_relu",
            part="newly_dead",
            summary="Your simulation lets some gradient pass where a unit is silent, as a leaky ReLU would.",
            nudge="Which network is being simulated, and what can a silent row do to its units?",
            edits=(("w2) * active\n", "w2) * np.where(active, 1.0, 0.01)\n"),),
        ),
        Misconception(
            name="dead_before_counts",
            part="newly_dead",
            summary="Your list contains units that were dead before the step.",
            nudge="Who was it that the step killed?",
            edits=(("active.any(axis=0) & ~", "~"),),
        ),
        Misconception(
            name="summed_loss",
            part="newly_dead",
            summary="Your step descends the sum of the squared errors, not their mean.",
            nudge="Duplicate every row of the data: should the step change?",
            edits=(("2 * error / len(y)", "2 * error"),),
        ),
        Misconception(
            name="half_gradient",
            part="newly_dead",
            summary="Your step is half as long as it should be: a factor is missing in the derivative of the square.",
            nudge="Some books put a factor in front of the loss that this one doesn't have. Which loss is asked for?",
            edits=(("2 * error / len(y)", "error / len(y)"),),
        ),
        Misconception(
            name="head_updated_first",
            part="newly_dead",
            summary="Your step changes w2 first and computes the hidden layer's gradient with the new w2.",
            nudge="At which point in parameter space are all four gradients of one step taken?",
            edits=(
                (
                    "    dz = np.outer(2 * error / len(y), w2) * active\n",
                    "    w2 = w2 - lr * np.maximum(z, 0).T @ (2 * error / len(y))\n"
                    "    dz = np.outer(2 * error / len(y), w2) * active\n",
                ),
            ),
        ),
        Misconception(
            name="bias_stays",
            part="newly_dead",
            summary="Your step moves W1 but leaves b1 where it was.",
            nudge="Which parameters enter a pre-activation?",
            edits=(("(b1 - lr * dz.sum(axis=0))", "b1"),),
        ),
    ),
    equivalents=(
        Equivalent(
            "self._seen += z.size // self._active.size",
            "self._seen += z.size / self._active.size",
            "the quotient is whole, and a float counts exactly up to 2**53",
        ),
        Equivalent("if self._seen == 0:", "if self._seen <= 0:", "a count isn't negative"),
        Equivalent('"dead": self._active == 0,', '"dead": self._active <= 0,', "a count isn't negative"),
        Equivalent(
            "if z.shape[1] != self._active.size:",
            "if z.shape[1] < self._active.size:",
            "NumPy itself raises ValueError when more units are added to fewer",
        ),
        Equivalent(
            "return np.where(x > 0, x, _along_channels(weight, x) * x)",
            "return np.where(x >= 0, x, _along_channels(weight, x) * x)",
            "both sides meet at 0",
        ),
        Equivalent(
            "return dx, per_channel.sum(keepdims=True) if weight.size == 1 else per_channel",
            "return dx, per_channel.sum(keepdims=True) if weight.size <= 1 else per_channel",
            "there is at least one slope",
        ),
        Equivalent(
            "return np.flatnonzero(active.any(axis=0) & ~(z_after > 0).any(axis=0))",
            "return np.flatnonzero(active.any(axis=0) * ~(z_after > 0).any(axis=0))",
            "a product of booleans is their conjunction",
        ),
        Equivalent(
            "return np.flatnonzero(active.any(axis=0) & ~(z_after > 0).any(axis=0))",
            "return np.flatnonzero(active.any(axis=0) // ~(z_after > 0).any(axis=0))",
            "NumPy's integer division by False is 0, so only True // True is not 0",
        ),
    ),
)
