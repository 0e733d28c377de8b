"""Cases of exercise 7. Training runs are played by a driver: a loss that falls with the budget, and a list of calls."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.spec import Case, Equivalent, Exercise, Misconception, Part

NAN, INF = float("nan"), float("inf")


def race(student, n, final, gap, min_budget, max_budget, eta):
    """The loss of configuration i is final[i] + gap[i] / budget. Every evaluation is written down."""
    calls = []

    def evaluate(i, budget):
        calls.append((i, budget))
        return final[i] + (gap[i] / budget if budget else 0.0)

    answer = student.successive_halving(n, evaluate, min_budget, max_budget, eta)
    return {"answer": answer, "calls of evaluate, as (i, budget)": calls}


def race_alone(student, n, final, gap, min_budget, max_budget, eta):
    answer = race(student, n, final, gap, min_budget, max_budget, eta)["answer"]
    return answer.get("best", answer) if isinstance(answer, dict) else answer


def improvement(student, mu, sigma, best, **options):
    return student.expected_improvement(mu, sigma, best, **options)


def real(low: float, high: float, **options: bool) -> dict[str, Any]:
    return {"type": "float", "low": low, "high": high, **options}


def whole(low: int, high: int) -> dict[str, Any]:
    return {"type": "int", "low": low, "high": high}


def choice(*values: Any) -> dict[str, Any]:
    return {"type": "choice", "values": list(values)}


def sample_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, space, u):
        return Case(text, {"space": space, "u": np.array(u, float).reshape(len(u), -1)})

    halves = [[0.0], [0.25], [0.5], [0.75]]
    yield case("a float between 0 and 1", {"dropout": real(0.0, 1.0)}, halves)
    yield case("a float between 2 and 6", {"width": real(2.0, 6.0)}, halves)
    yield case("a float between -3 and -1", {"shift": real(-3.0, -1.0)}, halves)
    yield case("log is False, integer ends", {"width": real(2, 5, log=False)}, halves)
    yield case("a learning rate from 1e-5 to 1e-1, log", {"lr": real(1e-5, 1e-1, log=True)}, halves)
    yield case("log from 0.5 to 200", {"scale": real(0.5, 200.0, log=True)}, rng.random((20, 1)))
    yield case("log, integer ends", {"scale": real(1, 1000, log=True)}, rng.random((5, 1)))
    yield case("integers 0 and 1", {"layers": whole(0, 1)}, [[0.25], [0.75]])
    yield case("integers 1 to 3", {"layers": whole(1, 3)}, [[0.0], [0.3], [0.4], [0.6], [0.7], [0.999999]])
    yield case("integers -3 to 2", {"shift": whole(-3, 2)}, [[(k + 0.5) / 6] for k in range(6)])
    yield case("integers, a single one", {"layers": whole(4, 4)}, [[0.0], [0.9]])
    yield case("integers 16 to 512", {"units": whole(16, 512)}, rng.random((30, 1)))
    names = choice("relu", "gelu", "silu")
    yield case("one of three names", {"act": names}, [[0.0], [0.3], [0.4], [0.6], [0.7], [0.999999]])
    mixed = choice(None, True, 0.5, "auto", [8, 8], 3)
    yield case("a choice of different types", {"norm": mixed}, [[(k + 0.5) / 6] for k in range(6)])
    yield case("a choice of pairs", {"units": choice([64, 64], [128, 64])}, [[0.25], [0.75]])
    yield case("a choice with one value twice", {"act": choice("relu", "relu", "gelu")}, [[0.4], [0.6]])
    yield case("a choice of one", {"act": choice("relu")}, [[0.0], [0.999999]])
    space = {"lr": real(1e-4, 1.0, log=True), "momentum": real(0.5, 0.99), "layers": whole(1, 8), "act": names}
    yield case("four hyper-parameters", space, rng.random((12, 4)))
    other = {name: space[name] for name in ("act", "layers", "momentum", "lr")}
    yield case("four hyper-parameters in another order", other, rng.random((12, 4)))
    yield case("a single configuration", space, rng.random((1, 4)))
    square = {"a": real(0.0, 1.0), "b": real(10.0, 20.0), "c": whole(0, 99)}
    yield case("as many configurations as hyper-parameters", square, rng.random((3, 3)))
    yield Case("no configurations", {"space": space, "u": np.zeros((0, 4))})
    yield Case("no hyper-parameters, two configurations", {"space": {}, "u": np.zeros((2, 0))})
    yield Case("Fortran order", {"space": space, "u": np.asfortranarray(rng.random((4, 4)))})
    yield Case("reversed columns", {"space": space, "u": rng.random((4, 4))[:, ::-1]})
    yield case("one column too few", space, rng.random((3, 3)))
    yield case("one column too many", space, rng.random((3, 5)))
    yield case("an unknown type", {"lr": {"type": "normal", "low": 0.0, "high": 1.0}}, [[0.5]])
    yield case("an unknown type with values", {"act": {"type": "category", "values": ["relu", "tanh"]}}, [[0.5]])
    yield case("four hyper-parameters once more", space, rng.random((12, 4)))


def grid_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, space):
        return Case(text, {"space": space})

    yield case("one name, three values", {"lr": [0.1, 0.01, 0.001]})
    yield case("two names with two values", {"lr": [0.1, 0.01], "act": ["relu", "tanh"]})
    yield case("two names, 2 x 3", {"a": [1, 2], "b": [10, 20, 30]})
    yield case("three names, 2 x 1 x 3", {"depth": [1, 2], "act": ["relu"], "lr": [0.1, 0.2, 0.3]})
    yield case("values of different types", {"norm": [None, "batch"], "bias": [True, False], "shape": [[1, 2], [3]]})
    yield case("the same value twice", {"a": [1, 1], "b": [2, 3]})
    yield case("names that aren't in alphabetical order", {"z": [1, 2], "a": [3, 4], "m": [5, 6]})
    yield case("no names", {})
    yield case("a name without values", {"lr": [0.1, 0.2], "act": []})
    yield case("seven names with two values", {f"p{k}": rng.integers(0, 100, 2).tolist() for k in range(7)})


def race_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, final, gap=0.0, min_budget=1, max_budget=9, eta=3, driver=None):
        gap = np.broadcast_to(gap, len(final)).tolist()
        inputs = {"n": len(final), "final": list(final), "gap": gap, "min_budget": min_budget}
        return Case(text, {**inputs, "max_budget": max_budget, "eta": eta}, driver=driver)

    yield case("the winner of two", [0.5, 0.25], max_budget=1, driver=race_alone)
    yield case("the winner of four, eta 2", [4.0, 2.0, 1.0, 3.0], max_budget=4, eta=2, driver=race_alone)
    yield case("four, one rung", [4.0, 2.0, 1.0, 3.0], max_budget=1, eta=2)
    yield case("four, eta 2, budgets 1 to 4", [4.0, 2.0, 1.0, 3.0], max_budget=4, eta=2)
    yield case("27, eta 3, budgets 1 to 27", rng.permutation(27) / 4, max_budget=27)
    yield case("243, eta 3, budgets 1 to 243", rng.permutation(243) / 4, max_budget=243)
    yield case("90 with five different losses", rng.integers(0, 5, 90) / 4, max_budget=9)
    yield case("10, eta 3: not a power", rng.permutation(10) / 4, max_budget=27)
    yield case("5, eta 2, budgets 1 to 16", rng.permutation(5) / 4, max_budget=16, eta=2)
    yield case("budgets 2 to 50, eta 3: the last rung has 18", rng.permutation(30) / 4, 0.0, 2, 50)
    yield case("the next budget would be exactly max_budget", rng.permutation(9) / 4, 0.0, 4, 12)
    yield case("one configuration", [1.0])
    yield case("two configurations, eta 3: at least one survives", [2.0, 1.0])
    yield case("a single survivor long before max_budget", [3.0, 1.0, 2.0], max_budget=1000)
    yield case("min_budget equals max_budget", rng.permutation(6) / 4, 0.0, 5, 5)
    yield case("max_budget is less than twice min_budget", rng.permutation(6) / 4, 0.0, 5, 9, 2)
    yield case("equal losses", [1.0, 1.0, 1.0, 1.0], max_budget=4, eta=2)
    yield case("equal losses behind a better one", [2.0, 1.0, 1.0, 0.5, 1.0, 2.0], max_budget=4, eta=2)
    yield case("negative losses", [-1.0, -4.0, -2.0, -3.0], max_budget=4, eta=2)
    yield case("nan is worse than all", [NAN, 2.0, NAN, 1.0], max_budget=4, eta=2)
    yield case("nan and infinity", [NAN, INF, NAN, 5.0, NAN, INF], max_budget=4, eta=2)
    yield case("minus infinity beats all", [1.0, 0.5, -INF, 2.0], max_budget=4, eta=2)
    yield case("nothing but nan", [NAN, NAN, NAN, NAN], max_budget=4, eta=2)
    late = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    yield case("slow starters drop out", late, [20.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0], 1, 8, 2)
    yield case("the order changes with the budget", [0.0, 1.0, 3.0, 3.5], [3.5, 2.75, 1.0, 8.0], max_budget=4, eta=2)
    yield case("losses that rise with the budget", [2.0, 3.0, 4.0, 9.0], [-0.5, -4.5, -6.0, 0.0], max_budget=4, eta=2)
    for number in range(1, 7):
        n, eta = int(rng.integers(2, 40)), int(rng.integers(2, 5))
        final, gap = rng.normal(size=n), rng.normal(2, 2, n)
        low = int(rng.integers(1, 4))
        yield case(f"random race {number}", final.tolist(), gap, low, low * int(rng.integers(1, 60)), eta)
    yield case("four, eta 2, budgets 1 to 4 once more", [4.0, 2.0, 1.0, 3.0], max_budget=4, eta=2)


def improvement_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(text, mu, sigma, best, **options):
        return Case(text, {"mu": np.array(mu), "sigma": np.array(sigma), "best": best, **options})

    yield case("the mean is the best so far, sigma 1", [0.0], [1.0], 0.0)
    yield case("one below and one above the best", [-1.0, 1.0], [1.0, 1.0], 0.0)
    mu, sigma = rng.normal(size=12), rng.uniform(0.1, 2, 12)
    yield case("twelve candidates", mu, sigma, 0.3)
    yield case("a best loss of 5", mu + 5, sigma, 5.2)
    yield case("sigma 0.01 to 10", [1.0, 1.0, 1.0, 1.0], [0.01, 0.1, 1.0, 10.0], 1.2)
    yield case("no hope: ten sigma above", [10.0, 30.0], [1.0, 2.0], 0.0)
    yield case("all but certain: ten sigma below", [-10.0, -30.0], [1.0, 2.0], 0.0)
    yield case("sigma 0, worse than the best", [2.0, 3.0], [0.0, 0.0], 1.0)
    yield case("sigma 0, better than the best", [0.25, -3.0], [0.0, 0.0], 1.0)
    yield case("sigma 0, equal to the best", [1.0], [0.0], 1.0)
    yield case("sigma 0 among others", [0.5, 0.5, 2.0, 2.0], [0.0, 1.0, 0.0, 1.0], 1.0)
    yield case("sigma 1e-7 and 1e-9", [-1e-7, -1e-9, 1e-9], [1e-7, 1e-9, 1e-9], 0.0)
    yield case("xi 0.5", mu, sigma, 0.3, xi=0.5)
    yield case("xi 0.5, sigma 0", [0.25, 0.75, 2.0], [0.0, 0.0, 0.0], 1.0, xi=0.5)
    yield case("a matrix of candidates", mu.reshape(3, 4), sigma.reshape(3, 4), 0.3)
    yield case("no candidates", np.zeros(0), np.zeros(0), 0.3)
    yield case("integers", np.array([1, 2, 3]), np.array([0, 1, 2]), 2)
    yield case("float32 is computed in float64", mu.astype(np.float32), sigma.astype(np.float32), 0.3)
    inputs = {"mu": np.asfortranarray(mu.reshape(3, 4)), "sigma": sigma[::-1].reshape(3, 4), "best": 0.3}
    yield Case("Fortran order and reversed", inputs)
    yield Case("read-only", {"mu": np.broadcast_to(0.1, (5,)), "sigma": sigma[:5], "best": 0.3})
    yield case("twelve candidates once more", mu, sigma, 0.3)


NUMBERS = '"type": "float", "low": low, "high": high'
KEEP = "ranking[: max(1, len(survivors) // eta)]"
WHERE = "np.where(open_ended, gain * below + sigma * density, np.maximum(gain, 0))"

exercise = Exercise(
    parts=(
        Part(
            "sample_configs",
            sample_cases,
            hints=(
                "Every kind maps the interval from 0 to 1 onto its values in order. Begin with floats.",
                "For log, draw the logarithm uniformly and take the exponential. For integers and choices, multiply by "
                "the number of possible values and round down.",
                "An int has high - low + 1 values: low + floor(u * that number). Round down first, then add low; take "
                "the choice from the list itself, so that its type survives.",
            ),
        ),
        Part(
            "grid",
            grid_cases,
            hints=(
                "As many nested loops as there are names, the last name in the innermost.",
                "itertools.product(*lists) yields the tuples in that order.",
                "[dict(zip(space, values)) for values in itertools.product(*space.values())]",
            ),
        ),
        Part(
            "successive_halving",
            race_cases,
            driver=race,
            hints=(
                "Write one rung first: evaluate everybody, rank them, say who goes on.",
                "Keep the survivors as a list in ascending order, the budget of this rung and that of the rung before. "
                "What a rung costs depends on the difference.",
                "Sort by (loss, number), with nan replaced by inf. See whether the race is over before you thin "
                "out; the single survivor of a rung is still evaluated on the next one.",
            ),
        ),
        Part(
            "expected_improvement",
            improvement_cases,
            driver=improvement,
            hints=(
                "The gain is best - xi - L if that is positive, otherwise nothing. Its mean is an integral over the "
                "normal distribution.",
                "With z = (best - xi - mu) / sigma the result has a term with the distribution function at z and one "
                "with the density at z. Which of the two is there if sigma is tiny?",
                "(best - xi - mu) * Phi(z) + sigma * phi(z), Phi(z) = erfc(-z / sqrt(2)) / 2. Where sigma is 0 don't "
                "divide: the answer is max(best - xi - mu, 0).",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "linear_for_log",
            "sample_configs",
            "Your log ranges are sampled uniformly.",
            "What share of your draws from 1e-5 to 1e-1 falls below 1e-3, and what share should?",
            edits=(("math.exp(math.log(low) + x * (math.log(high) - math.log(low)))", "low + x * (high - low)"),),
        ),
        Misconception(
            "log_of_everything",
            "sample_configs",
            "Your floats are all sampled on a logarithmic scale if the range allows it, whatever log says.",
            "What does log: False ask for?",
            edits=(
                (
                    "return low + x * (high - low)",
                    "return low * (high / low) ** x if low > 0 else low + x * (high - low)",
                ),
            ),
        ),
        Misconception(
            "exclusive_int",
            "sample_configs",
            "Your integers never reach the upper end.",
            "Can the value high be drawn?",
            edits=(("(high - low + 1)", "(high - low)"),),
        ),
        Misconception(
            "rounded_int",
            "sample_configs",
            "Your integers are rounded to the nearest, so that both ends get only half their share.",
            "Which part of the interval from 0 to 1 leads to low, and which to its neighbour?",
            edits=(("math.floor(x * (high - low + 1))", "round(x * (high - low))"),),
        ),
        Misconception(
            "truncated_int",
            "sample_configs",
            "Your integers are cut off towards 0, which isn't down if they are negative.",
            "What is int(-2.5)?",
            edits=(("low + math.floor(x * (high - low + 1))", "int(low + x * (high - low + 1))"),),
        ),
        Misconception(
            "alphabetical_columns",
            "sample_configs",
            "Your columns are given to the names in alphabetical order.",
            "Which name does the first column belong to?",
            edits=(("zip(space, row, strict=True)", "zip(sorted(space), row, strict=True)"),),
        ),
        Misconception(
            "first_key_fastest",
            "grid",
            "Your grid changes the first name fastest.",
            "Think of a counter: which of its digits changes with every step?",
            edits=(
                (
                    "dict(zip(space, values, strict=True)) for values in itertools.product(*space.values())",
                    "dict(zip(space, values[::-1])) for values in itertools.product(*reversed(space.values()))",
                ),
            ),
        ),
        Misconception(
            "one_at_a_time",
            "grid",
            "Your grid pairs the values up instead of combining each with each.",
            "How many combinations do 2 and 3 values make?",
            edits=(("itertools.product(*space.values())", "zip(*space.values())"),),
        ),
        Misconception(
            "keep_worst",
            "successive_halving",
            "Your race lets the largest losses survive.",
            "Is a large loss good or bad?",
            edits=(("math.inf if math.isnan(x) else x", "math.inf if math.isnan(x) else -x"),),
        ),
        Misconception(
            "ceil_survivors",
            "successive_halving",
            "Your race rounds the number of survivors up.",
            "How many of 10 go on if eta is 3?",
            edits=((KEEP, "ranking[: max(1, -(-len(survivors) // eta))]"),),
        ),
        Misconception(
            "flat_budget",
            "successive_halving",
            "Your race gives every rung the same budget.",
            "What do the survivors get for having survived?",
            edits=(
                ("[evaluate(i, budget)", "[evaluate(i, min_budget)"),
                ("rungs.append((budget, survivors))", "rungs.append((min_budget, survivors))"),
                ("len(survivors) * (budget - paid)", "len(survivors) * min_budget"),
            ),
        ),
        Misconception(
            "cost_from_scratch",
            "successive_halving",
            "Your total cost charges the survivors for their training from the start again.",
            "Do survivors forget what they have learned?",
            edits=(("len(survivors) * (budget - paid)", "len(survivors) * budget"),),
        ),
        Misconception(
            "evaluates_with_the_rest",
            "successive_halving",
            "Your race calls evaluate with the additional budget, not with the budget in total.",
            "What does the second argument of evaluate stand for?",
            edits=(("[evaluate(i, budget)", "[evaluate(i, budget - paid)"),),
        ),
        Misconception(
            "last_rung_missing",
            "successive_halving",
            "Your race ends one rung early when a budget hits max_budget exactly.",
            "May a configuration get max_budget itself?",
            edits=(("budget * eta > max_budget", "budget * eta >= max_budget"),),
        ),
        Misconception(
            "winner_not_evaluated",
            "successive_halving",
            "Your race ends as soon as one survivor is left, without evaluating it on the next rung.",
            "27 configurations with eta 3 and budgets up to 27: who is trained with 27?",
            edits=(
                (
                    "len(survivors) == 1 or budget * eta > max_budget",
                    "len(survivors) // eta <= 1 or budget * eta > max_budget",
                ),
            ),
        ),
        Misconception(
            "best_ever",
            "successive_halving",
            "Your winner is the smallest loss of all rungs, not of the last one.",
            "A loss was small after little training and has risen since. Which of the two tells you more?",
            edits=(
                ("rungs, total_cost = [], 0", "rungs, total_cost, seen = [], 0, []"),
                ("        if len(survivors) == 1", "        seen += ranking\n        if len(survivors) == 1"),
                ('"best": ranking[0][1]', '"best": min(seen)[1]'),
            ),
        ),
        Misconception(
            "order_of_the_ranking",
            "successive_halving",
            "Your race evaluates the survivors in the order of their losses.",
            "In which order does the docstring ask for the evaluations?",
            edits=(("survivors = sorted(i for _, i in ", "survivors = list(i for _, i in "),),
        ),
        Misconception(
            "nan_survives",
            "successive_halving",
            "Your race lets nan win.",
            "How does nan compare with 1.0, and what does that do to a sort?",
            edits=(("(math.inf if math.isnan(x) else x for", "(-math.inf if math.isnan(x) else x for"),),
        ),
        Misconception(
            "ties_to_the_larger",
            "successive_halving",
            "Your race prefers the larger number among equal losses.",
            "Of equal losses, who wins?",
            edits=(
                ("survivors, strict=True))", "(-i for i in survivors), strict=True))"),
                ('"best": ranking[0][1]', '"best": -ranking[0][1]'),
                ("sorted(i for _, i in ", "sorted(-i for _, i in "),
            ),
        ),
        Misconception(
            "ei_maximise",
            "expected_improvement",
            "Your improvement is the expected excess over the best, as if losses were to be large.",
            "Is a candidate with a mean far below the best promising or hopeless?",
            edits=(("gain = best - xi - np.asarray(mu, np.float64)", "gain = np.asarray(mu, np.float64) - best - xi"),),
        ),
        Misconception(
            "ei_zero_sigma",
            "expected_improvement",
            "Your improvement isn't defined where sigma is 0.",
            "If the loss is known, what is there left to expect?",
            edits=(
                ("z = np.divide(gain, sigma, out=np.zeros_like(gain), where=open_ended)", "z = gain / sigma"),
                (WHERE, "gain * below + sigma * density"),
            ),
        ),
        Misconception(
            "ei_zero_sigma_is_zero",
            "expected_improvement",
            "Your improvement is 0 wherever sigma is 0.",
            "A loss is known to be below the best. By how much does it improve on it?",
            edits=((WHERE, "np.where(open_ended, gain * below + sigma * density, 0.0)"),),
        ),
        Misconception(
            "ei_ignores_xi",
            "expected_improvement",
            "Your improvement ignores xi.",
            "What changes if gains below xi don't count?",
            edits=(("gain = best - xi - ", "gain = best - "),),
        ),
        Misconception(
            "probability_of_improvement",
            "expected_improvement",
            "Your answer is the probability of an improvement, not its expected size.",
            "Which is worth more, a sure gain of 0.01 or an even chance of 10?",
            edits=((WHERE, "np.where(open_ended, below, gain > 0)"),),
        ),
        Misconception(
            "ei_density_unscaled",
            "expected_improvement",
            "Your second term lacks its unit: the density at z isn't multiplied by anything.",
            "Measure all losses in units ten times smaller. Does your answer become ten times larger?",
            edits=(("+ sigma * density", "+ density"),),
        ),
    ),
    equivalents=(
        Equivalent(
            "if len(survivors) == 1 or budget * eta > max_budget:",
            "if len(survivors) <= 1 or budget * eta > max_budget:",
            "at least one survives every rung",
        ),
        Equivalent("open_ended = sigma > 0", "open_ended = sigma != 0", "no standard deviation is negative"),
        Equivalent(
            "return [dict(zip(space, values, strict=True)) for values in itertools.product(*space.values())]",
            "return [dict(zip(space, values, strict=False)) for values in itertools.product(*space.values())]",
            "every combination has one value for each name",
        ),
        Equivalent(
            "ranking = sorted(zip((math.inf if math.isnan(x) else x for x in losses), survivors, strict=True))",
            "ranking = sorted(zip((math.inf if math.isnan(x) else x for x in losses), survivors, strict=False))",
            "there is one loss for each survivor",
        ),
    ),
)
