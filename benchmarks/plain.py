"""The loops that a user would write in place of the engine: one run after the other, torch, nn.Sequential.

They share with the engine the images, the labels and the numbers of params.yaml; `train_method` also the hooks of
a method, which stand for the loss that a user would have to write. A training gives its accuracy on the test
images after the last epoch, so that it can be seen to have trained.
"""

import copy
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from workload import Split

from labelnoise.data import tv
from labelnoise.draws import Draws
from labelnoise.methods.base import Group, Method, State
from labelnoise.train.epoch import overrides
from labelnoise.types import Batch, Estimates

Settings = dict[str, Any]  # epochs, batch_size, lr, momentum, weight_decay


class Shuffled:
    """Batches of tensors that stay in memory."""

    def __init__(self, split: Split, size: int):
        self.inputs, self.labels, self.size = split.inputs, split.labels, size

    def __iter__(self):
        for part in torch.randperm(len(self.labels)).split(self.size):
            yield self.inputs[part], self.labels[part]


class Pictures(Dataset):
    """The training examples as torchvision's data sets return them: a PIL image and a transform for each."""

    def __init__(self, split: Split):
        edge, rows = int(split.inputs.shape[1] ** 0.5), split.inputs - split.inputs.min()
        grey = (rows * (255 / rows.max())).byte().view(-1, edge, edge)
        self.images, self.labels = [Image.fromarray(image.numpy()) for image in grey], split.labels.tolist()
        transforms = tv.torchvision.transforms
        flat = transforms.Lambda(torch.flatten)
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.5, 0.5), flat])

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, at: int) -> tuple[Tensor, int]:
        return self.transform(self.images[at]), self.labels[at]


def loader(dataset: Dataset, size: int) -> DataLoader:
    return DataLoader(dataset, size, shuffle=True)


def network(split: Split, hidden: tuple[int, ...], classes: int) -> nn.Sequential:
    """Multi-layer perceptron with ReLU; its last layer starts at zero, as the engine's."""
    widths = [split.inputs.shape[1], *hidden, classes]
    layers = [layer for sizes in pairwise(widths) for layer in (nn.Linear(*sizes), nn.ReLU())][:-1]
    nn.init.zeros_(layers[-1].weight)
    nn.init.zeros_(layers[-1].bias)
    return nn.Sequential(*layers)


def train(split: Split, batches: Iterable, hidden: tuple[int, ...], classes: int, of: Settings) -> float:
    """One run of cross-entropy."""
    model = network(split, hidden, classes)
    optimizer = _sgd([model], of)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, of["epochs"])
    for _ in range(of["epochs"]):
        for inputs, labels in batches:
            loss = nn.functional.cross_entropy(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
        _, test = accuracies(model, split)
    return test


def _sgd(models: list[nn.Module], of: Settings) -> torch.optim.SGD:
    weights = [p for model in models for p in model.parameters()]
    rest = {name: of[name] for name in ("lr", "momentum", "weight_decay")}
    return torch.optim.SGD(weights, **rest, fused=True)


@torch.no_grad()
def accuracies(model: nn.Module, split: Split) -> tuple[float, float]:
    """On the validation part by given labels, on test images by true ones."""
    parts = (split.val_inputs, split.val_labels), (split.test_inputs, split.test_labels)
    val, test = ((model(inputs).argmax(1) == labels).float().mean().item() for inputs, labels in parts)
    return val, test


class Parts(NamedTuple):
    """What a round of a method trains."""

    method: Method
    models: list[nn.Module]  # side by side, on the same batches
    averaged: nn.Module  # what is evaluated
    decay: float  # of the averaged weights
    optimizers: list[torch.optim.Optimizer]
    draws: Draws  # a stream for each of the models


def train_method(method: Method, split: Split, told: Estimates, hidden: tuple[int, ...], of: Settings) -> float:
    """One run of a method, round after round. told: estimates of one run, [1, ...]."""
    targets = None
    while True:
        state, test = _round(method, split, told, hidden, of, targets)
        following = method.next_round()
        if following is None:
            return test
        method, targets = following, method.targets(state)


def _round(
    method: Method, split: Split, told: Estimates, hidden: tuple[int, ...], of: Settings, targets: Tensor | None
) -> tuple[State, float]:
    """The state that a round ends with, and its accuracy on the test images."""
    parts, state = _begin(method, split, told, hidden, of)
    scheduled = [True, *(group.scheduled for group in method.optimizers().values())]
    schedules = [
        torch.optim.lr_scheduler.CosineAnnealingLR(one, of["epochs"])
        for one, moves in zip(parts.optimizers, scheduled, strict=True)
        if moves and method.scheduled
    ]
    for epoch in range(of["epochs"]):
        state = _epoch(parts, split, state, epoch, targets, of["batch_size"])
        for schedule in schedules:
            schedule.step()
        _, test = accuracies(_evaluated(parts, state), split)
    return state, test


def _begin(
    method: Method, split: Split, told: Estimates, hidden: tuple[int, ...], of: Settings
) -> tuple[Parts, State]:
    peers, classes = method.networks_per_run, told.prior.shape[1]
    draws = Draws(torch.randint(1 << 62, (peers,)))
    models = [network(split, hidden, classes) for _ in range(peers)]
    told = Estimates(*(field.repeat_interleave(peers, 0) for field in told))
    state = method.init_state(told, split.labels.expand(peers, -1), classes)
    own = [_own(state[name], group, of) for name, group in method.optimizers().items()]
    decay = method.weight_average(of["epochs"] * -(-len(split.labels) // of["batch_size"]))
    averaged = copy.deepcopy(models[0]) if decay else models[0]
    return Parts(method, models, averaged, decay, [_sgd(models, of), *own], draws), state


def _own(tensor: Tensor, group: Group, of: Settings) -> torch.optim.Optimizer:
    """Of a state tensor of a method, without weight decay."""
    if group.adam:
        return torch.optim.Adam([tensor], lr=group.lr)
    momentum = of["momentum"] if group.momentum is None else group.momentum
    return torch.optim.SGD([tensor], lr=group.lr, momentum=momentum)


def _evaluated(parts: Parts, state: State) -> nn.Module:
    """What predicts: the averaged network, with what the method makes of its last layer."""
    if not overrides(parts.method, "evaluated"):
        return parts.averaged
    made = copy.deepcopy(parts.averaged)
    weights = {"head.weight": made[-1].weight.detach().T[None], "head.bias": made[-1].bias.detach()[None, None]}
    folded = parts.method.evaluated(weights, state)
    made[-1].weight.data, made[-1].bias.data = folded["head.weight"][0].T, folded["head.bias"][0, 0]
    return made


def _epoch(parts: Parts, split: Split, state: State, epoch: int, targets: Tensor | None, size: int) -> State:
    method, models, peers = parts.method, parts.models, len(parts.models)
    labels, seen = split.labels.expand(peers, -1), []
    order = torch.randperm(labels.shape[1])
    asked = overrides(method, "end_of_epoch")
    for part in order.split(size):
        later = None if targets is None else targets[:, part]
        images, example = split.inputs[part].expand(peers, -1, -1), part.expand(peers, -1)
        batch = Batch(images, labels[:, part], later, example, epoch, parts.draws)
        batch = method.transform(batch, state)
        logits = torch.stack([model(inputs) for model, inputs in zip(models, batch.inputs)])
        loss, penalty = method.loss(logits, batch, state).mean(1), method.penalty(epoch, state)
        for one in parts.optimizers:
            one.zero_grad()
        (loss if penalty is None else loss + penalty).sum().backward()
        for one in parts.optimizers:
            one.step()
        if parts.averaged is not models[0]:
            _move(parts.averaged, models[0], 1 - parts.decay)
        seen += [logits.detach()] if asked else []
    if not asked:
        return state
    if method.evaluates:
        with torch.no_grad():
            logits = torch.stack([model(split.inputs) for model in models])
        return method.end_of_epoch(epoch, torch.softmax(logits, -1), state)
    probs = torch.softmax(torch.cat(seen, 1), -1)
    return method.end_of_epoch(epoch, torch.empty_like(probs).index_copy_(1, order, probs), state)


@torch.no_grad()
def _move(averaged: nn.Module, model: nn.Module, share: float) -> None:
    torch._foreach_lerp_(list(averaged.parameters()), list(model.parameters()), share)
