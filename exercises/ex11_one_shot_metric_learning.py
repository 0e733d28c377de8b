"""11 · How can a network learn a class from a single example?

It learns a space first, from classes with many examples: an *embedding* in which things of one class lie close
together. A new class is then a point in that space, given by one example or a few. Write the pieces: classification
by the nearest prototype, the episodes it is trained and judged on, and two losses that shape the space from pairs and
triplets.

Rules for all parts:

* Rows are samples. Embeddings are arrays (N, d) with N >= 1 and d >= 1, in any memory layout.
* float32 stays float32. Any other dtype of embeddings (float64, signed or unsigned integers) is computed in and
  returned as float64. Losses, accuracies and half-widths come back as Python floats.
* Inside an episode the `n_way` classes are numbered 0 ... n_way-1. Every one of them has at least one support sample.
* Thousands of queries, a hundred classes and hundreds of features are ordinary. Work on whole arrays, and build
  none of queries x classes x features: it doesn't fit into memory.
* Arguments stay as they are, and answers are new arrays.

Sources: Koch, Zemel & Salakhutdinov 2015 (siamese networks); Vinyals et al. 2016 (arXiv:1606.04080); Snell, Swersky &
Zemel 2017 (arXiv:1703.05175); Hadsell, Chopra & LeCun 2006 (CVPR); Schroff et al. 2015 (arXiv:1503.03832);
https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
"""

import numpy as np


def prototypes(support: np.ndarray, support_labels: np.ndarray, n_way: int) -> np.ndarray:
    """One point per class: the mean of its support samples.

    support: (M, d). support_labels: int64 (M,), each in 0 ... n_way-1, in any order; classes may have different
        numbers of samples.
    Returns (n_way, d), row c for class c.
    Source: Snell et al. 2017, equation 1.
    """
    # TODO: which rows of the support set belong to class c?
    raise NotImplementedError


def proto_logits(query: np.ndarray, protos: np.ndarray) -> np.ndarray:
    """Scores of the classes: minus the SQUARED Euclidean distance from every query to every prototype.

    query: (Q, d). protos: (n_way, d), in the dtype of the query.
    Returns (Q, n_way). For a query on top of a prototype the score is 0, up to rounding.
    Source: Snell et al. 2017, equation 2 and section 2.3.
    """
    # TODO: how can |q - p|^2 be written with a matrix product?
    raise NotImplementedError


def episode_loss(
    support: np.ndarray, support_labels: np.ndarray, query: np.ndarray, query_labels: np.ndarray, n_way: int
) -> tuple[float, float]:
    """How well the queries of one episode are classified: cross-entropy of the softmax of their scores, and accuracy.

    support, support_labels, n_way: as in `prototypes`. query: (Q, d). query_labels: int64 (Q,) in 0 ... n_way-1.
    Returns (loss, accuracy): the mean of minus the log-probability of the right class (natural logarithm), and the
    share of queries whose best class is the right one. Finite for distances of any size. No two classes tie.
    Source: Snell et al. 2017, algorithm 1.
    """
    # TODO: prototypes, scores, then log-softmax; subtract the largest score of a row before exp.
    raise NotImplementedError


def sample_episode(labels: np.ndarray, n_way: int, k_shot: int, n_query: int, rng: np.random.Generator) -> dict:
    """Draw a small classification problem from a large data set.

    labels: int64 (N,), the class of each sample of the data set; any integers, negative ones too.
    n_way, k_shot, n_query: classes, support samples per class, query samples per class; all at least 1.
    rng: asked as follows, and for nothing else. Eligible are the classes with at least k_shot + n_query samples, in
        ascending order. `rng.choice(eligible, n_way, replace=False)` gives the classes of the episode. Then, for one
        after the other of these, `rng.permutation` of the (ascending) indices of all its samples: the first k_shot
        are support, the next n_query are queries.

    Returns {"classes": (n_way,), "support": (n_way, k_shot), "query": (n_way, n_query)}, int64. Row c of the last two
    holds indices into `labels`, of the class classes[c]: c is the label inside the episode.
    Raises ValueError if fewer than n_way classes are eligible.
    Source: Snell et al. 2017, algorithm 1; Vinyals et al. 2016, section 2.2.
    """
    # TODO: np.unique can count. Support and query must never share a sample.
    raise NotImplementedError


def evaluate_episodes(emb: np.ndarray, labels: np.ndarray, episodes: list[dict]) -> tuple[float, float]:
    """Mean accuracy over episodes, with the half-width of its 95 % confidence interval.

    emb: (N, d), the embedding of every sample. labels: int64 (N,), its class in the data set.
    episodes: two or more, each as `sample_episode` returns it for these labels; they may differ in size.
    Each episode is classified by the nearest prototype; every episode counts the same. The half-width is 1.96 times
    the standard error of the mean: the standard deviation of the accuracies (divisor E - 1) over the root of E.
    Returns (mean, half-width).
    """
    # TODO: from the column that wins to a class of the data set: which table translates?
    raise NotImplementedError


def contrastive_loss(
    z1: np.ndarray, z2: np.ndarray, same: np.ndarray, margin: float = 1.0
) -> tuple[float, np.ndarray, np.ndarray]:
    """Loss on pairs: those of one class attract each other, those of two classes repel until they are `margin` apart.

    With the Euclidean distance d of a pair it is half of d^2 if the two are of one class, and half of
    max(0, margin - d)^2 if not, averaged over the pairs.

    z1, z2: (N, d), the embeddings of the two halves of each pair. same: (N,), bool, or numbers 0 and 1.
    Returns (loss, dz1, dz2), the gradients shaped like z1 and z2. For a pair of two classes with d = 0 exactly, where
    no direction leads apart, the gradient is 0.
    Source: Hadsell et al. 2006, section 2.1.
    """
    # TODO: the derivative of d by z1 is a unit vector. What is the force along it, for each kind of pair?
    raise NotImplementedError


def triplet_loss(a: np.ndarray, p: np.ndarray, n: np.ndarray, margin: float = 1.0) -> float:
    """Loss on triplets: the negative should be farther from the anchor than the positive, by `margin` at least.

    a, p, n: anchors, positives, negatives, each (N, d).
    Returns the mean over triplets of max(0, |a - p| - |a - n| + margin). As in PyTorch, 1e-6 is added to every
    component of both differences before their Euclidean length is taken.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html; Schroff et al. 2015.
    """
    # TODO: two distances per triplet, a hinge, a mean, in this order.
    raise NotImplementedError
