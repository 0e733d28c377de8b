# Style: one long if, sizes of kernels found by counting windows, sums of losses, gradients set to None by hand.
from functools import partial

import torch
from torch import nn


class ShapeError(ValueError):
    def __init__(self, index, expected, got):
        self.index, self.expected, self.got = index, expected, got

    def __str__(self):
        return f"layer {self.index} wants {self.expected} and gets {self.got}"


def pick(value, axis):
    try:
        return value[axis]
    except TypeError:
        return value


def infer_shapes(layers, input_shape):
    shape, result = list(input_shape), []
    for index in range(len(layers)):
        layer = layers[index]
        kind = layer["type"]
        if kind == "Linear":
            if shape[-1] != layer["in_features"]:
                raise ShapeError(index, layer["in_features"], shape[-1])
            shape[-1] = layer["out_features"]
        elif kind in ("Conv2d", "MaxPool2d", "BatchNorm2d", "AdaptiveAvgPool2d"):
            if len(shape) != 4:
                raise ShapeError(index, 4, len(shape))
            wanted = layer.get("in_channels") or layer.get("num_features")
            if wanted and shape[1] != wanted:
                raise ShapeError(index, wanted, shape[1])
            if kind == "Conv2d":
                shape[1] = layer["out_channels"]
            if kind == "AdaptiveAvgPool2d":
                shape[2:] = [pick(layer["output_size"], 0), pick(layer["output_size"], 1)]
            if kind in ("Conv2d", "MaxPool2d"):
                for axis in (0, 1):
                    k = pick(layer["kernel_size"], axis)
                    stride = layer.get("stride", None if kind == "MaxPool2d" else 1)
                    step = k if stride is None else pick(stride, axis)
                    free = shape[2 + axis] + 2 * pick(layer.get("padding", 0), axis)
                    free -= pick(layer.get("dilation", 1), axis) * (k - 1) + 1
                    if free // step + 1 <= 0:
                        raise ShapeError(index, ">=1", free // step + 1)
                    shape[2 + axis] = free // step + 1
        elif kind == "BatchNorm1d":
            if shape[1] != layer["num_features"]:
                raise ShapeError(index, layer["num_features"], shape[1])
        elif kind == "Flatten":
            start = layer.get("start_dim", 1)
            shape = [*shape[:start], int(torch.Size(shape[start:]).numel())]
        elif kind not in ("ReLU", "Dropout"):
            raise ValueError(f"what is {kind}?")
        result.append(tuple(shape))
    return result


def attempt(try_step, cleanup, size):
    try:
        try_step(size)
    except (MemoryError, torch.cuda.OutOfMemoryError):
        cleanup()
        return False
    return True


def find_max_batch_size(try_step, limit=None, cleanup=lambda: None):
    ok = partial(attempt, try_step, cleanup)
    low, high = 0, None if limit is None else limit + 1
    while high is None or high - low > 1:
        guess = max(1, 2 * low)
        if high is not None and guess >= high:
            guess = (low + high) // 2
        if ok(guess):
            low = guess
        else:
            high = guess
            break
    while high - low > 1:
        guess = low + (high - low) // 2
        if ok(guess):
            low = guess
        else:
            high = guess
    return low


def train_epoch(model, optimizer, batches, device):
    mode = model.training
    model.train()
    criterion = nn.CrossEntropyLoss()
    total = torch.zeros((), dtype=torch.float64)
    samples = 0
    for batch in batches:
        x = batch[0].to(device)
        y = batch[1].to(device)
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = None
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.detach() * x.shape[0]
        samples += x.shape[0]
    if not mode:
        model.eval()
    return float(total) / samples


@torch.no_grad()
def evaluate(model, batches, device):
    mode = model.training
    model.train(False)
    criterion = nn.CrossEntropyLoss(reduction="sum")
    total, right, samples = 0.0, 0, 0
    for x, y in batches:
        logits = model(x.to(device))
        total += float(criterion(logits, y.to(device)))
        right += int(torch.eq(torch.argmax(logits, -1), y.to(device)).sum())
        samples += y.numel()
    model.train(mode)
    return total / samples, right / samples
