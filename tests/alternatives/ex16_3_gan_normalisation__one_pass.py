"""Lists of layers unpacked, sums and squares per sample, torch.func.functional_call instead of a copy."""

import torch
from torch import nn


def build_generator(latent_dim=100, ngf=64, channels=3):
    def block(a, b, stride, padding):
        return nn.Sequential(
            nn.ConvTranspose2d(a, b, (4, 4), stride, padding, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True)
        )

    return nn.Sequential(
        block(latent_dim, 8 * ngf, 1, 0),
        *(block(k * ngf, k * ngf // 2, 2, 1) for k in (8, 4, 2)),
        nn.Sequential(nn.ConvTranspose2d(ngf, channels, 4, 2, 1, bias=False), nn.Tanh()),
    )


def build_discriminator(ndf=64, channels=3):
    layers = [nn.Conv2d(channels, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
    for k in range(3):
        a, b = ndf * 2**k, ndf * 2 ** (k + 1)
        layers += [nn.Conv2d(a, b, 4, 2, 1, bias=False), nn.BatchNorm2d(b), nn.LeakyReLU(0.2, inplace=True)]
    return nn.Sequential(*layers, nn.Conv2d(8 * ndf, 1, 4, 1, 0, bias=False), nn.Flatten(start_dim=1))


def init_dcgan(module, generator):
    for m in module.modules():
        mean = 0.0 if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)) else 1.0 if isinstance(m, nn.BatchNorm2d) else None
        if mean is None:
            continue
        if m.weight is not None:
            nn.init.normal_(m.weight.data, mean, 0.02, generator)
        if m.bias is not None:
            nn.init.constant_(m.bias.data, 0.0)


def virtual_batch_norm(x, ref, weight, bias, eps=1e-5):
    flat = x.unsqueeze(-1) if x.ndim == 2 else x.flatten(2)
    reference = ref.unsqueeze(-1) if ref.ndim == 2 else ref.flatten(2)
    count = (len(ref) + 1) * flat.shape[2]
    mean = (reference.sum((0, 2)) + flat.sum(2)) / count
    around = mean[:, :, None]
    squares = ((reference[:, None] - around) ** 2).sum((0, 3)) + ((flat - around) ** 2).sum(2)
    std = (squares / count + eps) ** 0.5
    out = weight[:, None] * ((flat - around) / std[:, :, None]) + bias[:, None]
    return out.view(x.shape)


def batch_dependence(gen, z, other):
    modes = [m.training for m in gen.modules()]
    mixed = torch.cat((z[0:1], other[1:]), dim=0)
    numbers = []
    for mode in (True, False):
        gen.train(mode)
        pair = []
        for batch in (z, mixed):
            values = {k: v.detach().clone() for k, v in (*gen.named_parameters(), *gen.named_buffers())}
            pair.append(torch.func.functional_call(gen, values, (batch,))[0])
        numbers.append((pair[0] - pair[1]).abs().amax().item())
    for m, mode in zip(gen.modules(), modes, strict=True):
        m.training = mode
    return numbers[0], numbers[1]
