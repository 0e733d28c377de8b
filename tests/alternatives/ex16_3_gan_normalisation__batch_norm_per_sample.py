"""Modules with a forward of their own, torch's batch_norm for one sample at a time, a context manager that puts back."""

from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import nn

SQUARE = {"kernel_size": 4, "bias": False}


class Up(nn.Module):
    def __init__(self, inputs, outputs, stride, padding, last):
        super().__init__()
        self.conv = nn.ConvTranspose2d(inputs, outputs, stride=stride, padding=padding, **SQUARE)
        self.norm = None if last else nn.BatchNorm2d(outputs)

    def forward(self, x):
        x = self.conv(x)
        return torch.tanh(x) if self.norm is None else F.relu(self.norm(x), inplace=True)


class Generator(nn.Module):
    def __init__(self, latent_dim, ngf, channels):
        super().__init__()
        widths = [latent_dim, *(ngf << k for k in (3, 2, 1, 0)), channels]
        pairs = zip(widths, widths[1:])
        self.blocks = nn.ModuleList(Up(a, b, 1 if i == 0 else 2, int(i > 0), i == 4) for i, (a, b) in enumerate(pairs))

    def forward(self, z):
        for block in self.blocks:
            z = block(z)
        return z


class Discriminator(nn.Module):
    def __init__(self, ndf, channels):
        super().__init__()
        for i in range(5):
            inputs, outputs = channels if i == 0 else ndf << (i - 1), 1 if i == 4 else ndf << i
            self.add_module(f"conv{i}", nn.Conv2d(inputs, outputs, stride=2 - (i == 4), padding=int(i < 4), **SQUARE))
            if 0 < i < 4:
                self.add_module(f"norm{i}", nn.BatchNorm2d(outputs))

    def forward(self, x):
        for i in range(5):
            x = getattr(self, f"conv{i}")(x)
            if 0 < i < 4:
                x = getattr(self, f"norm{i}")(x)
            if i < 4:
                x = torch.where(x > 0, x, 0.2 * x)
        return x.view(len(x), 1)


def build_generator(latent_dim=100, ngf=64, channels=3):
    return Generator(latent_dim, ngf, channels)


def build_discriminator(ndf=64, channels=3):
    return Discriminator(ndf, channels)


@torch.no_grad()
def init_dcgan(module, generator):
    for layer in module.modules():
        match layer:
            case nn.Conv2d() | nn.ConvTranspose2d():
                mean = 0.0
            case nn.BatchNorm2d():
                mean = 1.0
            case _:
                continue
        if (weight := layer.weight) is not None:
            weight.normal_(mean, 0.02, generator=generator)
        if (bias := layer.bias) is not None:
            bias.zero_()


def virtual_batch_norm(x, ref, weight, bias, eps=1e-5):
    def normalised(sample):
        batch = torch.cat([ref, sample[None]])
        return F.batch_norm(batch, None, None, weight, bias, training=True, eps=eps)[-1]

    return torch.stack([normalised(sample) for sample in x]) if len(x) else torch.zeros_like(x)


@contextmanager
def put_back(network):
    modes = [(module, module.training) for module in network.modules()]
    values = [(tensor, tensor.detach().clone()) for tensor in (*network.parameters(), *network.buffers())]
    try:
        with torch.no_grad():
            yield
    finally:
        with torch.no_grad():
            for tensor, value in values:
                tensor.copy_(value)
        for module, mode in modes:
            module.training = mode


def batch_dependence(gen, z, other):
    def change(training):
        with put_back(gen):
            gen.train(training)
            before = gen(z)[0].clone()
            after = gen(torch.cat((z[:1], other[1:])))[0]
            return float(torch.linalg.vector_norm(after - before, ord=float("inf")))

    return change(True), change(False)
