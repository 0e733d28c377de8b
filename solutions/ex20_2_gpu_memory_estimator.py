"""20-2 · How do you compute the GPU memory needed for training?

How much memory does one training step need, to the byte? Model PyTorch's eager autograd: which tensors
exist because of the network alone, which ones the forward pass keeps for the backward pass, and at which
moment most of them are alive together. No framework is needed, only bookkeeping.

A network is a list of layers, applied in turn, and each layer is a dict:

    {"type": "linear", "in": 784, "out": 10, "bias": True}
    {"type": "conv2d", "in": 1, "out": 32, "k": 3, "stride": 1, "pad": 0, "bias": True}
    {"type": "batchnorm1d", "c": 100}       {"type": "batchnorm2d", "c": 32}
    {"type": "maxpool2d", "k": 2}           {"type": "avgpool2d", "k": 2}       (stride k, no padding)
    {"type": t}   for t in relu, sigmoid, tanh, gelu, silu, leaky_relu, dropout, flatten

`bias`, `stride` and `pad` may be left out and are then True, 1 and 0; kernels and maps are cut off as in
PyTorch (round down). `input_shape` is the shape of one sample: (features,) or (channels, height, width). A
cross-entropy loss with int64 targets follows the last layer, which gives one row of at least two logits per
sample. Sizes fit together, at least one layer has parameters, and batch sizes are 1 or more. Arguments are
not changed. Results are exact ints, in bytes.

The rules of eager autograd, as far as they matter here:

* Every layer makes a new tensor for its output, except `flatten`, which is a view and costs nothing at any
  time.
* For the backward pass linear, conv2d, batch normalisation, both poolings, gelu, silu and leaky_relu save
  their *input*; relu, sigmoid and tanh save their *output*. Besides, batch normalisation makes and saves
  two float32 statistics per channel, max pooling one int64 index per element of its output, and dropout a
  mask with one item per element (and nothing else).
* A tensor that is saved twice is still one tensor.
* Nothing is saved in front of the first layer with parameters, and the backward pass does not go there.
* The loss is two operations: log_softmax saves its output; the negative log-likelihood saves its input,
  which is that same tensor, and the sum of the class weights, a float32 scalar. The loss itself is a
  float32 scalar that stays alive.

Sources: the PyTorch notes "Autograd mechanics" (https://docs.pytorch.org/docs/stable/notes/autograd.html)
and "CUDA semantics" (https://docs.pytorch.org/docs/stable/notes/cuda.html); Rajbhandari et al. 2020, ZeRO
(arXiv 1910.02054), section 3.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

_FLOAT32, _INT64 = 4, 8

_SAVES = {
    "linear": "input", "conv2d": "input", "batchnorm1d": "input", "batchnorm2d": "input", "maxpool2d": "input",
    "avgpool2d": "input", "gelu": "input", "silu": "input", "leaky_relu": "input",
    "relu": "output", "sigmoid": "output", "tanh": "output",
    "dropout": "neither", "flatten": "neither",
}  # fmt: skip
_STATE_TENSORS = {
    "sgd": 0, "sgd_momentum": 1, "adagrad": 1, "rmsprop": 1, "rmsprop_cm": 3,
    "adam": 2, "adamw": 2, "amsgrad": 3, "adadelta": 2,
}  # fmt: skip
_RECIPES = {  # weight, gradient, what the optimizer keeps
    "fp32_sgd": (4, 4),
    "fp32_momentum": (4, 4, 4),
    "fp32_adam": (4, 4, 4, 4),
    "mixed_adam": (2, 2, 4, 4, 4),
    "bf16_sgd": (2, 2),
}


def _parameter_sizes(layer: dict) -> list[int]:
    """Elements of each parameter tensor, the weight first."""
    match layer["type"]:
        case "batchnorm1d" | "batchnorm2d":
            return [layer["c"], layer["c"]]
        case "linear" | "conv2d":
            weight = layer["out"] * layer["in"] * layer.get("k", 1) ** 2
            return [weight, layer["out"]] if layer.get("bias", True) else [weight]
        case _:
            return []


def _buffer_bytes(layer: dict) -> int:
    return 2 * _FLOAT32 * layer["c"] + _INT64 if layer["type"].startswith("batchnorm") else 0


def _output_shape(layer: dict, shape: tuple[int, ...]) -> tuple[int, ...]:
    match layer["type"]:
        case "linear":
            return (layer["out"],)
        case "conv2d":
            k, stride, pad = layer["k"], layer.get("stride", 1), layer.get("pad", 0)
            return (layer["out"], *((size + 2 * pad - k) // stride + 1 for size in shape[1:]))
        case "maxpool2d" | "avgpool2d":
            return (shape[0], *(size // layer["k"] for size in shape[1:]))
        case _:
            return shape  # also for flatten: behind it, only the number of elements counts


def _walk(layers: list[dict], input_shape: tuple) -> Iterator[tuple[dict, int, int]]:
    """Each layer with the elements of its input and of its output, per sample."""
    shape = tuple(input_shape)
    for layer in layers:
        if layer["type"] not in _SAVES:
            raise ValueError(f"unknown layer type {layer['type']!r}")
        before, shape = shape, _output_shape(layer, shape)
        yield layer, prod(before), prod(shape)


@dataclass(frozen=True)
class _Op:
    """A node of the graph. Tensors are indices into the tape's sizes, so that a shared one can be counted once."""

    source: int
    alive: frozenset[int]  # while it runs, apart from what was saved before
    saved: frozenset[int]
    gradient: int  # bytes of its parameters' gradients
    passes_gradient_on: bool


class _Tape:
    """The operations of a forward pass, loss included, and the bytes of every tensor that they make."""

    def __init__(self) -> None:
        self.ops: list[_Op] = []
        self.sizes = [0]  # tensor 0 is the batch, which is there before and after
        self._tracked = False

    def new(self, size: int) -> int:
        self.sizes.append(size)
        return len(self.sizes) - 1

    def record(self, source: int, alive: set[int], saved: set[int], gradient: int = 0) -> None:
        passes_gradient_on, self._tracked = self._tracked, self._tracked or bool(gradient)
        kept = frozenset(saved) if self._tracked else frozenset()
        self.ops.append(_Op(source, frozenset(alive), kept, gradient, passes_gradient_on))

    def forward(self) -> Iterator[tuple[int, int]]:
        """For each operation the bytes alive while it runs and the bytes saved once it has run."""
        kept: set[int] = set()
        total = 0
        for op in self.ops:
            total += sum(self.sizes[i] for i in op.saved - kept)
            kept |= op.saved
            yield total + sum(self.sizes[i] for i in op.alive - kept), total

    def backward(self, saved: list[int]) -> Iterator[int]:
        """Bytes alive while the backward pass visits each operation, the last one first."""
        grads = grad_out = 0
        for op, kept in zip(reversed(self.ops), reversed(saved), strict=True):
            grad_in = self.sizes[op.source] if op.passes_gradient_on else 0
            grads += op.gradient
            yield kept + grad_out + grad_in + grads + 2 * _FLOAT32  # the loss and its own gradient
            if not op.passes_gradient_on:
                return
            grad_out = grad_in


def _extra_sizes(layer: dict, elements: int, mask_itemsize: int) -> list[int]:
    """Bytes of the tensors that a layer makes and saves besides its output."""
    match layer["type"]:
        case "batchnorm1d" | "batchnorm2d":
            return [_FLOAT32 * layer["c"], _FLOAT32 * layer["c"]]
        case "maxpool2d":
            return [_INT64 * elements]
        case "dropout":
            return [mask_itemsize * elements]
        case _:
            return []


def _trace(layers: list[dict], input_shape: tuple, batch_size: int, itemsize: int, mask_itemsize: int) -> _Tape:
    tape = _Tape()
    current, outputs = 0, prod(input_shape)
    for layer, _, outputs in _walk(layers, input_shape):
        if layer["type"] == "flatten":
            continue
        elements = batch_size * outputs
        result = tape.new(elements * itemsize)
        extra = {tape.new(size) for size in _extra_sizes(layer, elements, mask_itemsize)}
        saved = {"input": {current}, "output": {result}, "neither": set()}[_SAVES[layer["type"]]] | extra
        tape.record(current, {current, result} | extra, saved, itemsize * sum(_parameter_sizes(layer)))
        current = result
    log_probs = tape.new(batch_size * outputs * itemsize)
    total_weight, loss = tape.new(_FLOAT32), tape.new(_FLOAT32)
    tape.record(current, {current, log_probs}, {log_probs})
    tape.record(log_probs, {current, log_probs, total_weight, loss}, {log_probs, total_weight})
    return tape


def bytes_per_parameter(recipe: str) -> int:
    """Bytes of model states that one parameter costs: weight, gradient and what the optimizer keeps for it.

    Recipes: "fp32_sgd", "fp32_momentum" and "fp32_adam" do everything in float32, with plain SGD, SGD with
    momentum and Adam; "bf16_sgd" is plain SGD with weights and gradients in bfloat16 and no other copy of
    them; "mixed_adam" is mixed precision: 16-bit weights and gradients for the two passes, and an optimizer
    that works in float32 on a float32 copy of the weights.

    Raises ValueError for an unknown recipe. Source: arXiv 1910.02054, section 3.1.
    """
    if recipe not in _RECIPES:
        raise ValueError(f"unknown recipe {recipe!r}")
    return sum(_RECIPES[recipe])


def round_blocks(sizes: list[int], block: int = 512) -> int:
    """Memory that tensors take from an allocator of whole blocks: the sum of all sizes, each rounded up on its own.

    sizes: bytes of each tensor, 0 or more; an empty tensor takes no block. PyTorch's CUDA allocator has
    blocks of 512 bytes. The result is exact however large the sizes are.
    """
    return sum(-(-size // block) * block for size in sizes)


def estimate(
    layers: list[dict],
    input_shape: tuple,
    batch_size: int,
    optimizer: str,
    itemsize: int = 4,
    dropout_mask_itemsize: int | None = None,
) -> dict[str, int]:
    """Bytes that a step of training takes, from its first operation to its last gradient.

    A step: forward pass, loss, backward pass. It is a second step: optimizer state exists and gradients
    were set to None. The temporaries of `optimizer.step()`, workspaces and the CUDA context are not
    counted.

    optimizer: "sgd", "sgd_momentum", "adagrad", "rmsprop", "rmsprop_cm" (centered, with momentum), "adam",
        "adamw", "amsgrad" (Adam that also keeps the largest second moment) or "adadelta".
    itemsize: bytes per element of parameters, gradients, optimizer averages, inputs and all that layers put
        out. Scalars and batch normalisation's statistics and running averages take 4 bytes per element,
        counters of batches, indices and targets 8.
    dropout_mask_itemsize: bytes per element of a dropout mask, by default `itemsize`; 1 is a bool mask.

    Returns a dict of ints. What is there all the time:
    - "params", "grads" (together, when the backward pass is over), "input", "target" (the batch);
    - "buffers": each batch normalisation has two running averages per channel and one int64 counter of
      batches;
    - "optimizer_state": every average that the optimizer keeps is as large as the parameters, and all but
      the SGDs also keep one 4-byte step counter per parameter tensor (weight and bias are two tensors).
    What comes and goes, where *resident* is params + buffers + optimizer_state + input + target:
    - "activations": all that the forward pass has saved for the backward pass when it is over, and the
      loss. Parameters, buffers, input and target are counted elsewhere.
    - "forward_end": resident + activations, when the loss is there.
    - "forward_peak": the most that is alive while an operation of the forward pass runs: resident, all that
      was saved up to then, the operation's input and output, and whatever else it makes (statistics,
      indices, mask, the sum of class weights), even where nothing is saved. The logits stay alive until the
      loss is there.
    - "backward_peak": the most that is alive while the backward pass visits an operation, last one first:
      resident, the loss and the gradient of the loss (4 bytes each), what that operation and all in front
      of it have saved, the gradients with respect to its output and its input, and the gradients of all
      parameters visited so far, its own included. The first layer with parameters gets no gradient for its
      input. Of a visited operation nothing but the gradients stays.
    - "peak": the larger of the two. "after_backward": resident, the gradients and the loss.

    Raises ValueError for an unknown layer type or optimizer.
    """
    if optimizer not in _STATE_TENSORS:
        raise ValueError(f"unknown optimizer {optimizer!r}")
    tensors = [size for layer in layers for size in _parameter_sizes(layer)]
    params = itemsize * sum(tensors)
    counters = 0 if optimizer.startswith("sgd") else _FLOAT32 * len(tensors)
    states = {
        "params": params,
        "buffers": sum(map(_buffer_bytes, layers)),
        "optimizer_state": _STATE_TENSORS[optimizer] * params + counters,
        "input": batch_size * prod(input_shape) * itemsize,
        "target": batch_size * _INT64,
    }
    resident = sum(states.values())

    mask_itemsize = itemsize if dropout_mask_itemsize is None else dropout_mask_itemsize
    tape = _trace(layers, input_shape, batch_size, itemsize, mask_itemsize)
    alive, saved = zip(*tape.forward(), strict=True)
    activations = saved[-1] + _FLOAT32
    forward_peak = resident + max(alive)
    backward_peak = resident + max(tape.backward(saved))
    return states | {
        "grads": params,
        "activations": activations,
        "forward_end": resident + activations,
        "forward_peak": forward_peak,
        "backward_peak": backward_peak,
        "peak": max(forward_peak, backward_peak),
        "after_backward": resident + params + _FLOAT32,
    }


def amp_activations(layers: list[dict], input_shape: tuple, batch_size: int) -> int:
    """Bytes saved for the backward pass under autocast to a 16-bit type, without the scalar loss.

    Only linear, conv2d, relu, maxpool2d and flatten occur. Parameters and the batch are float32; the loss
    is the same as above.

    Autocast converts what enters linear and conv2d to 16 bits, and they put out 16 bits. An input that is
    float32 is converted into a new tensor, one that has 16 bits already is used as it is. What is saved is
    what was multiplied:
    - linear and conv2d save their 16-bit input, and the 16-bit copy of their weight (not of the bias):
      conv2d always, linear only if a gradient has to go on to its input, so not where it is the first layer
      with parameters.
    - relu and maxpool2d work in the type they get and save the same as without autocast.
    - The loss works in float32: its log_softmax converts the logits, and only what it puts out is saved,
      next to the scalar sum of class weights.
    The other rules hold as before: one tensor counts once, nothing is saved in front of the first layer
    with parameters. The batch does not count, but a 16-bit copy of it does.

    Raises ValueError for an unknown layer type.
    """
    half = 2
    total, outputs = 0, prod(input_shape)
    tracked = input_saved = False
    for layer, inputs, outputs in _walk(layers, input_shape):
        match layer["type"]:
            case "linear" | "conv2d" as kind:
                total += 0 if input_saved else half * batch_size * inputs
                total += half * _parameter_sizes(layer)[0] if tracked or kind == "conv2d" else 0
                tracked, input_saved = True, False
            case "relu" if tracked:
                total += half * batch_size * outputs
                input_saved = True
            case "maxpool2d" if tracked:
                total += 0 if input_saved else half * batch_size * inputs
                total += _INT64 * batch_size * outputs
                input_saved = False
    return total + _FLOAT32 * batch_size * outputs + _FLOAT32


def max_batch(layers: list[dict], input_shape: tuple, optimizer: str, budget: int) -> int:
    """The largest batch size with an estimated "peak" (itemsize 4) of at most `budget` bytes; 0 if one is too many.

    The answer may be in the millions: search by halving, not one by one.

    Raises ValueError for an unknown layer type or optimizer.
    """

    def peak(batch_size: int) -> int:
        return estimate(layers, input_shape, batch_size, optimizer)["peak"]

    peak(1)  # raises, also for a budget that nothing fits into
    return bisect_right(range(1, budget), budget, key=peak)  # a sample takes more than a byte
