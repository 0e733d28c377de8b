# Matrix entry by entry, new weights through a state_dict, slices by hand for the shift, classes for the networks.
import copy

import torch


class MLP(torch.nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.first = torch.nn.Linear(28 * 28, hidden)
        self.second = torch.nn.Linear(hidden, 10)

    def forward(self, x):
        x = x.reshape(x.shape[0], 784)
        return self.second(torch.clamp(self.first(x), min=0))


def build_mlp(hidden=128):
    return MLP(hidden)


class CNN(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 20, 5)
        self.norm = torch.nn.BatchNorm2d(20)
        self.conv2 = torch.nn.Conv2d(20, 40, 5)
        self.dense = torch.nn.Linear(40 * 16, 120)
        self.out = torch.nn.Linear(120, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.norm(self.conv1(x))), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        return self.out(torch.relu(self.dense(x.flatten(1))))


def build_cnn():
    return CNN()


def conv_as_linear(weight, size):
    outputs, inputs, k, _ = weight.shape
    H, W = size
    M = torch.zeros(outputs, H, W, inputs, H, W, dtype=weight.dtype)
    half = k // 2
    for r in range(H):
        for c in range(W):
            for a in range(-half, half + 1):
                for b in range(-half, half + 1):
                    if 0 <= r + a < H and 0 <= c + b < W:
                        M[:, r, c, :, r + a, c + b] = weight[:, :, a + half, b + half].detach()
    return M.view(outputs * H * W, inputs * H * W)


def permute_mlp_input(model, perm):
    new = copy.deepcopy(model)
    for name, module in new.named_modules():
        if isinstance(module, torch.nn.Linear):
            key = f"{name}.weight" if name else "weight"
            break
    state = new.state_dict()
    state[key] = torch.stack([state[key][:, j] for j in perm.tolist()], dim=1)
    new.load_state_dict(state)
    return new


def equivariance_defect(layer, x, shift, border=5):
    with torch.inference_mode():
        plain = layer(x)
        one = layer(torch.roll(torch.roll(x, shift[0], 2), shift[1], 3))
        other = torch.roll(torch.roll(plain, shift[0], 2), shift[1], 3)
        if border > 0:
            one, other = one[:, :, border:-border, border:-border], other[:, :, border:-border, border:-border]
        return float((one - other).abs().amax()) / float(plain.abs().amax())


def study_data(X, X_test, perm, shift):
    down, right = shift
    moved = torch.zeros_like(X_test)
    H, W = X_test.shape[1:]
    moved[:, max(down, 0) : H + min(down, 0), max(right, 0) : W + min(right, 0)] = X_test[
        :, max(-down, 0) : H + min(-down, 0), max(-right, 0) : W + min(-right, 0)
    ]
    scrambled = []
    for images in (X, X_test):
        flat = images.reshape(-1, H * W)
        scrambled.append(torch.index_select(flat, 1, perm).view(-1, H, W))
    return {"plain": (X.clone(), X_test.clone()), "permuted": tuple(scrambled), "shifted": (X, moved)}
