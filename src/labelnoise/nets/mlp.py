"""Multi-layer perceptron with ReLU: flattened image -> hidden layers -> logits."""

import itertools
import math

import torch
from torch import Generator, Tensor, nn

from labelnoise.nets.layers import Linear
from labelnoise.types import Outputs


class Mlp(nn.Module):
    """inputs [R, B, channels, height, width] -> Outputs; R = len(generators) networks side by side."""

    def __init__(
        self, generators: list[Generator], image_shape: tuple[int, int, int], classes: int, hidden: list[int]
    ):
        super().__init__()
        sizes = [math.prod(image_shape), *hidden]
        self.hidden = nn.ModuleList(Linear(generators, a, b) for a, b in itertools.pairwise(sizes))
        self.head = Linear(generators, sizes[-1], classes)

    def forward(self, inputs: Tensor) -> Outputs:
        features = inputs.flatten(2)
        for layer in self.hidden:
            features = torch.relu(layer(features))
        return Outputs(self.head(features), features)
