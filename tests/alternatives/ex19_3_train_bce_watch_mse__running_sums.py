# Running sums over all elements, module.train(mode) per module, inference mode, loops over bins with masks.
import torch
from torch.nn import functional


class Totals:
    def __init__(self):
        self.bce = 0.0
        self.mse = 0.0
        self.count = 0

    def add(self, logits, y):
        with torch.no_grad():
            self.bce += functional.binary_cross_entropy_with_logits(logits, y, reduction="sum").item()
            self.mse += torch.sum((torch.sigmoid(logits) - y) ** 2).item()
        self.count += y.numel()

    def means(self):
        if self.count == 0:
            return float("nan"), float("nan")
        return self.bce / self.count, self.mse / self.count


def evaluate(model, batches):
    was_training = {}
    for name, module in model.named_modules():
        was_training[name] = module.training
    totals = Totals()
    try:
        model.eval()
        with torch.inference_mode():
            for x, y in batches:
                totals.add(model(x), y)
    finally:
        for name, module in model.named_modules():
            module.train(was_training[name])
    return totals.means()


def train_with_monitor(model, optimizer, train_batches, val_batches, epochs):
    history = {"train_bce": [], "train_mse": [], "val_bce": [], "val_mse": []}
    loss_function = torch.nn.BCEWithLogitsLoss()
    for _epoch in range(epochs):
        totals = Totals()
        for x, y in train_batches:
            for parameter in model.parameters():
                parameter.grad = None
            logits = model(x)
            totals.add(logits, y)
            loss = loss_function(logits, y)
            loss.backward()
            optimizer.step()
        bce, mse = totals.means()
        history["train_bce"].append(bce)
        history["train_mse"].append(mse)
        bce, mse = evaluate(model, val_batches)
        history["val_bce"].append(bce)
        history["val_mse"].append(mse)
    return history


def brier_decomposition(probs, y, n_bins=10):
    n = probs.shape[0]
    if n == 0:
        return {"reliability": float("nan"), "resolution": float("nan"), "uncertainty": float("nan")}
    share = y.mean().item()
    reliability, resolution = 0.0, 0.0
    which = torch.minimum(torch.floor(probs * n_bins), torch.tensor(n_bins - 1.0))
    for i in range(n_bins):
        mask = which == i
        inside = mask.sum().item()
        if inside == 0:
            continue
        p, o = probs[mask].mean().item(), y[mask].mean().item()
        reliability += inside / n * (p - o) ** 2
        resolution += inside / n * (o - share) ** 2
    return {"uncertainty": share - share**2, "resolution": resolution, "reliability": reliability}
