"""Networks as classes with functional activations; statistics of each sample pooled in a loop; state put back."""

import torch


class Generator(torch.nn.Module):
    def __init__(self, latent_dim, ngf, channels):
        super().__init__()
        self.up1 = torch.nn.ConvTranspose2d(latent_dim, ngf * 8, kernel_size=4, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(ngf * 8)
        self.up2 = torch.nn.ConvTranspose2d(ngf * 8, ngf * 4, kernel_size=4, stride=2, padding=1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(ngf * 4)
        self.up3 = torch.nn.ConvTranspose2d(ngf * 4, ngf * 2, kernel_size=4, stride=2, padding=1, bias=False)
        self.bn3 = torch.nn.BatchNorm2d(ngf * 2)
        self.up4 = torch.nn.ConvTranspose2d(ngf * 2, ngf, kernel_size=4, stride=2, padding=1, bias=False)
        self.bn4 = torch.nn.BatchNorm2d(ngf)
        self.up5 = torch.nn.ConvTranspose2d(ngf, channels, kernel_size=4, stride=2, padding=1, bias=False)

    def forward(self, z):
        h = torch.relu(self.bn1(self.up1(z)))
        h = torch.relu(self.bn2(self.up2(h)))
        h = torch.nn.functional.relu(self.bn3(self.up3(h)), inplace=True)
        h = self.bn4(self.up4(h)).clamp_min(0)
        return self.up5(h).tanh()


class Discriminator(torch.nn.Module):
    def __init__(self, ndf, channels):
        super().__init__()
        self.first = torch.nn.Conv2d(channels, ndf, 4, 2, 1, bias=False)
        self.blocks = torch.nn.ModuleList()
        for k in (1, 2, 4):
            conv = torch.nn.Conv2d(k * ndf, 2 * k * ndf, 4, 2, 1, bias=False)
            self.blocks.append(torch.nn.Sequential(conv, torch.nn.BatchNorm2d(2 * k * ndf), torch.nn.Identity()))
        self.verdict = torch.nn.Conv2d(8 * ndf, 1, 4, bias=False)

    def forward(self, x):
        h = torch.nn.functional.leaky_relu(self.first(x), 0.2)
        for block in self.blocks:
            h = block(h)
            h = torch.maximum(h, 0.2 * h)
        return self.verdict(h).view(-1, 1)


def build_generator(latent_dim=100, ngf=64, channels=3):
    return Generator(latent_dim, ngf, channels)


def build_discriminator(ndf=64, channels=3):
    return Discriminator(ndf, channels)


@torch.no_grad()
def init_dcgan(module, generator):
    for m in module.modules():
        name = type(m).__name__
        if name in ("Conv2d", "ConvTranspose2d"):
            m.weight.normal_(0.0, 0.02, generator=generator)
        elif name == "BatchNorm2d" and m.affine:
            m.weight.normal_(1.0, 0.02, generator=generator)
        else:
            continue
        if m.bias is not None:
            m.bias.fill_(0)


def virtual_batch_norm(x, ref, weight, bias, eps=1e-5):
    if len(x) == 0:
        return x.clone()
    results = []
    for sample in x:
        pool = torch.cat((ref, sample[None]))
        axes = [0, *range(2, pool.ndim)]
        mean = pool.mean(axes, keepdim=True)
        var = pool.var(axes, unbiased=False, keepdim=True)
        shape = mean.shape[1:]
        results.append((sample - mean[0]) * torch.rsqrt(var[0] + eps) * weight.view(shape) + bias.view(shape))
    return torch.stack(results)


def batch_dependence(gen, z, other):
    state = {name: value.clone() for name, value in gen.state_dict().items()}
    modes = {module: module.training for module in gen.modules()}
    mixed = other.clone()
    mixed[0] = z[0]
    answer = []
    for mode in (True, False):
        gen.train(mode)
        answer.append(float(torch.max(torch.abs(gen(z)[0].detach() - gen(mixed)[0].detach()))))
        gen.load_state_dict(state)
    for module, mode in modes.items():
        module.training = mode
    return tuple(answer)
