"""Small AlexNet of Zhang et al., Understanding deep learning requires rethinking generalization, ICLR 2017,
appendix A, for crops of 28 x 28 pixels.

Twice a 5x5 convolution, a 3x3 pooling of stride 2 and a local response normalisation (Krizhevsky et al. 2012),
then two hidden layers. The paper does not tell the channels of the convolutions: 64 give its number of parameters.
Nor does it tell the constants of the normalisation: here those of TensorFlow's tutorial on CIFAR-10.
"""

import itertools

import torch
from torch import Generator, Tensor, nn

from labelnoise.draws import Draws
from labelnoise.nets.layers import Conv, Head, Linear, dropped, joined, require_size

HIDDEN = (6, 3)  # units of the hidden layers, in units of `width`, 64 in the paper
NEIGHBOURS, ALPHA, BETA, K = 9, 0.001, 0.75, 1.0  # x / (K + ALPHA * mean of x^2 over neighbours)^BETA


class SmallAlexNet(nn.Module):
    """inputs [R, B, channels, height, width] -> logits [R, B, C]; R = len(generators) networks side by side."""

    draws: Draws | None = None  # of dropout, [R]; the trainer sets it for each epoch

    def __init__(
        self,
        generators: list[Generator],
        image_shape: tuple[int, int, int],
        classes: int,
        width: int,
        dropout: float,
    ):
        super().__init__()
        require_size("small_alexnet", image_shape, 4)
        self.dropout = dropout
        self.convs = nn.ModuleList(
            Conv(generators, inputs, width, 5, bias=True) for inputs in (image_shape[0], width)
        )
        left = [(side + 3) // 4 for side in image_shape[1:]]  # of each side, after two poolings
        sizes = [width * left[0] * left[1], *(width * times for times in HIDDEN)]
        self.hidden = nn.ModuleList(Linear(generators, a, b) for a, b in itertools.pairwise(sizes))
        self.head = Head(generators, sizes[-1], classes)

    def forward(self, inputs: Tensor) -> Tensor:
        x, runs = joined(inputs), len(inputs)
        for conv in self.convs:
            x = nn.functional.max_pool2d(torch.relu_(conv(x)), 3, 2, padding=1)
            x = normalised(x, runs)
        features = x.unflatten(1, (runs, -1)).transpose(0, 1).flatten(2)
        for layer in self.hidden:
            features = torch.relu(layer(features))
            if self.training:
                features = dropped(features, self.dropout, self.draws)
        return self.head(features)


def normalised(x: Tensor, runs: int) -> Tensor:
    """Local response normalisation of x [B, R * C, H, W]: over neighbours among the channels of a run."""
    apart = x.unflatten(1, (runs, -1)).flatten(0, 1)
    found = nn.functional.local_response_norm(apart, NEIGHBOURS, ALPHA, BETA, K)
    return found.unflatten(0, (-1, runs)).flatten(1, 2).contiguous(memory_format=torch.channels_last)
