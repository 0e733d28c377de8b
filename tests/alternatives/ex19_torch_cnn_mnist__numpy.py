# Pixels prepared in numpy before they become tensors, functional layers, lists of batches, log_softmax by hand.
import math

import numpy as np
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Conv2d(1, 8, 5)
        self.b = torch.nn.Conv2d(8, 16, 5)
        self.c = torch.nn.Parameter(torch.randn(10, 16 * 4 * 4) * 0.05)

    def forward(self, x):
        x = torch.nn.functional.max_pool2d(self.a(x), 2).relu()
        x = torch.nn.functional.max_pool2d(self.b(x), 2).relu()
        return x.reshape(len(x), -1) @ self.c.T


def build_model():
    return Net()


def to_input(images, device):
    scaled = (np.asarray(images).astype(np.float32) / np.float32(255) - np.float32(0.1307)) / np.float32(0.3081)
    return torch.tensor(scaled[:, np.newaxis, :, :], device=device)


def make_batches(X, y, batch_size, generator, device):
    X, y = np.asarray(X), np.asarray(y)
    order = torch.randperm(len(X), generator=generator).numpy()
    for i in range(math.ceil(len(X) / batch_size)):
        rows = order[i * batch_size : (i + 1) * batch_size]
        yield to_input(X[rows], device), torch.tensor(y[rows].astype(np.int64), device=device)


def train_epoch(model, optimizer, batches):
    model.train(True)
    losses = []
    for x, y in batches:
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad = None
        log_probs = model(x).log_softmax(dim=1)
        each = -log_probs.gather(1, y.unsqueeze(1)).squeeze(1)
        each.mean().backward()
        optimizer.step()
        losses.extend(each.tolist())
    return sum(losses) / len(losses) if losses else math.nan


def predict(model, X, *, device, batch_size=256):
    before = [m for m in model.modules() if m.training]
    model.train(False)
    with torch.no_grad():
        answers = []
        for start in range(0, len(X), batch_size):
            answers += model(to_input(X[start : start + batch_size], device)).argmax(1).tolist()
    for m in before:
        m.training = True
    return torch.tensor(answers, dtype=torch.long)


def save_checkpoint(model, optimizer, epoch, file):
    torch.save([epoch, model.state_dict(), optimizer.state_dict()], file)


def load_checkpoint(model, optimizer, file):
    epoch, weights, state = torch.load(file, weights_only=True)
    model.load_state_dict(weights)
    optimizer.load_state_dict(state)
    return epoch
