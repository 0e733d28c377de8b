# Style: plain loops over queries, classes and pairs; only rows are numpy.
import math
from collections import Counter, defaultdict

import numpy as np


def real(x):
    return x if x.dtype == np.float32 else x.astype("float64")


def prototypes(support, support_labels, n_way):
    groups = defaultdict(list)
    for row, label in zip(real(support), support_labels, strict=True):
        groups[int(label)].append(row)
    return np.array([sum(groups[c]) / len(groups[c]) for c in range(n_way)], dtype=real(support).dtype)


def proto_logits(query, protos):
    query, protos = real(query), real(protos)
    out = np.empty((len(query), len(protos)), query.dtype)
    for k, p in enumerate(protos):
        out[:, k] = -np.square(query - p).sum(axis=1)
    return out


def episode_loss(support, support_labels, query, query_labels, n_way):
    total = hits = 0
    for scores, label in zip(
        proto_logits(query, prototypes(support, support_labels, n_way)).tolist(), query_labels.tolist(), strict=True
    ):
        best = max(scores)
        total += best + math.log(sum(math.exp(s - best) for s in scores)) - scores[label]
        hits += scores.index(best) == label
    return total / len(query), hits / len(query)


def sample_episode(labels, n_way, k_shot, n_query, rng):
    sizes = Counter(labels.tolist())
    large = sorted(c for c, size in sizes.items() if size >= k_shot + n_query)
    if n_way > len(large):
        raise ValueError("too few classes")
    classes = rng.choice(np.array(large), size=n_way, replace=False)
    support, query = [], []
    for c in classes:
        order = rng.permutation([i for i in range(len(labels)) if labels[i] == c])
        support.append(order[0:k_shot])
        query.append(order[k_shot:][:n_query])
    return dict(classes=classes, support=np.stack(support), query=np.stack(query))  # noqa: C408


def evaluate_episodes(emb, labels, episodes):
    emb = real(emb)
    results = []
    for episode in episodes:
        right = count = 0
        centres = [emb[row].mean(0) for row in episode["support"]]
        for number, row in enumerate(episode["query"]):
            for i in row:
                distances = [float(((emb[i] - centre) ** 2).sum()) for centre in centres]
                right += distances.index(min(distances)) == number
                count += 1
        results.append(right / count)
    mean = math.fsum(results) / len(results)
    variance = math.fsum((r - mean) ** 2 for r in results) / (len(results) - 1)
    return mean, 1.96 * math.sqrt(variance) / math.sqrt(len(results))


def contrastive_loss(z1, z2, same, margin=1.0):
    a, b = real(z1), real(z2)
    loss, da, db = 0.0, np.zeros_like(a), np.zeros_like(b)
    for i in range(len(a)):
        step = a[i] - b[i]
        d = float(np.sqrt(step @ step))
        if same[i]:
            loss += 0.5 * d * d
            da[i], db[i] = step, -step
        elif d < margin:
            loss += 0.5 * (margin - d) ** 2
            if d > 0:
                da[i], db[i] = step * (1 - margin / d), step * (margin / d - 1)
    return loss / len(a), da / len(a), db / len(a)


def triplet_loss(a, p, n, margin=1.0):
    losses = []
    for x, y, z in zip(real(a), real(p), real(n), strict=True):
        difference = np.linalg.norm(x - y + 1e-6) - np.linalg.norm(x - z + 1e-6)
        losses.append(max(0.0, float(difference) + margin))
    return sum(losses) / len(losses)
