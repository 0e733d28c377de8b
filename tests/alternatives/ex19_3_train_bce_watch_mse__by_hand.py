# The formulas written out (softplus), a context manager for the modes, dictionaries of Python lists for the bins.
import contextlib
import math

import torch


@contextlib.contextmanager
def evaluating(model):
    training = [m for m in model.modules() if m.training]
    recording = torch.is_grad_enabled()
    model.eval()
    torch.set_grad_enabled(False)
    try:
        yield
    finally:
        torch.set_grad_enabled(recording)
        for m in training:
            m.training = True


def cross_entropy(z, y):
    return torch.clamp(z, min=0) - z * y + torch.log1p(torch.exp(-torch.abs(z)))


def average(rows):
    weight = sum(row[0] for row in rows)
    if not weight:
        return math.nan, math.nan
    return tuple(math.fsum(row[0] * row[i] for row in rows) / weight for i in (1, 2))


def numbers(z, y):
    z = z.detach()
    return len(z), float(cross_entropy(z, y).mean()), float(((z.sigmoid() - y) ** 2).mean())


def evaluate(model, batches):
    with evaluating(model):
        rows = [numbers(model(x), y) for x, y in batches]
    return average(rows)


def train_with_monitor(model, optimizer, train_batches, val_batches, epochs):
    epochs_seen = []
    for _ in range(epochs):
        rows = []
        for x, y in train_batches:
            z = model(x)
            optimizer.zero_grad(set_to_none=True)
            cross_entropy(z, y).mean().backward()
            rows.append(numbers(z, y))
            optimizer.step()
        epochs_seen.append(average(rows) + evaluate(model, val_batches))
    names = ("train_bce", "train_mse", "val_bce", "val_mse")
    return {name: [row[i] for row in epochs_seen] for i, name in enumerate(names)}


def brier_decomposition(probs, y, n_bins=10):
    if len(probs) == 0:
        return dict.fromkeys(["reliability", "resolution", "uncertainty"], math.nan)
    bins = {}
    for p, o in zip(probs.tolist(), y.tolist(), strict=True):
        bins.setdefault(min(int(p * n_bins), n_bins - 1), []).append((p, o))
    share = sum(y.tolist()) / len(y)
    result = {"reliability": 0.0, "resolution": 0.0, "uncertainty": share * (1 - share)}
    for pairs in bins.values():
        n = len(pairs)
        p, o = sum(pair[0] for pair in pairs) / n, sum(pair[1] for pair in pairs) / n
        result["reliability"] += n * (p - o) ** 2 / len(y)
        result["resolution"] += n * (o - share) ** 2 / len(y)
    return result
