"""Short runs of small networks. What counts is the history, and everything that a run leaves behind."""

import math

import torch

from grader.spec import T64L, Case, Exercise, Misconception, Part, Tolerance

SINGLE = Tolerance(1e-4, 1e-5)

# Drivers. A network is a list of layers of torch.nn (class and arguments) and a dictionary of weights and buffers.


def measured(student, layers, weights, batches, frozen=()):
    return student.evaluate(network(layers, weights, frozen), batches)


def measured_inside(student, layers, weights, batches, awake):
    """A model whose layers are those of a model within it; `awake` modules are in train mode, and no others."""
    model = torch.nn.Sequential(network(layers, weights, ()))
    for name, module in model.named_modules():
        module.training = name in awake
    return {"bce and mse": student.evaluate(model, batches), "in train mode afterwards": in_train_mode(model)}


def left_behind(student, layers, weights, batches, frozen=()):
    """What an evaluation looks like from inside the model, and what is left of it afterwards."""
    model, seen = network(layers, weights, frozen), []
    model[0].requires_grad_(False)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)

    def watch(module, given, result):
        seen.append((module.training, torch.is_grad_enabled()))

    for module in model:
        module.register_forward_hook(watch)
    torch.manual_seed(5)
    student.evaluate(model, batches)
    return {
        "passes in train mode": sum(training for training, _ in seen),
        "passes with gradients recorded": sum(recorded for _, recorded in seen),
        "passes": len(seen) // len(model),
        "in train mode afterwards": in_train_mode(model),
        "gradients are recorded again": torch.is_grad_enabled(),
        "parameters that learn": [name for name, p in model.named_parameters() if p.requires_grad],
        "gradients": {name: p.grad for name, p in model.named_parameters()},
        "weights and buffers": {name: value.clone() for name, value in model.state_dict().items()},
        "next random number": torch.rand(()).item(),
    }


def after_an_error(student, layers, weights, batches, frozen=(), own=False):
    """own: the model raises an error of its own, where else a layer gets an input that doesn't fit."""
    model = network(layers, weights, frozen)

    def refuse(module, given):
        raise ArithmeticError("the model gives up")

    if own:
        model[-1].register_forward_pre_hook(refuse)
    try:
        student.evaluate(model, batches)
    except NotImplementedError:
        raise
    except (RuntimeError, ArithmeticError):
        return {"in train mode afterwards": in_train_mode(model), "gradients are recorded": torch.is_grad_enabled()}
    return "no error came out"


def trained(
    student,
    layers,
    weights,
    optimizer,
    settings,
    train_batches,
    val_batches,
    epochs,
    frozen=(),
    awake=(),
    carried=False,
):
    """The history of a run and all that it leaves behind. carried: parameters come in with a gradient."""
    model = network(layers, weights, frozen)
    for name in awake:
        model.get_submodule(name).train()
    made = getattr(torch.optim, optimizer)(model.parameters(), **settings)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter) if carried else None
    torch.manual_seed(11)
    history = student.train_with_monitor(model, made, train_batches, val_batches, epochs)
    return {
        "history": history,
        "weights and buffers": {name: value.clone() for name, value in model.state_dict().items()},
        "state of the optimiser": {
            f"{slot} of parameter {number}": value.clone()
            for number, state in made.state_dict()["state"].items()
            for slot, value in state.items()
            if isinstance(value, torch.Tensor)
        },
        "in train mode afterwards": in_train_mode(model),
        "next random number": torch.rand(()).item(),
    }


def network(layers, weights, frozen):
    """The layers in a row, with these weights; `frozen` modules are in eval mode."""
    model = torch.nn.Sequential(*[getattr(torch.nn, kind)(*arguments) for kind, *arguments in layers])
    for value in weights.values():
        model.to(value.dtype)
    model.load_state_dict(weights, strict=False)
    for name in frozen:
        model.get_submodule(name).eval()
    return model


def in_train_mode(model):
    return [name or "the model" for name, module in model.named_modules() if module.training]


# Cases


def randn(rng, *shape, scale=1.0):
    return torch.from_numpy(scale * rng.standard_normal(shape))


def batches_of(rng, sizes, k=2, d=3, soft=False):
    """Batches of these sizes, with labels of 0 and 1 or anything between."""
    return [
        (randn(rng, n, d), torch.from_numpy(rng.random((n, k)) if soft else rng.integers(0, 2, (n, k)) * 1.0))
        for n in sizes
    ]


LINEAR = [["Linear", 3, 2]]
DROPPING = [["Linear", 3, 6], ["Tanh"], ["Dropout", 0.4], ["Linear", 6, 2]]
NORMED = [["Linear", 3, 6, False], ["BatchNorm1d", 6], ["Tanh"], ["Dropout", 0.3], ["Linear", 6, 2]]
IDENTITY = [["Identity"]]


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


def single(batches):
    return [(x.float(), y.float()) for x, y in batches]


def tensor(rows):
    return torch.tensor(rows, dtype=torch.float64)


def evaluation_cases(rng):
    def case(name, layers, batches, weights=None, tolerance=None, driver=None, **more):
        weights = weights_for(rng, layers) if weights is None else weights
        inputs = {"layers": layers, "weights": weights, "batches": batches, **more}
        return Case(f"evaluate: {name}", inputs, driver=driver, tolerance=tolerance)

    def given(name, logits, y):
        return case(name, IDENTITY, [(tensor(logits), tensor(y))])

    eight_and_one = batches_of(rng, [8, 1])
    normed, normed_weights = batches_of(rng, [5, 3, 4]), weights_for(rng, NORMED)
    yield given("a logit of 0 and the answer 1", [[0.0]], [[1.0]])
    yield given("probability 0.8 and the answer 1", [[math.log(4)]], [[1.0]])
    yield given("probability 0.8 and the answer 0", [[math.log(4)]], [[0.0]])
    yield given("two questions", [[1.0, -2.0]], [[1.0, 1.0]])
    yield case("one batch", LINEAR, batches_of(rng, [6]))
    yield case("batches of eight and one", LINEAR, eight_and_one)
    yield case("four uneven batches", LINEAR, batches_of(rng, [1, 5, 2, 3]))
    yield case("answers between 0 and 1", LINEAR, batches_of(rng, [4, 2], soft=True))
    yield case("one question", [["Linear", 3, 1]], batches_of(rng, [3, 2], k=1))
    yield case("ten questions", [["Linear", 3, 10]], batches_of(rng, [3, 2], k=10))
    yield given("certain and right", [[1000.0, -1000.0]], [[1.0, 0.0]])
    yield given("certain and wrong", [[1000.0, -1000.0, 300.0]], [[0.0, 1.0, 0.0]])
    yield case("a model with dropout", DROPPING, batches_of(rng, [4, 3]))
    yield case("a model with batch normalisation", NORMED, normed, normed_weights)
    yield case("a single sample and batch normalisation", NORMED, batches_of(rng, [1]))
    yield case("the model is in eval mode and stays there", DROPPING, normed, driver=measured_inside, awake=[])
    nearly_all = ["", "0", "0.0", "0.2", "0.3", "0.4"]
    yield case("a frozen module two levels down", NORMED, normed, driver=measured_inside, awake=nearly_all)
    yield case("only a layer inside is in train mode", NORMED, normed, driver=measured_inside, awake=["0.3"])
    yield case("no batch", LINEAR, [])
    yield case("float32", LINEAR, single(eight_and_one), single_weights(rng), SINGLE)
    yield case("rows of a larger table", LINEAR, [(x[::2], y[::2]) for x, y in batches_of(rng, [8, 3])])
    yield case("nothing is left behind", NORMED, normed, driver=left_behind)
    yield case("a frozen module stays frozen", NORMED, normed, driver=left_behind, frozen=["1"])
    yield case("modes come back after an error", NORMED, batches_of(rng, [2], d=7), driver=after_an_error, frozen=["1"])
    own_error = {"driver": after_an_error, "frozen": ["1"], "own": True}
    yield case("modes come back after any error", NORMED, normed, **own_error)
    yield case("batch normalisation, again", NORMED, normed, normed_weights)


def single_weights(rng):
    return {name: value.float() for name, value in weights_for(rng, LINEAR).items()}


MOMENTUM = {"lr": 0.2, "momentum": 0.8}


def training_cases(rng):
    def case(name, layers, train, val, epochs=3, optimizer="SGD", settings=MOMENTUM, tolerance=None, **more):
        weights = more.pop("weights", None) or weights_for(rng, layers)
        inputs = {"layers": layers, "weights": weights, "optimizer": optimizer, "settings": settings}
        batches = {"train_batches": train, "val_batches": val, "epochs": epochs}
        return Case(f"train: {name}", {**inputs, **batches, **more}, tolerance=tolerance)

    train, val, uneven = batches_of(rng, [4, 4]), batches_of(rng, [5, 2]), batches_of(rng, [8, 1, 3])
    shared = weights_for(rng, NORMED)
    plain = {"lr": 0.5}
    yield case("one batch, one epoch", LINEAR, train[:1], val[:1], 1, settings=plain)
    yield case("three steps with one batch", LINEAR, train[:1], val[:1], 3, settings=plain)
    yield case("two batches, two epochs", LINEAR, train, val, 2, settings=plain)
    yield case("uneven batches", LINEAR, uneven, val)
    yield case("dropout", DROPPING, uneven, val)
    yield case("dropout and batch normalisation", NORMED, train, val, weights=shared)
    yield case("the same without validation", NORMED, train, [], weights=shared)
    yield case("a single validation sample", NORMED, train, val[1:] + batches_of(rng, [1]))
    yield case("batch normalisation in eval mode", NORMED, train, val, frozen=["1"])
    yield case("dropout in eval mode", DROPPING, train, val, frozen=["2"])
    yield case("only dropout is in train mode", DROPPING, train, val, frozen=[""], awake=["2"])
    yield case("Adam", DROPPING, uneven, val, 4, "Adam", {"lr": 0.05})
    yield case("weight decay", LINEAR, uneven, val, 2, "AdamW", {"lr": 0.05, "weight_decay": 0.3})
    yield case("parameters come in with gradients", DROPPING, train, val, 2, carried=True)
    yield case("answers between 0 and 1", LINEAR, batches_of(rng, [4, 2], soft=True), batches_of(rng, [3], soft=True))
    yield case("one question", [["Linear", 3, 1]], batches_of(rng, [3, 2], k=1), batches_of(rng, [3, 1], k=1))
    yield case("certain and wrong", [*IDENTITY, ["Linear", 2, 2]], *certain(), 2, weights=eye(300.0), settings=plain)
    yield case("no training batches", NORMED, [], val, 2)
    yield case("no batches at all", LINEAR, [], [], 2)
    yield case("no epochs", LINEAR, train, val, 0)
    in_float32 = {"weights": single_weights(rng), "tolerance": SINGLE}
    yield case("float32", LINEAR, single(uneven), single(val), 2, **in_float32)
    yield case("dropout and batch normalisation, again", NORMED, train, val, weights=shared)


def certain():
    return [(tensor([[1.0, -1.0]]), tensor([[0.0, 0.0]]))], [(tensor([[2.0, -1.0]]), tensor([[0.0, 1.0]]))]


def eye(size):
    return {"1.weight": size * torch.eye(2, dtype=torch.float64), "1.bias": torch.zeros(2, dtype=torch.float64)}


def decomposition_cases(rng):
    def case(name, probs, y, n_bins=None, tolerance=None):
        inputs = {"probs": probs, "y": y} | ({} if n_bins is None else {"n_bins": n_bins})
        return Case(f"brier: {name}", inputs, tolerance=tolerance)

    probs, y = believable(rng, 60, 10)
    yield case("one sample", tensor([0.75]), tensor([1.0]))
    yield case("a forecast for everybody", tensor([0.25] * 4), tensor([1.0, 0.0, 0.0, 0.0]))
    yield case("two bins that keep their promises", tensor([0.25] * 4 + [0.75] * 4), tensor([1.0, 0, 0, 0, 1, 1, 1, 0]))
    yield case("two bins of different size", tensor([0.25] * 4 + [0.85] * 2), tensor([1.0, 1, 0, 0, 1, 1]))
    yield case("two probabilities in one bin", tensor([0.22, 0.28]), tensor([0.0, 1.0]))
    yield case("sixty samples", probs, y)
    yield case("promises that are not kept", probs, 1 - y)
    yield case("one bin", probs, y, 1)
    yield case("four bins", *believable(rng, 30, 4), 4)
    yield case("a hundred bins", *believable(rng, 30, 100), 100)
    yield case("all answers are 1", probs, torch.ones_like(y))
    yield case("certain and right", tensor([0.0, 1.0, 1.0]), tensor([0.0, 1.0, 1.0]))
    yield case("certain and wrong", tensor([0.0, 1.0, 1.0]), tensor([1.0, 0.0, 0.0]))
    yield case("only the outer bins", tensor([0.0, 0.04, 0.97, 1.0]), tensor([0.0, 1.0, 1.0, 1.0]))
    yield case("no sample", tensor([]), tensor([]))
    yield case("float32", probs.float(), y.float(), tolerance=SINGLE)
    yield case("every second sample", *believable(rng, 40, 10, step=2))
    yield case("sixty samples again", probs, y)


def believable(rng, n, n_bins, step=1):
    """Probabilities away from the edges of bins, and answers drawn from them."""
    probs = (rng.integers(0, n_bins, n) + rng.uniform(0.05, 0.95, n)) / n_bins
    drawn = (rng.random(n) < probs) * 1.0
    return torch.from_numpy(probs)[::step], torch.from_numpy(drawn)[::step]


PARTS = (
    Part(
        "evaluate",
        evaluation_cases,
        (
            "Three things are to be switched for an evaluation, and back: modes, gradients and nothing else.",
            "Collect per batch: how many samples, mean BCE, mean MSE. Combine them at the end with weights.",
            "Each module has its own `training` flag: note all of them before model.eval(), and put them back in a "
            "`finally`. The MSE wants torch.sigmoid of the logits, the BCE wants the logits themselves.",
        ),
        driver=measured,
        returns=("bce", "mse"),
    ),
    Part(
        "train_with_monitor",
        training_cases,
        (
            "Write the training loop without any monitor first. What is known anyway while it runs?",
            "The logits of the forward pass serve the loss, the BCE and the MSE. Keep numbers and the size of the "
            "batch; average at the end of the epoch.",
            "zero_grad comes first in every step. Don't touch model.train(): `evaluate` restores the modes. Its two "
            "numbers complete the epoch.",
        ),
        driver=trained,
        tolerance=T64L,
    ),
    Part(
        "brier_decomposition",
        decomposition_cases,
        (
            "Each bin makes one promise (its mean probability) and keeps one (its share of ones).",
            "Multiply by n_bins and cut off: that is the bin. Count, sum probabilities, sum answers per bin.",
            "Mind the probability 1, which would land in one bin too many, and empty bins, which would divide by 0. "
            "Every squared difference counts as often as its bin has samples.",
        ),
    ),
)

BOTH = ("evaluate", "train_with_monitor")

MISCONCEPTIONS = (
    Misconception(
        "mse_on_logits",
        BOTH,
        "Your MSE compares the raw scores with the answers.",
        "How large can the squared distance between a probability and an answer get? And yours?",
        edits=(("functional.mse_loss(logits.sigmoid(), y)", "functional.mse_loss(logits, y)"),),
    ),
    Misconception(
        "sigmoid_twice",
        BOTH,
        "Your BCE takes probabilities for logits, so the sigmoid is applied twice.",
        "What is your loss for an answer that is certain and right?",
        edits=(
            (
                "bce = functional.binary_cross_entropy_with_logits(logits, y)",
                "bce = functional.binary_cross_entropy_with_logits(logits.sigmoid(), y)",
            ),
            (
                "functional.binary_cross_entropy_with_logits(logits, y).backward()",
                "functional.binary_cross_entropy_with_logits(logits.sigmoid(), y).backward()",
            ),
        ),
    ),
    Misconception(
        "mean_of_batches",
        BOTH,
        "Your mean gives every batch the same weight, however few samples it has.",
        "With batches of eight and one: how much does the single sample count?",
        edits=(
            ("    samples = sum(n for n, _, _ in measured)\n", ""),
            (
                "sum(n * bce for n, bce, _ in measured) / samples, sum(n * mse for n, _, mse in measured) / samples",
                "sum(b for _, b, _ in measured) / len(measured), sum(m for _, _, m in measured) / len(measured)",
            ),
        ),
    ),
    Misconception(
        "val_in_train_mode",
        BOTH,
        "Your validation runs in train mode.",
        "What do dropout and batch normalisation do with your validation data, and what do the latter's buffers keep?",
        edits=(("    model.eval()\n", ""),),
    ),
    Misconception(
        "never_back_to_train",
        BOTH,
        "Your model stays in eval mode after it has been validated.",
        "Print model.training at the beginning of the second epoch.",
        edits=(("            module.training = mode", "            pass"),),
    ),
    Misconception(
        "everything_back_to_train",
        BOTH,
        "Your model is in train mode as a whole after it has been validated, frozen parts included.",
        "Which modules were in eval mode before, and on whose wish?",
        edits=(("            module.training = mode", "            module.training = True"),),
    ),
    Misconception(
        "mode_of_the_model_for_all",
        "evaluate",
        "Your modules all get the mode that the model as a whole was in.",
        "Can a module inside be in another mode than the model around it?",
        edits=(("module.training = mode", "module.training = modes[0][1]"),),
    ),
    Misconception(
        "forced_train_mode",
        "train_with_monitor",
        "Your loop calls model.train(), which thaws what the caller has frozen.",
        "What does model.train() do to a batch normalisation inside that was put into eval mode?",
        edits=(("        measured = []\n", "        measured = []\n        model.train()\n"),),
    ),
    Misconception(
        "mse_backprop",
        "train_with_monitor",
        "Your gradient is that of BCE and MSE together.",
        "The MSE is there to be looked at. What would the weights be if nobody looked?",
        edits=(
            (
                "functional.binary_cross_entropy_with_logits(logits, y).backward()",
                "(functional.binary_cross_entropy_with_logits(logits, y) + functional.mse_loss(logits.sigmoid(), y))"
                ".backward()",
            ),
        ),
    ),
    Misconception(
        "trains_on_mse",
        "train_with_monitor",
        "Your network is trained with the MSE.",
        "Which of the two numbers gives a useful gradient when an answer is certain and wrong?",
        edits=(
            (
                "functional.binary_cross_entropy_with_logits(logits, y).backward()",
                "functional.mse_loss(logits.sigmoid(), y).backward()",
            ),
        ),
    ),
    Misconception(
        "graph_kept",
        BOTH,
        "Your numbers are tensors.",
        "What else is kept in memory as long as somebody holds on to a loss?",
        edits=(
            (
                "bce.item(), functional.mse_loss(logits.sigmoid(), y).item()",
                "bce, functional.mse_loss(logits.sigmoid(), y)",
            ),
        ),
    ),
    Misconception(
        "monitor_uses_rng",
        BOTH,
        "Your validation draws random numbers, which the training that follows will miss.",
        "Does the order of validation batches matter? And what do the dropout masks of the next epoch depend on?",
        edits=(
            (
                "for x, y in batches])",
                "for x, y in [batches[i] for i in torch.randperm(len(batches)).tolist()]])",
            ),
        ),
    ),
    Misconception(
        "clipped_logarithm",
        BOTH,
        "Your BCE is computed from probabilities, whose logarithm PyTorch cuts off at -100.",
        "What is the loss of a logit of 1000 when the answer is 0?",
        edits=(
            (
                "bce = functional.binary_cross_entropy_with_logits(logits, y)",
                "bce = functional.binary_cross_entropy(logits.sigmoid(), y)",
            ),
        ),
    ),
    Misconception(
        "sum_over_questions",
        BOTH,
        "Your numbers are sums over the questions, averaged over samples only.",
        "With ten questions instead of one, should a model that knows nothing have ten times the loss?",
        edits=(
            (
                "return len(y), bce.item(), functional",
                "k = y.shape[1]\n    return len(y), k * bce.item(), k * functional",
            ),
        ),
    ),
    Misconception(
        "no_zero_grad",
        "train_with_monitor",
        "Your gradients pile up from step to step.",
        "Train twice on the same batch: is the second gradient about as large as the first?",
        edits=(("            optimizer.zero_grad()\n", ""),),
    ),
    Misconception(
        "measured_after_the_step",
        "train_with_monitor",
        "Your training numbers come from a second pass, made after the step.",
        "How often does each batch pass through your model, and what do dropout and running averages make of that?",
        edits=(("measured.append(_measure(logits, y))", "measured.append(_measure(model(x), y))"),),
    ),
    Misconception(
        "bin_centres",
        "brier_decomposition",
        "Your bins promise their centre, whatever probabilities they hold.",
        "All forecasts are 0.25 and a quarter of the answers are 1. How reliable is that?",
        edits=(
            ("_, bins, count =", "filled, bins, count ="),
            ("torch.bincount(bins, weights=probs) / count", "(filled + 0.5) / n_bins"),
        ),
    ),
    Misconception(
        "bins_of_equal_weight",
        "brier_decomposition",
        "Your bins all have the same weight.",
        "One sample sits alone in its bin. How much may it say about all of them?",
        edits=(("count.double() / len(y)", "torch.full_like(kept, 1 / len(kept))"),),
    ),
    Misconception(
        "resolution_from_half",
        "brier_decomposition",
        "Your resolution measures distances from 0.5.",
        "If every patient is ill, does a bin with a share of 1 tell cases apart?",
        edits=(("(kept - share)", "(kept - 0.5)"),),
    ),
    Misconception(
        "spread_of_promises",
        "brier_decomposition",
        "Your resolution looks at how far the promises are apart, not at what came of them.",
        "Somebody draws forecasts at random. How well do these tell cases apart?",
        edits=(("(kept - share)", "(promised - share)"),),
    ),
    Misconception(
        "uncertainty_of_promises",
        "brier_decomposition",
        "Your uncertainty depends on the model.",
        "Which of the three numbers should be the same for all models on the same data?",
        edits=(("(share * (1 - share)).item()", "(probs.mean() * (1 - probs.mean())).item()"),),
    ),
    Misconception(
        "bins_by_rounding",
        "brier_decomposition",
        "Your bins are centred on multiples of their width.",
        "In which of two bins does 0.7 belong? And in which is it with you?",
        edits=(("(probs * n_bins).long().clamp(max=n_bins - 1)", "(probs * n_bins).round().long()"),),
    ),
)

exercise = Exercise(parts=PARTS, misconceptions=MISCONCEPTIONS)
