# Style: one function per layer type in a table, bisection by powers of two, losses with reduction="none".
import torch


class ShapeError(Exception):
    def __init__(self, index, expected, got):
        super().__init__(index, expected, got)
        self.index = index
        self.expected = expected
        self.got = got


class Misfit(Exception):
    pass


def need(expected, got):
    if expected != got:
        raise Misfit(expected, got)


def both(value):
    return list(value) if isinstance(value, (list, tuple)) else [value] * 2


def slide(shape, k, stride, padding=0, dilation=1):
    out = []
    for axis in range(2):
        span = both(dilation)[axis] * (both(k)[axis] - 1) + 1
        n = (shape[2 + axis] + 2 * both(padding)[axis] - span) // both(stride)[axis] + 1
        if n <= 0:
            raise Misfit(">=1", n)
        out.append(n)
    return tuple(out)


def linear(shape, in_features, out_features, **_):
    need(in_features, shape[-1])
    return (*shape[:-1], out_features)


def conv2d(shape, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, **_):
    need(4, len(shape))
    need(in_channels, shape[1])
    return (shape[0], out_channels, *slide(shape, kernel_size, stride, padding, dilation))


def maxpool2d(shape, kernel_size, stride=None, padding=0, **_):
    need(4, len(shape))
    return shape[:2] + slide(shape, kernel_size, kernel_size if stride is None else stride, padding)


def adaptive(shape, output_size, **_):
    need(4, len(shape))
    return shape[:2] + tuple(both(output_size))


def batchnorm1d(shape, num_features, **_):
    need(num_features, shape[1])
    return shape


def batchnorm2d(shape, num_features, **_):
    need(4, len(shape))
    return batchnorm1d(shape, num_features)


def flatten(shape, start_dim=1, **_):
    size = 1
    for n in shape[start_dim:]:
        size *= n
    return (*shape[:start_dim], size)


def same(shape, **_):
    return shape


TABLE = {
    "Linear": linear,
    "Conv2d": conv2d,
    "MaxPool2d": maxpool2d,
    "AdaptiveAvgPool2d": adaptive,
    "BatchNorm1d": batchnorm1d,
    "BatchNorm2d": batchnorm2d,
    "Flatten": flatten,
    "ReLU": same,
    "Dropout": same,
}


def infer_shapes(layers, input_shape):
    shapes = [tuple(input_shape)]
    for i, layer in enumerate(layers):
        options = {k: v for k, v in layer.items() if k != "type"}
        if layer["type"] not in TABLE:
            raise ValueError(layer["type"])
        try:
            shapes.append(TABLE[layer["type"]](shapes[-1], **options))
        except Misfit as misfit:
            raise ShapeError(i, *misfit.args) from None
    return shapes[1:]


def find_max_batch_size(try_step, limit=None, cleanup=lambda: None):
    def works(b):
        failed = False
        try:
            try_step(b)
        except MemoryError:
            failed = True
        except RuntimeError as error:
            if "out of memory" not in str(error):
                raise
            failed = True
        if failed:
            cleanup()
        return not failed

    exponent = 0
    while (limit is None or 2**exponent <= limit) and works(2**exponent):
        exponent += 1
    if exponent == 0:
        return 0
    best = 2 ** (exponent - 1)
    for bit in reversed(range(exponent - 1)):
        candidate = best + 2**bit
        if (limit is None or candidate <= limit) and works(candidate):
            best = candidate
    return best


def train_epoch(model, optimizer, batches, device):
    before = model.training
    model.train(True)
    losses = []
    for x, y in batches:
        each = torch.nn.functional.cross_entropy(model(x.to(device)), y.to(device), reduction="none")
        model.zero_grad()
        each.mean().backward()
        optimizer.step()
        losses.extend(each.tolist())
    model.train(before)
    return sum(losses) / len(losses)


def evaluate(model, batches, device):
    before = model.training
    model.eval()
    losses, hits = [], []
    with torch.inference_mode():
        for x, y in batches:
            log_p = torch.log_softmax(model(x.to(device)), dim=-1)
            y = y.to(device)
            losses += (-log_p[torch.arange(len(y)), y]).tolist()
            hits += (log_p.max(dim=1).indices == y).tolist()
    if before:
        model.train()
    return sum(losses) / len(losses), sum(hits) / len(hits)
