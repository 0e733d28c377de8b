# Lists and math instead of tensor operations wherever that is possible.
import math

import torch


def out_size(n, d, default_stride):
    reach = d.get("dilation", 1) * (d["k"] - 1)
    last = n + 2 * d.get("pad", 0) - reach - 1
    if last < 0:
        raise ValueError("no window fits")
    return len(range(0, last + 1, d.get("stride", default_stride)))


def flat_features(conv_spec, in_shape):
    c, h, w = in_shape
    for d in conv_spec:
        if d["type"] == "conv2d":
            c, h, w = d["out"], out_size(h, d, 1), out_size(w, d, 1)
        elif d["type"] == "maxpool2d":
            h, w = out_size(h, d, d["k"]), out_size(w, d, d["k"])
        elif d["type"] == "adaptiveavgpool2d":
            h = w = d["out"]
        elif d["type"] != "flatten":
            raise ValueError(d["type"])
    return c * h * w


def softmax(row):
    top = max(row)
    e = [math.exp(z - top) for z in row]
    total = math.fsum(e)
    return [v / total for v in e]


def temperature_scale(logits, temperature):
    if not temperature > 0:
        raise ValueError("temperature must be positive")
    rows = [softmax([z / temperature for z in row]) for row in logits.tolist()]
    return torch.tensor(rows, dtype=logits.dtype).reshape(logits.shape)


def topk_accuracy(logits, y, ks):
    ranks = []
    for row, label in zip(logits.tolist(), y.tolist(), strict=True):
        ranking = sorted(range(len(row)), key=lambda c, row=row: (-row[c], c))
        ranks.append(ranking.index(label))
    return [sum(r < k for r in ranks) / len(ranks) if ranks else math.nan for k in ks]


def head_gradients(features, weight, bias, y):
    n, classes = features.shape[0], weight.shape[0]
    labels = y.tolist()
    if any(label < 0 or label >= classes for label in labels):
        raise IndexError("no such class")
    losses, dlogits = [], []
    logits = (torch.einsum("nd,kd->nk", features, weight) + bias).tolist()
    for row, label in zip(logits, labels, strict=True):
        top = max(row)
        losses.append(top + math.log(math.fsum(math.exp(z - top) for z in row)) - row[label])
        dlogits.append([(p - (k == label)) / n for k, p in enumerate(softmax(row))])
    d = torch.tensor(dlogits, dtype=features.dtype).reshape(n, classes)
    loss = math.fsum(losses) / n if n else math.nan
    return loss, torch.einsum("nk,kd->nd", d, weight), torch.einsum("nk,nd->kd", d, features), torch.einsum("nk->k", d)


def replace_head(weight, bias, class_map, num_classes, generator):
    if any(new < 0 or new >= num_classes or old < 0 or old >= len(bias) for new, old in class_map.items()):
        raise ValueError("class map")
    W = torch.zeros(num_classes, weight.shape[1], dtype=weight.dtype)
    b = torch.zeros(num_classes, dtype=bias.dtype)
    for new in sorted(set(range(num_classes)) - set(class_map)):
        W[new] = torch.normal(0.0, 0.01, (weight.shape[1],), generator=generator)
    for new, old in class_map.items():
        W[new] = weight.data[old]
        b[new] = bias.data[old]
    return W, b


def set_trainable(model, head_prefix):
    names = dict(model.named_parameters())
    head = [name for name in names if name == head_prefix or name.startswith(head_prefix + ".")]
    if len(head) == 0:
        raise ValueError("no parameters in " + head_prefix)
    for parameter in names.values():
        parameter.requires_grad_(False)
    for name in head:
        names[name].requires_grad_(True)
    return head


def expected_calibration_error(probs, y, n_bins=15):
    bins = {}
    for row, label in zip(probs.tolist(), y.tolist(), strict=True):
        confidence = max(row)
        number = min(math.ceil(confidence * n_bins), n_bins)
        bins.setdefault(number, []).append((row.index(confidence) == label) - confidence)
    if not bins:
        return math.nan
    return sum(abs(math.fsum(gaps)) for gaps in bins.values()) / len(y)
