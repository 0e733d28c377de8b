"""Cases, misconceptions and hints for 15."""

import random

import numpy as np

from grader.spec import EXACT, T64, Case, Equivalent, Exercise, Misconception, Part, Speed


def named(labels):
    """Strings travel as a list."""
    return labels if isinstance(labels, np.ndarray) else np.array(labels)


def stratified(student, y, test_size, seed):
    return student.stratified_split(named(y), test_size, np.random.default_rng(seed))


def stratified_twice(student, y, test_size, seed):
    rng = np.random.default_rng(seed)
    return [student.stratified_split(named(y), test_size, rng) for _ in range(2)]


def stratified_next_to_globals(student, y, test_size, seed):
    return globals_after(student.stratified_split, named(y), test_size, seed)


def grouped(student, groups, test_size, seed):
    return student.group_split(named(groups), test_size, np.random.default_rng(seed))


def grouped_twice(student, groups, test_size, seed):
    rng = np.random.default_rng(seed)
    return [student.group_split(named(groups), test_size, rng) for _ in range(2)]


def grouped_next_to_globals(student, groups, test_size, seed):
    return globals_after(student.group_split, named(groups), test_size, seed)


def globals_after(split, labels, test_size, seed):
    """The split, and what the global generators give next."""
    np.random.seed(1234)
    random.seed(1234)
    answer = split(labels, test_size, np.random.default_rng(seed))
    return {"split": answer, "numpy's next number": np.random.random(), "random's next number": random.random()}


def clear(counts, k):
    """Whether no two classes of different size have the same fractional part."""
    parts = {}
    return all(parts.setdefault(k * c % sum(counts), c) == c for c in counts if k * c % sum(counts))


def clear_counts(rng, classes, low, high, share):
    """Sizes of classes among which the leftover places are beyond dispute."""
    while True:
        counts = [int(c) for c in rng.integers(low, high, classes)]
        if clear(counts, int(np.ceil(share * sum(counts) - 1e-9))):
            return counts


def labels(rng, counts):
    return rng.permutation(np.repeat(np.arange(len(counts)), counts))


def remainder_cases(rng):
    def case(name, counts, k, dtype=np.int64):
        return Case(name, {"counts": np.array(counts, dtype), "k": k})

    yield case("4 places for 4 and 4", [4, 4], 4)
    yield case("4 places for 8 and 3", [8, 3], 4)
    yield case("4 places for 5, 3 and 1", [5, 3, 1], 4)
    yield case("100 places for 90 classes of three sizes", [3, 5, 4] * 30, 100)
    yield case("quotas that are whole", [30, 50, 20], 10)
    yield case("2 places for three equal classes", [5, 5, 5], 2)
    yield case("5 places for three equal classes", [2, 2, 2], 5)
    yield case("two places left over", [7, 7, 7, 7, 2], 10)
    yield case("equal fractional parts of unequal quotas", [4, 1, 1], 2)
    yield case("equal fractional parts, the larger quota second", [1, 4, 1], 2)
    yield case("33 places for 990 and 10", [990, 10], 33)
    yield case("fractional parts that differ in the eighth digit", [10**7, 10**7 + 1, 10**7], 1)
    yield case("a class too small for a place", [70, 27, 3], 10)
    yield case("a class without members", [5, 0, 6], 4)
    yield case("no place at all", [5, 3, 1], 0)
    yield case("as many places as members", [5, 3, 1], 9)
    yield case("3 places for a class on its own", [7], 3)
    yield case("one place", [3, 5, 4], 1)
    yield case("uint8 counts", [200, 30, 25], 100, np.uint8)
    yield case("int32 counts of tens of thousands", [60_000, 50_000, 7], 60_000, np.int32)
    yield Case("a numpy integer as k", {"counts": np.array([8, 3]), "k": np.int64(4)})
    yield Case("reversed counts", {"counts": np.array([8, 3, 4])[::-1], "k": 7})
    yield Case("read-only counts", {"counts": np.broadcast_to(np.array(4), 5), "k": 7})
    for classes in (3, 6, 20):
        counts = clear_counts(rng, classes, 1, 60, 0.3)
        yield case(f"{classes} classes", counts, int(np.ceil(0.3 * sum(counts) - 1e-9)))
    yield case("4 places for 5, 3 and 1 again", [5, 3, 1], 4)


def stratified_cases(rng):
    def case(name, y, test_size, driver=None, **options):
        inputs = {"y": y, "test_size": test_size, "seed": int(rng.integers(1 << 30))}
        return Case(name, inputs, driver=driver, **options)

    two = np.repeat([0, 1], 4)
    yield case("4 and 4, half of them", two, 0.5)
    yield case("4 and 4, a quarter of them", two, 0.25)
    yield case("mixed labels", np.array([1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1]), 0.4)
    many = labels(rng, clear_counts(rng, 5, 5, 40, 0.2))
    rare = labels(rng, [595, 5])
    yield case("five classes", many, 0.2)
    yield case("99 to 1", rare, 0.25)
    yield case("a class that gets no place", labels(rng, [90, 7, 2]), 0.11)
    yield case("a class that goes to the test set entirely", labels(rng, [5, 100]), 0.9)
    yield case("three equal classes, places left over", labels(rng, [5, 5, 5]), 0.3)
    yield case("7 % of 100 rows are 7 rows", labels(rng, [61, 39]), 0.07)
    yield case("a share that asks for a part of a row", labels(rng, [13, 8]), 0.11)
    yield case("3.000000003 rows are 4 rows", labels(rng, [6, 4]), 0.3000000003)
    yield case("3.0000000005 rows are 3 rows", labels(rng, [6, 4]), 0.30000000005)
    yield case("a single class", np.zeros(9, np.int64), 0.3)
    yield case("one row for training", labels(rng, [3, 4]), 0.8)
    yield case("labels that are neither 0 nor 1", np.array([7, -3, 7, 7, -3, -3, 100, 100, 7]), 0.4)
    yield case("strings", ["dog", "cat", "dog", "ant", "dog", "cat", "ant", "dog", "cat", "dog", "dog"], 0.4)
    yield case("uint8 labels", labels(rng, clear_counts(rng, 4, 5, 40, 0.3)).astype(np.uint8), 0.3)
    yield case("reversed and strided labels", np.repeat(many, 2)[::-2], 0.2)
    yield case("read-only labels", np.broadcast_to(np.array(3), 8), 0.25)
    yield case("a class with a single member", np.array([0, 0, 0, 1, 0, 0]), 0.5)
    yield case("a share of 0", two, 0.0)
    yield case("a share of 1", two, 1.0)
    yield case("a share of 150 %", two, 1.5)
    yield case("a negative share", two, -0.25)
    yield case("a share that asks for no row", two, 1e-11)
    yield case("no row", two[:0], 0.5)
    yield case("two rows, almost all of them", np.array([0, 0]), 0.6)
    yield case("two splits with one generator", many, 0.2, stratified_twice)
    yield case("the global generators stay untouched", many, 0.2, stratified_next_to_globals)
    again = case("2000 rows", labels(rng, [1203, 611, 186]), 0.2)
    yield again
    yield again._replace(name="the 2000 rows again")
    yield case("the first six of twelve classes get no place", labels(rng, [2] * 6 + [3] * 6), 0.2)
    yield case("a share that asks for most of a row", labels(rng, [13, 8]), 0.13)
    yield case("60 000 rows", labels(rng, [6007] * 9 + [5937]), 0.25, speed=Speed())


def group_cases(rng):
    def case(name, groups, test_size, driver=None):
        inputs = {"groups": groups, "test_size": test_size, "seed": int(rng.integers(1 << 30))}
        return Case(f"{name} (groups)", inputs, driver=driver)

    four = np.repeat([0, 1, 2, 3], 2)
    scans = rng.permutation(np.repeat(np.arange(30), rng.integers(1, 9, 30)))
    yield case("four groups of two, half of them", four, 0.5)
    yield case("four groups of two, three rows asked for", four, 0.3)
    yield case("every row a group of its own", np.arange(10), 0.3)
    yield case("30 groups of different sizes", scans, 0.25)
    yield case("30 groups of different sizes, half of them", scans, 0.5)
    yield case("one row asked for", scans, 0.5 / len(scans))
    yield case("7 % of 100 rows are 7 rows", rng.permutation(100), 0.07)
    yield case("3.000000003 rows are 4 rows", np.arange(10), 0.3000000003)
    yield case("3.0000000005 rows are 3 rows", np.arange(10), 0.30000000005)
    yield case("group numbers that are far apart", 1000 * scans - 7, 0.3)
    yield case("names", ["eve", "bob", "ann", "bob", "dan", "eve", "cat", "ann", "bob", "dan"], 0.35)
    yield case("uint8 numbers", scans.astype(np.uint8), 0.25)
    yield case("reversed and strided numbers", np.repeat(scans, 2)[::-2], 0.25)
    yield case("two groups of equal size", np.array([5, 3, 5, 3]), 0.5)
    yield case("two groups, more than half of the rows", np.array([5, 3, 5, 3]), 0.6)
    yield case("every row a group of its own, nine tenths of five", np.arange(5), 0.9)
    yield case("a single group", np.zeros(6, np.int64), 0.5)
    yield case("a share of 0", four, 0.0)
    yield case("a share of 1", four, 1.0)
    yield case("a share of 150 %", four, 1.5)
    yield case("a negative share", four, -0.25)
    yield case("a share that asks for no row", four, 1e-11)
    yield case("no row", four[:0], 0.5)
    yield case("two splits with one generator", scans, 0.25, grouped_twice)
    yield case("the global generators stay untouched", scans, 0.25, grouped_next_to_globals)
    again = case("500 rows", rng.integers(0, 60, 500), 0.2)
    yield again
    yield again._replace(name="the 500 rows again (groups)")
    yield case("a share that asks for most of a row", np.arange(21), 0.13)


def time_cases(rng):
    def case(name, t, share, *gap):
        return Case(f"{name} (time)", {"t": np.asarray(t), "test_fraction": share, **({"gap": gap[0]} if gap else {})})

    days = np.arange(10)
    mixed = rng.permutation(40)
    stamps = rng.permutation(np.repeat(np.arange(12), rng.integers(1, 7, 12)))
    yield case("ten days in order", days, 0.3)
    yield case("five days, not in order", [3, 0, 4, 1, 2], 0.4)
    yield case("40 days, not in order", mixed, 0.25)
    yield case("a gap of 2", days, 0.3, 2)
    yield case("a gap of 5, not in order", mixed, 0.25, 5.0)
    yield case("a gap of a half", days, 0.3, 0.5)
    yield case("a gap of 0", mixed, 0.2, 0.0)
    yield case("equal times on the border", [0, 1, 2, 2, 2, 3], 0.5)
    yield case("equal times on the border, the test set full", [0, 2, 1, 2, 3, 2], 0.5)
    yield case("equal times on the border and a gap", [0, 2, 1, 2, 3, 2, 0, 0], 0.3, 1)
    yield case("many equal times", stamps, 0.3)
    yield case("many equal times and a gap", stamps, 0.3, 3)
    yield case("7 % of 100 rows are 7 rows", rng.permutation(100), 0.07)
    yield case("a share that asks for a part of a row", days, 0.32)
    yield case("a share that asks for most of a row", days, 0.38)
    yield case("3.000000003 rows are 4 rows", days, 0.3000000003)
    yield case("3.0000000005 rows are 3 rows", days, 0.30000000005)
    yield case("latest first", days[::-1], 0.3)
    yield case("negative times", mixed - 30, 0.25, 4)
    yield case("times in quarters", mixed / 4, 0.3, 1.25)
    yield case("large times", 1.7e9 + mixed / 4, 0.25, 1.25)
    yield case("uint8 times, a gap beyond 0", np.array([3, 9, 200, 250], np.uint8), 0.25, 249)
    yield case("uint8 times, a gap larger than the last time", np.array([3, 9, 2, 5], np.uint8), 0.25, 10)
    yield case("int8 times", np.array([-128, -90, -100, 20, 100], np.int8), 0.8, 30)
    yield case("float32 times", (mixed / 8).astype(np.float32), 0.3, 0.25)
    yield case("reversed and strided times", np.repeat(stamps, 2)[::-2], 0.3)
    yield case("all at the same time", np.zeros(6), 0.5)
    yield case("a gap that leaves no row for training", days, 0.3, 7)
    yield case("a gap that leaves one row for training", days, 0.3, 6)
    yield case("a share of 0", days, 0.0)
    yield case("a share of 1", days, 1.0)
    yield case("a share of 150 %", days, 1.5)
    yield case("a negative share", days, -0.25)
    yield case("a share that asks for no row", days, 1e-11)
    yield case("no row", days[:0], 0.5)
    yield case("many equal times again", stamps, 0.3)


def gap_cases(rng):
    def case(name, train, test):
        return Case(name, {"train_losses": np.asarray(train), "test_losses": np.asarray(test)})

    train, test = rng.gamma(2.0, 0.3, 50), rng.gamma(2.0, 0.6, 20)
    yield case("no difference, two losses each", [1.0, 1.0], [1.0, 1.0])
    yield case("1 and 3 against 4 and 8", [1.0, 3.0], [4.0, 8.0])
    yield case("50 against 20", train, test)
    yield case("20 against 50", test, train)
    yield case("as many on both sides", train[:20], test)
    yield case("errors, 0 or 1", (np.arange(100) % 20 == 0) * 1, (np.arange(40) % 5 == 0) * 1)
    yield case("uint8 losses", np.array([200, 250, 3], np.uint8), np.array([100, 90], np.uint8))
    yield case("float32 losses", train.astype(np.float32), test.astype(np.float32))
    yield case("many equal values in float32", np.full(3000, 0.1, np.float32), np.arange(4, dtype=np.float32))
    yield case("a spread in one set only", np.full(5, 0.5), test)
    yield case("reversed and strided losses", train[::-1], test[::2])
    yield case("read-only losses", np.broadcast_to(np.array(0.25), 4), test)
    yield case("50 against 20 again", train, test)


REMAINDER = Part(
    name="largest_remainder",
    cases=remainder_cases,
    tolerance=EXACT,
    hints=(
        "Round every quota down. You have given away too few places, but less than one per class too few.",
        "The classes that lost most by rounding down get the places that are left, one each.",
        "np.divmod(k * counts, counts.sum()) gives the rounded quotas and exact remainders, all in whole numbers.",
        "np.argsort(-remainders, kind='stable') lists the classes with the largest remainders first, equal ones in "
        "order. Convert counts to int64 before you multiply.",
    ),
)

STRATIFIED = Part(
    name="stratified_split",
    cases=stratified_cases,
    driver=stratified,
    tolerance=EXACT,
    returns=("train", "test"),
    hints=(
        "Treat each class as a small data set of its own, whose size of test set has been decided beforehand.",
        "Count the classes with np.unique, let largest_remainder share out the places, then loop over the classes.",
        "rng.permutation(np.flatnonzero(y == c))[:m] are the test rows of class c; the rest is for training.",
        "Mark the test rows in an array of bools: np.flatnonzero of it and of its opposite are in order already.",
    ),
)

GROUP = Part(
    name="group_split",
    cases=group_cases,
    driver=grouped,
    tolerance=EXACT,
    returns=("train", "test"),
    hints=(
        "What is drawn at random here are groups, not rows.",
        "np.unique(groups, return_inverse=True, return_counts=True) numbers the groups in ascending order and says how "
        "large they are.",
        "Go through rng.permutation(number of groups) and take groups until their rows add up to at least the number "
        "asked for.",
        "np.isin(numbers, chosen) marks the test rows.",
    ),
)

TIME = Part(
    name="time_split",
    cases=time_cases,
    tolerance=EXACT,
    returns=("train", "test"),
    hints=(
        "First find the test set, then ask of every other row whether it is early enough.",
        "np.argsort(t, kind='stable')[-size:] are the latest rows. Their earliest time is t0.",
        "Training rows have t < t0 - gap, strictly. That leaves out rows with the time t0, and those in the gap.",
        "Turn t0 into a Python number (.item()) before you subtract: a small integer dtype may overflow.",
    ),
)

GAP = Part(
    name="generalization_gap",
    cases=gap_cases,
    tolerance=T64,
    returns=("gap", "error"),
    hints=(
        "Which of the two losses do you expect to be larger? The gap should be positive then.",
        "The variance of a mean of n independent values is their variance divided by n.",
        "The variances of independent quantities add up, for a difference as well. Take the root at the end; ddof=1.",
    ),
)

SHARED_OUT = """    favoured = np.argsort(-remainders, kind="stable")[: k - places.sum()]
    places[favoured] += 1
    return places
"""
STRATA = """    for c, places in enumerate(largest_remainder(counts, size)):
        in_test[rng.permutation(np.flatnonzero(label == c))[:places]] = True
"""
PERMUTED = "    in_test = np.zeros(len(label), bool)\n    in_test[rng.permutation(len(label))[:size]] = True\n"
ORDER = "    order = rng.permutation(len(counts))\n"
OWN = "    rng = np.random.default_rng(0)\n"
LATEST = 'np.argsort(t, kind="stable")[len(t) - size :]'
SIZE = "int(np.ceil(share * n - 1e-9))"
ENOUGH = "    chosen = order[: np.searchsorted(filled, size) + 1]\n"
ADDED = "    variance = sum(losses.std(ddof=1) / len(losses) ** 0.5 for losses in samples) ** 2\n"
EARLY = "t < t[test].min().item() - gap"
VARIANCE = "    variance = sum(losses.var(ddof=1) / len(losses) for losses in samples)\n"
SPLITS = ("stratified_split", "group_split", "time_split")
SHARING = ("largest_remainder", "stratified_split")

exercise = Exercise(
    parts=(REMAINDER, STRATIFIED, GROUP, TIME, GAP),
    misconceptions=(
        Misconception(
            name="floor_only",
            part=SHARING,
            summary="Your places are rounded down, and those left over are given to nobody.",
            nudge="Do your places add up to k?",
            edits=((SHARED_OUT, "    return places\n"),),
        ),
        Misconception(
            name="round_each",
            part=SHARING,
            summary="Your places are the quotas rounded to the nearest number, each on its own.",
            nudge="Three classes with a quota of 0.67 each: how many places do you give away, and how many are there?",
            edits=((SHARED_OUT, "    return np.rint(numerators / np.sum(counts, dtype=np.int64)).astype(np.int64)\n"),),
        ),
        Misconception(
            name="leftovers_to_the_first",
            part=SHARING,
            summary="Your places left over go to the first classes.",
            nudge="Which class loses most when its quota is rounded down?",
            edits=(("[: k - places.sum()]\n", "[: k - places.sum()]\n    favoured = np.arange(len(favoured))\n"),),
        ),
        Misconception(
            name="leftovers_to_the_largest",
            part=SHARING,
            summary="Your places left over go to the classes with the most members.",
            nudge="A class with a quota of 0.9 gets nothing from you. Is that its share?",
            edits=(("np.argsort(-remainders,", "np.argsort(-numerators,"),),
        ),
        Misconception(
            name="ties_to_the_last",
            part=SHARING,
            summary="Your places left over go to the later ones of classes with equal fractional parts.",
            nudge="Two classes of the same size and one place left: which of them does the rule name?",
            edits=(
                (
                    'np.argsort(-remainders, kind="stable")[:',
                    'np.argsort(remainders, kind="stable")[::-1][:',
                ),
            ),
        ),
        Misconception(
            name="unstratified",
            part="stratified_split",
            summary="Your split shuffles all rows together, whatever their class.",
            nudge="Count the members of a rare class in the test set for a few seeds. What do you see?",
            edits=((STRATA, "    in_test[rng.permutation(len(y))[:size]] = True\n"),),
        ),
        Misconception(
            name="equal_places_per_class",
            part="stratified_split",
            summary="Your test set has equally many rows of each class.",
            nudge="Should a class that makes up one per cent of the data make up half of the test set?",
            edits=(
                ("largest_remainder(counts, size)", "largest_remainder(np.ones_like(counts), len(counts))"),
                ("[:places]] = True", "[: places * size // len(counts)]] = True"),
            ),
        ),
        Misconception(
            name="last_rows_of_the_permutation",
            part="stratified_split",
            summary="Your test set takes the last rows of each permutation.",
            nudge="Which end of the permutation does the docstring give to the test set?",
            edits=(("[:places]] = True", "[len(label[label == c]) - places :]] = True"),),
        ),
        Misconception(
            name="classes_as_they_appear",
            part="stratified_split",
            summary="Your classes draw in the order in which they first appear in y.",
            nudge="In which order does the docstring let the classes draw?",
            edits=(
                (
                    "    for c, places in enumerate(largest_remainder(counts, size)):\n",
                    "    shares = largest_remainder(counts, size)\n"
                    "    for c in dict.fromkeys(label.tolist()):\n"
                    "        places = shares[c]\n",
                ),
            ),
        ),
        Misconception(
            name="drawn_by_choice",
            part="stratified_split",
            summary="Your test rows of a class are drawn with rng.choice.",
            nudge="That is as random, but which draw does the docstring name, so that a seed fixes the split?",
            edits=(
                (
                    "rng.permutation(np.flatnonzero(label == c))[:places]",
                    "rng.choice(np.flatnonzero(label == c), places, replace=False)",
                ),
            ),
        ),
        Misconception(
            name="lonely_class_accepted",
            part="stratified_split",
            summary="Your split accepts a class with a single member.",
            nudge="On which side would you put it, and what is the other side going to miss?",
            edits=(("    if np.any(counts < 2):\n", "    if np.any(counts < 1):\n"),),
        ),
        Misconception(
            name="row_level_groups",
            part="group_split",
            summary="Your split draws rows, so that one group may be on both sides.",
            nudge="Intersect the groups of both sides. What should come out?",
            edits=(
                ("    in_test = np.isin(label, chosen)\n", PERMUTED),
                (ORDER, "    order = np.arange(len(counts))\n"),
            ),
        ),
        Misconception(
            name="groups_as_they_appear",
            part="group_split",
            summary="Your groups are numbered in the order in which they first appear.",
            nudge="Sort the rows in another way: should the same patients be in the test set?",
            edits=(
                (
                    "    _, label, counts = np.unique(groups, return_inverse=True, return_counts=True)\n",
                    "    first = {}\n"
                    "    label = np.array([first.setdefault(g, len(first)) for g in groups.tolist()], int)\n"
                    "    counts = np.bincount(label)\n",
                ),
            ),
        ),
        Misconception(
            name="share_of_the_groups",
            part="group_split",
            summary="Your test set has the right share of the groups, not of the rows.",
            nudge="If the groups drawn happen to be small, how many rows does your test set have?",
            edits=((ENOUGH, "    chosen = order[: _test_rows(test_size, len(counts))]\n"),),
        ),
        Misconception(
            name="stops_before_the_target",
            part="group_split",
            summary="Your test set stops before the group with which it would have enough rows.",
            nudge="Is the number of rows asked for an upper or a lower limit?",
            edits=((ENOUGH, '    chosen = order[: np.searchsorted(filled, size, side="right")]\n'),),
        ),
        Misconception(
            name="one_group_too_many",
            part="group_split",
            summary="Your test set takes another group although it has exactly the rows asked for.",
            nudge="Four groups of two rows, four rows asked for: how many groups are enough?",
            edits=((ENOUGH, ENOUGH.replace("(filled, size)", '(filled, size, side="right")')),),
        ),
        Misconception(
            name="global_seed",
            part=("stratified_split", "group_split"),
            summary="Your split seeds and uses numpy's global generator and ignores rng.",
            nudge="Who owns the state of the random numbers, and who else depends on it?",
            edits=(
                ("in_test[rng.permutation(np", "np.random.seed(0)\n        in_test[np.random.permutation(np"),
                (ORDER, "    np.random.seed(0)\n" + ORDER.replace("rng", "np.random")),
            ),
        ),
        Misconception(
            name="generator_of_its_own",
            part=("stratified_split", "group_split"),
            summary="Your split makes a generator of its own, with seed 0, and ignores rng.",
            nudge="Call it twice: can the two splits ever differ?",
            edits=(
                ("    size = _test_rows(test_size, len(y))\n", "    size = _test_rows(test_size, len(y))\n" + OWN),
                (ORDER, OWN + ORDER),
            ),
        ),
        Misconception(
            name="shuffled_time",
            part="time_split",
            summary="Your split draws its test set at random, so that the future trains the past.",
            nudge="Compare the latest time in training with the earliest in the test set.",
            edits=(
                (
                    LATEST,
                    "np.random.default_rng(0).permutation(len(t))[:size]",
                ),
                (EARLY, "~in_test"),
            ),
        ),
        Misconception(
            name="rows_taken_as_sorted",
            part="time_split",
            summary="Your test set are the last rows of the array, whatever their times.",
            nudge="Shuffle the rows: does the split still separate earlier from later?",
            edits=(('np.argsort(t, kind="stable")[', "np.arange(len(t))["),),
        ),
        Misconception(
            name="ties_straddle",
            part="time_split",
            summary="Your training set contains rows with the very time at which the test set begins.",
            nudge="Two rows of the same second, one on each side: what could the model know?",
            edits=((EARLY, "~in_test & (t <= t[test].min().item() - gap)"),),
        ),
        Misconception(
            name="gap_ignored",
            part="time_split",
            summary="Your training set reaches up to the test set, whatever the gap.",
            nudge="A label says what happens within a week. When are the labels of the last training rows known?",
            edits=((EARLY, "t < t[test].min().item()"),),
        ),
        Misconception(
            name="gap_in_the_test_set",
            part="time_split",
            summary="Your gap is cut out of the test set.",
            nudge="Which side gives up rows, by the docstring?",
            edits=(
                (
                    f"    return _sides({EARLY}, in_test)\n",
                    "    t0 = t[test].min().item()\n    return _sides(t < t0, in_test & (t >= t0 + gap))\n",
                ),
            ),
        ),
        Misconception(
            name="share_rounded_down",
            part=SPLITS,
            summary="Your test set has the share of the rows rounded down.",
            nudge="Which number of rows is asked for, if the share isn't a whole number of them?",
            edits=((SIZE, "int(share * n + 1e-9)"),),
        ),
        Misconception(
            name="rounding_dust",
            part=SPLITS,
            summary="Your test set has a row too many where share times rows is a hair above a whole number.",
            nudge="Print 0.07 * 100. What does rounding up make of it?",
            edits=((SIZE, "int(np.ceil(share * n))"),),
        ),
        Misconception(
            name="sides_swapped",
            part=SPLITS,
            summary="Your test set comes first.",
            nudge="In which order are the two sides to be returned?",
            edits=(
                (
                    "    return np.flatnonzero(in_train), np.flatnonzero(in_test)\n",
                    "    return np.flatnonzero(in_test), np.flatnonzero(in_train)\n",
                ),
            ),
        ),
        Misconception(
            name="empty_side_accepted",
            part=SPLITS,
            summary="Your split returns an empty side.",
            nudge="What would you measure with an empty test set, or train with an empty training set?",
            edits=(
                ("    if size < 1:\n", "    if False:\n"),
                ("    if not in_train.any():\n", "    if False:\n"),
                ("t[test].min().item()", "t[test].min(initial=t.max(initial=0)).item()"),
            ),
        ),
        Misconception(
            name="train_minus_test",
            part="generalization_gap",
            summary="Your gap has the opposite sign.",
            nudge="A model that overfits: should its gap be positive or negative?",
            edits=(("float(test - train)", "float(train - test)"),),
        ),
        Misconception(
            name="biased_variance",
            part="generalization_gap",
            summary="Your variances are divided by n instead of n - 1.",
            nudge="Which estimate of a variance is unbiased?",
            edits=((VARIANCE, VARIANCE.replace("ddof=1", "")),),
        ),
        Misconception(
            name="spread_not_error",
            part="generalization_gap",
            summary="Your error is the spread of single losses, not that of their means.",
            nudge="With a hundred times as many samples, should your error stay as it is?",
            edits=((VARIANCE, VARIANCE.replace(" / len(losses)", "")),),
        ),
        Misconception(
            name="errors_added",
            part="generalization_gap",
            summary="Your error is the sum of the two standard errors.",
            nudge="Which quantities add up for independent samples: standard deviations, or their squares?",
            edits=((VARIANCE, ADDED),),
        ),
        Misconception(
            name="only_the_test_error",
            part="generalization_gap",
            summary="Your error is that of the test set's mean alone.",
            nudge="Is the training loss known without any uncertainty?",
            edits=((VARIANCE, VARIANCE.replace("in samples", "in samples[1:]")),),
        ),
        Misconception(
            name="variances_pooled",
            part="generalization_gap",
            summary="Your error assumes that both sets have the same variance.",
            nudge="After overfitting, which of the two losses scatters more?",
            edits=(
                (
                    VARIANCE,
                    "    n, m = map(len, samples)\n"
                    "    squares = sum(losses.var(ddof=1) * (len(losses) - 1) for losses in samples)\n"
                    "    variance = squares / (n + m - 2) * (1 / n + 1 / m)\n",
                ),
            ),
        ),
    ),
    equivalents=(
        Equivalent(
            'favoured = np.argsort(-remainders, kind="stable")[: k - places.sum()]',
            'favoured = np.argsort(~remainders, kind="stable")[: k - places.sum()]',
            "~r is -r - 1, which has the same order",
        ),
    ),
)
