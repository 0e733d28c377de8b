"""Cases, misconceptions and hints for 13."""

import numpy as np

from grader.spec import T64L, Case, Exercise, Misconception, Part

# What is descended on. A problem is plain data; `value` and `slope` are its function and its gradient.


def descend(student, problem, x0, lr, max_steps, gtol=0.0):
    """The answer, and the points at which the gradient was asked for. A list as `lr` is a schedule."""
    visited = []

    def grad(x):
        visited.append(np.array(x))
        return slope(problem, x)

    def schedule(t):
        return lr[t]

    rate = schedule if isinstance(lr, (list, np.ndarray)) and np.ndim(lr) else lr
    answer = student.gradient_descent(grad, x0, rate, max_steps, gtol)
    return with_calls(answer, "points where grad was called", visited)


def defaults(student, problem, x0, lr, max_steps):
    def grad(x):
        return slope(problem, x)

    return student.gradient_descent(grad=grad, x0=x0, lr=lr, max_steps=max_steps)


def search(student, problem, x, **options):
    """The step size, and how often both functions were called."""
    calls = {"f": 0, "grad": 0}

    def f(point):
        calls["f"] += 1
        return value(problem, point)

    def grad(point):
        calls["grad"] += 1
        return slope(problem, point)

    t = student.backtracking(f, grad, x, **options)
    return {"t": t, "calls of f": calls["f"], "calls of grad": calls["grad"]}


def search_in_vain(student, problem, x, **options):
    def f(point):
        return value(problem, point)

    def grad(point):
        return slope(problem, point)

    return student.backtracking(f, grad, x, **options)


def with_calls(answer, name, calls):
    return {**answer, name: calls} if isinstance(answer, dict) else answer


def value(problem, x):
    """f in the dtype of the point, which should be float64."""
    x = np.array(x)
    with np.errstate(all="ignore"):
        if problem["kind"] == "sphere":
            return float(x @ x)
        if problem["kind"] == "quadratic":
            d = x - problem["minimum"]
            return float(0.5 * d @ problem["H"] @ d)
        if problem["kind"] == "logistic":
            return float(np.logaddexp(0, -problem["y"] * (problem["X"] @ x)).mean())
        if problem["kind"] == "rosenbrock":
            return float((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2)
        if problem["kind"] == "logarithm":
            return float(np.log(x).sum())
        if problem["kind"] == "roots":
            return float(np.sqrt(x).sum())
        return float((x - np.log(x)).sum())  # a barrier: nan where x < 0


def slope(problem, x):
    x = np.array(x)
    with np.errstate(all="ignore"):
        if problem["kind"] == "sphere":
            return np.float64(2 * x)
        if problem["kind"] == "quadratic":
            return problem["H"] @ (x - problem["minimum"])
        if problem["kind"] == "logistic":
            margin = problem["y"] * (problem["X"] @ x)
            return -problem["X"].T @ (problem["y"] / (1 + np.exp(margin))) / len(margin)
        if problem["kind"] == "rosenbrock":
            steep = 200 * (x[1] - x[0] ** 2)
            return np.array([-2 * (1 - x[0]) - 2 * x[0] * steep, steep])
        if problem["kind"] == "logarithm":
            return 1 / x
        if problem["kind"] == "roots":
            return 0.5 / np.sqrt(x)  # nan where x < 0
        return 1 - 1 / x


def quadratic(H, minimum=0.0):
    H = np.asarray(H, dtype=np.float64)
    return {
        "kind": "quadratic",
        "H": H,
        "minimum": np.broadcast_to(np.asarray(minimum, dtype=np.float64), len(H)) + 0.0,
    }


def rotated(rng, eigenvalues):
    """A symmetric matrix with these eigenvalues whose axes are nobody's coordinates."""
    while True:
        basis, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues), len(eigenvalues))))
        if len(eigenvalues) == 1 or (np.abs(basis[:2, :2]) > 0.2).all():
            break
    H = (basis * np.asarray(eigenvalues, dtype=np.float64)) @ basis.T
    return (H + H.T) / 2


def logistic(rng):
    X = rng.standard_normal((30, 3))
    return {"kind": "logistic", "X": X, "y": np.where(X @ [1.0, -2.0, 0.5] + rng.standard_normal(30) > 0, 1.0, -1.0)}


def descent_cases(rng):
    def case(name, problem, x0, lr, max_steps, gtol=0.0, **options):
        inputs = {"problem": problem, "x0": x0, "lr": lr, "max_steps": max_steps, "gtol": gtol}
        return Case(name, inputs, **options)

    parabola = quadratic([[1.0]])
    bowl = quadratic(rotated(rng, [1.0, 3.0, 10.0]), rng.standard_normal(3))
    valley = quadratic(rotated(rng, [0.01, 0.3, 5.0, 100.0]), rng.standard_normal(4))
    start, far = rng.standard_normal(3) + 2.0, rng.standard_normal(4) - 3.0

    yield case("three steps on 1/2 x^2", parabola, np.array([8.0]), 0.5, 3)
    yield case("one step in two dimensions", quadratic(np.diag([1.0, 4.0])), np.array([2.0, 1.0]), 0.125, 1)
    yield case("a bowl", bowl, start, 0.05, 12)
    yield case("long gradients take long steps", quadratic(np.diag([1.0, 100.0])), np.array([3.0, 4.0]), 0.019, 20)
    yield case("no step at all: max_steps is 0", bowl, start, 0.05, 0, 1e9)
    yield case("the last point isn't tested", parabola, np.array([8.0]), 1.0, 1)
    yield case("a start in the minimum", quadratic(np.eye(2), [1.0, -2.0]), np.array([1.0, -2.0]), 0.1, 5)
    yield case("the minimum is met exactly", parabola, np.array([8.0]), 1.0, 5)
    yield case("norm of the gradient exactly gtol", quadratic(np.eye(2)), np.array([6.0, 8.0]), 0.5, 9, 5.0)
    yield case("each entry below gtol, the norm above it", quadratic(np.eye(2)), np.array([4.0, 4.0]), 0.5, 3, 5.0)
    yield case("stops at gtol", bowl, start, 0.05, 200, 0.01)
    yield case("short steps in a steep place haven't converged", valley, far, 1e-5, 30, 0.05)
    yield case("a small gradient, however long the step", quadratic([[1e-3]]), np.array([5.0]), 1500.0, 60, 1e-4)
    yield case("a flat valley", valley, far, 0.015, 80)
    yield case("lr at 0.99 of the bound", valley, far, 0.0198, 600, 0.5)
    yield case("lr at 1.01 of the bound", valley, far, 0.0202, 600, 0.5)
    yield case("a schedule: lr is a function of t", bowl, start, [0.15 / (1 + t) for t in range(12)], 10)
    yield case("a schedule that grows", bowl, start, list(np.linspace(0.0, 0.1, 30)), 25, 0.05)
    yield case("overflow to infinity", quadratic(np.diag([1.0, 1e10])), np.array([1.0, 1.0]), 1.0, 500)
    yield case("an infinite gradient ends the path", {"kind": "barrier"}, np.array([2.0, 0.0, 3.0]), 0.5, 10)
    yield case("the gradient is nan beyond the edge", {"kind": "roots"}, np.array([1.0, 9.0]), 4.0, 6)
    yield case("a gradient of 1e-100 isn't 0", parabola, np.array([1e-100]), 0.5, 3)
    yield case("far away, but finite", quadratic([[1.0]]), np.array([1e200]), 0.75, 4)
    yield case("logistic regression", logistic(rng), np.zeros(3), 0.8, 60, 0.02)
    yield case("Rosenbrock's valley", {"kind": "rosenbrock"}, np.array([-1.2, 1.0]), 1e-3, 150)
    yield case("an integer start", bowl, np.array([2, -1, 3]), 0.05, 6)
    yield case("a float32 start", bowl, np.array([2.5, -1.0, 3.0], dtype=np.float32), 0.05, 6)
    yield case("every other entry, backwards", bowl, np.arange(6.0)[::-2], 0.05, 6)
    yield case("a read-only start", bowl, np.broadcast_to(np.float64(2.0), 3), 0.05, 6)
    yield case("the same bowl again", bowl, start, 0.05, 12)
    inputs = {"problem": quadratic(np.eye(2)), "x0": np.array([4.0, 2.0]), "lr": 1.0, "max_steps": 4}
    yield Case("gtol is 0 by default", inputs, driver=defaults)
    yield Case("gtol is 0 by default, in a bowl", {**inputs, "lr": 0.5}, driver=defaults)


def matrices(rng):
    """(name, H) of parabolas with eigenvalues that the diagonal doesn't show."""
    yield "one dimension", np.array([[4.0]])
    yield "a diagonal matrix", np.diag([1.0, 100.0])
    yield "a diagonal matrix in another order", np.diag([5.0, 0.5, 2.0])
    yield "a 2 x 2 matrix", np.array([[2.0, 1.0], [1.0, 2.0]])
    yield "the identity", np.eye(3)
    for d, condition in ((2, 10.0), (3, 4.0), (5, 100.0), (12, 1e4)):
        yield f"rotated, d = {d}, condition {condition:g}", rotated(rng, np.geomspace(1.0, condition, d))
    yield "curvatures of 1e-6", 1e-6 * rotated(rng, [1.0, 2.0, 7.0])
    yield "curvatures of 1e6", 1e6 * rotated(rng, [1.0, 2.0, 7.0])
    yield "integers", np.array([[3, 1], [1, 5]])
    yield "float32", np.array([[3.0, 1.0], [1.0, 5.0]], dtype=np.float32)
    yield "another memory layout", np.asfortranarray(rotated(rng, [1.0, 2.0, 7.0]))[::-1, ::-1]
    yield "drawn curvatures", rotated(rng, np.sort(rng.uniform(0.5, 9.0, 4)))


def bound_cases(rng):
    for name, H in matrices(rng):
        yield Case(f"bound: {name}", {"H": H})
    yield Case("bound: the 2 x 2 matrix again", {"H": np.array([[2.0, 1.0], [1.0, 2.0]])})


def optimum_cases(rng):
    for name, H in matrices(rng):
        yield Case(f"best lr: {name}", {"H": H})
    yield Case("best lr: the 2 x 2 matrix again", {"H": np.array([[2.0, 1.0], [1.0, 2.0]])})


def contraction_cases(rng):
    for name, H in matrices(rng):
        top = np.linalg.eigvalsh(H)[-1]
        for share, where in ((0.1, "small"), (1.5, "near the bound"), (2.6, "beyond the bound")):
            yield Case(f"{name}, lr {where}", {"H": H, "lr": float(share / top)})
    yield Case("lr 0", {"H": np.diag([1.0, 2.0]), "lr": 0.0})
    yield Case("lr 1 as an integer", {"H": np.diag([1.0, 2.5]), "lr": 1})


def search_cases(rng):
    def case(name, problem, x, driver=None, **options):
        return Case(name, {"problem": problem, "x": x, **options}, driver=driver)

    parabola, point = quadratic([[1.0]]), np.array([2.0])
    bowl = quadratic(rotated(rng, [1.0, 3.0, 10.0]), rng.standard_normal(3))
    start = rng.standard_normal(3) + 3.0

    yield case("the first try is good enough", parabola, point)
    yield case("three tries on 2 x^2", quadratic([[4.0]]), point)
    yield case("steep: many tries", quadratic(np.diag([1.0, 3e4])), np.array([1.0, 1.0]))
    yield case("t0 is the first try", quadratic([[1.0]]), point, t0=20.0)
    yield case("a short t0 is not lengthened", bowl, start, t0=1e-3)
    yield case("beta 0.9", bowl, start, beta=0.9)
    yield case("beta 0.1, t0 10", bowl, start, t0=10.0, beta=0.1)
    yield case("any decrease isn't enough: c 0.5", quadratic([[1.0]]), point, t0=1.9, c=0.5)
    yield case("any decrease isn't enough: c 0.9", bowl, start, beta=0.8, c=0.9)
    yield case("a fall of exactly c t g.g is enough", parabola, point, c=0.5)
    yield case("just short of enough", parabola, point, c=0.501)
    yield case("c is 1e-4 by default: a fall of 1.9e-4", parabola, np.array([1.0]), t0=1.99981)
    yield case("c is 1e-4 by default: a fall of 3e-4", parabola, np.array([1.0]), t0=1.9997)
    yield case("g is 3 long: what falls is c t g.g", parabola, np.array([3.0]), t0=1.3, c=0.4)
    yield case("at the minimum", parabola, np.array([0.0]), t0=3.0)
    yield case("so near the minimum that f falls by less than 1e-15", parabola, np.array([1e-8]), t0=1.9, c=0.5)
    yield case("so steep that 47 tries are needed", quadratic([[1e14]]), np.array([1.0]))
    yield case("f is nan at the first tries", {"kind": "barrier"}, np.array([3.0]), t0=8.0)
    yield case("f is infinite at the first try", {"kind": "barrier"}, np.array([2.0]), t0=4.0)
    yield case("f falls to minus infinity", {"kind": "logarithm"}, np.array([1.0]))
    yield case("a point of bytes", {"kind": "sphere"}, np.array([200, 90], np.uint8), t0=0.7)
    yield case("two coordinates, one leaves the domain", {"kind": "barrier"}, np.array([0.5, 6.0]), t0=30.0, beta=0.7)
    yield case("a line search in logistic regression", logistic(rng), np.array([4.0, 4.0, -3.0]), t0=64.0)
    yield case("a line search in Rosenbrock's valley", {"kind": "rosenbrock"}, np.array([-1.2, 1.0]))
    yield case("an integer point", bowl, np.array([3, -4, 2]))
    yield case("a float32 point", bowl, np.array([3.5, -4.0, 2.25], dtype=np.float32))
    yield case("a point in reversed order", bowl, start[::-1])
    yield case("all five tries are rejected", bowl, start, driver=search_in_vain, beta=0.7, c=2.0, max_iter=5)
    yield case("no try allowed", bowl, start, driver=search_in_vain, t0=3.0, max_iter=0)
    yield case("max_iter is 50 by default", quadratic([[1e20]]), np.array([1.0]), search_in_vain, t0=2.0**50)
    yield case("the last of four tries is accepted", quadratic([[9.0]]), point, max_iter=4)
    yield case("the bowl again, beta 0.9", bowl, start, beta=0.9)


exercise = Exercise(
    parts=(
        Part(
            name="gradient_descent",
            cases=descent_cases,
            driver=descend,
            tolerance=T64L,
            hints=(
                "Four things happen at each point: ask for the gradient, test it, step, remember the new point.",
                "Start from a float64 copy of x0 and build a new array for each point; then no point of the path can "
                "change under your hands.",
                "Loop over range(max_steps): the point after the last step is never tested, because the loop is over.",
                "lr may be a function: callable(lr) tells. After a step, leave the loop if np.isfinite finds fault.",
            ),
        ),
        Part(
            name="contraction",
            cases=contraction_cases,
            hints=(
                "The gradient of 1/2 x'Hx is Hx, so one step multiplies x by a matrix: which one?",
                "In the coordinates of H's eigenvectors that matrix is diagonal: each has a factor of its own.",
                "The factor is 1 - lr times the eigenvalue. np.linalg.eigvalsh has them; mind the signs.",
            ),
        ),
        Part(
            name="stable_lr",
            cases=bound_cases,
            hints=(
                "Which eigenvalue's factor is the first to leave the interval from -1 to 1 when lr grows?",
                "Set that factor to -1 and solve for lr.",
                "Only the largest eigenvalue counts: np.linalg.eigvalsh returns them in ascending order.",
            ),
        ),
        Part(
            name="optimal_lr",
            cases=optimum_cases,
            hints=(
                "Draw |1 - lr * eigenvalue| over lr for the smallest and for the largest eigenvalue.",
                "The larger of the two curves is lowest where they cross: one factor is positive there, one negative.",
                "Solve 1 - lr * smallest = -(1 - lr * largest) for lr.",
            ),
        ),
        Part(
            name="backtracking",
            cases=search_cases,
            driver=search,
            tolerance=T64L,
            hints=(
                "Try t0, then shorter and shorter steps, and return the first one at which f falls enough.",
                "f(x) and g don't change while you search: compute them once, before the loop.",
                "Write the test so that it says when to accept. Every comparison with nan is false, so nan is rejected "
                "by itself.",
                "The fall that is asked for is c * t * (g @ g): it shrinks along with t.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            name="ascent",
            part="gradient_descent",
            summary="Your descent adds the gradient and so walks uphill.",
            nudge="In which direction does the gradient point?",
            edits=(("x = x - (lr(t)", "x = x + (lr(t)"),),
        ),
        Misconception(
            name="in_place",
            part="gradient_descent",
            summary="Your descent moves the caller's x0 itself.",
            nudge="Print the array that you passed in before and after the call.",
            edits=(
                ("    x = np.array(x0, dtype=np.float64)\n", "    x = np.asarray(x0, dtype=np.float64)\n"),
                ("path, converged = [x], False", "path, converged = [x.copy()], False"),
                (
                    "x = x - (lr(t) if callable(lr) else lr) * g\n        path.append(x)",
                    "x -= (lr(t) if callable(lr) else lr) * g\n        path.append(x.copy())",
                ),
            ),
        ),
        Misconception(
            name="one_array_many_times",
            part="gradient_descent",
            summary="Your path holds the same array again and again, so all its rows show the last point.",
            nudge="What does a list remember when you append an array and change the array afterwards?",
            edits=(("x = x - (lr(t)", "x -= (lr(t)"),),
        ),
        Misconception(
            name="normalised",
            part="gradient_descent",
            summary="Your steps all have the length lr, whatever the length of the gradient.",
            nudge="How does a walker with a fixed stride behave near the minimum?",
            edits=((" else lr) * g\n", " else lr) * g / np.linalg.norm(g)\n"),),
        ),
        Misconception(
            name="stops_on_short_step",
            part="gradient_descent",
            summary="Your descent compares the length of the step, not that of the gradient, with gtol.",
            nudge="Take a tiny lr on a steep slope: has anything converged?",
            edits=(
                (
                    "        if np.linalg.norm(g) <= gtol:",
                    "        if np.linalg.norm((lr(t) if callable(lr) else lr) * g) <= gtol:",
                ),
            ),
        ),
        Misconception(
            name="largest_entry",
            part="gradient_descent",
            summary="Your test takes the largest entry of the gradient for its norm.",
            nudge="How long is the vector (4, 4)?",
            edits=(("np.linalg.norm(g) <= gtol", "np.abs(g).max() <= gtol"),),
        ),
        Misconception(
            name="lr_evaluated_once",
            part="gradient_descent",
            summary="Your descent asks the schedule for lr at t = 0 and keeps that value.",
            nudge="Which argument does the schedule take, and how often does it change?",
            edits=(("(lr(t) if callable(lr)", "(lr(0) if callable(lr)"),),
        ),
        Misconception(
            name="schedule_from_one",
            part="gradient_descent",
            summary="Your descent counts the steps of the schedule from 1.",
            nudge="What is t at the first step?",
            edits=(("(lr(t) if callable(lr)", "(lr(t + 1) if callable(lr)"),),
        ),
        Misconception(
            name="returns_previous",
            part="gradient_descent",
            summary="Your x is the last but one point of the path.",
            nudge="Compare x with the last row of the path.",
            edits=(('"x": x,', '"x": path[max(len(path) - 2, 0)],'),),
        ),
        Misconception(
            name="start_left_out",
            part="gradient_descent",
            summary="Your path begins after the first step.",
            nudge="How many points does a walk of one step have?",
            edits=(('"path": np.array(path),', '"path": np.array(path[1:]),'),),
        ),
        Misconception(
            name="tests_last_point",
            part="gradient_descent",
            summary="Your descent calls grad and tests for convergence at the point after the last step, too.",
            nudge="How many gradients may a descent with max_steps = 0 ask for?",
            edits=(
                ("for t in range(max_steps):", "for t in range(max_steps + 1):"),
                (
                    "            break\n        x = x - ",
                    "            break\n        if t == max_steps:\n            break\n        x = x - ",
                ),
            ),
        ),
        Misconception(
            name="walks_on_after_overflow",
            part="gradient_descent",
            summary="Your descent goes on after a point that isn't finite.",
            nudge="Can a step from infinity, or from nan, ever come back?",
            edits=(("        if not np.isfinite(x).all():\n            break\n", ""),),
        ),
        Misconception(
            name="overshoot_ignored",
            part="contraction",
            summary="Your contraction takes the largest factor by value, so a factor of -2 counts for little.",
            nudge="Which grows faster under repeated multiplication, 0.5 or -2?",
            edits=(("np.abs(1 - lr * _eigenvalues(H)).max()", "(1 - lr * _eigenvalues(H)).max()"),),
        ),
        Misconception(
            name="steepest_direction_only",
            part="contraction",
            summary="Your contraction looks at the largest eigenvalue only.",
            nudge="With a tiny lr, which direction takes the longest?",
            edits=(("np.abs(1 - lr * _eigenvalues(H)).max()", "np.abs(1 - lr * _eigenvalues(H)[-1])"),),
        ),
        Misconception(
            name="diagonal_entries",
            part=("contraction", "stable_lr", "optimal_lr"),
            summary="Your code reads the curvatures off the diagonal of H.",
            nudge="Turn the coordinate system: do the entries of H change, and does the parabola?",
            edits=(
                (
                    "np.linalg.eigvalsh(np.asarray(H, dtype=np.float64))",
                    "np.sort(np.diag(np.asarray(H, dtype=np.float64)))",
                ),
            ),
        ),
        Misconception(
            name="bound_one_over_l",
            part="stable_lr",
            summary="Your bound is half of what is possible.",
            nudge="Try one and a half times your bound on 1/2 x^2, by hand: does it diverge?",
            edits=(("2 / _eigenvalues(H)[-1]", "1 / _eigenvalues(H)[-1]"),),
        ),
        Misconception(
            name="bound_from_trace",
            part="stable_lr",
            summary="Your bound uses the sum of all curvatures, not the largest one.",
            nudge="Do steep directions add up, or does each diverge on its own?",
            edits=(("2 / _eigenvalues(H)[-1]", "2 / _eigenvalues(H).sum()"),),
        ),
        Misconception(
            name="bound_from_flattest",
            part="stable_lr",
            summary="Your bound belongs to the flattest direction.",
            nudge="Which direction blows up first when lr grows?",
            edits=(("2 / _eigenvalues(H)[-1]", "2 / _eigenvalues(H)[0]"),),
        ),
        Misconception(
            name="newton_in_steepest",
            part="optimal_lr",
            summary="Your step size is the best one for the steepest direction alone.",
            nudge="How fast does the flattest direction shrink with your step size?",
            edits=(("2 / (eigenvalues[0] + eigenvalues[-1])", "1 / eigenvalues[-1]"),),
        ),
        Misconception(
            name="mean_curvature",
            part="optimal_lr",
            summary="Your step size is one over the mean of all the eigenvalues.",
            nudge="Add one more direction of middling curvature: should the best step size change?",
            edits=(("2 / (eigenvalues[0] + eigenvalues[-1])", "1 / eigenvalues.mean()"),),
        ),
        Misconception(
            name="one_over_sum",
            part="optimal_lr",
            summary="Your step size is half of the best one.",
            nudge="For H = (1) a single step can end exactly in the minimum: with which lr, and what is yours?",
            edits=(("2 / (eigenvalues[0] + eigenvalues[-1])", "1 / (eigenvalues[0] + eigenvalues[-1])"),),
        ),
        Misconception(
            name="armijo_without_slope",
            part="backtracking",
            summary="Your search accepts any step at which f does not rise.",
            nudge="Steps that fall by less and less may stop short of the minimum. What does c ask for?",
            edits=(("f(x - t * g) <= here - c * t * (g @ g)", "f(x - t * g) <= here"),),
        ),
        Misconception(
            name="armijo_without_t",
            part="backtracking",
            summary="Your search asks for the same fall from every step, however short.",
            nudge="How much can f fall over a step of length nearly 0?",
            edits=(("f(x - t * g) <= here - c * t * (g @ g)", "f(x - t * g) <= here - c * (g @ g)"),),
        ),
        Misconception(
            name="norm_not_squared",
            part="backtracking",
            summary="Your search uses the length of the gradient where its square belongs.",
            nudge="What is the slope of f(x - t g) as a function of t, at t = 0?",
            edits=(("(g @ g)", "np.sqrt(g @ g)"),),
        ),
        Misconception(
            name="strictly_less",
            part="backtracking",
            summary="Your search rejects a step at which f falls by exactly what was asked for.",
            nudge="Which comparison does the condition use? Think of a start in the minimum.",
            edits=(("f(x - t * g) <= here", "f(x - t * g) < here"),),
        ),
        Misconception(
            name="nan_accepted",
            part="backtracking",
            summary="Your search accepts a step to where f is nan.",
            nudge="What is nan > 1, and what does your loop make of it?",
            edits=(
                (
                    "if f(x - t * g) <= here - c * t * (g @ g):",
                    "if not f(x - t * g) > here - c * t * (g @ g):",
                ),
            ),
        ),
        Misconception(
            name="one_beta_too_many",
            part="backtracking",
            summary="Your search shortens the step once before its first try.",
            nudge="Which step size is tried first?",
            edits=(("here, g, t = f(x), grad(x), t0", "here, g, t = f(x), grad(x), t0 * beta"),),
        ),
        Misconception(
            name="gradient_asked_again",
            part="backtracking",
            summary="Your search computes f(x) and the gradient at x anew for every try.",
            nudge="What changes from one try to the next, and what doesn't?",
            edits=(
                (
                    "    for _ in range(max_iter):\n",
                    "    for _ in range(max_iter):\n        here, g = f(x), grad(x)\n",
                ),
            ),
        ),
    ),
)
