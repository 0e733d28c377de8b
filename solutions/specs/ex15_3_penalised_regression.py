"""Cases, misconceptions and hints for 15-3: small regressions with a unique minimum, known to many digits."""

from collections.abc import Iterator

import numpy as np

from grader.spec import T64L, Case, Equivalent, Exercise, Misconception, Part, Tolerance

MINIMUM = Tolerance(1e-5, 1e-5)  # what the violation that the stub allows may do to the weights

# Drivers


def fitted(student, X, y, alpha, l1_ratio):
    """The fit, which weights are exactly 0, and whether it meets its conditions as closely as is asked for."""
    fit = student.elastic_net(X, y, alpha, l1_ratio)
    if not isinstance(fit, (tuple, list)) or len(fit) != 2 or not isinstance(fit[0], np.ndarray):
        return fit
    w, b = fit
    fits = w.shape == X.shape[1:] and isinstance(b, (int, float, np.generic, np.ndarray)) and np.ndim(b) == 0
    close = fits and bool(missed(X + 0.0, y + 0.0, w, b, alpha, l1_ratio) <= 1e-8)
    return {"w": w, "b": b, "exactly 0": w == 0, "violation at most 1e-8": close}


def missed(X, y, w, b, alpha, l1_ratio):
    """The violation of the conditions, as a share of the larger of 1 and the largest covariance of a column with y."""
    r = y - X @ w - b
    s, l1 = X.T @ r / len(y) - alpha * (1 - l1_ratio) * w, alpha * l1_ratio
    violation = max(np.where(w != 0, np.abs(s - l1 * np.sign(w)), np.abs(s) - l1).max(), abs(r.mean()))
    return violation / max(1.0, np.abs((X - X.mean(axis=0)).T @ (y - y.mean()) / len(y)).max())


# Cases


def data(rng: np.random.Generator, n: int, d: int, noise: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(n, d))
    return X, X @ np.where(rng.random(d) < 0.5, rng.normal(0, 2, d), 0.0) + noise * rng.normal(size=n) + 1.0


PAIR = np.array([[1.0], [-1.0]]), np.array([3.0, 1.0])  # centred: X (1, -1), y (1, -1)
CORNERS = np.array([[-1, -1, 1, 1, -1, -1, 1, 1], [-1, 1, -1, 1, -1, 1, -1, 1], [-1] * 4 + [1] * 4]).T.astype(float)


def ridge_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, X, y, alpha, tolerance=None):
        return Case(f"ridge: {name}", {"X": X, "y": y, "alpha": alpha}, tolerance=tolerance)

    yield case("two points, by hand", *PAIR, 2.0)
    yield case("a very strong penalty leaves the mean", *PAIR, 1e9)
    yield case("without penalty, an exact line", np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]), 0.0)
    X, y = data(rng, 20, 4)
    for alpha in (0.0, 0.1, 1.0, 30.0):
        yield case(f"20 samples, 4 columns, alpha {alpha:g}", X, y, alpha)
    yield case("y shifted by 100", X, y + 100, 5.0)
    yield case("X shifted by 10", X + 10, y, 5.0)
    yield case("all rows twice", np.vstack([X, X]), np.concatenate([y, y]), 5.0)
    yield case("columns of very different size", X * [0.01, 1.0, 10.0, 100.0], y, 2.0)
    yield case("more columns than rows", *data(rng, 6, 15), 0.5)
    yield case("as many columns as rows", *data(rng, 7, 7), 0.5)
    yield case("two identical columns share the weight", X[:, [0, 0, 1]], y, 1.0)
    constant = np.column_stack([X[:, 0], np.full(20, 3.0), X[:, 1]])
    yield case("a constant column gets nothing", constant, y, 1.0)
    yield case("integers", rng.integers(-5, 6, (12, 3)), rng.integers(-9, 10, 12), 1.0)
    yield case(
        "uint8 pixels", rng.integers(0, 256, (12, 3)).astype(np.uint8), rng.integers(0, 256, 12).astype(np.uint8), 3.0
    )
    yield case("two samples", *data(rng, 2, 1), 0.5)
    yield case("other memory layouts", np.asfortranarray(X)[::-1], y[::-1], 1.0)
    yield case("read-only rows", np.broadcast_to(X[0], (20, 4)), y, 1.0)
    yield case("a second identical call", X, y, 1.0)


def threshold_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, x, t):
        return Case(f"soft threshold: {name}", {"x": x, "t": t})

    yield case("large and positive", np.array([3.0, 1.5]), 1.0)
    yield case("both signs, above and below", np.array([2.0, -2.0, 0.3, -0.3, 0.0]), 0.5)
    yield case("exactly at the threshold", np.array([0.5, -0.5]), 0.5)
    yield case("just above it", np.array([0.500001, -0.500001]), 0.5)
    yield case("a threshold of 0", rng.normal(size=5), 0.0)
    yield case("a matrix", rng.normal(size=(4, 5)), 0.7)
    yield case("three axes", rng.normal(size=(2, 3, 2)), 0.7)
    yield case("0-d", np.array(-1.7), 0.5)
    yield case("empty", np.zeros((0, 3)), 0.5)
    yield case("integers", np.array([-3, -1, 0, 1, 3]), 2)
    yield case("integers, half a threshold", np.array([-3, -1, 0, 1, 3]), 0.5)
    yield case("uint8", np.array([0, 1, 3, 200], np.uint8), 2)
    yield case("size 1e10 and 1e-10", np.array([1e10, -1e10, 1e-10, -1e-10]), 1e-11)
    yield case("other memory layouts", np.asfortranarray(rng.normal(size=(4, 3)))[::-1], 0.5)
    yield case("read-only", np.broadcast_to(np.array([1.0, -2.0]), (3, 2)), 0.5)


def elastic_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, X, y, alpha, l1_ratio, driver=fitted):
        inputs = {"X": X, "y": y, "alpha": alpha, "l1_ratio": l1_ratio}
        return Case(f"elastic net: {name}", inputs, driver=driver)

    yield case("one column by hand, only |w|^2", *PAIR, 1.0, 0.0)
    yield case("one column by hand, only |w|", *PAIR, 0.25, 1.0)
    yield case("one column by hand, half and half", *PAIR, 0.5, 0.5)
    yield case("independent columns, only |w|", CORNERS, CORNERS @ [2.0, 0.1, -1.0] + 3, 0.5, 1.0)
    yield case("large numbers, tiny weights", 1e5 * CORNERS, CORNERS @ [2.0, 0.1, -1.0] + 3, 0.5, 1.0)
    X, y = data(rng, 20, 5)
    for alpha, l1_ratio in ((0.1, 1.0), (0.4, 1.0), (0.1, 0.5), (1.0, 0.5), (0.5, 0.9), (0.3, 0.0)):
        yield case(f"20 samples, 5 columns, alpha {alpha}, l1_ratio {l1_ratio}", X, y, alpha, l1_ratio)
    yield case("so strong that nothing is left", X, y, 1e3, 1.0)
    yield case("y shifted by 100", X, y + 100, 0.4, 0.7)
    yield case("X shifted by 10", X + 10, y, 0.4, 0.7)
    yield case("all rows twice", np.vstack([X, X]), np.concatenate([y, y]), 0.4, 0.7)
    yield case("columns of different size", X * [0.1, 0.3, 1.0, 3.0, 10.0], y, 0.4, 0.7)
    common = rng.normal(size=(20, 1))
    related = 0.5 * X + common
    yield case("columns that are alike", related, related @ [1.0, -1.0, 0.0, 2.0, 0.0] + 0.3 * X[:, 0], 0.1, 0.8)
    yield case("more columns than rows, only |w|", *data(rng, 12, 18), 0.5, 1.0)
    yield case("more columns than rows", *data(rng, 12, 18), 0.5, 0.5)
    yield case("two identical columns share the weight", X[:, [0, 0, 1]], y, 0.1, 0.5)
    constant = np.column_stack([X[:, 0], np.full(20, 3.0), X[:, 1]])
    yield case("a constant column gets nothing, only |w|", constant, y, 0.1, 1.0)
    yield case("a constant column gets nothing, only |w|^2", constant, y, 0.1, 0.0)
    yield case("integers", rng.integers(-5, 6, (12, 3)), rng.integers(-9, 10, 12), 0.5, 0.5)
    pixels = rng.integers(0, 8, (12, 3)).astype(np.uint8)
    yield case("uint8", pixels, rng.integers(0, 256, 12).astype(np.uint8), 0.5, 0.5)
    yield case("other memory layouts", np.asfortranarray(X)[::-1], y[::-1], 0.3, 0.6)
    yield case("a second identical call", X, y, 0.1, 0.5)
    yield case("a plain call", X, y, 0.2, 0.5, driver=None)


def kkt_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, X, y, w, b, alpha, l1_ratio):
        inputs = {"X": X, "y": y, "w": np.array(w), "b": b, "alpha": alpha, "l1_ratio": l1_ratio}
        return Case(f"conditions: {name}", inputs)

    X, y = PAIR
    yield case("at the minimum, by hand", X, y, [0.75], 2.0, 0.25, 1.0)
    yield case("a weight of 1, by hand", X, y, [1.0], 2.0, 0.25, 1.0)
    yield case("a weight of 0 that should not be, by hand", X, y, [0.0], 2.0, 0.25, 1.0)
    yield case("a weight of 0 that is right", X, y, [0.0], 2.0, 1.5, 1.0)
    yield case("only the intercept is wrong", X, y, [0.75], 2.5, 0.25, 1.0)
    target = CORNERS @ [2.0, 0.1, -1.0] + 3
    yield case("three columns, at the minimum", CORNERS, target, [1.5, 0.0, -0.5], 3.0, 0.5, 1.0)
    yield case("three columns, at the other minimum", CORNERS, target, [1.4, 0.0, -0.6], 3.0, 0.5, 0.5)
    yield case("a negative weight is too large", CORNERS, target, [1.5, 0.0, -0.9], 3.0, 0.5, 1.0)
    yield case("a weight has the wrong sign", CORNERS, target, [1.5, 0.0, 0.5], 3.0, 0.5, 1.0)
    yield case("a zero weight isn't zero", CORNERS, target, [1.5, 0.01, -0.5], 3.0, 0.5, 1.0)
    yield case("a tiny weight isn't zero", CORNERS, target, [1.5, 1e-12, -0.5], 3.0, 0.5, 1.0)
    X, y = data(rng, 15, 4)
    some = rng.normal(size=4) * [1, 0, 1, 1]
    for alpha, l1_ratio in ((0.1, 1.0), (0.5, 0.5), (2.0, 0.0), (5.0, 0.9)):
        yield case(f"random weights, alpha {alpha}, l1_ratio {l1_ratio}", X, y, some, 0.8, alpha, l1_ratio)
    yield case("all weights 0", X, y, np.zeros(4), float(y.mean()), 0.2, 0.7)
    yield case("the intercept is worst", X, y, 0.01 * some, 100.0, 0.2, 0.7)
    yield case("all rows twice", np.vstack([X, X]), np.concatenate([y, y]), some, 0.8, 0.5, 0.5)
    yield case("more columns than rows", *data(rng, 4, 9), rng.normal(size=9), 0.3, 0.4, 0.6)
    yield case("integers", rng.integers(-5, 6, (6, 3)), rng.integers(-9, 10, 6), [1, 0, -2], 1, 1, 0.5)
    small = np.array([[100, 90], [-100, 50], [7, -80]], dtype=np.int8)
    yield case("8-bit integers", small, small[:, 0], small[0, :] // 30, 3, 1.0, 0.5)
    yield case("other memory layouts", np.asfortranarray(X)[::-1], y[::-1], some[::-1], 0.8, 0.5, 0.5)
    yield case("a second identical call", X, y, some, 0.8, 0.5, 0.5)


def dof_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, X, alpha):
        return Case(f"degrees of freedom: {name}", {"X": X, "alpha": alpha})

    yield case("independent columns, half of 3", CORNERS, 8.0)
    yield case("independent columns, hardly any penalty", CORNERS, 1e-4)
    X = rng.normal(size=(20, 5))
    for alpha in (0.1, 1.0, 10.0, 1e4):
        yield case(f"20 samples, 5 columns, alpha {alpha:g}", X, alpha)
    yield case("X shifted by 10", X + 10, 3.0)
    yield case("a constant column", np.column_stack([X[:, 0], np.full(20, 3.0), X[:, 1]]), 3.0)
    yield case("all rows twice", np.vstack([X, X]), 3.0)
    yield case("more columns than rows", rng.normal(size=(4, 9)), 0.7)
    yield case("more columns than rows, far from the origin", rng.normal(size=(4, 9)) + 5, 0.7)
    yield case("two identical columns", X[:, [0, 0, 1]], 3.0)
    yield case("columns of different size", X * [0.1, 0.3, 1.0, 3.0, 10.0], 3.0)
    yield case("one column", X[:, :1], 3.0)
    yield case("columns of size 1e-6", 1e-6 * X, 3e-12)
    yield case("integers", rng.integers(-5, 6, (8, 3)), 2.0)
    yield case("uint8", rng.integers(0, 256, (8, 3)).astype(np.uint8), 100.0)
    yield case("other memory layouts", np.asfortranarray(X)[::-1], 3.0)


def decay_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, w, g, kind, lr=0.1, wd=0.5, **scale):
        return Case(f"decay: {name} ({kind})", {"w": w, "g": g, "lr": lr, "wd": wd, "kind": kind, **scale})

    w, g = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    second = rng.uniform(0.1, 3.0, (3, 4))
    for kind in ("l2", "decoupled"):
        yield case("by hand", np.array([1.0, -2.0]), np.array([0.5, 0.0]), kind)
        yield case("no gradient", w, np.zeros((3, 4)), kind)
        yield case("no decay", w, g, kind, wd=0.0)
        yield case("a matrix", w, g, kind)
        yield case("another learning rate", w, g, kind, lr=0.01)
        yield case("divided by 4", np.array([1.0, -2.0]), np.array([0.5, 0.0]), kind, scale=4.0)
        yield case("divided by an array", w, g, kind, scale=second)
        yield case("no gradient, divided by an array", w, np.zeros((3, 4)), kind, scale=second)
        yield case("a scale for each column", w, g, kind, scale=second[0])
        yield case("a scale for each row", w, g, kind, scale=second[:, :1])
        yield case("0-d", np.array(2.0), np.array(0.5), kind)
        yield case("empty", np.zeros((0, 2)), np.zeros((0, 2)), kind)
        small = np.array([100, -90], dtype=np.int8)
        yield case("8-bit integers", small, small[::-1] + 0, kind, lr=2, wd=3)
        yield case("integers", np.array([1, -2, 3]), np.array([4, 0, -1]), kind, lr=0.5, wd=1)
        yield case(
            "other memory layouts", np.asfortranarray(w)[::-1], np.broadcast_to(g[0], (3, 4)), kind, scale=second
        )
        yield case("a second identical call", w, g, kind)
    for kind in ("L2", "adamw", ""):
        yield case("refused", w, g, kind)


NET_PENALTIES = "l1, l2 = alpha * l1_ratio, alpha * (1 - l1_ratio)"
SHRINK = "return np.sign(x) * np.maximum(np.abs(x) - t, 0)"
ROUNDS = "X: np.ndarray, y: np.ndarray, alpha: float, l1_ratio: float, tol: float = 1e-10, max_iter: int = 10_000"
FEW_ROUNDS = ("for _ in range(max_iter):", "for _ in range(9):")  # a wrong threshold may never come to rest
VIOLATIONS = "violations = np.where(w != 0, np.abs(s - l1 * np.sign(w)), np.abs(s) - l1)"
DECOUPLED = "return (1 - lr * wd) * w - lr * g / scale"
L2 = "return w - lr * (g + wd * w) / scale"

exercise = Exercise(
    parts=(
        Part(
            "ridge",
            ridge_cases,
            hints=(
                "Without b this is a least squares problem with a penalty; how can b be got rid of?",
                "At the minimum the residuals have mean 0, which gives b for any w. Put in, this leaves X and y "
                "without their means. Then set the gradient by w to zero.",
                "Solve (Xc.T @ Xc + alpha * I) w = Xc.T @ yc with np.linalg.solve; b is the mean of y - X @ w.",
            ),
            tolerance=T64L,
            returns=("w", "b"),
        ),
        Part(
            "soft_threshold",
            threshold_cases,
            hints=(
                "Every number moves towards 0 by the same distance, and stops there.",
                "Take sign and size apart; only the size changes, and it can't become negative.",
                "np.sign(x) * np.maximum(np.abs(x) - t, 0), after making x floating.",
            ),
        ),
        Part(
            "elastic_net",
            elastic_cases,
            hints=(
                "The penalty is a sum over the weights. Optimise one weight while the others stay, then the next one.",
                "For one weight the problem is a parabola plus |w|: its minimum is a soft threshold of the covariance "
                "of the column with the residuals (its own contribution put back), divided by the curvature.",
                "On centred data: w_j = soft_threshold(X_j . r / n + q_j w_j, alpha l1_ratio) / (q_j + alpha (1 - "
                "l1_ratio)) with q_j the mean square of column j. Go round until nothing moves by more than 1e-10.",
            ),
            driver=fitted,
            tolerance=MINIMUM,
            returns=("w", "b"),
        ),
        Part(
            "kkt_violation",
            kkt_cases,
            hints=(
                "Wherever the function is smooth its slope must be 0; at a kink 0 must lie between the two slopes.",
                "Compute r and s as the docstring says, on the data as they are. Then one number for each column, "
                "depending on whether w_j is 0.",
                "np.where(w != 0, abs(s - l1 * sign(w)), maximum(abs(s) - l1, 0)); then the largest of these and of "
                "abs(r.mean()).",
            ),
        ),
        Part(
            "effective_dof",
            dof_cases,
            hints=(
                "Each direction in which X varies counts as a part of a parameter: the less it varies, the smaller "
                "the part.",
                "Centre X, take its singular values. What does each of them count for alpha = 0, and for a huge alpha?",
                "d = np.linalg.svd(Xc, compute_uv=False); the sum of d**2 / (d**2 + alpha).",
            ),
        ),
        Part(
            "decay_step",
            decay_cases,
            hints=(
                "The two kinds agree as long as scale is 1. What does scale divide?",
                "For l2 the decay is a part of the gradient: add it, then do with the sum what is done with a "
                "gradient.",
                "l2: w - lr * (g + wd * w) / scale. Decoupled: the decay term without the division.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "penalised_intercept",
            "ridge",
            "Your intercept is penalised along with the weights.",
            "Shift y by 100: what should happen to w, and what to b?",
            code="""
def ridge(X, y, alpha):
    A = np.column_stack([X, np.ones(len(X))])
    wb = np.linalg.solve(A.T @ A + alpha * np.eye(A.shape[1]), A.T @ y)
    return wb[:-1], float(wb[-1])
""",
        ),
        Misconception(
            "fitted_without_intercept",
            ("ridge", "elastic_net"),
            "Your weights are fitted as though there were no intercept; it only comes in afterwards.",
            "Add 10 to every entry of X: should the weights change?",
            code="""
def _centred(x):
    return x.astype(np.float64)
""",
        ),
        Misconception(
            "alpha_times_n",
            ("ridge", "elastic_net"),
            "Your code mixes up the sum and the mean of the squared errors, so the penalty has another weight than "
            "asked for.",
            "Write every row down twice: which of the two objectives has its minimum where it was?",
            edits=(
                ("alpha * np.eye(X.shape[1])", "len(y) * alpha * np.eye(X.shape[1])"),
                (NET_PENALTIES, "l1, l2 = alpha * l1_ratio / n, alpha * (1 - l1_ratio) / n"),
            ),
        ),
        Misconception(
            "l1_ratio_reversed",
            "elastic_net",
            "Your code takes l1_ratio for the share of the squared penalty.",
            "Which value of l1_ratio is the lasso?",
            edits=((NET_PENALTIES, "l2, l1 = alpha * l1_ratio, alpha * (1 - l1_ratio)"),),
        ),
        Misconception(
            "half_of_the_squares_missing",
            "elastic_net",
            "Your squared penalty lacks its half.",
            "What is the derivative of a half times the square of w?",
            edits=((NET_PENALTIES, "l1, l2 = alpha * l1_ratio, 2 * alpha * (1 - l1_ratio)"),),
        ),
        Misconception(
            "l1_by_subgradient",
            "elastic_net",
            "Your code follows the sign of the weights downhill: they come close to 0, but never exactly to it.",
            "How many of your weights are exactly 0, and what does a step of fixed length do next to 0?",
            code="""
def elastic_net(X, y, alpha, l1_ratio, tol=1e-10, max_iter=10_000):
    Xc, yc = _centred(X), _centred(y)
    w = np.zeros(X.shape[1])
    lr = 0.5 / max(np.linalg.norm(Xc, 2) ** 2 / len(y), 1e-12)
    for _ in range(300):
        slope = Xc.T @ (Xc @ w - yc) / len(y) + alpha * (1 - l1_ratio) * w
        w = w - lr / (1 + lr * alpha) * (slope + alpha * l1_ratio * np.where(w < 0, -1.0, 1.0))
    return w, float(np.mean(y - X @ w))
""",
        ),
        Misconception(
            "hard_threshold",
            "soft_threshold",
            "Your code keeps what is above the threshold as it is, where everything should move by t.",
            "What should become of a number just above t: does your function jump there?",
            edits=((SHRINK, "return x * (np.abs(x) > t)"), FEW_ROUNDS),
        ),
        Misconception(
            "no_clip",
            "soft_threshold",
            "Your code moves small numbers past 0, to the other side.",
            "Where do you end when you walk a distance of 2 towards a point that is 1 away?",
            edits=((SHRINK, "return np.sign(x) * (np.abs(x) - t)"), FEW_ROUNDS),
        ),
        Misconception(
            "negative_numbers_lost",
            "soft_threshold",
            "Your code makes all negative numbers 0.",
            "What should become of -2 with a threshold of 0.5?",
            edits=((SHRINK, "return np.maximum(x - t, 0)"), FEW_ROUNDS),
        ),
        Misconception(
            "zeros_must_be_flat",
            "kkt_violation",
            "Your code demands that s is 0 where a weight is 0, but there it may be anything up to the penalty.",
            "At the kink of |w|, which slopes does the penalty have?",
            edits=((VIOLATIONS, "violations = np.abs(s - l1 * np.sign(w))"),),
        ),
        Misconception(
            "kkt_without_intercept",
            "kkt_violation",
            "Your code doesn't check the intercept.",
            "What must the residuals have in common at the minimum by b?",
            edits=(("return float(max(violations.max(), abs(r.mean())))", "return float(violations.max())"),),
        ),
        Misconception(
            "kkt_wrong_side",
            "kkt_violation",
            "Your code balances the slope with the penalty on the wrong side: s should have the sign of the weight.",
            "A weight is positive and the penalty pulls it down: in which direction do the data pull?",
            edits=(("np.abs(s - l1 * np.sign(w))", "np.abs(s + l1 * np.sign(w))"),),
        ),
        Misconception(
            "kkt_sum_of_residuals",
            "kkt_violation",
            "Your code sums over the samples, where the objective has a mean.",
            "By what is the squared error divided in the objective?",
            edits=(
                ("s = X.T @ r / len(r) - ", "s = X.T @ r - "),
                ("abs(r.mean())", "abs(r.sum())"),
            ),
        ),
        Misconception(
            "uncentred_dof",
            "effective_dof",
            "Your code takes the singular values of X as it comes, and so counts the direction of its mean.",
            "Add a constant to X: should ridge regression with an intercept become more flexible?",
            edits=(("np.linalg.svd(_centred(X), compute_uv=False)", "np.linalg.svd(X, compute_uv=False)"),),
        ),
        Misconception(
            "dof_without_squares",
            "effective_dof",
            "Your code uses the singular values where their squares are due.",
            "Has alpha the unit of the entries of X, or that of their squares?",
            edits=(("compute_uv=False) ** 2", "compute_uv=False)"),),
        ),
        Misconception(
            "dof_counts_columns",
            "effective_dof",
            "Your code counts the directions of X, whatever the penalty.",
            "What is left of a parameter when the penalty is very strong?",
            edits=(("(squared / (squared + alpha)).sum()", "(squared > 1e-9).sum()"),),
        ),
        Misconception(
            "gradient_factor_2",
            "decay_step",
            "Your L2 decay adds twice as much to the gradient as it should.",
            "What is the derivative of wd / 2 times the square of w?",
            edits=((L2, "return w - lr * (g + 2 * wd * w) / scale"),),
        ),
        Misconception(
            "decoupled_equals_l2_always",
            "decay_step",
            "Your decoupled decay goes through the division by scale, as L2 decay does.",
            "Two weights are equal, and their gradients are zero: should the one with the larger scale decay less?",
            edits=((DECOUPLED, "return w - lr * (g + wd * w) / scale  # decoupled"),),
        ),
        Misconception(
            "l2_decoupled_always",
            "decay_step",
            "Your L2 decay is left out of the division by scale, as if it were decoupled.",
            "The penalty is part of the loss: what happens to every part of the loss's gradient?",
            edits=((L2, "return w - lr * wd * w - lr * g / scale"),),
        ),
        Misconception(
            "decay_without_lr",
            "decay_step",
            "Your decoupled decay shrinks the weights by the fraction wd, whatever the learning rate.",
            "The learning rate falls to a tenth: what should happen to the decay?",
            edits=((DECOUPLED, "return (1 - wd) * w - lr * g / scale"),),
        ),
        Misconception(
            "decay_of_the_new_weights",
            "decay_step",
            "Your decoupled decay shrinks the weights after the step, and the step with them.",
            "Which weights does the docstring say shrink, the old or the new ones?",
            edits=((DECOUPLED, "return (1 - lr * wd) * (w - lr * g / scale)"),),
        ),
    ),
    equivalents=(
        Equivalent(
            VIOLATIONS, VIOLATIONS.replace("l1 * np.sign(w)", "l1 / np.sign(w)"), "where the sign is 0 it isn't used"
        ),
        Equivalent("if largest <= tol:", "if largest < tol:", "no movement is exactly the tolerance"),
        Equivalent("largest = 0.0", "largest = -1.0", "every movement is at least 0"),
        Equivalent(
            "for j in np.flatnonzero(np.diag(gram) > 0):",
            "for j in np.flatnonzero(np.diag(gram) != 0):",
            "a mean square is never negative",
        ),
        Equivalent(ROUNDS, ROUNDS.replace("10_000", "10001"), "no case needs so many rounds"),
        Equivalent(ROUNDS, ROUNDS.replace("10_000", "9999"), "no case needs so many rounds"),
    ),
)
