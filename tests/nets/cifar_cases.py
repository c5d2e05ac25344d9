"""The networks of papers on CIFAR in miniature, and the same of torch.nn, to which a run's weights are copied.

References hold their convolutions, normalisations and linear layers in the same order, kind by kind.
"""

import itertools

import torch
from torch import nn

from labelnoise.data import tv
from labelnoise.nets import NETWORKS
from labelnoise.nets.layers import BatchNorm, Conv, Linear

CLASSES, BATCH, RUNS = 4, 5, 3
BASIC = {"blocks": [1, 2], "width": 3, "block": "basic", "shortcut": "projected", "norm": "stem"}
CASES = {  # name: type, section without dropout, image shape
    "resnet": ("resnet", BASIC, (3, 8, 8)),
    "padded": ("resnet", BASIC | {"shortcut": "padded"}, (2, 7, 8)),
    "preactivation": ("resnet", BASIC | {"block": "preactivation"}, (3, 8, 8)),
    "tanaka": (
        "resnet",
        BASIC | {"block": "preactivation", "shortcut": "projected_first", "norm": "end"},
        (3, 8, 8),
    ),
    "cnn9": ("cnn9", {"width": 2}, (3, 32, 32)),
    "inception": ("small_inception", {"width": 1, "batch_norm": True}, (3, 12, 12)),
    "inception_plain": ("small_inception", {"width": 1, "batch_norm": False}, (3, 12, 12)),
    "alexnet": ("small_alexnet", {"width": 4}, (3, 9, 12)),
}


def generators(runs):
    return [torch.Generator().manual_seed(run) for run in runs]


def network(case, runs=range(RUNS), dropout=0.0):
    kind, section, shape = CASES[case]
    return NETWORKS[kind](generators(runs), shape, CLASSES, **section, dropout=dropout).double()


def stirred(net):
    """`net` with other biases, normalisations and last layers than the first ones, which are zeros and ones."""
    rng = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.dim() < 4:
                parameter.add_(0.3 * torch.randn(parameter.shape, generator=rng, dtype=parameter.dtype))
    return net


def inputs(case, runs=RUNS):
    rng = torch.Generator().manual_seed(9)
    return torch.randn(runs, BATCH, *CASES[case][2], generator=rng, dtype=torch.float64)


def copied(net, run, reference):
    """`reference` with the weights of a run."""
    reference.double()
    pairs = ((Conv, nn.Conv2d), (BatchNorm, nn.BatchNorm2d), (Linear, nn.Linear))
    for ours, theirs in pairs:
        own = [module for module in net.modules() if isinstance(module, ours)]
        other = [module for module in reference.modules() if isinstance(module, theirs)]
        assert len(own) == len(other)
        for one, to in zip(own, other, strict=True):
            weight = one.weight[run].T if ours is Linear else one.weight[run]
            given = {"weight": weight} | ({} if one.bias is None else {"bias": one.bias[run].flatten()})
            to.load_state_dict(to.state_dict() | given)
    return reference


class ResNet(nn.Module):
    def __init__(self, blocks, norm, at_end, channels, features):
        super().__init__()
        self.stem = nn.Conv2d(channels, 3, 3, padding=1, bias=False)
        self.blocks, self.norm, self.at_end = blocks, nn.BatchNorm2d(norm), at_end
        self.head = nn.Linear(features, CLASSES)

    def forward(self, x):
        x = self.stem(x)
        x = self.norm(self.blocks(x)).relu() if self.at_end else self.blocks(self.norm(x).relu())
        return self.head(x.mean((2, 3)))


class Preactivation(nn.Module):
    def __init__(self, inputs, outputs, stride, project):
        super().__init__()
        self.norms = nn.ModuleList([nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)])
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.projection = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if project else None

    def forward(self, x):
        active = self.norms[0](x).relu()
        out = self.second(self.norms[1](self.first(active)).relu())
        return out + (x if self.projection is None else self.projection(active))


class Padding(nn.Module):
    def forward(self, x):
        return torch.cat([x[:, :, ::2, ::2], torch.zeros_like(x[:, :, ::2, ::2])], 1)


def basic(shortcut):
    """torchvision's blocks."""
    block = tv.models.resnet.BasicBlock
    return nn.Sequential(block(3, 3), block(3, 6, 2, shortcut), block(6, 6))


def preactivation(first):
    return nn.Sequential(
        Preactivation(3, 3, 1, first), Preactivation(3, 6, 2, True), Preactivation(6, 6, 1, False)
    )


def cnn9():
    """The layers of the authors' code, in turn."""

    def triple(sizes, padding):
        convs = [nn.Conv2d(a, b, 3, padding=padding) for a, b in itertools.pairwise(sizes)]
        return [part for conv in convs for part in (conv, nn.BatchNorm2d(conv.out_channels), nn.LeakyReLU(0.01))]

    return nn.Sequential(
        *triple([3, 2, 2, 2], 1),
        nn.MaxPool2d(2, 2),
        *triple([2, 4, 4, 4], 1),
        nn.MaxPool2d(2, 2),
        *triple([4, 8, 4, 2], 0),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(2, CLASSES),
    )


class Beside(nn.Module):
    def __init__(self, *parts):
        super().__init__()
        self.parts = nn.ModuleList(parts)

    def forward(self, x):
        return torch.cat([part(x) for part in self.parts], 1)


def inception(batch_norm):
    def conv(a, b, size, stride=1):
        norm = [nn.BatchNorm2d(b)] if batch_norm else []
        return nn.Sequential(nn.Conv2d(a, b, size, stride, size // 2), *norm, nn.ReLU())

    def module(a, one, three):
        return Beside(conv(a, one, 1), conv(a, three, 3))

    def half(a, b):
        return Beside(conv(a, b, 3, 2), nn.MaxPool2d(3, 2, 1))

    parts = [conv(3, 6, 3), module(6, 2, 2), module(4, 2, 3), half(5, 5), module(10, 7, 3), module(10, 6, 4)]
    parts += [module(10, 5, 5), module(10, 3, 6), half(9, 6), module(15, 11, 10), module(21, 11, 10)]
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(21, CLASSES))


def alexnet():
    def module(a):
        norm = nn.LocalResponseNorm(9, alpha=0.001, beta=0.75, k=1.0)
        return [nn.Conv2d(a, 4, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2, 1), norm]

    hidden = [nn.Linear(4 * 3 * 3, 24), nn.ReLU(), nn.Linear(24, 12), nn.ReLU()]
    return nn.Sequential(*module(3), *module(4), nn.Flatten(), *hidden, nn.Linear(12, CLASSES))


def projection():
    return nn.Sequential(nn.Conv2d(3, 6, 1, 2, bias=False), nn.BatchNorm2d(6))


REFERENCES = {
    "resnet": lambda: ResNet(basic(projection()), 3, False, 3, 6),
    "padded": lambda: ResNet(basic(Padding()), 3, False, 2, 6),
    "preactivation": lambda: ResNet(preactivation(False), 3, False, 3, 6),
    "tanaka": lambda: ResNet(preactivation(True), 6, True, 3, 6),
    "cnn9": cnn9,
    "inception": lambda: inception(True),
    "inception_plain": lambda: inception(False),
    "alexnet": alexnet,
}
