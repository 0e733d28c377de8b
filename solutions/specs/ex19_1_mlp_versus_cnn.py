"""Algebra on small models and layers in float64. Of the free architecture only facts are compared. Then the study."""

import math

import numpy as np
import torch

from grader.spec import EXACT, Bar, Case, Equivalent, Exercise, Misconception, Part, Training, t32

# Drivers: the two networks


def make_of_mlp(student, options, hidden, images, seed):
    """Sizes, whether flat images and images of one channel give the same logits, and whether these are right."""
    torch.manual_seed(seed)
    model = student.build_mlp(**options)
    with torch.no_grad():
        logits, flat, dark = model(images), model(images.flatten(1)), model(torch.zeros_like(images))
        bent = logits + model(-images) - 2 * dark
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "sizes": sorted(list(parameter.shape) for parameter in model.parameters()),
        "frozen parameters": [name for name, parameter in model.named_parameters() if not parameter.requires_grad],
        "shape of the logits": list(logits.shape),
        "flat images give the same": bool(torch.allclose(logits, flat, rtol=1e-4, atol=1e-5)),
        "it isn't linear": bool(bent.abs().max() > 1e-3),
        "rows sum to 1": bool(((logits.double().sum(dim=-1) - 1).abs() < 1e-5).all()),
        "logits are those of a layer of ReLU units": follows(model, images.flatten(1), logits, hidden),
    }


def follows(model, x, logits, hidden):
    """Whether logits follow from the weights as the text says, given that these have the right sizes."""
    weights = {tuple(parameter.shape): parameter.detach() for parameter in model.parameters()}
    sizes = [(hidden, 784), (hidden,), (10, hidden), (10,)]
    if any(size not in weights for size in sizes):
        return False
    first, first_bias, second, second_bias = [weights[size] for size in sizes]
    return bool(torch.allclose(torch.relu(x @ first.T + first_bias) @ second.T + second_bias, logits, 1e-3, 1e-4))


def make_of_cnn(student, images, seed, budget, share):
    torch.manual_seed(seed)
    model = student.build_cnn()
    with torch.no_grad():
        logits = model(images)
    count = sum(parameter.numel() for parameter in model.parameters())
    return {
        "shape of the logits": list(logits.shape),
        "a convolution is there": any(isinstance(module, torch.nn.Conv2d) for module in model.modules()),
        "frozen parameters": [name for name, parameter in model.named_parameters() if not parameter.requires_grad],
        "too many parameters": count > (1 + share) * budget,
        "too few parameters": count < (1 - share) * budget,
        "rows sum to 1": bool(((logits.double().sum(dim=-1) - 1).abs() < 1e-5).all()),
    }


def built_twice(student, builder, seeds):
    flat = []
    for seed in seeds:
        torch.manual_seed(seed)
        flat.append(torch.cat([p.detach().flatten() for p in getattr(student, builder)().parameters()]))
    return bool(torch.equal(*flat))


# Drivers: permutations. A network is a list of layers of torch.nn, class and arguments, and its weights.


def network(layers, weights):
    model = torch.nn.Sequential(*[getattr(torch.nn, kind)(*arguments) for kind, *arguments in layers])
    for value in weights.values():
        model.to(value.dtype)
    model.load_state_dict(weights, strict=False)
    return model


def answers_of(model, x):
    """Answers in eval mode; the modes stay."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    with torch.no_grad():
        result = model(x)
    for module, mode in modes:
        module.training = mode
    return result.clone()


def permuted(student, layers, weights, perm, x):
    model = network(layers, weights)
    new = student.permute_mlp_input(model, perm)
    return {
        "new model, permuted pixels": answers_of(new, x[:, perm]),
        "new model, pixels as they were": answers_of(new, x),
        "weights of the new model": {name: value.clone() for name, value in new.state_dict().items()},
        "old model": answers_of(model, x),
    }


def permuted_inside(student, layers, weights, perm, x):
    """A model whose layers are those of a model within it."""
    new = student.permute_mlp_input(torch.nn.Sequential(network(layers, weights)), perm)
    return answers_of(new, x[:, perm])


def left_alone(student, layers, weights, perm, x, frozen=(), in_eval_mode=False, resting=()):
    """The old model after the new one has been changed, and what the new one has inherited."""
    model = network(layers, weights).train(not in_eval_mode)
    for number in resting:
        model[number].eval()
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name not in frozen)
        parameter.grad = torch.ones_like(parameter)
    torch.manual_seed(3)
    new = student.permute_mlp_input(model, perm)
    drawn = torch.rand(()).item()
    inherited = habits(new) | {"leaves": [name for name, parameter in new.named_parameters() if parameter.is_leaf]}
    with torch.no_grad():
        for value in new.state_dict().values():
            value.fill_(7)
    old = {f"{what}, old model": names for what, names in habits(model).items()}
    old["gradients, old model"] = [name for name, p in model.named_parameters() if p.grad is not None and p.grad.all()]
    return inherited | old | {"old model": answers_of(model, x), "next random number": drawn}


def habits(model):
    return {
        "trainable": [name for name, parameter in model.named_parameters() if parameter.requires_grad],
        "in train mode": [name or "the model" for name, module in model.named_modules() if module.training],
    }


def permuted_alone(student, weight, perm, x):
    """A model that is nothing but a layer."""
    layer = torch.nn.Linear(*weight.shape[::-1], bias=False).double()
    layer.load_state_dict({"weight": weight})
    return answers_of(student.permute_mlp_input(layer, perm), x[:, perm])


def permuted_back(student, layers, weights, perm, x):
    """Twice: by a permutation and by its inverse."""
    new = student.permute_mlp_input(student.permute_mlp_input(network(layers, weights), perm), perm.argsort())
    return answers_of(new, x)


# Drivers: layers


def matrix_in_float32(student, weight, size):
    return student.conv_as_linear(weight.float(), size)


def matrix_of_parameter(student, weight, size):
    """The weight of a layer that is being trained, in another memory layout."""
    weight = torch.nn.Parameter(weight.transpose(0, 1).contiguous().transpose(0, 1))
    return student.conv_as_linear(weight, size).detach().clone()


def number_after_matrix(student, weight, size):
    torch.manual_seed(3)
    student.conv_as_linear(weight, size)
    return {"next random number": torch.rand(()).item()}


def defect(student, kind, weights, x, shift, **options):
    """The defect of one of several layers (see `applied`)."""

    def layer(images):
        return applied(kind, weights, images)

    return student.equivariance_defect(layer, x, shift, **options)


def watched(student, weights, x, shift):
    """Whether gradients are recorded while a layer with trainable weights is at work, and the defect."""
    recorded = []
    conv = torch.nn.Conv2d(*weights["kernel"].shape[1::-1], weights["kernel"].shape[-1], padding=1, bias=False).double()
    conv.load_state_dict({"weight": weights["kernel"]})
    conv.register_forward_hook(lambda module, given, result: recorded.append(result.requires_grad))
    found = student.equivariance_defect(conv, x, shift)
    return {"passes that record gradients": sum(recorded), "defect": found, "recording again": torch.is_grad_enabled()}


def applied(kind, weights, images):
    functional = torch.nn.functional
    if kind == "convolution":
        return functional.conv2d(images, weights["kernel"], padding=weights["kernel"].shape[-1] // 2)
    if kind == "convolution that wraps around":
        k = weights["kernel"].shape[-1] // 2
        return functional.conv2d(functional.pad(images, (k, k, k, k), mode="circular"), weights["kernel"])
    if kind == "two layers":
        return functional.conv2d(functional.conv2d(images, weights["kernel"], padding=1).relu(), weights["1x1"])
    if kind == "every second pixel":
        return functional.interpolate(functional.conv2d(images, weights["kernel"], stride=2, padding=1), scale_factor=2)
    if kind == "maximum of nine":
        return functional.max_pool2d(images, 3, stride=1, padding=1)
    if kind == "pooling":
        return functional.interpolate(functional.max_pool2d(images, 2), scale_factor=2)
    if kind == "dense":
        return (images.flatten(1) @ weights["matrix"]).reshape(images.shape)
    if kind == "position":
        return images + weights["where"]
    if kind == "transposed":
        return images.transpose(-2, -1)
    return 3 * images


# Driver: the study


def studied(student, host, seed, budget, device, images, labels, test_images):
    """Predictions of all six experiments, with a permutation that the seed decides on."""
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    perm = torch.randperm(images[0].size, generator=torch.Generator().manual_seed(seed))
    X, y, X_test = torch.from_numpy(images), torch.from_numpy(labels), torch.from_numpy(test_images)
    given = {"perm": perm, "shift": (2, 2), "device": device, "seed": seed, "budget": budget, "report": host.report}
    found = student.run_study(X, y, X_test, **given)
    names = [f"{network}_{kind}" for network in ("cnn", "mlp") for kind in ("plain", "permuted", "shifted")]
    return {
        "predictions": {name: np.asarray(found[name]) for name in names},
        "peak_memory": torch.cuda.max_memory_allocated() if device == "cuda" else None,
    }


# Cases


def randn(rng, *shape, scale=1.0):
    return torch.from_numpy(scale * rng.standard_normal(shape))


def images_for(rng, n):
    return randn(rng, n, 1, 28, 28).float()


def mlp_cases(rng):
    def case(name, n=4, scale=1, **options):
        images = scale * images_for(rng, n)
        inputs = {"options": options, "hidden": options.get("hidden", 128), "images": images, "seed": 1}
        return Case(f"mlp: {name}", inputs, driver=make_of_mlp)

    yield case("as it comes")
    yield case("one image", 1)
    yield case("twelve hidden units", hidden=12)
    yield case("300 hidden units, bright images", scale=30, hidden=300)
    yield Case("mlp: the same seed, the same weights", {"builder": "build_mlp", "seeds": [3, 3]}, driver=built_twice)
    yield Case("mlp: another seed, other weights", {"builder": "build_mlp", "seeds": [3, 4]}, driver=built_twice)


def cnn_cases(rng):
    def case(name, n):
        inputs = {"images": images_for(rng, n), "seed": 1, "budget": 785 * 128 + 129 * 10, "share": 0.1}
        return Case(f"cnn: {name}", inputs, driver=make_of_cnn)

    yield case("four images", 4)
    yield case("one image", 1)
    yield Case("cnn: the same seed, the same weights", {"builder": "build_cnn", "seeds": [3, 3]}, driver=built_twice)
    yield Case("cnn: another seed, other weights", {"builder": "build_cnn", "seeds": [3, 4]}, driver=built_twice)


def matrix_cases(rng):
    def case(name, weight, size, driver=None, tolerance=None):
        return Case(f"matrix: {name}", {"weight": weight, "size": size}, driver=driver, tolerance=tolerance)

    yield case("a kernel of one pixel", torch.full((1, 1, 1, 1), 2.0, dtype=torch.float64), (2, 2))
    yield case("the right neighbour", torch.tensor([[[[0.0, 0, 0], [0, 0, 1], [0, 0, 0]]]]).double(), (2, 3))
    yield case("the neighbour below", torch.tensor([[[[0.0, 0, 0], [0, 0, 0], [0, 1, 0]]]]).double(), (3, 2))
    yield case("nine weights", randn(rng, 1, 1, 3, 3), (4, 4))
    yield case("a rectangle", randn(rng, 1, 1, 3, 3), (3, 5))
    yield case("two channels in", randn(rng, 1, 2, 3, 3), (3, 4))
    yield case("two channels out", randn(rng, 2, 1, 3, 3), (3, 4))
    yield case("two channels in and out", randn(rng, 2, 2, 3, 3), (4, 3))
    yield case("three in, two out", randn(rng, 2, 3, 3, 3), (4, 5))
    yield case("a kernel of five", randn(rng, 1, 2, 5, 5), (6, 4))
    yield case("a kernel larger than the image", randn(rng, 2, 1, 5, 5), (2, 3))
    yield case("a single pixel", randn(rng, 2, 3, 3, 3), (1, 1))
    yield case("1 x 1 kernels", randn(rng, 3, 2, 1, 1), (2, 3))
    yield case("float32 stays float32", randn(rng, 2, 2, 3, 3), (3, 3), matrix_in_float32, t32(1))
    yield case("the weight of a layer", randn(rng, 2, 3, 3, 3), (3, 4), matrix_of_parameter)
    yield case("no random numbers are drawn", randn(rng, 2, 2, 3, 3), (4, 3), number_after_matrix)
    yield case("two channels in and out, again", randn(rng, 2, 2, 3, 3), (4, 3))


MLP = [["Linear", 3, 4], ["Tanh"], ["Linear", 4, 2]]
SQUARE = [["Linear", 6, 6], ["ReLU"], ["Linear", 6, 6], ["ReLU"], ["Linear", 6, 3]]
NORMED = [["Linear", 5, 7, False], ["BatchNorm1d", 7], ["Dropout", 0.5], ["Linear", 7, 5]]


def weights_for(rng, layers):
    weights = {}
    for number, (kind, *arguments) in enumerate(layers):
        if kind == "Linear":
            weights[f"{number}.weight"] = randn(rng, arguments[1], arguments[0])
            if arguments[2:] != [False]:
                weights[f"{number}.bias"] = randn(rng, arguments[1])
        elif kind == "BatchNorm1d":
            weights[f"{number}.running_mean"] = randn(rng, arguments[0])
            weights[f"{number}.running_var"] = 0.5 + randn(rng, arguments[0]) ** 2
    return weights


def permutation(rng, d):
    """One that differs from its inverse; d > 2."""
    while True:
        perm = torch.from_numpy(rng.permutation(d))
        if not torch.equal(perm, perm.argsort()):
            return perm


def permutation_cases(rng):
    def case(name, layers, perm, driver=None, tolerance=None, dtype=torch.float64, **more):
        weights = {key: value.to(dtype) for key, value in weights_for(rng, layers).items()}
        x = randn(rng, 3, len(perm)).to(dtype)
        inputs = {"layers": layers, "weights": weights, "perm": perm, "x": x}
        return Case(f"permute: {name}", {**inputs, **more}, driver=driver, tolerance=tolerance)

    yield case("pixels stay where they are", MLP, torch.tensor([0, 1, 2]))
    yield case("two pixels change places", MLP, torch.tensor([1, 0, 2]))
    yield case("three pixels move on", MLP, torch.tensor([1, 2, 0]))
    yield case("three pixels move on, the other way round", MLP, torch.tensor([2, 0, 1]))
    yield case("as many hidden units as pixels", SQUARE, permutation(rng, 6))
    yield case("only one layer", [["Linear", 5, 2]], permutation(rng, 5))
    yield case("more hidden units than pixels", NORMED, permutation(rng, 5))
    yield case("fewer hidden units than pixels", [["Linear", 20, 3], ["ReLU"], ["Linear", 3, 2]], permutation(rng, 20))
    yield case("layers that stand one level down", MLP, torch.tensor([1, 2, 0]), permuted_inside)
    yield case("no layer in front has weights", [["Flatten"], *SQUARE], permutation(rng, 6))
    single = {"weight": randn(rng, 2, 5), "perm": permutation(rng, 5), "x": randn(rng, 3, 5)}
    yield Case("permute: the model is a layer", single, driver=permuted_alone)
    yield case("there and back again", SQUARE, permutation(rng, 6), permuted_back)
    yield case("the old model is left alone", MLP, torch.tensor([1, 2, 0]), left_alone)
    yield case("the old model is in eval mode", NORMED, permutation(rng, 5), left_alone, in_eval_mode=True)
    yield case("a layer of the old model is in eval mode", NORMED, permutation(rng, 5), left_alone, resting=[1])
    yield case("a frozen layer stays frozen", SQUARE, permutation(rng, 6), left_alone, frozen=["0.weight", "2.bias"])
    yield case("float32", SQUARE, permutation(rng, 6), None, t32(36), torch.float32)
    yield case("three pixels move on, again", MLP, torch.tensor([1, 2, 0]))


def defect_cases(rng):
    def case(name, kind, shift, shape=(2, 2, 16, 18), weights=None, **more):
        inputs = {"kind": kind, "weights": weights or {}, "x": randn(rng, *shape), "shift": shift}
        return Case(f"defect: {name}", {**inputs, **more})

    kernel, small = {"kernel": randn(rng, 3, 2, 3, 3)}, (1, 1, 12, 12)
    wide, both = {"kernel": randn(rng, 2, 2, 5, 5)}, {"kernel": randn(rng, 3, 2, 3, 3), "1x1": randn(rng, 4, 3, 1, 1)}
    yield case("three times the image", "triple", (1, 0))
    yield case("a convolution", "convolution", (1, 2), weights=kernel)
    yield case("a convolution, up and to the left", "convolution", (-2, -1), weights=kernel)
    yield case("a wide convolution", "convolution", (2, 3), weights=wide)
    yield case("two layers", "two layers", (2, 1), weights=both)
    yield case("maximum of nine pixels", "maximum of nine", (1, 1))
    yield case("the rim of a convolution", "convolution", (1, 2), weights=kernel, border=0)
    yield case("no rim when it wraps around", "convolution that wraps around", (1, 2), weights=kernel, border=0)
    yield case("a border of one", "convolution", (2, 0), weights=kernel, border=1)
    yield case("a border of two", "convolution", (3, 0), weights=kernel, border=2)
    yield case("every second pixel, an even shift", "every second pixel", (2, 0), weights=kernel)
    yield case("every second pixel, an odd shift", "every second pixel", (1, 0), weights=kernel)
    yield case("pooling, an even shift", "pooling", (2, 2))
    yield case("pooling, a step to the right", "pooling", (0, 1))
    yield case("pooling, an odd shift down", "pooling", (3, 2))
    yield case("a dense layer", "dense", (1, 1), small, {"matrix": randn(rng, 144, 144)})
    yield case("a dense layer of small numbers", "dense", (0, 2), small, {"matrix": randn(rng, 144, 144, scale=1e-4)})
    yield case(
        "a layer that knows positions", "position", (1, 0), weights={"where": randn(rng, 1, 1, 16, 18, scale=5.0)}
    )
    yield case("rows and columns change places", "transposed", (2, 1), (1, 1, 14, 14))
    yield case("no shift", "position", (0, 0), weights={"where": randn(rng, 1, 1, 16, 18)})
    yield case("negative outputs only", "position", (1, 1), weights={"where": randn(rng, 1, 1, 16, 18) - 50})
    seen = {"weights": kernel, "x": randn(rng, 1, 2, 14, 14), "shift": (1, 1)}
    yield Case("defect: no gradients are recorded", seen, driver=watched)
    yield case("pooling, a step down, again", "pooling", (1, 0))


def study_cases(rng):
    def case(name, n, m, shape, shift, perm=None, kind=torch.uint8, layout=None):
        size = math.prod(shape)
        perm = permutation(rng, size) if perm is None else perm
        X, X_test = (torch.from_numpy(rng.integers(1, 200, (k, *shape))).to(kind) for k in (n, m))
        if kind.is_floating_point:
            X, X_test = X / 3, X_test / 3
        if layout == "transposed":
            X, X_test = (
                X.transpose(0, 2).contiguous().transpose(0, 2),
                X_test.transpose(1, 2).contiguous().transpose(1, 2),
            )
        return Case(f"study: {name}", {"X": X, "X_test": X_test, "perm": perm, "shift": shift})

    yield case("one pixel down", 1, 1, (2, 2), (1, 0), torch.tensor([0, 1, 2, 3]))
    yield case("one pixel to the right", 1, 1, (2, 2), (0, 1), torch.tensor([0, 1, 2, 3]))
    yield case("three pixels move on", 1, 1, (1, 3), (0, 0), torch.tensor([1, 2, 0]))
    yield case("images of 5 x 5", 3, 2, (5, 5), (1, 2))
    yield case("up and to the left", 3, 2, (5, 5), (-2, -1))
    yield case("up and to the right", 2, 3, (5, 6), (-1, 3))
    yield case("rectangles", 2, 2, (3, 7), (2, -4))
    yield case("no shift", 2, 2, (4, 4), (0, 0))
    yield case("only one column is left", 2, 2, (4, 4), (0, 3))
    yield case("digits", 6, 4, (28, 28), (2, 2))
    yield case("as many images as pixels", 6, 6, (2, 3), (1, 1))
    yield case("no test images", 3, 0, (4, 4), (1, 1))
    yield case("no training images", 0, 2, (4, 4), (1, 1))
    yield case("float32", 3, 2, (5, 5), (1, -1), kind=torch.float32)
    yield case("float64", 3, 2, (5, 5), (1, -1), kind=torch.float64)
    yield case("negative numbers", 3, 2, (5, 5), (1, -1), kind=torch.int16)
    yield case("another memory layout", 3, 2, (4, 6), (1, 2), layout="transposed")
    yield case("images of 5 x 5, again", 3, 2, (5, 5), (1, 2))


PARTS = (
    Part(
        "build_mlp",
        mlp_cases,
        (
            "Two linear layers, and something between them that isn't linear.",
            "nn.Sequential of Flatten, Linear, ReLU, Linear; no softmax.",
            "Flatten keeps the first axis, so that flat images pass through unchanged. 784 inputs, ten outputs, and "
            "`hidden` in the middle.",
        ),
        tolerance=EXACT,
    ),
    Part(
        "build_cnn",
        cnn_cases,
        (
            "The convolutions are cheap. Count what the first linear layer behind them costs.",
            "With 32 maps of 4 x 4 the linear layer has 512 weights per unit. How many units fit into the budget?",
            "`build_mlp()` has 101,770 parameters, so between 91,593 and 111,947 will do: two convolutions of 5 x 5 "
            "with 16 and 32 channels, a pooling behind each, 160 units, ten logits.",
        ),
        tolerance=EXACT,
    ),
    Part(
        "conv_as_linear",
        matrix_cases,
        (
            "A convolution without bias is a linear map. What is known about a linear map once you know what it makes "
            "of unit vectors?",
            "Make one image for each input pixel, with a 1 there and 0 elsewhere, and convolve all of them at once.",
            "Each flattened result is a column of the matrix. As rows of a batch they come out transposed.",
        ),
    ),
    Part(
        "permute_mlp_input",
        permutation_cases,
        (
            "Each input pixel meets one column of the first weight.",
            "copy.deepcopy, find the first Linear, rearrange the columns of its weight, leave all else.",
            "Pixel j of the permuted image is pixel perm[j] of the old one, so column j must be the old column "
            "perm[j]. Change the parameter under no_grad.",
        ),
        driver=permuted,
    ),
    Part(
        "equivariance_defect",
        defect_cases,
        (
            "Two paths: shift, then layer; layer, then shift. Equivariant means that they end in the same place.",
            "torch.roll over the last two axes, for the input and for the output by the same amounts.",
            "Cut `border` pixels off the difference on each side (with 0 nothing is cut), then divide the two maxima "
            "of absolute values.",
        ),
        driver=defect,
    ),
    Part(
        "study_data",
        study_cases,
        (
            "What must be the same in training and test, and what is supposed to be different?",
            "Permute flattened images along their pixels. Shift test images only.",
            "For the shift, a rectangle of the old image goes to another place in an image of zeros; for a negative "
            "number it is the other side that is cut off.",
        ),
        tolerance=EXACT,
        may_alias=True,
    ),
)

MISCONCEPTIONS = (
    Misconception(
        "linear_mlp",
        "build_mlp",
        "Your MLP has no activation function.",
        "What do two linear layers in a row amount to?",
        edits=(("nn.Linear(784, hidden), nn.ReLU(), ", "nn.Linear(784, hidden), "),),
    ),
    Misconception(
        "softmax_in_mlp",
        "build_mlp",
        "Your MLP ends in a softmax.",
        "What does the loss do with logits first?",
        edits=(("nn.Linear(hidden, 10))", "nn.Linear(hidden, 10), nn.Softmax(dim=1))"),),
    ),
    Misconception(
        "smooth_activation",
        "build_mlp",
        "Your logits don't follow from your weights by way of ReLU units, and of nothing else.",
        "What happens to an image on its way to the logits? Compare your steps with those of the text, one by one.",
        edits=(("nn.Linear(784, hidden), nn.ReLU(), ", "nn.Linear(784, hidden), nn.Tanh(), "),),
    ),
    Misconception(
        "no_biases",
        "build_mlp",
        "Your linear layers have no biases.",
        "How many parameters should 784 inputs and one unit have together?",
        edits=(("nn.Linear(784, hidden)", "nn.Linear(784, hidden, bias=False)"),),
    ),
    Misconception(
        "bigger_cnn",
        "build_cnn",
        "Your CNN has a larger budget than the MLP.",
        "If the larger network wins, what has been shown? Count the parameters of both.",
        edits=(
            ("nn.Linear(32 * 4 * 4, 160)", "nn.Linear(32 * 4 * 4, 320)"),
            ("nn.Linear(160, 10)", "nn.Linear(320, 10)"),
        ),
    ),
    Misconception(
        "smaller_cnn",
        "build_cnn",
        "Your CNN has a smaller budget than the MLP.",
        "Which layer of a CNN holds most of its parameters? There is room left.",
        edits=(
            ("nn.Linear(32 * 4 * 4, 160)", "nn.Linear(32 * 4 * 4, 80)"),
            ("nn.Linear(160, 10)", "nn.Linear(80, 10)"),
        ),
    ),
    Misconception(
        "matrix_transposed",
        "conv_as_linear",
        "Your matrix has a row where it should have a column.",
        "For an image x, what shape must a matrix have so that M @ x works?",
        edits=((".flatten(1).T", ".flatten(1)"),),
    ),
    Misconception(
        "kernel_flipped",
        "conv_as_linear",
        "Your kernel is mirrored, as mathematicians convolve.",
        "A kernel with a single 1 on its right side: which neighbour does Conv2d look at?",
        edits=(("conv2d(units, weight, padding", "conv2d(units, weight.flip(2, 3), padding"),),
    ),
    Misconception(
        "wraps_around_the_border",
        "conv_as_linear",
        "Your windows continue on the other side of the image.",
        "What does Conv2d see beyond the border, with zero padding?",
        edits=(
            (
                'conv2d(units, weight, padding="same")',
                "conv2d(\n"
                '        torch.cat([torch.cat([units] * 5, 2)] * 5, 3), weight, padding="same"\n'
                "    )[:, :, 2 * height : 3 * height, 2 * width : 3 * width]",
            ),
        ),
    ),
    Misconception(
        "channels_last",
        "conv_as_linear",
        "Your flattened images put the channels of a pixel side by side.",
        "In which order does PyTorch flatten (C, H, W)?",
        edits=(
            (".reshape(inputs, -1, height, width)", ".reshape(inputs, height, width, -1).movedim(3, 1)"),
            (".flatten(1).T", ".movedim(1, 3).flatten(1).T"),
        ),
    ),
    Misconception(
        "inverse_permutation",
        "permute_mlp_input",
        "Your weight is rearranged by the inverse of the permutation.",
        "Try three pixels that move on by one. Where does the first pixel go, and where does your column?",
        edits=(("first.weight[:, perm]", "first.weight[:, perm.argsort()]"),),
    ),
    Misconception(
        "output_permuted",
        "permute_mlp_input",
        "Your code rearranges the rows of the weight, which are hidden units.",
        "Which axis of the weight meets the pixels?",
        edits=(("first.weight[:, perm]", "first.weight[perm]"),),
    ),
    Misconception(
        "mutates_model",
        "permute_mlp_input",
        "Your code changes the model it was given.",
        "What does the old model answer now?",
        edits=(("copy.deepcopy(model)", "model"),),
    ),
    Misconception(
        "shallow_copy",
        "permute_mlp_input",
        "Your new model shares parameters with the old one.",
        "Train the new one for a step. Who else has learnt?",
        edits=(
            (
                "permuted = copy.deepcopy(model)",
                "permuted = copy.deepcopy(model, {id(p): p for p in list(model.parameters())[1:]})",
            ),
        ),
    ),
    Misconception(
        "leaf_changed_in_place",
        "permute_mlp_input",
        "Your code changes a parameter in place while autograd is watching.",
        "What does PyTorch say about a leaf that requires a gradient, and when is it looking away?",
        edits=(
            (
                "    with torch.no_grad():\n        first.weight.copy_",
                "    with torch.enable_grad():\n        first.weight.copy_",
            ),
        ),
    ),
    Misconception(
        "last_layer_permuted",
        "permute_mlp_input",
        "Your code rearranges the last linear layer instead of the first.",
        "Which of the layers sees pixels?",
        edits=(
            (
                "next(module for module in permuted.modules() if isinstance(module, nn.Linear))",
                "[module for module in permuted.modules() if isinstance(module, nn.Linear)][-1]",
            ),
        ),
    ),
    Misconception(
        "shift_invariance_claimed",
        "equivariance_defect",
        "Your defect compares with an output that wasn't shifted.",
        "When a digit moves to the right, should the map of its strokes stay or move along?",
        edits=(("- output.roll(shift, dims=(2, 3))", "- output"),),
    ),
    Misconception(
        "border_included",
        "equivariance_defect",
        "Your maximum includes the border.",
        "What does a padded convolution see at the rim, before and after shifting?",
        edits=(("difference[..., border : height - border, border : width - border]", "difference"),),
    ),
    Misconception(
        "absolute_defect",
        "equivariance_defect",
        "Your defect has the unit of the layer's output.",
        "Multiply all weights of the layer by a thousand. Is it less equivariant now?",
        edits=(("interior.abs().max() / output.abs().max()", "interior.abs().max()"),),
    ),
    Misconception(
        "mean_defect",
        "equivariance_defect",
        "Your defect is an average, in which few large errors disappear.",
        "A layer that fails in a single place: what should be said of it?",
        edits=(("interior.abs().max() / output.abs().max()", "interior.abs().mean() / output.abs().mean()"),),
    ),
    Misconception(
        "signed_maximum",
        "equivariance_defect",
        "Your largest values ignore those below zero.",
        "What is the largest value of a layer whose outputs are all negative?",
        edits=(("interior.abs().max() / output.abs().max()", "interior.max() / output.max()"),),
    ),
    Misconception(
        "columns_before_rows",
        ("equivariance_defect", "study_data"),
        "Your shift takes the first number for columns and the second for rows.",
        "Shift by (1, 0): does your image move down?",
        edits=(
            ("layer(x.roll(shift, dims=(2, 3)))", "layer(x.roll(shift, dims=(3, 2)))"),
            ("- output.roll(shift, dims=(2, 3))", "- output.roll(shift, dims=(3, 2))"),
            ("(right, -right, down, -down)", "(down, -down, right, -right)"),
        ),
    ),
    Misconception(
        "test_permutation_differs",
        "study_data",
        "Your test images are scrambled in another way than your training images.",
        "What does a weight learn about a place in which another pixel stands in the test?",
        edits=(
            (
                "permuted(X), permuted(X_test)",
                "permuted(X), X_test.flatten(1)[:, perm.argsort()].reshape(X_test.shape)",
            ),
        ),
    ),
    Misconception(
        "shift_trained_on",
        "study_data",
        "Your training images are shifted, too.",
        "The question is what happens to images in places the network never saw. Which did it see with you?",
        edits=(("(X, _shifted(X_test, *shift))", "(_shifted(X, *shift), _shifted(X_test, *shift))"),),
    ),
    Misconception(
        "shift_wraps_around",
        "study_data",
        "Your pixels that leave the image come back on the other side.",
        "What does torch.roll do with the last column?",
        edits=(("nn.functional.pad(images, (right, -right, down, -down))", "images.roll((down, right), (1, 2))"),),
    ),
    Misconception(
        "shift_backwards",
        "study_data",
        "Your images move up and to the left for positive numbers.",
        "Shift by (1, 0): in which row is now what was in row 0?",
        edits=(("(right, -right, down, -down)", "(-right, right, -down, down)"),),
    ),
    Misconception(
        "scattered_pixels",
        "study_data",
        "Your pixels are rearranged by the inverse of the permutation.",
        "What stands at place 0 afterwards, by the rule of the text?",
        edits=(("images.flatten(1)[:, perm]", "images.flatten(1)[:, perm.argsort()]"),),
    ),
)

FREE = "the architecture is free within its budget, and this one is as good"

EQUIVALENTS = (
    Equivalent("nn.Conv2d(1, 16, kernel_size=5),", "nn.Conv2d(1, 16, kernel_size= 4),", FREE),
    Equivalent("nn.Conv2d(16, 32, kernel_size=5),", "nn.Conv2d(16, 32, kernel_size= 4),", FREE),
)

# The study


def comparisons(finished):
    """Differences between experiments, of which a larger one is better."""
    accuracy = finished.accuracy
    return {
        "cnn_better": accuracy["cnn_plain"] - accuracy["mlp_plain"],
        "cnn_loses": accuracy["cnn_plain"] - accuracy["cnn_permuted"],
        "mlp_same": 1 - abs(accuracy["mlp_plain"] - accuracy["mlp_permuted"]),
        "cnn_shift": accuracy["cnn_shifted"] - accuracy["mlp_shifted"],
    }


# Accuracies as in exercises 19 and 18, a little lower for the MLP, which is not the only thing here. The solution's
# differences on mnist, synthetic and fashion, quick: the CNN is better by 0.020, 0.016, 0.010; permuted pixels cost it
# 0.052, 0.114, 0.016, and the MLP 0.010 at most; on shifted images it is better by 0.20, 0.10, 0.19. Differences of two
# trainings scatter by 0.005 or so, so the bars are less than half of those. On tiny sets most of them say nothing; but
# with five recipes permuted pixels cost the CNN 0.11 or more on synthetic, and the MLP 0.02 at most.
BARS = {
    "cnn_plain": {
        "mnist": {"tiny": 0.84, "quick": 0.925, "full": 0.96},
        "fashion-mnist": {"tiny": 0.66, "quick": 0.76, "full": 0.82},
        "synthetic": {"tiny": 0.79, "quick": 0.89, "full": 0.95},
    },
    "mlp_plain": {
        "mnist": {"tiny": 0.85, "quick": 0.92, "full": 0.955},
        "fashion-mnist": {"tiny": 0.68, "quick": 0.78, "full": 0.83},
        "synthetic": {"tiny": 0.78, "quick": 0.9, "full": 0.95},
    },
    "cnn_better": {"mnist": {"quick": 0.003}, "synthetic": {"quick": 0.003}},
    "cnn_loses": {"mnist": {"quick": 0.02, "full": 0.005}, "synthetic": {"tiny": 0.02, "quick": 0.03, "full": 0.01}},
    "mlp_same": {
        data: {"tiny": 0.93, "quick": 0.975, "full": 0.985} for data in ("mnist", "fashion-mnist", "synthetic")
    },
    "cnn_shift": {
        "mnist": {"quick": 0.08, "full": 0.08},
        "fashion-mnist": {"quick": 0.06, "full": 0.06},
        "synthetic": {"quick": 0.03, "full": 0.02},
    },
}

TRAINING = Training(
    "run_study",
    studied,
    measures=comparisons,
    bars=(
        Bar("the CNN, plain images", "cnn_plain", BARS["cnn_plain"]),
        Bar("the MLP, plain images", "mlp_plain", BARS["mlp_plain"]),
        Bar("how much better the CNN is, plain images", "cnn_better", BARS["cnn_better"]),
        Bar("how much permuted pixels cost the CNN", "cnn_loses", BARS["cnn_loses"]),
        Bar("100 % less what permuted pixels change for the MLP", "mlp_same", BARS["mlp_same"]),
        Bar("how much better the CNN is, shifted images", "cnn_shift", BARS["cnn_shift"]),
    ),
    ratio=8,
    hints=(
        "Write one function that trains a network on images and labels, and one that predicts. The study is four calls "
        "of the first and six of the second.",
        "study_data has all images; what was trained on plain images answers for the shifted ones, too. SGD with a "
        "momentum of 0.9, batches of 64, a learning rate that falls, and five epochs will do.",
        "Scale grey values to 0 ... 1 in training and test alike. If the MLP is worse on permuted images, see whether "
        "training and test are permuted by the same `perm`. If the CNN isn't worse, are its images permuted at all?",
    ),
    apart=("run_study", "_trained", "_classes", "_inputs"),
)

exercise = Exercise(parts=PARTS, misconceptions=MISCONCEPTIONS, equivalents=EQUIVALENTS, training=TRAINING)
