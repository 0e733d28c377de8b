# Style: one sample at a time, vectors and outer products, plain accumulation.
import numpy as np


def init_params(sizes, rng):
    layers = []
    for k in range(len(sizes) - 1):
        std = (2.0 / sizes[k]) ** 0.5
        W = rng.normal(0.0, std, size=(sizes[k], sizes[k + 1]))
        layers.append([np.float32(W), np.zeros((sizes[k + 1],), dtype="float32")])
    return layers


def preprocess(images):
    n, height, width = images.shape
    X = np.empty((n, height * width), dtype=np.float32)
    for i in range(n):
        X[i] = images[i].flatten() / np.float32(255)
    return X


def logits(params, X):
    out = []
    for x in X:
        for k, (W, b) in enumerate(params):
            x = x @ W + b
            if k + 1 < len(params):
                x = np.where(x > 0, x, 0).astype(x.dtype)
        out.append(x)
    if not out:
        return np.zeros((0, len(params[-1][1])), X.dtype)
    return np.array(out)


def loss_and_grads(params, X, y):
    total = 0.0
    sums = [[np.zeros_like(W), np.zeros_like(b)] for W, b in params]
    for x, label in zip(X, y, strict=True):
        seen = [x]
        for W, b in params[:-1]:
            seen.append((seen[-1] @ W + b).clip(min=0))
        W, b = params[-1]
        z = seen[-1] @ W + b
        top = z.max()
        log_sum = top + np.log(np.exp(z - top).sum())
        total += log_sum - z[label]
        d = np.exp(z - log_sum)
        d[label] -= 1
        for k in range(len(params) - 1, -1, -1):
            sums[k][0] += np.outer(seen[k], d)
            sums[k][1] += d
            d = params[k][0] @ d
            d[seen[k] <= 0] = 0
    n = len(y)
    return total / n, [(gw / X.dtype.type(n), gb / X.dtype.type(n)) for gw, gb in sums]


def train_epoch(params, X, y, lr, batch_size, rng):
    order = list(rng.permutation(X.shape[0]))
    seen, total = 0, 0.0
    while order:
        now, order = order[:batch_size], order[batch_size:]
        loss, grads = loss_and_grads(params, X[now], y[now])
        for k in range(len(params)):
            for p, g in zip(params[k], grads[k], strict=True):
                p[...] = p - lr * g
        total += loss * len(now)
        seen += len(now)
    return total / seen


def predict(params, images):
    X = preprocess(images)
    answers = np.zeros(len(images), dtype=np.int64)
    for i, row in enumerate(logits(params, X)):
        best = 0
        for c in range(1, len(row)):
            if row[c] > row[best]:
                best = c
        answers[i] = best
    return answers
