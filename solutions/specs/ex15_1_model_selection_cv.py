"""Rows carry their number in column 0, so that models made here can tell which rows they were shown."""

import types

import numpy as np

from grader.spec import Case, Exercise, Misconception, Part

# Drivers


def shuffled_folds(student, n, k, seed):
    rng = np.random.default_rng(seed)
    return {"folds": student.kfold(n=n, k=k, rng=rng), "next draw": rng.random()}


def kfold_of_numpy_numbers(student, n, k):
    return student.kfold(n=np.int64(n), k=np.int64(k))


def stratified(student, y, k, seed):
    rng = np.random.default_rng(seed)
    y = np.array(y) if isinstance(y, list) else y  # strings travel in a list
    return {"folds": student.stratified_kfold(y=y, k=k, rng=rng), "next draw": rng.random()}


def validate(student, X, y, folds):
    """Scores of a ridge regression on standardised columns, and the rows that each fit was shown."""
    scaler, model, seen = standardiser(), ridge(), []
    watched = watch(model, scaler, seen)
    scores = student.cross_validate(X=X, y=y, folds=folds, preprocess=scaler, model=watched)
    return {"scores": scores, "for each fold": seen}


def validate_by_hits(student, X, y, folds):
    """Scores that are whole numbers: how many signs are right."""
    scaler, model = standardiser(), ridge()

    def hits(X, y):
        return int(np.sum((X[:, 1:] @ model.w > 0) == (y > 0)))

    counting = types.SimpleNamespace(fit=model.fit, score=hits)
    return student.cross_validate(X=X, y=y, folds=folds, preprocess=scaler, model=counting)


def watch(model, scaler, seen):
    """The model, noting at each score which rows it and the preprocessing were fitted on, and which it is shown."""

    def score(X, y):
        fitted = {"preprocess was fitted on": scaler.rows, "model was fitted on": model.rows}
        seen.append({**fitted, "scored on": numbers(X)})
        return model.score(X, y)

    return types.SimpleNamespace(fit=model.fit, score=score)


def standardiser():
    """Centres and scales all columns but the row number; fit remembers nothing of earlier fits."""
    self = types.SimpleNamespace(rows=None)

    def fit(X):
        self.rows, self.mean, self.std = numbers(X), X[:, 1:].mean(axis=0), X[:, 1:].std(axis=0)

    def apply(X):
        return np.column_stack([X[:, 0], (X[:, 1:] - self.mean) / self.std])

    self.fit, self.apply = fit, apply
    return self


def ridge():
    """Ridge regression on all columns but the row number; the score is minus the mean squared error."""
    self = types.SimpleNamespace(rows=None)

    def fit(X, y):
        Z = X[:, 1:]
        self.rows, self.w = numbers(X), np.linalg.solve(Z.T @ Z + np.eye(Z.shape[1]), Z.T @ y)

    def score(X, y):
        return -np.mean((X[:, 1:] @ self.w - y) ** 2)

    self.fit, self.score = fit, score
    return self


def numbers(X):
    """The row numbers in column 0, ascending."""
    return np.sort(X[:, 0])


def nested(student, X, y, outer, inner_k, candidates, skill, luck, seed):
    """Models whose score is their skill on the rows shown plus a bit for the rows they were trained on."""
    rng, judged, strange = np.random.default_rng(seed), [[] for _ in outer], []
    held_out = [set(val.tolist()) for _, val in outer]

    def own_rows(part, labels):
        rows = part[:, 0].astype(int)
        if not np.array_equal(labels, y[rows]):
            strange.append(rows)
        return rows

    def factory(candidate):
        self = types.SimpleNamespace(rows=None)
        index = candidates.index(candidate)

        def fit(X, y):
            self.rows = own_rows(X, y)

        def score(X, y):
            rows = own_rows(X, y)
            for fold in [i for i, val in enumerate(held_out) if val == set(rows.tolist())]:
                note_judgement(judged[fold], candidate, self.rows)
            return np.mean(skill[index][rows]) + np.mean(luck[index][self.rows]) + 0.1 * np.mean(y)

        self.fit, self.score = fit, score
        return self

    scores = student.nested_cv(
        X=X, y=y, outer=outer, inner_k=inner_k, candidates=candidates, model_factory=factory, rng=rng
    )
    seen = {"scored on the outer rows": judged, "times that y didn't belong to the rows of X": len(strange)}
    return {"scores": scores, **seen, "next draw": rng.random()}


def nested_by_rows(student, X, y, outer, inner_k, candidates, seed):
    """Scores that are whole numbers: how many rows a model is shown."""

    def factory(candidate):
        return types.SimpleNamespace(fit=lambda X, y: None, score=lambda X, y: len(X))

    return student.nested_cv(
        X=X,
        y=y,
        outer=outer,
        inner_k=inner_k,
        candidates=candidates,
        model_factory=factory,
        rng=np.random.default_rng(seed),
    )


def note_judgement(judged, candidate, rows):
    entry = {"candidate": candidate, "was trained on": np.sort(rows)}
    if not any(e["candidate"] == candidate and np.array_equal(e["was trained on"], np.sort(rows)) for e in judged):
        judged.append(entry)


# Cases


def kfold_cases(rng):
    def case(name, n, k, driver=None, **more):
        return Case(f"folds: {name}", {"n": n, "k": k, **more}, driver=driver)

    yield case("6 rows, 3 folds", 6, 3)
    yield case("10 rows, 4 folds", 10, 4)
    yield case("two folds", 7, 2)
    yield case("each row alone", 5, 5)
    yield case("two rows, two folds", 2, 2)
    yield case("one row short of full", 11, 4)
    yield case("one row too many", 9, 4)
    yield case("100 rows, 7 folds", 100, 7)
    yield case("shuffled, 12 rows, 3 folds", 12, 3, shuffled_folds, seed=int(rng.integers(2**31)))
    yield case("shuffled, 23 rows, 5 folds", 23, 5, shuffled_folds, seed=int(rng.integers(2**31)))
    yield case("shuffled, each row alone", 9, 9, shuffled_folds, seed=int(rng.integers(2**31)))
    yield case("numpy integers", 8, 3, kfold_of_numpy_numbers)
    yield case("one fold", 5, 1)
    yield case("no fold", 5, 0)
    yield case("more folds than rows", 4, 5)
    yield case("no row", 0, 2)
    yield case("10 rows, 4 folds, again", 10, 4)


def stratified_cases(rng):
    def case(name, y, k):
        return Case(f"stratified: {name}", {"y": y, "k": k, "seed": int(rng.integers(2**31))})

    yield case("two classes of three, three folds", [0, 0, 0, 1, 1, 1], 3)
    yield case("a rare class", [0] * 8 + [1] * 4, 4)
    yield case("classes that don't divide evenly", [0] * 5 + [1] * 5 + [2] * 5, 4)
    yield case("classes in mixed order", rng.permutation([0] * 7 + [1] * 6 + [2] * 10), 5)
    yield case("a class with fewer rows than folds", rng.permutation([0] * 9 + [1] * 2), 4)
    yield case("many small classes", rng.permutation(np.repeat(np.arange(7), 3)), 4)
    yield case("one class", [5] * 7, 3)
    yield case("labels below 0 and far apart", rng.permutation([-3] * 5 + [100] * 6 + [7] * 4), 3)
    yield case("strings", rng.permutation(["cat"] * 5 + ["ant"] * 4 + ["bee"] * 6).tolist(), 4)
    yield case("floats", rng.permutation([0.5] * 5 + [-1.5] * 4), 2)
    yield case("uint8 labels", rng.integers(0, 4, 50).astype(np.uint8), 6)
    yield case("labels read backwards", rng.integers(0, 3, 31)[::-1], 5)
    yield case("as many folds as rows", [1, 0, 1, 0, 1], 5)
    yield case("one fold", [0, 1, 0, 1], 1)
    yield case("more folds than rows", [0, 1, 0, 1], 5)
    yield case("no row", np.zeros(0, dtype=np.int64), 2)


def validate_cases(rng):
    def data(n, d):
        X = rng.normal(rng.normal(0, 3, d), rng.uniform(0.5, 5, d), (n, d))
        y = X @ rng.normal(size=d) + rng.normal(size=n)
        return np.column_stack([np.arange(n), X]), y

    def case(name, X, y, folds):
        return Case(f"cross-validation: {name}", {"X": X, "y": y, "folds": folds})

    def cut(n, sizes, shuffle=True):
        order = rng.permutation(n) if shuffle else np.arange(n)
        pieces = np.split(order, np.cumsum(sizes)[:-1])
        return [(np.setdiff1d(np.arange(n), piece), np.sort(piece)) for piece in pieces]

    X, y = data(24, 3)
    yield case("two halves", *data(8, 1), cut(8, [4, 4], shuffle=False))
    yield case("four folds", X, y, cut(24, [6, 6, 6, 6]))
    yield case("folds of different sizes", X, y, cut(24, [9, 8, 4, 3]))
    yield case("each row alone", *data(9, 2), cut(9, [1] * 9))
    drifting = X + np.column_stack([np.zeros(24), np.repeat(np.arange(24)[:, None], 3, axis=1)])
    yield case("rows that drift", drifting, y, cut(24, [8, 8, 8], shuffle=False))
    outlier = X.copy()
    outlier[5, 1:] += 1000.0
    yield case("an outlier", outlier, y, cut(24, [6, 6, 6, 6]))
    yield case("a single fold", X, y, cut(24, [12, 12])[:1])
    yield case("Fortran order", np.asfortranarray(X), y[::-1], cut(24, [8, 8, 8]))
    yield case("scores that are whole numbers", X, y, cut(24, [9, 8, 7]))._replace(driver=validate_by_hits)
    yield case("four folds, once more", X, y, cut(24, [6, 6, 6, 6]))


def one_se_cases(rng):
    def case(name, scores, complexity):
        return Case(f"one standard error: {name}", {"scores": np.array(scores), "complexity": np.array(complexity)})

    def around(means, spread, k):
        """Scores with exactly these means and this sample standard deviation."""
        noise = rng.normal(size=(len(means), k))
        noise -= noise.mean(axis=1, keepdims=True)
        return np.array(means)[:, None] + spread * noise / noise.std(axis=1, ddof=1, keepdims=True)

    yield case("the best is clearly best", [[0.9, 0.9], [0.5, 0.6]], [5, 1])
    yield case("a simpler model is within one standard error", [[0.6, 1.0], [0.7, 0.7], [0.2, 0.3]], [9, 3, 1])
    yield case("the best is the simplest, too", around([0.9, 0.89, 0.88], 0.1, 5), [1, 2, 3])
    yield case("25 folds: the error of a mean", around([0.9, 0.85, 0.87, 0.885], 0.1, 25), [10, 1, 2, 3])
    yield case("several are good enough", around([0.82, 0.9, 0.89, 0.88], 0.1, 9), [1, 9, 4, 6])
    yield case("the standard error of the best, not of the others", around([0.9, 0.8], 0.01, 4) + wide(4), [2, 1])
    yield case("two folds: ddof 1", around([0.9, 0.84], 0.1, 2), [2, 1])
    yield case("between n and n - 1", around([0.9, 0.845], 0.1, 3), [2, 1])
    yield case("one lucky fold", [[0.5, 0.5, 0.5, 1.0], [0.7, 0.7, 0.7, 0.75], [0.1, 0.2, 0.1, 0.1]], [1, 2, 3])
    yield case("equal complexity: the higher mean", around([0.9, 0.87, 0.89], 0.1, 4), [5, 2, 2])
    yield case("all equal: the first", [[0.5, 0.75], [0.75, 0.5], [0.5, 0.75]], [2, 2, 2])
    same = [[0.5, 0.5, 0.5], [0.25, 0.5, 0.75], [0.375, 0.5, 0.5]]
    yield case("equal means: the error of the first", same, [3, 2, 1])
    yield case("equal means: the other way round", [same[1], same[0], same[2]], [3, 2, 1])
    yield case("exactly one standard error below", [[0.0, 2.0], [0.0, 0.0]], [2, 1])
    yield case("a hair more than one standard error below", [[0.0, 2.0], [-1e-9, -1e-9]], [2, 1])
    yield case("no spread at all", [[0.5, 0.5], [0.75, 0.75], [0.25, 0.25]], [1, 3, 2])
    yield case("one model", [[0.5, 0.7]], [4])
    yield case("negative scores", around([-1.0, -1.02, -3.0], 0.2, 6), [7, 4, 1])
    yield case("complexity as floats", around([0.9, 0.88, 0.89], 0.1, 4), [0.5, 0.25, 0.75])
    yield case("any", rng.normal(0.0, 1.0, (12, 6)), rng.permutation(12))
    yield case("any others", rng.normal(0.0, 1.0, (20, 3)), rng.permutation(20))
    yield case("float32 scores", np.float32(around([0.9, 0.88, 0.6], 0.1, 4)), [3, 2, 1])
    yield case("scores of hits out of 8", [[6, 8, 7], [7, 6, 7], [1, 2, 1]], [3, 2, 1])


def wide(k):
    """Adds spread to the second of two models."""
    return np.array([np.zeros(k), 0.3 * np.resize([-1.0, 1.0], k)])


def nested_cases(rng):
    # No inner validation set is as large as an outer one: the driver tells them apart by their rows.
    def case(name, n, sizes, inner_k, candidates, skill=None, luck=None, shuffle=True, X=None):
        order = rng.permutation(n) if shuffle else np.arange(n)
        pieces = np.split(order, np.cumsum(sizes)[:-1])
        outer = [(np.setdiff1d(np.arange(n), piece), np.sort(piece)) for piece in pieces]
        m = len(candidates)
        inputs = {
            "X": np.column_stack([np.arange(n), rng.normal(size=n)]) if X is None else X,
            "y": rng.normal(size=n),
            "outer": outer,
            "inner_k": inner_k,
            "candidates": candidates,
            "skill": rng.normal(size=(m, n)) if skill is None else skill,
            "luck": rng.normal(size=(m, n)) if luck is None else luck,
            "seed": int(rng.integers(2**31)),
        }
        return Case(f"nested: {name}", inputs)

    clear = np.array([[0.0] * 12, [1.0] * 12, [2.0] * 12])
    yield case("one candidate is better everywhere", 12, [6, 6], 2, ["a", "b", "c"], clear, 0 * clear, shuffle=False)
    yield case("three outer folds", 18, [6, 6, 6], 3, ["a", "b", "c"])
    yield case("outer folds of different sizes", 20, [8, 7, 5], 5, ["a", "b", "c", "d"])
    yield case("inner folds that don't divide evenly", 22, [6, 6, 5, 5], 5, [0.1, 1.0, 10.0])
    yield case("many candidates", 24, [8, 8, 8], 4, list(range(30)))
    yield case("one candidate", 12, [4, 4, 4], 4, ["only"])
    same = np.repeat(rng.normal(size=(1, 15)), 3, axis=0)
    yield case("candidates that score the same: the first", 15, [5, 5, 5], 3, ["a", "b", "c"], same, 0 * same)
    held = np.zeros((2, 16))
    held[0], held[1, :8] = 0.5, 3.0
    yield case(
        "a candidate that shines on held-out rows only", 16, [8, 8], 4, ["steady", "shiny"], held, 0 * held, False
    )
    spiky = np.full((2, 16), 0.5)
    spiky[0, [0, 8]], spiky[0, [1, 9]] = 4.0, -4.0
    yield case("one lucky fold", 16, [8, 8], 8, ["spiky", "even"], spiky, 0 * spiky, False)
    yield case("tuples as candidates", 14, [7, 7], 2, [(1, "l2"), (2, "l1"), (3, "l1")])
    penalties = [{"penalty": name, "C": 0.5} for name in ("l1", "l2", "none")]
    yield case("dictionaries as candidates", 14, [7, 7], 2, penalties)
    # A row in a fold of its own weighs more than others; whoever averages over rows prefers the last candidate.
    one_row_each = np.vstack([np.eye(9), np.full(9, 0.29)])
    yield case("the mean over folds, not over rows", 9, [5, 4], 3, list(range(10)), one_row_each, 0 * one_row_each)
    counted = case("scores that are whole numbers", 14, [8, 6], 2, ["a", "b"])
    inputs = {name: value for name, value in counted.inputs.items() if name not in ("skill", "luck")}
    yield counted._replace(inputs=inputs, driver=nested_by_rows)
    yield case("a single outer fold", 12, [6, 6], 3, ["a", "b", "c"])


def optimism_cases(rng):
    def case(name, val_scores, fresh_scores):
        inputs = {"val_scores": np.array(val_scores), "fresh_scores": np.array(fresh_scores)}
        return Case(name, inputs)

    yield case("two models", [0.8, 0.6], [0.5, 0.55])
    yield case("another model is best on fresh rows", [0.75, 0.5, 0.25], [0.25, 0.5, 0.875])
    yield case("a lucky fresh score", [0.5, 0.75], [0.5, 1.0])
    yield case("equal validation scores: the first", [0.5, 0.75, 0.75], [0.125, 0.25, 0.5])
    yield case("one model", [0.9], [0.7])
    yield case("negative scores", [-3.0, -1.0, -2.0], [-0.5, -4.0, -0.25])
    skill = rng.normal(size=200)
    yield case("200 models", skill + rng.normal(size=200), skill + rng.normal(size=200))
    yield case("100 equal models", rng.normal(0.7, 0.05, 100), rng.normal(0.7, 0.05, 100))
    yield case("hits out of 10", [7, 9, 8], [8, 6, 9])
    yield case("bytes", np.array([100, 200], dtype=np.uint8), np.array([90, 250], dtype=np.uint8))


PARTS = (
    Part(
        "kfold",
        kfold_cases,
        hints=(
            "Every row validates exactly once and trains in all other folds.",
            "Order the rows first (as they are, or by one permutation), then cut that order into k pieces.",
            "n // k is the size of most pieces, and the first n % k have one row more. np.array_split cuts like that. "
            "Sort each piece; the training rows are all the others.",
        ),
    ),
    Part(
        "stratified_kfold",
        stratified_cases,
        hints=(
            "Deal the rows of a class like cards; then no fold can have two more of them than another.",
            "Two loops: over the classes in ascending order, and over the shuffled rows of the class.",
            "Carry the number of the next fold on from one class to the next. Laid end to end, the shuffled rows of "
            "all classes go to the folds 0, 1, ..., k - 1, 0, 1, ...",
        ),
        driver=stratified,
    ),
    Part(
        "cross_validate",
        validate_cases,
        hints=(
            "A mean and a standard deviation are parameters, too: somebody has learnt them from rows.",
            "Fit the preprocessing inside the loop over the folds, just before the model.",
            "In each fold: preprocess.fit on the training rows, model.fit on what apply makes of them, model.score on "
            "what apply makes of the validation rows.",
        ),
        driver=validate,
    ),
    Part(
        "select_one_se",
        one_se_cases,
        hints=(
            "First find the best mean, then how uncertain that mean is, then who is within reach.",
            "The standard deviation tells how much one fold's score varies. The mean of k folds varies less: by the "
            "root of k.",
            "Among the models within reach sort by complexity, then by mean (higher first), then by index.",
        ),
    ),
    Part(
        "nested_cv",
        nested_cases,
        hints=(
            "The outer fold's validation rows must not exist for whoever makes the choice.",
            "Inside the loop over the outer folds, cut X and y down to the training rows; then do an ordinary "
            "cross-validation of every candidate on them.",
            "kfold gives positions within the training rows. The winner is trained once more, on all of them, before "
            "it meets the outer validation rows.",
        ),
        driver=nested,
        uses=("kfold", "nested_cv"),
    ),
    Part(
        "optimism",
        optimism_cases,
        hints=(
            "One index does it all.",
            "Where is the highest validation score, and what did that very model get on fresh rows?",
            "np.argmax takes the first of several maxima. Subtract as floats.",
        ),
    ),
)

PAIRS = "[(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(k)]"
CHOSEN = "return int(min(good, key=lambda i: (complexity[i], -means[i], i)))"

MISCONCEPTIONS = (
    Misconception(
        "remainder_dropped",
        "kfold",
        "Your folds all have n // k rows, so the rows that are left over never validate.",
        "Join the validation rows of all folds. Is every row there?",
        edits=(
            ("enumerate(np.array_split(order, k))", "enumerate(order[: n // k * k].reshape(k, -1))"),
            ("    fold_of = np.empty(n, dtype=np.int64)\n    for", "    fold_of = np.full(n, -1)\n    for"),
        ),
    ),
    Misconception(
        "larger_folds_last",
        "kfold",
        "Your larger folds come last.",
        "Ten rows in four folds: which folds have three rows?",
        edits=(
            (
                "enumerate(np.array_split(order, k))",
                "enumerate(np.split(order, [n // k * i + max(0, i - k + n % k) for i in range(1, k)]))",
            ),
        ),
    ),
    Misconception(
        "val_in_train",
        ("kfold", "stratified_kfold"),
        "Your training rows include the validation rows.",
        "Intersect train_idx and val_idx. What should be left?",
        edits=((PAIRS, PAIRS.replace("fold_of != fold", "fold_of == fold_of")),),
    ),
    Misconception(
        "rng_ignored",
        "kfold",
        "Your folds are cut from the rows as they lie, also with an rng.",
        "The rows of a file are often sorted by class. Which classes are in the first fold then?",
        edits=(("order = np.arange(n) if rng is None else rng.permutation(n)", "order = np.arange(n)"),),
    ),
    Misconception(
        "dealing_restarts",
        "stratified_kfold",
        "Your dealing starts at the first fold again for every class, so the first folds get all the odd rows.",
        "Three classes of five rows, four folds: how large is the first fold?",
        edits=(
            (
                "fold_of[order] = np.arange(len(y)) % k",
                "fold_of[order] = np.concatenate([np.arange(np.sum(y == label)) % k for label in np.unique(y)])",
            ),
        ),
    ),
    Misconception(
        "classes_in_blocks",
        "stratified_kfold",
        "Your folds get consecutive pieces of each class instead of every k-th row.",
        "Deal the shuffled rows one by one: which folds do the first two rows of a class go to?",
        edits=(
            (
                "fold_of[order] = np.arange(len(y)) % k",
                "for rows in np.split(order, np.cumsum(np.unique(y, return_counts=True)[1])[:-1]):\n"
                "        for fold, piece in enumerate(np.array_split(rows, k)):\n"
                "            fold_of[piece] = fold",
            ),
        ),
    ),
    Misconception(
        "not_stratified",
        "stratified_kfold",
        "Your folds don't look at the labels.",
        "How many rows of the rarest class does each fold get?",
        edits=(
            (
                "np.concatenate([rng.permutation(np.flatnonzero(y == label)) for label in np.unique(y)])",
                "rng.permutation(len(y))",
            ),
        ),
    ),
    Misconception(
        "scaled_before_cv",
        "cross_validate",
        "Your preprocessing is fitted once on all rows, so it has seen every validation row.",
        "Write down which rows preprocess.fit is shown. Does any of them validate later?",
        edits=(
            (
                "    scores = []\n    for train, val in folds:\n        preprocess.fit(X[train])",
                "    scores = []\n    preprocess.fit(X)\n    for train, val in folds:",
            ),
        ),
    ),
    Misconception(
        "refitted_on_validation",
        "cross_validate",
        "Your code fits the preprocessing to the validation rows as well, so that they are scaled by themselves.",
        "In use, rows come one at a time. Whose mean is subtracted then?",
        edits=(
            (
                "        scores.append(model.score(preprocess.apply(X[val]), y[val]))",
                "        preprocess.fit(X[val])\n        scores.append(model.score(preprocess.apply(X[val]), y[val]))",
            ),
        ),
    ),
    Misconception(
        "validation_not_preprocessed",
        "cross_validate",
        "Your model is scored on validation rows as they are, although it was trained on preprocessed ones.",
        "Which units does the model expect its inputs in?",
        edits=(("model.score(preprocess.apply(X[val]), y[val])", "model.score(X[val], y[val])"),),
    ),
    Misconception(
        "best_fold",
        ("select_one_se", "nested_cv"),
        "Your code judges a model by its best fold, not by the mean over all of them.",
        "A single lucky fold: should it decide?",
        edits=(
            ("means = scores.mean(axis=1)", "means = scores.max(axis=1)"),
            ("return float(np.mean(scores))", "return float(np.max(scores))"),
        ),
    ),
    Misconception(
        "se_without_root",
        "select_one_se",
        "Your standard error is the standard deviation of one score, not of the mean.",
        "Would a hundred folds leave you as uncertain about the mean as four?",
        edits=((" / np.sqrt(scores.shape[1])", ""),),
    ),
    Misconception(
        "se_by_folds",
        "select_one_se",
        "Your standard error is divided by the number of folds instead of its root.",
        "With four times as many scores, how much more certain is a mean?",
        edits=(("np.sqrt(scores.shape[1])", "scores.shape[1]"),),
    ),
    Misconception(
        "population_std",
        "select_one_se",
        "Your standard deviation divides by k, not by k - 1.",
        "What is the difference between ddof=0 and ddof=1 when there are only two folds?",
        edits=((".std(ddof=1)", ".std()"),),
    ),
    Misconception(
        "one_se_most_complex",
        "select_one_se",
        "Your rule takes the most complex of the models that are good enough.",
        "What is the rule for: which of two equally good models would you rather keep?",
        edits=((CHOSEN, CHOSEN.replace("(complexity[i]", "(-complexity[i]")),),
    ),
    Misconception(
        "simplest_without_a_tie_rule",
        "select_one_se",
        "Your rule takes the first of several equally complex models, not the better one.",
        "Two models are equally simple and both good enough. What speaks for one of them?",
        edits=((CHOSEN, CHOSEN.replace("-means[i], ", "")),),
    ),
    Misconception(
        "best_mean_only",
        "select_one_se",
        "Your code takes the model with the best mean, however small its lead.",
        "Is a lead of a tenth of the standard error a lead?",
        edits=((CHOSEN, "return int(best)"),),
    ),
    Misconception(
        "flat_cv",
        "nested_cv",
        "Your code lets the outer validation rows take part in the choice of a candidate.",
        "Is the score you report still one on rows that nothing has seen?",
        edits=(
            (
                "means = [_mean_score(X_train, y_train, inner, model_factory, c) for c in candidates]",
                "means = [_mean_score(X, y, [(train, val)], model_factory, c) for c in candidates]",
            ),
        ),
    ),
    Misconception(
        "winner_not_retrained",
        "nested_cv",
        "Your winner meets the outer rows as it left the last inner fold, trained on a part of the training rows.",
        "How many rows was the model trained on that you score in the end?",
        edits=(
            ("        model.fit(X_train, y_train)", "        model.fit(X_train[inner[-1][0]], y_train[inner[-1][0]])"),
        ),
    ),
    Misconception(
        "inner_indices_on_all_rows",
        "nested_cv",
        "Your inner folds count from the first row of all data, not within the training rows.",
        "Inner row number 0: which row of X is that?",
        edits=(
            ("X_train, y_train = X[train], y[train]", "X_train, y_train = X, y"),
            ("        model.fit(X_train, y_train)", "        model.fit(X[train], y[train])"),
        ),
    ),
    Misconception(
        "test_picked",
        "optimism",
        "Your code chooses the model that is best on the fresh rows.",
        "Which scores may the choice depend on?",
        edits=(("np.argmax(val_scores)", "np.argmax(fresh_scores)"),),
    ),
    Misconception(
        "best_against_best",
        "optimism",
        "Your code compares the best validation score with the best fresh score, of two different models.",
        "Which model would be put to use, and how does that very model do on fresh rows?",
        edits=(("float(fresh_scores[chosen])", "float(np.max(fresh_scores))"),),
    ),
)

exercise = Exercise(parts=PARTS, misconceptions=MISCONCEPTIONS)
