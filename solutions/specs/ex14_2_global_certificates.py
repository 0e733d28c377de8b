"""Searches are followed step by step, since every new point is the middle of a tie that rounding decides."""

import bisect
import heapq
import math

import numpy as np

from grader.spec import EXACT, Case, Equivalent, Exercise, Misconception, Part, Speed, t32

# Drivers


def violation(student, surface, X, Y, t):
    """`surface` names a function of points."""

    def f(points):
        return height(surface, points)

    return student.convexity_violation(f, X, Y, t)


def search(student, terms, a, b, L, **options):
    """The result of a search, and all points at which the function was evaluated, in turn."""
    path = []

    def f(x):
        path.append(float(x))
        return value(terms, float(x))

    result = student.piyavskii_shubert(f, a, b, L, **options)
    return {"result": result, "points evaluated": np.array(sorted(path[:2]) + path[2:])}  # ends in any order


def height(surface, points):
    """A function of points (m, d) by its name."""
    squares = points * points
    if surface == "saddle":
        return (squares * (-1.0) ** np.arange(points.shape[-1])).sum(axis=-1)
    if surface == "cosines":
        return np.cos(points).sum(axis=-1)
    if surface == "distance":
        return np.sqrt(squares.sum(axis=-1))
    if surface == "plane":
        return points.sum(axis=-1) - 2.0
    return squares.sum(axis=-1) * (-1.0 if surface == "dome" else 1.0)


def value(terms, x):
    """A function of one number: the sum of its terms, each a kind and its numbers."""
    total = 0.0
    for kind, size, rate, shift in terms:
        z = rate * (x - shift)
        if kind == "sin":
            total += size * math.sin(z)
        elif kind == "square":
            total += size * z * z
        elif kind == "abs":
            total += size * abs(z)
        elif kind == "dip":
            total -= size * max(0.0, 1.0 - abs(z))
        else:
            total += size
    return total


# Following a search


def followed(inputs, answer):
    """What is wrong with a search, as a check of a case: the path first, then the result."""
    path = [float(x) for x in answer["points evaluated"]]
    ends = [float(inputs["a"]), float(inputs["b"])]
    if sorted(path[:2]) != ends:
        return f"the first two evaluations must be those of the ends {ends[0]:g} and {ends[1]:g}, got {path[:2]}"
    known = Known(inputs, ends)
    for count, x in enumerate(path[2:], 2):
        if known.gap < known.tol - known.slack:
            return f"after {count} evaluations the gap is only {known.gap:.6g}, at most tol, but the search goes on"
        if count == known.budget:
            return f"the search goes on after {count} evaluations, which was all it had"
        if problem := known.add(x):
            return f"evaluation {count + 1} {problem}"
    if len(path) < known.budget and known.gap > known.tol + known.slack:
        return f"the search stops after {len(path)} evaluations, although the gap is still {known.gap:.6g}"
    return mismatch(answer["result"], known, path, inputs["terms"])


class Known:
    """What is known about a function of slope L at most, after some evaluations."""

    def __init__(self, inputs, ends):
        self.terms, self.L = inputs["terms"], float(inputs["L"])
        self.tol, self.budget = inputs["tol"], inputs.get("max_evals", 10000)
        self.slack = 1e-9 * max(1.0, self.L * (ends[1] - ends[0]))
        self.points, self.values = list(ends), {x: value(self.terms, x) for x in ends}
        self.best, self.heap, self.alive = min(self.values.values()), [], set()
        self.open(*ends)

    def open(self, left, right):
        bound, _ = self.lowest(left, right)
        heapq.heappush(self.heap, (bound, left, right))
        self.alive.add((left, right))

    def lowest(self, left, right):
        """Bound of an interval and where it is reached."""
        f0, f1 = self.values[left], self.values[right]
        return (f0 + f1) / 2 - self.L * (right - left) / 2, (left + right) / 2 + (f0 - f1) / (2 * self.L)

    @property
    def bound(self):
        while self.heap[0][1:] not in self.alive:
            heapq.heappop(self.heap)
        return self.heap[0][0]

    @property
    def gap(self):
        return self.best - self.bound

    def add(self, x):
        """Takes in one more evaluation; tells if it is not what the rule asks for."""
        if not self.points[0] <= x <= self.points[-1]:
            return f"at {x:.8g} lies outside of [{self.points[0]:g}, {self.points[-1]:g}]"
        if x in self.values:
            return f"at {x:.8g} repeats an earlier one"
        place = bisect.bisect(self.points, x)
        left, right = self.points[place - 1], self.points[place]
        bound, crossing = self.lowest(left, right)
        smallest = self.bound
        if bound > smallest + self.slack:
            _, *rival = self.heap[0]
            return (
                f"lies in the interval from {left:.6g} to {right:.6g} with the bound {bound:.6g}, but the one from "
                f"{rival[0]:.6g} to {rival[1]:.6g} has {smallest:.6g}"
            )
        if abs(x - crossing) > 1e-7 * max(1.0, abs(crossing)):
            return f"is at {x:.8g}, but between {left:.6g} and {right:.6g} the lines cross at {crossing:.8g}"
        self.alive.remove((left, right))
        self.points.insert(place, x)
        self.values[x] = value(self.terms, x)
        self.best = min(self.best, self.values[x])
        self.open(left, x)
        self.open(x, right)
        return None


def mismatch(result, known, path, terms):
    """What is wrong with the dictionary that a search returned, given its own path."""
    if not isinstance(result, dict) or sorted(result) != ["f", "lower_bound", "n_evals", "x"]:
        return "the result must be a dictionary with the keys x, f, lower_bound and n_evals"
    if isinstance(result["n_evals"], bool) or not isinstance(result["n_evals"], (int, np.integer)):
        return f"n_evals must be an int, got {type(result['n_evals']).__name__}"
    if result["n_evals"] != len(path):
        return f"n_evals is {result['n_evals']}, but f was called {len(path)} times"
    due = {"f": known.best, "lower_bound": known.bound}
    for name, number in due.items():
        if not abs(float(result[name]) - number) <= known.slack:
            return f"{name} is {float(result[name]):.8g}, but the {len(path)} evaluations give {number:.8g}"
    x = float(result["x"])
    if min(abs(x - one) for one in path) > 1e-12 or not abs(value(terms, x) - known.best) <= known.slack:
        return f"x is {x:.8g}, which is not the place of the best evaluation"
    return None


# Cases


def violation_cases(rng):
    def case(name, surface, X, Y, t, **options):
        return Case(f"violation: {name}", {"surface": surface, "X": X, "Y": Y, "t": t}, **options)

    def pairs(n, d, scale=2.0):
        return rng.normal(0, scale, (n, d)), rng.normal(0, scale, (n, d))

    X, Y = pairs(20, 3)
    near = X + rng.normal(0, 0.1, X.shape)
    yield case("one pair on a dome, half way", "dome", np.array([[0.0]]), np.array([[2.0]]), 0.5)
    yield case("one pair on a dome, a quarter of the way", "dome", np.array([[0.0]]), np.array([[2.0]]), 0.25)
    yield case("a bowl is convex", "bowl", X, Y, 0.5)
    yield case("one pair on a bowl", "bowl", np.array([[1.0]]), np.array([[3.0]]), 0.75)
    yield case("a plane", "plane", X, Y, 0.3)
    yield case("a distance is convex, too", "distance", X, Y, 0.6)
    yield case("a saddle, pairs in all directions", "saddle", X, Y, 0.3)
    yield case("a saddle, only along the valley", "saddle", np.array([[1.0, 2.0]]), np.array([[-3.0, 2.0]]), 0.4)
    yield case("a saddle, only across the ridge", "saddle", np.array([[1.0, 2.0]]), np.array([[1.0, -2.0]]), 0.4)
    yield case(
        "only one pair of many shows it",
        "cosines",
        0.3 * X + np.pi,
        0.3 * Y + np.pi * (np.arange(20) < 19)[:, None],
        0.5,
    )
    yield case("cosines", "cosines", X, Y, 0.7)
    yield case("pairs that are close", "cosines", X, near, 0.5)
    yield case("t for each pair", "cosines", X, Y, rng.random(20))
    yield case("t for each pair, on a dome", "dome", X, Y, rng.uniform(0.05, 0.95, 20))
    yield case("t for each of two pairs in two dimensions", "dome", X[:2, :2], Y[:2, :2], np.array([0.1, 0.4]))
    yield case("t is 0", "dome", X, Y, 0.0)
    yield case("t is 1, as an int", "dome", X, Y, 1)
    yield case("both points of each pair are the same", "dome", X, X.copy(), 0.5)
    yield case("one dimension", "cosines", *pairs(10, 1), 0.2)
    yield case("many dimensions", "dome", *pairs(4, 50), 0.35)
    yield case("a violation of 2.5e-11", "dome", np.zeros((1, 1)), np.full((1, 1), 1e-5), 0.5)
    yield case("no pairs", "dome", np.zeros((0, 3)), np.zeros((0, 3)), 0.5)
    yield case("no pairs, no t", "dome", np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0))
    whole = rng.integers(-5, 6, (6, 2))
    yield case("integers", "dome", whole, whole[::-1] + 1, 0.25)
    yield case("small integers", "dome", np.full((2, 2), 100, np.int8), np.full((2, 2), -100, np.int8), 0.25)
    yield case("float32", "dome", X.astype(np.float32), Y.astype(np.float32), 0.4, tolerance=t32(12))
    yield case("other memory layouts", "dome", np.asfortranarray(X)[::-1], np.broadcast_to(Y[:1], X.shape), 0.4)
    yield case("cosines again", "cosines", X, Y, 0.7)


WAVE = [["sin", 1.0, 3.0, 0.0], ["sin", 0.5, 7.0, 0.0], ["square", 0.1, 1.0, 0.0]]


def search_cases(rng):
    def case(name, terms, a, b, L, tol, **more):
        """A search that is compared with the solution's: without rounding, or too short for it to matter."""
        return Case(f"search: {name}", {"terms": terms, "a": a, "b": b, "L": L, "tol": tol, **more})

    def follow(name, *given, speed=None, **more):
        return case(name, *given, **more)._replace(check=followed, speed=speed)

    corner, bowl = [["abs", 1.0, 1.0, 1.0]], [["square", 1.0, 1.0, 0.3]]
    valleys = [["abs", -1.0, 1.0, 0.25], ["abs", 1.5, 1.0, 1.0], ["abs", 0.5, 1.0, -1.0]]
    yield case("|x - 1|, found at once", corner, -2.0, 2.0, 1.0, 1e-3)
    yield case("a tolerance of 0, met exactly", corner, -2.0, 2.0, 1.0, 0.0)
    yield case("a tolerance of 4, met exactly", corner, -2.0, 4.0, 1.5, 0.75)
    yield case("|x - 1| with twice its slope", corner, -2.0, 2.0, 2.0, 0.5)
    yield case("|x - 1| with four times its slope", corner, -2.0, 2.0, 4.0, 0.25)
    yield case("|x - 1| on an uneven interval", corner, -1.0, 4.0, 2.0, 0.25)
    yield case("two valleys without rounding", valleys, -2.0, 2.0, 4.0, 0.25)
    yield follow("a bowl", bowl, -1.0, 2.0, 4.0, 0.05)
    yield follow("a bowl, closely", bowl, -1.0, 2.0, 4.0, 1e-4)
    yield follow("two valleys", [["abs", -1.0, 1.0, 0.1], ["square", 0.5, 1.0, 0.0]], -2.0, 2.0, 3.0, 1e-2)
    yield follow("a wave", WAVE, -3.0, 3.0, 7.1, 1e-3)
    yield follow("a wave and a careless L", WAVE, -3.0, 3.0, 20.0, 1e-2)
    for number in range(1, 5):
        terms = [["sin", *rng.uniform([0.3, 1, -2], [1.5, 6, 2]).tolist()] for _ in range(3)]
        yield follow(f"random waves {number}", terms, -1.3, 2.1, sum(s * r for _, s, r, _ in terms), 1e-2)
    yield follow("lowest at the left end", [["square", 1.0, 1.0, -1.3], *WAVE[1:2]], -1.0, 1.5, 9.2, 1e-2)
    yield follow("lowest at the right end", [["square", 1.0, 1.0, 1.8], *WAVE[1:2]], -1.0, 1.5, 9.2, 1e-2)
    yield follow("a narrow dip", [["dip", 3.0, 20.0, 0.7130], ["square", 0.3, 1.0, -0.2]], -1.0, 1.5, 61.1, 0.01)
    yield case("a straight line", [["abs", 2.0, 1.0, -1.0]], 0.0, 1.0, 2.0, 1e-3)
    yield follow("a constant", [["constant", 1.5, 1.0, 0.0]], 0.0, 1.0, 1.0, 0.125)
    yield follow("far below zero", [["constant", -300.0, 1.0, 0.0], *bowl], -1.0, 2.0, 4.0, 0.05)
    yield follow("a short interval and steep slopes", [["sin", 1.0, 900.0, 0.0]], 0.0011, 0.0093, 900.0, 1e-3)
    yield case("whole numbers", corner, -2, 3, 2, 1)
    yield case("a tolerance met by the ends", WAVE, -0.1, 0.2, 7.1, 2.5)
    yield case("a budget of two", WAVE, -3.0, 3.0, 7.1, 1e-3, max_evals=2)
    yield case("a budget of three", WAVE, -3.0, 3.0, 7.1, 1e-3, max_evals=3)
    yield case("a budget of seven", valleys, -2.0, 2.0, 4.0, 0.0, max_evals=7)
    yield follow("a budget of forty", WAVE, -3.0, 3.0, 7.1, 1e-3, max_evals=40)
    yield follow("a budget and a tolerance of 0", bowl, -1.0, 2.0, 4.0, 0.0, max_evals=60)
    yield case("an empty interval", corner, 1.0, 1.0, 1.0, 0.1)
    yield case("ends in the wrong order", corner, 2.0, -2.0, 1.0, 0.1)
    yield case("L is 0", corner, -2.0, 2.0, 0.0, 0.1)
    yield case("L is negative", corner, -2.0, 2.0, -1.0, 0.1)
    yield case("two valleys without rounding, again", valleys, -2.0, 2.0, 4.0, 0.25)
    yield follow("ten thousand evaluations", [["constant", 1.0, 1.0, 0.0]], 0.0, 1.0, 3.0, 0.0, speed=Speed(floor=1.5))


def lasso_cases(rng):
    def case(name, X, y, w, lam, **options):
        return Case(f"lasso: {name}", {"X": X, "y": y, "w": w, "lam": lam}, **options)

    eye, two = np.eye(2), np.array([3.0, 1.0])
    X, w = rng.normal(size=(9, 4)), rng.normal(0, 0.5, 4)
    y = X @ w + rng.normal(0, 0.3, 9)
    largest = float(np.abs(X.T @ y).max())
    yield case("one feature, weight 0", np.array([[1.0]]), np.array([2.0]), np.array([0.0]), 1.0)
    yield case("two features, the optimum", eye, two, np.array([2.0, 0.0]), 1.0)
    yield case("two features, not quite the optimum", eye, two, np.array([1.5, 0.0]), 1.0)
    yield case("two features, a weight too large", eye, two, np.array([3.5, 0.0]), 1.0)
    yield case("nine samples", X, y, w, 0.5)
    yield case("negative weights", X, -y, -np.abs(w), 0.5)
    yield case("weights of 0", X, y, np.zeros(4), 0.5)
    yield case("weights of 0 and a very large lam", X, y, np.zeros(4), 2 * largest)
    yield case("other weights and a very large lam", X, y, 0.1 * w, 2 * largest)
    yield case("a tiny lam", X, y, w, 1e-6)
    yield case("far from the optimum", X, y, 50 + w, 0.5)
    yield case("the steepest column goes down", X * [-1, 1, 1, 1], y, np.zeros(4), 0.5)
    yield case("more features than samples", rng.normal(size=(4, 11)), rng.normal(size=4), rng.normal(size=11), 0.3)
    yield case("one sample", rng.normal(size=(1, 3)), rng.normal(size=1), rng.normal(size=3), 0.3)
    yield case("no residual left", eye, two, two.copy(), 0.5)
    yield case("a residual at right angles to the feature", np.array([[1.0], [0.0]]), two, np.array([3.0]), 0.5)
    yield case("no samples", np.zeros((0, 2)), np.zeros(0), np.array([1.0, -2.0]), 0.5)
    yield case("no features", np.zeros((2, 0)), two, np.zeros(0), 0.5)
    yield case("integers", rng.integers(-4, 5, (6, 3)), rng.integers(-9, 10, 6), np.array([1, 0, -2]), 2)
    yield case("small integers", np.full((3, 2), 100, np.int8), np.full(3, 90, np.int8), np.full(2, 7, np.int8), 0.5)
    single = [a.astype(np.float32) for a in (X, y, w)]
    yield case("float32", *single, 0.5, tolerance=t32(40))
    yield case("other memory layouts", np.asfortranarray(X)[::-1], np.repeat(y, 2)[::2], w[::-1], 0.5)
    yield case("one target for all, read-only", X, np.broadcast_to(y[0], 9), w, 0.5)
    yield case("nine samples again", X, y, w, 0.5)


def certificate_cases(rng):
    def case(name, loss, lower_bound, is_convex, grad_norm, tol=0.125):
        inputs = {"loss": loss, "lower_bound": lower_bound, "is_convex": is_convex, "grad_norm": grad_norm, "tol": tol}
        return Case(f"certificate: {name}", inputs)

    nothing = -math.inf
    yield case("a loss of 0 that can't be negative", 0.0, 0.0, False, 0.0)
    yield case("in the middle of training", 2.3, 0.0, False, 1.7)
    yield case("the gradient has vanished, the loss hasn't", 0.9, 0.0, False, 0.0)
    yield case("the same in a convex problem", 0.9, 0.0, True, 0.0)
    yield case("convex, but still on the way", 0.9, 0.0, True, 1.7)
    yield case("the bound is reached while the gradient is large", 0.05, 0.0, False, 1.7)
    yield case("the bound is reached, convex, gradient large", 0.05, 0.0, True, 1.7)
    yield case("a bound above 0", 3.0625, 3.0, False, 1.7)
    yield case("a negative loss at its bound", -2.0, -2.0, False, 1.7)
    yield case("a negative loss above its bound", -2.0, -3.0, False, 0.0)
    yield case("close to 0, but the bound is far below", 0.0, -1.0, False, 0.0)
    yield case("no bound is known", 0.0, nothing, False, 0.0)
    yield case("no bound is known, convex", 5.0, nothing, True, 0.0)
    yield case("nothing is known at all", 0.0, nothing, False, 1.0)
    yield case("a gap of exactly tol", 0.625, 0.5, False, 1.7)
    yield case("a gap just above tol", 0.75, 0.5, False, 1.7)
    yield case("a gradient of exactly tol", 0.9, 0.0, False, 0.125)
    yield case("a gradient of exactly tol, convex", 0.9, 0.0, True, 0.125)
    yield case("a gradient just above tol", 0.9, 0.0, True, 0.25)
    yield case("a tolerance of 0, met", 1.0, 1.0, False, 1.0, 0.0)
    yield case("a tolerance of 0, gradient 0", 1.0, 0.0, False, 0.0, 0.0)
    yield case("a tolerance of 0, missed by 1e-12", 1e-12, 0.0, True, 1e-12, 0.0)
    yield case("a large loss close to its bound in percent", 1000.0, 990.0, False, 3.0)
    yield case("a large loss just above its bound", 1000.001, 1000.0, False, 3.0, 1e-4)
    yield case("the run has diverged", math.nan, 0.0, False, math.nan)
    yield case("the run has diverged, convex", math.nan, 0.0, True, math.nan)
    yield case("an infinite loss", math.inf, 0.0, True, math.nan)
    yield case("a gradient of NaN at the bound", 0.0, 0.0, False, math.nan)
    yield case("an infinite gradient at the bound", 0.0, 0.0, False, math.inf)
    yield case("whole numbers", 4, 0, True, 0, 1)
    for number, due in enumerate(rng.permutation(["global", "stationary", "none"] * 3), 1):
        near, far = rng.uniform(0.01, 0.1), rng.uniform(0.2, 2.0)
        gap, norm = (near if due == "global" else far), (near if due == "stationary" else far)
        yield case(f"drawn, {number}", 1.0 + gap, 1.0, due != "stationary" and bool(rng.integers(2)), norm)


PARTS = (
    Part(
        "convexity_violation",
        violation_cases,
        (
            "A chord connects two points of the graph. Where is the graph of a convex function, above or below it?",
            "Compute all values at X, at Y and at the points between, then one difference per pair.",
            "The weight t belongs to X, in the point as in the chord. A t for each pair has to be a column for the "
            "points and flat for the values. Only the largest difference counts, if it is positive.",
        ),
        driver=violation,
    ),
    Part(
        "piyavskii_shubert",
        search_cases,
        (
            "Draw two evaluated points and a line of slope L falling from each towards the other: the graph can't be "
            "below them. Each interval has such a lowest point.",
            "Keep one entry per interval. Take out the one that may hide the smallest value, evaluate f where that "
            "value would be, and put back two intervals.",
            "heapq keeps the smallest bound in front: push tuples that begin with it. Look at the front before every "
            "evaluation and once more at the end: that is lower_bound.",
        ),
        driver=search,
    ),
    Part(
        "lasso_gap",
        lasso_cases,
        (
            "Any theta that obeys the constraint gives a lower bound on every primal value. The residual nearly does.",
            "Work out the residual and its product with every column. If the largest exceeds lam, shrink the residual "
            "until it doesn't.",
            "The scale is at most 1. Both halves of the dual are squared lengths: of y, and of what is missing from "
            "theta to y.",
        ),
        returns=("primal", "dual", "gap"),
    ),
    Part(
        "certificate",
        certificate_cases,
        (
            "Ask of each fact: could there still be a better solution somewhere else?",
            "The bound is a proof by itself, for any shape. A vanished gradient is one only together with convexity.",
            "Check the bound first, then convexity with the gradient, then the gradient alone.",
        ),
        tolerance=EXACT,
    ),
)

MISCONCEPTIONS = (
    Misconception(
        "best_is_bound",
        "piyavskii_shubert",
        "Your lower bound is the best value that was found.",
        "A bound has to hold between the points, too. What would prove that nothing there is lower?",
        edits=(('"lower_bound": intervals[0][0]', '"lower_bound": best[0]'),),
    ),
    Misconception(
        "grid_search",
        "piyavskii_shubert",
        "Your search spreads its points evenly, without looking at the values it has found.",
        "Which regions can be ruled out after a few evaluations? Yours are searched as closely as all the others.",
        code="""
def piyavskii_shubert(f, a, b, L, tol, max_evals=10000):
    if not (a < b and L > 0):
        raise ValueError
    count = max_evals if tol == 0 else min(max_evals, int(L * (b - a) / (2 * tol)) + 2)
    xs = [a, b, *np.linspace(a, b, count)[1:-1].tolist()]
    best, x = min((f(x), x) for x in xs)
    return {"x": x, "f": best, "lower_bound": best - L * (b - a) / (count - 1) / 2, "n_evals": count}
""",
    ),
    Misconception(
        "bound_without_half",
        "piyavskii_shubert",
        "Your bound lets the function fall all the way across the interval, from both sides.",
        "Draw both lines. How far is each of them from its own point where they meet?",
        edits=(("- L * (x1 - x0) / 2,", "- L * (x1 - x0),"),),
    ),
    Misconception(
        "splits_in_the_middle",
        "piyavskii_shubert",
        "Your search evaluates the middle of the interval.",
        "If one end is much lower than the other, at which end can a hidden minimum be lower still?",
        edits=(("(x0 + x1) / 2 + (f0 - f1) / (2 * L), left", "(x0 + x1) / 2, left"),),
    ),
    Misconception(
        "crossing_mirrored",
        "piyavskii_shubert",
        "Your crossing is moved towards the higher end.",
        "Draw one end high, the other low, and both lines. Near which end do they cross?",
        edits=(("(x0 + x1) / 2 + (f0 - f1) / (2 * L), left", "(x0 + x1) / 2 + (f1 - f0) / (2 * L), left"),),
    ),
    Misconception(
        "ends_cost_nothing",
        "piyavskii_shubert",
        "Your budget doesn't count the evaluations of the two ends.",
        "How often is f called if max_evals is 2?",
        edits=(
            ("and n_evals < max_evals", "and n_evals < max_evals + 2"),
            ('"n_evals": n_evals', '"n_evals": n_evals - 2'),
        ),
    ),
    Misconception(
        "bound_of_the_last_interval",
        "piyavskii_shubert",
        "Your lower bound is as old as the last decision: it ignores what the last evaluation has ruled out.",
        "After the last evaluation, which interval has the smallest bound?",
        edits=(
            ("_, x, left, right = heapq.heappop(intervals)", "old, x, left, right = heapq.heappop(intervals)"),
            ("intervals = [_interval(*ends, L)]", "intervals = [_interval(*ends, L)]\n    old = intervals[0][0]"),
            ('"lower_bound": intervals[0][0]', '"lower_bound": old'),
        ),
    ),
    Misconception(
        "zero_gradient_is_global",
        "certificate",
        "Your certificate trusts a vanished gradient alone.",
        "Which other points have no slope? What must be known about the loss to rule them out?",
        edits=(('    return "stationary" if stationary', '    return "global" if stationary'),),
    ),
    Misconception(
        "convex_is_enough",
        "certificate",
        "Your certificate trusts convexity alone, wherever the run has ended.",
        "Is every point of a parabola its minimum?",
        edits=(("(is_convex and stationary)", "is_convex"),),
    ),
    Misconception(
        "losses_are_never_negative",
        "certificate",
        "Your certificate takes 0 for a lower bound, whatever is known.",
        "Think of a loss that is the logarithm of a density. How low can it go?",
        edits=(("loss - lower_bound <= tol", "loss - max(lower_bound, 0.0) <= tol"),),
    ),
    Misconception(
        "bound_needs_gradient",
        "certificate",
        "Your certificate wants a vanished gradient even where the loss has reached its lower bound.",
        "If nothing can be lower than this value, what does the gradient add?",
        edits=(
            (
                "if loss - lower_bound <= tol or (is_convex and stationary):",
                "if stationary and (loss - lower_bound <= tol or is_convex):",
            ),
        ),
    ),
    Misconception(
        "dual_unscaled",
        "lasso_gap",
        "Your dual point is the residual as it is, even where the constraint forbids it.",
        "Check the product of your theta with every column of X. Is it within lam?",
        edits=(("residual * min(1.0, lam / steepest) if steepest else residual", "residual"),),
    ),
    Misconception(
        "dual_stretched",
        "lasso_gap",
        "Your dual point is stretched until the constraint is tight, even where the residual is feasible as it is.",
        "For a large lam, how long does your theta become, and does that bring it closer to y?",
        edits=(("min(1.0, lam / steepest)", "(lam / steepest)"),),
    ),
    Misconception(
        "gap_sign",
        "lasso_gap",
        "Your gap is the dual value minus the primal one.",
        "Which of the two can never be the larger one?",
        edits=(("return primal, dual, primal - dual", "return primal, dual, dual - primal"),),
    ),
    Misconception(
        "length_of_all_products",
        "lasso_gap",
        "Your scale compares lam with the length of all products together instead of the largest one.",
        "The constraint speaks of each column. What happens to yours when a thousand harmless columns are added?",
        edits=(("np.max(np.abs(X.T @ residual), initial=0.0)", "np.sqrt(np.sum((X.T @ residual) ** 2))"),),
    ),
    Misconception(
        "sign_of_products_kept",
        "lasso_gap",
        "Your scale looks for the largest product without regard to negative ones.",
        "The constraint has two sides. Which of your columns can break the lower one?",
        edits=(("np.max(np.abs(X.T @ residual), initial=0.0)", "np.max(X.T @ residual, initial=0.0)"),),
    ),
    Misconception(
        "mean_of_squares",
        "lasso_gap",
        "Your primal averages the squares over the samples, as scikit-learn's Lasso does.",
        "By what is the squared error divided in the primal of the text?",
        edits=(("primal = residual @ residual / 2 +", "primal = residual @ residual / (2 * max(len(y), 1)) +"),),
    ),
    Misconception(
        "jensen_flipped",
        "convexity_violation",
        "Your violation is how far values lie below their chords.",
        "Draw x² and a chord. On which side is the graph of a convex function?",
        edits=(
            (
                "np.max(f(weight * X + (1 - weight) * Y) - chord, initial=0.0)",
                "np.max(chord - f(weight * X + (1 - weight) * Y), initial=0.0)",
            ),
        ),
    ),
    Misconception(
        "ends_swapped",
        "convexity_violation",
        "Your point between X and Y and the value on its chord belong to different weights.",
        "With t = 1, at which of the two points do you evaluate f, and whose value do you compare it with?",
        edits=(("weight * X + (1 - weight) * Y", "(1 - weight) * X + weight * Y"),),
    ),
    Misconception(
        "mean_violation",
        "convexity_violation",
        "Your violation is the average over the pairs.",
        "One pair proves that a function isn't convex. How much is left of it among a million others?",
        edits=(
            (
                "np.max(f(weight * X + (1 - weight) * Y) - chord, initial=0.0)",
                "np.sum(np.maximum(f(weight * X + (1 - weight) * Y) - chord, 0.0)) / max(len(X), 1)",
            ),
        ),
    ),
    Misconception(
        "signed_violation",
        "convexity_violation",
        "Your violation becomes negative where every value lies below its chord.",
        "By how much does a parabola violate convexity?",
        edits=(
            (
                "np.max(f(weight * X + (1 - weight) * Y) - chord, initial=0.0)",
                "np.max(f(weight * X + (1 - weight) * Y) - chord, initial=-np.inf if len(X) else 0.0)",
            ),
        ),
    ),
)

EQUIVALENTS = (
    Equivalent(
        "while best[0] - intervals[0][0] > tol and n_evals < max_evals:",
        "while best[0] - intervals[0][0] > tol and n_evals != max_evals:",
        "n_evals starts at 2, the smallest budget, and grows by one",
    ),
)

exercise = Exercise(parts=PARTS, misconceptions=MISCONCEPTIONS, equivalents=EQUIVALENTS)
