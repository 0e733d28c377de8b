"""Cases, misconceptions and hints for 11: small episodes, pairs and triplets."""

from collections.abc import Iterator

import numpy as np

from grader.spec import T32, Case, Equivalent, Exercise, Misconception, Part, Tolerance

EXPANDED = Tolerance(1e-8, 1e-12)  # |q|^2 - 2qp + |p|^2 cancels
F32 = Tolerance(1e-4, 1e-5)

# Drivers


def drawn(student, labels, n_way, k_shot, n_query, seed):
    return student.sample_episode(labels, n_way, k_shot, n_query, np.random.default_rng(seed))


def drawn_and_next(student, labels, n_way, k_shot, n_query, seed):
    rng = np.random.default_rng(seed)
    episode = student.sample_episode(labels, n_way, k_shot, n_query, rng)
    return {"episode": episode, "what the generator draws next": rng.random(2)}


def drawn_twice(student, labels, n_way, k_shot, n_query, seed):
    rng = np.random.default_rng(seed)
    return [student.sample_episode(labels, n_way, k_shot, n_query, rng) for _ in range(2)]


def many_queries(student, query, protos, repeats):
    """A few rows of the scores of very many queries."""
    answer = student.proto_logits(np.tile(query, (repeats, 1)), protos)
    return answer[:: len(query) * 4 + 1].copy() if isinstance(answer, np.ndarray) else answer


def many_in_an_episode(student, support, query, repeats):
    """One shot of each class; the queries and their classes again and again."""
    labels = np.arange(len(support))
    queries, classes = np.tile(query, (repeats, 1)), np.resize(labels, repeats * len(query))
    return student.episode_loss(support, labels, queries, classes, len(support))


# Cases


def classes_of(rng: np.random.Generator, n_way: int, size: int) -> np.ndarray:
    """Labels in random order, every class at least once."""
    return rng.permutation(np.concatenate([np.arange(n_way), rng.integers(0, n_way, size - n_way)]))


def prototype_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, support, support_labels, n_way, tolerance=None):
        inputs = {"support": support, "support_labels": support_labels, "n_way": n_way}
        return Case(f"prototypes: {name}", inputs, tolerance=tolerance)

    by_hand = np.array([[0.0, 0.0], [2.0, 4.0], [10.0, 0.0], [20.0, 2.0]])
    yield case("two classes, two shots", by_hand, np.array([0, 0, 1, 1]), 2)
    yield case("one shot", by_hand[:3], np.array([0, 1, 2]), 3)
    yield case("classes in any order", by_hand, np.array([1, 0, 1, 0]), 2)
    yield case("one shot in any order", by_hand[:3], np.array([2, 0, 1]), 3)
    uneven = np.array([0, 0, 0, 1, 2, 2])
    yield case("unequal numbers of shots", rng.normal(size=(6, 4)), uneven, 3)
    support, labels = rng.normal(size=(12, 5)), classes_of(rng, 5, 12)
    yield case("twelve samples, five classes", support, labels, 5)
    yield case("as many classes as features", rng.normal(size=(6, 3)), np.array([2, 1, 0, 0, 1, 2]), 3)
    yield case("a single class", support, np.zeros(12, np.int64), 1)
    yield case("one feature", support[:, :1], labels, 5)
    single = support.astype(np.float32)
    yield case("float32 stays float32", single, labels, 5, F32)
    yield case("float16 becomes float64", support.astype(np.float16), labels, 5)
    yield case("integers", rng.integers(-5, 6, (6, 4)), uneven, 3)
    yield case("uint8 pixels", rng.integers(100, 256, (6, 4)).astype(np.uint8), uneven, 3)
    yield case("transposed and reversed arrays", np.asfortranarray(support[::-1]), labels[::-1], 5)
    yield case("read-only rows", np.broadcast_to(support[0], (12, 5)), labels, 5)
    yield case("a second identical call", support, labels, 5)


def logit_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, query, protos, tolerance=None):
        return Case(f"scores: {name}", {"query": query, "protos": protos}, tolerance=tolerance)

    yield case("3, 4 and 5", np.array([[0.0, 0.0]]), np.array([[3.0, 0.0], [0.0, 4.0], [3.0, 4.0]]))
    query, protos = rng.normal(size=(6, 5)), rng.normal(size=(4, 5))
    yield case("six queries, four classes", query, protos)
    yield case("as many queries as classes", query[:4], protos)
    yield case("one query", query[:1], protos)
    yield case("one class", query, protos[:1])
    yield case("one feature", query[:, :1], protos[:, :1])
    yield case("a query on top of a prototype", protos[:2], protos)
    yield case("all far from the origin", query + 30, protos + 30)
    yield case("distances of 10000", 1e4 * query, 1e4 * protos)
    yield case("float32 stays float32", query.astype(np.float32), protos.astype(np.float32), F32)
    yield case("float16 becomes float64", query.astype(np.float16), protos.astype(np.float16))
    yield case("integers", rng.integers(-5, 6, (3, 4)), rng.integers(-5, 6, (2, 4)))
    pixels = rng.integers(0, 256, (5, 9)).astype(np.uint8)
    yield case("uint8 pixels", pixels[:3], pixels[3:])
    yield case("other memory layouts", np.asfortranarray(query)[::-1], protos[:, ::-1])
    yield case("read-only rows", np.broadcast_to(query[0], (3, 5)), np.broadcast_to(protos[0], (2, 5)))
    yield case("a second identical call", query, protos)
    many = {"query": rng.normal(size=(30, 256)), "protos": rng.normal(size=(100, 256)), "repeats": 200}
    yield Case("scores: 6000 queries, 100 classes, 256 features", many, driver=many_queries)


def episode_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, support, labels, query, query_labels, n_way, tolerance=None):
        inputs = {"support": support, "support_labels": labels, "query": query, "query_labels": query_labels}
        return Case(f"episode: {name}", {**inputs, "n_way": n_way}, tolerance=tolerance)

    points = np.array([[0.0], [2.0]])
    yield case("one shot, one query", points, np.array([0, 1]), np.array([[0.5]]), np.array([0]), 2)
    yield case("the wrong class is nearer", points, np.array([0, 1]), np.array([[0.5]]), np.array([1]), 2)
    yield case("a query in the middle but a little", points, np.array([1, 0]), np.array([[1.01]]), np.array([0]), 2)
    for name, n_way, per_class, size in (
        ("5 ways, 1 shot", 5, 1, 1.0),
        ("5 ways, 5 shots", 5, 5, 1.0),
        ("20 ways", 20, 2, 2.0),
    ):
        labels = np.repeat(np.arange(n_way), per_class)
        support = rng.normal(size=(len(labels), 3)) + size * np.eye(n_way, 3)[labels]
        query_labels = np.repeat(np.arange(n_way), 3)
        query = rng.normal(size=(len(query_labels), 3)) + size * np.eye(n_way, 3)[query_labels]
        yield case(name, support, labels, query, query_labels, n_way)
    labels, query_labels = classes_of(rng, 4, 11), rng.integers(0, 4, 7)
    support, query = rng.normal(size=(11, 3)), rng.normal(size=(7, 3))
    yield case("unequal shots in any order", support, labels, query, query_labels, 4)
    yield case("as many queries as classes", support, labels, query[:4], query_labels[:4], 4)
    yield case("a single class", support, np.zeros(11, np.int64), query, np.zeros(7, np.int64), 1)
    yield case("distances of 1000", 1000 * support, labels, 1000 * query, query_labels, 4)
    yield case("very close together", 1e-3 * support, labels, 1e-3 * query, query_labels, 4)
    single = support.astype(np.float32), query.astype(np.float32)
    yield case("float32", single[0], labels, single[1], query_labels, 4, T32)
    pixels = rng.integers(0, 256, (9, 30)).astype(np.uint8)  # so many that two distances hardly ever agree
    yield case("uint8 pixels", pixels[:4], np.array([1, 0, 1, 0]), pixels[4:], rng.integers(0, 2, 5), 2)
    yield case("reversed arrays", support[::-1], labels[::-1], query[::-1], query_labels[::-1], 4)
    yield case("a second identical call", support, labels, query, query_labels, 4)
    many = {"support": rng.normal(size=(100, 256)), "query": rng.normal(size=(30, 256)), "repeats": 200}
    yield Case("episode: 6000 queries, 100 classes, 256 features", many, driver=many_in_an_episode)


def sampling_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, labels, n_way, k_shot, n_query, driver=None):
        inputs = {"labels": labels, "n_way": n_way, "k_shot": k_shot, "n_query": n_query}
        return Case(f"sampling: {name}", {**inputs, "seed": int(rng.integers(2**31))}, driver=driver)

    yield case("all samples of two classes", np.array([0, 0, 1, 1]), 2, 1, 1)
    labels = rng.permutation(np.repeat(np.arange(8), 9))
    yield case("3 ways, 2 shots, 4 queries", labels, 3, 2, 4)
    yield case("5 ways, 1 shot, 1 query", labels, 5, 1, 1)
    yield case("more shots than queries", labels, 4, 5, 2)
    yield case("one way", labels, 1, 3, 3)
    yield case("every class, every sample", labels, 8, 4, 5)
    names = np.array([-7, 3, 40, 100, 1000])[rng.integers(0, 5, 60)]
    odd = np.concatenate([names, [-7, 3, 40, 100] * 3])
    yield case("labels that are no small numbers", odd, 3, 1, 2)
    yield case("every class, a negative one too", np.repeat([-7, -2, 3, 40], 3), 4, 1, 2)
    sizes = np.repeat(np.arange(6), [2, 3, 4, 5, 6, 7])
    yield case("small classes are left out", rng.permutation(sizes), 3, 2, 3)
    yield case("enough for the support, not for the queries", rng.permutation(sizes), 4, 3, 1)
    yield case("exactly as many classes as asked for", sizes, 2, 3, 3)
    yield case("too few classes are large enough", sizes, 3, 3, 3)
    yield case("too few classes", labels, 9, 1, 1)
    yield case("no class is large enough", labels, 2, 9, 1)
    yield case("reversed labels", labels[::-1], 3, 2, 4)
    yield case("only what was said is drawn", labels, 3, 2, 4, drawn_and_next)
    yield case("two episodes from one generator", labels, 3, 1, 2, drawn_twice)
    for number in range(1, 4):
        yield case(f"random sizes {number}", rng.integers(0, 12, 150), 5, 2, 3)


def episode_of(rng: np.random.Generator, labels: np.ndarray, n_way: int, k_shot: int, n_query: int) -> dict:
    classes = rng.permutation(np.unique(labels))[:n_way]
    rows = np.array([rng.permutation(np.flatnonzero(labels == c))[: k_shot + n_query] for c in classes])
    return {"classes": classes, "support": rows[:, :k_shot], "query": rows[:, k_shot:]}


def evaluation_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, emb, labels, episodes):
        return Case(f"evaluation: {name}", {"emb": emb, "labels": labels, "episodes": episodes})

    line = np.array([0.0, 1.0, 9.0, 10.0, 4.0, 6.0])[:, None]
    sides = np.array([0, 0, 1, 1, 0, 1])
    right = {"classes": np.array([0, 1]), "support": np.array([[0], [2]]), "query": np.array([[1], [3]])}
    half = {"classes": np.array([1, 0]), "support": np.array([[5], [0]]), "query": np.array([[3, 2], [1, 4]])}
    yield case("two episodes, all right", line, sides, [right, right])
    yield case("by hand: 1, 1 and 3/4", line, sides, [right, right, half])
    labels = rng.permutation(np.repeat([3, 5, 8, 11, 40], 14))
    emb = rng.normal(size=(70, 4)) + np.sqrt(labels)[:, None] * np.array([1, -1, 0, 0.5])
    for name, ways, shots, queries in (("1 shot", 5, 1, 6), ("5 shots", 5, 5, 6), ("2 ways, 3 shots", 2, 3, 4)):
        yield case(name, emb, labels, [episode_of(rng, labels, ways, shots, queries) for _ in range(10)])
    two = [episode_of(rng, labels, 3, 2, 8), episode_of(rng, labels, 5, 1, 1)]
    yield case("one large and one small episode", emb, labels, [*two, two[1], two[0]])
    yield case("two episodes", emb, labels, two)
    small = rng.permutation(np.repeat(np.arange(4), 12))
    blobs = rng.normal(size=(48, 3)) + np.eye(4, 3)[small]
    yield case("labels 0 to 3", blobs, small, [episode_of(rng, small, 3, 2, 5) for _ in range(20)])
    yield case("one feature", emb[:, :1], labels, [episode_of(rng, labels, 3, 1, 5) for _ in range(6)])
    pixels = rng.integers(0, 256, (70, 40)).astype(np.uint8)
    yield case("uint8 pixels", pixels, labels, [episode_of(rng, labels, 3, 3, 4) for _ in range(5)])
    some = [episode_of(rng, labels, 4, 2, 5) for _ in range(6)]
    yield case("other memory layouts", np.asfortranarray(emb)[:, ::-1], labels, some)
    yield case("a second identical call", emb, labels, some)


def contrastive_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, z1, z2, same, tolerance=None, **margin):
        return Case(f"pairs: {name}", {"z1": z1, "z2": z2, "same": same, **margin}, tolerance=tolerance)

    origin = np.zeros((1, 2))
    yield case("one pair of one class, by hand", np.array([[3.0, 4.0]]), origin, np.array([1]))
    yield case("one pair of two classes, by hand", np.array([[0.3, 0.4]]), origin, np.array([0]))
    z1 = rng.normal(size=(8, 3))
    direction = rng.normal(size=(8, 3))
    lengths = np.array([0.2, 0.5, 0.9, 1.1, 1.5, 2.5, 0.7, 1.8])
    z2 = z1 + direction / np.linalg.norm(direction, axis=1)[:, None] * lengths[:, None]
    same = np.array([1, 0, 0, 0, 1, 0, 1, 0])
    yield case("all of one class", z1, z2, np.ones(8, np.int64))
    yield case("all of two classes", z1, z2, np.zeros(8, np.int64))
    yield case("both kinds", z1, z2, same)
    yield case("margin 2", z1, z2, same, margin=2.0)
    yield case("a small margin", z1, z2, same, margin=0.6)
    yield case("beyond the margin nothing repels", z1, z2 + 10, np.zeros(8, np.int64))
    yield case("all pairs twice", np.vstack([z1, z1]), np.vstack([z2, z2]), np.concatenate([same, same]))
    yield case("bools", z1, z2, same == 1)
    yield case("floats for same", z1, z2, same.astype(np.float64))
    yield case("uint8 for same", z1, z2, same.astype(np.uint8))
    equal = z1.copy()
    equal[::2] = z2[::2]
    yield case("identical embeddings of two classes", equal, z2, np.array([0, 0, 0, 1, 1, 0, 0, 0]))
    yield case("nothing but identical pairs of two classes", z1, z1.copy(), np.zeros(8, np.int64), margin=1.5)
    yield case("identical pairs of one class", z1, z1.copy(), np.ones(8, np.int64))
    near = 1e-10 * direction
    yield case("two classes, next to each other", near, 0 * near, np.zeros(8, np.int64))
    yield case("one feature", z1[:, :1], z2[:, :1], same)
    yield case("far apart", 1e4 * z1, 1e4 * z2, same)
    single = z1.astype(np.float32), z2.astype(np.float32)
    yield case("float32 stays float32", *single, same, F32)
    half = z1.astype(np.float16), z2.astype(np.float16)
    yield case("float16 becomes float64", *half, same)
    yield case("float32 with bools", *single, same == 1, F32, margin=2.0)
    yield case("integers", rng.integers(-2, 3, (5, 3)), rng.integers(3, 6, (5, 3)), same[:5], margin=20.0)
    pixels = rng.integers(0, 256, (10, 3)).astype(np.uint8)
    yield case("uint8 pixels", pixels[:5], pixels[5:], same[:5], margin=500.0)
    yield case("other memory layouts", np.asfortranarray(z1)[::-1], z2[::-1], same[::-1])
    yield case("a second identical call", z1, z2, same)


def triplet_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, a, p, n, tolerance=None, **margin):
        return Case(f"triplets: {name}", {"a": a, "p": p, "n": n, **margin}, tolerance=tolerance)

    a, p, n = (rng.normal(size=(9, 3)) for _ in range(3))
    yield case("by hand: distances 2 and 1.5", np.zeros((1, 1)), np.array([[-2.0]]), np.array([[-1.5]]))
    yield case("nine triplets", a, p, n)
    yield case("margin 0.2", a, p, n, margin=0.2)
    yield case("margin 5", a, p, n, margin=5.0)
    yield case("easy triplets cost nothing", a, a + 0.1, n + 20)
    yield case("half of them easy", a, a + 0.1, np.vstack([n[:4] + 20, a[4:] + 0.3 * n[4:]]))
    yield case("the positive equals the anchor", a, a.copy(), a + 0.2 * n)
    yield case("all three are equal", a, a.copy(), a.copy())
    yield case("only the negative equals the anchor", a, p, a.copy())
    yield case("one feature", a[:, :1], p[:, :1], n[:, :1])
    yield case("one triplet", a[:1], p[:1], n[:1])
    single = [x.astype(np.float32) for x in (a, p, n)]
    yield case("float32", *single, F32)
    yield case("float16 is computed in float64", *(x.astype(np.float16) for x in (a, p, n)))
    yield case("integers", *(rng.integers(-4, 5, (5, 3)) for _ in range(3)))
    yield case("uint8 pixels", *(rng.integers(0, 256, (5, 3)).astype(np.uint8) for _ in range(3)), margin=100.0)
    yield case("other memory layouts", np.asfortranarray(a), p[:, ::-1], np.broadcast_to(n[0], (9, 3)))
    yield case("a second identical call", a, p, n)


SCORES = "return 2 * query @ protos.T - (query**2).sum(axis=1)[:, None] - (protos**2).sum(axis=1)"
LOSS = "loss = np.mean(same * d**2 + (1 - same) * gap**2) / 2"
FORCE = "dz1 = (same - (1 - same) * repulsion)[:, None] * difference / len(d)"
HINGE = "return float(np.mean(np.maximum(near - far + margin, 0)))"
HALF_WIDTH = "float(1.96 * np.std(accuracies, ddof=1) / math.sqrt(len(episodes)))"
COMPARED = 'episode["classes"][predicted] == labels[queries]'

exercise = Exercise(
    parts=(
        Part(
            "prototypes",
            prototype_cases,
            hints=(
                "A prototype is the centre of the support samples of its class.",
                "For each class select its rows with a boolean mask and average them; or multiply with a one-hot "
                "matrix and divide by the counts.",
                "support[support_labels == c].mean(axis=0) for c in range(n_way), stacked. Convert integers first.",
            ),
        ),
        Part(
            "proto_logits",
            logit_cases,
            hints=(
                "The nearest class should have the largest score, and the largest possible score is 0.",
                "Multiply out |q - p|^2: two terms depend on one row only, the third is a matrix product.",
                "Take the squared lengths of the queries as a column and those of the prototypes as a row, subtract "
                "both from twice query @ protos.T. No root anywhere.",
            ),
            tolerance=EXPANDED,
        ),
        Part(
            "episode_loss",
            episode_cases,
            hints=(
                "An episode is an ordinary classification problem, whose last layer is made from the support set.",
                "Prototypes, scores, log-softmax along the classes; then pick the entry of the right class in each "
                "row.",
                "Subtract the row's maximum, then the logarithm of the sum of exp. The loss is minus the mean of what "
                "stands at [i, query_labels[i]]; the accuracy compares argmax with the labels.",
            ),
            tolerance=EXPANDED,
            returns=("loss", "accuracy"),
        ),
        Part(
            "sample_episode",
            sampling_cases,
            hints=(
                "First the classes, then for each of them its samples; every draw from `rng`, in the order given.",
                "np.unique(labels, return_counts=True) gives the classes in ascending order with their sizes. Shuffle "
                "the indices of a class once, and cut the result into two pieces.",
                "shuffled[:k_shot] is support, shuffled[k_shot:k_shot + n_query] are queries. rng.choice raises "
                "ValueError by itself when there are too few classes.",
            ),
            driver=drawn,
        ),
        Part(
            "evaluate_episodes",
            evaluation_cases,
            hints=(
                "For every episode one accuracy; then mean and spread of these numbers.",
                "Prototypes come from emb[support]; the best column of the scores is a class of the episode. Translate "
                "it with `classes` before you compare it with labels[query].",
                "np.std(accuracies, ddof=1) is the spread of single episodes; the mean of E of them is less uncertain, "
                "by the root of E.",
            ),
            returns=("mean", "half-width"),
        ),
        Part(
            "contrastive_loss",
            contrastive_cases,
            hints=(
                "A pair of one class is held by a spring of length 0. A pair of two classes is pushed by a spring "
                "that is relaxed at `margin`.",
                "The derivative of half of d^2 by z1 is z1 - z2. For the other kind, use the chain rule through d, "
                "whose derivative is (z1 - z2) / d.",
                "Write one factor per pair: 1 if the same, otherwise minus max(0, margin - d) / d, and 0 where d is 0. "
                "Multiply z1 - z2 by it and divide by the number of pairs; dz2 is the opposite.",
            ),
            returns=("loss", "dz1", "dz2"),
        ),
        Part(
            "triplet_loss",
            triplet_cases,
            hints=(
                "Only the difference of two distances counts, and only while it is on the wrong side of the margin.",
                "Distances along axis 1, then the hinge for every triplet on its own, and the mean at the very end.",
                "np.linalg.norm(a - p + 1e-6, axis=1), the same with n, np.maximum(... + margin, 0), mean.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "euclid_unsquared",
            ("proto_logits", "episode_loss"),
            "Your scores are minus the distance, where minus the squared distance is due.",
            "Think of a Gaussian around each prototype: what stands in its exponent?",
            edits=(
                (SCORES, SCORES.replace("return ", "squared = ") + "\n    return -np.sqrt(np.maximum(-squared, 0))"),
            ),
        ),
        Misconception(
            "sum_prototypes",
            ("prototypes", "episode_loss", "evaluate_episodes"),
            "Your prototypes are sums of the support samples, where means are due.",
            "A class gets twice as many support samples: should its prototype move away?",
            edits=((".mean(axis=0) for c", ".sum(axis=0) for c"),),
        ),
        Misconception(
            "score_sign",
            ("proto_logits", "episode_loss", "evaluate_episodes"),
            "Your scores are the squared distances themselves, so the farthest class wins.",
            "Softmax prefers the largest score: which class should that be?",
            edits=((SCORES, SCORES.replace("return ", "return -(") + ")"),),
        ),
        Misconception(
            "bytes_wrap_around",
            ("proto_logits", "contrastive_loss", "triplet_loss"),
            "Your code computes with small integers as they come, and these wrap around: 3 - 5 is 254 for bytes.",
            "What is np.uint8(3) - np.uint8(5)?",
            edits=(
                ("    query, protos = _as_float(query), _as_float(protos)\n", ""),
                ("    query, protos = query - centre, protos - centre\n", ""),
                (SCORES, "return np.stack([-(_as_float(query - p) ** 2).sum(axis=1) for p in protos], axis=1)"),
                ("    z1, z2 = _as_float(z1), _as_float(z2)\n    same = np.asarray(same, z1.dtype)\n", ""),
                (
                    "difference = z1 - z2",
                    "difference = _as_float(z1 - z2)\n    same = np.asarray(same, difference.dtype)",
                ),
                ("    a, p, n = _as_float(a), _as_float(p), _as_float(n)\n", ""),
                ("np.linalg.norm(a - p + 1e-6", "np.linalg.norm(_as_float(a - p) + 1e-6"),
                ("np.linalg.norm(a - n + 1e-6", "np.linalg.norm(_as_float(a - n) + 1e-6"),
            ),
        ),
        Misconception(
            "query_in_support",
            "sample_episode",
            "Your queries are samples that are in the support set, too.",
            "Intersect the two sets of indices: what has to come out?",
            edits=(("drawn[:, k_shot:].copy()", "drawn[:, :n_query].copy()"),),
        ),
        Misconception(
            "eligible_by_support_only",
            "sample_episode",
            "Your code takes classes that have enough samples for the support set, but not for the queries on top of "
            "it.",
            "How many different samples of each class does an episode need?",
            code="""
def sample_episode(labels, n_way, k_shot, n_query, rng):
    known, counts = np.unique(labels, return_counts=True)
    classes = rng.choice(known[counts >= k_shot], n_way, replace=False)
    rows = [rng.permutation(np.flatnonzero(labels == c)) for c in classes]
    support = np.array([row[:k_shot] for row in rows])
    return {"classes": classes, "support": support, "query": np.array([row[k_shot:][:n_query] for row in rows])}
""",
        ),
        Misconception(
            "classes_sorted",
            "sample_episode",
            "Your episode lists its classes in ascending order, not in the order in which they were drawn.",
            "If the classes are always sorted, what can a model learn from a class's position?",
            edits=(
                (
                    "classes = rng.choice(eligible, n_way, replace=False)",
                    "classes = np.sort(rng.choice(eligible, n_way, replace=False))",
                ),
            ),
        ),
        Misconception(
            "classes_drawn_with_replacement",
            "sample_episode",
            "Your episode may hold the same class twice.",
            "What does rng.choice do by default with an item that was drawn?",
            edits=(("classes = rng.choice(eligible, n_way, replace=False)", "classes = rng.choice(eligible, n_way)"),),
        ),
        Misconception(
            "global_labels",
            "evaluate_episodes",
            "Your code compares the winning column of an episode with the class number of the data set.",
            "An episode has as many columns as ways: which of them stands for class 40?",
            edits=((COMPARED, "predicted == labels[queries]"),),
        ),
        Misconception(
            "ci_no_sqrt",
            "evaluate_episodes",
            "Your half-width is that of a single episode: it doesn't shrink when there are more of them.",
            "Run four times as many episodes: how much better is the mean known?",
            edits=((HALF_WIDTH, "float(1.96 * np.std(accuracies, ddof=1))"),),
        ),
        Misconception(
            "ci_population_std",
            "evaluate_episodes",
            "Your standard deviation divides by the number of episodes.",
            "With two episodes, what is the spread around their own mean worth? Which divisor is asked for?",
            edits=(("np.std(accuracies, ddof=1)", "np.std(accuracies)"),),
        ),
        Misconception(
            "ci_of_queries",
            "evaluate_episodes",
            "Your mean counts every query the same, where every episode should count the same.",
            "One episode has 24 queries and another has 5: what is the mean of their accuracies?",
            edits=(
                (
                    "return float(np.mean(accuracies)),",
                    'sizes = [e["query"].size for e in episodes]\n'
                    "    return float(np.average(accuracies, weights=sizes)),",
                ),
            ),
        ),
        Misconception(
            "margin_on_square",
            "contrastive_loss",
            "Your code subtracts the squared distance from the margin, where the squared difference of margin and "
            "distance is due.",
            "Which two lengths are compared: has the margin the unit of a distance, or of its square?",
            edits=(
                ("gap = np.maximum(margin - d, 0)", "gap = np.maximum(margin - d**2, 0)"),
                (LOSS, LOSS.replace("gap**2", "gap")),
                (FORCE, "dz1 = (same - (1 - same) * (gap > 0))[:, None] * difference / len(d)"),
            ),
        ),
        Misconception(
            "half_missing",
            "contrastive_loss",
            "Your gradients are twice as large as those of your loss.",
            "Compare with a finite difference of the loss: move one number by 1e-6.",
            edits=((FORCE, FORCE.replace("dz1 = ", "dz1 = 2 * ")),),
        ),
        Misconception(
            "loss_without_half",
            "contrastive_loss",
            "Your loss and its gradients lack the half in front of both terms.",
            "Two points at distance 5 that should be one: what is half of their squared distance?",
            edits=((LOSS, LOSS.removesuffix(" / 2")), (FORCE, FORCE.replace("dz1 = ", "dz1 = 2 * "))),
        ),
        Misconception(
            "same_flag_inverted",
            "contrastive_loss",
            "Your code pulls pairs of two classes together and pushes those of one class apart.",
            "Which pairs should attract each other, and what does `same` say about them?",
            edits=(("same = np.asarray(same, z1.dtype)", "same = 1 - np.asarray(same, z1.dtype)"),),
        ),
        Misconception(
            "nan_at_distance_0",
            "contrastive_loss",
            "Your gradient divides 0 by 0 where the two embeddings of a pair of two classes are equal.",
            "What is your gradient for two identical embeddings, and what does the docstring ask for?",
            edits=(("np.divide(gap, d, out=np.zeros_like(d), where=d > 0)", "gap / d"),),
        ),
        Misconception(
            "gradient_not_averaged",
            "contrastive_loss",
            "Your loss is the mean over the pairs, but your gradients belong to their sum.",
            "Feed all pairs twice: does the loss change? And the gradient of each pair?",
            edits=((FORCE, FORCE.removesuffix(" / len(d)")),),
        ),
        Misconception(
            "second_gradient_same_sign",
            "contrastive_loss",
            "Your two gradients are equal, but the two halves of a pair have to move in opposite directions.",
            "z1 moves towards z2: in which direction should z2 move?",
            edits=(("return float(loss), dz1, -dz1", "return float(loss), dz1, dz1.copy()"),),
        ),
        Misconception(
            "triplet_squared",
            "triplet_loss",
            "Your triplet loss compares squared distances, as FaceNet does, where PyTorch compares distances.",
            "What comes out for distances 2 and 1.5 and a margin of 1?",
            edits=(
                ("near = np.linalg.norm(a - p + 1e-6, axis=1)", "near = np.linalg.norm(a - p + 1e-6, axis=1) ** 2"),
                ("far = np.linalg.norm(a - n + 1e-6, axis=1)", "far = np.linalg.norm(a - n + 1e-6, axis=1) ** 2"),
            ),
        ),
        Misconception(
            "hinge_after_mean",
            "triplet_loss",
            "Your hinge acts on the mean, so easy triplets make up for hard ones.",
            "One triplet is satisfied by far, the other one isn't: should the loss be 0?",
            edits=((HINGE, "return float(max(np.mean(near - far + margin), 0))"),),
        ),
        Misconception(
            "positive_and_negative_swapped",
            "triplet_loss",
            "Your loss wants the positive to be farther away than the negative.",
            "Which of the two distances should be the larger one?",
            edits=((HINGE, HINGE.replace("near - far", "far - near")),),
        ),
        Misconception(
            "no_1e_6",
            "triplet_loss",
            "Your distances lack the 1e-6 that PyTorch adds to every component.",
            "What does PyTorch's page say about `eps`, and what does the docstring here?",
            edits=(("a - p + 1e-6", "a - p"), ("a - n + 1e-6", "a - n")),
        ),
    ),
    equivalents=(
        Equivalent(
            "return x if x.dtype == np.float32 else x.astype(np.float64)",
            "return x if x.dtype >= np.float32 else x.astype(np.float64)",
            "float64 is the only other dtype to which float32 can be cast, and needs no conversion",
        ),
        Equivalent(
            "repulsion = np.divide(gap, d, out=np.zeros_like(d), where=d > 0)",
            "repulsion = np.divide(gap, d, out=np.zeros_like(d), where=d != 0)",
            "a distance is never negative",
        ),
    ),
)
