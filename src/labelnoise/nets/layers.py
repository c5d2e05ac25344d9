"""Layers with a run axis: R independent networks in one call. Weights are [R, ...], drawn run by run.

A run's weights come from its own generator, so that they do not depend on which runs are trained beside it.
"""

import math

import torch
from torch import Generator, Tensor, nn

from labelnoise.draws import Draws


def he_normal(shape: tuple[int, ...], fan_in: int, generators: list[Generator]) -> nn.Parameter:
    """[R, *shape] weights, normal with variance 2 / fan_in (He et al. 2015, eq. 10)."""
    std = math.sqrt(2 / fan_in)
    return nn.Parameter(torch.stack([torch.randn(shape, generator=g) * std for g in generators]))


def dropped(x: Tensor, rate: float, draws: Draws) -> Tensor:
    """x [R, B, D] with each entry zero with probability `rate`, else scaled by 1 / (1 - rate).

    Srivastava et al. 2014, scaled in training rather than in evaluation. Nothing is drawn where rate is 0.
    """
    if rate == 0:
        return x
    return x * (draws.uniform(*x.shape[1:]) >= rate) / (1 - rate)


class Linear(nn.Module):
    """x [R, B, in] -> [R, B, out]; one batched matrix product for all runs."""

    def __init__(self, generators: list[Generator], inputs: int, outputs: int):
        super().__init__()
        self.weight = self.first_weight(generators, inputs, outputs)
        self.bias = nn.Parameter(torch.zeros(len(generators), 1, outputs))

    def first_weight(self, generators: list[Generator], inputs: int, outputs: int) -> nn.Parameter:
        return he_normal((inputs, outputs), inputs, generators)

    def forward(self, x: Tensor) -> Tensor:
        return torch.baddbmm(self.bias, x, self.weight)


class Head(Linear):
    """The last layer, which starts at zero: every class is as likely as any other, and no bounded loss starts
    where its gradient vanishes. He et al.'s variance is for layers with a ReLU."""

    def first_weight(self, generators: list[Generator], inputs: int, outputs: int) -> nn.Parameter:
        return nn.Parameter(torch.zeros(len(generators), inputs, outputs))


class Conv3x3(nn.Module):
    """x [B, R * in, H, W] -> [B, R * out, H', W']: a 3x3 convolution with a group per run, no bias. Its weights
    are [R, 9 * in, out], tap by tap, as kernels take them."""

    def __init__(self, generators: list[Generator], inputs: int, outputs: int, stride: int):
        super().__init__()
        drawn = he_normal((outputs, inputs, 9), inputs * 9, generators).detach()
        self.weight = nn.Parameter(drawn.permute(0, 3, 2, 1).flatten(1, 2).contiguous())
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight.unflatten(1, (3, 3, -1)).permute(0, 4, 3, 1, 2).flatten(0, 1)
        weight = weight.contiguous(memory_format=torch.channels_last)
        return nn.functional.conv2d(x, weight, stride=self.stride, padding=1, groups=len(self.weight))


class BatchNorm(nn.Module):
    """Batch normalisation of x [B, R * C, H, W]: every channel of every run by itself (Ioffe and Szegedy 2015)."""

    def __init__(self, runs: int, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(runs, channels))
        self.bias = nn.Parameter(torch.zeros(runs, channels))
        self.register_buffer("mean", torch.zeros(runs, channels))
        self.register_buffer("variance", torch.ones(runs, channels))

    def forward(self, x: Tensor) -> Tensor:
        parts = (part.flatten() for part in (self.mean, self.variance, self.weight, self.bias))
        return nn.functional.batch_norm(x, *parts, training=self.training)


def joined(inputs: Tensor) -> Tensor:
    """inputs [R, B, C, H, W] -> [B, R * C, H, W] in channels_last layout, as convolutions with a group per run
    take them."""
    return inputs.transpose(0, 1).flatten(1, 2).contiguous(memory_format=torch.channels_last)


def pooled(x: Tensor, runs: int) -> Tensor:
    """The mean over all places: x [B, R * C, H, W] -> [R, B, C]."""
    return x.mean((2, 3)).unflatten(1, (runs, -1)).transpose(0, 1)


def require_size(network: str, image_shape: tuple[int, int, int], least: int) -> None:
    """ValueError where a side of an image has fewer than `least` pixels: nothing would be left of it."""
    height, width = image_shape[1:]
    if min(height, width) < least:
        raise ValueError(f"{network}: images of {height} x {width} pixels; allowed: {least} x {least} or larger")


class Conv(nn.Module):
    """x [B, R * in, H, W] -> [B, R * out, H', W']: a convolution with a group per run.

    padding: pixels of zeros at each side; None: as many as leave the size as it is, where the stride is 1.
    """

    def __init__(
        self,
        generators: list[Generator],
        inputs: int,
        outputs: int,
        size: int,
        stride: int = 1,
        padding: int | None = None,
        bias: bool = False,
    ):
        super().__init__()
        self.weight = he_normal((outputs, inputs, size, size), inputs * size**2, generators)
        self.bias = nn.Parameter(torch.zeros(len(generators), outputs)) if bias else None
        self.stride, self.padding = stride, size // 2 if padding is None else padding

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        bias = None if self.bias is None else self.bias.flatten()
        stride = self.stride
        if weight.shape[-1] == 1 and not self.padding:
            # the same pixels, taken beforehand: the gradient of oneDNN 3.12 by AVX2 ends the process
            x, stride = x[:, :, ::stride, ::stride], 1
        return nn.functional.conv2d(x, weight, bias, stride, self.padding, groups=len(self.weight))


def dropped_maps(x: Tensor, rate: float, draws: Draws, runs: int) -> Tensor:
    """x [B, R * C, H, W] with each map of an image dropped as `dropped` does with single values."""
    maps = x.new_ones(runs, x.shape[0], x.shape[1] // runs)
    return x * dropped(maps, rate, draws).transpose(0, 1).flatten(1)[..., None, None]
