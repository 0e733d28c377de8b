# Style: small layer objects with forward and backward, one-hot targets, einsum, all losses collected.
import itertools

import numpy as np


class Dense:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return np.einsum("ni,io->no", x, self.W) + self.b

    def backward(self, g):
        self.grads = np.einsum("ni,no->io", self.x, g), np.einsum("no->o", g)
        return np.einsum("no,io->ni", g, self.W)


class ReLU:
    def forward(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, g):
        return g * self.on


def _build(params):
    chain = []
    for W, b in params:
        chain += [Dense(W, b), ReLU()]
    return chain[:-1]


def init_params(sizes, rng):
    weights = [rng.standard_normal(size=pair) for pair in itertools.pairwise(sizes)]
    return [((w * (2 / len(w)) ** 0.5).astype("f4"), np.zeros(w.shape[1], "f4")) for w in weights]


def preprocess(images):
    flat = np.ascontiguousarray(images).reshape(images.shape[0], images.shape[1] * images.shape[2])
    return (flat / 255.0).astype(np.float32)


def logits(params, X):
    for layer in _build(params):
        X = layer.forward(X)
    return X


def loss_and_grads(params, X, y):
    chain = _build(params)
    out = X
    for layer in chain:
        out = layer.forward(out)
    target = np.eye(out.shape[1], dtype=out.dtype)[y]
    out = out - np.max(out, 1)[:, None]
    e = np.exp(out)
    s = e.sum(1, keepdims=True)
    loss = (np.log(s)[:, 0] - (out * target).sum(1)).mean()
    g = (e / s - target) / X.shape[0]
    for layer in chain[::-1]:
        g = layer.backward(g)
    return loss, [layer.grads for layer in chain[::2]]


def train_epoch(params, X, y, lr, batch_size, rng):
    order = np.arange(len(y))
    rng.shuffle(order)
    X, y = X[order], y[order]
    losses, sizes = [], []
    for k in range(-(-len(y) // batch_size)):
        part = slice(k * batch_size, (k + 1) * batch_size)
        loss, grads = loss_and_grads(params, X[part], y[part])
        losses.append(loss)
        sizes.append(len(y[part]))
        for arrays, gradients in zip(params, grads, strict=True):
            for a, g in zip(arrays, gradients, strict=True):
                np.subtract(a, lr * g, out=a)
    return np.average(losses, weights=sizes)


def predict(params, images):
    return np.argmax(logits(params, preprocess(images)), axis=-1)
