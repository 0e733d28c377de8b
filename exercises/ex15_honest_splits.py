"""15 · Why keep a separate test set?

To estimate how well a model does on data it hasn't seen. The estimate is honest only if the split is: rare classes on
both sides, no patient on both sides, nothing from the future in training. Write the three splits, the rule that shares
out whole numbers fairly, and the gap that all of it is measured for.

Rules for every part:
- A split returns (train, test): two int64 arrays of row numbers, each in ascending order, with no row in both.
- A share is a float; of n rows it asks for a test set of ceil(share * n - 1e-9) rows. The 1e-9 takes care of rounding:
  0.07 * 100 is a little more than 7 in floating point, and 7 is meant.
- If the training or the test set would be empty, ValueError is raised: always for a share of 0 or less, or 1 or more.
- Random splits draw from `rng`, exactly what their docstring says and nothing else. The global generators of numpy and
  of the module random stay untouched.
- No argument but `rng` is changed. Labels and groups may be integers or strings (numpy arrays of them).

Sources: Kohavi 1995 (stratification); Kapoor, Narayanan 2023, https://doi.org/10.1016/j.patter.2023.100804 (splits that
leak); scikit-learn's user guide on cross-validation, https://scikit-learn.org/stable/modules/cross_validation.html
"""

import numpy as np


def largest_remainder(counts: np.ndarray, k: int) -> np.ndarray:
    """Share out k places among classes in proportion to their counts, in whole numbers.

    The quota of class c is k * counts[c] / sum(counts). Each class first gets its quota rounded down; the places left
    over go, one each, to the classes with the largest fractional parts. If fractional parts are equal, the class with
    the smaller index comes first. They are compared as fractions: those of 4/3 and 1/3 are equal.

    counts: (C,) integers >= 0 with a sum >= 1, of any dtype; k * counts may exceed its range, but not that of int64.
    k: int in 0 .. sum(counts).
    Returns (C,) int64 that sums to k.
    """
    # TODO: quotas, rounded down, then the places that are left. Whole numbers have exact remainders.
    # Which option of argsort keeps equal entries in their order?
    raise NotImplementedError


def stratified_split(y: np.ndarray, test_size: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Split rows at random so that each class has its share of the test set.

    The places in the test set are shared out among the classes by `largest_remainder`; a class may get none. Then, for
    the classes in ascending order, rng.permutation(rows of the class, ascending) is drawn once for each class, and the
    first rows of it, as many as the class has places, go to the test set.

    y: (N,) labels. test_size: share of the rows.
    Returns (train, test), which together hold every row.
    Raises ValueError if a class has a single member, or if a side would be empty.
    """
    # TODO: share out the places first; then one permutation for each class, in ascending order.
    raise NotImplementedError


def group_split(groups: np.ndarray, test_size: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Split rows at random so that no group, such as a patient with several scans, is on both sides.

    rng.permutation(number of groups) is drawn once. It says in which order the groups, numbered in ascending order of
    their names, go to the test set: whole groups, until the test set has at least the rows that test_size asks for.

    groups: (N,) the group of each row. test_size: share of the rows (not of the groups).
    Returns (train, test), which together hold every row.
    Raises ValueError if a side would be empty.
    """
    # TODO: first order the groups, then count rows until there are enough.
    raise NotImplementedError


def time_split(t: np.ndarray, test_fraction: float, gap: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Split rows by time: the latest are the test set, and nothing in training is later than, or too close to, them.

    The test set are the last rows in the order of a stable sort by t, as many as test_fraction asks for. With t0, the
    earliest time among them, the training set are all rows with t < t0 - gap. Rows in between belong to neither side:
    those with the time t0 that didn't fit into the test set, and those in the gap.

    t: (N,) times, integers below 2**53 in size or floats, of any dtype, in any order; t0 - gap may lie outside the
        range of a small dtype.
    test_fraction: share of the rows. gap: number >= 0.
    Returns (train, test).
    Raises ValueError if a side would be empty.
    """
    # TODO: sort by time, cut, and then look again at the rows that are as late as the earliest test row.
    raise NotImplementedError


def generalization_gap(train_losses: np.ndarray, test_losses: np.ndarray) -> tuple[float, float]:
    """Return how much larger the loss is on unseen data, and how uncertain that difference is.

    train_losses, test_losses: (n,) and (m,) losses of single samples, n, m >= 2, independent of each other. Any float
        or integer dtype; everything is computed in float64.
    Returns (gap, error): gap = mean(test_losses) - mean(train_losses), and its standard error, the root of the sum of
        the two squared standard errors of the means, each of them the unbiased variance (n - 1) divided by the number
        of samples.
    """
    # TODO: two means and two variances. Why do the variances add up although the means are subtracted?
    raise NotImplementedError
