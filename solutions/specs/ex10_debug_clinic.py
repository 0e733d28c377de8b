"""Cases, misconceptions and hints for 10: stacks of layers, hidden limits of memory, and a small net to train."""

import gc
import math
import weakref
from collections.abc import Iterator

import numpy as np
import torch

from grader.spec import Case, Equivalent, Exercise, Misconception, Part, Tolerance

F32 = Tolerance(1e-4, 1e-5)

# Drivers


def shapes(student, layers, input_shape):
    try:
        return student.infer_shapes(layers, input_shape)
    except student.ShapeError as error:
        return {"ShapeError": {name: getattr(error, name, None) for name in ("index", "expected", "got")}}


def searched(student, fits_up_to, limit=None, error="MemoryError"):
    """A search, with a log of what was called."""
    log = []

    def try_step(b):
        log.append(b)
        if b > fits_up_to:
            raise MemoryError("too large") if error == "MemoryError" else torch.OutOfMemoryError("CUDA out of memory.")
        return b

    def cleanup():
        log.append("cleanup")

    found = student.find_max_batch_size(try_step, limit, cleanup)
    tried = [b for b in log if b != "cleanup"]
    due = [event for b in tried for event in ([b, "cleanup"] if b > fits_up_to else [b])]
    answer = fits_up_to if limit is None else min(fits_up_to, limit)
    return {
        "result": found,
        "steps beyond the budget": max(0, len(tried) - 2 * math.ceil(math.log2(answer + 1)) - 2),
        "steps below 1 or above the limit": [b for b in tried if b < 1 or (limit is not None and b > limit)],
        "one cleanup after each failure, and no other": log == due,
    }


def searched_with_defaults(student, fits_up_to):
    def try_step(b):
        if b > fits_up_to:
            raise MemoryError

    return student.find_max_batch_size(try_step)


def searched_with_a_bug(student, broken_from, error):
    """What comes of a step that has a bug, which shows in larger batches."""
    log, cleanups = [], []
    bug = {"ValueError": ValueError, "RuntimeError": RuntimeError}[error]("shapes (3, 4) and (5, 4) don't fit")

    def try_step(b):
        log.append(b)
        if b >= broken_from:
            raise bug

    try:
        outcome = student.find_max_batch_size(try_step, 64, lambda: cleanups.append(log[-1]))
    except NotImplementedError:  # a RuntimeError, too, but not this one
        raise
    except (ValueError, RuntimeError) as raised:
        outcome = f"raised {'that' if raised is bug else 'another'} {type(raised).__name__}"
    return {"outcome": outcome, "steps after the bug": sum(b >= broken_from for b in log) - 1, "cleanups": cleanups}


def trained(student, batches, seed, epochs=1, optimizer="SGD", kind="full", mode="train", stale=False, generator=False):
    """Losses of some epochs, and what they made of the model."""
    model = network(seed, kind, batches[0][0].dtype).train(mode == "train")
    if stale:
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)
    made = make_optimizer(optimizer, model)
    losses = []
    for _ in range(epochs):
        losses.append(student.train_epoch(model, made, handed_out(batches) if generator else pairs(batches), "cpu"))
    return {"loss": losses, **state(model)}


def modes_in_training(student, batches, seed, mode):
    """In which mode the model was called, and in which it was left."""
    model = network(seed, "full", torch.float64).train(mode == "train")
    seen = watch(model)
    student.train_epoch(model, make_optimizer("SGD", model), pairs(batches), torch.device("cpu"))
    return {"called in": [one["mode"] for one in seen], "left in": mode_of(model)}


def graphs_in_training(student, batches, seed):
    """How many graphs of earlier batches are still there when the next batch is asked for."""
    model = network(seed, "plain", torch.float64)
    tokens, alive = [], []

    def forward(ctx, x):
        ctx.token = set()  # lives as long as the graph does
        tokens.append(weakref.ref(ctx.token))
        return x.clone()

    def backward(ctx, grad):
        return grad

    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    identity = type("Identity", (torch.autograd.Function,), methods)

    def probe(module, args, output):
        return identity.apply(output)

    def counted():
        for x, y in batches:
            if sum(token() is not None for token in tokens) > 2:
                gc.collect()  # slow, so only where there is a suspicion
            alive.append(sum(token() is not None for token in tokens))
            yield x, y

    model.register_forward_hook(probe)
    student.train_epoch(model, make_optimizer("SGD", model), counted(), "cpu")
    return {"batches": len(alive), "graphs kept of more than two batches": max(alive) > 2}


def evaluated(student, batches, seed, kind="full", mode="train", generator=False):
    model = used_network(seed, kind, batches[0][0].dtype).train(mode == "train")
    return student.evaluate(model, handed_out(batches) if generator else pairs(batches), "cpu")


def evaluated_twice(student, batches, seed):
    """Both results, and what has changed about the model."""
    model = used_network(seed, "full", torch.float64)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    first = student.evaluate(model, pairs(batches), torch.device("cpu"))
    second = student.evaluate(model, pairs(batches), torch.device("cpu"))
    after = model.state_dict()
    gradients = [parameter.grad for parameter in model.parameters()]
    return {
        "first": first,
        "second": second,
        "changed": [name for name in before if not torch.equal(before[name], after[name])],
        "gradients untouched": all(grad is not None and bool((grad == 1).all()) for grad in gradients),
        "can still be trained": all(parameter.requires_grad for parameter in model.parameters()),
    }


def gradients_after_evaluation(student, batches, seed):
    """Whether gradients are on afterwards, if they were off before and if they were on."""
    model, after = used_network(seed, "plain", torch.float64), {}
    for before in (False, True):
        with torch.set_grad_enabled(before):
            student.evaluate(model, pairs(batches), "cpu")
            after[f"gradients on, {before} before"] = torch.is_grad_enabled()
    return after


def modes_in_evaluation(student, batches, seed, mode):
    model = used_network(seed, "full", torch.float64).train(mode == "train")
    seen = watch(model)
    student.evaluate(model, pairs(batches), "cpu")
    return {
        "called in": [one["mode"] for one in seen],
        "gradients switched on": [one["gradients"] for one in seen],
        "gradients switched on afterwards": torch.is_grad_enabled(),
        "left in": mode_of(model),
    }


def network(seed, kind, dtype):
    """A net for images of 4 x 4 and four classes, the same for the same seed; dropout goes on from that seed."""
    torch.manual_seed(seed)
    if kind == "plain":
        layers = [torch.nn.Flatten(), torch.nn.Linear(16, 4)]
    else:
        layers = [
            torch.nn.Conv2d(1, 3, 3, padding=1),
            torch.nn.BatchNorm2d(3),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.3),
            torch.nn.Flatten(),
            torch.nn.Linear(48, 4),
        ]
    return torch.nn.Sequential(*layers).to(dtype)


def used_network(seed, kind, dtype):
    """A net whose running averages are no longer those of a new one, and whose logits are far apart."""
    model = network(seed, kind, dtype)
    with torch.no_grad():
        for _ in range(3):
            model(2 * torch.randn(8, 1, 4, 4, dtype=dtype) + 1)
        model[-1].weight *= 5
    return model


def make_optimizer(name, model):
    if name == "SGD":
        return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return torch.optim.Adam(model.parameters(), lr=0.01)


def pairs(batches):
    return [(x, y) for x, y in batches]


def handed_out(batches):
    """The batches one by one, without a length."""
    yield from pairs(batches)


def state(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def mode_of(model):
    modes = {module.training for module in model.modules()}
    return "both modes" if len(modes) > 1 else "train mode" if model.training else "eval mode"


def watch(model):
    """A list that fills with what holds whenever the model is called."""
    seen = []

    def note(module, args):
        seen.append({"mode": mode_of(module), "gradients": torch.is_grad_enabled()})

    model.register_forward_pre_hook(note)
    return seen


# Cases


def linear(i: int, o: int) -> dict:
    return {"type": "Linear", "in_features": i, "out_features": o}


def conv(i: int, o: int, k, **options) -> dict:
    return {"type": "Conv2d", "in_channels": i, "out_channels": o, "kernel_size": k, **options}


def pool(k, **options) -> dict:
    return {"type": "MaxPool2d", "kernel_size": k, **options}


def average(size) -> dict:
    return {"type": "AdaptiveAvgPool2d", "output_size": size}


def norm(dim: int, features: int) -> dict:
    return {"type": f"BatchNorm{dim}d", "num_features": features}


FLATTEN, RELU, DROPOUT = {"type": "Flatten"}, {"type": "ReLU"}, {"type": "Dropout"}
LENET = [conv(1, 6, 5, padding=2), RELU, pool(2), conv(6, 16, 5), RELU, pool(2), FLATTEN, linear(400, 120), RELU]
LENET += [DROPOUT, linear(120, 84), norm(1, 84), RELU, linear(84, 10)]


def shape_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, layers, shape):
        return Case(f"shapes: {name}", {"layers": layers, "input_shape": shape})

    image = (2, 3, 12, 15)
    yield case("two linear layers", [linear(4, 8), linear(8, 3)], (5, 4))
    yield case("no layer", [], (5, 4))
    yield case("ReLU and dropout change nothing", [RELU, DROPOUT], (5, 4, 3))
    yield case("linear on the last of three axes", [linear(4, 8)], (5, 7, 4))
    yield case("a convolution", [conv(3, 8, 3)], image)
    yield case("padding that keeps the size", [conv(3, 8, 5, padding=2)], image)
    yield case("a stride", [conv(3, 8, 3, stride=2)], image)
    yield case("stride and padding", [conv(3, 8, 4, stride=3, padding=1)], image)
    yield case("a dilated convolution", [conv(3, 8, 3, dilation=4)], image)
    yield case("pairs", [conv(3, 8, (3, 5), stride=(2, 1), padding=(0, 3), dilation=(1, 2))], image)
    yield case("pairs as lists", [conv(3, 8, [3, 5], stride=[2, 1]), pool([2, 3])], image)
    yield case("a kernel as large as the image", [conv(3, 8, (12, 15))], image)
    yield case("pooling halves", [pool(2)], image)
    yield case("pooling by 3", [pool(3)], image)
    yield case("pooling, stride None", [pool(3, stride=None)], image)
    yield case("overlapping pooling", [pool(3, stride=2)], image)
    yield case("padded pooling", [pool(3, stride=2, padding=1)], image)
    yield case("pooling with pairs", [pool((2, 3), stride=(1, 2), padding=(1, 0))], image)
    yield case("global average", [average(1), FLATTEN], image)
    yield case("averages of a pair of sizes", [average((7, 2))], image)
    yield case("averages of a map that is smaller", [average(20)], image)
    yield case("BatchNorm2d", [norm(2, 3)], image)
    yield case("BatchNorm1d on two and on three axes", [norm(1, 4)], (5, 4))
    yield case("BatchNorm1d on three axes", [norm(1, 4)], (5, 4, 9))
    yield case("flatten", [FLATTEN], image)
    yield case("flatten from axis 2", [{"type": "Flatten", "start_dim": 2}], image)
    yield case("flatten everything", [{"type": "Flatten", "start_dim": 0}], image)
    yield case("LeNet", LENET, (32, 1, 28, 28))
    yield case("an empty batch", LENET, (0, 1, 28, 28))
    yield case("300 layers", [conv(3, 3, 3, padding=1), norm(2, 3), RELU] * 100, image)
    for number in range(1, 9):
        yield case(f"random stack {number}", random_stack(rng), (4, 3, *rng.integers(60, 90, 2).tolist()))
    yield from broken_stacks(case, image)
    yield case("an unknown type", [RELU, {"type": "Sigmoid"}], image)
    yield case("a second identical call", LENET, (32, 1, 28, 28))


def broken_stacks(case, image) -> Iterator[Case]:
    yield case("features don't fit", [linear(4, 8), linear(9, 3)], (5, 4))
    yield case("features in a later layer", [*LENET[:7], linear(256, 120)], (32, 1, 28, 28))
    yield case("flatten is missing", [conv(3, 8, 3), linear(8 * 10 * 13, 10)], image)
    yield case("channels don't fit", [conv(3, 8, 3), RELU, conv(3, 8, 3)], image)
    yield case("channels last", [conv(3, 8, 3)], (2, 12, 15, 3))
    yield case("BatchNorm2d for other channels", [conv(3, 8, 3), norm(2, 3)], image)
    yield case("BatchNorm1d for other features", [linear(4, 8), norm(1, 4)], (5, 4))
    yield case("no batch axis", [conv(3, 8, 3)], (3, 12, 15))
    yield case("pooling behind flatten", [FLATTEN, pool(2)], image)
    yield case("BatchNorm2d behind flatten", [FLATTEN, norm(2, 540)], image)
    yield case("average of three axes", [average(1)], (3, 12, 15))
    yield case("five axes, and the wrong channels", [conv(4, 8, 3)], (1, 2, 3, 12, 15))
    yield case("nothing left of the height", [pool(2)] * 4, (2, 3, 12, 33))
    yield case("nothing left of the width", [conv(3, 8, 3), pool(2)] * 1 + [conv(8, 8, (3, 7))], image)
    yield case("nothing left of either", [conv(3, 8, 16, stride=2)], image)
    yield case("nothing left of a dilated kernel", [conv(3, 8, 5, dilation=4)], (2, 3, 17, 16))
    yield case("a kernel far too large, stride 3", [conv(3, 8, 20, stride=3)], image)
    yield case("wrong channels, and nothing left", [conv(4, 8, 20)], image)
    yield case("only the first error counts", [linear(5, 8), linear(9, 3)], (5, 4))


def random_stack(rng: np.random.Generator) -> list[dict]:
    layers, channels = [], 3
    for _ in range(3):
        wide, k = int(rng.integers(1, 9)), int(rng.integers(1, 6))
        pair = rng.integers(1, 4, 2).tolist()
        layers.append(conv(channels, wide, k, stride=int(rng.integers(1, 3)), padding=k // 2, dilation=tuple(pair)))
        layers += [norm(2, wide), RELU]
        channels = wide
    return [*layers, pool(2, stride=int(rng.integers(1, 4))), FLATTEN]


def search_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, fits_up_to, limit=None, error="MemoryError"):
        inputs = {"fits_up_to": fits_up_to, "limit": limit, "error": error}
        return Case(f"batch size: {name}", inputs, driver=searched)

    yield Case("batch size: 4 fits, without limit and cleanup", {"fits_up_to": 4}, driver=searched_with_defaults)
    for b in (0, 1, 2, 3, 4, 5, 7, 8, 9, 100, 511, 512, 513, 1000, 1023, 1024, 1025):
        yield case(f"{b} fits", b)
    for number in range(1, 9):
        yield case(f"a random number fits, {number}", int(rng.integers(10, 100_000)))
    for b in (0, 1, 6, 64, 1000):
        yield case(f"{b} fits, torch's own error", b, error="torch")
    for limit in (1, 2, 3, 64, 100, 1000):
        yield case(f"everything fits up to the limit {limit}", 10**9, limit)
    for b, limit in (
        (0, 1),
        (0, 50),
        (1, 2),
        (70, 100),
        (99, 100),
        (100, 100),
        (64, 65),
        (65, 1000),
        (65, 10**6),
        (3, 10**6),
    ):
        yield case(f"{b} fits, limit {limit}", b, limit)
    for error in ("ValueError", "RuntimeError"):
        for broken_from in (1, 8, 13):
            inputs = {"broken_from": broken_from, "error": error}
            yield Case(f"batch size: a {error} from {broken_from} on is a bug", inputs, driver=searched_with_a_bug)


def batches_of(rng: np.random.Generator, *sizes: int, dtype: type = np.float64) -> list[list[torch.Tensor]]:
    """Images whose mean depends on the class, so that there is something to learn."""
    batches = []
    for n in sizes:
        y = rng.integers(0, 4, n)
        x = rng.normal(size=(n, 1, 4, 4)) + 0.5 * y[:, None, None, None]
        batches.append([torch.from_numpy(x.astype(dtype)), torch.from_numpy(y)])
    return batches


def training_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, *sizes, driver=None, dtype=np.float64, tolerance=None, **options):
        inputs = {"batches": batches_of(rng, *sizes, dtype=dtype), "seed": int(rng.integers(2**31)), **options}
        return Case(f"training: {name}", inputs, driver=driver, tolerance=tolerance)

    yield case("one batch, one linear layer", 6, kind="plain")
    yield case("two equal batches, one linear layer", 5, 5, kind="plain")
    yield case("a short last batch, one linear layer", 8, 8, 1, kind="plain")
    yield case("one batch", 6)
    yield case("a short last batch", 8, 8, 3)
    yield case("batches of all sizes", 2, 9, 4, 1, 6)
    yield case("three epochs", 8, 8, 3, epochs=3)
    yield case("three epochs with Adam", 8, 8, 3, epochs=3, optimizer="Adam")
    yield case("as many samples as classes", 4, 4, epochs=2)
    yield case("old gradients before the first step", 6, 3, stale=True)
    yield case("old gradients, one linear layer", 6, kind="plain", stale=True)
    yield case("batches from a generator", 8, 8, 3, generator=True)
    yield case("a float32 model", 8, 3, dtype=np.float32, tolerance=F32)
    yield case("the model comes in eval mode", 8, 3, mode="eval")
    for mode in ("train", "eval"):
        yield case(f"modes, beginning in {mode} mode", 8, 3, driver=modes_in_training, mode=mode)
    yield case("what is kept of earlier batches", 4, 4, 4, 4, 4, 4, driver=graphs_in_training)


def evaluation_cases(rng: np.random.Generator) -> Iterator[Case]:
    def case(name, *sizes, driver=None, dtype=np.float64, tolerance=None, **options):
        inputs = {"batches": batches_of(rng, *sizes, dtype=dtype), "seed": int(rng.integers(2**31)), **options}
        return Case(f"evaluation: {name}", inputs, driver=driver, tolerance=tolerance)

    yield case("one batch, one linear layer", 6, kind="plain")
    yield case("as many samples as classes, one linear layer", 4, 4, kind="plain")
    yield case("a short last batch, one linear layer", 8, 8, 1, kind="plain")
    yield case("one batch", 6)
    yield case("a short last batch", 8, 8, 3)
    yield case("batches of all sizes", 2, 9, 4, 1, 6)
    yield case("many samples", 60, 60, 7)
    yield case("as many samples as classes", 4, 4, 4)
    yield case("one sample at a time", 1, 1, 1)
    yield case("batches from a generator", 8, 8, 3, generator=True)
    yield case("a float32 model", 8, 3, dtype=np.float32, tolerance=F32)
    yield case("the model comes in eval mode", 8, 3, mode="eval")
    yield case("twice, and nothing changes", 8, 3, driver=evaluated_twice)
    yield case("gradients were switched off before", 4, driver=gradients_after_evaluation)
    for mode in ("train", "eval"):
        yield case(f"modes, beginning in {mode} mode", 8, 3, driver=modes_in_evaluation, mode=mode)


COUNT = "counts.append((size + 2 * p - d * (k - 1) - 1) // s + 1)"
TRAIN_LOSS = "loss = functional.cross_entropy(model(x), y)"
TRAIN_TOTAL = "total += loss.item() * len(y)\n        count += len(y)"
TRAIN_END = "    model.train(was_training)\n    return total / count\n"
CORRECT = "correct += (logits.argmax(dim=1) == y).sum().item()"
EVALUATE_LOSS = "functional.cross_entropy(logits, y).item() * len(y)"
EVALUATE_END = "    model.train(was_training)\n    return total / count, correct / count"
GROW = "size = 2 * size if limit is None else min(2 * size, limit)"
PAIRS = "for size, k, s, p, d in zip(sizes, *map(_pair, options), strict=True):"
CAUGHT = "_OUT_OF_MEMORY = (MemoryError, torch.OutOfMemoryError)"

exercise = Exercise(
    parts=(
        Part(
            "infer_shapes",
            shape_cases,
            hints=(
                "Carry the shape from layer to layer, and check before each layer whether it fits.",
                "One branch per type. For those with a kernel write the formula once, for one axis, and use it for "
                "height and width; turn ints into pairs first.",
                'ShapeError(index, 4, len(shape)) for the 2d layers, then the channels in shape[1], then ">=1" with '
                "what the formula gave, height before width. A pooling stride of None, or none, is the kernel size.",
            ),
            driver=shapes,
            uses=("infer_shapes", "ShapeError"),
        ),
        Part(
            "find_max_batch_size",
            search_cases,
            hints=(
                "Find any size that fails, as fast as you can; then halve what is in doubt.",
                "Keep two numbers: the largest size that worked, and the smallest that failed. They start at 0 and at "
                "nothing. Double, but not beyond the limit; then bisect until they are neighbours.",
                "Write fits(b), which returns True or False, catches exactly the two memory errors and calls cleanup. "
                "If `limit` itself fits, that is the answer.",
            ),
            driver=searched,
        ),
        Part(
            "train_epoch",
            training_cases,
            hints=(
                "Go through the code line by line, and say for each what the next line relies on.",
                "Which input does cross_entropy expect? What does backward do with gradients that are already there? "
                "Which gradient does step use?",
                "Logits into the loss; zero_grad, backward, step, in this order; loss.item() times the size of the "
                "batch; divide by the number of samples.",
            ),
            driver=trained,
        ),
        Part(
            "evaluate",
            evaluation_cases,
            hints=(
                "Call it twice: does it give the same numbers?",
                "Dropout and batch normalisation do something else in eval mode. And which axis of the logits lists "
                "the classes?",
                "model.eval() before the loop; argmax along axis 1. The mode is restored at the end already.",
            ),
            driver=evaluated,
            returns=("loss", "accuracy"),
        ),
    ),
    misconceptions=(
        Misconception(
            "pool_stride_1",
            "infer_shapes",
            "Your pooling moves by 1 where no stride is given.",
            "What does PyTorch's MaxPool2d make of stride=None?",
            edits=(
                (
                    'stride = layer["kernel_size"] if layer.get("stride") is None',
                    'stride = 1 if layer.get("stride") is None',
                ),
            ),
        ),
        Misconception(
            "padding_on_one_side",
            "infer_shapes",
            "Your code counts the padding once, but it is added on both sides.",
            "A kernel of 5 with padding 2: how large is the map behind it, compared with the one in front?",
            edits=((COUNT, COUNT.replace("2 * p", "p")),),
        ),
        Misconception(
            "dilation_ignored",
            "infer_shapes",
            "Your code ignores dilation.",
            "How many pixels does a kernel of 3 span if it skips three between any two?",
            edits=((COUNT, COUNT.replace("d * (k - 1)", "(k - 1)")),),
        ),
        Misconception(
            "partial_windows_count",
            "infer_shapes",
            "Your code counts windows that stick out at the end.",
            "Seven pixels, pooled by 2: what does PyTorch do with the last one?",
            edits=((COUNT, "counts.append(-(-(size + 2 * p - d * (k - 1) - 1) // s) + 1)"),),
        ),
        Misconception(
            "flatten_with_batch",
            "infer_shapes",
            "Your flatten swallows the batch axis.",
            "Where does Flatten begin if nothing is said?",
            edits=(('layer.get("start_dim", 1)', 'layer.get("start_dim", 0)'),),
        ),
        Misconception(
            "layers_counted_from_1",
            "infer_shapes",
            "Your ShapeError counts layers from 1.",
            "Which index has the first layer of a list?",
            edits=(("for index, layer in enumerate(layers):", "for index, layer in enumerate(layers, 1):"),),
        ),
        Misconception(
            "expected_and_got_swapped",
            "infer_shapes",
            "Your ShapeError has what the layer needs and what arrives the wrong way round.",
            "Which of the two numbers is written in the layer?",
            edits=(("raise ShapeError(index, expected, got)", "raise ShapeError(index, got, expected)"),),
        ),
        Misconception(
            "power_of_two_only",
            "find_max_batch_size",
            "Your search returns the last size that worked while doubling.",
            "512 works and 1024 doesn't: is there nothing in between?",
            edits=(("while size - good > 1:", "while False:"),),
        ),
        Misconception(
            "off_by_one_oom",
            "find_max_batch_size",
            "Your search returns the smallest size that fails.",
            "Run a step with the size you return: does it work?",
            edits=(("size = middle\n    return good", "size = middle\n    return size"),),
        ),
        Misconception(
            "swallow_all",
            "find_max_batch_size",
            "Your search takes every exception for a lack of memory.",
            "Which errors mean that a batch is too large, and which that the code is wrong?",
            edits=((CAUGHT, "_OUT_OF_MEMORY = Exception"),),
        ),
        Misconception(
            "runtime_errors_swallowed",
            "find_max_batch_size",
            "Your search takes every RuntimeError for a lack of memory.",
            "PyTorch reports wrong shapes as RuntimeError, too: how can it be told from a lack of memory?",
            edits=((CAUGHT, "_OUT_OF_MEMORY = (MemoryError, RuntimeError)"),),
        ),
        Misconception(
            "only_memory_error",
            "find_max_batch_size",
            "Your search doesn't know the error that PyTorch raises when a GPU runs out of memory.",
            "Is torch.OutOfMemoryError a MemoryError?",
            edits=((CAUGHT, "_OUT_OF_MEMORY = MemoryError"),),
        ),
        Misconception(
            "limit_exceeded",
            "find_max_batch_size",
            "Your search tries sizes beyond the limit.",
            "The limit is 100: what do you try after 64?",
            edits=(
                (
                    "if size == limit:\n            return size",
                    "if limit is not None and size >= limit:\n            return limit",
                ),
                ("2 * size if limit is None else min(2 * size, limit)", "2 * size"),
            ),
        ),
        Misconception(
            "no_cleanup",
            "find_max_batch_size",
            "Your search never calls cleanup.",
            "What may still be in memory after a step that failed?",
            edits=(("cleanup()\n        return False", "return False"),),
        ),
        Misconception(
            "one_after_the_other",
            "find_max_batch_size",
            "Your search tries all sizes one after the other.",
            "How many steps do you need if 1000 fit, and how many are allowed?",
            edits=(("2 * size if limit is None else min(2 * size, limit)", "size + 1"),),
        ),
        Misconception(
            "b1_no_zero_grad",
            "train_epoch",
            "Your training never clears the gradients, so those of earlier batches go into every step.",
            "What does backward() do if .grad holds something already?",
            edits=(("        optimizer.zero_grad()\n", ""),),
        ),
        Misconception(
            "cleared_before_the_step",
            "train_epoch",
            "Your training clears the gradients after computing them and before using them, so no step moves anything.",
            "What is in .grad at the moment of the step?",
            edits=(
                ("        optimizer.zero_grad()\n", ""),
                ("        loss.backward()\n", "        loss.backward()\n        optimizer.zero_grad()\n"),
            ),
        ),
        Misconception(
            "b2_double_softmax",
            ("train_epoch", "evaluate"),
            "Your code feeds probabilities to cross_entropy, which applies softmax itself.",
            "What does cross_entropy expect: logits or probabilities?",
            edits=(
                (TRAIN_LOSS, TRAIN_LOSS.replace("model(x)", "model(x).softmax(dim=1)")),
                (EVALUATE_LOSS, EVALUATE_LOSS.replace("logits", "logits.softmax(dim=1)")),
            ),
        ),
        Misconception(
            "b3_mean_of_means",
            ("train_epoch", "evaluate"),
            "Your mean is one over batches: samples in a short last batch count more than others.",
            "Three batches of 32, 32 and 3 samples: which share of the result does each of the last three have?",
            edits=(
                (TRAIN_TOTAL, "total += loss.item()\n        count += 1"),
                (EVALUATE_LOSS, EVALUATE_LOSS.removesuffix(" * len(y)")),
                (
                    CORRECT + "\n            count += len(y)",
                    CORRECT.replace("sum()", "double().mean()") + "\n            count += 1",
                ),
            ),
        ),
        Misconception(
            "b4_graph_kept",
            "train_epoch",
            "Your code adds up losses as tensors, and with them keeps the graph of every batch until the end.",
            "What hangs on a loss tensor, and when can it be freed? Why does memory grow from batch to batch?",
            edits=(
                ("total += loss.item() * len(y)", "total = total + loss * len(y)"),
                (TRAIN_END, TRAIN_END.replace("total / count", "(total / count).item()")),
            ),
        ),
        Misconception(
            "loss_is_a_tensor",
            "train_epoch",
            "Your code returns the loss as a tensor.",
            "What turns a tensor with a single element into a Python number?",
            edits=(("total += loss.item() * len(y)", "total += loss.detach() * len(y)"),),
        ),
        Misconception(
            "b5_mode_forgotten",
            "evaluate",
            "Your evaluation leaves the model in train mode: dropout drops, and batch normalisation uses and updates "
            "its statistics.",
            "Evaluate twice: are both results the same?",
            edits=(("    model.eval()\n", ""),),
        ),
        Misconception(
            "b5_stays_in_eval",
            "evaluate",
            "Your evaluation leaves the model in eval mode, whatever it was before.",
            "What is model.training before and after? Whoever trains on, does so without dropout.",
            edits=((EVALUATE_END, "    return total / count, correct / count"),),
        ),
        Misconception(
            "back_to_train_always",
            ("train_epoch", "evaluate"),
            "Your code leaves the model in train mode, even if it was in eval mode before.",
            "What is model.training before and after, for a model that comes in eval mode?",
            edits=(
                (TRAIN_END, TRAIN_END.replace("    model.train(was_training)\n", "")),
                (EVALUATE_END, EVALUATE_END.replace("was_training", "")),
            ),
        ),
        Misconception(
            "train_mode_forgotten",
            "train_epoch",
            "Your training runs in whatever mode the model happens to be.",
            "An evaluation has just left the model in eval mode: what do dropout and batch normalisation do in your "
            "epoch?",
            edits=(("    model.train()\n    total, count", "    total, count"),),
        ),
        Misconception(
            "b6_step_first",
            "train_epoch",
            "Your training steps before it computes the gradient, and so uses the one of the batch before.",
            "What is .grad when the very first step is made?",
            edits=(
                ("        optimizer.zero_grad()\n", ""),
                (
                    "        loss.backward()\n        optimizer.step()\n",
                    "        optimizer.step()\n        optimizer.zero_grad()\n        loss.backward()\n",
                ),
            ),
        ),
        Misconception(
            "b7_argmax_axis",
            "evaluate",
            "Your code picks the best sample for each class, not the best class for each sample.",
            "Which axis of the logits lists the classes?",
            edits=((CORRECT, CORRECT.replace("dim=1", "dim=0")),),
        ),
        Misconception(
            "evaluated_with_graph",
            "evaluate",
            "Your evaluation records a graph for gradients that nobody will ask for.",
            "How much memory does a forward pass need if nothing has to be kept for the way back?",
            edits=(("with torch.no_grad():", "with torch.enable_grad():"),),
        ),
    ),
    equivalents=(
        Equivalent(GROW, GROW.replace("2 * size if", "3 * size if"), "tripling keeps within the budget, too"),
        Equivalent(GROW, GROW.replace("min(2 * size", "min( 3 * size"), "tripling keeps within the budget, too"),
        Equivalent("if size == limit:", "if size is limit:", "at worst the limit is tried twice, within the budget"),
        Equivalent(
            "while size - good > 1:", "while size - good != 1:", "a size that fails is larger than one that works"
        ),
        Equivalent(PAIRS, PAIRS.replace("True", "False"), "all of them are pairs"),
    ),
)
