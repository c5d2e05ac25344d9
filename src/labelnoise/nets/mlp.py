"""Multi-layer perceptron with ReLU: flattened image -> hidden layers, each with dropout -> logits."""

import itertools
import math

import torch
from torch import Generator, Tensor, nn

from labelnoise.draws import Draws
from labelnoise.nets.layers import Head, Linear, dropped


class Mlp(nn.Module):
    """inputs [R, B, channels, height, width] -> logits [R, B, C]; R = len(generators) networks side by side."""

    draws: Draws | None = None  # of dropout, [R]; the trainer sets it for each epoch

    def __init__(
        self,
        generators: list[Generator],
        image_shape: tuple[int, int, int],
        classes: int,
        hidden: list[int],
        dropout: float,
    ):
        super().__init__()
        self.dropout = dropout
        sizes = [math.prod(image_shape), *hidden]
        self.hidden = nn.ModuleList(Linear(generators, a, b) for a, b in itertools.pairwise(sizes))
        self.head = Head(generators, sizes[-1], classes)

    def forward(self, inputs: Tensor) -> Tensor:
        features = inputs.flatten(2)
        for layer in self.hidden:
            features = torch.relu(layer(features))
            if self.training:
                features = dropped(features, self.dropout, self.draws)
        return self.head(features)
