"""Scores and losses against torch and its gradients; sampling against its definition, one index after the other."""

import math

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
functional = torch.nn.functional
solution = load("ex11_one_shot_metric_learning")

SIZES = [(1, 1, 1), (7, 3, 4), (4, 4, 4), (20, 5, 2), (3, 9, 16)]


@pytest.mark.parametrize(("queries", "n_way", "d"), SIZES)
@pytest.mark.parametrize("offset", [0.0, 30.0])
def test_scores_like_cdist(queries, n_way, d, offset):
    rng = np.random.default_rng(1)
    query, protos = offset + rng.normal(size=(queries, d)), offset + rng.normal(size=(n_way, d))
    exact = torch.cdist(torch.tensor(query), torch.tensor(protos), compute_mode="donot_use_mm_for_euclid_dist")
    np.testing.assert_allclose(solution.proto_logits(query, protos), -exact.square().numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8, np.int8])
def test_dtypes(dtype):
    rng = np.random.default_rng(2)
    support = rng.integers(0, 100, (6, 3)).astype(dtype)
    labels = np.array([1, 0, 1, 2, 0, 2])
    expected = np.float32 if dtype == np.float32 else np.float64
    protos = solution.prototypes(support, labels, 3)
    logits = solution.proto_logits(support, support[:2])
    _, dz1, dz2 = solution.contrastive_loss(support, support[::-1], np.array([1, 0, 1, 0, 1, 0]), 200.0)
    for got in (protos, logits, dz1, dz2):
        assert got.dtype == expected
    wide = support.astype(np.float64)
    np.testing.assert_allclose(logits, -((wide[:, None] - wide[:2]) ** 2).sum(2), rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize(("size", "n_way", "d"), [(5, 5, 2), (30, 4, 3), (30, 1, 8)])
def test_prototypes_like_scatter(size, n_way, d):
    rng = np.random.default_rng(3)
    support = rng.normal(size=(size, d))
    labels = rng.permutation(np.arange(size) % n_way)
    index = torch.tensor(labels)[:, None].expand(size, d)
    expected = torch.zeros(n_way, d, dtype=torch.float64).scatter_reduce(
        0, index, torch.tensor(support), "mean", include_self=False
    )
    np.testing.assert_allclose(solution.prototypes(support, labels, n_way), expected.numpy(), rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize(("n_way", "shots", "queries"), [(1, 1, 1), (5, 1, 4), (3, 6, 10)])
def test_episode_loss_like_cross_entropy(scale, n_way, shots, queries):
    rng = np.random.default_rng(4)
    support_labels = rng.permutation(np.repeat(np.arange(n_way), shots))
    support, query = scale * rng.normal(size=(n_way * shots, 3)), scale * rng.normal(size=(queries, 3))
    query_labels = rng.integers(0, n_way, queries)
    protos = np.array([support[support_labels == c].sum(0) / shots for c in range(n_way)])
    logits = -torch.tensor(((query[:, None] - protos) ** 2).sum(2))
    loss, accuracy = solution.episode_loss(support, support_labels, query, query_labels, n_way)
    expected = functional.cross_entropy(logits, torch.tensor(query_labels)).item()
    assert loss == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert accuracy == (logits.argmax(1).numpy() == query_labels).mean()
    assert isinstance(loss, float) and isinstance(accuracy, float)


@pytest.mark.parametrize("seed", range(20))
def test_sampling_step_by_step(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(-3, 5, int(rng.integers(30, 90)))
    n_way, k_shot, n_query = int(rng.integers(1, 4)), int(rng.integers(1, 3)), int(rng.integers(1, 3))
    episode = solution.sample_episode(labels, n_way, k_shot, n_query, np.random.default_rng(seed + 100))
    again = np.random.default_rng(seed + 100)
    eligible = [c for c in sorted(set(labels.tolist())) if labels.tolist().count(c) >= k_shot + n_query]
    classes = again.choice(eligible, n_way, replace=False)
    assert episode["classes"].tolist() == classes.tolist()
    for row, c in enumerate(classes):
        shuffled = again.permutation([i for i, label in enumerate(labels) if label == c]).tolist()
        assert episode["support"][row].tolist() == shuffled[:k_shot]
        assert episode["query"][row].tolist() == shuffled[k_shot : k_shot + n_query]
    assert all(value.dtype == np.int64 for value in episode.values())


def test_support_and_query_are_disjoint_and_drawn_evenly():
    labels = np.repeat(np.arange(6), 5)
    rng, hits = np.random.default_rng(5), np.zeros(30)
    for _ in range(600):
        episode = solution.sample_episode(labels, 3, 2, 2, rng)
        assert not set(episode["support"].ravel()) & set(episode["query"].ravel())
        hits[episode["query"].ravel()] += 1
    assert np.abs(hits / 600 - 0.2).max() < 7 * math.sqrt(0.2 * 0.8 / 600)


@pytest.mark.parametrize("wanted", [(7, 1, 1), (1, 5, 1), (6, 2, 4)])
def test_too_few_classes(wanted):
    with pytest.raises(ValueError, match=r"[Cc]annot|larger|empty"):
        solution.sample_episode(np.repeat(np.arange(6), 5), *wanted, np.random.default_rng(6))


def test_evaluation_query_by_query():
    rng = np.random.default_rng(7)
    labels = rng.permutation(np.repeat([2, 4, 9, 30], 15))
    emb = rng.normal(size=(60, 3)) + 0.1 * labels[:, None] * np.array([1, -1, 0.3])
    episodes = [solution.sample_episode(labels, 3, 2, 1 + number, rng) for number in range(8)]
    accuracies = []
    for episode in episodes:
        hits = []
        for index in episode["query"].ravel():
            means = {int(c): emb[row].mean(0) for c, row in zip(episode["classes"], episode["support"], strict=True)}
            nearest = min(means, key=lambda c: np.linalg.norm(emb[index] - means[c]))
            hits.append(nearest == labels[index])
        accuracies.append(sum(hits) / len(hits))
    mean, half_width = solution.evaluate_episodes(emb, labels, episodes)
    assert 0.3 < mean < 1.0
    assert mean == pytest.approx(sum(accuracies) / 8, rel=1e-12)
    spread = sum((a - mean) ** 2 for a in accuracies) / 7
    assert half_width == pytest.approx(1.96 * (spread / 8) ** 0.5, rel=1e-12)


@pytest.mark.parametrize("margin", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("kind", [bool, np.int64, np.float64])
def test_contrastive_gradients_like_autograd(margin, kind):
    rng = np.random.default_rng(8)
    z1, z2 = rng.normal(size=(12, 2)), rng.normal(size=(12, 2))
    same = np.arange(12) % 3 == 0
    one, two = torch.tensor(z1, requires_grad=True), torch.tensor(z2, requires_grad=True)
    d = functional.pairwise_distance(one, two, eps=0.0)
    flags = torch.tensor(same)
    expected = 0.5 * torch.where(flags, d.square(), (margin - d).clamp(min=0).square()).mean()
    expected.backward()
    loss, dz1, dz2 = solution.contrastive_loss(z1, z2, same.astype(kind), margin)
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(dz1, one.grad.numpy(), rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(dz2, two.grad.numpy(), rtol=1e-9, atol=1e-13)


def test_contrastive_at_distance_zero():
    z = np.ones((2, 3))
    loss, dz1, dz2 = solution.contrastive_loss(z, z.copy(), np.array([0, 1]), 2.0)
    assert loss == 1.0
    assert not dz1.any() and not dz2.any()


@pytest.mark.parametrize("margin", [0.01, 0.2, 1.0, 5.0])
@pytest.mark.parametrize("gap", [0.0, 1e-6, 1.0])
def test_triplets_like_torch(margin, gap):
    rng = np.random.default_rng(9)
    a = rng.normal(size=(15, 4))
    p, n = a + gap * rng.normal(size=a.shape), a + 0.8 * rng.normal(size=a.shape)
    expected = functional.triplet_margin_loss(*(torch.tensor(x) for x in (a, p, n)), margin=margin).item()
    assert solution.triplet_loss(a, p, n, margin) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_default_margins():
    rng = np.random.default_rng(10)
    a, p, n = (rng.normal(size=(6, 2)) for _ in range(3))
    same = np.array([0, 1, 0, 1, 0, 1])
    assert solution.triplet_loss(a, p, n) == solution.triplet_loss(a, p, n, 1.0)
    assert solution.contrastive_loss(a, p, same)[0] == solution.contrastive_loss(a, p, same, 1.0)[0]
