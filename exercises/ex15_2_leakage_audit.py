"""15-2 · What does a contaminated test set mean?

A test score is worth something only if nothing about the test set was known in training. Write the checks of an audit:
identical rows, nearly identical rows, shared identities, features that give the answer away, contradicting labels,
and the repair.

Rules for all parts:

* `train`, `test` and `X` hold one sample per entry of the first axis, of any further shape, for instance (n, d) or
  (n, h, w); train and test agree in that shape. There may be no samples at all.
* Two samples are *identical* if all their values are, as float64 numbers and position by position: 255 is 255.0,
  -0.0 is 0.0, and NaN is NaN here. Nothing is rescaled, so an image in 0 ... 255 isn't identical to the same
  image in 0 ... 1.
* Integer inputs are converted to float64 before anything is computed with them.
* Indices are int64 arrays, ascending, unless said otherwise. Arguments stay as they are.

Sources: Kapoor & Narayanan 2023, Leakage and the reproducibility crisis (https://doi.org/10.1016/j.patter.2023.100804);
Barz & Denzler 2020, Do we train on test data? (arXiv:1902.00423).
"""

import numpy as np


def exact_overlap(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Indices of the test samples that are identical to some training sample.

    Comparing every pair is too slow: 50 000 samples against 50 000 should take about a second.
    """
    # TODO: what can be looked up in a set, so that each test sample is looked up once?
    raise NotImplementedError


def near_duplicates(train: np.ndarray, test: np.ndarray, min_cosine: float, block: int = 1024) -> np.ndarray:
    """All pairs (training index, test index) with a cosine similarity of at least min_cosine, int64 (k, 2).

    The pairs are in the order of their test index, and for the same test sample in that of the training index. The
    cosine of two samples is the scalar product of their values, divided by both lengths; a sample of zeros only is
    similar to nothing, whatever min_cosine is. Without pairs the result has the shape (0, 2).

    The table of all similarities may be too large: compare at most `block` samples of one set with the other set at a
    time. (Memory is measured, generously: several tables of that size and several float64 copies of the data are fine.)
    """
    # TODO: normalise once; then one matrix product per block gives its similarities.
    raise NotImplementedError


def id_overlap(train_ids: np.ndarray, test_ids: np.ndarray) -> np.ndarray:
    """The identities (patients, users, films) that occur in both sets: each one once, ascending, of the ids' dtype.

    train_ids (n,), test_ids (m,): integers or strings, the same kind in both.
    """
    # TODO: an intersection of two sets.
    raise NotImplementedError


def leaky_features(X: np.ndarray, y: np.ndarray, auc_threshold: float = 0.99) -> np.ndarray:
    """Columns that tell the classes apart suspiciously well on their own, in either direction.

    X: (n, d); y: (n,), exactly two different values; the larger one is the positive class. The AUC of a column is the
    probability that a random positive sample has a larger value than a random negative one, where equal values count
    one half. A column is reported if AUC or 1 - AUC is at least auc_threshold.

    Raises ValueError unless y has exactly two different values. Source: Hanley & McNeil 1982
    (https://doi.org/10.1148/radiology.143.1.7063747).
    """
    # TODO: the ranks of the positive samples say it all; what rank do equal values share?
    raise NotImplementedError


def conflicting_labels(X: np.ndarray, y: np.ndarray) -> list[list[int]]:
    """Groups of identical samples that don't all have the same label.

    y: integer labels (n,). A group is the list of the indices of *all* samples that are identical to each other,
    ascending; groups are ordered by their first index. Groups whose labels agree are left out.
    """
    # TODO: collect indices by sample first, and look at labels afterwards.
    raise NotImplementedError


def clean_split(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Indices of the training samples to keep, so that no sample is in both sets.

    The test set stays as it is, so that results remain comparable with others. Samples that occur several times
    in train, but not in test, all stay.
    """
    # TODO: which set is searched now, and which one is looked up in?
    raise NotImplementedError
