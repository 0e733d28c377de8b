"""Every figure straight from its definition: lists of operations with sets of tensor ids, summed up anew each time."""

KNOWN = (
    "linear conv2d batchnorm1d batchnorm2d maxpool2d avgpool2d gelu silu leaky_relu relu sigmoid tanh dropout flatten"
)
SAVES_INPUT = ["linear", "conv2d", "batchnorm1d", "batchnorm2d", "maxpool2d", "avgpool2d", "gelu", "silu", "leaky_relu"]
SAVES_OUTPUT = ["relu", "sigmoid", "tanh"]
AVERAGES = {
    "sgd": 0,
    "sgd_momentum": 1,
    "adagrad": 1,
    "rmsprop": 1,
    "rmsprop_cm": 3,
    "adam": 2,
    "adamw": 2,
    "amsgrad": 3,
    "adadelta": 2,
}


def product(numbers):
    result = 1
    for number in numbers:
        result *= number
    return result


def bytes_per_parameter(recipe):
    weight = 2 if recipe in ("mixed_adam", "bf16_sgd") else 4
    gradient = weight
    if recipe == "mixed_adam":
        return weight + gradient + 3 * 4
    extra = {"fp32_sgd": 0, "bf16_sgd": 0, "fp32_momentum": 1, "fp32_adam": 2}
    if recipe not in extra:
        raise ValueError("recipe?")
    return weight + gradient + 4 * extra[recipe]


def round_blocks(sizes, block=512):
    total = 0
    for size in sizes:
        full, rest = divmod(size, block)
        total += full * block
        if rest:
            total += block
    return total


def check(layers):
    for layer in layers:
        if layer["type"] not in KNOWN.split():
            raise ValueError("layer?")


def parameter_tensors(layer):
    kind = layer["type"]
    found = []
    if kind == "linear":
        found.append(layer["in"] * layer["out"])
    if kind == "conv2d":
        found.append(layer["in"] * layer["out"] * layer["k"] * layer["k"])
    if kind in ("linear", "conv2d") and ("bias" not in layer or layer["bias"]):
        found.append(layer["out"])
    if kind in ("batchnorm1d", "batchnorm2d"):
        found += [layer["c"], layer["c"]]
    return found


def shapes(layers, input_shape):
    """The shape in front of each layer, and behind the last one."""
    result = [list(input_shape)]
    for layer in layers:
        shape = list(result[-1])
        if layer["type"] == "linear":
            shape = [layer["out"]]
        elif layer["type"] == "flatten":
            shape = [product(shape)]
        elif layer["type"] == "conv2d":
            k, stride, pad = layer["k"], layer.get("stride", 1), layer.get("pad", 0)
            shape = [layer["out"]] + [len(range(0, s + 2 * pad - k + 1, stride)) for s in shape[1:]]
        elif layer["type"] in ("maxpool2d", "avgpool2d"):
            k = layer["k"]
            shape = [shape[0]] + [len(range(0, s - k + 1, k)) for s in shape[1:]]
        result.append(shape)
    return result


def graph(layers, input_shape, n, itemsize, mask_itemsize):
    """Sizes of all tensors by id, and the operations: reads, makes, saves, bytes of parameters, sends a gradient on."""
    size = {"batch": 0}  # counted elsewhere
    ops = []
    current, depends = "batch", False
    around = shapes(layers, input_shape)
    for i, layer in enumerate(layers):
        kind = layer["type"]
        if kind == "flatten":
            continue
        elements = n * product(around[i + 1])
        out = f"out{i}"
        size[out] = elements * itemsize
        made, saved = {out}, set()
        if kind in SAVES_INPUT:
            saved.add(current)
        if kind in SAVES_OUTPUT:
            saved.add(out)
        extras = []
        if kind.startswith("batchnorm"):
            extras = [4 * layer["c"], 4 * layer["c"]]
        if kind == "maxpool2d":
            extras = [8 * elements]
        if kind == "dropout":
            extras = [mask_itemsize * elements]
        for j, extra in enumerate(extras):
            size[f"extra{i}.{j}"] = extra
            made.add(f"extra{i}.{j}")
            saved.add(f"extra{i}.{j}")
        parameters = itemsize * sum(parameter_tensors(layer))
        ops.append(
            {
                "reads": {current},
                "makes": made,
                "saves": saved,
                "params": parameters,
                "on": depends,
                "in": current,
                "out": out,
            }
        )
        depends = depends or parameters > 0
        if not depends:
            ops[-1]["saves"] = set()
        current = out
    size["logp"] = n * product(around[-1]) * itemsize
    size["weights"] = size["loss"] = 4
    size["dloss"] = 4
    ops.append(
        {
            "reads": {current},
            "makes": {"logp"},
            "saves": {"logp"},
            "params": 0,
            "on": True,
            "in": current,
            "out": "logp",
        }
    )
    ops.append(
        {
            "reads": {"logp", current},
            "makes": {"weights", "loss"},
            "saves": {"logp", "weights"},
            "params": 0,
            "on": True,
            "in": "logp",
            "out": None,
        }
    )
    return size, ops


def estimate(layers, input_shape, batch_size, optimizer, itemsize=4, dropout_mask_itemsize=None):
    check(layers)
    if optimizer not in AVERAGES:
        raise ValueError("optimizer?")
    if dropout_mask_itemsize is None:
        dropout_mask_itemsize = itemsize
    size, ops = graph(layers, input_shape, batch_size, itemsize, dropout_mask_itemsize)
    tensors = []
    buffers = 0
    for layer in layers:
        tensors.extend(parameter_tensors(layer))
        if layer["type"] in ("batchnorm1d", "batchnorm2d"):
            buffers += 4 * layer["c"] + 4 * layer["c"] + 8
    params = itemsize * sum(tensors)
    result = {"params": params, "grads": params, "buffers": buffers, "target": 8 * batch_size}
    result["input"] = batch_size * product(input_shape) * itemsize
    result["optimizer_state"] = AVERAGES[optimizer] * params
    if optimizer not in ("sgd", "sgd_momentum"):
        result["optimizer_state"] += 4 * len(tensors)
    resident = sum(result[k] for k in ("params", "buffers", "optimizer_state", "input", "target"))

    def total(ids):
        return sum(size[i] for i in ids)

    def saved_by(some):
        return set().union(*(op["saves"] for op in some))

    result["activations"] = total(saved_by(ops) | {"loss"})
    result["forward_end"] = resident + result["activations"]
    forward = [total(saved_by(ops[: i + 1]) | op["reads"] | op["makes"]) for i, op in enumerate(ops)]
    backward, gradients = [], 0
    for i in range(len(ops) - 1, -1, -1):
        op = ops[i]
        if not (op["on"] or op["params"]):
            break
        gradients += op["params"]
        here = total(saved_by(ops[: i + 1]) | {"loss"}) + size["dloss"] + gradients
        here += size[op["out"]] if op["out"] else 0
        here += size[op["in"]] if op["on"] else 0
        backward.append(here)
    result["forward_peak"] = resident + max(forward)
    result["backward_peak"] = resident + max(backward)
    result["peak"] = max(result["forward_peak"], result["backward_peak"])
    result["after_backward"] = resident + params + size["loss"]
    return result


def amp_activations(layers, input_shape, batch_size):
    check(layers)
    saved = {}
    current, bits, depends = "batch", 32, False
    around = shapes(layers, input_shape)
    for i, layer in enumerate(layers):
        before, after = batch_size * product(around[i]), batch_size * product(around[i + 1])
        kind = layer["type"]
        if kind in ("linear", "conv2d"):
            if bits == 32:
                current = f"half{i}"
            saved[current] = 2 * before
            if kind == "conv2d" or depends:
                saved[f"weight{i}"] = 2 * parameter_tensors(layer)[0]
            current, bits, depends = f"out{i}", 16, True
        elif kind == "relu":
            current = f"out{i}"
            if depends:
                saved[current] = bits // 8 * after
        elif kind == "maxpool2d":
            if depends:
                saved[current] = bits // 8 * before
                saved[f"indices{i}"] = 8 * after
            current = f"out{i}"
    return sum(saved.values()) + 4 * batch_size * product(around[-1]) + 4


def max_batch(layers, input_shape, optimizer, budget):
    def fits(n):
        return estimate(layers, input_shape, n, optimizer)["peak"] <= budget

    if not fits(1):
        return 0
    high = 2
    while fits(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle):
            low = middle
        else:
            high = middle
    return low
