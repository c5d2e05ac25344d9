"""Small Inception of Zhang et al., Understanding deep learning requires rethinking generalization, ICLR 2017,
appendix A, for crops of 28 x 28 pixels.

Modules of a 1x1 and a 3x3 convolution side by side, and modules that halve the image by a convolution beside a
pooling. Each convolution has a bias, and a batch normalisation or, as an argument, none. The paper counts no
parameters of normalisations.
"""

import torch
from torch import Generator, Tensor, nn

from labelnoise.draws import Draws
from labelnoise.nets.layers import BatchNorm, Conv, Head, dropped, joined, pooled, require_size

STEM = 6  # channels, here and below in units of `width`, 16 in the paper
MODULES = ((2, 2), (2, 3), 5, (7, 3), (6, 4), (5, 5), (3, 6), 6, (11, 10), (11, 10))
"""Channels of the 1x1 and the 3x3 convolution; a single number: of the convolution that halves the image."""


class SmallInception(nn.Module):
    """inputs [R, B, channels, height, width] -> logits [R, B, C]; R = len(generators) networks side by side."""

    draws: Draws | None = None  # of dropout, [R]; the trainer sets it for each epoch

    def __init__(
        self,
        generators: list[Generator],
        image_shape: tuple[int, int, int],
        classes: int,
        width: int,
        batch_norm: bool,
        dropout: float,
    ):
        super().__init__()
        require_size("small_inception", image_shape, 5)
        self.dropout = dropout
        self.body = nn.Sequential(ConvModule(generators, image_shape[0], STEM * width, 3, 1, batch_norm))
        inputs = STEM * width
        for module in MODULES:
            if isinstance(module, tuple):
                outputs = [width * times for times in module]
                self.body.append(InceptionModule(generators, inputs, outputs, batch_norm))
                inputs = sum(outputs)
            else:
                self.body.append(DownsampleModule(generators, inputs, module * width, batch_norm))
                inputs += module * width
        self.head = Head(generators, inputs, classes)

    def forward(self, inputs: Tensor) -> Tensor:
        features = pooled(self.body(joined(inputs)), len(inputs))
        if self.training:
            features = dropped(features, self.dropout, self.draws)
        return self.head(features)


class ConvModule(nn.Module):
    """Convolution, normalisation where there is one, ReLU: x [B, R * in, H, W] -> [B, R * out, H', W']."""

    def __init__(
        self, generators: list[Generator], inputs: int, outputs: int, size: int, stride: int, batch_norm: bool
    ):
        super().__init__()
        self.conv = Conv(generators, inputs, outputs, size, stride, bias=True)
        self.norm = BatchNorm(len(generators), outputs) if batch_norm else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu_(self.norm(self.conv(x)))


class InceptionModule(nn.Module):
    """A 1x1 and a 3x3 convolution side by side: x [B, R * in, H, W] -> [B, R * (a + b), H, W]."""

    def __init__(self, generators: list[Generator], inputs: int, outputs: list[int], batch_norm: bool):
        super().__init__()
        self.outputs = outputs
        self.one = ConvModule(generators, inputs, outputs[0], 1, 1, batch_norm)
        self.three = ConvModule(generators, inputs, outputs[1], 3, 1, batch_norm)

    def forward(self, x: Tensor) -> Tensor:
        return beside(self.one(x), self.three(x), *self.outputs)


class DownsampleModule(nn.Module):
    """A 3x3 convolution beside a pooling, of stride 2: x [B, R * in, H, W] -> [B, R * (a + in), H / 2, W / 2]."""

    def __init__(self, generators: list[Generator], inputs: int, outputs: int, batch_norm: bool):
        super().__init__()
        self.outputs = outputs, inputs
        self.conv = ConvModule(generators, inputs, outputs, 3, 2, batch_norm)

    def forward(self, x: Tensor) -> Tensor:
        return beside(self.conv(x), nn.functional.max_pool2d(x, 3, 2, padding=1), *self.outputs)


def beside(one: Tensor, other: Tensor, a: int, b: int) -> Tensor:
    """The channels of two layers, run by run: [B, R * a, H, W], [B, R * b, H, W] -> [B, R * (a + b), H, W]."""
    parts = [x.unflatten(1, (-1, channels)) for x, channels in ((one, a), (other, b))]
    return torch.cat(parts, 2).flatten(1, 2).contiguous(memory_format=torch.channels_last)
