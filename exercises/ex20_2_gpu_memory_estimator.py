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


def bytes_per_parameter(recipe: str) -> int:
    """Bytes of model states that one parameter costs: weight, gradient and what the optimizer keeps for it.

    Recipes: "fp32_sgd", "fp32_momentum" and "fp32_adam" do everything in float32, with plain SGD, SGD with
    momentum and Adam; "bf16_sgd" is plain SGD with weights and gradients in bfloat16 and no other copy of
    them; "mixed_adam" is mixed precision: 16-bit weights and gradients for the two passes, and an optimizer
    that works in float32 on a float32 copy of the weights.

    Raises ValueError for an unknown recipe. Source: arXiv 1910.02054, section 3.1.
    """
    # TODO: write each recipe down as weight + gradient + what the optimizer keeps.
    raise NotImplementedError


def round_blocks(sizes: list[int], block: int = 512) -> int:
    """Memory that tensors take from an allocator of whole blocks: the sum of all sizes, each rounded up on its own.

    sizes: bytes of each tensor, 0 or more; an empty tensor takes no block. PyTorch's CUDA allocator has
    blocks of 512 bytes. The result is exact however large the sizes are.
    """
    # TODO: whole numbers all the way; round up before you add up.
    raise NotImplementedError


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
    # TODO: begin with what is there all the time (a dict without the other entries passes the first part). Then give
    # every tensor a number and note for each operation what it reads, makes and saves; a set counts nothing twice.
    raise NotImplementedError


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
    # TODO: walk through the layers and keep in mind whether the current tensor is saved already, and whether
    # it depends on parameters yet.
    raise NotImplementedError


def max_batch(layers: list[dict], input_shape: tuple, optimizer: str, budget: int) -> int:
    """The largest batch size with an estimated "peak" (itemsize 4) of at most `budget` bytes; 0 if one is too many.

    The answer may be in the millions: search by halving, not one by one.

    Raises ValueError for an unknown layer type or optimizer.
    """
    # TODO: the peak grows with every sample; which batch sizes are certainly too small, which too large?
    raise NotImplementedError
