"""What a network takes of a machine, found by running it on blank images."""

import json
from contextlib import ExitStack
from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Generator, nn
from torch.autograd.graph import saved_tensors_hooks

from labelnoise.draws import Draws
from labelnoise.nets import NETWORKS
from labelnoise.nets.layers import Conv, Conv3x3, Linear
from labelnoise.params import network

# FLOPs for an image from which a network that convolves gains nothing by others beside it: on a core, an image
# takes each of five in a stack .94 times as long as one alone at 8 million, 1.3 times at 80, 1.8 at 380 million
BIG = 20_000_000
PEERS, STACKED = 2, 16  # networks of a stack: of a big one, where a method trains two, and else about
# Of the weights, in float32: themselves, gradient, momentum, at the best and the last epoch, one more while either
# is chosen
WEIGHT_COPIES = 6


class Demand(NamedTuple):
    """Of one network."""

    parameters: int
    flops: float  # of a forward pass, for an image: a multiplication and an addition are two
    kept: float  # bytes for an image that a step keeps for the gradient, in float32

    def bytes(self, batch: int) -> float:
        """While it is trained in batches of that size; without images, and what is kept of the results."""
        return 4 * WEIGHT_COPIES * self.parameters + 2 * batch * self.kept  # as much again flows back, at most


def side_by_side(of: Demand) -> int:
    """How many networks are trained in a stack, at most or about."""
    return PEERS if of.flops > BIG else STACKED


def of(kind: str, section: dict[str, Any], shape: tuple[int, ...], classes: int) -> Demand:
    """kind, section: as in NETWORKS and `networks:`; shape: [channels, height, width] of an image."""
    return _found(kind, json.dumps(section), tuple(shape), classes)


def of_section(section: Any, rows: dict[str, dict[str, Any]], shape: tuple[int, ...], classes: int) -> float:
    """Bytes of a stack of the network of `datasets.<name>` that takes most, while it is trained; rows: `networks`.
    ValueError names a network that cannot take images of that shape."""
    found = [0.0]
    for name in section.networks:
        row = network(rows, name)
        try:
            one = of(row.pop("network", name), row, shape, classes)
        except ValueError as error:
            raise ValueError(f"networks.{name}: {error}") from None
        found.append(one.bytes(section.training.batch_size) * side_by_side(one))
    return max(found)


@cache
def _found(kind: str, section: str, shape: tuple[int, ...], classes: int) -> Demand:
    made = NETWORKS[kind]([Generator()], shape, classes, **json.loads(section))
    made.draws = Draws(torch.zeros(1, dtype=torch.int64))  # of dropout
    (flops, two), (_, four) = (_forward(made, torch.zeros(1, images, *shape)) for images in (2, 4))
    return Demand(sum(of.numel() for of in made.parameters()), flops / 2, (four - two) / 2)


def _forward(made: nn.Module, inputs: torch.Tensor) -> tuple[int, int]:
    """FLOPs of products and convolutions, and bytes that are kept for the gradient.

    Not by torch's own counter, which takes a second to import; a test compares.
    """
    flops: list[int] = []
    kept: dict[int, int] = {}

    def count(layer: nn.Module, _: tuple, output: torch.Tensor) -> None:
        one = output[:1, ..., :1] if isinstance(layer, Linear) else output[:, :1]  # of the values that a place has
        flops.append(2 * layer.weight.numel() * one.numel())  # each place takes each weight once

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with ExitStack() as counting, saved_tensors_hooks(keep, lambda tensor: tensor):
        for layer in made.modules():
            if isinstance(layer, Linear | Conv | Conv3x3):
                counting.enter_context(layer.register_forward_hook(count))
        logits = made(inputs)  # held, or else what it keeps were gone, and its place taken
    del logits
    return sum(flops), sum(kept.values())
