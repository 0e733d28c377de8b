"""Oracles: Conv2d itself, loops over pixels, direct evaluation of permuted models, known cases of equivariance."""

import copy
import itertools

import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")

solution = load("ex19_1_mlp_versus_cnn")

F64 = torch.float64


def randn(*shape, seed=0):
    return torch.randn(*shape, dtype=F64, generator=torch.Generator().manual_seed(seed))


def count(model):
    return sum(p.numel() for p in model.parameters())


# ---- the two networks


def test_budgets():
    assert count(solution.build_mlp()) == 784 * 128 + 128 + 1280 + 10 == 101_770
    assert count(solution.build_cnn()) == 416 + 12_832 + (512 + 1) * 160 + 1610 == 96_938
    assert count(solution.build_mlp(7)) == 785 * 7 + 80


def test_both_networks_give_logits():
    torch.manual_seed(0)
    x = torch.randn(3, 1, 28, 28)
    mlp, cnn = solution.build_mlp(), solution.build_cnn()
    first, last = mlp[1], mlp[3]
    hidden = (x.flatten(1) @ first.weight.T + first.bias).clamp(min=0)
    torch.testing.assert_close(mlp(x), hidden @ last.weight.T + last.bias)
    torch.testing.assert_close(mlp(x), mlp(x.flatten(1)))
    assert cnn(x).shape == (3, 10)
    cnn(x).sum().backward()
    assert all(p.grad is not None for p in cnn.parameters())


# ---- conv_as_linear


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize(("inputs", "outputs", "size"), [(1, 1, (4, 4)), (2, 3, (3, 5)), (3, 2, (1, 2))])
def test_matrix_against_the_layer(k, inputs, outputs, size):
    layer = torch.nn.Conv2d(inputs, outputs, k, padding=k // 2, bias=False, dtype=F64)
    x = randn(5, inputs, *size)
    matrix = solution.conv_as_linear(layer.weight.detach(), size)
    assert matrix.shape == (outputs * size[0] * size[1], inputs * size[0] * size[1])
    torch.testing.assert_close(x.flatten(1) @ matrix.T, layer(x).flatten(1))


def test_matrix_entry_by_entry():
    weight, (height, width) = randn(2, 3, 3, 3), (4, 3)
    expected = torch.zeros(2, height, width, 3, height, width, dtype=F64)
    for o, i, row, column, down, right in itertools.product(range(2), range(3), range(4), range(3), range(3), range(3)):
        there = row + down - 1, column + right - 1
        if 0 <= there[0] < height and 0 <= there[1] < width:
            expected[o, row, column, i, *there] = weight[o, i, down, right]
    torch.testing.assert_close(solution.conv_as_linear(weight, (height, width)), expected.reshape(24, 36))


# ---- permute_mlp_input


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("d", "hidden"), [(6, 6), (9, 4), (3, 8)])
def test_permuted_pixels_get_the_same_answers(seed, d, hidden):
    torch.manual_seed(seed)
    model = torch.nn.Sequential(torch.nn.Linear(d, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 3)).to(F64)
    before, perm, x = copy.deepcopy(model.state_dict()), torch.randperm(d), randn(10, d, seed=seed)
    new = solution.permute_mlp_input(model, perm)
    torch.testing.assert_close(new(x[:, perm]), model(x))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not {p.data_ptr() for p in new.parameters()} & {p.data_ptr() for p in model.parameters()}
    assert all(p.requires_grad and p.is_leaf for p in new.parameters())


def test_a_whole_classifier():
    torch.manual_seed(0)
    model, x, perm = solution.build_mlp(), torch.randn(4, 784), torch.randperm(784)
    torch.testing.assert_close(solution.permute_mlp_input(model, perm)(x[:, perm]), model(x))


# ---- equivariance_defect


@pytest.mark.parametrize("shift", [(1, 0), (0, 2), (-2, 3), (2, 2)])
def test_what_moves_along_and_what_does_not(shift):
    x, (down, right) = randn(2, 3, 16, 16), shift
    torch.manual_seed(0)
    conv = torch.nn.Conv2d(3, 4, 3, padding=1, dtype=F64)
    assert solution.equivariance_defect(conv, x, shift) < 1e-12
    assert solution.equivariance_defect(torch.nn.MaxPool2d(3, 1, 1), x, shift) < 1e-12
    strided = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3, 2, 1, dtype=F64), torch.nn.Upsample(scale_factor=2))
    defect = solution.equivariance_defect(strided, x, shift)
    assert (defect < 1e-12) == (down % 2 == right % 2 == 0) or defect > 1e-2
    dense = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(768, 768, dtype=F64), torch.nn.Unflatten(1, (3, 16, 16))
    )
    assert solution.equivariance_defect(dense, x, shift) > 1e-2


@pytest.mark.parametrize("border", [0, 1, 3, 5])
@pytest.mark.parametrize("shift", [(1, 0), (-3, 2)])
def test_defect_pixel_by_pixel(border, shift):
    x = randn(2, 1, 12, 13)
    conv = torch.nn.Conv2d(1, 2, 5, padding=2, dtype=F64)
    image, result, largest = x.roll(shift, (2, 3)), conv(x), 0.0
    moved = conv(image)
    for row, column in itertools.product(range(border, 12 - border), range(border, 13 - border)):
        origin = result[:, :, (row - shift[0]) % 12, (column - shift[1]) % 13]
        largest = max(largest, (moved[:, :, row, column] - origin).abs().max().item())
    got = solution.equivariance_defect(conv, x, shift, border)
    assert type(got) is float
    assert got == pytest.approx(largest / result.abs().max().item(), abs=1e-12)


# ---- study_data


@pytest.mark.parametrize("shift", [(0, 0), (1, 2), (-1, 3), (2, -2), (-2, -1)])
def test_study_data_pixel_by_pixel(shift):
    X, X_test = torch.arange(1, 41).reshape(2, 4, 5), torch.arange(101, 161).reshape(3, 4, 5)
    perm = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    data = solution.study_data(X, X_test, perm, shift)
    assert torch.equal(data["plain"][0], X) and torch.equal(data["plain"][1], X_test)
    assert torch.equal(data["shifted"][0], X)
    for row, column in itertools.product(range(4), range(5)):
        place = perm[5 * row + column].item()
        for images, scrambled in zip((X, X_test), data["permuted"], strict=True):
            assert torch.equal(scrambled[:, row, column], images[:, place // 5, place % 5])
        origin = row - shift[0], column - shift[1]
        inside = 0 <= origin[0] < 4 and 0 <= origin[1] < 5
        expected = X_test[:, origin[0], origin[1]] if inside else torch.zeros(3, dtype=X.dtype)
        assert torch.equal(data["shifted"][1][:, row, column], expected)


def test_a_permuted_study_is_a_permuted_mlp():
    """Scrambling the pixels of all images is undone by scrambling the columns of the first weight."""
    torch.manual_seed(0)
    mlp, X, perm = solution.build_mlp(10), torch.rand(3, 28, 28), torch.randperm(784)
    scrambled = solution.study_data(X, X, perm, (0, 0))["permuted"][1]
    torch.testing.assert_close(solution.permute_mlp_input(mlp, perm)(scrambled), mlp(X))
