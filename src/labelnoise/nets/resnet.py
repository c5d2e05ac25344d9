"""Residual networks for small images: a 3x3 stem without pooling, then stages of blocks of two 3x3 convolutions.

He et al., Deep residual learning for image recognition, CVPR 2016: `basic` blocks. ResNet-18 and -34 with the stem
of that paper's networks for CIFAR, and of those ResNet-32, with `padded` shortcuts (option A).

He et al., Identity mappings in deep residual networks, ECCV 2016: `preactivation` blocks. In the code of
DivideMix, ELR+ and SOP, PreAct-ResNet-18 has a normalisation after the stem, and not at the end as in the paper.

Tanaka et al., Joint optimization framework for learning with noisy labels, CVPR 2018: a pre-activation ResNet-32,
twice as wide. In their code the first block of every stage has a projection, the first stage's too.
"""

import torch
from torch import Generator, Tensor, nn

from labelnoise.draws import Draws
from labelnoise.nets.layers import BatchNorm, Conv, Head, dropped, joined, pooled, require_size


class ResNet(nn.Module):
    """inputs [R, B, channels, height, width] -> logits [R, B, C]; R = len(generators) networks side by side.

    blocks: of each stage; from the second one on a stage halves the image and doubles the channels.
    width: channels of the stem and of the first stage.
    norm: where the normalisation outside of blocks stands, after the stem or at the end.
    """

    draws: Draws | None = None  # of dropout, [R]; the trainer sets it for each epoch

    def __init__(
        self,
        generators: list[Generator],
        image_shape: tuple[int, int, int],
        classes: int,
        blocks: list[int],
        width: int,
        block: str,
        shortcut: str,
        norm: str,
        dropout: float,
    ):
        super().__init__()
        require_size("resnet", image_shape, 2 ** len(blocks))
        self.dropout, self.norm_at = dropout, norm
        self.stem = Conv(generators, image_shape[0], width, 3)
        self.blocks = nn.Sequential()
        inputs = width
        for stage, count in enumerate(blocks):
            for number in range(count):
                outputs, stride = width * 2**stage, 2 if stage and not number else 1
                way = shortcut if outputs != inputs else "same"
                if shortcut == "projected_first" and not number:
                    way = "projected"
                self.blocks.append(BLOCKS[block](generators, inputs, outputs, stride, way))
                inputs = outputs
        self.norm = BatchNorm(len(generators), width if norm == "stem" else inputs)
        self.head = Head(generators, inputs, classes)

    def forward(self, inputs: Tensor) -> Tensor:
        x = self.stem(joined(inputs))
        if self.norm_at == "stem":
            x = self.blocks(torch.relu_(self.norm(x)))
        else:
            x = torch.relu_(self.norm(self.blocks(x)))
        features = pooled(x, len(inputs))
        if self.training:
            features = dropped(features, self.dropout, self.draws)
        return self.head(features)


class Basic(nn.Module):
    """relu(F(x) + shortcut(x)); a projection is normalised."""

    def __init__(self, generators: list[Generator], inputs: int, outputs: int, stride: int, way: str):
        super().__init__()
        runs = len(generators)
        self.conv1, self.norm1 = Conv(generators, inputs, outputs, 3, stride), BatchNorm(runs, outputs)
        self.conv2, self.norm2 = Conv(generators, outputs, outputs, 3), BatchNorm(runs, outputs)
        self.shortcut = _shortcut(generators, inputs, outputs, stride, way)
        if way == "projected":
            self.shortcut = nn.Sequential(self.shortcut, BatchNorm(runs, outputs))

    def forward(self, x: Tensor) -> Tensor:
        inside = self.norm2(self.conv2(torch.relu_(self.norm1(self.conv1(x)))))
        return torch.relu_(inside + self.shortcut(x))


class Preactivation(nn.Module):
    """F(relu(norm(x))) + x; a projection is of relu(norm(x))."""

    def __init__(self, generators: list[Generator], inputs: int, outputs: int, stride: int, way: str):
        super().__init__()
        runs = len(generators)
        self.norm1, self.conv1 = BatchNorm(runs, inputs), Conv(generators, inputs, outputs, 3, stride)
        self.norm2, self.conv2 = BatchNorm(runs, outputs), Conv(generators, outputs, outputs, 3)
        self.projected = way == "projected"
        self.shortcut = _shortcut(generators, inputs, outputs, stride, way)

    def forward(self, x: Tensor) -> Tensor:
        active = torch.relu_(self.norm1(x))
        inside = self.conv2(torch.relu_(self.norm2(self.conv1(active))))
        return inside + self.shortcut(active if self.projected else x)


class Padded(nn.Module):
    """Every stride-th pixel, and zeros for the channels that are new: no weights (option A of He et al.)."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.inputs, self.more, self.stride = inputs, outputs - inputs, stride

    def forward(self, x: Tensor) -> Tensor:
        x = x[..., :: self.stride, :: self.stride].unflatten(1, (-1, self.inputs))
        return nn.functional.pad(x, (0, 0, 0, 0, 0, self.more)).flatten(1, 2)


BLOCKS: dict[str, type[nn.Module]] = {"basic": Basic, "preactivation": Preactivation}


def _shortcut(generators: list[Generator], inputs: int, outputs: int, stride: int, way: str) -> nn.Module:
    if way == "projected":
        return Conv(generators, inputs, outputs, 1, stride)
    return Padded(inputs, outputs, stride) if way == "padded" else nn.Identity()
