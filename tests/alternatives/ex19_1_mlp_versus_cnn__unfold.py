# Unfold and einsum for the matrix, a permutation matrix for the weight, rolls that are blanked afterwards.
import copy

import torch
from torch import nn


def build_mlp(hidden=128):
    return nn.Sequential(
        nn.Flatten(start_dim=1), nn.Linear(784, hidden, bias=True), nn.Threshold(0, 0), nn.Linear(hidden, 10)
    )


def build_cnn():
    block = [nn.Conv2d(1, 8, 3, stride=2), nn.ReLU(), nn.Conv2d(8, 32, 3, stride=2), nn.ReLU(), nn.Flatten()]
    return nn.Sequential(*block, nn.Linear(32 * 36, 84), nn.ReLU(), nn.Linear(84, 10))


def conv_as_linear(weight, size):
    outputs, inputs, k, _ = weight.shape
    pixels = size[0] * size[1]
    images = torch.eye(inputs * pixels, dtype=weight.dtype).view(inputs * pixels, inputs, *size)
    windows = nn.functional.unfold(images, k, padding=(k - 1) // 2)  # (unit, I * k * k, H * W)
    return torch.einsum("ow,uwp->opu", weight.reshape(outputs, -1), windows).reshape(outputs * pixels, -1)


def permute_mlp_input(model, perm):
    new = copy.deepcopy(model)
    linear = next(m for m in new.modules() if isinstance(m, nn.Linear))
    place = torch.zeros(len(perm), len(perm), dtype=linear.weight.dtype)
    place[perm, torch.arange(len(perm))] = 1.0
    linear.weight.data = linear.weight.data @ place
    return new


@torch.no_grad()
def equivariance_defect(layer, x, shift, border=5):
    there = torch.roll(layer(x), shifts=tuple(shift), dims=(2, 3))
    first_moved = layer(torch.roll(x, shifts=tuple(shift), dims=(2, 3)))
    gap = torch.abs(first_moved - there)
    height, width = gap.shape[2], gap.shape[3]
    gap = gap.narrow(2, border, height - 2 * border).narrow(3, border, width - 2 * border)
    return gap.max().item() / there.abs().max().item()


def study_data(X, X_test, perm, shift):
    def scramble(images):
        return torch.take_along_dim(images.flatten(1), perm.expand(len(images), -1), dim=1).unflatten(
            1, images.shape[1:]
        )

    moved = torch.roll(X_test, shift, (1, 2))
    rows = torch.arange(X_test.shape[1]) - shift[0]
    columns = torch.arange(X_test.shape[2]) - shift[1]
    inside = ((rows >= 0) & (rows < len(rows)))[:, None] & ((columns >= 0) & (columns < len(columns)))[None]
    moved = torch.where(inside, moved, torch.zeros((), dtype=moved.dtype))
    return {"permuted": [scramble(X), scramble(X_test)], "shifted": [X, moved], "plain": [X, X_test]}
