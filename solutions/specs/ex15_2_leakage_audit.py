"""Duplicates are planted; similarities and AUCs keep a distance from their thresholds."""

import tracemalloc

import numpy as np

from grader.spec import Case, Equivalent, Exercise, Misconception, Part, Speed

# Drivers


def shared_names(student, train_ids, test_ids):
    """Strings travel in lists, there and back."""
    found = student.id_overlap(train_ids=np.array(train_ids, dtype="U8"), test_ids=np.array(test_ids, dtype="U8"))
    if not isinstance(found, np.ndarray):
        return found
    return {"ids": found.tolist(), "kind of array": found.dtype.kind, "dimensions": found.ndim}


def conflicts(student, X, y):
    """Groups as plain lists, also where a group is an array."""
    groups = student.conflicting_labels(X=X, y=y)
    if not isinstance(groups, (list, tuple)):
        return groups
    return [group.tolist() if isinstance(group, np.ndarray) else group for group in groups]


def peak_memory(student, train, test, min_cosine, block):
    """The peak of memory, in units of what is allowed: five tables of a block, eight copies of the data, 256 KiB."""
    rows = len(train) + len(test)
    allowed = 8 * (5 * block * max(len(train), len(test)) + 8 * rows * train.shape[1]) + (1 << 18)
    tracemalloc.start()
    try:
        pairs = student.near_duplicates(train=train, test=test, min_cosine=min_cosine, block=block)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return {"pairs": pairs, "peak memory / what is allowed": 1.0 if peak <= allowed else round(peak / allowed, 1)}


# Cases


def planted(rng, n, m, d, copies):
    """Two sets without common rows, but for `copies` pairs (train, test)."""
    train, test = rng.normal(size=(n, d)), rng.normal(size=(m, d))
    for i, j in copies:
        test[j] = train[i]
    return train, test


def overlap_inputs(rng):
    """Pairs of sets and the names of what is special about them, for exact_overlap and for clean_split."""
    yield (
        "three rows each",
        np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        np.array([[3.0, 4.0], [9.0, 9.0], [1.0, 2.0]]),
    )
    yield "nothing in common", *planted(rng, 6, 5, 3, [])
    yield "several copies", *planted(rng, 20, 15, 4, [(3, 0), (3, 7), (11, 2), (19, 14)])
    yield "all in common", np.arange(12.0).reshape(4, 3), np.arange(12.0).reshape(4, 3)[::-1]
    repeated = np.array([[1.0, 1.0], [2.0, 2.0], [1.0, 1.0], [3.0, 3.0], [3.0, 3.0]])
    yield "rows that occur twice in the same set", repeated, np.array([[5.0, 5.0], [3.0, 3.0], [5.0, 5.0], [3.0, 3.0]])
    yield "the same values in another order", np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[2.0, 1.0], [1.0, 4.0]])
    yield "rows that differ in a single value", repeated, np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 3.000001]])
    yield "zeros of both signs", np.array([[0.0, 1.0], [-0.0, 2.0]]), np.array([[-0.0, 1.0], [0.0, 2.0], [0.0, 3.0]])
    top = np.finfo(np.float64).max
    gap = np.array([[np.nan, 1.0], [2.0, np.nan], [np.nan, np.nan]])
    yield "missing values (NaN)", gap, np.array([[np.nan, 1.0], [np.nan, 2.0], [2.0, np.nan], [2.0, 2.0]])
    yield "NaN of another sign", gap, np.copysign(gap, -1.0) * np.array([[1.0, -1.0]])
    yield "NaN is no other value", np.array([[0.0], [-1.0], [-np.inf], [np.inf], [top]]), np.array([[np.nan], [-top]])
    yield "infinities", np.array([[np.inf, 1.0], [-np.inf, 1.0]]), np.array([[-np.inf, 1.0], [np.inf, 2.0]])
    pixels = rng.integers(0, 256, (12, 3, 4)).astype(np.uint8)
    yield "images", pixels, np.concatenate([rng.integers(0, 256, (3, 3, 4)).astype(np.uint8), pixels[[7, 2]]])
    yield (
        "integers and floats",
        pixels[:5, 0],
        np.concatenate([pixels[[4, 1], 0], pixels[5:7, 0] + 0]).astype(np.float64),
    )
    yield "the same images, scaled to 0 ... 1", pixels, pixels[:4] / 255.0
    tenth = np.array([[0.1, 0.5], [0.25, 0.5]])
    yield "0.1 in float32 is another number", tenth.astype(np.float32), tenth
    wide = rng.normal(size=(9, 4, 5))
    yield "Fortran order", np.asfortranarray(wide), wide[[8, 3]]
    yield "strided and read backwards", wide[::-1, ::2], wide[1::3, ::2]
    yield "a read-only row that stands for many", np.broadcast_to(wide[0], (3, 4, 5)), wide[:3]
    yield "transposed images are other images", wide[:, :4, :4], wide[:, :4, :4].transpose(0, 2, 1)
    yield "tiny values", np.array([[1e-300, 1.0], [0.0, 2.0]]), np.array([[0.0, 1.0], [1e-300, 1.0], [1e-17, 2.0]])
    beyond = np.array([[2**53, 1], [2**53 + 2, 1]])
    yield "whole numbers that float64 doesn't tell apart", beyond, beyond + np.array([1, 0])
    yield "one value per sample", np.array([1, 5, 3, 5]), np.array([5, 2, 3])
    yield "no training sample", np.zeros((0, 3)), np.ones((2, 3))
    yield "no test sample", np.ones((2, 3)), np.zeros((0, 3))
    yield "no sample at all", np.zeros((0, 2, 2)), np.zeros((0, 2, 2))
    copies = zip(rng.permutation(20)[:4], rng.permutation(15)[:4], strict=True)
    yield "copies in drawn places", *planted(rng, 20, 15, 4, copies)


def overlap_cases(rng):
    for name, train, test in overlap_inputs(rng):
        yield Case(f"overlap: {name}", {"train": train, "test": test})
    train, test = (rng.integers(0, 256, (8000, 12)).astype(np.uint8) for _ in range(2))
    test[::40] = train[rng.permutation(8000)[:200]]
    yield Case("overlap: 8000 samples against 8000", {"train": train, "test": test}, speed=Speed())


def clean_cases(rng):
    for name, train, test in overlap_inputs(rng):
        yield Case(f"clean: {name}", {"train": train, "test": test})


def apart(train, test, min_cosine):
    """Whether all similarities keep a distance from the threshold."""
    a, b = (np.float64(x).reshape(len(x), int(np.prod(x.shape[1:]))) for x in (train, test))
    lengths = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)
    cosines = (a @ b.T)[lengths > 0] / lengths[lengths > 0]
    return bool(np.all(np.abs(cosines - min_cosine) > 1e-5))


def near_cases(rng):
    def case(name, make, min_cosine, **more):
        driver = more.pop("driver", None)
        train, test = make()
        while not apart(train, test, min_cosine):
            train, test = make()
        return Case(f"similar: {name}", {"train": train, "test": test, "min_cosine": min_cosine, **more}, driver=driver)

    def noisy(n, m, d, noise=0.02, near=6):
        """Test samples of which some are training samples, scaled and with a bit of noise."""
        train, test = rng.normal(size=(n, d)), rng.normal(size=(m, d))
        for i, j in zip(rng.integers(0, n, near), rng.integers(0, m, near), strict=True):
            test[j] = rng.uniform(0.5, 3.0) * (train[i] + noise * rng.normal(size=d))
        return train, test

    hand = np.array([[1.0, 0.0], [0.0, 2.0]])
    yield case("right angles", lambda: (hand, np.array([[0.0, 1.0], [3.0, 0.1], [1.0, 1.0]])), 0.9)
    yield case("planted pairs", lambda: noisy(20, 15, 12), 0.98)
    yield case("a low threshold", lambda: noisy(15, 9, 4), 0.5)
    yield case("a negative threshold", lambda: noisy(8, 7, 4), -0.25)
    yield case("nothing is similar", lambda: noisy(10, 10, 20, near=0), 0.99)
    yield case("everything is similar", lambda: (5.0 + rng.normal(size=(6, 9)), 5.0 + rng.normal(size=(4, 9))), 0.2)
    yield case("long and short samples", lambda: (np.array([[10.0, 10.0], [0.1, 0.0]]), np.array([[0.2, 0.01]])), 0.99)
    yield case("tiny samples", lambda: (1e-10 * hand, np.array([[0.0, 1e-10], [3e-10, 1e-11]])), 0.9)
    yield case("samples of size 1e-100", lambda: (1e-100 * hand, np.array([[0.0, 1e-100], [3e-100, 1e-101]])), 0.9)
    exact = {"train": hand, "test": np.array([[0.0, 1.0], [-1.0, 0.0]]), "min_cosine": 0.0}
    yield Case("similar: a right angle, threshold 0", exact)
    yield case("opposite samples", lambda: (hand, -hand), 0.9)
    yield case(
        "samples of zeros", lambda: (np.array([[0.0, 0.0], [1.0, 2.0]]), np.array([[2.0, 4.0], [0.0, 0.0]])), 0.5
    )
    yield case(
        "samples of zeros, any threshold", lambda: (np.eye(3)[:2] * [[1], [0]], np.eye(3) * [[0], [1], [1]]), -0.5
    )
    yield case("one of each", lambda: (np.ones((1, 3)), np.array([[2.0, 2.0, 2.1]])), 0.99)
    yield case("no training sample", lambda: (np.zeros((0, 3)), np.ones((2, 3))), 0.5)
    yield case("no test sample", lambda: (np.ones((2, 3)), np.zeros((0, 3))), 0.5)
    yield case("blocks of 4", lambda: noisy(23, 17, 6), 0.9, block=4)
    yield case("blocks of 5", lambda: noisy(23, 17, 3), 0.6, block=5)
    yield case("blocks of 1", lambda: noisy(9, 11, 6), 0.9, block=1)
    yield case("blocks that fit exactly", lambda: noisy(12, 16, 6), 0.9, block=4)
    yield case("a block larger than the data", lambda: noisy(12, 16, 6), 0.9, block=10**6)

    def pixels():
        train, test = rng.integers(0, 256, (10, 4, 4)), rng.integers(0, 256, (8, 4, 4))
        test[3], test[6] = np.clip(train[5] + rng.integers(-3, 4, (4, 4)), 0, 255), train[1] // 2
        return train.astype(np.uint8), test.astype(np.uint8)

    def fortran():
        train, test = noisy(10, 8, 6)
        return np.asfortranarray(train), test[::-1]

    yield case("images of bytes", pixels, 0.97)
    yield case("Fortran order, read backwards", fortran, 0.9)
    for name, by in (("hardly below", 1e-10), ("hardly above", -1e-10)):  # the only pair there is
        train, test = rng.uniform(0.1, 1.0, (2, 1, 5))
        cosine = float(train[0] @ test[0] / np.linalg.norm(train) / np.linalg.norm(test))
        yield Case(f"similar: {name} the threshold", {"train": train, "test": test, "min_cosine": cosine + by})
    yield case("float32", lambda: [np.float32(x) for x in noisy(12, 10, 6)], 0.95)
    big = {"block": 32, "driver": peak_memory}
    yield case("memory for 700 against 600", lambda: noisy(700, 600, 4, near=40), 0.999, **big)
    yield case("memory for 300 against 900", lambda: noisy(300, 900, 4, near=40), 0.999, **big)


def id_cases(rng):
    def case(name, train_ids, test_ids):
        return Case(f"ids: {name}", {"train_ids": np.array(train_ids), "test_ids": np.array(test_ids)})

    def names(name, train_ids, test_ids):
        return Case(f"ids: {name}", {"train_ids": train_ids, "test_ids": test_ids}, driver=shared_names)

    yield case("two in common", [1, 2, 3, 4], [3, 9, 1])
    yield case("the same patient many times", [7, 7, 2, 7, 5, 5], [5, 7, 7, 8, 5])
    yield case("twice in one set only", [1, 1, 2], [3, 3, 4])
    yield case("nothing in common", [1, 2], [3, 4])
    yield case("out of order, below 0", [40, -3, 12, 0], [12, 40, -3, 5])
    yield case("any", rng.integers(0, 50, 40), rng.integers(0, 50, 60))
    yield case("int32 stays int32", np.array([5, 3, 5], dtype=np.int32), np.array([3, 5], dtype=np.int32))
    yield case("read backwards", np.arange(20)[::-3], np.arange(0, 30, 2)[::-1])
    yield case("no training id", np.zeros(0, dtype=np.int64), [1, 2])
    yield case("no id at all", np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    yield names("strings", ["kim", "ada", "eve", "kim"], ["bob", "kim", "ada", "ada"])
    yield names("strings, nothing in common", ["kim", "ada"], ["Kim"])


def feature_cases(rng):
    def case(name, X, y, **more):
        return Case(f"features: {name}", {"X": np.asarray(X), "y": np.asarray(y), **more})

    y = np.array([0, 1, 0, 1, 1, 0, 1, 0, 0, 1])
    noise = rng.normal(size=(10, 3))
    yield case("one perfect column of two", np.column_stack([y * 2.0 + 1.0, [1, 1, 2, 2, 1, 2, 1, 2, 1, 2]]), y)
    yield case("a column that is perfect the other way round", np.column_stack([[1, 2] * 5, -3.0 * y]), y)
    yield case("no suspicious column", np.array([[1, 1, 2, 2, 1, 2, 1, 2, 1, 2]]).T, y)
    yield case("constant columns", np.column_stack([np.ones(10), np.zeros(10), y]), y)
    yield case(
        "ties between the classes", np.array([[1, 1, 1, 2, 2, 1, 1, 1, 1, 2], [0, 0, 0, 1, 1, 0, 1, 0, 0, 1]]).T, y
    )
    yield case("ties, threshold 0.75", np.array([[1, 1, 1, 2, 2, 1, 1, 1, 1, 2]]).T, y, auc_threshold=0.75)
    yield case("ties, threshold 0.85", np.array([[1, 1, 1, 2, 2, 1, 1, 1, 1, 2]]).T, y, auc_threshold=0.85)
    yield case("four samples, ties of two", [[1], [1], [2], [2]], [0, 1, 1, 1], auc_threshold=0.75)
    exact = np.array([[1, 4], [2, 3], [3, 2], [4, 1]])
    yield case("an AUC of exactly the threshold", exact, [0, 1, 0, 1], auc_threshold=0.75)
    both = np.column_stack([y * 1.0, -y * 1.0, noise[:, 0], 5 - y])
    yield case("several columns", both, y)
    order = np.arange(29.0)  # 15 negative samples, then 14 positive ones: 210 pairs
    one_lost, three_lost = order.copy(), order.copy()
    one_lost[[14, 15]], three_lost[[14, 17]] = [15, 14], [17, 14]
    yield case("0.995 is suspicious by default, 0.976 isn't", np.column_stack([three_lost, one_lost]), order > 14)
    many, labels = graded(rng, 60, 12)
    yield case("twelve columns, threshold 0.9", many, labels, auc_threshold=0.9003)
    yield case("twelve columns, threshold 0.7", many, labels, auc_threshold=0.7003)
    rounded = np.round(many)
    for threshold in (0.6, 0.703, 0.801, 0.903):
        yield case(
            f"rounded columns, threshold {threshold}", rounded, labels, auc_threshold=away(rounded, labels, threshold)
        )
    yield case("a rare class", *graded(rng, 80, 8, share=0.05), auc_threshold=0.8037)
    yield case("one positive sample", np.column_stack([[3, 1, 2, 0], [1, 3, 0, 2]]), [1, 0, 0, 0])
    yield case("labels -1 and 1", both, 2 * y - 1)
    yield case("labels False and True", both, y == 1)
    yield case("labels 3 and 8", both, 3 + 5 * y)
    yield case("bytes", np.column_stack([250 - 249 * y, 128 + 100 * y, 7 + 0 * y]).astype(np.uint8), y)
    yield case("Fortran order", np.asfortranarray(many)[:, ::-1], labels, auc_threshold=0.7003)
    yield case("values that float32 doesn't tell apart", np.column_stack([2**30 + y, 1.0 - 1e-12 * y]), y)
    yield case("infinities", np.column_stack([np.where(y == 1, np.inf, -np.inf), np.where(y == 1, -np.inf, 0.0)]), y)
    yield case("no column", np.zeros((10, 0)), y)
    yield case("a single class", noise, np.zeros(10, dtype=np.int64))
    yield case("three classes", noise, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
    yield case("no sample", np.zeros((0, 2)), np.zeros(0, dtype=np.int64))


def graded(rng, n, d, share=0.5):
    """Columns from useless to perfect, in both directions, in any order; and labels."""
    y = (np.arange(n) < max(2, round(share * n))).astype(np.int64)
    strength = rng.permutation(np.linspace(-4.0, 4.0, d))
    return y[:, None] * strength + rng.normal(size=(n, d)), y


def away(X, y, threshold):
    """A threshold close to the one given that no column meets within 1e-6."""
    positive, negative = X[y == 1], X[y == 0]
    wins = (positive[:, None] > negative).mean((0, 1)) + 0.5 * (positive[:, None] == negative).mean((0, 1))
    while np.any(np.abs(np.maximum(wins, 1 - wins) - threshold) < 1e-6):
        threshold += 1e-5
    return threshold


def conflict_cases(rng):
    def case(name, X, y):
        return Case(f"labels: {name}", {"X": np.asarray(X), "y": np.asarray(y)})

    pairs = [[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]
    yield case("one group", pairs, [0, 1, 1, 1])
    yield case("copies with equal labels", pairs, [0, 1, 0, 1])
    yield case("two groups", pairs, [0, 1, 1, 0])
    yield case("the first group has the larger values", [[9.0], [1.0], [9.0], [1.0]], [0, 0, 1, 1])
    yield case("all members are listed, not only the odd one", [[5, 5]] * 4 + [[6, 6]], [2, 2, 2, 0, 1])
    yield case("three labels in one group", [[1], [1], [1], [2]], [4, 7, 9, 4])
    yield case("far apart", [[1], [2], [3], [4], [2], [5], [1]], [0, 0, 0, 0, 1, 0, 1])
    yield case("labels that agree in the sum", [[1], [1], [1], [2], [2]], [0, 1, 2, 1, 1])
    yield case("no two samples are identical", rng.normal(size=(8, 3)), rng.integers(0, 2, 8))
    yield case("zeros of both signs", [[0.0, 1.0], [-0.0, 1.0]], [0, 1])
    yield case("samples that differ by 1e-12", [[1.0, 2.0], [1.0 + 1e-12, 2.0], [1.0, 2.0]], [0, 1, 256])
    yield case("missing values (NaN)", [[np.nan, 1.0], [1.0, np.nan], [np.nan, 1.0]], [0, 1, 1])
    yield case("NaN is no other value", [[np.nan], [0.0], [np.inf], [-1.0], [np.nan]], [0, 1, 1, 1, 0])
    yield case("the same values in another order", [[1, 2], [2, 1]], [0, 1])
    yield case("random groups", rng.integers(0, 3, (40, 2)), rng.integers(0, 2, 40))
    images = rng.integers(0, 2, (30, 2, 2)).astype(np.uint8)
    yield case("images of bytes", images, rng.integers(0, 3, 30))
    yield case("Fortran order, read backwards", np.asfortranarray(images)[::-1], rng.integers(0, 3, 60)[::2])
    yield case("one sample", [[1.0]], [0])
    yield case("no sample", np.zeros((0, 3)), np.zeros(0, dtype=np.int64))
    yield case("two groups, again", pairs, [0, 1, 1, 0])


PARTS = (
    Part(
        "exact_overlap",
        overlap_cases,
        hints=(
            "A sample as a whole must become something that can be looked up.",
            "Flatten each sample to float64, turn it into bytes or a tuple, and put those of train into a set.",
            "Before that, make one zero out of two (x + 0.0) and one bit pattern out of all NaNs, since NaN isn't "
            "equal to itself.",
        ),
    ),
    Part(
        "near_duplicates",
        near_cases,
        hints=(
            "Once all samples have length 1, the cosine is a plain scalar product.",
            "Divide by the lengths once, take `block` test samples at a time, and multiply them with all training "
            "samples.",
            "np.nonzero of (block of test) x (train) is already in the right order; add the start of the block and "
            "swap the columns. 0 / 0 is NaN, and NaN is not >= anything.",
        ),
    ),
    Part(
        "id_overlap",
        id_cases,
        hints=(
            "Which identities are in both sets?",
            "Each one once and ascending: numpy has a function for just that.",
            "np.intersect1d keeps the dtype, also of empty arrays and strings.",
        ),
    ),
    Part(
        "leaky_features",
        feature_cases,
        hints=(
            "AUC 0 is as revealing as AUC 1. What is the AUC of a constant column?",
            "Give each value of a column its rank, equal values the mean of their ranks, and add up the ranks of the "
            "positive samples.",
            "With p positive samples the smallest possible sum is p (p + 1) / 2; what lies above it, divided by the "
            "number of pairs (positive, negative), is the AUC.",
        ),
    ),
    Part(
        "conflicting_labels",
        conflict_cases,
        hints=(
            "First find who is identical to whom, whatever the labels.",
            "A dict from sample to the list of its indices keeps the groups in the order in which they first occur.",
            "The key is the same canonical form as in exact_overlap; keep the groups with more than one label.",
        ),
        driver=conflicts,
    ),
    Part(
        "clean_split",
        clean_cases,
        hints=(
            "One of the two sets must stay as it is. Which one?",
            "It is exact_overlap with the roles exchanged, and the answer turned round.",
            "Put the test samples into a set and keep the training samples that aren't in it.",
        ),
    ),
)

KEYS = ("exact_overlap", "conflicting_labels", "clean_split")
EXACT_LOOP = "return np.array([i for i, key in enumerate(_keys(test)) if key in known], dtype=np.int64)"
CLEAN_LOOP = "return np.array([i for i, key in enumerate(_keys(train)) if key not in forbidden], dtype=np.int64)"

MISCONCEPTIONS = (
    Misconception(
        "within_train_only",
        ("exact_overlap", "id_overlap"),
        "Your code looks for duplicates inside one set.",
        "Which two sets must not have anything in common?",
        edits=(
            (
                EXACT_LOOP,
                "keys = _keys(test)\n    first = {key: i for i, key in reversed(list(enumerate(keys)))}\n"
                "    last = {key: i for i, key in enumerate(keys)}\n"
                "    return np.array([i for i, key in enumerate(keys) if first[key] != last[key]], dtype=np.int64)",
            ),
        ),
        code="""
def id_overlap(train_ids, test_ids):
    ids, counts = np.unique(train_ids, return_counts=True)
    return ids[counts > 1]
""",
    ),
    Misconception(
        "training_indices",
        "exact_overlap",
        "Your indices belong to the training set.",
        "In which array will the caller look these indices up?",
        edits=((EXACT_LOOP, "known = set(_keys(test))\n    " + EXACT_LOOP.replace("_keys(test)", "_keys(train)")),),
    ),
    Misconception(
        "elementwise_isin",
        ("exact_overlap", "clean_split"),
        "Your code asks whether each value occurs somewhere, not whether the sample does.",
        "Permute the values inside a row: is it still the same sample?",
        edits=(
            (EXACT_LOOP, "return np.flatnonzero(np.isin(_flat(test), _flat(train)).all(axis=1))"),
            (CLEAN_LOOP, "return np.flatnonzero(~np.isin(_flat(train), _flat(test)).all(axis=1))"),
        ),
    ),
    Misconception(
        "negative_zero",
        KEYS,
        "Your code takes -0.0 and 0.0 for two different numbers.",
        "What does -0.0 == 0.0 say, and what do their bytes say?",
        edits=(("flat = _flat(X) + 0.0  #", "flat = _flat(X).copy()  #"),),
    ),
    Misconception(
        "nan_is_never_equal",
        KEYS,
        "Your code never takes samples with a missing value for identical.",
        "A row with a gap was copied. Is the copy no copy?",
        edits=(
            (
                "return [row.tobytes() for row in flat]",
                "return [tuple(row.tolist()) for row in flat]",
            ),
        ),
    ),
    Misconception(
        "bytes_of_any_dtype",
        ("exact_overlap", "clean_split"),
        "Your code compares the bytes of the arrays as they come, so 255 and 255.0 differ.",
        "One set was saved as bytes and the other one as floats. Did the images change?",
        edits=(("return [row.tobytes() for row in flat]", "return [row.astype(X.dtype).tobytes() for row in flat]"),),
    ),
    Misconception(
        "rescaled_first",
        ("exact_overlap", "clean_split"),
        "Your code divides bytes by 255 before it compares.",
        "Does anything in the task allow you to guess the unit of the pixels?",
        edits=(("flat = _flat(X) + 0.0  #", "flat = _flat(X) / (255.0 if X.dtype == np.uint8 else 1.0) + 0.0  #"),),
    ),
    Misconception(
        "dot_not_cosine",
        "near_duplicates",
        "Your similarities aren't divided by the lengths of the samples.",
        "Multiply all pixels of an image by ten. Does it become more similar to others?",
        edits=(
            (
                "return flat / np.linalg.norm(flat, axis=1, keepdims=True)",
                "return flat / (np.linalg.norm(flat, axis=1, keepdims=True) > 0)",
            ),
        ),
    ),
    Misconception(
        "zeros_are_similar",
        "near_duplicates",
        "Your samples of zeros have the similarity 0, and so are reported for thresholds below it.",
        "What is the angle between a vector and nothing?",
        edits=(
            (
                "flat / np.linalg.norm(flat, axis=1, keepdims=True)",
                "np.nan_to_num(flat / np.linalg.norm(flat, axis=1, keepdims=True))",
            ),
        ),
    ),
    Misconception(
        "columns_swapped",
        "near_duplicates",
        "Your pairs begin with the test index.",
        "Which index comes first in a pair, and which one is the list sorted by?",
        edits=(("np.column_stack([train_idx, test_idx + start])", "np.column_stack([test_idx + start, train_idx])"),),
    ),
    Misconception(
        "sorted_by_train",
        "near_duplicates",
        "Your pairs are sorted by the training index.",
        "Somebody walks through the test set and wants to see what each sample resembles.",
        edits=(
            (
                "return np.concatenate(pairs)",
                "return np.array(sorted(np.concatenate(pairs).tolist()), dtype=np.int64).reshape(-1, 2)",
            ),
        ),
    ),
    Misconception(
        "block_start_forgotten",
        "near_duplicates",
        "Your test indices count from the beginning of each block.",
        "What is the index of the first sample of the second block?",
        edits=(("test_idx + start]", "test_idx]"),),
    ),
    Misconception(
        "best_match_only",
        "near_duplicates",
        "Your code reports the most similar training sample only.",
        "A test image has three near copies in the training set. How many pairs is that?",
        code="""
def near_duplicates(train, test, min_cosine, block=1024):
    cosines = np.nan_to_num(_directions(test) @ _directions(train).T, nan=-9.0)
    found = [(row.argmax(), j) for j, row in enumerate(cosines) if row.max(initial=-9.0) >= min_cosine]
    return np.array(found, dtype=np.int64).reshape(-1, 2)
""",
    ),
    Misconception(
        "opposite_is_similar",
        "near_duplicates",
        "Your code takes a sample and its negative for similar.",
        "What is the cosine of 180 degrees?",
        edits=(
            ("b[start : start + block] @ a.T >= min_cosine", "np.abs(b[start : start + block] @ a.T) >= min_cosine"),
        ),
    ),
    Misconception(
        "whole_table",
        "near_duplicates",
        "Your code makes the table of all similarities at once.",
        "How large does your largest array get for 100 000 samples against 100 000?",
        edits=(
            (
                "    for start in range(0, len(b), block):",
                "    block = max(1, len(b))\n    for start in range(0, len(b), block):",
            ),
        ),
    ),
    Misconception(
        "integers_overflow",
        "near_duplicates",
        "Your scalar products of bytes are computed in bytes.",
        "What is 200 * 2 in uint8?",
        code="""
def _directions(X):
    flat = X.reshape(len(X), math.prod(X.shape[1:]))
    with np.errstate(invalid="ignore"):
        return flat / np.sqrt((flat * flat).sum(axis=1, keepdims=True))
""",
    ),
    Misconception(
        "ids_repeated",
        "id_overlap",
        "Your code lists an identity as often as it occurs.",
        "A patient has three scans in the test set. How many patients is that?",
        edits=(
            ("return np.intersect1d(train_ids, test_ids)", "return np.sort(test_ids[np.isin(test_ids, train_ids)])"),
        ),
    ),
    Misconception(
        "positions_of_ids",
        "id_overlap",
        "Your code returns where the identities are, not which ones.",
        "Is 0 a position in your answer, or a patient?",
        edits=(("return np.intersect1d(train_ids, test_ids)", "return np.flatnonzero(np.isin(test_ids, train_ids))"),),
    ),
    Misconception(
        "one_sided_auc",
        "leaky_features",
        "Your code finds only columns that are larger for the positive class.",
        "What could you do with a feature whose AUC is 0?",
        edits=(("np.maximum(auc, 1 - auc)", "auc"),),
    ),
    Misconception(
        "ties_as_wins",
        "leaky_features",
        "Your AUC counts equal values as wins.",
        "What AUC does your code give a column that is the same for everybody?",
        code="""
def _auc(values, positive):
    return np.mean(values[positive][:, None] >= values[~positive])
""",
    ),
    Misconception(
        "ties_as_losses",
        "leaky_features",
        "Your AUC doesn't count equal values at all.",
        "What AUC does your code give a column that is the same for everybody?",
        code="""
def _auc(values, positive):
    return np.mean(values[positive][:, None] > values[~positive])
""",
    ),
    Misconception(
        "ranks_by_position",
        "leaky_features",
        "Your ranks tell equal values apart by their position in the data.",
        "Shuffle the rows. Does the AUC of a column with equal values change?",
        edits=(
            (
                'np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right") + 1) / 2',
                'np.argsort(np.argsort(values, kind="stable")) + 1)',
            ),
        ),
    ),
    Misconception(
        "labels_zero_and_one_only",
        "leaky_features",
        "Your code takes the label 1 for positive, whatever the two labels are.",
        "What if the classes are called 3 and 8?",
        edits=(
            (
                "positive = y == classes[1]",
                "positive = y == 1\n    if not 0 < positive.sum() < len(y):\n        raise ValueError",
            ),
        ),
    ),
    Misconception(
        "label_included",
        "conflicting_labels",
        "Your code takes samples with different labels for different samples.",
        "Is the label part of the input?",
        edits=(("groups.setdefault(key, [])", "groups.setdefault(key + bytes([int(y[i]) % 256]), [])"),),
    ),
    Misconception(
        "all_duplicates",
        "conflicting_labels",
        "Your code lists all groups of identical samples, also those whose labels agree.",
        "A sample occurs twice with the same label. What is the conflict?",
        edits=(("if len(np.unique(y[group])) > 1]", "if len(group) > 1]"),),
    ),
    Misconception(
        "groups_by_value",
        "conflicting_labels",
        "Your groups are ordered by their values.",
        "Which of the groups is met first when you go through the data?",
        edits=(("in groups.values() if", "in sorted(groups.values(), key=lambda g: tuple(_flat(X)[g[0]])) if"),),
    ),
    Misconception(
        "drops_test",
        "clean_split",
        "Your code removes samples from the test set.",
        "Which set must stay as it is, so that results remain comparable?",
        edits=(
            (
                CLEAN_LOOP,
                "known = set(_keys(train))\n    return np.array([i for i, key in enumerate(_keys(test)) "
                "if key not in known], dtype=np.int64)",
            ),
        ),
    ),
    Misconception(
        "lists_what_goes",
        "clean_split",
        "Your indices are those of the samples to remove.",
        "train[clean_split(train, test)]: what should that be?",
        edits=((CLEAN_LOOP, CLEAN_LOOP.replace("not in", "in")),),
    ),
    Misconception(
        "thins_out_train",
        "clean_split",
        "Your code also removes samples that merely occur twice in the training set.",
        "Does a copy inside the training set say anything about the test set?",
        edits=(
            (
                CLEAN_LOOP,
                "keys = _keys(train)\n    return np.array([i for i, key in enumerate(keys) if key not in forbidden "
                "and keys.index(key) == i], dtype=np.int64)",
            ),
        ),
    ),
)

POSITIVE = "positive = y == classes[1]"
HEAD = "def near_duplicates(train: np.ndarray, test: np.ndarray, min_cosine: float, block: int = 1024) -> np.ndarray:"
SIMILAR = "test_idx, train_idx = np.nonzero(b[start : start + block] @ a.T >= min_cosine)"
SUSPICIOUS = "return np.flatnonzero(np.maximum(auc, 1 - auc) >= auc_threshold)"
AUC = "return (ranks[positive].sum() - n_pos * (n_pos + 1) / 2) / (n_pos * n_neg)"
GROUPS = "return [group for group in groups.values() if len(np.unique(y[group])) > 1]"

EQUIVALENTS = (
    *(
        Equivalent(POSITIVE, POSITIVE.replace(*change), "both directions count, so the classes may change places")
        for change in [("==", "!="), ("==", "<"), ("==", ">="), ("[1]", "[ 0]")]
    ),
    *(
        Equivalent(HEAD, HEAD.replace("1024", size), "the result doesn't depend on the size of the blocks")
        for size in ("1023", "1025")
    ),
    Equivalent(
        SIMILAR, SIMILAR.replace(">=", ">"), "a threshold that is met exactly isn't fed: it is a matter of rounding"
    ),
    Equivalent(SUSPICIOUS, SUSPICIOUS.replace(">=", ">"), "a threshold that is met exactly isn't fed"),
    Equivalent(AUC, AUC.replace("1) / 2", "1) // 2"), "the product of two neighbours is even"),
    Equivalent(GROUPS, GROUPS.replace("> 1", "!= 1"), "no group is empty"),
)

exercise = Exercise(PARTS, MISCONCEPTIONS, cpu_seconds=6.0, equivalents=EQUIVALENTS)
