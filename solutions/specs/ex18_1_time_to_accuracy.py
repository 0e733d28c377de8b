"""Made-up curves and runs; trainers and clocks that only pretend. And a real run, whose examples are counted here."""

import numpy as np

from grader.predictions import same_in_portions
from grader.spec import T64, T64L, Bar, Case, Equivalent, Exercise, Misconception, Part, Training


def record(student, seconds, pauses, metrics, start, **settings):
    """A world in which round k of training takes seconds[k], its evaluation pauses[k], and ends with metrics[k]."""
    now, calls = [start], []

    def train():
        calls.append("train")
        done = calls.count("train")
        now[0] += seconds[done - 1] if done <= len(seconds) else 1024.0

    def evaluate():
        calls.append("evaluate")
        done = calls.count("train")
        now[0] += pauses[(done - 1) % len(pauses)]
        return metrics[done - 1] if 0 < done <= len(metrics) else 1.0

    def clock():
        return now[0]

    curve = student.record_curve(train, evaluate, clock, **settings)
    return {"curve": curve, "calls": " ".join(calls)}


def curve(costs, metrics):
    return np.column_stack([np.asarray(costs, dtype=np.float64), np.asarray(metrics, dtype=np.float64)])


def noisy(rng, rounds, limit, pace):
    """A learning curve that rises to a limit and shakes, with unequal costs."""
    costs = np.cumsum(rng.uniform(0.5, 1.5, rounds))
    return curve(costs, limit * (1 - np.exp(-costs / pace)) + rng.normal(0, 0.02, rounds))


def time_cases(rng):
    def case(name, costs, metrics, target=0.9, **hold):
        return Case(name, {"curve": curve(costs, metrics), "target": target, **hold})

    five = [10.0, 20.0, 30.0, 40.0, 50.0]
    yield case("reached at 20, and kept", five, [0.5, 0.91, 0.92, 0.93, 0.94])
    yield case("reached at once", five, [0.95, 0.96, 0.97, 0.96, 0.95])
    yield case("never reached", five, [0.5, 0.6, 0.7, 0.8, 0.85])
    yield case("one lucky evaluation first", five, [0.91, 0.5, 0.91, 0.92, 0.93])
    yield case("two lucky evaluations first", [1, 2, 3, 4, 5, 6, 7], [0.95, 0.95, 0.5, 0.91, 0.92, 0.93, 0.94])
    yield case("reached only in the last two evaluations", five, [0.5, 0.6, 0.7, 0.91, 0.92])
    yield case("reached only in the last three evaluations", five, [0.5, 0.6, 0.91, 0.92, 0.93])
    yield case("three hits, never in a row", five, [0.91, 0.5, 0.91, 0.5, 0.91])
    yield case("exactly the target", five, [0.5, 0.75, 0.75, 0.75, 0.75], target=0.75)
    below = float(np.nextafter(0.75, 0))
    yield case("hardly below the target", five, [0.75, below, 0.75, 0.75, 0.75], target=0.75)
    yield case("reached, and lost again later", five, [0.5, 0.91, 0.92, 0.93, 0.4])
    yield case("the best value comes much later", five, [0.91, 0.92, 0.91, 0.9, 0.99])
    yield case("hold 1: a single evaluation is enough", five, [0.5, 0.91, 0.5, 0.91, 0.91], hold=1)
    yield case("hold 2", five, [0.91, 0.5, 0.91, 0.91, 0.91], hold=2)
    yield case("hold 5: all of them", five, [0.91, 0.92, 0.93, 0.94, 0.95], hold=5)
    yield case("hold 6: more than there are", five, [0.91, 0.92, 0.93, 0.94, 0.95], hold=6)
    yield case("a NaN in between", [1, 2, 3, 4, 5, 6], [0.91, 0.92, np.nan, 0.93, 0.94, 0.95])
    yield case("nothing but NaN", five, [np.nan] * 5)
    yield case("infinite metrics", five, [-np.inf, np.inf, np.inf, np.inf, 0.0])
    yield case("negative metrics", five, [-5.0, -1.0, -0.5, -0.25, -0.1], target=-1.0)
    yield case("an empty curve", [], [])
    yield case("one evaluation", [3.0], [0.99])
    yield case("two equal costs are refused", [1, 2, 2, 3, 4], [0.95] * 5)
    yield case("falling costs are refused, also after the target", [1, 2, 3, 4, 3.5], [0.95] * 5)
    unsigned = np.array([[1, 9], [2, 9], [4, 9], [3, 9]], dtype=np.uint8)
    yield Case("falling costs of unsigned integers are refused", {"curve": unsigned, "target": 5})
    for i in range(3):
        yield Case(f"a noisy curve {i + 1}", {"curve": noisy(rng, 60, 0.95, 5.0), "target": 0.88})
    whole = {"curve": np.array([[1, 0], [5, 3], [9, 4], [12, 4], [20, 5]]), "target": 3}
    yield Case("a curve of integers", whole)
    odd = np.asfortranarray(noisy(rng, 60, 0.95, 5.0))
    yield Case("every other evaluation of a longer curve", {"curve": odd[::2], "target": 0.85, "hold": 2})
    yield Case("the same again", {"curve": odd[::2], "target": 0.85, "hold": 2})
    yield Case("float32", {"curve": np.float32([[0.5, 0.1], [1.5, 0.75], [2.5, 1.0], [3.5, 1.0]]), "target": 0.75})


def speedup_cases(rng):
    good, slow = [0.5, 0.91, 0.92, 0.93, 0.94], [0.5, 0.6, 0.91, 0.92, 0.93]
    bad, five = [0.5, 0.6, 0.7, 0.8, 0.85], np.array([10.0, 20.0, 30.0, 40.0, 50.0])

    def case(name, a, b, target=0.9, **hold):
        return Case(name, {"curve_a": a, "curve_b": b, "target": target, **hold})

    yield case("A needs half of B's cost", curve(five, good), curve(2 * five, good))
    yield case("A needs twice B's cost", curve(2 * five, good), curve(five, good))
    yield case("the same curve twice", curve(five, good), curve(five, good))
    yield case("B reaches the target later", curve(five, good), curve(five, slow))
    yield case("B never gets there", curve(five, good), curve(five, bad))
    yield case("A never gets there", curve(five, bad), curve(five, good))
    yield case("neither gets there", curve(five, bad), curve(2 * five, bad))
    lucky = [0.95, 0.5, 0.6, 0.91, 0.92]
    yield case("hold 1: A is lucky", curve(five, lucky), curve(five, good), hold=1)
    yield case("hold 2: luck doesn't help A", curve(five, lucky), curve(five, good), hold=2)
    yield case("hold 1: B is lucky", curve(five, good), curve(five, lucky), hold=1)
    yield case("hold 3: A has too few evaluations", curve(five, lucky), curve(five, good))
    yield case("curves of different length", curve(five[:4], good[:4]), curve(0.3 * five, good))
    yield case("another target", curve(five, good), curve(five, slow), target=0.55, hold=2)
    yield case("B's costs don't increase", curve(five, good), curve(five[::-1], good))
    for i in range(3):
        yield case(f"two noisy curves {i + 1}", noisy(rng, 60, 0.95, 5.0), noisy(rng, 50, 0.95, 8.0), 0.8)


def smooth_cases(rng):
    def case(name, values, beta):
        return Case(name, {"values": np.asarray(values), "beta": beta})

    yield case("three equal values", [2.0, 2.0, 2.0], 0.5)
    yield case("1, 2, 3 with beta 0.5", [1.0, 2.0, 3.0], 0.5)
    yield case("one value", [5.0], 0.9)
    yield case("a step from 0 to 1", [0.0, 0.0, 0.0, 1.0, 1.0, 1.0], 0.8)
    yield case("a first value far away", [100.0, 1.0, 1.0, 1.0], 0.9)
    yield case("beta 0", rng.normal(size=5), 0.0)
    yield case("a long memory", rng.normal(size=30), 0.99)
    yield case("300 values", rng.normal(1, 1, 300), 0.95)
    yield case("integers", [1, 0, 4, 4], 0.75)
    yield case("small integers", np.array([200, 100, 250], dtype=np.uint8), 0.75)
    yield case("float32 values", rng.normal(size=8).astype(np.float32), 0.9)
    yield case("no value", np.zeros(0), 0.9)
    yield case("every other value, backwards", rng.normal(size=12)[::-2], 0.9)


def examples_cases(rng):
    def case(name, batch_sizes, eval_steps, metrics):
        inputs = {"batch_sizes": np.asarray(batch_sizes), "eval_steps": np.asarray(eval_steps, dtype=np.int64)}
        return Case(name, {**inputs, "metrics": np.asarray(metrics)})

    yield case("batches of 100, evaluated after each", [100, 100, 100], [1, 2, 3], [0.3, 0.5, 0.6])
    yield case("batches of different size", [10, 20, 30, 5], [1, 2, 3, 4], [0.3, 0.5, 0.6, 0.7])
    yield case("evaluated now and then", [10, 20, 30, 5, 40, 1], [2, 5, 6], [0.3, 0.5, 0.6])
    yield case("evaluated once, at the end", [64] * 9 + [24], [10], [0.9])
    yield case("steps after the last evaluation", [8, 8, 8, 8], [1, 3], [0.1, 0.2])
    yield case("batches of 1", [1] * 7, [7], [0.5])
    yield case("batch sizes of 8 bits", np.array([200, 200, 200], dtype=np.uint8), [1, 3], [0.1, 0.2])
    yield case("batch sizes of 32 bits", np.full(300, 20_000_001, dtype=np.int32), [1, 3, 300], [0.1, 0.2, 0.3])
    yield case("NaN is kept", [4, 4], [1, 2], [np.nan, 0.5])
    yield case("integer metrics", [4, 4], [1, 2], [1, 2])
    yield case("float32 metrics", [3, 5], [1, 2], np.float32([0.25, 0.5]))
    yield case("no evaluation", [4, 4], [], np.zeros(0))
    sizes = rng.integers(1, 100, 40)
    steps = np.sort(rng.choice(np.arange(1, 41), 9, replace=False))
    yield case("forty steps, nine evaluations", sizes, steps, rng.random(9))
    yield case("in other memory layouts", np.repeat(sizes, 2)[::2], np.repeat(steps, 2)[::2], rng.random(18)[::-2])


def record_cases(rng):
    def case(name, metrics, seconds=1.0, pauses=0.0, start=0.0, target=0.9, budget=100.0, **hold):
        rounds = [seconds] * len(metrics) if isinstance(seconds, float) else list(seconds)
        waits = [pauses] if isinstance(pauses, float) else list(pauses)
        inputs = {"seconds": rounds, "pauses": waits, "metrics": list(metrics), "start": start}
        return Case(name, {**inputs, "target": target, "budget": budget, **hold})

    yield case("three good rounds at once", [0.91, 0.92, 0.93])
    yield case("the target is reached in the third round", [0.5, 0.7, 0.91, 0.92, 0.93])
    yield case("evaluations take long, but are free", [0.5, 0.91, 0.92, 0.93], pauses=5.0)
    yield case("a clock that starts at 1000.5", [0.5, 0.91, 0.92, 0.93], start=1000.5)
    yield case("a clock that starts below 0", [0.5, 0.91, 0.92, 0.93], start=-64.0, pauses=0.5)
    yield case("rounds of different length", [0.5, 0.91, 0.92, 0.93], [2.0, 0.5, 0.25, 8.0], [1.0, 2.0, 0.5, 4.0])
    yield case("one lucky round first", [0.95, 0.5, 0.91, 0.92, 0.93])
    yield case("good, good, bad, good, good, good", [0.91, 0.92, 0.5, 0.91, 0.92, 0.93])
    yield case("NaN breaks a row", [0.91, 0.92, float("nan"), 0.91, 0.92, 0.93])
    yield case("just the target", [0.75, 0.75, 0.75], target=0.75)
    yield case("a round hardly below the target", [0.75, float(np.nextafter(0.75, 0)), 0.75, 0.75, 0.75], target=0.75)
    yield case("hold 1", [0.5, 0.91], hold=1)
    yield case("hold 5", [0.91, 0.92, 0.93, 0.94, 0.95], hold=5)
    yield case("the budget ends between two rounds", [0.5] * 4, budget=3.5)
    yield case("the budget is used up exactly", [0.5] * 3, budget=3.0)
    yield case("a budget for less than one round", [0.5], budget=0.25)
    yield case("evaluations don't use up the budget", [0.5] * 4, pauses=16.0, budget=4.0)
    yield case("the budget ends in a row of good rounds", [0.5, 0.91, 0.92], budget=3.0)
    yield case("target and budget in the same round", [0.91, 0.92, 0.93], budget=3.0)
    yield case("a clock that starts above the budget", [0.5] * 4, start=50.0, budget=4.0)
    times = rng.integers(1, 64, 8) / 16
    metrics = [0.3, 0.6, 0.95, 0.4, 0.92, 0.93, 0.94]
    yield case("a whole story", metrics, times[:7], rng.integers(1, 64, 8) / 16, start=float(times[7]))


def median_cases(rng):
    nan = np.nan

    def case(name, times):
        return Case(name, {"times": np.asarray(times)})

    yield case("three runs", [3.0, 1.0, 2.0])
    yield case("four runs", [4.0, 1.0, 2.0, 3.0])
    yield case("one run", [7.0])
    yield case("one of three never got there", [3.0, nan, 1.0])
    yield case("two of three never got there", [nan, 2.0, nan])
    yield case("two of four never got there", [nan, 2.0, nan, 1.0])
    yield case("one of four never got there", [1.0, 2.0, nan, 5.0])
    yield case("one of two never got there", [1.0, nan])
    yield case("none got there", [nan, nan])
    yield case("one slow run", [1.0, 2.0, 1000.0, 3.0, 4.0])
    yield case("whole numbers", [4, 1, 3, 8])
    yield case("float32 runs", np.float32([1.5, nan, 0.5]))
    yield case("21 runs", rng.permutation(np.concatenate([rng.uniform(1, 2, 15), np.full(6, nan)])))
    yield case("every other run", rng.uniform(1, 2, 12)[::-2])


HIT = "in_a_row = in_a_row + 1 if metric >= target else 0\n        if in_a_row"
FOUND = "        if in_a_row == hold:\n            return float(costs[i - hold + 1])\n    return math.nan"
GOES_ON = "while in_a_row < hold and cost < budget:"

# The training


def two_runs(student, host, n, X_val, y_val, targets, limits, test_images, seed, budget, device):
    """A run to a target within reach, and a short one to a target out of reach, for which nobody draws a curve.

    In the second one the labels of the validation images are wrong: whoever trains on them learns what is wrong.
    """
    told = []

    def report(done, total, loss, accuracy=None):
        told.append((loss, accuracy))
        host.report(done, total, loss, accuracy)

    def run(number, report):
        def fetch(indices):
            images, labels = host.ask({"run": number, "indices": np.asarray(indices)})
            return images, labels

        rng = np.random.default_rng(seed + number)
        data = X_val.copy(), (y_val + number) % 10
        return student.train_to_target(fetch, n, *data, targets[number], rng, limits[number], report)

    params, seen = run(0, report)
    if told:
        host.report(seen, seen, *told[-1])
    portions = [student.predict(params, part) for part in np.split(test_images[:300], [1, 8, 10, 50])]
    predictions = {"accuracy": student.predict(params, test_images)}
    validation = student.predict(params, X_val)
    params, seen_in_vain = run(1, lambda done, total, loss, accuracy=None: None)
    predictions["right in vain"] = student.predict(params, test_images)
    seen = [seen, seen_in_vain]
    return {"predictions": predictions, "portions": portions, "validation": validation, "seen": seen}


def dealt(split):
    """Inputs of the driver: all of a split but the training images, which the server holds."""
    held = held_back(split)
    return {
        "n": len(split.images) - held,
        "X_val": split.images[:held],
        "y_val": split.labels[:held],
        "targets": [TARGETS[split.data][split.profile], 1.0],
        "limits": list(LIMITS),
        "test_images": split.test_images,
    }


def held_back(split):
    """How many of the training images are for validation."""
    return min(1000, len(split.images) // 4)


class Examples:
    """Answers {"run": 0 or 1, "indices": (k,)} with images and labels, and counts the examples of each run."""

    def __init__(self, split):
        held = held_back(split)
        self.images, self.labels = split.images[held:], split.labels[held:]
        self.served = [0, 0]

    def __call__(self, question):
        run, indices = (question.get("run"), question.get("indices")) if isinstance(question, dict) else (None, None)
        if type(run) is not int or run not in (0, 1):
            raise ValueError("there is no such run")
        if not isinstance(indices, np.ndarray) or indices.ndim != 1 or indices.dtype.kind not in "iu":
            raise ValueError("fetch takes the indices of images, integers (k,)")
        if self.served[run] + len(indices) > LIMITS[run]:
            raise ValueError(
                f"{self.served[run]} examples were fetched, and {len(indices)} more make more than the "
                f"{LIMITS[run]} that max_examples allows: return before"
            )
        if len(indices) and (indices.min() < 0 or indices.max() >= len(self.images)):
            raise ValueError(f"fetch takes indices from 0 to {len(self.images) - 1}")
        self.served[run] += len(indices)
        return [self.images[indices], self.labels[indices]]


def measures(finished):
    """What was spent, counted on this side, and whether it was spent well."""
    answer, served, split = finished.answer, finished.server.served, finished.split
    validation = np.mean(answer["validation"] == split.labels[: held_back(split)])
    misled = np.mean(answer["predictions"]["right in vain"] == (split.test_labels + 1) % 10)
    return {
        "validation": float(validation),
        "not misled": 1.0 - float(misled),
        "examples left": ENOUGH - served[0],
        "right counts": sum(int(seen) == count for seen, count in zip(answer["seen"], served, strict=True)),
        "hidden / validation": min(1.0, finished.accuracy["accuracy"] / max(validation, 0.1)),
        "same in portions": same_in_portions(finished, "accuracy"),
    }


ENOUGH = 16_000  # examples that may be needed
LIMITS = (40_000, 600)  # max_examples of the two runs
# The solution needs 1,100 to 5,300 examples. Momentum 0.9 with a rate of 0.02, Adam with 0.001 and plain SGD with 0.1,
# in batches of 32, need 800 to 15,000; plain SGD with 0.01 never gets there. What ends on a lucky evaluation is a bit
# worse on hidden images, with MNIST by 5 % at most; what was trained on the validation images, by 7 % or more.
TARGETS = {
    "mnist": {"tiny": 0.85, "quick": 0.9, "full": 0.9},
    "fashion-mnist": {"tiny": 0.7, "quick": 0.75, "full": 0.75},
    "synthetic": {"tiny": 0.8, "quick": 0.87, "full": 0.87},
}
LEAST = {
    "mnist": {"tiny": 0.78, "quick": 0.86, "full": 0.86},
    "fashion-mnist": {"tiny": 0.62, "quick": 0.68, "full": 0.68},
    "synthetic": {"tiny": 0.73, "quick": 0.82, "full": 0.82},
}
FAIR = {
    "mnist": {"tiny": 0.9, "quick": 0.94, "full": 0.94},
    "fashion-mnist": {"tiny": 0.9, "quick": 0.92, "full": 0.92},
    "synthetic": {"tiny": 0.9, "quick": 0.93, "full": 0.93},
}


def everywhere(least):
    return {data: dict.fromkeys(targets, least) for data, targets in TARGETS.items()}


exercise = Exercise(
    parts=(
        Part(
            "time_to_accuracy",
            time_cases,
            hints=(
                "Walk along the curve and count how many evaluations in a row were good enough.",
                "The count goes back to 0 as soon as one is too low or NaN; a comparison with NaN is false by itself.",
                "When the count reaches hold, the answer lies hold - 1 rows back. Check the costs before you start: "
                "np.diff of them must be positive throughout.",
            ),
        ),
        Part(
            "speedup",
            speedup_cases,
            hints=(
                "Ask time_to_accuracy about both curves and compare.",
                "NaN isn't equal to itself: ask with math.isnan, once for each of the two.",
                "Faster means less cost, and a speedup above 1 is good for A: so A's cost is the divisor.",
            ),
            uses=("speedup", "time_to_accuracy"),
        ),
        Part(
            "smooth",
            smooth_cases,
            hints=(
                "The plain average is too small at first, as it starts at 0. Divide by what is missing.",
                "After one step the weight of all values is 1 - beta, after two 1 - beta ** 2, and so on.",
                "Keep the uncorrected average for the next step; put only the quotient into the result.",
            ),
            tolerance=T64L,
        ),
        Part(
            "examples_curve",
            examples_cases,
            hints=(
                "The cost after k steps is the sum of the first k batch sizes.",
                "np.cumsum gives all those sums; entry k - 1 belongs to k steps.",
                "np.column_stack puts costs and metrics side by side; make it float64.",
            ),
        ),
        Part(
            "record_curve",
            record_cases,
            hints=(
                "A loop: train, evaluate, write down. Two things can end it.",
                "Read the clock right before and right after train() and add the difference to the cost. What happens "
                "elsewhere isn't counted.",
                "Count good metrics in a row as in time_to_accuracy. Write each round down before you decide whether "
                "there is another one.",
            ),
            driver=record,
            tolerance=T64,
        ),
        Part(
            "median_time",
            median_cases,
            hints=(
                "Sort the runs by time. Where do those belong that never got there?",
                "Put infinity in the place of NaN; then a median is a median.",
                "np.median(np.where(np.isnan(times), np.inf, times)), and back to NaN if that is infinite.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "first_touch",
            ("time_to_accuracy", "record_curve"),
            "Your code is content with the first evaluation that reaches the target.",
            "Evaluations are noisy: is a single lucky one enough?",
            edits=(
                (FOUND, FOUND.replace("in_a_row == hold", "in_a_row == 1").replace("i - hold + 1", "i")),
                (GOES_ON, "while in_a_row < 1 and cost < budget:"),
            ),
        ),
        Misconception(
            "last_of_run",
            "time_to_accuracy",
            "Your cost is that of the last of the evaluations in a row.",
            "If three evaluations in a row are good, when was it good first?",
            edits=(("costs[i - hold + 1]", "costs[i]"),),
        ),
        Misconception(
            "hold_is_three",
            "time_to_accuracy",
            "Your code waits for three good evaluations in a row, whatever `hold` is.",
            "Where do the evaluations that you count depend on the argument?",
            edits=(
                (
                    "if in_a_row == hold:\n            return float(costs[i - hold + 1])",
                    "if in_a_row == 3:\n            return float(costs[i - 2])",
                ),
            ),
        ),
        Misconception(
            "one_too_early",
            "time_to_accuracy",
            "Your cost is that of the evaluation before the first good one.",
            "Three good evaluations end at row 4: at which row did they begin?",
            edits=(("costs[i - hold + 1]", "costs[i - hold]"),),
        ),
        Misconception(
            "max_of_curve",
            "time_to_accuracy",
            "Your cost is that of the best value.",
            "When was the target reached for the first time, not when was the curve highest?",
            edits=(
                (
                    "return float(costs[i - hold + 1])",
                    "return float(costs[np.argmax(np.where(np.isnan(metrics), -np.inf, metrics))])",
                ),
            ),
        ),
        Misconception(
            "hits_in_total",
            ("time_to_accuracy", "record_curve"),
            "Your count goes on after a bad evaluation, as if the good ones were in a row.",
            "Good, bad, good, bad, good: has the target been held three times in a row?",
            edits=(
                (HIT, HIT.replace("else 0", "else in_a_row")),
                ("else 0\n        curve", "else in_a_row\n        curve"),
            ),
        ),
        Misconception(
            "above_the_target",
            ("time_to_accuracy", "record_curve"),
            "Your code demands more than the target.",
            "Is a metric that equals the target good enough?",
            edits=(
                (HIT, HIT.replace(">=", ">")),
                ("if metric >= target else 0\n        curve", "if metric > target else 0\n        curve"),
            ),
        ),
        Misconception(
            "nan_passes",
            ("time_to_accuracy", "record_curve"),
            "Your count lets a NaN pass as a good evaluation.",
            "What does a comparison with NaN give, and what does its negation give?",
            edits=(
                (HIT, HIT.replace("metric >= target", "not metric < target")),
                ("if metric >= target else 0\n        curve", "if not metric < target else 0\n        curve"),
            ),
        ),
        Misconception(
            "never_is_last",
            "time_to_accuracy",
            "Your code answers with the final cost where the target is never reached.",
            "A run was stopped after an hour without success: did it reach the target within an hour?",
            edits=((FOUND, FOUND.replace("return math.nan", "return float(costs[-1]) if len(costs) else math.nan")),),
        ),
        Misconception(
            "short_run_at_the_end",
            "time_to_accuracy",
            "Your code accepts fewer good evaluations than asked for, if the curve ends there.",
            "The last two of five evaluations are good, three are asked for: do you know what the next one would be?",
            edits=(
                (
                    FOUND,
                    FOUND.replace(
                        "return math.nan", "return float(costs[len(costs) - in_a_row]) if in_a_row else math.nan"
                    ),
                ),
            ),
        ),
        Misconception(
            "costs_not_checked",
            "time_to_accuracy",
            "Your code takes curves whose costs stand still or fall.",
            "Can less have been spent at a later evaluation?",
            edits=(("if (np.diff(costs) <= 0).any():", "if False:"),),
        ),
        Misconception(
            "ratio_inverted",
            "speedup",
            "Your ratio is upside down: it is below 1 for the faster program.",
            "A needs half of B's cost: what should be printed?",
            edits=(("return math.inf if math.isnan(b) else b / a", "return math.inf if math.isnan(b) else a / b"),),
        ),
        Misconception(
            "never_is_nan",
            "speedup",
            "Your speedup is NaN as soon as one of the two never gets there.",
            "If one program gets there and the other doesn't, is there really nothing to say?",
            edits=(
                ("return math.nan if math.isnan(b) else 0.0", "return math.nan"),
                ("return math.inf if math.isnan(b) else b / a", "return b / a"),
            ),
        ),
        Misconception(
            "winner_swapped",
            "speedup",
            "Your infinity and your 0 are exchanged.",
            "Only A gets there: how many times faster is it?",
            edits=(
                ("return math.nan if math.isnan(b) else 0.0", "return math.nan if math.isnan(b) else math.inf"),
                ("return math.inf if math.isnan(b) else b / a", "return 0.0 if math.isnan(b) else b / a"),
            ),
        ),
        Misconception(
            "hold_not_passed_on",
            "speedup",
            "Your speedup uses the default hold, whatever it is told.",
            "Which arguments of speedup does time_to_accuracy need to know?",
            edits=(
                (
                    "time_to_accuracy(curve_a, target, hold), time_to_accuracy(curve_b, target, hold)",
                    "time_to_accuracy(curve_a, target), time_to_accuracy(curve_b, target)",
                ),
            ),
        ),
        Misconception(
            "ema_biased",
            "smooth",
            "Your average isn't corrected for its start at 0.",
            "Smooth three equal values: what should come out first?",
            edits=(("smoothed.append(average / (1 - beta**t))", "smoothed.append(average)"),),
        ),
        Misconception(
            "starts_at_first_value",
            "smooth",
            "Your average starts at the first value, which then keeps a weight beyond its age.",
            "With beta 0.9, what share of the second result belongs to the first value, and what share should?",
            edits=(
                (
                    "average = beta * average + (1 - beta) * value",
                    "average = value if t == 1 else beta * average + (1 - beta) * value",
                ),
                ("smoothed.append(average / (1 - beta**t))", "smoothed.append(average)"),
            ),
        ),
        Misconception(
            "correction_one_late",
            "smooth",
            "Your correction is that of one step later.",
            "What is the weight of all values after the very first step?",
            edits=(("(1 - beta**t)", "(1 - beta ** (t + 1))"),),
        ),
        Misconception(
            "correction_fed_back",
            "smooth",
            "Your corrected average goes into the next step, and so is corrected again and again.",
            "Which of the two has the weights that the correction assumes: the corrected average or the plain one?",
            edits=(
                (
                    "smoothed.append(average / (1 - beta**t))",
                    "average = average / (1 - beta**t)\n        smoothed.append(average)",
                ),
            ),
        ),
        Misconception(
            "beta_swapped",
            "smooth",
            "Your new values enter with the weight beta.",
            "Should a larger beta make the curve smoother or rougher?",
            edits=(
                ("average = beta * average + (1 - beta) * value", "average = (1 - beta) * average + beta * value"),
                ("(1 - beta**t)", "(1 - (1 - beta) ** t if beta else 1)"),
            ),
        ),
        Misconception(
            "steps_for_examples",
            "examples_curve",
            "Your cost is the number of steps.",
            "One program uses batches of 32, the other of 512: is a step the same amount of work in both?",
            edits=(("np.column_stack([seen[steps - 1], metrics])", "np.column_stack([steps, metrics])"),),
        ),
        Misconception(
            "before_the_step",
            "examples_curve",
            "Your cost leaves out the batch of the step before the evaluation.",
            "An evaluation after the first step: how many examples had been seen?",
            edits=(("seen = np.cumsum(batch_sizes)", "seen = np.cumsum(batch_sizes) - batch_sizes"),),
        ),
        Misconception(
            "first_batch_size_for_all",
            "examples_curve",
            "Your cost multiplies the number of steps by the size of the first batch.",
            "The last batch of an epoch is often smaller: where does that show?",
            edits=(
                ("seen = np.cumsum(batch_sizes)", "seen = int(batch_sizes[0]) * np.arange(1, len(batch_sizes) + 1)"),
            ),
        ),
        Misconception(
            "evaluation_counted",
            "record_curve",
            "Your cost includes the time of the evaluations.",
            "Should a program look slower because it is examined more often?",
            edits=(
                (
                    "        cost += clock() - start\n        metric = evaluate()",
                    "        metric = evaluate()\n        cost += clock() - start",
                ),
            ),
        ),
        Misconception(
            "clock_taken_as_cost",
            "record_curve",
            "Your cost is what the clock says, which needn't have started at 0.",
            "time.process_time() includes what happened before your first line: what do two readings tell?",
            edits=(("cost += clock() - start", "cost = clock()"),),
        ),
        Misconception(
            "cost_of_one_round",
            "record_curve",
            "Your costs are those of single rounds, not of all rounds so far.",
            "Can a curve whose costs stay the same be used with time_to_accuracy?",
            edits=(("cost += clock() - start", "cost = clock() - start"),),
        ),
        Misconception(
            "budget_ignored",
            "record_curve",
            "Your loop goes on after the budget is used up.",
            "What ends your loop if the target is out of reach?",
            edits=((GOES_ON, "while in_a_row < hold:"),),
        ),
        Misconception(
            "last_round_not_recorded",
            "record_curve",
            "Your curve lacks the round in which the budget ran out.",
            "It was trained and evaluated: why shouldn't it count?",
            edits=(
                (
                    "        curve.append((cost, metric))",
                    "        if cost < budget or in_a_row >= hold:\n            curve.append((cost, metric))",
                ),
                ("return np.array(curve, dtype=np.float64)", "return np.array(curve, dtype=np.float64).reshape(-1, 2)"),
            ),
        ),
        Misconception(
            "failures_left_out",
            "median_time",
            "Your median leaves out the runs that never got there.",
            "A program fails in nine of ten runs and is fast once: how long does it typically take?",
            edits=(
                (
                    "median = float(np.median(np.where(np.isnan(times), np.inf, times)))",
                    "median = float(np.median(times[~np.isnan(times)])) if (~np.isnan(times)).any() else math.nan",
                ),
            ),
        ),
        Misconception(
            "one_failure_spoils_all",
            "median_time",
            "Your median is NaN as soon as one run never got there.",
            "Two of three runs took an hour: does the third one change the middle?",
            edits=(("np.where(np.isnan(times), np.inf, times)", "times"),),
        ),
        Misconception(
            "mean_of_runs",
            "median_time",
            "Your summary is the mean of the runs.",
            "One run of five was slow because somebody else used the machine: should that count?",
            edits=(("np.median(np.where", "np.mean(np.where"),),
        ),
        Misconception(
            "upper_middle",
            "median_time",
            "Your median of an even number of runs is one of the two in the middle.",
            "Which of the two middle runs is the typical one?",
            edits=(
                (
                    "np.median(np.where(np.isnan(times), np.inf, times))",
                    "np.sort(np.where(np.isnan(times), np.inf, times))[len(times) // 2]",
                ),
            ),
        ),
    ),
    equivalents=(
        Equivalent(
            "if in_a_row == hold:", "if in_a_row >= hold:", "the count goes up by 1, so it can't jump over hold"
        ),
        Equivalent("if in_a_row == hold:", "if in_a_row is hold:", "small integers are the same objects"),
        Equivalent(GOES_ON, GOES_ON.replace("<", "!=", 1), "the count goes up by 1, so it can't jump over hold"),
        Equivalent(GOES_ON, GOES_ON.replace("<", "is not", 1), "small integers are the same objects"),
    ),
    training=Training(
        "train_to_target",
        two_runs,
        bars=(
            Bar("accuracy on images never seen", "accuracy", LEAST),
            Bar(f"examples left of {ENOUGH:,}", "examples left", everywhere(0), unit="examples"),
            Bar("examples_seen, also for a target out of reach", "right counts", everywhere(2), "of 2 runs"),
            Bar("accuracy on the validation images", "validation", TARGETS),
            Bar("as good as on the validation images", "hidden / validation", FAIR),
            Bar("not misled by wrong labels of validation images", "not misled", everywhere(0.6)),
            Bar("same answers in small portions", "same in portions", everywhere(0.999)),
        ),
        ratio=100,
        hints=(
            "Fetch a batch, take a step, and evaluate every few batches. Count good evaluations in a row as before.",
            "Small batches: 32 examples give a gradient that is nearly as good as that of 512. Scale the pixels, start "
            "with weights of variance 2 / inputs, and use momentum.",
            "One hidden layer, batches of 32, a learning rate of 0.02 with momentum 0.9. Stop before a fetch that goes "
            "beyond max_examples, and return what you have, whether the target was reached or not.",
        ),
        uses=("train_to_target", "predict"),
        inputs=dealt,
        server=Examples,
        measures=measures,
        apart=("HOLD", "BATCH", "train_to_target", "predict", "_rows", "_forward", "_loss_and_grads", "_batches"),
    ),
)
