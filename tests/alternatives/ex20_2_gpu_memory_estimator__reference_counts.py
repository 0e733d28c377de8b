"""An allocator that counts references: runs a forward and a backward pass, and watches the meter."""

import math
from collections import Counter

INPUT_SAVERS = {
    "linear",
    "conv2d",
    "batchnorm1d",
    "batchnorm2d",
    "maxpool2d",
    "avgpool2d",
    "gelu",
    "silu",
    "leaky_relu",
}
OUTPUT_SAVERS = {"relu", "sigmoid", "tanh"}
OTHERS = {"dropout", "flatten"}
OPTIMIZERS = {
    "sgd": (0, 0),
    "sgd_momentum": (1, 0),
    "adagrad": (1, 4),
    "rmsprop": (1, 4),
    "rmsprop_cm": (3, 4),
    "adam": (2, 4),
    "adamw": (2, 4),
    "amsgrad": (3, 4),
    "adadelta": (2, 4),
}


def bytes_per_parameter(recipe):
    table = {"fp32_sgd": 8, "fp32_momentum": 12, "fp32_adam": 16, "bf16_sgd": 4, "mixed_adam": 16}
    try:
        return table[recipe]
    except KeyError:
        raise ValueError(recipe) from None


def round_blocks(sizes, block=512):
    return block * sum((size + block - 1) // block for size in sizes)


class Meter:
    """Bytes in use; a tensor is freed when nobody refers to it any more."""

    def __init__(self):
        self.used = self.peak = 0
        self.references = Counter()
        self.sizes = {}

    def allocate(self, name, size):
        self.sizes[name] = size
        self.references[name] = 1
        self.used += size
        self.peak = max(self.peak, self.used)

    def keep(self, name):
        self.references[name] += 1

    def release(self, name):
        self.references[name] -= 1
        if self.references[name] == 0:
            self.used -= self.sizes[name]


def describe(layers, input_shape):
    """(layer, elements in, elements out, parameter tensors) for each layer."""
    rows, shape = [], tuple(input_shape)
    for layer in layers:
        kind, before, tensors = layer["type"], math.prod(shape), []
        if kind not in INPUT_SAVERS | OUTPUT_SAVERS | OTHERS:
            raise ValueError(kind)
        if kind == "linear":
            tensors, shape = [layer["in"] * layer["out"]], (layer["out"],)
        elif kind == "conv2d":
            k, s, p = layer["k"], layer.get("stride", 1), layer.get("pad", 0)
            tensors = [layer["out"] * layer["in"] * k * k]
            shape = (
                layer["out"],
                math.floor((shape[1] + 2 * p - k) / s) + 1,
                math.floor((shape[2] + 2 * p - k) / s) + 1,
            )
        elif kind in ("maxpool2d", "avgpool2d"):
            k = layer["k"]
            shape = (shape[0], (shape[1] - k) // k + 1, (shape[2] - k) // k + 1)
        elif kind in ("batchnorm1d", "batchnorm2d"):
            tensors = [layer["c"]] * 2
        if kind in ("linear", "conv2d") and layer.get("bias", True):
            tensors.append(layer["out"])
        rows.append((layer, before, math.prod(shape), tensors))
    return rows


def run(rows, batch_size, itemsize, mask_itemsize, features):
    """Bytes on top of what is resident: after the forward pass, its peak, and the peak of the backward pass."""
    meter, history, tracked = Meter(), [], False
    meter.allocate("batch", 0)
    current = "batch"
    for i, (layer, _, outputs, tensors) in enumerate(rows):
        kind, elements = layer["type"], batch_size * outputs
        if kind == "flatten":
            continue
        extra = {}
        if "c" in layer:
            extra = {f"mean{i}": 4 * layer["c"], f"std{i}": 4 * layer["c"]}
        elif kind == "maxpool2d":
            extra = {f"indices{i}": 8 * elements}
        elif kind == "dropout":
            extra = {f"mask{i}": mask_itemsize * elements}
        result = f"out{i}"
        meter.allocate(result, itemsize * elements)
        for name, size in extra.items():
            meter.allocate(name, size)
        first, tracked = bool(tensors) and not tracked, tracked or bool(tensors)
        saved = []
        if tracked:
            saved = list(extra)
            saved += [current] if kind in INPUT_SAVERS else []
            saved += [result] if kind in OUTPUT_SAVERS else []
            history.append((current, result, saved, itemsize * sum(tensors), first))
        for name in saved:
            meter.keep(name)
        for name in (*extra, current):
            meter.release(name)
        current = result
        features = outputs
    meter.allocate("log_probs", itemsize * batch_size * features)
    meter.allocate("weight", 4)
    meter.allocate("loss", 4)
    for name in ("log_probs", "log_probs", "weight"):
        meter.keep(name)
    for name in (current, "log_probs", "weight"):
        meter.release(name)
    history.append((current, "log_probs", ["log_probs"], 0, False))
    history.append(("log_probs", None, ["log_probs", "weight"], 0, False))
    after, forward_peak = meter.used, meter.peak

    meter.peak = 0
    meter.allocate("grad of loss", 4)
    for source, result, saved, parameters, first in reversed(history):
        meter.allocate(f"parameters {result}", parameters)
        if not first:
            meter.allocate(f"grad {source}", meter.sizes[source])
        if result:
            meter.release(f"grad {result}")
        for name in saved:
            meter.release(name)
    return after, forward_peak, meter.peak


def estimate(layers, input_shape, batch_size, optimizer, itemsize=4, dropout_mask_itemsize=None):
    rows = describe(layers, input_shape)
    if optimizer not in OPTIMIZERS:
        raise ValueError(optimizer)
    averages, counter = OPTIMIZERS[optimizer]
    tensors = [size for row in rows for size in row[3]]
    answer = {
        "params": sum(tensors) * itemsize,
        "grads": sum(tensors) * itemsize,
        "buffers": sum(8 * row[0]["c"] + 8 for row in rows if "c" in row[0]),
        "optimizer_state": averages * sum(tensors) * itemsize + counter * len(tensors),
        "input": itemsize * batch_size * math.prod(input_shape),
        "target": 8 * batch_size,
    }
    resident = sum(answer.values()) - answer["grads"]
    mask = itemsize if dropout_mask_itemsize is None else dropout_mask_itemsize
    after, forward, backward = run(rows, batch_size, itemsize, mask, math.prod(input_shape))
    return answer | {
        "activations": after,
        "forward_end": resident + after,
        "forward_peak": resident + forward,
        "backward_peak": resident + backward,
        "peak": resident + max(forward, backward),
        "after_backward": resident + answer["grads"] + 4,
    }


def amp_activations(layers, input_shape, batch_size):
    total, tracked, is_half, is_saved = 0, False, False, False
    features = math.prod(input_shape)
    for layer, before, features, tensors in describe(layers, input_shape):
        kind = layer["type"]
        if kind in ("linear", "conv2d"):
            if not (is_half and is_saved):
                total += 2 * batch_size * before
            if kind == "conv2d" or tracked:
                total += 2 * tensors[0]
            tracked, is_half, is_saved = True, True, False
        elif kind == "relu":
            total += 2 * batch_size * features * tracked
            is_saved = tracked
        elif kind == "maxpool2d":
            if tracked:
                total += 8 * batch_size * features + (0 if is_saved else 2 * batch_size * before)
            is_saved = False
    return total + 4 * batch_size * features + 4


def max_batch(layers, input_shape, optimizer, budget):
    def peak(n):
        return estimate(layers, input_shape, n, optimizer)["peak"]

    best, step = 0, 1
    while peak(best + step) <= budget:
        best, step = best + step, 2 * step
    while step:
        if peak(best + step) <= budget:
            best += step
        step //= 2
    return best
