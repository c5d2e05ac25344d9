"""The nine-layer network of Han et al., Co-teaching, NeurIPS 2018, table 2.

Three times three 3x3 convolutions with biases, batch normalisation and leaky ReLU; the last three without padding.
Dropout leaves out whole maps, as the authors' code does where the table says dropout. That code does so in
evaluation too; here it is of training alone.
"""

import itertools

from torch import Generator, Tensor, nn

from labelnoise.draws import Draws
from labelnoise.nets.layers import BatchNorm, Conv, Head, dropped_maps, joined, pooled, require_size

WIDTHS = (1, 1, 1, 2, 2, 2, 4, 2, 1)  # of the convolutions, in units of the first one's
POOLED = (2, 5)  # convolutions before a pooling
PADDING = (1, 1, 1, 1, 1, 1, 0, 0, 0)
SLOPE = 0.01  # of the leaky ReLU


class Cnn9(nn.Module):
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
        require_size("cnn9", image_shape, 28)
        self.dropout = dropout
        sizes = [image_shape[0], *(width * times for times in WIDTHS)]
        self.convs = nn.ModuleList(
            Conv(generators, a, b, 3, padding=padding, bias=True)
            for (a, b), padding in zip(itertools.pairwise(sizes), PADDING)
        )
        self.norms = nn.ModuleList(BatchNorm(len(generators), size) for size in sizes[1:])
        self.head = Head(generators, sizes[-1], classes)

    def forward(self, inputs: Tensor) -> Tensor:
        x = joined(inputs)
        for number, (conv, norm) in enumerate(zip(self.convs, self.norms)):
            x = nn.functional.leaky_relu_(norm(conv(x)), SLOPE)
            if number in POOLED:
                x = nn.functional.max_pool2d(x, 2)
                if self.training:
                    x = dropped_maps(x, self.dropout, self.draws, len(inputs))
        return self.head(pooled(x, len(inputs)))
