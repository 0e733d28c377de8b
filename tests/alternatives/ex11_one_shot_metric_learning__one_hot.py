# Style: one-hot matrices, scores without centring, plain expansions, everything as matrix products.
import numpy as np


def as_real(x):
    x = np.asarray(x)
    return np.array(x, dtype=np.float32 if x.dtype == np.float32 else float)


def prototypes(support, support_labels, n_way):
    support = as_real(support)
    one_hot = (np.arange(n_way)[:, None] == support_labels[None, :]).astype(support.dtype)
    return (one_hot @ support) / one_hot.sum(1, keepdims=True)


def proto_logits(query, protos):
    query, protos = as_real(query), as_real(protos)
    qq = np.einsum("qd,qd->q", query, query)
    pp = np.einsum("kd,kd->k", protos, protos)
    return -np.clip(qq[:, np.newaxis] - 2 * np.einsum("qd,kd->qk", query, protos, optimize=True) + pp, 0, None)


def episode_loss(support, support_labels, query, query_labels, n_way):
    logits = proto_logits(query, prototypes(support, support_labels, n_way))
    top = logits.max(1)
    log_sum = top + np.log(np.exp(logits - top[:, None]).sum(1))
    chosen = np.take_along_axis(logits, query_labels[:, None], 1)[:, 0]
    return (log_sum - chosen).mean(), (np.argmax(logits, 1) == query_labels).mean()


def sample_episode(labels, n_way, k_shot, n_query, rng):
    eligible = [c for c in np.unique(labels) if (labels == c).sum() >= k_shot + n_query]
    if len(eligible) < n_way:
        raise ValueError(f"only {len(eligible)} classes are large enough")
    picked = rng.choice(len(eligible), n_way, replace=False)
    classes = np.array([eligible[i] for i in picked])
    support = np.zeros((n_way, k_shot), dtype=np.int64)
    query = np.zeros((n_way, n_query), dtype=np.int64)
    for row, c in enumerate(classes):
        where = np.where(labels == c)[0]
        shuffled = where[rng.permutation(len(where))]
        support[row] = shuffled[:k_shot]
        query[row] = shuffled[k_shot : k_shot + n_query]
    return {"query": query, "support": support, "classes": classes}


def evaluate_episodes(emb, labels, episodes):
    scores = []
    for e in episodes:
        n_way, q = e["query"].shape
        protos = as_real(emb)[e["support"]].mean(axis=1)
        guess = proto_logits(as_real(emb)[e["query"].reshape(-1)], protos).argmax(1)
        scores.append(float((guess == np.repeat(np.arange(n_way), q)).mean()))
    scores = np.array(scores)
    return scores.mean(), 1.96 * np.sqrt(scores.var(ddof=1) / scores.size)


def contrastive_loss(z1, z2, same, margin=1.0):
    z1, z2 = as_real(z1), as_real(z2)
    same = np.asarray(same).astype(bool)
    diff = z1 - z2
    d = np.linalg.norm(diff, axis=1)
    inside = ~same & (d < margin)
    loss = (np.sum(d[same] ** 2) + np.sum((margin - d[inside]) ** 2)) / (2 * len(d))
    grad = np.zeros_like(diff)
    grad[same] = diff[same]
    push = inside & (d > 0)
    grad[push] = -((margin - d[push]) / d[push])[:, None] * diff[push]
    grad /= len(d)
    return loss, grad, np.negative(grad)


def triplet_loss(a, p, n, margin=1.0):
    a, p, n = as_real(a), as_real(p), as_real(n)
    near = np.sqrt(((a - p + 1e-6) ** 2).sum(-1))
    far = np.sqrt(((a - n + 1e-6) ** 2).sum(-1))
    return np.clip(near - far + margin, 0, None).mean()
