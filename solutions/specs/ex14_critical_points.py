"""Cases, misconceptions and hints for 14."""

import numpy as np

from grader.spec import T64, T64L, TFD, Case, Equivalent, Exercise, Misconception, Part, Tolerance

# Second derivatives from gradients. A landscape is a name, or a matrix and a linear term.


def differentiate(student, landscape, x, h):
    """The matrix, and how far the points where grad was called are from x, in order of size."""
    visited = []

    def grad(point):
        visited.append(np.array(point, dtype=np.float64))
        return gradient(landscape, point)

    H = student.hessian_from_grad(grad, x, h)
    moves = sorted(farthest_entry(point - x) for point in visited)
    return {"hessian": H, "calls of grad": len(visited), "moves along the axes": moves}


def differentiate_by_default(student, landscape, x):
    visited = []

    def grad(point):
        visited.append(np.array(point, dtype=np.float64))
        return gradient(landscape, point)

    H = student.hessian_from_grad(grad, x)
    moves = sorted(farthest_entry(point - x) for point in visited)
    return {"hessian": H, "calls of grad": len(visited), "moves along the axes": moves}


def farthest_entry(move):
    return float(move.flat[np.abs(move).argmax()])


def gradient(landscape, point):
    x = np.array(point, dtype=np.float64)
    if landscape == "himmelblau":
        a, b = x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7
        return np.array([4 * x[0] * a + 2 * b, 2 * a + 4 * x[1] * b])
    if landscape == "monkey saddle":
        return np.array([3 * x[0] ** 2 - 3 * x[1] ** 2, -6 * x[0] * x[1]])
    if landscape == "two layers":  # half the squared error of the network b a with target 1
        return np.array([x[1], x[0]]) * (x[0] * x[1] - 1)
    if landscape == "waves":  # sum of sin(x_i) sin(x_j) over neighbours
        return np.cos(x) * (np.sin(np.roll(x, 1)) + np.sin(np.roll(x, -1)))
    return landscape["H"] @ x + landscape["b"]


def rarity(student, n, num, seed):
    """The share, and the generator's next number, which tells how much was drawn."""
    rng = np.random.default_rng(seed)
    share = student.goe_minimum_fraction(n, num, rng)
    return {"share": share, "next number of rng": rng.standard_normal()}


def hessian_cases(rng):
    def case(name, landscape, x, h):
        return Case(f"hessian: {name}", {"landscape": landscape, "x": x, "h": h}, driver=differentiate)

    def default(name, landscape, x, tolerance=None):
        inputs = {"landscape": landscape, "x": x}
        return Case(f"hessian: {name}", inputs, driver=differentiate_by_default, tolerance=tolerance)

    parabola = {"H": np.array([[2.0, 1.0], [1.0, 3.0]]), "b": np.array([1.0, -1.0])}
    wide = {"H": planted(rng, rng.uniform(-3, 3, 7))[0], "b": rng.standard_normal(7)}
    yield case("a parabola, h 0.5", parabola, np.array([1.0, 2.0]), 0.5)
    yield case("one dimension", {"H": np.array([[4.0]]), "b": np.zeros(1)}, np.array([3.0]), 0.25)
    yield case("a parabola in 7 dimensions", wide, rng.standard_normal(7), 1e-2)
    yield case("a step for each axis", parabola, np.array([1.0, 2.0]), np.array([0.5, 0.125]))
    yield case("Himmelblau's function, h 0.5", "himmelblau", np.array([1.0, -2.0]), 0.5)
    yield case("Himmelblau's function, steps 0.5 and 0.1", "himmelblau", np.array([1.0, -2.0]), np.array([0.5, 0.1]))
    yield case("the monkey saddle, steps 1 and 0.2", "monkey saddle", np.array([0.3, 0.7]), np.array([1.0, 0.2]))
    yield case("waves, h 0.3", "waves", rng.uniform(-2, 2, 5), 0.3)
    yield case("waves, steps of their own", "waves", rng.uniform(-2, 2, 4), np.array([0.5, 0.1, 0.3, 0.2]))
    yield case("waves, steps 1 and 0.01", "waves", np.array([0.5, -0.4]), np.array([1.0, 0.01]))
    yield case("waves, h 1e-4", "waves", rng.uniform(-2, 2, 5), 1e-4)
    yield case("far out, a given h isn't scaled", wide, 1e3 * rng.standard_normal(7), 0.5)
    yield case("h as an integer", parabola, np.array([1.0, 2.0]), 1)
    yield case("h as a float32 array", parabola, np.array([1.0, 2.0]), np.array([0.5, 0.25], dtype=np.float32))
    yield default("h by default, near 0", "two layers", np.zeros(2))
    yield default("h by default, entries below 1", "waves", np.array([0.9, -0.1, 0.0]))
    yield default("h by default, entries above 1", "waves", np.array([3.0, -7.0, 0.5, 40.0]))
    far, cancelled = 1e4 * np.array([1.0, -2.0, 0.0, 1.0, -1.0, 0.5, 3.0]), Tolerance(1e-5, 1e-6)
    yield default("h by default, entries of 1e4", wide, far, cancelled)
    yield default("h by default, Himmelblau's function", "himmelblau", rng.uniform(-3, 3, 2))
    yield default("an 8-bit point", "waves", np.array([2, -128, 0], dtype=np.int8))
    yield default("a float32 point", "waves", np.array([2.5, -1.0, 0.25], dtype=np.float32))
    yield default("every other entry, backwards", "waves", rng.uniform(-2, 2, 6)[::-2])
    yield default("a read-only point", "waves", np.broadcast_to(np.float64(0.7), 3))
    yield case("the parabola again", parabola, np.array([1.0, 2.0]), 0.5)


def planted(rng, eigenvalues):
    """A matrix with these eigenvalues, and its eigenvectors as columns, each with an entry that stands out."""
    d = len(eigenvalues)
    while True:
        basis, _ = np.linalg.qr(rng.standard_normal((d, d)))
        sizes = np.sort(np.abs(basis), axis=0)
        if d == 1 or ((sizes[-1] - sizes[-2] > 1e-3).all() and (d > 3 or (sizes[0] > 0.1).all())):
            break
    H = (basis * np.asarray(eigenvalues, dtype=np.float64)) @ basis.T
    return (H + H.T) / 2, basis


HIMMELBLAU = (
    (3.0, 2.0), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848127), (-0.270845, -0.923039),
    (3.385154, 0.073852), (0.086678, 2.884255), (-3.073026, -0.081353), (-0.127961, -1.953715),
)  # fmt: skip


def himmelblau_hessian(x, y):
    mixed = 4 * x + 4 * y
    return np.array([[12 * x**2 + 4 * y - 42, mixed], [mixed, 12 * y**2 + 4 * x - 26]])


def classify_cases(rng):
    tight = T64L._replace(floor=0.0)

    def case(name, H, g=None, tolerance=None, **options):
        g = np.zeros(len(H)) if g is None else g
        return Case(f"kind: {name}", {"g": g, "H": H, **options}, tolerance=tolerance)

    bowl, _ = planted(rng, [1.0, 3.0])
    saddle, _ = planted(rng, [-1.0, 2.0, 5.0])
    yield case("a bowl", np.diag([2.0, 1.0]))
    yield case("a dome", np.diag([-2.0, -1.0]))
    yield case("a saddle", np.diag([1.0, -3.0]))
    yield case("a saddle that the diagonal hides", np.array([[1.0, 3.0], [3.0, 1.0]]))
    yield case("a slope", np.diag([2.0, 1.0]), np.array([0.5, 0.0]))
    yield case("a slope on a saddle", saddle, np.array([0.0, 1e-3, 0.0]))
    yield case("a slope downwards only", bowl, np.array([-0.5, -0.2]))
    yield case("one dimension, a minimum", np.array([[0.5]]))
    yield case("one dimension, a maximum", np.array([[-0.5]]))
    yield case("one dimension, x^3 or x^4", np.array([[0.0]]))
    yield case("a valley floor", np.diag([0.0, 1.0]))
    yield case("a ridge", np.diag([0.0, -1.0, -2.0]))
    yield case("a rotated ridge", planted(rng, [-2.0, -1.0, 0.0])[0])
    yield case("a saddle with a flat direction", planted(rng, [-1.0, 0.0, 4.0])[0])
    yield case("the monkey saddle", np.zeros((2, 2)))
    yield case("two layers at 0", np.array([[0.0, -1.0], [-1.0, 0.0]]))
    yield case("two negative eigenvalues of four, determinant positive", planted(rng, [-2.0, -1.0, 1.0, 3.0])[0])
    yield case("two negative eigenvalues of three, trace positive", planted(rng, [-2.0, -1.0, 7.0])[0])
    yield case("four negative eigenvalues", planted(rng, [-4.0, -3.0, -2.0, -1.0])[0])
    yield case("one negative eigenvalue of forty", planted(rng, [-1.0, *np.linspace(0.5, 9.0, 39)])[0])
    yield case("forty positive eigenvalues", planted(rng, np.linspace(0.5, 9.0, 40))[0])
    yield case("a narrow valley, eigenvalues 1e-4 and 1", planted(rng, [1e-4, 1.0])[0])
    for scale in (1e-10, 1e10):
        yield case(f"a bowl times {scale:g}", scale * bowl, tolerance=tight)
        yield case(f"a saddle times {scale:g}", scale * saddle, tolerance=tight)
        yield case(
            f"a saddle with a flat direction times {scale:g}",
            scale * planted(rng, [-1.0, 0.0, 4.0])[0],
            tolerance=tight,
        )
        yield case(f"a ridge times {scale:g}", scale * np.diag([0.0, -1.0, -2.0]), tolerance=tight)
    yield case("a curvature of 1e-5 is zero for rtol 1e-2", planted(rng, [-1e-5, 1.0, 2.0])[0], rtol=1e-2)
    yield case("a curvature of 1e-5 counts for rtol 1e-9", planted(rng, [-1e-5, 1.0, 2.0])[0], rtol=1e-9)
    yield case("a curvature of 1e-6 counts by default", planted(rng, [1e-6, 1.0, 2.0])[0])
    yield case("a curvature of 5e-9 is zero by default", np.diag([5e-9, 1.0]))
    yield case("a curvature of 2e-8 counts by default", np.diag([2e-8, 1.0]))
    yield case("two curvatures of exactly tau", np.diag([4.0, 2.0, -2.0]), rtol=0.5)
    yield case("tau by the largest eigenvalue, not by their length", planted(rng, [0.7, 1.0, 1.1])[0], rtol=0.5)
    yield case("rtol 0", np.diag([1e-30, 1.0]), rtol=0.0)
    yield case("the largest entry of g exactly gtol", bowl, np.array([1e-6, -1e-6]))
    yield case("the largest entry of g above gtol", bowl, np.array([0.0, -1.1e-6]))
    yield case("each entry of g below gtol, the norm above", bowl, np.array([0.8e-6, 0.8e-6]))
    yield case("a gtol of 0.1", bowl, np.array([0.05, -0.09]), gtol=0.1)
    yield case("a gtol of 1e-9", bowl, np.array([1e-8, 0.0]), gtol=1e-9)
    for x, y in HIMMELBLAU:
        yield case(f"Himmelblau at ({x:.1f}, {y:.1f})", himmelblau_hessian(x, y))
    lopsided = np.array([[1.0, 6.0], [-1.0, 1.0]])
    yield case("H with different halves", lopsided)
    yield case("H with different halves, transposed", lopsided.T)
    yield case("integers", np.array([[3, 1], [1, -2]]), np.array([0, 0]))
    small = np.array([[100, 60], [60, -100]], dtype=np.int8)
    yield case("8-bit integers", small, np.zeros(2, dtype=np.int8))
    single = rng.standard_normal((4, 4)).astype(np.float32)
    yield case("float32, with different halves", single, np.zeros(4, dtype=np.float32), tolerance=T64)
    yield case("another memory layout", np.asfortranarray(saddle)[::-1, ::-1])
    drawn = rng.uniform(0.5, 5.0, 5) * rng.choice([-1.0, 1.0], 5)
    yield case("drawn eigenvalues", planted(rng, np.sort(drawn))[0])
    yield case("the bowl again", bowl)


def escape_cases(rng):
    def case(name, H):
        return Case(f"escape: {name}", {"H": H})

    yield case("along the second axis", np.diag([1.0, -3.0]))
    yield case("along the first axis", np.diag([-1.0, 3.0]))
    yield case("a 2 x 2 saddle", np.array([[1.0, 2.0], [2.0, -2.0]]))
    yield case("no escape from a bowl", np.diag([2.0, 1.0]))
    yield case("no escape from a rotated bowl", planted(rng, [1.0, 2.0, 3.0])[0])
    yield case("no escape where the smallest is 0", np.diag([0.0, 1.0]))
    yield case("no escape from a plane", np.zeros((3, 3)))
    yield case("two layers at 0", np.array([[0.0, -1.0], [-1.0, 0.0]]))
    yield case("from a dome, the steepest way", planted(rng, [-5.0, -2.0, -1.0])[0])
    yield case("a small negative among large positive eigenvalues", planted(rng, [-0.1, 5.0, 10.0])[0])
    yield case("negative by 1e-6 only", planted(rng, [-1e-6, 1.0, 2.0])[0])
    yield case("negative by 1e-20, on the diagonal", np.diag([-1e-20, 1.0]))
    yield case("an eigenvalue of -1e6", 1e6 * planted(rng, [-1.0, 0.0, 2.0])[0])
    for i in range(6):
        d = int(rng.integers(2, 9))
        yield case(f"random saddle {i + 1}", planted(rng, [-2.0, *rng.uniform(-1.0, 4.0, d - 1)])[0])
    for largest in (0, 2):
        v = np.full(3, -0.3)
        v[largest] = 0.8
        yield case(f"largest entry at {largest}, others of the other sign", np.eye(3) - 3 * np.outer(v, v) / (v @ v))
    yield case("thirty dimensions", planted(rng, [-3.0, *np.linspace(-2.0, 9.0, 29)])[0])
    yield case("one dimension, a maximum", np.array([[-2.0]]))
    yield case("one dimension, a minimum", np.array([[2.0]]))
    yield case("H with different halves", np.array([[1.0, 6.0], [-1.0, 0.5]]))
    yield case("H with different halves, transposed", np.array([[1.0, -1.0], [6.0, 0.5]]))
    yield case("integers", np.array([[1, 2], [2, -2]]))
    yield case("8-bit integers", np.array([[100, 60], [60, -100]], dtype=np.int8))
    yield case("float32", np.array([[1.0, 2.0], [2.0, -2.0]], dtype=np.float32))
    yield case("another memory layout", np.asfortranarray(planted(rng, [-1.0, 2.0, 5.0])[0])[::-1, ::-1])
    yield case("the 2 x 2 saddle again", np.array([[1.0, 2.0], [2.0, -2.0]]))


def rarity_cases(rng):
    def case(name, n, num):
        return Case(f"rarity: {name}", {"n": n, "num": num, "seed": int(rng.integers(2**31))})

    yield case("1 x 1: a coin", 1, 40)
    yield case("2 x 2", 2, 200)
    yield case("3 x 3", 3, 400)
    yield case("4 x 4", 4, 2000)
    yield case("8 x 8: no minimum to be expected", 8, 50)
    yield case("one matrix", 2, 1)
    yield case("as many matrices as rows", 3, 3)
    yield case("2 x 2, five times", 2, 5)
    yield case("2 x 2 once more, 1000 matrices", 2, 1000)


DEFAULT_STEP = "np.cbrt(np.finfo(np.float64).eps) * np.maximum(1, np.abs(x))"
QUOTIENT = "(grad(x + step) - grad(x - step)) / (2 * step[i])"
SPECTRUM = "eigenvalues = np.linalg.eigvalsh(_symmetric(H))"
DETERMINANT = """

def classify_critical_point(g, H, gtol=1e-6, rtol=1e-8):
    H = _symmetric(H)
    eigenvalues = np.linalg.eigvalsh(H)
    down = eigenvalues < -rtol * np.abs(eigenvalues).max()
    determinant, trace = np.linalg.det(H), np.trace(H)
    if np.abs(g).max() > gtol:
        kind = "not_critical"
    elif abs(determinant) <= rtol * np.abs(eigenvalues).max() ** len(H):
        kind = "degenerate"
    elif determinant < 0 and len(H) > 1:
        kind = "saddle"
    else:
        kind = "local_min" if trace > 0 else "local_max"
    return {"kind": kind, "index": float(down.mean()), "eigenvalues": eigenvalues}
"""
FLIP = "return v * np.sign(v[np.abs(v).argmax()])"
STACK = "np.linalg.eigvalsh((A + A.swapaxes(1, 2)) / 2)"
SHARE = "float((eigenvalues > 0).all(axis=1).mean())"

exercise = Exercise(
    parts=(
        Part(
            name="hessian_from_grad",
            cases=hessian_cases,
            tolerance=TFD,
            hints=(
                "Second derivatives are first derivatives of the gradient: how does it change along one axis?",
                "For axis i, take the gradients at x + h[i] e_i and at x - h[i] e_i; their difference belongs to a "
                "distance of twice h[i].",
                "Stack the d quotients as rows of a matrix and return (H + H.T) / 2. np.broadcast_to makes one h out "
                "of a number as well as of an array.",
            ),
        ),
        Part(
            name="classify_critical_point",
            cases=classify_cases,
            tolerance=T64L,
            hints=(
                "In the coordinates of the eigenvectors the landscape goes up or down along each axis by itself.",
                "np.linalg.eigvalsh of the symmetric matrix, then tau from the largest absolute value: two boolean "
                "arrays, up and down, hold all you need.",
                "Check in the given order: the gradient first, then up.any() and down.any(), then whether something is "
                "neither up nor down.",
            ),
        ),
        Part(
            name="escape_direction",
            cases=escape_cases,
            tolerance=T64L,
            hints=(
                "Where the gradient is zero the curvature decides: go where it is most negative.",
                "np.linalg.eigh sorts the eigenvalues in ascending order, and its eigenvectors are columns.",
                "An eigenvector may come with either sign: look at the entry at np.abs(v).argmax() and turn v around "
                "if that is negative.",
            ),
        ),
        Part(
            name="goe_minimum_fraction",
            cases=rarity_cases,
            driver=rarity,
            hints=(
                "Draw all matrices in a single call, then make each of them symmetric.",
                "A.swapaxes(1, 2) transposes every matrix of the stack; np.linalg.eigvalsh works on stacks.",
                "A minimum needs all n eigenvalues above 0: all along the last axis, then the mean.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            name="one_sided_differences",
            part="hessian_from_grad",
            summary="Your differences are one-sided: they compare with the gradient at x itself.",
            nudge="Which of the two neighbours of x does your code never visit?",
            edits=((QUOTIENT, "(grad(x + step) - grad(x)) / step[i]"),),
        ),
        Misconception(
            name="half_the_distance",
            part="hessian_from_grad",
            summary="Your second derivatives are twice too large: the two points are further apart than you divide by.",
            nudge="How far is x + h from x - h?",
            edits=((QUOTIENT, "(grad(x + step) - grad(x - step)) / step[i]"),),
        ),
        Misconception(
            name="not_symmetrised",
            part="hessian_from_grad",
            summary="Your matrix is returned as the differences left it, which isn't quite symmetric.",
            nudge="Compare the matrix with its transpose when the steps along the axes differ.",
            edits=(
                ("return _symmetric([(grad", "return np.array([(grad"),
                ("for i, step in enumerate(steps)])", "for i, step in enumerate(steps)]).T"),
            ),
        ),
        Misconception(
            name="given_step_scaled",
            part="hessian_from_grad",
            summary="Your code scales a given h with the size of x.",
            nudge="Whose decision is the step if it is given?",
            edits=(
                (
                    "    steps = np.diag(np.broadcast_to(np.asarray(h, dtype=np.float64), x.shape))\n",
                    "    else:\n"
                    "        h = np.asarray(h, dtype=np.float64) * np.maximum(1, np.abs(x))\n"
                    "    steps = np.diag(np.broadcast_to(np.asarray(h, dtype=np.float64), x.shape))\n",
                ),
            ),
        ),
        Misconception(
            name="step_not_scaled",
            part="hessian_from_grad",
            summary="Your default step is the same along every axis, however large the entry of x.",
            nudge="How many digits of x + h survive if x is 10 000 and h is 0.000006?",
            edits=((DEFAULT_STEP, "np.cbrt(np.finfo(np.float64).eps)"),),
        ),
        Misconception(
            name="square_root_step",
            part="hessian_from_grad",
            summary="Your default step is the square root of the machine epsilon, which suits one-sided differences.",
            nudge="The error of central differences falls faster with h: should their best h be larger or smaller?",
            edits=((DEFAULT_STEP, DEFAULT_STEP.replace("cbrt", "sqrt")),),
        ),
        Misconception(
            name="diagonal_only",
            part="classify_critical_point",
            summary="Your code judges by the diagonal entries of H.",
            nudge="Turn the coordinates by 45 degrees: does the point become another kind?",
            edits=(
                (SPECTRUM, SPECTRUM.replace("np.linalg.eigvalsh(_symmetric(H))", "np.sort(np.diag(_symmetric(H)))")),
            ),
        ),
        Misconception(
            name="determinant_test",
            part="classify_critical_point",
            summary="Your code takes a positive determinant for a minimum or a maximum.",
            nudge="What is the sign of the product of two negative and two positive eigenvalues?",
            code=DETERMINANT,
        ),
        Misconception(
            name="flat_is_minimum",
            part="classify_critical_point",
            summary="Your code calls a point a minimum although a direction is flat to second order.",
            nudge="Compare x^3, x^4 and -x^4 at 0: what do their second derivatives say?",
            edits=(
                (
                    '        return "degenerate"\n',
                    '        return "local_min" if not down.any() else "local_max"\n',
                ),
            ),
        ),
        Misconception(
            name="degenerate_before_saddle",
            part="classify_critical_point",
            summary="Your code calls every point with a zero eigenvalue degenerate, though others may settle it.",
            nudge="One direction goes up, one goes down, one is flat: could this be a minimum?",
            edits=(
                (
                    '    if up.any() and down.any():\n        return "saddle"\n    if not (up | down).all():\n'
                    '        return "degenerate"\n',
                    '    if not (up | down).all():\n        return "degenerate"\n    if up.any() and down.any():\n'
                    '        return "saddle"\n',
                ),
            ),
        ),
        Misconception(
            name="gradient_not_checked",
            part="classify_critical_point",
            summary="Your code never looks at the gradient.",
            nudge="Is every point critical?",
            edits=(('"not_critical" if np.abs(g).max() > gtol else _kind(up, down)', "_kind(up, down)"),),
        ),
        Misconception(
            name="signed_gradient",
            part="classify_critical_point",
            summary="Your code compares the entries of g with gtol without their absolute values.",
            nudge="Is a slope of -5 a small one?",
            edits=(("np.abs(g).max() > gtol", "np.max(g) > gtol"),),
        ),
        Misconception(
            name="gradient_norm",
            part="classify_critical_point",
            summary="Your code compares the Euclidean norm of g with gtol.",
            nudge="Which measure of g does the description name?",
            edits=(("np.abs(g).max() > gtol", "np.linalg.norm(g) > gtol"),),
        ),
        Misconception(
            name="index_counts_positive",
            part="classify_critical_point",
            summary="Your index is the share of positive eigenvalues.",
            nudge="What is the index of a minimum?",
            edits=(('"index": float(down.mean())', '"index": float(up.mean())'),),
        ),
        Misconception(
            name="index_as_count",
            part="classify_critical_point",
            summary="Your index is the number of negative eigenvalues, not their share.",
            nudge="Which index has a maximum in two dimensions, and which in two million?",
            edits=(('"index": float(down.mean())', '"index": float(down.sum())'),),
        ),
        Misconception(
            name="absolute_tolerance",
            part="classify_critical_point",
            summary="Your code compares the eigenvalues with a fixed number, whatever the scale of the loss.",
            nudge="Multiply the loss by 1e-10: does a bowl stop being a bowl?",
            edits=(("tau = rtol * np.abs(eigenvalues).max()", "tau = rtol"),),
        ),
        Misconception(
            name="no_tolerance",
            part="classify_critical_point",
            summary="Your code takes the sign of an eigenvalue that is zero but for rounding.",
            nudge="What does eigvalsh return for a matrix of rank 1?",
            edits=(("tau = rtol * np.abs(eigenvalues).max()", "tau = 0.0"),),
        ),
        Misconception(
            name="one_half_read",
            part=("classify_critical_point", "escape_direction"),
            summary="Your code hands H to an eigenvalue routine that reads one half of it only.",
            nudge="What does np.linalg.eigvalsh do with the entries above the diagonal?",
            edits=(
                (SPECTRUM, SPECTRUM.replace("_symmetric(H)", "np.asarray(H, dtype=np.float64)")),
                ("np.linalg.eigh(_symmetric(H))", "np.linalg.eigh(np.asarray(H, dtype=np.float64))"),
            ),
        ),
        Misconception(
            name="rows_for_columns",
            part="escape_direction",
            summary="Your direction is a row of the matrix of eigenvectors.",
            nudge="Multiply H by your direction: do you get a multiple of it?",
            edits=(("v = vectors[:, 0]", "v = vectors[0]"),),
        ),
        Misconception(
            name="largest_magnitude",
            part="escape_direction",
            summary="Your direction belongs to the eigenvalue that is largest in absolute value.",
            nudge="A steep rise is no way out. Which eigenvalue falls away most?",
            edits=(
                ("if eigenvalues[0] >= 0:", "i = np.abs(eigenvalues).argmax()\n    if eigenvalues[0] >= 0:"),
                ("v = vectors[:, 0]", "v = vectors[:, i]"),
            ),
        ),
        Misconception(
            name="always_a_direction",
            part="escape_direction",
            summary="Your code returns a direction even where nothing goes down.",
            nudge="Which direction should lead out of a bowl?",
            edits=(("    if eigenvalues[0] >= 0:\n        return None\n", ""),),
        ),
        Misconception(
            name="sign_left_open",
            part="escape_direction",
            summary="Your direction has the sign that the eigenvalue routine happens to return.",
            nudge="v and -v are both eigenvectors. Which of them is asked for?",
            edits=((FLIP, "return v.copy()"),),
        ),
        Misconception(
            name="first_entry_positive",
            part="escape_direction",
            summary="Your direction's first entry is made positive, not its largest.",
            nudge="What would this rule do if the first entry were zero?",
            edits=((FLIP, "return -v if v[0] < 0 else v.copy()"),),
        ),
        Misconception(
            name="scaled_by_eigenvalue",
            part="escape_direction",
            summary="Your direction isn't of length 1: it is scaled by the eigenvalue.",
            nudge="What is the norm of your direction?",
            edits=((FLIP, FLIP + " * np.abs(eigenvalues[0])"),),
        ),
        Misconception(
            name="positive_determinant",
            part="goe_minimum_fraction",
            summary="Your code counts the matrices with a positive determinant.",
            nudge="How many negative eigenvalues can a positive determinant hide?",
            edits=((SHARE, "float((eigenvalues.prod(axis=1) > 0).mean())"),),
        ),
        Misconception(
            name="share_of_eigenvalues",
            part="goe_minimum_fraction",
            summary="Your share is over eigenvalues, so it is about a half.",
            nudge="Is a matrix with half of its eigenvalues positive half a minimum?",
            edits=((SHARE, "float((eigenvalues > 0).mean())"),),
        ),
        Misconception(
            name="independent_coins",
            part="goe_minimum_fraction",
            summary="Your share is 2 to the power of -n, as if the signs of the eigenvalues were independent coins.",
            nudge="Eigenvalues of a random matrix keep their distance from each other. What about their signs?",
            edits=((SHARE, "0.5**n"),),
        ),
        Misconception(
            name="triangle_mirrored",
            part="goe_minimum_fraction",
            summary="Your matrices mirror one triangle of A instead of averaging both.",
            nudge="How large is the variance of an entry off the diagonal of (A + A') / 2?",
            edits=((STACK, "np.linalg.eigvalsh(A)"),),
        ),
        Misconception(
            name="drawn_twice",
            part="goe_minimum_fraction",
            summary="Your code draws more numbers than asked for.",
            nudge="Run the generator on after the call: where should it stand?",
            edits=((STACK, "np.linalg.eigvalsh((A + rng.standard_normal((num, n, n)).swapaxes(1, 2)) / 2)"),),
        ),
    ),
    equivalents=(
        Equivalent(
            "return v * np.sign(v[np.abs(v).argmax()])",
            "return v / np.sign(v[np.abs(v).argmax()])",
            "a sign is 1 or -1",
        ),
        Equivalent(
            "if not (up | down).all():",
            "if not (up + down).all():",
            "a sum of booleans is their disjunction",
        ),
        Equivalent(
            "if not (up | down).all():",
            "if not (up ^ down).all():",
            "no eigenvalue is both up and down",
        ),
        Equivalent(
            "eigenvalues = np.linalg.eigvalsh((A + A.swapaxes(1, 2)) / 2)",
            "eigenvalues = np.linalg.eigvalsh((A + A.swapaxes(1, 2)) * 2)",
            "a positive factor leaves the signs of the eigenvalues alone",
        ),
        Equivalent(
            "eigenvalues = np.linalg.eigvalsh((A + A.swapaxes(1, 2)) / 2)",
            "eigenvalues = np.linalg.eigvalsh((A + A.swapaxes(1, 2)) / 3)",
            "a positive factor leaves the signs of the eigenvalues alone",
        ),
        Equivalent(
            "eigenvalues = np.linalg.eigvalsh((A + A.swapaxes(1, 2)) / 2)",
            "eigenvalues = np.linalg.eigvalsh((A + A.swapaxes(1, 2)) / 1)",
            "a positive factor leaves the signs of the eigenvalues alone",
        ),
        Equivalent(
            "return float((eigenvalues > 0).all(axis=1).mean())",
            "return float((eigenvalues >= 0).all(axis=1).mean())",
            "no eigenvalue of a random matrix is exactly 0",
        ),
    ),
)
