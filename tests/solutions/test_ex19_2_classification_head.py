"""Oracles: layers on the meta device, autograd through F.cross_entropy, torch.topk, finite differences, plain loops."""

import itertools
import math

import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")

solution = load("ex19_2_classification_head")

F64 = torch.float64


def generator(seed):
    return torch.Generator().manual_seed(seed)


def close(got, expected, rtol=1e-10):
    torch.testing.assert_close(got, expected, rtol=rtol, atol=1e-12)


# ---- flat_features against real layers


def build(spec, channels):
    layers = []
    for layer in spec:
        options = [layer.get("stride"), layer.get("pad", 0), layer.get("dilation", 1)]
        match layer["type"]:
            case "conv2d":
                layers.append(torch.nn.Conv2d(channels, layer["out"], layer["k"], options[0] or 1, *options[1:]))
                channels = layer["out"]
            case "maxpool2d":
                layers.append(torch.nn.MaxPool2d(layer["k"], *options))
            case "adaptiveavgpool2d":
                layers.append(torch.nn.AdaptiveAvgPool2d(layer["out"]))
            case "flatten":
                layers.append(torch.nn.Flatten())
    return torch.nn.Sequential(*layers)


def random_spec(rng):
    def pick(*choices):
        return choices[int(torch.randint(len(choices), (), generator=rng))]

    spec = []
    for _ in range(pick(1, 2, 3, 4)):
        k = pick(1, 2, 3, 5)
        layer = {"type": pick("conv2d", "conv2d", "maxpool2d"), "k": k}
        if layer["type"] == "conv2d":
            layer["out"] = pick(1, 2, 7)
        options = {"stride": pick(1, 2, 3), "pad": pick(*range(k // 2 + 1)), "dilation": pick(1, 2)}
        spec.append(layer | {key: value for key, value in options.items() if pick(True, False)})
    if pick(True, False, False):
        spec.append({"type": "adaptiveavgpool2d", "out": pick(1, 2, 5)})
    return [*spec, {"type": "flatten"}] if pick(True, False) else spec


@pytest.mark.parametrize("seed", range(150))
def test_flat_features_is_what_the_layers_put_out(seed):
    rng = generator(seed)
    spec = random_spec(rng)
    shape = tuple(torch.randint(1, 30, (3,), generator=rng).tolist())
    with torch.device("meta"):
        model = build(spec, shape[0])
        try:
            expected = model(torch.empty(1, *shape)).numel()
        except RuntimeError:
            with pytest.raises(ValueError, match="does not fit"):
                solution.flat_features(spec, shape)
            return
    assert solution.flat_features(spec, shape) == expected


def test_flat_features_without_layers_and_with_unknown_ones():
    assert solution.flat_features([], (3, 4, 5)) == 60
    with pytest.raises(ValueError, match="gru"):
        solution.flat_features([{"type": "gru"}], (1, 8, 8))


# ---- temperature_scale


@pytest.mark.parametrize("temperature", [0.05, 0.5, 1, 2.5, 40.0])
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (7, 3), (0, 4)])
def test_temperature_scale_from_its_definition(temperature, shape):
    logits = 3 * torch.randn(shape, dtype=F64, generator=generator(0))
    got = solution.temperature_scale(logits, temperature)
    rows = [[math.exp(z / temperature - max(row) / temperature) for z in row] for row in logits.tolist()]
    expected = torch.tensor([[e / sum(row) for e in row] for row in rows], dtype=F64).reshape(shape)
    close(got, expected)
    assert torch.equal(got.argmax(1), logits.argmax(1)) if logits.numel() else True


def test_temperature_must_be_positive():
    for temperature in (0, -1.0, math.nan):
        with pytest.raises(ValueError, match="greater than 0"):
            solution.temperature_scale(torch.zeros(1, 2), temperature)


# ---- topk_accuracy


@pytest.mark.parametrize("seed", range(20))
def test_topk_accuracy_against_torch_topk(seed):
    rng = generator(seed)
    logits = torch.stack([torch.randperm(9, generator=rng) for _ in range(40)]).to(F64)  # no ties
    y = torch.randint(9, (40,), generator=rng)
    ks = (1, 3, 9, 2)
    expected = [(logits.topk(k).indices == y[:, None]).any(1).double().mean().item() for k in ks]
    assert solution.topk_accuracy(logits, y, ks) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_topk_accuracy_with_ties_against_a_stable_sort(seed):
    rng = generator(seed)
    logits = torch.randint(3, (30, 6), generator=rng).to(F64)
    y = torch.randint(6, (30,), generator=rng)
    order = [sorted(range(6), key=lambda c, row=row: -row[c]) for row in logits.tolist()]
    ks = tuple(range(1, 9))
    expected = [sum(label in line[:k] for label, line in zip(y.tolist(), order, strict=True)) / 30 for k in ks]
    assert solution.topk_accuracy(logits, y, ks) == pytest.approx(expected, abs=1e-12)


def test_topk_accuracy_of_nothing():
    found = solution.topk_accuracy(torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64), (1, 2))
    assert len(found) == 2
    assert all(map(math.isnan, found))
    assert solution.topk_accuracy(torch.zeros(2, 3), torch.tensor([0, 1]), ()) == []


# ---- head_gradients


def by_autograd(features, weight, bias, y):
    leaves = [t.detach().clone().requires_grad_() for t in (features, weight, bias)]
    loss = torch.nn.functional.cross_entropy(torch.nn.functional.linear(*leaves), y)
    return loss.item(), *torch.autograd.grad(loss, leaves)


@pytest.mark.parametrize(("n", "d", "k"), [(1, 1, 1), (1, 3, 2), (5, 4, 3), (32, 20, 10), (0, 3, 2)])
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e4])
def test_head_gradients_against_autograd(n, d, k, scale):
    rng = generator(n)
    features = scale * torch.randn(n, d, dtype=F64, generator=rng)
    weight, bias = torch.randn(k, d, dtype=F64, generator=rng), torch.randn(k, dtype=F64, generator=rng)
    y = torch.randint(k, (n,), generator=rng)
    for layout in (lambda t: t, lambda t: t.T.contiguous().T):
        got = solution.head_gradients(layout(features), layout(weight), bias, y)
        for one, other in zip(got, by_autograd(features, weight, bias, y), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12 * max(1.0, scale), equal_nan=True)


def test_head_gradients_against_finite_differences():
    rng = generator(1)
    tensors = [torch.randn(shape, dtype=F64, generator=rng) for shape in [(4, 3), (5, 3), (5,)]]
    y = torch.tensor([0, 4, 4, 2])
    _, *gradients = solution.head_gradients(*tensors, y)
    for tensor, gradient in zip(tensors, gradients, strict=True):
        for index in itertools.product(*map(range, tensor.shape)):
            losses = []
            for step in (1e-5, -1e-5):
                tensor[index] += step
                losses.append(solution.head_gradients(*tensors, y)[0])
                tensor[index] -= step
            assert gradient[index].item() == pytest.approx((losses[0] - losses[1]) / 2e-5, abs=1e-9)


def test_labels_outside_the_head():
    tensors = torch.zeros(2, 3), torch.zeros(4, 3), torch.zeros(4)
    for label in (-1, 4):
        with pytest.raises(IndexError):
            solution.head_gradients(*tensors, torch.tensor([0, label]))


# ---- replace_head


@pytest.mark.parametrize("dtype", [torch.float32, F64])
def test_replace_head_row_by_row(dtype):
    weight = torch.nn.Parameter(torch.randn(4, 21, dtype=dtype, generator=generator(0)))
    bias = torch.nn.Parameter(torch.randn(4, dtype=dtype, generator=generator(1)))
    new_weight, new_bias = solution.replace_head(weight, bias, {5: 0, 1: 3, 2: 3}, 7, generator(2))
    rng = generator(2)
    fresh = {new: torch.empty(21).normal_(0.0, 0.01, generator=rng).to(dtype) for new in (0, 3, 4, 6)}
    old = {5: 0, 1: 3, 2: 3}
    rows = [fresh[new] if new in fresh else weight[old[new]].detach() for new in range(7)]
    biases = [0.0 if new in fresh else bias[old[new]].item() for new in range(7)]
    assert torch.equal(new_weight, torch.stack(rows))
    assert torch.equal(new_bias, torch.tensor(biases, dtype=dtype))
    assert not new_weight.requires_grad
    assert not new_bias.requires_grad
    assert new_weight.is_leaf


def test_replace_head_of_an_unseen_task_looks_normal():
    new_weight, new_bias = solution.replace_head(torch.zeros(1, 4000), torch.zeros(1), {}, 20, generator(0))
    assert new_weight.std().item() == pytest.approx(0.01, rel=0.02)
    assert abs(new_weight.mean().item()) < 2e-4
    assert not new_bias.any()


def test_replace_head_refuses_unknown_classes():
    for class_map in ({3: 0}, {-1: 0}, {0: 2}, {0: -1}):
        with pytest.raises(ValueError, match="does not fit"):
            solution.replace_head(torch.zeros(2, 3), torch.zeros(2), class_map, 3, generator(0))


# ---- set_trainable


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc_norm = torch.nn.BatchNorm1d(3)
        self.trunk = torch.nn.ModuleDict({"fc": torch.nn.Linear(3, 3)})
        self.fc = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
        self.fc2 = torch.nn.Linear(3, 2)
        self.scale = torch.nn.Parameter(torch.ones(()))


@pytest.mark.parametrize("head", ["fc", "fc.2", "fc2", "trunk.fc", "scale", "fc_norm", "fc.0.weight", "trunk"])
def test_set_trainable_against_the_module_tree(head):
    model = Net()
    model.fc.requires_grad_(False)
    found = solution.set_trainable(model, head)
    part = model
    for name in head.split("."):
        part = getattr(part, name) if not name.isdigit() else part[int(name)]
    own = {id(part)} if isinstance(part, torch.nn.Parameter) else {id(p) for p in part.parameters()}
    assert {id(p) for p in model.parameters() if p.requires_grad} == own
    assert found == [name for name, p in model.named_parameters() if id(p) in own]
    assert model.training


def test_set_trainable_without_a_head_changes_nothing():
    model = Net()
    for head in ("head", "f", "fc.weight", "fc.1"):
        with pytest.raises(ValueError, match="no parameter"):
            solution.set_trainable(model, head)
        assert all(p.requires_grad for p in model.parameters())


# ---- expected_calibration_error


def ece_bin_by_bin(probs, y, n_bins):
    """The textbook's sum over bins, with masks and means; counts divided by counts are float32 in torch."""
    confidence, prediction = probs.max(1)
    total = 0.0
    for i in range(n_bins):
        inside = (confidence > i / n_bins) & (confidence <= (i + 1) / n_bins)
        if inside.any():
            accuracy = (prediction[inside] == y[inside]).double().mean()
            total += inside.sum() / len(y) * abs(accuracy - confidence[inside].mean())
    return float(total)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("n_bins", [1, 2, 10, 15])
def test_ece_bin_by_bin(seed, n_bins):
    rng = generator(seed)
    probs = torch.softmax(3 * torch.randn(200, 4, dtype=F64, generator=rng), 1)
    probs[0] = torch.tensor([0.0, 1.0, 0.0, 0.0])
    y = torch.multinomial(probs, 1, generator=rng)[:, 0]
    expected = ece_bin_by_bin(probs, y, n_bins)
    assert solution.expected_calibration_error(probs, y, n_bins) == pytest.approx(expected, abs=1e-7)


def test_ece_of_an_overconfident_model_falls_with_the_right_temperature():
    rng = generator(0)
    logits = torch.randn(20000, 5, dtype=F64, generator=rng)
    y = torch.multinomial(torch.softmax(logits, 1), 1, generator=rng)[:, 0]
    errors = {
        t: solution.expected_calibration_error(solution.temperature_scale(4 * logits, t), y) for t in (1.0, 4.0, 16.0)
    }
    assert errors[4.0] < 0.02 < min(errors[1.0], errors[16.0])


def test_ece_of_nothing():
    empty = torch.zeros(0, 3, dtype=F64), torch.zeros(0, dtype=torch.int64)
    assert math.isnan(solution.expected_calibration_error(*empty))


# ---- rules for all parts


def test_nothing_that_comes_in_changes_and_dtypes_stay():
    rng = generator(3)
    for dtype in (torch.float32, F64):
        features, weight = torch.randn(6, 4, dtype=dtype, generator=rng), torch.randn(3, 4, dtype=dtype, generator=rng)
        bias, y = torch.randn(3, dtype=dtype, generator=rng), torch.tensor([0, 1, 2, 2, 1, 0])
        before = [t.clone() for t in (features, weight, bias, y)]
        state = torch.get_rng_state()
        logits = features @ weight.T
        results = [
            *solution.head_gradients(features, weight, bias, y)[1:],
            *solution.replace_head(weight, bias, {0: 1}, 4, generator(0)),
            solution.temperature_scale(logits, 2.0),
        ]
        solution.topk_accuracy(logits, y, (1,))
        solution.expected_calibration_error(torch.softmax(logits, 1), y)
        assert all(t.dtype == dtype for t in results)
        for one, other in zip(before, (features, weight, bias, y), strict=True):
            assert torch.equal(one, other)
        assert torch.equal(state, torch.get_rng_state())
