"""Cases, misconceptions and hints for 19-2."""

import numpy as np
import torch

from grader.spec import EXACT, Case, Exercise, Misconception, Part, Tolerance, t32

RATIO = Tolerance(1e-6, 1e-7)  # torch divides counts in float32

# Drivers


def ranked(student, logits, y, ks):
    return plain(student.topk_accuracy(logits, y, ks))


def ranked_transposed(student, logits, y, ks):
    return plain(student.topk_accuracy(transposed(logits), y, ks))


def calibration(student, probs, y, **options):
    return plain(student.expected_calibration_error(probs, y, **options))


def calibration_transposed(student, probs, y, **options):
    return plain(student.expected_calibration_error(transposed(probs), y, **options))


def scaled_transposed(student, logits, temperature):
    return student.temperature_scale(transposed(logits), temperature)


def scaled_broadcast(student, logits, temperature):
    return student.temperature_scale(logits.expand(3, -1), temperature)


def gradients(student, features, weight, bias, y):
    return loss_first(student.head_gradients(features, weight, bias, y))


def gradients_transposed(student, features, weight, bias, y):
    return loss_first(student.head_gradients(transposed(features), transposed(weight), bias, y))


def gradient_flags(student, features, weight, bias, y):
    return flags_after(student, {"features": features, "weight": weight, "bias": bias}, y)


def gradient_flags_of_parameters(student, features, weight, bias, y):
    weight, bias = torch.nn.Parameter(weight.clone()), torch.nn.Parameter(bias.clone())
    return flags_after(student, {"features": features, "weight": weight, "bias": bias}, y)


def flags_after(student, arguments, y):
    before = torch.get_rng_state()
    student.head_gradients(*arguments.values(), y)
    return {
        "arguments that want a gradient": [name for name in arguments if arguments[name].requires_grad],
        "arguments that carry a gradient": [name for name in arguments if arguments[name].grad is not None],
        "global state stays": torch.equal(before, torch.get_rng_state()),
    }


def new_head(student, weight, bias, class_map, num_classes, seed):
    return student.replace_head(weight, bias, class_map, num_classes, torch.Generator().manual_seed(seed))


def new_head_of_parameters(student, weight, bias, class_map, num_classes, seed):
    weight, bias = torch.nn.Parameter(transposed(weight)), torch.nn.Parameter(bias.clone())
    head = new_head(student, weight, bias, class_map, num_classes, seed)
    if not isinstance(head, (tuple, list)) or len(head) != 2:
        return head
    return {
        "W": head[0],
        "b": head[1],
        "W wants a gradient": getattr(head[0], "requires_grad", None),
        "b wants a gradient": getattr(head[1], "requires_grad", None),
        "the old ones still want gradients": weight.requires_grad and bias.requires_grad,
    }


def draws_after_new_head(student, weight, bias, class_map, num_classes, seed):
    generator = torch.Generator().manual_seed(seed)
    before = torch.get_rng_state()
    student.replace_head(weight, bias, class_map, num_classes, generator)
    return {
        "next draw": torch.rand(1, generator=generator),
        "global state stays": torch.equal(before, torch.get_rng_state()),
    }


def frozen(student, layers, head_prefix, frozen_before=()):
    model = assemble(layers)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name not in frozen_before)
    names = student.set_trainable(model, head_prefix)
    return {"result": names, "trainable": trainable(model)}


def frozen_twice(student, layers, heads):
    model = assemble(layers)
    return [[student.set_trainable(model, head), trainable(model)] for head in heads]


def rest_of_the_model(student, layers, head_prefix, in_eval_mode):
    model = assemble(layers)
    for name in in_eval_mode:
        model.get_submodule(name).eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    parameters = dict(model.named_parameters())
    for parameter in parameters.values():
        parameter.grad = torch.ones_like(parameter)
    student.set_trainable(model, head_prefix)
    after = model.state_dict()
    return {
        "in train mode": [name for name, module in model.named_modules() if module.training],
        "values stay": [name for name in before if torch.equal(before[name], after[name])],
        "parameters that are others now": [name for name, p in model.named_parameters() if p is not parameters[name]],
        "gradients that are gone": [name for name, p in model.named_parameters() if p.grad is None],
    }


def after_refusal(student, layers, head_prefix):
    model = assemble(layers)
    next(model.parameters()).requires_grad_(False)
    try:
        student.set_trainable(model, head_prefix)
    except ValueError:
        return trainable(model)
    return "no ValueError"


def trainable(model):
    return [name for name, parameter in model.named_parameters() if parameter.requires_grad]


def assemble(layers):
    """A model from (dotted name, class of torch.nn or "Parameter", sizes ...)."""
    model = torch.nn.Module()
    for path, kind, *sizes in layers:
        owner = model
        *parents, name = path.split(".")
        for parent in parents:
            if not hasattr(owner, parent):
                owner.add_module(parent, torch.nn.Module())
            owner = getattr(owner, parent)
        if kind == "Parameter":
            owner.register_parameter(name, torch.nn.Parameter(torch.ones(sizes)))
        else:
            owner.add_module(name, getattr(torch.nn, kind)(*sizes))
    return model


def transposed(tensor):
    """The same numbers in another memory layout."""
    return tensor.t().contiguous().t()


def plain(value):
    """Numbers without dimensions as Python's, also inside a list."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.item() if isinstance(value, torch.Tensor) and value.ndim == 0 else value


def loss_first(result):
    return [plain(result[0]), *result[1:]] if isinstance(result, (list, tuple)) and result else result


# Cases


def tensor(values, dtype=torch.float64):
    return torch.tensor(values, dtype=dtype)


def randn(rng, *shape, scale=1.0):
    return torch.from_numpy(scale * rng.standard_normal(shape))


def labels(rng, n, k):
    return torch.from_numpy(rng.integers(0, k, n))


def conv(out, k, **options):
    return {"type": "conv2d", "out": out, "k": k, **options}


def pool(k, **options):
    return {"type": "maxpool2d", "k": k, **options}


def average(out):
    return {"type": "adaptiveavgpool2d", "out": out}


FLATTEN = {"type": "flatten"}
VGG = [conv(8, 3, pad=1), pool(2), conv(16, 3, pad=1), pool(2), FLATTEN]


def feature_cases(rng):
    def case(name, spec, shape=(1, 28, 28)):
        return Case(f"features: {name}", {"conv_spec": spec, "in_shape": shape})

    yield case("pixels only", [FLATTEN])
    yield case("no layer at all", [], (3, 4, 5))
    yield case("a convolution", [conv(6, 5), FLATTEN])
    yield case("padding that keeps the size", [conv(6, 5, pad=2), FLATTEN])
    yield case("pooling halves the map", [pool(2), FLATTEN])
    yield case("two blocks for MNIST", VGG)
    yield case("pooling leaves a row out", [pool(2)], (2, 7, 9))
    yield case("pooling by 3", [pool(3), FLATTEN], (2, 28, 29))
    yield case("a rectangle", [conv(4, 3), pool(2)], (3, 11, 20))
    yield case("a stride", [conv(4, 3, stride=2), FLATTEN], (1, 12, 15))
    yield case("stride and padding", [conv(4, 7, stride=2, pad=3)], (3, 32, 33))
    yield case("a dilated convolution", [conv(4, 3, dilation=2)], (1, 10, 11))
    yield case("dilation, stride and padding", [conv(4, 3, dilation=3, stride=2, pad=1)], (1, 14, 17))
    yield case("overlapping pooling", [pool(3, stride=2)], (5, 13, 12))
    yield case("pooling at every position", [pool(3, stride=1)], (5, 13, 12))
    yield case("padded pooling", [pool(3, stride=2, pad=1)], (5, 13, 12))
    yield case("dilated pooling", [pool(2, dilation=3)], (5, 13, 12))
    yield case("a kernel as large as the map", [conv(4, 6), FLATTEN], (2, 6, 6))
    yield case("1 x 1 convolutions", [conv(4, 1), conv(7, 1)], (2, 6, 5))
    yield case("global average", [conv(9, 3), average(1), FLATTEN])
    yield case("average of a map that is smaller", [conv(9, 3), average(7)], (1, 6, 5))
    yield case("a layer behind the average", [average(6), conv(5, 3), FLATTEN], (4, 30, 31))
    yield case("nothing behind the layers", VGG[:-1], (3, 32, 32))
    for number in range(1, 9):
        yield case(
            f"random layers {number}", random_layers(rng), (int(rng.integers(1, 4)), *rng.integers(40, 60, 2).tolist())
        )
    yield case("a kernel larger than the map", [conv(4, 7)], (1, 6, 9))
    yield case("a kernel wider than the map", [conv(4, 7)], (1, 9, 6))
    yield case("a kernel higher and wider than the map", [conv(4, 9)], (1, 6, 7))
    yield case("nothing left to pool", [*VGG[:-1], pool(8)])
    yield case("a dilated kernel larger than the map", [conv(4, 3, dilation=3)], (1, 6, 9))
    yield case("a kernel larger than the map, in front of an average", [conv(4, 7), average(2)], (1, 6, 5))
    yield case("an unknown layer", [conv(4, 3), {"type": "gru"}])


def random_layers(rng):
    layers = []
    for _ in range(3):
        k = int(rng.integers(1, 5))
        options = {
            "stride": int(rng.integers(1, 3)),
            "pad": int(rng.integers(k // 2 + 1)),
            "dilation": int(rng.integers(1, 3)),
        }
        kept = {name: value for name, value in options.items() if rng.random() < 0.6}
        layers.append(pool(k, **kept) if rng.random() < 0.4 else conv(int(rng.integers(1, 9)), k, **kept))
    # Without a stride pooling may divide the map by four, and three of these fit into 40 rows no more.
    return [layer if layer["type"] == "conv2d" or layer["k"] < 3 else {"stride": 2, **layer} for layer in layers]


def temperature_cases(rng):
    def case(name, logits, temperature, **options):
        return Case(f"temperature: {name}", {"logits": logits, "temperature": temperature}, **options)

    logits = randn(rng, 5, 4, scale=2.0)
    yield case("equal scores", tensor([[2.0, 2.0]]), 1.0)
    yield case("two classes at 1", tensor([[0.0, 1.0], [3.0, 1.0]]), 1.0)
    yield case("random scores at 1", logits, 1.0)
    yield case("hot", logits, 2.5)
    yield case("cold", logits, 0.4)
    yield case("an integer temperature", logits, 3)
    yield case("as many samples as classes", logits[:4].clone(), 1.5)
    yield case("one class", randn(rng, 3, 1), 2.0)
    yield case("one sample", randn(rng, 1, 6), 0.7)
    yield case("no sample", torch.zeros(0, 4, dtype=torch.float64), 2.0)
    yield case("scores of ten thousand", tensor([[1e4, 1e4 - 1.0, 0.0], [-1e4, -1e4, -1e4]]), 1.0)
    yield case("very cold", logits, 1e-3)
    yield case("very hot", logits, 1e6)
    yield case("float32 stays float32", logits.float(), 2.0, tolerance=t32(4))
    yield case("a transposed layout", logits, 2.0, driver=scaled_transposed)
    yield case("one row that stands for three", logits[:1].clone(), 2.0, driver=scaled_broadcast)
    yield case("zero", logits, 0.0)
    yield case("negative", logits, -1.0)
    yield case("hot, again", logits, 2.5)


def topk_cases(rng):
    def case(name, logits, y, ks, **options):
        return Case(f"top-k: {name}", {"logits": logits, "y": y, "ks": ks}, **options)

    distinct = torch.from_numpy(np.stack([rng.permutation(9) for _ in range(40)]).astype(np.float64))
    y = labels(rng, 40, 9)
    tied, tied_y = torch.from_numpy(rng.integers(0, 3, (30, 6)).astype(np.float64)), labels(rng, 30, 6)
    yield case("three samples, k = 1", tensor([[3.0, 1.0], [0.0, 2.0], [5.0, 4.0]]), torch.tensor([0, 1, 1]), (1,))
    yield case("k = 1, 2 and 3", tensor([[3.0, 1.0, 2.0], [0.0, 2.0, 1.0]]), torch.tensor([1, 2]), (1, 2, 3))
    yield case("no two scores are equal", distinct, y, (1, 3, 5))
    yield case("ks in any order, one of them twice", distinct, y, (5, 1, 3, 1))
    yield case("k beyond the number of classes", distinct, y, (8, 9, 10, 100))
    yield case("constant scores", torch.zeros(4, 4, dtype=torch.float64), torch.tensor([0, 1, 2, 3]), (1, 2, 3, 4))
    yield case("two equal scores", tensor([[1.0, 5.0, 5.0]] * 3), torch.tensor([0, 1, 2]), (1, 2, 3))
    yield case("many equal scores", tied, tied_y, (1, 2, 3, 4, 5, 6))
    yield case("equal negative scores", -tied - 1, tied_y, (1, 2, 4))
    yield case("as many samples as classes", distinct[:9].clone(), y[:9].clone(), (1, 4))
    yield case("scores that are nearly equal", 1 + 1e-12 * distinct, y, (1, 3, 5))
    yield case("one sample", tensor([[0.0, 1.0, 2.0]]), torch.tensor([1]), (1, 2))
    yield case("one class", randn(rng, 3, 1), torch.tensor([0, 0, 0]), (1, 2))
    yield case("no k", distinct, y, ())
    yield case("no sample", torch.zeros(0, 3, dtype=torch.float64), torch.zeros(0, dtype=torch.int64), (1, 2))
    yield case("scores of ten thousand", distinct * 1e4, y, (1, 2))
    yield case("float32", tied.float(), tied_y, (1, 2, 3))
    yield case("a transposed layout", tied, tied_y, (1, 2, 3), driver=ranked_transposed)
    yield case("the tied scores again", tied, tied_y, (1, 2, 3, 4, 5, 6))


def gradient_cases(rng):
    def case(name, features, weight, bias, y, **options):
        inputs = {"features": features, "weight": weight, "bias": bias, "y": y}
        return Case(f"gradients: {name}", inputs, **options)

    def draw(n, d, k, scale=1.0):
        return randn(rng, n, d, scale=scale), randn(rng, k, d), randn(rng, k), labels(rng, n, k)

    batch = draw(6, 4, 3)
    zeros = torch.zeros(2, 2, dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    identity = torch.eye(2, dtype=torch.float64)
    yield case("one sample, a layer of zeros", tensor([[1.0, 2.0]]), *zeros, torch.tensor([0]))
    yield case("two samples, a layer of zeros", tensor([[1.0, 2.0], [-1.0, 0.5]]), *zeros, torch.tensor([0, 1]))
    yield case("six samples", *batch)
    yield case("one sample", *draw(1, 4, 3))
    yield case("as many samples as classes and features", *draw(3, 3, 3))
    yield case("a larger layer", *draw(32, 20, 10))
    yield case("one class", *draw(4, 3, 1))
    yield case("all labels equal", *batch[:3], torch.tensor([2] * 6))
    yield case("the highest label", *batch[:3], torch.tensor([0, 1, 2, 0, 2, 2]))
    yield case("a confident hit", 20 * identity, identity, zeros[1], torch.tensor([0, 1]))
    yield case("a confident miss", 20 * identity, identity, zeros[1], torch.tensor([1, 0]))
    yield case("scores of ten thousand", *draw(5, 4, 3, scale=1e4))
    yield case("a large bias", batch[0], batch[1], batch[2] + 1e4, batch[3], tolerance=Tolerance(1e-7, 1e-10))
    yield case("no sample", *draw(0, 4, 3))
    yield case("float32 stays float32", *[t.float() for t in batch[:3]], batch[3], tolerance=t32(24))
    yield case("transposed layouts", *batch, driver=gradients_transposed)
    yield case("the arguments still want no gradient", *batch, driver=gradient_flags)
    yield case("parameters still want one, and carry none", *batch, driver=gradient_flags_of_parameters)
    yield case("a label for which the layer has no output", *batch[:3], torch.tensor([0, 1, 2, 3, 0, 1]))
    yield case("a label far above", *batch[:3], torch.tensor([0, 1, 2, 90, 0, 1]))
    yield case("a negative label", *batch[:3], torch.tensor([0, 1, 2, -1, 0, 1]))
    yield case("a label that PyTorch ignores by default", *batch[:3], torch.tensor([0, 1, 2, -100, 0, 1]))
    yield case("six samples again", *batch)


def head_cases(rng):
    def case(name, classes, class_map, num_classes, d=5, dtype=torch.float64, **options):
        inputs = {
            "weight": randn(rng, classes, d).to(dtype),
            "bias": randn(rng, classes).to(dtype),
            "class_map": class_map,
            "num_classes": num_classes,
            "seed": int(rng.integers(2**31)),
        }
        return Case(f"head: {name}", inputs, **options)

    yield case("all classes stay", 2, {0: 0, 1: 1}, 2)
    yield case("two classes change places", 2, {0: 1, 1: 0}, 2)
    yield case("three classes move on", 3, {0: 2, 1: 0, 2: 1}, 3)
    yield case("one class is added", 2, {0: 0, 1: 1}, 3)
    yield case("a new class in front", 2, {1: 0, 2: 1}, 3)
    yield case("new classes around old ones", 4, {4: 1, 1: 3}, 7)
    yield case("the map in another order", 4, {5: 0, 0: 3, 2: 1}, 6)
    yield case("only new classes", 3, {}, 4)
    yield case("fewer classes than before", 5, {0: 4, 1: 2}, 2)
    yield case("two classes from the same old one", 3, {0: 1, 2: 1}, 4)
    yield case("one feature", 3, {1: 2}, 4, d=1)
    yield case("many features", 3, {1: 2}, 4, d=40)
    yield case("float32 stays float32", 3, {0: 2}, 3, d=8, dtype=torch.float32)
    yield case("float32, many features", 3, {0: 2}, 3, d=33, dtype=torch.float32)
    yield case("one output", 4, {0: 3}, 1)
    yield case("parameters of a model", 3, {0: 2, 2: 0}, 4, driver=new_head_of_parameters)
    yield case("random numbers are drawn for new classes only", 3, {0: 2, 1: 0}, 4, driver=draws_after_new_head)
    yield case("no random number is needed", 2, {0: 1, 1: 0}, 2, driver=draws_after_new_head)
    yield case("a new class that does not exist", 3, {3: 0}, 3)
    yield case("a new class far above", 3, {0: 1, 7: 0}, 3)
    yield case("a negative new class", 3, {-1: 0}, 3)
    yield case("an old class that does not exist", 3, {0: 3}, 4)
    yield case("an old class far above", 3, {0: 1, 1: 9}, 4)
    yield case("a negative old class", 3, {0: -1}, 4)


def freezing_cases(rng):
    def case(name, layers, head, **options):
        driver = options.pop("driver", None)
        return Case(f"freezing: {name}", {"layers": layers, "head_prefix": head, **options}, driver=driver)

    small = [("conv", "Conv2d", 1, 2, 3), ("fc", "Linear", 8, 3)]
    resnet = [
        *(("conv1", "Conv2d", 1, 2, 3), ("bn1", "BatchNorm2d", 2), ("layer1.0.fc", "Linear", 2, 2)),
        *(
            ("resfc_block.weight", "Parameter", 2),
            ("fc_norm", "LayerNorm", 2),
            ("fc", "Linear", 2, 3),
            ("fc2", "Linear", 2, 3),
        ),
    ]
    nested = [
        *(("body.fc", "Linear", 2, 2), ("body.head.0", "Linear", 2, 2), ("head.0", "BatchNorm1d", 2)),
        *(
            ("head.1", "Linear", 2, 4),
            ("head.10", "Linear", 2, 4),
            ("head.scale", "Parameter", 1),
            ("tail", "Linear", 4, 4),
        ),
    ]
    yield case("a trunk and a head", small, "fc")
    yield case("the trunk is called the head", small, "conv")
    yield case("names that only begin alike", resnet, "fc")
    yield case("names that end alike", resnet, "layer1.0.fc")
    yield case("one layer in the trunk", resnet, "layer1")
    yield case("a head of several layers", nested, "head")
    yield case("a part of the head", nested, "head.1")
    yield case("a single parameter", nested, "head.scale")
    yield case("a single parameter of a layer", nested, "head.1.bias")
    yield case("the head comes first", [small[1], small[0]], "fc")
    yield case("a head that was frozen", small, "fc", frozen_before=["fc.weight", "fc.bias"])
    yield case("everything was frozen", small, "fc", frozen_before=["conv.weight", "conv.bias", "fc.weight", "fc.bias"])
    yield case("only a head", small[1:], "fc")
    yield Case(
        "freezing: another head on the second call", {"layers": nested, "heads": ["head", "tail", "body"]}, frozen_twice
    )
    yield case("values and modes stay", nested, "head.1", in_eval_mode=["head.0", "body"], driver=rest_of_the_model)
    yield case("everything else in train mode stays", resnet, "fc", in_eval_mode=["fc"], driver=rest_of_the_model)
    yield case("no such head", small, "head")
    yield case("a part of a name is no head", small, "f")
    yield case("a layer without parameters is no head", [*small, ("relu", "ReLU")], "relu")
    yield case("nothing is frozen when there is no head", small, "classifier", driver=after_refusal)


def calibration_cases(rng):
    def case(name, probs, y, n_bins=None, **options):
        inputs = {"probs": probs, "y": y} | ({} if n_bins is None else {"n_bins": n_bins})
        return Case(f"calibration: {name}", inputs, **options)

    probs, y = believable(rng, 200, 4, 15)
    sure, _ = believable(rng, 120, 5, 15, scale=6.0)
    alone = tensor([[0.97, 0.03]] * 9 + [[0.55, 0.45]])
    yield case("one sample, right", tensor([[0.72, 0.28]]), torch.tensor([0]), 10)
    yield case("two samples in two bins", tensor([[0.72, 0.28], [0.17, 0.83]]), torch.tensor([0, 1]), 10)
    yield case("two samples in one bin", tensor([[0.72, 0.28], [0.26, 0.74]]), torch.tensor([0, 0]), 10)
    yield case("200 samples", probs, y)
    yield case("too sure of itself", sure, labels(rng, 120, 5))
    yield case("one bin", probs, y, 1)
    yield case("five bins", *believable(rng, 100, 3, 5), 5)
    yield case("a hundred bins", *believable(rng, 100, 3, 100), 100)
    yield case("one sample alone in its bin", alone, torch.tensor([0] * 9 + [1]), 10)
    yield case("too sure in one bin, too modest in another", alone, torch.tensor([0] * 4 + [1] * 5 + [0]), 10)
    yield case("absolutely sure and right", torch.eye(3, dtype=torch.float64), torch.tensor([0, 1, 2]))
    yield case("absolutely sure and wrong", torch.eye(3, dtype=torch.float64), torch.tensor([1, 2, 0]))
    yield case("as many samples as classes", *believable(rng, 6, 6, 15))
    yield case("a hundred classes", *believable(rng, 50, 100, 15))
    yield case("no sample", torch.zeros(0, 3, dtype=torch.float64), torch.zeros(0, dtype=torch.int64))
    yield case("float32", probs.float(), y, tolerance=Tolerance(1e-5, 1e-6))
    yield case("a transposed layout", probs, y, driver=calibration_transposed)
    yield case("200 samples again", probs, y)


def believable(rng, n, k, n_bins, scale=2.0):
    """Probabilities whose largest one is no tie and keeps away from edges of bins, and labels drawn from them."""
    rows = []
    while len(rows) < n:
        row = np.exp(scale * rng.standard_normal(k))
        row /= row.sum()
        second, first = np.sort(row)[-2:]
        edge = first * n_bins
        if abs(edge - round(edge)) > 1e-3 and first - second > 1e-4:
            rows.append(row)
    drawn = [int(rng.choice(k, p=row)) for row in rows]
    return torch.from_numpy(np.array(rows)), torch.tensor(drawn)


PARTS = (
    Part(
        "flat_features",
        feature_cases,
        (
            "A linear layer sees every number of every map: channels times height times width.",
            "Follow height and width through the layers. Only a convolution changes the number of channels.",
            "Add the padding on both sides, take away what one (dilated) window covers, see how many strides fit "
            "into the rest, and "
            "don't forget the window that stands at the start.",
        ),
        tolerance=EXACT,
    ),
    Part(
        "temperature_scale",
        temperature_cases,
        (
            "The temperature changes the distances between the scores, not their order.",
            "Scores first, probabilities second; each sample has a distribution of its own.",
            "torch.softmax takes care of large numbers; tell it which axis holds the classes.",
        ),
    ),
    Part(
        "topk_accuracy",
        topk_cases,
        (
            "A label is among the k best if fewer than k classes come before it.",
            "Pick the score of each sample's own label, and compare the whole row with it.",
            "Higher scores come before it, and so do equal ones at lower indices. The mean of nothing is nan by "
            "itself.",
        ),
        driver=ranked,
        tolerance=RATIO,
    ),
    Part(
        "head_gradients",
        gradient_cases,
        (
            "The derivative by the logits is remarkably simple; the rest is a linear layer.",
            "Compute log-probabilities, pick those of the labels for the loss; for the gradients, go back through "
            "logits = features · weightᵀ + bias.",
            "Gradient by the logits: probabilities minus one-hot labels, over N. Then three products with the shapes "
            "of features, "
            "weight and bias. Or: leaves that are copies, F.cross_entropy on the logits, and torch.autograd.grad.",
        ),
        driver=gradients,
        returns=("loss", "dfeatures", "dweight", "dbias"),
    ),
    Part(
        "replace_head",
        head_cases,
        (
            "A class is one row of the weight and one number of the bias. Nothing else knows about it.",
            "Make room for `num_classes` rows, and decide for each new class in turn whether its row is copied or "
            "drawn.",
            "`class_map[new]` is the old row. Draw within the loop, where it is needed, and keep autograd out of it.",
        ),
        driver=new_head,
        tolerance=EXACT,
        returns=("W", "b"),
    ),
    Part(
        "set_trainable",
        freezing_cases,
        (
            "Names of parameters are paths: their components are separated by dots.",
            "Collect the names below the head first; with an empty list, stop before anything has changed. Then set "
            "every flag.",
            "A prefix ends where a component ends. Compare with the dot included, and think of a head that is a "
            "parameter itself.",
        ),
        driver=frozen,
        tolerance=EXACT,
    ),
    Part(
        "expected_calibration_error",
        calibration_cases,
        (
            "If a model says 80 % about a hundred images, it should be right about eighty of them.",
            "For each sample take confidence, hit or miss, and the number of its bin. Compare per bin, not per sample.",
            "The bin follows from confidence times n_bins, rounded up. Weigh each bin's difference by its "
            "share of samples.",
        ),
        driver=calibration,
        tolerance=RATIO,
    ),
)

MISCONCEPTIONS = (
    Misconception(
        "softmax_twice",
        "head_gradients",
        "Your cross-entropy is given probabilities, which it turns into probabilities once more.",
        "What is your loss for a certain hit, and how large is your gradient for a certain mistake?",
        code="""
def head_gradients(features, weight, bias, y):
    if ((y < 0) | (y >= len(bias))).any():
        raise IndexError
    leaves = [tensor.clone().requires_grad_() for tensor in (features, weight, bias)]
    probs = torch.softmax(leaves[0] @ leaves[1].T + leaves[2], dim=1)
    loss = torch.nn.functional.cross_entropy(probs, y)
    return loss.item(), *torch.autograd.grad(loss, leaves)
""",
    ),
    Misconception(
        "sigmoid_head",
        ("temperature_scale", "head_gradients"),
        "Your classes each have a sigmoid of their own, as if an image could show several of them.",
        "What is the sum of the probabilities of all classes?",
        edits=(("torch.softmax(logits / temperature, dim=1)", "torch.sigmoid(logits / temperature)"),),
        code="""
def head_gradients(features, weight, bias, y):
    if ((y < 0) | (y >= len(bias))).any():
        raise IndexError
    leaves = [tensor.clone().requires_grad_() for tensor in (features, weight, bias)]
    logits = leaves[0] @ leaves[1].T + leaves[2]
    target = torch.nn.functional.one_hot(y, len(bias)).to(logits.dtype)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="sum") / len(y)
    return loss.item(), *torch.autograd.grad(loss, leaves)
""",
    ),
    Misconception(
        "batch_softmax",
        ("temperature_scale", "head_gradients"),
        "Your softmax runs over the samples of the batch.",
        "Which sums are equal to 1: those of the rows or those of the columns?",
        edits=(
            ("torch.softmax(logits / temperature, dim=1)", "torch.softmax(logits / temperature, dim=0)"),
            (
                "torch.log_softmax(features @ weight.T + bias, dim=1)",
                "torch.log_softmax(features @ weight.T + bias, dim=0)",
            ),
        ),
    ),
    Misconception(
        "head_off_by_one",
        "replace_head",
        "Your new layer has one output too few.",
        "Labels begin at 0. What is the highest label that your layer can give?",
        edits=(
            (
                "    new_weight = weight.new_empty(num_classes,",
                "    num_classes -= 1\n    new_weight = weight.new_empty(num_classes,",
            ),
        ),
    ),
    Misconception(
        "shared_init",
        "replace_head",
        "Your copied rows end up at the wrong classes: the map is read from old to new.",
        "With {5: 0}, which class of the new layer has been seen before?",
        edits=(
            (
                "    if not all(0 <= new < num_classes",
                "    class_map = {old: new for new, old in class_map.items()}\n    if not all(0 <= new < num_classes",
            ),
        ),
    ),
    Misconception(
        "freeze_by_name_contains",
        "set_trainable",
        "Your head includes every parameter whose name contains the prefix anywhere.",
        "What does your code do with 'fc' in a model that has a 'resfc_block' in its trunk?",
        edits=(('f"{name}.".startswith(f"{head_prefix}.")', "head_prefix in name"),),
    ),
    Misconception(
        "ties_optimistic",
        "topk_accuracy",
        "Your top-k counts every label that ties with the k-th score.",
        "Give all classes the same score and let k be 1. How accurate is a model that knows nothing?",
        edits=(("torch.where(lower_index, logits >= own, logits > own)", "(logits > own)"),),
    ),
    Misconception(
        "ece_unweighted",
        "expected_calibration_error",
        "Your bins all have the same weight, however many samples they hold.",
        "One sample sits alone in a bin. How much may it say about the whole model?",
        edits=(
            (
                "    return (per_bin.abs().sum() / len(y)).item()",
                "    counts = torch.bincount(bins)\n    return (per_bin.abs() / counts)[counts > 0].mean().item()",
            ),
        ),
    ),
    Misconception(
        "pool_size_guess",
        "flat_features",
        "Your count of features forgets that pooling makes maps smaller.",
        "Trace height and width layer by layer. What is left of 28 x 28 in front of the linear layer?",
        edits=(('size = _windows(size, layer, stride=layer["k"])', "pass"),),
    ),
    Misconception(
        "pool_stride_one",
        "flat_features",
        "Your pooling moves by one pixel where no stride is given.",
        "By how much does a pooling of 2 shrink a map, if nothing else is said?",
        edits=(('size = _windows(size, layer, stride=layer["k"])', "size = _windows(size, layer, stride=1)"),),
    ),
    Misconception(
        "dilation_ignored",
        "flat_features",
        "Your windows are as small as their kernels, whatever the dilation.",
        "How many pixels lie between the first and the last one that a dilated kernel of 3 looks at?",
        edits=(('span = layer.get("dilation", 1) * (layer["k"] - 1) + 1', 'span = layer["k"]'),),
    ),
    Misconception(
        "rounds_up",
        "flat_features",
        "Your maps keep a last window that doesn't fit as a whole.",
        "A pooling of 2 goes over seven pixels. What does PyTorch do with the seventh?",
        edits=(
            (
                '(n + 2 * layer.get("pad", 0) - span) // layer.get("stride", stride) + 1',
                '-((span - n - 2 * layer.get("pad", 0)) // layer.get("stride", stride)) + 1',
            ),
        ),
    ),
    Misconception(
        "temperature_multiplies",
        "temperature_scale",
        "Your higher temperatures make the model more sure of itself.",
        "What should become of the probabilities when the temperature is very high?",
        edits=(("logits / temperature", "logits * temperature"),),
    ),
    Misconception(
        "tempered_probabilities",
        "temperature_scale",
        "Your temperature divides the probabilities instead of the scores.",
        "Do your rows still sum to 1 at a temperature of 2?",
        edits=(("torch.softmax(logits / temperature, dim=1)", "torch.softmax(logits, dim=1) / temperature"),),
    ),
    Misconception(
        "ties_pessimistic",
        "topk_accuracy",
        "Your top-k ranks a label behind all classes with the same score.",
        "All scores are equal and k is 1. Which of the classes is the winner, by the rule for ties?",
        edits=(("torch.where(lower_index, logits >= own, logits > own).sum(dim=1)", "(logits >= own).sum(dim=1) - 1"),),
    ),
    Misconception(
        "exactly_kth",
        "topk_accuracy",
        "Your top-k asks whether the label is exactly in place k.",
        "Can the accuracy fall when k grows?",
        edits=(("(rank < k)", "(rank == k - 1)"),),
    ),
    Misconception(
        "minus_100_ignored",
        "head_gradients",
        "Your loss leaves out samples whose label is -100, without a word.",
        "What is `ignore_index` of PyTorch's cross-entropy by default?",
        edits=(
            (
                "    if (y < 0).any():",
                "    if (y == -100).any():\n"
                "        kept = y != -100\n"
                "        loss, inner, dweight, dbias = head_gradients(features[kept], weight, bias, y[kept])\n"
                "        dfeatures = torch.zeros_like(features)\n"
                "        dfeatures[kept] = inner\n"
                "        return loss, dfeatures, dweight, dbias\n"
                "    if (y < 0).any():",
            ),
        ),
    ),
    Misconception(
        "sum_of_losses",
        "head_gradients",
        "Your gradients are those of the sum over the batch.",
        "What happens to your gradient when every sample comes twice?",
        edits=(("    dlogits /= len(y)\n", ""),),
    ),
    Misconception(
        "draws_for_every_class",
        "replace_head",
        "Your code draws a row for every class, for those that are copied, too.",
        "How many random numbers does a head need that keeps all its classes?",
        edits=(
            (
                "            if new in class_map:",
                "            drawn = torch.normal(0.0, 0.01, (weight.shape[1],), generator=generator)\n            "
                "if new in class_map:",
            ),
            (
                "                new_weight[new] = torch.normal(0.0, 0.01, (weight.shape[1],), generator=generator)",
                "                new_weight[new] = drawn",
            ),
        ),
    ),
    Misconception(
        "one_draw_for_all",
        "replace_head",
        "Your new rows are drawn together in one call.",
        "The text fixes how often the generator is called, and when. Does your code call it like that?",
        code="""
def replace_head(weight, bias, class_map, num_classes, generator):
    if not all(0 <= new < num_classes and 0 <= old < len(bias) for new, old in class_map.items()):
        raise ValueError
    fresh = [new for new in range(num_classes) if new not in class_map]
    new_weight, new_bias = weight.new_empty(num_classes, weight.shape[1]), bias.new_zeros(num_classes)
    with torch.no_grad():
        for new, old in class_map.items():
            new_weight[new], new_bias[new] = weight[old], bias[old]
        if fresh:
            drawn = torch.normal(0.0, 0.01, (len(fresh), weight.shape[1]), generator=generator)
            new_weight[fresh] = drawn.to(weight.dtype)
    return new_weight, new_bias
""",
    ),
    Misconception(
        "freeze_by_plain_prefix",
        "set_trainable",
        "Your head includes every parameter whose name merely begins with the same letters.",
        "Is 'fc2.weight' below 'fc'?",
        edits=(('f"{name}.".startswith(f"{head_prefix}.")', "name.startswith(head_prefix)"),),
    ),
    Misconception(
        "head_stays_frozen",
        "set_trainable",
        "Your code freezes the trunk but doesn't thaw the head.",
        "Somebody froze the whole model before. What can be trained after your call?",
        edits=(
            (
                "        parameter.requires_grad_(name in head)",
                "        if name not in head:\n            parameter.requires_grad_(False)",
            ),
        ),
    ),
    Misconception(
        "signed_calibration",
        "expected_calibration_error",
        "Your bins cancel out: too much confidence in one makes up for too little in another.",
        "Is a model well calibrated that is far too sure on one half of the images and far too modest on the other?",
        edits=(("per_bin.abs().sum()", "per_bin.sum().abs()"),),
    ),
    Misconception(
        "confidence_of_the_label",
        "expected_calibration_error",
        "Your confidence is the probability of the label, not of the prediction.",
        "Where would a user of the model get the label from?",
        edits=(
            (
                "    confidence, prediction = probs.max(dim=1)",
                "    confidence, prediction = probs.gather(1, y[:, None])[:, 0].clamp(min=1e-12), probs.argmax(dim=1)",
            ),
        ),
    ),
)

exercise = Exercise(parts=PARTS, misconceptions=MISCONCEPTIONS)
