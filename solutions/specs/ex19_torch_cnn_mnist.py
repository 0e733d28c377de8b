"""Probes of the parts: facts about a free architecture, single steps of tiny networks. Then a training."""

import io
import math
import pickle
import time
import tracemalloc
from pathlib import Path

import numpy as np
import torch

from grader import kit
from grader.spec import EXACT, T64L, Bar, Case, Equivalent, Exercise, Misconception, Part, Tolerance, Training, t32

# Drivers: what build_model builds


def logits_of(student, images, seed):
    torch.manual_seed(seed)
    with torch.no_grad():
        logits = student.build_model()(images)
    sums, exponentials = logits.double().sum(dim=-1), logits.double().exp().sum(dim=-1)
    cut_off = (logits >= 0).all() and (logits == 0).any() and (logits > 0).any()
    return {
        "shape of the logits": list(logits.shape),
        "dtype of the logits": str(logits.dtype),
        "rows that aren't finite": int((~logits.isfinite()).any(dim=-1).sum()),
        "rows sum to 1, as probabilities do": bool(((sums - 1).abs() < 1e-5).all()),
        "rows are logarithms of probabilities": bool(((exponentials - 1).abs() < 1e-5).all()),
        "all that is below 0 is cut off": bool(cut_off),
    }


def make_of(student, limit):
    model = student.build_model()
    count = sum(parameter.numel() for parameter in model.parameters())
    return {
        "parameters beyond the limit": max(0, count - limit),
        "a convolution is there": any(isinstance(module, torch.nn.Conv2d) for module in model.modules()),
        "frozen parameters": [name for name, parameter in model.named_parameters() if not parameter.requires_grad],
        "in train mode": all(module.training for module in model.modules()),
        "devices": sorted({parameter.device.type for parameter in model.parameters()}),
    }


def gradients_of(student, images, labels, seed):
    """Names of parameters that two steps leave behind; if the last layer begins with zeros, one step moves no other."""
    torch.manual_seed(seed)
    model = student.build_model()
    named = list(model.named_parameters())
    torch.nn.functional.cross_entropy(model(images), labels).backward()
    first = [p.grad for _, p in named]
    with torch.no_grad():
        for _, p in named:
            p -= 0.01 * (0 if p.grad is None else p.grad)
            p.grad = None
    torch.nn.functional.cross_entropy(model(images), labels).backward()
    return {
        "parameters without a gradient": [name for name, p in named if p.grad is None],
        "gradients that aren't finite": [
            name for (name, _), grad in zip(named, first, strict=True) if grad is not None and not grad.isfinite().all()
        ],
        "weights whose gradient is 0": [
            name
            for (name, p), grad in zip(named, first, strict=True)
            if p.ndim > 1 and not any(g is not None and g.any() for g in (grad, p.grad))
        ],
    }


def together_and_alone(student, images, seed):
    torch.manual_seed(seed)
    model = student.build_model().eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(images[i : i + 1]) for i in range(len(images))])
    return bool(torch.allclose(together, alone, rtol=1e-3, atol=1e-3))


def built_twice(student, seeds):
    """Two models: are their weights equal, and do they share memory?"""
    flat, places = [], []
    kept = []
    for seed in seeds:
        if seed is not None:
            torch.manual_seed(seed)
        model = student.build_model()
        kept.append(model)
        flat.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
        places.append({p.data_ptr() for p in model.parameters()})
    return {"equal": bool(torch.equal(flat[0], flat[1])), "shared": bool(places[0] & places[1])}


# Drivers: batches


def epoch_of(student, X, y, batch_size, seed, device="cpu"):
    torch.manual_seed(3)
    batches = student.make_batches(X, y, batch_size, torch.Generator().manual_seed(seed), device)
    seen = {}
    for number, (x, y) in enumerate(batches, 1):
        seen |= {f"images of batch {number}": x.clone(), f"labels of batch {number}": y.clone()}
    return seen


def epoch_of_tensors(student, X, y, batch_size, seed):
    return epoch_of(student, torch.from_numpy(X), torch.from_numpy(y), batch_size, seed)


def two_epochs(student, X, y, batch_size, seed):
    """Labels only: two epochs from one generator, and what is left of it and of the global state."""
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(3)
    epochs = []
    for _ in range(2):
        epochs.append([labels.tolist() for _, labels in student.make_batches(X, y, batch_size, generator, "cpu")])
    return {
        "first epoch": epochs[0],
        "second epoch": epochs[1],
        "next number of the generator": torch.rand((), generator=generator).item(),
        "next global number": torch.rand(()).item(),
    }


def made_on(student, X, y, batch_size, seed, device, as_object=False):
    device = torch.device(device) if as_object else device
    batches = student.make_batches(X, y, batch_size, torch.Generator().manual_seed(seed), device)
    return [[x.device.type, list(x.shape), labels.device.type, str(labels.dtype)] for x, labels in batches]


def memory_of(student, X, y, batch_size, seed):
    """The most that arrays and floating tensors take at a time during an epoch, in float32 copies of all images."""
    live, taken = {}, [0]

    def observed(mode, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for gone in [key for key, (weak, _) in live.items() if weak.expired()]:
            del live[gone]
        if isinstance(out, torch.Tensor) and out.is_floating_point():
            storage = out.untyped_storage()
            weak = torch.multiprocessing.reductions.StorageWeakRef(storage)
            live.setdefault(storage._cdata, (weak, storage.nbytes()))
            taken.append(sum(size for _, size in live.values()))
        return out

    modes = torch.utils._python_dispatch
    watch = type("Watch", (modes.TorchDispatchMode,), {"__torch_dispatch__": observed})  # drivers can't hold classes
    tracemalloc.start()
    try:
        with watch():
            for _ in student.make_batches(X, y, batch_size, torch.Generator().manual_seed(seed), "cpu"):
                pass
        copies = (max(taken) + tracemalloc.get_traced_memory()[1]) / (4 * X.size)
    finally:
        tracemalloc.stop()
    return {"float32 copies of all images": 0.0 if copies < 0.5 else round(copies, 1)}


# Drivers: an epoch of training. A network is a list of layers of torch.nn, class and arguments, and its weights.


def network(layers, weights):
    model = torch.nn.Sequential(*[getattr(torch.nn, kind)(*arguments) for kind, *arguments in layers])
    for value in weights.values():
        model.to(value.dtype)
    model.load_state_dict(weights, strict=False)
    return model


def snapshot(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def in_train_mode(model):
    return [name or "the model" for name, module in model.named_modules() if module.training]


def trained(
    student, layers, weights, optimizer, settings, batches, epochs=1, carried=False, in_eval_mode=False, frozen=()
):
    model = network(layers, weights).train(not in_eval_mode)
    for name in frozen:
        model.get_submodule(name).eval()
    made = getattr(torch.optim, optimizer)(model.parameters(), **settings)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter) if carried else None
    torch.manual_seed(7)
    losses = [student.train_epoch(model, made, iter(batches)) for _ in range(epochs)]
    return {
        "mean loss of each epoch": losses,
        "weights and buffers": snapshot(model),
        "in train mode afterwards": in_train_mode(model),
        "next random number": torch.rand(()).item(),
    }


# Drivers: predictions


def predicted(student, layers, weights, X, device="cpu", **options):
    torch.manual_seed(7)
    return student.predict(network(layers, weights), X, device=device, **options)


def predicted_tensors(student, layers, weights, X, device="cpu", **options):
    return student.predict(network(layers, weights), torch.from_numpy(X), device=device, **options)


def predicted_in_slices(student, layers, weights, X, batch_sizes):
    return [predicted(student, layers, weights, X, batch_size=size) for size in batch_sizes]


def watched(student, layers, weights, X, frozen=(), awake=(), **options):
    """What a model within a model gets to see while it predicts, and what is left of both afterwards."""
    model, seen = torch.nn.Sequential(network(layers, weights)), []
    for name in frozen:
        model.get_submodule(name).eval()
    for name in awake:
        model.get_submodule(name).train()

    def watch(module, given, result):
        x, training = given[0], any(part.training for part in module.modules())
        seen.append([list(x.shape), str(x.dtype), float(x.sum()), training, torch.is_grad_enabled()])

    model.register_forward_hook(watch)
    torch.manual_seed(7)
    student.predict(model, X, device="cpu", **options)
    sizes = [shape[0] for shape, *_ in seen]
    return {
        "images too many at a time": max(0, max(sizes, default=0) - options.get("batch_size", 256)),
        "images in all": sum(sizes),
        "shape of an image": seen[0][0][1:] if seen else None,
        "dtype": seen[0][1] if seen else None,
        "sum of what comes in": sum(total for _, _, total, _, _ in seen),
        "passes in train mode": sum(training for *_, training, _ in seen),
        "passes with gradients recorded": sum(recorded for *_, recorded in seen),
        "in train mode afterwards": in_train_mode(model),
        "parameters that don't learn": [name for name, p in model.named_parameters() if not p.requires_grad],
        "weights and buffers": snapshot(model),
        "gradients are recorded again": torch.is_grad_enabled(),
        "next random number": torch.rand(()).item(),
    }


def fed_on(student, layers, weights, X, device, as_object=False):
    """Where images are when the model gets them. There it stops, as a device without numbers gives no answers."""
    model, places = network(layers, weights).to(device), []

    def stop(module, given):
        places.append(given[0].device.type)
        raise RuntimeError("seen enough")

    model.register_forward_pre_hook(stop)
    try:
        student.predict(model, X, device=torch.device(device) if as_object else device)
    except RuntimeError:
        if not places:
            raise
    return places


# Drivers: checkpoints


def resumed(student, layers, weights, other, optimizer, settings, batches, epoch, in_eval_mode=False):
    """A run that is saved, goes on, and is taken up by another model with another optimiser."""
    model = network(layers, weights).train(not in_eval_mode)
    made = getattr(torch.optim, optimizer)(model.parameters(), **settings)
    steps(model, made, batches)
    file, seen = io.BytesIO(), {}
    torch.manual_seed(7)
    student.save_checkpoint(model, made, epoch, file)
    seen["saving leaves the modes"] = in_train_mode(model)
    steps(model, made, batches)

    seen["readable with weights_only=True"] = readable(file)
    file.seek(0)
    model_2 = network(layers, other).train(not in_eval_mode)
    made_2 = getattr(torch.optim, optimizer)(model_2.parameters(), lr=99.0)
    seen["epoch"] = student.load_checkpoint(model_2, made_2, file)
    seen["loading leaves the modes"] = in_train_mode(model_2)
    seen["loaded"] = snapshot(model_2)
    steps(model_2, made_2, batches)
    seen |= {"going on": snapshot(model), "resumed": snapshot(model_2)}
    return seen | {"next random number": torch.rand(()).item()}


def foreign(student, layers, weights):
    """Loads a file that holds an object of a class."""
    model = network(layers, weights)
    made, file = torch.optim.SGD(model.parameters(), lr=0.1), io.BytesIO()
    student.save_checkpoint(model, made, 1, file)
    file = io.BytesIO()
    torch.save({"model": model, "optimizer": made.state_dict(), "epoch": 1}, file)
    file.seek(0)
    return student.load_checkpoint(model, made, file)


def readable(file):
    file.seek(0)
    try:
        torch.load(file, weights_only=True)
    except (pickle.UnpicklingError, EOFError):
        return False
    return True


def steps(model, optimizer, batches):
    for x, labels in batches:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), labels).backward()
        optimizer.step()


# Driver: the training


def fitted(student, host, seed, budget, device, images, labels, test_images):
    """Predictions of a model that the submission trains: for all test images, and for the first few in portions."""
    torch.manual_seed(seed)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    model = student.build_model().to(device)
    losses = student.train(model, images, labels, device=device, seed=seed, budget=budget, report=host.report)
    portions, own = in_portions(student, model, test_images, device), answers_of(model, test_images[:400], device)
    student.predict(model, test_images[:1000], device=device)  # so that what follows is warm
    began = clock(device)
    predictions = np.asarray(student.predict(model, test_images, device=device))
    seconds = clock(device) - began
    return {
        "predictions": {"accuracy": predictions},
        "portions": portions,
        "own": own,
        "losses": losses,
        "peak_memory": torch.cuda.max_memory_allocated() if device == "cuda" else None,
        "images_per_second": len(test_images) / max(seconds, 1e-9),
        "step": step_memory() if device == "cuda" else None,
    }


def step_memory(images=256):
    """Bytes that one training step of a small network allocates at most on a GPU, where all else is warm."""
    for _ in range(2):
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        model = torch.nn.Sequential(
            torch.nn.Conv2d(1, 32, 3),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(5408, 10),
        ).to("cuda")
        x, y = torch.zeros(images, 1, 28, 28, device="cuda"), torch.zeros(images, dtype=torch.int64, device="cuda")
        torch.nn.functional.cross_entropy(model(x), y).backward()
        peak = torch.cuda.max_memory_allocated() - before
        del model, x, y
    return peak


def in_portions(student, model, images, device, count=400):
    """Predictions for the first images, which are shown in portions of 1, 7, 49, and so on, in turn."""
    found, start, sizes = [], 0, (1, 7, 49, 3)
    while start < count:
        size = min(sizes[len(found) % len(sizes)], count - start)
        found.append(np.asarray(student.predict(model, images[start : start + size], device=device)))
        start += size
    return np.concatenate(found)


def answers_of(model, images, device):
    """What the model says about these images by itself, whatever `predict` says."""
    modes = [(module, module.training) for module in model.modules()]
    x = (torch.as_tensor(images)[:, None].to(device).float() / 255 - 0.1307) / 0.3081
    with torch.no_grad():
        answers = model.eval()(x).argmax(dim=1).cpu().numpy()
    for module, mode in modes:
        module.training = mode
    return answers


def clock(device):
    """Seconds: CPU time of this process; on a GPU wall time, when its work is done."""
    if device == "cpu":
        return time.process_time()
    getattr(torch, device).synchronize()
    return time.perf_counter()


# Cases


def images(rng, n):
    return rng.integers(0, 256, (n, 28, 28)).astype(np.uint8)


def fed(rng, n):
    """Images as the network gets them."""
    return torch.from_numpy(rng.normal(0, 1, (n, 1, 28, 28)).astype(np.float32))


def digits(rng, n):
    return torch.from_numpy(rng.integers(0, 10, n))


def model_cases(rng):
    def case(name, driver, **inputs):
        return Case(f"model: {name}", inputs, driver=driver)

    yield case("logits of five images", logits_of, images=fed(rng, 5), seed=0)
    yield case("logits of one image", logits_of, images=fed(rng, 1), seed=1)
    yield case("logits of dark images", logits_of, images=torch.full((4, 1, 28, 28), -0.4242), seed=2)
    yield case("size and layers", make_of, limit=500_000)
    yield case("every parameter learns", gradients_of, images=fed(rng, 16), labels=digits(rng, 16), seed=3)
    yield case("images don't influence each other in eval mode", together_and_alone, images=fed(rng, 4), seed=4)
    yield case("the same seed gives the same weights", built_twice, seeds=[5, 5])
    yield case("another seed gives other weights", built_twice, seeds=[5, 6])
    yield case("a second model draws other weights", built_twice, seeds=[5, None])


def batch_cases(rng):
    def case(name, n, batch_size, driver=None, label_dtype=np.int64, tolerance=None, **more):
        inputs = {"X": images(rng, n), "y": rng.permutation(n).astype(label_dtype) % 10, "batch_size": batch_size}
        seed = {"seed": int(rng.integers(2**31))}
        return Case(f"batches: {name}", {**inputs, **seed, **more}, driver=driver, tolerance=tolerance)

    plain = {"X": np.zeros((1, 28, 28), np.uint8), "y": np.array([7]), "batch_size": 1, "seed": 0}
    half = {**plain, "X": np.arange(784, dtype=np.uint8).reshape(1, 28, 28)}
    yield Case("batches: a black image", plain)
    yield Case("batches: all shades of grey", half)
    yield case("five images in one batch", 5, 5)
    yield case("six images, two at a time", 6, 2)
    yield case("seven images, three at a time", 7, 3)
    yield case("one at a time", 4, 1)
    yield case("a batch larger than the data", 3, 64)
    yield case("labels as uint8", 7, 4, label_dtype=np.uint8)
    yield case("labels as int32", 7, 4, label_dtype=np.int32)
    yield case("tensors", 7, 4, driver=epoch_of_tensors)
    yield case("tensors with labels as uint8", 7, 4, driver=epoch_of_tensors, label_dtype=np.uint8)
    yield case("no images", 0, 4)
    yield case("no tensors", 0, 4, driver=epoch_of_tensors)
    yield case("two epochs", 11, 4, driver=two_epochs)
    yield case("two epochs of one batch", 5, 8, driver=two_epochs)
    yield case("another device", 7, 4, driver=made_on, device="meta")
    yield case("another device, as a torch.device", 7, 4, driver=made_on, device="meta", as_object=True)
    yield case("no float32 copy of all images is kept", 1500, 30, driver=memory_of)
    yield case("six images again", 6, 2)


SMALL = [["Flatten"], ["Linear", 4, 3]]
DEEPER = [["Flatten"], ["Linear", 4, 6], ["Tanh"], ["Dropout", 0.3], ["Linear", 6, 3]]
NORMED = [["Conv2d", 1, 2, 2, 1, 1, 1, 1, False], ["BatchNorm2d", 2], ["Flatten"], ["Linear", 18, 3]]


def weights_for(rng, layers, scale=1.0):
    weights = {}
    for number, (kind, *arguments) in enumerate(layers):
        if kind == "Linear":
            weights[f"{number}.weight"] = randn(rng, arguments[1], arguments[0]) * scale
            weights[f"{number}.bias"] = randn(rng, arguments[1]) * scale
        elif kind == "Conv2d":
            weights[f"{number}.weight"] = randn(rng, arguments[1], arguments[0], arguments[2], arguments[2])
    return weights


def randn(rng, *shape):
    return torch.from_numpy(rng.standard_normal(shape))


def tiny(rng, sizes):
    return [(randn(rng, n, 1, 2, 2), torch.from_numpy(rng.integers(0, 3, n))) for n in sizes]


def training_cases(rng):
    def case(name, layers, batches, optimizer="SGD", lr=0.1, tolerance=None, weights=None, **more):
        settings = {"lr": lr} | more.pop("settings", {})
        inputs = {"layers": layers, "weights": weights or weights_for(rng, layers), "batches": batches}
        made = {"optimizer": optimizer, "settings": settings}
        return Case(f"epoch: {name}", {**inputs, **made, **more}, tolerance=tolerance)

    zeros = {"1.weight": torch.zeros(3, 4, dtype=torch.float64), "1.bias": torch.zeros(3, dtype=torch.float64)}
    batches, uneven = tiny(rng, [4, 4]), tiny(rng, [8, 8, 1])
    yield case("one batch, all weights 0", SMALL, tiny(rng, [3]), weights=zeros)
    yield case("one batch", SMALL, tiny(rng, [5]))
    yield case("one sample", SMALL, tiny(rng, [1]))
    yield case("two batches", SMALL, batches)
    yield case("three epochs", SMALL, batches, epochs=3)
    yield case("a short last batch", SMALL, uneven)
    yield case("a short first batch", SMALL, uneven[::-1], lr=0.5)
    yield case("momentum", SMALL, uneven, settings={"momentum": 0.9}, epochs=2)
    yield case("Adam", DEEPER, batches, "Adam", 0.05, epochs=2)
    yield case("weight decay", SMALL, batches, "AdamW", 0.05, settings={"weight_decay": 0.4})
    yield case("dropout", DEEPER, uneven)
    yield case("dropout, the model comes in eval mode", DEEPER, uneven, in_eval_mode=True)
    yield case("batch normalisation, the model comes in eval mode", NORMED, batches, in_eval_mode=True)
    yield case("batch normalisation", NORMED, batches, epochs=2)
    yield case("batch normalisation alone comes in eval mode", NORMED, batches, frozen=["1"])
    yield case("parameters come in with gradients", SMALL, batches, carried=True)
    yield case("a certain mistake", SMALL, tiny(rng, [4]), weights=weights_for(rng, SMALL, 1000.0))
    yield case("no batches", DEEPER, [])
    yield case("no batches, the model comes in eval mode", DEEPER, [], in_eval_mode=True)
    single = [(x.float(), labels) for x, labels in batches]
    light = {name: value.float() for name, value in weights_for(rng, SMALL).items()}
    yield case("float32", SMALL, single, weights=light, tolerance=Tolerance(1e-4, 1e-5))
    yield case("dropout, again", DEEPER, uneven)


LINEAR = [["Flatten"], ["Linear", 784, 10]]
DROPPING = [["Dropout", 0.5], ["Flatten"], ["Linear", 784, 10]]
PIXELWISE = [["BatchNorm2d", 1], ["Flatten"], ["Linear", 784, 10]]


def clear_images(rng, weights, n, layers=LINEAR):
    """Images whose two largest logits aren't close to each other."""
    model, clear = network(layers, weights).double().eval(), []
    while len(clear) < n:
        some = images(rng, 2 * n)
        with torch.no_grad():
            logits = model((torch.from_numpy(some / 255)[:, None] - 0.1307) / 0.3081)
        best = logits.topk(2, dim=1).values
        clear += [image for image, gap in zip(some, best[:, 0] - best[:, 1], strict=True) if gap > 0.05]
    return np.array(clear[:n], dtype=np.uint8).reshape(n, 28, 28)


def prediction_cases(rng):
    def light(layers):
        weights = {name: 0.1 * value.float() for name, value in weights_for(rng, layers).items()}
        if layers is PIXELWISE:
            weights["0.running_mean"], weights["0.running_var"] = torch.tensor([0.7]), torch.tensor([2.5])
        return weights

    def case(name, layers, weights, X, driver=None, tolerance=None, **more):
        return Case(f"predict: {name}", {"layers": layers, "weights": weights, "X": X, **more}, driver, tolerance)

    weights, pixelwise, dropping = light(LINEAR), light(PIXELWISE), light(DROPPING)
    few, more = clear_images(rng, weights, 5), clear_images(rng, weights, 23)
    some = clear_images(rng, pixelwise, 9, PIXELWISE)
    blank = {"1.weight": torch.zeros(10, 784), "1.bias": torch.arange(10.0)}
    inside = t32(784)
    yield case("a model that always says 9", LINEAR, blank, few)
    yield case("five images", LINEAR, weights, few)
    yield case("one image", LINEAR, weights, few[:1].copy())
    yield case("23 images, 8 at a time", LINEAR, weights, more, batch_size=8)
    yield case("1, 7 and 256 at a time", LINEAR, weights, more, predicted_in_slices, batch_sizes=[1, 7, 256])
    yield case("exactly as many as fit", LINEAR, weights, more, batch_size=23)
    yield case("tensors", LINEAR, weights, more, predicted_tensors, batch_size=9)
    yield case("dropout is off", DROPPING, dropping, clear_images(rng, dropping, 9, DROPPING))
    yield case("batch normalisation uses what it has learnt", PIXELWISE, pixelwise, some, batch_size=2)
    yield case("no images", LINEAR, weights, images(rng, 0))
    yield case("what the model sees", DROPPING, dropping, more, watched, inside, batch_size=10)
    yield case("what the model sees by default", LINEAR, weights, images(rng, 300), watched, inside)
    yield case("batch normalisation stays as it is", PIXELWISE, pixelwise, some, watched, inside, batch_size=4)
    yield case("a frozen module stays frozen", PIXELWISE, pixelwise, some, watched, inside, frozen=["0.0"])
    yield case("only dropout is in train mode", DROPPING, dropping, more, watched, inside, frozen=[""], awake=["0.0"])
    yield case("another device", LINEAR, weights, few, fed_on, device="meta")
    yield case("another device, as a torch.device", LINEAR, weights, few, fed_on, device="meta", as_object=True)
    yield case("batch normalisation, again", PIXELWISE, pixelwise, some, batch_size=2)


def checkpoint_cases(rng):
    def case(name, layers, optimizer, epoch=3, sizes=(4, 3), **more):
        settings = {"lr": 0.1, **more.pop("settings", {})}
        inputs = {"layers": layers, "weights": weights_for(rng, layers), "other": weights_for(rng, layers)}
        made = {"optimizer": optimizer, "settings": settings, "batches": tiny(rng, sizes), "epoch": epoch}
        return Case(f"checkpoint: {name}", {**inputs, **made, **more})

    yield case("plain SGD", SMALL, "SGD")
    yield case("momentum", SMALL, "SGD", settings={"momentum": 0.9})
    yield case("Adam", SMALL, "Adam", settings={"lr": 0.02})
    yield case("batch normalisation", NORMED, "SGD", settings={"momentum": 0.5})
    yield case("a model in eval mode", NORMED, "SGD", in_eval_mode=True)
    yield case("before the first step", SMALL, "Adam", 0, ())
    yield case("one step of Adam", SMALL, "Adam", 1, (5,), settings={"lr": 0.02})
    objects = {"layers": SMALL, "weights": weights_for(rng, SMALL)}
    yield Case("checkpoint: a file with an object of a class in it", objects, driver=foreign)
    yield case("a late epoch", SMALL, "RMSprop", 1234, settings={"lr": 0.01, "momentum": 0.3})


PARTS = (
    Part(
        "build_model",
        model_cases,
        (
            "Convolutions look for strokes, pooling makes the maps smaller, a linear layer gives ten scores.",
            "nn.Sequential will do: conv, ReLU, pool, conv, ReLU, pool, flatten, linear, ReLU, linear.",
            "28 becomes 14 and 7 by two poolings of 2, if the convolutions of 3 are padded by 1. No softmax at the "
            "end: the loss does that.",
        ),
        tolerance=EXACT,
    ),
    Part(
        "make_batches",
        batch_cases,
        (
            "The order is a list of indices. Images and labels are picked with the same ones.",
            "One randperm per call (a DataLoader would draw one more number); slices of it; per slice: pick, move to "
            "the device, convert, add the axis of channels, normalise.",
            "torch.as_tensor takes arrays and tensors alike. Divide by 255 first, then subtract and divide. Labels "
            "end up as int64 on the device, too.",
        ),
        driver=epoch_of,
        tolerance=t32(4),
    ),
    Part(
        "train_epoch",
        training_cases,
        (
            "Five lines per batch, in an order that never changes.",
            "Beside the steps, add up each batch's loss, weighted by its number of samples.",
            "`loss.item() * len(labels)`, divided by all samples at the end; and model.train() before the loop, since "
            "nobody knows in which mode the model comes.",
        ),
        driver=trained,
        tolerance=T64L,
    ),
    Part(
        "predict",
        prediction_cases,
        (
            "A prediction must depend on the image only: not on its neighbours, not on chance.",
            "eval() for dropout and batch normalisation, no_grad for memory, slices for batch_size.",
            "Note the `training` flag of each module before eval(), and set it again afterwards. An empty X still has "
            "a result: int64 and empty.",
        ),
        driver=predicted,
        tolerance=EXACT,
    ),
    Part(
        "checkpoint",
        checkpoint_cases,
        (
            "Ask what the very next step depends on.",
            "Both the model and the optimiser have a state_dict. A dictionary of these and the epoch is all.",
            "torch.save takes the dictionary and the file; torch.load with weights_only=True gives it back, and both "
            "load_state_dict do the rest.",
        ),
        driver=resumed,
        tolerance=T64L,
        uses=("save_checkpoint", "load_checkpoint"),
    ),
)

MISCONCEPTIONS = (
    Misconception(
        "softmax_in_model",
        "build_model",
        "Your model ends in a softmax.",
        "What does CrossEntropyLoss do to its inputs first? What is the sum of each of your rows?",
        edits=(("        nn.Linear(64, 10),\n", "        nn.Linear(64, 10),\n        nn.Softmax(dim=1),\n"),),
    ),
    Misconception(
        "log_softmax_in_model",
        "build_model",
        "Your model ends in a log-softmax, which belongs to the loss here.",
        "Which loss would want logarithms of probabilities, and which one is used?",
        edits=(("        nn.Linear(64, 10),\n", "        nn.Linear(64, 10),\n        nn.LogSoftmax(dim=1),\n"),),
    ),
    Misconception(
        "relu_on_logits",
        "build_model",
        "Your last layer is followed by a ReLU, too.",
        "Can your network ever put out a negative logit? Does it need to?",
        edits=(("        nn.Linear(64, 10),\n", "        nn.Linear(64, 10),\n        nn.ReLU(),\n"),),
    ),
    Misconception(
        "flattened_too_early",
        "build_model",
        "Your model has more than 500,000 parameters.",
        "Which layer has nearly all of them, and how large are the maps in front of it?",
        edits=(
            (
                "        nn.MaxPool2d(2),\n        nn.BatchNorm2d(32),",
                "        nn.BatchNorm2d(32),",
            ),
            ("nn.Linear(32 * 4 * 4, 64)", "nn.Linear(32 * 8 * 8, 256)"),
            ("nn.Linear(64, 10)", "nn.Linear(256, 10)"),
        ),
    ),
    Misconception(
        "seed_inside",
        "build_model",
        "Your model is the same whatever seed was set before.",
        "How could one find out by how much results vary from run to run?",
        edits=(("    return nn.Sequential(", "    torch.manual_seed(0)\n    return nn.Sequential("),),
    ),
    Misconception(
        "no_shuffle",
        "make_batches",
        "Your batches come in the order of the data.",
        "Compare the first batches of two epochs. And if the data were sorted by digit?",
        edits=(("torch.randperm(len(images), generator=generator)", "torch.arange(len(images))"),),
    ),
    Misconception(
        "global_shuffle",
        "make_batches",
        "Your order comes from the global random state.",
        "Whose random numbers change if somebody adds a dropout layer?",
        edits=(("torch.randperm(len(images), generator=generator)", "torch.randperm(len(images))"),),
    ),
    Misconception(
        "labels_not_shuffled",
        "make_batches",
        "Your labels stay in their old order, while the images are shuffled.",
        "Whose label is the first one of your first batch?",
        edits=(("labels[chosen]", "labels[start : start + batch_size]"),),
    ),
    Misconception(
        "last_batch_dropped",
        "make_batches",
        "Your last batch is missing if it is short.",
        "How many images do all your batches of one epoch hold together?",
        edits=(("range(0, len(order), batch_size)", "range(0, len(order) - batch_size + 1, batch_size)"),),
    ),
    Misconception(
        "device_hardcoded",
        "make_batches",
        "Your batches stay on the CPU, whatever the device.",
        "Where is the model, and where are the tensors it is given?",
        edits=(
            ("images.to(device)[:, None]", "images[:, None]"),
            ("labels[chosen].to(device, torch.int64)", "labels[chosen].to(torch.int64)"),
        ),
    ),
    Misconception(
        "uint8_fed",
        ("make_batches", "predict"),
        "Your network is fed grey values from 0 to 255.",
        "What is the mean of one of your batches, and what does a network with small weights make of such inputs?",
        edits=(
            ("[:, None].float() / 255", "[:, None].float()"),
            ("return (grey - 0.1307) / 0.3081", "return grey"),
        ),
    ),
    Misconception(
        "scaled_only",
        ("make_batches", "predict"),
        "Your pixels lie between 0 and 1, without being normalised.",
        "What mean and what standard deviation should the pixels of a batch have, roughly?",
        edits=(("return (grey - 0.1307) / 0.3081", "return grey"),),
    ),
    Misconception(
        "missing_channel",
        "make_batches",
        "Your batches have no axis for channels.",
        "How many axes does a batch of images have for Conv2d?",
        edits=(("images.to(device)[:, None].float()", "images.to(device).float()"),),
    ),
    Misconception(
        "no_zero_grad",
        "train_epoch",
        "Your gradients pile up from step to step.",
        "Take two steps on the same batch. Is the second gradient about as large as the first?",
        edits=(("        optimizer.zero_grad()\n", ""),),
    ),
    Misconception(
        "gradients_cleared_after_backward",
        "train_epoch",
        "Your gradients are cleared between the backward pass and the step.",
        "What is in .grad at the moment the optimiser looks at it?",
        edits=(
            ("        optimizer.zero_grad()\n", ""),
            ("        loss.backward()\n", "        loss.backward()\n        optimizer.zero_grad(set_to_none=False)\n"),
        ),
    ),
    Misconception(
        "train_loss_tail",
        "train_epoch",
        "Your mean loss is an average over batches.",
        "8000 images make 31 batches of 256 and one of 64. How much does each image of the last one count?",
        edits=(("loss.detach() * len(labels)", "loss.detach()"), ("samples += len(labels)", "samples += 1")),
    ),
    Misconception(
        "trained_in_the_mode_it_comes",
        "train_epoch",
        "Your training doesn't switch the model to train mode.",
        "What if the model has just been used for predictions?",
        edits=(("    model.train()\n", ""),),
    ),
    Misconception(
        "loss_kept_as_tensor",
        "train_epoch",
        "Your mean loss is a tensor that keeps the graphs of all batches alive.",
        "What does a loss tensor still refer to after the step?",
        edits=(("loss.detach() * len(labels)", "loss * len(labels)"), ("float(total / samples)", "total / samples")),
    ),
    Misconception(
        "train_mode_predict",
        "predict",
        "Your predictions are made in train mode.",
        "Predict the same images twice. Why would the answers differ?",
        edits=(("    model.eval()\n", ""),),
    ),
    Misconception(
        "left_in_eval_mode",
        "predict",
        "Your model stays in eval mode after a prediction.",
        "What happens to dropout if training goes on after you looked at the accuracy?",
        edits=(("        module.training = mode", "        pass"),),
    ),
    Misconception(
        "everything_back_to_train",
        "predict",
        "Your model is in train mode as a whole after a prediction, frozen parts included.",
        "Which modules were in eval mode before?",
        edits=(("        module.training = mode", "        module.training = True"),),
    ),
    Misconception(
        "gradients_recorded",
        "predict",
        "Your predictions record everything that a backward pass would need.",
        "Nobody will call backward here. What is the memory for?",
        edits=(("with torch.no_grad():", "with torch.enable_grad():"),),
    ),
    Misconception(
        "all_at_once",
        "predict",
        "Your model gets all images at once.",
        "Ten thousand images, 32 maps of 28 x 28 each in float32: how much memory is that?",
        edits=(("torch.as_tensor(X).split(batch_size)]", "[torch.as_tensor(X)]]"),),
    ),
    Misconception(
        "checkpoint_weights_only",
        "checkpoint",
        "Your checkpoint forgets what the optimiser has collected.",
        "Compare the first step after loading with the one that would have come without a break.",
        edits=(('    optimizer.load_state_dict(saved["optimizer"])\n', ""),),
    ),
    Misconception(
        "settings_of_the_new_optimiser",
        "checkpoint",
        "Your checkpoint brings back what the optimiser has collected, but not its settings.",
        "Which learning rate and which momentum does the optimiser have after loading?",
        edits=(
            (
                'optimizer.load_state_dict(saved["optimizer"])',
                'optimizer.load_state_dict({**optimizer.state_dict(), "state": saved["optimizer"]["state"]})',
            ),
        ),
    ),
    Misconception(
        "parameters_without_buffers",
        "checkpoint",
        "Your checkpoint holds the parameters, but not the buffers.",
        "What does a batch normalisation know beside its weight and bias?",
        edits=(
            ('{"model": model.state_dict(), ', '{"model": dict(model.named_parameters()), '),
            ('model.load_state_dict(saved["model"])', 'model.load_state_dict(saved["model"], strict=False)'),
        ),
    ),
    Misconception(
        "whole_objects_pickled",
        "checkpoint",
        "Your checkpoint holds whole objects, so whoever loads it runs whatever code is in it.",
        "Can torch.load read your file with weights_only=True?",
        edits=(
            ('"epoch": epoch}, file)', '"epoch": epoch, "object": model}, file)'),
            ("weights_only=True)", "weights_only=False)"),
        ),
    ),
)

FREE = "the architecture is free, and this one is as good"

EQUIVALENTS = (
    Equivalent(
        "def predict(model: torch.nn.Module, X: Images, *, device: str | torch.device, batch_size: int = 256) -> "
        "torch.Tensor:",
        "def predict(model: torch.nn.Module, X: Images, /, device: str | torch.device, batch_size: int = 256) -> "
        "torch.Tensor:",
        "every call that the text allows gives the same",
    ),
    Equivalent("nn.Conv2d(1, 16, kernel_size=5, bias=False),", "nn.Conv2d(1, 16, kernel_size= 4, bias=False),", FREE),
    Equivalent("nn.Conv2d(16, 32, kernel_size=5, bias=False),", "nn.Conv2d(16, 32, kernel_size= 4, bias=False),", FREE),
    Equivalent("nn.Conv2d(1, 16, kernel_size=5, bias=False),", "nn.Conv2d(1, 16, kernel_size=5, bias=True),", FREE),
    Equivalent("nn.Conv2d(16, 32, kernel_size=5, bias=False),", "nn.Conv2d(16, 32, kernel_size=5, bias=True),", FREE),
)

# The training


def measures(finished):
    """How far answers in portions, and the model's own, agree with those for all images; how far the loss falls."""
    portions, own = finished.answer["portions"], finished.answer["own"]
    together = finished.answer["predictions"]["accuracy"][: len(portions)]
    found = {"agreement": float((together == portions).mean()), "own": float((together == own).mean())}
    found["gain"] = gain(finished.answer["losses"])
    if (step := finished.answer.get("step")) is not None:
        found |= {"MB in a step, measured": step / 1e6, "MB in a step, estimated in 20-2": step_estimate() / 1e6}
    return found


def step_estimate(images=256):
    """What the solution of 20-2 expects for `step_memory`, in bytes."""
    estimator = kit.load_module(Path(__file__).parents[1] / "ex20_2_gpu_memory_estimator.py", "estimator")
    layers = [
        {"type": "conv2d", "in": 1, "out": 32, "k": 3},
        {"type": "relu"},
        {"type": "maxpool2d", "k": 2},
        {"type": "flatten"},
        {"type": "linear", "in": 5408, "out": 10},
    ]
    return estimator.estimate(layers, (1, 28, 28), images, "sgd")["peak"]


def gain(losses):
    try:
        found = np.asarray(losses, dtype=np.float64)
    except (TypeError, ValueError):
        return math.nan
    return math.log(10) - float(found[-1]) if found.ndim == 1 and len(found) else math.nan


# Measured with 17 plausible recipes (plain SGD, momentum, Adam; small and large networks, dropout, batch normalisation;
# 2 to 10 epochs at a constant rate): at least 0.938 on mnist, quick, and 0.911 on synthetic, quick, where linear models
# reach 0.918 and 0.877; the solution has 0.980 and 0.989 or more. On tiny sets slow recipes are as good as a linear
# model; that convolutions are there, and used, is asked for by `build_model`. The bars for all 60,000 images, and for
# fashion, are those of exercise 18-3, whose networks are like these.
ACCURACY = {
    "mnist": {"tiny": 0.84, "quick": 0.925, "full": 0.96},
    "fashion-mnist": {"tiny": 0.66, "quick": 0.76, "full": 0.82},
    "synthetic": {"tiny": 0.79, "quick": 0.89, "full": 0.95},
}
ALIKE = {data: dict.fromkeys(("tiny", "quick", "full"), 0.995) for data in ACCURACY}
LEARNT = {data: dict.fromkeys(("tiny", "quick", "full"), 0.5) for data in ACCURACY}

TRAINING = Training(
    "train",
    fitted,
    measures=measures,
    bars=(
        Bar("accuracy on images it hasn't seen", "accuracy", ACCURACY),
        Bar("the same answers, whatever other images are shown along", "agreement", ALIKE),
        Bar("the same answers as the model's largest logits", "own", ALIKE),
        Bar("the last of the returned losses: how far below guessing", "gain", LEARNT, unit="nats"),
    ),
    ratio=15,
    hints=(
        "Three lines train: an optimiser, a loop over epochs, and in it train_epoch on new batches from make_batches. "
        "Report the loss of each epoch, and look at the curve.",
        "SGD with a momentum of 0.9 and a learning rate of 0.02, or Adam with 0.001; batches of 64; five epochs or so: "
        "start there. If the loss falls slowly, raise the learning rate; if it jumps, lower it.",
        "What is left comes from the end: let the learning rate fall to 0 during the run. OneCycleLR does that, with a "
        "schedule.step() after each step of the optimiser. Batch normalisation in build_model lets you start higher.",
    ),
    apart=("train", "_fit", "_one_cycle", "_scheduled"),
)

exercise = Exercise(parts=PARTS, misconceptions=MISCONCEPTIONS, equivalents=EQUIVALENTS, training=TRAINING)
