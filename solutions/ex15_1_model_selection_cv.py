"""15-1 · Why a validation set as well?

Whatever data made a choice can't also judge it. Build the tools that keep the two apart: folds, cross-validation that
doesn't leak, a rule for choosing a model, nested cross-validation, and a number for what a careless choice
flatters itself by.

Rules for all parts:

* Rows are samples. Indices are int64 arrays, ascending. A list of folds is a list of pairs (train_idx, val_idx):
  no row is in both, together they are all rows, and every row is in exactly one val_idx of the list.
* Higher scores are better.
* `rng` is a numpy Generator. Draw from it exactly what is said, in the order that is said.
* Arguments stay as they are (apart from the state of rng and of the objects that you fit).
* "Larger" folds come first: of n rows in k folds, the first n % k have one row more than the others.

Sources: Hastie, Tibshirani, Friedman 2009, The Elements of Statistical Learning, 7.10
(https://hastie.su.domains/ElemStatLearn/); Cawley & Talbot 2010 (https://jmlr.org/papers/v11/cawley10a.html).
"""

from collections.abc import Callable

import numpy as np


def _check(n: int, k: int) -> None:
    if not 2 <= k <= n:
        raise ValueError(f"k must be between 2 and the number of rows, {n}; it is {k}")


def _pairs(fold_of: np.ndarray, k: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """(train_idx, val_idx) for each fold, from the fold in which each row validates."""
    return [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(k)]


def kfold(n: int, k: int, rng: np.random.Generator | None = None) -> list[tuple[np.ndarray, np.ndarray]]:
    """k folds of n rows, as pairs (train_idx, val_idx).

    Without rng, the validation rows are consecutive pieces of 0 ... n - 1. With rng they are the consecutive pieces of
    one `rng.permutation(n)`, each sorted.

    Raises ValueError if k < 2 or k > n.
    """
    _check(n, k)
    order = np.arange(n) if rng is None else rng.permutation(n)
    fold_of = np.empty(n, dtype=np.int64)
    for fold, rows in enumerate(np.array_split(order, k)):
        fold_of[rows] = fold
    return _pairs(fold_of, k)


def stratified_kfold(y: np.ndarray, k: int, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """k folds in which each class is spread as evenly as possible, as pairs (train_idx, val_idx).

    y: labels (n,), numbers or strings. The classes are taken in ascending order. The row numbers of a class are
    shuffled by one `rng.permutation(row_numbers)` and dealt out to the folds like cards, one at a time; the next class
    goes on at the fold where the dealing stopped. So the sizes of the folds, and the counts of each class in them,
    differ by at most one. A class may have fewer than k rows.

    Raises ValueError if k < 2 or k > n.
    """
    _check(len(y), k)
    order = np.concatenate([rng.permutation(np.flatnonzero(y == label)) for label in np.unique(y)])
    fold_of = np.empty(len(y), dtype=np.int64)
    fold_of[order] = np.arange(len(y)) % k
    return _pairs(fold_of, k)


def cross_validate(
    X: np.ndarray, y: np.ndarray, folds: list[tuple[np.ndarray, np.ndarray]], preprocess, model
) -> np.ndarray:
    """The validation score of each fold, float64 (number of folds,), in the order of the folds.

    preprocess.fit(X) learns something from rows, for instance means, and returns nothing; preprocess.apply(X) returns
    the rows in their new form. model.fit(X, y) trains from scratch and returns nothing; model.score(X, y) gives a
    number. Both objects may be fitted again for each fold; what they learnt before is then forgotten.

    The model is trained on preprocessed rows of train_idx, and scored once per fold, on preprocessed rows of val_idx.
    Nothing that is fitted for a fold sees a row that validates in it.
    """
    scores = []
    for train, val in folds:
        preprocess.fit(X[train])
        model.fit(preprocess.apply(X[train]), y[train])
        scores.append(model.score(preprocess.apply(X[val]), y[val]))
    return np.array(scores, dtype=np.float64)


def select_one_se(scores: np.ndarray, complexity: np.ndarray) -> int:
    """The index of the simplest of m models that is about as good as the best one: the one-standard-error rule.

    scores: (m, k), the scores of each model in k >= 2 folds; complexity: (m,), larger is more complex. The best model
    is the one with the highest mean, the first of them in a tie. Its standard error is that of a mean of k scores,
    from their sample standard deviation (ddof=1). Among all models whose mean is at least the best mean minus one
    standard error, the least complex one is chosen; in a tie the one with the higher mean, then the first of them.

    Source: Hastie et al. 2009, 7.10.1; Breiman et al. 1984.
    """
    means = scores.mean(axis=1)
    best = means.argmax()
    standard_error = scores[best].std(ddof=1) / np.sqrt(scores.shape[1])
    good = np.flatnonzero(means >= means[best] - standard_error)
    return int(min(good, key=lambda i: (complexity[i], -means[i], i)))


def _mean_score(X: np.ndarray, y: np.ndarray, folds: list, model_factory: Callable, candidate) -> float:
    model, scores = model_factory(candidate), []
    for train, val in folds:
        model.fit(X[train], y[train])
        scores.append(model.score(X[val], y[val]))
    return float(np.mean(scores))


def nested_cv(
    X: np.ndarray,
    y: np.ndarray,
    outer: list[tuple[np.ndarray, np.ndarray]],
    inner_k: int,
    candidates: list,
    model_factory: Callable,
    rng: np.random.Generator,
) -> np.ndarray:
    """Scores of the whole procedure "choose a candidate, then train it", float64 (number of outer folds,).

    For each outer fold, in order: cut its training rows into inner folds by one `kfold(number of training rows,
    inner_k, rng)`, which all candidates share (its indices count within the training rows). Choose the candidate with
    the highest mean inner score, the first of them in a tie. Train it anew on all training rows of the outer fold, and
    score it once, on the outer validation rows, which nothing has seen until then.

    model_factory(candidate) returns a new, untrained model, with fit(X, y) and score(X, y) as above. In which order the
    inner models are trained is up to you.

    Source: Varma & Simon 2006 (https://doi.org/10.1186/1471-2105-7-91).
    """
    scores = []
    for train, val in outer:
        X_train, y_train = X[train], y[train]
        inner = kfold(len(train), inner_k, rng)
        means = [_mean_score(X_train, y_train, inner, model_factory, c) for c in candidates]
        model = model_factory(candidates[np.argmax(means)])
        model.fit(X_train, y_train)
        scores.append(model.score(X[val], y[val]))
    return np.array(scores, dtype=np.float64)


def optimism(val_scores: np.ndarray, fresh_scores: np.ndarray) -> float:
    """By how much the validation score of the chosen model flatters it.

    val_scores, fresh_scores: (m,), the scores of m models on the validation rows and on fresh rows, floats or integers
    of any kind. The model with the highest validation score is chosen, the first of them in a tie. Returns its
    validation score minus its fresh score, which is negative if it was unlucky.
    """
    chosen = np.argmax(val_scores)
    return float(val_scores[chosen]) - float(fresh_scores[chosen])
