"""Cases, misconceptions and hints for 16-3."""

import torch

from grader.spec import Case, Exercise, Misconception, Part, Tolerance, t32

CHANGE = Tolerance(1e-6, 1e-9, scaled=False)

# Drivers. Networks are filled with numbers from a seed, in the order of their parameters, and run in float64.


def generator_output(student, latent_dim, ngf, channels, samples, seed, modes):
    gen = filled(student.build_generator(latent_dim, ngf, channels), seed)
    return outputs(gen, modes, (samples, latent_dim, 1, 1), seed)


def discriminator_output(student, ndf, channels, samples, seed, modes):
    disc = filled(student.build_discriminator(ndf, channels), seed)
    return outputs(disc, modes, (samples, channels, 64, 64), seed)


def generator_layers(student, **sizes):
    return {"layers with parameters": described(student.build_generator(**sizes))}


def discriminator_layers(student, **sizes):
    return {"layers with parameters": described(student.build_discriminator(**sizes))}


def generator_facts(student, **sizes):
    gen = student.build_generator(**sizes)
    return facts(gen, torch.zeros(2, sizes.get("latent_dim", 100), 1, 1))


def discriminator_facts(student, **sizes):
    return facts(student.build_discriminator(**sizes), torch.zeros(2, sizes.get("channels", 3), 64, 64))


def facts(network, batch):
    """Dtype and shape of the output, modes, and whether everything can learn."""
    result = network(batch)
    return {
        "output shape": list(result.shape),
        "output dtype": str(result.dtype),
        "in training mode": all(module.training for module in network.modules()),
        "parameters that don't learn": sum(not p.requires_grad for p in network.parameters()),
    }


def outputs(network, modes, shape, seed):
    """Outputs for one batch after another, each in its mode."""
    source = torch.Generator().manual_seed(seed + 1)
    results = {}
    with torch.no_grad():
        for number, mode in enumerate(modes, 1):
            network.train(mode == "train")
            batch = torch.randn(shape, generator=source, dtype=torch.float64)
            results[f"output {number}, {mode}"] = sampled(network(batch))
    return results


def sampled(result):
    """Of images every seventh row and every fifth column; that meets odd and even ones."""
    return result[..., ::7, ::5] if isinstance(result, torch.Tensor) and result.ndim == 4 else result


def filled(network, seed):
    """The network with other parameters: convolutions that keep the size of signals, batch norms that differ."""
    network.double()
    source = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in network.parameters():
            numbers = torch.randn(p.shape, generator=source, dtype=torch.float64)
            fan = max(1, p[0].numel()) if p.ndim > 1 else 1
            p.copy_(numbers / fan**0.5 if p.ndim > 1 else 0.3 * numbers + 0.5)
    return network


def described(network):
    """What matters of each module that has parameters of its own."""
    return [settings(module) for module in network.modules() if list(module.parameters(recurse=False))]


def settings(module):
    if isinstance(module, torch.nn.BatchNorm2d):
        usual = (module.eps, module.momentum, module.affine, module.track_running_stats) == (1e-5, 0.1, True, True)
        return {"kind": "BatchNorm2d", "channels": module.num_features, "default settings": usual}
    for kind in ("ConvTranspose2d", "Conv2d"):
        if isinstance(module, getattr(torch.nn, kind)):
            others = [module.output_padding, module.dilation, module.groups, module.padding_mode]
            return {
                "kind": kind,
                "inputs": module.in_channels,
                "outputs": module.out_channels,
                "kernel": module.kernel_size,
                "stride": module.stride,
                "padding": module.padding,
                "has a bias": module.bias is not None,
                "other settings": others,
            }
    return {"kind": type(module).__name__}


def initialised(student, layers, seed, evaluation=False, bare=False):
    """The whole state after init_dcgan, and what the generators do next. bare: the network is its only layer."""
    model = sequence(layers)
    model = model[0] if bare else model
    with torch.no_grad():
        for p in model.parameters():
            p.fill_(3.0)
        for statistics in model.buffers():
            statistics.fill_(5)
    model.train(not evaluation)
    source, own = torch.Generator().manual_seed(seed), list(model.parameters())
    torch.manual_seed(seed + 1)
    before = torch.get_rng_state()
    answer = student.init_dcgan(model, source)
    return {
        "result": answer,
        "state": dict(model.state_dict()),
        "next draw of generator": torch.rand(1, generator=source),
        "global state stays": torch.equal(before, torch.get_rng_state()),
        "training": model.training,
        "parameters that don't learn": sum(not p.requires_grad for p in model.parameters()),
        "parameters that were replaced": sum(p is not q for p, q in zip(own, model.parameters(), strict=True)),
    }


def initialised_nested(student, seed):
    """Layers inside of layers, registered in an order that isn't alphabetical."""
    inner = sequence([["Conv2d", 2, 2, 1], ["BatchNorm2d", 2]])
    outer = torch.nn.Module()
    outer.later = torch.nn.BatchNorm2d(3)
    outer.inner = inner
    outer.first = torch.nn.ConvTranspose2d(2, 3, 2)
    outer.again = inner
    with torch.no_grad():
        for p in outer.parameters():
            p.fill_(3.0)
    student.init_dcgan(outer, torch.Generator().manual_seed(seed))
    return {name: p.detach().clone() for name, p in outer.named_parameters()}


def sequence(layers):
    """A Sequential from (class of torch.nn, arguments ..., perhaps a dict of keywords)."""
    model = torch.nn.Sequential()
    for kind, *arguments in layers:
        keywords = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
        model.append(getattr(torch.nn, kind)(*arguments, **keywords))
    return model


def virtual_and_random_state(student, x, ref, weight, bias, seed):
    """The result, and whether the global random state of torch stays as it is."""
    torch.manual_seed(seed)
    before = torch.get_rng_state()
    result = student.virtual_batch_norm(x, ref, weight, bias)
    return {"result": result, "global state stays": torch.equal(before, torch.get_rng_state())}


def virtual_transposed(student, x, ref, weight, bias):
    """The same numbers in another memory layout."""
    return student.virtual_batch_norm(x.transpose(0, -1).contiguous().transpose(0, -1), ref.flip(0), weight, bias)


def virtual_gradients(student, x, ref, weight, bias, upstream):
    leaves = [t.clone().requires_grad_() for t in (x, ref, weight, bias)]
    result = student.virtual_batch_norm(*leaves)
    if not isinstance(result, torch.Tensor) or not result.requires_grad or result.shape != upstream.shape:
        return {"result without gradients": result}
    result.backward(upstream)
    return {f"gradient of {name}": t.grad for name, t in zip(("x", "ref", "weight", "bias"), leaves, strict=True)}


def dependence(student, layers, z, other, seed, in_eval_mode=()):
    """batch_dependence of a small network, and whether the network is as it was."""
    model = filled(sequence(layers), seed)
    for index in in_eval_mode:
        model[index].eval()
    for name, buffer in model.named_buffers():
        if name.endswith("running_var"):
            buffer.fill_(0.7)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    modes, described = [module.training for module in model.modules()], str(model)
    torch.manual_seed(seed)
    state = torch.get_rng_state()
    answer = student.batch_dependence(model, z, other)
    changed = [name for name, value in model.state_dict().items() if not torch.equal(before[name], value)]
    pair = isinstance(answer, (tuple, list)) and len(answer) == 2
    return {
        "answer": [plain(number) for number in answer] if pair else answer,
        "changed in the network": changed,
        "modes as before": modes == [module.training for module in model.modules()],
        "settings as before": described == str(model),
        "parameters that don't learn": sum(not p.requires_grad for p in model.parameters()),
        "global state stays": torch.equal(state, torch.get_rng_state()),
    }


def plain(number):
    """A tensor without dimensions counts as a number."""
    return number.item() if isinstance(number, torch.Tensor) and number.ndim == 0 else number


# Cases


def seed_of(rng):
    return int(rng.integers(2**31))


def randn(rng, *shape, scale=1.0, offset=0.0):
    return torch.from_numpy(offset + scale * rng.standard_normal(shape))


def generator_cases(rng):
    def case(name, modes, samples=2, **sizes):
        inputs = {"latent_dim": 5, "ngf": 2, "channels": 3, **sizes, "samples": samples, "modes": modes.split()}
        return Case(f"generator: {name}", {**inputs, "seed": seed_of(rng)}, driver=generator_output)

    small = {"latent_dim": 6, "ngf": 4, "channels": 3}
    yield Case("generator: shapes and modes", small, driver=generator_facts)
    yield Case("generator: layers with parameters", small, driver=generator_layers)
    grey = {"latent_dim": 3, "ngf": 2, "channels": 1}
    yield Case("generator: layers for grey images", grey, driver=generator_layers)
    yield Case("generator: shapes for grey images", grey, driver=generator_facts)
    yield case("evaluation mode", "eval")
    yield case("evaluation mode, a single sample", "eval", samples=1)
    yield case("training mode", "train")
    yield case("two batches of training, then evaluation", "train train eval")
    yield case("grey images", "train eval", latent_dim=4, channels=1)
    yield case("a latent vector of one number, ngf of 1", "train eval", latent_dim=1, ngf=1)
    yield case("ngf of 3, three samples", "train", ngf=3, samples=3)
    yield Case("generator: layers with default sizes", {}, driver=generator_layers)


def discriminator_cases(rng):
    def case(name, modes, samples=2, **sizes):
        inputs = {"ndf": 2, "channels": 3, **sizes, "samples": samples, "modes": modes.split(), "seed": seed_of(rng)}
        return Case(f"discriminator: {name}", inputs, driver=discriminator_output)

    small = {"ndf": 4, "channels": 3}
    yield Case("discriminator: shapes and modes", small, driver=discriminator_facts)
    yield Case("discriminator: layers with parameters", small, driver=discriminator_layers)
    grey = {"ndf": 2, "channels": 1}
    yield Case("discriminator: layers for grey images", grey, driver=discriminator_layers)
    yield Case("discriminator: shapes for grey images", grey, driver=discriminator_facts)
    yield case("evaluation mode", "eval")
    yield case("evaluation mode, a single image", "eval", samples=1)
    yield case("training mode", "train")
    yield case("two batches of training, then evaluation", "train train eval")
    yield case("grey images", "train eval", channels=1)
    yield case("ndf of 1", "train eval", ndf=1)
    yield case("ndf of 3, three images", "train", ndf=3, samples=3)
    yield Case("discriminator: layers with default sizes", {}, driver=discriminator_layers)


def init_cases(rng):
    def case(name, *layers, **options):
        return Case(f"init: {name}", {"layers": layers, "seed": seed_of(rng), **options}, driver=initialised)

    conv, up, norm = ["Conv2d", 2, 3, 2], ["ConvTranspose2d", 3, 2, 2], ["BatchNorm2d", 3]
    plain = {"bias": False}
    yield case("nothing to initialise", ["ReLU"], ["Flatten"])
    yield case("a convolution without bias", [*conv, plain])
    yield case("a transposed convolution without bias", [*up, plain])
    yield case("a batch norm", norm)
    yield case("a convolution with bias", conv)
    yield case("a network that is a convolution itself", conv, bare=True)
    yield case("two convolutions and a batch norm", [*conv, plain], norm, ["ReLU"], [*up, plain])
    yield case("the batch norm first", norm, conv, ["BatchNorm2d", 3])
    yield case("a batch norm without weight and bias", ["BatchNorm2d", 3, {"affine": False}], conv)
    yield case("linear layers and other norms", ["Linear", 3, 2], ["GroupNorm", 1, 2], conv, ["BatchNorm1d", 4])
    yield case("one-dimensional convolutions", ["Conv1d", 2, 2, 1], norm, ["ConvTranspose1d", 2, 2, 1])
    each = ["InstanceNorm2d", 2, {"affine": True}]
    yield case("instance norms and three dimensions", each, conv, ["Conv3d", 2, 2, 1], ["BatchNorm3d", 2])
    yield case("in evaluation mode", conv, norm, evaluation=True)
    yield case("many weights", ["Conv2d", 8, 16, 5], ["BatchNorm2d", 64])
    yield Case("init: layers inside of layers", {"seed": seed_of(rng)}, driver=initialised_nested)


def virtual_cases(rng):
    def case(name, samples, references, channels=3, rest=(), **options):
        return Case(f"virtual: {name}", draw(samples, references, channels, rest), **options)

    def draw(samples, references, channels, rest, scale=1.0):
        """Each reference sample and each sample has its own mean."""
        ones = [1] * len(rest)
        x = scale * (randn(rng, samples, channels, *rest) + 2 * randn(rng, samples, channels, *ones) + 1)
        ref = scale * (randn(rng, references, channels, *rest) + randn(rng, references, channels, *ones) - 1)
        return {"x": x, "ref": ref, "weight": randn(rng, channels), "bias": randn(rng, channels)}

    ones, zeros = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    column = torch.tensor([[1.0], [3.0]], dtype=torch.float64)
    hand = {"weight": ones, "bias": zeros, "eps": 4 / 3}  # not 0, which torch's batch_norm refuses
    yield Case("virtual: by hand: 5 with references 1 and 3", {"x": 5 * ones[None], "ref": column, **hand})
    yield Case("virtual: by hand: 2 with references 1 and 3", {"x": 2 * ones[None], "ref": column, **hand})
    yield case("(N, C)", 4, 5)
    yield case("images", 3, 4, rest=(2, 3))
    yield case("one sample", 1, 4, rest=(2, 2))
    yield case("a single reference sample", 3, 1, rest=(2, 2))
    yield case("a single reference sample, (N, C)", 3, 1)
    yield case("as many samples as channels, rows and columns", 3, 3, rest=(3, 3))
    yield case("more references than samples", 2, 30, channels=2)
    yield case("more samples than references", 9, 2, channels=2, rest=(2, 1))
    yield case("one channel", 4, 3, channels=1, rest=(3, 2))
    yield case("images of one pixel", 4, 3, rest=(1, 1))
    yield case("no samples", 0, 3, rest=(2, 2))
    yield case("no samples, (N, C)", 0, 3)
    inputs = draw(4, 3, 2, (2, 2))
    yield Case("virtual: eps = 2", {**inputs, "eps": 2.0})
    yield Case("virtual: variances around 1e-6", draw(4, 3, 2, (2, 2), scale=1e-3))
    twin = torch.cat([inputs["x"][:1], inputs["x"][:1], inputs["x"][:2]])
    yield Case("virtual: the same sample more than once", {**inputs, "x": twin})
    yield Case("virtual: samples taken from the reference batch", {**inputs, "x": inputs["ref"][:2].clone()})
    alike = {"x": torch.full((2, 1), 3.0, dtype=torch.float64), "ref": torch.full((4, 1), 3.0, dtype=torch.float64)}
    yield Case("virtual: all values alike", {**alike, "weight": ones, "bias": ones})
    single = {name: value.float() for name, value in draw(4, 5, 3, (4, 4)).items()}
    yield Case("virtual: float32 stays float32", single, tolerance=t32(100))
    yield Case("virtual: no random numbers", {**inputs, "seed": seed_of(rng)}, driver=virtual_and_random_state)
    yield Case("virtual: transposed, references in another order", inputs, driver=virtual_transposed)
    upstream = {"upstream": randn(rng, *inputs["x"].shape)}
    yield Case("virtual: gradients", {**inputs, **upstream}, driver=virtual_gradients)
    flat = draw(3, 4, 2, ())
    yield Case("virtual: gradients, (N, C)", {**flat, "upstream": randn(rng, 3, 2)}, driver=virtual_gradients)


def dependence_cases(rng):
    def case(name, layers, shape=(3, 2, 1, 1), same=False, **options):
        z = randn(rng, *shape)
        other = z.clone() if same else randn(rng, *shape)
        inputs = {"layers": layers, "z": z, "other": other, "seed": seed_of(rng), **options}
        return Case(f"dependence: {name}", inputs, driver=dependence, tolerance=CHANGE)

    up, norm, to_pixels = ["ConvTranspose2d", 2, 3, 2], ["BatchNorm2d", 3], ["Conv2d", 3, 2, 1]
    plain = [up, ["Tanh"], to_pixels]
    normed = [up, norm, ["ReLU"], to_pixels, ["Tanh"]]
    fixed = {"track_running_stats": False}
    yield case("no batch norm, no dependence", plain)
    yield case("the same companions", normed, same=True)
    yield case("a batch norm", normed)
    yield case("two samples", normed, shape=(2, 2, 1, 1))
    yield case("nine samples", normed, shape=(9, 2, 1, 1))
    yield case("two batch norms", [["BatchNorm2d", 2], *normed], shape=(3, 2, 2, 2))
    yield case("instance norm", [up, ["InstanceNorm2d", 3], to_pixels])
    running = ["InstanceNorm2d", 2, {"track_running_stats": True}]
    yield case("an instance norm in evaluation mode", [running, *normed], shape=(3, 2, 2, 2), in_eval_mode=(0,))
    yield case("group norm", [up, ["GroupNorm", 1, 3], to_pixels])
    yield case("a batch norm without running statistics", [up, [*norm, fixed], ["ReLU"], to_pixels])
    both = [["BatchNorm2d", 2], ["Tanh"], up, [*norm, fixed], ["ReLU"], to_pixels]
    yield case("one batch norm with running statistics and one without", both, shape=(3, 2, 2, 2))
    yield case("a network in evaluation mode", normed, in_eval_mode=(0, 1, 2, 3, 4))
    yield case(
        "a batch norm in evaluation mode", [["BatchNorm2d", 2], *normed], shape=(3, 2, 2, 2), in_eval_mode=(0, 3)
    )
    yield case(
        "latent vectors without positions", [["Linear", 2, 4], ["BatchNorm1d", 4], ["Linear", 4, 3]], shape=(5, 2)
    )
    yield case("a large output", [up, norm, ["Conv2d", 3, 9, 1]], shape=(4, 2, 3, 3))


UP_LAYERS = """            torch.nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False),
            torch.nn.BatchNorm2d(outputs),
            torch.nn.ReLU(),
"""
TO_PIXELS = "return torch.nn.Sequential(*layers, to_pixels, torch.nn.Tanh())"
HEAD = "torch.nn.Conv2d(8 * ndf, 1, 4, 1, 0, bias=False), torch.nn.Flatten())"
NORM_IN_D = "norm = [torch.nn.BatchNorm2d(outputs)] if layers else []"
NORMAL = "torch.nn.init.normal_(layer.weight, mean, 0.02, generator=generator)"
SHARE = "1 / (len(ref) + 1)"
REF = "ref_var, ref_mean = torch.var_mean(ref.transpose(0, 1).flatten(1), dim=1, correction=0)"
VAR = "var = (1 - share) * (ref_var + (ref_mean - mean) ** 2) + share * (away**2).mean(dim=2)"
MEAN = "mean = (1 - share) * ref_mean + share * samples.mean(dim=2)"
CHANGE_OF_FIRST = "return (gen(z)[0] - gen(mixed)[0]).abs().max().item()"
COPY = "training, evaluation = copy.deepcopy(gen).train(), copy.deepcopy(gen).eval()"
BOTH = "return _change(training, z, mixed), _change(evaluation, z, mixed)"

exercise = Exercise(
    parts=(
        Part(
            "build_generator",
            generator_cases,
            hints=(
                "Write down the sizes of the maps: 1, 4, 8, 16, 32, 64. Each arrow is one transposed convolution.",
                "A convolution, a batch norm and a ReLU, four times, with halving numbers of maps; then the layer that "
                "makes pixels.",
                "Pixels need neither batch norm nor ReLU: their mean and spread belong to the image, and tanh brings "
                "them "
                "into the range of the data. All five convolutions go without bias.",
            ),
        ),
        Part(
            "build_discriminator",
            discriminator_cases,
            hints=(
                "The maps shrink as they grew: 64, 32, 16, 8, 4, 1.",
                "Two of the five convolutions have no batch norm behind them: the one that sees the image, and the "
                "one that "
                "gives the verdict.",
                "The last convolution leaves (N, 1, 1, 1): flatten it, and let the loss apply the sigmoid.",
            ),
        ),
        Part(
            "init_dcgan",
            init_cases,
            hints=(
                "Go through module.modules() and ask each module what it is.",
                "Convolutions of both kinds are drawn around 0, batch norms around 1, each with one draw.",
                "torch.nn.init.normal_ takes mean, standard deviation and generator. Look out for weights and biases "
                "that "
                "are None.",
            ),
        ),
        Part(
            "virtual_batch_norm",
            virtual_cases,
            hints=(
                "For each sample, imagine a batch that consists of the reference batch and this sample alone.",
                "The mean of that batch is a weighted mean of two means. Its variance has two sources: the spread "
                "within, "
                "and the distance between the two means.",
                "The reference batch counts R times, the sample once; positions don't matter, as both have the same "
                "number. "
                "For the variance, average squared distances from the common mean.",
            ),
        ),
        Part(
            "batch_dependence",
            dependence_cases,
            hints=(
                "Run the network twice, on batches that have only their first sample in common.",
                "A forward pass in training mode moves the running statistics, and switching modes changes the "
                "network, "
                "too: work on a copy, or put everything back.",
                "Concatenate z[:1] and other[1:], compare the first outputs in both modes, and take the largest "
                "absolute "
                "difference as a Python number.",
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "bn_on_output",
            "build_generator",
            "Your generator normalises the pixels it puts out.",
            "Which mean and spread should the pixels of a dark image have, and of a bright one?",
            edits=(
                (
                    TO_PIXELS,
                    "return torch.nn.Sequential(*layers, to_pixels, torch.nn.BatchNorm2d(channels), torch.nn.Tanh())",
                ),
            ),
        ),
        Misconception(
            "bn_after_relu",
            "build_generator",
            "Your generator normalises behind the ReLU instead of in front of it.",
            "Where would negative values that batch norm produces be cut off?",
            edits=(
                (
                    UP_LAYERS,
                    """            torch.nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False),
            torch.nn.ReLU(),
            torch.nn.BatchNorm2d(outputs),
""",
                ),
            ),
        ),
        Misconception(
            "no_bn_in_generator",
            "build_generator",
            "Your generator has no batch norm at all.",
            "The rule has exceptions: does it say that a generator must not be normalised, or where?",
            edits=(("            torch.nn.BatchNorm2d(outputs),\n", ""),),
        ),
        Misconception(
            "no_tanh",
            "build_generator",
            "Your generator puts out pixels without a bound.",
            "Real images are scaled to a range: which one, and how does the generator stay within it?",
            edits=((TO_PIXELS, "return torch.nn.Sequential(*layers, to_pixels)"),),
        ),
        Misconception(
            "sigmoid_pixels",
            "build_generator",
            "Your generator's pixels lie between 0 and 1.",
            "In which range do the pixels have to lie, and which function has it?",
            edits=((TO_PIXELS, "return torch.nn.Sequential(*layers, to_pixels, torch.nn.Sigmoid())"),),
        ),
        Misconception(
            "leaky_generator",
            "build_generator",
            "Your generator uses LeakyReLU, which belongs in the discriminator.",
            "What follows the batch norms in each of the two networks?",
            edits=(("            torch.nn.ReLU(),\n", "            torch.nn.LeakyReLU(0.2),\n"),),
        ),
        Misconception(
            "conv_bias_kept",
            ("build_generator", "build_discriminator"),
            "Your convolutions keep their biases.",
            "What does batch norm do to a constant that was added just before it?",
            edits=(
                ("4, stride, padding, bias=False", "4, stride, padding"),
                ("channels, 4, 2, 1, bias=False", "channels, 4, 2, 1"),
                ("inputs, outputs, 4, 2, 1, bias=False", "inputs, outputs, 4, 2, 1"),
                ("4, 1, 0, bias=False", "4, 1, 0"),
            ),
        ),
        Misconception(
            "bn_on_d_input",
            "build_discriminator",
            "Your discriminator normalises behind its first convolution, too.",
            "A batch of real images and a batch of generated ones differ in brightness: what is left of that "
            "afterwards?",
            edits=((NORM_IN_D, "norm = [torch.nn.BatchNorm2d(outputs)]"),),
        ),
        Misconception(
            "bn_on_d_output",
            "build_discriminator",
            "Your discriminator normalises its verdicts over the batch.",
            "If all images of a batch are real, what mean should the logits have?",
            edits=(
                (
                    HEAD,
                    "torch.nn.Conv2d(8 * ndf, 1, 4, 1, 0, bias=False), torch.nn.BatchNorm2d(1), torch.nn.Flatten())",
                ),
            ),
        ),
        Misconception(
            "no_bn_in_discriminator",
            "build_discriminator",
            "Your discriminator has no batch norm at all.",
            "Which of its layers are exceptions, and which aren't?",
            edits=((NORM_IN_D, "norm = []"),),
        ),
        Misconception(
            "sigmoid_head",
            "build_discriminator",
            "Your discriminator returns probabilities instead of logits.",
            "Which loss is going to follow, and does it contain a sigmoid already?",
            edits=(
                (HEAD, "torch.nn.Conv2d(8 * ndf, 1, 4, 1, 0, bias=False), torch.nn.Flatten(), torch.nn.Sigmoid())"),
            ),
        ),
        Misconception(
            "unflattened_head",
            "build_discriminator",
            "Your discriminator returns maps of one pixel, (N, 1, 1, 1), instead of (N, 1).",
            "Which shape will the labels have?",
            edits=((HEAD, "torch.nn.Conv2d(8 * ndf, 1, 4, 1, 0, bias=False))"),),
        ),
        Misconception(
            "default_slope",
            "build_discriminator",
            "Your LeakyReLU has PyTorch's default slope of 0.01.",
            "How much of a negative value should pass?",
            edits=(("torch.nn.LeakyReLU(0.2)", "torch.nn.LeakyReLU()"),),
        ),
        Misconception(
            "relu_discriminator",
            "build_discriminator",
            "Your discriminator uses ReLU, which lets no gradient pass for negative values.",
            "The generator learns only from what passes through the discriminator: what do closed units pass on?",
            edits=(("torch.nn.LeakyReLU(0.2)", "torch.nn.ReLU()"),),
        ),
        Misconception(
            "bn_weight_zero_mean",
            "init_dcgan",
            "Your batch norm weights are drawn around 0, so nearly nothing passes at first.",
            "A layer multiplies by its batch norm weight: how large is the signal after four of them?",
            edits=(("mean = 0.0 if isinstance(layer, convolutions) else 1.0", "mean = 0.0"),),
        ),
        Misconception(
            "bn_weight_untouched",
            "init_dcgan",
            "Your batch norms keep the weight they had.",
            "Which layers besides convolutions does the task name?",
            edits=((NORMAL, "if isinstance(layer, convolutions):\n                    " + NORMAL),),
        ),
        Misconception(
            "transposed_missed",
            "init_dcgan",
            "Your initialisation leaves transposed convolutions as they are.",
            "Is a ConvTranspose2d an instance of Conv2d?",
            edits=(
                ("convolutions = (torch.nn.Conv2d, torch.nn.ConvTranspose2d)", "convolutions = (torch.nn.Conv2d,)"),
            ),
        ),
        Misconception(
            "variance_for_std",
            "init_dcgan",
            "Your weights are drawn with a variance of 0.02.",
            "What is the second number that normal_ takes?",
            edits=(("mean, 0.02, generator", "mean, 0.02**0.5, generator"),),
        ),
        Misconception(
            "global_draws",
            "init_dcgan",
            "Your weights come from the global random state of torch instead of the generator.",
            "Two people start with the same generator: do they get the same network?",
            edits=((NORMAL, "torch.nn.init.normal_(layer.weight, mean, 0.02)"),),
        ),
        Misconception(
            "biases_kept",
            "init_dcgan",
            "Your initialisation leaves biases as they are.",
            "Where should an initialised layer be when its input is 0?",
            edits=(("torch.nn.init.zeros_(layer.bias)", "pass"),),
        ),
        Misconception(
            "vbn_plain_batch",
            "virtual_batch_norm",
            "Your code normalises with the statistics of the current batch, as plain batch norm does.",
            "Replace the other samples of x: should the result for the first one change?",
            edits=(
                (MEAN, "mean = samples.mean(dim=(0, 2)).expand(shape[:2])"),
                (VAR, "var = (away**2).mean(dim=(0, 2)).expand(shape[:2])"),
            ),
        ),
        Misconception(
            "vbn_ref_only",
            "virtual_batch_norm",
            "Your statistics come from the reference batch alone, without the sample itself.",
            "If the reference batch is a single image, what does the sample contribute?",
            edits=((SHARE, "0.0"),),
        ),
        Misconception(
            "vbn_sample_only",
            "virtual_batch_norm",
            "Your statistics come from each sample alone, as in instance norm.",
            "What is the reference batch for?",
            edits=((SHARE, "1.0"),),
        ),
        Misconception(
            "vbn_half_and_half",
            "virtual_batch_norm",
            "Your sample counts as much as the whole reference batch.",
            "Among R + 1 samples, how much should each one count?",
            edits=((SHARE, "0.5"),),
        ),
        Misconception(
            "vbn_whole_batch",
            "virtual_batch_norm",
            "Your statistics come from the reference batch and all of x together.",
            "Which samples may the result for one sample depend on?",
            edits=(
                (
                    REF,
                    "both = torch.cat([x, ref]).transpose(0, 1).flatten(1)\n    ref_var, ref_mean = "
                    "torch.var_mean(both, dim=1, correction=0)",
                ),
                (SHARE, "0.0"),
            ),
        ),
        Misconception(
            "vbn_within_only",
            "virtual_batch_norm",
            "Your variance averages two variances and leaves out that the two means differ.",
            "Reference values 0 and 0, sample value 3: how large is the variance of the three?",
            edits=(
                (
                    VAR,
                    "own = ((samples - samples.mean(dim=2, keepdim=True)) ** 2).mean(dim=2)\n    var = (1 - share) * "
                    "ref_var + share * own",
                ),
            ),
        ),
        Misconception(
            "vbn_unbiased",
            "virtual_batch_norm",
            "Your variance is the unbiased one.",
            "Which variance does batch norm normalise with, and which one is torch.var's default?",
            edits=((VAR, VAR + "\n    var = var * (1 + 1 / ((len(ref) + 1) * shape[2] - 1))"),),
        ),
        Misconception(
            "vbn_per_position",
            "virtual_batch_norm",
            "Your statistics are taken for each position separately.",
            "How many weights per channel are there, and what does that say about the positions?",
            edits=(
                (REF, "ref_var, ref_mean = torch.var_mean(ref.reshape(len(ref), *shape[1:]), dim=0, correction=0)"),
                (MEAN, "mean = (1 - share) * ref_mean + share * samples"),
                ("away = samples - mean[..., None]", "away = samples - mean"),
                (VAR, "var = (1 - share) * (ref_var + (ref_mean - mean) ** 2) + share * away**2"),
                ("torch.sqrt(var + eps)[..., None]", "torch.sqrt(var + eps)"),
            ),
        ),
        Misconception(
            "vbn_no_gradient",
            "virtual_batch_norm",
            "Your statistics are cut off from the gradient.",
            "The statistics depend on x and on ref: can the layer be trained if nobody tells them?",
            edits=(
                ("away = samples - mean[..., None]", "mean = mean.detach()\n    away = samples - mean[..., None]"),
                (VAR, VAR + "\n    var = var.detach()"),
            ),
        ),
        Misconception(
            "all_samples_compared",
            "batch_dependence",
            "Your change is measured over all samples, also those that were replaced.",
            "Which sample is the same in both batches?",
            edits=((CHANGE_OF_FIRST, "return (gen(z) - gen(mixed)).abs().max().item()"),),
        ),
        Misconception(
            "first_replaced",
            "batch_dependence",
            "Your second batch replaces the first sample as well.",
            "If the sample itself changes, what do you know about its companions?",
            edits=(("mixed = torch.cat([z[:1], other[1:]])", "mixed = other"),),
        ),
        Misconception(
            "mean_change",
            "batch_dependence",
            "Your change is an average over the pixels instead of the largest one.",
            "One pixel changes, thousands don't: which number should come out?",
            edits=((CHANGE_OF_FIRST, "return (gen(z)[0] - gen(mixed)[0]).abs().mean().item()"),),
        ),
        Misconception(
            "modes_exchanged",
            "batch_dependence",
            "Your two numbers are exchanged: evaluation mode comes first.",
            "In which of the two modes should a generator with batch norm depend on its batch?",
            edits=((BOTH, "return _change(evaluation, z, mixed), _change(training, z, mixed)"),),
        ),
        Misconception(
            "network_left_changed",
            "batch_dependence",
            "Your measurement changes the network: its running statistics have moved, and its modes aren't what they "
            "were.",
            "What does a forward pass in training mode leave behind in a batch norm?",
            edits=((COPY, "pass"), (BOTH, "return _change(gen.train(), z, mixed), _change(gen.eval(), z, mixed)")),
        ),
        Misconception(
            "statistics_moved",
            "batch_dependence",
            "Your measurement puts the modes back, but leaves the running statistics moved.",
            "Which tensors of a network change without any optimiser?",
            edits=(
                (COPY, "modes = [(m, m.training) for m in gen.modules()]"),
                (
                    BOTH,
                    "answer = _change(gen.train(), z, mixed), _change(gen.eval(), z, mixed)\n    for m, mode in "
                    "modes:\n        m.training = mode\n    return answer",
                ),
            ),
        ),
        Misconception(
            "mode_as_found",
            "batch_dependence",
            "Your first number is measured in whatever mode the network is.",
            "Somebody hands you a network in evaluation mode: what should the first number say?",
            edits=((COPY, "training, evaluation = copy.deepcopy(gen), copy.deepcopy(gen).eval()"),),
        ),
    ),
)
