# A module class with batch normalisation, dropout and a head that begins with zeros, index_select, inference mode,
# portions of equal size, one flat checkpoint.
import torch
import torch.nn as nn


class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 5, stride=2, padding=2, bias=False)
        self.norm1 = nn.BatchNorm2d(12)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(5)
        self.drop = nn.Dropout(0.25)
        self.head = nn.Linear(24 * 25, 10)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x):
        x = torch.relu(self.norm1(self.conv1(x)))
        x = torch.relu(self.conv2(x))
        x = torch.flatten(self.pool(x), 1)
        return self.head(self.drop(x))


def build_model():
    return Digits()


MEAN, STD = 0.1307, 0.3081


def prepare(images, device):
    x = images.unsqueeze(1).to(device=device, dtype=torch.float32)
    return x.div_(255).sub_(MEAN).div_(STD)


def make_batches(X, y, batch_size, generator, device):
    X = X if torch.is_tensor(X) else torch.from_numpy(X)
    y = y if torch.is_tensor(y) else torch.from_numpy(y)
    order = torch.randperm(X.shape[0], generator=generator)
    while len(order):
        now, order = order[:batch_size], order[batch_size:]
        yield prepare(X.index_select(0, now), device), y.index_select(0, now).long().to(device)


def train_epoch(model, optimizer, batches):
    criterion = nn.CrossEntropyLoss(reduction="sum")
    model.train()
    total = 0.0
    count = 0
    for inputs, targets in batches:
        logits = model(inputs)
        summed = criterion(logits, targets)
        model.zero_grad()
        (summed / targets.numel()).backward()
        optimizer.step()
        total += float(summed.detach())
        count += targets.numel()
    if count == 0:
        return float("nan")
    return total / count


def predict(model, X, *, device, batch_size=256):
    X = X if torch.is_tensor(X) else torch.from_numpy(X)
    result = torch.empty(X.shape[0], dtype=torch.int64)
    training = {name: module.training for name, module in model.named_modules()}
    model.eval()
    try:
        with torch.inference_mode():
            portions = -(-X.shape[0] // batch_size)
            for rows in torch.arange(X.shape[0]).tensor_split(portions) if portions else ():
                result[rows] = torch.max(model(prepare(X[rows], device)), dim=-1).indices.cpu()
    finally:
        for name, module in model.named_modules():
            module.training = training[name]
    return result


def save_checkpoint(model, optimizer, epoch, file):
    content = {f"model/{name}": value for name, value in model.state_dict().items()}
    content["optimizer"] = optimizer.state_dict()
    content["epoch"] = torch.tensor(epoch)
    torch.save(content, file)


def load_checkpoint(model, optimizer, file):
    content = torch.load(file, weights_only=True, map_location=torch.device("cpu"))
    optimizer.load_state_dict(content.pop("optimizer"))
    epoch = int(content.pop("epoch"))
    model.load_state_dict({name.removeprefix("model/"): value for name, value in content.items()})
    return epoch
