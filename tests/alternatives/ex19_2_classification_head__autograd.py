# Layers built for real to count features, autograd for the gradients, stable sorting for ranks, masks for bins.
import torch
import torch.nn as nn


def flat_features(conv_spec, in_shape):
    channels = in_shape[0]
    layers = []
    for d in conv_spec:
        kind = d["type"]
        more = {"padding": d.get("pad", 0), "dilation": d.get("dilation", 1)}
        if kind == "conv2d":
            layers.append(nn.Conv2d(channels, d["out"], d["k"], stride=d.get("stride", 1), device="meta", **more))
            channels = d["out"]
        elif kind == "maxpool2d":
            layers.append(nn.MaxPool2d(d["k"], stride=d.get("stride"), **more))
        elif kind == "adaptiveavgpool2d":
            layers.append(nn.AdaptiveAvgPool2d(d["out"]))
        elif kind == "flatten":
            layers.append(nn.Flatten())
        else:
            raise ValueError("what is a " + kind + "?")
    x = torch.empty(1, *in_shape, device="meta")
    try:
        for layer in layers:
            x = layer(x)
    except RuntimeError as error:
        raise ValueError("does not fit") from error
    return x.numel()


def temperature_scale(logits, temperature):
    if temperature <= 0:
        raise ValueError("temperature")
    z = logits / temperature
    z = z - z.amax(dim=1, keepdim=True) if z.numel() else z
    e = torch.exp(z)
    return e / e.sum(dim=1, keepdim=True)


def topk_accuracy(logits, y, ks):
    if len(y) == 0:
        return [float("nan") for _ in ks]
    order = torch.sort(logits, dim=1, descending=True, stable=True).indices
    hits = order == y.unsqueeze(1)
    return [hits[:, :k].any(dim=1).sum().item() / len(y) for k in ks]


def head_gradients(features, weight, bias, y):
    if len(y) and (int(y.min()) < 0 or int(y.max()) >= weight.shape[0]):
        raise IndexError("label outside of the layer")
    x, w, b = (t.detach().clone().requires_grad_(True) for t in (features, weight, bias))
    loss = nn.functional.cross_entropy(nn.functional.linear(x, w, b), y)
    loss.backward()
    return float(loss), x.grad, w.grad, b.grad


def replace_head(weight, bias, class_map, num_classes, generator):
    old_classes, d = weight.shape
    for new, old in class_map.items():
        if new not in range(num_classes) or old not in range(old_classes):
            raise ValueError(f"{new}: {old}")
    rows, biases = [], []
    for new in range(num_classes):
        old = class_map.get(new)
        if old is None:
            rows.append(torch.normal(0.0, 0.01, (d,), generator=generator).to(weight.dtype))
            biases.append(torch.zeros((), dtype=bias.dtype))
        else:
            rows.append(weight[old].detach().clone())
            biases.append(bias[old].detach().clone())
    return torch.stack(rows), torch.stack(biases)


def set_trainable(model, head_prefix):
    wanted = head_prefix.split(".")
    inside = [name for name, _ in model.named_parameters() if name.split(".")[: len(wanted)] == wanted]
    if not inside:
        raise ValueError(head_prefix)
    chosen = set(inside)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name in chosen
    return inside


def expected_calibration_error(probs, y, n_bins=15):
    n = len(y)
    if n == 0:
        return float("nan")
    confidence = probs.amax(dim=1)
    correct = (probs.argmax(dim=1) == y).to(probs.dtype)
    total = 0.0
    for i in range(n_bins):
        inside = (confidence > i / n_bins) & (confidence <= (i + 1) / n_bins)
        if i == n_bins - 1:
            inside |= confidence > 1
        if inside.any():
            total += abs(correct[inside].mean() - confidence[inside].mean()).item() * inside.sum().item() / n
    return total
