"""19-2 · Explain the last layer

A classifier ends in a linear layer: every class has a weight vector and a bias, and gives the features of an
image a score, its *logit*. Write what surrounds that layer: how many features arrive there, how scores become
probabilities, how a prediction is judged, what the layer learns from, how it is exchanged for another set of
classes, how everything else is frozen, and whether its probabilities can be believed.

Rules for all parts:

* Rows are samples: features (N, d), logits and probs (N, K). `weight` has shape (K, d) and `bias` (K,), as in
  torch.nn.Linear. Labels `y` are int64 of shape (N,), each in 0 ... K-1.
* Tensors that come in are floating-point, in any memory layout, on the CPU. They stay as they are, and their
  `requires_grad` too; results are new tensors of the same dtype.
* Numbers come back as Python numbers where the signature says float or int.
* Everything must hold for logits of any size, ten thousand included: nothing overflows.
* The global random state of torch stays as it is.

Sources: Guo et al. 2017, On Calibration of Modern Neural Networks (arXiv:1706.04599); Yosinski et al. 2014,
How transferable are features in deep neural networks? (arXiv:1411.1792); the PyTorch pages of Linear,
Conv2d, MaxPool2d and CrossEntropyLoss (https://docs.pytorch.org/docs/stable/nn.html).
"""

from math import prod

import torch


def flat_features(conv_spec: list[dict], in_shape: tuple[int, int, int]) -> int:
    """Number of features per image that reach the linear layer: the `in_features` it must be built with.

    in_shape: (channels, height, width) of the image.
    conv_spec: layers in turn, each a dict with a "type":
    - "conv2d": "out" (channels), "k" (kernel size), and optionally "stride" (1), "pad" (0), "dilation" (1).
    - "maxpool2d": "k", and optionally "stride" (k), "pad" (0), "dilation" (1).
    - "adaptiveavgpool2d": "out"; every map becomes out x out, whatever size it had.
    - "flatten": if there at all, it is the last one.
    All sizes are ints and hold for height and width alike. Windows that don't fit as a whole are left out, as
    in PyTorch. An empty list gives the pixels themselves.

    Raises ValueError for an unknown type, and where a map would have no row or no column left.
    Source: the "Shape" sections of torch.nn.Conv2d and torch.nn.MaxPool2d.
    """
    channels, *size = in_shape
    for layer in conv_spec:
        match layer["type"]:
            case "conv2d":
                channels, size = layer["out"], _windows(size, layer, stride=1)
            case "maxpool2d":
                size = _windows(size, layer, stride=layer["k"])
            case "adaptiveavgpool2d":
                size = [layer["out"], layer["out"]]
            case "flatten":
                pass
            case unknown:
                raise ValueError(f"unknown layer type {unknown!r}")
    return channels * prod(size)


def _windows(size: list[int], layer: dict, stride: int) -> list[int]:
    span = layer.get("dilation", 1) * (layer["k"] - 1) + 1
    counts = [(n + 2 * layer.get("pad", 0) - span) // layer.get("stride", stride) + 1 for n in size]
    if min(counts) < 1:
        raise ValueError(f"a window of {span} does not fit into a map of {size}")
    return counts


def temperature_scale(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """Probabilities of the classes, softened or sharpened by a temperature.

    The softmax of the logits divided by the temperature: 1 is the plain softmax, a higher temperature makes the
    model less sure of itself, a lower one more. The winner never changes.

    logits: (N, K), N may be 0.
    Returns (N, K), rows sum to 1. Raises ValueError unless the temperature is greater than 0.
    Source: arXiv:1706.04599, section 4.2.
    """
    if not temperature > 0:
        raise ValueError(f"the temperature must be greater than 0, not {temperature}")
    return torch.softmax(logits / temperature, dim=1)


def topk_accuracy(logits: torch.Tensor, y: torch.Tensor, ks: tuple[int, ...]) -> list[float]:
    """Share of samples whose label is among the k highest logits, for each k of `ks`.

    Equal logits are ranked by class: the lower index comes first. With k at least K, every sample counts.

    logits: (N, K). y: (N,). ks: any number of k >= 1, in any order.
    Returns one float per k, in the order of `ks`; nan for each if N is 0.
    """
    own = logits.gather(1, y[:, None])
    lower_index = torch.arange(logits.shape[1]) < y[:, None]
    rank = torch.where(lower_index, logits >= own, logits > own).sum(dim=1)
    return [(rank < k).double().mean().item() for k in ks]


def head_gradients(
    features: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, y: torch.Tensor
) -> tuple[float, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Loss of the last layer and its gradients: cross-entropy of the logits, averaged over the samples.

    features: (N, d). weight: (K, d). bias: (K,). y: (N,).
    Returns (loss, dfeatures, dweight, dbias), the gradients shaped like what they belong to. With N = 0 the
    loss is nan and all gradients are zeros.
    Raises IndexError if a label is negative or not below K: the layer has no output for it.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    """
    if (y < 0).any():  # it would count from the end; a label too large fails where it is used
        raise IndexError("labels must not be negative")
    rows = torch.arange(len(y))
    log_probs = torch.log_softmax(features @ weight.T + bias, dim=1)
    loss = -log_probs[rows, y].mean()
    dlogits = log_probs.exp()
    dlogits[rows, y] -= 1
    dlogits /= len(y)
    return loss.item(), dlogits @ weight, dlogits.T @ features, dlogits.sum(dim=0)


def replace_head(
    weight: torch.Tensor,
    bias: torch.Tensor,
    class_map: dict[int, int],
    num_classes: int,
    generator: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """A last layer for another set of classes, which keeps what it knows about the classes it has seen.

    weight, bias: the old layer, (K, d) and (K,); often parameters of a model.
    class_map: {new class: old class}; these rows are copied. Two new classes may come from the same old
        one, and old ones may go unused.
    num_classes: outputs of the new layer. Every class that `class_map` does not name gets bias 0 and a
        fresh row from N(0, 0.01^2): `torch.normal(0.0, 0.01, (d,), generator=generator)`, drawn in float32
        and then cast, one call per row, in ascending order of the new class.

    Returns (W, b) of shapes (num_classes, d) and (num_classes,), dtypes as before, without `requires_grad` and
    without memory in common with the old layer.
    Raises ValueError if `class_map` names a class outside 0 ... num_classes-1 or an old one outside 0 ... K-1.
    Source: arXiv:1411.1792.
    """
    if not all(0 <= new < num_classes and 0 <= old < len(bias) for new, old in class_map.items()):
        raise ValueError(f"class_map does not fit {num_classes} new and {len(bias)} old classes: {class_map}")
    new_weight = weight.new_empty(num_classes, weight.shape[1])
    new_bias = bias.new_zeros(num_classes)
    with torch.no_grad():
        for new in range(num_classes):
            if new in class_map:
                new_weight[new], new_bias[new] = weight[class_map[new]], bias[class_map[new]]
            else:
                new_weight[new] = torch.normal(0.0, 0.01, (weight.shape[1],), generator=generator)
    return new_weight, new_bias


def set_trainable(model: torch.nn.Module, head_prefix: str) -> list[str]:
    """Freeze a model but for its head: set `requires_grad` of every parameter, True in the head, False elsewhere.

    head_prefix: name of the head, a submodule or a parameter, with dots as in `model.named_parameters()`:
        "fc" owns "fc.weight" and "fc.0.bias", but neither "fc2.weight" nor "trunk.fc.weight".

    Returns the names of the parameters of the head in the order of `model.named_parameters()`. Nothing else
    changes: values, buffers and train/eval modes stay as they are, so a frozen batch normalisation in train
    mode still updates its running averages.
    Raises ValueError if the head has no parameters; the model then stays as it was.
    """
    head = [name for name, _ in model.named_parameters() if f"{name}.".startswith(f"{head_prefix}.")]
    if not head:
        raise ValueError(f"no parameter belongs to {head_prefix!r}")
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in head)
    return head


def expected_calibration_error(probs: torch.Tensor, y: torch.Tensor, n_bins: int = 15) -> float:
    """How far confidence and accuracy are apart (ECE).

    A sample's confidence is its largest probability, and its prediction the class that has it. Samples are
    sorted by confidence into `n_bins` bins of equal width, (0, 1/n], (1/n, 2/n], ..., up to 1. In each bin
    compare the mean confidence with the accuracy; the result is the average of the absolute differences,
    weighted by the share of samples in the bin. Empty bins don't count.

    probs: (N, K), rows sum to 1. y: (N,). No confidence lies close to an edge other than 1.
    Returns a number in 0 ... 1; nan if N is 0.
    Source: arXiv:1706.04599, section 2.
    """
    confidence, prediction = probs.max(dim=1)
    surplus = (prediction == y).double() - confidence
    bins = (confidence * n_bins).ceil().long()  # counted from 1
    per_bin = torch.bincount(bins, weights=surplus)
    return (per_bin.abs().sum() / len(y)).item()
