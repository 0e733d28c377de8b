"""The networks against their known sizes and a plain functional version, statistics against pooled data in numpy."""

import numpy as np
import pytest

from tests.solutions import load

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional
solution = load("ex16_3_gan_normalisation")


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def batch_norm(x, weight, bias):
    mean = x.mean((0, 2, 3), keepdim=True)
    var = ((x - mean) ** 2).mean((0, 2, 3), keepdim=True)
    return (x - mean) / (var + 1e-5).sqrt() * weight[:, None, None] + bias[:, None, None]


def generate(parameters, z):
    """The generator as formulas, in training mode."""
    first, *rest = parameters[::3]
    x = z
    for i, weight in enumerate([first, *rest]):
        x = F.conv_transpose2d(x, weight, stride=2 if i else 1, padding=1 if i else 0)
        last = i == len(rest)
        x = torch.tanh(x) if last else batch_norm(x, *parameters[3 * i + 1 : 3 * i + 3]).clamp(min=0)
    return x


def discriminate(parameters, x):
    """The discriminator as formulas, in training mode."""
    first, *rest = parameters
    x = F.conv2d(x, first, stride=2, padding=1)
    x = torch.where(x > 0, x, 0.2 * x)
    for i in range(0, len(rest) - 1, 3):
        x = batch_norm(F.conv2d(x, rest[i], stride=2, padding=1), *rest[i + 1 : i + 3])
        x = torch.where(x > 0, x, 0.2 * x)
    return F.conv2d(x, rest[-1])[:, :, 0, 0]


def jumbled(module):
    module.double()
    for p in module.parameters():
        p.data = torch.randn_like(p)
    return [p.detach() for p in module.parameters()]


def test_sizes():
    networks = solution.build_generator(), solution.build_discriminator()
    assert [sum(p.numel() for p in net.parameters()) for net in networks] == [3_576_704, 2_765_568]


@pytest.mark.parametrize(("latent_dim", "width", "channels"), [(7, 2, 3), (1, 3, 1), (100, 1, 2)])
def test_networks_like_formulas(latent_dim, width, channels):
    gen, disc = solution.build_generator(latent_dim, width, channels), solution.build_discriminator(width, channels)
    assert gen.training and disc.training
    parameters = jumbled(gen)
    z = torch.randn(3, latent_dim, 1, 1, dtype=torch.float64)
    images = gen(z)
    assert images.shape == (3, channels, 64, 64)
    torch.testing.assert_close(images, generate(parameters, z))
    parameters = jumbled(disc)
    torch.testing.assert_close(disc(images), discriminate(parameters, images))
    assert disc(images).shape == (3, 1)


def test_initialisation():
    gen = solution.build_generator(20, 8)
    solution.init_dcgan(gen, torch.Generator().manual_seed(5))
    draws = torch.Generator().manual_seed(5)
    for layer in gen:
        if isinstance(layer, nn.ConvTranspose2d):
            assert torch.equal(layer.weight, torch.empty_like(layer.weight).normal_(0, 0.02, generator=draws))
        elif isinstance(layer, nn.BatchNorm2d):
            assert torch.equal(layer.weight, torch.empty_like(layer.weight).normal_(1, 0.02, generator=draws))
            assert not layer.bias.any()


def test_initialisation_leaves_the_rest():
    model = nn.Sequential(
        nn.Linear(2, 3), nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2, affine=False), nn.BatchNorm1d(3)
    ).eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    assert solution.init_dcgan(model, torch.Generator()) is None
    assert torch.equal(state, torch.get_rng_state())
    changed = [name for name, value in model.state_dict().items() if not torch.equal(value, before[name])]
    assert changed == ["1.weight", "1.bias"]
    assert not model[1].bias.any()
    assert not model.training


@pytest.mark.parametrize("rest", [(), (3, 2), (1, 1), (5, 5)])
@pytest.mark.parametrize("references", [1, 2, 7])
def test_virtual_batch_norm_is_batch_norm_of_pooled_data(rest, references):
    rng = np.random.default_rng(1)
    x, ref = rng.normal(1, 2, (4, 3, *rest)), rng.normal(-1, 3, (references, 3, *rest))
    weight, bias = rng.normal(size=(2, 3))
    got = solution.virtual_batch_norm(*(torch.tensor(a) for a in (x, ref, weight, bias)), 0.1).numpy()
    for i in range(4):
        pool = np.concatenate([ref, x[i : i + 1]])
        axes = (0, *range(2, x.ndim))
        per_channel = (3, *[1] * len(rest))
        mean, var = (a.reshape(per_channel) for a in (pool.mean(axes), pool.var(axes)))
        due = (x[i] - mean) / np.sqrt(var + 0.1) * weight.reshape(per_channel) + bias.reshape(per_channel)
        np.testing.assert_allclose(got[i], due, 1e-12, 1e-12)
        theirs = F.batch_norm(torch.tensor(pool), None, None, torch.tensor(weight), torch.tensor(bias), True, eps=0.1)
        np.testing.assert_allclose(got[i], theirs[-1].numpy(), 1e-10, 1e-12)


def test_virtual_batch_norm_has_gradients():
    shapes = [(2, 3, 2, 2), (3, 3, 2, 2), (3,), (3,)]
    inputs = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    assert torch.autograd.gradcheck(solution.virtual_batch_norm, inputs)
    assert solution.virtual_batch_norm(inputs[0][:0], *inputs[1:]).shape == (0, 3, 2, 2)


def test_dependence_on_the_batch():
    gen = solution.build_generator(4, 2).double()
    gen[1].eval()
    z, other = torch.randn(2, 3, 4, 1, 1, dtype=torch.float64)
    state = {name: value.clone() for name, value in gen.state_dict().items()}
    modes = [m.training for m in gen.modules()]
    train, evaluation = solution.batch_dependence(gen, z, other)
    assert all(torch.equal(value, state[name]) for name, value in gen.state_dict().items())
    assert [m.training for m in gen.modules()] == modes
    gen.train()
    with torch.no_grad():
        first, second = gen(z)[0], gen(torch.cat([z[:1], other[1:]]))[0]
    assert train == pytest.approx((first - second).abs().max().item())
    assert train > 0.01
    assert evaluation == 0


def test_dependence_without_running_statistics():
    gen = nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2, track_running_stats=False))
    z, other = torch.randn(2, 4, 2, 3, 3)
    train, evaluation = solution.batch_dependence(gen, z, other)
    assert train == evaluation > 0
    assert solution.batch_dependence(nn.Sequential(nn.InstanceNorm2d(2)), z, other) == (0, 0)
